"""The public part of reports. The API, the pages and the feeds show nothing else.

The caller reads this too, and may have called one person from a number of its own to learn whether,
when and in which words that person reports. So days are told and no times (privacy.moments), and
words when they could be anybody's: once several networks reported the number as unwanted, or
days later.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from reputation.models import Report
from reputation.privacy import cursor, day_shown, mask, pseudonym, read_cursor, without_controls

# Networks that report a number, from which on its reports' words are shown at once.
SPEAKERS = 3
# How long words on a number with fewer reporters are held back: DELAY, and up to JITTER more, which
# nobody can compute without the key. The delay alone would tell the time of the report in the end.
DELAY = timedelta(hours=72)
JITTER = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class PublicReport:
    """One standing report in public: personal data masked, nothing of who made it.

    conduct, comment, claimed_name, transcript: empty while they wait, see DELAY.
    comment, claimed_name, transcript: empty where a moderator hid the report's words.
    day: when the report was last counted, in UTC for every reader; see privacy.moments.
    """

    category: str
    conduct: tuple[str, ...]
    comment: str
    claimed_name: str
    channel: str
    attestation: str
    day: date
    transcript: str


@dataclass(frozen=True, slots=True)
class PublicPage:
    """Some of a number's reports.

    total: how many count.
    more: the cursor to go on from; "" at the end.
    several: whether SPEAKERS networks report the number, so that no report is laid at one door.
    """

    reports: list[PublicReport]
    more: str
    total: int
    several: bool


def public_reports(key: str, *, after: str = "", count: int, now: datetime) -> PublicPage:
    """`count` standing reports of a number, newest first, from the cursor `after` on.

    Raises privacy.SealBroken when `after` is no cursor of ours.
    """
    since = read_cursor(after) if after else None
    found = Report.objects.public_of(key, after=since).select_related("number")
    page = list(found[: count + 1])
    # Networks with a report as unwanted: the number has counted those already.
    several = bool(page) and page[0].number.networks >= SPEAKERS
    last = page[count - 1] if len(page) > count else None
    return PublicPage(
        reports=[_public_part(report, several=several, now=now) for report in page[:count]],
        more="" if last is None else cursor(last.counted_at, last.pk),
        total=page[0].number.reports if page else 0,
        several=several,
    )


def _public_part(report: Report, *, several: bool, now: datetime) -> PublicReport:
    waits = not several and now < _words_from(report)
    quiet = waits or report.hidden
    return PublicReport(
        category=report.category,
        conduct=() if waits else tuple(report.conduct),
        comment="" if quiet else without_controls(report.comment_public),
        claimed_name="" if quiet else mask(report.claimed_name),
        channel=report.channel,
        attestation=report.attestation,
        day=day_shown(report.counted_at, reporters=report.number.reports),
        transcript="" if quiet else without_controls(report.transcript_public),
    )


def _words_from(report: Report) -> datetime:
    """When the words of a lone report are shown: the same moment for all readers."""
    drawn = int(pseudonym("words shown", f"{report.public_id}"), 16) / 16**32
    return report.counted_at + DELAY + drawn * JITTER
