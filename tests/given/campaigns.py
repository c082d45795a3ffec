"""People who tell of one campaign, in words of their own."""

from reputation.identity import identify
from reputation.models import Reporter
from tests.given.reporters import DAY, NOW, say

TOLD = (
    "Said my parcel is held at customs and I must pay a release fee by gift card",
    "A recorded voice: your parcel is held at customs, pay the release fee with a gift card",
    "They claim that a parcel is held at customs until I pay a release fee in gift cards",
    "Parcel held at customs again, wanted the release fee paid by gift card today",
)
NUMBERS = [identify(f"+1202555{place:04}", allow_fictional=True) for place in range(130, 145)]


def linked(handle):
    """Somebody who was first on a number that a moderator confirmed, and whose word alone does not
    flag a number."""
    return Reporter.objects.create(
        kind="person", handle=handle, created_at=NOW - 40 * DAY, firsts=3.0
    )


def tell(place, number, *, at=NOW, who=linked, **said):
    """One more person reports `number`, in words of the campaign unless others are given."""
    said = {"comment": TOLD[place % len(TOLD)]} | said
    reporter = who(f"{who.__name__} {place} {number.key}")
    return say(reporter, "phishing", number, at=at, **said).report
