"""A text in which spoken numbers are written in digits.

It has as many characters as the text, so positions in it are positions in the text.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

from reputation.identity import Token, figures, stretches

FILLER = "\0"  # fills up digits that are shorter than the words for them; no plain text contains it
_PIECE = 8  # digits; shorter pieces are first tried as one number, then each by itself
_LINE = 2  # the widest gap within a token

type _IsNumber = Callable[[str], bool]
type _Numbers = list[Sequence[Token]]


def in_figures(text: str, is_number: _IsNumber) -> str:
    """The text with numbers of `is_number` digits written in digits. Digits that make no number
    with the words or letters among them are left out: half of a number is another person's
    number."""
    pieces, at = [], 0
    for tokens in stretches(text):
        if not any(token.said or token.gap for token in tokens):
            continue
        for part, written in _written(tokens, _read(tokens, is_number, _LINE)):
            start, end = part[0].start, part[-1].end
            pieces += [text[at:start], written.ljust(end - start, FILLER)]
            at = end
    return "".join([*pieces, text[at:]])


def _read(tokens: Sequence[Token], is_number: _IsNumber, gap: int) -> _Numbers:
    """The numbers among tokens: they end at gaps of this width, unless only all tokens together are
    one number."""
    if not gap:
        return _one(tokens, is_number)
    parts = _split(tokens, gap)
    if len(parts) == 1:
        return _read(tokens, is_number, gap - 1)
    if all(sum(len(token.digits) for token in part) <= _PIECE for part in parts) and (
        whole := _one(tokens, is_number)
    ):
        return whole
    found: _Numbers = []
    rest: list[Token] = []
    for part in parts:
        if numbers := _read(part, is_number, gap - 1):
            found += [*_one(rest, is_number), *numbers]
            rest = []
        else:
            rest += part
    return found + _one(rest, is_number)


def _split(tokens: Sequence[Token], gap: int) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.gap >= gap and parts[-1]:
            parts.append([])
        parts[-1].append(token)
    return parts


def _one(tokens: Sequence[Token], is_number: _IsNumber) -> _Numbers:
    """The number of all these tokens, without a word beside digits that are already one ("07700
    900402 oh no") or without the counts at their end; or none."""
    for rest, word in ((tokens[:-1], tokens[-1:]), (tokens[1:], tokens[:1])):
        if (
            word
            and word[0].word
            and word[0].apart
            and not any(token.said for token in rest)
            and (digits := figures(rest))
            and is_number(digits)
        ):
            return [rest]
    while tokens:
        if (digits := figures(tokens)) and is_number(digits):
            return [tokens]
        if not tokens[-1].counts:
            break
        tokens = tokens[:-1]
    return []


def _written(tokens: Sequence[Token], numbers: _Numbers) -> list[tuple[Sequence[Token], str]]:
    """The replacements of tokens, in order: digits for numbers, and nothing for digits that make no
    number with the words among them, unless such a word has a meaning of its own."""
    owner = {token.start: place for place, number in enumerate(numbers) for token in number}
    written: list[tuple[Sequence[Token], str]] = []
    for place, run in groupby(tokens, lambda token: owner.get(token.start)):
        part = list(run)
        said = [token for token in part if token.said and not token.counts]
        if place is not None and (said or any(token.gap for token in part[1:])):
            written.append((part, figures(part)))
        elif place is None and said and not (len(said) == 1 and said[0].apart):
            written.append((part, ""))
    return written
