"""Admits a request: checks its key, then its limit, then the key's scope, then notes the use.

Limits come before scopes, so that a key without a scope cannot flood the endpoint either. A refused
request does not count as a use of the key. Lookups, REST views and foreign dialects all use this.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api import callers, limits
from api.callers import Caller
from edge import Usage, client_address

# In a WSGI environment: the id of the reporter whose key was admitted to a request that may change
# answers.
WRITES: Final = "ringscore.writes"
# The limits of requests that change nothing.
READING: Final = frozenset({"lookup", "bulk_lookup", "feed", "contacts", "blocklist"})


@dataclass(slots=True)
class Admission:
    """The admission of one request.

    limit: a row of settings.RATE_LIMITS.
    scope: the scope that a key needs; "": any key is enough.
    anonymous: whether a request without a key is admitted too.
    in_blocks: whether the process counts the requests of a key in blocks (edge.counted).
    usage: what is left of the limit, once it is known, also for a refused request.
    """

    limit: str
    scope: str = ""
    anonymous: bool = False
    in_blocks: bool = False
    usage: Usage | None = None

    def admit(
        self, caller: Caller | None, environ: MutableMapping[str, Any], *, now: datetime
    ) -> Caller | None:
        """Admits the caller of a valid key, or a request without one (None).

        Raises LimitExceeded, KeyRefused, KeyRequired, ScopeMissing.
        """
        # Before the limit, so that the thief of a key cannot use it up. Failures have a limit of
        # their own.
        callers.require_network(caller, client_address(environ))
        in_blocks = self.in_blocks and caller is not None
        self.usage = limits.count(self.limit, caller, environ, in_blocks=in_blocks)
        if caller is not None or not self.anonymous:
            caller = callers.require(caller, self.scope)
            if self.limit not in READING:
                environ[WRITES] = caller.reporter_id
            callers.touch(caller, now=now)
        return caller

    @property
    def headers(self) -> dict[str, str]:
        """The headers about the limit."""
        return limits.headers_of(self.usage) if self.usage else {}
