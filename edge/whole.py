import re

_WHOLE = re.compile(r"[0-9]{1,18}")


def whole(text: str) -> int | None:
    """The whole number that a request names in ASCII digits; None where no column could hold it.

    `int` fails of more than 4,300 digits, though they are decimal.
    """
    return int(text) if _WHOLE.fullmatch(text) else None
