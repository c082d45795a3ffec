"""An example of each shape in the API document, as the service would answer it.

By the name of the component. tests/api/test_schema.py checks them against their schemas, and
reports missing ones.
"""

from typing import Any

from api.problems import problem
from api.shapes.complaints import EXAMPLES as COMPLAINTS
from api.shapes.moderation import EXAMPLES as MODERATION
from api.shapes.proposals import EXAMPLES as PROPOSALS
from reputation.identity import InvalidNumber
from reputation.lookup import advise, next_steps
from reputation.scoring import CATEGORIES

NUMBER = "+8615400001234"
REQUEST = "5f2c9e0b7a41d386"
REPORT = "7363f356-c450-465e-bf3c-3b1560f1800b"
# docs/guide/feeds-format.md shows how it is computed.
CHECKSUM = "f58367d5a423a18cd51fb095a05b5db18767f57c7d30c4186619e60378924ba5"
SHA256 = "6a04ab516c166c874f1ed30eecfe2c600147179bb8b192fa9ad6320bff925dc6"

NUMBER_ANSWER = {
    "number": NUMBER,
    "action": "block",
    "score": 93,
    "confidence": 0.88,
    "status": "listed",
    "category": "illegal_collection",
    "reports": 14,
    "reporters": 11,
    "first_reported_at": "2026-11-02T00:00:00Z",
    "last_reported_at": "2026-11-24T00:00:00Z",
    "name": "",
    "country": "CN",
    "line_type": "unknown",
    "reasons": [
        "Before any report: 45% likely to be unwanted.",
        "11 unwanted reports from 11 networks: 4 by established reporters, 7 by new accounts.",
        "This evidence raises the odds 16.2 times today.",
    ],
    "advice": advise("block", "illegal_collection"),
    "redress_url": "https://ringscore.example/numbers/%2B8615400001234/dispute",
    "ttl": 300,
}
OWN_RULE = {
    "pattern": "+4930*",
    "action": "block",
    "prefix": "+4930*",
    "formats": ["comma", "yacb", "spamblocker", "callattendant"],
    "created_at": "2026-11-24T09:30:00Z",
}
NOT_A_NUMBER = {
    "input": "anonymous",
    "error": str(InvalidNumber("withheld")),
    "code": "withheld",
}
PUBLIC_REPORT = {
    "category": "illegal_collection",
    "conduct": ["threats", "contacted_third_parties"],
    "comment": "Says ▇▇▇ is my lawyer",
    "claimed_name": "Happy Loans",
    "channel": "call",
    "attestation": "",
    "reported_on": "2026-11-24",
}
EVIDENCE = {
    "report": REPORT,
    "position": 1,
    "sha256": SHA256,
    "size": 90210,
    "type": "image/png",
    "name": "Screenshot.png",
    "added_at": "2026-11-24T09:45:08.256074Z",
    "previous": "0" * 64,
    "digest": "3ebe46188e8a30712f3701df7e937c02e4730437a744747457b51624120b29f7",
}
DISPUTE = "0b0f3c0e-6a6e-4a5b-9f3e-2f7d1f6f2f8a"
DISPUTE_FILE = {name: EVIDENCE[name] for name in ("position", "sha256", "size", "type", "name")} | {
    "added_at": "2026-11-24T09:45:08Z"
}
ALLOWANCE = {"limit": 6000, "remaining": 5999, "reset": 42}
CATEGORY = {
    "id": "illegal_collection",
    "label": CATEGORIES["illegal_collection"].label,
    "unwanted": True,
}
FIELD_PROBLEM = {
    "pointer": "#/category",
    "code": "invalid_choice",
    "detail": f'"nice" is not valid. Use one of: {", ".join(sorted(CATEGORIES))}.',
}
INVALID_ROW = {
    "row": 2,
    "input": "+861540000,robocall\n",
    "error": str(InvalidNumber("impossible")),
}


def _problem(*of: Any) -> dict[str, Any]:
    """The body of an error, as a request gets it."""
    return problem(*of) | {"request_id": REQUEST}


PROBLEM = _problem(400, "invalid-request", "Some fields are not valid: category.", [FIELD_PROBLEM])

OWN_KEY = {
    "key": "rsk_a1b2c3d4…",
    "prefix": "a1b2c3d4",
    "name": "Fritz!Box",
    "scopes": ["lookup", "report"],
    "created_at": "2026-11-24T12:00:00Z",
    "last_used_at": "2026-11-24T12:05:00Z",
}

EXAMPLES: dict[str, Any] = (
    COMPLAINTS
    | MODERATION
    | PROPOSALS
    | {
        "Allowance": ALLOWANCE,
        "AppealRequest": {"statement": "The recording is of another voice: please hear both."},
        "BucketScheme": {
            "hash": "sha256",
            "drop_digits": 2,
            "prefix_bits": {"default": 12, "CN": 16, "sender": 8},
            "max_age": 300,
        },
        "CampaignAnswer": {
            "id": "k3f9s2m7q1x8d4ab",
            "words": ["your loan is overdue", "call back at once"],
            "category": "loan_scam",
            "reports": 41,
            "numbers": 9,
            "confirmed": True,
            "first_reported_on": "2026-11-02",
            "last_reported_on": "2026-11-24",
            "listed": [{"number": "+12025550104", "action": "flag"}],
        },
        "BulkLookupAnswer": {"results": [NUMBER_ANSWER, NOT_A_NUMBER]},
        "BulkLookupRequest": {"numbers": [NUMBER, "anonymous"], "region": "CN"},
        "BulkReceipt": {"saved": 2, "updated": 1, "invalid_total": 1, "invalid": [INVALID_ROW]},
        "CategoryEntry": CATEGORY,
        "CodeRequest": {"code": "1234 5678"},
        "DisputeAnswer": {
            "id": DISPUTE,
            "number": NUMBER,
            "status": "open",
            "grounds": "mistaken",
            "opened_at": "2026-11-24T00:00:00Z",
            "expires_at": "",
            "verified_at": "2026-11-24T09:32:10Z",
            "deadline_at": "2026-12-08T09:32:10Z",
            "held": True,
            "decided_at": "",
            "reason": "",
            "immune_until": "",
            "appeal_until": "",
            "appeal_of": "",
            "appeal": "",
        },
        "DisputeEvidence": {"dispute": DISPUTE, "results": [DISPUTE_FILE]},
        "DisputeFileRecord": DISPUTE_FILE,
        "DisputeReceipt": {"id": DISPUTE, "expires_at": "2026-11-24T10:00:00Z"},
        "DisputeRequest": {
            "grounds": "mistaken",
            "statement": "I am a plumber and call my customers back.",
            "contact": "plumber@example.org",
            "via": "sms",
            "language": "zh-hans",
        },
        "EvidenceRecord": EVIDENCE,
        "FeedChanges": {
            "changes": [
                {
                    "number": NUMBER,
                    "action": "block",
                    "category": "illegal_collection",
                    "score": 93,
                    "campaign": "k3f9s2m7q1x8d4ab",
                },
                {"number": "+4930901820", "action": "allow", "category": "", "score": 3},
            ],
            "cursor": 1808,
            "checksum": CHECKSUM,
            "min_wait": 300,
        },
        "FeedList": {
            "release": "0.1.0+g059f301d7a1c",
            "feeds": [
                {"name": "numbers", "formats": ["json", "roaring"], "cursor": 1806, "min_wait": 300}
            ],
        },
        "FeedSnapshot": {
            "feed": "numbers",
            "cursor": 1806,
            "checksum": CHECKSUM,
            "created": "2026-11-24T00:00:00Z",
            "numbers": [
                {"number": NUMBER, "action": "flag", "category": "illegal_collection", "score": 74}
            ],
        },
        "FieldProblem": FIELD_PROBLEM,
        "InvalidRow": INVALID_ROW,
        "KeyRequest": {"name": "Fritz!Box", "scopes": ["lookup", "report"]},
        "Me": {
            "key": "rsk_a1b2c3d4…",
            "name": "Front desk PBX",
            "scopes": ["lookup", "report"],
            "region": "CN",
            "expires_at": "",
            "limits": {"lookup": ALLOWANCE},
        },
        "NewKey": OWN_KEY | {"last_used_at": "", "token": "rsk_a1b2c3d4…"},
        "NotANumber": NOT_A_NUMBER,
        "NumberAnswer": NUMBER_ANSWER,
        "OwnList": {"rules": [OWN_RULE]},
        "OwnRuleShown": OWN_RULE,
        "OwnRuleRequest": {"pattern": "+4930*", "action": "block"},
        "OwnKeys": {"keys": [OWN_KEY]},
        "OwnReport": {
            "id": REPORT,
            "number": NUMBER,
            "status": "live",
            "category": "illegal_collection",
            "conduct": ["threats"],
            "comment": "Says 15400009876 is my lawyer",
            "occurred_at": "2026-11-24T09:20:00Z",
            "channel": "call",
            "attestation": "B",
            "callback_number": "+8615400009876",
            "claimed_name": "Happy Loans",
            "call_count": 3,
            "was_warned": False,
            "filed_at": "2026-11-24T00:00:00Z",
            "updated_at": "2026-11-24T00:00:00Z",
        },
        "Problem": PROBLEM,
        "PublicReport": PUBLIC_REPORT,
        "PublicReports": {"number": NUMBER, "results": [PUBLIC_REPORT], "next": ""},
        "ReportEvidence": {"report": REPORT, "results": [EVIDENCE]},
        "IntakeSms": {
            "id": "in-20261124-0001",
            "sender": "+8615400005678",
            "text": "2026年11月24日9时30分 +8615400001234 催收",
            "region": "CN",
        },
        "TwilioSms": {
            "MessageSid": "SM2f5c8e1b0d9a4f7e8c3b6a5d4e2f1a0b",
            "From": "+8615400005678",
            "Body": "+8615400001234*您的贷款已逾期",
            "FromCountry": "CN",
        },
        "IntakeReceipt": {
            "id": REPORT,
            "status": "reported",
            "reply": "已举报：+86 154 0000 1234，非法催收。举报人数：14。有误请回复“撤销”。",
        },
        "ReportReceipt": {
            "id": REPORT,
            "number": NUMBER,
            "action": "flag",
            "score": 74,
            "next_steps": next_steps("illegal_collection", ["threats"]),
        },
        "ReportRequest": {
            "number": "154 0000 1234",
            "category": "illegal_collection",
            "occurred_at": "2026-11-24T17:20:00+08:00",
            "conduct": ["threats"],
            "comment": "Says 15400009876 is my lawyer",
            "region": "CN",
            "attestation": "B",
            "callback_number": "15400009876",
            "claimed_name": "Happy Loans",
            "call_count": 3,
            "was_warned": False,
            "channel": "call",
        },
        "Vocabulary": {"categories": [CATEGORY], "conduct": ["threats", "contacted_third_parties"]},
    }
)

# An example of each error, by its status.
PROBLEMS: dict[str, dict[str, Any]] = {
    "400": PROBLEM,
    "401": _problem(
        401, "key-required", "This needs an API key: send `Authorization: Bearer <key>`."
    ),
    "403": _problem(
        403,
        "scope-missing",
        "This key lacks the scope `report`. Use a key that was made with it.",
    ),
    "404": _problem(
        404,
        "report-not-found",
        f"You have no report {REPORT}. Use the id that filing the report answered.",
    ),
    "408": _problem(408, "too-slow", "The body came too slowly. Send it again."),
    "409": _problem(
        409,
        "evidence-full",
        "A report takes 20 files, and this one has them. "
        "Put what belongs together into one file, such as a PDF.",
        [
            {
                "pointer": "#/file",
                "code": "evidence-full",
                "detail": "A report takes 20 files, and this one has them. "
                "Put what belongs together into one file, such as a PDF.",
            }
        ],
    ),
    "410": _problem(
        410,
        "cursor-too-old",
        "Changes before 1200 are gone, and 17 lies before. Take a snapshot.",
        [
            {
                "pointer": "#/since",
                "code": "cursor-too-old",
                "detail": "Changes before 1200 are gone, and 17 lies before. Take a snapshot.",
            }
        ],
    ),
    "413": _problem(413, "too-large", "The body has more than 2621440 bytes. Send less at a time."),
    "415": _problem(415, "unsupported-media-type", "Send the body as multipart/form-data."),
    "416": _problem(
        416, "range-not-satisfiable", "The file has 4096 bytes: ask for some of those."
    ),
    "422": _problem(
        422,
        "idempotency-key-reused",
        "This Idempotency-Key was already used for another request. Send a new key.",
    ),
    "429": _problem(429, "rate-limited", "Too many requests. Try again in 42 seconds."),
    "503": _problem(503, "unavailable", "The database is unavailable. Try again in 5 seconds."),
}
