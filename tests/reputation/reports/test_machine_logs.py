"""Reading the logs that telephone systems and modem programs write for themselves."""

from zoneinfo import ZoneInfo

import pytest

from tests.given.call_logs import NEW_YORK, A, B, read, rows

ACME, OTHER = "+12025560143", "+12025560144"


def _records(*rows: tuple[str, ...]) -> str:
    return "".join(f"{','.join(f'"{cell}"' for cell in row)}\n" for row in rows)


LATE = ("2026-11-27 20:15:00", "", "2026-11-27 20:15:10", "10", "0", "NO ANSWER", "3")
TALK = ("2026-11-27 20:15:00", "2026-11-27 20:15:05", "2026-11-27 20:16:10", "70", "65", "ANSWERED")
IN_THE_OFFICE = ("PJSIP/trunk-01", "PJSIP/100-02", "Dial", "PJSIP/100")
HUNG_UP = ("PJSIP/trunk-05", "", "Hangup", "21")
# Two telephones ring for the first call; the last is the office's own.
MASTER = _records(
    ("", "2025560143", "101", "x", "Acme", *IN_THE_OFFICE, *LATE, "1795828500.1", ""),
    ("", "2025560143", "100", "x", "Acme", *IN_THE_OFFICE, *TALK, "3", "1795828500.1", ""),
    ("", "2025560144", "s", "x", "A", *HUNG_UP, *("2026-11-27 20:20:00", *LATE[1:]), "1.5", ""),
    ("", "anonymous", "s", "x", "A", *HUNG_UP, *LATE, "1.9", ""),
    ("", "100", "2025560199", "x", "Me", "PJSIP/100-07", *IN_THE_OFFICE[1:], *LATE, "1.7", ""),
)
CUSTOM = _records(
    ("Acme <2025560143>", "2025560143", "100", "x", *IN_THE_OFFICE, *TALK, "3", "", "1.1", "")
)
# The office's own call shows the office's number, not that of the telephone.
FREEPBX = """\
calldate,clid,src,dst,channel,dstchannel,duration,billsec,disposition,uniqueid,did
2026-11-27 20:15:00,Acme,2025560143,100,SIP/trunk-1,SIP/100-2,70,65,ANSWERED,1.1,2025560199
2026-11-27 21:15:00,Me,2025560199,2025560143,SIP/100-1,SIP/trunk-2,70,65,ANSWERED,1.2,
"""
FREESWITCH = _records(
    ("Acme", "2025560143", "100", "default", *TALK[:5], "NORMAL_CLEARING", "16", "9b1c", "", ""),
    ("Me", "100", "2025560143", "default", *TALK[:5], "ORIGINATOR_CANCEL", "16", "9b1d", "", ""),
)
NCID = """\
CID: *DATE*11272026*TIME*2015*LINE*1*NMBR*2025560143*MESG*NONE*NAME*ACME LOANS*
END: *HTYPE*CANCEL*DATE*11272026*TIME*2015*CTYPE*IN*LINE*1*NMBR*2025560143*NAME*ACME*
HUP: *DATE*11272026*TIME*2020*LINE*1*NMBR*12025560144*MESG*NONE*NAME*ACME LOANS*
OUT: *DATE*11272026*TIME*2030*LINE*1*NMBR*2025560144*MESG*NONE*NAME*NO NAME*
CID: *DATE*11272026*TIME*2035*LINE*1*NMBR*OUT-OF-AREA*MESG*NONE*NAME*NO NAME*
"""
JCBLOCK = """\
B-DATE = 112726--TIME = 2015--NMBR = 2025560143--NAME = ACME LOANS     --
--DATE = 112726--TIME = 2020--NAME = ACME           --NMBR = 2025560144--
W-DATE = 112726--TIME = 2025--NMBR = O--NAME = O--
"""


@pytest.mark.parametrize(
    ("log", "expected", "own", "unread"),
    [
        (MASTER, [(ACME, A, "call", 65), (OTHER, B, "call", 0)], 1, 1),
        (CUSTOM, [(ACME, A, "call", 65)], 0, 0),
        (FREEPBX, [(ACME, A, "call", 65)], 1, 0),
        (FREESWITCH, [(ACME, A, "call", 65)], 1, 0),
        (NCID, [(ACME, A, "call", None), (OTHER, B, "call", None)], 1, 1),
        (JCBLOCK, [(ACME, A, "call", None), (OTHER, B, "call", None)], 0, 1),
    ],
    ids=["asterisk", "custom", "freepbx", "freeswitch", "ncid", "jcblock"],
)
def test_logs_that_programs_write(log: str, expected: list[object], own: int, unread: int):
    found = read(log, "US", NEW_YORK)
    assert (rows(log, "US", NEW_YORK), found.own, len(found.unread)) == (expected, own, unread)


def test_a_table_with_few_of_asterisk_s_columns():
    log = "calldate,src,dst,duration\n2026-11-27 20:15:00,2025560143,100,65\nrestarted\n"
    found = read(log, "US", NEW_YORK)
    assert rows(log, "US", NEW_YORK) == [(ACME, A, "call", 65)]
    assert found.unread == ["restarted"]


def test_gateways_of_routers_write_the_day_first():
    log = "CIDLOG: *DATE*27112026*TIME*20:15*LINE**NMBR*03012345678*MESG*NONE*NAME*NO NAME*"
    found = rows(log, "DE", ZoneInfo("Europe/Berlin"))
    assert found == [("+493012345678", A, "call", None)]


def test_a_line_that_is_not_understood_is_handed_back():
    """A file was cut, or a program writes something else between its lines."""
    for log in (MASTER, FREESWITCH, NCID, JCBLOCK):
        assert read(f"{log}restarted\n", "US", NEW_YORK).unread[-1].startswith("restarted"), log


def test_the_name_of_a_caller_beside_the_number():
    log = (
        "Call Time,From,To,Direction,Status,Talking\n"
        "2026-11-27 20:15:00,ACME (2025560143),Me (100),Inbound,Answered,00:01:05\n"
        "2026-11-27 20:20:00,Me (100),2025560143,Outbound,Answered,00:01:05\n"
    )
    found = read(log, "US", NEW_YORK)
    assert ([call.identity.key for call in found.calls], found.own) == ([ACME], 1)


@pytest.mark.parametrize(
    "log",
    [
        "Richtung;Rufnummer;Gegenstelle;Beginn;Dauer\n"
        "eingehend;030901820;03012345678;27.11.2026 20:15:00;00:01:05",
        "Anrufer;Angerufener;Datum;Dauer;Status\n"
        "+493012345678;+4930901820;27.11.2026 20:15;65;angenommen",
        "id,direction,from,to,createdAt,answeredAt,completedAt,duration\n1,incoming,+493012345678,"
        "+4930901820,2026-11-27T19:15:00.000Z,2026-11-27T19:15:05.000Z,,65",
        "Time,Call From,Call To,Call Duration(s),Talk Duration(s),Communication Type\n"
        "27.11.2026 20:15:00,Acme<03012345678>,Me<100>,70,65,Inbound",
    ],
    ids=["easybell", "placetel", "openphone", "yeastar"],
)
def test_lists_of_carriers_and_offices(log: str):
    """The own number passed for the caller, a call for three, and ringing for talking."""
    found = rows(log, "DE", ZoneInfo("Europe/Berlin"))
    assert found == [("+493012345678", A, "call", 65)]


def test_a_german_list_of_who_called_whom():
    log = (
        '"Datum";"Uhrzeit";"Typ";"Von";"Nach";"Dauer"\n'
        '"27.11.2026";"20:15";"Eingehend";"+493012345678";"+493087654321";"00:01:05"\n'
        '"27.11.2026";"20:20";"Ausgehend";"+493087654321";"+493012345678";"00:01:05"\n'
    )
    found = read(log, "DE", ZoneInfo("Europe/Berlin"))
    assert ([call.identity.key for call in found.calls], found.own) == (["+493012345678"], 1)
