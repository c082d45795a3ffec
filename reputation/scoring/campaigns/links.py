"""What a campaign's words on a number do: they flag it, and block it where a moderator confirmed.

A link rests on voices: unwanted reports of one campaign on one number, by reporters with a record
link, each resting on the anchored accounts of scoring.trust.rests_on. Words can be copied, and a
number is easily named beside them. So one voice alone flags for a day, which is time for a second
one, and voices are several only if they come from so many networks and rest on so many accounts.
To block, they must be as many as behind any other block: more than COLLUDERS. A moderator who
confirms the campaign has seen the numbers that it had, and stands in for the last of them there.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from reputation.scoring.anchors import COLLUDERS

# Levels of a link, as Standing.linked has them.
UNLINKED: Final = 0
FLAGS: Final = 1
BLOCKS: Final = 2

# So long one voice alone flags, in days: most second voices on a number of a campaign come within
# a day, and a number that was framed is free after it.
ALONE_DAYS: Final = 1.0
# So long two voices do, from the last of them: a scam number lives six days in the median, few
# longer than sixty, and the number's own evidence takes over meanwhile.
TOGETHER_DAYS: Final = 30.0
# Networks, and accounts on which voices rest, at which voices flag for TOGETHER_DAYS, and at which
# they block in the words of a confirmed campaign.
FLAGGING: Final = 2
BLOCKING: Final = COLLUDERS + 1

# A campaign is known as abusive without a moderator once so many of its numbers are listed for
# reasons of their own, and these are most of those about which anything was decided.
KNOWN_NUMBERS: Final = 2
KNOWN_SHARE: Final = 2 / 3
# A confirmed campaign lasts so many days unless it is confirmed anew.
CONFIRMED_DAYS: Final = 180.0
# Disputes on numbers of a confirmed campaign, since it was confirmed, at which it only flags until
# a moderator decides anew; and at least this share of its numbers.
DISPUTES: Final = 2
DISPUTED_SHARE: Final = 0.1


class Spoken(NamedTuple):
    """One voice of a campaign on a number: when (days), from where, and on whom it rests."""

    at: float
    network: str
    accounts: tuple[int, ...]


class Link(NamedTuple):
    """`level`: UNLINKED, FLAGS or BLOCKS, in force until that moment (days)."""

    level: int
    until: float


NO_LINK: Final = Link(UNLINKED, 0.0)


def link(
    voices: Sequence[Spoken],
    *,
    known: bool,
    confirmed: tuple[float, float] | None = None,
    held: bool = False,
) -> Link:
    """What the voices of one campaign on one number do.

    `known`: the campaign is abusive by its other numbers. `confirmed`: from when until when (days)
    a moderator's confirmation lasts. `held`: disputes against it are undecided.
    """
    heard = [voice for voice in voices if voice.accounts]
    if not heard or not (known or confirmed):
        return NO_LINK
    until = max(voice.at for voice in heard) + TOGETHER_DAYS
    seen = [voice for voice in heard if confirmed and voice.at < confirmed[0]]
    if confirmed and not held and (_are(BLOCKING, heard) or _are(BLOCKING - 1, seen)):
        return Link(BLOCKS, min(until, confirmed[1]))
    if _are(FLAGGING, heard):
        return Link(FLAGS, until)
    if confirmed and seen:
        return Link(FLAGS, min(until, confirmed[1]))
    return Link(FLAGS, until - TOGETHER_DAYS + ALONE_DAYS)


def is_known(*, listed: int, decided: int) -> bool:
    """Whether a campaign is abusive by its numbers: `listed` for reasons of their own, `decided`:
    those and the ones that were cleared, disputed, or are official."""
    return listed >= KNOWN_NUMBERS and listed >= KNOWN_SHARE * decided


def is_held(*, disputed: int, numbers: int) -> bool:
    """Whether so many of a confirmed campaign's numbers are disputed that it only flags."""
    return disputed >= DISPUTES and disputed >= DISPUTED_SHARE * numbers


def _are(least: int, voices: Sequence[Spoken]) -> bool:
    """Whether these voices come from so many networks and rest on so many accounts."""
    networks = {voice.network for voice in voices}
    accounts = {account for voice in voices for account in voice.accounts}
    return len(networks) >= least and len(accounts) >= least
