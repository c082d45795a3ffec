"""Webhook addresses for items, decisions and deadlines: how far each was told, and its problems."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from reputation.admin.columns import NOTHING, moment
from reputation.admin.labels import LABELS
from reputation.admin.reading import ReadingAdmin
from reputation.faults import in_words
from reputation.languages import comma
from reputation.models import Webhook

EVENTS: dict[str, Any] = {
    Webhook.Event.ITEM: _("new items of the queue"),
    Webhook.Event.DECISION: _("decisions"),
    Webhook.Event.DEADLINE: _("deadlines"),
}


@admin.register(Webhook)
class WebhookAdmin(ReadingAdmin[Webhook]):
    list_display = ("url", "told_of", "sent_at", "failures", "wrong", "disabled_at")
    fields = (
        "url",
        "told_of",
        ("added_at", "sent_at"),
        ("failures", "next_attempt", "disabled_at"),
        "wrong",
    )
    readonly_fields = ("told_of", "next_attempt", "wrong")

    @admin.display(description=LABELS["events"])
    def told_of(self, webhook: Webhook) -> str:
        return comma().join(str(EVENTS[event]) for event in webhook.events)

    @admin.display(description=LABELS["due_at"])
    def next_attempt(self, webhook: Webhook) -> str:
        return moment(webhook.due_at) or NOTHING

    @admin.display(description=LABELS["problem"])
    def wrong(self, webhook: Webhook) -> str:
        return in_words(webhook.problem, webhook.problem_of) or NOTHING
