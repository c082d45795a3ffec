"""What becomes of messages: each once, none lost, and whoever wrote is told what was understood."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

import pytest
from django.db import OperationalError, connection
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from reputation.counting.rescoring import rescore_one
from reputation.intake import keeping, receiving, replies, working
from reputation.intake.grammar import read_sms
from reputation.intake.keeping import content_of, forget, reply_of
from reputation.intake.receiving import Receipt
from reputation.models import IntakeMessage, IntakeSender, Number, Report, Reporter
from reputation.reports import linking
from reputation.reports.linking import CodeUnknown, issue_code, redeem
from tests.given.attachments import PNG
from tests.given.messages import (
    ANNA,
    AUTHSERV,
    LI,
    MAIL,
    NOW,
    SCAM,
    UK,
    VOUCHED,
    letter,
    live,
    post,
    text,
)
from tests.reputation.intake.test_grammar_properties import TEXTS
from tests.reputation.intake.test_mailbox import nested

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _ours(settings: Settings) -> None:
    settings.FICTIONAL_NUMBERS = True
    settings.INTAKE_AUTHSERV_ID = AUTHSERV
    settings.INTAKE_REGION = "GB"
    settings.INTAKE_ADDRESSES = ["reports@ringscore.example"]


def kinds() -> set[str]:
    """Whose the reports are."""
    return set(Report.objects.values_list("reporter__kind", flat=True))


def second_code(asked_back: Receipt) -> str:
    return asked_back.reply.partition("LINK ")[2][:11]


def states() -> list[tuple[str, str, str]]:
    """(status, asked, trouble) of each message, as they came."""
    found = IntakeMessage.objects.order_by("id")
    return [(each.status, each.asked, each.trouble) for each in found]


class TestReporting:
    def test_a_report_by_sms_counts_and_is_told(self):
        receipt = text("2026年11月5日14时30分 13812345678 催收威胁")
        assert live() == [(SCAM, "threat", "催收威胁")]
        report = Report.objects.get()
        assert (report.conduct, report.channel) == (["threats"], "call")
        assert report.occurred_at.isoformat() == "2026-11-05T06:30:00+00:00"
        assert (report.reporter.kind, report.filed_at) == ("sms", NOW)
        assert receipt.reply == (
            "已举报：+86 138 1234 5678，2026年11月5日 14:30，威胁恐吓。"
            "举报人数：1。有误请回复“撤销”。"
        )
        assert states() == [("reported", "", "")]
        assert receipt.message.report == report
        assert rescore_one(key=SCAM, now=NOW).differences == []

    @pytest.mark.parametrize(
        "sender",
        ["+88216123456", "+8835100123456", "+19005550123", "+5352345678", "+252612345678"],
    )
    def test_no_answer_goes_where_it_would_pay_somebody(self, settings, sender):
        settings.CODE_COUNTRIES = ("CN", "GB")
        assert text("Call +8613812345678", sender=sender).reply == ""
        assert [number for number, *_ in live()] == [SCAM]
        assert text("HELP", sender=sender).reply == ""
        assert text("HELP").reply != ""

    def test_a_budget_bounds_the_answers(self, settings):
        settings.CODES_PER_HOUR = 1
        assert text("Call +8613812345678").reply != ""
        assert text("Call +8613812345679", sender=ANNA).reply == ""
        assert Report.objects.count() == 2

    def test_in_english(self):
        assert text("Call 07700 900123 yesterday 8pm", sender=ANNA).reply == (
            "Reported: +44 7700 900123, 23 Nov 2026, 20:00. People who reported it: 1. "
            "Wrong? Answer UNDO."
        )

    def test_again_updates(self):
        text("13812345678*低息贷款")
        receipt = text("13812345678*还款")
        assert receipt.reply.startswith("您的举报已更新")
        assert live() == [(SCAM, "illegal_collection", "还款")]
        assert not receipt.submission.created

    @pytest.mark.parametrize(
        ("pinned", "told"),
        [("block", "It is being blocked."), ("flag", "Its calls are marked as suspicious.")],
    )
    def test_what_the_number_is_by_now(self, pinned, told):
        text("Call 07700900123", sender=ANNA)
        Number.objects.update(pinned=pinned)
        receipt = text("Call 07700900123", sender="+447700900998")
        assert f"People who reported it: 2. {told} Wrong?" in receipt.reply

    def test_other_numbers_are_named_not_dropped(self):
        words = "Harassed by 07700900123, 07700900124 and 07700900125"
        receipt = text(words, sender=ANNA)
        assert "Send other numbers in a message each." in receipt.reply
        assert "07700900124" in Report.objects.get().comment

    def test_nobody_reports_their_own_number(self):
        text("07700900999", sender=ANNA)
        assert live() == []
        assert states() == [("answered", "", "")]

    def test_too_long_ago_is_said(self):
        receipt = text("5 March 2024 2pm 07700 900123", sender=ANNA)
        assert receipt.reply == (
            "That call was more than a year ago. Please report what came lately."
        )
        assert states() == [("kept", "", "refused")]

    def test_senders_of_one_block_are_one_network(self):
        for end in (1, 2):
            text("13812345678*a", sender=f"+861398765000{end}")
        text("13812345678*a", sender="+8613900000001")
        assert Report.objects.values("network").distinct().count() == 2


class TestOnce:
    def test_the_same_message_again_changes_nothing(self):
        first = text("13812345678*低息贷款", id="SM1")
        before = [list(m.objects.values()) for m in (Report, IntakeMessage, Reporter)]
        again = text("13812345678*低息贷款", id="SM1", at=NOW + HOUR)
        assert (again.repeated, again.reply) == (True, first.reply)
        assert again.submission is None
        assert before == [list(m.objects.values()) for m in (Report, IntakeMessage, Reporter)]

    def test_the_id_of_another_sender_is_another_message(self):
        text("13812345678*a", id="SM1")
        text("13812345678*a", id="SM1", sender="+8613900000001")
        assert len(live()) == 2

    def test_a_mail_program_that_repeats_ids_loses_nothing(self):
        post(letter("07700 900123", id="<1@x>"))
        post(letter("07700 900124", id="<1@x>"))
        assert len(live()) == 2

    def test_what_was_kept_but_not_worked_on_is_taken_up(self, monkeypatch):
        def away(self):
            raise OperationalError("gone")

        with monkeypatch.context() as patch:
            patch.setattr(receiving._Received, "do", away)
            with pytest.raises(OperationalError):
                text("13812345678*a", id="SM1")
        assert states() == [("received", "", "")]
        text("13812345678*a", id="SM1")
        assert states() == [("reported", "", "")]
        assert len(live()) == 1


class TestDialogue:
    FORWARDED = "【某某金融】您已逾期，请致电4001234567"

    def test_number_missing_asked_answered(self):
        asked = text(self.FORWARDED)
        assert asked.reply == "这条信息来自哪个号码？请回复号码或发送方名称；不清楚请回复“不知道”。"
        assert (states(), live()) == ([("asked", "number", "")], [])
        text("106575258192001234", at=NOW + HOUR)
        words = "【某某金融】您已逾期,请致电4001234567"
        assert live() == [("CN:106575258192001234", "illegal_collection", words)]
        report = Report.objects.get()
        assert (report.callback_number, report.channel) == ("+864001234567", "sms")
        assert states() == [("reported", "number", ""), ("answered", "", "")]
        assert {m.report for m in IntakeMessage.objects.all()} == {report}

    def test_a_name_is_an_answer(self):
        text(self.FORWARDED)
        text("是MOUMOUDAI")
        assert [number for number, _, _ in live()] == ["CN@MOUMOUDAI"]

    def test_not_known_then_what_it_wants_called(self):
        text(self.FORWARDED)
        text("不知道")
        assert [number for number, _, _ in live()] == ["+864001234567"]

    def test_not_known_at_all_is_kept(self):
        text("转发：您的额度已到账，点击领取")
        assert "计入统计需要号码" in text("不知道").reply
        assert states() == [("kept", "number", "no_number"), ("answered", "", "")]

    def test_another_report_leaves_the_question_open(self):
        text(self.FORWARDED)
        text("13812345678*别的")
        assert states() == [("asked", "number", ""), ("reported", "", "")]
        text("95533")
        assert [number for number, _, _ in live()] == [SCAM, "CN:95533"]

    def test_thanks_are_no_answer(self):
        text(self.FORWARDED)
        assert text("谢谢").reply == ""
        assert states() == [("asked", "number", ""), ("answered", "", "")]

    def test_two_questions_the_first_is_kept(self):
        text(self.FORWARDED)
        text("【别的贷】额度到账，拒收请回复R")
        assert states() == [("kept", "number", "no_number"), ("asked", "number", "")]

    def test_an_unanswered_question_comes_to_a_moderator(self):
        text(self.FORWARDED)
        later = NOW + working.ANSWER_WITHIN
        assert IntakeMessage.objects.waiting(later - HOUR).count() == 0
        assert IntakeMessage.objects.waiting(later).count() == 1
        text("13812345678", at=later)  # too late for an answer: a number that is asked about
        assert live() == []

    def test_nobody_answers_for_another(self):
        text(self.FORWARDED)
        text("13812345678", sender="+8613900000001")
        assert states() == [("asked", "number", ""), ("answered", "purpose", "")]


class TestKept:
    @pytest.mark.parametrize("words", ["🙂", "", "call me", "\x00\ud800"])
    def test_what_cannot_be_read(self, words):
        receipt = text(words, sender=ANNA)
        assert receipt.reply == (
            "We could not read that, so a moderator will. "
            "To report a number, send: number*what happened."
        ) or receipt.reply.startswith("Which number")
        message = IntakeMessage.objects.get()
        assert content_of(message).text == words
        assert IntakeMessage.objects.waiting(NOW + 3 * working.ANSWER_WITHIN).count() == 1

    def test_a_fault_of_ours(self, monkeypatch, caplog):
        def broken(*_, **__):
            raise RuntimeError(f"secret words of {LI}")

        monkeypatch.setattr(working, "submit_report", broken)
        receipt = text("13812345678*低息贷款")
        assert receipt.reply == ""
        assert states() == [("kept", "", "failed")]
        assert content_of(receipt.message).text == "13812345678*低息贷款"
        assert "RuntimeError" in caplog.text
        assert LI not in caplog.text

    def test_short_codes_and_names_are_no_people(self):
        for sender in ("95533", "BANKNAME", "10086"):
            assert text("13812345678*a", sender=sender, region="CN").reply == ""
        assert states() == [("kept", "", "not_a_person")] * 3
        assert live() == []

    def test_our_own_number(self, settings):
        settings.INTAKE_OWN_NUMBERS = [ANNA]
        assert text("Call 07700900123", sender=ANNA).reply == ""
        assert states() == [("ignored", "", "")]

    def test_a_blocked_voice_is_kept_and_not_answered(self):
        text("13812345678*a")
        Reporter.objects.update(blocked_at=NOW)
        assert text("13900000001*a").reply == ""
        assert states() == [("reported", "", ""), ("kept", "", "refused")]

    def test_nothing_of_the_sender_is_in_the_clear(self):
        text("我是13987654321，张三。13812345678一直骚扰我")
        post(letter("07700 900123 keeps calling", sender=MAIL))
        rows = str([*IntakeMessage.objects.values(), *IntakeSender.objects.values()])
        for secret in (LI, LI[3:], MAIL, "jane", "Jane"):
            assert secret not in rows
        assert content_of(IntakeMessage.objects.earliest("id")).sender == LI

    def test_what_is_done_is_forgotten_what_waits_is_not(self):
        text("13812345678*a")
        text("🙂")
        assert forget(now=NOW + keeping.KEPT_FOR) == 0
        assert forget(now=NOW + keeping.KEPT_FOR + HOUR) == 1
        assert forget(now=NOW + keeping.KEPT_FOR + HOUR) == 0
        done, waits = IntakeMessage.objects.order_by("id")
        assert (bytes(done.sealed), done.masked, reply_of(done)) == (b"", "", "")
        assert done.report is not None
        assert content_of(waits).text == "🙂"


class TestLimits:
    def test_beyond_the_hour_s_messages_are_kept(self, monkeypatch):
        monkeypatch.setattr(receiving, "HOURLY", 2)
        for _ in range(3):
            last = text("13812345678*a")
        assert last.reply == ""
        assert states()[-1] == ("kept", "", "too_many")
        assert text("13812345678*a", at=NOW + HOUR).reply

    def test_beyond_the_day_s_they_are_counted(self, monkeypatch):
        monkeypatch.setattr(keeping, "DAILY", 2)
        for _ in range(5):
            last = text("13812345678*a")
        assert last.message is None
        assert IntakeMessage.objects.count() == 2
        assert IntakeSender.objects.get().surplus == 3

    def test_two_machines_stop_answering_each_other(self, monkeypatch):
        monkeypatch.setattr(receiving, "ANSWERS_HOURLY", 3)
        answers = [text("🙂").reply for _ in range(5)]
        assert [bool(each) for each in answers] == [True, True, True, False, False]


class TestCommands:
    def test_undo_takes_the_last_report_back(self):
        text("13812345678*a")
        assert text("撤销").reply == "已撤回：+86 138 1234 5678。"
        assert live() == []
        assert text("撤销").reply == "最近一天没有可撤回的举报。"

    def test_undo_is_for_one_s_own(self):
        text("13812345678*a")
        text("undo", sender=ANNA)
        assert len(live()) == 1

    def test_help(self):
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

    def test_a_second_code_is_its_address_s_own(self):
        """Whoever has the first one cannot do without the mailbox that showed it."""
        person = Reporter.objects.create(kind="person", handle="p", created_at=NOW)
        post(letter("Call 07700900123"))
        code = issue_code(reporter=person, now=NOW)
        second = second_code(post(letter(f"LINK {code}", subject="")))
        assert "not known" in post(letter(f"LINK {second}", sender="x@example.org")).reply
        with pytest.raises(CodeUnknown):
            redeem(reporter=person, code=second, now=NOW)
        late = post(letter(f"LINK {second}", subject=""), at=NOW + linking.LIFE)
        assert "not known" in late.reply
        assert kinds() == {"email"}

    def test_link_to_oneself_is_refused(self):
        code = post(letter("LINK", subject="")).reply.partition("code is ")[2][:11]
        assert post(letter(f"LINK {code}", subject="")).reply == "These two cannot be linked."


@pytest.mark.django_db(transaction=True)
def test_deliveries_at_once_count_once():
    """A gateway repeats itself while we work on it; others of the same sender come meanwhile."""

    def deliver(n: int) -> bool:
        try:
            return text(f"1381234567{n % 2}*低息贷款", id=f"SM{n % 2}").repeated
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        repeated = list(threads.map(deliver, range(12)))
    assert sorted(repeated) == [False] * 2 + [True] * 10
    assert sorted(number for number, _, _ in live()) == ["+8613812345670", "+8613812345671"]
    assert states() == [("reported", "", "")] * 2
    assert IntakeSender.objects.count() == Reporter.objects.count() == 1


# In parts of a long SMS: 153 characters of the Latin alphabet, 67 of Chinese.
@pytest.mark.parametrize(("language", "most"), [("en", 2 * 153), ("zh-hans", 2 * 67)])
def test_no_answer_takes_more_than_two_parts(language, most):
    text("2026年11月5日14时30分 13812345678 催收")
    number = Number.objects.get()
    number.reports = 12_345
    with replies.in_language(language):
        answers = [
            replies.understood(
                read_sms("2026年11月5日14时30分 13812345678", region="CN", now=NOW, zone=UTC),
                number, "illegal_collection", UTC, created=False, others=3,
            ),
            replies.which_number(),
            replies.kept_without_number(),
            replies.unreadable(),
            replies.help_text(),
            replies.stopped(),
            replies.link_code("ABCDE-FGHJK"),
            replies.linked(99),
            replies.code_unknown(),
        ]  # fmt: skip
    assert {answer for answer in answers if len(answer) > most} == set()


class TestMail:
    def test_a_report(self):
        receipt = post(letter("yesterday at 8pm 07700 900123 said he is from my bank"))
        assert [(number, category) for number, category, _ in live()] == [(UK, "other")]
        assert receipt.reply.startswith("Reported: +44 7700 900123, 23 Nov 2026, 20:00.")

    def test_a_national_number_from_nobody_knows_where(self, settings):
        settings.INTAKE_REGION = ""
        asked = post(letter("07700 900123 keeps calling me"))
        assert asked.reply == (
            "Please send the number with + and the country's code, such as +44 7700 900123."
        )
        post(letter("+44 7700 900123", subject="Re: Report"))
        assert [number for number, _, _ in live()] == [UK]

    def test_its_files_become_evidence(self, evidence_dir):
        files = [("screen.png", PNG, "image/png"), ("virus.exe", b"MZ\0\0", "application/x")]
        receipt = post(letter("07700 900123", files=files))
        assert [e.name for e in Report.objects.get().evidence.all()] == ["screen.png"]
        assert receipt.reply.endswith("Files kept as evidence: 1. Files that we cannot keep: 1.")

    def test_files_of_the_message_that_was_asked_about(self, evidence_dir):
        post(letter("I lost so much money to them", files=[("a.png", PNG, "image/png")]))
        post(letter("07700 900123", subject="Re: Report"))
        assert Report.objects.get().evidence.count() == 1

    def test_a_storage_that_is_away_has_it_sent_again(self, settings, tmp_path):
        from reputation.attachments import StorageUnavailable
        from tests.given.attachments import keep_evidence_in

        (tmp_path / "file").write_text("in the way")
        keep_evidence_in(settings, tmp_path / "file")
        raw = letter("07700 900123", files=[("a.png", PNG, "image/png")])
        with pytest.raises(StorageUnavailable):
            post(raw)
        assert live() == []
        keep_evidence_in(settings, tmp_path / "there")
        post(raw)
        assert Report.objects.get().evidence.count() == 1

    def test_one_mailbox_is_one_person(self):
        for sender in ("Jane.Doe@gmail.com", "janedoe+spam@googlemail.com"):
            raw = letter("07700 900123", sender=sender)
            post(raw.replace(b"header.from=example.org", b"header.from=gmail.com"))
        assert len(live()) == 1

    def test_nobody_vouches_so_the_sender_is_asked(self):
        asked = post(letter("07700 900123 keeps calling", vouched=False))
        assert (live(), states()) == ([], [("asked", "confirmation", "")])

        # Whoever only knows the address cannot answer for it.
        forged = letter("yes", subject="Re: [RS-AAAAAAAAAAAAAAAA] Report", vouched=False)
        post(forged)
        assert live() == []

        confirmed = post(answering(asked, "yes"))
        assert live() == [(UK, "other", "Report\nkeeps calling")]
        assert confirmed.reply.startswith("Reported: +44 7700 900123")
        assert states() == [
            ("reported", "", ""),
            ("asked", "confirmation", ""),
            ("answered", "", ""),
        ]

        post(answering(asked, "yes"))
        assert Report.objects.count() == 1

    def test_another_address_cannot_confirm(self):
        asked = post(letter("07700 900123", vouched=False))
        post(answering(asked, "yes", sender="x@y.example"))
        assert live() == []

    def test_a_stranger_s_address_gets_few_letters(self):
        answers = [post(letter(f"07700 90012{n}", vouched=False)).reply for n in range(5)]
        assert [bool(each) for each in answers] == [True, True, True, False, False]
        assert IntakeMessage.objects.count() == 3


def answering(asked: Receipt, words: str, *, vouched: bool = False, **more: str) -> bytes:
    """An answer to our letter, without changing its subject."""
    subject = f"Re: [RS-{asked.token}] Is this e-mail yours?"
    return letter(words, subject=subject, vouched=vouched, **more)


def unproven(words: str = "07700 900123 keeps calling", **more: str) -> Receipt:
    return post(letter(words, vouched=False, **more))


class TestConfirming:
    """Forging an address does nothing, whatever its owner is brought to answer."""

    @pytest.mark.parametrize("vouched", [True, False])
    @pytest.mark.parametrize("words", ["YES", "是的，是我写的。"])
    def test_an_explicit_word_confirms(self, words, vouched):
        asked = unproven()
        post(answering(asked, words, vouched=vouched))
        assert [number for number, _, _ in live()] == [UK]

    def test_the_code_of_the_letter_confirms(self):
        asked = unproven()
        assert f"RS-{asked.token}" in asked.reply
        post(answering(asked, f"RS-{asked.token}"))
        assert len(live()) == 1

    @pytest.mark.parametrize("vouched", [True, False])
    @pytest.mark.parametrize("words", ["I did NOT write this! Stop.", "不是我"])
    def test_a_denial_closes_it_and_is_kept(self, words, vouched):
        asked = unproven()
        answer = post(answering(asked, words, vouched=vouched))
        assert answer.reply == replies.denied() or "不计入" in answer.reply
        assert [status for status, _, _ in states()] == ["denied", "answered"]
        assert live() == []
        post(answering(asked, "YES"))  # too late to think again
        assert live() == []
        denied = IntakeMessage.objects.earliest("id")
        assert [each.pk for each in denied.answered_by.all()] == [answer.message.pk]

    @pytest.mark.parametrize("words", ["", "Who are you?"])
    def test_anything_else_is_asked_once_more_and_does_not_count(self, words):
        asked = unproven()
        again = post(answering(asked, words))
        assert again.token == asked.token
        assert f"RS-{asked.token}" in again.reply
        assert post(answering(asked, f"{words} ")).reply == ""
        assert live() == []
        post(answering(asked, "YES"))
        assert len(live()) == 1

    def test_what_is_quoted_confirms_nothing(self):
        asked = unproven()
        quoted = asked.reply.replace("\n", "\n> ")
        post(answering(asked, f"Who are you?\n\nOn 24 Nov 2026, Ringscore wrote:\n> {quoted}"))
        # Some programs quote without a mark.
        post(answering(asked, f"Who is this?\n\nFrom: Ringscore\nSubject: x\n\n{asked.reply}"))
        assert live() == []
        post(answering(asked, f"Yes\n\nFrom: Ringscore\nSubject: x\n\n{asked.reply}"))
        assert len(live()) == 1

    def test_after_two_days_it_is_too_late(self):
        asked = unproven()
        post(answering(asked, "YES"), at=NOW + working.ANSWER_WITHIN)
        assert live() == []

    @pytest.mark.parametrize(
        ("words", "language", "shown"),
        [
            ("+447700900123 loan", "en", "It reports: +44 7700 900123, loan scam."),
            ("贷款 +447700900123", "zh-hans", "它举报：+44 7700 900123，贷款诈骗。"),
            ("貸款 +447700900123", "zh-hant", "它舉報：+44 7700 900123，貸款詐騙。"),
        ],
    )
    def test_the_letter_shows_what_came(self, words, language, shown):
        asked = unproven(f"{words}, ask me at jane@example.org")
        assert asked.language == language
        quote = words.replace("+447700900123", "▇▇▇")
        assert f"> Report {quote}, ask me at ▇▇▇\n\n{shown}\n" in asked.reply

    @pytest.mark.parametrize(
        "lure",
        ["pay at http://evil.example/p", "pay at hxxp://evil.example/p", "pay at evil.example",
         "pay at EVIL．example", "call 1-900-555-0123 now", "write to a@evil.example"],
    )  # fmt: skip
    def test_the_letter_carries_no_link_of_whoever_wrote_it(self, lure):
        asked = unproven(f"Your parcel: {lure} " + "x" * 1_000, subject="Your parcel")
        for part in ("http", "evil.example", "evil．example", "900-555", "@evil", "x" * 161):
            assert part not in asked.reply.lower()

    def test_files_are_sent_again_with_the_answer(self, evidence_dir):
        files = [("a.png", PNG + bytes(keeping.UNPROVEN_BYTES), "image/png")]
        asked = unproven(files=files)
        assert "Files were not kept: attach them to your answer." in asked.reply
        post(answering(asked, "YES", files=[("b.png", PNG, "image/png")]))
        assert [each.name for each in Report.objects.get().evidence.all()] == ["b.png"]

    def test_a_small_file_is_kept(self, evidence_dir):
        asked = unproven(files=[("a.png", PNG, "image/png")])
        post(answering(asked, "YES"))
        assert [each.name for each in Report.objects.get().evidence.all()] == ["a.png"]

    def test_a_blocked_voice_is_not_heard(self):
        post(letter("07700 900124"))
        Reporter.objects.update(blocked_at=NOW)
        post(answering(unproven(), "YES"))
        assert [number for number, _, _ in live()] == ["+447700900124"]
        assert ("kept", "", "refused") in states()


class TestCommandsOfNobody:
    """One e-mail that nobody vouches for gives no command."""

    def test_undo(self):
        post(letter("07700 900123"))
        asked = unproven("UNDO", subject="")
        assert "It asks for: UNDO." in asked.reply
        assert len(live()) == 1
        post(answering(asked, "Please stop writing to me"))
        assert len(live()) == 1

    def test_stop(self):
        post(letter("07700 900123"))
        unproven("STOP", subject="")
        assert IntakeSender.objects.get().stopped_at is None

    def test_link(self):
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


class TestUnproven:
    """What is kept of e-mails that nobody vouches for: little, not long, and nobody's."""

    def test_it_makes_no_sender(self):
        asked = unproven()
        assert (Reporter.objects.count(), IntakeSender.objects.count()) == (0, 0)
        post(answering(asked, "NO"))
        assert (Reporter.objects.count(), IntakeSender.objects.count()) == (0, 0)
        post(answering(unproven(sender="x@y.example"), "YES", sender="x@y.example"))
        assert (Reporter.objects.count(), IntakeSender.objects.count()) == (1, 1)

    def test_it_takes_nothing_from_whom_it_claims_to_be(self, monkeypatch):
        monkeypatch.setattr(receiving, "HOURLY", 2)
        monkeypatch.setattr(keeping, "DAILY", 4)
        for n in range(6):
            unproven(f"07700 90013{n}")
        assert post(letter("07700 900123")).message.status == "reported"

    def test_guessing_a_letter_does_not_suppress_it(self):
        unproven("07700 900123", id="<1@x>")
        assert post(letter("07700 900123", id="<1@x>")).message.status == "reported"

    @pytest.mark.parametrize("words", ["x" * 1_000_000, "<p>骚扰" * 100_000])
    def test_its_beginning_is_kept(self, words):
        message = unproven(words).message
        assert len(message.sealed) < 4 * keeping.UNPROVEN_BYTES
        kept = content_of(message)
        assert len(kept.text) == keeping.UNPROVEN_BYTES
        assert kept.raw.startswith(b"From: Jane Doe")

    def test_little_of_it_is_masked(self, monkeypatch):
        """Masking takes the square of the length."""
        given: list[int] = []
        monkeypatch.setattr(keeping, "mask", lambda words: given.append(len(words)) or words)
        unproven("A" * 1_000_000, subject="A" * 1_000)
        assert given
        assert max(given) <= 2 * keeping.MASKED

    def test_no_half_of_an_address_is_shown(self):
        """Masks are shorter than what they hide, so the cut comes into view."""
        words = "1234567890123 " * 80
        cut = words[: 2 * keeping.MASKED - len("Report ") - 8]
        message = unproven(f"{cut} jane@example.org").message
        assert "jane" not in message.masked

    def test_moderators_see_it_once_it_is_confirmed(self):
        asked = unproven("they insult me all day")  # no number: a moderator's, if it is anybody's
        later = NOW + 2 * working.ANSWER_WITHIN
        for at in (NOW, later):
            assert not IntakeMessage.objects.waiting(at).exists()
            assert not IntakeMessage.objects.listed().exists()
        post(answering(asked, "YES"))
        assert [each.pk for each in IntakeMessage.objects.waiting(later)] == [asked.message.pk]

    def test_a_week_later_it_is_gone(self):
        waits, denied = unproven(), unproven("07700 900124 calls", sender="x@y.example")
        unclear = unproven("07700 900125 calls", sender="z@y.example")
        post(answering(denied, "NO", sender="x@y.example"))
        post(answering(unclear, "who?", sender="z@y.example"), at=NOW + HOUR)
        post(letter("07700 900126", vouched=False, Auto_Submitted="auto-replied"))
        post(letter("07700 900127"))
        assert forget(now=NOW + keeping.UNPROVEN_KEPT_FOR) == 0
        for _ in range(3):  # nights
            forget(now=NOW + keeping.UNPROVEN_KEPT_FOR + 2 * HOUR)
        left = [(each.status, bool(each.sealed)) for each in IntakeMessage.objects.order_by("id")]
        assert left == [("denied", False), ("answered", False), ("reported", True)]
        assert waits.message.pk not in IntakeMessage.objects.values_list("pk", flat=True)

    def test_what_was_confirmed_stays(self):
        post(answering(unproven("they insult me"), "YES"))
        assert forget(now=NOW + 2 * keeping.UNPROVEN_KEPT_FOR) == 0
        assert [each.sender_id is None for each in IntakeMessage.objects.all()] == [False, False]

    def test_one_domain_has_its_limit_and_all_have_one(self, monkeypatch):
        monkeypatch.setattr(keeping, "UNPROVEN_DOMAIN_HOURLY", 2)
        monkeypatch.setattr(keeping, "UNPROVEN_HOURLY", 3)
        first = [unproven(sender=f"{name}@y.example") for name in "abc"]
        assert [each.message is not None for each in first] == [True, True, False]
        second = [unproven(sender=f"a@{name}.example") for name in "uvw"]
        assert [each.message is not None for each in second] == [True, False, False]
        # Those for whom somebody vouches, and answers to our letters, are not among them.
        assert post(letter("07700 900124")).message is not None
        post(answering(first[0], "YES", sender="a@y.example"))
        assert len(live()) == 2
        raw = letter("07700 900125", sender="b@u.example", vouched=False)
        assert post(raw, at=NOW + HOUR).message is not None

    def test_after_a_denial_its_owner_has_peace(self):
        post(answering(unproven(), "I did not write this"))
        assert unproven("07700 900124").message is None
        assert post(letter("07700 900125")).message.status == "reported"

    def test_whoever_wants_no_answers_gets_no_questions(self):
        post(letter("STOP", subject=""))
        assert unproven().message is None

    def test_poison_waits_for_a_moderator_within_limits(self, monkeypatch):
        monkeypatch.setattr(keeping, "UNREADABLE_HOURLY", 2)
        receipts = [post(nested(2_000).replace(b"n@x", b"%d@x" % n)) for n in range(3)]
        assert [(each.reply, each.message is not None) for each in receipts] == [
            ("", True),
            ("", True),
            ("", False),
        ]
        assert states() == [("kept", "", "unreadable")] * 2
        message = IntakeMessage.objects.waiting(NOW).first()
        assert content_of(message).raw == nested(2_000).replace(b"n@x", b"0@x")[:20_000]
        assert Reporter.objects.count() == 0

    def test_poison_of_somebody_is_theirs_and_kept_whole(self):
        raw = f"Authentication-Results: {VOUCHED}\n".encode() + nested(2_000)
        receipt = post(raw)
        assert receipt.reply.startswith("We could not read that")
        assert content_of(receipt.message).raw == raw
        assert receipt.message.sender is not None


@pytest.mark.slow
@settings(settings.get_profile("database"), max_examples=20)
@given(TEXTS, TEXTS, st.booleans())
def test_whatever_comes_is_kept_and_ends_somewhere(subject, words, vouched):
    IntakeMessage.objects.update(received_at=NOW - timedelta(days=9))
    before = IntakeMessage.objects.count()
    receipts = [text(words, sender=ANNA)]
    raw = letter(
        words.encode("utf-8", "replace").decode(),
        subject=" ".join(subject.encode("utf-8", "replace").decode().split()),
        vouched=vouched,
    )
    receipts.append(post(raw))
    assert IntakeMessage.objects.count() == before + 2
    for receipt in receipts:
        assert receipt.message.status != "received"
        assert receipt.message.trouble != "failed"
        assert content_of(receipt.message).text.strip()[:20] is not None
    assert content_of(receipts[0].message).text == words
