"""What a decision's page shows before it is taken: its subject, the evidence, and the outcome."""

import pytest
from django.utils import timezone

from reputation.admin.decisions import DECISIONS
from reputation.models import AuditEntry, Number
from reputation.moderation.roles import MODERATOR, SENIOR
from tests.given.decisions import READY, given, page, subjects
from tests.given.disputes import a_dispute
from tests.given.reporters import DAY, NOW, newcomer, row, say
from tests.given.staff import as_role, text

pytestmark = pytest.mark.django_db


@pytest.mark.slow
@pytest.mark.parametrize("verb", [v for v in DECISIONS["number"] if v != "pin_number"])
def test_what_clients_would_be_told_comes_true(verb: str):
    pk = subjects()["number"]
    READY.get(verb, lambda: None)()
    client = as_role(SENIOR)
    response = client.get(page("number", pk, verb))
    would = response.context["would"]
    if would is None:
        # Of these the form must be filled in first.
        assert verb in ("mark_official", "mark_never_calling", "open_dispute")
        return
    more = given("number", verb) | (
        {"since": f"{NOW + DAY:%Y-%m-%d}"} if "since" in given("number", verb) else {}
    )
    client.post(page("number", pk, verb), more | {"preset": "1"})
    number = Number.objects.get(pk=pk)
    if verb != "mark_reassigned":  # of the day that the form opens with
        assert (would.action, would.status, would.score) == (
            number.action,
            number.status,
            number.score,
        )


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("mark_reassigned", {}),
        ("mark_reassigned", {"since": -8}),
        ("pin_number", {"action": "allow", "until": 5}),
        ("merge_report", {"keep": "other"}),
    ],
)
def test_the_outcome_shown_of_a_form_is_the_outcome(verb: str, fields: dict):
    """With the form's fields as they open, and as they are filled in."""
    now = timezone.now()
    said = [say(newcomer(f"n{n}"), at=now - n * 5 * DAY).report for n in range(3)]
    fields = {
        name: f"{now + value * DAY:%Y-%m-%d}" if isinstance(value, int) else value
        for name, value in fields.items()
    }
    kind, pk = ("number", row().pk)
    if verb == "merge_report":
        kind, pk, fields = "report", said[0].pk, {"keep": str(said[1].pk)}
    client, address = as_role(SENIOR), page(kind, pk, verb)
    opened = client.get(address)
    shown = client.post(address, fields | {"look": "1"}) if fields else opened
    assert not AuditEntry.objects.exists()
    if not fields:
        fields = {"since": str(opened.context["form"]["since"].value())}
    assert client.post(address, fields | {"preset": "1"}).status_code == 302
    would = shown.context["would"]
    assert (would.action, would.status, would.score) == (row().action, row().status, row().score)


@pytest.mark.parametrize(
    ("kind", "verb", "said"),
    [
        ("number", "clear_number", ("Gates before block", "who was it")),
        ("report", "reject_report", ("What the report says", "who was it", "Gates before block")),
        ("reporter", "block_reporter", ("Record", "who was it")),
        ("dispute", "reject_dispute", ("The holder says", "Gates before block")),
    ],
)
def test_a_decision_shows_what_it_is_about(kind: str, verb: str, said: tuple[str, ...]):
    """The number is not only in the breadcrumbs, and the evidence is there."""
    report = say(newcomer("a"), comment="who was it").report
    number = report.number
    dispute = a_dispute(number=number, opened_at=NOW, verified_at=NOW, deadline_at=NOW + DAY)
    pk = {
        "number": number.pk,
        "report": report.pk,
        "reporter": report.reporter_id,
        "dispute": dispute.pk,
    }[kind]
    page = as_role(MODERATOR).get(f"/admin/reputation/{kind}/{pk}/decide/{verb}/")
    words = text(page)
    for part in said:
        assert part in words, part
    if kind != "reporter":
        assert '<p class="subject">+86 138 1234 5678</p>' in page.content.decode()
    # It is for looking: one decision at a time.
    assert 'name="target"' not in page.content.decode()


def test_the_panel_speaks_chinese_down_to_the_reasons():
    pk = subjects()["number"]
    client = as_role(SENIOR)
    shown = text(client.get(page("number", pk), headers={"accept-language": "zh-CN"}))
    for part in (
        "当前告知客户端",
        "拦截条件",
        "确认为骚扰",
        "最新举报",
        "贷款诈骗",
        "在任何举报之前",
    ):
        assert part in shown, part
    for part in ("What clients are told", "loan scam", "Confirm"):
        assert part not in shown, part
