"""Lines of call logs as people and screens write them."""

import pytest

from reputation.reports.call_logs import read_call_log
from tests.given.call_logs import CHINA, LI, NOW, A, B, read, rows


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("1 13812345678 被叫 2026/11/27 20:15:00 65", A),  # copied out of a carrier's PDF
        ("13812345678 65 2026/11/27 20:15:00", A),
        ("13812345678 20261127 20:15", A),
        ("13812345678 11月27日 晚上8点15分", A),
        ("13812345678 11月27日 周五 晚上8点15分 响了20秒", A),
        ("13812345678 11月27日 晚上8点", "11-27 20:00:00"),
        ("13812345678 11月27日 晚上八点半", "11-27 20:30:00"),
        ("13812345678 十一月二十七号晚上八点", "11-27 20:00:00"),
        ("13812345678 昨天晚上8点多", "11-27 20:00:00"),
        ("13812345678 昨晚8点", "11-27 20:00:00"),
        ("13812345678 昨晚12点半", "11-28 00:30:00"),
        ("13812345678 前天 下午3点一刻", "11-26 15:15:00"),
        ("13812345678 今早8点", "11-28 08:00:00"),
        ("13812345678 今天早上8点半", "11-28 08:30:00"),
        ("13812345678 周三 20:15", "11-25 20:15:00"),
        ("13812345678 星期六 20:15", "11-21 20:15:00"),  # today is one: the day before
        ("13812345678 Tuesday 14:30", "11-24 14:30:00"),
        ("13812345678 Tue, 2:30 pm", "11-24 14:30:00"),
        ("13812345678 26号晚上9点", "11-26 21:00:00"),
        ("13812345678 30号晚上9点", "10-30 21:00:00"),
        ("13812345678 25/11 14:30", "11-25 14:30:00"),
        ("13812345678 yesterday 3 pm", "11-27 15:00:00"),
        ("13812345678 last night 10:30", "11-27 22:30:00"),
        ("13812345678 (5) 11月27日 20:15", A),  # a phone's list counts calls in brackets
    ],
)
def test_a_line_as_people_write_it(line: str, at: str):
    assert [row[:3] for row in rows(line)] == [(LI, at, "call")]


def test_a_phone_s_list_with_counts_in_brackets():
    text = "138 1234 5678 (5)\n北京 移动 响铃3声\n11月27日 20:15\n11月27日 20:20\n"
    assert [row[:2] for row in rows(text)] == [(LI, A), (LI, B)]


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("13812345678 11月27日 20:15、20:20、21:05", ["20:15", "20:20", "21:05"]),
        ("13812345678：11月27日晚上8点、9点半和10点10分", ["20:00", "21:30", "22:10"]),
        ("13812345678 11月27日 20:15，11月27日 20:20", ["20:15", "20:20"]),
        ("13812345678 2026-11-27 20:15 13812345678 2026-11-27 20:20", ["20:15", "20:20"]),
        ("2026-11-27 20:15 13812345678 2026-11-27 20:20 13812345678", ["20:15", "20:20"]),
        ("13812345678 Nov 27, 2026 at 8:15 PM, 8:20 PM and 9 pm", ["20:15", "20:20", "21:00"]),
        # When a call began and when it ended; and how long it was.
        ("13812345678 2026-11-27 20:15 至 2026-11-27 20:20", ["20:15"]),
        ("13812345678,2026-11-27 20:15,1:05", ["20:15"]),
        ("13812345678 11月27日 20:15-20:20", ["20:15"]),
    ],
)
def test_a_line_that_tells_of_several_calls(line: str, times: list[str]):
    found = read(line)
    assert [f"{call.at.astimezone(CHINA):%H:%M}" for call in found.calls] == times
    assert {call.identity.key for call in found.calls} == {LI}
    assert found.unread == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("27 Nov 20:15", A),
        ("27 Nov 8:15 pm", A),
        ("27 Nov 10 pm", "11-27 22:00:00"),
        ("27. Nov 20:15", A),
        ("Nov 27 20:15", A),
        ("27-Nov-2026 20:15", A),
        ("27-NOV-26 20:15:00", A),
        ("27/Nov/2026 20:15", A),
        ("27-Nov 08:15 PM", A),
        ("2 Nov 0:15", "11-02 00:15:00"),
    ],
)
def test_a_day_before_its_month(said: str, expected: str):
    """27 Nov 20:15 was read as Nov 2, a quarter past midnight."""
    assert [row[:2] for row in rows(f"13812345678 {said}")] == [(LI, expected)]


@pytest.mark.parametrize(
    ("behind", "seconds"),
    [
        ("20:15-20:20", 300),
        ("20:15:00 – 20:16:05", 65),
        ("20:15 至 2026-11-27 20:20", 300),
        ("20:15 bis 20:20 geschrien", 300),
        ("23:58 - 0:02", 240),
        ("8:15 PM - 8:20 PM", 300),
        # What says how long it was goes before, and a length may stand behind a dash.
        ("20:15-20:20 4分50秒", 290),
        ("20:15 - 1:05", 65),
        ("20:15:00 (Nov 27, 2026, 8:15:00 PM)", None),
        ("20:15 (2026-11-28 09:30) 65 s", 65),
        ("20:15 1:05", 65),
    ],
)
def test_when_a_call_ended_says_how_long_it_was(behind: str, seconds: int | None):
    """The end was read as a length: a letter spoke of a call of twenty hours."""
    calls = read(f"13812345678 2026-11-27 {behind}").calls
    assert [call.seconds for call in calls][:1] == [seconds]


def test_a_list_that_lost_its_line_breaks():
    line = " ".join(f"13812345678 2026-11-{day:02} 20:15 65秒" for day in range(1, 28))
    found = read(f"{line} {'x' * 600}")
    assert [(call.at.astimezone(CHINA).day, call.seconds) for call in found.calls] == [
        (day, 65) for day in range(1, 28)
    ]
    assert len(found.unread) == 1, "what is beyond the length of a line is handed back"


def test_a_table_of_a_web_page():
    """Carriers send it with the ending .xls."""
    cells = [("对方号码", "呼叫类型", "通话日期", "通话时长")]
    cells += [("138 1234&nbsp;5678", "被叫", "2026-11-27<br>20:15:00", "1分5秒")]
    cells += [("<b>13812345678</b>", "主叫", "2026-11-27 20:25:00", "9秒")]
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
    found = read(
        f"<html><style>td {{}}</style><body><p>详单</p><table>{body}</table></body></html>"
    )
    assert [(call.identity.key, call.seconds) for call in found.calls] == [(LI, 65)]
    assert (found.own, found.unread) == (1, [])


@pytest.mark.parametrize("region", ["GB", "HK", "SG", "MY", "IN", "DE"])
def test_a_day_without_a_year_is_read_as_the_country_writes_it(region: str):
    assert rows("+8613812345678 05/11 20:15", region)[0][1] == "11-05 20:15:00"
    assert rows("+8613812345678 11/05 20:15", "CN")[0][1] == "11-05 20:15:00"


def test_a_number_that_cannot_be_is_not_cut_into_one_that_can():
    assert read("13812345678 2026-11-27 20:15\n44 20 7946 0202 2026-11-27 20:20").unread == [
        "44 20 7946 0202 2026-11-27 20:20"
    ]


@pytest.mark.parametrize(
    ("line", "region", "number"),
    [
        ("2026-11-27 20:15 *67 (202) 555-0143", "US", "+12025550143"),
        ("11-27 20:15 #31#13812345678", "CN", LI),
        ("27/11/2026 20:15 141 020 7946 0102", "GB", "+442079460102"),
        ("#31 13812345678 11-27 20:15", "CN", LI),
    ],
)
def test_what_hides_the_own_number_is_no_part_of_the_caller_s(line, region, number):
    found = read_call_log(line, region=region, zone=CHINA, now=NOW, allow_fictional=True)
    assert [call.identity.key for call in found.calls] == [number]
