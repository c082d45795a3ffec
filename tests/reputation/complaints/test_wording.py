"""Templates and grammars: placeholders in, text out."""

import pytest

from reputation.complaints.wording import fill, one_line, unknown_placeholders


@pytest.mark.parametrize(
    ("text", "values", "filled"),
    [
        ("{number}*{content}", {"number": "95533", "content": "pay"}, "95533*pay"),
        # What was said is text, whatever it looks like.
        ("{content}", {"content": "{name} \\1 {0}", "name": "x"}, "{name} \\1 {0}"),
        ("Phone: {own_number}\nName: {name}", {"own_number": "", "name": "Li"}, "Name: Li"),
        ("{first} to {last}", {"first": "", "last": "May"}, " to May"),
        # A heading over nothing goes too, and one blank line is left.
        ("A\n\nWhat happened:\n{statement}\n\nB", {"statement": ""}, "A\n\nB"),
        ("情况说明：\n{statement}\n\nB", {"statement": ""}, "B"),
        (
            "Calls (times in {time_zone}):\n{incidents}",
            {"time_zone": "UTC", "incidents": ""},
            "",
        ),
        ("Calls:\n{incidents}", {"incidents": "one\ntwo"}, "Calls:\none\ntwo"),
        # The addressee is no heading, and neither is a line with a value in it.
        ("{authority}:\n{name}", {"authority": "FTC", "name": ""}, "FTC:"),
        ("Fixed:\n{name}\n{email}", {"name": "", "email": "a@b"}, "a@b"),
    ],
)
def test_empty_values_take_their_lines_and_headings_along(text, values, filled):
    assert fill(text, values) == filled


def test_a_placeholder_without_value_is_an_error():
    with pytest.raises(KeyError):
        fill("{number}", {})


def test_unknown_placeholders():
    assert unknown_placeholders("{number} {nummer} {time} {Name} {}") == ["nummer"]


def test_one_line():
    assert one_line(" a\n\tb\u3000c\r\n") == "a b c"
