"""Signs people in by an e-mail address and a code. There is no password, and no separate signing
up.

An unknown address gets an account at once, unconfirmed and empty until its code is entered, so that
the page answers the same whether the address is known or not. A person who may not sign in here
(staff, a closed account) gets a mail that says so, and the page again answers the same.
"""

import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from allauth.account.forms import (
    ConfirmLoginCodeForm,
    ReauthenticateForm,
    RequestLoginCodeForm,
)
from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from allauth.account.views import ConfirmLoginCodeView
from allauth.core import context as entering
from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from edge import Sending, client_address, send_mail
from reputation.privacy import canonical_address, network_of
from web import limits, passwords
from web.faults import speak_plainly
from web.forms import READING_IN, Refilled
from web.people import NAMES, note_opening

EMAIL_LENGTH = 254  # the limit of the column in auth's User, and of RFC 5321


class MailNotSent(Exception):
    """A mail for signing in was not sent. `ever`: no mail server will accept one for that
    address."""

    def __init__(self, *, ever: bool) -> None:
        super().__init__("a mail for signing in was not sent")
        self.ever = ever


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": gettext_lazy(
            "This is not the code of the last mail. Check it, or get a new one."
        ),
        "too_many_login_attempts": gettext_lazy(
            "Too many failed attempts. Wait some minutes, or ask for a new code."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """The page for codes accepts new people too."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that our own limits use, which trusts only our proxies."""
        return client_address(request.META)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends the mail. Raises MailNotSent: errors of mail servers quote the address, which must
        not be logged. Raises limits.TooMany for a client that had many mails sent, and for a
        mailbox that got many, at whichever of its addresses, in all or for this network."""
        limits.spend(entering.request, "sign_in_mail_asked")
        mailbox, network = (
            canonical_address(email),
            network_of(self.get_client_ip(entering.request)),
        )
        limits.spend_of(f"{mailbox} {network}", entering.request, "sign_in_mail_network")
        limits.spend_of(mailbox, entering.request, "sign_in_mail")
        values = {"request": entering.request, "email": email, **context}
        sending = send_mail(self.render_mail(template_prefix, email, values), about="signing in")
        if sending is not Sending.SENT:
            raise MailNotSent(ever=sending is Sending.NEVER)

    def login(self, request: HttpRequest, user: User) -> None:
        """The code was entered: opens the account if nobody had entered it before."""
        super().login(request, user)
        # Sessions of other devices outlast the account, so they must not contain its address.
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {name: value for name, value in method.items() if name != "email"}
            for method in get_authentication_records(request, user)
        ]
        network = network_of(client_address(request.META))
        note_opening(user, network=network, now=timezone.now())

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Replaces allauth's limit by account, with which strangers lock it for its owner."""
        try:
            passwords.count(request, credentials["username"])
        except limits.TooMany:
            raise self.validation_error("too_many_login_attempts") from None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            passwords.uncount(request)
        return user

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **how)
        if user.is_staff:
            passwords.know(response, user.username)
        return response


class EmailForm(Refilled, RequestLoginCodeForm):  # type: ignore[misc]
    _user: User | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["email"]
        field.label = gettext_lazy("Your e-mail address")
        field.widget.attrs = {
            "autocomplete": "email",
            "inputmode": "email",
            "maxlength": str(EMAIL_LENGTH),
        }
        field.validators.append(MaxLengthValidator(EMAIL_LENGTH))

    def clean_email(self) -> str:
        limits.spend(entering.request, "sign_in")
        email: str = super().clean_email().strip().lower()
        if self._user is None:
            self._user = open_account(email)
        elif self._user.is_staff:
            # Accounts that decide about others need more than a mailbox.
            self._user = None
        return email


class CodeForm(Refilled, ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code that came by mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = gettext_lazy("Code from the mail")


class CodeView(ConfirmLoginCodeView):  # type: ignore[misc]
    """A change of language is no attempt. A person who must begin again is told why, and then still
    reaches the page that they wanted."""

    _process: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        beginning = reverse("account_request_login_code")
        if response.headers.get("Location") != beginning:
            return response
        if self._process is None:
            messages.error(
                request,
                _("This code works no more, or was asked for in another browser. Get a new one."),
            )
        return redirect(self.passthrough_next_url(beginning))

    def form_invalid(self, form: forms.BaseForm) -> HttpResponse:
        if READING_IN in self.request.POST:
            context = self.get_context_data(form=form)
            response: HttpResponse = self.render_to_response(context)
        else:
            response = super().form_invalid(form)
        return response


class PasswordForm(ReauthenticateForm):  # type: ignore[misc]
    """Asks staff for their password before a change of their second factor. Only an administrator
    resets a lost password, so the form offers no mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        speak_plainly(self)


@transaction.atomic
def open_account(email: str) -> User | None:
    """A new account, which is open once its code is entered. None if the address has a closed
    account, which stays closed."""
    if filter_users_by_email(email):
        return None
    user = User(username=f"{NAMES}{secrets.token_hex(12)}", email=email)
    user.set_unusable_password()
    user.save()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    return user
