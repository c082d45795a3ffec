"""Decides about a call that is about to ring, always in time."""

from __future__ import annotations

import logging
import threading
import time as clocks
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from . import _attestation
from ._client import Client
from ._exceptions import InvalidNumber, MirrorEmpty, RingscoreError
from ._mirror import Mirror
from ._models import Action, _Word
from ._names import NamePattern, fold
from ._numbers import canonical, is_withheld
from ._rules import NOBODY, Contacts, Pattern, QuietHours, RepeatedCalls
from ._written import plain, several

logger = logging.getLogger("ringscore")

DEADLINE: Final = 1.0  # seconds
# The network's share of the time left: the rest is for the way back.
NETWORK_SHARE: Final = 0.9
MAX_STALE = timedelta(days=7)
REPEATED: Final = RepeatedCalls()
REMEMBERED: Final = 1000  # callers, for the repeated-call exception
# The last digits in which a spoofed neighbour differs from the callee.
NEIGHBOUR_DIGITS: Final = 4


class Mode(_Word):
    """Which callers may ring."""

    REPUTATION = "reputation"
    """Every caller without a bad reputation."""
    MIXED = "mixed"
    """The address book; other callers are flagged, and blocked when they are listed at all."""
    CONTACTS = "contacts"
    """The address book only: every other caller is blocked. No lookups."""


class OnFailure(_Word):
    """The action for a stranger's call when no source can be asked about it."""

    ALLOW = "allow"
    """Fail open: no call is lost, and none is screened while the server is away."""
    BLOCK = "block"
    """Fail closed: nothing unwanted rings, and a stranger's wanted call is lost."""


class Source(_Word):
    """The source of a decision."""

    ALLOW_LIST = "allow_list"
    BLOCK_LIST = "block_list"
    CONTACTS = "contacts"
    WITHHELD = "withheld"
    QUIET_HOURS = "quiet_hours"
    REPEATED_CALL = "repeated_call"
    MIRROR = "mirror"
    PRIVATE_LOOKUP = "private_lookup"
    LOOKUP = "lookup"
    FAILURE = "failure"


@dataclass(frozen=True)
class Decision:
    """What to do, with reasons and source. `stale`: from a mirror without a recent sync."""

    action: Action
    reasons: tuple[str, ...]
    source: Source
    stale: bool = False


class Screener:
    """Decides about calls. Safe to share between threads.

    Args:
        on_failure: the action for strangers while no source can be asked. There is no default:
            only you can say which mistake is worse.
        client: to ask the server; None to never ask.
        mirror: asked first; if it is fresh, the server is not asked.
        mode: which callers may ring.
        private: ask the server by a piece of a hash, so that it does not learn who calls you.
            False tells it the number, and gets category and reasons for that.
        deadline: seconds for a decision.
        allow, block: your own lists: numbers, or patterns with `*` for any digits and `?` for one.
            Of two matching patterns the one with more digits decides, and of equals `allow`.
        allow_names, block_names: the same for the names that callers show: `loans` is that name,
            `loans*` begins so, `*loans*` contains it, in capitals or not. A number decides before
            a name, a name before a pattern of numbers, and of names `allow`. A caller can show any
            name.
        withheld: for callers without a number. Contacts-only mode and quiet hours block them.
        quiet_hours: times when only contacts ring.
        repeated_calls: callers who get through even so; None for none.
        neighbours: flag callers who differ from the callee in the last digits only.
        max_stale: the greatest age at which a mirror may say that a number is *not* listed.
        region: ISO alpha-2, reads national formats; needs the extra `region`.
        now: the local time.
    """

    def __init__(
        self,
        *,
        on_failure: OnFailure,
        client: Client | None = None,
        mirror: Mirror | None = None,
        mode: Mode = Mode.REPUTATION,
        private: bool = True,
        deadline: float = DEADLINE,
        allow: Iterable[str] = (),
        block: Iterable[str] = (),
        allow_names: Iterable[str] = (),
        block_names: Iterable[str] = (),
        withheld: Action = Action.FLAG,
        quiet_hours: QuietHours | None = None,
        repeated_calls: RepeatedCalls | None = REPEATED,
        neighbours: bool = True,
        max_stale: timedelta = MAX_STALE,
        region: str = "",
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.on_failure, self.mode = OnFailure(on_failure), Mode(mode)
        self.client, self.mirror, self.private = client, mirror, private
        self.deadline, self.max_stale, self.region = deadline, max_stale, region
        self.withheld, self.neighbours = Action(withheld), neighbours
        self.quiet_hours, self.repeated_calls = quiet_hours, repeated_calls
        self._lists: list[tuple[Pattern, Source]] = [
            *((Pattern(written, region), Source.ALLOW_LIST) for written in several(allow)),
            *((Pattern(written, region), Source.BLOCK_LIST) for written in several(block)),
        ]
        self._lists.sort(key=lambda entry: -entry[0].digits)  # stable: of equals `allow` is first
        self._names = [
            *((NamePattern(written), Source.ALLOW_LIST) for written in several(allow_names)),
            *((NamePattern(written), Source.BLOCK_LIST) for written in several(block_names)),
        ]
        self._now = now
        self._calls: OrderedDict[str, list[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def screen(
        self,
        caller: str | None,
        *,
        contacts: Contacts | Iterable[str] = NOBODY,
        attestation: str = "",
        caller_name: str = "",
        callee: str | None = None,
        deadline: float | None = None,
    ) -> Decision:
        """The decision about a call from `caller`, within the deadline, whatever fails.

        `caller`: as the network shows it; None, empty or "anonymous" when it is withheld.
        `attestation`: A, B, C, failed, none, a SIP verstat value, or Asterisk's verify_result.
        `caller_name`: the name that the caller shows, for your lists of names.
        `callee`: the called number. It is compared here and sent nowhere.
        """
        end = clocks.monotonic() + (self.deadline if deadline is None else deadline)
        now, attestation = self._now(), _attestation.read(attestation)
        if not isinstance(contacts, Contacts):
            contacts = Contacts(contacts, region=self.region)
        if caller is None or is_withheld(caller):
            return self._screen_withheld(now)
        key, unread = _read(caller, self.region)
        repeated = self._note(key or caller, now)
        decision = (
            self._by_list(key or plain(caller), caller_name, known=(key or caller) in contacts)
            or self._by_contacts(key or caller, contacts)
            or self._by_hours(key, now, repeated)
        )
        if decision is None:
            decision = self._by_reputation(caller, key, unread, attestation, caller_name, end)
            decision = self._by_neighbourhood(decision, key, callee, attestation)
        return _by_attestation(decision, attestation)

    def _screen_withheld(self, now: datetime) -> Decision:
        if self.mode is Mode.CONTACTS:
            return Decision(
                Action.BLOCK, ("The number is withheld, and only contacts ring.",), Source.WITHHELD
            )
        if self.quiet_hours is not None and now in self.quiet_hours:
            return Decision(
                Action.BLOCK, ("The number is withheld, in quiet hours.",), Source.WITHHELD
            )
        return Decision(self.withheld, ("The number is withheld.",), Source.WITHHELD)

    def _by_list(self, caller: str, caller_name: str, *, known: bool) -> Decision | None:
        """`known`: a contact, whose number says more than a name."""
        found = next((entry for entry in self._lists if entry[0].fits(caller)), None)
        if (found is None or found[0].is_open) and (name := fold(caller_name)):
            for named, source in self._names:
                if named.fits(name) and not (known and source is Source.BLOCK_LIST):
                    return _listed(f"the name {named.written}", source)
        if found is None:
            return None
        pattern, source = found
        return _listed(pattern.written, source)

    def _by_contacts(self, caller: str, contacts: Contacts) -> Decision | None:
        if caller not in contacts:
            return None
        return Decision(Action.ALLOW, ("The caller is in the address book.",), Source.CONTACTS)

    def _by_hours(self, key: str, now: datetime, repeated: bool) -> Decision | None:
        """The decision while only contacts ring, by time or mode. Asks only the mirror."""
        quiet = self.quiet_hours is not None and now in self.quiet_hours
        if not quiet and self.mode is not Mode.CONTACTS:
            return None
        source = Source.QUIET_HOURS if quiet else Source.CONTACTS
        why = "in quiet hours" if quiet else "and only contacts ring"
        if not repeated or self.repeated_calls is None:
            return Decision(
                Action.BLOCK, (f"The caller is not in the address book, {why}.",), source
            )
        listed = self._mirrored(key)
        if listed is Action.BLOCK:
            return Decision(
                Action.BLOCK,
                (f"The caller is not in the address book, {why}.", "The number is listed."),
                Source.MIRROR,
            )
        minutes = self.repeated_calls.within / timedelta(minutes=1)
        reason = f"Call number {self.repeated_calls.calls} or later in {minutes:g} minutes."
        return Decision(listed or Action.ALLOW, (reason,), Source.REPEATED_CALL)

    def _mirrored(self, key: str) -> Action | None:
        try:
            return self.mirror.action(key) if self.mirror is not None and key else None
        except MirrorEmpty:
            return None

    def _by_reputation(
        self,
        caller: str,
        key: str,
        unread: str,
        attestation: str,
        caller_name: str,
        end: float,
    ) -> Decision:
        failures = [unread] if unread else []
        held: Action | None = None
        old: timedelta | None = None
        if self.mirror is not None and key:
            self.mirror.refresh()
            try:
                held, status = self.mirror.action(key), self.mirror.status()
            except MirrorEmpty as error:
                failures.append(str(error))
            else:
                if not status.stale:
                    return self._strangers(held or Action.ALLOW, _listing(held), Source.MIRROR)
                old = status.age
        try:
            if (asked := self._ask(caller, key, attestation, caller_name, end)) is not None:
                return asked
        except RingscoreError as error:
            failures.append(str(error))
        except Exception as error:  # a bug must not leave the phone without a decision
            logger.exception("the lookup broke")
            failures.append(f"The lookup broke: {type(error).__name__} {error}")
        if old is not None and (held is not None or old <= self.max_stale):
            hours = old / timedelta(hours=1)
            failures.append(f"The mirror was last synced {hours:.0f} hours ago.")
            reasons = (*_listing(held), *failures)
            decision = self._strangers(held or Action.ALLOW, reasons, Source.MIRROR)
            return replace(decision, stale=True)
        return self._unanswered(failures, unread, stale=old is not None)

    def _unanswered(self, failures: list[str], unread: str, *, stale: bool) -> Decision:
        """The decision by `on_failure`: no source has an answer, for these reasons."""
        if not failures:
            failures.append("There is neither a server nor a mirror to ask.")
        # Without the reasons, which may hold the caller's number.
        cause = "the number cannot be read" if unread else "no source has an answer"
        logger.warning("%s: a call was decided by on_failure (%s)", cause, self.on_failure)
        failures.append(f"You chose to {self.on_failure} strangers then.")
        action = Action.ALLOW if self.on_failure is OnFailure.ALLOW else Action.BLOCK
        return Decision(action, tuple(failures), Source.FAILURE, stale=stale)

    def _ask(
        self, caller: str, key: str, attestation: str, caller_name: str, end: float
    ) -> Decision | None:
        if self.client is None:
            return None
        left = max(end - clocks.monotonic(), 0.0) * NETWORK_SHARE
        if self.private:
            if not key:
                return None  # an unreadable number must not be sent to the server either
            bucket = self.client.lookup_private(key, deadline=left)
            if bucket.range:
                reasons: tuple[str, ...] = (f"Numbers that begin with {bucket.range} are listed.",)
            else:
                reasons = _listing(bucket.action if bucket.action is not Action.ALLOW else None)
            return self._strangers(bucket.action, reasons, Source.PRIVATE_LOOKUP)
        answer = self.client.lookup(
            caller,
            region=self.region,
            attestation=attestation,
            caller_name=caller_name,
            deadline=left,
        )
        return self._strangers(answer.action, answer.reasons, Source.LOOKUP)

    def _strangers(self, action: Action, reasons: tuple[str, ...], source: Source) -> Decision:
        """The action for a reputation in this mode, for a caller outside the address book."""
        if self.mode is Mode.MIXED:
            reasons = (*reasons, "The caller is not in the address book.")
            action = Action.FLAG if action is Action.ALLOW else Action.BLOCK
        return Decision(action, reasons, source)

    def _by_neighbourhood(
        self, decision: Decision, key: str, callee: str | None, attestation: str
    ) -> Decision:
        if not (self.neighbours and key and callee) or decision.action is not Action.ALLOW:
            return decision
        if attestation == "A":
            return decision  # the network vouches for it: a real neighbour
        own = _read(callee, self.region)[0]
        alike = len(own) == len(key) and own[:-NEIGHBOUR_DIGITS] == key[:-NEIGHBOUR_DIGITS]
        if not own or not alike:
            return decision
        reason = (
            "The call shows your own number."
            if own == key
            else "The number is made to look like yours, or is a neighbour's: the network does "
            "not vouch for it."
        )
        return replace(decision, action=Action.FLAG, reasons=(*decision.reasons, reason))

    def _note(self, caller: str, now: datetime) -> bool:
        """Records the call; returns whether it is one of several in a short time."""
        rule = self.repeated_calls
        if rule is None:
            return False
        with self._lock:
            recent = [each for each in self._calls.pop(caller, []) if now - each <= rule.within]
            recent = [*recent[-(rule.calls - 1) :], now] if rule.calls > 1 else [now]
            self._calls[caller] = recent
            while len(self._calls) > REMEMBERED:
                self._calls.popitem(last=False)
        return len(recent) >= rule.calls


def _listed(written: str, source: Source) -> Decision:
    allowed = source is Source.ALLOW_LIST
    reason = f"Your {'allow' if allowed else 'block'} list has {written}."
    return Decision(Action.ALLOW if allowed else Action.BLOCK, (reason,), source)


def _read(caller: str, region: str) -> tuple[str, str]:
    """The canonical key, or the reason why there is none."""
    try:
        return canonical(caller, region=region), ""
    except InvalidNumber as error:
        return "", str(error)


def _listing(action: Action | None) -> tuple[str, ...]:
    if action is None:
        return ("The number is not listed.",)
    return (f"The number is listed, to be {'blocked' if action is Action.BLOCK else 'flagged'}.",)


def _by_attestation(decision: Decision, attestation: str) -> Decision:
    """A false caller ID does not inherit a good reputation, not even a contact's."""
    if attestation != "failed" or decision.action is not Action.ALLOW:
        return decision
    reason = "The network says that this caller ID is false."
    return replace(decision, action=Action.FLAG, reasons=(*decision.reasons, reason))
