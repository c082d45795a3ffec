"""Complaint packs: their content, their owner, and that anybody can verify them."""

import csv
import email
import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path

import pypdfium2
import pytest

from reputation.attachments import StorageUnavailable, storage_name
from reputation.complaints.letters import Person
from reputation.complaints.packs import (
    Call,
    CallUnknown,
    ChannelUnknown,
    Details,
    LanguageUnknown,
    NothingReported,
    TooMuch,
    ZoneUnknown,
    build_pack,
)
from reputation.complaints.verify import broken_log, check
from reputation.identity import identify
from reputation.models import Authority, Campaign, Channel, Report, Template
from reputation.reports import ReportNotFound
from tests.given.attachments import MAIL, PNG, attach, recording, stored
from tests.given.authorities import load_authorities
from tests.given.reporters import BAKERY, DAY, NOW, newcomer, say
from tests.given.rows import a_campaign

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir", "_authorities")]

HOUR = timedelta(hours=1)
GATEWAY = identify("CN:106575258192001234")
LI = Person(
    name="李四",
    identity="110101199001010011",
    own_number="13900000000",
    address="北京市朝阳区\n某路 1 号",
    email="li@example.test",
)


@pytest.fixture
def _authorities():
    load_authorities()


@pytest.fixture
def reports():
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


def pages(pdf):
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


EVIDENCE = {
    "evidence/c90c2a7ee0090831.png": PNG,
    "evidence/ac4423590a619b66.eml": MAIL,
    "evidence/26131825c9354353.wav": recording(),
}


# --- What is in it ---


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


LETTER = """\
关于骚扰来电和信息的投诉：13812345678、106575258192001234

12321网络不良与垃圾信息举报受理中心：

本人就下列号码的骚扰来电和信息向贵单位投诉，请依法调查处理。

被投诉号码：13812345678、106575258192001234
来电和信息次数：11
期间：2026-11-21 至 2026-11-23
涉及事项：违规催收、威胁恐吓
对方自称：快乐贷
对方要求回拨的号码：+49 30 901820

来电和信息记录（时间为北京时间）：
1. 2026-11-21 20:00  13812345678  来电 5 次
2. 2026-11-22 20:00  106575258192001234  短信：“今天不还款， 明天上门”
3. 2026-11-23 20:00  13812345678  来电 5 次

情况说明：
他们每天打电话。

对方的行为：
1. 威胁恐吓：13812345678（2026-11-21、2026-11-23）；106575258192001234（2026-11-22）
2. 骚扰第三人（亲友、同事等）：13812345678（2026-11-21、2026-11-23）

相关规定：
1. 《中华人民共和国民法典》第一千零三十三条（适用于 2026-11-21 至 2026-11-23 的行为）：第（一）项\
以电话、短信、即时通讯工具等方式侵扰他人的私人生活安宁。
2. 《中华人民共和国个人信息保护法》第十条（适用于 2026-11-21 至 2026-11-23 的行为）：\
非法收集、使用他人个人信息。
3. 《中华人民共和国治安管理处罚法》第五十条（适用于 2026-11-21 至 2026-11-23 的行为）：第（一）项\
写恐吓信或者以其他方法威胁他人人身安全。罚则：处五日以下拘留或者一千元以下罚款；情节较重的，\
处五日以上十日以下拘留，可以并处一千元以下罚款。有第（五）项滋扰、纠缠、跟踪行为的，\
经公安机关负责人批准，可以责令其一定期限内禁止接触被侵害人。

请求事项：
一、调查上述号码及其使用人、受益人，并依法处理；
二、责令停止对本人及亲友的骚扰；
三、将处理结果书面告知本人。

附件：
1. calls.csv：来电和信息记录
2. timeline.svg：来电时间图
"""


@pytest.mark.slow
def test_the_letter(reports):
    pack = pack_of(reports, person=LI, statement="他们每天打电话。")
    files = files_of(pack)
    text = files["letter.txt"].decode()
    assert text.startswith(LETTER)
    heads = [entry.digest for entry in map(last_entry, reports)]
    for report, head in zip(reports, heads, strict=True):
        assert f"举报 {report.public_id} 的证据日志：最后一条校验值 {head}" in text
    assert text.endswith(
        "\n\n签名：________________\n投诉人：李四\n证件号码：110101199001010011\n联系电话：13900000000\n"
        "通信地址：北京市朝阳区 某路 1 号\n电子邮箱：li@example.test\n日期：2026-11-24\n"
    )
    # The PDF says the same, can be searched, and has the chart on a page of its own.
    *letter, chart = pages(files["letter.pdf"])
    squeezed = re.sub(r"第\d页，共3页", "", "".join("".join(letter).split()))
    for line in text.splitlines():
        assert "".join(line.split()) in squeezed
    assert "每天来电和信息次数" in chart
    assert "第 1 页，共 3 页" in letter[0]


def test_the_letter_says_how_many_people_report_the_same_caller(reports):
    """Of a campaign that the public may see; of any other it says nothing."""
    campaign = a_campaign(key="c0ffee", reporters=41, numbers=9, known=True)
    Report.objects.filter(pk=reports[0].pk).update(campaign=campaign)
    line = "举报同一来电者的人：41人，涉及9个号码（话术或回拨号码相同）"
    with pack_of(reports) as pack:
        assert line in pack.letter.body.splitlines()
    Campaign.objects.update(known=False)
    with pack_of(reports) as pack:
        assert "举报同一来电者的人" not in pack.letter.body


def last_entry(report: Report):
    return report.evidence.order_by("-position").first()


@pytest.mark.slow
def test_nothing_is_made_up_about_who_complains(reports):
    text = files_of(pack_of(reports))["letter.txt"].decode()
    assert text.endswith("\n\n签名：________________\n日期：2026-11-24\n")
    for part in ("投诉人", "证件号码", "情况说明", "{", "}"):
        assert part not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("authority", "language", "first", "last"),
    [
        (
            *("us-cfpb", ""),
            "Complaint about unwanted calls and messages from +86 138 1234 5678, "
            "106575258192001234 (CN)",
            "2026-11-24",
        ),
        (
            *("de-bnetza", ""),
            "Beschwerde über unerwünschte Anrufe und Nachrichten: +86 138 1234 5678, "
            "106575258192001234 (CN)",
            "2026-11-24",
        ),
        (
            *("cn-police", "en"),
            "Report of threats and harassment by telephone: 13812345678, 106575258192001234",
            "2026-11-24",
        ),
        # The lender has no country: its letter speaks the number's language.
        ("lender", "", "关于违规催收的投诉：13812345678、106575258192001234", "日期：2026-11-24"),
    ],
)
def test_each_authority_is_written_to_in_its_language(reports, authority, language, first, last):
    pack = pack_of(reports, authority, language=language)
    files = files_of(pack)
    lines = files["letter.txt"].decode().splitlines()
    assert (lines[0], lines[-1]) == (first, last)
    assert pages(files["letter.pdf"])[0].startswith(first[:20])
    assert pack.letter.subject == first


@pytest.mark.slow
def test_a_number_of_north_america_is_grouped(reports):
    caller = identify("+12025550143", allow_fictional=True)
    report = say(reports[0].reporter, "threat", caller, at=NOW, occurred_at=NOW - HOUR).report
    text = files_of(pack_of([report], "us-cfpb"))["letter.txt"].decode()
    assert "Numbers: 202-555-0143\n" in text


@pytest.mark.slow
def test_the_law_of_each_day_is_cited(reports):
    by = reports[0].reporter
    for at in (datetime(2025, 12, 30, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)):
        report = say(by, number=BAKERY, at=at, occurred_at=at, conduct=["threats"]).report
    pack = pack_of([report], "cn-police", language="en")
    text = files_of(pack)["letter.txt"].decode()
    law = "Public Security Administration Punishments Law of the PRC"
    assert (
        f"{law}, article 42 (on acts of 2025-12-30): item (1) writing threatening letters or "
        "threatening the safety of others by other means. Penalty: Detention of up to 5 days or a "
        "fine of up to 500 yuan; in graver cases 5 to 10 days, and possibly a fine of up to 500 "
        f"yuan.\n2. {law}, article 50 (on acts of 2026-01-02): item (1) writing threatening "
    ) in text
    assert [each.provision.slug for each in pack.citations] == ["cn-psapl-42", "cn-psapl-2026"]
    # One language a letter.
    assert not re.search("[一-龥]", text)
    assert text.splitlines()[2] == "Police (110, or the station where you live)"


@pytest.mark.slow
def test_the_addressee_zone_and_country_can_be_said(reports):
    pack = pack_of(
        *(reports, "lender"),
        addressee="快乐贷有限公司\n投诉部",
        country="US",
        time_zone="UTC",
        language="zh-hans",
    )
    text = files_of(pack)["letter.txt"].decode()
    assert "快乐贷有限公司\n投诉部：" in text
    assert "+86 138 1234 5678、106575258192001234 (CN)" in text
    assert "时间为UTC时间" in text
    assert "1. 2026-11-21 12:00" in text


@pytest.mark.slow
def test_many_calls_are_summed_up(reports):
    calls = [
        Call(key="+8613812345678", at=NOW - n * HOUR, content="x" if n == 1 else "")
        for n in range(1, 61)
    ]
    # One of them is the call that was reported.
    files = files_of(pack_of(reports, calls=[*calls, Call(key=BAKERY.key, at=NOW)][:-1]))
    text = files["letter.txt"].decode()
    # 60, of which one is among the 5 that were reported for its minute, 5 more, and a message.
    assert "来电和信息次数：70" in text
    hours = "、".join(f"{hour:02}:00" for hour in range(20))
    assert f"  {hours}）：“x”\n" in text.replace("来电 20 次（", "  ")
    log = list(csv.reader(io.StringIO(files["calls.csv"].decode("utf-8-sig"))))
    assert sum(int(row[3]) for row in log[1:]) == 70
    assert log[-1] == [
        *("2026-11-24 19:00", "+86 138 1234 5678", "来电", "1", "", "违规催收", "", "", "", "x"),
        *(str(reports[0].public_id), "2026-11-24 20:00"),
    ]


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


# --- What each channel wants ---


@pytest.mark.slow
def test_a_text_message_for_each_number(reports):
    with pack_of(reports) as pack:
        [_, _, sms, _, _] = pack.filled
    assert sms.messages == (
        ("2026-11-23 20:00 13812345678",),
        ("2026-11-22 20:00 106575258192001234",),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("authority", "channel", "messages"),
    [
        ("cn-mobile", "cn-mobile-sms", ("106575258192001234*今天不还款， 明天上门",)),
        ("cn-unicom", "cn-unicom-sms", ("ljdxjb#106575258192001234#今天不还款， 明天上门",)),
        ("cn-telecom", "cn-telecom-sms", ("106575258192001234:今天不还款， 明天上门",)),
        # In two steps: the text, then the number when one is asked for it.
        ("us-carrier", "us-carrier-sms", ("今天不还款， 明天上门", "106575258192001234")),
    ],
)
def test_the_grammar_of_each_carrier(reports, authority, channel, messages):
    pack = pack_of(reports[1:], authority, channel=Channel.objects.get(slug=channel))
    assert f"send/{channel}.txt" in files_of(pack)
    assert [each.messages for each in pack.filled] == [(messages,)]


@pytest.mark.slow
def test_a_forms_fields_in_order(reports):
    text = files_of(pack_of(reports, person=LI, reader="zh-hans"))["send/cn-12321-web.txt"].decode()
    assert text == (
        "发送至：12321网络不良与垃圾信息举报受理中心\n"
        "地址：https://www.12321.cn/\n"
        "请勿改动短信原文。字段顺序未与现行表单核对。\n"
        "\n"
        "1. 被举报号码：13812345678\n"
        "2. 来电/来信时间：2026-11-23 20:00\n"
        "3. 不良类型：违规催收\n"
        "4. 对方自称：快乐贷\n"
        "5. 内容（请勿改动短信原文）：违规催收\n"
        "6. 举报人手机号：13900000000\n"
        "\n"
        "1. 被举报号码：106575258192001234\n"
        "2. 来电/来信时间：2026-11-22 20:00\n"
        "3. 不良类型：威胁恐吓\n"
        "4. 对方自称：（请自行填写）\n"
        "5. 内容（请勿改动短信原文）：今天不还款， 明天上门\n"
        "6. 举报人手机号：13900000000\n"
    )


@pytest.mark.slow
def test_a_form_about_the_whole_case(reports):
    with pack_of(reports, "us-cfpb", statement="They call every day.") as pack:
        [web, phone, post] = pack.filled
    assert [(field.label, field.value) for field in web.forms[0]] == [
        ("What happened", "They call every day."),
        ("Which company", "快乐贷"),
        ("Numbers that called", "+86 138 1234 5678, 106575258192001234 (CN)"),
        ("When did this happen", "2026-11-21 to 2026-11-23"),
        ("Your name", ""),
        ("Your address", ""),
        ("Your e-mail", ""),
        ("Your phone", ""),
    ]
    assert len(phone.forms[0]) == 3
    assert (post.messages, post.forms) == ((), ())


@pytest.mark.slow
def test_the_mail_is_a_draft_with_everything_attached(reports):
    files = files_of(pack_of(reports, person=LI))
    mail = email.message_from_bytes(files["send/cn-12321-email.eml"], policy=default)
    assert (mail["To"], mail["From"], mail["X-Unsent"]) == (
        "abuse@12321.cn",
        "li@example.test",
        "1",
    )
    assert mail["Subject"] == "投诉举报：13812345678、106575258192001234"
    assert mail.get_body().get_content().startswith("您好：\r\n\r\n附件为投诉信、来电")
    attached = {
        each.get_filename(): each.get_payload(decode=True) for each in mail.iter_attachments()
    }
    assert attached == {
        name.rpartition("/")[2]: files[name]
        for name in ("letter.pdf", "calls.csv", "timeline.svg", *EVIDENCE)
    }


@pytest.mark.slow
def test_what_is_too_large_for_a_mail_is_named_in_it(reports, monkeypatch):
    monkeypatch.setattr("reputation.complaints.packs.MOST_MAIL", 70_000)
    attach(reports[0], PNG + bytes(70_000))
    files = files_of(pack_of(reports))
    mail = email.message_from_bytes(files["send/cn-12321-email.eml"], policy=default)
    large = next(name for name in files if name.endswith(".png") and name not in EVIDENCE)
    assert f"因邮件过大未附上：{large}。" in mail.get_body().get_content()
    assert len(list(mail.iter_attachments())) == 6


@pytest.mark.slow
@pytest.mark.parametrize(
    "person",
    [
        Person(email="a@b\r\nBcc: c@d"),
        Person(email="not an address"),
        Person(name="x\r\nBcc: c@d", email="a@b"),
    ],
)
def test_nobody_writes_headers(reports, person):
    files = files_of(pack_of(reports, person=person))
    mail = email.message_from_bytes(files["send/cn-12321-email.eml"], policy=default)
    assert mail["Bcc"] is None
    assert mail["From"] in (None, "a@b")


@pytest.mark.slow
def test_without_a_covering_template_there_is_no_mail(reports):
    Template.objects.filter(kind="email").update(active=False)
    assert "send/cn-12321-email.eml" not in files_of(pack_of(reports))


# --- The guide ---


@pytest.mark.slow
def test_the_guide_says_what_nobody_checked(reports):
    text = files_of(pack_of(reports, "cn-nifa", reader="zh-CN"))["README.txt"].decode()
    assert text.startswith(
        "投诉材料：中国互联网金融协会 互联网金融举报信息平台\n"
        "2026-11-24 20:00 根据您的举报生成，时间均为北京时间。\n"
    )
    assert "   - 《中华人民共和国治安管理处罚法》第五十条（2025-06-27）\n" in text
    assert "compare it" not in text
    assert "   - 网上表单：https://jubao.nifa.org.cn（来源：https://www.qllr.org" in text
    assert "1. 网上表单：https://jubao.nifa.org.cn\n   内容见 send/cn-nifa-web.txt\n" in text


@pytest.mark.slow
def test_the_guide_when_all_was_checked(reports):
    Channel.objects.filter(authority__slug="lender").update(checked=True, checked_at=NOW)
    report = say(newcomer("wang"), "telemarketing", at=NOW).report
    text = files_of(pack_of([report], "lender"))["README.txt"].decode()
    assert "3. A moderator has compared statutes and channels with their official texts." in text
    assert "(source:" not in text
    assert "1. By post: (find the address yourself)\n   with letter.pdf and copies of" in text


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
        assert pack.letter.subject.endswith("13812345678、+49 30 901820")


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
    monkeypatch.setattr("reputation.complaints.packs.MOST_BYTES", 100)
    with pytest.raises(TooMuch):
        pack_of(reports)


@pytest.mark.slow
def test_damaged_evidence_is_not_handed_out_as_sound(reports, evidence_dir):
    name = storage_name(last_entry(reports[0]).sha256)
    (evidence_dir / name).write_bytes(MAIL[:-1])
    with pytest.raises(StorageUnavailable):
        pack_of(reports, "cn-police")


# --- Anybody can check it ---


def unpacked(pack, folder: Path) -> Path:
    with pack, zipfile.ZipFile(pack.file) as archive:
        archive.extractall(folder)
    return folder


def verify(folder: Path) -> tuple[int, list[str], str]:
    done = subprocess.run(
        [sys.executable, "-I", folder / "verify.py"], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_a_pack_is_sound(reports, tmp_path):
    pack = pack_of(reports)
    manifest = pack.manifest
    folder = unpacked(pack, tmp_path / "pack")
    assert verify(folder) == (
        0,
        [
            "All 15 files are as they were on 2026-11-24T12:00:00Z.",
            f"SHA-256 of manifest.json: {manifest}",
            "Compare it with the packs that the complaint's page at the service lists.",
        ],
        "",
    )


@pytest.mark.slow
def test_each_flipped_file_is_named_alone(reports, tmp_path):
    """Every one in this process, by the script's own function; three as anybody would ask."""
    folder = unpacked(pack_of(reports), tmp_path / "pack")
    names = stored(folder)
    assert len(names) == 16
    for name in names:
        path = folder / name
        content = path.read_bytes()
        # The middle; of the script, the comment at its top, so that it still runs.
        place = 5 if name == "verify.py" else len(content) // 2
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        changed, missing = f"{name} was changed", f"{name} is missing"
        if name == "manifest.json":
            changed = missing = (
                "manifest.json is missing or was changed, so nothing else can be judged by it"
            )
        assert check(str(folder)) == [changed]
        if name in ("verify.py", "manifest.json", *list(EVIDENCE)[:1]):
            assert verify(folder) == (1, [f"WRONG: {changed}"], "")
        path.unlink()
        assert check(str(folder)) == [missing]
        path.write_bytes(content)
    assert check(str(folder)) == []


@pytest.mark.slow
def test_any_byte_of_the_manifest(reports, tmp_path):
    folder = unpacked(pack_of(reports), tmp_path / "pack")
    path = folder / "manifest.json"
    content = path.read_bytes()
    assert check(str(folder)) == []
    for place in range(0, len(content), 61):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        [fault] = check(str(folder))
        assert fault.startswith("manifest.json")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("forge", "faults"),
    [
        (
            lambda log: log["reports"][0]["results"].pop(0),
            ["report {0}, entry 1 does not follow the entry before it"],
        ),
        (
            lambda log: log["reports"][1]["results"][0].update(name="other.wav"),
            ["report {1}, entry 1 was changed"],
        ),
        (
            lambda log: log["files"].update(
                dict(zip(log["files"], reversed(log["files"].values()), strict=True))
            ),
            [
                "report {0}, entry 1 is of another file than the one in the pack",
                "report {1}, entry 1 is of another file than the one in the pack",
                "report {1}, entry 2 is of another file than the one in the pack",
            ],
        ),
    ],
)
def test_a_log_that_was_forged_with_its_manifest(reports, tmp_path, forge, faults):
    """Whoever makes a manifest anew still cannot make the log say something else."""
    files = files_of(pack_of(reports))
    log = json.loads(files["evidence/log.json"])
    forge(log)
    manifest = json.loads(files["manifest.json"])
    ids = [str(report.public_id) for report in reports]
    folder = tmp_path / "pack"
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "log.json").write_text(json.dumps(log))
    assert list(broken_log(str(folder), manifest)) == [each.format(*ids) for each in faults]
