"""Explains in a moderator's language why the text that they wrote is not a number."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from reputation.identity import InvalidNumber

NOT_A_NUMBER: Final[Any] = _("This is no phone number, service code or name of a sender.")
REFUSALS: Final[dict[str, Any]] = {
    "empty": _("Give the number."),
    "not_a_number": NOT_A_NUMBER,
    "letters": _("This is a name. A sender's name needs its country, such as CN@NAME."),
    "withheld": NOT_A_NUMBER,
    "region_required": _(
        "The country is not clear: write it with + and calling code, or behind its country, such "
        "as CN 15400001234."
    ),
    "unknown_region": _("No country has these two letters. Write them as in CN or US."),
    "too_long": _("This is too long for a number or a sender's name."),
    "impossible": _("No number looks like this in its country: check area code and digits."),
    "emergency": _("This is an emergency number. It can be neither reported nor listed."),
    "fictional": _("This number is reserved for fiction and belongs to nobody."),
}


def refusal(error: InvalidNumber, written: str) -> str:
    """What a moderator reads about a number that cannot be read; `written` is their text."""
    if error.code == "too_long" and not any(char.isdigit() for char in written):
        return str(NOT_A_NUMBER)
    return str(REFUSALS[error.code])
