"""The panel's site: Django's admin with a menu by task, the dashboard and pages of its own."""

from collections.abc import Callable
from datetime import UTC
from functools import update_wrapper
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reputation import health
from reputation.admin import dashboard, desk
from reputation.admin.forms import actor_of
from reputation.admin.keys import KEYS
from reputation.admin.signing_in import SignInView, used_second_factor
from reputation.counting import calibrating
from reputation.decisions import desk as desks
from reputation.moderation import staff
from reputation.scoring import fitting

LEVELS = {
    health.Level.OK: _("well"),
    health.Level.UNCHECKED: _("not checked"),
    health.Level.ADVICE: _("advice"),
    health.Level.DEGRADED: _("a part does not work"),
    health.Level.BROKEN: _("does not work"),
}


# The lists by task. A task with one list is a link to it.
MENU: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Queue"), ("QueueItem",)),
    (_("Proposals"), ("Proposal",)),
    (_("Disputes"), ("Dispute",)),
    (_("Messages"), ("IntakeMessage",)),
    (_("Search"), ("Number", "Report", "Reporter", "Campaign")),
    (_("Directory"), ("OfficialNumber", "NumbersFile")),
    (_("Records"), ("AuditEntry", "DecisionBatch", "SecondReview")),
    (_("Complaints"), ("Authority", "Channel", "Statute", "Provision", "Template")),
    (_("Organisations' keys"), ("KeyGrant",)),
    (_("Team"), ("User", "Webhook")),
    (_("Server"), ("ProcrastinateJob",)),
)
# Names of lists that replace the names of their tables.
NAMED: dict[str, Any] = {
    "User": _("Accounts"),
    "SecondReview": _("Quality"),
}


class PanelSite(AdminSite):
    site_header = "Ringscore"
    site_title = "Ringscore"
    index_title = _("Dashboard")
    site_url = "/"
    enable_nav_sidebar = False  # the menu by task is in the header
    index_template = "panel/dashboard.html"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and (
            not settings.MODERATOR_MFA_REQUIRED or used_second_factor(request)
        )

    def admin_view[V: Callable[..., HttpResponseBase]](self, view: V, cacheable: bool = False) -> V:
        """Shows times in UTC, not by the reader's clock as the public pages do, so that moderators
        and all readers of the record name the same moments."""
        guarded = super().admin_view(view, cacheable)

        def in_utc(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            with timezone.override(UTC):
                try:
                    response = guarded(request, *args, **kwargs)
                    return response.render() if isinstance(response, TemplateResponse) else response
                except DataError as error:
                    if request.method not in ("GET", "HEAD"):
                        raise
                    # A value in the address that no column can hold.
                    raise Http404 from error

        return cast(V, update_wrapper(in_utc, guarded))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request) | {
            "keys": KEYS.items(),
            "release": settings.RELEASE,
        }
        if context["has_permission"]:
            context["waits"] = desks.count(actor_of(request), now=timezone.now())
        return context

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """The lists that this user may see, by task (MENU); those without a task come last."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        models = {
            model["object_name"]: model
            for app in super().get_app_list(request)
            for model in app["models"]
        }
        for name, words in NAMED.items():
            if name in models:
                models[name]["name"] = words
        named = {name for _task, names in MENU for name in names}
        tasks = [*MENU, (_("More"), tuple(models.keys() - named))]
        home = reverse("admin:index")
        return [
            {
                "name": task,
                "app_label": f"task-{place}",
                "app_url": home,
                "models": [models[name] for name in names if name in models],
            }
            for place, (task, names) in enumerate(tasks)
            if any(name in models for name in names)
        ]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        found = dashboard.context(request, now=timezone.now())
        return super().index(request, found | (extra_context or {}))

    def get_urls(self) -> list[Any]:
        return [
            path("health/", self.admin_view(self.health), name="health"),
            path("desk/", self.admin_view(self.desk), name="desk"),
            *super().get_urls(),
        ]

    def desk(self, request: HttpRequest) -> HttpResponse:
        return desk.page(request, self)

    def health(self, request: HttpRequest) -> TemplateResponse:
        """The findings of `doctor` without other servers, for users who look after accounts."""
        if not request.user.has_perm("auth.view_user"):
            raise PermissionDenied
        context = self.each_context(request) | {
            "title": _("State of the service"),
            "found": [
                (check.title, finding, LEVELS[finding.level])
                for check, finding in health.look(
                    now=timezone.now(), costly="others" in request.GET
                )
            ],
            "others": "others" in request.GET,
            "runs": health.job_runs(),
            "calibration": calibrating.state(now=timezone.now()),
            "enough": fitting.ENOUGH_DRAWN,
        }
        return TemplateResponse(request, "panel/health.html", context)

    def password_change(  # type: ignore[override]  # also Django's own answers with a redirect
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form, which asks for the old password: a guess as good as any in an open session."""
        counted = {"action": "reauthenticate", "user": request.user}
        refused = request.method == "POST" and ratelimit.consume_or_429(request, **counted)
        return refused or super().password_change(request, extra_context)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form; for a user who is already signed in, the missing step."""
        if not request.user.is_authenticated:
            response: HttpResponse = SignInView.as_view(site=self)(request)
            return response
        if not super().has_permission(request):
            raise PermissionDenied
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        wanted = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        has_factor = is_mfa_enabled(request.user, [Authenticator.Type.TOTP])
        step = reverse("mfa_reauthenticate" if has_factor else "mfa_activate_totp")
        return HttpResponseRedirect(f"{step}?{urlencode({REDIRECT_FIELD_NAME: wanted})}")


# Every session keeps the path of its backend: in another module it would sign everybody out.
class PasswordBackend(AuthenticationBackend):  # type: ignore[misc]
    """Signs in staff accounts by user name and password, and no other accounts.

    Every attempt computes one password hash, whatever was typed: a slower answer would show who has
    an account here. Reporters sign in by code (web.accounts), not by this.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str = "",
        password: str = "",
        **others: Any,
    ) -> User | None:
        if not username or not password:
            return None
        user = staff.member(username)
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) else None
