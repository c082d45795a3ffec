"""Saves a list's filters under a name."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Model, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext as _

from reputation.admin.forms import actor_of
from reputation.admin.reading import ReadingAdmin
from reputation.models import SavedFilter
from reputation.moderation import permissions

# Parameters that are not part of a filter: the page of the list, and Django's own marks.
PASSING = {"p", "e", "all"}


def list_of(page: str) -> str:
    try:
        return reverse(f"admin:reputation_{page}_changelist")
    except NoReverseMatch:
        raise Http404 from None


class SavingFilters[M: Model](ReadingAdmin[M]):
    """A list that offers saved filters beside its own."""

    change_list_template = "panel/list.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page = str(self.opts.model_name)
        return super().changelist_view(request, saved(request, page) | (extra_context or {}))


def saved(request: HttpRequest, page: str) -> dict[str, Any]:
    """What a list shows of saved filters; one query."""
    query = filters_of(request.GET.urlencode())
    own = Q(owner_id=request.user.pk) | Q(shared=True)
    filters = SavedFilter.objects.filter(own, page=page).order_by("name", "id")[:50]
    return {
        "saved_filters": list(filters),
        "filtered_by": query,
        "filter_page": page,
        "may_save": request.user.has_perm(permissions.ADD_FILTER),
    }


def filters_of(query: str) -> str:
    return urlencode([pair for pair in parse_qsl(query) if pair[0] not in PASSING])


@admin.register(SavedFilter)
class SavedFilterAdmin(ReadingAdmin[SavedFilter]):
    """Has no list of its own: filters are saved and deleted where they are used."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("keep/", guarded(self.keep), name="reputation_savedfilter_keep"),
            path("<int:pk>/drop/", guarded(self.drop), name="reputation_savedfilter_drop"),
        ]

    def keep(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not request.user.has_perm(permissions.ADD_FILTER):
            raise PermissionDenied
        page, name = request.POST.get("page", ""), request.POST.get("name", "").strip()[:60]
        query = filters_of(request.POST.get("query", ""))[:500]
        address = f"{list_of(page)}?{query}"
        try:
            with transaction.atomic():
                SavedFilter.objects.create(
                    owner=actor_of(request),
                    page=page,
                    name=name,
                    query=query,
                    shared="shared" in request.POST,
                )
        except IntegrityError:
            messages.error(request, _("Give the filter a name that you do not use yet."))
        return HttpResponseRedirect(address)

    def drop(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST" or not request.user.has_perm("reputation.delete_savedfilter"):
            raise PermissionDenied
        saved = get_object_or_404(SavedFilter, pk=pk, owner_id=request.user.pk)
        saved.delete()
        return HttpResponseRedirect(list_of(saved.page))
