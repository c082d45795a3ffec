import pytest

from reputation.privacy.masking import MASK, mask

M = MASK


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        # phones
        ("call 13812345678 now", f"call {M} now"),
        ("+86 138-1234-5678", M),
        ("(030) 90 18 20", f"({M}"),
        ("138.1234.5678", M),
        ("138–1234–5678", M),  # en dashes
        ("138\u200b1234\u200b5678", M),  # zero-width spaces, as messengers paste them
        ("\u202a138 1234 5678\u202c", M),
        ("13812345678", M),
        ("①③⑧①②③④⑤⑥⑦⑧", M),
        ("打一三八零零一三八零零零找他", f"打{M}找他"),
        # documents, cards, amounts of five digits: numbers are not told apart
        ("身份证11010519491231002X号", f"身份证{M}号"),
        ("11010519491231002X", M),
        ("卡6222 0212 3456 7890 123", f"卡{M}"),
        ("DE89 3704 0044 0532 0130 00", f"DE{M}"),
        # e-mail
        ("write to zhang.san+loan@example.com.", f"write to {M}."),
        ("发邮件到zhang@example.com要钱", f"发邮件到{M}要钱"),
        ("müller@example.de", M),
        ("zhang@example.com", M),
        # links
        ("see https://evil.example/pay?id=42 quickly", f"see {M} quickly"),
        ("点http://t.cn/A6x然后付款", f"点{M}然后付款"),
        ("WWW.Example.COM/x", M),
        ("bit.ly/3xYz", M),
        # handles
        ("add @loan_shark", f"add {M}"),
        ("加微信:zhangsan88谢谢", f"加{M}谢谢"),
        ("加微信 zhangsan88", f"加{M}"),
        ("微信号:wx_abc-1", M),
        ("vx: abc123", M),
        ("V信abc123", M),
        ("QQ 123456", M),
        ("WeChat: loan-88", M),
        ("Telegram loanking", M),
        # what stays
        ("", ""),
        ("张三 from Happy Loans said he knows my sister", None),
        ("He called at 10:30, 3 times", None),
        ("Asked for 500 yuan and 1 year of interest", None),
        ("微信支付给他们", None),
        ("对方让我加微信然后转账", None),
        ("yes/no, and/or, e.g. this", None),
    ],
)
def test_mask(text, masked):
    assert mask(text) == (text if masked is None else masked)


@pytest.mark.parametrize("text", ["call 13812345678", "a@b.cn www.x.y @abc QQ 12345", "plain"])
def test_masking_twice_changes_nothing(text):
    assert mask(mask(text)) == mask(text)
