"""The log of calls on the pages: what is said stays, what is imported is in the letter."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils import timezone
from pytest_django import Settings

from reputation.complaints.seeding import load
from reputation.models import LoggedCall, Report
from tests.given.visitors import Visitor, begins_with_its_problem, text_of
from tests.given.web_reports import FORM, download, file_report, prepare

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir")]

YESTERDAY = f"{timezone.now() - timedelta(days=1):%Y-%m-%d}T20:15"


@pytest.fixture
def anna(known: Callable[..., Visitor]) -> Visitor:
    anna = known()
    anna.cookies["zone"] = "Asia/Shanghai"
    return anna


@pytest.mark.slow
def test_a_second_report_is_another_call_or_a_correction(anna: Visitor):
    file_report(anna, call_count=25, comment="XX Finance")
    page = anna.send("/report", FORM | {"comment": "again"})
    assert "26 calls and messages in all" in page
    assert "XX Finance" in page
    report = Report.objects.get()
    revision = report.revisions.get()
    page = anna.send(f"/my/reports/{report.public_id}/earlier/{revision.pk}", {})
    assert "1 call or message in all" in page
    assert anna.post(f"/my/reports/{report.public_id}/earlier/{revision.pk}").status_code == 404
    # An edit is a correction too.
    anna.send(f"/my/reports/{report.public_id}/edit", FORM | {"call_count": 3})
    assert "3 calls and messages in all" in anna.see(f"/my/reports/{report.public_id}")


@pytest.mark.slow
def test_a_call_is_added_changed_and_removed(anna: Visitor, known: Callable[..., Visitor]):
    report = file_report(anna)
    where = f"/my/reports/{report.public_id}/calls"
    at = (timezone.now() - timedelta(days=2)).strftime("%Y-%m-%dT20:15")
    page = anna.send(where, {"at": at, "channel": "call", "seconds": 65, "words": "He shouted."})
    assert "2 calls and messages in all" in page
    assert "1:05" in page
    call = LoggedCall.objects.get()
    assert call.at.hour == 12, "in the clock of the reader"
    assert "Your log has" not in page
    page = anna.send(f"{where}/{call.pk}", {"at": at, "channel": "call", "words": "He wept."})
    assert "He wept." in page
    tomorrow = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT20:15")
    later = {"at": tomorrow, "channel": "call"}
    assert "lies in the future" in anna.send(where, later, status=400)
    # In China's time this is a moment of the year 1, and in UTC of none.
    first = {"at": "0001-01-01T01:00", "channel": "call"}
    for page in (where, f"{where}/{call.pk}"):
        assert "This lies before 1970. Check the year." in anna.send(page, first, status=400)
    assert "2 calls and messages in all" in anna.see(f"/my/reports/{report.public_id}")
    eve = known("eve@example.org")
    file_report(eve)
    assert eve.get(f"{where}/{call.pk}").status_code == 404
    assert eve.post(f"{where}/{call.pk}", {"do": "remove"}).status_code == 404
    assert "1 call or message in all" in anna.send(f"{where}/{call.pk}", {"do": "remove"})


def test_two_calls_of_one_minute_are_not_taken_for_one(anna: Visitor):
    where = f"/my/reports/{file_report(anna).public_id}/calls"
    said = {"at": YESTERDAY, "channel": "call", "words": "He shouted."}
    for _ in range(2):  # the button was pressed twice
        assert "The call is in your log." in anna.send(where, said)
    response = anna.post(where, said | {"words": "He wept."})
    assert response.status_code == 400
    assert "Your log has a call of this minute." in text_of(response)
    assert "He wept." in response.content.decode()
    assert [call.words for call in LoggedCall.objects.all()] == ["He shouted."]


def test_a_call_that_is_changed_in_two_windows_loses_the_words_of_neither(anna: Visitor):
    where = f"/my/reports/{file_report(anna).public_id}/calls"
    said = {"at": YESTERDAY, "channel": "call"}
    anna.send(where, said)
    call = f"{where}/{LoggedCall.objects.get().pk}"

    def was(response: HttpResponse) -> dict[str, str]:
        [found] = re.findall('name="was" value="([^"]+)"', response.content.decode())
        return {"was": found}

    opened = was(anna.get(call))
    assert anna.post(call, said | opened | {"words": "He shouted."}).status_code == 302
    late = anna.post(call, said | opened | {"words": "He wept."})
    assert late.status_code == 400
    shown = text_of(late)
    assert "This call was changed in another window. Save again to put this in its place." in shown
    assert "He shouted." in shown.partition("Your log has now:")[2]
    assert "He wept." in late.content.decode()
    assert LoggedCall.objects.get().words == "He shouted."
    assert anna.post(call, said | was(late) | {"words": "Both."}).status_code == 302
    assert LoggedCall.objects.get().words == "Both."


def test_words_beside_an_imported_call_leave_its_moment_and_where_it_came_from(anna: Visitor):
    report = file_report(anna)
    at = (timezone.now() - timedelta(days=2)).replace(second=45, microsecond=0)
    call = LoggedCall.objects.create(
        report=report, at=at, channel="call", seconds=65, imported=True, noted_at=timezone.now()
    )
    shown = timezone.localtime(at, ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")
    where = f"/my/reports/{report.public_id}/calls/{call.pk}"
    said = {"at": shown, "channel": "call", "seconds": 65, "words": "He wept."}
    anna.send(where, said)
    call.refresh_from_db()
    assert (call.at, call.imported, call.words) == (at, True, "He wept.")
    anna.send(where, said | {"seconds": 66})
    call.refresh_from_db()
    assert (call.at, call.imported) == (at, False)


def test_stated_calls_beside_an_imported_one_are_said_to_be_beside_it(anna: Visitor):
    report = file_report(anna, call_count=25, comment="He shouted.\nI hung up.")
    where = f"/my/reports/{report.public_id}"
    assert ", 25 calls" in anna.see(where)
    assert "He shouted.<br>I hung up.</div>" in anna.get(where).content.decode()
    LoggedCall.objects.create(
        report=report, at=report.filed_at, channel="call", imported=True, noted_at=report.filed_at
    )
    page = anna.see(where)
    assert "25 calls and messages in all" in page
    assert ", 24 calls that are not in this list" in page


def test_what_is_typed_of_a_call_that_was_removed_is_a_call_again(anna: Visitor):
    where = f"/my/reports/{file_report(anna).public_id}/calls"
    said = {"at": YESTERDAY, "channel": "call", "words": "He shouted."}
    anna.send(where, said)
    call = f"{where}/{LoggedCall.objects.get().pk}"
    for _ in range(2):  # the button was pressed twice
        assert "The call is removed from your log." in anna.send(call, {"do": "remove"})
    response = anna.post(call, said)
    html = response.content.decode()
    assert response.status_code == 400
    assert "This call was removed. Save it, and it is in your log again." in text_of(response)
    assert "He shouted." in html
    assert f'<form id="fill" method="post" action="{where}">' in html
    assert "The call is in your log." in anna.send(where, said)
    assert anna.get(call).status_code == 404


@pytest.mark.slow
def test_two_hundred_calls_from_a_file_into_the_letter(anna: Visitor):
    load()
    begin = timezone.now() - timedelta(days=20)
    times = [begin + timedelta(hours=2 * place) for place in range(200)]
    lines = [f"+8613812345678,{int(at.timestamp())},incoming,30" for at in times]
    lines += [f"+8613900000000,{int(begin.timestamp())},incoming,5", "+8613812345678,1,outgoing,1"]
    file = SimpleUploadedFile(
        "calls.csv", "\n".join(["number,date,type,duration", *lines]).encode()
    )
    response = anna.post("/my/calls/import", {"do": "read", "file": file})
    assert response.status_code == 200, text_of(response)
    shown = response.context
    assert [len(each.calls) for each in shown["callers"]] == [200, 1]
    taken = {"do": "save", "log": shown["log"], "caller": "+8613812345678"}
    unsaid = anna.post("/my/calls/import", taken)
    assert begins_with_its_problem(unsaid)
    assert "Choose for each ticked number what it was." in text_of(unsaid)
    assert "Choose what it was." in text_of(unsaid)
    none = {"do": "save", "log": shown["log"]}
    assert begins_with_its_problem(anna.post("/my/calls/import", none))
    taken["category +8613812345678"] = "illegal_collection"
    page = anna.send("/my/calls/import", taken)
    assert "200 calls were added to your log." in page
    assert "200 calls and messages in all" in page
    report = Report.objects.get()
    assert report.call_count == 1
    assert LoggedCall.objects.count() == 200, "of the number that was not ticked nothing is kept"
    assert "Your log has all of these calls already." in anna.send("/my/calls/import", taken)
    pack = download(anna, prepare(anna, report))
    letter = pack.read("letter.txt").decode()
    assert "来电和信息次数：200" in letter
    assert all(f"{at:%M}" in letter for at in times)
    assert pack.read("calls.csv").decode().count("+86 138 1234 5678") == 200


def test_each_number_of_an_imported_log_is_a_report(anna: Visitor, settings: Settings):
    """One form cannot report more numbers than the limit of reports allows."""
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"report": "2/h"}
    numbers = [f"+861381234567{n}" for n in range(3)]
    at = timezone.localtime(timezone.now()) - timedelta(days=1)
    form = {"do": "save", "log": "\n".join(f"{number} {at:%Y-%m-%d %H:%M}" for number in numbers)}
    form |= {f"category {number}": "robocall" for number in numbers}
    page = anna.send("/my/calls/import", form | {"caller": numbers}, status=400)
    assert "You can report 2 more numbers now." in page
    assert not Report.objects.exists()
    assert "2 calls were added" in anna.send("/my/calls/import", form | {"caller": numbers[:2]})
    anna.send("/my/calls/import", form | {"caller": numbers[2]}, status=429)
    assert Report.objects.count() == LoggedCall.objects.count() == 2


def test_one_kind_goes_for_all_that_have_none_of_their_own(anna: Visitor):
    numbers = [f"+861381234567{n}" for n in range(3)]
    at = timezone.localtime(timezone.now()) - timedelta(days=1)
    log = "\n".join(f"{number} {at:%Y-%m-%d %H:%M}" for number in numbers)
    asked = "What was it, wherever you choose nothing else below?"
    assert asked in anna.send("/my/calls/import", {"do": "read", "log": log})
    one = {"do": "read", "log": log.splitlines()[0]}
    assert asked not in anna.send("/my/calls/import", one)
    own = {f"category {numbers[1]}": "threat"}
    form = {"do": "save", "log": log, "caller": numbers, "category": "robocall"} | own
    assert "3 calls were added" in anna.send("/my/calls/import", form)
    kinds = dict(Report.objects.values_list("number__key", "category"))
    assert kinds == dict.fromkeys(numbers, "robocall") | {numbers[1]: "threat"}


def test_a_log_that_is_not_kept_leaves_no_report_and_the_choice(
    anna: Visitor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("reputation.reports.diary.MOST_LOGGED", 1)
    number, at = "+8613812345678", timezone.localtime(timezone.now()) - timedelta(days=1)
    log = "\n".join(f"{number} {at:%Y-%m-%d} 0{hour}:00" for hour in range(2))
    form = {"do": "save", "log": log, "caller": number, f"category {number}": "robocall"}
    page = anna.post("/my/calls/import", form)
    assert "The log of this number is full." in text_of(page)
    assert "reported by you" not in text_of(page)
    assert '<option value="robocall" selected>' in page.content.decode()
    assert not Report.objects.exists()


def test_logs_are_read_as_often_as_files_are_taken(anna: Visitor, settings: Settings):
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"evidence": "1/h"}
    log = {
        "do": "read",
        "log": f"+8613812345678 {timezone.now() - timedelta(days=1):%Y-%m-%d} 10:15",
    }
    assert "Whose calls shall be kept?" in anna.send("/my/calls/import", log)
    anna.send("/my/calls/import", log, status=429)


def test_pasted_times_and_what_is_no_log(anna: Visitor):
    report = file_report(anna)
    page = f"/my/calls/import?report={report.public_id}"
    assert "Times without a number" in anna.see(page)
    now = timezone.localtime(timezone.now())
    times = "\n".join(f"{now - timedelta(days=day):%Y-%m-%d} 09:0{day}" for day in (1, 2))
    response = anna.post(page, {"do": "read", "log": times})
    assert [len(each.calls) for each in response.context["callers"]] == [2]
    assert response.context["callers"][0].chosen
    assert "We found no call in it." in anna.send(page, {"do": "read", "log": "hello"}, status=400)
    assert "Paste the calls" in anna.send(page, {"do": "read"}, status=400)
    sheet = SimpleUploadedFile("calls.xlsx", b"PK\x03\x04\x14\0\x06\0")
    answer = anna.post(page, {"do": "read", "file": sheet})
    assert "This file is not text. Save a spreadsheet as CSV" in text_of(answer)
    assert {*answer.context["form"].errors} == {"file"}
    assert "Times without" not in anna.see(f"/my/calls/import?report={uuid.uuid4()}")


def test_the_import_page_names_the_telephone_systems_whose_logs_it_reads(anna: Visitor):
    page = anna.see("/my/calls/import")
    for system in ("Fritz!Box", "Asterisk", "FreeSWITCH", "NCID", "jcblock"):
        assert system in page
