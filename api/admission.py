"""How a request comes in: its key, then its limit, then the key's scope, then a note of the use.

Limits come before scopes: a key that may not do a thing may not hammer on it either. A refused
request is no use of the key. Lookups, REST views and the foreign dialects all enter here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api import keys, limits
from api.keys import Caller
from api.limits import Usage


@dataclass(slots=True)
class Admission:
    """The way in for one request.

    limit: a row of settings.RATE_LIMITS.
    scope: what a key must have; empty: any key will do.
    anonymous: whether a request without a key comes in as well.
    usage: what is left of the limit, as soon as it is known: also for a request that is refused.
    """

    limit: str
    scope: str = ""
    anonymous: bool = False
    usage: Usage | None = None

    def admit(
        self, caller: Caller | None, environ: Mapping[str, Any], *, now: datetime
    ) -> Caller | None:
        """Lets the caller of a valid key in, or a request without one (None).

        Raises LimitExceeded, KeyRequired, ScopeMissing.
        """
        self.usage = limits.count(self.limit, caller, environ)
        if caller is not None or not self.anonymous:
            caller = keys.require(caller, self.scope)
            keys.touch(caller, now=now)
        return caller

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says of the limit."""
        return self.usage.headers() if self.usage else {}
