"""Reading the call logs that phones, carriers, apps and people write."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reputation.reports.call_logs import LogUnreadable, decoded, read_call_log
from tests.given.processor import processor

NOW = datetime(2026, 11, 28, 4, tzinfo=UTC)
CHINA, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
LI = "+8613812345678"


def read(text: str, region: str = "CN", zone: ZoneInfo = CHINA):
    return read_call_log(text, region=region, zone=zone, now=NOW)


def rows(text: str, region: str = "CN", zone: ZoneInfo = CHINA):
    return [
        (
            call.identity.key,
            f"{call.at.astimezone(zone):%m-%d %H:%M:%S}",
            call.channel,
            call.seconds,
        )
        for call in read(text, region, zone).calls
    ]


ANDROID = """<?xml version='1.0' encoding='UTF-8'?>
<calls count="3">
  <call number="13812345678" duration="0" date="1795781700000" type="3" />
  <call number="+8613812345678" duration="65" date="1795782000000" type="1" contact_name="x" />
  <call number="13912345678" duration="9" date="1795782000000" type="2" />
</calls>"""
MESSAGES = """<smses count="2">
  <sms protocol="0" address="13812345678" date="1795781700000" type="1" body="还钱" />
  <sms protocol="0" address="13812345678" date="1795781800000" type="2" body="不" />
</smses>"""
IPHONE = """\
Call type,Date,Duration,Number,Contact,Location,Service
Incoming,2026-11-27 20:15:00,00:01:05,+86 138 1234 5678,,Beijing,Phone
Missed,2026-11-27 20:20:00,,138 1234 5678,,Beijing,Phone
Outgoing,2026-11-27 21:00:00,00:00:10,138 1234 5678,,Beijing,Phone
"""
MOBILE = """\
中国移动通信客户详单
客户号码,13700000000,查询月份,2026年11月
起始时间,通信地点,通信方式,对方号码,通信时长,通信类型,实收通信费(元)
11-27 20:15:00,北京,被叫,13812345678,1分5秒,国内通话,0.00
11-27 20:20:00,北京,主叫,13812345678,10秒,国内通话,0.10
11-27 20:25:00,北京,接收,13812345678,,短信,0.00
"""
CARRIER = """\
Date,Time,From,To,Minutes,Type
11/27/2026,8:15 PM,(202) 555-0143,(202) 555-0199,2,Voice
11/27/2026,8:20 PM,(202) 555-0199,(202) 555-0143,1,Voice
11/27/2026,9:00 PM,(202) 555-0143,(202) 555-0199,0,Text
"""
PASTED = """\
2026-11-27 20:15 138 1234 5678
13812345678 11月27日 晚上8:20 未接
138-1234-5678  昨天 下午9:30 未接 2次
"""
GROUPED = """\
+86 138 1234 5678
2026/11/27 20:15
Nov 27, 2026 at 8:20 PM
his aunt, no number and no time
"""
A, B = "11-27 20:15:00", "11-27 20:20:00"


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (ANDROID, [(LI, A, "call", 0), (LI, B, "call", 65)]),
        (MESSAGES, [(LI, A, "sms", None)]),
        (IPHONE, [(LI, A, "call", 65), (LI, B, "call", None)]),
        (MOBILE, [(LI, A, "call", 65), (LI, "11-27 20:25:00", "sms", None)]),
        (
            PASTED,
            [(LI, A, "call", None), (LI, B, "call", None), (LI, "11-27 21:30:00", "call", None)],
        ),
        (GROUPED, [(LI, A, "call", None), (LI, B, "call", None)]),
        ('[{"phone":"13812345678","timestamp":1795781700,"duration":3}]', [(LI, A, "call", 3)]),
        ("号码;日期;时间\n13812345678;2026年11月27日;20时15分\n", [(LI, A, "call", None)]),
        ("Nummer\tDatum\n+8613812345678\t27.11.2026 20:15\n", [(LI, A, "call", None)]),
    ],
    ids=["android", "messages", "iphone", "carrier", "pasted", "grouped", "json", "zh", "de"],
)
def test_the_logs_of_phones_carriers_and_people(log: str, expected: list[object]):
    assert rows(log) == expected


def test_a_carrier_that_names_both_sides():
    found = rows(CARRIER.replace("555-01", "556-01"), "US", NEW_YORK)
    assert found == [
        ("+12025560143", A, "call", 120),
        ("+12025560143", "11-27 21:00:00", "sms", 0),
    ]


def test_a_name_sends_messages_and_makes_no_calls():
    log = read("number,date,type\nMum,2026-11-27 20:15,call\nLOANBANK,2026-11-27 20:20,sms\n")
    assert [(call.identity.key, call.channel) for call in log.calls] == [("CN@LOANBANK", "sms")]
    assert log.unread == ["Mum, 2026-11-27 20:15, call"]


def test_what_is_not_read_is_handed_back():
    log = read(GROUPED)
    assert log.unread == ["his aunt, no number and no time"]


def test_a_line_with_a_number_of_its_own_is_no_call_of_the_number_above():
    found = read(
        "13812345678\n13912345678 2026-11-27 22:50 65s\n+99912345678 2026-11-27 22:55\n"
        "2026-11-27 23:00"
    )
    assert [call.identity.key for call in found.calls] == ["+8613912345678", LI]
    assert found.calls[0].seconds == 65
    assert found.unread == ["+99912345678 2026-11-27 22:55"]


def test_a_number_without_a_call_is_named_as_not_read():
    """Also a call of the future, whose time is none."""
    lines = ["13812345678 2030-01-01 10:00", "13912345678", "13712345678", "2026-11-27 20:15"]
    log = read("\n".join(lines))
    assert [call.identity.key for call in log.calls] == ["+8613712345678"]
    assert log.unread == lines[:2]
    log = read("2026-11-27 20:15\n13812345678\n13912345678 2026-11-31 09:00")
    assert [call.identity.key for call in log.calls] == [LI]
    assert log.unread == ["13912345678 2026-11-31 09:00"]
    assert read(IPHONE).own == 1
    # A day in one row explains the others; and nothing lies in the future.
    assert rows("13812345678 13/11/2026 09:00\n13812345678 05/11/2026 09:00", "US")[0][
        1
    ].startswith("11-05")
    assert read("13812345678 2026-11-27 20:15\n13812345678 2027-01-01 20:15").unread != []


@pytest.mark.parametrize("text", ["", "\ufeff  ", "hello", "<calls></calls>", "[1]", "{}", '"'])
def test_what_is_no_log(text: str):
    with pytest.raises(LogUnreadable):
        read(text)


@pytest.mark.parametrize(
    "log",
    [
        # Python reads no number of so many digits.
        f"number,date,duration\n{LI},2026-11-27 20:15,{'9' * 5000}",
        f"number,date,minutes\n{LI},2026-11-27 20:15,{'9' * 5000}",
        f"number,date,duration\n{LI},2026-11-27 20:15,{'9' * 5000} s",
        # csv takes no cell of so many characters.
        f"{'x' * 140_000},\nnumber,date\n{LI},2026-11-27 20:15",
        # To a pattern that knows no case, this is an s.
        f"{LI} ye\u017fterday 10:00",
        f"{LI} \u017fep 27 10:00",
    ],
)
def test_what_only_a_machine_would_write_is_read_all_the_same(log: str):
    assert [call.identity.key for call in read(log).calls] == [LI]


@pytest.mark.parametrize("when", ["2026-11-27 20:15 +9900", "0001-01-01 01:00", "1969-12-31 10:00"])
def test_a_moment_that_there_is_not_is_handed_back(when: str):
    log = read(f"{LI} 2026-11-27 20:15\n{LI} {when}")
    assert (len(log.calls), log.unread) == (1, [f"{LI} {when}"])


@pytest.mark.parametrize(
    "day", ["2026-01-02", "1/2/2026", "5 May", "May 5", "5月6日", "today", "1.2."]
)
@pytest.mark.parametrize("place", ["{}", "{}  12", "{}  12:30", "{}  ,  at  "])
def test_blanks_are_not_divided_in_every_way(day: str, place: str):
    line = f"{place.format(day)}{' ' * 450}x"
    cell = f"{place.format(day)}{' ' * 100_000}x"
    first = "2026-11-27 20:15"
    with processor(20):
        for log in (f"{LI} {first}\n{line}", f"number,date\n{LI},{first}\n{LI},{cell}"):
            assert LI in [call.identity.key for call in read(log).calls]


def test_the_encodings_of_files():
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030"):
        assert decoded(MOBILE.encode(encoding)) == MOBILE
