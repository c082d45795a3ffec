"""Many at once by their pages: preview, progress, taking back; for senior moderators only."""

import pytest
from django.utils import timezone

from reputation.admin import bulk as pages
from reputation.identity import display
from reputation.models import AuditEntry, DecisionBatch, Number, Report, Reporter
from reputation.moderation import restating
from reputation.moderation.roles import AUDITOR, MODERATOR, SENIOR
from tests.given.reporters import BAKERY, SCAMMER, newcomer, row, say
from tests.given.rows import a_queue_item
from tests.given.staff import as_role, member, signed_in, text

pytestmark = pytest.mark.django_db
BATCHES = "/admin/reputation/decisionbatch/"


@pytest.fixture
def reports() -> list[str]:
    for n in range(3):
        for number in (SCAMMER, BAKERY):
            reporter, _ = Reporter.objects.get_or_create(
                handle=f"liar{n}",
                kind="person",
                defaults={"created_at": newcomer("x" + str(n) + number.key).created_at},
            )
            say(reporter, number=number, network="one")
    return [str(pk) for pk in Report.objects.order_by("pk").values_list("pk", flat=True)]


def chosen(reports: list[str], **more: str) -> dict:
    return {"subject": "report", "verb": "reject_report", "target": reports} | more


def test_the_preview_leads_back_to_where_the_rows_were_chosen(reports):
    client = as_role(SENIOR)
    page = f"/admin/reputation/number/{row(SCAMMER).pk}/change/"
    cancel = f'data-key="Escape" href="{page}"'
    for step, more in (("preview", {}), ("start", {"reason": " "})):
        shown = client.post(f"{BATCHES}{step}/", chosen(reports, back=page) | more)
        assert cancel in shown.content.decode()
    assert f'name="back" value="{page}"' in shown.content.decode()
    several = {"action": "reject", "_selected_action": reports}
    shown = client.post("/admin/reputation/report/?o=1", several)
    assert 'data-key="Escape" href="/admin/reputation/report/?o=1"' in shown.content.decode()


@pytest.mark.slow
def test_from_preview_to_taking_back(reports):
    client = as_role(SENIOR)
    seen = client.post(f"{BATCHES}preview/", chosen(reports))
    said = text(seen)
    assert "6 rows chosen." in said
    for number in (SCAMMER, BAKERY):
        assert f"{display(number.key)} 3" in said
    assert not DecisionBatch.objects.exists()
    assert "Give the reason" in text(client.post(f"{BATCHES}start/", chosen(reports, reason=" ")))
    started = client.post(f"{BATCHES}start/", chosen(reports, preset="2"))
    batch = DecisionBatch.objects.get()
    page = f"{BATCHES}{batch.pk}/change/"
    assert started["Location"] == page
    assert "0 / 6 being decided" in text(client.get(page))
    step = client.post(f"{BATCHES}{batch.pk}/advance/", headers={"accept": "application/json"})
    assert step.json() == {"done": 6, "undone": 0, "over": True, "waits": ""}
    assert client.post(f"{BATCHES}{batch.pk}/advance/")["Location"] == page
    said = text(client.get(page))
    assert "6 / 6 decided" in said
    assert "Reject as untrue × 6" in said  # not the verb of the record
    assert Report.objects.live().count() == 0
    assert (batch.reason, batch.actor.username) == ("#accounts_move_as_one", "senior")
    assert "Give the reason" in text(
        client.post(f"{BATCHES}{batch.pk}/undo/", {"reason": " "}, follow=True)
    )
    client.post(f"{BATCHES}{batch.pk}/undo/", {"preset": "3"})
    step = client.post(f"{BATCHES}{batch.pk}/advance/", headers={"accept": "application/json"})
    assert step.json() == {"done": 6, "undone": 6, "over": True, "waits": ""}
    assert "6 / 6 taken back" in text(client.get(page))
    assert Report.objects.live().count() == 6
    assert "100%" in text(client.get(BATCHES))
    assert client.post(f"{BATCHES}00000000-0000-0000-0000-000000000000/advance/").status_code == 404


@pytest.mark.slow
def test_from_a_list_several_rows_are_previewed_and_one_has_its_page(reports):
    client = as_role(SENIOR)
    path = "/admin/reputation/report/"
    several = client.post(path, {"action": "reject", "_selected_action": reports})
    assert "6 rows chosen." in text(several)
    one = client.post(path, {"action": "reject", "_selected_action": reports[:1]})
    assert one["Location"] == f"{path}{reports[0]}/decide/reject_report/"
    for kind, model, action, verb in (
        ("number", Number, "confirm", "Confirm as unwanted"),
        ("number", Number, "clear", "Clear as legitimate"),
        ("reporter", Reporter, "block", "Block the reporter"),
        ("report", Report, "hide", "Hide the words"),
    ):
        pks = [str(pk) for pk in model._default_manager.values_list("pk", flat=True)]
        shown = client.post(
            f"/admin/reputation/{kind}/", {"action": action, "_selected_action": pks}
        )
        assert verb in text(shown), verb
    assert not AuditEntry.objects.exists()


@pytest.mark.slow
def test_too_many_or_none(reports, monkeypatch: pytest.MonkeyPatch):
    client = as_role(SENIOR)
    back = "/admin/reputation/report/"
    none = client.post(f"{BATCHES}preview/", chosen([], back=back), follow=True)
    assert "Choose at least one." in text(none)
    rows = [str(n) for n in range(pages.batches.MOST + 1)]
    many = client.post(f"{BATCHES}preview/", chosen(rows, back=back), follow=True)
    assert "Decide on at most 1000 at a time." in text(many)
    for module in (pages.batches, pages.batches.rows):  # the page's limit, and the domain's
        monkeypatch.setattr(module, "MOST", 2)
    many = client.post(f"{BATCHES}preview/", chosen(reports, back=back), follow=True)
    assert "Decide on at most 2 at a time." in text(many)
    listed = client.post(back, {"action": "reject", "_selected_action": reports}, follow=True)
    assert "Decide on at most 2 at a time." in text(listed)
    started = client.post(f"{BATCHES}start/", chosen(reports, preset="1"))
    assert "Decide on at most 2 at a time." in text(started)
    assert not DecisionBatch.objects.exists()


def test_a_cluster_is_one_batch_and_z_offers_to_take_all_of_it_back(reports):
    first = Reporter.objects.get(handle="liar0")
    Reporter.objects.filter(handle__startswith="liar").update(cluster=first.pk)
    client = as_role(SENIOR)
    address = f"/admin/reputation/reporter/{first.pk}/decide/block_cluster/"
    asked = text(client.get(address))
    for number in (SCAMMER, BAKERY):
        assert f"{display(number.key)} 3" in asked
        assert f"score {row(number).score}" in asked
    client.post(address, {"preset": "1"})
    batch = DecisionBatch.objects.get()
    assert AuditEntry.objects.filter(batch=batch, verb="block_reporter").count() == 3
    assert not Report.objects.live().exists()
    shown = client.get(f"/admin/reputation/reporter/{first.pk}/change/").content.decode()
    assert f'data-key="z" href="{BATCHES}{batch.pk}/change/"' in shown
    client.post(f"{BATCHES}{batch.pk}/undo/", {"preset": "1"})
    client.post(f"{BATCHES}{batch.pk}/advance/")
    assert Report.objects.live().count() == 6
    assert "Your last decision" not in text(client.get("/admin/reputation/queueitem/"))


def test_a_batch_that_must_wait_says_so_and_goes_on(reports, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(restating, "AT_ONCE", 1)
    liars = Reporter.objects.filter(handle__startswith="liar")
    client = as_role(SENIOR)
    client.post(f"/admin/reputation/reporter/{liars[0].pk}/decide/block_reporter/", {"preset": "1"})
    pks = [str(liar.pk) for liar in liars]
    wanted = chosen(pks, subject="reporter", verb="block_reporter", preset="1")
    page = client.post(f"{BATCHES}start/", wanted)["Location"]
    step = page.replace("change", "advance")
    waits = client.post(step, headers={"accept": "application/json"}).json()
    assert waits == {"done": 0, "undone": 0, "over": False, "waits": str(restating.StillPending())}
    assert "still being counted anew" in text(client.post(step, follow=True))
    restating.carry_out(now=timezone.now())
    client.post(step)
    assert client.post(step, headers={"accept": "application/json"}).json()["over"]
    assert not Reporter.objects.filter(handle__startswith="liar", blocked_at=None).exists()


def test_a_preview_submitted_twice_is_one_batch(reports):
    client = as_role(SENIOR)
    drawn = client.post(f"{BATCHES}preview/", chosen(reports)).context["batch_id"]
    for _turn in range(2):
        client.post(f"{BATCHES}start/", chosen(reports, preset="1", batch=str(drawn)))
    assert DecisionBatch.objects.get().pk == drawn


@pytest.mark.parametrize("verb", ["pin_number", "love", "merge_report"])
@pytest.mark.parametrize("step", ["preview", "start"])
def test_no_such_batch(reports, verb: str, step: str):
    response = as_role(SENIOR).post(f"{BATCHES}{step}/", chosen(reports, verb=verb, preset="1"))
    assert response.status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("role", [MODERATOR, AUDITOR])
def test_many_at_once_are_for_senior_moderators(reports, role: str):
    senior = as_role(SENIOR)
    senior.post(f"{BATCHES}start/", chosen(reports[:2], preset="1"))
    batch = DecisionBatch.objects.get()
    client = as_role(role)
    page = f"/admin/reputation/number/{row().pk}/change/"
    assert f"{BATCHES}preview/" in senior.get(page).content.decode()
    assert "Reject the chosen" in text(senior.get(page))
    assert "Reject the chosen" not in text(client.get(page))
    assert "Go on" not in text(client.get(f"{BATCHES}{batch.pk}/change/"))
    for path in ("preview/", "start/", f"{batch.pk}/advance/", f"{batch.pk}/undo/"):
        answer = client.post(f"{BATCHES}{path}", chosen(reports, preset="1"))
        assert answer.status_code == 403, path
        assert senior.get(f"{BATCHES}{path}").status_code == 403, path
    assert Report.objects.live().count() == 6


@pytest.mark.parametrize("table", ["number", "report", "reporter"])
def test_only_who_decides_on_many_can_choose_rows_of_a_list(reports, table: str):
    listing = f"/admin/reputation/{table}/"
    assert 'name="_selected_action"' in as_role(SENIOR).get(listing).content.decode()
    for role in (MODERATOR, AUDITOR):
        assert 'name="_selected_action"' not in as_role(role).get(listing).content.decode()


@pytest.mark.parametrize("pk", ["[]", "", "\x00", "1.5", "9" * 5_000])
@pytest.mark.parametrize(
    ("table", "action"), [("number", "confirm"), ("report", "hide"), ("reporter", "block")]
)
def test_what_cannot_be_a_row_is_not_chosen(table: str, action: str, pk: str):
    page = f"/admin/reputation/{table}/?o=1"
    sent = {"action": action, "_selected_action": [pk, "1"], "index": "0"}
    answer = as_role(SENIOR).post(page, sent)
    assert (answer.status_code, answer["Location"]) == (302, page)


@pytest.mark.parametrize("status", ["[]", "\x00"])
def test_a_filter_of_the_jobs_for_what_no_job_has_finds_none(status: str):
    jobs = "/admin/procrastinate/procrastinatejob/"
    found = signed_in(member("boss")).get(jobs, {"status": status})
    assert list(found.context["cl"].result_list) == []


@pytest.mark.parametrize("digits", ["9" * 30, "9" * 5_000, "٣", "²"])
def test_more_digits_than_a_row_has_name_none(digits: str):
    client = as_role(SENIOR)
    say(newcomer("a"))
    rows = {"subject": "number", "verb": "clear_number", "target": digits, "preset": digits}
    assert client.post(f"{BATCHES}preview/", rows)["Location"] == "/admin/"
    page = f"/admin/reputation/number/{row().pk}/decide/mark_spoofed/"
    sent = {"reason": "heard it", "seen": digits, "item": digits, "preset": digits}
    assert client.post(page, sent)["Location"] == f"/admin/reputation/number/{row().pk}/change/"
    queue = "/admin/reputation/queueitem/"
    assert client.post(f"{queue}next/", {"after": digits})["Location"] == queue
    item = a_queue_item(number=row())
    assert client.post(f"{queue}{item.pk}/assign/", {"to": digits}).status_code == 302
    assert client.get(f"{queue}{digits}/change/").status_code == 302
