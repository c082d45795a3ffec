"""Personal data in what people write is masked before anyone but a moderator reads it."""

import re
import unicodedata

MASK = "▇▇▇"
_JOINERS = "\u200c\u200d"

# Letters of alphabets written with spaces: Chinese text around an address is not part of it.
_WORD = "0-9A-Z_a-zÀ-ɏͰ-ӿ"
# Between the digits of one number: space, brackets, dots, slashes, dashes of any length, and what
# cannot be seen, as messengers paste it.
_BETWEEN = r"[\s().·/\-‐-―（）\u200c\u200d]{0,3}"
_MESSENGERS = "微信|微訊|飞信|飛信|wechat|weixin|[vw]x|[vw]信|qq|telegram|whatsapp"
_HAN = "一-鿿"
_AT = r"(?: ?[(\[{] ?at ?[)\]}] ?| at )"
_DOT = r"(?:\.| ?[(\[{] ?dot ?[)\]}] ?| dot )"
# Surnames of most people who write Chinese, in Simplified and Traditional: what follows 叫 and 我是
# is often no name.
_SURNAME = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "張劉陳楊黃趙吳孫馬羅鄭許韓馮鄧蕭蔣葉蘇呂盧鍾鐘譚陸賈韋鄒閻閆龍賀顧龔萬錢嚴湯"
    "洪賴赖莊庄詹柯翁卓涂麥麦鄺邝"
)
_COMPOUND = (
    "欧阳|司马|上官|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|夏侯|南宫|端木|百里|独孤"
    "|歐陽|司馬|諸葛|東方|尉遲|公孫|長孫|南宮|獨孤"
)
_CALLED = rf"(?:(?:{_COMPOUND})[{_HAN}]{{1,2}}|[{_SURNAME}][{_HAN}]{{1,2}})"
_ROAD = "street|avenue|road|boulevard|lane"
# A name of a street or person: words with capitals, some small ones between.
_CAP = r"[A-ZÀ-Þ][\w'-]{0,24}"
_OF = r"(?:(?:de la|de los|de l'|des|del|della|dei|du|de|da|do|la|le) ?)?"
_PHONED = (
    "zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand"
    "|double|triple|treble"
)

# Each rule names what it hides. Over-masking costs a reader a word; under-masking costs a person.
# Every repetition that could begin anywhere has a limit: without, 20,000 letters took 18 seconds.
_RULES = (
    # E-mail addresses, also as they are written to pass a machine.
    re.compile(rf"[{_WORD}.+-]{{1,64}}@[{_WORD}-]{{1,63}}(?:\.[{_WORD}-]{{1,63}}){{1,8}}"),
    re.compile(
        rf"[{_WORD}.+-]{{1,64}}{_AT}[{_WORD}-]{{1,63}}(?:{_DOT}[{_WORD}-]{{1,63}}){{1,8}}",
        re.IGNORECASE,
    ),
    re.compile(rf"[{_WORD}.+-]{{1,64}} @ [{_WORD}-]{{1,63}}(?: ?\. ?[{_WORD}-]{{2,63}}){{1,3}}"),
    # Links carry names and tokens; short ones come without a scheme.
    re.compile(
        r"(?:https?[:：]//|www\.|(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}/)[!-~]*", re.IGNORECASE
    ),
    re.compile(rf"(?<![{_WORD}@])@[{_WORD}]{{3,}}(?:@[{_WORD}]*)*"),  # account handles
    re.compile(
        rf"(?:(?<![a-z])(?:{_MESSENGERS}))(?:[账帳賬]?[号號]|id)?[\s是为為:：]*+[{_WORD}-]{{4,}}",
        re.IGNORECASE,
    ),
    # Where somebody lives: in Chinese from the road to the door, and province, city, district.
    re.compile(
        rf"[{_HAN}]{{1,20}}[路街道巷弄段村区區镇鎮乡鄉里苑园園城同] ?"
        r"(?:[0-9A-Za-z一二三四五六七八九十百-]{1,8} ?"
        r"(?:[号號][楼樓院]?|巷|弄|栋|棟|幢|座|单元|單元|室|楼|樓|层|層) ?){1,6}(?:[0-9]{1,5})?"
    ),
    re.compile(rf"[{_HAN}]{{2,6}}省[{_HAN}]{{2,8}}市(?:[{_HAN}]{{2,8}}[区區县縣])?"),
    # … or behind the word for living somewhere, down to whatever place it names.
    re.compile(rf"(?<=[我他她家现現居]住)[{_HAN}]{{1,20}}[省市区區县縣镇鎮乡鄉村路街巷弄]"),
    # … and in the West, with the house number before or behind.
    re.compile(rf"\d{{1,5}}[a-z]?,? (?:[\w'.-]{{1,24}} ){{1,2}}(?:{_ROAD})\b", re.IGNORECASE),
    re.compile(
        r"\d{1,5}[a-z]?,? (?:[A-ZÀ-Þ][\w'.-]{0,24} ){1,3}"
        r"(?:St|Ave|Rd|Ln|Dr|Drive|Blvd|Court|Ct|Square|Sq|Way|Place|Pl|Terrace)\b\.?"
    ),
    re.compile(
        r"\w{2,30}(?:straße|strasse|str\.|weg|platz|gasse|allee|straat|laan|gracht)"
        r" \d{1,4} ?[a-z]?\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\d{1,4}(?: ?bis| ?ter)?,? (?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Pp]lace|[Cc]hemin|[Aa]llée"
        rf"|[Ii]mpasse|[Qq]uai) {_OF}{_CAP}(?: {_CAP}){{0,2}}"
    ),
    re.compile(
        r"(?:[Cc]alle|[Aa]venida|[Aa]v\.|[Pp]laza|[Vv]ia|[Vv]iale|[Pp]iazza|[Cc]orso|[Rr]ua"
        r"|[Jj]alan|[Jj]ln?\.?|[Gg]ang|[Gg]g\.?)"
        rf" {_OF}{_CAP}(?: {_CAP}){{0,2}},? (?:(?:n[º°.]|#|[Nn][uú]m\.?|[Nn]o\.?) ?)?\d{{1,4}}"
    ),
    re.compile(r"\bp\.? ?o\.? ?box \d{1,6}", re.IGNORECASE),
    # Names that are said to be names.
    re.compile(rf"(?:(?<=叫)|(?<=叫我)|(?<=我是)|(?<=名字是)|(?<=姓名)|(?<=姓名[:：是])){_CALLED}"),
    # … of relatives and of oneself, and those before a title.
    re.compile(rf"(?:(?<=[爸妈媽爷爺奶哥姐弟妹公婆叔姨])|(?<=本人)){_CALLED}"),
    re.compile(rf"{_CALLED}(?=先生|女士|小姐)"),
    re.compile(rf"(?<=姓)(?!名)(?:{_COMPOUND}|[{_HAN}])(?:某|先生|女士)?"),
    re.compile(
        r"(?:(?<=\bI am )|(?<=\bI'm )|(?<=\bI'm called )|(?<=\bI am called )|(?<=[Nn]ame: )"
        r"|(?<=\b[Ss]oy )|(?<=\b[Nn]ama saya )|(?<=\b[Nn]ama: )|(?<=[Mm]ein Name ist )"
        r"|(?<=[Nn]ombre: ))"
        rf"[A-ZÀ-Þ][\w'-]{{1,24}}(?: {_CAP}){{0,2}}"
    ),
    # People who write all in small letters write their names so, too.
    re.compile(
        r"(?:(?<=my name is )|(?<=my name's )|(?<=me llamo )|(?<=mi nombre es )|(?<=je m'appelle )"
        r"|(?<=mi chiamo )|(?<=me chamo )|(?<=ich heiße )|(?<=ich heisse )|(?<=saya bernama ))"
        r"[^\W\d_][\w'-]{1,24}(?: \w[\w'-]{1,24})?",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<=[Tt]his is ){_CAP}(?: {_CAP}){{1,2}}(?= (?:speaking|here|from|calling)\b)"),
    # Numbers of phones, bank cards and identity documents: five digits or more, however spaced.
    re.compile(rf"\+?\d(?:{_BETWEEN}\d){{4,}}[Xx]?"),
    # … and with letters that look like digits between them.
    re.compile(rf"(?<![A-Za-z])[0-9OoIl](?:{_BETWEEN}[0-9OoIl]){{6,}}(?![A-Za-z])"),
    # The same, spelt out.
    re.compile(r"[零〇一二三四五六七八九幺两兩壹贰貳叁參叄肆伍陆陸柒捌玖]{7,}"),
    re.compile(rf"\b(?:(?:{_PHONED})\b[ ,-]{{0,3}}){{4,}}(?:{_PHONED})\b", re.IGNORECASE),
)
# Full-width punctuation is how Chinese is written, and no disguise: it stays.
_PUNCTUATION = re.compile("([，！？；：（）…～]+)")

# A mask can lay open the begin of what another rule hides, so the rules are tried until they change
# nothing. Who needs more rounds than this writes against the mask, and is masked altogether.
_ROUNDS = 8


def without_controls(text: str) -> str:
    """`text` without characters that only steer how it is shown (category Cf): they turn sentences
    around, and hide what stands between them. The two joiners stay, which scripts and emoji need.
    """
    if text.isascii():  # none of these is ASCII
        return text
    return "".join(char for char in text if char in _JOINERS or unicodedata.category(char) != "Cf")


def mask(text: str) -> str:
    """`text` with e-mail addresses, links, handles, long numbers, addresses of houses, and names
    that are said to be names, replaced by MASK.

    Full-width letters and digits count as such. Other names cannot be told from words and stay:
    moderators hide those. The time is linear in the length of the text.
    """
    if not text:
        return text
    text = "".join(
        part if place % 2 else unicodedata.normalize("NFKC", part)
        for place, part in enumerate(_PUNCTUATION.split(without_controls(text)))
    )
    for _round in range(_ROUNDS):
        before = text
        for rule in _RULES:
            text = rule.sub(MASK, text)
        if text == before:
            return text
    return MASK
