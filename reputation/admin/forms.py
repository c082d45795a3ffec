"""Common parts of the panel's forms: the reason, the acting user, and the page to return to."""

from copy import copy
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from edge import whole_number
from reputation.moderation import DecisionError, Signed, reasons


class ReasonForm(forms.Form):
    """A reason: a frequent one by its number, or the moderator's own words, or both.

    `reasons`: codes of moderation.reasons, which are stored instead of words in one language.
    """

    # The domain requires a reason.
    reason = forms.CharField(
        required=False,
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=_("Goes on record with your name."),
    )

    def __init__(self, *args: Any, reasons: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = reasons

    @property
    def reasons(self) -> list[str]:
        """The frequent reasons in the moderator's language."""
        return [reasons.in_words(reasons.coded(code)) for code in self.codes]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = whole_number(self.data.get("preset", "")) or 0
        if 0 < chosen <= len(self.codes):
            own = cleaned.get("reason", "").strip()
            cleaned["reason"] = reasons.coded(self.codes[chosen - 1], own)
        return cleaned

    def by(self, request: HttpRequest) -> Signed:
        """The keywords of the audit entry that this form signs."""
        reason = self.cleaned_data["reason"]
        return {"actor": actor_of(request), "reason": reason, "now": timezone.now()}

    def refuse(self, error: DecisionError) -> None:
        """Shows why nothing was decided, at the field at fault if the form has it."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


def reason_page(
    pages: Any,
    request: HttpRequest,
    form: forms.Form,
    *,
    title: Any,
    consequence: Any,
    page: str,
    **more: Any,
) -> TemplateResponse:
    """The page that says what an action does and asks for its reason. `page`: where the action was
    chosen, in the admin `pages`."""
    context = {
        **pages.admin_site.each_context(request),
        "opts": pages.opts,
        "title": title,
        "consequence": consequence,
        "page": page,
        "form": form,
        "item": request.POST.get("item") or request.GET.get("item") or "",
        "kind": request.POST.get("kind") or request.GET.get("kind") or "",
        **more,
    }
    return TemplateResponse(request, "panel/decide.html", context)


def actor_of(request: HttpRequest) -> User:
    return cast(User, request.user)  # the panel admits only users


def see_anew(form: forms.BaseForm, seen: object) -> None:
    """Makes a refused form send back what its person sees now, rather than what they saw before."""
    data: Any = form.data
    data = data.copy()
    data["seen"] = str(seen)
    form.data = data


def as_read(request: HttpRequest) -> HttpRequest:
    """The request for the page whose form was refused, to show it with what was written."""
    shown = copy(request)
    shown.method = "GET"
    return shown


def drawn(request: HttpRequest, field: str) -> UUID | None:
    """The id that a preview drew for its batch; None for a request without one."""
    try:
        return UUID(request.POST.get(field, ""))
    except ValueError:
        return None


def back_to(request: HttpRequest, default: str) -> str:
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return default
