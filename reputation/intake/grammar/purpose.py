"""The purpose of a message for each number: to report, to ask, to defend, to take back.

The cues of its clauses decide, with two readers that have learned from lessons. In doubt a purpose
is UNCLEAR, and the sender is asked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reputation.intake.grammar import clauses, encoder, learned
from reputation.intake.grammar.clauses import FILLER, NOT_THAT_ONE, Cues
from reputation.intake.grammar.commands import declines_undo
from reputation.intake.grammar.corrections import CORRECTED
from reputation.intake.grammar.cues import BAD_EN, BAD_ZH
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


# The weight of the encoder relative to the learned reader. A larger weight reads more messages of
# unknown authors correctly, but asks about short plain messages.
OF_ENCODER = 0.5
# The least likelihood of a report for listing a number: a false listing counts as much as four
# needless questions, and the readers understate how likely a report is. A higher one applies where
# the rules find a doubt, a denial, a defence or a question.
LISTED_FROM, LISTED_IN_DOUBT_FROM = 0.7, 0.8
# The least likelihood of another purpose. Defending a number needs more.
LIKELY, DEFENDED_FROM = 0.4, 0.5
# How many numbers with words of their own are judged by those words. The readers take a fiftieth of
# a second for each, and a long message has room for a hundred.
MOST_JUDGED = 10
# A text that accuses a number outright contains one of these.
OUTRIGHT = re.compile(
    rf"[\s.,:;!。、~'\"()#*-]|№|{BAD_ZH}|这|那|此|个|号码?|电话|短信|就是|都是|全是|是|系|和|跟|及|也|都|的|了|了我"
    r"|举报|投诉|请|帮忙|帮我|我要|我想|要|标记|拉黑|封|一下|他|她|它|别信|别接|大|死|妈的|同伙|一伙"
    rf"|\b(?:{BAD_EN}|is|are|was|a|an|the|both|all|these|this|number|numbers|and|also|it's|its|he's"
    r"|report|reporting|complain|about|please|pls|i|we|want|wish|need|would|i'd|like|to|block|list"
    r"|as|for|they|they're|call|calls|caller|from|it|total|pure|definitely|complete"
    r"|(?:(?:threaten|scamm|harass|insult|spamm)ed|(?:swore|sworn) at) (?:me|us))\b",
    re.ASCII,
)

# Who asks why their telephone shows something of a number asks about a caller. The readers take it
# for the sender's own number.
ON_A_SCREEN = re.compile(
    rf"\b(?:why|how come)\b[^{N}.!?]{{0,20}}\b(?:my|our) (?:phone|mobile|cell|screen|app)\b"
    rf"[^{N}.!?]{{0,8}}\b(?:say|show|display|mark|flag|label)\w* (?:that )?{N}",
    re.ASCII,
)

# A text of numbers, days and times only. The readers find no purpose in it.
WORDLESS = re.compile(r"(?:№|[\W\d_年月日号时点分秒])*")

# A text that ends with an outright accusation.
OUTRIGHT_AT_LAST = re.compile(
    rf"(?:^|[.!;\n]\s*)(?:so |and |yes )?{N} (?:is|was) (?:an? |the )?(?:{BAD_EN}|impost[eo]r)\W*$"
    rf"|(?:^|[。!;,\n]\s*){N}(?:就|肯定|绝对)?是(?:个)?{BAD_ZH}(?:电话)?\W*$"
)
# Words of a sender who was called, or whose family was.
FIRST_PERSON = re.compile(
    r"\b(?:i|i'm|i've|me|my|mine|us|we|our|mum|mom|dad|nan|gran|granny|grandma|grandad|grandpa)\b"
    r"|[我俺咱]|本人|家里"
)

# A greeting ahead of what is said, which says nothing of a number.
GREETING = re.compile(
    r"(?:\s*(?:(?:你|您|大家)们?好|打扰(?:一下|了)?|(?:早上|上午|中午|下午|晚上)好"
    r"|(?:hi|hello|hey|good (?:morning|afternoon|evening)"
    r"|dear (?:sirs?(?: or madam|/madam)?|madam|all|team))(?: there)?\b)[\s,.:;!，。：；！]+)+"
)


@dataclass(slots=True)
class _Group:
    """Clauses about the same numbers."""

    numbers: list[int] = field(default_factory=list)
    clauses: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`of`: the purpose for each number, in order; `whole`: that of the text. `accused`: whether a
    word accuses, outside of what is asked, denied or supposed. `defended`: whether a word vouches
    for the number or denies an accusation; `denied`: only the latter. `asked`: whether the text
    asks about the number explicitly; `asked_about`: what the number is. `corrects`: whether the
    number was another in an earlier message."""

    of: tuple[Purpose, ...]
    whole: Purpose
    accused: bool
    defended: bool
    denied: bool
    misdialled: bool
    asked: bool
    asked_about: bool
    corrects: bool


def judge(
    text: str, *, count: int, title: str = "", form: bool = False, corrects: bool = False
) -> Verdict:
    """The purposes of a text. `text` is a view in which each of `count` numbers is written as
    NUMBER; `title`: words above it that apply to all of it, without a number. `form`: the text has
    the form of a report, whatever its words are. `corrects`: it also named a wrong number."""
    title, text = spelled(title), spelled(text)
    ahead = clauses.split(title.replace(N, " "))
    groups = _groups(text)
    everything = clauses.count([*ahead, *(clause for group in groups for clause in group.clauses)])
    whole = _decide(everything)
    if not form and N in text:  # the readers have learned only from texts about numbers
        whole = _agreed(whole, f"{title}\n{text}", everything, corrects=corrects)
    of = [whole] * count
    if len(groups) > 1:
        for place, group in enumerate(groups):
            if whole is not Purpose.REPORT and group.clauses[0].lstrip().startswith(">"):
                continue  # for quotations, the words above decide
            cues = clauses.count(group.clauses)
            if not cues.words and NOT_THAT_ONE.search(group.clauses[-1]):
                cues.spared = cues.words = 1
            if not cues.words:
                continue  # it says nothing of itself, so what the text says holds for it
            purpose = Purpose.UNCLEAR
            if place < MOST_JUDGED:
                purpose = _of_group(group, cues, ahead, form=form, corrects=corrects)
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
        corrects=corrects or bool(CORRECTED.search(text)),
    )


def _of_group(
    group: _Group, cues: Cues, ahead: list[str], *, form: bool, corrects: bool
) -> Purpose:
    """The purpose by a group's own clauses, of which these are the cues; if they leave it open, by
    those of the title as well."""
    if ahead and _decide(cues) is Purpose.UNCLEAR:
        cues = clauses.count([*ahead, *group.clauses])
    purpose = _decide(cues)
    if form or purpose is Purpose.OWN:  # "my number is №. I was called by №"
        return purpose
    return _agreed(purpose, "".join(group.clauses), cues, corrects=corrects)


def _groups(text: str) -> list[_Group]:
    """The clauses, each with its numbers: those in it, or else those named last. Clauses before the
    first number belong to that number."""
    groups: list[_Group] = []
    ahead: list[str] = []
    number = 0
    listing = False
    for clause in clauses.split(text):
        named = clause.count(N)
        bare = not FILLER.sub("", clause)
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


def signs(text: str) -> set[str]:
    """The features of a view with NUMBER in place of numbers: its words, and the rules' cues."""
    text, cues, purpose = _by_rules(text)
    return _signs(text, cues, purpose)


def settled(text: str) -> Purpose | None:
    """The purpose of such a view by the rules alone."""
    text, _, purpose = _by_rules(text)
    return purpose if _settles(purpose, text) else None


def _by_rules(text: str) -> tuple[str, Cues, Purpose]:
    text = spelled(text)
    cues = clauses.count([clause for group in _groups(text) for clause in group.clauses])
    return text, cues, _decide(cues)


def _signs(text: str, cues: Cues, purpose: Purpose) -> set[str]:
    found = {name for name in Cues.__slots__ if getattr(cues, name) not in (0, -1)}
    return learned.features(text) | {f"cue {name}" for name in found} | {f"rules {purpose}"}


def _agreed(purpose: Purpose, text: str, cues: Cues, *, corrects: bool) -> Purpose:
    """The purpose by all readers: an outright statement decides; otherwise the learned reader,
    which has learned how reliable the rules are, and the encoder together. The right number of a
    correction is only reported or asked about: what it takes back is the wrong one."""
    if ON_A_SCREEN.search(text):
        return Purpose.QUESTION
    if (corrects or CORRECTED.search(text)) and not (cues.vouched or cues.own):
        if cues.harms or cues.claims or cues.labels:
            return Purpose.REPORT
        if corrects or text.count(N) == 1:  # of two, the other may be taken back
            return Purpose.UNCLEAR
    if _settles(purpose, text) or WORDLESS.fullmatch(text):
        return purpose
    if greeting := GREETING.match(text):
        text = text[greeting.end() :]
    by_words = learned.likelihoods(_signs(text, cues, purpose))
    likely = together(by_words, encoder.likelihoods(text))
    found = surest(likely, LISTED_IN_DOUBT_FROM if _is_doubted(cues) else LISTED_FROM)
    if corrects and found is not Purpose.REPORT:
        return Purpose.UNCLEAR
    return Purpose.UNCLEAR if _contradicts(found, text, cues) else found


def _contradicts(found: Purpose, text: str, cues: Cues) -> bool:
    """Whether the words leave open what the readers found: a warning that is passed on and tells
    of nobody the sender knows is no report, "I will not withdraw it" takes nothing back, and who
    ends with "№ is a fraud" defends nobody."""
    if found is Purpose.REPORT:
        return cues.passed_on and not FIRST_PERSON.search(text)
    if found is Purpose.UNDO:
        return declines_undo(text)
    return found is Purpose.LEGITIMATE and bool(OUTRIGHT_AT_LAST.search(text))


def _is_doubted(cues: Cues) -> bool:
    """Whether the rules found a doubt, a denial, a defence or a question."""
    denied = cues.denied or cues.vouched or cues.spared
    return bool(denied or cues.doubt or cues.strong_question or cues.weak_question)


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


def surest(likely: Mapping[str, float], listed_from: float) -> Purpose:
    """The likeliest purpose, if it is likely enough for its consequences; else UNCLEAR.

    `listed_from`: how likely a report must be.
    """
    best = Purpose(max(likely, key=likely.__getitem__))
    least = {Purpose.REPORT: listed_from, Purpose.LEGITIMATE: DEFENDED_FROM}.get(best, LIKELY)
    return best if likely[best] >= least else Purpose.UNCLEAR


def _decide(cues: Cues) -> Purpose:
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
