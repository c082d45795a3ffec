"""Reads messages in free words: commands, wishes, and the purpose for each number."""

import re
from dataclasses import replace

from reputation.intake.grammar import words
from reputation.intake.grammar.beside import beside
from reputation.intake.grammar.commands import (
    COMMANDS,
    asks_about_commands,
    is_courtesy,
    is_thanks,
    wants_undo,
    wish,
)
from reputation.intake.grammar.corrections import Span, wrong_numbers
from reputation.intake.grammar.message import KINDS, SHORT_TEXT, Message, Spans, identities
from reputation.intake.grammar.numbers import Found, find_numbers
from reputation.intake.grammar.purpose import Purpose, Verdict, judge
from reputation.intake.grammar.reading import Command, Kind, Reading, Role
from reputation.intake.grammar.scopes import PASSED_ON
from reputation.intake.grammar.view import NUMBER, view

_I = re.IGNORECASE
_FORWARD_MARK = re.compile(r"\s*(?:fwd?|tr|转发|转)\s*[::]\s*", _I)
_IS_UNKNOWN = (
    r"(?:(?:不知道|不清楚|没(?:有)?(?:看|显示|记)(?:到|清|住|下)?)(?:楚|是)?(?:什么|哪个)?号码?"
    r"|不知道|不清楚|没(?:有)?(?:看|记)(?:到|清楚?|住)|没有(?:号码)?|没号码|未知(?:号码)?|匿名|隐藏号码|无号码"
    r"|(?:i (?:already |just )?(?:told|said)(?: you)? )?(?:i )?(?:really )?"
    r"(?:don'?t|do not|didn'?t) (?:know|see|get|have)"
    r"(?: (?:the|a|any|its|his|their) number)?|dunno|unknown|"
    r"no (?:number|idea)|none|hidden|withheld|private(?: number)?|anonymous"
    r"|no caller id)"
)
_UNKNOWN = re.compile(rf"\s*{_IS_UNKNOWN}(?:[\s.,;!。、]+{_IS_UNKNOWN})*\s*[.!。]*\s*", _I)
# A call without a number, in a text that tells of it.
_NOT_SHOWN = re.compile(
    r"\bnumber(?:'s| is| was)? (?:always )?(?:withheld|hidden|private|blocked|unknown|anonymous)\b"
    r"|\b(?:withheld|private|hidden|anonymous|unknown|blocked) (?:number|caller)\b|\bno caller id\b"
    r"|\bsa(?:ys?|id) (?:\w+ )?(?:withheld|private|unknown|anonymous)\b"
    r"|\bdo(?:n'?t| not) (?:know|have) (?:the|their|his|her|its) number\b"
    r"|(?:没有?|不|未)显示号码|号码(?:没有?|不|未)显示|(?:隐藏|未知|匿名)号码|(?:不知道|没记住?|没看到)(?:是什么)?号码"
)
_SHOWN = re.compile(
    r"(?:from|number|来自|接到|收到|号码)\s*(?P<number>\d{3})(?!\d)|^\s*(?P<first>\d{3})(?=\s*(?:打|来|发|called))"
)
# Words beside three digits that say that these called: 110 诈骗, scam 911. A sender who dialled
# them does not accuse them.
_FIRST_OR_LAST = re.compile(
    r"^\W*(?:(?:举报|投诉|report)\W*)?"
    r"(?P<first>\d{3})(?!\d|\s?(?:[年月日块元次个]|times|days|calls|dollars|usd|eur|rmb))"
    r"|(?<![\d打拨叫])(?<![^举]报)(?<!call )(?<!called )(?<!calling )(?<!dial )(?<!dialled )"
    r"(?<!ring )(?<!to )(?P<last>\d{3})\W*$",
    _I,
)
_DIGITS = re.compile(r"\d(?:[ ().-]?\d){6,18}")
_MARKED = re.compile(r"\s*(?:[【\[]|(?:fwd?|tr|转发|转)\s*:)")  # passed on
# Purposes of a message that accuses a number, or may.
_OPEN = frozenset({Purpose.REPORT, Purpose.QUESTION, Purpose.UNCLEAR})
_LONGEST_ORDER = 80  # characters; longer messages tell of something


def thanks(message: Message) -> Reading | None:
    """Thanks and nothing else, which nobody needs to answer."""
    if not is_thanks(message.view) or find_numbers(message.view, message.country, taken=[]):
        return None
    return message.reading(Kind.NOTHING, "thanks", [])


def command(message: Message) -> Reading | None:
    for command, pattern in COMMANDS:
        if match := pattern.fullmatch(message.view):
            argument = (match.groupdict().get("code") or "").strip()
            if argument and not _like_a_code(argument):
                return None
            return message.ordered(command, message.text[match.start("code") :] if argument else "")
    return None


def no_number(message: Message) -> Reading | None:
    if not _UNKNOWN.fullmatch(message.text):
        return None
    return message.reading(Kind.NO_NUMBER, "no_number", [(Role.KEYWORD, 0, len(message.text))])


def emergency(message: Message) -> Reading | None:
    """An emergency number such as 110, which cannot be reported or looked up, alone or as the
    caller."""
    bare = message.text.strip(" \t\n.,;!?。")
    short = bare if bare.isdecimal() else _shown(message)
    if not short or not message.country.is_emergency(short):
        return None
    if short != bare and find_numbers(message.view, message.country, taken=[]):
        return None  # another number called too
    return message.reading(Kind.EMERGENCY, "emergency", [(Role.KEYWORD, 0, len(message.text))])


def _shown(message: Message) -> str:
    """The three digits that called, according to the message."""
    if shown := _SHOWN.search(message.view):
        return shown["number"] or shown["first"]
    accused = words.tells(message.view) or words.category_of(message.view) != "other"
    if not accused or len(message.text) >= _LONGEST_ORDER or words.has_link(message.text):
        return ""
    named = _FIRST_OR_LAST.search(message.view)
    return (named["first"] or named["last"]) if named else ""


def wished(message: Message) -> Reading | None:
    if words.has_link(message.text) or _MARKED.match(message.view):
        return None
    numbered = _DIGITS.search(message.view)
    if len(message.text) < _LONGEST_ORDER and asks_about_commands(
        message.text, message.view, only_supposed=bool(numbered)
    ):
        return message.ordered(Command.HELP)
    command = wish(message.view)
    if command is None or numbered:
        return None  # of a number, even of one that cannot be read
    return message.ordered(command)


def forwarded(message: Message) -> Reading | None:
    """A forwarded text without a number. free() decides on a text with a number."""
    if find_numbers(message.view, message.country, taken=[], mine=True):
        return None
    return _passed_on(message) if _has_mark_of_senders(message) else None


def _passed_on(message: Message) -> Reading:
    mark = _FORWARD_MARK.match(message.text)
    spans: Spans = [(Role.KEYWORD, *mark.span())] if mark else []
    marked = words.is_forwarded(message.text)
    return message.passed_on("forwarded" if marked else "text", spans, mark.end() if mark else 0)


def _has_mark_of_senders(message: Message) -> bool:
    """Whether the text has the marks of bulk messages (【…】, "reply STOP"), and does not tell of
    calls or warn others."""
    mark = _FORWARD_MARK.match(message.view)
    if PASSED_ON.search(message.view, mark.end() if mark else 0):
        return False
    return words.is_forwarded(message.text) and (
        not words.tells(message.view) or message.text.lstrip().startswith(("【", "["))
    )


def _asks_like_a_scam(message: Message, found: list[Found]) -> bool:
    """Whether the text asks to open a link, or to call a number in the words of a scam, and does
    not tell of calls. "Call me on …, dinner is at eight" does neither."""
    if words.tells(message.view):
        return False
    calls = any(each.callback for each in found) and words.category_of(message.view) != "other"
    return calls or words.has_link(message.text)


def corrected(message: Message) -> Reading | None:
    """A message that names a wrong number and the right one."""
    found = find_numbers(message.view, message.country, taken=[], mine=True)
    return free(message) if wrong_numbers(message.view, _spans(found)) else None


def free(message: Message) -> Reading | None:
    """The reading of free words: the purpose for each number in them."""
    moment = message.moment()
    taken = list(moment.spans) if moment else []
    found = find_numbers(message.view, message.country, taken=taken, mine=True)
    wrong = wrong_numbers(message.view, _spans(found))
    corrects = identities([found[place] for place in wrong])
    found, verdict = _of_the_caller(message, found, wrong)
    if not found:
        return _without_number(message, verdict)
    if verdict.whole is Purpose.UNCLEAR and (
        _has_mark_of_senders(message) or _asks_like_a_scam(message, found)
    ):
        return _passed_on(message)
    of = [Purpose.OWN if f.own else p for f, p in zip(found, verdict.of, strict=True)]
    others = [each for each in of if each is not Purpose.OWN]
    purpose = next(each for each in KINDS if each in (others or of))
    meant = [f for f, each in zip(found, of, strict=True) if each is purpose]
    callers = [each for each in meant if not each.callback] or meant
    caller = callers[0]
    rest = {e.identity: e for e in meant if e.identity != caller.identity}
    callback = next((e for e in rest.values() if e.callback), None)
    if callback is None and purpose is Purpose.REPORT:
        callback = next((e for e in found if e.callback and e.identity not in rest), None)
    unclear = {f.identity for f, each in zip(found, of, strict=True) if each is Purpose.UNCLEAR}
    reading = message.told(
        "number" if purpose is Purpose.BARE else "free",
        [(Role.NUMBER, each.start, each.end) for each in callers[:1]],
        caller.identity,
        moment,
        callback=callback,
        further=tuple(each for each in rest if callback is None or each != callback.identity),
        channel="sms" if words.speaks_of_sms(message.view) else "call",
        kind=KINDS[purpose],
    )
    left = len(unclear - {f.identity for f in meant} - {reading.callback})
    corrects_it = verdict.corrects and reading.kind in (Kind.REPORT, Kind.UNCLEAR)
    return replace(reading, left=left, corrects=corrects if corrects_it else None)


def _without_number(message: Message, verdict: Verdict) -> Reading | None:
    if not verdict.accused and is_courtesy(message.view):
        return None
    if verdict.whole is Purpose.OWN:
        return message.reading(Kind.OWN, "text", [])
    short = len(message.text) < _LONGEST_ORDER
    if verdict.whole is Purpose.UNDO and short and wants_undo(message.view):
        if _DIGITS.search(message.view):
            return message.reading(Kind.UNCLEAR, "text", [])
        return message.ordered(Command.UNDO)
    plain_question = verdict.whole is Purpose.QUESTION and not verdict.accused
    if plain_question and short and not _DIGITS.search(message.view):
        return message.ordered(Command.HELP)
    if verdict.asked and not words.has_link(message.text) and not words.is_forwarded(message.text):
        return message.reading(Kind.UNCLEAR, "text", [])
    if short and not words.has_link(message.text):
        spared = verdict.defended and _DIGITS.search(message.view)
        if verdict.whole is Purpose.STOPPED or verdict.denied or verdict.misdialled or spared:
            return message.reading(Kind.UNCLEAR, "text", [])
    if _NOT_SHOWN.search(message.view) and words.tells(message.view):
        return message.reading(Kind.NO_NUMBER, "text", [])
    if words.letters_in(message.text) >= SHORT_TEXT:
        return message.passed_on("text", [], 0)
    return None


def _of_the_caller(
    message: Message, all_found: list[Found], wrong: dict[int, Span]
) -> tuple[list[Found], Verdict]:
    """The numbers of which the message speaks, and the verdict on them: without those that it says
    were wrong, and those that stand beside the caller's, if it reports or asks about another."""
    cut = {all_found[place]: span for place, span in wrong.items()}
    wrong_ones = {each.identity for each in cut}
    found = [each for each in all_found if each.identity not in wrong_ones]
    verdict = _verdict(message, all_found, found, cut)
    marked = beside(message.view, _spans(found))
    others = {each.identity for each, is_aside in zip(found, marked, strict=True) if is_aside}
    aside = [each.identity in others for each in found]
    named = [each for each, is_aside in zip(found, aside, strict=True) if not is_aside]
    if not named or len(named) == len(found):
        return found, verdict
    alone = _verdict(message, all_found, named, cut)
    if alone.whole in (Purpose.REPORT, Purpose.QUESTION):
        return named, alone
    of = tuple(each for each, is_aside in zip(verdict.of, aside, strict=True) if not is_aside)
    if _OPEN.issuperset(of):
        return named, replace(verdict, of=of)
    return found, verdict


def _verdict(
    message: Message, found: list[Found], named: list[Found], cut: dict[Found, Span]
) -> Verdict:
    """The verdict on the named ones of the numbers found in the text, as if the others were not
    there; `cut`: what is left out with a wrong one."""
    pieces, at = [], 0
    for each in found:
        start, end = cut.get(each, (each.start, each.end))
        pieces += [message.view[at:start], NUMBER if each in named else ""]
        at = end
    text = "".join([*pieces, message.view[at:]])
    if not found:  # numbers that are unreadable without their country
        text = _DIGITS.sub(NUMBER, view(message.figures))
    return judge(text, count=len(named), title=message.title, corrects=bool(cut))


def _spans(found: list[Found]) -> list[Span]:
    return [(each.start, each.end) for each in found]


def nothing(message: Message) -> Reading:
    return message.reading(Kind.NOTHING, "nothing", [])


def is_of_the_sender(verdict: Verdict) -> bool:
    """Whether only the sender would say this, and no message of a caller."""
    return verdict.whole not in (Purpose.REPORT, Purpose.UNCLEAR, Purpose.BARE)


def _like_a_code(argument: str) -> bool:
    return 6 <= len("".join(filter(str.isalnum, argument))) <= 12
