"""Separates the text of an e-mail's sender from the rest: the mail that they answer, their
signature, and what programs and companies add.

Numbers in the rest are no callers: a signature has the sender's own, a disclaimer the company's.
"""

import re

_I = re.IGNORECASE | re.MULTILINE
# The line of mail programs before the answered mail. Everything after it was written by somebody
# else.
_QUOTE = re.compile(
    r"^[ \t]*+(?:>.*|(?:On\b.{3,200}(?:\n.{1,120})?\bwrote|Le\b.{3,200}\ba écrit"
    r"|Am\b.{3,200}\bschrieb.{0,80}|在.{3,200}写道|At \d{4}-.{3,200}\bwrote"
    r"|.{3,200}于.{3,80}写道)[ \t]*:[ \t]*"
    r"|-{2,}(?:[ \t]|&nbsp;)*(?:Original(?:(?:[ \t]|&nbsp;)+Message)?|原始邮件"
    r"|Ursprüngliche Nachricht)(?:[ \t]|&nbsp;)*-{2,}[ \t]*)$",
    _I,
)
# The headers of the answered mail, which some programs repeat, one in each line.
_HEADERS = re.compile(
    r"^(?:[ \t]*[_-]{5,}[ \t]*\n)?[ \t]*\*?(?:From|Von|De|发件人|寄件者|寄件人)[ \t]*:.*\n"
    r"(?:[ \t]*\*?(?:Sent|Date|To|Cc|Subject|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado"
    r"|Para|Asunto|发送时间|发送日期|时间|日期|收件人|抄送|主题|寄件日期|收件者|副本|主旨)"
    r"[ \t]*:.*(?:\n|\Z)){2}",
    _I,
)
_FORWARDED = re.compile(
    r"^[ \t]*+(?:-{2,}[ \t]*(?:Forwarded message|转发的?邮件|转发邮件信息)[ \t]*-{2,}"
    r"|Begin forwarded message:)",
    _I,
)
_PASSED_ON = re.compile(r"(?<!-)-{2,}+\s*(?:original|forwarded|begin forwarded|原始邮件|转发)", _I)
# A disclaimer, which would be read as a report if it passed for the sender's words: it may warn of
# fraud.
_MAIL = r"(?:e-?mail|message|communication|electronic mail)"
_BOILERPLATE = re.compile(
    r"^[ \t]*+\W{0,3}(?:confidential(?:ity)?\b.{0,30}?(?:notice|:)|disclaimer\b"
    r"|(?:legal|important) notice\b"
    rf"|(?:the|any) (?:information|contents?) (?:contained )?(?:in|of) this {_MAIL}"
    rf"|this {_MAIL}(?: message)?,? (?:and|is|may|contains?|was|has|including|together)\b"
    r"(?=.{0,200}(?:confidential|intended|privileged|recipient|attach|virus))"
    rf"|if you (?:are not|have received) (?:the intended|this {_MAIL})"
    r"|please consider the environment|virus-free\b|yahoo mail:"
    r"|get (?:\w+ ){1,3}for (?:ios|android)|sent (?:from|via|with|using) (?:my |the )?"
    r"(?:\w+ ){0,3}?(?:outlook|i?phone|ipad|android|mobile"
    r"|samsung|galaxy|mail|gmail|protonmail|huawei|xiaomi|blackberry|device|windows)\b.{0,30}$"
    r"|(?:envoyé (?:de|depuis)|enviado (?:de|desde)|von mein\w* .{2,20} gesendet|gesendet von)"
    r"\b.{0,40}$"
    r"|(?:本|此|该)(?:电子)?邮件(?:及|包含|含有|内容|所|中|和|可能|仅|的)|免责声明|保密(?:声明|提示)"
    r"|如(?:果)?您(?:错收|误收|不是)|(?:发|寄|传送?)自[^,。\n]{2,20}$"
    r"|(?:从|從)我的.{2,20}(?:发送|傳送|传送)$"
    r"|来自(?:我的)?(?:QQ|网易|华为|小米)[^,。\n]{0,12}$|(?:获取|通过) ?\w+ for \w+.{0,6}$)",
    _I,
)
_RULE = re.compile(r"^[ \t]*+(?:--|[-_=*~—]{4,})[ \t]*$", re.MULTILINE)
_BYE = (
    r"(?:(?:kind(?:est)?|best|warm(?:est)?|with(?: kind| best)?|many)[ \t]+)*+(?:regards|wishes)"
    r"|best|all the best|(?:yours )?(?:truly|sincerely|faithfully)|yours|many thanks|warmly|love|ta"
    r"|(?:thanks|thank you)(?: again| so much| a lot| very much| in advance)?|thx|cheers"
    r"|respectfully|cordialement|saludos|mit freundlichen grüßen|此致|敬礼|谢谢(?:您|你|你们|大家)?"
    r"|感谢|多谢|祝好|(?:顺|敬|即|谨)(?:祝|颂|致)?(?:商祺|时祺|大安|安好|近安|文祺|台安)"
    r"|祝(?:您|你|你们)?(?:工作|生活|身体|万事|一切)?(?:顺利|愉快|健康|如意|安好)"
)
_SIGN_OFF = re.compile(rf"^[ \t]*+(?i:{_BYE})[ \t]*[,.!。、]*[ \t]*$", re.MULTILINE)
_NAME = r"(?:[A-Z][\w'.-]*+(?:[ \t]+[A-Z][\w'.-]*+){0,4}+|[\u4e00-\u9fff]{2,4}+)"
_NUMBER = r"\+?\(?\d(?:[ ()./-]*+\d){5,18}+(?:[ \t]*(?:ext|x)\.?[ \t]*\d{1,6})?"
_LABEL = (
    r"(?i:tel(?:ephone)?|phone|ph|mob(?:ile)?|cell|fax|office|direct(?: line)?|desk|switchboard"
    r"|t|m|p|e|w|f|d|e-?mail|web(?:site)?|wechat|电话|手机|座机|传真|邮箱|邮件|微信|网址|地址|联系人"
    r"|联系电话|联系方式)"
)
# A sign-off followed by the name: "Thanks, Jane", "Regards, Jane Doe, tel 020 7946 0123".
_SIGNED = re.compile(
    rf"^[ \t]*+(?i:{_BYE})[ \t]*[,.!。][ \t]*{_NAME}"
    rf"(?:[ \t]*[,|][ \t]*(?:{_LABEL}[ \t]*[:.]?[ \t]*)?{_NUMBER})?[ \t.]*$",
    re.MULTILINE,
)
# A person's name, and how to reach them.
_PERSON = (
    rf"(?:{_NAME}[ \t]*(?:\([^()\n]{{2,30}}\))?[:,|]?[ \t]*(?:{_LABEL}[ \t]*[:.]?[ \t]*)?{_NUMBER}"
    r"|[^,。!?|]{1,60}+(?:\|[^,。!?|]{1,60}+)+|\S+@\S+)"
)
_NAMES = re.compile(_PERSON)
_CONTACT = re.compile(
    rf"(?:{_PERSON}|{_LABEL}[ \t]*[:.|][^,。!?]*|{_LABEL}[ \t]+{_NUMBER}[^,。!?]*|{_NUMBER}"
    r"|[^,。!?]{0,20}(?:https?://|www\.)\S+)[ \t.]*"
)
_ADORNED = re.compile(r"^[^\w+(]+")
_CARD_LINE = re.compile(r"[^.,。!?;]{0,48}(?:Ltd|Inc|Co)?\.?[ \t]*")
_TITLE = re.compile(
    rf"(?:{_NAME}(?:[ \t]*[,&/][ \t]*{_NAME})*+(?:[ \t]*\([^()\n]{{2,30}}\))?"
    r"|[\u4e00-\u9fff ]{2,20})"
)
_DIGITS = re.compile(r"\d(?:[ ().-]?\d){6,18}|(?<!\d)(?:1\d{4}|9\d{4})(?!\d)")
_LONGEST_LINE = 120  # the most characters in a line of a signature
_SIGN_OFF_LINES = 8  # the most lines of a signature after the sign-off

type Spans = list[tuple[int, int]]


def quotations(body: str) -> Spans:
    """The stretches that the sender answers: lines after ">", or everything from another mail's
    beginning."""
    found: Spans = []
    for match in _QUOTE.finditer(body):
        if match[0].lstrip().startswith(">"):
            found.append(match.span())
        else:
            found.append((match.start(), len(body)))
            break
    end = found[-1][0] if found and found[-1][1] == len(body) else len(body)
    if headers := _HEADERS.search(body, 0, end):
        found = [each for each in found if each[1] <= headers.start()]
        found.append((headers.start(), len(body)))
    return found


def has_headers(text: str) -> bool:
    """Whether the text contains another mail's headers: people named there did not call."""
    return bool(_PASSED_ON.search(text) or _HEADERS.search(text))


def additions(body: str, *, forward: bool, reply: bool) -> Spans:
    """The stretches that are not the sender's text, in order.

    The content of a forward is no quotation. Neither is a mail below a text that names no number
    and answers nothing, since the text is about that mail.
    """
    found = [] if forward or _FORWARDED.search(body) else quotations(body)
    if found and found[-1][1] == len(body) and not reply:
        headers = _HEADERS.match(body, found[-1][0])
        if headers and not _DIGITS.search(body, 0, headers.start()):
            found.pop()
    end = found[-1][0] if found and found[-1][1] == len(body) else len(body)
    for match in _BOILERPLATE.finditer(body, 0, end):
        if body[: match.start()].strip():
            found.append((match.start(), end))
            end = match.start()
            break
    start = _signature(body, end)
    if start < end:
        found.append((start, end))
    return sorted(found)


def _signature(body: str, end: int) -> int:
    """The start of the signature; `end` if there is none."""
    first = len(body) - len(body.lstrip())
    rules = [rule for rule in _RULE.finditer(body, 0, end) if rule.start() > first]
    dashes = next((rule for rule in rules if rule[0].strip() == "--"), None)
    if dashes:
        end = dashes.start()
    for rule in rules[-_SIGN_OFF_LINES:]:
        below = body[rule.end() : end].strip().splitlines()
        if _is_card(below) and _DIGITS.search(body, 0, rule.start()):
            end = rule.start()
            break
    for pattern in (_SIGN_OFF, _SIGNED):
        for sign_off in reversed(list(pattern.finditer(body, 0, end))):
            lines = body[sign_off.end() : end].strip().count("\n")
            if lines < _SIGN_OFF_LINES and body[: sign_off.start()].strip():
                end = sign_off.start()
            break
    return _card(body, end)


def _is_card(lines: list[str]) -> bool:
    contacts = [_is_contact(_bare(line)) for line in lines]
    return (
        any(contacts)
        and len(lines) <= _SIGN_OFF_LINES
        and all(
            contact or _CARD_LINE.fullmatch(line)
            for contact, line in zip(contacts, lines, strict=True)
        )
    )


def _bare(line: str) -> str:
    """The line without marks before and after its words."""
    return _ADORNED.sub("", line.rstrip("*_ \t\n"))


def _is_contact(line: str) -> bool:
    return len(line) <= _LONGEST_LINE and bool(_CONTACT.fullmatch(line))


def _card(body: str, end: int) -> int:
    """The start of the lines with the sender's name and numbers, without a sign-off. If no other
    number is above them, the mail may be about these."""
    start, named, at, lines = end, False, end, 0
    for line in reversed(body[:end].splitlines(keepends=True)):
        at -= len(line)
        words = _bare(line)
        if not words:
            continue
        title = start < end and len(words) <= _LONGEST_LINE and _TITLE.fullmatch(words)
        if lines == _SIGN_OFF_LINES or not (title or _is_contact(words)):
            break
        named = bool(named or title or _NAMES.fullmatch(words))
        start, lines = at, lines + 1
    return start if named and _DIGITS.search(body, 0, start) else end
