"""Moderators' notes on a page, where they are read, written and removed."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from reputation.admin.forms import actor_of, back_to
from reputation.models import Note
from reputation.moderation import DecisionError, notes, permissions


def urls(pages: "ModelAdmin[Any]") -> list[URLPattern]:
    """The addresses at which notes on these pages' rows are written and removed."""
    name = f"{pages.opts.app_label}_{pages.opts.model_name}_note"
    if pages.opts.model_name not in Note.Kind.values:
        return []

    def write(request: HttpRequest, pk: int, note: int | None = None) -> HttpResponse:
        if request.method != "POST" or not request.user.has_perm(permissions.ADD_NOTE):
            raise PermissionDenied
        subject = pages.get_queryset(request).filter(pk=pk).first()
        if subject is None:
            raise Http404
        actor, now = actor_of(request), timezone.now()
        try:
            if note is None:
                notes.add(
                    actor=actor, subject=subject, words=request.POST.get("words", ""), now=now
                )
                messages.success(request, _("Noted, for moderators alone."))
            else:
                notes.remove(actor=actor, subject=subject, note_id=note, now=now)
        except DecisionError as error:
            messages.error(request, str(error))
        page = reverse(f"admin:{pages.opts.app_label}_{pages.opts.model_name}_change", args=[pk])
        return HttpResponseRedirect(back_to(request, page))

    view = pages.admin_site.admin_view(write)
    return [
        path("<int:pk>/note/", view, name=name),
        path("<int:pk>/note/<int:note>/remove/", view, name=f"{name}_remove"),
    ]


def context(request: HttpRequest, subject: Any) -> dict[str, Any]:
    """What `panel/_notes.html` shows of a subject."""
    # A page of a second review shows no subject.
    kind = subject._meta.model_name if isinstance(subject, Model) else ""
    if kind not in Note.Kind.values or not request.user.has_perm("reputation.view_note"):
        return {}
    return {
        "notes": list(notes.on(subject)),
        "subject_pk": subject.pk,
        "write_note": f"admin:reputation_{kind}_note",
        "remove_note": f"admin:reputation_{kind}_note_remove",
        "may_note": request.user.has_perm(permissions.ADD_NOTE),
        "may_remove_any": request.user.has_perm(permissions.SENIOR_QUEUE),
        "note_length": notes.LONGEST,
    }
