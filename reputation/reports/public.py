"""What the public may see of a report. The API, the pages and the feeds show nothing else of it."""

from dataclasses import dataclass
from datetime import UTC, date

from reputation.models import Report
from reputation.privacy import mask


@dataclass(frozen=True, slots=True)
class PublicReport:
    """One standing report in public: personal data masked, nothing of who made it.

    comment, claimed_name: empty where a moderator hid the report's words.
    day: when the report was last counted, as a day in UTC whoever asks: finer times, or days of the
    reader's own zone, would tell the caller which of their victims reported.
    """

    category: str
    conduct: tuple[str, ...]
    comment: str
    claimed_name: str
    channel: str
    attestation: str
    day: date


def public_part(report: Report) -> PublicReport:
    """What the public may see of a standing report."""
    return PublicReport(
        category=report.category,
        conduct=tuple(report.conduct),
        comment="" if report.hidden else report.comment_public,
        claimed_name="" if report.hidden else mask(report.claimed_name),
        channel=report.channel,
        attestation=report.attestation,
        day=report.counted_at.astimezone(UTC).date(),
    )
