"""Call logs as somebody in China or New York hands them in, on one day."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from reputation.reports.call_logs import CallLog, read_call_log

NOW = datetime(2026, 11, 28, 4, tzinfo=UTC)
CHINA, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
LI = "+8613812345678"
A, B = "11-27 20:15:00", "11-27 20:20:00"


def read(text: str, region: str = "CN", zone: ZoneInfo = CHINA) -> CallLog:
    return read_call_log(text, region=region, zone=zone, now=NOW)


def rows(
    text: str, region: str = "CN", zone: ZoneInfo = CHINA
) -> list[tuple[str, str, str, int | None]]:
    """Of each call: number, moment where the person lives, channel and seconds."""
    return [
        (
            call.identity.key,
            f"{call.at.astimezone(zone):%m-%d %H:%M:%S}",
            call.channel,
            call.seconds,
        )
        for call in read(text, region, zone).calls
    ]
