"""A report names numbers beside its caller's: those are neither reported nor called back."""

import pytest

from tests.given.phrases import Phrase, read

CALLER = {"CN": "+8613800005002", "GB": "+447700900302", "US": "+12125550102"}


def reading(place, text):
    return read(Phrase(frozenset(), place, frozenset(), {}, text))


def named(place, text):
    found = reading(place, text)
    assert found.kind == "report", text
    return [each.key for each in (found.number, *found.further, found.callback) if each]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        # Of the telephone that was called.
        ("GB", "07700 900302 keeps ringing my mobile 07700 900301 and shouting about a loan"),
        ("GB", "a scammer on 07700 900302 called my mum's number 07700 900303, took her savings"),
        ("GB", "07700 900302 rang my daughter on 07700 900303 and threatened her"),
        ("GB", "my son got a call from 07700 900302 on his mobile 07700 900304 about a loan scam"),
        ("US", "212-555-0102 harasses me at work (212-555-0103) every day"),
        ("US", "To 212-555-0101 from 212-555-0102: threats to kill me"),
        ("US", "Victim 212-555-0101 scammer 212-555-0102"),
        ("US", "my cell: 212-555-0101\nscammer: 212-555-0102"),
        ("CN", "13800005002天天骚扰我妈的手机13800005001"),
        ("CN", "我妈的手机13800005001天天被13800005002骚扰"),
        ("CN", "被骚扰号码13800005001，骚扰号码13800005002"),
        ("CN", "对方用13800005002打给我13800005001，说要杀我全家"),
        ("CN", "呢個13800005002成日打嚟我屋企13800005001搵我阿爸追數"),
        # The sender's own.
        ("GB", "I told 07700 900302 my number is 07700 900301 and now he threatens me"),
        ("GB", "I told a price site my number 07700 900301, now 07700 900302 calls about loans"),
        ("US", "I'm at 212-555-0101. 212-555-0102 calls me 20 times a day and cusses me out."),
        ("GB", "07700 900302 is harassing us. Call me back on 07700 900301"),
        ("GB", "07700 900302 threatened to send bailiffs. Regards Bob Hale, 07700 900301"),
        ("CN", "骚扰电话13800005002，本人电话13800005001"),
        ("CN", "举报人电话：13800005001 被举报号码：13800005002 内容：诈骗"),
        ("CN", "投诉13800005002暴力催收，威胁我家人。李四，13800005001"),
        ("CN+mail", "投诉 :: 13800005002暴力催收，威胁我家人。\n\n李四\n13800005001"),
        # Of those who know of it, and of whom the caller claims to be.
        ("US", "My lawyer at 212-555-0105 told me to report 212-555-0102 for threats"),
        ("GB", "scammer 07700 900302 spoofed my doctor's number 07700 900305"),
        ("GB", "07700 900302 pretended to be my brother, whose real number is 07700 900301"),
        ("CN", "我问了我律师13800005004，他说13800005002是诈骗"),
        ("US", "I reported 212-555-0102 to the FTC at 1-877-382-4357 too. Fake sheriff."),
        ("CN", "13800005002自称是96110反诈中心的，让我下载软件，我打真的96110说是骗子"),
        ("CN", "我打95588核实过，13800005002冒充工行，是骗子"),
        ("CN", "13800005002假的12123，说我有违章，链接不要点"),
        ("CN", "不是说打了12321就管用吗，13800005002今天照打不误，天天骚扰"),
        ("GB", "scam call on a resident's line 07700 900301 from 07700 900302, threats"),
        # Whom the sender asked, and where they can be reached.
        (
            "US",
            "212-555-0102 got my PIN. Called Chase at 1-800-935-9935, they never called me. Scam",
        ),
        ("US", "scam by 212-555-0102. 1-800-950-5114, the number on my card, is another"),
        ("GB", "I called Halifax on 0345 720 3040. 07700 900302 is no bank but a scammer"),
        ("GB", "pay or jail says 07700 900302, a fraud. My real lawyer 07700 900305 laughed"),
        ("GB", "I, Ann Lee (mob. 07700 900301), was threatened by 07700 900302 over a loan"),
        ("US", "calls to my workplace (212-555-0103) from a collector using 212-555-0102, abuse"),
        ("CN", "我叫王芳，13800005002致电我母亲（手机号13900003032）说要起诉，骗子"),
        ("CN", "13800005002威胁我，还致电我公司前台（02023456789）骂人"),
        # Who gets calls from the caller.
        ("GB", "my son's number 07700 900301 keeps getting nasty texts from 07700 900302"),
        ("CN", "我妈那个号13800005001总收到13800005002的恐吓短信"),
    ],
)
def test_a_number_beside_the_callers_is_not_reported(place, text):
    assert named(place, text) == [CALLER[place[:2]]]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("GB", "they keep calling my phone 07700 900302 and 07700 900303, spam"),
        ("GB", "missed calls on my phone 07700 900302 07700 900303 both scammers"),
        ("GB", "my ex's number 07700 900302 and his mate's 07700 900303 threaten me daily"),
        ("GB", "Thanks for last time. New ones: 07700 900302 and 07700 900303, both scams"),
        ("CN", "骚扰我的电话13800005002和13800005003，都是催收"),
        ("CN", "13800005002打完我换13800005003继续骂"),
        ("CN", "举报13800005002。高利贷，13800005003"),
    ],
)
def test_of_two_callers_none_stands_beside(place, text):
    found = named(place, text)
    assert [CALLER[place], CALLER[place][:-1] + "3"] == found


@pytest.mark.parametrize(
    "text", ["95588和13800005002都是诈骗电话", "95588打来骗我验证码，13800005002也骗我"]
)
def test_a_hotline_that_called_or_is_listed_stands_beside_none(text):
    assert sorted(named("CN", text)) == ["+8613800005002", "CN:95588"]


@pytest.mark.parametrize("wants", ["call", "ring back on", "call Microsoft on"])
def test_the_number_that_a_caller_wants_called_is_still_kept(wants):
    found = reading("GB", f"07700 900302 threatened me and told me to {wants} 07700 900303")
    assert found.further == ()
    assert (found.number.key, found.callback.key) == (CALLER["GB"], "+447700900303")


@pytest.mark.parametrize(
    "text",
    [
        "Debt collector at 212-555-0102 called my boss. Acct # they quote is 8830-2214-97.",
        "Fake cop, badge number 2025550177, called from 212-555-0102 and threatened me",
        "fraud 212-555-0102 they said claim number 4155550199",
    ],
)
def test_what_names_an_account_or_a_claim_is_no_number(text):
    assert named("US", text) == [CALLER["US"]]


def test_numbers_that_are_all_defended_stand_beside_none():
    text = "我妈的号13800005001和我爸的号13800005002都被标成骗子了，标错了"
    found = reading("CN", text)
    assert (found.kind, len(found.further)) == ("legitimate", 1)


def test_a_signature_under_a_question_is_not_looked_up():
    found = reading("US", "who is 212-555-0102? Thanks, Dana Reyes, 212-555-0101")
    assert (found.kind, found.number.key, found.further) == ("question", CALLER["US"], ())
