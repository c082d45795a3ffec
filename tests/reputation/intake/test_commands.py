"""What is done by a word in a message: LINK, UNDO, STOP, HELP, and for whom it is not."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from reputation.intake.receiving import Receipt
from reputation.models import AuditEntry, IntakeSender, Report, Reporter
from reputation.moderation import block_reporter, restating, undo
from reputation.reports import link_codes
from reputation.reports.link_codes import CodeUnknown, issue_code, redeem
from tests.given.messages import (
    ANNA,
    NOW,
    SCAM,
    UK,
    answering,
    letter,
    live,
    post,
    text,
    unproven,
)
from tests.given.reporters import moderator

pytestmark = pytest.mark.django_db


def kinds() -> set[str]:
    """Whose the reports are."""
    return set(Report.objects.values_list("reporter__kind", flat=True))


def second_code(asked_back: Receipt) -> str:
    return asked_back.reply.partition("LINK ")[2][:11]


class TestCommands:
    def test_undo_takes_the_last_report_back(self):
        text("13812345678*a")
        assert text("撤销").reply == "已撤回：+86 138 1234 5678。非本人操作？请重新举报。"
        assert live() == []
        assert text("撤销").reply == "最近一天没有可撤回的举报。"

    @pytest.mark.parametrize(("minutes", "left"), [(-1, []), (0, [SCAM])])
    def test_undo_takes_back_what_was_reported_within_a_day(self, minutes, left):
        text("13812345678*a")
        text("撤销", at=NOW + timedelta(days=1, minutes=minutes))
        assert [number for number, *_ in live()] == left

    def test_undo_is_for_one_s_own(self):
        text("13812345678*a")
        text("undo", sender=ANNA)
        assert len(live()) == 1

    def test_help_tells_each_command(self):
        assert text("HELP", sender=ANNA).reply == (
            "Report a call: time and number. Report a text: number*its words. UNDO takes the last "
            "report back, LINK joins this to your account. STOP ends answers."
        )

    def test_stop_and_start(self):
        assert text("STOP", sender=ANNA).reply.startswith("You will get no more answers")
        assert text("Call 07700900123", sender=ANNA).reply == ""
        assert len(live()) == 1
        assert text("START", sender=ANNA).reply == "You will get answers again."
        assert text("Call 07700900123", sender=ANNA).reply

    def test_link_by_a_code_that_is_entered_in_an_account(self):
        person = Reporter.objects.create(kind="person", handle="p", created_at=NOW)
        text("Call 07700900123", sender=ANNA)
        code = text("link", sender=ANNA).reply.partition("code is ")[2][:11]
        assert redeem(reporter=person, code=code, now=NOW).moved == 1
        text("Call 07700900124", sender=ANNA)
        assert set(Report.objects.values_list("reporter__kind", flat=True)) == {"person"}

    def test_a_faked_sender_takes_no_voice_over(self):
        thief = Reporter.objects.create(kind="person", handle="thief", created_at=NOW)
        text("Call 07700900123", sender=ANNA)
        code = issue_code(reporter=thief, now=NOW)
        answer = text(f"LINK {code}", sender=ANNA).reply  # which goes to Anna's own phone
        assert "You did not ask for it? Ignore this." in answer
        assert code not in answer
        assert set(Report.objects.values_list("reporter__kind", flat=True)) == {"sms"}

    def test_link_by_a_code_from_the_pages(self):
        person = Reporter.objects.create(kind="person", handle="p", created_at=NOW)
        post(letter("Call 07700900123"))
        code = issue_code(reporter=person, now=NOW)
        asked_back = post(letter(f"link {code.lower()}", subject=""))
        assert asked_back.reply.startswith(
            "An account on our pages is to be linked with this address. Reports from here that it "
            "takes over: 1."
        )
        assert code not in asked_back.reply
        assert kinds() == {"email"}
        assert post(letter(f"LINK {second_code(asked_back)}", subject="")).reply == (
            "Linked: you count as one person now. Reports that came along: 1."
        )
        assert kinds() == {"person"}

    def test_link_from_sms_to_mail(self):
        text("Call 07700900123", sender=ANNA)
        code = text("LINK", sender=ANNA).reply.partition("code is ")[2][:11]
        post(letter("07700 900123"))
        assert Report.objects.live().count() == 2
        asked_back = post(letter(f"LINK {code}", subject=""))
        assert asked_back.reply.startswith("A telephone or another address")
        second = second_code(asked_back)
        assert "Linked" in post(letter(f"LINK {second}", subject="")).reply
        assert Report.objects.live().count() == 1
        for used in (code, second):
            assert "not known" in post(letter(f"LINK {used}")).reply

    def test_a_link_waits_for_a_decision_that_is_carried_out(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(restating, "AT_ONCE", 1)
        person = Reporter.objects.create(kind="person", handle="p", created_at=NOW)
        for number in ("07700900123", "07700900124"):
            post(letter(f"Call {number}"))
        code = issue_code(reporter=person, now=NOW)
        second = second_code(post(letter(f"link {code}", subject="")))
        by = {"actor": moderator(), "reason": "r", "now": NOW}
        block_reporter(reporter=Reporter.objects.get(kind="email"), **by)
        restating.carry_out(now=NOW)
        undo(entry=AuditEntry.objects.latest("id"), **by)
        assert post(letter(f"LINK {second}", subject="")).reply == (
            "These two cannot be linked yet. Try again in a few minutes."
        )
        restating.carry_out(now=NOW)
        assert "Linked" in post(letter(f"LINK {second}", subject="")).reply

    def test_a_second_code_is_its_address_s_own(self):
        """Whoever has the first one cannot do without the mailbox that showed it."""
        person = Reporter.objects.create(kind="person", handle="p", created_at=NOW)
        post(letter("Call 07700900123"))
        code = issue_code(reporter=person, now=NOW)
        second = second_code(post(letter(f"LINK {code}", subject="")))
        assert "not known" in post(letter(f"LINK {second}", sender="x@example.org")).reply
        with pytest.raises(CodeUnknown):
            redeem(reporter=person, code=second, now=NOW)
        late = post(letter(f"LINK {second}", subject=""), at=NOW + link_codes.LIFE)
        assert "not known" in late.reply
        assert kinds() == {"email"}

    def test_who_links_to_oneself_is_told_that_nothing_is_to_be_linked(self):
        code = post(letter("LINK", subject="")).reply.partition("code is ")[2][:11]
        assert post(letter(f"LINK {code}", subject="")).reply == (
            "You count as one person here already. There is nothing to link."
        )


def test_whose_report_another_took_back_is_told_so_and_reports_again():
    text("07700 900123 is a scammer", sender=ANNA)
    forged = text("UNDO", sender=ANNA)
    assert forged.reply == "Taken back: +44 7700 900123. Was it not you? Report it again."
    assert live() == []
    text("07700 900123 is a scammer", sender=ANNA)
    assert live() == [(UK, "loan_scam", "is a scammer")]


@pytest.mark.parametrize("silent", ["budget", "country"])
def test_a_text_takes_nothing_back_of_which_its_sender_would_not_hear(
    settings: Settings, silent: str
):
    """A collector knows the telephones of those who report it, and can write in their name."""
    text("07700 900123 is a scammer", sender=ANNA)
    if silent == "budget":
        settings.CODES_PER_HOUR = 0
    else:
        settings.CODE_COUNTRIES = ("CN",)
    for words in ("UNDO", "UNDO 07700 900123"):
        forged = text(words, sender=ANNA)
        assert (forged.reply, forged.message.status) == ("", "kept")
    assert live() == [(UK, "loan_scam", "is a scammer")]


class TestCommandsOfNobody:
    """One e-mail that nobody vouches for gives no command."""

    def test_an_unproven_undo_takes_nothing_back(self):
        post(letter("07700 900123"))
        asked = unproven("UNDO", subject="")
        assert "It asks for: UNDO." in asked.reply
        assert len(live()) == 1
        post(answering(asked, "Please stop writing to me"))
        assert len(live()) == 1

    def test_an_unproven_stop_silences_nobody(self):
        post(letter("07700 900123"))
        unproven("STOP", subject="")
        assert IntakeSender.objects.get().stopped_at is None

    def test_an_unproven_link_joins_nobody(self):
        thief = Reporter.objects.create(kind="person", handle="thief", created_at=NOW)
        post(letter("07700 900123"))
        asked = unproven(f"LINK {issue_code(reporter=thief, now=NOW)}", subject="")
        assert kinds() == {"email"}
        # Even a careless yes only leads to the letter that says what would be merged.
        asked_back = post(answering(asked, "yes"))
        assert asked_back.reply.startswith("An account on our pages")
        assert kinds() == {"email"}

    def test_what_is_confirmed_is_done(self):
        post(letter("07700 900123"))
        assert "Taken back" in post(answering(unproven("UNDO", subject=""), "YES")).reply
        assert live() == []
