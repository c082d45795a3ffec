"""Numbers that a person watches: a mail reports changes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from edge import page_of
from reputation import watching
from reputation.identity import Identity, InvalidNumber, display
from web import locality, wording
from web.limits import limited
from web.readings import read_number
from web.signed_in import person, signed_in


@signed_in
@limited("watch")
@require_http_methods(["GET", "HEAD", "POST"])
def watched(request: HttpRequest) -> HttpResponse:
    """The person's watched numbers, and the question whether to watch `number` too."""
    user = person(request)
    if not user.email:
        messages.error(request, _("Your account has no e-mail address to write to."))
        return redirect("home")
    asked, problem = _asked(request)
    if request.method == "POST" and asked is not None:
        try:
            language = locality.language_of(request)
            watching.watch(user=user, identity=asked, language=language, now=timezone.now())
        except watching.TooManyWatches:
            messages.error(
                request,
                _("You watch %(most)d numbers already. Stop watching one first.")
                % {"most": watching.MOST},
            )
        else:
            messages.success(request, _("You will get a mail when this number changes."))
        return redirect("watched")
    rows = list(watching.watched_by(user))
    known = asked is not None and any(row.key == asked.key for row in rows)
    context = {
        "rows": [(row, display(row.key), page_of(row.key)) for row in rows],
        "asked": asked.key if asked and not known else "",
        "shown": display(asked.key) if asked else "",
        "problem": problem,
    }
    return render(request, "web/watched.html", context, status=400 if problem else 200)


@signed_in
@limited("watch")
@require_POST
def unwatch(request: HttpRequest) -> HttpResponse:
    watching.unwatch(user=person(request), key=request.POST.get("number", "").replace("\0", ""))
    messages.success(request, _("You will get no more mail about this number."))
    return redirect("watched")


def _asked(request: HttpRequest) -> tuple[Identity | None, str]:
    """The number of the form or the address, or its error."""
    raw = (request.POST if request.method == "POST" else request.GET).get("number", "")
    if not raw and request.method != "POST":
        return None, ""
    try:
        region = locality.country_of(request)
        return read_number(raw, region=region), ""
    except InvalidNumber as error:
        return None, wording.number_error(error, wording.NAME_UNKNOWN)
