"""Patterns in the log of calls: calls at forbidden hours, and too many calls.

Only calls whose moment somebody stated count, each once. "25 calls" in a report says nothing of
when the other 24 came, and a letter must not claim more than its complainant can show.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from reputation.complaints.incidents import Incident
from reputation.models import ProvisionAct

_MINUTES = 60


def calls_of(act: ProvisionAct, incidents: Sequence[Incident], zone: ZoneInfo) -> list[Incident]:
    """The incidents that show the pattern of an act; none if it is about something else."""
    pattern = ProvisionAct.Pattern
    if act.conduct == pattern.ANY:
        return list(incidents)
    calls = [each for each in incidents if each.at is not None and each.kind == "call"]
    if act.conduct == pattern.HOURS:
        return [each for each in calls if _is_within(each, act, zone)]
    if act.conduct == pattern.FREQUENCY:
        return _most_in(calls, most=act.most_calls or 0, days=act.in_days or 0)
    return []


def _is_within(incident: Incident, act: ProvisionAct, zone: ZoneInfo) -> bool:
    """Whether a call came after the one hour and before the other, which may be of the next day."""
    assert incident.at is not None  # noqa: S101 -- the caller saw to it
    local = incident.at.astimezone(zone)
    minute = local.hour * _MINUTES + local.minute
    begin, end = (act.hours_from or 0) * _MINUTES, (act.hours_to or 0) * _MINUTES
    if begin > end:
        return minute > begin or minute < end
    return begin < minute < end


def _most_in(calls: Iterable[Incident], *, most: int, days: int) -> list[Incident]:
    """The calls of those consecutive days with the most calls, if these are more than `most`."""
    in_order = sorted(calls, key=lambda each: each.day)
    begin, best = 0, (0, 0)
    for end, last in enumerate(in_order, 1):
        while in_order[begin].day <= last.day - timedelta(days=days):
            begin += 1
        if end - begin > best[1] - best[0]:
            best = (begin, end)
    return in_order[best[0] : best[1]] if best[1] - best[0] > most else []
