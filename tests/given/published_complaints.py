"""Published complaints for these tests."""

from datetime import UTC, datetime, timedelta

from reputation.identity import Identity
from reputation.reports.imports import Imported, PublishedComplaint, import_complaints
from tests.given.reporters import NOW, SCAMMER

FILED = datetime(2026, 11, 20, 15, tzinfo=UTC)


def complaint(
    name: str,
    number: Identity = SCAMMER,
    category: str = "robocall",
    *,
    filed_at: datetime = FILED,
) -> PublishedComplaint:
    return PublishedComplaint(
        identity=number,
        category=category,
        subject="Other",
        occurred_at=filed_at - timedelta(hours=1),
        filed_at=filed_at,
        digest=name.encode().ljust(32, b"."),
    )


def bring(*complaints: PublishedComplaint, source: str = "ftc", now: datetime = NOW) -> Imported:
    return import_complaints(complaints, source=source, now=now)
