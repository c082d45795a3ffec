"""The verified directory goes out as a file and comes in again, each entry a decision on record."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reputation.identity import identify
from reputation.models import AuditEntry, Number
from reputation.moderation import (
    ReasonMissing,
    batches,
    confirm_number,
    directory,
    mark_official,
)
from tests.given.reporters import BAKERY, NOW, SCAMMER, crowd
from tests.given.staff import member, signed_in
from tests.given.staff import text as page_text

pytestmark = pytest.mark.django_db
LIST = "/admin/reputation/officialnumber/"
IMPORT, EXPORT = f"{LIST}import/", f"{LIST}export/"
FILE = """\
number,name,country,remove
+86 138-1234-5678,Old Bank,,
95533,Construction Bank,cn,
nonsense,Somebody,,
030 901820,,DE,yes
+8613812345678,Twice,,
+4420,Too short,,
+14155550132,,,
"""


@pytest.fixture
def senior() -> Client:
    return signed_in(member("senior"))


@pytest.fixture
def known() -> None:
    boss = member("boss")
    for identity, name in ((SCAMMER, "Some Bank"), (BAKERY, "A bakery")):
        mark_official(actor=boss, identity=identity, name=name, reason="their letter", now=NOW)


def entries() -> dict[str, str]:
    return dict(Number.objects.filter(official=True).values_list("key", "name"))


def upload(client: Client, content: str | bytes):
    data = content.encode() if isinstance(content, str) else content
    return client.post(IMPORT, {"file": SimpleUploadedFile("list.csv", data)})


@pytest.mark.usefixtures("known")
def test_the_list_shows_first_what_nobody_entered_anew_for_longest(senior: Client):
    later = NOW + timedelta(days=400)
    by = {"actor": member("chief"), "reason": "compared with their page", "now": later}
    mark_official(identity=SCAMMER, name="Some Bank", **by)
    response = senior.get(LIST, {"o": "6"})
    assert f">{later:%Y-%m-%d %H:%M}<" in response.content.decode()
    rows = response.context["cl"].result_list
    assert [(each.name, each.entered_at) for each in rows] == [
        ("A bakery", NOW),
        ("Some Bank", later),
    ]


@pytest.mark.usefixtures("known")
def test_the_preview_tells_row_by_row_and_changes_nothing(senior: Client):
    before = entries(), AuditEntry.objects.count()
    response = upload(senior, FILE)
    lines = [
        (line.number, line.does, line.key, line.before, line.after, dict(line.errors))
        for line in response.context["preview"].lines
    ]
    unclear, short, fiction = (
        "This is a name. A sender's name needs its country, such as CN@NAME.",
        "No number looks like this in its country: check area code and digits.",
        "This number is reserved for fiction and belongs to nobody.",
    )
    assert lines == [
        (2, "update", "+8613812345678", "Some Bank", "Old Bank", {}),
        (3, "new", "CN:95533", "", "Construction Bank", {}),
        (4, "invalid", "", "", "", {"number": [unclear]}),
        (5, "delete", "+4930901820", "A bakery", "", {}),
        (6, "invalid", "", "", "", {"number": ["Line 2 has this number too: keep one of them."]}),
        (7, "invalid", "", "", "", {"number": [short]}),
        (8, "invalid", "", "", "", {"number": [fiction]}),
    ]
    page = page_text(response)
    assert "3 rows would change the directory. 4 rows cannot be used and are left out." in page
    assert "number : Line 2 has this number too: keep one of them." in page
    assert (entries(), AuditEntry.objects.count()) == before


@pytest.mark.usefixtures("known")
def test_importing_keeps_the_good_rows_and_records_each(senior: Client):
    text = upload(senior, FILE).context["text_form"]["text"].value()
    page = page_text(senior.post(IMPORT, {"text": text, "reason": "The regulator's list of May."}))
    assert "3 entries were changed. 4 rows were left out: mend them and import them alone." in page
    assert entries() == {"+8613812345678": "Old Bank", "CN:95533": "Construction Bank"}
    recorded = AuditEntry.objects.filter(reason="The regulator's list of May.").order_by("id")
    assert [(entry.actor.username, entry.verb, entry.number.key) for entry in recorded] == [
        ("senior", "mark_official", "+8613812345678"),
        ("senior", "mark_official", "CN:95533"),
        ("senior", "unmark_official", "+4930901820"),
    ]


def test_an_entry_frees_a_number_that_reports_had_listed(senior: Client):
    crowd(3)
    senior.post(IMPORT, {"text": "number,name\n+8613812345678,A Bank\n", "reason": "letter"})
    number = Number.objects.get(key=SCAMMER.key)
    assert (number.official, number.action) == (True, "allow")


AGAIN = """\
number,name
+8613812345678,Mill Lane Bakery
+86 138 1234 5678,Mill Lane Bakery Ltd
+4930901820,=cmd|' /C calc'!A0
"""


def test_the_same_file_twice_changes_nothing(senior: Client):
    """A line that repeats a number is left out in each run."""
    form = {"text": AGAIN, "reason": "the list"}
    for changed in (2, 0):
        done = senior.post(IMPORT, form).context["done"]
        assert (done.changing, len(done.bad)) == (changed, 1)
        assert entries()["+8613812345678"] == "Mill Lane Bakery"


def test_the_preview_warns_of_what_is_listed_or_confirmed(senior: Client):
    """An official number that somebody confirmed is blocked all the same."""
    crowd(3)
    confirm_number(actor=member("boss"), identity=BAKERY, reason="r", now=NOW)
    response = upload(senior, AGAIN.replace("+86 138 1234 5678,Mill Lane Bakery Ltd\n", ""))
    told = {
        key: (effect.before.action, effect.after.action, effect.after.status)
        for key, effect in response.context["effects"].items()
    }
    assert told == {
        SCAMMER.key: ("flag", "allow", "official"),
        BAKERY.key: ("block", "block", "official"),
    }
    assert "Numbers that are listed, or that somebody decided about" in page_text(response)
    assert entries() == {}
    assert AuditEntry.objects.count() == 1


@pytest.mark.usefixtures("known")
def test_an_import_is_taken_back_as_one(senior: Client):
    before = entries()
    done = senior.post(IMPORT, {"text": FILE, "reason": "The list of May."}).context["done"]
    batch = done.batch
    assert (batch.done, len(batch.targets), batch.reason) == (3, 3, "The list of May.")
    assert "3 / 3 decided" in page_text(
        senior.get(f"/admin/reputation/decisionbatch/{batch.pk}/change/")
    )
    batches.start_undo(actor=User.objects.get(username="senior"), batch=batch, reason="r", now=NOW)
    batch = batches.advance_undo(batch=batch, now=NOW)
    assert batch.undo_finished_at is not None
    assert batch.undo_failures == {}
    assert entries() == before


def test_a_tampered_import_is_answered(senior: Client):
    for reason in ("", "r"):
        response = senior.post(IMPORT, {"text": "x", "reason": reason})
        assert response.status_code == 200
        assert "The first line must name the columns" in page_text(response)


@pytest.mark.usefixtures("known")
def test_no_import_without_a_reason(senior: Client):
    before = entries()
    response = senior.post(IMPORT, {"text": FILE, "reason": " \n"})
    assert "Give the reason" in page_text(response)
    assert response.context["preview"].changing == 3
    assert entries() == before
    with pytest.raises(ReasonMissing):
        directory.take_in(text=FILE, actor=member("auditor"), reason="", now=NOW)


@pytest.mark.usefixtures("known")
def test_what_goes_out_comes_in_and_changes_nothing(senior: Client):
    response = senior.get(EXPORT)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.decode("utf-8-sig").splitlines() == [
        "number,name,country,never_calls,since,until,source",
        "+4930901820,A bakery,DE,,,,",
        "+8613812345678,Some Bank,CN,,,,",
    ]
    outcome = upload(senior, response.content).context["preview"]
    assert [line.does for line in outcome.lines] == ["skip", "skip"]
    assert "0 rows would change the directory." in page_text(upload(senior, response.content))


def test_a_name_is_no_formula_in_a_spreadsheet():
    mark_official(actor=member("boss"), identity=SCAMMER, name="=HYPERLINK(1)", reason="x", now=NOW)
    text = directory.give_out()
    assert ",'=HYPERLINK(1)," in text
    (line,) = directory.preview(text=text).lines
    assert (line.does, line.before) == ("skip", "=HYPERLINK(1)")


def test_a_row_costs_no_other_row_anything(senior: Client):
    """Blank lines count, as in an editor; a comma without quotes is one cell too many."""
    text = 'number,name\n\n95533,Bank, N.A.\n\n+4930901820,"Bank, N.A."\nCN:95533\n'
    lines = upload(senior, text).context["preview"].lines
    assert [(line.number, line.said, line.does, dict(line.errors)) for line in lines] == [
        (
            3,
            "95533",
            "invalid",
            {"": ["More cells than columns: put quotes around each comma."]},
        ),
        (5, "+4930901820", "new", {}),
        (
            6,
            "CN:95533",
            "invalid",
            {"name": ["Give the holder's name, or write yes under remove to take it out."]},
        ),
    ]
    assert lines[1].after == "Bank, N.A."


def test_a_file_from_a_chinese_spreadsheet(senior: Client):
    content = "number,name,country\n95533,建设银行,CN\n".encode("gb18030")
    (line,) = upload(senior, content).context["preview"].lines
    assert (line.key, line.after) == ("CN:95533", "建设银行")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            f"number,name\n+1,{'x' * 200_000}\n",
            "The file is not CSV: field larger than field limit",
        ),
        ("name\nA Bank\n", "The first line must name the columns: number, name;"),
        ("number,name,nmae\n1,2,3\n", "Unknown column: nmae. There are: number, name,"),
        ("", "The submitted file is empty."),
        ("number,name\n".encode("utf-16"), "The file is not text. Save it as CSV in UTF-8."),
        ("number,name\n".encode("utf-16-le"), "The file is not text. Save it as CSV in UTF-8."),
        (b"\xff\xfe\x80\xff", "The file is not text. Save it as CSV in UTF-8."),
        ("number,name\n" + "x" * 500_000, "The file has 500012 bytes, more than 500000. Split it."),
        ("number,name\n" + "+1,a\n" * 1_001, "The file has 1001 rows, more than 1000. Split it."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(senior: Client, content: str | bytes, told: str):
    assert told in page_text(upload(senior, content))
    assert not Number.objects.exists()


def test_names_are_given_and_of_a_length(senior: Client):
    text = f"number,name\n+8613812345678,\n+4930901820,{'x' * 101}\n"
    lines = upload(senior, text).context["preview"].lines
    assert [dict(line.errors) for line in lines] == [
        {"name": ["Give the holder's name, or write yes under remove to take it out."]},
        {"name": ["At most 100 characters."]},
    ]


def test_removing_what_is_not_there_does_nothing(senior: Client):
    (line,) = upload(senior, "number,name,remove\n+8613812345678,,yes\n").context["preview"].lines
    assert (line.does, line.after) == ("skip", "")


def test_unknown_numbers_may_be_entered():
    directory.take_in(
        text="number,name\nCN:12321,12321 centre\n", actor=member("boss"), reason="x", now=NOW
    )
    assert entries() == {identify("CN:12321").key: "12321 centre"}


@pytest.mark.usefixtures("known")
def test_the_list_shows_and_finds_entries(senior: Client):
    page = page_text(senior.get(LIST))
    assert "Some Bank" in page
    assert "A bakery" in page
    page = page_text(senior.get(LIST, {"q": "+86 138 1234 5678"}))
    assert "Some Bank" in page
    assert "A bakery" not in page
    number = Number.objects.get(key=SCAMMER.key)
    response = senior.get(f"{LIST}{number.pk}/change/")
    assert response["Location"] == f"/admin/reputation/number/{number.pk}/change/"


@pytest.mark.parametrize(
    ("role", "sees", "imports"),
    [
        ("moderator", 200, 403),
        ("senior", 200, 200),
        ("auditor", 200, 403),
        ("administrator", 200, 403),
        ("staff", 403, 403),
    ],
)
def test_who_may_take_it_out_and_in(role: str, sees: int, imports: int):
    client = signed_in(member(role))
    assert client.get(LIST).status_code == client.get(EXPORT).status_code == sees
    assert client.get(IMPORT).status_code == imports
    assert client.post(IMPORT, {"text": FILE, "reason": "x"}).status_code == imports
    assert bool(entries()) is (imports == 200)
    if sees == 200:
        assert (IMPORT in client.get(LIST).content.decode()) is (imports == 200)
