"""The letter in a complaint pack: its words, language, addressee and law."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from reputation.complaints.cases import Call
from reputation.identity import identify
from reputation.models import Campaign, Report
from tests.given.packs import LI, files_of, last_entry, pack_of, pages
from tests.given.reporters import BAKERY, NOW, newcomer, say
from tests.given.rows import a_campaign
from tests.given.translated import is_simplified

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir", "_authorities")]

HOUR = timedelta(hours=1)

LETTER = """\
关于骚扰来电和信息的投诉：+86 138 1234 5678、106575258192001234

12321网络不良与垃圾信息举报受理中心：

本人就下列号码的骚扰来电和信息向贵单位投诉，请依法调查处理。

被投诉号码：+86 138 1234 5678、106575258192001234
来电和信息次数：11
期间：2026-11-21 至 2026-11-23
涉及事项：违规催收、威胁恐吓
对方自称：快乐贷
对方要求回拨的号码：+49 30 901820

来电和信息记录（时间为北京时间）：
1. 2026-11-21 20:00  +86 138 1234 5678  来电 5 次
2. 2026-11-22 20:00  106575258192001234  短信：“今天不还款， 明天上门”
3. 2026-11-23 20:00  +86 138 1234 5678  来电 5 次

情况说明：
他们每天打电话。

对方的行为：
1. 威胁恐吓：+86 138 1234 5678（2026-11-21、2026-11-23）；106575258192001234（2026-11-22）
2. 骚扰第三人（亲友、同事等）：+86 138 1234 5678（2026-11-21、2026-11-23）

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
            "Report to the police of calls and messages (illegal debt collection, threats): "
            "+86 138 1234 5678, 106575258192001234",
            "2026-11-24",
        ),
        # The lender has no country: its letter speaks the number's language.
        (
            *("lender", ""),
            "关于以贵机构名义来电和信息的投诉（违规催收、威胁恐吓）："
            "+86 138 1234 5678、106575258192001234",
            "日期：2026-11-24",
        ),
    ],
)
def test_each_authority_is_written_to_in_its_language(reports, authority, language, first, last):
    pack = pack_of(reports, authority, language=language)
    files = files_of(pack)
    lines = files["letter.txt"].decode().splitlines()
    assert (lines[0], lines[-1]) == (first, last)
    assert pages(files["letter.pdf"])[0].startswith(first[:20])
    assert pack.letter.subject == first


def test_a_letter_to_the_police_of_taiwan(reports):
    """Whole: the words are Taiwan's, and the law is cited in its own."""
    [first, *_] = reports
    with pack_of([first], "tw-police", person=LI, statement="每天打電話來。") as pack:
        letter = pack.letter
    body, _, enclosed = letter.body.partition("附件：")
    assert letter.subject == "關於來電與訊息的報案書（不當催收）：+86 138 1234 5678"
    assert body == (
        "警察機關：\n\n"
        "本人因下列號碼的來電與訊息，謹此報案，請依法受理、調查，並發給報案證明或案件編號。\n\n"
        "涉案號碼：+86 138 1234 5678\n"
        "來電與訊息次數：10\n"
        "期間：2026-11-21 至 2026-11-23\n"
        "涉及事項：不當催收\n"
        "對方自稱：快乐贷\n"
        "對方要求回撥的號碼：+49 30 901820\n\n"
        "來電與訊息紀錄（時間為台北時間）：\n"
        "1. 2026-11-21 20:00  +86 138 1234 5678  來電 5 次\n"
        "2. 2026-11-23 20:00  +86 138 1234 5678  來電 5 次\n\n"
        "情況說明：\n每天打電話來。\n\n"
        "對方的行為：\n"
        "1. 威脅恐嚇：+86 138 1234 5678（2026-11-21、2026-11-23）\n"
        "2. 騷擾第三人（親友、同事等）：+86 138 1234 5678（2026-11-21、2026-11-23）\n\n"
        "本人認為上述行為涉嫌違反：\n"
        "1. 《中華民國刑法》第305條（適用於 2026-11-21 至 2026-11-23 的行為）："
        "以加害生命、身體、自由、名譽、財產之事恐嚇他人，致生危害於安全。"
        "罰則：處二年以下有期徒刑、拘役或九千元以下罰金。\n\n"
        "請求事項：\n"
        "一、依法受理，並查明號碼的實際使用人；\n"
        "二、對涉嫌犯罪的行為依法偵辦；\n"
        "三、採取措施保護本人及親友，制止對方繼續聯絡。\n\n"
        "以上所述屬實，本人願意配合調查並提供原始證據。\n\n"
    )
    assert enclosed.endswith(
        "簽名：________________\n報案人：李四\n身分證明文件號碼：110101199001010011\n"
        "聯絡電話：13900000000\n通訊地址：北京市朝阳区 某路 1 号\n電子郵件：li@example.test\n"
        "日期：2026-11-24"
    )


@pytest.mark.parametrize("authority", ["tw-165", "tw-fsc", "hk-police", "hk-hkma", "lender"])
def test_readers_of_traditional_chinese_get_no_simplified_character(authority):
    caller = identify("+886912345678")
    report = say(newcomer("wang"), "threat", caller, at=NOW, occurred_at=NOW - HOUR).report
    files = files_of(pack_of([report], authority, reader="zh-hant"))
    for name, content in files.items():
        if name.endswith((".txt", ".csv", ".svg")):
            assert [char for char in content.decode() if is_simplified(char)] == [], name


def test_law_of_the_mainland_in_a_letter_in_traditional_chinese(reports):
    with pack_of(reports[:1], "cn-police", language="zh-hant") as pack:
        body = pack.letter.body
    assert "《中華人民共和國治安管理處罰法》第五十條" in body
    assert "第（一）項寫恐嚇信或者以其他方法威脅他人人身安全" in body


@pytest.mark.slow
def test_a_number_is_written_as_people_read_it(reports):
    caller = identify("+12025550143", allow_fictional=True)
    report = say(reports[0].reporter, "threat", caller, at=NOW, occurred_at=NOW - HOUR).report
    text = files_of(pack_of([report], "us-cfpb"))["letter.txt"].decode()
    assert "Numbers: +1 202-555-0143\n" in text


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
    assert text.splitlines()[2] == "Public Security Authority"


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
def test_the_lender_is_addressed_in_the_language_of_the_letter(reports):
    """Its authority is of no country, and its address is on record in Chinese."""
    for language, addressee in {
        "en": "To the lender in whose name +86 138 1234 5678 calls",
        "zh-hans": "贷款机构客户服务与投诉部门：",
        "zh-hant": "貸款機構客戶服務與投訴部門：",
        "zh-hk": "貸款機構客戶服務與投訴部門：",
        "de": "An den Kreditgeber, in dessen Namen +86 138 1234 5678 anruft",
        "es": "A la entidad de crédito en cuyo nombre llama el +86 138 1234 5678",
        "id": "Kepada pemberi pinjaman yang atas namanya +86 138 1234 5678 menelepon",
    }.items():
        text = files_of(pack_of(reports, "lender", language=language))["letter.txt"].decode()
        assert text.splitlines()[2] == addressee
        assert language.startswith("zh") or "贷款机构" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("authority", "language", "addressee"),
    [
        ("cn-12321", "en", "12321 Reporting Centre for Harmful and Spam Information"),
        ("tw-fsc", "zh-hans", "金融监督管理委员会："),
        ("us-ftc-dnc", "zh-hant", "美國聯邦貿易委員會、謝絕來電登記處："),
        ("de-bnetza", "en", "Bundesnetzagentur (Federal Network Agency)"),
        # Both write Traditional Chinese: its own name.
        ("hk-adcc", "zh-hant", "香港警務處反詐騙協調中心："),
    ],
)
def test_letter_and_form_name_the_authority_in_the_language_of_the_letter(
    reports, authority, language, addressee
):
    files = files_of(pack_of(reports[:1], authority, language=language))
    lines = files["letter.txt"].decode().splitlines()
    assert "、".join(lines[2 : lines.index("", 2)]).startswith(addressee)
    page = files[next(name for name in files if name.startswith("send/"))].decode()
    assert addressee.rstrip("：") in page.splitlines()[0]


def test_a_letter_to_hong_kong_has_its_words(reports):
    """Not Taiwan's 檢舉, 簡訊 and 身分."""
    with pack_of(reports, "hk-police", person=LI) as pack:
        body = pack.letter.body
        log = pack.read("calls.csv").decode()
    assert "請受理及調查，並告知報案編號。" in body
    assert "涉及事項：不當收數、威脅恐嚇\n" in body
    assert "106575258192001234 (CN)  短訊" in body
    assert "身份證明文件號碼：110101199001010011\n" in body
    assert "舉報編號" in log.splitlines()[0]
    for word in ("檢舉", "簡訊", "身分", "電子郵件"):
        assert word not in body + log


@pytest.mark.slow
def test_a_letter_to_the_lender_cites_what_the_readme_lists(reports):
    with pack_of(reports[:1], "lender", language="en") as pack:
        assert [each.provision.slug for each in pack.citations] == [
            *("cn-civil-code-1033", "cn-gbt-45251-2025", "cn-pipl-10", "cn-psapl-2026"),
        ]
        assert "What the law says:\n1. Civil Code of the PRC, article 1033" in pack.letter.body


@pytest.mark.slow
def test_a_report_to_the_police_says_no_more_than_its_reports(reports):
    """Not that somebody threatens, or calls again and again: it was one call."""
    report = say(reports[0].reporter, "phishing", BAKERY, at=NOW, occurred_at=NOW - HOUR).report
    for authority in ("cn-police", "tw-police", "hk-police", "us-police", "de-police"):
        with pack_of([report], authority) as pack:
            letter = f"{pack.letter.subject}\n{pack.letter.body}".lower()
        for word in ("威胁", "威脅", "恐嚇", "持续", "持續", "threat", "harass", "bedroh"):
            assert word not in letter, authority


@pytest.mark.slow
def test_times_are_of_the_country_also_where_no_letter_was_written_before(reports):
    summer = datetime(2026, 7, 1, 20, tzinfo=UTC)
    report = say(reports[0].reporter, number=BAKERY, at=NOW, occurred_at=summer).report
    text = files_of(pack_of([report], "lender", country="GB"))["letter.txt"].decode()
    assert "times in London" in text
    assert "1. 2026-07-01 21:00" in text


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
