"""Numbers as telephones, PBXs and address books write them, for clients that read offline."""

from collections.abc import Iterator
from itertools import product

from reputation.identity import InvalidNumber, identify

NUMBERS = (
    *("+12025550101", "+1 (202) 555-0101", "+4930901820", "+49 30 901820", "+86 10 65529988"),
    *("+86-21-62345678", "0086 138 1234 5678", "+81 3-1234-5678", "+44 20 7946 0000"),
)
# What follows a number without being a part of it.
ENDS = (
    *("", " (3)", "(12)", " x12", " ext. 12", ";ext=12", ",,12#", "#12", "p12", " durchwahl 12"),
    *("转8001", " 分机号 12", " доб. 12", " poste 12"),
)
AROUND = (
    *("{}", " {} ", "tel:{}", "tel://{}", "sms:{}", "whatsapp:{}", "'{}", '="{}"', '"{}"'),
    *("\u202a{}\u202c", "\u2068{}\u2069"),  # marks of direction, as iOS copies a contact's number
)
OTHERS = (
    *("+１ ２０２-５５５-０１０１", "+٤٩ ٣٠ ٩٠١٨٢٠", "+1\u20112025550101", "+1·202·555·0101"),
    *("+0012025550101", '"Loans" <sip:+12025550101@192.0.2.1>;tag=1', "12025550101@lid"),
)
# With an extension behind a dash: which digits are the number's, only its plan tells.
BRANCHES = (
    *("+86 21 62345678-8", "+86-21-62345678-801", "0086 10 65529988-8001", "+1 202 5550101-12"),
    *("+49 30 9018201-23", "+43 1 5012345-0", "tel:+86-21-62345678-8", "+48 22 5550101-3"),
)


def written_numbers() -> Iterator[str]:
    yield from OTHERS
    for number, end, around in product(NUMBERS, ENDS, AROUND):
        yield around.format(number + end)


def read_by_server(raw: str, region: str = "") -> str:
    """The canonical key; "" if there is none."""
    try:
        return identify(raw, region=region, allow_fictional=True).key
    except InvalidNumber:
        return ""
