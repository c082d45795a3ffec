"""Lists that organisations publish of their numbers: the changes, and the decision about them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from reputation.admin.columns import NOTHING
from reputation.admin.deciding import DecidingAdmin, last_decision, offered
from reputation.admin.labels import LABELS
from reputation.faults import in_words
from reputation.models import NumbersFile
from reputation.moderation import published_lists


@admin.register(NumbersFile)
class NumbersFileAdmin(DecidingAdmin[NumbersFile]):
    kind = "numbersfile"
    change_form_template = "panel/numbers_file.html"
    about_template = "panel/_numbers_file.html"
    list_display = ("domain", "name", "found_at", "checked_at", "wrong")
    fields = (("domain", "name"), ("added_at", "checked_at", "found_at"), "wrong")
    readonly_fields = ("wrong",)

    def on_own_page(self, request: HttpRequest, subject: NumbersFile) -> dict[str, Any]:
        return {
            **self.about(request, subject),
            "offered": offered(request, "numbersfile", subject),
            "last_decision": last_decision(request),
            "here": request.get_full_path(),
        }

    def about(self, request: HttpRequest, subject: NumbersFile) -> dict[str, Any]:
        changes = published_lists.changes(subject) if subject.found is not None else []
        problem = in_words(subject.problem, subject.problem_of)
        return {"file": subject, "problem": problem, "changes": changes}

    @admin.display(description=LABELS["problem"])
    def wrong(self, file: NumbersFile) -> str:
        return in_words(file.problem, file.problem_of) or NOTHING
