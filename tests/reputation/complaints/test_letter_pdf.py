"""Letters as PDF: lines that fit and break where one may, and text that can be found again."""

import re
import unicodedata
from typing import Any, NamedTuple

import pypdfium2
import pytest
from fpdf import FPDF

from reputation.complaints.arabic import from_right_to_left, in_order, joined
from reputation.complaints.pdf import _PIECE, MARGIN, letter, printable
from reputation.complaints.seeding import DATA
from reputation.complaints.words import words
from tests.given.reporters import NOW

MM = 72 / 25.4


class Box(NamedTuple):
    """Where a character is printed, in points from the page's lower left corner."""

    left: float
    bottom: float
    right: float
    top: float


HAN = "对方每天拨打二十多次电话，声称“不还钱就上门”；本人从未借款（见附件），请依法处理。"
LATIN = (
    "They call every day from +86 138 1234 5678, twenty times, and say “pay or else” (see log). "
)


def lines_of(text, language="zh-hans"):
    """(text, right edge in mm) of each line on each page, without the page's number."""
    document = pypdfium2.PdfDocument(
        letter(title="T", text=text, language=language, chart=[], made_at=NOW)
    )
    pages = []
    for page in document:
        textpage = page.get_textpage()
        boxes = [textpage.get_rect(n) for n in range(textpage.count_rects())]
        boxes = [box for box in boxes if box[1] > 18 * MM]
        pages.append([(textpage.get_text_bounded(*box), box[2] / MM) for box in boxes])
    document.close()
    return pages


@pytest.mark.parametrize(
    "text", [HAN * 6, LATIN * 6, (HAN + LATIN) * 4, "a" * 300, "1. " + HAN * 3]
)
def test_lines_fit_and_break_where_one_may(text):
    [page] = lines_of(text)
    assert max(right for _, right in page) <= 210 - MARGIN + 1
    body = [line for line, _ in page[1:]]
    assert len(body) >= 3
    for line in body:
        assert line.strip()[0] not in "，。；：）”、"
        assert line.strip()[-1] not in "（“"
    together = "".join("".join(body).split())
    assert together == "".join(text.split())
    for number in re.findall(r"\+[0-9 ]+[0-9]", text):
        assert sum(line.count(number) for line in body) == text.count(number)


@pytest.mark.parametrize(
    ("language", "fonts"),
    [
        ("en", {b"SC", b"KR"}),
        ("de", {b"SC", b"KR"}),
        ("es", {b"SC", b"KR"}),
        ("id", {b"SC", b"KR"}),
        ("zh-hans", {b"SC"}),
        ("zh-hant", {b"SC", b"TC"}),
        ("zh-hk", {b"SC", b"TC", b"HK"}),
    ],
)
def test_each_place_has_its_own_shapes(language, fonts):
    """Of 說 and the comma those of Taiwan, of 說 and 骨 those of Hong Kong; of 一 all have one."""
    [page] = lines_of("一說，骨令角", language)
    assert "".join(line for line, _ in page[1:]) == "一說，骨令角"
    pdf = letter(title="T", text="一說，骨令角", language=language, chart=[], made_at=NOW)
    document = pypdfium2.PdfDocument(pdf)
    foot = document[0].get_textpage().get_text_range().splitlines()[-1]
    document.close()
    assert foot == words(language)["page"].format(1, 1)
    assert set(re.findall(rb"/BaseFont /[A-Z]{6}\+NotoSansCJK([A-Z]+)", pdf)) == fonts


def test_arabic_is_read_from_right_to_left_and_found_again():
    text = "报案人：梅 محمد"
    assert "".join(line for line, _ in lines_of(text)[0][1:]) == text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("محمد", "\ufee3\ufea4\ufee4\ufeaa"),
        # A letter that joins none after it, and a lam with its alef.
        ("دار لا سلام", "\ufea9\ufe8d\ufead \ufefb \ufeb3\ufefc\ufee1"),
        # Marks stand over joined letters; the joiner's opposite parts them, as in Persian.
        ("مُحـ", "\ufee3\u064f\ufea4\u0640"),
        ("می\u200cخو", "\ufee3\ufbfd\u200c\ufea7\ufeee"),
        ("مەك", "\ufee3\ufeea\ufed9"),  # Uyghur
        ("梅 abc", "梅 abc"),
        ("\u0670\u0621", "\u0670\ufe80"),
    ],
)
def test_arabic_letters_take_the_form_that_they_have_beside_others(text, printed):
    assert joined(text) == printed


@pytest.mark.parametrize(
    ("line", "to_the_left", "printed"),
    [
        ("说 אב (abc)", False, "说 בא (abc)"),
        ("אב (ג) 好", True, "好 (ג) בא"),
        # Figures keep their order, also beside Arabic, which would turn 2026-11-30 around.
        ("ب 2026-11-30 א +86 138 1234 5678.", True, ".+86 138 1234 5678 א 2026-11-30 ب"),
        ("说 ب 2026-11-30。", False, "说 ب 2026-11-30。"),
        ("梅 (abc)", False, "梅 (abc)"),
    ],
)
def test_a_line_stands_in_the_order_of_the_paper(line, to_the_left, printed):
    assert in_order(line, to_the_left=to_the_left) == printed


def test_a_paragraph_is_arabic_if_it_begins_so():
    assert [from_right_to_left(text) for text in ("“ب” 好", "好 ب", "1.", "")] == [
        *(True, False, False, False)
    ]


@pytest.mark.parametrize("word", ["ואיימו", "يهددني"])
def test_words_from_right_to_left_are_not_torn_at_the_end_of_a_line(word: str):
    paper = letter(title="T", text=f"{word} " * 40, language="en", chart=[], made_at=NOW)
    with pypdfium2.PdfDocument(paper) as document:
        printed = document[0].get_textpage().get_text_range().split()
    assert printed.count(word) == 40


@pytest.mark.parametrize("number", ["+86 138 1234 5678", "+62 812-3456-7890", "+1 202-555-0101"])
def test_a_number_stays_on_its_line(number: str):
    text = " ".join(f"{'x' * length} {number}" for length in range(1, 40))
    paper = letter(title="T", text=text, language="en", chart=[], made_at=NOW)
    with pypdfium2.PdfDocument(paper) as document:
        assert document[0].get_textpage().get_text_range().count(number) == 39


def test_thai_breaks_between_letters_and_never_before_a_mark():
    thai = "ที่นี่เขาโทรหาแม่ทุกวัน" * 8
    pieces = _PIECE.findall(thai)
    assert "".join(pieces) == thai
    assert max(map(len, pieces)) <= 4
    assert [piece for piece in pieces if unicodedata.combining(piece[0])] == []
    assert [piece for piece in pieces if piece in "เแโใไ"] == []


def test_a_mark_of_thai_stands_on_the_other():
    tone, vowel = box_of("\u0e48", "ที่"), box_of("\u0e35", "ที่")
    assert tone.bottom >= vowel.top


def test_letters_of_hindi_join():
    """One sign, क्ष, is written for क and ष."""
    [joint], [apart] = (lines_of(text, "en") for text in ("क्ष" * 9, "कष" * 9))
    assert joint[-1][1] < apart[-1][1] - 9


def box_of(char: str, text: str) -> Box:
    with pypdfium2.PdfDocument(
        letter(title="T", text=text, language="en", chart=[], made_at=NOW)
    ) as document:
        page = document[0].get_textpage()
        return Box(*page.get_charbox(page.get_text_range().index(char)))


def test_quotation_marks_in_english_are_as_wide_as_a_letter():
    """In Chinese they are as wide as a word."""
    ends = {}
    for language in ("en", "zh-hans"):
        [page] = lines_of("“Don’t”", language)
        ends[language] = page[-1][1]
    assert ends["en"] < ends["zh-hans"] - 4


@pytest.mark.parametrize(
    "text", ["m" * 5_000, "好，" * 2_500, "ab " * 1_700, "(" * 5_000, "ที่" * 1_700, "क्ष" * 1_700]
)
def test_widths_are_worked_out_in_linear_time(monkeypatch: pytest.MonkeyPatch, text: str):
    """Letters measured, by the library's own function. Letters without a space once were cubic."""
    measured = [0]
    usual = FPDF.get_string_width

    def counting(paper: FPDF, s: str, *more: Any, **named: Any) -> float:
        measured[0] += len(s)
        return usual(paper, s, *more, **named)

    monkeypatch.setattr(FPDF, "get_string_width", counting)
    assert lines_of(text)
    assert measured[0] <= 3 * len(text) + 1_000


def test_a_signature_is_not_torn_apart():
    signature = "\n".join(f"line {n}" for n in range(7))
    first, second = lines_of("\n".join("x" * 34) + "\n\n" + signature, "en")
    assert len(first) == 1 + 34 - 3
    # Nor does it stand alone on its page.
    assert [line.strip() for line, _ in second] == ["x", "x", "x", *signature.split("\n")]


@pytest.mark.parametrize("intro", ["What they broke:", "涉嫌违反："])
def test_what_leads_to_a_list_stands_on_the_page_of_its_first_item(intro: str):
    first, second = lines_of("\n".join([*("x" * 37), intro, *(f"{n}. yz" for n in range(1, 10))]))
    assert len(first) == 1 + 37
    assert [line.strip() for line, _ in second][:2] == [intro, "1. yz"]


@pytest.mark.slow
def test_the_same_letter_has_the_same_bytes():
    made = {
        letter(title="T", text=HAN, language="zh-hans", chart=[], made_at=NOW) for _ in range(2)
    }
    assert len(made) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("钱😡 \U00020000 தமி", "钱😡 □ □□□"),
        ("שלום สมชาย ที่ श्री", "שלום สมชาย ที่ श्री"),
        ("محمد يهددني", "محمد يهددني"),
        # Without colours, and the parts of an emoji for themselves.
        ("👍🏽 ❤️ 👨‍👩‍👧 1️⃣ ☎", "👍 ❤ 👨👩👧 1 ☎"),
        ("a\tb\x00c\u200b", "a b c "),
        ("äß Жя αβ №1 ¥100 ①", "äß Жя αβ №1 ¥100 ①"),
        ("▇▇▇", "▇▇▇"),
        ("係咁㗎 𨋢 ㄅㄆ", "係咁㗎 𨋢 ㄅㄆ"),
    ],
)
def test_what_the_font_lacks_is_a_box(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    "path",
    [*DATA.glob("*.json"), DATA.parent / "words.json", DATA.parent / "guide.json"],
    ids=lambda path: path.name,
)
def test_the_font_has_all_that_we_write_ourselves(path):
    text = path.read_text()
    assert printable(text).split() == text.split()


@pytest.mark.parametrize(("language", "first"), [("zh-hk", "附件："), ("de", "Ärger mit Öl ü")])
def test_a_page_that_begins_in_another_font_loses_no_letter(language: str, first: str):
    text = "a\n" * 37 + f"\n{first}\n1. calls.csv\n2. x\n\nSignature"
    paper = letter(title="T", text=text, language=language, chart=[], made_at=NOW)
    with pypdfium2.PdfDocument(paper) as document:
        assert len(document) == 2
        printed = document[1].get_textpage().get_text_range().splitlines()
    assert printed[:3] == [first, "1. calls.csv", "2. x"]
