"""Whether and when a number can be disputed, and whether a code may go to it first.

A number can be disputed while something is held against it, one dispute at a time. After a lost one
its holder waits; a code goes only to numbers that a stranger could not list alone.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max
from django.utils.translation import gettext as _

from reputation.disputes.codes import BY_VOICE, DisputeError
from reputation.disputes.costs import may_send_to
from reputation.identity import Identity
from reputation.models import Dispute, Number
from reputation.scoring import Action

# After a lost dispute the number waits so long before the next: longer each time, but for those who
# say that they have only now got the number.
COOL_DOWN: Final = timedelta(days=30)
LONGEST_COOL_DOWN: Final = timedelta(days=240)
# Networks that must have reported a number that is not listed before a code goes there.
NETWORKS_FOR_CODE: Final = 2


class NothingToDispute(DisputeError):
    """Nothing is held against the number."""

    field = "number"


class CannotReceiveCodes(DisputeError):
    """No code can be sent to this kind of number."""

    field = "number"


class AlreadyDisputed(DisputeError):
    """A verified dispute of the number waits for its decision."""

    field = "number"


class TooSoon(DisputeError):
    """The number lost a dispute lately. `retry_at`: when the next may be opened."""

    field = "number"

    def __init__(self, retry_at: datetime) -> None:
        text = _("The last dispute of this number was rejected. The next may be opened on {day}.")
        super().__init__(text.format(day=(retry_at + timedelta(days=1)).date().isoformat()))
        self.retry_at = retry_at


def refusal(*, identity: Identity, by_text: bool, now: datetime) -> DisputeError | None:
    """The error with which `open_dispute` would refuse any dispute of this number; None if none."""
    try:
        number = _require_disputable(Number.objects.filter(key=identity.key).first(), now)
        is_code_sent(number, by_text, now)
    except DisputeError as error:
        return error
    return None


def lock_disputable(identity: Identity, now: datetime) -> Number:
    """The number, locked. Raises NothingToDispute."""
    return _require_disputable(
        Number.objects.select_for_update(no_key=True).filter(key=identity.key).first(), now
    )


def is_code_sent(number: Number, by_text: bool, now: datetime) -> bool:
    """Whether we send a code to a number that can be disputed; if not, the holder texts for one.

    Raises CannotReceiveCodes, NothingToDispute, AlreadyDisputed.
    """
    if not may_send_to(number.key, line_type=number.line_type, now=now):
        raise CannotReceiveCodes(
            _("No code can be sent to this kind of number. Write to the moderators instead.")
        )
    is_worth = is_worth_a_code(number)
    if not is_worth and not (by_text and number.line_type not in BY_VOICE):
        raise NothingToDispute(
            _(
                "Reports from one place alone list nothing. The number can be disputed once "
                "somebody else reports it, too."
            )
        )
    require_none_open(number)
    return is_worth


def _require_disputable(number: Number | None, now: datetime) -> Number:
    if number is None or not _is_disputable(number, now):
        raise NothingToDispute(
            _("Nothing is held against this number: there is nothing to settle.")
        )
    return number


def _is_disputable(number: Number, now: datetime) -> bool:
    if number.immune_until is not None and number.immune_until > now and number.moderated <= 0:
        return False
    voices = number.established + number.newcomers + number.imported  # what says unwanted
    return voices > 0 or number.moderated > 0 or number.action != Action.ALLOW


def is_worth_a_code(number: Number) -> bool:
    """Whether others than one network speak against it: a stranger could report it only to make us
    send a code there."""
    return (
        number.networks >= NETWORKS_FOR_CODE
        or number.imported > 0
        or number.moderated > 0
        or number.action != Action.ALLOW
    )


def require_none_open(number: Number) -> None:
    """Raises AlreadyDisputed. The open dispute of a former holder does not count (`former`)."""
    if Dispute.objects.open().of_present_holder().filter(number=number).exists():
        raise AlreadyDisputed(
            _("This number is disputed already, and a moderator is going to decide.")
        )


def require_patience(number: Number, grounds: str, now: datetime) -> None:
    """Raises TooSoon."""
    start = disputable_from(number, grounds)
    if start is not None and now < start:
        raise TooSoon(start)


def disputable_from(number: Number, grounds: str) -> datetime | None:
    """From when a number that lost disputes can be disputed again; None if it lost none."""
    of_holder = Dispute.objects.filter(number=number)
    if number.epoch_at is not None:
        of_holder = of_holder.filter(opened_at__gte=number.epoch_at)
    losses = of_holder.lost().count()
    rejected = of_holder.filter(status=Dispute.Status.REJECTED)
    last: datetime | None = rejected.aggregate(last=Max("decided_at"))["last"]
    if not losses or last is None:
        return None
    wait = COOL_DOWN
    if grounds != Dispute.Grounds.NEW_HOLDER:
        wait = min(COOL_DOWN * 2 ** min(losses - 1, 10), LONGEST_COOL_DOWN)
    return last + wait
