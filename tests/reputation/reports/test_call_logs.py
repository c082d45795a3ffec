"""Reading the call logs that phones, carriers, apps and people write."""

import pytest

from reputation.reports.call_logs import LogUnreadable, decoded
from tests.given.call_logs import LI, NEW_YORK, A, B, read, rows
from tests.given.processor import processor

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


@pytest.mark.parametrize(
    "hidden",
    [
        "未知号码 2026-11-27 21:00 未接来电",
        "未接来电 未知号码 2026-11-27 21:00",
        "2026-11-27 21:00 No Caller ID",
        "Missed call: private number, 2026-11-27 21:00",
        "Unbekannt\t2026-11-27 21:00\t65 s",
    ],
)
def test_who_hides_the_number_is_not_the_caller_above(hidden: str):
    """Else a stranger's call stands as the collector's in a letter to the police."""
    log = read(f"13812345678\n2026-11-27 20:15\n{hidden}\n2026-11-27 22:00 blocked")
    assert [f"{call.at:%H:%M}" for call in log.calls] == ["20:15", "22:00"]
    assert log.unread == [hidden]


def test_calls_under_a_hidden_number_belong_to_nobody():
    log = read(
        "13812345678\n2026-11-27 20:15\n未知号码\n2026-11-27 21:00\n13912345678\n2026-11-27 22:00"
    )
    assert [call.identity.key for call in log.calls] == [LI, "+8613912345678"]
    assert log.unread == ["未知号码", "2026-11-27 21:00"]
    log = read("2026-11-27 20:15\nNo Caller ID\n2026-11-27 21:00\n13812345678\n2026-11-27 22:00")
    assert [f"{call.at:%H:%M}" for call in log.calls] == ["22:00"]
    assert log.unread == ["No Caller ID", "2026-11-27 20:15", "2026-11-27 21:00"]


@pytest.mark.parametrize(
    "contact",
    ["Mum 2026-11-27 21:00", "妈妈 2026-11-27 21:00 65秒", "Missed call: Dr Lee, 2026-11-27 21:00"],
)
def test_a_contact_s_call_is_none_of_the_number_above(contact: str):
    """Phones name the contact in place of the number: a mother's call is no collector's."""
    log = read(f"13812345678\n2026-11-27 20:15\n{contact}\n2026-11-27 22:00 Shouted")
    assert [f"{call.at:%H:%M}" for call in log.calls] == ["20:15", "22:00"]
    assert log.unread == [contact]


@pytest.mark.parametrize("contact", ["Mum", "妈妈", "Jane Doe (mobile)"])
def test_calls_under_a_contact_s_name_belong_to_nobody(contact: str):
    log = read(
        f"13812345678\n2026-11-27 20:15\n{contact}\n2026-11-27 21:00\n13912345678\n2026-11-27 22:00"
    )
    assert [call.identity.key for call in log.calls] == [LI, "+8613912345678"]
    assert log.unread == [contact, "2026-11-27 21:00"]
    log = read(f"2026-11-27 20:15\n{contact}\n2026-11-27 21:00\n13812345678\n2026-11-27 22:00")
    assert [f"{call.at:%H:%M}" for call in log.calls] == ["22:00"]


@pytest.mark.parametrize(
    "words",
    [
        *(
            "Missed call",
            "Incoming Call 3 minutes",
            "Shanghai",
            "北京 移动 响铃3声",
            "Today",
            "未接",
        ),
        "He shouted at me, then hung up.",
    ],
)
def test_what_is_said_of_a_number_is_no_contact(words: str):
    log = read(f"13812345678\n{words}\n2026-11-27 20:15\nMissed call\n2026-11-27 21:00 骂人")
    assert [f"{call.at:%H:%M}" for call in log.calls] == ["20:15", "21:00"]
    for line in ("Again on", "Missed call", "then he rang", "第二次", "晚上又打来"):
        log = read(f"13812345678\n2026-11-27 20:15\n{line} 2026-11-27 21:00")
        assert len(log.calls) == 2, line


def test_what_somebody_wrote_about_a_call_makes_it_no_own_one():
    """They threatened to come, and shouted: "to" and "out" in it made a person's own call of it."""
    for words in ("Shouted", "threatened to come", "talked to my mother", "made fun of me"):
        found = read(f"13812345678\n2026-11-27 20:15 {words}")
        assert (len(found.calls), found.own) == (1, 0), words
    for words in ("Outgoing", "Voice out", "out", "sent", "呼出", "Outgoing call, 3 minutes"):
        found = read(f"13812345678\n2026-11-27 20:15 {words}")
        assert (len(found.calls), found.own) == (0, 1), words


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


@pytest.mark.parametrize(
    "text",
    [*("", "\ufeff  ", "hello", "<calls></calls>", "[1]", "{}", '"'), "<table><tr></table>"],
)
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


def test_a_long_line_of_blanks_and_a_cell_of_many_parts_take_no_hours():
    call = f"{LI} 2026-11-27 20:15"
    with processor(20):
        assert len(read(f"{call}\nx{' ' * 300_000}x").calls) == 1
        assert len(read(f"<table><tr><td>{call}<td>{'x<b>' * 700_000}</table>").calls) == 1


@pytest.mark.parametrize("text", ["x\n" * 200_000, f"number,date\n{'1,1\n' * 200_000}"])
def test_lines_without_end_are_not_read(text: str):
    with pytest.raises(LogUnreadable) as refused:
        read(text)
    assert refused.value.reason == "too_long"


@pytest.mark.parametrize("content", [b"PK\x03\x04\x14\0", b"%PDF-1.7\n1", b"\x89PNG\r\n\x1a\n\0"])
def test_a_file_that_is_no_text(content: bytes):
    with pytest.raises(LogUnreadable) as refused:
        decoded(content)
    assert refused.value.reason == "no_text"


def test_the_encodings_of_files():
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030"):
        assert decoded(MOBILE.encode(encoding)) == MOBILE
