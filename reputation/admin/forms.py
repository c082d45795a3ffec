"""Common parts of the panel's forms: the reason, the acting user, and the page to return to."""

from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from reputation.admin.decisions import Words


class ReasonForm(forms.Form):
    """A reason: a frequent one by its number, or the moderator's own words, or both."""

    # The domain checks that there is a reason.
    reason = forms.CharField(
        required=False,
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=_("Goes on record with your name."),
    )

    def __init__(self, *args: Any, reasons: tuple[Words, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reasons = reasons

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = self.data.get("preset", "")
        if chosen.isdecimal() and 0 < int(chosen) <= len(self.reasons):
            own = cleaned.get("reason", "").strip()
            cleaned["reason"] = f"{self.reasons[int(chosen) - 1]} {own}".strip()
        return cleaned


def actor_of(request: HttpRequest) -> User:
    return cast(User, request.user)  # the panel admits only users


def back_to(request: HttpRequest, default: str) -> str:
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return default
