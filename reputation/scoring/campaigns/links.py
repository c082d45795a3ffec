"""What a campaign's words on a number do: they flag it, and block it where a moderator confirmed.

A link rests on voices: unwanted reports on one number by reporters with a record link, each resting
on the anchored accounts of scoring.trust.rests_on, of which one at least uses the campaign's words.
Words can be copied, and a number is easily named beside them. So one voice alone flags for a day,
which is time for a second one, and voices are several only if they come from so many networks and
each rests on an account of its own (anchors.carried). To block, they must be as many as behind any
other block: more than COLLUDERS. A campaign also displays numbers that it does not have, and their
holders are innocent: so calls of two voices at least must have been attested, as the trust pass
asks of what may be a storm. Where nobody attests, words only flag, and a moderator decides on the
number.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from reputation.scoring.anchors import COLLUDERS, carried
from reputation.scoring.promotion import ATTESTED_NETWORKS

# Levels of a link, as Standing.linked has them.
UNLINKED: Final = 0
FLAGS: Final = 1
BLOCKS: Final = 2

# So long one voice alone flags, in days: most second voices on a number of a campaign come within
# a day, and a number that was framed is free after it.
ALONE_DAYS: Final = 1.0
# So long two voices do, from the last in the words: a scam number lives six days in the median, few
# longer than sixty, and the number's own evidence takes over meanwhile.
TOGETHER_DAYS: Final = 30.0
# So long a block lasts, from the last voice; then it is a flag. Who calls on is reported on.
BLOCKING_DAYS: Final = 3.0
# Networks whose voices rest on an account each, at which they flag for TOGETHER_DAYS, and at which
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
    """One voice against a number: when (days), from where, on whom it rests, and whether somebody
    vouched for the call's number (trust.ATTESTED)."""

    at: float
    network: str
    accounts: tuple[int, ...]
    attested: bool = False


class Link(NamedTuple):
    """`level`: UNLINKED, FLAGS or BLOCKS, in force until that moment (days)."""

    level: int
    until: float


NO_LINK: Final = Link(UNLINKED, 0.0)


def link(
    voices: Sequence[Spoken],
    *,
    others: Sequence[Spoken] = (),
    known: bool,
    confirmed: tuple[float, float] | None = None,
    held: bool = False,
    now: float,
) -> Link:
    """What the voices of one campaign on one number do at `now` (days).

    `others`: who else reported the number, in other words or none: they flag beside one in the
    words, and do not block. `known`: the campaign is abusive by its other numbers. `confirmed`:
    from when until when (days) a moderator's confirmation lasts. `held`: disputes against it are
    undecided.
    """
    spoken = [voice for voice in voices if voice.accounts]
    if not spoken or not (known or confirmed):
        return NO_LINK
    last = max(voice.at for voice in spoken)
    # What was said longer ago may be about who had the number then.
    heard, beside = (
        [voice for voice in some if voice.accounts and voice.at > last - TOGETHER_DAYS]
        for some in (spoken, others)
    )
    together = [*heard, *beside]
    found = [Link(FLAGS, last + ALONE_DAYS)]
    if _are(FLAGGING, together):
        found.append(Link(FLAGS, last + TOGETHER_DAYS))
    if confirmed:
        if any(voice.at < confirmed[0] for voice in heard):
            found.append(Link(FLAGS, min(last + TOGETHER_DAYS, confirmed[1])))
        vouched = [voice for voice in heard if voice.attested]
        if not held and _are(BLOCKING, heard) and _are(ATTESTED_NETWORKS, vouched):
            found.append(Link(BLOCKS, min(last + BLOCKING_DAYS, confirmed[1])))
    return max((each for each in found if each.until > now), default=NO_LINK)


def is_known(*, listed: int, decided: int) -> bool:
    """Whether a campaign is abusive by its numbers: `listed` for reasons of their own, `decided`:
    those and the ones that were cleared, disputed, or are official."""
    return listed >= KNOWN_NUMBERS and listed >= KNOWN_SHARE * decided


def is_held(*, disputed: int, numbers: int) -> bool:
    """Whether so many of a confirmed campaign's numbers are disputed that it only flags."""
    return disputed >= DISPUTES and disputed >= DISPUTED_SHARE * numbers


def _are(least: int, voices: Sequence[Spoken]) -> bool:
    """Whether these voices come from so many networks, each resting on an account of its own."""
    resting: dict[str, set[int]] = {}
    for voice in voices:
        resting.setdefault(voice.network, set()).update(voice.accounts)
    return carried(resting, most=least) == least
