"""Who may ask what: the one table that test_permissions.py tests and that the guide shows.

python -m tests.given.api_access > docs/guide/permissions.md
"""

import sys
from dataclasses import dataclass
from typing import Any

SCOPES = ("lookup", "report", "bulk", "feed", "intake", "compat")
CALLERS = ("anonymous", *SCOPES, "moderate", "another", "expired", "revoked")

BOUNDARY = "----x9"
UPLOAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="log.txt"\r\n\r\n'
    f"He said: pay or else.\r\n--{BOUNDARY}--\r\n"
).encode()
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
MULTIGET = (
    b'<addressbook-multiget xmlns="urn:ietf:params:xml:ns:carddav"><prop xmlns="DAV:"/>'
    b"</addressbook-multiget>"
)
NUMBER, NEW, PRAISED = "%2B8613812345678", "+8613812345671", "%2B8613812345672"
OPPOSED, LOST = "%2B8613812345673", "%2B8613812345674"
SHA1 = "0" * 40
ABOUT = {"kind": "number", "id": "+8613812345678"}


@dataclass(frozen=True)
class Access:
    """What a kind of endpoint answers to each kind of caller; 0: lets in."""

    name: str
    anonymous: int = 0
    scope: str = ""  # the only one that opens it; empty: any key does
    another: int = 0  # the same scope, but another reporter's key
    bad_key: int = 401

    def status(self, caller: str) -> int:
        """0 where the caller is let in, else the status of the refusal."""
        if caller == "anonymous":
            return self.anonymous
        if caller in ("expired", "revoked"):
            return self.bad_key
        if self.scope and self.scope != ("report" if caller == "another" else caller):
            return 403
        return self.another if caller == "another" else 0


OPEN = Access("anybody; a key that is not good is refused")
KEYLESS = Access("anybody; keys are not looked at", bad_key=0)
ANY_KEY = Access("any key", anonymous=401)
NOBODY = Access("no key: METRICS_TOKEN or METRICS_NETWORKS", 403, "none", bad_key=403)
COMPAT = Access("scope compat", 401, "compat")
OPEN_LOOKUP = Access("anybody, or scope lookup", 0, "lookup")
OPEN_COMPAT = Access("anybody, or scope compat", 0, "compat")
MINE = Access("scope report, the reporter's own", 401, "report", another=404)


def needs(scope: str) -> Access:
    return Access(f"scope {scope}", 401, scope)


@dataclass(frozen=True)
class Endpoint:
    """`target` and `body` may name {report} and {sha256}: those of the report scope's own key.
    {own} is the prefix of the key that asks.

    {item} waits in the queue, and {decision} is on record, both about {number}.

    {complaint} is one about that report, {campaign} one that is shown. {dispute} and {code} are of
    a verified dispute, {lost} is a rejected one.
    """

    method: str
    path: str
    access: Access
    target: str = ""
    answers: int = 200
    body: Any = None
    content_type: str = "application/json"


TABLE = (
    Endpoint("GET", "/v1/numbers/{number}", OPEN_LOOKUP, f"/v1/numbers/{NUMBER}"),
    Endpoint(*("GET", "/v1/numbers", OPEN_LOOKUP), answers=400),
    Endpoint("POST", "/v1/numbers/lookup", needs("lookup"), body={"numbers": [NEW]}),
    Endpoint("GET", "/v1/numbers/{number}/reports", OPEN, f"/v1/numbers/{NUMBER}/reports"),
    Endpoint(
        *("POST", "/v1/numbers/{number}/disputes", OPEN, f"/v1/numbers/{OPPOSED}/disputes"),
        answers=202,
        body={"grounds": "spoofed", "statement": "Not my calls."},
    ),
    Endpoint("GET", "/v1/disputes/{id}", OPEN, "/v1/disputes/{dispute}"),
    Endpoint(
        *("POST", "/v1/disputes/{id}/verify", OPEN, "/v1/disputes/{dispute}/verify"),
        body={"code": "{code}"},
    ),
    Endpoint(
        *("POST", "/v1/disputes/{id}/appeal", OPEN, "/v1/disputes/{lost}/appeal"),
        answers=201,
        body={"statement": "Please hear both voices."},
    ),
    Endpoint("GET", "/v1/disputes/{id}/evidence", OPEN, "/v1/disputes/{dispute}/evidence"),
    Endpoint(
        *("POST", "/v1/disputes/{id}/evidence", OPEN, "/v1/disputes/{dispute}/evidence"),
        body=UPLOAD,  # the file is there already
        content_type=MULTIPART,
    ),
    Endpoint(
        *("DELETE", "/v1/disputes/{id}/evidence/{sha256}", OPEN),
        "/v1/disputes/{dispute}/evidence/{sha256}",
        answers=204,
    ),
    Endpoint("GET", "/v1/campaigns/{key}", OPEN, "/v1/campaigns/{campaign}"),
    Endpoint("GET", "/v1/ranges/{prefix}", OPEN, "/v1/ranges/%2B861381234"),
    Endpoint("GET", "/v1/buckets", KEYLESS),
    Endpoint("GET", "/v1/buckets/{hex}", KEYLESS, "/v1/buckets/62a"),
    Endpoint(
        *("POST", "/v1/reports", needs("report")),
        answers=201,
        body={"number": NEW, "category": "loan_scam"},
    ),
    Endpoint(
        *("POST", "/v1/reports/bulk", needs("bulk")),
        body=b'{"number":"+8613812345671","category":"loan_scam"}\n',
        content_type="application/x-ndjson",
    ),
    Endpoint("GET", "/v1/reports/{id}", MINE, "/v1/reports/{report}"),
    Endpoint("DELETE", "/v1/reports/{id}", MINE, "/v1/reports/{report}", answers=204),
    Endpoint("GET", "/v1/reports/{id}/evidence", MINE, "/v1/reports/{report}/evidence"),
    Endpoint(
        *("POST", "/v1/reports/{id}/evidence", MINE, "/v1/reports/{report}/evidence"),
        body=UPLOAD,  # the file is there already
        content_type=MULTIPART,
    ),
    Endpoint(
        *("GET", "/v1/reports/{id}/evidence/{sha256}", MINE),
        "/v1/reports/{report}/evidence/{sha256}",
    ),
    Endpoint("GET", "/v1/authorities", OPEN, "/v1/authorities?country=CN"),
    Endpoint("GET", "/v1/complaints", needs("report")),
    Endpoint(
        *("POST", "/v1/complaints", MINE),
        answers=201,
        body={"reports": ["{report}"], "authority": "lender"},
    ),
    Endpoint("GET", "/v1/complaints/{id}", MINE, "/v1/complaints/{complaint}"),
    Endpoint(
        *("PATCH", "/v1/complaints/{id}", MINE, "/v1/complaints/{complaint}"),
        body={"status": "filed"},
    ),
    Endpoint(
        *("POST", "/v1/complaints/{id}/pack", MINE, "/v1/complaints/{complaint}/pack"), body={}
    ),
    Endpoint(
        *("POST", "/v1/intake/sms", needs("intake")),
        body={"id": "1", "sender": "+8613987654321", "text": NEW},
    ),
    Endpoint(
        *("POST", "/v1/intake/email", needs("intake")),
        body=b"From: a@example.test\nMessage-ID: <1@example.test>\n\nNumber: +8613812345671\n",
        content_type="message/rfc822",
    ),
    Endpoint("GET", "/v1/feeds", OPEN),
    Endpoint(
        *("GET", "/v1/feeds/{name}/snapshot", needs("feed")),
        "/v1/feeds/numbers/snapshot?format=plain",
    ),
    Endpoint(
        *("GET", "/v1/feeds/{name}/changes", needs("feed")), "/v1/feeds/numbers/changes?since=0"
    ),
    Endpoint("GET", "/v1/categories", OPEN),
    Endpoint("GET", "/v1/me", ANY_KEY),
    Endpoint("GET", "/v1/me/keys", ANY_KEY),
    Endpoint(
        *("POST", "/v1/me/keys", Access("any key, for scopes that it has", 401, "lookup")),
        answers=201,
        body={"name": "tablet", "scopes": ["lookup"]},
    ),
    Endpoint("DELETE", "/v1/me/keys/{prefix}", ANY_KEY, "/v1/me/keys/{own}", answers=204),
    Endpoint("GET", "/v1/moderation/queue", needs("moderate")),
    Endpoint(
        *("POST", "/v1/moderation/queue/{item}/claim", needs("moderate")),
        "/v1/moderation/queue/{item}/claim",
    ),
    Endpoint(
        *("DELETE", "/v1/moderation/queue/{item}/claim", needs("moderate")),
        "/v1/moderation/queue/{item}/claim",
        answers=204,
    ),
    Endpoint(
        *("POST", "/v1/moderation/queue/{item}/leave", needs("moderate")),
        "/v1/moderation/queue/{item}/leave",
        answers=201,
        body={"reason": "As it should be."},
    ),
    Endpoint(
        *("POST", "/v1/moderation/queue/{item}/assign", needs("moderate")),
        "/v1/moderation/queue/{item}/assign",
        body={"to": ""},
    ),
    Endpoint(
        *("POST", "/v1/moderation/queue/{item}/escalate", needs("moderate")),
        "/v1/moderation/queue/{item}/escalate",
        body={"question": "Is this theirs?"},
    ),
    Endpoint(
        *("GET", "/v1/moderation/subjects/{kind}/{name}/notes", needs("moderate")),
        f"/v1/moderation/subjects/number/{NUMBER}/notes",
    ),
    Endpoint(
        *("POST", "/v1/moderation/subjects/{kind}/{name}/notes", needs("moderate")),
        f"/v1/moderation/subjects/number/{NUMBER}/notes",
        answers=201,
        body={"words": "Asked the bank."},
    ),
    Endpoint("GET", "/v1/moderation/proposals", needs("moderate")),
    Endpoint(
        *("GET", "/v1/moderation/proposals/{proposal}", needs("moderate")),
        "/v1/moderation/proposals/{proposal}",
    ),
    Endpoint(
        *("POST", "/v1/moderation/proposals/{proposal}/approve", needs("moderate")),
        "/v1/moderation/proposals/{proposal}/approve",
        answers=409,  # what it would do is not what the request says
        body={"seen": "0"},
    ),
    Endpoint(
        *("POST", "/v1/moderation/proposals/{proposal}/decline", needs("moderate")),
        "/v1/moderation/proposals/{proposal}/decline",
        body={"reason": "No order."},
    ),
    Endpoint(
        *("POST", "/v1/moderation/proposals/{proposal}/withdraw", needs("moderate")),
        "/v1/moderation/proposals/{proposal}/withdraw",
        answers=403,  # only its proposer
        body={},
    ),
    Endpoint(
        *("GET", "/v1/moderation/subjects/{kind}/{name}", needs("moderate")),
        f"/v1/moderation/subjects/number/{NUMBER}",
    ),
    Endpoint(
        *("GET", "/v1/moderation/reviews/{review}", needs("moderate")),
        "/v1/moderation/reviews/{review}",
    ),
    Endpoint(
        *("POST", "/v1/moderation/reviews/{review}", needs("moderate")),
        "/v1/moderation/reviews/{review}",
        answers=201,
        body={"verdict": "leave", "reason": "Nothing to go by."},
    ),
    Endpoint(
        *("POST", "/v1/moderation/previews", needs("moderate")),
        body={"subject": ABOUT, "decision": "clear_number"},
    ),
    Endpoint(
        *("POST", "/v1/moderation/decisions", needs("moderate")),
        answers=201,
        body={"subject": ABOUT, "decision": "clear_number", "reason": "Called it.", "seen": 10**9},
    ),
    Endpoint(
        *("POST", "/v1/moderation/decisions/{decision}/undo", needs("moderate")),
        "/v1/moderation/decisions/{decision}/undo",
        body={"reason": "A slip."},
    ),
    Endpoint("GET", "/v1/me/list", ANY_KEY),
    Endpoint(
        *("POST", "/v1/me/list", needs("report")), body={"pattern": "+4930*", "action": "block"}
    ),
    Endpoint("DELETE", "/v1/me/list/{pattern}", MINE, "/v1/me/list/%2B4930*", answers=204),
    Endpoint("GET", "/v1/schema", OPEN),
    Endpoint("GET", "/v1/docs", OPEN),
    Endpoint("GET", "/healthz", KEYLESS),
    Endpoint("GET", "/readyz", KEYLESS),
    Endpoint("GET", "/metrics", NOBODY),
    Endpoint("GET", "/phoneblock/api/check", COMPAT, f"/phoneblock/api/check?sha1={SHA1}"),
    Endpoint(
        *("GET", "/phoneblock/api/check-prefix", COMPAT), "/phoneblock/api/check-prefix?sha1=0000"
    ),
    Endpoint("GET", "/phoneblock/api/num/{number}", COMPAT, f"/phoneblock/api/num/{NUMBER}"),
    Endpoint(*("POST", "/phoneblock/api/rate", COMPAT), body={"phone": NEW, "rating": "G_FRAUD"}),
    Endpoint(
        *("POST", "/phoneblock/api/report-call/{number}", COMPAT),
        f"/phoneblock/api/report-call/{NUMBER}",
        answers=204,
    ),
    Endpoint("GET", "/phoneblock/api/blocklist", COMPAT),
    Endpoint("GET", "/phoneblock/api/test", COMPAT),
    Endpoint("GET", "/phoneblock/api/test-connect", COMPAT),
    Endpoint("GET", "/phoneblock/api/blacklist", COMPAT),
    Endpoint(
        *("DELETE", "/phoneblock/api/blacklist/{number}", COMPAT),
        f"/phoneblock/api/blacklist/{NUMBER}",
        answers=204,
    ),
    Endpoint("GET", "/phoneblock/api/whitelist", COMPAT),
    Endpoint(
        *("PUT", "/phoneblock/api/blacklist/{number}", COMPAT),
        f"/phoneblock/api/blacklist/{NUMBER}",
        answers=204,
    ),
    Endpoint(
        *("PUT", "/phoneblock/api/whitelist/{number}", COMPAT),
        f"/phoneblock/api/whitelist/{PRAISED}",
        answers=204,
    ),
    Endpoint(
        *("DELETE", "/phoneblock/api/whitelist/{number}", COMPAT),
        f"/phoneblock/api/whitelist/{PRAISED}",
        answers=204,
    ),
    Endpoint("GET", "/phoneblock/api/account", COMPAT),
    Endpoint(*("POST", "/phoneblock/api/dongle/log", COMPAT), answers=204),
    Endpoint(
        *("POST", "/phoneblock/api/auth/login-ticket", COMPAT),
        body=b"next=%2Fnums%2F0012025550101",
        content_type="application/x-www-form-urlencoded",
    ),
    Endpoint("GET", "/.well-known/carddav", KEYLESS, answers=301),
    Endpoint("PROPFIND", "/.well-known/carddav", KEYLESS, answers=301),
    Endpoint("GET", "/phoneblock/contacts", COMPAT),
    Endpoint("PROPFIND", "/phoneblock/contacts", COMPAT, answers=207),
    *(
        Endpoint(
            *(method, "/phoneblock/contacts/{path}", COMPAT),
            f"/phoneblock/contacts/{target}",
            answers=answers,
            body=body,
        )
        for method, target, answers, body in (
            ("GET", "addresses/x", 200, None),
            ("PROPFIND", "addresses/x", 207, None),
            ("REPORT", "addresses/x", 207, MULTIGET),
            ("PUT", "addresses/x/1.vcf", 403, None),
            ("DELETE", "addresses/x/1.vcf", 403, None),
        )
    ),
    Endpoint("GET", "/phoneblock/auth/login-ticket", KEYLESS, answers=302),
    Endpoint(
        *("GET", "/phoneblock/nums/{number}", KEYLESS),
        f"/phoneblock/nums/{NUMBER}",
        answers=302,
    ),
    Endpoint("GET", "/phoneblock/mobile/login", KEYLESS, answers=302),
    Endpoint(
        *("GET", "/compat/tellows/basic/num/{number}", OPEN_COMPAT),
        f"/compat/tellows/basic/num/{NUMBER}",
    ),
    Endpoint("GET", "/compat/tellows/api/getpartnerinfo", COMPAT),
    Endpoint(
        *("GET", "/compat/cidlookup", OPEN_COMPAT), "/compat/cidlookup?number=%2B8613812345678"
    ),
    Endpoint(*("GET", "/compat/cidlookup/{number}", OPEN_COMPAT), f"/compat/cidlookup/{NUMBER}"),
    *(
        Endpoint(method, "/compat/sms", needs("intake"), "/compat/sms?id=1&sender=7726&text=x")
        for method in ("GET", "POST")
    ),
)

INTRODUCTION = """\
# Who may ask what

Made by `python -m tests.given.api_access > docs/guide/permissions.md` out of the table of which
`tests/api/test_permissions.py` tests each cell. Do not edit it by hand.

Each column is a caller: without a key; with a key that has this scope alone (`report`: the key of
the reporter whose report the request is about); with another reporter's key with the scope
`report`; with an expired or a revoked key that had all scopes. ✓ means that the caller is let in; a
number is the status of the refusal.

- A key with several scopes may do what each of them allows.
- Where no key is needed, a key raises the limits. An unknown, expired or revoked key is refused
  there too, so that a mistake shows before the lower limits apply. Where keys are not looked at,
  everybody gets the same answer, and anybody may cache it.
- The holder who disputes a listing needs no key: the code that goes to the number verifies the
  dispute, and the dispute's id, which only the holder gets, gives access to it.
- Another reporter's report or complaint answers 404, not 403, so that nobody learns whether it
  exists.
- Feeds named in FEEDS_PUBLIC are open to anybody. `/metrics` asks for METRICS_TOKEN or an address
  in METRICS_NETWORKS, never for a key ([metrics](metrics.md)).
- `/v1/intake/…` also takes a signature instead of a key ([SMS](../integrations/sms.md),
  [e-mail](../integrations/email.md)).
- A key with the scope `moderate` belongs to a moderator and decides what their roles may decide
  ([moderating](moderating.md)).
- The panel under `/admin/` has accounts of its own and takes no key.

"""


def document() -> str:
    """The guide."""
    lines = [
        f"| | {' | '.join(CALLERS)} | lets in |",
        f"|---{'|---' * len(CALLERS)}|---|",
        *(
            f"| {each.method} `{each.path}` | "
            + " | ".join(str(each.access.status(caller) or "✓") for caller in CALLERS)
            + f" | {each.access.name} |"
            for each in TABLE
        ),
    ]
    return INTRODUCTION + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
