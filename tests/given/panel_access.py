"""Everything that the panel answers to: each address with its method, and who may come in.

The one table that test_access.py tries, both ways, as each role. `{number}` and the like stand for
rows that it makes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.urls import URLPattern

CALLERS = ("moderator", "senior", "auditor", "administrator", "staff", "person", "anonymous")

ROLES = ("moderator", "senior", "auditor", "administrator")
DECIDE = ("moderator", "senior")
SENIOR = ("senior",)
AUDITOR = ("auditor",)
HOLD = (*DECIDE, "administrator")
ACCOUNTS = ("administrator",)
SEE_ACCOUNTS = ("auditor", "administrator")
STAFF = (*ROLES, "staff")
ANYBODY = CALLERS
NOBODY: tuple[str, ...] = ()


@dataclass(frozen=True)
class Address:
    method: str
    path: str  # below /admin/; {row} and the like stand for rows that the test makes
    may: tuple[str, ...]


# What Django's admin has for every table: list, form to add, page, form to change, to delete …
READ_ONLY = {
    ("GET", ""): ROLES,
    ("POST", ""): ROLES,  # actions, each with a permission of its own: see test_access.py
    ("GET", "add/"): NOBODY,
    ("POST", "add/"): NOBODY,
    ("GET", "{row}/"): STAFF,  # leads to the page and says nothing
    ("GET", "{row}/change/"): ROLES,
    ("POST", "{row}/change/"): NOBODY,
    ("GET", "{row}/delete/"): NOBODY,
    ("POST", "{row}/delete/"): NOBODY,
    ("GET", "{row}/history/"): ROLES,
}
FACTS = READ_ONLY | {
    ("GET", "add/"): DECIDE,
    ("POST", "add/"): DECIDE,
    ("POST", "{row}/change/"): DECIDE,
}
TABLES = {
    "reputation/auditentry/": READ_ONLY,
    "reputation/campaign/": READ_ONLY,
    "reputation/decisionbatch/": READ_ONLY,
    "reputation/dispute/": READ_ONLY,
    "reputation/intakemessage/": READ_ONLY,
    "reputation/keygrant/": READ_ONLY,
    "reputation/number/": READ_ONLY,
    "reputation/numbersfile/": READ_ONLY,
    "reputation/officialnumber/": READ_ONLY,
    "reputation/proposal/": READ_ONLY,
    "reputation/queueitem/": READ_ONLY,
    "reputation/report/": READ_ONLY,
    "reputation/reporter/": READ_ONLY,
    "reputation/webhook/": READ_ONLY,
    "reputation/authority/": FACTS,
    "reputation/channel/": FACTS,
    "reputation/statute/": FACTS,
    "reputation/provision/": FACTS,
    "reputation/template/": FACTS,
    # The worker's queue is for who runs the server, with a superuser's account.
    # There is no row in these tests: to the front page, for all that is asked of one.
    "procrastinate/procrastinatejob/": dict.fromkeys(READ_ONLY, NOBODY)
    | {("GET", "{row}/"): STAFF, ("GET", "{row}/history/"): STAFF},
    "auth/user/": {what: SEE_ACCOUNTS if may == ROLES else may for what, may in READ_ONLY.items()}
    | {
        ("GET", "add/"): ACCOUNTS,
        ("POST", "add/"): ACCOUNTS,
        ("POST", "{row}/change/"): ACCOUNTS,
    },
}

DECISIONS = {
    "number": {
        DECIDE: "confirm_number clear_number mark_spoofed unmark_spoofed mark_reassigned "
        "unmark_reassigned open_dispute",
        SENIOR: "pin_number unpin_number mark_official unmark_official "
        "mark_never_calling unmark_never_calling",
        HOLD: "hold_number",
    },
    "report": {DECIDE: "reject_report hide_report unhide_report merge_report unmask_report"},
    "reporter": {
        DECIDE: "block_reporter unblock_reporter unlink_reporter",
        SENIOR: "block_cluster",
    },
    "campaign": {SENIOR: "confirm_campaign release_campaign join_campaign"},
    "numbersfile": {SENIOR: "accept_numbers_file decline_numbers_file"},
    "keygrant": {SENIOR: "grant_key refuse_key change_key end_key"},
    "dispute": {DECIDE: "uphold_dispute reject_dispute hold_dispute reveal_contact"},
}
OTHERS = (
    ("GET", "", STAFF),
    ("POST", "", STAFF),
    ("GET", "login/", (*STAFF, "anonymous")),
    ("POST", "logout/", ANYBODY),
    ("GET", "password_change/", STAFF),
    ("POST", "password_change/", STAFF),
    ("GET", "password_change/done/", STAFF),
    ("GET", "jsi18n/", STAFF),
    ("GET", "health/", SEE_ACCOUNTS),
    ("GET", "desk/", ROLES),
    ("POST", "desk/", DECIDE),
    ("GET", "autocomplete/", NOBODY),
    ("GET", "reputation/", STAFF),  # who may see no table of it finds no page
    ("GET", "reputation/secondreview/", ROLES),
    ("POST", "reputation/secondreview/", ROLES),
    ("GET", "reputation/auditentry/export/", AUDITOR),
    ("POST", "reputation/auditentry/export/", AUDITOR),
    ("GET", "auth/user/{account}/reset/", ACCOUNTS),
    ("POST", "auth/user/{account}/reset/", ACCOUNTS),
    ("GET", "reputation/officialnumber/import/", SENIOR),
    ("POST", "reputation/officialnumber/import/", SENIOR),
    ("GET", "reputation/officialnumber/export/", ROLES),
    ("POST", "reputation/decisionbatch/preview/", SENIOR),
    ("POST", "reputation/decisionbatch/start/", SENIOR),
    ("GET", "reputation/decisionbatch/rollback/", SENIOR),
    ("POST", "reputation/decisionbatch/rollback/", SENIOR),
    # A number cleared by a moderator of that name: who may clear it may answer.
    ("POST", "reputation/proposal/{proposal}/answer/approve/", DECIDE),
    ("POST", "reputation/proposal/{proposal}/answer/decline/", DECIDE),
    ("POST", "reputation/proposal/{proposal}/answer/withdraw/", ROLES),  # says that it is another's
    *(
        ("POST", f"reputation/{kind}/{{{kind}}}/note/{rest}", DECIDE)
        for kind in ("number", "report", "reporter", "dispute", "campaign")
        for rest in ("", "1/remove/")
    ),
    ("POST", "reputation/queueitem/{item}/assign/", DECIDE),
    ("POST", "reputation/queueitem/{item}/escalate/", DECIDE),
    ("POST", "reputation/decisionbatch/{batch}/advance/", SENIOR),
    ("POST", "reputation/decisionbatch/{batch}/undo/", SENIOR),
    ("GET", "reputation/intakemessage/{message}/do/read/", DECIDE),
    ("GET", "reputation/intakemessage/{message}/do/file/", DECIDE),
    ("GET", "reputation/intakemessage/{message}/do/close/", DECIDE),
    ("POST", "reputation/intakemessage/{message}/do/read/", DECIDE),
    ("POST", "reputation/intakemessage/{message}/do/file/", DECIDE),
    ("POST", "reputation/intakemessage/{message}/do/close/", DECIDE),
    ("POST", "reputation/queueitem/{item}/claim/", DECIDE),
    ("POST", "reputation/queueitem/{item}/leave/", DECIDE),
    ("POST", "reputation/queueitem/{item}/release/", DECIDE),
    *((verb, "reputation/queueitem/{item}/judge/leave/", DECIDE) for verb in ("GET", "POST")),
    *((verb, "reputation/queueitem/{item}/settle/first/", DECIDE) for verb in ("GET", "POST")),
    ("POST", "reputation/queueitem/next/", DECIDE),
    ("POST", "reputation/queueitem/refresh/", DECIDE),
    *(
        (method, f"reputation/{kind}/{{row}}/evidence/{{file}}/{what}", may)
        for kind in ("report", "dispute")
        for method, what, may in (
            ("GET", "", DECIDE),
            ("POST", "", DECIDE),
            ("GET", "look/", DECIDE),
            ("POST", "look/", DECIDE),
            ("GET", "content/", NOBODY),  # without a signature
        )
    ),
    ("GET", "reputation/queueitem/undo/{entry}/", DECIDE),
    ("POST", "reputation/queueitem/undo/{entry}/", DECIDE),
    ("POST", "reputation/savedfilter/keep/", DECIDE),
    ("POST", "reputation/savedfilter/{filter}/drop/", DECIDE),
)


def addresses() -> Iterator[Address]:
    for table, answers in TABLES.items():
        for (method, rest), may in answers.items():
            yield Address(method, f"{table}{rest}", may)
    for kind, decisions in DECISIONS.items():
        for may, verbs in decisions.items():
            for verb in verbs.split():
                for method in ("GET", "POST"):
                    yield Address(method, f"reputation/{kind}/{{row}}/decide/{verb}/", may)
    for method, path, may in OTHERS:
        yield Address(method, path, may)


def patterns() -> set[str]:
    """Every pattern of the site, as it writes them; not the one that catches the rest."""
    found = set(_patterns(admin.site.get_urls())) - {"(?P<url>.*)$"}
    # The list of an app's tables names all apps, in the order of the moment.
    return {"reputation/" if "(?P<app_label>" in pattern else pattern for pattern in found}


def _patterns(entries: list[object], before: str = "") -> Iterator[str]:
    for entry in entries:
        path = before + str(entry.pattern)  # type: ignore[attr-defined]
        if isinstance(entry, URLPattern):
            yield path
        else:
            yield from _patterns(entry.url_patterns, path)  # type: ignore[attr-defined]
