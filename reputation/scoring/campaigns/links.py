"""What a campaign's words on a number do: they flag it, and block it where a moderator confirmed.

A link rests on voices: unwanted reports of one campaign on one number, by reporters with a record
link, each resting on the anchored accounts of scoring.trust.rests_on. Words can be copied, and a
number is easily named beside them. So one voice alone flags for a day, which is time for a second
one; two voices are two only if they come from two networks and rest on two accounts.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

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
# Networks, and accounts on which voices rest, that make two voices.
VOICES: Final = 2

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
    last = max(voice.at for voice in heard)
    if _are_several(heard):
        until = last + TOGETHER_DAYS
        if confirmed and not held:
            return Link(BLOCKS, min(until, confirmed[1]))
        return Link(FLAGS, until)
    # The moderator saw the numbers that the campaign had.
    if confirmed and min(voice.at for voice in heard) < confirmed[0]:
        return Link(FLAGS, min(last + TOGETHER_DAYS, confirmed[1]))
    return Link(FLAGS, last + ALONE_DAYS)


def is_known(*, listed: int, decided: int) -> bool:
    """Whether a campaign is abusive by its numbers: `listed` for reasons of their own, `decided`:
    those and the ones that were cleared, disputed, or are official."""
    return listed >= KNOWN_NUMBERS and listed >= KNOWN_SHARE * decided


def is_held(*, disputed: int, numbers: int) -> bool:
    """Whether so many of a confirmed campaign's numbers are disputed that it only flags."""
    return disputed >= DISPUTES and disputed >= DISPUTED_SHARE * numbers


def _are_several(voices: Sequence[Spoken]) -> bool:
    """Whether two of them come from two networks and rest on accounts of their own."""
    networks = {voice.network for voice in voices}
    if len(networks) < VOICES:
        return False
    return any(
        one.network != other.network and len({*one.accounts, *other.accounts}) >= VOICES
        for place, one in enumerate(voices)
        for other in voices[:place]
    )
