"""A listed number, an unknown one, and the answers to lookups of them."""

from typing import Any

from reputation.models import Number
from tests.given.api_requests import NOW
from tests.given.reporters import DAY, SCAMMER

UNKNOWN = {
    "number": "+8613812345678",
    "action": "allow",
    "score": 0,
    "confidence": 0.0,
    "status": "unknown",
    "category": "",
    "reports": 0,
    "reporters": 0,
    "first_reported_at": "",
    "last_reported_at": "",
    "name": "",
    "country": "CN",
    "line_type": "mobile",
    "reasons": ["Nothing that still counts is known about this number."],
    "advice": "",
    "redress_url": "http://127.0.0.1:8000/numbers/%2B8613812345678/dispute",
    "ttl": 300,
}

SENTENCES = {
    "empty": "The number is empty: send the number that called, such as +8615400001234.",
    "withheld": "The caller withheld the number, so there is none to report or look up: "
    "block withheld calls on the phone instead.",
    "not_a_number": "This is not a phone number, service code or sender name: "
    "send one number, such as +8615400001234, or a sender name of 1 to 11 characters.",
    "region_required": "The country is not clear from this number: "
    "write it with + and calling code, or pass region, such as CN.",
    "letters": "This is written in letters, not in digits: send one phone number, such as "
    "+8615400001234. The name of a sender of text messages needs its country, too: pass region, "
    "such as CN.",
    "unknown_region": "The region is not known: pass an ISO 3166 alpha-2 code, such as CN or GB.",
    "too_long": "This is too long: send one number of at most 20 digits, "
    "or a sender name of at most 11 characters.",
    "impossible": "No number can look like this in its country: "
    "check for a missing area code, missing or extra digits, and the region.",
    "emergency": "Emergency numbers can never be reported or listed: "
    "if your phone showed one, the caller faked it; report the call-back number instead.",
}

# Evidence as of now that is flagged: it is strong, and the gates are closed.
EVIDENCE = {
    "key": SCAMMER.key,
    "country": "CN",
    "line_type": "mobile",
    "created_at": NOW - 9 * DAY,
    "evidence_at": NOW,
    "prior": 0.45,
    "unwanted_short": 3.0,
    "unwanted_long": 1.0,
    "gathered": 4.0,
    "networks": 3,
    "established": 2,
    "established_networks": 2,
    "newcomers": 1,
    "first_unwanted_at": NOW - 9 * DAY,
    "last_unwanted_at": NOW,
    "category_mix": {"loan_scam": 3.0, "telemarketing": 1.0},
    "category": "loan_scam",
    "reports": 3,
    "complaints": 1,
    "first_reported_at": NOW - 9 * DAY,
    "last_reported_at": NOW,
    "seq": 4,
    "action": "flag",
    "status": "listed",
    "score": 85,  # as published at some time: what is told is worked out anew
    "reassess_at": NOW + 30 * DAY,
}


def listed(**fields: Any) -> Number:
    return Number.objects.create(**(EVIDENCE | fields))


SCORE = 94
REASONS = [
    "Before any report: 45% likely to be unwanted.",
    "3 unwanted reports from 3 networks: 2 by established reporters, 1 by new accounts.",
    "This evidence raises the odds 54.6 times today.",
    "Added up: 97%; after calibration: 97%.",
    "Blocking needs confirmation by the trust pass.",
]

LISTED = UNKNOWN | {
    "action": "flag",
    "score": SCORE,
    "confidence": 0.8,
    "status": "listed",
    "category": "loan_scam",
    "reports": 4,
    "reporters": 3,
    "first_reported_at": "2026-11-09T00:00:00Z",
    "last_reported_at": "2026-11-23T00:00:00Z",
    "reasons": REASONS,
    "advice": "Hang up. Do not follow links, share codes or pay: this is how loan scams begin.",
}
