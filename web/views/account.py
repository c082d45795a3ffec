"""The account itself: which address it is, and leaving."""

from email.utils import parseaddr
from tempfile import TemporaryFile
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from edge import notice, sealed, send_mail, whole_number
from reputation.attachments import StorageUnavailable
from reputation.languages import comma
from reputation.reports import link_codes, linking, unlinking
from web import kept, wording
from web.forms import Form
from web.leaving import data_subject, delete_account, erase_person, write_copy
from web.limits import limited
from web.people import reporter_of
from web.signed_in import person, signed_in, voice


@signed_in
@require_safe
def elsewhere(request: HttpRequest) -> HttpResponse:
    """The last page for a person who signed in in a second tab: what they typed is in the first."""
    text = _("Go back to the page where you were, and send what you typed.")
    return kept.page(request, 200, _("You are signed in"), text)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if request.method != "POST":
        return page(request)
    if not _may_go(request):
        return redirect("account")
    delete_account(user=user, withdraw=bool(request.POST.get("withdraw")), now=timezone.now())
    return _gone(request, user.email, _("Your account and its e-mail address are deleted."))


@signed_in
@limited("copy")
@require_POST
def copy(request: HttpRequest) -> HttpResponseBase:
    """A ZIP of all that is kept of the person."""
    user = person(request)
    file = TemporaryFile()  # noqa: SIM115 -- the answer closes it
    try:
        write_copy(file, who=data_subject(user), now=timezone.now())
        file.seek(0)
    except BaseException as error:
        file.close()
        if not isinstance(error, StorageUnavailable):
            raise
        messages.error(request, str(error))
        return redirect("account")
    return sealed(file, "ringscore-copy.zip")


@signed_in
@limited("copy")
@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Erases the person, with all voices that are linked."""
    user = person(request)
    if not _may_go(request):
        return redirect("account")
    try:
        _erased, closed = erase_person(who=data_subject(user), now=timezone.now())
    except StorageUnavailable:
        messages.error(request, _("Not everything could be erased now. Please try again later."))
        return redirect("account")
    # A button pressed twice leads here twice.
    return _gone(request, user.email if closed else "", _("All that we kept of you is erased."))


def _gone(request: HttpRequest, address: str, done: str) -> HttpResponse:
    """Says on the page and in a last mail what is done: it may have been somebody else."""
    logout(request)
    messages.success(request, done)
    if address:
        last = _(
            "You asked for it on the page of your account. This is our last mail: we no longer "
            "have your address. If it was not you, somebody else can read your mail: change its "
            "password."
        )
        send_mail(notice(to=address, subject=done, body=f"{done}\n\n{last}"), about="leaving")
    return redirect("home")


def _may_go(request: HttpRequest) -> bool:
    """Whether the account may be closed here, and the person is sure. If not, a message says so."""
    if person(request).is_staff:
        messages.error(request, _("Accounts of staff are closed by an administrator."))
    elif not request.POST.get("sure"):
        messages.error(request, _("Tick the box to confirm, then press the button again."))
    else:
        return True
    return False


class LinkForm(Form):
    """The code that came by text message."""

    posts_to = "/my/account/link"
    code = forms.CharField(
        label=gettext_lazy("Code that came back"),
        help_text=gettext_lazy(
            "By text message: send LINK from that phone, and type the code that comes back"
        ),
        max_length=50,
        error_messages={"required": gettext_lazy("Type the code that came by text message.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "short"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if ours := wording.own_numbers():
            self.fields["code"].help_text = _(
                "By text message: send LINK from that phone to %(numbers)s, and type the code that "
                "comes back"
            ) % {"numbers": comma().join(ours)}


def page(request: HttpRequest, form: LinkForm | None = None, **more: Any) -> HttpResponse:
    reporter = voice(request)
    links = unlinking.links_of(reporter, now=timezone.now()) if reporter is not None else []
    form = form or LinkForm()
    context = {
        "links": links,
        "undo_days": unlinking.UNDO_WITHIN.days,
        "form": form,
        "write_to": parseaddr(settings.INTAKE_ADDRESS)[1],
        **more,
    }
    return render(request, "web/account.html", context, status=400 if form.errors else 200)


@signed_in
@limited("link")
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """Shows a code to send by e-mail, or takes one that came by SMS or e-mail."""
    now = timezone.now()
    if "issue" in request.POST:
        code = link_codes.issue_code(reporter=reporter_of(person(request), now=now), now=now)
        return page(request, code=code)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return page(request, form)
    reporter = reporter_of(person(request), now=now)
    try:
        link_codes.redeem(reporter=reporter, code=form.cleaned_data["code"], now=now)
    except link_codes.CodeUnknown:
        form.add_error("code", _("This code is not known, was used, or is too old. Get a new one."))
    except link_codes.AlreadyOne:
        form.add_error(
            "code",
            _("Your account already speaks for that phone or address. There is nothing to link."),
        )
    except linking.ReportsPending:
        form.add_error("code", _("These two cannot be linked yet. Try again in a few minutes."))
    except linking.LinkRefused:
        form.add_error("code", _("These two cannot be linked. Write to the moderators."))
    else:
        messages.success(request, _("Linked. What you reported there is among your reports now."))
        return redirect("account")
    return page(request, form)


@signed_in
@limited("link")
@require_POST
def unlink(request: HttpRequest) -> HttpResponse:
    """Undoes a link: two voices again, each with what it had said."""
    now = timezone.now()
    link = whole_number(request.POST.get("link", ""))
    reporter = voice(request)
    try:
        if reporter is None or link is None:
            raise linking.LinkRefused("No link was chosen.")
        unlinking.undo_link(reporter=reporter, link=link, now=now)
    except linking.ReportsPending:
        messages.error(request, _("This link cannot be undone yet. Try again in a few minutes."))
    except linking.LinkRefused:
        messages.error(
            request,
            _("This link cannot be undone here. Undo a later one first, or ask the moderators."),
        )
    else:
        messages.success(request, _("The link is undone. Each voice has its own reports again."))
    return redirect("account")
