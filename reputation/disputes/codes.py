"""The codes of disputes: made, counted, sent to the number itself, recognised when they come back.

Functions here run on locked rows inside their caller's transaction, but for `send_code`, which must
run outside of any: nothing is locked while a gateway is asked.
"""

import hmac
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Min, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from reputation import languages
from reputation.disputes import costs
from reputation.disputes.senders import Message, NotSent, Unanswered
from reputation.models import MAX_ATTEMPTS, Dispute, DisputeQuerySet, Number, PaidMessage, take_turn
from reputation.privacy import pseudonym

# Eight digits, read out or typed in two groups. Five attempts at one in 10^8: an attacker who uses
# up each number's codes every day gets hold of one number in four million days.
CODE_DIGITS: Final = 8
HOLDERS_DIGITS: Final = 10
CODE_LIFETIME: Final = timedelta(minutes=30)
# Asked for again within this time, the code under way is meant, and nothing is sent.
CODE_PAUSE: Final = timedelta(minutes=1)

# Codes cost money, and ring a telephone whose owner may know nothing of it. The number's own limit
# bounds what strangers can do to them; a network's, how many telephones one can ring. Two of the
# number's are kept for networks that asked for none today: a stranger who uses up the others from
# one network does not shut out a holder who asks from another.
CODES_PER_NUMBER: Final = 5
RESERVED_CODES: Final = 2
CODES_PER_NETWORK: Final = 10
LIMITED_FOR: Final = timedelta(days=1)

# Lines that take no text message get a call. Those that surely take texts never do: calls are the
# dearer ones, and strangers would choose them. Of others, as in North America, nobody can tell.
BY_VOICE: Final = frozenset({"fixed_line", "toll_free", "voip", "uan", "personal"})
BY_TEXT: Final = frozenset({"mobile", "pager"})


class DisputeError(Exception):
    """A request about a dispute is refused. `field` names the part at fault, or is empty."""

    field = ""


class TooManyCodes(DisputeError):
    """Too many codes went to this number, or were asked for from this network.

    `wait`: seconds after which the first of them counts no more. `dispute`, where it was opened, is
    kept, and a code that its holder gets by a text message of their own verifies it.
    """

    def __init__(self, wait: int, dispute: Dispute | None = None) -> None:
        super().__init__(_("Too many codes were asked for. Try again tomorrow."))
        self.wait = wait
        self.dispute = dispute


class CodeNotSent(DisputeError):
    """The code is not on its way. `dispute` is kept: ask again, and nothing need be typed anew."""

    def __init__(self, dispute: Dispute) -> None:
        super().__init__(
            _("No code can be sent at the moment. What you wrote is kept: try again later.")
        )
        self.dispute = dispute


class WrongCode(DisputeError):
    field = "code"


class NoMoreAttempts(DisputeError):
    """Too many wrong codes: open the dispute anew."""

    field = "code"

    def __init__(self) -> None:
        super().__init__(_("Too many wrong codes. Open the dispute again to get another."))


class CodeExpired(DisputeError):
    """The code came too late: open the dispute anew."""

    field = "code"

    def __init__(self) -> None:
        super().__init__(_("This code is no longer valid. Open the dispute again to get another."))


def suits(number: Number, wished: str = "") -> tuple[str, str]:
    """The channel and the language for a code to this number. `wished`: sms, voice or "". A line
    that takes texts gets a text; for other lines the holder's wish decides.
    """
    by_voice = wished == Dispute.Via.VOICE if wished else number.line_type in BY_VOICE
    by_voice = by_voice and number.line_type not in BY_TEXT
    via = Dispute.Via.VOICE if by_voice else Dispute.Via.SMS
    return via.value, languages.of_country(number.country)


def new_code(dispute: Dispute, now: datetime) -> str:
    """Gives the dispute a new code and counts it; empty while the last is on its way."""
    sent_at = dispute.code_expires_at and dispute.code_expires_at - CODE_LIFETIME
    if dispute.codes_sent and sent_at is not None and now < sent_at + CODE_PAUSE:
        return ""
    if now >= dispute.opened_at + LIMITED_FOR:
        raise CodeExpired
    # Two numbers' holders in one network count one after the other.
    take_turn(f"dispute codes {dispute.network}")
    lately = Dispute.objects.filter(opened_at__gt=now - LIMITED_FOR)
    of_number = lately.filter(number=dispute.number)
    asked_before = of_number.filter(network=dispute.network, codes_sent__gt=0).exists()
    reserved = RESERVED_CODES if asked_before else 0
    _require_room(of_number, CODES_PER_NUMBER - reserved, now)
    _require_room(lately.filter(network=dispute.network), CODES_PER_NETWORK, now)
    dispute.code_expires_at = now + CODE_LIFETIME
    dispute.codes_sent += 1
    code = code_of(dispute)
    dispute.code_digest = digest_of(dispute, code)
    return code


def code_of(dispute: Dispute) -> str:
    """The dispute's code of this place in their order.

    A code whose sending failed is made again, so that the next attempt is a repetition: a gateway
    that took the first and was too slow to say so drops it, and the code that arrived is good.
    """
    drawn = pseudonym("code of a dispute", f"{dispute.public_id}\0{dispute.codes_sent}")
    return f"{int(drawn, 16) % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def _require_room(disputes: DisputeQuerySet, limit: int, now: datetime) -> None:
    sent = disputes.filter(codes_sent__gt=0).aggregate(
        codes=Sum("codes_sent", default=0), first=Min("opened_at")
    )
    if sent["codes"] >= limit:
        wait = sent["first"] + LIMITED_FOR - now
        raise TooManyCodes(max(1, int(wait.total_seconds())))


def send_code(
    dispute: Dispute, code: str, now: datetime, send: Callable[[Message], None]
) -> Dispute:
    """Sends the code that `new_code` made, if it made one. Raises CodeNotSent."""
    if not code:
        return dispute
    message = Message(
        to=dispute.number.key,
        via=dispute.via,
        language=dispute.language,
        text=_text(dispute, code),
        reference=f"{dispute.public_id.hex}-{dispute.codes_sent}-{dispute.via}",
    )
    try:
        paid = costs.spend(message.to, PaidMessage.Purpose.CODE, now=now)
        try:
            send(message)
        except Unanswered:  # each attempt may be paid for: it counts, or late ones have no bound
            raise
        except NotSent:
            costs.refund(paid)
            raise
    except NotSent:
        # The attempt does not count, and the next request need not wait a minute. The code stays
        # valid, since it may still arrive, and the next request sends it again.
        Dispute.objects.filter(pk=dispute.pk, codes_sent=dispute.codes_sent).update(
            codes_sent=dispute.codes_sent - 1, code_expires_at=now + CODE_LIFETIME - CODE_PAUSE
        )
        dispute.refresh_from_db(fields=["codes_sent", "code_expires_at"])
        raise CodeNotSent(dispute) from None
    return dispute


def _text(dispute: Dispute, code: str) -> str:
    minutes = int(CODE_LIFETIME.total_seconds()) // 60
    with translation.override(dispute.language):
        if dispute.via == Dispute.Via.VOICE:
            return _(
                "This is Ringscore. Your code to dispute the listing of this number is: {code}. "
                "Again: {code}. Give it to nobody. If you did not ask for it, just hang up."
            ).format(code=", ".join(code))
        return _(
            "Ringscore: {code} is your code to dispute the listing of this number, valid for "
            "{minutes} minutes. Give it to nobody. Not you? Ignore this."
        ).format(code=f"{code[:4]} {code[4:]}", minutes=minutes)


def require_awaiting(dispute: Dispute, now: datetime) -> None:
    """Raises CodeExpired, NoMoreAttempts."""
    if dispute.status_at(now) != Dispute.Status.AWAITING_CODE:
        raise CodeExpired
    if dispute.attempts >= MAX_ATTEMPTS:
        raise NoMoreAttempts


def is_right(dispute: Dispute, code: str) -> bool:
    """Whether this is the dispute's last code, however it is written."""
    return bool(dispute.code_digest) and hmac.compare_digest(
        dispute.code_digest, digest_of(dispute, _digits(code))
    )


def _digits(code: str) -> str:
    return "".join(
        str(unicodedata.decimal(char))
        for char in code
        if char.isdecimal()  # full-width ones too; spaces and dashes are how people write it
    )


def holders_code(key: str, now: datetime) -> str:
    """The code that answers a text message from the number itself, good for half an hour at least.

    Strangers cannot use it up: whoever writes in the number's name does not get the answer. It is
    longer than others, since it is good for every dispute of the number.
    """
    window = int(now.timestamp() // CODE_LIFETIME.total_seconds())
    return f"{int(pseudonym('holder code', f'{key}\0{window}'), 16) % 10**HOLDERS_DIGITS:010}"


def is_holders(key: str, code: str, now: datetime) -> bool:
    """Whether this is the number's own code of the present half hour or the one before."""
    return any(
        hmac.compare_digest(holders_code(key, at), _digits(code))
        for at in (now, now - CODE_LIFETIME)
    )


def digest_of(dispute: Dispute, code: str) -> str:
    return pseudonym("dispute code", f"{dispute.public_id}:{code}")
