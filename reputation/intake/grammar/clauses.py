"""Counts the cues about a number in the clauses of a text.

Cues are searched within their scopes: words of somebody else, and words that are denied, asked or
supposed. Only accusing words outside of those count as accusations.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from reputation.intake.grammar import words
from reputation.intake.grammar.accusing import BLAMELESS, CLAIMS, HARMS, LABELS, OFTEN, TRADES
from reputation.intake.grammar.counts import REPEATED, find_count
from reputation.intake.grammar.cues import (
    ABOUT,
    APPOSED,
    ASKED,
    CERTAIN,
    DENIED,
    DOUBT,
    EITHER,
    ENDED,
    HEDGED,
    MISDIALLED,
    MISTAKEN,
    NAMED,
    OWN,
    PLEA,
    REMEDY,
    RESUMED,
    RESUMED_THERE,
    SINCE,
    SPARED,
    UNDO_REST,
    UNDO_VERB,
    VOUCHED,
    VOUCHED_FOR,
)
from reputation.intake.grammar.scopes import (
    CALLER_ASKED,
    CHOICE,
    CONCEDED,
    CONSEQUENCE,
    FLAGGED,
    IRONY,
    NEARLY,
    ONCE_BELIEVED,
    PASSED_ON,
    PRAISED,
    REFUSED,
    SAID,
    SARCASM,
    SELF,
    SHOWN,
    SUPPOSED,
    WRONGLY_SAID,
)
from reputation.intake.grammar.view import NUMBER as N

_CUT = re.compile(
    r"(?<=[,;。!?\n:、~…])|(?<=\. )|(?<=\.$)"
    r"|(?=[而并]不是№)|(?<![是而并])(?=不是№)|(?=\b(?:but )?not №)"
    r"|(?=(?:但是?|不过|其实|结果|可是|却|没想到|然后|后来)(?!№))"
    r"|\b(?=(?:but|however|although|though|because|so that|then it|actually it)\b)"
)
# A cue directly after one of these is denied: "not a scam", 没有威胁.
_NEGATED = re.compile(
    r"(?:不是|并非|不算|没有?|从未|未曾|未|没人|停止|不再|没再|不会再|结束)(?:了|在|过|什么"
    r"|任何|啥子?|个|再|打|发|搞|做|干)*$|(?:\b(?:not|never|no|nor|hardly|without|isnt|wasnt|aint|stopped"
    r"|ceased|quit|no longer)|n't)(?: (?:an?|any|the|really|actually|me))?\s*$"
)
# Lists are named after what they list.
_LISTS = re.compile(
    r"(?:骚扰|诈骗|骗子|推销|举报|垃圾|黑|恶意)[^,]{0,4}?(?:名单|列表|标签|标记|库)"
    r"|\b(?:spam|scam|block|black|fraud|nuisance)[ -]?(?:list|tag|label|database)\w*"
)
_ASIDE = re.compile(r"[()\[\]【】]")
# Words without meaning: a number with only these around it counts as bare.
FILLER = re.compile(
    r"№|[\s\W_]|(?:我的|这个|那个|这|那|个|手机|电话|座机|号码|号|是|的|你好|您好|谢谢|麻烦"
    r"|劳驾|拜托|了|嗯|哦|啊|呀|就|来电|对方|短信|以下|如下|和|与|及)"
    r"|\b(?:number|phone|tel|the|this|it|it's|its|was|is|from|hi|hello|hey|please|pls|thanks"
    r"|thank you|ok|here|and|mobile|cell|dear sir|dear|sir|madam|regards|to|a)\b"
)
_SHORT_QUESTION = 30  # characters; questions of callers are longer
_NEAR = 12  # characters from a denial to the denied word
_SLACK = 3  # letters that an order may have besides words of orders
_EMPTY_QUESTION = re.compile(r"\?")
_SHORT_ASKED = re.compile(rf"^[^,]{{0,{_SHORT_QUESTION}}}\?\s*$")
NOT_THAT_ONE = re.compile(rf"(?:(?<!是)不是|\bnot|\bisn't)\s*{N}(?!\s*(?:打|calling))")


@dataclass(slots=True)
class Cues:
    """How many clauses of a text have each cue. `ended_at` and `resumed_at` are places of clauses,
    -1 for none."""

    labels: int = 0
    claims: int = 0
    often: int = 0
    pleas: int = 0
    named: int = 0
    harms: int = 0
    doubt: int = 0
    strong_question: int = 0
    weak_question: int = 0
    asked_about: int = 0
    denied: int = 0
    vouched: int = 0
    ended_at: int = -1
    resumed_at: int = -1
    undo: int = 0
    mistaken: int = 0
    own: int = 0
    misdialled: int = 0
    spared: int = 0
    flagged: int = 0
    believed: int = 0
    praised: int = 0
    passed_on: bool = False
    conceded: bool = False
    ironic: bool = False
    words: int = 0


@dataclass(slots=True)
class _Clause:
    """A clause, without the words in it that accuse nobody."""

    text: str
    claim: re.Match[str] | None  # the words after which it says what somebody else said
    own: str  # what is the sender's own word: all before `claim`
    remedy: bool  # whether it asks what can be done


def split(text: str) -> list[str]:
    return [part for part in _CUT.split(_ASIDE.sub(",", text)) if part.strip(" \t\n,;:.。")]


def count(clauses: list[str]) -> Cues:
    whole = " ".join(clauses)
    sarcastic, certain = bool(SARCASM.search(whole)), bool(CERTAIN.search(whole))
    cues = Cues(
        passed_on=bool(PASSED_ON.search(whole)),
        conceded=bool(CONCEDED.search(whole)),
        ironic=bool(IRONY.search(whole)),
    )
    supposed = False
    for place, clause in enumerate(clauses):
        if NEARLY.search(clause) or (supposed and CONSEQUENCE.search(clause)):
            cues.doubt += 1
            cues.words += 1
            continue
        supposed = bool(SUPPOSED.search(clause))
        if SELF.search(clause):
            cues.words += 1
            continue
        clause = NOT_THAT_ONE.sub(" ", clause)
        _count(cues, clause, place, sarcastic=sarcastic, certain=certain)
    return cues


def _count(cues: Cues, text: str, place: int, *, sarcastic: bool, certain: bool) -> None:
    """Counts the cues of one clause, the `place`-th of its text."""
    cues.words += bool(FILLER.sub("", text))
    text = SHOWN.sub(" ", BLAMELESS.sub(" ", text))
    claim = SAID.search(text)
    clause = _Clause(
        text, claim, text[: claim.start()] if claim else text, bool(REMEDY.search(text))
    )
    cues.doubt += not clause.remedy and bool(DOUBT.search(text[: claim.end()] if claim else text))
    cues.own += bool(OWN.search(text))
    flagged = bool(FLAGGED.search(text))
    cues.flagged += flagged
    asked = _count_questions(cues, clause, certain=certain)
    denied, vouched = _count_defences(cues, clause, sincere=not asked and not sarcastic)
    ended = _count_ends(cues, clause, place, denied=denied)
    if UNDO_VERB.search(clause.own):
        if len(UNDO_REST.sub("", UNDO_VERB.sub("", text))) <= _SLACK:
            cues.undo += 1
            return
        cues.doubt += 1
    excused = _count_excuses(cues, clause)
    if not (asked or flagged or denied or ended or excused):
        _count_accusations(cues, clause, vouched=vouched, certain=certain)


def _count_questions(cues: Cues, clause: _Clause, *, certain: bool) -> bool:
    """Whether the sender asks about the number."""
    text, claim = clause.text, clause.claim
    asked = CHOICE.search(text) or ASKED.search(REFUSED.sub(" ", text))
    if asked and CALLER_ASKED.search(text):
        asked = None
    if asked and claim and claim.start() < asked.start() and claim[0].startswith(("问", "ask")):
        asked = None  # what the caller asked
    if asked and not clause.remedy:
        cues.strong_question += 1
        cues.asked_about += bool(ABOUT.search(text))
    elif _EMPTY_QUESTION.search(text) and not clause.remedy and not certain:
        cues.weak_question += 1
        cues.asked_about += len(text) < _SHORT_QUESTION and bool(LABELS.search(text))
    return bool(asked)


def _count_defences(cues: Cues, clause: _Clause, *, sincere: bool) -> tuple[bool, bool]:
    """Whether the clause denies that the number does harm, and whether it vouches for it."""
    own, claim = clause.own, clause.claim
    denied = bool(DENIED.search(own))
    cues.denied += denied
    vouched = bool(
        not denied
        and sincere
        and not EITHER.search(own)
        and ((VOUCHED if claim else VOUCHED_FOR).search(own) or APPOSED.search(clause.text))
    )
    cues.vouched += vouched
    plea = bool(PLEA.search(own))
    spared = plea or bool(SPARED.search(own))
    cues.pleas += plea
    cues.spared += spared
    cues.named += sincere and not claim and bool(NAMED.search(own))
    return denied or spared, vouched


def _count_ends(cues: Cues, clause: _Clause, place: int, *, denied: bool) -> bool:
    """Whether the calls have ended and did not begin again."""
    ended = ENDED.search(clause.own)
    if ended and denied and not SINCE.search(clause.own):
        ended = None  # "is not harassing me" never was
    if ended:
        cues.ended_at = place
    if (RESUMED_THERE if ended else RESUMED).search(clause.text, ended.end() if ended else 0):
        cues.resumed_at = place
        return False
    return bool(ended)


def _count_excuses(cues: Cues, clause: _Clause) -> bool:
    """Whether the sender says that an accusation was an error, or only supposes one."""
    mistaken = bool(MISTAKEN.search(clause.own))
    believed = bool(ONCE_BELIEVED.search(clause.own) or WRONGLY_SAID.search(clause.text))
    cues.mistaken += mistaken
    cues.misdialled += bool(MISDIALLED.search(clause.text))
    cues.praised += bool(PRAISED.search(clause.own))
    cues.believed += believed
    return mistaken or believed or bool(SUPPOSED.search(clause.text))


def _count_accusations(cues: Cues, clause: _Clause, *, vouched: bool, certain: bool) -> None:
    text = clause.text
    if hedged := HEDGED.search(clause.own):
        cues.doubt += 1
        text = text[: hedged.start()]
    if _SHORT_ASKED.search(text) and not clause.remedy and not certain:
        return
    if clause.remedy:  # "how do I report" complains of nothing yet
        text = REMEDY.sub(" ", text)
    text = _LISTS.sub(" ", text)
    often = find_count(text) >= REPEATED or _any_unless_denied((OFTEN, words.OFTEN), text)
    labelled = _unless_denied(LABELS, text)
    if (often and labelled) or _any_unless_denied((HARMS, *words.ACTS), text):
        cues.harms += 1
    elif often:
        cues.often += 1
    elif _unless_denied(CLAIMS, text):
        cues.claims += 1
    elif labelled or find_count(text) > 1 or (not vouched and _unless_denied(TRADES, text)):
        cues.labels += 1


def _any_unless_denied(cues: Iterable[re.Pattern[str]], clause: str) -> bool:
    return any(_unless_denied(cue, clause) for cue in cues)


def _unless_denied(cue: re.Pattern[str], clause: str) -> bool:
    denied_until = -1
    for match in cue.finditer(clause):
        if _NEGATED.search(clause, max(match.start() - _NEAR, 0), match.start()):
            denied_until = match.end() + 1
        elif match.start() > denied_until:
            return True
        else:
            denied_until = match.end() + 1  # "not a debt collector" denies both words
    return False
