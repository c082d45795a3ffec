"""How a number stands in an address."""

from typing import Final

from django.urls import register_converter
from django.urls.converters import StringConverter

# Germans write 030/901820, and a server sees %2F as a slash. No piece of an address of ours begins
# with a digit behind a number.
NUMBER: Final = r"[^/]+(?:/+[0-9][0-9 ().-]*)*"


class NumberInPath(StringConverter):
    regex = NUMBER


register_converter(NumberInPath, "number")
