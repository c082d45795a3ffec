"""The page of a decision in the panel, between the button and its effect.

It shows the public answer now and after the decision, and asks for the reason; frequent reasons
have a key each. reputation.admin.decisions lists the decisions.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edge import whole_number
from reputation import decisions
from reputation.admin import notes
from reputation.admin.bulk import preview_page
from reputation.admin.decisions import DECISIONS, Decision
from reputation.admin.filters import SavingFilters
from reputation.admin.forms import ReasonForm, actor_of, back_to, reason_page
from reputation.admin.periods import DayField
from reputation.admin.proposals import page_after
from reputation.admin.terms import terms_offered
from reputation.admin.too_late import since, why_not_offered
from reputation.admin.words import named
from reputation.decisions import BY_VERB, NAME_LENGTH, SOURCE_LENGTH, end_of_day, start_of_day
from reputation.disputes import CONTACT_LENGTH, STATEMENT_LENGTH
from reputation.languages import colon, full_stop
from reputation.models import (
    AuditEntry,
    Campaign,
    Dispute,
    KeyGrant,
    Number,
    Proposal,
    QueueItem,
    Report,
    Reporter,
)
from reputation.moderation import (
    CONFIRMED_FOR,
    GRANTED_FOR,
    MOST_LOOKUPS,
    SCOPES,
    UNDOABLE,
    DecisionError,
    batches,
    meanwhile,
    permissions,
    previews,
    queue,
)
from reputation.organisations import SCOPE_WORDS
from reputation.scoring import Action

# Verbs of audit entries that decide something, except undoing a decision.
DECIDING = UNDOABLE | {verb for verb, rule in BY_VERB.items() if not rule.shows}
# Kinds of subjects whose decisions concern one number.
ABOUT_ONE_NUMBER = frozenset({"number", "report", "dispute"})
# How long a pin or another decision with an end lasts by default.
PINNED = timedelta(days=30)
LASTS = {"campaign": CONFIRMED_FOR, "keygrant": GRANTED_FOR}
# The button that previews a decision with the current values of the fields.
LOOK = "look"
# From this many reports on a preview takes longer than a page may: some tenths of a second.
LONG = 1_000
# How long the following pages offer to undo a decision by one key.
AT_HAND = timedelta(hours=1)


class DecisionForm(ReasonForm):
    """The reason, and the decision's own `fields`; all other fields are removed."""

    action = forms.ChoiceField(
        label=_("Clients are told"),
        choices=[("block", _("block")), ("flag", _("flag")), ("allow", _("allow"))],
    )
    until = DayField(label=_("Last day (UTC)"))
    source = forms.CharField(label=_("The list or page that says so"), max_length=SOURCE_LENGTH)
    since = DayField(label=_("First day (UTC)"))
    name = forms.CharField(label=_("Name in the directory"), max_length=NAME_LENGTH)
    keep = forms.ModelChoiceField(
        queryset=Report.objects.none(),
        label=_("The report that counts for both"),
        error_messages={"invalid_choice": _("This report no longer counts. Choose another.")},
    )
    grounds = forms.ChoiceField(label=_("What the holder says"), choices=Dispute.Grounds.choices)
    statement = forms.CharField(
        label=_("In the holder's words"),
        max_length=STATEMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
    )
    contact = forms.CharField(
        label=_("How the holder can be reached"), max_length=CONTACT_LENGTH, required=False
    )

    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=[(name, SCOPE_WORDS[name]) for name in SCOPES],
        widget=forms.CheckboxSelectMultiple,
    )
    lookups_per_minute = forms.IntegerField(
        label=_("Lookups a minute"), min_value=1, max_value=MOST_LOOKUPS
    )
    verifies_attestation = forms.BooleanField(
        label=_("A carrier or PBX that verifies calls: attestation A and B of its reports count"),
        required=False,
    )

    def __init__(self, *args: Any, decision: Decision, subject: Any, **kwargs: Any) -> None:
        today = timezone.now().astimezone(UTC).date()
        lasts = LASTS.get(decision.rule.subject, PINNED)
        initial = {"action": "block", "until": today + lasts, "since": today}
        if isinstance(subject, KeyGrant):
            initial |= terms_offered(subject)
        super().__init__(*args, reasons=decision.reasons, initial=initial, **kwargs)
        self.fields["reason"].help_text = (
            _("Goes on record with your name.")
            # A key concerns no number, and so no holder; of a dispute the page says who reads it.
            if isinstance(subject, KeyGrant | Dispute)
            else _("Goes on record with your name. The holder may ask for it.")
        )
        for name in set(self.fields) - {"reason", *decision.rule.fields}:
            del self.fields[name]
        self.order_fields(decision.rule.fields)
        if "keep" in self.fields:
            others = Report.objects.live().filter(number=subject.number_id).exclude(pk=subject.pk)
            keep = cast("forms.ModelChoiceField[Report]", self.fields["keep"])
            keep.queryset = others.select_related("reporter").newest_first()
            keep.label_from_instance = _report_label  # type: ignore[assignment,method-assign]

    def clean_action(self) -> Action:
        return Action(self.cleaned_data["action"])

    def clean_until(self) -> datetime:
        return end_of_day(self.cleaned_data["until"])

    def clean_since(self) -> datetime:
        return start_of_day(self.cleaned_data["since"])


def _report_label(report: Report) -> str:
    return f"{report.counted_at:%Y-%m-%d} {report.category} {report.reporter}"


def offered(request: HttpRequest, kind: str, subject: Any) -> list[Decision]:
    """The decisions that this user may take about this subject."""
    rules = decisions.offered(actor_of(request), kind, subject)
    return [DECISIONS[kind][rule.verb] for rule in rules]


def last_decision(request: HttpRequest) -> AuditEntry | None:
    """This user's last decision that is in force, while one key may undo it.

    It may be one that cannot be undone: no older decision replaces it.
    """
    if not isinstance(request.user, User):
        return None
    entries = AuditEntry.objects.filter(
        actor=request.user, verb__in=DECIDING, at__gt=timezone.now() - AT_HAND
    )
    # The subject is read by a separate query: planning the joins would take longer than the page.
    return entries.filter(undone_by=None, batch__undo_actor=None).order_by("-id").first()


class DecidingAdmin[M: Model](SavingFilters[M]):
    """Offers decisions, each on a page of its own, to users with the decision's permission."""

    kind: str
    about_template: str  # shows the subject, given the values of `about`
    about: Callable[[HttpRequest, Any], dict[str, Any]]  # a subject's data for the page

    def on_own_page(self, request: HttpRequest, subject: Any) -> dict[str, Any]:
        """The data of a subject for its own page."""
        return self.about(request, subject)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        subject = kwargs.get("obj")
        if isinstance(subject, self.model):
            context |= self.on_own_page(request, subject)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.decide_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_decide"
        return [
            path("<int:pk>/decide/<slug:verb>/", view, name=name),
            *notes.urls(self),
            *super().get_urls(),
        ]

    def decide_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        decision = DECISIONS[self.kind].get(verb)
        subject = self.get_queryset(request).filter(pk=pk).first()
        if decision is None or subject is None:
            raise Http404
        if not request.user.has_perm(decision.rule.permission):
            raise PermissionDenied
        page = self.page_of(subject)
        if request.method != "POST" and not decision.rule.offered(subject):
            messages.warning(request, why_not_offered(subject))
            return HttpResponseRedirect(back_to(request, page))
        posted = request.POST if request.method == "POST" else None
        form = DecisionForm(posted, decision=decision, subject=subject)
        looks = LOOK in request.POST
        done = None
        if form.is_valid() and not looks:
            done = self._take(request, decision, subject, form)
        if isinstance(done, Proposal):
            return after_proposal(request, done)
        if done is not None:
            if decision.rule.shows:
                return self.unmasked(request, subject)
            messages.success(request, f"{decision.label}{colon()}{named(subject)}{full_stop()}")
            return after_decision(request, subject, page)
        # As it is now: a refused decision may have changed the object before it was rolled back.
        fresh = self.get_queryset(request).get(pk=pk) if form.is_bound else subject
        return self.decision_page(request, decision, fresh, form)

    def decision_page(
        self, request: HttpRequest, decision: Decision, subject: Any, form: DecisionForm
    ) -> HttpResponse:
        now = timezone.now()
        seen_until = meanwhile.newest(subject)
        waits = LOOK not in request.POST and _takes_long(subject)
        effects = None if waits else self._effects(request, decision, subject, form, now)
        only = effects.effects[0] if effects and self.kind in ABOUT_ONE_NUMBER else None
        shown = {
            **self.about(request, subject),
            "about": self.about_template,
            # A moderator who decides here has looked at the case, and takes no other decision from
            # this page.
            "may_bulk": False,
            "may_undo": False,
            "subject": subject,
            "seen_until": seen_until,
            "waits_for_look": waits and decision.rule.tells,
            "two": decisions.takes_two(decision.rule, subject, actor=actor_of(request), now=now),
            "told": only and only.before,
            "would": only and only.after,
            "seen": None if only else effects,
            "outcome": self.outcome(subject, _given(decision, subject, form)),
            "back": back_to(request, ""),
        }
        return reason_page(
            self,
            request,
            form,
            title=decision.label,
            consequence=decision.consequence,
            page=self.page_of(subject),
            **shown,
        )

    def unmasked(self, request: HttpRequest, subject: Any) -> HttpResponse:
        raise Http404

    def outcome(self, subject: Any, given: dict[str, Any] | None) -> list[tuple[str, Any, Any]]:
        """The effect of a decision that does not change public answers: label, before, after."""
        return []

    def _effects(
        self,
        request: HttpRequest,
        decision: Decision,
        subject: Any,
        form: DecisionForm,
        now: datetime,
    ) -> previews.Preview | None:
        """The public answers after the decision, with the values of the form."""
        given = _given(decision, subject, form)
        if given is None:
            return None
        try:
            return decisions.preview(
                rule=decision.rule, subject=subject, given=given, actor=actor_of(request), now=now
            )
        except DecisionError as error:
            if LOOK in request.POST:
                form.refuse(error)
            return None

    def _take(
        self, request: HttpRequest, decision: Decision, subject: Any, form: DecisionForm
    ) -> decisions.Taken | Proposal | None:
        """The result of the decision; a form submitted twice takes or proposes it once."""
        try:
            return decisions.decide(
                rule=decision.rule,
                subject=subject,
                given={name: form.cleaned_data[name] for name in decision.rule.fields},
                # A page without the mark showed no decision.
                seen=whole_number(request.POST.get("seen", "")) or 0,
                **form.by(request),
            )
        except meanwhile.DecidedMeanwhile as error:
            form.add_error(None, since(decision, subject, error.entry))
        except DecisionError as error:
            form.refuse(error)
        return None

    def decide_on_many(
        self, request: HttpRequest, queryset: QuerySet[M], verb: str
    ) -> HttpResponse | None:
        """Decides on rows of a list: one row on its own page, several through the preview."""
        chosen = list(queryset.order_by("pk").values_list("pk", flat=True)[: batches.MOST + 1])
        if len(chosen) == 1:
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_decide"
            return HttpResponseRedirect(reverse(name, args=[chosen[0], verb]))
        if len(chosen) > batches.MOST:
            most = gettext("Decide on at most %d at a time.") % batches.MOST
            messages.error(request, most)
            return None
        back = request.get_full_path()
        return preview_page(request, self.admin_site, self.kind, verb, chosen, back=back)

    def may(self, request: HttpRequest, verb: str) -> bool:
        return request.user.has_perm(DECISIONS[self.kind][verb].rule.permission)

    def has_decide_on_many_permission(self, request: HttpRequest) -> bool:
        """Django offers the actions of a list to whom this admits, and takes none from others."""
        return request.user.has_perms(
            [permissions.DECIDE_ON_MANY, f"reputation.change_{self.kind}"]
        )


def _takes_long(subject: Any) -> bool:
    """Whether a preview would change so many reports that the page computes it only on request."""
    if isinstance(subject, Campaign):
        return subject.reports > LONG
    if isinstance(subject, Reporter):
        # It locks all reporters of the same numbers.
        spoken = Number.objects.filter(statements__reporter=subject)
        return (spoken.aggregate(all=Sum("reports"))["all"] or 0) > LONG
    number = decisions.number_of(subject)
    return number is not None and number.reports > LONG


def _given(decision: Decision, subject: Any, form: DecisionForm) -> dict[str, Any] | None:
    """The values of the decision's own fields, as sent, or as the form opens; None if one has no
    value."""
    if not form.is_bound:
        opens = {name: form[name].value() for name in decision.rule.fields}
        form = DecisionForm(opens, decision=decision, subject=subject)
        form.is_valid()
    given = {
        name: form.cleaned_data[name] for name in decision.rule.fields if name in form.cleaned_data
    }
    return given if len(given) == len(decision.rule.fields) else None


def after_decision(request: HttpRequest, subject: Any, page: str) -> HttpResponse:
    """Redirects a user of the queue to the next item, others to `page` or the page they came from.

    The item that the form names rests if it is about the decided subject."""
    wanted = whole_number(request.POST.get("item", ""))
    if wanted is None:
        return HttpResponseRedirect(back_to(request, page))
    item = QueueItem.objects.filter(pk=wanted).first()
    if item is not None and decisions.subject_of(item) == subject:
        queue.finish(item=item, now=timezone.now())
    return HttpResponseRedirect(next_item(request))


def after_proposal(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Redirects a user of the queue to the next item, others to the proposal."""
    page = page_after(request, proposal)
    of_queue = whole_number(request.POST.get("item", "")) is not None
    return HttpResponseRedirect(next_item(request) if of_queue else page)


def next_item(request: HttpRequest, after: QueueItem | None = None) -> str:
    """Claims this user's next item; returns the address of its page, or of the queue."""
    kind = request.POST.get("kind", "")
    item = queue.claim_next(actor=actor_of(request), now=timezone.now(), kind=kind, after=after)
    if item is None:
        messages.info(request, gettext("No other item waits, or other moderators work on them."))
        return reverse("admin:reputation_queueitem_changelist")
    address = reverse("admin:reputation_queueitem_change", args=[item.pk])
    return f"{address}?kind={kind}" if kind else address
