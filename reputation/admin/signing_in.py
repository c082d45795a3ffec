"""Signing in to the panel: by password and, where required, a second factor."""

import logging
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.forms import LoginForm
from allauth.account.views import LoginView
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reputation.privacy import SECOND_FACTOR, SealBroken, seal, unseal

logger = logging.getLogger(__name__)

# A session ends after a working day; that of people who manage their own reports lasts a fortnight.
SESSION = timedelta(hours=12)


def used_second_factor(request: HttpRequest) -> bool:
    """Whether this session was opened, or later confirmed, with a second factor."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


class SignInForm(LoginForm):  # type: ignore[misc]
    """The user name and the password of a staff account; its adapter counts failures."""

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
    site: AdminSite | None = None
    form_class = SignInForm
    template_name = "panel/sign_in.html"

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

    def is_mfa_enabled(self, user: AbstractBaseUser | AnonymousUser, types: Any = None) -> bool:
        """Only in the panel: people sign in by a code alone, and whoever finds a session of theirs
        open could lock them out by a factor of their own."""
        return bool(getattr(user, "is_staff", False) and super().is_mfa_enabled(user, types))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Where a second factor is required, only an administrator may remove it, on record."""
        return not (settings.MODERATOR_MFA_REQUIRED and authenticator.user.is_staff)
