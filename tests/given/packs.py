"""A case with evidence, and the complaint pack that is made of it."""

import zipfile

import pypdfium2

from reputation.complaints.cases import Details
from reputation.complaints.letters import Person
from reputation.complaints.packs import build_pack
from reputation.identity import identify
from reputation.models import Authority, Report
from tests.given.attachments import MAIL, PNG, attach, recording
from tests.given.reporters import DAY, NOW, newcomer, say

HOUR = DAY / 24
GATEWAY = identify("CN:106575258192001234")
LI = Person(
    name="李四",
    identity="110101199001010011",
    own_number="13900000000",
    address="北京市朝阳区\n某路 1 号",
    email="li@example.test",
)
EVIDENCE = {
    "evidence/c90c2a7ee0090831.png": PNG,
    "evidence/ac4423590a619b66.eml": MAIL,
    "evidence/26131825c9354353.wav": recording(),
}


def two_calls_and_a_message():
    """Two calls from one number, told one after the other, and a text message; with evidence."""
    by = newcomer("li")
    said = {
        "conduct": ["threats", "contacted_third_parties"],
        "claimed_name": "快乐贷",
        "callback_number": "+4930901820",
    }
    for day in (3, 1):
        at = NOW - day * DAY
        calls = say(by, "illegal_collection", at=at + HOUR, occurred_at=at, call_count=5, **said)
    message = say(
        *(by, "threat", GATEWAY),
        at=NOW,
        occurred_at=NOW - 2 * DAY,
        channel="sms",
        comment="今天不还款，\n明天上门",
    )
    attach(calls.report, PNG, "李四的截图.png")
    attach(calls.report, MAIL, "mail.eml")
    attach(message.report, recording(), "r.wav")
    attach(message.report, PNG)
    return [calls.report, message.report]


def pack_of(reports, authority="cn-12321", **details):
    return build_pack(
        reporter=reports[0].reporter,
        reports=reports,
        authority=Authority.objects.get(slug=authority),
        details=Details(**details),
        now=NOW,
    )


def files_of(pack):
    with pack, zipfile.ZipFile(pack.file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def pages(pdf: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def last_entry(report: Report):
    return report.evidence.order_by("-position").first()
