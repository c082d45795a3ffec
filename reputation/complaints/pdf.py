"""A letter as PDF on A4: any text in our languages, with its font in it, searchable."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache

from fontTools.ttLib import TTFont
from fpdf import FPDF

from reputation.complaints import charts
from reputation.complaints.arabic import from_right_to_left, in_order, joined
from reputation.complaints.charts import Box, Dot, Line, Shape, Text
from reputation.complaints.font import EVERYWHERE, FONTS
from reputation.complaints.words import words

# It would tell of each glyph in a letter, which is to tell what the letter says.
logging.getLogger("fontTools").setLevel(logging.WARNING)

MARGIN, LINE_HEIGHT, SIZE = 22.0, 6.2, 10.5  # mm, mm, points
TOGETHER = 8  # lines of a block that are kept on one page
CARRIED = 3  # lines before a signature that go with it to its page
MISSING = "□"
# They say how a character beside them is shown, such as the tone of a skin, or join emoji to one.
_STEERING = frozenset("\u200c\u200d\u20e3\ufe0e\ufe0f🏻🏼🏽🏾🏿")
PAGES = "{=pages=}"  # replaced at the end, wherever it stands: nobody writes that
# What no line may begin with, and what none may end with: it stays with its neighbour.
_CLOSING = re.escape("，。、；：！？）》」”’…«,.;:!?)%")
_OPENING = re.escape("（《「“‘»([")
_NUMBER = re.compile(r"\d+\. ")
# Of Latin, Greek, Cyrillic, Hebrew, Arabic and Hindi: they make words between blanks.
_LETTERS = r"!-~À-ɏͰ-ӿ\u0590-\u06ff\u0900-\u097f\ufb1d-\ufdff\ufe70-\ufefc"
# A letter of Thai, which has no blanks, with the vowels and marks around it.
_THAI = r"[\u0e40-\u0e44]?[\u0e01-\u0e2e][\u0e2f-\u0e3a\u0e45-\u0e4e]*"
# Hindi and Thai: only HarfBuzz knows where their letters stand and which join.
_SHAPED = re.compile(r"[\u0900-\u097f\u0e01-\u0e5b]")
# One piece of text that is not broken: a number, a word, or an ideograph, with its punctuation.
_PIECE = re.compile(
    rf"[ \t]+|\+[0-9][0-9 -]+[0-9][{_CLOSING}]*"
    rf"|[{_OPENING}]*(?:[{_LETTERS}]+|{_THAI}|.)[{_CLOSING}]*",
)


def letter(
    *, title: str, text: str, language: str, chart: Sequence[Shape], made_at: datetime
) -> bytes:
    """The letter's pages and, if there is a chart, one page with it: same input, same bytes.

    Characters that the font lacks are shown as a box.
    """
    paper = _Paper(language)
    paper.set_creation_date(made_at)
    paper.set_title(printable(title))
    paper.set_lang(language)
    paper.add_page()
    paper.set_letters(14)
    paper.lines(title, height=8)
    paper.set_letters(SIZE)
    paper.lines(text, height=LINE_HEIGHT)
    if chart:
        paper.add_page()
        paper.shapes(chart)
    return bytes(paper.output())


class _Paper(FPDF):
    def __init__(self, language: str) -> None:
        super().__init__(format="A4")
        self.language = language
        self._widths: dict[tuple[str, float], float] = {}  # mm, by text and size in points
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN)
        self.alias_nb_pages(PAGES)
        self.families = [font.stem.lower() for font in FONTS[language]]
        for family, font in zip(self.families, FONTS[language], strict=True):
            self.add_font(family, "", font)
        self.set_fallback_fonts(self.families[1:])

    def set_letters(self, size: float) -> None:
        """Sets the letters' size in points, here and not with the next text.

        A line that begins in one font and ends in another is put in brackets (q … Q), and fpdf2
        forgets that a font which is first set between these is not set behind them.
        """
        self.set_font(self.families[0], size=size)
        self._out(self._set_font_for_page(self.fonts[self.families[0]], size))

    def header(self) -> None:
        """Begins a page in the font of the page before: fpdf2 puts it into the next text."""
        self.set_letters(self.font_size_pt)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_letters(8)
        counted = words(self.language)["page"].format(self.page_no(), PAGES)
        self.cell(0, 5, counted)  # at the left: how long the total will be is not known yet

    def lines(self, text: str, *, height: float) -> None:
        blocks = [
            [line for paragraph in block.split("\n") for line in self._lines(paragraph)]
            for block in text.split("\n\n")
        ]
        for place, broken in enumerate(blocks):
            # An address or a signature is not torn apart.
            if len(broken) <= TOGETHER and self.will_page_break(len(broken) * height):
                self.add_page()
            # A signature alone on a page signs nothing: the lines before it come along.
            signature = len(blocks[-1]) if place == len(blocks) - 2 else 0
            carried = max(len(broken) - CARRIED, 0)
            for number, (indent, line) in enumerate(broken):
                left = len(broken) - number + signature + 1
                if signature and number == carried and self.will_page_break(left * height):
                    self.add_page()
                # A line that introduces a list is kept on the list's page.
                leads = line.endswith((":", "：")) and number + 1 < len(broken)
                if leads and self.will_page_break(2 * height):
                    self.add_page()
                self.set_x(self.l_margin + indent)
                with self._shaping(line):
                    self.cell(0, height, line, new_x="LMARGIN", new_y="NEXT")
            self.ln(height * 0.6)

    def _lines(self, paragraph: str) -> Iterator[tuple[float, str]]:
        """(indent, line): what belongs to an item of a list stands under its first word."""
        to_the_left = from_right_to_left(paragraph)
        paragraph = printable(joined(paragraph))
        number = _NUMBER.match(paragraph)
        indent = self.get_string_width(number[0]) if number else 0.0
        for place, line in enumerate(self._broken(paragraph, indent)):
            if not _SHAPED.search(line):  # else HarfBuzz orders it
                line = in_order(line, to_the_left=to_the_left)
            yield (indent if place else 0.0), line

    def _broken(self, paragraph: str, indent: float) -> Iterator[str]:
        """The paragraph in lines that fit, all but the first indented.

        fpdf2 breaks at spaces, of which Chinese has none.
        """
        room, line, used = self.epw, "", 0.0
        for piece in _PIECE.findall(paragraph):
            if piece.isspace():
                line += piece
                used += self._width(piece)
                continue
            if line and used + self._width(piece) > room:
                yield line.rstrip()
                room, line, used = self.epw - indent, "", 0.0
            if _SHAPED.search(piece) and used + self._width(piece) <= room:
                line += piece
                used += self._width(piece)
                continue
            start = 0
            for place, char in enumerate(piece):
                wide = self._width(char)
                if used + wide > room and place > start:  # a word longer than a line
                    yield line + piece[start:place]
                    room, line, used, start = self.epw - indent, "", 0.0, place
                used += wide
            line += piece[start:]
        if line.strip():
            yield line.rstrip()

    def _width(self, text: str) -> float:
        """The width in mm at the font's present size: letters stand side by side, so theirs add up,
        but for those of Hindi and Thai.

        Each is worked out once: a word of thousands of letters is measured letter by letter.
        """
        return sum(map(self._known_width, [text] if _SHAPED.search(text) else text))

    def _known_width(self, text: str) -> float:
        known = self._widths.get((text, self.font_size_pt))
        if known is None:
            with self._shaping(text):
                known = self._widths[text, self.font_size_pt] = self.get_string_width(text)
        return known

    @contextmanager
    def _shaping(self, text: str) -> Iterator[None]:
        """Lets HarfBuzz shape `text`, if it has letters that need it."""
        self.set_text_shaping(bool(_SHAPED.search(text)))
        yield
        self.set_text_shaping(False)

    def shapes(self, chart: Sequence[Shape]) -> None:
        scale = self.epw / charts.WIDTH
        left, top = self.l_margin, self.t_margin
        self.set_line_width(0.15)
        for shape in chart:
            match shape:
                case Box():
                    self.set_fill_color(shape.fill)
                    self.set_draw_color(shape.stroke or shape.fill)
                    self.rect(
                        left + shape.x * scale,
                        top + shape.y * scale,
                        shape.width * scale,
                        shape.height * scale,
                        style="DF" if shape.stroke else "F",
                    )
                case Line():
                    self.set_draw_color(shape.stroke)
                    self.line(
                        left + shape.x1 * scale,
                        top + shape.y1 * scale,
                        left + shape.x2 * scale,
                        top + shape.y2 * scale,
                    )
                case Dot():
                    self.set_fill_color(charts.INK)
                    self.circle(
                        left + shape.x * scale,
                        top + shape.y * scale,
                        shape.radius * scale,
                        style="F",
                    )
                case Text():
                    # A point is 0.3528 mm; SVG's sizes are in units of the drawing.
                    self.set_letters(shape.size * scale / 0.3528)
                    text = printable(shape.text)
                    wide = self.get_string_width(text)
                    back = {"start": 0.0, "middle": wide / 2, "end": wide}[shape.anchor]
                    self.place(left + shape.x * scale - back, top + shape.y * scale, text)

    def place(self, x: float, y: float, text: str) -> None:
        """Writes `text` from `x` on, its foot at `y`. FPDF.text looks into one font alone."""
        self.set_xy(x - self.c_margin, y - 0.3 * self.font_size)
        self.cell(0, 0, text)


def printable(text: str) -> str:
    """`text` with a box for each character that the fonts lack."""
    known = _characters()
    return "".join(
        char if ord(char) in known else MISSING if char.isprintable() else " "
        for char in text
        if char not in _STEERING
    )


@cache
def _characters() -> frozenset[int]:
    known: set[int] = set()
    for path in EVERYWHERE:
        with TTFont(path, lazy=True) as font:
            known.update(font.getBestCmap())
    return frozenset(known)
