"""The holder objects on the pages: code to the number, decision, appeal."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import Settings

from reputation.disputes import APPEAL_WITHIN, DECIDED_WITHIN, disputable_from, holders_code
from reputation.identity import identify
from reputation.models import Dispute, DisputeFile, Number
from tests.given.attachments import picture
from tests.given.disputes import decide
from tests.given.phone import last_code
from tests.given.reporters import SCAMMER, crowd, newcomer, say
from tests.given.visitors import Visitor, begins_with_its_problem, text_of
from tests.given.web_reports import upload

pytestmark = pytest.mark.django_db(transaction=False)

FORM = {"grounds": "mistaken", "statement": "We are a school.", "contact": "a@school.example"}
PAGE = "/numbers/+8613812345678/dispute"


@pytest.fixture(autouse=True)
def codes(settings: Settings, tmp_path: Path) -> Path:
    settings.CODE_SENDER = f"file:{tmp_path}"
    settings.INTAKE_OWN_NUMBERS = ["+447700900000"]
    crowd(5, "loan_scam", SCAMMER, at=timezone.now())
    return tmp_path / "codes.jsonl"


def test_from_the_link_in_answers_to_the_decision(visitor: Visitor, codes: Path):
    page = visitor.see(PAGE)
    assert "Is +86 138 1234 5678 your number?" in page
    assert "Text DISPUTE" not in page
    where = visitor.where(PAGE, FORM)
    page = visitor.see(where)
    assert "We sent a text message with a code of eight digits" in page
    assert f"http://testserver{where}" in page
    assert visitor.where(f"{where}/verify", {"code": "0000"}) == where
    wrong = visitor.get(where)
    assert text_of(wrong).count("You have 4 attempts left.") == 1
    assert begins_with_its_problem(wrong)
    # Loaded again, the page sends nothing again and tells nothing again.
    assert "attempts left" not in visitor.see(where)
    assert Dispute.objects.get().attempts == 1
    # A phone that has forgotten the page opens its address again.
    assert visitor.where(f"{where}/verify") == where
    page = visitor.send(f"{where}/verify", {"code": last_code(codes)})
    assert "The code is right" in page
    assert "no phone blocks it because of reports" in page
    assert Number.objects.get().disputed
    assert "this is disputed" in visitor.see("/numbers/+8613812345678")
    again = text_of(visitor.post(PAGE, FORM))
    assert "disputed already" in again
    assert "Text DISPUTE from that number to +44 7700 900000: the answer has it." in again
    decide(Dispute.objects.get(), upheld=True, at=timezone.now())
    page = visitor.see(where)
    assert "You were right. The number is no longer listed." in page
    assert "Two recordings and the register." in page
    assert "Appeal, once" not in page


def test_whoever_has_the_address_reads_the_statement_as_page_and_privacy_say(
    visitor: Visitor, codes: Path
):
    where = visitor.where(PAGE, FORM)
    stranger = Visitor()
    page = stranger.see(where)
    assert "We are a school." in page
    assert "whoever has it reads your words here" in page
    privacy = stranger.see("/privacy")
    assert "Whoever has the address of the page of your objection reads your statement" in privacy


def test_who_left_no_contact_is_told_that_a_block_stays(visitor: Visitor, codes: Path):
    where = visitor.where(PAGE, FORM | {"contact": ""})
    page = visitor.send(f"{where}/verify", {"code": last_code(codes)})
    assert "If phones block the number, the block stays until then." in page
    assert "no phone blocks it" not in page
    assert "do not block it if the holder left a contact" in visitor.see("/how")


def test_who_lost_the_address_of_the_case_is_told_how_to_find_it(visitor: Visitor, codes: Path):
    where = visitor.where(PAGE, FORM)
    visitor.send(f"{where}/verify", {"code": last_code(codes)})
    page = visitor.see(PAGE)
    assert "This number is disputed already" in page
    assert "Text DISPUTE from that number to +44 7700 900000: the answer has it." in page
    assert "Send a code to the number" not in page


def test_losing_and_appealing_once(visitor: Visitor, codes: Path):
    where = visitor.where(PAGE, FORM)
    visitor.send(f"{where}/verify", {"code": last_code(codes)})
    decide(Dispute.objects.get(), upheld=False, at=timezone.now())
    page = visitor.see(where)
    assert "The number stays listed." in page
    assert "Appeal, once" in page
    until = Dispute.objects.get().decided_at + APPEAL_WITHIN
    shown = date_format(timezone.localtime(until, ZoneInfo("Europe/London")), "DATETIME_FORMAT")
    assert f"Until {shown} you can have another moderator look at it anew." in page
    assert "no further appeal" not in page
    assert visitor.post(f"{where}/appeal", {"statement": ""}).status_code == 400
    page = visitor.send(f"{where}/appeal", {"statement": "Listen to the second one."})
    assert "Your appeal is in. Another moderator decides." in page
    page = visitor.see(where)
    assert "You appealed: see how the appeal stands." in page
    assert "Appeal, once" not in page
    again = visitor.post(f"{where}/appeal", {"statement": "And the third."})
    assert again.status_code == 400


def test_the_first_decision_and_the_appeal_lead_to_each_other(visitor: Visitor, codes: Path):
    where = visitor.where(PAGE, FORM)
    visitor.send(f"{where}/verify", {"code": last_code(codes)})
    decide(Dispute.objects.get(), upheld=False, at=timezone.now())
    appeal = visitor.where(f"{where}/appeal", {"statement": "Listen to the second one."})
    page = visitor.see(appeal)
    assert "This is your appeal: read the first decision." in page
    assert "The number stays listed." in visitor.see(where)
    decide(Dispute.objects.get(status="open"), upheld=True, at=timezone.now(), name="another")
    page = visitor.see(where)
    assert "Your appeal was right. The number is no longer listed." in page
    assert "The number stays listed." not in page
    # What stands below is why the first moderator thought otherwise.
    assert "The first moderator's reasons" in page
    assert "The moderator's reasons" in visitor.see(appeal)


@pytest.mark.parametrize("appealed", [True, False])
def test_who_lost_for_good_is_told_when_to_object_again(
    visitor: Visitor, codes: Path, appealed: bool
):
    where = visitor.where(PAGE, FORM)
    visitor.send(f"{where}/verify", {"code": last_code(codes)})
    decided_at = timezone.now() - timedelta(days=0 if appealed else 31)
    decide(Dispute.objects.get(), upheld=False, at=decided_at)
    if appealed:
        where = visitor.where(f"{where}/appeal", {"statement": "Listen to the second one."})
        assert "no further appeal" not in visitor.see(where)
        decide(Dispute.objects.last(), upheld=False, at=timezone.now(), name="another")
    page = visitor.see(where)
    assert "There is no further appeal. If something has changed, you can object again from" in page
    start = disputable_from(Number.objects.get(), "mistaken")
    assert start is not None
    day = timezone.localtime(start, ZoneInfo("Europe/London")) + timedelta(days=1)
    assert date_format(day, "DATE_FORMAT") in page


def test_files_are_added_shown_and_taken_back(visitor: Visitor, codes: Path, evidence_dir: Path):
    where = visitor.where(PAGE, FORM)
    assert "Your files" not in visitor.see(where)
    visitor.send(f"{where}/verify", {"code": last_code(codes)})

    def good(color: int = 1) -> SimpleUploadedFile:
        return upload("licence.png", picture("PNG", color=color))

    bad = upload("run.exe", b"MZ\x90\x00")
    page = visitor.send(f"{where}/files", {"files": [good(), bad]})
    assert "1 file was added." in page
    assert "licence.png PNG · " in page
    assert "“run.exe” is no picture" in page
    assert "complain" not in page, "moderators alone read the files"
    kept = DisputeFile.objects.get()
    remove = f"{where}/files/{kept.sha256}/remove"
    decide(Dispute.objects.get(), upheld=False, at=timezone.now())
    for page in (visitor.send(f"{where}/files", {"files": good(2)}), visitor.send(remove, {})):
        assert "until a moderator decides" in page
    Dispute.objects.update(status="open", decided_at=None, decided_by=None, reason="")
    assert "licence.png" not in visitor.send(remove, {})
    assert not DisputeFile.objects.exists()
    unknown = "/disputes/7363f356-c450-465e-bf3c-3b1560f1800b/files"
    assert visitor.post(unknown, {"files": good()}).status_code == 404


def test_what_is_missing_is_said(visitor: Visitor):
    page = visitor.post(PAGE, {"grounds": "mistaken"})
    assert page.status_code == 400
    assert "“What should the moderator know?” is empty. Please fill it in." in text_of(page)
    assert not Dispute.objects.exists()


def test_a_contact_is_one_where_somebody_can_be_reached(visitor: Visitor):
    page = visitor.post(PAGE, FORM | {"contact": "hello abc"})
    assert page.status_code == 400
    assert "Nobody can be reached by this. Give an e-mail address" in text_of(page)
    assert 'value="hello abc"' in page.content.decode()
    assert visitor.where(PAGE, FORM | {"contact": "138 1234 5678"})


def test_what_one_network_reports_can_be_disputed_by_a_text_from_the_number(
    visitor: Visitor, codes: Path, settings: Settings
):
    lone = identify("+8613812345670")
    say(newcomer("one"), number=lone, at=timezone.now())
    page = f"/numbers/{lone.key}"
    assert "This is my number" in visitor.see(page)
    where = visitor.where(f"{page}/dispute", FORM)
    shown = visitor.see(where)
    assert "Text DISPUTE from that number to +44 7700 900000." in shown
    assert "Send a new code" not in shown
    assert not codes.exists()  # nobody's telephone rang
    assert "No code is sent" in visitor.send(f"{where}/send", {})
    code = holders_code(lone.key, timezone.now())
    assert "the number is yours" in visitor.send(f"{where}/verify", {"code": code})
    # Where nobody can text, the reason is told, and nothing typed is lost.
    settings.INTAKE_OWN_NUMBERS = []
    other = identify("+8613812345671")
    for handle in ("two", "three"):
        say(newcomer(handle), number=other, at=timezone.now(), network="one")
    why = "Reports from one place alone list nothing."
    page = visitor.see(f"/numbers/{other.key}/dispute")
    assert why in page
    assert "You say what is wrong." not in page  # what one cannot do is not explained
    refused = visitor.post(f"/numbers/{other.key}/dispute", FORM)
    assert why in text_of(refused)
    assert FORM["statement"] in refused.content.decode()


def test_no_page_says_that_a_code_is_on_its_way_when_none_was_sent(
    visitor: Visitor, codes: Path, settings: Settings
):
    stories = [FORM | {"statement": f"I bake bread, {place}."} for place in range(4)]
    *_, sent, surplus = [visitor.where(PAGE, story) for story in stories]
    on_its_way = "We sent a text message with a code of eight digits to the number."
    assert on_its_way in visitor.see(sent)
    shown = visitor.see(surplus)
    assert on_its_way not in shown
    assert "Text DISPUTE from that number to +44 7700 900000." in shown
    assert "Send a new code" in shown
    settings.INTAKE_OWN_NUMBERS = []
    shown = visitor.see(surplus)
    assert on_its_way not in shown
    assert "Text DISPUTE" not in shown


def test_nothing_to_dispute(visitor: Visitor):
    assert "Nothing is held against this number" not in visitor.see(PAGE)
    shown = visitor.get("/numbers/+8613812345679/dispute")
    assert "Nothing is held against this number" in text_of(shown)
    assert "Send a code to the number" not in text_of(shown)
    assert 'form="fill"' not in shown.content.decode(), "languages do not send what is not there"
    page = visitor.post("/numbers/+8613812345679/dispute", FORM)
    assert page.status_code == 400
    assert "Nothing is held against this number" in text_of(page)
    assert visitor.get("/numbers/hello%2Fhello%2Fhello/dispute").status_code == 404


def test_a_code_that_cannot_be_sent_loses_nothing(visitor: Visitor, settings: Settings):
    settings.CODE_SENDER = "off:"
    page = visitor.send(PAGE, FORM)
    assert "What you wrote is kept: try again later." in page
    assert "We are a school." in page


def test_another_code(visitor: Visitor, codes: Path, monkeypatch: pytest.MonkeyPatch):
    where = visitor.where(PAGE, FORM)
    first, later = last_code(codes), timezone.now() + timedelta(minutes=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert "A new code is on its way." in visitor.send(f"{where}/send", {})
    assert last_code(codes) != first
    assert "This is not the code that was sent." in visitor.send(f"{where}/verify", {"code": first})
    later += timedelta(hours=1)
    assert "not typed in time" in visitor.see(where)


def test_it_is_seen_by_whoever_has_its_address_and_found_by_nobody(visitor: Visitor, codes: Path):
    where = visitor.where(PAGE, FORM)
    response = Visitor().get(where)
    assert response.status_code == 200
    assert "noindex" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"
    # The contact is for the moderator.
    assert "school.example" not in response.content.decode()
    nobody = "/disputes/00000000-0000-4000-8000-000000000000"
    assert visitor.get(nobody).status_code == 404
    for verb in ("verify", "send", "appeal"):
        assert visitor.post(f"{nobody}/{verb}", {"code": "1", "statement": "x"}).status_code == 404


def test_days_to_decide(visitor: Visitor):
    assert f"within {DECIDED_WITHIN.days} days" in visitor.see(PAGE)
