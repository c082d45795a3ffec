"""The panel's site: Django's admin, entered by password and, where required, a second factor."""

import logging
from collections.abc import Callable
from datetime import UTC, timedelta
from functools import update_wrapper
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.account.forms import LoginForm
from allauth.account.views import LoginView
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
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
from reputation.counting import calibrating
from reputation.decisions import desk as desks
from reputation.moderation import staff
from reputation.privacy import SECOND_FACTOR, SealBroken, seal, unseal
from reputation.scoring import fitting

logger = logging.getLogger(__name__)

# A session ends after a working day; that of people who manage their own reports lasts a fortnight.
SESSION = timedelta(hours=12)

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
    "ProcrastinateJob": _("Jobs of the worker"),
    "SecondReview": _("Quality"),
}


class PanelSite(AdminSite):
    site_header = "Ringscore"
    site_title = "Ringscore"
    index_title = _("Dashboard")
    site_url = "/"
    enable_nav_sidebar = False  # the menu by task is in the header
    login_template = "panel/sign_in.html"
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
                    # A filter of another app's list with a value that its column cannot hold.
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


def used_second_factor(request: HttpRequest) -> bool:
    """Whether this session was opened, or later confirmed, with a second factor."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


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


class SignInForm(LoginForm):  # type: ignore[misc]
    """Counts failures by account and by address: ACCOUNT_RATE_LIMITS."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name")
        self.fields["login"].widget.attrs = {"autocomplete": "username", "autofocus": True}
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password"].help_text = ""

    def _setup_password_field(self) -> None:
        """Keeps the password field, which allauth removes since reporters sign in by code."""

    def user_credentials(self) -> dict[str, str]:
        return {
            "username": self.cleaned_data["login"],
            "password": self.cleaned_data["password"],
        }

    def _clean_with_password(self, credentials: dict[str, str]) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super()._clean_with_password(credentials)
        except ValidationError as error:
            if error.code != "email_password_mismatch":
                raise
            raise get_adapter().validation_error("username_password_mismatch") from None
        return cleaned

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        response: HttpResponse = super().login(request, redirect_url=redirect_url)
        request.session.set_expiry(SESSION)
        return response


class SignInView(LoginView):  # type: ignore[misc]
    site: PanelSite | None = None
    form_class = SignInForm

    def get_template_names(self) -> list[str]:
        return [PanelSite.login_template]

    def get_form_class(self) -> type[SignInForm]:
        return self.form_class

    def get_default_success_url(self) -> str:
        return reverse("admin:index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        each = self.site.each_context(self.request) if self.site else {}
        return each | context | {"title": _("Sign in")}


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals secrets, so that the database alone does not suffice to sign in."""

    def encrypt(self, text: str) -> str:
        return seal(text.encode(), bound=SECOND_FACTOR).hex()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unseal(bytes.fromhex(encrypted_text), bound=SECOND_FACTOR).decode()
        except SealBroken:
            logger.error("a second factor is sealed by a key that SEALING_KEYS lacks: keys.md")
            return str(generate_totp_secret())  # nobody knows it, so every code is wrong

    def get_totp_issuer(self) -> str:
        return "Ringscore"

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Where a second factor is required, only an administrator may remove it, on record."""
        return not (settings.MODERATOR_MFA_REQUIRED and authenticator.user.is_staff)
