"""Recognises the texts that networks, phones and PBXs show in place of a withheld number.

A caller is withheld when each word is one of HIDDEN or CALLER and at least one is of HIDDEN:
"Rufnummer unterdrückt", "Appel masqué", "número oculto". Whatever is not built so is one of
WHOLE. Any of these taken for a sender's name would be one key for all withheld callers, and
enough reports on it would block them all.

Those for "private number" are of Android's telephone app (packages/apps/Dialer,
phonenumberutil/res); the others are in common use, without one source. "p" and "o" are the codes of
caller ID for private and out of area, -1 to -3 are Android's; "asterisk" is what Asterisk sends of
a caller without a number; the numbers are Twilio's: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and
UNAVAILABLE on a keypad. The SDK has the same words (sdk/src/ringscore/_withheld.py).
"""

import re

HIDDEN = frozenset(
    """
    anonymous blocked hidden private restricted unavailable unidentified unknown withheld
    anonym anonyme anonymer anonymes privat private privater unbekannt unbekannte unbekannter
    unbekanntes geheim geheime unterdrückt unterdrückte unterdrückter verborgen
    anonyme caché cachée inconnu inconnue indisponible masqué masquée privé privée restreint secret
    anónima anónimo anonimo desconocida desconocido oculta oculto privada privado restringida
    restringidas restringido
    anonima nascosta nascosto privata privato riservato sconosciuta sconosciuto
    anônimo confidencial desconhecida desconhecido restrito
    afgeschermd anoniem beperkt onbekend onbekende verborgen
    anonimowy nieznany prywatny ukryty zastrzeżone zastrzeżony
    anonymní neznámé neznámý skryté skrytý soukromé
    anonymt dolt hemligt okänd okänt skyddat hemmelig hemmeligt skjult ukendt ukjent
    salattu tuntematon yksityinen
    ascuns necunoscut ismeretlen privát rejtett
    анонимный засекречен неизвестен неизвестно неизвестный ограничено скрыт скрытый
    невідомий прихований приватний
    bilinmeyen gizli özel άγνωστη άγνωστος απόκρυψη ανώνυμος
    محجوب محظور مخفي مجهول خاص חסוי מוסתר अज्ञात गुप्त निजी प्रतिबंधित
    비공개 없음 익명 제한 표시제한
    """.casefold().split()
)
CALLER = frozenset(
    """
    call caller id name number
    anruf anrufer geheimnummer nummer rufnummer teilnehmer telefonnummer
    appel appelant correspondant numero numéro llamada llamante número chamada chamante chiamante
    chiamata beller oproep numer rozmówca číslo volající samtal numero soittaja apel număr numar
    hívó szám абонент вызов звонок номер дзвінок arama arayan numara αριθμός κλήση
    رقم متصل מספר नंबर कॉलर 발신번호 발신자 번호
    """.casefold().split()
)
# Chinese has no blanks: what is said of a number, alone or before the word for number or call.
_CHINESE = frozenset(
    said + what
    for said in ("未知", "私人", "私密", "隐藏", "隱藏", "匿名", "受限", "不明", "未显示", "未顯示")
    for what in ("", "号码", "號碼", "来电", "來電", "电话", "電話")
)
WHOLE = _CHINESE | frozenset(
    one.strip()
    for one in """
    asterisk | o | p | -1 | -2 | -3 | coin line/payphone | coinline
    | interaction with other service | payphone
    | +266696687 | +7378742833 | +2562533 | +8656696 | +86282452253
    | no caller id | no number | not available | out of area
    | keine nummer | keine rufnummer | nicht verfügbar | numéro non disponible | no disponible
    | no identificado | sin identificar | sin número | non disponibile | número particular
    | não identificado | sem identificação | privénummer
    | номер не определен | номер не определён | tidak dikenal | nomor tidak dikenal | nomor pribadi
    | không xác định | số cá nhân | số riêng tư | số ẩn | bị giới hạn
    | غير معروف | رقم غير معروف | לא ידוע | ไม่แสดงหมายเลข | ไม่ทราบ | หมายเลขส่วนตัว
    | 受限制 | 无号码 | 無號碼 | 没有号码 | 沒有號碼 | 无来电显示 | 無來電顯示 | 没有来电显示
    | 沒有來電顯示 | 来电不明 | 來電不明 | 号码不明 | 號碼不明
    | 非通知 | 非通知設定 | 番号非通知 | 番号不明 | 発信者不明 | 公衆電話 | 通知不可 | 通知不可能
    | 表示圏外 | 圏外 | ヒツウチ | コウシュウデンワ | ヒョウジケンガイ
    | 발신번호표시제한 | 발신자표시제한 | 알 수 없음 | 알수없음
    """.casefold().split("|")
)
_BETWEEN_WORDS = re.compile(r"(?<=\w)[-_](?=\w)")


def is_withheld(text: str) -> bool:
    """Whether networks or phones show `text` in place of a withheld number."""
    word = text.casefold()
    words = _BETWEEN_WORDS.sub(" ", word).split()  # OUT-OF-AREA
    return (
        word in WHOLE
        or " ".join(words) in WHOLE
        or (not HIDDEN.isdisjoint(words) and all(w in HIDDEN or w in CALLER for w in words))
    )
