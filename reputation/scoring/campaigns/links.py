"""Decides whether a campaign's words flag or block a number.

Voices link a number to a campaign: unwanted reports by reporters with a record, of which at least
one uses the campaign's words. Each voice must rest on an anchored account (scoring.trust.rests_on).

Anybody can copy a campaign's words and name an innocent number beside them. Therefore one voice
alone flags for a day only, which gives time for a second one. Several voices count as several only
if each comes from its own network and rests on its own account (anchors.carried). Words block only
in a campaign that a moderator confirmed, and with as many voices as any other block needs: more
than COLLUDERS.

Campaigns also display numbers that belong to innocent people. Therefore the calls of at least two
voices must have been attested, as the trust pass asks in a storm. Without attestation words only
flag, and a moderator decides about the number.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from reputation.scoring.anchors import COLLUDERS, carried
from reputation.scoring.promotion import ATTESTED_NETWORKS

# Levels of a link, as Standing.linked has them.
UNLINKED: Final = 0
FLAGS: Final = 1
BLOCKS: Final = 2

# For how many days one voice alone flags. Most second voices on a campaign's number come within a
# day, and a framed number is free after it.
ALONE_DAYS: Final = 1.0
# For how many days two voices flag, from the last one that used the words. A scam number lives six
# days in the median, few live longer than sixty, and the number's own evidence grows meanwhile.
TOGETHER_DAYS: Final = 30.0
# For how many days a block lasts after the last voice; then it becomes a flag. If the calls go on,
# people report again.
BLOCKING_DAYS: Final = 3.0
# How many networks, each with an account of its own, flag for TOGETHER_DAYS, and how many block in
# the words of a confirmed campaign.
FLAGGING: Final = 2
BLOCKING: Final = COLLUDERS + 1

# A campaign is known as abusive without a moderator if this many of its numbers are listed for
# other reasons, and if they are this share of its numbers about which anything was decided.
KNOWN_NUMBERS: Final = 2
KNOWN_SHARE: Final = 2 / 3
# For how many days a moderator's confirmation of a campaign holds.
CONFIRMED_DAYS: Final = 180.0
# A confirmed campaign only flags, until a moderator decides anew, if this many of its numbers, and
# this share of them, are disputed since it was confirmed.
DISPUTES: Final = 2
DISPUTED_SHARE: Final = 0.1


class Spoken(NamedTuple):
    """One voice against a number. `at`: days; `accounts`: the anchored accounts on which it rests;
    `attested`: whether a carrier vouched for the caller's number (trust.ATTESTED)."""

    at: float
    network: str
    accounts: tuple[int, ...]
    attested: bool = False


class Link(NamedTuple):
    """`level`: UNLINKED, FLAGS or BLOCKS. It holds until `until` (days)."""

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
    """The link of one number to one campaign at `now` (days).

    `voices`: reports in the campaign's words. `others`: other reports on the number; they count for
    a flag beside at least one of `voices`, and never for a block. `known`: the campaign is abusive
    by its other numbers. `confirmed`: from when until when (days) a moderator's confirmation lasts.
    `held`: disputes against the campaign are undecided.
    """
    spoken = [voice for voice in voices if voice.accounts]
    if not spoken or not (known or confirmed):
        return NO_LINK
    last = max(voice.at for voice in spoken)
    # Older reports may be about a former holder of the number.
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
    """Whether a campaign is abusive by its numbers. `listed`: numbers listed for other reasons;
    `decided`: these, and numbers that were cleared, are disputed or are official."""
    return listed >= KNOWN_NUMBERS and listed >= KNOWN_SHARE * decided


def is_held(*, disputed: int, numbers: int) -> bool:
    """Whether so many of a confirmed campaign's numbers are disputed that it only flags."""
    return disputed >= DISPUTES and disputed >= DISPUTED_SHARE * numbers


def _are(least: int, voices: Sequence[Spoken]) -> bool:
    """Whether these voices come from `least` networks that each rest on an account of their
    own."""
    resting: dict[str, set[int]] = {}
    for voice in voices:
        resting.setdefault(voice.network, set()).update(voice.accounts)
    return carried(resting, most=least) == least
