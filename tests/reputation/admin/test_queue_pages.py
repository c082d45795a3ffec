"""The queue's pages: claims, decisions in a row, items left as they are, saved filters."""

import pytest
from django.utils import timezone

from reputation.identity import display
from reputation.models import AuditEntry, Number, QueueItem, SavedFilter
from reputation.moderation import queue
from reputation.moderation.roles import ADMINISTRATOR, AUDITOR, MODERATOR, SENIOR
from tests.given.disputes import a_dispute
from tests.given.reporters import BAKERY, SCAMMER, crowd, newcomer, row, say
from tests.given.rows import a_queue_item
from tests.given.staff import as_role, signed_in, staff, text

pytestmark = pytest.mark.django_db
QUEUE = "/admin/reputation/queueitem/"


def now_said(name: str, number, **more):
    return say(newcomer(name), number=number, at=timezone.now(), **more)


@pytest.fixture
def items() -> tuple[QueueItem, QueueItem]:
    """Two numbers; of the first more is at stake."""
    for n in range(5):
        now_said(f"a{n}", SCAMMER, network=f"net{n % 2}")
    for name in ("b", "c"):
        now_said(name, BAKERY)
    queue.refresh(now=timezone.now())
    first, second = queue.waiting(now=timezone.now())
    assert first.number == row()
    return first, second


def item_page(item: QueueItem) -> str:
    return f"{QUEUE}{item.pk}/change/"


@pytest.mark.slow
def test_one_after_the_other(items):
    first, second = items
    client = as_role(MODERATOR)
    listed = text(client.get(QUEUE))
    assert listed.index(display(SCAMMER.key)) < listed.index(display(BAKERY.key))
    taken = client.post(f"{QUEUE}next/")
    assert taken["Location"] == item_page(first)
    shown = client.get(item_page(first))
    link = f"/admin/reputation/number/{row().pk}/decide/confirm_number/?item={first.pk}"
    assert link in shown.content.decode()
    decided = client.post(link, {"preset": "1", "item": str(first.pk)})
    assert decided["Location"] == item_page(second)
    last = client.post(
        f"/admin/reputation/number/{row(BAKERY).pk}/decide/clear_number/",
        {"preset": "1", "item": str(second.pk)},
        follow=True,
    )
    assert last.redirect_chain == [(QUEUE, 302)]
    assert "No other item waits, or other moderators work on them." in text(last)
    assert (row().moderated, row(BAKERY).moderated) == (1, -1)
    assert "Nothing waits." in text(last)


@pytest.mark.slow
def test_two_at_once_get_two(items):
    first, second = items
    one, other = as_role(MODERATOR), as_role(SENIOR)
    assert one.post(f"{QUEUE}next/")["Location"] == item_page(first)
    assert other.post(f"{QUEUE}next/")["Location"] == item_page(second)
    assert "moderator is at this until" in text(other.get(item_page(first)))
    refused = other.post(f"{QUEUE}{first.pk}/claim/", follow=True)
    assert "Moderator is at this until" in text(refused)
    # Passed over and given back, each is to be had again.
    assert one.post(f"{QUEUE}next/", {"after": str(first.pk)})["Location"] == QUEUE
    other.post(f"{QUEUE}{second.pk}/release/")
    assert other.post(f"{QUEUE}{first.pk}/claim/")["Location"] == item_page(first)


def test_a_decision_puts_no_item_of_another_number_to_rest(items):
    _first, second = items
    confirm = f"/admin/reputation/number/{row().pk}/decide/confirm_number/"
    decided = as_role(MODERATOR).post(confirm, {"preset": "1", "item": str(second.pk)})
    assert decided["Location"] == item_page(second)
    assert list(queue.waiting(now=timezone.now())) == [second]


def test_an_item_that_is_nobody_s_shows_no_decision(items):
    first, _ = items
    shown = as_role(MODERATOR).get(item_page(first)).content.decode()
    assert "decide/confirm_number" not in shown
    assert f"{QUEUE}{first.pk}/claim/" in shown


def test_left_as_it_is(items):
    first, second = items
    client = as_role(MODERATOR)
    client.post(f"{QUEUE}{first.pk}/claim/")
    asked = client.get(f"{QUEUE}{first.pk}/leave/").content.decode()
    assert "Nothing to go by yet." in asked
    assert f'<p class="subject">{first.number}</p>' in asked
    assert "Give the reason" in text(client.post(f"{QUEUE}{first.pk}/leave/", {"reason": ""}))
    left = client.post(f"{QUEUE}{first.pk}/leave/", {"preset": "1"})
    assert left["Location"] == item_page(second)
    assert (AuditEntry.objects.get().verb, row().moderated) == ("leave", 0)


@pytest.mark.slow
def test_what_is_taken_back_waits_again(items):
    first, _ = items
    client = as_role(MODERATOR)
    client.post(f"{QUEUE}{first.pk}/claim/")
    client.post(
        f"/admin/reputation/number/{row().pk}/decide/confirm_number/",
        {"preset": "1", "item": str(first.pk)},
    )
    assert item_page(first) not in client.get(QUEUE).content.decode()
    entry = AuditEntry.objects.get()
    client.post(f"{QUEUE}undo/{entry.pk}/", {"preset": "1"})
    assert item_page(first) in client.get(QUEUE).content.decode()


@pytest.mark.parametrize("kind", ["dispute", "reporter", "report", "claim"])
def test_an_item_of_each_kind_has_its_page(kind: str):
    said = now_said("a", SCAMMER).report
    subject = {
        "dispute": lambda: a_dispute().pk,
        "reporter": lambda: said.reporter_id,
        "report": lambda: said.pk,
        "claim": lambda: row().pk,
    }[kind]()
    item = a_queue_item(
        kind=kind, subject_id=subject, found_at=timezone.now(), seen_at=timezone.now()
    )
    client = as_role(SENIOR)
    client.post(f"{QUEUE}{item.pk}/claim/")
    offers = {
        "dispute": "uphold_dispute",
        "reporter": "block_reporter",
        "report": "reject_report",
        "claim": "mark_official",
    }
    assert f"decide/{offers[kind]}/?item={item.pk}" in client.get(item_page(item)).content.decode()
    assert client.get(QUEUE, {"kind": kind}).context["page"].paginator.count == 1
    assert client.get(QUEUE, {"kind": "number"}).context["page"].paginator.count == 0


@pytest.mark.slow
def test_an_item_that_is_gone_says_so(items):
    first, _ = items
    QueueItem.objects.all().delete()
    client = as_role(MODERATOR)
    for path in (item_page(first), f"{QUEUE}{first.pk}/leave/"):
        assert "This no longer waits." in text(client.get(path, follow=True))
    assert "This no longer waits" in text(client.post(f"{QUEUE}{first.pk}/claim/", follow=True))
    client.post(f"{QUEUE}refresh/")
    item = QueueItem.objects.get(number=row())
    QueueItem.objects.filter(pk=item.pk).update(kind="report", subject_id=0)
    assert "This no longer waits." in text(client.get(item_page(item), follow=True))


@pytest.mark.parametrize("role", [AUDITOR, ADMINISTRATOR])
def test_who_only_reads_works_nothing(items, role: str):
    first, _ = items
    client = as_role(role)
    shown = client.get(QUEUE).content.decode()
    assert f"{QUEUE}next/" not in shown
    assert f"{QUEUE}{first.pk}/claim/" not in shown
    for path in ("next/", "refresh/", *(f"{first.pk}/{w}/" for w in ("claim", "release", "leave"))):
        assert client.post(f"{QUEUE}{path}", {"preset": "1"}).status_code == 403, path
    assert client.get(item_page(first)).status_code == 200
    assert not QueueItem.objects.exclude(claimed_by=None).exists()


def test_nothing_happens_by_following_a_link(items):
    first, _ = items
    client = as_role(MODERATOR)
    for path in ("next/", "refresh/", f"{first.pk}/claim/", f"{first.pk}/release/"):
        assert client.get(f"{QUEUE}{path}").status_code == 403
    assert client.post(item_page(first)).status_code == 403
    assert not QueueItem.objects.exclude(claimed_by=None).exists()


# --- saved filters ---

FILTERS = "/admin/reputation/savedfilter/"
NUMBERS = "/admin/reputation/number/"


def keep(client, name: str = "blocked", **more: str):
    data = {"page": "number", "name": name, "query": "action=block&p=3"} | more
    return client.post(f"{FILTERS}keep/", data)


def test_a_filter_is_kept_shown_shared_and_dropped():
    mine, other = staff(MODERATOR, "mine"), staff(MODERATOR, "other")
    client = signed_in(mine)
    assert "Keep this filter as" not in text(client.get(NUMBERS))
    assert "Keep this filter as" in text(client.get(NUMBERS, {"action": "block"}))
    kept = keep(client)
    assert kept["Location"] == f"{NUMBERS}?action=block"
    keep(client, "for all", shared="on")
    assert '<a href="?action=block">blocked</a>' in client.get(NUMBERS).content.decode()
    theirs = client.get(NUMBERS).content.decode()
    others = signed_in(other).get(NUMBERS).content.decode()
    assert ">for all</a>" in others
    assert ">blocked</a>" not in others
    first, second = SavedFilter.objects.order_by("id")
    assert f"{FILTERS}{second.pk}/drop/" in theirs
    assert f"{FILTERS}{second.pk}/drop/" not in others
    assert signed_in(other).post(f"{FILTERS}{second.pk}/drop/").status_code == 404
    assert client.post(f"{FILTERS}{first.pk}/drop/")["Location"] == NUMBERS
    assert list(SavedFilter.objects.all()) == [second]


def test_a_filter_needs_a_name_of_its_own():
    client = as_role(MODERATOR)
    keep(client)
    for name in ("blocked", "  "):
        response = keep(client, name)
        assert response.status_code == 302
        assert "Give the filter a name" in text(client.get(NUMBERS))
    assert SavedFilter.objects.count() == 1
    assert keep(client, "x", page="nothing").status_code == 404


def test_an_auditor_keeps_no_filters():
    client = as_role(AUDITOR)
    assert keep(client).status_code == 403
    assert "Keep this filter as" not in text(client.get(NUMBERS, {"action": "block"}))
    assert client.post(f"{FILTERS}1/drop/").status_code == 403
    assert not Number.objects.exists()


def test_the_page_of_an_item_that_another_has_offers_only_them_to_take_it():
    crowd(1)
    anna, bert = staff(MODERATOR, "anna"), staff(MODERATOR, "bert")
    item = a_queue_item(number=row(), assigned_to=anna)
    page = f"/admin/reputation/queueitem/{item.pk}/change/"
    offered = {who: b"/claim/" in signed_in(who).get(page).content for who in (anna, bert)}
    assert offered == {anna: True, bert: False}
