"""Numbers that are said or typed in other ways than in digits: which are found in a text and where,
and what is none."""

# ruff: noqa: E501 -- a text is read in one line

import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reputation.identity import identify
from reputation.intake.grammar import Reading, Role, read_mail, read_sms
from reputation.intake.grammar.numbers import Country, find_numbers
from reputation.intake.grammar.reading import plain

# Country of the sender | the text, with numbers in braces | their keys
FOUND = r"""
GB|Call from {oh seven seven double oh nine, double oh four oh two} last night|+447700900402
GB|{oh seven seven double oh nine double oh four oh two} is a scam|+447700900402
GB|{Oh-seven-seven-double-oh-nine-double-oh-four-oh-two}|+447700900402
GB|{zero seven seven zero zero, nine zero zero, four zero two}|+447700900402
GB|{nought seven seven nought nought nine double nought four nought two}|+447700900402
GB|{oh, seven, seven, oh, oh, nine, oh, oh, four, oh, two} called|+447700900402
GB|{oh seven seven double-oh nine hundred four oh two}|+447700900402
GB|{07700 nine hundred 402} rang twice|+447700900402
GB|{07700 900 four oh two} rang twice|+447700900402
GB|{oh double seven double 0 900402}|+447700900402
GB|{zero seven seven zero zero dash nine zero zero dash four zero two}|+447700900402
GB|{0 7 7 0 0 dot 9 0 0 dot four zero two}|+447700900402
GB|{oh seven seven oh oh space nine oh oh space four oh two}|+447700900402
GB|{plus four four seven seven double oh nine hundred four oh two}|+447700900402
GB|{Plus forty four, seven seven double oh, nine double oh, four oh two}|+447700900402
GB|{plus four four (0) seven seven double oh nine hundred four oh two}|+447700900402
US|{plus four four seven seven double oh nine double oh four oh two}|+447700900402
|{plus four four seven seven double oh nine double oh four oh two}|+447700900402
GB|{oh two oh, seven nine four six, oh one two three} says it is my bank|+442079460123
GB|{oh eight hundred, one one one, one one one one}|+448001111111
GB|{oh one six three two nine six oh one two three}|+441632960123
GB|{oh seven seven double oh nine\ndouble oh four oh two}|+447700900402
GB|{oh seven seven double oh nine, double oh four oh two}\n{oh seven seven double oh nine, double oh four oh three}|+447700900402 +447700900403
GB|{oh seven seven double oh nine double oh four oh two} and {oh seven seven double oh nine double oh four oh three}|+447700900402 +447700900403
GB|{oh seven seven double oh nine double oh four oh two}, {oh seven seven double oh nine double oh four oh three}|+447700900402 +447700900403
GB|{oh seven seven double oh nine double oh four oh two} three times|+447700900402
GB|{oh seven seven double oh nine double oh four oh two}, two times, three days|+447700900402
GB|{07700 900402} three times|+447700900402
GB|{07700 900402} one of them|+447700900402
GB|{07700 900402} oh no, not the criminal who delivers my newspaper|+447700900402
GB|I have had {07700 900402} twenty years|+447700900402
GB|my own line be this {07700 900402} o, I no be thief|+447700900402
US|{503-555-0132} oh no the terrifying criminal|+15035550132
GB|this one {07700 900402} and this one {07700 900403}|+447700900402 +447700900403
GB|{07700 900402}, two calls, three texts|+447700900402
GB|at 13:45 {oh seven seven double oh nine double oh four oh two}|+447700900402
GB|{O77OO 9OO4O2} again|+447700900402
GB|{O77OO9OO4O2}|+447700900402
GB|{o77oo-9oo-4o2}|+447700900402
GB|{0770090O4O2}|+447700900402
GB|{07700 900l23}|+447700900123
HK|{13512345678} 是騙子|+8613512345678
TW|被 {135-1234-5678} 騷擾|+8613512345678
MO|{1-351-234-5678} is a scam|+13512345678
GB|{+44 77OO 9OO l23}|+447700900123
GB|{07700 900\n402} is a scam|+447700900402
GB|{07700-900-\n402} is a scam|+447700900402
GB|{0770090040\n2}|+447700900402
GB|{07700, 900, 402}|+447700900402
GB|{07700，900402}|+447700900402
GB|{07700 900402}\n{07700 900403}|+447700900402 +447700900403
GB|{+44 7700 900402}, {+44 7700 900403}|+447700900402 +447700900403
US|{three oh five, triple five, zero one seven six} keeps calling|+13055550176
US|{three-oh-five five-five-five oh-one-seven-six}|+13055550176
US|{(three oh five) five five five, zero one seven six}|+13055550176
US|{three oh five treble five zero one seventy six}|+13055550176
US|{one eight hundred, five five five, oh one nine nine}|+18005550199
US|{305 five five five 0176}|+13055550176
US|{305 555 oh one seven six}|+13055550176
US|{3O5-555-Ol76}|+13055550176
US|{305, 555, 0176}|+13055550176
US|{305-555-\n0176} is a scam|+13055550176
US|{+1, 305, 555, 0176}|+13055550176
US|{plus one three oh five triple five zero one seven six}|+13055550176
US|{three oh five triple five zero one seven six}; {three oh five triple five zero one seven seven}|+13055550176 +13055550177
US|the other one {305-555-0176}|+13055550176
CN|{一三八零零零零二二七零}是骗子|+8613800002270
CN|{幺三八洞洞洞洞两两拐洞}一直打|+8613800002270
CN|{幺三八 洞洞洞洞 两两拐洞}|+8613800002270
CN|{幺三八、洞洞洞洞、两两拐洞}|+8613800002270
CN|{幺三八，洞洞洞洞，两两拐洞}，天天骚扰|+8613800002270
CN|{幺三八杠洞洞洞洞杠两两拐洞}|+8613800002270
CN|{一三八〇〇〇〇二二七〇}|+8613800002270
CN|{一三八○○○○二二七○}|+8613800002270
CN|{一三八OOOO二二七O}|+8613800002270
CN|{壹叁捌零零零零贰贰柒零}|+8613800002270
CN|{壹參捌零零零零貳貳柒零}骚扰|+8613800002270
CN|{138零零零零2270}|+8613800002270
CN|{1380000227零}|+8613800002270
CN|{1380000227零}是骗子|+8613800002270
CN|{一3800002270}|+8613800002270
CN|{138O0002270}骗子|+8613800002270
CN|{1380000227O}骗子|+8613800002270
CN|{l38 0000 2270}|+8613800002270
CN|{138，0000，2270}|+8613800002270
CN|{138、0000、2270}|+8613800002270
CN|{１３８，００００，２２７０}|+8613800002270
CN|{138\n00002270}|+8613800002270
CN|{138 0000\n2270}|+8613800002270
CN|{+86，138，0000，2270}|+8613800002270
CN|{一三八三个零零二二七零}|+8613800002270
CN|{零二一，六二三四五六七零}|+862162345670
CN|{九五五三三}打来推销|CN:95533
CN|{一零零八六}|CN:10086
CN|{13800002270}两次|+8613800002270
CN|{13800002270}三番五次打|+8613800002270
CN|{13800002270}一直打|+8613800002270
CN|{13800002270}七八次了|+8613800002270
CN|{13800002270}二话不说就骂|+8613800002270
CN|{13800002270}，一天打三次|+8613800002270
CN|{13800002270}，三次|+8613800002270
CN|{13800002270}天天打|+8613800002270
CN|{一三八零零零零二二七八}天天打|+8613800002278
CN|{一三八零零零零二二七零}两次|+8613800002270
CN|号码一{13800002270}，号码二{13800002271}|+8613800002270 +8613800002271
CN|{一三八零零零零二二七零}，{一三八零零零零二二七一}|+8613800002270 +8613800002271
CN|{一三八零零零零二二七零}和{13800002271}|+8613800002270 +8613800002271
CN|{①③⑧⓪⓪⓪⓪②②⑦⓪}|+8613800002270
CN|{❶❸❽⓿⓿⓿⓿❷❷❼⓿}|+8613800002270
CN|{١٣٨٠٠٠٠٢٢٧٠}|+8613800002270
CN|{१३८००००२२७०}|+8613800002270
GB|{𝟎𝟕𝟕𝟎𝟎 𝟗𝟎𝟎𝟒𝟎𝟐}|+447700900402
TW|{零九一二，三四五，六七八}|+886912345678
HK|{九一二三，四五六八}|+85291234568
IN|{nine eight seven six, five four three, two one one}|+919876543211
AU|{oh four nine one, five seven oh, one five six}|+61491570156
"""
# Country of the sender | a text without a number, or with one that is cut
NONE = r"""
GB|three people called me five times in two days and one of them swore
GB|I got one call at nine, two at ten, three at eleven, four at twelve and five at one
GB|he counted one two three four five six seven eight nine ten and hung up
GB|ten nine eight seven six five four three two one zero, he shouted
GB|mic check one two one two one two one two
GB|one one one one one one one one one one one
GB|twenty, thirty, forty, fifty, sixty pounds more each week
GB|they wanted two hundred, three hundred, four hundred pounds
GB|I owe one thousand two hundred and thirty four pounds and fifty six pence
GB|six hundred and fifty thousand three hundred and twenty one
GB|one million two hundred and thirty four thousand five hundred and sixty seven
GB|meet me at half past seven, or nine thirty, or ten fifteen, or eleven forty five
GB|my daughter is seven, my sons are nine, eleven, twelve, fourteen and sixteen
GB|aged twenty one, thirty two, forty three and fifty four
GB|born on the one two one nine eight four
GB|the code is four oh two seven seven one
GB|my order number is one two three, four five six, seven eight nine
GB|order oh one two three four five six seven eight nine
GB|card ending four four two one
GB|card number four five three nine one four eight eight oh three four three six four six seven
GB|account one two three four five six seven eight, sort code twenty thirty forty
GB|sort code twelve thirty four fifty six, account oh one two three four five six seven
GB|I live at one oh one, two hundred and two Baker Street, flat three
GB|rooms one oh one, one oh two, one oh three, one oh four
GB|bus lines seven, nine, eleven, forty three and one hundred and eighty eight
GB|page one, two, three, four, five, six, seven, eight
GB|press one for sales, two for support, three for billing, zero for an agent
GB|chapter one two three four five
GB|it rang one two three four five six seven times
GB|oh no, oh no, oh no, oh no, oh no, oh no, oh no, oh no
GB|oh oh oh oh oh oh oh oh oh oh oh
GB|O O O O O O O O O O O
GB|ooo ooo ooo ooo
GB|double trouble, triple threat, zero tolerance
GB|double double double double
GB|one by one, two by two, three by three, four by four, five by five
GB|a one, a two, a one two three four
GB|between one and two, or two and three, or three and four
GB|zero zero zero zero zero zero zero
GB|nine to five, nine to five, nine to five
GB|nineteen eighty four, two thousand and one, two thousand ten
GB|nineteen eighty, nineteen eighty one, nineteen eighty two
GB|score was three one, two nil, four nil, five two
GB|I've told them once, twice, three, four, five, six, seven times
GB|the lottery: three, eleven, nineteen, twenty two, thirty eight, forty four
GB|one o'clock two o'clock three o'clock rock
GB|the seven hundred and forty seven took off at oh six hundred hours
GB|at oh nine hundred hours, then at fourteen hundred, then at seventeen thirty
GB|IO lO Il OO lI
GB|LOL LOL lol OOO oil Oil
GB|I10l l1O1 flat 1O, bed 11
GB|model O2 B00l10 X1OOO
GB|https://x.example/l0O1l0O1l0O7770
GB|mail o77ooo9oo4o2@mail.example for help
GB|id=O77OO9OO4O2
GB|user_o77oo9oo4o2 wrote to me
GB|it costs 1,380,000 or 2,500,000 or 3,750,000
GB|£1,380,000,227 in debt
GB|12, 13, 14, 15, 16, 17, 18
GB|2019, 2020, 2021, 2022
GB|100, 200, 300, 4000
GB|07, 70, 09, 00, 40, 2
GB|1380000227零
GB|1380000227O
GB|1380000227 zero
GB|1380000227零是骗子
GB|138000022七零
GB|138O000227零
GB|oh seven seven double oh nine, double oh four oh
GB|oh seven seven double oh nine, double oh four oh two nine nine
GB|oh seven seven double oh nine, double oh four oh two, seven seven two
US|one two three four five six seven eight nine ten
US|two three four five six seven eight nine ten
US|two three four five six seven eight nine oh one
US|three people, five times, two days, one week, six texts
US|two oh two, five five
US|five five five oh one two three
US|oh two oh, seven nine four six, oh one two three
US|oh seven seven double oh nine, double oh four oh two
US|07700 nine hundred 402
US|twenty twenty five fifty fifty oh one twenty three hundred
US|twenty thirty, forty fifty, sixty seventy
US|it was two, three, four hundred dollars each
US|$2,025,550,123
US|2,025,550,123
US|20255,50123
US|20255\n50123
US|30000\n25000
US|2025\n550\n123
US|101, 102, 103, 104
US|2019, 2020, 2021
US|orders 30555, 50176
US|202555\n01\n23
US|zip nine oh two one oh, then one oh oh oh one
US|seven eleven, seven eleven, seven eleven
US|four score and seven
US|one hundred two hundred three hundred four hundred
US|nine one one
US|nine one one, nine one one, nine one one
US|five six seven eight, five six seven eight
US|one for the money, two for the show, three to get ready
US|apartment two oh two, building five, floor five, code oh one two three
US|three three three three three three three three three three
US|social security one two three four five six seven eight nine
US|his account number is two oh two five five five oh one two three four five
US|eight six seven five three oh nine
US|hut one hut two hut three hut
US|seven come eleven, six, eight, nine, ten
US|five, six, seven, eight, nine, ten, jack
US|one fish two fish red fish blue fish
US|I called two times at three, and three times at two
CN|一二三四五六七八九十
CN|一二三四五，上山打老虎
CN|一二三四五六七，七六五四三二一
CN|一、二、三、四、五、六、七、八、九、十
CN|三三两两，七七八八，九九归一
CN|九九八十一，八九七十二，七九六十三
CN|不管三七二十一
CN|二零二六年十一月三十日
CN|二〇二六年一月一日下午三点
CN|一打就是一天，一天打三次，三天打九次
CN|五五开，六六六，七七八八
CN|六六六六六六六六
CN|八八八八八八八八八八八
CN|一一一一一一一一一一一
CN|零零零零零零零零零零零
CN|两个人打了三次，一次五分钟，一次十分钟
CN|金额壹万贰仟叁佰肆拾伍元
CN|壹拾贰万叁仟肆佰伍拾陆元
CN|借了三万五，还了四万六，又要七万八
CN|一三五七九，二四六八十
CN|周一、二、三、四、五、六都打
CN|三、四、五、六、七、八、九楼
CN|第一、第二、第三、第四
CN|一是骗钱，二是骗人，三是骗色
CN|一五一十，一清二楚，三心二意，四面八方
CN|三番五次，七上八下，九死一生，十全十美
CN|零零碎碎，拐弯抹角，勾勾搭搭
CN|陆陆续续打了两三次
CN|一九八四年出生，二零零一年毕业
CN|身份证一一零一零一一九九零零一零一一二三四
CN|卡号六二二八四八零零一二三四五六七八九
CN|138，500，260
CN|1,380,000,227
CN|1，2，3，4，5，6，7，8，9，10
CN|138，13，9
CN|138000022七
CN|1380000227零零
CN|138O00022
CN|幺三八洞洞洞洞两两拐
CN|幺三八洞洞洞洞两两拐洞洞
CN|一三八，零零零零，二二七
CN|一三八，零零零零，二二七零，零
CN|12点，13点，14点，15点
CN|3月4日，5月6日，7月8日
CN|2024，2025，2026
CN|10，20，30，40，50
CN|五点五十五分五十五秒
CN|二十、三十、四十、五十、六十
CN|两百、三百、四百、五百
CN|三个人，五个人，七个人，九个人
CN|七楼八号九门
CN|东经一二一度，北纬三一度
CN|邮编二零零零三零
CN|验证码三八二九四七
CN|验证码是八八三零一二七
CN|订单号一三八零零零零二二七零
CN|尾号二二七零
CN|打了一二十次，骂了三四十句
CN|一个一个又一个，三个两个
CN|两个零，三个八，四个九
CN|九点到五点，五点到九点
HK|two two two two, three three
HK|2019, 2020
HK|2025, 2026
HK|六六六六，七七七七，八八八八，九九九九
HK|五六七八，五六七八，五六七八
HK|二三四五六七八九
ES|six hundred, seven hundred, eight hundred
ES|600, 700, 800
ES|600,700,800
FR|zero one two three four five six seven eight nine
FR|01, 02, 03, 04, 05
FR|06, 12, 34
FR|six twelve thirty four fifty six
DE|zero one two three four five six seven eight nine
DE|ten thirty, eleven fifteen, twelve forty five
DE|three hundred, two hundred, five hundred
DE|one two three four five six seven
DE|seven hundred eighty nine thousand four hundred
NO|four one one one, one one one one, one one one one, one two three four
NO|two, four, six, eight, ten, twelve, fourteen
NO|forty one, forty two, forty three, forty four
SG|eight eight eight eight eight eight eight eight
SG|nine, eight, seven, six, five, four, three, two
SG|2024, 2025
AU|one two three four five six seven eight nine ten
AU|triple zero
AU|zero zero zero
AU|thirteen, fourteen, fifteen, sixteen
AU|thirteen hundred, fourteen hundred
IN|nine eight seven six five four three two one zero
IN|one lakh twenty three thousand four hundred fifty six
IN|ninety, eighty, seventy, sixty, fifty
IN|two crore, three crore
BR|one two three four five six seven eight nine
JP|zero one two three four five six seven eight nine
KR|zero one zero
MX|five five five five five five five five five five
TW|零一二三四五六七八九
TW|二、三、四、五、六、七、八、九
|one two three
|oh seven seven double oh nine, double oh four oh two
|幺三八洞洞洞洞两两拐洞
|1380000227零
|three oh five, triple five, zero one seven six
US|my order number is two oh two, five five five, oh one two three
US|the code is two oh two five five five oh one two three
US|booking number 202-555-0123
US|tracking number is 2025550123
GB|my account number was oh seven seven double oh nine, double oh four oh two
GB|ref oh seven seven double oh nine, double oh four oh two
GB|card no oh seven seven double oh nine, double oh four oh two
CN|订单号是一三八零零零零二二七零
CN|微信号幺三八零零零零二二七零
GB|oh seven seven double oh nine, double oh four oh two@mail.example
"""


def lines(table: str) -> list[list[str]]:
    return [line.replace(r"\n", "\n").split("|") for line in table.strip().splitlines()]


def found(text: str, region: str) -> list[tuple[str, str]]:
    each = find_numbers(text, Country(region, allow_fictional=True), taken=[])
    return [(number.identity.key, text[number.start : number.end]) for number in each]


@pytest.mark.parametrize(("region", "marked", "keys"), lines(FOUND))
def test_numbers_are_found_where_they_are_said(region, marked, keys):
    text = plain(re.sub("[{}]", "", marked))
    written = map(plain, re.findall(r"\{(.*?)\}", marked, re.DOTALL))
    assert found(text, region) == list(zip(keys.split(), written, strict=True))


@pytest.mark.parametrize(("region", "text"), lines(NONE))
def test_what_counts_prices_or_is_cut_is_no_number(region, text):
    assert found(plain(text), region) == []


ALONE = [
    (region, re.sub("[{}]", "", marked), keys)
    for region, marked, keys in lines(FOUND)
    if re.fullmatch(r"\{[^}]*\}", marked) and "\n" not in marked
]


@pytest.mark.parametrize(("region", "text", "key"), ALONE)
def test_a_lookup_reads_them_the_same(region, text, key):
    assert identify(text, region=region, allow_fictional=True).key == key


UK, CHINESE = "oh seven seven double oh nine, double oh four oh two", "幺三八，洞洞洞洞，两两拐洞"
READ = [
    ("GB", "Call {}", UK, "07700 900402"),
    ("GB", "{} is a scam", UK, "07700 900402"),
    ("GB", "is {} a scam?", UK, "07700 900402"),
    ("GB", "from {}\nYour parcel is held, pay at https://x.example", UK, "07700 900402"),
    ("GB", "number: {}\ncontent: threatens me", UK, "07700 900402"),
    ("GB", "{}", "O77OO 9OO4O2", "07700 900402"),
    ("CN", "2026年11月5日14时30分 {}", CHINESE, "13800002270"),
    ("CN", "{}*低息贷款", CHINESE, "13800002270"),
    ("CN", "ljdxjb#{}#低息贷款", CHINESE, "13800002270"),
    ("CN", "{}：低息贷款", "1380000227零", "13800002270"),
    ("CN", "号码：{}\n内容：威胁要上门", CHINESE, "13800002270"),
    ("CN", "{}是我们小区的快递员，不是骗子", CHINESE, "13800002270"),
]
CONTEXT = {"now": datetime(2026, 11, 24, 12, tzinfo=UTC), "allow_fictional": True}
ZONES = {"GB": ZoneInfo("Europe/London"), "CN": ZoneInfo("Asia/Shanghai")}


@pytest.mark.parametrize(("region", "shape", "said", "digits"), READ)
def test_a_message_says_the_same_in_words_and_in_digits(region, shape, said, digits):
    context = CONTEXT | {"region": region, "zone": ZONES[region]}
    in_words = read_sms(shape.format(said), **context)
    in_digits = read_sms(shape.format(digits), **context)
    assert replace(in_words, text="", parts=()) == replace(in_digits, text="", parts=())
    assert [
        in_words.text[part.start : part.end] for part in in_words.parts if part.role is Role.NUMBER
    ] == [plain(said)]


def test_a_signature_below_a_number_in_words_is_no_caller():
    def read(number: str) -> Reading:
        body = f"{number} threatened me twice today.\n\nJane Doe\n07700 900999"
        return read_mail("A bad call", body, region="GB", zone=ZONES["GB"], **CONTEXT)

    in_words, in_digits = read(UK), read("07700 900402")
    assert in_words.number.key == "+447700900402"
    assert replace(in_words, text="", parts=()) == replace(in_digits, text="", parts=())


@pytest.mark.parametrize(
    "piece", ["one, ", "12345,", "零1", "O1 ", "三个", "double ", "138O000227,"]
)
def test_a_long_text_of_digits_is_read_in_one_pass(piece):
    """Nothing goes back and forth: what a text costs grows as its length."""
    text = piece * (20_000 // len(piece))
    assert len(Country("GB").in_figures(text)) == len(text)
