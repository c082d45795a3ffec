"""The facts behind complaints: authorities, channels, statutes, templates. Each edit is recorded.

Complaints themselves are private to their reporters, and have no page here.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from reputation.admin.columns import NOTHING, in_form, moment, yes_or_no
from reputation.admin.forms import actor_of, see_anew
from reputation.admin.labels import CONDUCT
from reputation.admin.reading import YES_NO, AnswersOnlyItsFilters, Choice, filter_by
from reputation.admin.searching import Search
from reputation.complaints import LANGUAGES, PLACEHOLDERS, unknown_placeholders, upkeep
from reputation.languages import comma, sentences
from reputation.models import (
    AuditEntry,
    Authority,
    Channel,
    Provision,
    ProvisionAct,
    Report,
    Sourced,
    Statute,
    Template,
)
from reputation.moderation import meanwhile
from reputation.scoring import CATEGORIES

if TYPE_CHECKING:
    from django.contrib.admin import TabularInline
    from django.forms import ModelForm
else:
    # Django's own cannot be subscripted, and the type checker wants them to be.
    from reputation.admin.reading import TabularInline

    class ModelForm(forms.ModelForm):
        def __class_getitem__(cls, _):
            return cls


ACTS = [*CONDUCT.items(), *ProvisionAct.Pattern.choices]
LINES = forms.Textarea(attrs={"rows": 3, "cols": 80})
LABELS: dict[str, Any] = {
    "slug": _("Name in addresses"),
    "source": _("Source"),
    "source_date": _("As of"),
    "checked": _("Checked"),
    "kind": _("Kind"),
    "country": _("Country"),
    "name": _("Name"),
    "name_zh": _("Name in Chinese"),
    "addressee": _("Addressee"),
    "addressee_en": _("Addressee in English"),
    "addressee_zh": _("Addressee in Chinese"),
    "takes": _("Takes"),
    "takes_zh": _("Takes, in Chinese"),
    "rank": _("Rank"),
    "active": _("In use"),
    "authority": _("Authority"),
    "address": _("Address"),
    "grammar": _("What to send"),
    "note": _("Note"),
    "note_zh": _("Note in Chinese"),
    "title": _("Title"),
    "title_en": _("Title in English"),
    "title_zh": _("Title in Chinese"),
    "statute": _("Statute"),
    "article": _("Article"),
    "article_en": _("Article in English"),
    "effective_from": _("In force from"),
    "effective_to": _("In force to"),
    "penalty": _("Penalty"),
    "penalty_zh": _("Penalty in Chinese"),
    "authority_kind": _("Kind of authority"),
    "authority_kinds": _("Kinds of authorities"),
    "subject": _("Subject"),
    "body": _("Text"),
    "language": _("Language"),
    "checked_at": _("Checked at"),
    "checked_by": _("Checked by"),
    "conduct": _("Act"),
    "item": _("Item"),
    "wording": _("Wording"),
    "wording_zh": _("Wording in Chinese"),
    "wording_own": _("Wording in the statute's language"),
    "hours_from": _("Forbidden after"),
    "hours_to": _("Forbidden until"),
    "most_calls": _("Most calls"),
    "in_days": _("Within days"),
    "answer_days": _("Days to answer"),
    "answer_basis": _("Who answers, by what rule"),
    "answer_basis_zh": _("The same in Chinese"),
}


def column(name: str) -> Callable[[Any], Any]:
    """A column of a list, labelled in the reader's language; shows choices in words."""

    @admin.display(description=LABELS[name])
    def show(row: Any) -> Any:
        if name == "name":
            return row.name_in(get_language() or "en")
        in_words = getattr(row, f"get_{name}_display", None)
        value = in_words() if in_words else getattr(row, name)
        if isinstance(value, bool):
            return yes_or_no(value)
        return value.isoformat() if isinstance(value, date) else value

    show.__name__ = name
    return show


def by(name: str, vocabulary: Iterable[tuple[str, Any]]) -> type[Choice]:
    """A filter by a column, with labels in the reader's language."""
    return filter_by(LABELS[name], name, vocabulary, column=name)


CHECKED, ACTIVE = column("checked"), column("active")


class ByCountry(Choice):
    title = LABELS["country"]
    parameter_name = column = "country"
    vocabulary = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = model_admin.model._default_manager.exclude(country="").order_by("country")
        return [(country, country) for country in rows.distinct().values_list("country", flat=True)]


class EditForm(ModelForm[Sourced]):
    """A form whose changes need a reason, like all forms of the panel."""

    reason = forms.CharField(
        label=_("Reason"),
        widget=LINES,
        help_text=_("Goes on record with your name."),
    )
    # The newest edit when the page was opened.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        labels = LABELS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = upkeep.newest_edit(self.instance) if self.instance.pk else None
        self.initial["seen"] = self.last.pk if self.last else 0

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        seen = cleaned.get("seen")
        if self.last is not None and seen is not None and seen < self.last.pk:
            see_anew(self, self.last.pk)
            raise ValidationError(_edited_since(self.last))
        return cleaned

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()


class AuthorityForm(EditForm):
    conduct = forms.MultipleChoiceField(
        required=False,
        label=_("Acts"),
        choices=[(value, CONDUCT[value]) for value in Report.Conduct.values],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick what it accepts. Tick none if it accepts all."),
    )
    categories = forms.MultipleChoiceField(
        required=False,
        label=_("Categories"),
        choices=[(name, _(category.label)) for name, category in CATEGORIES.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick what it accepts. Tick none if it accepts all."),
    )


def _edited_since(entry: AuditEntry) -> str:
    sentence = gettext(
        "Edited since you opened this page, by %(who)s at %(when)s: %(fields)s (%(reason)s)."
    )
    changed = [name for name in entry.after if name != "slug"]
    fields = comma().join(str(LABELS.get(name, name)) for name in changed)
    told = {"fields": fields, **meanwhile.by_whom(entry)}
    remedy = gettext("Nothing is saved yet: what you wrote is below. Save again to keep it.")
    return sentences(sentence % told, remedy)


def _require_known(text: str) -> str:
    if unknown := unknown_placeholders(text):
        raise ValidationError(
            gettext("Unknown placeholders: %(unknown)s. There are: %(known)s."),
            params={"unknown": comma().join(unknown), "known": comma().join(PLACEHOLDERS)},
        )
    return text


class ChannelForm(EditForm):
    def clean_grammar(self) -> str:
        return _require_known(self.cleaned_data["grammar"])


class TemplateForm(EditForm):
    language = forms.ChoiceField(label=_("Language"), choices=[(code, code) for code in LANGUAGES])

    def clean_subject(self) -> str:
        return _require_known(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        return _require_known(self.cleaned_data["body"])


class FactAdmin[M: Sourced](AnswersOnlyItsFilters[M]):
    """Adds and edits facts with their source; a fact that is no longer true is deactivated."""

    form = EditForm  # type: ignore[assignment]
    ordering: ClassVar[tuple[str, ...]] = ("slug",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 100
    list_max_show_all = 0
    search = Search(words=("slug",))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> M | None:
        """The row; locked for who saves it, so that they see whether another did."""
        row = super().get_object(request, object_id, from_field)
        if row is not None and request.method == "POST":
            self.model._default_manager.select_for_update().get(pk=row.pk)
            row = super().get_object(request, object_id, from_field)
        return row

    @method_decorator(require_safe)
    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuses POST, for which `get_object` would lock the row outside a transaction."""
        return super().history_view(request, *args, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: M | None = None) -> Any:
        # Links, data files and complaints refer to a fact by its slug.
        noted = ("compared_at", "compared_by")
        return noted if obj is None else ("slug", *noted)

    @admin.display(description=LABELS["checked_at"])
    def compared_at(self, row: M) -> str:
        return moment(row.checked_at) or NOTHING

    @admin.display(description=LABELS["checked_by"])
    def compared_by(self, row: M) -> Any:
        return row.checked_by or NOTHING

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.get_internal_type() == "TextField":
            rows = 30 if db_field.name == "body" else 3
            kwargs["widget"] = forms.Textarea(attrs={"rows": rows, "cols": 80})
        if db_field.get_internal_type() == "DateField":
            # Django's calendar has no Chinese, and speaks of hours beside a day.
            kwargs["widget"] = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: M | None = None) -> Any:
        own = ("reason", "seen")
        fields = [name for name in super().get_fields(request, obj) if name not in own]
        if obj is None or self.has_change_permission(request, obj):
            return [*fields, *own]
        return in_form(self.model, fields)

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        known = self.model._default_manager.get(pk=obj.pk) if change else None
        form.before = upkeep.said_by(known) if known is not None else {}
        noted = known or self.model()
        obj.checked, obj.checked_at, obj.checked_by = (
            noted.checked,
            noted.checked_at,
            noted.checked_by,
        )
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        row = self.model._default_manager.get(pk=form.instance.pk)
        actor, now, said = actor_of(request), timezone.now(), form.cleaned_data
        if not upkeep.settle_check(
            row, ticked=said["checked"], before=form.before, actor=actor, now=now
        ):
            messages.warning(request, _("Unchecked: somebody else has to check what you changed."))
        upkeep.record_edit(row=row, before=form.before, actor=actor, reason=said["reason"], now=now)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Does nothing: the audit record has the change; Django's log would only repeat it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Does nothing, as `log_addition`."""


@admin.register(Authority)
class AuthorityAdmin(FactAdmin[Authority]):
    form = AuthorityForm
    list_display = (
        *map(column, ("slug", "country", "kind", "name", "rank")),
        *(CHECKED, column("source_date"), ACTIVE),
    )
    list_filter = (
        *(by("kind", Authority.Kind.choices), ByCountry),
        *(by("checked", YES_NO), by("active", YES_NO)),
    )
    ordering = ("country", "rank", "slug")


@admin.register(Channel)
class ChannelAdmin(FactAdmin[Channel]):
    form = ChannelForm
    list_display = (
        *map(column, ("slug", "authority", "kind", "address")),
        *(CHECKED, column("source_date"), ACTIVE),
    )
    list_filter = (by("kind", Channel.Kind.choices), by("checked", YES_NO), by("active", YES_NO))
    list_select_related = ("authority",)


@admin.register(Statute)
class StatuteAdmin(FactAdmin[Statute]):
    list_display = (*map(column, ("slug", "country", "title")), CHECKED, column("source_date"))


class Acts(TabularInline[ProvisionAct, Provision]):
    """The provision's words for each act. It is not cited for other acts."""

    model = ProvisionAct
    extra = 0
    fields = (
        *("conduct", "item", "wording", "wording_zh", "wording_own"),
        *("hours_from", "hours_to", "most_calls", "in_days"),
    )

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name.startswith("wording"):
            kwargs["widget"] = forms.Textarea(attrs={"rows": 3, "cols": 30})
        if db_field.name == "conduct":
            field: Any = forms.ChoiceField(label=LABELS["conduct"], choices=ACTS)
        else:
            kwargs["label"] = LABELS.get(db_field.name)
            field = super().formfield_for_dbfield(db_field, request, **kwargs)
        # The heads of a table's columns are no labels of its fields: screen readers read this.
        field.widget.attrs["aria-label"] = field.label
        return field


@admin.register(Provision)
class ProvisionAdmin(FactAdmin[Provision]):
    list_display = (
        *map(column, ("slug", "statute", "article", "effective_from", "effective_to")),
        CHECKED,
    )
    list_filter = (by("checked", YES_NO),)
    list_select_related = ("statute",)
    inlines = (Acts,)


@admin.register(Template)
class TemplateAdmin(FactAdmin[Template]):
    form = TemplateForm
    list_display = (
        *map(column, ("slug", "kind", "language", "country", "authority_kind")),
        *(CHECKED, ACTIVE),
    )
    list_filter = (
        by("kind", Template.Kind.choices),
        by("language", [(code, code) for code in LANGUAGES]),
        by("active", YES_NO),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Template]:
        return super().get_queryset(request).select_related("authority")
