"""From reports to a pack on the pages, and what became of it."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from reputation.complaints.seeding import load
from reputation.identity import display
from reputation.models import Complaint, EvidenceEntry, Provision
from tests.given.attachments import PNG
from tests.given.full_disk import no_file_larger_than
from tests.given.staff import member
from tests.given.visitors import Visitor, text_of
from tests.given.web_reports import download, file_report, prepare, upload
from web.views import complaints, mine

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir")]


@pytest.mark.slow
def test_from_reports_to_the_pack(anna: Visitor):
    load()
    report = file_report(anna, comment="He shouted.", files=upload("a.png", PNG))
    assert "Who takes my complaint?" in anna.see("/complaints")
    page = anna.see(f"/complaints?report={report.public_id}&country=CN")
    assert "12321, the reporting centre" in page
    # A threat is for the police first.
    assert page.index("Police (110") < page.index("12321, the")
    assert page.index("Start here") < page.index("12321, the")
    where = prepare(anna, report)
    page = anna.see(where)
    assert "Complaint to 12321" in page
    assert "what does not say so was not compared with an official text" in page
    who = {"name": "Anna Li", "address": "1 Example Road"}
    shown = text_of(anna.post(where, {"do": "preview", **who}))
    assert "投诉人：Anna Li" in shown
    assert "He shouted." in shown
    response = anna.post(where, {"do": "pdf", **who})
    assert response["Content-Disposition"].endswith('.pdf"')
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    pack = download(anna, where, **who)
    assert "Anna Li" in pack.read("letter.txt").decode()
    assert f"evidence/{EvidenceEntry.objects.get().sha256[:16]}.png" in pack.namelist()
    complaint = Complaint.objects.get()
    assert len(complaint.manifests) == 1, "a pack that was only looked at is not one"
    # Where one finds what verify.py prints.
    assert f"one of these: {complaint.manifests[0]}" in anna.see(where)
    # Who complains is told to nobody, us included.
    assert "Anna Li" not in str(Complaint.objects.values().get())
    assert "Anna Li" not in anna.see(where)


@pytest.mark.slow
def test_letters_are_limited_in_whatever_form_and_notes_are_not(anna: Visitor, settings: Settings):
    """Each makes the whole pack, which takes seconds of a processor."""
    load()
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"letter": "2/h"}
    where = prepare(anna, file_report(anna))
    for form in ("preview", "pdf"):
        assert anna.post(where, {"do": form}).status_code == 200
    for form in ("preview", "pdf", "download"):
        assert anna.post(where, {"do": form}).status_code == 429
    assert anna.post(where, {"do": "status", "status": "filed"}).status_code < 400


@pytest.mark.slow
def test_the_letter_says_which_of_its_laws_nobody_checked(anna: Visitor):
    load()
    where = prepare(anna, file_report(anna, category="threat"), authority="cn-police")
    told = "Nobody has compared these laws with the official text."
    law = "Public Security Administration Punishments Law"
    shown = text_of(anna.post(where, {"do": "preview"}))
    assert law in shown[shown.index(told) :]
    Provision.objects.update(checked=True, checked_at=timezone.now(), checked_by=member("boss"))
    assert told not in text_of(anna.post(where, {"do": "preview"}))


def test_a_complaint_in_the_list_says_how_many_numbers_it_does_not_name(anna: Visitor):
    load()
    complaint = Complaint.objects.get(public_id=prepare(anna, file_report(anna)).split("/")[-1])
    others = [file_report(anna, number=f"+861381234560{n}") for n in range(1, 6)]
    complaint.reports.add(*others[:3])
    assert "… " not in anna.see("/complaints").partition("A new complaint")[0]
    complaint.reports.add(*others[3:])
    assert "… 2 more" in anna.see("/complaints")


@pytest.mark.slow
def test_the_letter_in_another_language(anna: Visitor):
    load()
    where = prepare(anna, file_report(anna), language="en")
    page = text_of(anna.post(where, {"name": "Anna"}))
    assert "Complaint about unwanted calls and messages from +86 138 1234 5678" in page
    assert "The letter is in English." in page
    # The address was left empty.
    assert "write it below the signature by hand" in page
    assert "Address:" not in page


@pytest.mark.slow
def test_the_pages_say_in_which_language_a_letter_is(anna: Visitor):
    """Also to a program that reads it aloud, in that language."""
    load()
    report = file_report(anna)
    page = anna.see(f"/complaints?country=HK&report={report.public_id}")
    assert page.count("The letter is in Traditional Chinese.") == 3
    # The lender is of no country, and is written to as the number's country writes.
    assert page.count("The letter is in Simplified Chinese.") == 1
    where = prepare(anna, report, authority="hk-hkma")
    answer = anna.post(where, {"do": "preview"})
    assert "The letter is in Traditional Chinese." in text_of(answer)
    assert '<div class="letter" lang="zh-hk"><b>關於騷擾來電與訊息' in answer.content.decode()
    # What a form of the authority asks for stays in the authority's words.
    where = prepare(anna, report, authority="cn-police", language="en")
    page = anna.post(where, {"do": "preview"}).content.decode()
    assert '<dt lang="zh-hans">对方号码</dt><dd lang="en">' in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("authority", "shown"),
    [
        ("us-cfpb", "times in Los Angeles"),  # a zone of the authority's country
        ("lender", "times in Los Angeles"),  # an authority of no country
        ("cn-12321", "时间为北京时间"),
    ],
)
def test_a_letter_has_the_times_of_the_phone_that_rang(anna: Visitor, authority: str, shown: str):
    load()
    anna.cookies["zone"] = "America/Los_Angeles"
    language = "" if shown.startswith("时") else "en"
    where = prepare(anna, file_report(anna), authority=authority, language=language)
    assert shown in text_of(anna.post(where, {"do": "preview"}))


@pytest.mark.slow
def test_what_became_of_it(anna: Visitor):
    load()
    where = prepare(anna, file_report(anna))
    page = anna.send(where, {"do": "status", "status": "filed", "reference": "A-17"})
    assert "Noted." in page
    assert "filed" in page
    page = anna.post(where, {"do": "status", "status": "answered", "reference": "A-17"})
    assert page.status_code == 400
    assert "Choose how they answered." in text_of(page)
    done = {"status": "answered", "reference": "A-17", "outcome": "accepted"}
    anna.send(where, {"do": "status", **done})
    complaint = Complaint.objects.get()
    assert (complaint.status, complaint.reference, complaint.outcome) == (
        "answered",
        "A-17",
        "accepted",
    )
    assert "A-17" in anna.see("/my/reports")


@pytest.mark.slow
def test_no_button_loses_what_was_typed_for_another(anna: Visitor):
    load()
    where = prepare(anna, file_report(anna), authority="us-cfpb", language="en")
    typed = {"name": "Anna Li", "status": "filed", "reference": "A-17", "on": "2099-12-24"}
    for more, title in (
        ({"reading_in": "en", "do": "pdf"}, "Complaint to"),
        ({"do": "preview"}, "Complaint to"),
        ({"do": "status"}, "Complaint to"),
        ({"do": "remind"}, "Error: Complaint to"),  # the day is too far away
    ):
        html = anna.post(where, typed | more).content.decode()
        assert f"<title>{title}" in html, more
        assert 'value="Anna Li"' in html, more
        assert 'value="A-17"' in html, more
        assert 'value="filed" id="id_status_1" required checked' in html, more
        assert ('value="2099-12-24"' in html) is (Complaint.objects.get().status == "filed")


@pytest.mark.slow
def test_what_cannot_be_complained_about(anna: Visitor):
    load()
    praise = file_report(anna, category="legitimate")
    assert "First report the calls" in anna.see("/complaints")
    assert "Choose at least one of your reports of an unwanted call." in anna.send(
        "/complaints/prepare", {"report": str(praise.public_id), "authority": "cn-12321"}
    )
    report = file_report(anna, number="+8613812345679")
    assert "no longer in use" in anna.send(
        "/complaints/prepare", {"report": str(report.public_id), "authority": "cn-nobody"}
    )
    # What was chosen stays.
    chosen = {"report": str(report.public_id), "country": "CN", "language": "de"}
    again = f"/complaints?report={report.public_id}&country=CN&language=de"
    assert 'name="country" value="CN"' in anna.get(again).content.decode()
    assert anna.where("/complaints/prepare", chosen | {"authority": "cn-nobody"}) == again
    assert "Choose at least one report." in anna.see("/complaints?country=CN&report=x")
    page = anna.see(f"/complaints?country=FR&report={report.public_id}")
    assert "We know of nobody there who takes such complaints. The police and" in page
    assert "Police, in danger 112" in page
    assert "The lender itself" in page
    assert "Start here" not in page
    here = anna.see(f"/complaints?report={report.public_id}")
    assert "Who takes it Police (101; 999 in danger) Start here" in here, "GB is the browser's"
    bad = {"report": "no uuid", "authority": "cn-12321"}
    assert anna.post("/complaints/prepare", bad).status_code == 404


@pytest.mark.slow
def test_nobody_elses(anna: Visitor, known: Callable[..., Visitor]):
    load()
    report = file_report(anna)
    where = prepare(anna, report)
    eve = known("eve@example.org")
    for _ in range(2):
        assert eve.get(where).status_code == 404
        assert eve.post(where, {"do": "download"}).status_code == 404
        assert eve.post(where, {"do": "status", "status": "filed"}).status_code == 404
        file_report(eve, number="+8613812345670")
    taken = {"report": str(report.public_id), "authority": "cn-12321"}
    eve.post("/complaints/prepare", taken)
    assert Complaint.objects.count() == 1
    for path in (where, "/complaints"):
        assert Visitor().where(path).startswith("/accounts/login/code/")


@pytest.mark.slow
def test_files_that_are_away(anna: Visitor, evidence_dir: Path):
    load()
    report = file_report(anna, files=upload("a.png", PNG))
    where = prepare(anna, report)
    for file in evidence_dir.rglob("*"):
        if file.is_file():
            file.unlink()
    page = anna.post(where, {"do": "download"})
    assert page.status_code == 503
    assert "We cannot reach our records now" in text_of(page)


@pytest.mark.slow
def test_a_disk_without_room_for_the_pack(anna: Visitor):
    load()
    report = file_report(anna, files=upload("log.txt", b"They called.\n" * 500_000))
    where = prepare(anna, report)
    with no_file_larger_than(4096):
        page = anna.post(where, {"do": "download"})
    assert page.status_code == 503
    assert "We cannot reach our records now" in text_of(page)
    assert Complaint.objects.get().manifests == []
    with closing(anna.post(where, {"do": "download"})) as pack:
        assert pack.status_code == 200


def test_all_of_a_long_history_can_be_reached(anna: Visitor, monkeypatch: pytest.MonkeyPatch):
    load()
    monkeypatch.setattr(complaints, "REPORTS_SHOWN", 2)
    monkeypatch.setattr(complaints, "COMPLAINTS_SHOWN", 1)
    monkeypatch.setattr(mine, "REPORTS_SHOWN", 2)
    filed = [file_report(anna, number=f"+861381234567{n}") for n in range(3)]
    for report in filed:
        prepare(anna, report)
    page = anna.see("/complaints")
    assert "… and 1 older report: complain about it from its own page. My reports" in page
    assert "… and 2 older complaints" in page
    page = anna.get("/complaints").content.decode()
    assert [str(each.public_id) in page for each in filed] == [False, True, True]
    page = anna.see(f"/complaints?report={filed[0].public_id}&country=CN")
    assert "12321, the reporting centre" in page
    assert "older report" not in page
    page = anna.see("/my/reports")
    assert ("… and 1 older report " in page, "… and 2 older complaints" in page) == (True, True)
    assert [display(each.number.key) in page for each in filed] == [False, True, True]
    page = anna.see("/my/reports?page=2")
    assert ("Back to the newest" in page, "… and 1 older complaint" in page) == (True, True)
    assert display(filed[0].number.key) in page.partition("My complaints")[0]
    page = anna.see("/my/reports?page=3")
    assert display(filed[0].number.key) in page.partition("My complaints")[2]
    assert "older" not in page
    for odd in ("0", "x", "10000", "-1", "٢"):
        assert "Back to the newest" not in anna.see(f"/my/reports?page={odd}")
