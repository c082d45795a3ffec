"""Which audit entries are shown or exported: one form, above the list and before a file."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin import ListFilter
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reputation.admin.periods import DAY, PeriodDay
from reputation.admin.words import VERBS
from reputation.decisions import start_of_day
from reputation.models import AuditEntry
from reputation.moderation import permissions, reasons
from reputation.quality import exports

NAMES = ("since", "until", "by", "action", "reason")


class AuditForm(forms.Form):
    since = PeriodDay(required=False, label=_("First day (UTC)"))
    until = PeriodDay(required=False, label=_("Last day (UTC)"))
    by = forms.ModelChoiceField(
        queryset=User.objects.filter(is_staff=True).order_by("username"),
        to_field_name="username",
        required=False,
        label=_("by"),
        empty_label=_("anybody"),
    )
    action = forms.ChoiceField(required=False, label=_("decision"))
    reason = forms.ChoiceField(required=False, label=_("reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The page of an export has a form with a reason, too, which its own label names.
        self.auto_id = "asked_%s"
        verbs = sorted((str(label), verb) for verb, label in VERBS.items())
        codes = sorted((str(text), code) for code, text in reasons.REASONS.items())
        self.fields["action"].choices = [  # type: ignore[attr-defined]
            ("", gettext("any")),
            *((verb, label) for label, verb in verbs),
        ]
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            ("", gettext("any")),
            (exports.OWN_WORDS, gettext("own words")),
            *((code, text) for text, code in codes),
        ]

    def wanted(self) -> exports.Wanted:
        """The filters with valid values; the form names the errors of the others."""
        self.is_valid()
        given = self.cleaned_data
        since, until = given.get("since"), given.get("until")
        return exports.Wanted(
            since=start_of_day(since) if since else None,
            until=start_of_day(until) + DAY if until else None,
            by=given.get("by"),
            action=given.get("action") or "",
            reason=given.get("reason") or "",
        )


class AuditFilter(ListFilter):
    """Applies all fields of the form."""

    title = _("period, person, decision, reason")
    template = "panel/audit_filter.html"
    parameter_names = NAMES

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in NAMES:
            if (values := params.pop(name, None)) is not None:
                self.used_parameters[name] = values[-1] if isinstance(values, list) else values
        self.form = AuditForm(self.used_parameters)
        self.may_export = request.user.has_perm(permissions.EXPORT_RECORD)

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(NAMES)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        return exports.chosen(self.form.wanted(), queryset)

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        yield {
            "form": self.form,
            "term": changelist.query,
            "asked": bool(self.used_parameters),
            "may_export": self.may_export,
            "query": changelist.get_query_string(remove=["p", "q", "o"]),
        }
