"""A message during reading, with the functions that several grammars share."""

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo

from reputation.identity import Identity
from reputation.intake.grammar import words
from reputation.intake.grammar.counts import REPEATED, find_count
from reputation.intake.grammar.dates import Moment, find_moment
from reputation.intake.grammar.numbers import Country, Found, find_numbers
from reputation.intake.grammar.purpose import Purpose, Verdict, judge
from reputation.intake.grammar.reading import Command, Kind, Reading, Role, parts
from reputation.intake.grammar.view import NUMBER, view

KINDS = {
    Purpose.REPORT: Kind.REPORT,
    Purpose.QUESTION: Kind.QUESTION,
    Purpose.OWN: Kind.OWN,
    Purpose.UNDO: Kind.COMMAND,
    Purpose.STOPPED: Kind.STOPPED,
    Purpose.LEGITIMATE: Kind.LEGITIMATE,
    Purpose.UNCLEAR: Kind.UNCLEAR,
    Purpose.BARE: Kind.NUMBER,
}
SHORT_TEXT = 12  # letters; a shorter text is not a forwarded message

type Spans = list[tuple[Role, int, int]]

_REPEATEDLY = "repeated_intimidation"
# Words directly after a number that are about the number, rather than forwarded.
_OF_THE_NUMBER = re.compile(
    r"\s*(?:这个?|他|它|her?|she|it|this)?\s*(?:不?是|not\b|is|was|'s|isn'?t|wasn'?t)"
)


class Message:
    """The text, where and when it was written, and the common parts of its readings."""

    def __init__(
        self, text: str, country: Country, now: datetime, zone: tzinfo, title: str = ""
    ) -> None:
        """`title`: words above the text that show what it is about."""
        self.text, self.country, self.now, self.zone = text, country, now, zone
        self.view, self.figures = view(text), country.in_figures(text)
        self.title = view(title).strip()

    def moment(self, start: int = 0, end: int | None = None) -> Moment | None:
        return find_moment(
            self.text,
            now=self.now,
            zone=self.zone,
            month_first=self.country.region in ("US", "PH"),
            start=start,
            end=end,
        )

    def moment_before(self, end: int) -> Moment | None:
        return self.moment(0, end) if end else None

    def report(
        self,
        grammar: str,
        match: re.Match[str],
        number: Identity,
        *,
        channel: str = "call",
        timed: bool = False,
        fallback: str = "other",
        also: Sequence[Found] = (),
    ) -> Reading:
        """A number at the beginning, `also` others; the rest is about them, or is the caller's own
        message."""
        spans: Spans = [(Role.NUMBER, *match.span("number"))]
        spans += [(Role.NUMBER, each.start, each.end) for each in also]
        if match.groupdict().get("word"):
            spans.append((Role.KEYWORD, *match.span("word")))
        moment = self.moment(match.end()) if timed else None
        blotted = [*spans, *((Role.TIME, *span) for span in (moment.spans if moment else ()))]
        kind = self._doubted(match.end(), blotted, passed_on=channel == "sms")
        callback = None
        if channel == "sms":
            callback = next(
                iter(find_numbers(self.text, self.country, taken=[], start=match.end())), None
            )
        return self.told(
            grammar,
            spans,
            number,
            moment,
            callback=callback,
            further=identities(also),
            channel=channel,
            fallback=fallback,
            kind=kind,
        )

    def _doubted(self, start: int, spans: Spans, *, passed_on: bool) -> Kind:
        """The kind of a message in the form of a report: a report, unless its words contradict
        that.

        `passed_on`: the words are the caller's own, which may well ask and promise; then only words
        about the number itself count, and the sender is asked what is meant.
        """
        rest = self.view_without(spans)[start:]
        verdict = judge(f"{NUMBER} {rest}", count=1, title=self.title, form=True)
        if passed_on:
            defended = verdict.defended and _OF_THE_NUMBER.match(self.view, start)
            return Kind.UNCLEAR if defended or verdict.asked_about else Kind.REPORT
        return if_bare(verdict)

    def told(
        self,
        grammar: str,
        spans: Spans,
        number: Identity,
        moment: Moment | None,
        *,
        callback: Found | None = None,
        further: tuple[Identity, ...] = (),
        channel: str = "call",
        fallback: str = "other",
        hint: str = "",
        kind: Kind = Kind.REPORT,
    ) -> Reading:
        if moment is not None:
            spans = [*spans, *((Role.TIME, *span) for span in moment.spans)]
        text = f"{self.title}\n{self.view}"
        category = words.category_of(view(hint)) if hint else "other"
        if category == "other":
            category = words.category_of(text)
        count = find_count(self.view_without(spans))
        conduct = words.conduct_of(text)
        if count >= REPEATED and _REPEATEDLY not in conduct:
            conduct = (*conduct, _REPEATEDLY)
        return self.reading(
            kind,
            grammar,
            spans,
            number=number,
            callback=callback.identity if callback and callback.identity != number else None,
            occurred_at=moment.at if moment else None,
            has_time=bool(moment and moment.has_time),
            category=fallback if category == "other" else category,
            conduct=conduct,
            channel=channel,
            further=tuple(each for each in further if each != number),
            count=count,
            command=Command.UNDO if kind is Kind.COMMAND else None,
        )

    def view_without(self, spans: Spans) -> str:
        """The view with numbers and times blanked, so that their digits do not count."""
        text = self.view
        for role, start, end in spans:
            if role in (Role.NUMBER, Role.TIME):
                text = text[:start] + "\n" * (end - start) + text[end:]
        return text

    def passed_on(self, grammar: str, spans: Spans, start: int) -> Reading:
        """The reading of a forwarded message without its sender's number; the number that it asks
        to call is kept."""
        found = find_numbers(self.text, self.country, taken=[], start=start)
        wanted = [each for each in found if each.callback] or found
        return self.reading(
            Kind.FORWARDED,
            grammar,
            spans,
            callback=wanted[0].identity if wanted else None,
            category=words.category_of(self.view),
            conduct=words.conduct_of(self.view),
            channel="sms",
        )

    def reading(self, kind: Kind, grammar: str, spans: Spans, **fields: object) -> Reading:
        return Reading(
            kind=kind,
            grammar=grammar,
            text=self.text,
            parts=parts(self.text, spans),
            **fields,  # type: ignore[arg-type]
        )

    def ordered(self, command: Command, argument: str = "") -> Reading:
        spans: Spans = [(Role.KEYWORD, 0, len(self.text))]
        return self.reading(Kind.COMMAND, "command", spans, command=command, argument=argument)


def identities(found: Sequence[Found]) -> tuple[Identity, ...]:
    return tuple(dict.fromkeys(each.identity for each in found))


def if_bare(verdict: Verdict) -> Kind:
    """The kind of a form of a report: a report if nothing follows; otherwise what follows
    decides."""
    purpose = verdict.of[0]
    return Kind.REPORT if purpose is Purpose.BARE else KINDS[purpose]
