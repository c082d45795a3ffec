"""Reporting on the pages, files included; what becomes of a report afterwards."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone, translation
from pytest_django import Settings

from reputation.models import EvidenceEntry, Number, Report
from reputation.moderation import reject_report
from reputation.privacy.pseudonyms import network_of
from tests.given.attachments import PNG, picture
from tests.given.kept import HERE, WORDS, kept
from tests.given.reporters import moderator
from tests.given.visitors import Visitor, text_of
from tests.given.web_reports import FORM, file_report, upload
from web.forms import StatementForm
from web.people import voice_of
from web.uploads import MOST

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir")]


def test_a_number_to_call_back_is_read_where_the_call_came_from(anna: Visitor):
    report = file_report(anna, callback_number="010 8888 6666")
    assert report.callback_number == "+861088886666"
    anna.post(f"/my/reports/{report.public_id}/edit", FORM | {"callback_number": "021 6888 6666"})
    report.refresh_from_db()
    assert report.callback_number == "+862168886666"


def test_where_one_may_write_instead(anna: Visitor, settings: Settings):
    settings.INTAKE_ADDRESS = "Ringscore <report@ringscore.example>"
    settings.INTAKE_OWN_NUMBERS = ["+447700900123"]
    page = anna.see("/report")
    # What others read of it, and how large a file may be, in words that hold.
    assert "Numbers, e-mail and web addresses in it are hidden; name nobody and no place" in page
    assert "Up to 5 files of 10 MB each. A photo may say where it was taken, and so tell" in page
    assert "by e-mail to report@ringscore.example, with a screenshot" in page
    assert "with a screenshot. By text message: +44 7700 900123." in page


def test_in_under_a_minute(anna: Visitor):
    page = anna.send("/report", FORM | {"files": upload("shot.png", PNG)})
    assert "Thank you. Your report is in." in page
    assert "What to do next If you or someone near you is threatened, call the police" in page
    assert "shot.png PNG · " in page
    report = Report.objects.get()
    assert (report.status, report.category, report.number.key) == ("live", "threat", FORM["number"])
    assert report.reporter == voice_of(User.objects.get())
    assert report.network == network_of("127.0.0.1")
    [entry] = EvidenceEntry.objects.all()
    assert (entry.report, entry.name, entry.media_type) == (report, "shot.png", "image/png")


def test_a_file_too_many_is_named(anna: Visitor):
    """Without script nothing counts them before they are sent."""
    files = [upload(f"shot-{place}.png", picture("PNG", color=place)) for place in range(MOST + 1)]
    page = anna.send("/report", FORM | {"files": files})
    assert EvidenceEntry.objects.count() == MOST
    assert "shot-5.png" in page
    assert "was not saved: at most 5 are taken at once." in page


@pytest.mark.parametrize(
    ("language", "zone", "said"),
    [
        ("en", "Asia/Taipei", "By your clock (Taipei time)."),
        ("zh-hans", "America/New_York", "按您的当地时间（纽约时间）。"),
        ("zh-hant", "Asia/Taipei", "（台北時間）。"),
    ],
)
def test_the_readers_clock_has_the_name_that_people_use(language: str, zone: str, said: str):
    with translation.override(language), timezone.override(zone):
        form = StatementForm(language=language)
    assert said in form.fields["occurred_at"].help_text


def test_all_that_can_be_said(anna: Visitor):
    anna.cookies["zone"] = "Asia/Shanghai"
    noon = (timezone.now() - timedelta(days=3)).replace(hour=4, minute=30, second=0, microsecond=0)
    report = file_report(
        anna,
        number="138 1234 5678",
        country="CN",
        channel="sms",
        conduct=["threats", "privacy_disclosure"],
        comment="They know my school.",
        occurred_at=noon.strftime("%Y-%m-%dT12:30"),
        call_count="12",
        claimed_name="Court",
        other_accounts="WeChat kd_2024, https://pay.example",
        callback_number="95533",
        was_warned="on",
    )
    said = {
        name: getattr(report, name)
        for name in (
            *("channel", "conduct", "comment", "call_count", "claimed_name", "other_accounts"),
            *("callback_number", "was_warned", "occurred_at"),
        )
    }
    assert said == {
        "channel": "sms",
        "conduct": ["threats", "privacy_disclosure"],
        "comment": "They know my school.",
        "other_accounts": "WeChat kd_2024, https://pay.example",
        "call_count": 12,
        "claimed_name": "Court",
        "callback_number": "CN:95533",
        "was_warned": True,
        "occurred_at": noon.astimezone(UTC),
    }
    assert anna.cookies["country"].value == "CN"
    assert "They know my school." in anna.see(f"/my/reports/{report.public_id}")


def test_who_is_not_known_sends_nothing(visitor: Visitor, evidence_dir: Any):
    where = visitor.where("/report", FORM | {"files": upload("shot.png", PNG)})
    assert where.startswith("/accounts/login/code/")
    assert not Report.objects.exists()


def test_a_forged_form_is_refused(known: Callable[..., Visitor]):
    anna = known()
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = anna.cookies
    response = forged.post("/report", FORM)
    assert response.status_code == 403
    assert "Please send it once more" in text_of(response)
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": ""}, "Number that called or texted : Type the number"),
        ({"number": "112"}, "Emergency numbers are never listed"),
        ({"number": "138 1234 5678"}, "Choose the country of this number"),
        ({"category": ""}, "What was it? Choose what fits best."),
        ({"category": "alien"}, "Choose one of those offered under “What was it?”."),
        ({"occurred_at": "yesterday"}, "Give date and time"),
        ({"occurred_at": "2999-01-01T00:00"}, "This lies in the future"),
        ({"occurred_at": "2001-01-01T00:00"}, "This is more than a year ago"),
        ({"callback_number": "()"}, "message back : This is not a telephone"),
        ({"number": "hello abc", "country": "CN"}, "texted : This is a name, not a telephone"),
        ({"number": "hello abc", "country": "CN"}, "choose “a text message” under “It came as”"),
        ({"callback_number": "hello abc", "channel": "sms"}, "message back : This is a name"),
        ({"call_count": "0"}, "How many calls"),
        ({"comment": "x" * 2001}, "In your words"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(anna: Visitor, wrong: dict[str, Any], said: str):
    page = anna.post("/report", FORM | {"comment": "Kept."} | wrong)
    assert page.status_code == 400
    assert "Please look at this again" in text_of(page)
    assert said in text_of(page)
    assert "comment" in wrong or "Kept." in page.content.decode(), "nothing typed is lost"
    assert not Report.objects.exists()


def test_a_choice_is_read_out_with_what_is_wrong_with_it(anna: Visitor):
    html = anna.post("/report", FORM | {"category": ""}).content.decode()
    assert (
        '<fieldset class="field wrong" aria-describedby="id_category_error" id="id_category">'
    ) in html
    assert '<p class="error" id="id_category_error">Choose what fits best.</p>' in html


def test_what_was_done_is_read_out_first(anna: Visitor):
    told = 'role="status" tabindex="-1" autofocus>'
    filed = anna.post("/report", FORM, follow=True).content.decode()
    assert f'<div class="note success" {told}<p><b>Thank you.' in filed
    report = Report.objects.get()
    page = anna.post(f"/my/reports/{report.public_id}/settle", follow=True).content.decode()
    assert f"<div {told}" in page


def test_words_are_written_from_the_side_of_their_script(anna: Visitor):
    report = file_report(anna, comment="قالوا إنهم من البنك", claimed_name="بنك")
    html = anna.get(f"/my/reports/{report.public_id}").content.decode()
    assert '<dd dir="auto">قالوا إنهم من البنك</dd>' in html
    assert '<dd dir="auto">بنك</dd>' in html
    assert '<div class="small" dir="auto">قالوا إنهم من البنك</div>' in html, "in the log of calls"


def test_what_is_too_long_is_said_and_nothing_is_cut(anna: Visitor):
    """A browser cuts what is pasted into a field with `maxlength`, and says nothing."""
    html = anna.get("/report").content.decode()
    assert "maxlength" not in html
    assert '<textarea name="comment" cols="40" rows="4" dir="auto"' in html, "as it is typed, too"
    told = "字" * 20_000
    response = anna.post("/report", FORM | {"comment": told})
    assert response.status_code == 400
    assert "it has 20000 characters. Shorten it to 2000." in text_of(response)
    assert told in response.content.decode()


def test_a_name_can_send_text_messages(anna: Visitor):
    report = file_report(anna, number="hello abc", country="CN", channel="sms")
    assert report.number.key == "CN@HELLO ABC"
    form = anna.get("/report?number=CN@HELLO+ABC").content.decode()
    assert re.search(r'value="sms"[^>]* checked', form)


def test_a_file_that_will_not_do_costs_no_report(anna: Visitor, settings: Settings):
    settings.EVIDENCE_MAX_BYTES = 1_000_000
    files = [
        upload("good.png", PNG),
        upload("setup.exe", b"MZ\0\0" * 20),
        upload("empty.txt", b""),
        upload("film.mp4", PNG + b"\0" * 1_000_001),
    ]
    page = anna.send("/report", FORM | {"files": files})
    assert "The file “setup.exe” is no picture" in page
    assert "The file “film.mp4” is larger than 1 MB." in page
    assert [entry.name for entry in EvidenceEntry.objects.all()] == ["good.png"]


def test_files_too_large_together_cost_no_words(anna: Visitor, settings: Settings):
    settings.EVIDENCE_MAX_BYTES = 1000
    said = FORM | {"comment": WORDS, "files": upload("large.png", PNG + b"\0" * 200_000)}
    page = anna.post("/report", said, **HERE)
    assert page.status_code == 413
    assert "These files are too large together" in text_of(page)
    assert kept(page.content.decode())
    assert not Report.objects.exists()


def test_again_is_the_same_report(anna: Visitor):
    first = file_report(anna)
    again = anna.send("/report", FORM | {"category": "loan_scam"})
    assert "You had reported this number before" in again
    report = Report.objects.get()
    assert (report.pk, report.category) == (first.pk, "loan_scam")


def test_a_blocked_voice_is_told(anna: Visitor):
    report = file_report(anna)
    report.reporter.blocked_at = timezone.now()
    report.reporter.save()
    page = anna.post("/report", FORM)
    assert page.status_code == 400
    assert "Reports from your account are no longer accepted." in text_of(page)


def test_editing_keeps_what_was_not_changed(anna: Visitor):
    report = file_report(anna, conduct=["threats"], comment="First.", claimed_name="Court")
    where = f"/my/reports/{report.public_id}/edit"
    form = anna.get(where)
    html = form.content.decode()
    assert "First." in html
    assert 'name="number"' not in html
    assert '<details class="more" open>' in html
    anna.post(
        where,
        {
            "category": "threat",
            "channel": "call",
            "comment": "Second.",
            "files": upload("a.png", PNG),
        },
    )
    report.refresh_from_db()
    assert (report.comment, report.conduct, report.claimed_name) == ("Second.", [], "")
    assert EvidenceEntry.objects.count() == 1
    assert anna.post(where, {"channel": "call"}).status_code == 400


@pytest.mark.slow
def test_withdrawing_and_bringing_back(anna: Visitor):
    report = file_report(anna)
    where = f"/my/reports/{report.public_id}"
    assert "Withdraw the report of +86 138 1234 5678" in anna.see(f"{where}/withdraw")
    page = anna.send(f"{where}/withdraw", {})
    assert "Withdrawn. It no longer counts." in page
    assert "What to do next" not in page
    assert "It counts again." in anna.send(f"{where}/restore", {})
    assert Report.objects.get().status == "live"
    anna.send(f"{where}/withdraw", {})
    assert Number.objects.get().reports == 0
    assert "does not count now" in anna.see(f"{where}/edit")
    anna.send(f"{where}/edit", {"category": "threat", "channel": "call"})
    assert Number.objects.get().reports == 1


def test_settled_they_stopped(anna: Visitor):
    report = file_report(anna)
    where = f"/my/reports/{report.public_id}"
    assert "no longer counts against the number" in anna.see(where)
    page = anna.send(f"{where}/settle", {})
    assert "settled: they stopped" in page
    assert (Number.objects.get().reports, Report.objects.get().status) == (0, "settled")
    assert "Settled: they stopped" not in page


def test_what_was_settled_can_be_withdrawn(anna: Visitor):
    report = file_report(anna)
    where = f"/my/reports/{report.public_id}"
    anna.send(f"{where}/settle", {})
    assert f'href="{where}/withdraw"' in anna.get(where).content.decode()
    assert "since the calls stopped" in anna.see(f"{where}/withdraw")
    page = anna.send(f"{where}/withdraw", {})
    assert "Withdrawn. It no longer counts." in page
    assert f'href="{where}/withdraw"' not in anna.get(where).content.decode()
    assert Report.objects.get().status == "withdrawn"


def test_what_a_moderator_rejected_is_not_called_withdrawn(anna: Visitor):
    report = file_report(anna)
    reject_report(actor=moderator(), report=report, reason="untrue", now=timezone.now())
    page = anna.send(f"/my/reports/{report.public_id}/withdraw", {})
    assert "It does not count now" in page
    assert "Withdrawn." not in page


def test_files_come_back_as_they_went(anna: Visitor):
    report = file_report(anna)
    where = f"/my/reports/{report.public_id}"
    files = [upload("b.png", picture("PNG", color=2)), upload("c.txt", "你好".encode())]
    page = anna.send(f"{where}/files", {"files": files})
    assert "2 files were added." in page
    again = [upload("b.png", picture("PNG", color=2)), upload("d.txt", b"new")]
    page = anna.send(f"{where}/files", {"files": again})
    assert "1 file was added." in page
    assert "1 file was here already." in page
    entries = list(EvidenceEntry.objects.order_by("position"))
    response = anna.get(f"{where}/files/{entries[0].sha256}")
    assert b"".join(response.streaming_content) == picture("PNG", color=2)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Disposition"].startswith('attachment; filename="evidence-')
    assert anna.get(f"{where}/files/{'0' * 64}").status_code == 404


@pytest.mark.slow
def test_nobody_else_gets_near_it(anna: Visitor, known: Callable[..., Visitor]):
    report = file_report(anna, files=upload("a.png", PNG))
    where = f"/my/reports/{report.public_id}"
    sha256 = EvidenceEntry.objects.get().sha256
    reading = [where, f"{where}/edit", f"{where}/withdraw", f"{where}/files/{sha256}"]
    writing = [f"{where}/edit", f"{where}/withdraw", f"{where}/settle", f"{where}/files"]
    stranger = known("eve@example.org")
    for _ in range(2):  # without a voice, and with one
        for path in reading:
            assert stranger.get(path).status_code == 404, path
        for path in writing:
            assert stranger.post(path, FORM).status_code == 404, path
        file_report(stranger, number="+8613812345679")
    nobody = Visitor()
    for path in reading:
        assert nobody.where(path).startswith("/accounts/login/code/"), path
    for path in writing:
        assert nobody.where(path, FORM).startswith("/accounts/login/code/"), path
    report.refresh_from_db()
    assert (report.status, report.comment) == ("live", "")
    assert anna.get(f"/my/reports/{uuid.uuid4()}").status_code == 404


def test_my_reports_are_all_there(anna: Visitor):
    assert "You have not reported anything yet." in anna.see("/my/reports")
    file_report(anna, files=upload("a.png", PNG))
    file_report(anna, number="95533", country="CN", category="survey")
    page = anna.see("/my/reports")
    assert "95533 (CN) in effect Survey" in page
    assert "+86 138 1234 5678 in effect Threats" in page
    assert "1 file" in page


def test_pages_of_ones_own_are_kept_by_no_cache(anna: Visitor):
    for path in ("/my/reports", "/report", "/my/account"):
        assert "no-store" in anna.get(path)["Cache-Control"]
