"""The calibration curves: moved by how established reporters agree, then fitted to random draws.

`refit` computes the curves from the agreement (counting.agreeing) and the decided draws
(counting.draws) and stores them. Each process then loads them, and all numbers become due to be
judged anew. The curves need no review: the points that safety requires stay low, no corner moves by
more than scoring.agreement.MOST and fitting.MOST_MOVED, and no block depends on the curves, since
log-odds of 2.05 are 95 % in each of them. Draws are not used while too few are decided, too many
are unanswered, or nearly all have the same answer. The shipped curves apply while reporters agree
about too few numbers.

A draw whose decision is taken back no longer counts: the next fit is made without it.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db import DatabaseError, close_old_connections, connection, transaction

from reputation.counting import agreeing, draws
from reputation.models import Calibration, take_turn
from reputation.scoring import CURVES, Curves, agreement, fitting, use_curves

logger = logging.getLogger(__name__)

# Curves that differ by less than this in every corner are not replaced.
MOVED: Final = 0.05
# Curves are fitted to draws at most once in this time, since new curves make all numbers due.
STAYS: Final = timedelta(days=1)
# How often a serving process looks for other curves, in seconds.
RELOAD_SECONDS: Final = 60.0
# After this time every process has loaded new curves.
LOADED: Final = timedelta(seconds=3 * RELOAD_SECONDS)
# Numbers made due at a time.
LOCKED: Final = 2_000

SPREAD = """
UPDATE reputation_number SET reassess_at = %s WHERE id IN (
    SELECT id FROM reputation_number WHERE key > %s ORDER BY key LIMIT %s FOR NO KEY UPDATE
) AND (gathered > 0 OR supporters > 0) AND (reassess_at IS NULL OR reassess_at > %s)
"""
LAST = """
SELECT max(key) FROM (
    SELECT key FROM reputation_number WHERE key > %s ORDER BY key LIMIT %s
) page
"""

_started = threading.Lock()


@dataclass(frozen=True, slots=True)
class State:
    """How reliable percentages are. `fitted_at`: since when the curves are fitted to draws; None
    while they are not. `agreed`: about how many numbers established reporters agreed, if that moves
    the curves in use, else 0.

    Counts of the draws of the last year: `answered`; `unwanted`, a part of them; and `missing`,
    which wait or were not decided in time. `shipped` and `used`: the share of the answered draws
    that the shipped curves and those in use expect to be unwanted, 0 to 1; None without any.
    """

    fitted_at: datetime | None
    agreed: int
    answered: int
    missing: int
    unwanted: int
    shipped: float | None
    used: float | None

    @property
    def shipped_percent(self) -> int | None:
        return None if self.shipped is None else round(100.0 * self.shipped)

    @property
    def used_percent(self) -> int | None:
        return None if self.used is None else round(100.0 * self.used)


@transaction.atomic
def refit(*, now: datetime) -> bool:
    """Fits the curves to the newest agreement and to the answered draws; returns whether the curves
    changed.

    Fits to draws at most once in STAYS. Where the draws no longer suffice, the fit to them ends at
    once.
    """
    take_turn("calibration")
    found, missing = draws.samples(now=now), draws.unanswered(now=now)
    unwanted = sum(each.unwanted for each in found)
    measured = agreeing.newest()
    curves = CURVES if measured is None else agreement.moved(CURVES, measured.found)
    enough = fitting.suffices(len(found), unwanted=unwanted, missing=missing)
    if enough:
        curves = fitting.refit(found, before=curves)
    last = _last()
    shipped = curves == CURVES
    held = CURVES if last is None or last.several is None else _curves(last)
    if curves == held or (_apart(curves, held) < MOVED and not shipped):
        return False
    if enough and last is not None and now < last.fitted_at + STAYS:
        return False
    Calibration.objects.create(
        fitted_at=now,
        agreement=measured,
        several=None if shipped else curves.several,
        alone=None if shipped else curves.alone,
        answered=len(found),
        missing=missing,
        unwanted=unwanted,
    )
    return True


def spread(*, now: datetime) -> int:
    """Makes all numbers due to be judged by curves that every process has loaded by now; returns
    how many. May be killed: the next run begins anew."""
    fresh = Calibration.objects.filter(spread_at=None, fitted_at__lte=now - LOADED)
    if not (chosen := list(fresh.values_list("pk", flat=True))):
        return 0
    due = 0
    after: str | None = ""
    while after is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SPREAD, [now, after, LOCKED, now])
            due += cursor.rowcount
            cursor.execute(LAST, [after, LOCKED])
            [after] = cursor.fetchone()
    Calibration.objects.filter(pk__in=chosen).update(spread_at=now)
    return due


def load() -> None:
    """Makes this process publish by the stored curves that came into use last."""
    last = _last()
    try:
        use_curves(CURVES if last is None or last.several is None else _curves(last))
    except ValueError:
        logger.exception("calibration %s cannot be read: that in use stays", last)


def start() -> None:
    """Loads the curves and starts a thread that calls `run`; only the first call in a process does
    so."""
    if _started.acquire(blocking=False):
        _try_to_load()
        threading.Thread(
            target=run, args=[threading.Event()], name="calibration", daemon=True
        ).start()


def run(stop: threading.Event) -> None:
    """Loads the curves every RELOAD_SECONDS until `stop` is set. While the database cannot be
    reached, the curves in use stay."""
    while not stop.wait(RELOAD_SECONDS):
        close_old_connections()
        _try_to_load()


def _try_to_load() -> None:
    try:
        load()
    except DatabaseError:
        logger.warning("the calibration was not loaded: that in use stays", exc_info=True)


def state(*, now: datetime) -> State:
    """How reliable percentages are at `now`."""
    found, missing = draws.samples(now=now), draws.unanswered(now=now)
    last = Calibration.objects.select_related("agreement").order_by("-pk").first()
    used, fitted_at, agreed = CURVES, None, 0
    if last is not None and last.several is not None:
        used = _curves(last)
        if fitting.suffices(last.answered, unwanted=last.unwanted, missing=last.missing):
            fitted_at = last.fitted_at
        if last.agreement is not None and last.agreement.found.numbers >= agreement.ENOUGH:
            agreed = last.agreement.found.numbers
    return State(
        fitted_at=fitted_at,
        agreed=agreed,
        answered=len(found),
        missing=missing,
        unwanted=sum(each.unwanted for each in found),
        shipped=fitting.expected_share(CURVES, found) if found else None,
        used=fitting.expected_share(used, found) if found else None,
    )


def _last() -> Calibration | None:
    return Calibration.objects.order_by("-pk").first()


def _curves(last: Any) -> Curves:
    return Curves(*(fitting.read_knots({"knots": each}) for each in (last.several, last.alone)))


def _apart(one: Curves, other: Curves) -> float:
    """The largest difference between the curves at one corner; infinite if their corners differ in
    place."""
    (x, y), (u, v) = (np.array([*each.several, *each.alone]).T for each in (one, other))
    return float(np.abs(y - v).max()) if np.array_equal(x, u) else float("inf")
