"""Corrections: messages that say that the number of an earlier one was wrong, and which is right.

The patterns search a view (view.py), in which each number is written as NUMBER.
"""

# ruff: noqa: E501 -- a class of words reads better in long lines

import re
from collections.abc import Sequence

from reputation.intake.grammar.commands import is_declined
from reputation.intake.grammar.cues import GOOD_ZH, any_of
from reputation.intake.grammar.view import NUMBER as N
from reputation.intake.grammar.view import marked

# The sender made an error, and № is the right number. The readers hear the error, and take the
# report back.
_ERROR = (
    r"\bi (?:\w+ ){0,2}(?:gave|sent|put|typed|wrote|texted|reported|had|got) (?:\w+ ){0,3}"
    r"(?:wrong|incorrect) (?:number|one|digits?|no)\b(?! call)"
    r"|\bwrong (?:number|digits?) in my\b|\bsorry\W+(?:wrong (?:number|digits?)\b|i mean)"
    r"|\boops\b|\btypo\b|\bmis-?typ(?:ed|o)\b|^\W*correction\b|\bmy (?:mistake|bad|error)\b"
    r"|\bi meant\b"
    r"|(?<!没)(?<!没有)(?:发|写|输|填|说|报|给|抄|记)错|打错了?(?:一?[个位])?(?:数字?|字|位)|更正|纠正|笔误"
)
_MEANT = (
    r"(?:\b(?:it|that|which|one|number|caller|scammer|fraudster|harasser|culprit|collector)"
    r"(?:'s| is| was)|\bshould (?:be|have been|read|say)|\bi meant?)(?: actually| really)?"
    r"|(?<!不)(?<!就)(?:是|改[成为]|正为)"
)
CORRECTED = re.compile(rf"(?:{_ERROR})[^{N}]{{0,200}}?(?:{_MEANT})[\s:\"'(]*{N}", re.ASCII)

# Errors in a number, wherever the message tells of them. A caller's "wrong number" is none.
_SLIP = any_of(
    _ERROR,
    r"\b(?:wrong|last|one) digits?\b|\btyping (?:mistake|error)|\btranspos\w+|\bfat.?finger|\bcopied the wrong\b"
    r"|\bmistake (?:for|in|with|on|about) (?:the |my )?number|\bnumber (?:is |was )?wrong\b|\bcorrect (?:number|one) is\b"
    r"|\b(?:please|pls|plz) (?:fix|change|correct)\b|\bignore my last\b",
    r"(?:打|弄|搞|抄)错",
    r"\bsalah (?:nombor|nomor|number)|\bmali (?:po )?(?:pala )?(?:yung )?(?:ang )?number|\bgalat\b",
)
# № and not №: the second was wrong. A slip or the number beside it shows that it is no defence.
_NOT = re.compile(
    r"(?:\b(?:and |but )?(?:not|instead of|rather than|bukan|hindi|no be)|(?<!是)而?不是|而非) ?$",
    re.ASCII,
)
_RIGHT_AHEAD = re.compile(rf"{N}\W{{0,3}}$")
_RIGHT_BEHIND = re.compile(rf"^[\W而但]{{0,5}}(?:it'?s |but )?是?{N}")
# What the sender wrote before, or wants taken back.
_WRITTEN = any_of(
    r"\b(?:i|we) (?:\w+ ){0,2}?(?:said|typed|wrote|gave(?: you)?|put|sent(?: you)?|reported|texted|entered)"
    r"(?: (?:it|was|as|down|in|the|number|earlier))*[ :\"]*$",
    r"\b(?:drop|remove|delete|cancel|withdraw|scrap|undo|take back|ignore|disregard)(?: my report (?:on|of|about|against))? $",
    r"(?:撤[销回]|取消|删[除掉])(?:对|关于)? ?$",
)
_WRONG_BEHIND = any_of(
    r"^,? (?:should (?:have been|be|read|say)|(?:is|was) (?:a typo|a mistake|wrong|incorrect|the wrong)|galat|salah)\b",
    r"^(?:这个|那个)? ?(?:应该?[为是]|改[成为]|[写打发报抄记弄]错|是错的|错了)",
)
# Whose the wrong number is: "and that is my cousin". It vouches for no other.
_WHOSE = re.compile(
    r"[, ]*(?:(?:and|but|which|who|that|it|the (?:first|second|last|other)(?: one)?) )*(?:is|was|that's|it's) (?:my|our) \w+"
    r"|,?(?:[前后]面|第?[一二]个)?(?:那个?|这个?)?是我(?:们|家)?的?" + GOOD_ZH,
    re.ASCII,
)
_NEAR = 200  # characters around a number that show whether it is wrong

type Span = tuple[int, int]


def wrong_numbers(view: str, spans: Sequence[Span]) -> dict[int, Span]:
    """Which of the numbers in the view, at `spans` in order, the message says were wrong, and what it
    says of each; none unless another is left."""
    slip = bool(_SLIP.search(marked(view, spans, 0)))
    found = {place: _wrong(view, spans, place, slip=slip) for place in range(len(spans))}
    wrong = {place: span for place, span in found.items() if span is not None}
    return wrong if len(wrong) < len(spans) else {}


def _wrong(view: str, spans: Sequence[Span], place: int, *, slip: bool) -> Span | None:
    start, end = spans[place]
    ahead = marked(view, spans[:place], 0, start)[-_NEAR:]
    behind = marked(view, spans[place + 1 :], end)[:_NEAR]
    whose = _WHOSE.match(behind)
    last = end + (whose.end() if whose else 0)
    if said := _NOT.search(ahead):
        others = [each for each in spans if view[slice(*each)] != view[start:end]]
        next_is_other = (
            spans[place + 1 : place + 2] == [each for each in others if each[0] > end][:1]
        )
        beside = _RIGHT_AHEAD.search(ahead[: said.start()]) or (
            next_is_other and _RIGHT_BEHIND.search(behind)
        )
        if slip or beside:
            return start - len(said[0]), last
    written = _WRITTEN.search(ahead)
    if slip and written and not is_declined(ahead, written):
        return start - len(written[0]), last
    if said := _WRONG_BEHIND.search(behind):
        return start, end + len(said[0])
    return (start, last) if slip and whose else None
