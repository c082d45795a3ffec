"""What becomes of text messages: each once, none lost, and who wrote is told what was read."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

import pytest
from django.db import OperationalError, connection
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.counting.rescoring import rescore_one
from reputation.intake import keeping, receiving, replies, working
from reputation.intake.grammar import read_sms
from reputation.intake.keeping import content_of, forget, reply_of
from reputation.models import IntakeMessage, IntakeSender, Number, Report, Reporter
from tests.given.messages import ANNA, LI, MAIL, NOW, SCAM, letter, live, post, states, text
from tests.given.odd_texts import TEXTS
from tests.given.processor import processor

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


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

    def test_a_report_in_english_is_answered_in_english(self):
        assert text("Call 07700 900123 yesterday 8pm", sender=ANNA).reply == (
            "Reported: +44 7700 900123, 23 Nov 2026, 20:00. People who reported it: 1. "
            "Wrong? Answer UNDO."
        )

    def test_a_second_message_updates_the_report(self):
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

    def test_extensions_of_one_connection_are_one_network(self):
        """A German connection of six digits has a hundred thousand of them, of any length."""
        for extension in ("", "1", "22", "333", "4444", "55555"):
            text("+8613812345678 threatened me", sender=f"+4930901820{extension}")
        number = Number.objects.get()
        assert (number.reports, number.networks, number.action) == (6, 1, "allow")


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

    def test_thanks_are_not_read_in_every_way(self):
        with processor(20):
            text("谢谢你好" * 300 + "x")
        assert states() == [("asked", "number", "")]

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
        )
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
    assert content_of(receipts[0].message).text == words
