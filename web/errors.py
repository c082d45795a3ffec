"""Error pages in the design of the other pages. Each names the next step."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import is_valid_path
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from web import kept


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        400,
        _("We could not read this request"),
        _("Go back and try again. If you typed an address, check it."),
    )


def forbidden(request: HttpRequest, exception: Exception | str = "") -> HttpResponse:
    text = _("Sign in with the address that may, or go to the start page.")
    if kept.in_panel(request):
        text = _("Your roles do not include it. An administrator gives roles.")
    return _page(request, 403, _("You may not open this page"), text)


def csrf_failure(request: HttpRequest, reason: str) -> HttpResponse:
    """The page for an expired form, which contains the typed text and can send it again."""
    return kept.page(
        request,
        403,
        _("Please send it once more"),
        _(
            "The form was open for a long time, or you signed in meanwhile. If this page comes "
            "back, allow cookies for this site."
        ),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        404,
        _("There is nothing at this address"),
        _("It may have been removed. If you typed the address, check it.")
        if kept.in_panel(request)
        else _(
            "It may have been removed, or it belongs to somebody else. Look a number up instead."
        ),
    )


def not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """Leads from a form's address to the page above it, which has the form: a browser opens such an
    address again when it reloads what a form answered. `allowed`: the methods that it accepts."""
    if request.method in ("GET", "HEAD"):
        return redirect(_page_above(request.path_info))
    response = _page(
        request,
        405,
        _("Nothing was done"),
        _("This address only takes what a form sends. Go back and press the button again."),
    )
    response.headers["Allow"] = allowed
    return response


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    response = kept.page(request, 429, *_too_many(seconds))
    response.headers["Retry-After"] = str(seconds)
    return response


def no_mail(request: HttpRequest, *, ever: bool) -> HttpResponse:
    """The page for a code that could not be sent; `ever`: no mail reaches that address."""
    if ever:
        return kept.page(
            request,
            400,
            _("No mail can be sent to this address"),
            _("Go back and check it, letter by letter, or use another one."),
            keep=False,
        )
    response = kept.page(
        request,
        503,
        _("We cannot send mails now"),
        _("So no code is on its way. What you typed is still here: send it again in a minute."),
    )
    response.headers["Retry-After"] = "60"
    return response


def too_large(request: HttpRequest) -> HttpResponse:
    return kept.page(request, 413, *_too_large())


def unavailable(request: HttpRequest) -> HttpResponse:
    """The page for an unreachable database or file storage; it needs neither. What a form sent may
    be saved: the connection can end while it is, and the session is saved after it."""
    if request.method in ("GET", "HEAD"):
        text = _("Nothing was saved. Wait a minute, then try again. In danger, call the police.")
    else:
        text = _sent_in_vain()
    response = _page(request, 503, _("We cannot reach our records now"), text)
    response.headers["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, *_broken())


def refused(status: int, language: str) -> bytes:
    """The page for an answer that the server gives without the application (config.server)."""
    with translation.override(language):
        title, text = {
            400: _cut_short,
            408: _cut_short,
            413: _too_large,
            429: lambda: _too_many(60),
            500: _broken,
            503: _busy,
        }[status]()
        page = render_to_string("web/error.html", {"title": title, "text": text, "failed": True})
    return page.encode()


def _too_many(seconds: int) -> tuple[str, str]:
    minutes = -(-seconds // 60)
    text = ngettext(
        "Wait %(count)s minute, then try again.",
        "Wait %(count)s minutes, then try again.",
        minutes,
    )
    return _("Too many requests"), text % {"count": minutes}


def _too_large() -> tuple[str, str]:
    return (
        _("These files are too large together"),
        _("Send fewer at a time: you can add more to your report afterwards."),
    )


def _cut_short() -> tuple[str, str]:
    return (
        _("Not all of it arrived"),
        _(
            "The connection broke off or was too slow. Nothing was saved: go back and send it "
            "again, with fewer files at a time."
        ),
    )


def _busy() -> tuple[str, str]:
    return _("Too many people are here now"), _sent_in_vain()


def _sent_in_vain() -> str:
    return _(
        "What you sent may not have been saved. Wait a minute, then try again. In danger, call "
        "the police."
    )


def _broken() -> tuple[str, str]:
    return (
        _("Something broke on our side"),
        _("We have a record of it. What you sent may not have been saved: try again later."),
    )


def _page_above(path: str) -> str:
    """The nearest address above that is one of ours. If it is a form's too, it leads further up."""
    above = path.rpartition("/")[0] or "/"
    return above if is_valid_path(above) else _page_above(above)


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return kept.page(request, status, title, text, keep=False)
