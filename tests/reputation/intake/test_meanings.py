"""Messages that are no reports: what they ask, defend, settle and take back, and the answers."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from reputation.identity import identify
from reputation.models import IntakeMessage, Number, Report
from reputation.moderation import confirm_number, mark_official, reject_report
from tests.given.messages import (
    ANNA,
    LI,
    NOW,
    SCAM,
    UK,
    letter,
    live,
    post,
    text,
)
from tests.given.reporters import moderator

pytestmark = pytest.mark.django_db
OTHER = "+8613900000001"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _published(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://ringscore.example"


def waiting_later() -> int:
    return IntakeMessage.objects.waiting(NOW + timedelta(days=9)).count()


class TestAsking:
    @pytest.mark.parametrize("words", ["13812345678", "13812345678是骗子吗？", "查13812345678"])
    def test_who_asks_reports_nobody_and_is_told_what_is_known(self, words):
        assert text(words).reply == ("+86 138 1234 5678：暂无举报，但不代表可信。要举报请回复 1。")
        assert live() == []
        assert waiting_later() == 0

    @pytest.mark.parametrize(
        "words",
        [
            "why is my phone showing 07700 900123 as scam likely",
            "how come my mobile says 07700 900123 is suspected spam",
        ],
    )
    def test_who_asks_about_their_screen_asks_about_the_caller(self, words):
        assert text(words, sender=ANNA).reply.startswith("+44 7700 900123: nobody has reported it")

    def test_why_the_own_number_is_shown_so_leads_to_a_dispute(self):
        words = "why does my phone show up as spam when I ring people, it's 07700 900123"
        assert "Your own number?" in text(words, sender=ANNA).reply

    def test_a_question_is_answered_in_english(self):
        text("Call 07700900123 scam", sender="+447700900998")
        Number.objects.update(pinned="block")
        assert text("is 07700 900123 a scam", sender=ANNA).reply == (
            "+44 7700 900123, loan scam: People who reported it: 1. It is being blocked. "
            "Report it? Answer 1."
        )

    def test_a_caller_known_from_other_numbers(self):
        text("Call 07700900123 scam", sender="+447700900998")
        Number.objects.update(
            linked=1, linked_until=NOW + HOUR, told='["c0ffee", "pay by gift card", 6, 3, false]'
        )
        assert text("is 07700 900123 a scam", sender=ANNA).reply == (
            "+44 7700 900123, loan scam: People who reported it: 1. Its calls are marked as "
            "suspicious. The same caller is known from other numbers. Report it? Answer 1."
        )

    def test_an_official_number_may_be_faked(self):
        text("Call 07700900123", sender="+447700900998")
        Number.objects.update(official=True, name="Demo Bank")
        assert text("who is 07700 900123", sender=ANNA).reply == (
            "+44 7700 900123: Demo Bank. Callers can fake it: hang up and dial it yourself. "
            "Report it? Answer 1."
        )

    def test_who_is_faked_is_no_official_number_to_be_dialled(self):
        text("Call 07700900123", sender="+447700900998")
        Number.objects.update(spoofed=True)
        assert text("who is 07700 900123", sender=ANNA).reply == (
            "+44 7700 900123: others fake this number. Whoever it belongs to probably did not call "
            "you. Report it? Answer 1."
        )

    @pytest.mark.parametrize("name", ["", "Demo Bank"])
    def test_what_a_moderator_confirmed_is_told_without_any_report(self, name):
        number = identify("+447700900123", allow_fictional=True)
        by = {"identity": number, "reason": "a warning", "now": NOW}
        confirm_number(actor=moderator("a"), **by)
        if name:
            mark_official(actor=moderator("b"), name=name, **by)
        assert text("who is 07700 900123", sender=ANNA).reply == (
            "+44 7700 900123: It is being blocked. Report it? Answer 1."
        )

    def test_a_disputed_one(self):
        text("Call 07700900123", sender="+447700900998")
        Number.objects.update(disputed=True)
        assert "its holder objects" in text("who is 07700 900123", sender=ANNA).reply

    @pytest.mark.parametrize("word", ["1", "举报", "report"])
    def test_one_word_more_reports_it(self, word):
        asked = text("13812345678说我欠网贷，是骗子吗？")
        assert text(word, at=NOW + HOUR).reply.startswith("已举报：+86 138 1234 5678")
        words = "说我欠网贷,是骗子吗?"
        assert live() == [(SCAM, "illegal_collection", words)]
        asked.message.refresh_from_db()
        assert (asked.message.status, asked.message.report) == ("reported", Report.objects.get())

    def test_that_word_alone_says_how(self):
        assert "时间+号码" in text("举报").reply
        text("13812345678")
        assert "时间+号码" in text("1", at=NOW + timedelta(days=3)).reply  # too late
        assert "Report a call" in text("report", sender=ANNA).reply
        assert live() == []

    def test_of_several_numbers_none_is_reported_by_it(self):
        told = text("13812345678和13812345679哪个是骗子？").reply
        assert told == (
            "+86 138 1234 5678：暂无举报，但不代表可信。+86 138 1234 5679：暂无举报，但不代表可信。"
        )
        text("1")
        assert live() == []

    def test_by_mail(self):
        reply = post(letter("Is this a scam?", subject="07700 900123")).reply
        assert reply.startswith("+44 7700 900123: nobody has reported it")
        assert live() == []

    def test_a_number_without_its_country(self, settings):
        settings.INTAKE_REGION = ""
        for words in ("07700 900123 is my dentist", "undo 07700 900123"):
            assert "country's code" in post(letter(words, subject="")).reply
            post(letter("+44 7700 900123", subject="Re: your answer"))
        assert live() == []

    @pytest.mark.parametrize(
        "words",
        [
            *("110", "112", "收到110打来的电话", "110打来诈骗电话", "119 打来骗钱"),
            *("110 诈骗", "诈骗 110", "骚扰电话：110", "110，冒充警察", "【110】催收"),
            *("举报110", "举报 110 诈骗"),
        ],
    )
    def test_an_emergency_number_is_explained(self, words):
        assert text(words).reply.startswith("遇到危险请直接拨打。")
        assert (live(), waiting_later()) == ([], 0)

    @pytest.mark.parametrize(
        "words", ["我被骗了，打110没用", "被骗子骗了，已经打110", "110 次骚扰"]
    )
    def test_whoever_dialled_it_does_not_accuse_it(self, words):
        assert "遇到危险请直接拨打" not in text(words).reply

    def test_whether_they_stopped_without_a_number_is_no_report_of_the_next(self):
        assert text("已经不打了").reply.startswith("请问是哪个号码？")
        text("13812345678")
        assert live() == []


class TestUnclear:
    def test_it_is_asked_and_nothing_is_listed(self):
        assert text("13812345678 打来过").reply == (
            "+86 138 1234 5678：您要举报它吗？举报回复 1，正常号码回复 2；不回复则不计入。"
        )
        assert (live(), waiting_later()) == ([], 1)

    def test_reported_or_spared(self):
        for sender, word in ((LI, "1"), (OTHER, "2")):
            text("13812345678 打来过", sender=sender)
            text(word, sender=sender)
        assert [category for _, category, _ in live()] == ["other", "legitimate"]
        assert waiting_later() == 0


class TestDefending:
    def test_it_counts_for_the_number(self):
        assert text("13812345678 是快递员，不是骗子").reply == (
            "已记为正常号码：+86 138 1234 5678。有误请回复“撤销”。"
        )
        assert [(number, category) for number, category, _ in live()] == [(SCAM, "legitimate")]

    def test_what_was_reported_before_is_taken_back_by_it(self):
        text("Call 07700900123", sender=ANNA)
        text("07700 900123 is my dentist, not a scam", sender=ANNA)
        assert [(number, category) for number, category, _ in live()] == [(UK, "legitimate")]


class TestStopped:
    def test_a_report_is_settled(self):
        text("13812345678*催收")
        assert text("13812345678 已经不打了").reply.startswith(
            "已记录：+86 138 1234 5678 已停止来电"
        )
        assert Report.objects.get().status == "settled"

    def test_where_there_is_none_nothing_is_listed(self):
        assert text("13812345678 已经不打了").reply == "您没有举报过 +86 138 1234 5678。"
        assert live() == []


class TestTakingBack:
    @pytest.mark.parametrize(
        "words", ["13812345678 UNDO", "撤销13812345678", "取消对13812345678的举报"]
    )
    def test_of_the_number_that_is_named(self, words):
        text("13812345678*a")
        text("13812345679*b")
        assert text(words).reply == "已撤回：+86 138 1234 5678。非本人操作？请重新举报。"
        assert [number for number, _, _ in live()] == ["+8613812345679"]

    @pytest.mark.parametrize("words", ["撤销13812345678", "UNDO"])
    def test_of_one_that_stopped(self, words):
        text("13812345678*a")
        text("13812345678 已经不打了")
        assert text(words).reply == "已撤回：+86 138 1234 5678。非本人操作？请重新举报。"
        assert Report.objects.get().status == "withdrawn"
        assert text("撤销13812345678").reply == "您没有举报过 +86 138 1234 5678。"
        assert text("UNDO").reply == "最近一天没有可撤回的举报。"

    @pytest.mark.parametrize("words", ["撤销13812345678", "UNDO"])
    def test_of_one_that_was_rejected(self, words):
        """It does not come back when the rejection is taken back."""
        text("13812345678*a")
        reject_report(actor=moderator(), report=Report.objects.get(), reason="r", now=NOW)
        assert text(words).reply == "已撤回：+86 138 1234 5678。非本人操作？请重新举报。"
        report = Report.objects.get()
        assert (report.status, report.returns_as) == ("rejected", "withdrawn")

    def test_of_a_number_not_reported(self):
        text("13812345679*b")
        assert text("撤销13812345678").reply == "您没有举报过 +86 138 1234 5678。"
        assert len(live()) == 1

    def test_in_the_language_of_the_dialogue(self):
        text("13812345678*低息贷款")
        assert text("UNDO").reply == "已撤回：+86 138 1234 5678。非本人操作？请重新举报。"
        assert text("STOP").reply.startswith("今后不再回复您")
        assert text("START").reply == "已恢复回复。"
        assert text("DISPUTE").reply.startswith("您的号码异议验证码：")
        asked = text("ERASE").reply
        assert asked.startswith("此操作将清除我们保存的您的文字、消息和文件。")
        code = asked.partition("发送：")[2].partition("。")[0]  # ERASE 3F0A1-9BC24
        assert text(code).reply == "已清除。我们只保留举报的类型、日期和权重，不再与您有关。"


class TestOwn:
    def test_the_holder_is_shown_where_to_object(self):
        told = text("13812345678是我的号码，为什么被标成诈骗？").reply
        assert told == (
            "是您本人的号码吗？请在此提出异议："
            "https://ringscore.example/numbers/+8613812345678/dispute"
        )
        assert live() == []

    @pytest.mark.parametrize("words", ["13987654321", "我的号码被标记成骚扰了"])
    def test_the_number_that_they_write_from(self, words):
        assert text(words).reply.endswith("/numbers/+8613987654321/dispute")
        assert live() == []


def test_calls_are_counted():
    text("13812345678 三天前 打过 20次 骚扰")
    report = Report.objects.get()
    assert (report.call_count, report.conduct) == (20, ["repeated_intimidation"])
