"""The panel's site: Django's admin, entered by password and, where required, a second factor."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.forms import LoginForm
from allauth.account.views import LoginView
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reputation.admin import dashboard
from reputation.privacy import seal, unseal

# Since signing in: a working day, not a fortnight as for people who look after their own reports.
SESSION = timedelta(hours=12)


class PanelSite(AdminSite):
    site_header = site_title = "Ringscore"
    index_title = _("Dashboard")
    site_url = "/"
    login_template = "panel/sign_in.html"
    index_template = "panel/dashboard.html"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and (
            not settings.MODERATOR_MFA_REQUIRED or used_second_factor(request)
        )

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        found = dashboard.context(request, now=timezone.now())
        return super().index(request, found | (extra_context or {}))

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form; or for who is signed in already, what is missing before the panel opens."""
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


class SignInForm(LoginForm):  # type: ignore[misc]
    """Counts failures by account and by address: ACCOUNT_RATE_LIMITS."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail address")
        self.fields["login"].widget.attrs = {"autocomplete": "username", "autofocus": True}
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password"].help_text = ""

    def _setup_password_field(self) -> None:
        """Stays, though people sign in by a code alone."""

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
    """Secrets are sealed, so that the database alone opens no account."""

    def encrypt(self, text: str) -> str:
        return seal(text.encode(), bound="second factor").hex()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(bytes.fromhex(encrypted_text), bound="second factor").decode()

    def get_totp_issuer(self) -> str:
        return "Ringscore"

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Where it is required, only an administrator takes it away, on record."""
        return not (settings.MODERATOR_MFA_REQUIRED and authenticator.user.is_staff)
