import re

_WHOLE = re.compile(r"[0-9]{1,18}")


def whole_number(text: str) -> int | None:
    """The whole number that a request names in ASCII digits; None if no column could hold it.

    Limits the digits, since `int` fails for more than 4,300, though they are decimal.
    """
    return int(text) if _WHOLE.fullmatch(text) else None
