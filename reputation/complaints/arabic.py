"""Arabic in the order and the forms in which it is printed: fpdf2 does neither by itself."""

import re
import unicodedata
from functools import cache

from fpdf.bidi import BidiParagraph, auto_detect_base_direction
from fpdf.enums import TextDirection

_FORMS = (*range(0xFB50, 0xFC00), *range(0xFE70, 0xFEFD))  # as Unicode keeps them for old fonts
_LAM = "\u0644"
# Join their neighbours and have one form: the stroke that lengthens a word, and the joiner.
_JOINERS = frozenset("\u0640\u200d")
# A letter of Uyghur, for which Unicode has no form of its own: it ends a word as this one does.
_UYGHUR = {("\u06d5",): {"isolated": "\u06d5", "final": "\ufeea"}}
# Figures with what parts them, which Arabic beside them would turn around, group by group.
_FIGURES = re.compile(r"\+?[0-9][-0-9 ./:]*[0-9]")
_ISOLATE, _END = "\u2066", "\u2069"
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_TO_THE_LEFT = frozenset(("R", "AL", "AN", "RLE", "RLO", "RLI"))


def joined(text: str) -> str:
    """`text` with each Arabic letter in the form that it has beside its neighbours."""
    if not any("\u0600" <= char <= "\u06ff" for char in text):
        return text
    forms = _forms()
    letters: list[tuple[tuple[str, ...], str]] = []  # each with the marks that follow it
    for char in text:
        if letters and unicodedata.combining(char):
            letters[-1] = letters[-1][0], letters[-1][1] + char
        elif letters and (*letters[-1][0], char) in forms and letters[-1][0] == (_LAM,):
            letters[-1] = (_LAM, char), letters[-1][1]  # both are one letter
        else:
            letters.append(((char,), ""))
    printed = []
    for place, (letter, marks) in enumerate(letters):
        own = forms.get(letter, {})
        before = place > 0 and _joins(forms, letters[place - 1][0], "initial") and "final" in own
        after = (
            place + 1 < len(letters)
            and _joins(forms, letters[place + 1][0], "final")
            and "initial" in own
        )
        form = ("medial" if after else "final") if before else "initial" if after else "isolated"
        printed.append(own.get(form, "".join(letter)) + marks)
    return "".join(printed)


def _joins(forms: dict[tuple[str, ...], dict[str, str]], letter: tuple[str, ...], by: str) -> bool:
    return by in forms.get(letter, {}) or letter[0] in _JOINERS


@cache
def _forms() -> dict[tuple[str, ...], dict[str, str]]:
    """The forms of each letter, and of lam with an alef after it."""
    forms: dict[tuple[str, ...], dict[str, str]] = {}
    for code in _FORMS:
        form, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        whole = tuple(chr(int(letter, 16)) for letter in letters)
        if len(whole) == 1 or whole[:1] == (_LAM,):
            forms.setdefault(whole, {})[form.strip("<>")] = chr(code)
    return forms | _UYGHUR


def from_right_to_left(text: str) -> bool:
    """Whether a paragraph begins in a script that is written so."""
    return auto_detect_base_direction(text) == TextDirection.RTL


def in_order(line: str, *, to_the_left: bool) -> str:
    """A line's characters from the left to the right of the paper.

    `to_the_left`: whether its paragraph is written from right to left.
    """
    if all(unicodedata.bidirectional(char) not in _TO_THE_LEFT for char in line):
        return line
    base = TextDirection.RTL if to_the_left else TextDirection.LTR
    line = _FIGURES.sub(rf"{_ISOLATE}\g<0>{_END}", line)
    return "".join(
        each.character.translate(_MIRRORED) if each.embedding_level % 2 else each.character
        for each in BidiParagraph(line, base).get_reordered_characters()
        if each.character not in (_ISOLATE, _END)
    )
