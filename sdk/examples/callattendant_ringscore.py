"""callattendant, a call blocker for modems on analogue lines, with Ringscore behind it.

    pip install callattendant './sdk[region]'
    RINGSCORE_URL=https://… RINGSCORE_REGION=US python callattendant_ringscore.py --config app.cfg

Its own lists come first, as ever. Callers that are on none of them go to a Screener: blocked means
blocked, and nothing is written into callattendant's blacklist, so that a number is free again when
Ringscore takes it off. What cannot be found out rings (fail open).

callattendant shows ten digits without a country, so the region must be said.
"""

import os
import sys
from pathlib import Path

import callattendant

from ringscore import Action, Client, OnFailure, Screener

# As its own `__main__` does: its modules import each other by their bare names.
sys.path.insert(0, str(Path(callattendant.__file__).parent))

import app
from screening.callscreener import CallScreener

SCREENER = Screener(
    client=Client(os.environ["RINGSCORE_URL"]),
    on_failure=OnFailure.ALLOW,
    region=os.environ.get("RINGSCORE_REGION", "US"),
)


class RingscoreScreener(CallScreener):
    """callattendant's own screening, then Ringscore's."""

    def is_blacklisted(self, callerid: dict[str, str]) -> tuple[bool, tuple[str, str | None]]:
        """Whether to block the call, and why."""
        blocked, result = super().is_blacklisted(callerid)
        if blocked:
            return blocked, result
        decision = SCREENER.screen(callerid["NMBR"])
        reason = f"Ringscore: {' '.join(decision.reasons)} ({decision.source})"
        return decision.action is Action.BLOCK, (reason, None)


app.CallScreener = RingscoreScreener

if __name__ == "__main__":
    sys.exit(app.main(sys.argv))
