"""The addresses that are told of items, decisions and deadlines: how far, and what is wrong."""

from django.contrib import admin

from reputation.admin.reading import ReadingAdmin
from reputation.models import Webhook


@admin.register(Webhook)
class WebhookAdmin(ReadingAdmin[Webhook]):
    list_display = ("url", "events", "sent_at", "failures", "problem", "disabled_at")
    fields = (
        "url",
        "events",
        ("added_at", "sent_at"),
        ("failures", "due_at", "disabled_at"),
        "problem",
    )
