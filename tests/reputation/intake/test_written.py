"""What stands in an e-mail beside its sender's words changes nothing of what they mean: quotations,
signatures with numbers, disclaimers that warn of fraud, what programs add."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reputation.intake.grammar import Kind, Reading, read_mail, words_of_html
from reputation.intake.grammar.written import has_headers
from tests.given.processor import processor

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ENGLISH = {
    "07700 900123 rang my mother three times and asked for her PIN.": Kind.REPORT,
    "07700 900123 is not a scam, it is my dentist's reception.": Kind.LEGITIMATE,
    "Do you know who 07700 900123 is?": Kind.QUESTION,
    "07700 900123 has stopped calling me.": Kind.STOPPED,
}
CHINESE = {
    "13812345678冒充公安骗我妈转了两万块钱。": Kind.REPORT,
    "13812345678不是骗子，是我们小区的快递员。": Kind.LEGITIMATE,
    "请撤销我对13812345678的举报，我弄错了。": Kind.COMMAND,
}
OURS = "Reported: 07700 900999. It is a scam and they threatened you."
OURS_ZH = "已举报：13900009999，诈骗，威胁您。"
BESIDE = [
    "Best,\nJane\n020 7946 0123",
    "Thanks, Jane\n020 7946 0123",
    "Regards, Jane Doe, tel 020 7946 0123",
    "Yours sincerely,\n\n\nMrs J. Doe\n14 Elm Road\nTelephone 020 7946 0123",
    "Jane Doe\nAccount Manager\nT: 020 7946 0123\nM: 07700 900555\nE: jane@example.com",
    "Jane Doe | Manager | +44 20 7946 0123 | jane@example.com",
    "*Jane Doe*\n*Tel: 020 7946 0123*",
    "Jean (parish clerk) 01632 960001",
    "----------\nJane Doe\n020 7946 0123",
    "Regards\nJane\n\nThis e-mail and any attachments are confidential and intended for its "
    "recipient. Call 020 7946 0123 otherwise. Any use may be fraud. Beware of scams.",
    "CONFIDENTIALITY NOTICE: received in error? Delete it and call 020 7946 0123.",
    "Get Outlook for iOS<https://example.com/o>",
    "Virus-free. www.example.com",
    f"From: Ringscore <r@example.com>\nSent: 23 November 2026 10:14\nTo: Jane\n\n{OURS}",
    f"________________________________\n*From:* Ringscore\n*Date:* Monday\n*To:* Jane\n\n{OURS}",
    f"On Mon, 23 Nov 2026 at 10:14, Ringscore\n<r@example.com> wrote:\n\n{OURS}",
]
BESIDE_ZH = [
    "张三\n某某科技有限公司 销售部\n电话：010-65551234\n手机：13900001234",
    "张三 13900001234",
    "顺祝商祺\n张三\n13900001234",
    "------------------\n张三\n13900001234",
    "本邮件及其附件含有保密信息。如果您错收了本邮件，请立即电话13900001234。谨防诈骗。",
    "Best regards,\nZhang San\nTel: +86 139 0000 1234",
    f"发件人：Ringscore\n日期：2026年11月23日\n收件人：张三\n主题：举报\n\n{OURS_ZH}",
    f"------------------&nbsp;原始邮件&nbsp;------------------\n发件人: Ringscore\n\n{OURS_ZH}",
]
HTML = [
    f"<div style='display:none'>{OURS}<br></div><div>%s</div>",
    f"<p>%s</p><blockquote><p>{OURS}</p><p>They said 020 7946 0999</p></blockquote>",
    "<p>%s</p><div style='border-top:solid'><p><b>From:</b> Ringscore<br><b>Sent:</b> Monday<br>"
    f"<b>To:</b> Jane<br><b>Subject:</b> x</p></div><p>{OURS}</p>",
]


def mail(body: str) -> Reading:
    chinese = "138" in body
    return read_mail(
        "",
        body,
        region="CN" if chinese else "GB",
        now=NOW,
        zone=ZoneInfo("Asia/Shanghai" if chinese else "Europe/London"),
        allow_fictional=True,
    )


def read_alike(body: str, words: str, kind: Kind) -> bool:
    reading = mail(body)
    number = "+8613812345678" if "138" in words else "+447700900123"
    numbers = {each.key for each in (reading.number, *reading.further) if each}
    return reading.kind is kind and numbers == {number}


# Lines end as in the file of a mail server, and as on the wire.
ENDS = pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])


@ENDS
@pytest.mark.parametrize("beside", BESIDE)
def test_what_stands_below_is_not_the_senders_word(beside, end):
    wrong = [
        words
        for words, kind in ENGLISH.items()
        if not read_alike(f"Hi,\n\n{words}\n\n{beside}".replace("\n", end), words, kind)
    ]
    assert wrong == []


@ENDS
@pytest.mark.parametrize("beside", BESIDE_ZH)
def test_nor_is_it_in_chinese(beside, end):
    wrong = [
        words
        for words, kind in CHINESE.items()
        if not read_alike(f"您好：\n{words}\n\n{beside}".replace("\n", end), words, kind)
    ]
    assert wrong == []


@ENDS
def test_a_number_may_be_broken_across_two_lines(end):
    for number in ("07700{}900123", "07700 {}900 123", "+44{}7700 900123", "+44 7700{}900123"):
        reading = mail(f"They called from {number.format(end)} and threatened me.")
        assert [each.key for each in (reading.number, *reading.further) if each] == [
            "+447700900123"
        ]


@pytest.mark.parametrize("page", HTML)
def test_nor_what_a_page_hides_or_quotes(page):
    wrong = [x for x, k in ENGLISH.items() if not read_alike(words_of_html(page % x), x, k)]
    assert wrong == []


@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        ("They keep calling about my loan.\nPhone: 07700 900123", {"+447700900123"}),
        ("One: 07700 900123 threatened me.\n-----\nTwo: 07700 900124 scammed my mother.",
         {"+447700900123", "+447700900124"}),
        ("These scammers threatened us:\n07700 900123\n07700 900124",
         {"+447700900123", "+447700900124"}),
        ("Thanks, but 07700 900123 still calls and threatens me.", {"+447700900123"}),
    ],
)  # fmt: skip
def test_a_list_of_callers_is_no_signature(body, numbers):
    reading = mail(body)
    assert {each.key for each in (reading.number, *reading.further) if each} == numbers


@pytest.mark.parametrize("sender", ["A", "Jane Doe", "BigBank Ltd", "Jane <j@example.com>"])
def test_a_mail_below_words_without_a_number_is_what_they_are_about(sender):
    """And who wrote that mail is no caller."""
    body = (
        f"Please look at this.\n\nFrom: {sender}\nSent: Monday\nTo: B\nSubject: Loan\n\n"
        "Call 07700 900123"
    )
    reading = mail(body)
    assert {each.key for each in (reading.number, reading.callback) if each} == {"+447700900123"}


def test_hidden_elements_end_where_their_own_tag_does():
    html = "<div hidden><p>a</i>b</div>seen<p>more<span hidden><b>c</span>, all"
    assert words_of_html(html) == "seen\nmore, all"


def test_elements_that_nobody_closes_cost_no_search_each():
    """With one, this would not end within the time that a test has."""
    many = 300_000
    assert words_of_html(f"<b hidden>{'<b>' * many}{'</i>' * many}") == ""


@pytest.mark.parametrize("marks", ["*", "* "])
def test_marks_within_a_line_cost_no_search_each(marks):
    line = f"call{marks * 19_000}"[:19_000]
    with processor(20):
        for _ in range(30):
            assert mail(f"07700 900123 is a scam\n{line}x").kind is Kind.REPORT


def test_dashes_cost_no_search_each():
    with processor(20):
        assert not has_headers("-" * 100_000)
    assert has_headers("-" * 100_000 + " Original Message")
