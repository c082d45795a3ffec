"""From reports to the calls that they tell of, and to the call log."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from reputation.complaints.incidents import call_log, incidents_of, total
from tests.given.reporters import BAKERY, DAY, NOW, newcomer, say

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
ZONE = ZoneInfo("Asia/Shanghai")


def times(*reports):
    return [each.at for each in incidents_of(reports, zone=ZONE)]


def test_each_report_of_a_later_call_is_one_more_incident():
    by = newcomer("li")
    for day in (3, 2, 1):
        at = NOW - day * DAY
        report = say(by, at=at + HOUR, occurred_at=at).report
    assert times(report) == [NOW - 3 * DAY, NOW - 2 * DAY, NOW - DAY]
    assert total(incidents_of([report], zone=ZONE)) == 3


def test_a_correction_is_not():
    """The call that it names came before the first word about it."""
    by = newcomer("li")
    say(by, at=NOW, occurred_at=NOW - 5 * HOUR)
    say(by, at=NOW + HOUR, occurred_at=NOW - 4 * HOUR)
    report = say(by, at=NOW + 2 * HOUR, occurred_at=NOW - 4 * HOUR, comment="typo").report
    assert times(report) == [NOW - 4 * HOUR]


def test_what_is_said_without_a_time():
    by = newcomer("li")
    say(by, at=NOW - DAY)
    report = say(by, at=NOW, call_count=7).report
    [incident] = incidents_of([report], zone=ZONE)
    assert (incident.at, incident.day, incident.count) == (None, (NOW - DAY).date(), 7)
    assert total([incident]) == 7


def test_several_numbers_in_the_order_of_their_calls():
    by = newcomer("li")
    first = say(by, at=NOW, occurred_at=NOW - 2 * HOUR, call_count=4).report
    second = say(by, number=BAKERY, at=NOW, occurred_at=NOW - 3 * HOUR, call_count=2).report
    incidents = incidents_of([first, second], zone=ZONE)
    assert [each.key for each in incidents] == ["+4930901820", "+8613812345678"]
    assert total(incidents) == 6


def test_the_call_log():
    report = say(
        newcomer("li"),
        "threat",
        at=NOW,
        occurred_at=NOW - HOUR,
        conduct=["threats", "privacy_disclosure"],
        comment='=HYPERLINK("http://x")\nsaid "pay"',
        claimed_name="+Happy, Loans",
        callback_number="+4930901820",
        call_count=3,
    ).report
    log = call_log(incidents_of([report], zone=ZONE), language="zh-hans", zone=ZONE)
    assert log.startswith(b"\xef\xbb\xbf")
    assert log.decode("utf-8-sig").split("\r\n") == [
        "时间,号码,方式,累计次数,类型,行为,对方自称,要求回拨的号码,内容,举报编号,记录时间",
        "2026-11-24 19:00,+86 138 1234 5678,来电,3,威胁恐吓,威胁恐吓；散布个人隐私,"
        '"\'+Happy, Loans",+49 30 901820,"\'=HYPERLINK(""http://x"") said ""pay""",'
        f"{report.public_id},2026-11-24 20:00",
        "",
    ]
