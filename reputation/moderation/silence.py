"""Numbers that never call anybody: a call that shows one is faked, whatever reports say.

Official numbers and never-call numbers take precedence over every link by words. `NeverCalling`
holds the days; `Number.never_calls` says whether one of them is today, and `refresh_silences`
updates it as days pass.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Unpack

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from reputation import counting
from reputation.identity import Identity
from reputation.models import NeverCalling, Number
from reputation.moderation.recording import (
    By,
    ParticularWrong,
    decide_standing,
    require_reason,
)


@dataclass(frozen=True, slots=True)
class Silence:
    """The time in which a number calls nobody: UTC days, both included; `until` None: for good.

    `source`: the list or page that says so.
    """

    since: date
    until: date | None
    source: str

    def require_sense(self) -> None:
        """Raises ParticularWrong."""
        if not self.source.strip():
            raise ParticularWrong("source", _("Name the list or page that says so."))
        if self.until is not None and self.until < self.since:
            raise ParticularWrong("until", _("The last day lies before the first."))

    def holds(self, now: datetime) -> bool:
        today = now.astimezone(UTC).date()
        return self.since <= today and (self.until is None or today <= self.until)


@transaction.atomic
def mark_never_calling(
    *, identity: Identity, name: str, silence: Silence, **by: Unpack[By]
) -> Number:
    """Enters the number in the verified directory as one that calls nobody.

    Raises ParticularWrong.
    """
    require_reason(by["reason"])
    silence.require_sense()
    number = counting.lock_number(identity, now=by["now"])
    standing = {
        "official": True,
        "name": name,
        "promoted": False,
        "never_calls": silence.holds(by["now"]),
    }
    number = decide_standing(number, standing, verb="mark_never_calling", **by)
    NeverCalling.objects.create(
        number=number, since=silence.since, until=silence.until, source=silence.source.strip()
    )
    return number


@transaction.atomic
def unmark_never_calling(*, identity: Identity, **by: Unpack[By]) -> Number:
    """Ends the silence: calls may come from the number again. It stays in the directory."""
    require_reason(by["reason"])
    number = counting.lock_number(identity, now=by["now"])
    return decide_standing(number, {"never_calls": False}, verb="unmark_never_calling", **by)


def refresh_silences(*, now: datetime) -> int:
    """Begins and ends silences whose day has come; returns how many numbers changed."""
    begin = Q(official=True, never_calls=False, silent=True)
    end = Q(never_calls=True) & (Q(silent=False) | Q(official=False))
    silent = Exists(_holding(now).filter(number=OuterRef("pk")))
    due = Number.objects.annotate(silent=silent).filter(begin | end)
    changed = 0
    for pk in due.values_list("pk", flat=True).iterator():
        with transaction.atomic():
            number = Number.objects.select_for_update(no_key=True).get(pk=pk)
            # As they are under the lock: a moderator may just have ended them.
            number.never_calls = is_silent(number, now=now)
            counting.publish(number, now=now)
            changed += 1
    return changed


def is_silent(number: Number, *, now: datetime) -> bool:
    """Whether a number of the directory calls nobody today."""
    return number.official and _holding(now).filter(number=number).exists()


def _holding(now: datetime) -> QuerySet[NeverCalling]:
    today = now.astimezone(UTC).date()
    return NeverCalling.objects.filter(Q(until=None) | Q(until__gte=today), since__lte=today)
