"""Pages that only show rows, and stay fast on tables of any size."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Choices, Model, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from reputation import quality
from reputation.admin.columns import in_form, name_of
from reputation.admin.labels import LABELS, word
from reputation.admin.searching import CEILING, Search, found
from reputation.moderation import permissions

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, SimpleListFilter, TabularInline
else:
    # Django's own cannot be subscripted, and the type checker wants them to be.
    class ModelAdmin(admin.ModelAdmin):
        def __class_getitem__(cls, _):
            return cls

    class TabularInline(admin.TabularInline):
        def __class_getitem__(cls, _):
            return cls

    SimpleListFilter = admin.SimpleListFilter

# How many of a number's rows are shown, the newest.
NEWEST = 50


def judging(request: HttpRequest) -> quality.Held:
    """What this user judges blind, which no other page may show them. One query a request."""
    if not request.user.has_perm(permissions.WORK_QUEUE):
        return quality.NOTHING_HELD
    found: quality.Held | None = getattr(request, "_judging", None)
    if found is None:
        found = quality.held(request.user, now=timezone.now())
        request._judging = found  # type: ignore[attr-defined]
    return found


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts up to CEILING, since counting a million rows takes longer than showing a hundred."""

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:CEILING].count()

    @property
    def is_capped(self) -> bool:
        return self.count == CEILING

    def page(self, number: Any) -> Page[Any]:
        found = super().page(number)
        if found.number > 1:
            # Selected by id, so that the rows of earlier pages are not read together with their
            # related rows.
            first = (found.number - 1) * self.per_page
            ids = self.object_list.values_list("pk", flat=True)[first : first + self.per_page]
            found.object_list = self.object_list.filter(pk__in=list(ids))
        return found


class _Unchangeable:
    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _ShortListsSort(ChangeList):
    """A list that can be sorted by a click on a heading, if the column allows it and the list is
    short.

    Django accepts `?o=` for every column shown, also where a heading cannot be clicked: that would
    reveal how masked values compare, and sort a million rows.
    """

    def get_ordering_field(self, field_name: Any) -> Any:
        sortable = self.sortable_by or ()
        return super().get_ordering_field(field_name) if field_name in sortable else None

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        wanted = self.params.get(ORDER_VAR)
        if wanted is None or rows.order_by()[:CEILING].count() < CEILING:
            return rows
        del self.params[ORDER_VAR]
        short = gettext("A list sorts when it has fewer than %d rows: narrow it by a filter first.")
        messages.info(request, short % CEILING)
        return rows.order_by(*self.get_ordering(request, rows.order_by()))


class AnswersOnlyItsFilters[M: Model](ModelAdmin[M]):
    """A list that can be filtered by the columns of its filters, and by no others.

    Django accepts any column of the table in the address, with any comparison:
    `?comment__startswith=` would reveal letter by letter what the page masks, without a record.
    """

    list_filter: ClassVar[
        Any
    ] = ()  # with parameter_name or parameter_names, their names in the address
    sorts: ClassVar[tuple[str, ...]] = ()  # columns that headings sort by; none is masked
    search: ClassVar[Search] = Search()
    list_title: ClassVar[Any] = ""

    @property
    def search_help_text(self) -> str:  # type: ignore[override]
        return self.search.help

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("pk",) if self.search != Search() else ()  # not empty, so that Django shows the box

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        newest_first = self.get_ordering(request)
        return found(request, queryset, search_term, self.search, newest_first), False

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return in_form(self.model, super().get_list_display(request))

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        return [each for each in self.get_list_display(request) if name_of(each) in self.sorts]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(chosen)
        except ValidationError:
            # Django would fail for values that cannot be ids.
            messages.error(request, gettext("Choose at least one."))
            return HttpResponseRedirect(request.get_full_path())
        # Django's own says "Select number to view".
        title = {"title": self.list_title or capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        filters: Any = self.get_list_filter(request)
        return lookup in {
            name
            for each in filters
            for name in getattr(each, "parameter_names", None) or (each.parameter_name,)
        }

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        return to_field == self.opts.pk.name

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return _ShortListsSort


class ReadingAdmin[M: Model](_Unchangeable, AnswersOnlyItsFilters[M]):
    """Shows rows, newest first, to users who may view or change them."""

    ordering = ("-id",)
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 100
    list_max_show_all = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        rows = super().get_queryset(request)
        return quality.open_to(judging(request), rows) if rows.model in quality.TELLING else rows

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        if judging(request):
            messages.warning(request, str(quality.JudgedBlind()))
            return HttpResponseRedirect(reverse("admin:reputation_queueitem_changelist"))
        return super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc,no-any-return]

    def page_of(self, subject: Any) -> str:
        return reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[subject.pk]
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # Django's own says "View webhook".
        shows = object_id is not None and not self.has_change_permission(request)
        title = {"title": capfirst(self.opts.verbose_name)} if shows else {}
        return super().changeform_view(request, object_id, form_url, title | (extra_context or {}))

    def get_fieldsets(self, request: HttpRequest, obj: M | None = None) -> Any:
        return [
            (title, {**options, "fields": in_form(self.model, options["fields"])})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def action_checkbox(self, obj: Any) -> SafeString:
        # Django's own renders a form's widget for each row.
        label = format_html(gettext("Select this object for an action - {}"), obj)
        box = '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">'
        return format_html(box, ACTION_CHECKBOX_NAME, obj.pk, label)

    def get_action_choices(
        self, request: HttpRequest, default_choices: Any = None, action_location: Any = None
    ) -> Any:
        # Django's first label has no Chinese translation.
        where = {"action_location": action_location} if action_location else {}
        return super().get_action_choices(
            request, default_choices or [("", gettext("Choose …"))], **where
        )


class NewestRows(BaseInlineFormSet):  # type: ignore[type-arg]
    """The NEWEST rows of the parent, since a number may have a hundred thousand."""

    def get_queryset(self) -> QuerySet[Model]:
        if not hasattr(self, "_newest"):
            self._newest = super().get_queryset()[:NEWEST]
            # Evaluated once, since Django asks for the rows one by one.
            len(self._newest)
        return self._newest


class ReadingInline[C: Model, P: Model](_Unchangeable, TabularInline[C, P]):
    formset = NewestRows
    extra = max_num = 0
    ordering = ("-id",)
    show_change_link = True

    def get_fields(self, request: HttpRequest, obj: P | None = None) -> Any:
        return in_form(self.model, super().get_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: P | None = None) -> Any:
        return self.get_fields(request, obj)


YES_NO = (("True", gettext_lazy("yes")), ("False", gettext_lazy("no")))


class Choice(SimpleListFilter):
    """Filters a column by a fixed vocabulary. Django's filter would search the table for values."""

    template = "panel/filter.html"
    column: str
    vocabulary: Iterable[tuple[str, str]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.vocabulary)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value is None:
            return queryset
        known = any(value == str(each) for each, _ in self.vocabulary)
        return queryset.filter(**{self.column: value}) if known else queryset.none()


class _Worded(Choice):
    """A filter by values for which the panel has words (labels.word)."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, word(value)) for value, _label in self.vocabulary]


def choice(name: str, values: Iterable[str] | type[Choices]) -> type[Choice]:
    """A filter by the column `name`. Values without labels get the panel's words."""
    if isinstance(values, type) and issubclass(values, Choices):
        kind, vocabulary = Choice, values.choices
    else:
        kind, vocabulary = _Worded, [(value, value) for value in values]
    return filter_by(LABELS[name], name, vocabulary, column=name, kind=kind)


def filter_by(
    title: Any,
    name: str,
    vocabulary: Iterable[tuple[str, Any]],
    *,
    column: str,
    kind: type[Choice] = Choice,
) -> type[Choice]:
    """A filter by a column whose name in the address is `name`."""
    members = {"title": title, "parameter_name": name, "column": column}
    return type(f"{name.title()}Filter", (kind,), members | {"vocabulary": list(vocabulary)})
