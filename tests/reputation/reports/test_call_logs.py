"""Reading the call logs that phones, carriers, apps and people write."""

import re
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


# --- Whose call it was: a person's own calls are none of the caller's ---

BACKUP = """<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<!--File Created By SMS Backup & Restore-->
<calls count="3" backup_set="x" backup_date="1795790000000" type="full">
  <call number="13812345678" duration="0" date="1795781700000" type="3" presentation="1" />
  <call number="" duration="0" date="1795781900000" type="3" presentation="2" />
  <call number="13812345678" duration="12" date="1795782900000" type="2" presentation="1" />
</calls>"""
ELEMENTS = """<CallLogs>
<CallLog><number>13812345678</number><date>1795781700000</date><duration>0</duration><type>3</type></CallLog>
<CallLog><number>13812345678</number><date>1795782000000</date><duration>65</duration><type>1</type></CallLog>
<CallLog><number>13812345678</number><date>1795783000000</date><duration>9</duration><type>2</type></CallLog>
</CallLogs>"""
CARDS = """\
BEGIN:VCALL
ID:1
SLOT:0
TYPE:3
DATE:1795781700000
NUMBER:13812345678
NMUBER_TYPE:2
DURATION:0
END:VCALL
BEGIN:VCALL
ID:2
SLOT:0
TYPE:2
DATE:1795782000000
NUMBER:13812345678
NMUBER_TYPE:2
DURATION:9
END:VCALL
"""
DRAFTS = """<smses count="3">
  <sms address="13812345678" date="1795781700000" type="1" body="还钱" />
  <sms address="13812345678" date="1795781800000" type="3" body="draft" />
  <sms address="13812345678" date="1795781900000" type="5" body="failed" />
  <mms date="1795782000000" read_status="129" msg_box="2" address="13812345678"><addrs>
    <addr address="13812345678" type="151" /></addrs></mms>
</smses>"""
WITHHELD = "number,date\n13812345678,2026-11-27 20:15\n,2026-11-27 20:16"
UNICOM = """\
序号,通话日期,通话起始时间,通话类型,呼叫类型,对方号码,通话地点,通话时长
1,2026-11-27,20:15:00,国内通话,被叫,13812345678,北京,1分5秒
2,2026-11-27,20:20:00,国内通话,主叫,13812345678,北京,20秒
"""
SIDES = """\
对方手机号码,通话地点,通话起始时间,通话时长,通话类型,主叫/被叫,通话费用
13812345678,北京,2026-11-27 20:15:00,65,国内,被叫,0
13812345678,北京,2026-11-27 20:20:00,20,国内,主叫,0
"""


@pytest.mark.parametrize(
    ("log", "expected", "own", "unread"),
    [
        (BACKUP, [(LI, A, "call", 0)], 1, 1),
        (ELEMENTS, [(LI, A, "call", 0), (LI, B, "call", 65)], 1, 0),
        (CARDS, [(LI, A, "call", 0)], 1, 0),
        (DRAFTS, [(LI, A, "sms", None)], 3, 0),
        (UNICOM, [(LI, A, "call", 65)], 1, 0),
        (SIDES, [(LI, A, "call", 65)], 1, 0),
        (WITHHELD, [(LI, A, "call", None)], 0, 1),
    ],
    ids=["backup", "elements", "cards", "drafts", "unicom", "sides", "withheld"],
)
def test_own_calls_are_none_of_the_caller(log: str, expected: list[object], own: int, unread: int):
    found = read(log)
    assert (rows(log), found.own, len(found.unread)) == (expected, own, unread)


FRITZBOX = """\
sep=;
Typ;Datum;Name;Rufnummer;Nebenstelle;Eigene Rufnummer;Dauer
1;27.11.26 20:15;;008613812345678;Telefon;Internet: 30901821;0:02
2;27.11.26 20:20;Inkasso;008613812345678;;Internet: 30901821;0:00
4;27.11.26 20:25;Tante;017012345678;Telefon;Internet: 30901821;0:10
3;27.11.26 20:30;;008613812345678;;30901821;0:00
2;27.11.26 20:35;;;;030901821;0:00
"""
CALLS = [(LI, A, "call", 120), (LI, B, "call", 0), (LI, "11-27 20:30:00", "call", 0)]


@pytest.mark.parametrize(
    "heading",
    [
        "Typ;Datum;Name;Rufnummer;Nebenstelle;Eigene Rufnummer;Dauer",
        "Type;Date;Name;Number;Extension;Outgoing Caller ID;Duration",
        "Type;Date;Name;Telephone number;Extension;Telephone number;Duration",
    ],
)
def test_a_fritzbox_names_own_calls_and_the_own_number(heading: str):
    log = FRITZBOX.replace(FRITZBOX.splitlines()[1], heading)
    found = read(log, "DE", CHINA)
    assert rows(log, "DE") == CALLS
    assert (found.own, len(found.unread)) == (1, 1)


def test_an_old_fritzbox_writes_own_calls_otherwise():
    log = FRITZBOX.replace("\n4;", "\n3;")
    found = read(log, "DE", CHINA)
    assert (rows(log, "DE"), found.own, len(found.unread)) == (CALLS[:2], 2, 1)


def test_a_row_of_a_fritzbox_that_is_not_understood_is_handed_back():
    assert len(read(FRITZBOX + "1;27.11.26 20:15;a;b;008613812345678;;;0:02\n").unread) == 2


def test_the_own_number_is_nobody_who_called():
    log = "Eigene Rufnummer;Rufnummer;Datum\n030901821;008613812345678;27.11.2026 20:15\n"
    assert rows(log, "DE") == [(LI, A, "call", None)]


def test_a_fritzbox_by_tr_064_names_the_own_number_of_who_hid_theirs():
    calls = "".join(
        f"<Call><Type>2</Type><Caller>{caller}</Caller><Called>SIP: 30901821</Called>"
        f"<CalledNumber>30901821</CalledNumber><Date>27.11.26 {at}</Date></Call>"
        for caller, at in (("008613812345678", "20:15"), ("", "20:20"))
    )
    assert rows(f"<root>{calls}</root>", "DE") == [(LI, A, "call", None)]


def test_a_fritzbox_names_the_area():
    wider = FRITZBOX.replace("Nebenstelle", "Landes-/Ortsnetzbereich;Nebenstelle")
    wider = re.sub(r"(?m)^(\d;[^;]*;[^;]*;[^;]*;)", r"\1China;", wider)
    assert rows(wider, "DE") == CALLS


@pytest.mark.parametrize(
    ("own", "others"),
    [
        ("abgehend", "ankommend"),
        ("Sortant", "Entrant"),
        ("appel émis", "appel reçu"),
        ("Saliente", "Entrante"),
        ("realizada", "recibida"),
        ("in uscita", "in entrata"),
        ("effettuata", "ricevuta"),
        ("efetuada", "recebida"),
        ("Uitgaand", "Inkomend"),
        ("Wychodzące", "Przychodzące"),
        ("Исходящий", "Входящий"),
        ("Giden", "Gelen"),
        ("発信", "発信者不明 着信"),
        ("발신", "발신자 수신"),
        ("Cuộc gọi đi", "Cuộc gọi đến"),
    ],
)
def test_own_calls_in_other_languages(own: str, others: str):
    log = f"2026-11-27 20:15 +8613812345678 {others}\n2026-11-27 20:20 +8613912345678 {own}\n"
    table = log.replace(" +86", ",+86").replace(f"678 {own}", f"678,{own}")
    table = table.replace(f"678 {others}", f"678,{others}")
    for each in (log, "Date,Number,Type\n" + table):
        found = read(each)
        assert (rows(each), found.own) == ([(LI, A, "call", None)], 1)


AMERICAN = {
    "at&t": """\
Wireless Number,Item,Day,Date,Time,Number Called,Call To,Min,Rate Code
202-556-0199,1,FRI,11/27/2026,8:15 PM,202-556-0143,INCOMI CL,2,SDDV
202-556-0199,2,FRI,11/27/2026,8:25 PM,202-556-0143,SOUTHWICK MA,1,SDDV
""",
    "to/from": """\
Item,Date,Time,To/From Number,Call To,Min
1,11/27/2026,8:15 PM,202-556-0143,INCOMI CL,2
2,11/27/2026,8:25 PM,202-556-0143,SOUTHWICK MA,1
""",
    "verizon": """\
Date,Time,Number,Origination,Destination,Min.
Nov 27,8:15 PM,202.556.0143,Southwick MA,Incoming CL,2
Nov 27,8:25 PM,202.556.0143,Southwick MA,Washington DC,1
""",
    "t-mobile": """\
Date and time,Destination,Number,Minutes,Type
"11/27/2026 08:15 PM",Incoming,(202) 556-0143,2 Min,-
"11/27/2026 08:25 PM","Southwick, MA",(202) 556-0143,1 Min,-
""",
}


@pytest.mark.parametrize("log", AMERICAN.values(), ids=AMERICAN)
def test_a_carrier_that_says_incoming_where_others_name_the_destination(log: str):
    assert rows(log, "US", NEW_YORK) == [("+12025560143", A, "call", 120)]
    assert read(log, "US", NEW_YORK).own == 1


# --- Lines as people and screens write them ---


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
