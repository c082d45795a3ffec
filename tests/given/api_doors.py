"""Requests that need a key, one to each way in."""

from tests.given.api_requests import Answer, ask

# One of each way in: the lookup's own, Django's, with and without a needed key.
DOORS = {
    "lookup": ("GET", "/v1/numbers/+8613812345678", None),
    "national lookup": ("GET", "/v1/numbers/13812345678", None),
    "bulk": ("POST", "/v1/numbers/lookup", {"numbers": ["+8613812345678"]}),
    "reports of a number": ("GET", "/v1/numbers/+8613812345678/reports", None),
    "report": ("POST", "/v1/reports", {"number": "+8613812345678", "category": "other"}),
    "my report": ("GET", "/v1/reports/00000000-0000-4000-8000-000000000000", None),
    "withdraw": ("DELETE", "/v1/reports/00000000-0000-4000-8000-000000000000", None),
    "categories": ("GET", "/v1/categories", None),
    "me": ("GET", "/v1/me", None),
}


def enter(door: str, **kwargs: object) -> Answer:
    method, path, body = DOORS[door]
    return ask(method, path, body=body, **kwargs)  # type: ignore[arg-type]
