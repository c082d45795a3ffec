"""What the search boxes of the panel find, and what they do not tell."""

import pytest
from django.test import Client
from django.utils import timezone

from reputation.admin import searching
from reputation.identity import identify
from reputation.models import AuditEntry, Report, Reporter
from reputation.moderation import confirm_number, mark_official
from reputation.moderation.roles import AUDITOR
from tests.given.reporters import BAKERY, NOW, SCAMMER, moderator, newcomer, say
from tests.given.staff import as_role, text

pytestmark = pytest.mark.django_db
NEIGHBOUR = identify("+4930901821")


@pytest.fixture
def client() -> Client:
    """An auditor, before numbers, a ring and a decision."""
    ring = [newcomer(f"ring{n}") for n in range(3)]
    for each in ring:
        say(
            each,
            "impersonation",
            BAKERY,
            comment="Fake BAKERY, 假冒面包店",
            claimed_name="Sunny Loans",
        )
    Reporter.objects.filter(pk__in=[each.pk for each in ring]).update(cluster=ring[0].pk)
    say(newcomer("alone"), number=NEIGHBOUR, comment="I am at 13800138000")
    claimed = "Call 13900139000, anna.smith@example.org, 12 Elm Street"
    say(newcomer("other"), number=SCAMMER, claimed_name=claimed)
    actor = moderator()
    confirm_number(actor=actor, identity=SCAMMER, reason="I heard the recording", now=NOW)
    mark_official(actor=actor, identity=NEIGHBOUR, name="Mill Lane Bakery", reason="r", now=NOW)
    return as_role(AUDITOR)


def found(client: Client, table: str, term: str) -> set[str]:
    answer = client.get(f"/admin/reputation/{table}/", {"q": term})
    assert answer.status_code == 200, term
    rows = (getattr(each, "number", each) for each in answer.context["cl"].result_list)
    return {getattr(each, "key", str(each)) for each in rows}


def cluster() -> str:
    return f"cluster:{Reporter.objects.get(handle='ring0').pk}"


@pytest.mark.parametrize(
    ("table", "term", "numbers"),
    [
        ("number", "+4930", {BAKERY.key, NEIGHBOUR.key}),
        ("number", "0049 30 90182*", {BAKERY.key, NEIGHBOUR.key}),
        ("number", "+4930901820", {BAKERY.key}),
        ("number", "+49309018205", set()),
        ("report", "+4930", {BAKERY.key, NEIGHBOUR.key}),
        ("report", "fake bakery", {BAKERY.key}),
        ("report", "假冒", {BAKERY.key}),
        ("report", "sunny loans", {BAKERY.key}),
        ("report", "{cluster}", {BAKERY.key}),
        ("number", "{cluster}", {BAKERY.key}),
        ("number", "Sunny", {BAKERY.key}),
        ("number", "mill lane", {NEIGHBOUR.key}),
        ("number", "cluster:99999999999", set()),
        ("officialnumber", "Lane", {NEIGHBOUR.key}),
        ("officialnumber", "+493", {NEIGHBOUR.key}),
        ("auditentry", "recording", {SCAMMER.key}),
        ("auditentry", "+4930", {NEIGHBOUR.key}),
        ("dispute", "+4930", set()),
        ("report", "nobody said this", set()),
        ("report", "100% _ \\", set()),
        # What is masked is not found by what is under the mask, nor letter by letter.
        ("report", "13800138000", set()),
        ("report", "at 138", set()),
        ("report", "Call 139", set()),
        ("report", "anna.smi", set()),
        ("number", "elm street", set()),
        ("report", "call", {SCAMMER.key}),
    ],
)
def test_what_a_list_finds(client: Client, table: str, term: str, numbers: set[str]):
    """By number, its beginning, words, claimed name and cluster."""
    assert found(client, table, term.format(cluster=cluster())) == numbers


def test_a_reporter_is_found_by_cluster_and_by_the_whole_handle(client: Client):
    assert len(found(client, "reporter", cluster())) == 3
    assert len(found(client, "reporter", "alone")) == 1
    assert found(client, "reporter", "alon") == set()


def test_every_list_with_a_box_says_what_it_takes(client: Client):
    for table in ("number", "report", "reporter", "dispute", "auditentry", "officialnumber"):
        page = client.get(f"/admin/reputation/{table}/")
        assert page.context["cl"].search_help_text[:-1] in text(page), table
    assert AuditEntry.objects.count() == 2
    assert Report.objects.filter(filed_at__gt=timezone.now()).count() == 0


def test_what_a_box_takes_is_said_in_chinese_with_chinese_signs(client: Client):
    page = client.get("/admin/reputation/auditentry/", headers={"Accept-Language": "zh-CN"})
    said = page.context["cl"].search_help_text
    assert said.endswith("。")
    assert "；" in said
    assert "; " not in said


def test_of_many_numbers_the_newest_rows_are_found(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(searching, "CEILING", 2)
    answer = client.get("/admin/reputation/report/", {"q": "+49309*"})
    newest = Report.objects.filter(number__key__startswith="+49309").order_by("-counted_at", "-id")
    assert list(answer.context["cl"].result_list) == list(newest[:2])
