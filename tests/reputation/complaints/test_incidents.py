"""From reports to the calls that they tell of, and to the call log."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from reputation.complaints.incidents import call_log, incidents_of, total
from reputation.models import Report, Reporter
from reputation.reports import Statement, diary, link_codes, submit_report, withdraw_report
from reputation.reports.diary import NotedCall
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, newcomer, say

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
ZONE = ZoneInfo("Asia/Shanghai")


def times(*reports):
    return [each.at for each in incidents_of(reports, zone=ZONE)]


def test_calls_reported_in_any_order_add_up():
    """Somebody writes a log in the evening: older calls come after younger ones."""
    by, evening = newcomer("li"), NOW + 10 * HOUR
    for place, (hour, count) in enumerate(((3, 10), (8, 5), (1, 3))):
        report = say(
            *(by, "illegal_collection"),
            at=evening + place * HOUR / 60,
            occurred_at=NOW + hour * HOUR,
            call_count=count,
            comment=f"call {hour}",
        ).report
    assert times(report) == [NOW + HOUR, NOW + 3 * HOUR, NOW + 8 * HOUR]
    assert total(incidents_of([report], zone=ZONE)) == 18


def test_a_later_report_takes_nothing_away():
    by = newcomer("li")
    said = {"conduct": ["threats"], "claimed_name": "XX", "callback_number": "+4930901820"}
    said |= {"other_accounts": "WeChat abc", "transcript": "Pay now."}
    say(by, "illegal_collection", at=NOW - DAY, occurred_at=NOW - DAY, call_count=25, **said)
    report = say(by, "threat", at=NOW, comment="again, by text").report
    first, second = incidents_of([report], zone=ZONE)
    assert (first.count, first.conduct, first.claimed_name) == (25, ("threats",), "XX")
    assert (first.accounts, first.content) == ("WeChat abc", "Pay now.")
    assert (first.callback, second.count, second.at) == ("+4930901820", 1, None)
    assert second.day == NOW.date()


def test_what_counts_once():
    """Two statements about one minute, and one that is sent twice."""
    by = newcomer("li")
    say(by, at=NOW, occurred_at=NOW - HOUR, call_count=2, comment="he shouted")
    say(by, at=NOW + HOUR, occurred_at=NOW - HOUR)
    say(by, at=NOW + DAY, comment="once more")
    report = say(by, at=NOW + DAY + HOUR, comment="once more").report
    incidents = incidents_of([report], zone=ZONE)
    assert [(each.count, each.content) for each in incidents] == [
        (2, ""),
        (0, "he shouted"),
        (1, "once more"),
    ]


def test_a_reader_and_an_authority_in_other_zones_count_the_same():
    """Whether two statements are of one day, and of a log's days, is not a matter of who reads."""
    by, morning = newcomer("li"), NOW.replace(hour=23)  # seven o'clock in Shanghai
    for hours in (0, 2):
        report = say(by, at=morning + hours * HOUR, comment="once more").report
    diary.log_calls(
        reporter=by,
        public_id=report.public_id,
        calls=[NotedCall(at=morning + 3 * HOUR, seconds=9)],
        imported=True,
        now=morning + DAY,
    )
    zones = map(ZoneInfo, ("Asia/Shanghai", "America/New_York", "Europe/London", "UTC"))
    counts = {zone.key: total(incidents_of([report], zone=zone)) for zone in zones}
    assert counts == dict.fromkeys(counts, 1)


def test_what_is_corrected_or_withdrawn_is_gone():
    by = newcomer("li")
    report = say(by, at=NOW, occurred_at=NOW - 5 * HOUR, call_count=7).report
    submit_report(
        reporter=by,
        identity=SCAMMER,
        statement=Statement(category="threat", occurred_at=NOW - 4 * HOUR),
        network="net",
        now=NOW + HOUR,
        corrects=True,
    )
    assert times(Report.objects.get()) == [NOW - 4 * HOUR]
    withdraw_report(reporter=by, public_id=report.public_id, now=NOW + 2 * HOUR)
    report = say(by, at=NOW + 3 * HOUR, occurred_at=NOW - 3 * HOUR).report
    assert times(report) == [NOW - 3 * HOUR]
    report = say(by, at=NOW + 4 * HOUR, occurred_at=NOW - 2 * HOUR).report
    earlier = diary.earlier_statements([report]).get()
    diary.disown_statement(reporter=by, public_id=report.public_id, revision=earlier.pk)
    assert times(report) == [NOW - 2 * HOUR]


@pytest.mark.parametrize(
    ("count", "imported", "all_in_all"),
    [
        (25, False, 25 + 3),  # the statement may tell of other calls than those noted
        (25, True, 25),  # a phone's log has every call of its days
        (2, True, 3),
    ],
)
def test_a_log_beside_a_statement(count: int, imported: bool, all_in_all: int):
    by = newcomer("li")
    at = NOW - DAY - HOUR
    report = say(by, at=NOW, occurred_at=at, call_count=count, comment="he shouted").report
    calls = [NotedCall(at=NOW - DAY - each * HOUR, seconds=9) for each in (2, 3, 4)]
    log = {"reporter": by, "public_id": report.public_id, "imported": imported}
    assert diary.log_calls(calls=calls, now=NOW, **log) == 3
    assert diary.log_calls(calls=calls, now=NOW, **log) == 0
    incidents = incidents_of([report], zone=ZONE)
    assert total(incidents) == all_in_all
    assert sorted(each.seconds or 0 for each in incidents) == [0, 9, 9, 9]
    assert incidents[-1].content == "he shouted"


def test_what_both_voices_of_one_person_said():
    one = newcomer("li")
    other = Reporter.objects.create(kind="sms", handle="li", created_at=NOW)
    report = say(one, at=NOW, occurred_at=NOW - HOUR, call_count=3).report
    say(other, at=NOW, occurred_at=NOW - 2 * HOUR, call_count=4)
    code = link_codes.issue_code(reporter=one, now=NOW)
    link_codes.redeem(reporter=other, code=code, now=NOW)
    assert total(incidents_of([Report.objects.get(pk=report.pk)], zone=ZONE)) == 7


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
        "时间,号码,方式,次数,通话秒数,类型,行为,对方自称,要求回拨的号码,内容,举报编号,记录时间",
        "2026-11-24 19:00,+86 138 1234 5678,来电,3,,威胁恐吓,威胁恐吓；散布个人隐私,"
        '"\'+Happy, Loans",+49 30 901820,"\'=HYPERLINK(""http://x"") said ""pay""",'
        f"{report.public_id},2026-11-24 20:00",
        "",
    ]
