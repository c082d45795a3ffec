"""Keys for organisations: a PBX or a gateway asks for one here, and its contacts manage it.

Only its contacts learn that it exists.
"""

import uuid

from allauth.account.utils import filter_users_by_email
from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from api import keys
from edge import client_address, whole_number
from reputation import organisations
from reputation.models import KeyGrant
from reputation.moderation import SCOPES, reasons
from reputation.privacy import is_reachable, network_of, without_controls
from web import locality
from web.accounts import EMAIL_LENGTH, open_account
from web.forms import CountryField, CountryForm, Form
from web.limits import limited
from web.signed_in import person, signed_in
from web.views.keys import made_once

STATES = {
    KeyGrant.State.WAITING: gettext_lazy("It waits for a moderator. You will get a mail."),
    KeyGrant.State.GRANTED: gettext_lazy("It is granted."),
    KeyGrant.State.REFUSED: gettext_lazy("It was refused."),
    KeyGrant.State.EXPIRED: gettext_lazy("It has expired: its keys no longer work."),
    KeyGrant.State.ENDED: gettext_lazy("It has ended: its keys no longer work."),
}
MOST_CALLS = 100_000_000


class AskingForm(CountryForm):
    field_order = ("organisation", "contact", "purpose")  # before the country of CountryForm

    organisation = forms.CharField(label=gettext_lazy("Name of the organisation"), max_length=120)
    contact = forms.CharField(
        label=gettext_lazy("Who answers questions, and how"),
        help_text=gettext_lazy(
            "A name, and a telephone number or address that the organisation publishes. Moderators "
            "alone see it."
        ),
        max_length=200,
    )
    purpose = forms.CharField(
        label=gettext_lazy("What is the key for?"),
        help_text=gettext_lazy("Which telephone system or gateway, and what it does with answers."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
    calls_per_day = forms.IntegerField(
        label=gettext_lazy("Calls a day that you expect"),
        min_value=1,
        max_value=MOST_CALLS,
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What should it be able to do?"),
        choices=[(name, organisations.SCOPE_WORDS[name]) for name in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        initial=["lookup"],
    )
    verifies_attestation = forms.BooleanField(
        label=gettext_lazy("It verifies STIR/SHAKEN attestation of incoming calls"),
        help_text=gettext_lazy("A moderator asks how, before its word on attestation counts."),
        required=False,
    )
    networks = forms.CharField(
        label=gettext_lazy("From which networks will it ask?"),
        help_text=gettext_lazy(
            "Such as 192.0.2.0/24, one a line. The key then works from there alone, and is useless "
            "to a thief. Without any it works from anywhere."
        ),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        max_length=2000,
        required=False,
    )
    country = CountryField(
        label=gettext_lazy("Country of its lines, for numbers without a country code")
    )

    def clean_organisation(self) -> str:
        return _line(self.cleaned_data["organisation"])

    def clean_contact(self) -> str:
        contact = _line(self.cleaned_data["contact"])
        if not is_reachable(contact):
            raise forms.ValidationError(
                _("Say how, too: a telephone number, an e-mail address or a web address.")
            )
        return contact

    def clean_networks(self) -> list[str]:
        try:
            networks = organisations.read_networks(self.cleaned_data["networks"])
        except organisations.UnreadableNetwork as error:
            text = _(
                "This is no network of one organisation: %(written)s. Write it like 192.0.2.0/24."
            )
            raise forms.ValidationError(text % {"written": error.written[:60]}) from None
        if len(networks) > organisations.MOST_NETWORKS:
            text = _("Name at most %(most)d networks.")
            raise forms.ValidationError(text % {"most": organisations.MOST_NETWORKS})
        return networks


class ContactForm(Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=EMAIL_LENGTH,
    )


def _line(typed: str) -> str:
    """A line in a form that can be shown and sent. Raises ValidationError if nothing is left."""
    shown = " ".join("".join(filter(str.isprintable, without_controls(typed))).split())
    if not shown:
        raise forms.ValidationError(_("Write something that can be read."))
    return shown


@signed_in
@limited("link", methods=("POST",))
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The person's organisations, and the form that asks for another key."""
    user, language = person(request), locality.language_of(request)
    posted = request.POST if request.method == "POST" else None
    initial = {"country": locality.country_of(request)}
    form = AskingForm(posted, language=language, initial=initial)
    if form.is_valid():
        asked = dict(form.cleaned_data)
        region = asked.pop("country")
        try:
            grant = organisations.ask(
                user=user,
                region=region,
                language=language,
                asked_from=network_of(client_address(request.META)),
                now=timezone.now(),
                **asked,
            )
        except organisations.TooManyRequests:
            form.add_error(
                None, _("Too many requests from you or your network wait already. Try later.")
            )
        else:
            messages.success(request, _("Sent. A moderator decides, and you get a mail."))
            return redirect("organisation", grant.public_id)
    now = timezone.now()
    own = [(grant, STATES[grant.state(now)]) for grant in organisations.grants_of(user)]
    context = {"form": form, "own": own}
    return render(request, "web/organisations.html", context, status=400 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD"])
def organisation(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    grant = _own(request, public_id)
    organisations.accept(grant=grant, user=person(request), now=timezone.now())
    return _page(request, grant)


@signed_in
@limited("link")
@require_POST
def make_key(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Makes a key, and shows it only this once."""
    grant = _own(request, public_id)
    try:
        _key, token = made_once(
            request, lambda: keys.key_for_organisation(grant=grant, now=timezone.now())
        )
    except keys.NothingGranted:
        messages.error(request, _("Nothing is granted at the moment."))
    except keys.TooManyKeys:
        messages.error(request, _("There are too many keys. Revoke one that is no longer used."))
    else:
        return _page(request, grant, token=token)
    return redirect("organisation", public_id)


@signed_in
@limited("link")
@require_POST
def revoke(request: HttpRequest, public_id: uuid.UUID, prefix: str) -> HttpResponse:
    grant = _own(request, public_id)
    try:
        if grant.voice_id is None:
            raise keys.KeyNotFound("What was never granted has no keys.")
        keys.revoke_own(reporter_id=grant.voice_id, prefix=prefix, now=timezone.now())
    except keys.KeyNotFound:
        raise Http404 from None
    messages.success(request, _("The key is revoked: it opens nothing any more."))
    return redirect("organisation", public_id)


@signed_in
@limited("link")
@require_POST
def end(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    grant = _own(request, public_id)
    if not request.POST.get("sure"):
        messages.error(request, _("Tick that you are sure."))
    else:
        organisations.end(grant=grant, now=timezone.now())
        messages.success(request, _("It has ended. You can ask for another key at any time."))
    return redirect("organisation", public_id)


@signed_in
@limited("link")
@require_POST
def renew(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    try:
        organisations.ask_renewal(grant=_own(request, public_id), now=timezone.now())
    except organisations.NotGranted:
        messages.error(request, _("Nothing is granted at the moment."))
    else:
        messages.success(request, _("Sent. A moderator decides, and you get a mail."))
    return redirect("organisation", public_id)


@signed_in
@limited("link")
@require_POST
def add_contact(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Adds a contact. The answer is the same whether the address has an account or not."""
    grant = _own(request, public_id)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _page(request, grant, form=form)
    try:
        user = _account(form.cleaned_data["email"].strip().lower())
        organisations.add_contact(grant=grant, user=user, now=timezone.now())
    except organisations.NotGranted:
        messages.error(request, _("Nothing is granted at the moment."))
    except organisations.TooManyContacts:
        messages.error(request, _("There are too many contacts. Remove one first."))
    else:
        messages.success(
            request,
            _("Tell them to sign in with this address and to open this page."),
        )
    return redirect("organisation", public_id)


@signed_in
@limited("link")
@require_POST
def remove_contact(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    grant = _own(request, public_id)
    wanted = request.POST.get("contact", "")
    try:
        organisations.remove_contact(grant=grant, contact_id=whole_number(wanted) or 0)
    except organisations.LastContact:
        messages.error(
            request, _("The last contact cannot be removed: add another one first, or end the key.")
        )
    is_contact = organisations.grants_of(person(request)).filter(pk=grant.pk).exists()
    return redirect("organisation", public_id) if is_contact else redirect("organisations")


def _account(email: str) -> User | None:
    """The account of an address, created if there is none; None if the address may not be named."""
    found = filter_users_by_email(email)
    user = found[0] if found else open_account(email)
    return user if user is not None and user.is_active and not user.is_staff else None


def _own(request: HttpRequest, public_id: uuid.UUID) -> KeyGrant:
    return get_object_or_404(organisations.grants_of(person(request)), public_id=public_id)


def _page(
    request: HttpRequest, grant: KeyGrant, *, form: ContactForm | None = None, token: str = ""
) -> HttpResponse:
    now = timezone.now()
    state = grant.state(now)
    decided = state in (KeyGrant.State.REFUSED, KeyGrant.State.ENDED)
    context = {
        "grant": grant,
        "state": state,
        "words": STATES[state],
        "reason": reasons.in_words(grant.reason) if decided and not grant.ended_by_contact else "",
        "may": [organisations.SCOPE_WORDS[each] for each in grant.scopes or grant.asked_scopes],
        "keys": keys.keys_of(grant.voice_id, now=now) if grant.voice_id else [],
        "contacts": grant.contacts.select_related("user").order_by("pk"),
        "token": token,
    }
    if grant.granted_at and not grant.ended_at:
        context["form"] = form = form or ContactForm()
        form.posts_to = reverse("organisation-contact", args=[grant.public_id])
    wrong = form is not None and form.errors
    return render(request, "web/organisation.html", context, status=400 if wrong else 200)
