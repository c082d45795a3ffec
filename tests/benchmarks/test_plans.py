"""Counting numbering plans, and the table of reputation.lookup.buckets that rests on it."""

import re
from itertools import product

import phonenumbers
import pytest

from benchmarks._plans import Automaton, mobiles
from reputation.lookup.buckets import PREFIX_BITS

SHORT = ["".join(digits) for length in range(7) for digits in product("0123456789", repeat=length)]


@pytest.mark.parametrize(
    "expressions",
    [
        [r"\d{3}"],
        [r"1(?:2[3-5]|4)\d{2,3}"],
        [r"(?:1[23]|4)\d{2,3}", r"12?3{0,2}5"],
        [r"5|56|567\d?", r"56[0-9]"],
        [r"(?:12|3){2}4?"],
    ],
)
def test_numbers_and_blocks_are_counted_once_each(expressions):
    pattern = re.compile("|".join(f"(?:{each})" for each in expressions))
    numbers = [text for text in SHORT if pattern.fullmatch(text)]
    blocks = {number[:-2] for number in numbers if len(number) >= 2}
    plan = Automaton(expressions)

    assert plan.size() == (len(numbers), len(blocks))
    assert sorted(plan.each_block()) == sorted(blocks)


def test_what_no_plan_had_before_is_refused():
    with pytest.raises(ValueError, match="numbering plans had no ASSERT_NOT before"):
        Automaton([r"(?!1)\d{3}"])


@pytest.mark.parametrize(
    ("code", "regions"),
    [
        (code, regions)
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
        if regions != ("001",)
    ],
    ids=str,
)
def test_a_bucket_leaves_ten_blocks_of_a_country_in_question(code, regions):
    _, blocks = mobiles(regions).size()
    for region in regions:
        bits = PREFIX_BITS.get(region, PREFIX_BITS["default"])
        if bits == 16:
            assert blocks / 2**16 >= 500
        elif bits == 12:
            assert blocks / 2**12 >= 10
        else:
            # As few as there are: fewer would be the whole list.
            assert (bits, blocks / 2**12 < 10) == (8, True)
