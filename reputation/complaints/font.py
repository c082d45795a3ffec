"""The letters' fonts: Noto, cut down to the characters of letters (data/OFL.txt).

Of Noto Sans CJK Regular one has all characters, as they are written in China. What Taiwan writes
otherwise is in a second, what Hong Kong writes otherwise than Taiwan in a third, and quotation
marks as wide as a letter, which Korea has, in a fourth, for letters in English and German. Letters
of Arabic, Hebrew, Thai and Hindi and emoji, which people quote and have in their names, are in five
more. Those of Thai and Hindi keep their tables of shapes, for HarfBuzz.

Rebuild them with `python reputation/complaints/font.py ARABIC HEBREW THAI HINDI EMOJI` from
Debian's fonts-noto-cjk and five files: of Python's package index the fonts in
fontpkg-noto-sans-arabic 2.12, fontpkg-noto-sans-thai 2.2 and fontpkg-noto-sans-devanagari 2.7, and
that of Hebrew in justmytype-intl-rtl 0.1.0; and `files/noto-emoji-emoji-400-normal.woff` in
@fontsource/noto-emoji 5.3.2 (npm).
"""

import sys
from collections.abc import Iterable, Set
from itertools import product
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

DATA = Path(__file__).with_name("data")
CHINA = DATA / "NotoSansCJKsc-letters.otf"
TAIWAN = DATA / "NotoSansCJKtc-letters.otf"
HONG_KONG = DATA / "NotoSansCJKhk-letters.otf"
KOREA = DATA / "NotoSansCJKkr-letters.otf"
ARABIC = DATA / "NotoSansArabic-letters.ttf"
HEBREW = DATA / "NotoSansHebrew-letters.ttf"
THAI = DATA / "NotoSansThai-letters.ttf"
HINDI = DATA / "NotoSansDevanagari-letters.ttf"
EMOJI = DATA / "NotoEmoji-letters.ttf"
EVERYWHERE = (CHINA, ARABIC, HEBREW, THAI, HINDI, EMOJI)
# Language of letters → the fonts to look in for a character, one after another.
FONTS: dict[str, tuple[Path, ...]] = {
    "zh-hans": EVERYWHERE,
    "zh-hant": (TAIWAN, *EVERYWHERE),
    "zh-hk": (HONG_KONG, TAIWAN, *EVERYWHERE),
    **dict.fromkeys(("en", "de", "es", "id"), (KOREA, *EVERYWHERE)),
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
# Arabic's letters, and the forms that they take beside others: pdf.py puts these in their place.
ARABIC_RANGES = ((0x600, 0x700), (0xFB50, 0xFBEA), (0xFBFC, 0xFC00), (0xFE70, 0xFEFD))
HEBREW_RANGES = ((0x591, 0x600), (0xFB1D, 0xFB50))
THAI_RANGES = ((0xE01, 0xE5C),)
HINDI_RANGES = ((0x900, 0x980),)
EMOJI_RANGES = ((0x2000, 0x3300), (0x1F000, 0x1FB00))


def cut(
    arabic: Path, hebrew: Path, thai: Path, hindi: Path, emoji: Path, origin: Path = ORIGIN
) -> None:
    """Writes the letters' fonts, in about a minute."""
    _write(TTFont(arabic, recalcTimestamp=False), ARABIC, _codes(ARABIC_RANGES))
    _write(_regular(hebrew), HEBREW, _codes(HEBREW_RANGES))
    _write(_regular(thai), THAI, _codes(THAI_RANGES), shaped=True)
    _write(_regular(hindi), HINDI, _codes(HINDI_RANGES), shaped=True)
    _write(TTFont(emoji, recalcTimestamp=False), EMOJI, _codes(EMOJI_RANGES))
    traditional = _traditional()
    for place, target, codes in (
        ("SC", CHINA, _codes(RANGES) | traditional),
        ("TC", TAIWAN, _otherwise(origin, "TC", "SC", traditional)),
        ("HK", HONG_KONG, _otherwise(origin, "HK", "TC", traditional)),
        ("KR", KOREA, _otherwise(origin, "KR", "SC", set(range(*DASHES_AND_QUOTES)))),
    ):
        _write(_font(origin, place), target, codes)


def _codes(ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {code for first, end in ranges for code in range(first, end)}


def _traditional() -> set[int]:
    pairs = (bytes(pair) for pair in product(range(0x81, 0xFF), range(0x40, 0xFF)))
    return {ord(sign) for pair in pairs for sign in pair.decode(TRADITIONAL, "ignore")}


def _otherwise(origin: Path, place: str, other: str, codes: Set[int]) -> set[int]:
    """The codes that look different in the two places; and ASCII, since fpdf2 writes the number of
    pages in the first font."""
    here, there = (_font(origin, each).getBestCmap() for each in (place, other))
    return {code for code in codes if here.get(code) != there.get(code)} | set(range(*ASCII))


def _font(origin: Path, place: str) -> TTFont:
    fonts = (TTFont(origin, fontNumber=number, recalcTimestamp=False) for number in range(10))
    return next(font for font in fonts if font["name"].getDebugName(1) == f"{FAMILY} {place}")


def _regular(path: Path) -> TTFont:
    """The regular weight of a font that has several and is thin by itself."""
    return instantiateVariableFont(TTFont(path, recalcTimestamp=False), {"wght": 400, "wdth": 100})


def _write(font: TTFont, target: Path, codes: Set[int], *, shaped: bool = False) -> None:
    options = Options()
    # No hints or vertical layout: a letter is printed from left to right. Only HarfBuzz reads the
    # tables of shapes.
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE"]
    if not shaped:
        options.layout_features = []
        options.drop_tables += ["GPOS", "GSUB"]
    # Of a font with several weights the one that it has by itself.
    options.drop_tables += ["fvar", "gvar", "avar", "HVAR", "MVAR", "STAT"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    font.flavor = None
    font.save(target)


if __name__ == "__main__":
    cut(*map(Path, sys.argv[1:7]))
