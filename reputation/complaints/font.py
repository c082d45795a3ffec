"""The letters' font: Noto Sans CJK SC Regular, cut down to the characters of letters
(data/OFL.txt).

Rebuild it from Debian's fonts-noto-cjk with `python reputation/complaints/font.py`.
"""

import sys
from itertools import product
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FONT = Path(__file__).with_name("data") / "NotoSansCJKsc-letters.otf"
ORIGIN = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
FAMILY = "Noto Sans CJK SC"
# All of the Unified Ideographs' first block, since personal names use the rare ones; Latin, Greek
# and Cyrillic; punctuation, currencies, arrows, full-width forms, Bopomofo, and the box for missing
# glyphs.
RANGES = (
    (0x20, 0x7F),
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
# In which Hong Kong has characters outside of them, such as those of Cantonese.
HONG_KONG = "big5hkscs"


def _of_hong_kong() -> set[int]:
    pairs = (bytes(pair) for pair in product(range(0x81, 0xFF), range(0x40, 0xFF)))
    return {ord(sign) for pair in pairs for sign in pair.decode(HONG_KONG, "ignore")}


def cut(origin: Path = ORIGIN) -> None:
    """Writes the letters' font, in about twenty seconds."""
    fonts = (TTFont(origin, fontNumber=number, recalcTimestamp=False) for number in range(10))
    font = next(font for font in fonts if font["name"].getDebugName(1) == FAMILY)
    options = Options()
    # No hints, alternatives or vertical layout: a letter is printed from left to right.
    options.hinting = False
    options.layout_features = []
    options.glyph_names = False
    options.notdef_outline = True
    options.drop_tables += ["GPOS", "GSUB", "vhea", "vmtx", "VORG", "BASE"]
    subsetter = Subsetter(options)
    several = {code for first, end in RANGES for code in range(first, end)}
    subsetter.populate(unicodes=several | _of_hong_kong())
    subsetter.subset(font)
    font.save(FONT)


if __name__ == "__main__":
    cut(*map(Path, sys.argv[1:2]))
