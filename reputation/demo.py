"""A small invented world, so that a newcomer sees every action, every status and their reasons.

All numbers are reserved for fiction, so it accuses nobody. It is built as life would build it:
through the same functions that reports and decisions go through, with `now` in the past. Only the
secrets of its users differ from one building to the next.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from reputation import moderation
from reputation.counting import reassess_due
from reputation.disputes import open_for_holder
from reputation.identity import Identity, identify
from reputation.models import Number, Report, Reporter, take_turn
from reputation.moderation import figures
from reputation.privacy import pseudonym
from reputation.reports import Statement, submit_report, withdraw_report

DAYS = 60

# Who reports. KEY stands for the demo's own API key, which has been about as right as the honest.
KEY = "key"
HONEST = ("alice", "bob", "carol", "dan", "erin", "frank", "grace", "heidi")
CARELESS = ("ivan", "judy")
FRESH = tuple(f"fresh{n}" for n in range(1, 7))
HOSTILE = tuple(f"hostile{n}" for n in range(1, 11))
# A moderator vouches for them: trust that begins outside the crowd, without which no crowd blocks.
VOUCHED = ("dan", "grace")
# Days before today on which their accounts were opened.
OPENED = (
    dict.fromkeys(HONEST, 300)
    | dict.fromkeys(CARELESS, 200)
    | dict.fromkeys(FRESH, 12)
    | dict.fromkeys(HOSTILE, 9)
)

COMMENTS = {
    "loan_scam": (
        "Offered a loan at 2% and wanted a fee of 300 first.",
        "Said my loan was approved. I never asked for one.",
        "They want the money by gift card, to account 6222 0212 3456 7890.",
    ),
    "illegal_collection": (
        "Calls my mother ten times a day about a debt that is not mine.",
        "Threatened to tell my employer. Ask for Mr Braun, braun@collect.example.",
        "",
    ),
    "impersonation": ("Claimed to be my bank's fraud desk.", "Wanted the code from my phone."),
    "telemarketing": ("Solar panels, again.", "Asked them to stop. They did not.", ""),
    "robocall": ("A recording about my car's warranty.", ""),
    "silent_call": ("Nobody there.", ""),
    "phishing": ("Sent a link: http://parcel.example/fee?u=81723", ""),
    "threat": ("Said they know where I live.",),
    "legitimate": ("My doctor's reminder service.", "They did call about my appointment.", ""),
}


@dataclass(frozen=True, slots=True)
class Wave:
    """Each of `who` reports once, in this order, spread evenly from day to day (days ago)."""

    who: tuple[str, ...]
    category: str
    first: float
    last: float
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """A moderator's decision so many days ago: a verb of reputation.moderation and its reason."""

    day: float
    verb: Callable[..., Number]
    reason: str
    more: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Objection:
    """So many days ago the holder wrote, and a moderator opened a dispute for them."""

    day: float
    grounds: str
    statement: str


@dataclass(frozen=True, slots=True)
class Story:
    number: str
    title: str
    events: tuple[Wave | Decision | Objection, ...]


STORIES = (
    Story(
        "+12025550101",
        "a loan scam that a moderator confirmed",
        (
            Wave((*HONEST[:5], KEY), "loan_scam", 58, 50),
            Decision(48, moderation.confirm_number, "Three recordings ask for a fee in advance."),
            Wave((*HONEST[5:], *FRESH[:2]), "loan_scam", 40, 2),
        ),
    ),
    Story(
        "+12025550102",
        "a fake fraud desk that a moderator confirmed",
        (
            Wave((KEY, *HONEST[3:]), "impersonation", 57, 51),
            Wave(CARELESS, "legitimate", 56, 55),
            Decision(47, moderation.confirm_number, "The bank says that it never calls from here."),
        ),
    ),
    Story(
        "+442079460201",
        "a clinic that careless people reported and a moderator cleared",
        (
            Wave((KEY, *HONEST), "legitimate", 56, 50),
            Wave(CARELESS, "silent_call", 54, 53),
            Decision(46, moderation.clear_number, "An appointment line, named on its site."),
        ),
    ),
    Story(
        "+33199001701",
        "debt collectors: three people with a record, and new ones",
        (
            Wave(
                ("alice", "dan", "grace"),
                "illegal_collection",
                21,
                6,
                {
                    "conduct": ["repeated_intimidation", "contacted_third_parties"],
                    "claimed_name": "Inkasso Braun",
                    "call_count": 12,
                },
            ),
            Wave(FRESH[:4], "illegal_collection", 9, 1),
            Wave(("ivan",), "threat", 3, 3, {"conduct": ["threats"]}),
        ),
    ),
    Story(
        "+493023125701",
        "a telemarketer that people disagree about",
        (
            Wave(("bob", "erin"), "telemarketing", 30, 12),
            Wave(("frank", "heidi", "judy"), "legitimate", 25, 8),
            Wave(FRESH[2:4], "telemarketing", 5, 4),
        ),
    ),
    Story(
        "+442079460202",
        "a bakery that ten fresh accounts attack and three customers vouch for",
        (
            Wave(("carol", "grace", "frank"), "legitimate", 35, 15),
            Wave(HOSTILE, "loan_scam", 6, 5),
        ),
    ),
    Story(
        "+61255501301",
        "a bank's official number: reports alone never flag it",
        (
            Decision(
                45,
                moderation.mark_official,
                "From the regulator's register.",
                {"name": "Example Savings Bank"},
            ),
            Wave((*HOSTILE[:4], "judy"), "impersonation", 8, 3, {"attestation": "failed"}),
        ),
    ),
    Story(
        "+442079460203",
        "somebody's own number that spammers show as theirs",
        (
            Wave(("alice", "bob"), "legitimate", 44, 40),
            Wave((*FRESH[:5], "carol"), "robocall", 4.5, 2.5, {"attestation": "none"}),
            Decision(2, moderation.mark_spoofed, "The holder got forty angry call-backs in a day."),
        ),
    ),
    Story(
        "+442079460204",
        "a debt office that a moderator confirmed; its holder disputes that",
        (
            Wave(HONEST[:5], "illegal_collection", 40, 30, {"conduct": ["threats"]}),
            Decision(28, moderation.confirm_number, "Two recordings threaten with a raid."),
            Objection(3, "new_holder", "We are a florist and have had this number since May."),
        ),
    ),
    Story(
        "+46846500401",
        "a scammer's former number: its new holder starts anew",
        (
            Wave(HONEST[:4], "phishing", 57, 49),
            Decision(10, moderation.mark_reassigned, "The carrier gave it to a new subscriber."),
            Wave(("heidi",), "legitimate", 4, 4),
        ),
    ),
    Story(
        "+12025550103",
        "one fresh account's word, which flags nothing",
        (Wave(("fresh6",), "robocall", 2, 2),),
    ),
    Story(
        "+12025550104",
        "the same: report it yourself",
        (Wave(("fresh5",), "loan_scam", 1, 1),),
    ),
)
# One report by the demo's key lifts it from allow to flag: the example of README and `demo`.
EDGE = "+12025550104"
EXAMPLE = '{"number":"+12025550104","category":"loan_scam"}'
UNREPORTED = "+12025550199"


class FictionalNumbersOff(Exception):
    """The demo needs numbers that are reserved for fiction."""

    def __init__(self) -> None:
        super().__init__(
            "The demo reports fictional numbers only, and they are not allowed here. Set "
            "FICTIONAL_NUMBERS=1, but never on a server that people rely on."
        )


def is_built() -> bool:
    return Reporter.objects.filter(kind=Reporter.Kind.PERSON, handle=_handle(HONEST[0])).exists()


@transaction.atomic
def build(*, key: Reporter, moderator: User, now: datetime) -> bool:
    """Builds the world of the DAYS before `now`, all or nothing. False when it is there already.

    `key` is the reporter behind the demo's API key. Raises FictionalNumbersOff.
    """
    if not settings.FICTIONAL_NUMBERS:
        raise FictionalNumbersOff
    take_turn("demo")
    if is_built():
        return False
    reporters = {name: _open(name, now) for name in OPENED} | {KEY: key}
    for name in VOUCHED:
        moderation.vouch_for_reporter(
            actor=moderator,
            reporter=reporters[name],
            reason="Works at the consumer advice centre.",
            now=now - timedelta(days=DAYS - 1),
        )
    chance = random.Random(DAYS)  # noqa: S311 -- chance, not secrecy
    for ago, act in sorted(_events(reporters, moderator, chance), key=lambda event: -event[0]):
        act(now - timedelta(days=ago))
    _second_thoughts(reporters, moderator, now)
    reassess_due(now=now)
    transaction.on_commit(partial(figures.count_up, now=now))  # of changes that have their cursors
    return True


def stories() -> list[tuple[Number, str]]:
    """The world's numbers as they stand, with their stories."""
    numbers = {number.key: number for number in Number.objects.filter(key__in=_keys())}
    return [(numbers[story.number], story.title) for story in STORIES if story.number in numbers]


def _keys() -> list[str]:
    return [story.number for story in STORIES]


def _handle(name: str) -> str:
    return f"demo-{name}"


def _open(name: str, now: datetime) -> Reporter:
    return Reporter.objects.create(
        kind=Reporter.Kind.PERSON,
        handle=_handle(name),
        created_at=now - timedelta(days=OPENED[name]),
    )


def _events(
    reporters: dict[str, Reporter], moderator: User, chance: random.Random
) -> Iterator[tuple[float, Callable[[datetime], object]]]:
    """What happened, as (days ago, what to do at that moment)."""
    for story in STORIES:
        identity = identify(story.number, allow_fictional=True)
        for event in story.events:
            if isinstance(event, Decision):
                yield event.day, _decision(event, identity, moderator)
                continue
            if isinstance(event, Objection):
                yield event.day, _objection(event, identity, moderator)
                continue
            step = (event.first - event.last) / max(1, len(event.who) - 1)
            for place, name in enumerate(event.who):
                # Up to an hour sooner: nobody calls on the second.
                ago = event.first - place * step + chance.random() / 24
                details = {"comment": chance.choice(COMMENTS[event.category])} | event.details
                yield ago, _report(reporters[name], name, identity, event.category, details)


def _decision(event: Decision, identity: Identity, moderator: User) -> Callable[[datetime], object]:
    return lambda now: event.verb(
        actor=moderator, identity=identity, reason=event.reason, now=now, **event.more
    )


def _objection(
    event: Objection, identity: Identity, moderator: User
) -> Callable[[datetime], object]:
    return lambda now: open_for_holder(
        actor=moderator,
        identity=identity,
        grounds=event.grounds,
        statement=event.statement,
        reason="A letter on the holder's paper.",
        now=now,
    )


def _report(
    reporter: Reporter, name: str, identity: Identity, category: str, details: dict[str, Any]
) -> Callable[[datetime], object]:
    # The hostile share one cheap network, everybody else has a network of their own.
    network = pseudonym("network", "demo hostile" if name in HOSTILE else _handle(name))
    return lambda now: submit_report(
        reporter=reporter,
        identity=identity,
        statement=Statement(category=category, occurred_at=now - timedelta(minutes=9), **details),
        network=network,
        now=now,
    )


def _second_thoughts(reporters: dict[str, Reporter], moderator: User, now: datetime) -> None:
    """A report withdrawn, one rejected, and one that its reporter wrote anew."""
    reports = {
        (report.reporter_id, report.number.key): report
        for report in Report.objects.filter(number__key__in=_keys()).select_related("number")
    }
    silent = reports[reporters["judy"].pk, "+442079460201"]
    withdraw_report(reporter=reporters["judy"], public_id=silent.public_id, now=now)
    lie = reports[reporters[HOSTILE[0]].pk, "+442079460202"]
    moderation.reject_report(
        actor=moderator, report=lie, reason="Ten accounts, one network, one wording.", now=now
    )
    collector = identify("+33199001701", allow_fictional=True)
    again = {"comment": "They now call my office as well.", "conduct": ["privacy_disclosure"]}
    _report(reporters["alice"], "alice", collector, "illegal_collection", again)(now)
