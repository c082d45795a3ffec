"""Messages as people send them, and what is understood of them. All numbers are fictional or made
up in ranges that nobody was given; the texts are after those that are published as examples."""

# ruff: noqa: E501 -- a line a message

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reputation.intake.grammar import Kind, Reading, read_mail, read_sms
from reputation.intake.grammar.numbers import Country, find_numbers
from reputation.intake.grammar.words import category_of, conduct_of
from tests.given.processor import processor

# A Tuesday: noon in London, eight in the evening in Shanghai.
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONES = {"CN": "Asia/Shanghai", "GB": "Europe/London", "US": "America/New_York",
         "FR": "Europe/Paris"}  # fmt: skip
SCAM, GATE = "+8613812345678", "CN:106575258192001234"
UK, US, FR = "+447700900123", "+12025550123", "+33199001234"


@dataclass(frozen=True)
class Case:
    """`when` is local, "2026-11-05 14:30", or "2026-11-05" when only the day was told."""

    text: str
    number: str = ""
    when: str = ""
    content: str | None = None
    grammar: str | None = None
    kind: Kind = Kind.REPORT
    region: str = "CN"
    category: str | None = None
    channel: str | None = None
    callback: str = ""
    others: int = 0


def context(region: str) -> dict[str, object]:
    return {
        "region": region,
        "now": NOW,
        "zone": ZoneInfo(ZONES[region]),
        "allow_fictional": True,
    }


def when(reading: Reading, region: str) -> str:
    if reading.occurred_at is None:
        return ""
    local = reading.occurred_at.astimezone(ZoneInfo(ZONES[region]))
    return f"{local:%Y-%m-%d %H:%M}" if reading.has_time else f"{local:%Y-%m-%d}"


def check(case: Case, reading: Reading) -> None:
    assert (
        reading.kind,
        reading.number.key if reading.number else "",
        when(reading, case.region),
        reading.callback.key if reading.callback else "",
        reading.others,
    ) == (case.kind, case.number, case.when, case.callback, case.others)
    for name in ("content", "grammar", "category", "channel"):
        if getattr(case, name) is not None:
            assert getattr(reading, name) == getattr(case, name)
    text = "".join(reading.text[part.start : part.end] for part in reading.parts)
    assert text == reading.text


C = Case
TIME = "time_and_number"
TABLE = [
    # 12321: time and number.
    C("2026年11月5日14时30分 13812345678", SCAM, "2026-11-05 14:30", "", TIME),
    C("2026年11月5日14时30分13812345678", SCAM, "2026-11-05 14:30", "", TIME),
    C("2026年11月5日14:30+13812345678", SCAM, "2026-11-05 14:30", "", TIME),
    C("2026-11-05 14:30 +13812345678", SCAM, "2026-11-05 14:30", "", TIME),
    C("2026-11-05 14:30 +8613812345678", SCAM, "2026-11-05 14:30", "", TIME),
    C("２０２６年１１月５日１４：３０＋１３８１２３４５６７８", SCAM, "2026-11-05 14:30", "", TIME),
    C("20261105 1430 13812345678", SCAM, "2026-11-05 14:30", "", TIME),
    C("202611051430+13812345678", SCAM, "2026-11-05 14:30", "", TIME),
    C("11月5日下午2点半，13812345678", SCAM, "2026-11-05 14:30", "", TIME),
    C("十一月五日下午两点半 13812345678", SCAM, "2026-11-05 14:30", "", TIME),
    C("二〇二六年十一月五日上午十点一刻 13812345678", SCAM, "2026-11-05 10:15", "", TIME),
    C("昨天晚上8点 13812345678", SCAM, "2026-11-23 20:00", "", TIME),
    C("昨晚8点13812345678", SCAM, "2026-11-23 20:00", "", TIME),
    C("今天上午10:15 010-12345678 说我欠钱", "+861012345678", "2026-11-24 10:15", "说我欠钱", TIME),
    C("前天 13812345678 威胁我", SCAM, "2026-11-22", "威胁我", TIME, category="threat"),
    C("12月31日23点59分 13812345678", SCAM, "2025-12-31 23:59", "", TIME),
    C("13812345678 2026年11月5日14时30分", SCAM, "2026-11-05 14:30", "", TIME),
    C("13812345678，11月5日14:30，催收骂人", SCAM, "2026-11-05 14:30", "催收骂人", TIME,
      category="illegal_collection"),
    C("14:30 95533", "CN:95533", "2026-11-24 14:30", "", TIME),
    C("21:30 13812345678", SCAM, "2026-11-23 21:30", "", TIME),
    C("5日下午3点 13812345678", SCAM, "2026-11-05 15:00", "", TIME),
    C("上周五下午3点 13812345678", SCAM, "2026-11-20 15:00", "", TIME),
    C("星期一 早上9点 13812345678", SCAM, "2026-11-23 09:00", "", TIME),
    C("上週五下午3點 13812345678", SCAM, "2026-11-20 15:00", "", TIME),
    C("刚才 13812345678", SCAM, "2026-11-24 20:00", "", TIME),
    C("两小时前 13812345678", SCAM, "2026-11-24 18:00", "", TIME),
    C("半小时前13812345678", SCAM, "2026-11-24 19:30", "", TIME),
    C("2026年11月5日凌晨12点10分 13812345678", SCAM, "2026-11-05 00:10", "", TIME),
    C("11/5/2026 2:30pm 202-555-0123", US, "2026-11-05 14:30", "", TIME, region="US"),
    C("5/11/2026 14.30 07700 900123", UK, "2026-11-05 14:30", "", TIME, region="GB"),
    C("5/11 2:30 pm, 07700 900123", UK, "2026-11-05 14:30", "", TIME, region="GB"),
    C("5 November 2026 at 14:30 07700900123", UK, "2026-11-05 14:30", "", TIME, region="GB"),
    C("Nov 5th, 2:30 p.m. +447700900123", UK, "2026-11-05 14:30", "", TIME, region="GB"),
    C("2026-11-05T14:30:00+08:00 +8613812345678", SCAM, "2026-11-05 06:30", "", TIME, region="GB"),
    C("yesterday 8pm 07700 900123 would not say who", UK, "2026-11-23 20:00",
      "would not say who", TIME, region="GB"),
    C("07700 900123 today at 11am", UK, "2026-11-24 11:00", "", TIME, region="GB"),
    C("two hours ago 07700900123", UK, "2026-11-24 10:00", "", TIME, region="GB"),
    C("1430 hrs yesterday, 07700900123", UK, "2026-11-23 14:30", "", TIME, region="GB"),
    C("last Friday at noon +12025550123", US, "2026-11-20 12:00", "", TIME, region="US"),
    # A day in words and a number fill in no form: they may ask, too.
    C("今天 13812345678", SCAM, "2026-11-24", None, "free", Kind.UNCLEAR),
    C("１３８１２３４５６７８ 昨天那个", SCAM, "2026-11-23", None, "free", Kind.UNCLEAR),
    C("中午1点 13812345678", SCAM, "2026-11-24 13:00", "", TIME),
    C("2月29日下午2点 13812345678", SCAM, "2024-02-29 14:00", "", TIME),
    C("25日下午3点 13812345678", SCAM, "2026-10-25 15:00", "", TIME),
    C("20/11/2026 9am 07700900123", UK, "2026-11-20 09:00", "", TIME, region="GB"),
    C("11/20/2026 9am 07700900123", UK, "2026-11-20 09:00", "", TIME, region="GB"),
    C("5. Nov 14:30 07700900123", UK, "2026-11-05 14:30", "", TIME, region="GB"),
    C("5/Nov/2026 14:30 07700900123", UK, "2026-11-05 14:30", "", TIME, region="GB"),
    C("midnight on 5 Nov 07700900123", UK, "2026-11-05 00:00", "", TIME, region="GB"),
    C("2026-11-05T14:30Z 07700900123", UK, "2026-11-05 14:30", "", TIME, region="GB"),
    C("an hour ago 07700900123", UK, "2026-11-24 11:00", "", TIME, region="GB"),
    C("3天前 13812345678", SCAM, "2026-11-21", "", TIME),
    # A date that cannot be is text; so is one to come.
    C("2026年13月45日 13812345678", SCAM, "", kind=Kind.UNCLEAR),
    C("2027年1月5日14:30 13812345678", SCAM, "", kind=Kind.UNCLEAR),
    # China Mobile: number*content.
    C("13812345678*您的贷款已逾期，请立即还款", SCAM, "", "您的贷款已逾期,请立即还款", "starred",
      category="illegal_collection", channel="sms"),
    C("106575258192001234＊【某某贷】额度已到账", GATE, "", "【某某贷】额度已到账", "starred"),
    C("+86 138-1234-5678 * 加微信领取贷款", SCAM, "", "加微信领取贷款", "starred",
      category="loan_scam"),
    C("BANKNAME*您的账户异常 http://x.example/a", "CN@BANKNAME", "", None, "starred",
      category="phishing"),
    C("13812345678*请于今天18:00前回电4001234567", SCAM, "", None, "starred",
      callback="+864001234567"),
    # China Unicom: ljdxjb#number#content.
    C("ljdxjb#13812345678#低息贷款，当天放款", SCAM, "", "低息贷款,当天放款", "ljdxjb",
      category="loan_scam", channel="sms"),
    C("LJDXJB＃１３８１２３４５６７８＃澳门赌场", SCAM, "", "澳门赌场", "ljdxjb"),
    C("Ljdxjb #106575258192001234# 装修优惠", GATE, "", "装修优惠", "ljdxjb",
      category="telemarketing"),
    C("举报#13812345678#abc", SCAM, "", "abc", "ljdxjb"),
    C("举报#说不清", "", "", None, None, Kind.NOTHING),
    C("类型：诈骗 号码：13812345678", SCAM, "", None, "labelled", category="loan_scam"),
    C("ljdxjb*13812345678*abc", SCAM, "", "abc", "ljdxjb"),
    C("ljdxjb#装修优惠，回T退订", "", "", "装修优惠,回T退订", "ljdxjb", Kind.FORWARDED),
    # China Telecom: number:content.
    C("13812345678：恭喜您中奖", SCAM, "", "恭喜您中奖", "colon", category="phishing"),
    C("95533:您的银行卡已冻结", "CN:95533", "", "您的银行卡已冻结", "colon", category="phishing"),
    C("+447700900123: You have won a prize", UK, "", "You have won a prize", "colon", region="GB"),
    # UK 7726.
    C("Call 07700900123", UK, "", "", "call", region="GB", channel="call"),
    C("call +44 7700 900123", UK, "", "", "call", region="GB"),
    C("CALL 07700 900123 yesterday 8pm", UK, "2026-11-23 20:00", "", "call", region="GB"),
    C("Call from 07700900123, silent", UK, "", "silent", "call", region="GB",
      category="silent_call"),
    C("Call 0800 123 4567 to claim your prize", "+448001234567", "", None, "free", Kind.UNCLEAR,
      "GB"),
    # France 33700.
    C("spam vocal 0199001234", FR, "", "", "spam_vocal", region="FR", category="robocall"),
    C("SPAM VOCAL 01 99 00 12 34", FR, "", "", "spam_vocal", region="FR"),
    C("Spam vocal : +33199001234 hier à 14h30", FR, "2026-11-23 14:30", "", "spam_vocal",
      region="FR"),
    # A number and nothing else.
    C("13812345678", SCAM, "", "", "number", Kind.NUMBER),
    C(" ＋８６ １３８ １２３４ ５６７８。", SCAM, "", "", "number", Kind.NUMBER),
    C("95533", "CN:95533", "", "", "number", Kind.NUMBER),
    C("(202) 555-0123", US, "", "", "number", Kind.NUMBER, "US"),
    # Labels.
    C("举报号码：13812345678；时间：11月5日14:30；内容：冒充公检法", SCAM, "2026-11-05 14:30",
      "冒充公检法", "labelled", category="impersonation"),
    C("来电号码:010-12345678\n来电时间:2026-11-05 14:30\n内容:催收,辱骂", "+861012345678",
      "2026-11-05 14:30", "催收,辱骂", "labelled", category="illegal_collection"),
    C("Number: 07700 900123\nDate: 5 November 2:30pm\nMessage: says he is from my bank", UK,
      "2026-11-05 14:30", "says he is from my bank", "labelled", region="GB"),
    # Forwarded: the number that it wants called is not the one that it came from.
    C("【某某金融】您已逾期3天，请致电4001234567处理，否则上报征信", "", "", None, "forwarded",
      Kind.FORWARDED, callback="+864001234567", category="illegal_collection"),
    C("您好，精装公寓特价，详询13987654321，拒收请回复R", "", "", None, "forwarded",
      Kind.FORWARDED, callback="+8613987654321", category="telemarketing"),
    C("转发：您的快递异常 "
      "http://t.example/x", "", "", "您的快递异常 http://t.example/x", "forwarded",
      Kind.FORWARDED, category="phishing"),
    C("Hi mum I've lost my phone, this is my new number", "", "", None, "text", Kind.FORWARDED,
      "GB"),
    C("Royal Post: your parcel is held. Pay at https://p.example/1 Reply STOP to opt out", "", "",
      None, "forwarded", Kind.FORWARDED, "GB", category="phishing"),
    # What the sender says of such a message decides, and so does what they say of a number to call.
    C("【某某商城】您的帐号异常，请联系客服13812345678 —— 这是真的吗？我没在那里买过东西", SCAM, "",
      None, "free", Kind.QUESTION),
    C("中介收了我五千押金，钥匙没给就跑了，联系电话13812345678，大家别上当", SCAM, "", None, "free"),
    C("Fwd: parcel held, pay 1.99, call 07700900123 - I did, like a fool, and they emptied my "
      "account", UK, "", None, "free", region="GB"),
    C("他家修水管十年了，师傅电话13812345678，人很实在，不是骗子", SCAM, "", None, "free",
      Kind.LEGITIMATE),
    C("From +447700900123: Your loan is approved", UK, "", "Your loan is approved",
                    "number_first", region="GB", category="loan_scam", channel="sms"),
    C("转发自13812345678：【某某贷】您的额度已到账", SCAM, "", "【某某贷】您的额度已到账", "number_first",
      channel="sms"),
    C("13812345678\n【某某贷】您的额度已到账", SCAM, "", "【某某贷】您的额度已到账", "number_first"),
    # In words of their own.
    C("13812345678一直打电话骚扰我，说我朋友欠钱不还", SCAM, "", None, "free",
      category="illegal_collection"),
    C("刚刚接到13812345678的电话，自称是公安局的", SCAM, "2026-11-24 20:00", None, "free",
      category="impersonation"),
    C("昨天下午3点左右010-12345678打给我父母，"
      "威胁要上门", "+861012345678", "2026-11-23 15:00", None,
      "free", category="threat"),
    C("骗子号码是13812345678，让我加QQ 123456789，"
      "转账5000000元到尾号8888的卡", SCAM, "", None, "free"),
    C("This number keeps calling me about a loan I never took: 07700 900123", UK, "", None, "free",
      region="GB", category="loan_scam"),
    C("Got a scam text from +44 7700 900123 saying call back 0800 123 4567", UK, "", None, "free",
      region="GB", callback="+448001234567", channel="sms"),
    C("My number is 07700 900999. I was called by 07700 900123 at 9:15", UK, "2026-11-24 09:15",
      None, "free", region="GB"),
    C("Harassed by 07700900123, 07700900124 and 07700900125", UK, "", None, "free", region="GB",
      others=2),
    C("He called 15 times on 5 November from (202) 555-0123", US, "2026-11-05", None, "free",
      region="US"),
    C("170 1234 5678 天天打", "+8617012345678", "", None, "free"),
    C("13812345678/13812345679 催收", SCAM, "", None, "free", others=1),
    C("借了5000元，7天后要还8000000元，号码13812345678", SCAM, "", None, "free"),
    C("18位身份证110101199001011234被泄露，骚扰电话13812345678", SCAM, "", None, "free"),
    C("95188发来短信说我中奖", "CN:95188", "", None, "free", channel="sms", category="phishing"),
    C("They texted me from 22395 that my loan is approved", "US:22395", "", None, "free",
      region="US", channel="sms"),
    C("07700 900123 at 2.30pm yesterday, claims that I owe 5000000 pounds", UK,
      "2026-11-23 14:30", None, "free", region="GB", category="illegal_collection"),
    C("做民意调查的13812345678 一周五次", SCAM, "", None, "free"),  # no Friday
    C("07700 900123 scam y/n. who is it", UK, "", None, "free", Kind.QUESTION, "GB"),
    C("scammers:\n-07700900123", UK, "", None, "free", region="GB"),
    C("he wanted my ID no. 07700900123, a scam", "", "", None, "text", Kind.FORWARDED, "GB"),
    C("骗子——13812345678", SCAM, "", None, "free"),
    C("this no. 07700 900123 is doing KYC fraud", UK, "", None, "free", region="GB"),
    C("I paid 07700 900123 for a puppy. there is no puppy", UK, "", None, "free", region="GB"),
    C("in any case 07700900123 is a scam", UK, "", None, "free", region="GB"),
    C("说要转账......13812345678，我不认识，是骗子", SCAM, "", None, "free"),
    C("我没点外卖，它打来就问我要验证码 138-1234-5678", SCAM, "", None, "free"),
    C("a scam, caller ID 07700 900123, says he is Barclays", UK, "", None, "free",
      region="GB"),
    C("202-555-0123 6:12 am sunday. silent call. again at 6:14", US, "2026-11-22 06:12", None,
      region="US"),
    C("麻烦看看13812345678是不是12306的客服", SCAM, "", None, "free", Kind.QUESTION),
    C("my PIN 07700900123, they wanted it", "", "", None, "text", Kind.FORWARDED, "GB"),
    # Who only tells when, in words of their own, fills in no form.
    C("刚才13812345678 问我孩子在哪个学校几点放学 我没说", SCAM, "2026-11-24 20:00", None, "free"),
    C("Your order no. 07700900123 is cancelled, click http://x.example", "", "", None, "text",
      Kind.FORWARDED, "GB"),
    C("Call me on 07700 900123, dinner is at eight", UK, "", None, "free", Kind.UNCLEAR, "GB"),
    C("转发：大家注意，13812345678千万别接，接了就扣费！转给家人", SCAM, "", None, "free",
      Kind.UNCLEAR),
    C("HMRC: you are owed 276.43, click http://x.example", "", "", None, "text", Kind.FORWARDED,
      "GB", category="phishing"),
    # Commands.
    C("HELP", kind=Kind.COMMAND),
    C("帮助。", kind=Kind.COMMAND),
    C("？", kind=Kind.COMMAND),
    C("退订", kind=Kind.COMMAND),
    C("undo", kind=Kind.COMMAND, region="GB"),
    C("撤销", kind=Kind.COMMAND),
    C("LINK 7K3M9-Q2XWT", kind=Kind.COMMAND, region="GB"),
    C("绑定７ｋ３ｍ９ｑ２ｘｗｔ", kind=Kind.COMMAND),
    C("不知道", kind=Kind.NO_NUMBER),
    C("I don't know.", kind=Kind.NO_NUMBER, region="GB"),
    # Nothing that a machine could act on: kept for a moderator.
    C("", kind=Kind.NOTHING),
    C("ok", kind=Kind.NOTHING, region="GB"),
    C("谢谢", kind=Kind.NOTHING),
    C("🙂🙂🙂", kind=Kind.NOTHING),
    C("112", kind=Kind.EMERGENCY, region="GB"),
    C("12345", kind=Kind.NUMBER, number="CN:12345"),
]  # fmt: skip


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.text[:40] or "empty")
def test_a_text_message_is_read_as_what_it_says(case):
    check(case, read_sms(case.text, **context(case.region)))


ANSWERS = [
    C("13812345678", SCAM, kind=Kind.NUMBER),
    C("是13812345678", SCAM, kind=Kind.NUMBER),
    C(
        "It was 07700 900123 yesterday at 8pm",
        UK,
        "2026-11-23 20:00",
        kind=Kind.UNCLEAR,
        region="GB",
    ),
    C("BANKNAME", "CN@BANKNAME", kind=Kind.NUMBER),
    C("It was from ParcelCo", "GB@PARCELCO", kind=Kind.NUMBER, region="GB"),
    C("来自【某某贷】", "CN@某某贷", kind=Kind.NUMBER),
    C("thanks", kind=Kind.NOTHING, region="GB"),
    C("好的", kind=Kind.NOTHING),
    C("don't know", kind=Kind.NO_NUMBER, region="GB"),
    C("匿名", kind=Kind.NO_NUMBER),
    C("help", kind=Kind.COMMAND, region="GB"),
    C("95533:您的银行卡已冻结", "CN:95533"),
]


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: case.text)
def test_an_answer_is_read_as_its_number_or_name(case):
    check(case, read_sms(case.text, answer=True, **context(case.region)))


@dataclass(frozen=True)
class Mail:
    name: str
    subject: str
    body: str
    case: Case
    answer: bool = False


MAILS = [
    Mail("the number as the subject", "07700 900123", "This number rang my mum on Tuesday and got "
         "her to read out her card reader codes. £2,400 gone.", C("", UK, "2026-11-24", None, region="GB")),
    Mail("the number as the subject of a mail to somebody else", "07700 900123",
         "As discussed.\n\nRegards,\nN", C("", UK, "", None, None, Kind.UNCLEAR, "GB")),
    Mail("a mail passed on, with its writer", "Fwd: Your parcel",
         "From: Parcel Team\nWe attempted delivery today. To rearrange telephone 07700 900123 "
         "within 12 hours.", C("", "", "", None, None, Kind.FORWARDED, "GB", callback=UK)),
    Mail("the number in the subject", "Scam call from +44 7700 900123", "He wanted my card number.",
         C("", UK, "", "Scam call from\nHe wanted my card number.", region="GB")),
    Mail("the number in the "
         "body", "Report", "Hello,\n\nyesterday at 8pm I got a call from 07700 900123."
         "\nHe said I owe money.\n\nKind regards,\nJane\n07700 900999\n",
         C("", UK, "2026-11-23 20:00", region="GB", category="illegal_collection")),
    Mail("a signature behind "
         "dashes", "Report", "07700 900123 keeps calling.\n-- \nJane\n07700 900999",
         C("", UK, "", None, region="GB")),
    Mail("only the signature has a "
         "number", "Harassment", "They call me every day and insult me.\n\n"
         "Regards,\nJane\n07700 900999", C("", "", "", None, "text", Kind.FORWARDED, "GB")),
    Mail("labels, Chinese", "举报骚扰电话", "举报号码：13812345678\n时间：2026年11月5日14时30分\n"
         "内容：催收公司打给我父母，威胁上门\n\n谢谢\n张三\n13987654321",
         C("", SCAM, "2026-11-05 14:30", None, "labelled", category="threat")),
    Mail("a forwarded SMS", "Fwd: SMS", "From: +447700900123\nYour loan is approved, reply YES",
         C("", UK, "", None, region="GB", category="loan_scam")),
    Mail("a quoted answer", "Re: [RS-ABCDEFGHJK] Which number was it?", "07700 900123\n\n"
         "On Tue, 24 Nov 2026 at 12:00, Ringscore <reports@r.example> wrote:\n> Which "
         "number was it? "
         "Such as 07700 900999\n", C("", UK, kind=Kind.NUMBER, region="GB"), answer=True),
    Mail("an answer with a name", "Re: Which number was it?", "BANKNAME\n\n> Which number was it?",
         C("", "GB@BANKNAME", kind=Kind.NUMBER, region="GB"), answer=True),
    Mail("quoted in "
         "Chinese", "回复: 是哪个号码？", "13812345678\n\n在 2026年11月24日 20:00，Ringscore 写道：\n> 是哪个号码？",
         C("", SCAM, kind=Kind.NUMBER), answer=True),
    Mail("a command in the subject", "HELP", "", C("", kind=Kind.COMMAND, region="GB")),
    Mail("a command in the body", "Re: [RS-ABCDEFGHJK] Reported", "undo\n\n> Reported",
         C("", kind=Kind.COMMAND, region="GB")),
    Mail("phishing that was passed "
         "on", "Fwd: Your account", "Dear customer, verify your account at "
         "https://b.example/x or call 0800 123 4567",
         C("", "", "", None, "text", Kind.FORWARDED, "GB", callback="+448001234567",
           category="phishing")),
    Mail("a number that only what is answered names", "Re: Your report",
         "Nothing since, the calls have stopped.\n\n> You reported 07700 900123. Do they still call?",
         C("", UK, kind=Kind.STOPPED, region="GB")),
    Mail("of which nobody is listed before the sender confirms it", "Re: Your report",
         "They called again and threatened me.\n\n> You reported 07700 900123.",
         C("", UK, kind=Kind.UNCLEAR, region="GB")),
    Mail("of two that are answered, none is meant", "Re: Your report",
         "Nothing since, the calls have stopped.\n\n> You reported 07700 900123 and 07700 900124.",
         C("", "", "", None, "text", Kind.FORWARDED, "GB")),
    Mail("what has ceased, behind a colon", "已停止",
         "+8613812345678：贷款还清后，对方催收电话已经停止，此前每天十余通。特此告知。",
         C("", SCAM, kind=Kind.STOPPED)),
    Mail("nothing", "", "", C("", kind=Kind.NOTHING, region="GB")),
    Mail("a carrier's "
         "grammar", "投诉", "13812345678*您的贷款已逾期", C("", SCAM, "", None, "starred")),
]  # fmt: skip


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_a_mail_is_read_without_signature_and_quotes(mail):
    context_ = context(mail.case.region)
    check(mail.case, read_mail(mail.subject, mail.body, answer=mail.answer, **context_))


@pytest.mark.parametrize(
    "text",
    [
        "1234567 is a scam. 7654321 called me twice",
        "1234567 threatened me\n7654321 is my bank",
        "1234567是骗子。7654321打了两次",
    ],
)
def test_digits_that_no_number_can_be_read_from_break_nothing(text):
    context = {"now": NOW, "zone": ZoneInfo("Europe/London"), "own": frozenset()}
    reading = read_sms(text, region="", allow_fictional=True, **context)
    assert (reading.number, reading.kind is Kind.REPORT) == (None, False)


def test_single_digits_with_blanks_between_are_not_judged_without_end():
    """Each candidate costs a tenth of a millisecond, and these lines have sixty thousand."""

    def keys(text: str) -> list[str]:
        return [each.identity.key for each in find_numbers(text, Country("CN"), taken=[])]

    assert keys("0 " * 40 + ", 13812345678") == ["+8613812345678"]
    assert keys("0 " * 1_900 + ", 13812345678") == []
    many = [f"+86138123456{n:02}" for n in range(100)]
    assert keys(", ".join(f"138 1234 56{n:02}" for n in range(100))) == many


@pytest.mark.parametrize(
    ("subject", "word", "kind", "number"),
    [
        ("Missed call from 07700 900123", "spam", Kind.REPORT, UK),
        ("07700 900123", "诈骗", Kind.REPORT, UK),
        ("07700 900123", "Report", Kind.REPORT, UK),
        ("07700 900123", "safe", Kind.LEGITIMATE, UK),
        ("07700 900123", "undo", Kind.COMMAND, UK),
        ("07700 900123", "stop", Kind.COMMAND, None),
        # The subject of an answer is ours.
        ("Re: 07700 900123", "undo", Kind.COMMAND, None),
        ("Re: 07700 900123", "thanks", Kind.NOTHING, None),
    ],
)
def test_one_word_below_a_number_in_the_subject(subject, word, kind, number):
    """It was taken for a command, and the number for none."""
    reading = read_mail(subject, word, **context("GB"))
    assert (reading.kind, reading.number and reading.number.key) == (kind, number)


@pytest.mark.parametrize(("words", "kind"), [("", Kind.COMMAND), ("x", Kind.FORWARDED)])
def test_marks_behind_a_wish_are_not_divided_in_every_way(words, kind):
    with processor(20):
        reading = read_sms(f"unsubscribe{' !' * 34}{words}", **context("GB"))
    assert reading.kind is kind


@pytest.mark.parametrize(
    "text", ["as discussed", "a skilled and established consultant", "crude oil", "a blender"]
)
def test_words_within_other_words_show_no_act(text):
    assert conduct_of(text) == ()
    assert category_of(text) == "other"
