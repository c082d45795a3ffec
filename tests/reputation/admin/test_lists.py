"""The admin finds numbers and what was said of them; whatever changes goes through moderation."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from reputation.admin import reading
from reputation.admin.columns import name_of
from reputation.decisions import RULES, OneDecision, propose
from reputation.models import AuditEntry, Number, QueueItem, Report, Reporter, ReportRevision
from reputation.moderation import (
    batches,
    clear_number,
    confirm_number,
    dossier,
    mark_official,
    queue,
)
from reputation.reports import withdraw_report
from reputation.scoring import Action
from tests.given.disputes import a_dispute
from tests.given.published_complaints import bring, complaint
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, crowd, newcomer, row, say, veteran
from tests.given.staff import signed_in, text

pytestmark = pytest.mark.django_db

NUMBERS = "/admin/reputation/number/"
REPORTS = "/admin/reputation/report/"
REPORTERS = "/admin/reputation/reporter/"
AUDIT = "/admin/reputation/auditentry/"


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss")


@pytest.fixture
def client(boss: User) -> Client:
    return signed_in(boss)


def staff(*permissions: str) -> Client:
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return signed_in(user)


def shown(client: Client, path: str, **query: str) -> list[str]:
    """The numbers that a list shows, in its order."""
    response = client.get(path, query)
    assert response.status_code == 200
    return [number.key for number in response.context["cl"].result_list]


def test_a_list_shows_how_words_begin_and_the_report_shows_all(client: Client):
    report = say(newcomer("a"), comment="They shout. " * 100 + "The end.").report
    listed = text(client.get(REPORTS))
    assert "They shout. They shout." in listed
    assert "The end." not in listed
    assert "The end." in text(client.get(f"{REPORTS}{report.pk}/change/"))


def page_of(number: Number) -> str:
    return f"{NUMBERS}{number.pk}/change/"


# --- finding ---


@pytest.mark.parametrize(
    "term",
    [
        "+8613812345678",
        " +86 138-1234-5678 ",
        "008613812345678",
        "tel:+86-138-1234-5678",
        "sip:+8613812345678@gw.example;user=phone",
        "CN 13812345678",
        "cn, 138 1234 5678",
        "８６13812345678",
    ],
)
def test_a_number_is_found_in_any_notation(client: Client, term: str):
    say(newcomer("a"))
    say(newcomer("b"), number=BAKERY)
    assert shown(client, NUMBERS, q=term) == [SCAMMER.key]
    reports = client.get(REPORTS, {"q": term}).context["cl"].result_list
    assert [report.number.key for report in reports] == [SCAMMER.key]


@pytest.mark.parametrize(
    ("term", "told"),
    [
        (
            "13812345678",
            "13812345678: The country is not clear: write it with + and calling code, or behind "
            "its country, such as CN 15400001234.",
        ),
        (
            "XX 13812345678",
            "XX 13812345678: No country has these two letters. Write them as in CN or US.",
        ),
        ("+1", "+1: "),
    ],
)
@pytest.mark.parametrize("path", [NUMBERS, REPORTS])
def test_a_search_for_no_number_says_why(client: Client, path: str, term: str, told: str):
    say(newcomer("a"))
    response = client.get(path, {"q": term})
    assert list(response.context["cl"].result_list) == []
    assert told in text(response)


@pytest.mark.parametrize("path", [NUMBERS, REPORTS])
def test_an_empty_search_shows_all(client: Client, path: str):
    say(newcomer("a"))
    assert len(client.get(path, {"q": " "}).context["cl"].result_list) == 1


def test_a_report_is_found_by_its_id(client: Client):
    report = say(newcomer("a")).report
    say(newcomer("b"))
    found = client.get(REPORTS, {"q": str(report.public_id)}).context["cl"].result_list
    assert list(found) == [report]


def test_a_reporter_is_found_by_handle(client: Client):
    newcomer("a")
    wanted = newcomer("ab")
    assert list(client.get(REPORTERS, {"q": "ab"}).context["cl"].result_list) == [wanted]


def test_filters_of_numbers_show_what_they_name(client: Client, boss: User):
    crowd(3)
    say(newcomer("n"), "telemarketing", BAKERY)
    say(newcomer("m"), number=SCAMMER, channel="sms")
    confirm_number(actor=boss, identity=SCAMMER, reason="seen", now=NOW)
    assert shown(client, NUMBERS) == [BAKERY.key, SCAMMER.key]
    for query, keys in (
        ({"action": "block"}, [SCAMMER.key]),
        ({"action": "flag"}, []),
        ({"action": "allow"}, [BAKERY.key]),
        ({"status": "listed"}, [SCAMMER.key]),
        ({"category": "telemarketing"}, [BAKERY.key]),
        ({"moderated": "1"}, [SCAMMER.key]),
        ({"moderated": "0", "action": "allow"}, [BAKERY.key]),
    ):
        assert shown(client, NUMBERS, **query) == keys, query
    for query, count in (({"status": "live"}, 5), ({"channel": "sms"}, 1), ({"status": "x"}, 0)):
        assert len(client.get(REPORTS, query).context["cl"].result_list) == count, query


@pytest.mark.parametrize("value", ["[]", "\0", "9" * 5_000])
def test_a_filter_by_what_is_no_choice_shows_nothing(client: Client, value: str):
    crowd(2)
    asked = [
        (f"/admin/{model._meta.app_label}/{model._meta.model_name}/", each.parameter_name)
        for model, page in admin.site._registry.items()
        for each in page.list_filter
        if isinstance(each, type) and issubclass(each, reading.Choice)
    ]
    assert len(asked) > 20
    for where, name in asked:
        answer = client.get(where, {name: value})
        assert (where, answer.status_code) == (where, 200)
        assert list(answer.context["cl"].result_list) == []


def test_listed_numbers_come_by_their_last_report(client: Client):
    crowd(3, at=NOW)
    crowd(3, number=BAKERY, prefix="other", at=NOW - 9 * DAY)
    assert shown(client, NUMBERS) == [BAKERY.key, SCAMMER.key]
    assert shown(client, NUMBERS, action="flag") == [SCAMMER.key, BAKERY.key]


def test_a_short_list_sorts_by_what_it_shows(client: Client, monkeypatch: pytest.MonkeyPatch):
    """Nothing that is masked sorts, and a long list keeps its order."""
    say(newcomer("a"), "legitimate", at=NOW - DAY)
    crowd(2, number=BAKERY)
    columns = [name_of(each) for each in client.get(NUMBERS).context["cl"].list_display]
    assert "decided" in columns
    by_reports = str(columns.index("reports"))
    assert shown(client, NUMBERS, o=by_reports) == [SCAMMER.key, BAKERY.key]
    assert shown(client, NUMBERS, o=f"-{by_reports}") == [BAKERY.key, SCAMMER.key]
    assert f'href="?o={by_reports}"' in client.get(NUMBERS).content.decode()
    said = client.get(REPORTS).context["cl"]
    masked = [place for place, each in enumerate(said.list_display) if name_of(each) == "beginning"]
    plain = list(said.result_list)
    assert list(client.get(REPORTS, {"o": str(masked[0])}).context["cl"].result_list) == plain
    monkeypatch.setattr(reading, "CEILING", 2)
    assert shown(client, NUMBERS, o=by_reports) == [BAKERY.key, SCAMMER.key]
    assert "narrow it by a filter first" in text(client.get(NUMBERS, {"o": by_reports}))


def test_a_long_list_is_not_counted_to_its_end(client: Client, monkeypatch: pytest.MonkeyPatch):
    for number in (SCAMMER, BAKERY):
        say(newcomer(number.key), number=number)
    assert "The count stops here" not in text(client.get(NUMBERS))
    monkeypatch.setattr(reading, "CEILING", 2)
    assert "2 numbers or more. The count stops here" in text(client.get(NUMBERS))


# --- the same number of queries, however many rows ---


@pytest.mark.parametrize(
    ("path", "queries"), [(NUMBERS, 7), (REPORTS, 7), (REPORTERS, 7), (AUDIT, 7)]
)
@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_lists(
    client: Client, boss: User, django_assert_num_queries, path: str, queries: int, rows: int
):
    for n in range(rows):
        identity = (SCAMMER, BAKERY)[n % 2]
        say(newcomer(f"n{n}"), number=identity)
        confirm_number(actor=boss, identity=identity, reason="seen", now=NOW)
    with django_assert_num_queries(queries):
        assert client.get(path).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_pages(client: Client, boss: User, django_assert_num_queries, rows: int):
    reports = [say(newcomer(f"n{n}"), comment="x").report for n in range(rows)]
    for n in range(rows):
        say(reports[0].reporter, comment=f"again {n}")
        bring(complaint(str(n)))
        confirm_number(actor=boss, identity=SCAMMER, reason="seen", now=NOW)
    entry = AuditEntry.objects.order_by("id").first()
    assert entry is not None
    # Asked for once in a process, then known.
    ContentType.objects.get_for_models(Number, Report, Reporter, AuditEntry)
    for path, queries in (
        (page_of(row()), 18),
        (f"{REPORTS}{reports[0].pk}/change/", 9),
        (f"{REPORTERS}{reports[0].reporter_id}/change/", 10),
        (f"{AUDIT}{entry.pk}/change/", 5),
    ):
        with django_assert_num_queries(queries):
            assert client.get(path).status_code == 200


def test_a_page_shows_the_newest_rows_only(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dossier, "NEWEST", 2)
    for n in range(3):
        say(newcomer(f"n{n}"), comment=f"said {n}", at=NOW + n * DAY)
    page = text(client.get(page_of(row())))
    assert "said 2" in page
    assert "said 1" in page
    assert "said 0" not in page


# --- what a page tells ---


def test_a_number_and_what_was_said_of_it(client: Client, boss: User):
    crowd(4)
    bring(complaint("a"))
    mark_official(actor=boss, identity=SCAMMER, name="Some Bank", reason="their letter", now=NOW)
    page = text(client.get(page_of(row())))
    for part in (
        "Number: +86 138 1234 5678",
        "Name: From the verified directory. Some Bank",
        "Country: CN",
        "What clients are told now allow · score ",
        " · official · confidence ",
        "A moderator entered this official number: reports alone neither flag nor block it.",
        "Reports: 4",
        "Complaints: 1",
        "Reported as: loan scam ",
        "Newest reports",
        "crowd0",
        "Newest imported complaints",
        "ftc",
        "Newest decisions",
        "Enter in the directory",
        "their letter",
    ):
        assert part in page, part


def test_every_column_of_a_number_is_on_its_page(client: Client):
    say(newcomer("a"))
    form = client.get(page_of(row())).context["adminform"]
    fields = {
        getattr(name, "__name__", name)
        for fieldset in form
        for line in fieldset
        for name in line.fields
    }
    columns = {field.name for field in Number._meta.fields}
    otherwise = {"id", "category", "category_mix"}
    assert columns - fields == otherwise


def test_comments_are_masked_for_everybody(client: Client):
    report = say(newcomer("a"), comment="I am at 13800138000").report
    say(report.reporter, comment="call me: 13900139000")
    for path in (
        page_of(row()),
        REPORTS,
        f"{REPORTS}{report.pk}/change/",
        f"{REPORTERS}{report.reporter_id}/change/",
    ):
        page = text(client.get(path))
        assert "call me: ▇▇▇" in page, path
        assert "13900139000" not in page, path
        assert "13800138000" not in page, path
    assert ReportRevision.objects.count() == 1


def test_who_may_not_see_reports_sees_none_on_a_number(client: Client):
    say(newcomer("a"), comment="a comment")
    assert "a comment" not in text(staff("view_number").get(page_of(row())))


def test_a_reporter_with_its_record(client: Client):
    reporter = veteran("a")
    say(reporter)
    page = text(client.get(f"{REPORTERS}{reporter.pk}/change/"))
    assert "Calls unwanted calls unwanted: 92%" in page
    assert "Calls legitimate calls legitimate: 93%" in page
    assert "+86 138 1234 5678" in page


def test_every_page_shows_numbers_as_people_read_them(client: Client, boss: User):
    """Grouped, as the public pages do: so they are compared, read out, and found again when they
    are copied. Only the table of a number's columns has its key, for other programs."""
    call_back = "+8613800138000"
    number = say(newcomer("a"), callback_number=call_back).number
    report, dispute = Report.objects.get(), a_dispute(number=number)
    by = {"actor": boss, "reason": "r", "now": timezone.now()}
    clear_number(identity=SCAMMER, **by)
    pin = {"action": Action.BLOCK, "until": timezone.now() + DAY}
    proposal = propose(plan=OneDecision(RULES["number"]["pin_number"], number, pin), **by)
    batch = batches.start(subject="number", verb="confirm_number", targets=[number.pk], **by)
    batches.advance(batch=batch, now=NOW)
    queue.refresh(now=timezone.now())
    QueueItem.objects.update(assigned_to=boss)
    wanted = {"verb": "reject_report", "subject": "report", "target": str(report.pk)}
    tables = "number report dispute auditentry proposal queueitem"
    pages = [
        *(client.get(f"/admin/reputation/{name}/") for name in tables.split()),
        *(
            client.get(f"/admin/reputation/{row._meta.model_name}/{row.pk}/change/")
            for row in (report, dispute, proposal, batch, report.reporter, *QueueItem.objects.all())
        ),
        client.get("/admin/"),
        client.get("/admin/desk/"),
        client.get(f"{NUMBERS}{number.pk}/decide/clear_number/"),
        client.post("/admin/reputation/decisionbatch/preview/", wanted),
    ]
    wrong = []
    for page in pages:
        said = text(page)
        if "+86 138 1234 5678" not in said or SCAMMER.key in said or call_back in said:
            wrong.append(page.request["PATH_INFO"])
    assert wrong == []
    assert SCAMMER.key in text(client.get(page_of(number)))


# --- nothing changes but by decisions ---


@pytest.mark.parametrize("model", ["number", "report", "reporter", "auditentry"])
def test_nothing_is_added_changed_or_deleted(client: Client, boss: User, model: str):
    say(newcomer("a"))
    confirm_number(actor=boss, identity=SCAMMER, reason="seen", now=NOW)
    table = {"number": Number, "report": Report, "reporter": Reporter, "auditentry": AuditEntry}[
        model
    ]
    before = list(table._default_manager.values())
    pk = before[0]["id"]
    path = f"/admin/reputation/{model}/"
    for method, url in (
        ("get", "add/"),
        ("post", "add/"),
        ("post", f"{pk}/change/"),
        ("get", f"{pk}/delete/"),
        ("post", f"{pk}/delete/"),
    ):
        data = {"post": "yes", "action": "allow", "handle": "other", "reason": "other"}
        assert getattr(client, method)(path + url, data).status_code == 403, (method, url)
    response = client.post(
        path, {"action": "delete_selected", "_selected_action": str(pk), "post": "yes"}
    )
    assert response.status_code in (200, 302)
    assert list(table._default_manager.values()) == before


def test_tables_without_a_page_have_none(client: Client):
    for name in ("importedcomplaint", "evidencebucket", "reportrevision"):
        assert client.get(f"/admin/reputation/{name}/").status_code == 404


@pytest.mark.parametrize("path", [NUMBERS, REPORTS, REPORTERS, AUDIT])
def test_who_may_see_what(path: str):
    assert Client().get(path).status_code == 302
    nobody = staff()
    assert nobody.get(path).status_code == 403
    user = User.objects.get(username="staff")
    model = path.split("/")[-2]
    user.user_permissions.set(Permission.objects.filter(codename=f"view_{model}"))
    assert nobody.get(path).status_code == 200


# --- the record ---


def test_the_audit_log_tells_who_decided_what(client: Client, boss: User):
    report = say(newcomer("a")).report
    clear_number(actor=boss, identity=SCAMMER, reason="a clinic", now=NOW)
    withdraw_report(reporter=report.reporter, public_id=report.public_id, now=NOW)
    listed = text(client.get(AUDIT))
    assert f"Clear as legitimate {row()} boss a clinic -" in listed
    assert "a clinic" in text(client.get(AUDIT, {"q": SCAMMER.key}))
    assert "a clinic" not in text(client.get(AUDIT, {"q": BAKERY.key}))
    entry = AuditEntry.objects.get()
    page = text(client.get(f"{AUDIT}{entry.pk}/change/"))
    assert '"moderated": -1' in page


@pytest.mark.parametrize("language", ["en-US", "en-AU", "de", "zh-CN"])
def test_times_are_utc_and_in_one_form_whatever_the_browser_speaks(boss: User, language: str):
    """The public pages go by the reader's clock, the record does not."""
    report = say(newcomer("a")).report
    confirm_number(actor=boss, identity=SCAMMER, reason="heard it", now=NOW)
    entry = AuditEntry.objects.get()
    client = signed_in(boss)
    for page in (
        f"{NUMBERS}{row().pk}/change/",
        NUMBERS,
        REPORTS,
        f"{REPORTS}{report.pk}/change/",
        AUDIT,
        f"{AUDIT}{entry.pk}/change/",
    ):
        response = client.get(page, headers={"accept-language": language})
        said = text(response)
        assert f"{NOW:%Y-%m-%d %H:%M}" in said, page
        assert "UTC" in said
        assert not re.search(r"[ap]\.m\.|\d/\d\d/2026|2026年|Nov\. ", said), page
        assert not re.search(r"\d\.\d{5}", said), page  # nor figures to the last digit
