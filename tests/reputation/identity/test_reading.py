"""What people and machines write, country by country, and the one key it must come to."""

import subprocess
import sys

import pytest

from reputation.identity import Identity, InvalidNumber, identify

CHINESE_MOBILE = "+8613812345678"
GATEWAY = "CN:106575258192001234"


def key(raw: str, region: str = "") -> str:
    return identify(raw, region=region).key


@pytest.mark.parametrize(
    ("raw", "region", "meant"),
    [
        ("*31#13812345678", "CN", CHINESE_MOBILE),
        ("#31#+8613812345678", "", CHINESE_MOBILE),
        ("tel:%2331%23+8613812345678", "", CHINESE_MOBILE),
        ("*67 202-555-0104", "US", "+12025550104"),
        ("*82 (202) 555-0104", "CA", "+12025550104"),
        ("*310441234567", "CH", "+41441234567"),
        ("141 020 7946 0102", "GB", "+442079460102"),
        ("1470 020 7946 0102", "GG", "+442079460102"),
        ("141 01 234 5678", "IE", "+35312345678"),
        ("184 03-1234-5678", "JP", "+81312345678"),
        ("3651 01 99 00 12 34", "FR", "+33199001234"),
        ("0197 04 123 4567", "NZ", "+6441234567"),
        # Numbers that begin with the same digits.
        ("1 470 555 0123", "US", "+14705550123"),
        ("141 221 1234", "GB", "+441412211234"),
        ("141", "GB", "GB:141"),
    ],
)
def test_what_hides_the_own_number_is_no_part_of_the_other(raw, region, meant):
    assert identify(raw, region=region, allow_fictional=True).key == meant


@pytest.mark.parametrize(
    ("raw", "region", "meant"),
    [
        ("(202) 555-0104 (2)", "US", "+12025550104"),
        ("+1 202-555-0104 (3)", "", "+12025550104"),
        ("13812345678（12）", "CN", CHINESE_MOBILE),
        ("030 23125000 (2)", "DE", "+493023125000"),
        ("95533(2)", "CN", "CN:95533"),
        # Brackets of the number itself.
        ("+49 (30) 23125000", "", "+493023125000"),
        ("+36 (0)1 234 5678", "", "+3612345678"),
    ],
)
def test_how_often_a_number_called_is_no_part_of_it(raw, region, meant):
    assert identify(raw, region=region, allow_fictional=True).key == meant


@pytest.mark.parametrize("raw", ["#31#", "*#06#", "*100#", "**21*13812345678#", "*31#112"])
def test_a_code_for_the_network_is_no_number(raw):
    with pytest.raises(InvalidNumber):
        identify(raw, region="CN")


@pytest.mark.parametrize(
    ("raw", "region"),
    [
        ("+8613812345678", ""),
        ("+8613812345678", "US"),
        ("+86 138-1234-5678", ""),
        ("+86 (138) 1234.5678", ""),
        ("(+86) 13812345678", ""),
        ("+86 013812345678", ""),
        ("++8613812345678", ""),
        ("+008613812345678", ""),
        ("%2B8613812345678", ""),
        ("%252B86%20138%201234%205678", ""),
        ("008613812345678", ""),
        ("008613812345678", "CN"),
        ("008613812345678", "US"),
        ("01186 138 1234 5678", "US"),
        ("010 86 138 1234 5678", "JP"),
        ("0011 86 138 1234 5678", "AU"),
        ("8~10 86 138 1234 5678", "RU"),
        ("00700 86 138 1234 5678", "KR"),
        ("8613812345678", ""),
        ("8613812345678", "CN"),
        ("8613812345678", "US"),
        ("13812345678", "CN"),
        ("13812345678", "cn"),
        ("138 1234 5678", "cn"),
        ("013812345678", "CN"),
        ("12593 13812345678", "CN"),
        ("sip:+8613812345678@host;user=phone", ""),
        ("sip:+86-138-1234-5678;npdi@10.0.0.1:5060;user=phone", ""),
        ("sips:13812345678@ims.example;user=phone", "CN"),
        ("SIP:8613812345678@host", "CN"),
        ("sip:13812345678;phone-context=+86@host;user=phone", ""),
        ("sip:13812345678:secret@host", "CN"),
        ('"Collections" <sip:+8613812345678@host>', ""),
        ("sip:+8613812345678", ""),
        ("13812345678@192.0.2.1", "CN"),
        ("tel:+86-138-1234-5678", ""),
        # what PBXs and proxies hand on: the user alone, with the parameters that came with it
        ("+8613812345678;npdi", ""),
        ("+86-138-1234-5678;rn=+8613800000000;npdi", ""),
        ("+8613812345678;verstat=TN-Validation-Passed", ""),
        ("+8613812345678%3Bcpc%3Dordinary", ""),
        ("13812345678;phone-context=+86", ""),
        ("(86) 138 1234 5678;x", "US"),
        # how programs keep a spreadsheet from reading a number
        ("'+8613812345678", ""),
        ("'13812345678'", "CN"),
        ('"+8613812345678"', ""),
        ('="+8613812345678"', ""),
        ('="13812345678"', "CN"),
        ("=+8613812345678", ""),
        ("%27%2B8613812345678", ""),
        # what messengers and links put before it
        ("whatsapp:+8613812345678", ""),
        ("rcs:+8613812345678", ""),
        ("viber:+8613812345678", ""),
        ("skype:+8613812345678?call", ""),
        ("facetime-audio:+8613812345678", ""),
        ("telprompt:+8613812345678", ""),
        ("urn:tel:+8613812345678", ""),
        ("tel:13812345678;phone-context=+86", ""),
        ("tel:13812345678;phone-context=ims.example", "CN"),
        ("tel:%2B8613812345678", ""),
        ("tel://+8613812345678", ""),
        ("sms:+8613812345678?body=hello", ""),
        ("＋８６ １３８－１２３４－５６７８", ""),
        ("+٨٦ ١٣٨ ١٢٣٤ ٥٦٧٨", ""),
        ("+८६१३८१२३४५६७८", ""),
        ("\u202a+86\u00a0138\u20111234\u20115678\u202c", ""),
        ("+86138\u200b1234\u200d5678\ufeff", ""),
        (" \t+8613812345678\r\n", ""),
        ("CN:13812345678", ""),
        ("cn:13812345678", "US"),
    ],
)
def test_a_chinese_mobile_in_every_shape(raw: str, region: str) -> None:
    assert identify(raw, region=region) == Identity(CHINESE_MOBILE, "CN", "e164")


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        # China: landlines, 400 numbers, extensions, and what looks like a service code but is none
        ("010-65529988", "CN", "+861065529988"),
        ("+86 10 6552 9988", "", "+861065529988"),
        ("010-65529988转123", "CN", "+861065529988"),
        ("(010)65529988-分机 8", "CN", "+861065529988"),
        ("0755 8888 8888", "CN", "+8675588888888"),
        ("400-123-4567", "CN", "+864001234567"),
        ("0955 2012345", "CN", "+869552012345"),
        # United States, Canada, Caribbean
        ("202-456-1111", "US", "+12024561111"),
        ("(202) 456-1111", "US", "+12024561111"),
        ("1 202 456 1111", "US", "+12024561111"),
        ("202.456.1111 x123", "US", "+12024561111"),
        ("202-456-1111 ext. 5", "US", "+12024561111"),
        ("+1-202-456-1111;ext=5", "", "+12024561111"),
        ("tel:+1-202-456-1111;ext=5;isub=7", "", "+12024561111"),
        ("15012902256#1", "US", "+15012902256"),
        ("1\u00a0844\u00a07359440", "US", "+18447359440"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("416 967 1111", "CA", "+14169671111"),
        # Great Britain
        ("020 7219 4272", "GB", "+442072194272"),
        ("+44 (0)20 7219 4272", "", "+442072194272"),
        ("0044 20 7219 4272", "", "+442072194272"),
        ("442072194272", "", "+442072194272"),
        ("07911 123456", "GB", "+447911123456"),
        ("0800 001 066", "GB", "+44800001066"),
        # France, Germany
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+33 (0)1 42 68 53 00", "", "+33142685300"),
        ("0033142685300", "DE", "+33142685300"),
        ("030/22732152", "DE", "+493022732152"),
        ("(0151) 23456789", "DE", "+4915123456789"),
        ("4915123456789", "DE", "+4915123456789"),
        ("+49 (0) 30 22732152", "", "+493022732152"),
        # India, Indonesia, Philippines
        ("98765 43210", "IN", "+919876543210"),
        ("09876543210", "IN", "+919876543210"),
        ("919876543210", "", "+919876543210"),
        ("919876543210", "IN", "+919876543210"),
        ("140 123 4567", "IN", "+911401234567"),
        ("0812-3456-7890", "ID", "+6281234567890"),
        ("62 812 3456 7890", "ID", "+6281234567890"),
        ("(021) 350 1234", "ID", "+62213501234"),
        ("0917 123 4567", "PH", "+639171234567"),
        ("(02) 8123 4567", "PH", "+63281234567"),
        # Italy keeps its zeros, written or in brackets; Hungary's trunk prefix is not 0
        ("06 6982", "IT", "+39066982"),
        ("+39 06 6710 1234", "", "+390667101234"),
        ("+39 (0)6 6710 1234", "", "+390667101234"),
        ("347 123 4567", "IT", "+393471234567"),
        ("+36 (0)1 234 5678", "", "+3612345678"),
        # Brazil's carrier codes, Mexico, Argentina's 9 and 15
        ("(11) 98765-4321", "BR", "+5511987654321"),
        ("0 15 11 98765-4321", "BR", "+5511987654321"),
        ("011 98765-4321", "BR", "+5511987654321"),
        ("0xx11 98765-4321", "BR", "+5511987654321"),
        ("(0XX11) 3123-4567", "BR", "+551131234567"),
        ("0**21 3123-4567", "BR", "+552131234567"),
        ("+55 (0xx11) 98765-4321", "", "+5511987654321"),
        ("55 9912 34567", "BR", "+5555991234567"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("+52 55 1234 5678", "", "+525512345678"),
        ("+5215512345678", "", "+525512345678"),
        ("044 55 1234 5678", "MX", "+525512345678"),
        ("(045) 55-1234-5678", "MX", "+525512345678"),
        ("01 55 1234 5678", "MX", "+525512345678"),
        ("+52 044 55 1234 5678", "", "+525512345678"),
        ("0052 01 55 1234 5678", "MX", "+525512345678"),
        ("005215512345678", "MX", "+525512345678"),
        ("15512345678", "MX", "+15512345678"),
        # Brazil's mobiles got a 9 until 2016; landlines and radio did not
        ("+55 11 8123-4567", "", "+5511981234567"),
        ("+55 11 98123-4567", "", "+5511981234567"),
        ("(11) 8123-4567", "BR", "+5511981234567"),
        ("0 41 11 8123-4567", "BR", "+5511981234567"),
        ("+55 11 4123-4567", "", "+551141234567"),
        ("+55 21 7123-4567", "", "+552171234567"),
        # Argentina's 9 tells mobiles from landlines
        ("+54 9 11 6123-4567", "", "+5491161234567"),
        ("011 15 6123-4567", "AR", "+5491161234567"),
        # Benin had eight digits until 2024
        ("+229 97 12 34 56", "", "+2290197123456"),
        ("+229 01 97 12 34 56", "", "+2290197123456"),
        ("011 15-2345-6789", "AR", "+5491123456789"),
        ("+54 9 11 2345-6789", "", "+5491123456789"),
        ("+54 11 2345-6789", "", "+541123456789"),
        # Russia, Kazakhstan
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("+7 912 345 67 89", "", "+79123456789"),
        ("8 701 234 5678", "KZ", "+77012345678"),
        ("8 800 555-35-35", "RU", "+78005553535"),
        # Japan, Korea
        ("090-1234-5678", "JP", "+819012345678"),
        ("03-3581-4321", "JP", "+81335814321"),
        ("010-1234-5678", "KR", "+821012345678"),
        ("1588-1234", "KR", "+8215881234"),
        # Australia, Nigeria, Kenya
        ("0412 345 678", "AU", "+61412345678"),
        ("(02) 6271 5111", "AU", "+61262715111"),
        ("13 12 34", "AU", "+61131234"),
        ("+61 13 12 34", "", "+61131234"),
        ("0803 123 4567", "NG", "+2348031234567"),
        ("2348031234567", "", "+2348031234567"),
        ("0712 345678", "KE", "+254712345678"),
        ("254712345678", "KE", "+254712345678"),
        # no country
        ("+800 1234 5678", "", "+80012345678"),
        # spoofed: of a possible length, never assigned
        ("+8619912345678", "", "+8619912345678"),
        ("202-155-0000", "US", "+12021550000"),
        ("+1 999 999 9999", "", "+19999999999"),
        # a foreign number without its plus, where no home number is so long
        ("862083116688", "US", "+862083116688"),
        # Hong Kong dials 00, and 002 through one carrier; a Chinese carrier's 17951 may come first
        ("00 264 81 123 4500", "HK", "+264811234500"),
        ("17951 00 964 1 234 5678", "CN", "+96412345678"),
        # a landline, not Albania's calling code before a short code
        ("35553295", "AL", "+35535553295"),
        # 001 is Korea's international prefix, 00 everybody else's: whichever gives a real number
        ("0012024561111", "KR", "+12024561111"),
        # a PBX that dials 0 for a line outside writes it before 00
        ("00049 30 901820", "DE", "+4930901820"),
        ("00049 30 901820", "", "+4930901820"),
        ("000 49 30 901820", "KE", "+4930901820"),  # Kenya dials 000 itself
        # a program that keeps a column of numbers as floats
        ("4930901820.0", "DE", "+4930901820"),
        ("+4930901820.0", "", "+4930901820"),
        ("2024561111.0", "US", "+12024561111"),
        # dashes of Japanese keyboards: a minus, a line, the sign for a long vowel
        ("０９０−１２３４−５６７８", "JP", "+819012345678"),
        ("090ー1234ー5678", "JP", "+819012345678"),
        ("(03)─5555─1234", "JP", "+81355551234"),
        # an extension behind a dash, or behind pauses
        ("010-12345678-801", "CN", "+861012345678"),
        ("(0755)26001234-8001", "CN", "+8675526001234"),
        ("+1 202 456 1111,,123#", "", "+12024561111"),
        # in the words of other countries, and behind a pause
        ("030 90182 Durchwahl 12", "DE", "+493090182"),
        ("+49 30 90182 DW 12", "", "+493090182"),
        ("+39 06 6982 int. 12", "", "+39066982"),
        ("+55 11 3113-8000 ramal 12", "", "+551131138000"),
        ("02-27208889 轉 12", "TW", "+886227208889"),
        ("+12024561111p12", "", "+12024561111"),
        ("+1 202 456 1111 w12", "", "+12024561111"),
        # where all digits together look like a service code, or like a number that there is not
        ("010-65529988-8001", "CN", "+861065529988"),
        ("(010)65529988-12", "CN", "+861065529988"),
        ("+86-10-65529988-8001", "", "+861065529988"),
        ("021-62345678-8", "CN", "+862162345678"),
        ("03-12345678-1", "JP", "+81312345678"),
        # and where extensions belong to the number
        ("030/12345678-12", "DE", "+49301234567812"),
        ("01-12345678-12", "AT", "+4311234567812"),
    ],
)
def test_numbers_by_country(raw: str, region: str, expected: str) -> None:
    assert key(raw, region) == expected


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("95533", "CN", "CN:95533"),
        ("+95533", "CN", "CN:95533"),
        ("095533", "CN", "CN:95533"),
        ("+8695533", "", "CN:95533"),
        ("008695533", "", "CN:95533"),
        ("8695533", "CN", "CN:95533"),
        ("+86 0 95533", "", "CN:95533"),
        ("tel:95533;phone-context=+86", "", "CN:95533"),
        ("sip:95533@ims.example", "CN", "CN:95533"),
        ("CN:95533", "", "CN:95533"),
        ("CN:95533", "US", "CN:95533"),
        ("９５５３３", "CN", "CN:95533"),
        ("10086", "CN", "CN:10086"),
        ("+8610086", "US", "CN:10086"),
        ("12321", "CN", "CN:12321"),
        ("12378", "CN", "CN:12378"),
        ("12110", "CN", "CN:12110"),
        ("95013123456789", "CN", "CN:95013123456789"),
        ("106575258192001234", "CN", GATEWAY),
        ("+106575258192001234", "CN", GATEWAY),
        ("+86106575258192001234", "", GATEWAY),
        ("0086106575258192001234", "", GATEWAY),
        ("86106575258192001234", "", GATEWAY),
        ("86106575258192001234", "CN", GATEWAY),
        ("1065 7525 8192 0012 34", "CN", GATEWAY),
        ("10657525819200123456", "CN", "CN:10657525819200123456"),
        ("+8610690123456", "", "CN:10690123456"),
        # Ten digits: bare it is a gateway, behind 0 or +86 a landline of Beijing.
        ("1069012345", "CN", "CN:1069012345"),
        ("CN:1069012345", "", "CN:1069012345"),
        ("01069012345", "CN", "+861069012345"),
        ("+861069012345", "CN", "+861069012345"),
        # other countries' short codes
        ("22395", "US", "US:22395"),
        # One digit is no sign of a calling code, but before three: 1 411.
        ("12345", "US", "US:12345"),
        ("12321", "US", "US:12321"),
        ("1411", "US", "US:411"),
        ("77878", "RU", "RU:77878"),
        ("60777", "GB", "GB:60777"),
        ("7726", "GB", "GB:7726"),
        ("3900", "FR", "FR:3900"),
        ("22122", "DE", "DE:22122"),
        ("+4922122", "DE", "DE:22122"),
        ("+49115", "", "DE:115"),
        ("56767", "IN", "IN:56767"),
        ("900", "RU", "RU:900"),
        ("114", "KR", "KR:114"),
    ],
)
def test_national_only_numbers(raw: str, region: str, expected: str) -> None:
    kind = "e164" if expected[0] == "+" else "national"
    country = "CN" if expected[0] == "+" else expected[:2]
    assert identify(raw, region=region) == Identity(expected, country, kind)


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("BankName", "CN", "CN@BANKNAME"),
        ("ＢａｎｋＮａｍｅ", "CN", "CN@BANKNAME"),
        ("  bank   name ", "CN", "CN@BANK NAME"),
        ("BANK%20NAME", "CN", "CN@BANK NAME"),
        ("bank\u200bname", "CN", "CN@BANKNAME"),
        ("CN@BANKNAME", "", "CN@BANKNAME"),
        ("CN@BANKNAME", "US", "CN@BANKNAME"),
        ("建设银行", "CN", "CN@建设银行"),
        ("【建设银行】", "CN", "CN@建设银行"),
        ("[Loan24]", "GB", "GB@LOAN24"),
        ("Сбербанк", "RU", "RU@СБЕРБАНК"),
        ("बैंक", "IN", "IN@बैंक"),
        ("AT&T", "US", "US@AT&T"),
        ("PrivatBank", "UA", "UA@PRIVATBANK"),
        ("Call Center", "US", "US@CALL CENTER"),
        ("MAXX1", "US", "US@MAXX1"),
        ("4E4", "US", "US@4E4"),
        ("1800FLOWERS", "CN", "CN@1800FLOWERS"),
        ("95533ABC", "CN", "CN@95533ABC"),
        # India: the same header over any route
        ("VM-HDFCBK", "IN", "IN@HDFCBK"),
        ("AX-HDFCBK-S", "IN", "IN@HDFCBK"),
        ("ad-hdfcbk-t", "in", "IN@HDFCBK"),
        ("VM-HDFCBK", "GB", "GB@VM-HDFCBK"),
        ("ABCDEFGHIJK", "GB", "GB@ABCDEFGHIJK"),
    ],
)
def test_alphanumeric_senders(raw: str, region: str, expected: str) -> None:
    assert identify(raw, region=region) == Identity(expected, expected[:2], "sender")


@pytest.mark.parametrize(
    ("key", "country", "kind"),
    [
        ("+8613812345678", "CN", "e164"),
        ("+80012345678", "", "e164"),
        ("CN:12321", "CN", "national"),
        ("IN@HDFCBK", "IN", "sender"),
        ("+86138123", "CN", "e164"),  # that no plan has any more
    ],
)
def test_a_key_on_record_is_an_identity_without_being_read_again(
    key: str, country: str, kind: str
) -> None:
    assert Identity.on_record(key, country) == Identity(key, country, kind)


@pytest.mark.parametrize("raw", ["+8613812345678", "CN:12321", "IN@HDFCBK", "+80012345678"])
def test_an_identity_on_record_is_the_one_that_was_read(raw: str) -> None:
    found = identify(raw)
    assert Identity.on_record(found.key, found.country) == found


def test_identity_stands_without_django() -> None:
    script = "import sys, reputation.identity; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
