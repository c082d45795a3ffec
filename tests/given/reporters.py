"""Who reports in these tests, and what: made through the public domain functions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from reputation.identity import Identity, identify
from reputation.models import Number, Report, Reporter, ReportRevision
from reputation.reports import Statement, Submission, submit_report

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SCAMMER = identify("+8613812345678")
BAKERY = identify("+4930901820")


def numbered(place: int) -> Identity:
    """One of many numbers that a test needs."""
    return identify(f"+1415{5_200_000 + place}")


def newcomer(handle: str) -> Reporter:
    """An account of today, without a record."""
    return Reporter.objects.create(kind="person", handle=handle, created_at=NOW)


def veteran(handle: str) -> Reporter:
    """An established account: old enough, right ten times on either side, often first."""
    return Reporter.objects.create(
        kind="person", handle=handle, created_at=NOW - 400 * DAY, tp=10.0, tn=10.0, firsts=5.0
    )


def moderator(name: str = "moderator") -> User:
    return User.objects.create_user(name, is_superuser=True)


def say(
    reporter: Reporter,
    category: str = "loan_scam",
    number: Identity = SCAMMER,
    *,
    at: datetime = NOW,
    network: str = "",
    corrects: bool = False,
    **said: Any,
) -> Submission:
    """The reporter reports `number`, by default from a network of its own."""
    return submit_report(
        reporter=reporter,
        identity=number,
        statement=Statement(category=category, **said),
        network=network or f"net-{reporter.handle}",
        now=at,
        corrects=corrects,
    )


def reported(number: Identity = SCAMMER, *, at: datetime = NOW) -> None:
    """Two newcomers in two networks report `number`, so that it can be disputed."""
    for each in ("a", "b"):
        say(newcomer(f"{each} of {number.key}"), number=number, at=at)


def crowd(
    size: int,
    category: str = "loan_scam",
    number: Identity = SCAMMER,
    *,
    prefix: str = "crowd",
    at: datetime = NOW,
) -> list[Report]:
    """Reports by that many veterans, each from its own network, a day apart, the last at `at`."""
    return [
        say(veteran(f"{prefix}{n}"), category, number, at=at - (size - 1 - n) * DAY).report
        for n in range(size)
    ]


def row(number: Identity = SCAMMER) -> Number:
    return Number.objects.get(key=number.key)


def columns(report: Report) -> dict[str, Any]:
    """A report as its table has it by now."""
    return Report.objects.filter(pk=report.pk).values().get()


def history(report: Report) -> list[tuple[str, str, str, datetime]]:
    """(what happened, the category and the status until then, when) for each revision."""
    return [
        (revision.change, revision.content["category"], revision.content["status"], revision.at)
        for revision in ReportRevision.objects.filter(report=report).order_by("id")
    ]
