"""The choice of a period, from one day to another, both included; in UTC."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from reputation.decisions import start_of_day

DAY = timedelta(days=1)


class DayField(forms.DateField):
    """A day, chosen in the browser's calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PeriodDay(DayField):
    """A day that has a day after it."""

    default_validators = [MaxValueValidator(date(2999, 12, 31))]


class PeriodForm(forms.Form):
    """A period; without days, the last `days` days."""

    since = PeriodDay(required=False, label=_("First day (UTC)"))
    until = PeriodDay(required=False, label=_("Last day (UTC)"))

    def __init__(self, data: Any, *, now: datetime, days: int) -> None:
        last = now.astimezone(UTC).date()
        self._default = (last - timedelta(days=days - 1), last)
        opens = {"since": self._default[0].isoformat(), "until": last.isoformat()}
        super().__init__({name: data.get(name) or value for name, value in opens.items()})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day comes before the first."))
        return cleaned

    def bounds(self) -> tuple[datetime, datetime]:
        """The first moment, and the moment after the last; those of the default if the fields are
        wrong."""
        days = (self.cleaned_data["since"], self.cleaned_data["until"]) if self.is_valid() else ()
        first, last = days or self._default
        return start_of_day(first), start_of_day(last) + DAY
