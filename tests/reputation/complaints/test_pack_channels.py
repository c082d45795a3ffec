"""What each channel of an authority wants: text messages, fields of a form, a mail; the guide."""

import email
from email.policy import default

import pytest

from reputation.complaints.channels import LABEL
from reputation.complaints.letters import Person
from reputation.models import Channel, Template
from tests.given.attachments import PNG, attach
from tests.given.packs import EVIDENCE, LI, files_of, pack_of
from tests.given.reporters import NOW, newcomer, say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_dir", "_authorities")]


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
def test_who_is_called_has_a_number_and_no_address(reports):
    """And words that end as sentences need no semicolon: "They call.; They shout"."""
    files = files_of(pack_of(reports, "cn-police"))
    assert "\n号码：110\n" in files["send/cn-police-110.txt"].decode()
    assert (
        "\nNumber: 1-855-411-2372\n"
        in files_of(pack_of(reports, "us-cfpb"))["send/us-cfpb-phone.txt"].decode()
    )
    for each, text in zip(reports, ("They call every day.", "They shout!"), strict=True):
        each.comment = text
        each.save()
    with pack_of(reports, "us-cfpb") as pack:
        [web, _, _] = pack.filled
    assert web.forms[0][0].value == "They shout! They call every day."


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


def test_every_field_of_a_form_has_a_name_and_says_one_day_once():
    """ "From 2026-11-30 to 2026-11-30" stood under no name, in forms of fourteen countries."""
    forms = Channel.objects.filter(kind__in=("web", "app", "phone")).exclude(grammar="")
    lines = [(each.slug, line) for each in forms for line in each.grammar.splitlines()]
    assert len(lines) > 100
    assert [each for each in lines if not LABEL.fullmatch(each[1])] == []
    twice = {name for name, line in lines if "{first}" in line and "{last}" in line}
    assert twice == {"cn-12321-phone", "hk-adcc-phone", "tw-165-phone"}  # they ask for both days


@pytest.mark.slow
def test_the_mail_is_a_draft_with_everything_attached(reports):
    files = files_of(pack_of(reports, person=LI))
    mail = email.message_from_bytes(files["send/cn-12321-email.eml"], policy=default)
    assert (mail["To"], mail["From"], mail["X-Unsent"]) == (
        "abuse@12321.cn",
        "li@example.test",
        "1",
    )
    assert mail["Subject"] == "投诉举报：+86 138 1234 5678、106575258192001234"
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


@pytest.mark.parametrize("authority", ["cn-12321", "us-cfpb", "de-bnetza"])
def test_the_guide_speaks_to_readers_of_traditional_chinese(reports, authority):
    text = files_of(pack_of(reports, authority, reader="zh-TW"))["README.txt"].decode()
    assert text.startswith("投訴")
    assert "傳送之前" in text


def test_the_guide_warns_of_what_photographs_tell_a_lender(reports):
    text = files_of(pack_of(reports, "lender"))["README.txt"].decode()
    assert "A photograph may say where it was taken: leave it out if the addressee must" in text


@pytest.mark.slow
def test_the_guide_when_all_was_checked(reports):
    Channel.objects.filter(authority__slug="lender").update(checked=True, checked_at=NOW)
    report = say(newcomer("wang"), "telemarketing", at=NOW).report
    text = files_of(pack_of([report], "lender"))["README.txt"].decode()
    assert "3. A moderator has compared statutes and channels with their official texts." in text
    assert "(source:" not in text
    assert "1. By post: (find the address yourself)\n   with letter.pdf and copies of" in text
