"""Complaint packs: their files and chart, whose they are, and what is refused."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest

from reputation.attachments import StorageUnavailable, storage_name
from reputation.complaints.cases import (
    Call,
    CallUnknown,
    Details,
    LanguageUnknown,
    NothingReported,
    TooMuch,
    ZoneUnknown,
)
from reputation.complaints.packs import ChannelUnknown, build_pack
from reputation.models import Authority, Channel, Template
from reputation.reports import ReportNotFound
from reputation.reports.diary import NotedCall, log_calls
from tests.given.attachments import MAIL
from tests.given.packs import EVIDENCE, LI, files_of, last_entry, pack_of, pages
from tests.given.reporters import BAKERY, DAY, NOW, newcomer, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir", "_authorities")]

HOUR = timedelta(hours=1)


@pytest.mark.slow
def test_the_files(reports):
    pack = pack_of(reports, person=LI)
    files = files_of(pack)
    assert list(files) == [
        "letter.pdf",
        "letter.txt",
        "calls.csv",
        "timeline.svg",
        "send/cn-12321-web.txt",
        "send/cn-12321-app.txt",
        "send/cn-12321-sms.txt",
        "send/cn-12321-email.eml",
        "send/cn-12321-phone.txt",
        "README.txt",
        "evidence/log.json",
        *EVIDENCE,
        "verify.py",
        "manifest.json",
    ]
    assert {name: files[name] for name in EVIDENCE} == EVIDENCE
    assert pack.name == "ringscore-cn-12321-20261124.zip"
    manifest = json.loads(files["manifest.json"])
    assert {each["path"] for each in manifest["files"]} == files.keys() - {"manifest.json"}
    assert manifest["reports"] == [
        {"id": str(reports[0].public_id), "number": "+8613812345678"},
        {"id": str(reports[1].public_id), "number": "CN:106575258192001234"},
    ]


@pytest.mark.slow
def test_the_same_case_gives_the_same_bytes(reports):
    packs = [pack_of(reports, person=LI) for _ in range(2)]
    first, second = (pack.file.read() for pack in packs)
    for pack in packs:
        pack.file.close()
    assert first == second


# --- The picture ---


def shapes(svg, tag):
    return ET.fromstring(svg).findall(f"{{http://www.w3.org/2000/svg}}{tag}")  # noqa: S314


@pytest.mark.slow
def test_the_chart(reports):
    svg = files_of(pack_of(reports))["timeline.svg"]
    assert len(shapes(svg, "circle")) == 2 + 1  # calls, and one in the legend
    squares = [each for each in shapes(svg, "rect") if each.get("width") == "6.0"]
    assert len(squares) == 1 + 1
    texts = [each.text for each in shapes(svg, "text")]
    assert texts[0] == "来电和信息：按日期与时刻"
    assert {"2026-11-21", "2026-11-22", "2026-11-23", "时间为北京时间"} <= set(texts)
    assert b"style" not in svg
    assert b"<script" not in svg


@pytest.mark.slow
def test_months_of_calls_become_bars_of_weeks(reports):
    calls = [Call(key="+8613812345678", at=NOW - n * DAY) for n in range(90)]
    pack = pack_of(reports, "us-cfpb", calls=calls)
    texts = [each.text for each in shapes(files_of(pack)["timeline.svg"], "text")]
    assert "Calls and messages a week" in texts
    assert sum("2026-" in text for text in texts) <= 7


def test_without_times_there_is_no_chart():
    report = say(newcomer("li"), at=NOW).report
    files = files_of(pack_of([report]))
    assert "timeline.svg" not in files
    assert "timeline.svg" not in files["letter.txt"].decode()
    assert len(pages(files["letter.pdf"])) == 1


def test_the_readme_says_when_a_file_is_missing():
    """A lender gets the letter alone."""
    files = files_of(pack_of([say(newcomer("li"), at=NOW).report], authority="lender", reader="en"))
    readme = files["README.txt"].decode()
    for missing in ("timeline.svg", "send/"):
        assert not [name for name in files if name.startswith(missing)]
        assert re.search(rf"^- {missing}: .*\(missing when .*\)$", readme, re.MULTILINE)


# --- Whose it is, and what is refused ---


def test_only_ones_own_reports(reports):
    other = say(newcomer("wang"), at=NOW).report
    with pytest.raises(ReportNotFound):
        pack_of([reports[0], other])


@pytest.mark.slow
def test_reports_of_a_linked_voice_are_ones_own(reports):
    li = reports[0].reporter
    phone = newcomer("li's phone")
    phone.merged_into = li
    phone.save()
    report = say(phone, number=BAKERY, at=NOW).report
    with pack_of([reports[0], report]) as pack:
        assert pack.letter.subject.endswith("+86 138 1234 5678、+49 30 901820")


@pytest.mark.parametrize(
    ("details", "error"),
    [
        ({"language": "fr"}, LanguageUnknown),
        ({"time_zone": "Peking"}, ZoneUnknown),
        ({"time_zone": "../../etc/passwd"}, ZoneUnknown),
        ({"calls": [Call(key=BAKERY.key, at=NOW)]}, CallUnknown),
        ({"calls": [Call(key="+8613812345678", at=NOW + HOUR)]}, CallUnknown),
        ({"calls": [Call(key="+8613812345678", at=NOW)] * 1001}, TooMuch),
    ],
)
def test_details_that_will_not_do(reports, details, error):
    with pytest.raises(error):
        pack_of(reports, **details)


def test_nothing_to_complain_about(reports):
    with pytest.raises(NothingReported):
        build_pack(
            reporter=reports[0].reporter,
            reports=[],
            authority=Authority.objects.get(slug="lender"),
            details=Details(),
            now=NOW,
        )
    praise = say(reports[0].reporter, "legitimate", BAKERY, at=NOW).report
    with pytest.raises(NothingReported):
        pack_of([praise])


def test_a_channel_of_somebody_else_or_out_of_use(reports):
    with pytest.raises(ChannelUnknown):
        pack_of(reports, channel=Channel.objects.get(slug="cn-mobile-sms"))
    Channel.objects.filter(slug="cn-12321-sms").update(active=False)
    with pytest.raises(ChannelUnknown):
        pack_of(reports, channel=Channel.objects.get(slug="cn-12321-sms"))


def test_no_letter_in_a_language(reports):
    Template.objects.filter(language="en").update(active=False)
    with pytest.raises(LanguageUnknown):
        pack_of(reports, language="en")


def test_too_much_evidence(reports, monkeypatch):
    monkeypatch.setattr("reputation.complaints.evidence.MOST_BYTES", 100)
    with pytest.raises(TooMuch):
        pack_of(reports)


def test_too_many_calls_in_logs(reports, monkeypatch):
    calls = [NotedCall(at=NOW - place * HOUR) for place in range(3)]
    log_calls(reporter=reports[0].reporter, public_id=reports[0].public_id, calls=calls, now=NOW)
    monkeypatch.setattr("reputation.complaints.cases.MOST_LOGGED", 3)
    with pack_of(reports):
        monkeypatch.setattr("reputation.complaints.cases.MOST_LOGGED", 2)
    with pytest.raises(TooMuch):
        pack_of(reports)


@pytest.mark.slow
def test_damaged_evidence_is_not_handed_out_as_sound(reports, evidence_dir):
    name = storage_name(last_entry(reports[0]).sha256)
    (evidence_dir / name).write_bytes(MAIL[:-1])
    with pytest.raises(StorageUnavailable):
        pack_of(reports, "cn-police")
