"""Errors of fields, in sentences that name the field and the remedy.

Django's own ("This field is required.") name neither.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext as _


def speak_plainly(form: forms.BaseForm) -> None:
    """Replaces Django's sentences by ours; sentences given to a field stay."""
    for name, field in form.fields.items():
        for code, text in _sentences(field).items():
            if field.error_messages.get(code) == _stock(field).get(code):
                field.error_messages[code] = text.replace("%(field)s", str(form[name].label))


def _stock(field: forms.Field) -> dict[str, Any]:
    """Django's sentences for a field, without those of validators."""
    return {
        code: text
        for kind in reversed(type(field).__mro__)
        for code, text in getattr(kind, "default_error_messages", {}).items()
    }


def _sentences(field: forms.Field) -> dict[str, str]:
    """Our sentences by code, with %(field)s for the label; other codes are a validator's."""
    chosen = _("Choose one of those offered under “%(field)s”.")
    sentences = {
        "required": _("“%(field)s” is empty. Please fill it in."),
        "max_length": _(
            "“%(field)s” is too long: it has %(show_value)d characters. Shorten it to "
            "%(limit_value)d."
        ),
        "null_characters_not_allowed": _(
            "“%(field)s” has a character that is no text. Type it anew."
        ),
    }
    match field:
        case forms.MultipleChoiceField():
            ticked = _("Tick at least one under “%(field)s”.")
            sentences |= {"required": ticked, "invalid_choice": chosen, "invalid_list": chosen}
        case forms.ChoiceField():
            sentences |= {"required": chosen, "invalid_choice": chosen}
        case forms.IntegerField():
            sentences |= {
                "invalid": _("Write a whole number under “%(field)s”, such as 3."),
                "min_value": _("“%(field)s” is too small. Write %(limit_value)s or more."),
                "max_value": _("“%(field)s” is too large. Write %(limit_value)s or less."),
            }
        case forms.EmailField():
            sentences["invalid"] = _(
                "“%(field)s” is no e-mail address. Write one like name@example.org."
            )
        case forms.BooleanField():
            sentences["required"] = _("Tick “%(field)s”.")
    return sentences
