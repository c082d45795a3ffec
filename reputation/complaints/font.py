"""The letters' fonts: Noto Sans CJK Regular, cut down to the characters of letters (data/OFL.txt).

One has all of them, as they are written in China. What Taiwan writes otherwise is in a second, what
Hong Kong writes otherwise than Taiwan in a third, and quotation marks as wide as a letter, which
Korea has, in a fourth, for letters in English and German.

Rebuild them from Debian's fonts-noto-cjk with `python reputation/complaints/font.py`.
"""

import sys
from collections.abc import Set
from itertools import product
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

DATA = Path(__file__).with_name("data")
CHINA = DATA / "NotoSansCJKsc-letters.otf"
TAIWAN = DATA / "NotoSansCJKtc-letters.otf"
HONG_KONG = DATA / "NotoSansCJKhk-letters.otf"
KOREA = DATA / "NotoSansCJKkr-letters.otf"
# Language of letters → the fonts to look in for a character, one after another.
FONTS: dict[str, tuple[Path, ...]] = {
    "zh-hans": (CHINA,),
    "zh-hant": (TAIWAN, CHINA),
    "zh-hk": (HONG_KONG, TAIWAN, CHINA),
    **dict.fromkeys(("en", "de"), (KOREA, CHINA)),
}
ORIGIN = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
FAMILY = "Noto Sans CJK"
ASCII = (0x20, 0x7F)
# All of the Unified Ideographs' first block, since personal names use the rare ones; Latin, Greek
# and Cyrillic; punctuation, currencies, arrows, full-width forms, Bopomofo, and the box for missing
# glyphs.
RANGES = (
    ASCII,
    (0xA0, 0x250),
    (0x370, 0x460),
    (0x2010, 0x2060),
    (0x20A0, 0x20C0),
    (0x2100, 0x2200),
    (0x2460, 0x24A0),
    (0x25A0, 0x2600),
    (0x3000, 0x3040),
    (0x3105, 0x3130),
    (0x4E00, 0x9FA6),
    (0xFF00, 0xFFF0),
)
DASHES_AND_QUOTES = (0x2010, 0x2027)
# The characters of Taiwan and Hong Kong, some outside of these ranges, such as those of Cantonese.
TRADITIONAL = "big5hkscs"


def cut(origin: Path = ORIGIN) -> None:
    """Writes the letters' fonts, in about a minute."""
    traditional = _traditional()
    several = {code for first, end in RANGES for code in range(first, end)}
    _write(origin, "SC", CHINA, several | traditional)
    _write(origin, "TC", TAIWAN, _otherwise(origin, "TC", "SC", traditional))
    _write(origin, "HK", HONG_KONG, _otherwise(origin, "HK", "TC", traditional))
    _write(origin, "KR", KOREA, _otherwise(origin, "KR", "SC", set(range(*DASHES_AND_QUOTES))))


def _traditional() -> set[int]:
    pairs = (bytes(pair) for pair in product(range(0x81, 0xFF), range(0x40, 0xFF)))
    return {ord(sign) for pair in pairs for sign in pair.decode(TRADITIONAL, "ignore")}


def _otherwise(origin: Path, place: str, other: str, codes: Set[int]) -> set[int]:
    """Those that one place writes otherwise than the other, and ASCII: fpdf2 writes how many pages
    there are in the first font."""
    here, there = (_font(origin, each).getBestCmap() for each in (place, other))
    return {code for code in codes if here.get(code) != there.get(code)} | set(range(*ASCII))


def _font(origin: Path, place: str) -> TTFont:
    fonts = (TTFont(origin, fontNumber=number, recalcTimestamp=False) for number in range(10))
    return next(font for font in fonts if font["name"].getDebugName(1) == f"{FAMILY} {place}")


def _write(origin: Path, place: str, target: Path, codes: Set[int]) -> None:
    font = _font(origin, place)
    options = Options()
    # No hints, alternatives or vertical layout: a letter is printed from left to right.
    options.hinting = False
    options.layout_features = []
    options.glyph_names = False
    options.notdef_outline = True
    options.drop_tables += ["GPOS", "GSUB", "vhea", "vmtx", "VORG", "BASE"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    font.save(target)


if __name__ == "__main__":
    cut(*map(Path, sys.argv[1:2]))
