"""The terms of organisations' keys in the panel: in words, and as the first values of a form."""

from typing import Any

from reputation.languages import semicolon
from reputation.models import KeyGrant
from reputation.moderation import MOST_LOOKUPS
from reputation.organisations import SCOPE_WORDS

# Lookups a minute for small requests; larger ones get ten times their average, for the busy hour.
LEAST = 60
BUSY = 10
MINUTES = 24 * 60


def terms_offered(grant: KeyGrant) -> dict[str, Any]:
    """The first values of a decision's form: the terms in force, or else those asked for.

    Attestation counts only if a moderator ticks it.
    """
    if grant.granted_at is not None:
        return {
            "scopes": grant.scopes,
            "lookups_per_minute": grant.lookups_per_minute,
            "verifies_attestation": grant.verifies_attestation,
        }
    return {
        "scopes": grant.asked_scopes,
        "lookups_per_minute": min(max(LEAST, grant.calls_per_day * BUSY // MINUTES), MOST_LOOKUPS),
        "verifies_attestation": False,
    }


def scopes_in_words(names: list[str]) -> str:
    return semicolon().join(str(SCOPE_WORDS[name]) for name in names)
