"""Numbers, ids and digests in the paths of addresses."""

import re
from typing import Final

from django.urls import register_converter
from django.urls.converters import StringConverter, UUIDConverter

# Germans write 030/901820 or 030 / 901820, and a server sees %2F as a slash. So a number includes
# pieces after a slash in which a digit comes before any letter; what our own addresses have after a
# number are words. Some programs write tel://+4930901820.
NUMBER: Final = r"(?:[A-Za-z][A-Za-z-]*:/+)?[^/]+(?:/+[^/\w]*\d[^/]*)*"
_FOR_SPACE = re.compile(r"(?<=[0-9)])\+(?=[0-9(/])|(?<=\+/)\+(?=[0-9(])")


def written(number: str) -> str:
    """The number as it was before Java's URLEncoder or PHP's urlencode wrote + for its spaces."""
    return _FOR_SPACE.sub(" ", number)


class NumberInPath(StringConverter):
    regex = NUMBER

    def to_python(self, value: str) -> str:
        return written(value)


class IdInPath(UUIDConverter):
    """An id. Programs that read it as a UUID write it anew: Swift does so in capitals."""

    regex = UUIDConverter.regex.replace("a-f", "A-Fa-f")


class DigestInPath(StringConverter):
    """A digest in hexadecimal digits, which PowerShell and .NET write in capitals."""

    def to_python(self, value: str) -> str:
        return value.lower()


register_converter(NumberInPath, "number")
register_converter(IdInPath, "id")
register_converter(DigestInPath, "digest")
