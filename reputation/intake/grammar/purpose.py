"""The purpose of a message for each number: to report, to ask, to defend, to take back.

The text is split into clauses, which are searched for classes of cues, each with its scope: what
somebody else said, what is denied, asked, or supposed. Only accusing words outside of those make a
report. In doubt a purpose is UNCLEAR, and the sender is asked.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reputation.intake.grammar import encoder, learned, words
from reputation.intake.grammar.accusing import BLAMELESS, CLAIMS, HARMS, LABELS, OFTEN, TRADES
from reputation.intake.grammar.counts import REPEATED, find_count
from reputation.intake.grammar.cues import (
    ABOUT,
    APPOSED,
    ASKED,
    BAD_EN,
    BAD_ZH,
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
from reputation.intake.grammar.spelling import spelled
from reputation.intake.grammar.view import NUMBER as N


class Purpose(StrEnum):
    REPORT = "report"
    QUESTION = "question"  # who or what is it?
    LEGITIMATE = "legitimate"  # it is somebody's dentist
    STOPPED = "stopped"  # the calls have ended
    UNDO = "undo"  # take my report back
    OWN = "own"  # it is the sender's
    UNCLEAR = "unclear"
    BARE = "bare"  # a number, and nothing that says a thing


_CUT = re.compile(
    r"(?<=[,;。!?\n:、~…])|(?<=\. )|(?<=\.$)|(?=(?:而|并)?不是№)|(?=\b(?:but )?not №)"
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
_FILLER = re.compile(
    r"№|[\s\W_]|(?:我的|这个|那个|这|那|个|手机|电话|座机|号码|号|是|的|你好|您好|谢谢|麻烦"
    r"|劳驾|拜托|了|嗯|哦|啊|呀|就|来电|对方|短信|以下|如下|和|与|及)"
    r"|\b(?:number|phone|tel|the|this|it|it's|its|was|is|from|hi|hello|hey|please|pls|thanks"
    r"|thank you|ok|here|and|mobile|cell|dear sir|dear|sir|madam|regards|to|a)\b"
)
# The weight of the encoder relative to the learned reader. A larger weight reads more messages of
# unknown authors correctly, but asks about short plain messages.
OF_ENCODER = 0.5
# The least likelihood of a report for listing a number: a false listing counts as much as four
# needless questions (`python -m benchmarks.messages --authors` prints other values). The learned
# reader has also learned from the cues of the rules.
LISTED_FROM = 0.88
# The least likelihood of another purpose. Defending a number needs more.
LIKELY, DEFENDED_FROM = 0.4, 0.5
# A text that accuses a number outright contains one of these.
OUTRIGHT = re.compile(
    rf"[\s.,:;!。、~'\"()#*-]|№|{BAD_ZH}|这|那|此|个|号码?|电话|短信|就是|都是|全是|是|系|和|跟|及|也|都|的|了|了我"
    r"|举报|投诉|请|我要|要|标记|拉黑|封|一下|他|她|它|别信|别接|大|死|妈的|同伙|一伙"
    rf"|\b(?:{BAD_EN}|is|are|was|a|an|the|both|all|these|this|number|numbers|and|also|it's|its|he's"
    r"|report|reporting|please|block|list|as|for|they|they're|call|calls|caller|from|it|total|pure"
    r"|definitely|complete"
    r"|(?:(?:threaten|scamm|harass|insult|spamm)ed|(?:swore|sworn) at) (?:me|us))\b",
    re.ASCII,
)
_SHORT_QUESTION = 30  # characters; questions of callers are longer
_NEAR = 12  # characters from a denial to the denied word
_SLACK = 3  # letters that an order may have besides words of orders
_EMPTY_QUESTION = re.compile(r"\?")
_SHORT_ASKED = re.compile(rf"^[^,]{{0,{_SHORT_QUESTION}}}\?\s*$")
_NOT_THAT_ONE = re.compile(rf"(?:(?<!是)不是|\bnot|\bisn't)\s*{N}(?!\s*(?:打|calling))")


@dataclass(slots=True)
class _Group:
    """Clauses about the same numbers."""

    numbers: list[int] = field(default_factory=list)
    clauses: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Clause:
    """A clause, without what blames nobody."""

    text: str
    claim: re.Match[str] | None  # the words after which it says what somebody else said
    own: str  # what is the sender's own word: all before `claim`
    remedy: bool  # whether it asks what can be done


@dataclass(frozen=True, slots=True)
class Verdict:
    """`of`: the purpose for each number, in order; `whole`: that of the text. `accused`: whether a
    word accuses, outside of what is asked, denied or supposed. `defended`: whether a word vouches
    for the number or denies an accusation; `denied`: only the latter. `asked`: whether the text
    asks about the number explicitly; `asked_about`: what the number is."""

    of: tuple[Purpose, ...]
    whole: Purpose
    accused: bool
    defended: bool
    denied: bool
    misdialled: bool
    asked: bool
    asked_about: bool


@dataclass(slots=True)
class _Cues:
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


def judge(text: str, *, count: int, title: str = "", form: bool = False) -> Verdict:
    """The purposes of a text. `text` is a view in which each of `count` numbers is written as
    NUMBER; `title`: words above it that apply to all of it, without a number. `form`: the text has
    the form of a report, whatever its words are."""
    title, text = spelled(title), spelled(text)
    ahead = _clauses(title.replace(N, " "))
    groups = _groups(text)
    everything = _cues([*ahead, *(clause for group in groups for clause in group.clauses)])
    whole = _decide(everything)
    if not form and N in text:  # the readers have learned only from texts about numbers
        whole = _agreed(whole, f"{title}\n{text}", everything)
    of = [whole] * count
    if len(groups) > 1:
        for group in groups:
            if whole is not Purpose.REPORT and group.clauses[0].lstrip().startswith(">"):
                continue  # for quotations, the words above decide
            cues = _cues(group.clauses)
            if not cues.words and _NOT_THAT_ONE.search(group.clauses[-1]):
                cues.spared = cues.words = 1
            if not cues.words:
                continue  # it says nothing of itself, so what the text says holds for it
            if ahead and _decide(cues) is Purpose.UNCLEAR:
                cues = _cues([*ahead, *group.clauses])
            purpose = _decide(cues)
            if not form and purpose is not Purpose.OWN:  # "my number is №. I was called by №"
                purpose = _agreed(purpose, "".join(group.clauses), cues)
            for number in group.numbers:
                if number < count:  # digits without a readable number do not count
                    of[number] = purpose
    return Verdict(
        tuple(of),
        whole,
        accused=bool(
            everything.harms or everything.often or everything.claims or everything.labels
        ),
        defended=bool(everything.denied or everything.vouched or everything.spared),
        denied=bool(everything.denied or everything.spared),
        misdialled=bool(everything.misdialled),
        asked=bool(everything.strong_question),
        asked_about=bool(everything.asked_about),
    )


def _groups(text: str) -> list[_Group]:
    """The clauses, each with its numbers: those in it, or else those named last. Clauses before the
    first number belong to that number."""
    groups: list[_Group] = []
    ahead: list[str] = []
    number = 0
    listing = False
    for clause in _clauses(text):
        named = clause.count(N)
        bare = not _FILLER.sub("", clause)
        if not named:
            if listing and not bare:
                listing = False
            (groups[-1].clauses if groups else ahead).append(clause)
            continue
        indices = list(range(number, number + named))
        number += named
        if listing and groups:  # "N、N、N are all ..." is one list
            groups[-1].numbers += indices
            groups[-1].clauses.append(clause)
        else:
            groups.append(_Group(indices, [*ahead, clause]))
            ahead = []
        listing = bare
    if not groups:
        groups.append(_Group([], ahead))
    return groups


def _clauses(text: str) -> list[str]:
    return [part for part in _CUT.split(_ASIDE.sub(",", text)) if part.strip(" \t\n,;:.。")]


def _cues(clauses: list[str]) -> _Cues:
    cues = _Cues()
    sarcastic = bool(SARCASM.search(" ".join(clauses)))
    cues.ironic = bool(IRONY.search(" ".join(clauses)))
    certain = bool(CERTAIN.search(" ".join(clauses)))
    cues.conceded = bool(CONCEDED.search(" ".join(clauses)))
    cues.passed_on = bool(PASSED_ON.search(" ".join(clauses)))
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
        clause = _NOT_THAT_ONE.sub(" ", clause)
        _cue(cues, clause, place, sarcastic=sarcastic, certain=certain)
    return cues


def _cue(cues: _Cues, text: str, place: int, *, sarcastic: bool, certain: bool) -> None:
    """Counts the cues of one clause, the `place`-th of its text."""
    cues.words += bool(_FILLER.sub("", text))
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


def _count_questions(cues: _Cues, clause: _Clause, *, certain: bool) -> bool:
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


def _count_defences(cues: _Cues, clause: _Clause, *, sincere: bool) -> tuple[bool, bool]:
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


def _count_ends(cues: _Cues, clause: _Clause, place: int, *, denied: bool) -> bool:
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


def _count_excuses(cues: _Cues, clause: _Clause) -> bool:
    """Whether the sender says that an accusation was an error, or only supposes one."""
    mistaken = bool(MISTAKEN.search(clause.own))
    believed = bool(ONCE_BELIEVED.search(clause.own) or WRONGLY_SAID.search(clause.text))
    cues.mistaken += mistaken
    cues.misdialled += bool(MISDIALLED.search(clause.text))
    cues.praised += bool(PRAISED.search(clause.own))
    cues.believed += believed
    return mistaken or believed or bool(SUPPOSED.search(clause.text))


def _count_accusations(cues: _Cues, clause: _Clause, *, vouched: bool, certain: bool) -> None:
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


def signs(text: str) -> set[str]:
    """The features of a view with NUMBER in place of numbers: its words, and the rules' cues."""
    text, cues, purpose = _by_rules(text)
    return _signs(text, cues, purpose)


def settled(text: str) -> Purpose | None:
    """The purpose of such a view by the rules alone."""
    text, _, purpose = _by_rules(text)
    return purpose if _settles(purpose, text) else None


def _by_rules(text: str) -> tuple[str, _Cues, Purpose]:
    text = spelled(text)
    cues = _cues([clause for group in _groups(text) for clause in group.clauses])
    return text, cues, _decide(cues)


def _signs(text: str, cues: _Cues, purpose: Purpose) -> set[str]:
    found = {name for name in _Cues.__slots__ if getattr(cues, name) not in (0, -1)}
    return learned.features(text) | {f"cue {name}" for name in found} | {f"rules {purpose}"}


def _agreed(purpose: Purpose, text: str, cues: _Cues) -> Purpose:
    """The purpose by all readers: an outright statement decides; otherwise the learned reader,
    which has learned how reliable the rules are, and the encoder together."""
    if _settles(purpose, text):
        return purpose
    by_words = learned.likelihoods(_signs(text, cues, purpose))
    return surest(together(by_words, encoder.likelihoods(text)))


def _settles(purpose: Purpose, text: str) -> bool:
    outright = purpose is Purpose.REPORT and not OUTRIGHT.sub("", text)
    return outright or purpose is Purpose.BARE


def together(by_words: Mapping[str, float], by_sentence: Mapping[str, float]) -> dict[str, float]:
    """The weighted mean of the log-odds of the learned reader and the encoder, whose errors are on
    different messages."""
    both = {
        name: by_words[name] ** (1 - OF_ENCODER) * by_sentence[name] ** OF_ENCODER
        for name in by_words
    }
    return {name: each / sum(both.values()) for name, each in both.items()}


def surest(likely: Mapping[str, float], listed_from: float = LISTED_FROM) -> Purpose:
    """The likeliest purpose, if it is likely enough for its consequences; else UNCLEAR."""
    best = Purpose(max(likely, key=likely.__getitem__))
    least = {Purpose.REPORT: listed_from, Purpose.LEGITIMATE: DEFENDED_FROM}.get(best, LIKELY)
    return best if likely[best] >= least else Purpose.UNCLEAR


def _decide(cues: _Cues) -> Purpose:
    open_ = cues.doubt or cues.weak_question
    accused = bool(
        cues.harms
        or (not open_ and (cues.claims or cues.labels or (cues.often and not cues.vouched)))
    )
    if cues.own:
        return Purpose.OWN
    if cues.undo or (cues.mistaken and not accused and not cues.misdialled):
        if cues.vouched and not cues.mistaken:
            return Purpose.LEGITIMATE
        return Purpose.UNDO if not (cues.mistaken and accused) else Purpose.UNCLEAR
    if cues.strong_question:
        return Purpose.QUESTION
    if cues.ended_at >= 0 and cues.resumed_at >= cues.ended_at and accused:
        return Purpose.REPORT
    if cues.ended_at >= 0:
        return Purpose.STOPPED
    corrected = cues.named and (cues.believed or cues.flagged)
    if cues.denied or cues.vouched or cues.spared or corrected:
        if accused:
            return Purpose.UNCLEAR
        good = cues.vouched or cues.denied or cues.pleas or corrected
        return Purpose.LEGITIMATE if good else Purpose.UNCLEAR
    idle = cues.passed_on or cues.conceded or cues.praised or (cues.ironic and not cues.harms)
    if cues.misdialled or cues.flagged or (idle and accused):
        return Purpose.UNCLEAR
    if accused:
        return Purpose.REPORT
    if cues.weak_question:
        return Purpose.QUESTION
    return Purpose.UNCLEAR if cues.words else Purpose.BARE
