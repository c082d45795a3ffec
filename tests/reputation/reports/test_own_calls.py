"""Whose call a line of a log was: a person's own calls are none of the caller's."""

import re

import pytest

from tests.given.call_logs import CHINA, LI, NEW_YORK, A, B, read, rows

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


def test_what_the_list_says_of_a_call_goes_before_whose_number_is_in_most_rows():
    """Two lines of an office: the caller's number is in more rows than either."""
    log = (
        "Date,From,To,Direction\n"
        "2026-11-27 20:15,13812345678,13700000001,Inbound\n"
        "2026-11-27 20:20,13812345678,13700000002,Inbound\n"
        "2026-11-27 20:25,13700000001,13812345678,Outbound\n"
    )
    assert (rows(log), read(log).own) == ([(LI, A, "call", None), (LI, B, "call", None)], 1)
