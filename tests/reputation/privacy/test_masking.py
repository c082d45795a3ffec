import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

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
        ("打壹叁捌贰两陆零零找他", f"打{M}找他"),
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
        # addresses as they are written to pass a machine
        ("write name(at)example.org now", f"write {M} now"),
        ("name [at] example [dot] org", M),
        ("name at host dot com", M),
        # where somebody lives
        ("住漕溪北路18号3单元502室，快来", f"{M}，快来"),
        ("广东省深圳市南山区，小心", f"{M}，小心"),
        ("幸福小区3号楼2单元501", M),
        ("我住在上海市浦东新区，他们知道", f"我住{M}，他们知道"),
        ("家住西湖区文三路", f"家住{M}"),
        ("我妈妈张丽华被骚扰", f"我妈妈{M}被骚扰"),
        ("本人陈建国", f"本人{M}"),
        ("打给李娜女士", f"打给{M}女士"),
        ("at 17 rue de Rivoli today", f"at {M} today"),
        ("Calle Mayor 15, Via Roma 12", f"{M}, {M}"),
        ("Lange Prinsengracht 4", f"Lange {M}"),
        ("P.O. Box 1234", M),
        ("call O77OO 9OOl23 now", f"call {M} now"),
        ("lol, I will look it up", "lol, I will look it up"),
        ("anna @ example . com", M),
        ("call five five five, one two three four now", f"call {M} now"),
        ("on double oh seven seven nine hundred", f"on {M}"),
        ("one or two of them", "one or two of them"),
        # names that are said to be names
        ("my name is john smith, help", f"my name is {M}, help"),
        ("My name's Ann.", f"My name's {M}."),
        ("I'm called Mary Jones", f"I'm called {M}"),
        ("this is Peter Miller from accounts", f"this is {M} from accounts"),
        ("this is Amazon from hell", "this is Amazon from hell"),
        ("他叫我李小明，我姓欧阳", f"他叫我{M}，我姓{M}"),
        ("名字是刘德华", f"名字是{M}"),
        ("我叫诸葛小明", f"我叫{M}"),
        ("He knows I live at 12 Elm Street, Springfield", f"He knows I live at {M}, Springfield"),
        ("at 221b Baker St. today", f"at {M} today"),
        ("wohnt Lindenstraße 7", f"wohnt {M}"),
        # names that are said to be names
        ("我叫王小明，救我", f"我叫{M}，救我"),
        ("他说我是李强，要钱", f"他说我是{M}，要钱"),
        ("姓陈，很凶", f"姓{M}，很凶"),
        ("Hello, my name is Ann Smith and", f"Hello, my name is {M} and"),
        ("I am Ann.", f"I am {M}."),
        ("我叫賴大同，住忠孝東路二段10號3樓", f"我叫{M}，{M}"),
        ("姓名：麥小龍，賬號", f"姓名：{M}，賬號"),
        ("帳號是我的，加飛信號：abc-88", f"帳號是我的，加{M}"),
        ("Me llamo Ana García, Av. Juárez #45", f"Me llamo {M}, {M}"),
        ("soy Ana, mi nombre es ana ruiz", f"soy {M}, mi nombre es {M}"),
        ("Nama saya Budi Santoso, Jl. Sudirman No. 5", f"Nama saya {M}, {M}"),
        ("Ich heiße Anna Weber, mein Name ist Weber", f"Ich heiße {M}, mein Name ist {M}"),
        ("nama saya disebar ke kantor, soy cliente", None),
        # what stays
        ("他说：“还钱！”，然后（真的）挂了…", None),
        ("我是学生，他叫我还钱", None),
        ("I am afraid, look at me", None),
        ("打了3次，在区里", None),
        ("", ""),
        ("张三 from Happy Loans said he knows my sister", None),
        ("He called at 10:30, 3 times", None),
        ("Asked for 500 yuan and 1 year of interest", None),
        ("微信支付给他们", None),
        ("对方让我加微信然后转账", None),
        ("yes/no, and/or, e.g. this", None),
    ],
)
def test_personal_data_alone_is_masked(text, masked):
    assert mask(text) == (text if masked is None else masked)
    # Who writes Traditional characters has the same said of them.
    traditional = OpenCC("s2t").convert
    assert mask(traditional(text)) == traditional(mask(text))


@pytest.mark.parametrize("text", ["call 13812345678", "a@b.cn www.x.y @abc QQ 12345", "plain"])
def test_masking_twice_changes_nothing(text):
    assert mask(mask(text)) == mask(text)


PIECES = st.sampled_from(
    [
        "a",
        "Z",
        "1",
        "23",
        "45678",
        "@",
        ".",
        "/",
        "-",
        " ",
        "  ",
        "\n",
        "，",
        "（",
        "：",
        "１２３４５６",
        "\u202e",
        "\u200b",
        "\u200d",
        "叫",
        "王",
        "明",
        "姓",
        "我是",
        "路",
        "号",
        "室",
        "省",
        "市",
        "区",
        "qq",
        "微信",
        "www.",
        "http://",
        " at ",
        " dot ",
        "(at)",
        "Street",
        "I am ",
        "Ann",
        "my name is ",
        "名字是",
        "one ",
        "rue ",
        "五",
        "①",
        MASK,
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_masking_again_changes_nothing_and_no_digit_appears(text):
    masked = mask(text)
    assert mask(masked) == masked
    digits = [
        sum(map(str.isdecimal, unicodedata.normalize("NFKC", each))) for each in (text, masked)
    ]
    assert digits[1] <= digits[0]


@pytest.mark.slow
def test_long_texts_take_linear_work():
    """A process that may use 60 seconds of processor, for what takes less than ten of them.

    Quadratic work, as it was (18 s for 20,000 letters), would need two minutes a piece.
    """
    pieces = [
        "a",
        "a.",
        "1",
        "1 ",
        "路",
        "王",
        "a@",
        "qq ",
        "A ",
        "一二三",
        "aa at ",
        "1 A ",
        "-",
        "one ",
        "O ",
        "via A ",
        "9 rue A ",
        "a @ ",
    ]
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_CPU, (60, 60));"
        "from reputation.privacy.masking import mask;"
        "[mask(('qq' + piece * 50_000)[:50_000]) for piece in sys.argv[1:]]"
    )
    subprocess.run([sys.executable, "-c", program, *pieces, "www", "（"], check=True)
