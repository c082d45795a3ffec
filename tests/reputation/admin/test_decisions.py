"""Decisions by their pages: offered to who may, previewed, taken with a reason, else refused."""

from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from reputation.admin.decisions import DECISIONS
from reputation.decisions import RULES
from reputation.disputes.histories import contact_of, seal_contact
from reputation.identity import identify
from reputation.models import AuditEntry, Campaign, Dispute, KeyGrant, Number, Report, Reporter
from reputation.moderation import confirm_number
from reputation.moderation.roles import AUDITOR, MODERATOR, ROLES, SENIOR
from reputation.reports.linking import merge_reporters
from reputation.scoring.policy import Action
from tests.given.concurrency import together
from tests.given.disputes import a_dispute
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, crowd, newcomer, row, say
from tests.given.rows import a_campaign, a_key_grant, a_numbers_file, a_queue_item
from tests.given.staff import as_role, signed_in, staff, text

pytestmark = pytest.mark.django_db


def page(kind: str, pk: int, verb: str = "") -> str:
    return f"/admin/reputation/{kind}/{pk}/" + (f"decide/{verb}/" if verb else "change/")


def subjects() -> dict[str, int]:
    """One of each kind, in a state in which most decisions are open."""
    crowd(3)
    report = say(newcomer("a"), comment="Anna at 13800138000").report
    Reporter.objects.filter(pk=report.reporter_id).update(cluster=report.reporter_id)
    return {
        "number": row().pk,
        "report": report.pk,
        "reporter": report.reporter_id,
        "dispute": a_dispute().pk,
        "numbersfile": a_numbers_file(found={"calls": {}, "never_calls": {}}, found_at=NOW).pk,
        "campaign": a_campaign(reports=4).pk,
        "keygrant": a_key_grant().pk,
    }


def given(kind: str, verb: str) -> dict[str, str]:
    """What the decision's form asks for besides the reason."""
    others = Report.objects.live().order_by("pk").first()
    answers = {
        "action": "flag",
        "until": "2099-01-01",
        "since": "2026-11-20",
        "name": "A Bank",
        "source": "A list",
        "keep": str(others and others.pk),
        "grounds": "new_holder",
        "statement": "We are a florist.",
        "contact": "florist@example.org",
        "scopes": "lookup",
        "lookups_per_minute": "60",
        "verifies_attestation": "on",
    }
    return {name: answers[name] for name in RULES[kind][verb].fields}


def leave_contact(dispute: Dispute) -> None:
    seal_contact(dispute, "florist@example.org")
    dispute.save()


def grant() -> None:
    KeyGrant.objects.update(
        granted_at=NOW,
        scopes=["lookup"],
        lookups_per_minute=60,
        expires_at=timezone.now() + DAY,
        voice=Reporter.objects.get(handle="a"),
    )


def link_to_an_account() -> None:
    """The reporter on whom the panel decides sends SMS, and is linked to an account."""
    phone = Reporter.objects.get(handle="a")
    phone.kind = "sms"
    phone.save()
    account = Reporter.objects.create(kind="person", handle="account", created_at=NOW)
    merge_reporters(into=account, other=phone, now=NOW)


EVERY = [(kind, verb) for kind, decisions in DECISIONS.items() for verb in decisions]
# What each needs to have happened before.
READY = {
    "unmark_spoofed": lambda: Number.objects.update(spoofed=True),
    "unmark_reassigned": lambda: Number.objects.update(reassigned=True, epoch_at=NOW - 9 * DAY),
    "hold_number": lambda: Number.objects.update(pinned="block", action="block"),
    "unpin_number": lambda: Number.objects.update(pinned="flag"),
    "unmark_official": lambda: Number.objects.update(official=True, name="A"),
    "unhide_report": lambda: Report.objects.update(hidden=True),
    "unmark_never_calling": lambda: Number.objects.update(official=True, never_calls=True),
    "release_campaign": lambda: Campaign.objects.update(
        confirmed_at=NOW, confirmed_until=NOW + 30 * DAY
    ),
    "open_dispute": Dispute.objects.all().delete,
    "reveal_contact": lambda: leave_contact(Dispute.objects.get()),
    "unblock_reporter": lambda: Reporter.objects.update(blocked_at=NOW),
    "unlink_reporter": lambda: link_to_an_account(),
    "change_key": grant,
    "end_key": grant,
}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "verb"), EVERY)
def test_each_decision_is_taken_from_its_page(kind: str, verb: str):
    pk = subjects()[kind]
    READY.get(verb, lambda: None)()
    client = as_role(SENIOR)
    address = page(kind, pk, verb)
    asked = client.get(address)
    assert asked.status_code == 200
    decision = DECISIONS[kind][verb]
    assert str(decision.consequence) in text(asked)
    assert not AuditEntry.objects.exists()
    more = given(kind, verb)
    if "until" in more:
        more["until"] = f"{timezone.now() + 30 * DAY:%Y-%m-%d}"
    refused = client.post(address, more | {"reason": "  "})
    assert "Give the reason: it goes on record with your name." in text(refused)
    assert not AuditEntry.objects.exists()
    taken = client.post(address, more | {"preset": "1"})
    if decision.rule.shows:
        shown = {"report": "Anna at 13800138000", "dispute": "florist@example.org"}[kind]
        assert shown in text(taken)
        assert "no-store" in taken["Cache-Control"]
    else:
        assert (taken.status_code, taken["Location"]) == (302, page(kind, pk))
    entry = AuditEntry.objects.order_by("id").first()
    assert entry is not None
    assert (entry.actor.username, entry.reason) == ("senior", f"#{decision.reasons[0]}")
    assert entry.verb == ("block_reporter" if verb == "block_cluster" else verb)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_decide_is_refused_by_address_and_sees_no_button(role: str):
    pks = subjects()
    client = as_role(role)
    as_they_are = {kind: client.get(page(kind, pk)) for kind, pk in pks.items()}
    for kind, verb in EVERY:
        with transaction.atomic():
            shown = as_they_are[kind]
            if verb in READY:
                READY[verb]()
                shown = client.get(page(kind, pks[kind]))
            may = RULES[kind][verb].permission in ROLES[role]
            address = page(kind, pks[kind], verb)
            offered = address in shown.content.decode()
            asked = client.get(address).status_code
            taken = client.post(address, given(kind, verb) | {"preset": "1"}).status_code
            transaction.set_rollback(True)
        assert offered is may, verb
        assert (asked == 403, taken == 403) == (not may, not may), verb


def test_who_is_signed_out_or_no_staff_gets_nowhere():
    pk = subjects()["number"]
    for client in (Client(), as_role("")):
        assert client.get(page("number", pk, "confirm_number")).status_code in (302, 403)
        response = client.post(page("number", pk, "confirm_number"), {"preset": "1"})
        assert response.status_code in (302, 403)
    assert not AuditEntry.objects.exists()


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


def test_a_reason_at_hand_and_words_of_one_s_own_go_together():
    pk = subjects()["number"]
    as_role(MODERATOR).post(
        page("number", pk, "clear_number"), {"preset": "2", "reason": "see the ticket"}
    )
    entry = AuditEntry.objects.get()
    assert entry.reason == "#accounts_move_as_one see the ticket"


def test_a_pin_says_until_when():
    pk = subjects()["number"]
    client = as_role(SENIOR)
    address = page("number", pk, "pin_number")
    wrong = client.post(address, {"action": "block", "until": "2001-01-01", "preset": "1"})
    assert "A pin ends within a year from now." in text(wrong)
    until = f"{timezone.now() + 30 * DAY:%Y-%m-%d}"
    client.post(address, {"action": "block", "until": until, "preset": "1"})
    number = Number.objects.get(pk=pk)
    assert (number.pinned, f"{number.pinned_until:%Y-%m-%d %H:%M}") == ("block", f"{until} 23:59")
    assert number.action == Action.BLOCK


def test_what_is_so_already_is_not_decided_again():
    pk = subjects()["number"]
    client = as_role(MODERATOR)
    response = client.get(page("number", pk, "unmark_spoofed"), follow=True)
    assert "This is so already." in text(response)


@pytest.mark.parametrize("path", ["number/0/decide/confirm_number/", "number/{pk}/decide/love/"])
def test_no_such_page(path: str):
    pk = subjects()["number"]
    assert as_role(SENIOR).get(f"/admin/reputation/{path.format(pk=pk)}").status_code == 404


@pytest.mark.slow
def test_the_last_decision_is_taken_back_by_who_may():
    pk = subjects()["number"]
    client = as_role(MODERATOR)
    client.post(page("number", pk, "confirm_number"), {"preset": "1"})
    entry = AuditEntry.objects.get()
    undo = f"/admin/reputation/queueitem/undo/{entry.pk}/"
    assert undo in client.get(page("number", pk)).content.decode()
    auditor = as_role(AUDITOR)
    assert undo not in auditor.get(page("number", pk)).content.decode()
    assert auditor.post(undo, {"preset": "1"}).status_code == 403
    assert "A slip of the hand." in text(client.get(undo))
    assert "Give the reason" in text(client.post(undo, {"reason": " "}))
    back = client.post(undo, {"preset": "1", "back": page("number", pk)})
    assert (back.status_code, back["Location"]) == (302, page("number", pk))
    assert Number.objects.get(pk=pk).moderated == 0
    assert "This decision was taken back before." in text(client.post(undo, {"preset": "1"})) or (
        "Something was decided since" in text(client.post(undo, {"preset": "1"}))
    )
    assert client.get("/admin/reputation/queueitem/undo/0/").status_code == 404


def test_a_decision_from_a_stale_page_is_refused_with_what_was_decided_since():
    """panel.md A4b, A5."""
    pk = subjects()["number"]
    one, other = as_role(MODERATOR), as_role(SENIOR)
    confirm = page("number", pk, "confirm_number")
    stale = {"preset": "1", "seen": str(one.get(confirm).context["seen_until"])}
    other.post(page("number", pk, "clear_number"), {"preset": "1"})
    refused = one.post(confirm, stale)
    assert "Decided since you opened this page, by senior at" in text(refused)
    assert "Clear as legitimate" in text(refused)
    assert (row().moderated, AuditEntry.objects.count()) == (-1, 1)
    again = {"preset": "1", "seen": str(refused.context["seen_until"])}
    for _turn in range(2):
        assert one.post(confirm, again).status_code == 302
    assert (row().moderated, AuditEntry.objects.count()) == (1, 2)


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
    """panel.md A6: with the form's fields as they open, and as they are filled in."""
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


def test_what_another_has_claimed_is_not_decided_from_another_page():
    pk = subjects()["number"]
    item = a_queue_item(number=row())
    holder, other = as_role(MODERATOR), as_role(SENIOR)
    holder.post(f"/admin/reputation/queueitem/{item.pk}/claim/")
    report = Report.objects.latest("pk")
    for kind, subject, verb in (
        ("number", pk, "confirm_number"),
        ("report", report.pk, "reject_report"),
    ):
        refused = other.post(page(kind, subject, verb), {"preset": "1"})
        assert "moderator is at this until" in text(refused)
    assert not AuditEntry.objects.exists()
    assert holder.post(page("number", pk, "confirm_number"), {"preset": "1"}).status_code == 302
    assert row().moderated == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verbs", [("confirm_number",) * 3, ("confirm_number", "clear_number")])
def test_at_the_same_moment_one_decision_is_taken(verbs: tuple[str, ...]):
    """panel.md A4c, A5: double clicks by one, or opposite decisions by two."""
    crowd(3)
    pk = row().pk
    boss = User.objects.create_superuser("boss")
    accounts = [boss if verb == verbs[0] else User.objects.create_superuser(verb) for verb in verbs]

    def post(user: User, verb: str) -> int:
        client = signed_in(user)
        return client.post(page("number", pk, verb), {"preset": "1", "seen": "0"}).status_code

    answers = together(
        *(partial(post, user, verb) for user, verb in zip(accounts, verbs, strict=True))
    )
    assert AuditEntry.objects.count() == 1
    assert sorted(answers) == ([302] * 3 if len(verbs) == 3 else [200, 302])


def test_after_a_decision_that_stands_for_good_z_offers_no_older_one():
    """panel.md A11."""
    pks = subjects()
    client = as_role(MODERATOR)
    client.post(page("number", pks["number"], "mark_spoofed"), {"preset": "1"})
    address = page("dispute", pks["dispute"], "reject_dispute")
    seen = str(client.get(address).context["seen_until"])
    client.post(address, {"preset": "1", "seen": seen})
    shown = client.get("/admin/reputation/queueitem/")
    assert "Reject: the listing stands" in text(shown)
    assert "It cannot be taken back." in text(shown)
    assert 'data-key="z"' not in shown.content.decode()


def test_no_page_sends_anybody_elsewhere():
    pk = subjects()["number"]
    response = as_role(MODERATOR).post(
        page("number", pk, "clear_number"), {"preset": "1", "back": "https://evil.example/"}
    )
    assert response["Location"] == page("number", pk)


def test_an_appeal_is_not_decided_by_who_decided_before():
    pks = subjects()
    judge = staff(MODERATOR, "judge")
    first = Dispute.objects.get(pk=pks["dispute"])
    Dispute.objects.filter(pk=first.pk).update(
        status="rejected", decided_at=NOW, decided_by=judge, reason="r"
    )
    appeal = a_dispute(appeal_of=first, barred=judge)
    client = Client()
    client.force_login(judge)
    told = "You decided what is appealed against: another has to decide this."
    assert told in text(client.get(page("dispute", appeal.pk)))
    assert told in text(client.post(page("dispute", appeal.pk, "reject_dispute"), {"preset": "1"}))
    assert Dispute.objects.get(pk=appeal.pk).status == "open"


def test_who_lost_before_is_told_to_who_decides():
    pks = subjects()
    judge = staff(MODERATOR, "judge")
    for n in range(3):
        number = say(newcomer(f"n{n}"), number=identify(f"+861381234000{n}")).number
        a_dispute(number=number, status="rejected", decided_at=NOW, decided_by=judge, reason="r")
    shown = text(as_role(MODERATOR).get(page("dispute", pks["dispute"])))
    assert (
        "Lost before, within a year: 0 disputes of this number · 3 from this network "
        "(3 other numbers disputed from there) · 0 with this contact "
        "(0 other numbers disputed with it) · Nothing is held for who lost before." in shown
    )


def test_a_dispute_that_cannot_be_opened_says_why():
    pk = subjects()["number"]
    client = as_role(MODERATOR)
    more = given("number", "open_dispute") | {"preset": "1"}
    answer = text(client.post(page("number", pk, "open_dispute"), more))
    assert "This number is disputed already, and a moderator is going to decide." in answer
    Dispute.objects.all().delete()
    client.post(page("number", pk, "open_dispute"), more)
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.via, dispute.statement) == (
        "open",
        "panel",
        "We are a florist.",
    )
    assert contact_of(dispute) == "florist@example.org"
    assert (row().status, row().disputed) == ("disputed", True)


def test_the_statement_of_a_dispute_is_masked():
    shown = text(as_role(MODERATOR).get(page("dispute", subjects()["dispute"])))
    assert "I am a bakery, call ▇▇▇" in shown
    assert "13800138000" not in shown


def test_who_claimed_a_number_is_told_to_others():
    pk = subjects()["number"]
    other = staff(SENIOR, "other")
    a_queue_item(number=row(), claimed_by=other, claimed_until=timezone.now() + DAY)
    assert "other is at this number until" in text(as_role(MODERATOR).get(page("number", pk)))


def test_a_decision_outside_the_queue_puts_its_item_to_rest():
    pk = subjects()["number"]
    item = a_queue_item(number=row())
    as_role(MODERATOR).post(page("number", pk, "confirm_number"), {"preset": "1"})
    item.refresh_from_db()
    assert item.rests_until is not None


def test_another_number_of_the_same_evidence_is_not_touched():
    pks = subjects()
    confirm_number(actor=staff(SENIOR, "x"), identity=BAKERY, reason="r", now=NOW)
    before = Number.objects.filter(key=BAKERY.key).values().get()
    as_role(MODERATOR).post(page("number", pks["number"], "clear_number"), {"preset": "1"})
    assert Number.objects.filter(key=BAKERY.key).values().get() == before
    assert SCAMMER.key == Number.objects.get(pk=pks["number"]).key


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
    """panel.md B6: the number is not only in the breadcrumbs, and the evidence is there."""
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
