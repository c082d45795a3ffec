"""Organisations' keys in the panel: requests, grants, and their ends."""

from datetime import UTC
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reputation.admin.deciding import DecidingAdmin, last_decision, offered
from reputation.admin.reading import Choice
from reputation.admin.searching import Search
from reputation.admin.terms import scopes_in_words
from reputation.models import AuditEntry, KeyGrant
from reputation.moderation import permissions

NEWEST = 50


class StateFilter(Choice):
    title = gettext_lazy("state")
    parameter_name = "state"
    vocabulary = KeyGrant.State.choices  # type: ignore[assignment]  # texts, once shown

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state = self.value()
        return queryset if state is None else queryset.in_state(state, timezone.now())  # type: ignore[attr-defined]


@admin.register(KeyGrant)
class KeyGrantAdmin(DecidingAdmin[KeyGrant]):
    kind = "keygrant"
    change_form_template = "panel/key_grant.html"
    about_template = "panel/_key_grant.html"
    list_display = ("organisation", "shown_state", "asked_at", "expires_at", "lookups_per_minute")
    list_filter = (StateFilter,)
    search = Search(words=("organisation", "purpose"))
    sorts = ("asked_at", "expires_at")
    fields = (
        ("organisation", "contact"),
        "purpose",
        ("asked_at", "granted_at", "refused_at", "ended_at", "expires_at"),
    )

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["-asked_at", "-id"]

    def about(self, request: HttpRequest, subject: KeyGrant) -> dict[str, Any]:
        entries = AuditEntry.objects.filter(key_grant=subject).select_related("actor", "undone_by")
        keys: Any = subject.keys  # of api.models, a higher layer
        return {
            "grant": subject,
            "state": subject.state(timezone.now()),
            "asked": scopes_in_words(subject.asked_scopes),
            "may": scopes_in_words(subject.scopes),
            "contacts": subject.contacts.order_by("pk").count(),
            "keys_made": keys.order_by("-pk")[:NEWEST],
            "decisions": entries.order_by("-at", "-id")[:NEWEST],
            "offered": offered(request, "keygrant", subject),
            "may_undo": request.user.has_perm(permissions.CHANGE_KEY_GRANT),
            "last_decision": last_decision(request),
            "here": request.get_full_path(),
        }

    def outcome(
        self, subject: KeyGrant, given: dict[str, Any] | None
    ) -> list[tuple[str, Any, Any]]:
        """The terms now and after the decision."""
        if not given:
            return []
        until = given["until"].astimezone(UTC)
        held = subject.granted_at is not None
        expires = subject.expires_at
        yes = {True: _("yes"), False: _("no")}
        return [
            (_("It may"), scopes_in_words(subject.scopes), scopes_in_words(given["scopes"])),
            (
                _("Lookups a minute"),
                subject.lookups_per_minute if held else "",
                given["lookups_per_minute"],
            ),
            (
                _("Attestation A and B count"),
                yes[subject.verifies_attestation] if held else "",
                yes[bool(given["verifies_attestation"])],
            ),
            (
                _("Last day (UTC)"),
                f"{expires:%Y-%m-%d}" if held and expires else "",
                f"{until:%Y-%m-%d}",
            ),
        ]

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, grant: KeyGrant) -> str:
        return str(grant.state(timezone.now()).label)
