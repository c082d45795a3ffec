"""Each endpoint for each kind of caller, both ways, out of the table in permissions.py."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import Settings

from api.dialects.gate import dead_end, text
from api.keys import create_key, revoke_key
from reputation.decisions import RULES, OneDecision, propose
from reputation.disputes.deciding import decide_dispute
from reputation.feeds.publishing import publish
from reputation.models import AuditEntry, Dispute, Number, QueueItem, SecondReview
from reputation.moderation import MODERATOR, mark_spoofed
from tests.given.api_access import (
    CALLERS,
    LOST,
    MULTIPART,
    NUMBER,
    OPPOSED,
    PRAISED,
    SCOPES,
    TABLE,
    UPLOAD,
    Endpoint,
    document,
)
from tests.given.api_requests import NOW, Holder, ask, holder
from tests.given.authorities import load_authorities
from tests.given.phone import code_in, plug_in
from tests.given.reporters import moderator
from tests.given.rows import a_campaign, a_queue_item
from tests.given.staff import staff

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "permissions.md"
THREAT = {"number": unquote(NUMBER), "category": "threat"}


@pytest.fixture
def callers() -> dict[str, Holder | str]:
    revoked = holder(*SCOPES)
    revoke_key(key=revoked.key, now=NOW)
    return {
        "anonymous": "",
        **{scope: holder(scope) for scope in SCOPES},
        "moderate": moderating(),
        "another": holder("report"),
        "expired": holder(*SCOPES, expires_at=NOW - timedelta(seconds=1)),
        "revoked": revoked,
    }


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("evidence_dir", "feeds_dir")
@pytest.mark.parametrize("endpoint", TABLE, ids=lambda each: f"{each.method} {each.path}")
def test_who_is_let_in(endpoint: Endpoint, callers: dict[str, Holder | str], settings: Settings):
    own = callers["report"]
    report = ask("POST", "/v1/reports", by=own, body=THREAT).json
    where = f"/v1/reports/{report['id']}/evidence"
    evidence = ask("POST", where, by=own, body=UPLOAD, content_type=MULTIPART).json
    for phone, rating in ((NUMBER, "G_FRAUD"), (PRAISED, "A_LEGITIMATE")):
        said = {"phone": unquote(phone), "rating": rating}
        ask("POST", "/phoneblock/api/rate", by=callers["compat"], body=said)
    if endpoint.access.scope == "feed" or "contacts" in endpoint.path:
        publish(now=NOW)
    if "list" in endpoint.path:
        ask("POST", "/v1/me/list", by=own, body={"pattern": "+4930*", "action": "block"})
    names = {"report": report["id"], "sha256": evidence["sha256"]}
    if "disputes" in endpoint.path:
        names |= disputed(own, settings)
        where = f"/v1/disputes/{names['dispute']}"
        ask("POST", f"{where}/verify", body={"code": names["code"]})
        ask("POST", f"{where}/evidence", body=UPLOAD, content_type=MULTIPART)
    if "campaigns" in endpoint.path:
        names["campaign"] = a_campaign(key="k3f9s2m7q1x8d4ab", known=True).key
    if "moderation" in endpoint.path:
        names |= to_decide()
    if "/reviews/" in endpoint.path:
        names["review"] = to_judge(callers["moderate"])
    if "complaints" in endpoint.path:
        load_authorities()
        about = {"reports": [report["id"]], "authority": "lender"}
        names["complaint"] = ask("POST", "/v1/complaints", by=own, body=about).json["id"]
    target = endpoint.target or endpoint.path
    body = endpoint.body
    if body == {"code": "{code}"}:
        body = {"code": names["code"]}
    if isinstance(body, dict) and "reports" in body:
        body = body | {"reports": [report["id"]]}

    answered = {
        caller: ask(
            endpoint.method,
            target.format(**names, own=getattr(getattr(by, "key", None), "prefix", "none")),
            by=by,
            body=body,
            content_type=endpoint.content_type,
        ).status
        for caller, by in callers.items()
    }

    assert answered == {
        caller: endpoint.access.status(caller) or endpoint.answers for caller in CALLERS
    }


def moderating() -> Holder:
    """A key of a moderator's, for nothing else."""
    key, token = create_key(name="tool", scopes=[], moderator=staff(MODERATOR), now=NOW)
    return Holder(key, token)


def to_decide() -> dict[str, str]:
    """An item of the queue about the number, and a decision about it."""
    number = Number.objects.get(key=unquote(NUMBER))
    item = a_queue_item(number=number)
    judge = staff(MODERATOR, "judge")
    mark_spoofed(actor=judge, identity=number.identity, reason="A storm.", now=NOW)
    decided = str(AuditEntry.objects.latest("id").pk)
    plan = OneDecision(RULES["number"]["confirm_number"], number)
    proposal = propose(plan=plan, actor=judge, reason="Look at this.", now=timezone.now())
    QueueItem.objects.update(rests_until=None)
    return {"item": str(item.pk), "decision": decided, "proposal": str(proposal.pk)}


def to_judge(by: Holder | str) -> str:
    """A decision of another that this key's moderator has taken to judge it again."""
    assert isinstance(by, Holder)
    review = SecondReview.objects.create(
        entry=AuditEntry.objects.latest("id"), sampled_at=NOW, reviewer=by.key.moderator
    )
    return str(review.pk)


def test_what_takes_no_key_lies_beside_the_api():
    beside = {str(each.pattern) for each in get_resolver().url_patterns} - {""}
    assert beside == {"admin/", "accounts/"}


def disputed(by: Holder | str, settings: Settings) -> dict[str, str]:
    """A number to dispute; another's verified dispute with its code, and one that was lost."""
    phone = plug_in(settings)
    ids = []
    for number in (NUMBER, OPPOSED, LOST):
        for address in ("192.0.2.1", "198.51.100.1"):
            report = THREAT | {"number": unquote(number)}
            ask("POST", "/v1/reports", by=holder("report"), body=report, address=address)
        ask("POST", "/v1/reports", by=by, body=THREAT | {"number": unquote(number)})
        if number == OPPOSED:
            continue
        where, said = f"/v1/numbers/{number}/disputes", {"grounds": "other", "statement": "No."}
        ids.append(ask("POST", where, body=said).json["id"])
        ask("POST", f"/v1/disputes/{ids[-1]}/verify", body={"code": phone.code})
    codes = dict(zip(ids, [code_in(message.text) for message in phone.got], strict=True))
    lost = Dispute.objects.get(public_id=ids[1])
    decide_dispute(
        actor=moderator("other judge"),
        dispute=lost,
        upheld=False,
        reason="It stands.",
        now=timezone.now(),
    )
    return {"dispute": ids[0], "code": codes[ids[0]], "lost": ids[1]}


@pytest.mark.django_db
def test_no_endpoint_is_missing():
    everything = holder(*SCOPES)
    for path in paths():
        allowed = ask("TRACE", filled(path), by=everything).headers["Allow"]
        methods = set(allowed.split(", ")) - {"HEAD", "OPTIONS"}
        assert {(each.method, each.path) for each in TABLE if each.path == path} == {
            (method, path) for method in methods
        }
    assert {each.path for each in TABLE} == set(paths())


def test_the_guide_is_this_table():
    assert GUIDE.read_text() == document(), (
        "Run: python -m tests.given.api_access > docs/guide/permissions.md"
    )


def paths() -> list[str]:
    """Every path of the API but those where nothing is, as the guide writes them.

    Keys open nothing else: tests/admin holds the panel to its roles, tests/web the pages, and a
    person's account, to sessions.
    """
    return [f"/{path}" for path in _paths(get_resolver("api.urls"))]


def _paths(resolver: URLResolver, before: str = "") -> Iterator[str]:
    nothing = dead_end(text).__qualname__
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _paths(each, path)
        elif isinstance(each, URLPattern) and each.callback.__qualname__ != nothing:
            path = path.replace("<id:public_id>", "{id}")
            yield re.sub(r"<\w+:(\w+)>", r"{\1}", path)


def filled(path: str) -> str:
    return (
        path.replace("{number}", NUMBER)
        .replace("/keys/{prefix}", "/keys/k3f9s2m7")
        .replace("{prefix}", "%2B861381234")
        .replace("{key}", "k3f9s2m7q1x8d4ab")
        .replace("{hex}", "62a")
        .replace("{id}", "00000000-0000-4000-8000-000000000000")
        .replace("{sha256}", "0" * 64)
        .replace("{name}", "numbers")
        .replace("{kind}", "number")
        .replace("{item}", "1")
        .replace("{decision}", "1")
        .replace("{review}", "1")
    )
