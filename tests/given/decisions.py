"""What moderators decide on in tests: subjects, their pages, what each decision asks for."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from reputation.admin.decisions import DECISIONS
from reputation.decisions import RULES
from reputation.disputes.histories import seal_contact
from reputation.models import (
    AuditEntry,
    Campaign,
    Dispute,
    EvidenceBucket,
    KeyGrant,
    NeverCalling,
    Number,
    Report,
    Reporter,
)
from reputation.moderation import DecisionError
from reputation.reports.linking import merge_reporters
from tests.given.disputes import a_dispute
from tests.given.reporters import DAY, NOW, crowd, moderator, newcomer, row, say
from tests.given.rows import a_campaign, a_key_grant, a_numbers_file


def page(kind: str, pk: int, verb: str = "") -> str:
    return f"/admin/reputation/{kind}/{pk}/" + (f"decide/{verb}/" if verb else "change/")


def subjects() -> dict[str, int]:
    """One of each kind, in a state in which most decisions are open."""
    crowd(3)
    report = say(newcomer("a"), comment="Anna at 13800138000").report
    Reporter.objects.filter(pk=report.reporter_id).update(cluster=report.reporter_id)
    return {
        "number": row().pk,
        "report": report.pk,
        "reporter": report.reporter_id,
        "dispute": a_dispute().pk,
        "numbersfile": a_numbers_file(found={"calls": {}, "never_calls": {}}, found_at=NOW).pk,
        "campaign": a_campaign(reports=4).pk,
        "keygrant": a_key_grant().pk,
    }


def given(kind: str, verb: str) -> dict[str, str]:
    """What the decision's form asks for besides the reason."""
    others = Report.objects.live().order_by("pk").first()
    answers = {
        "action": "flag",
        "until": "2099-01-01",
        "since": "2026-11-20",
        "name": "A Bank",
        "source": "A list",
        "keep": str(others and others.pk),
        "grounds": "new_holder",
        "statement": "We are a florist.",
        "contact": "florist@example.org",
        "scopes": "lookup",
        "lookups_per_minute": "60",
        "verifies_attestation": "on",
    }
    return {name: answers[name] for name in RULES[kind][verb].fields}


def leave_contact(dispute: Dispute) -> None:
    seal_contact(dispute, "florist@example.org")
    dispute.save()


def grant() -> None:
    KeyGrant.objects.update(
        granted_at=NOW,
        scopes=["lookup"],
        lookups_per_minute=60,
        expires_at=timezone.now() + DAY,
        voice=Reporter.objects.get(handle="a"),
    )


def link_to_an_account() -> None:
    """The reporter on whom the panel decides sends SMS, and is linked to an account."""
    phone = Reporter.objects.get(handle="a")
    phone.kind = "sms"
    phone.save()
    account = Reporter.objects.create(kind="person", handle="account", created_at=NOW)
    merge_reporters(into=account, other=phone, now=NOW)


EVERY = [(kind, verb) for kind, decisions in DECISIONS.items() for verb in decisions]
# What each needs to have happened before.
READY = {
    "unmark_spoofed": lambda: Number.objects.update(spoofed=True),
    "unmark_reassigned": lambda: Number.objects.update(reassigned=True, epoch_at=NOW - 9 * DAY),
    "hold_number": lambda: Number.objects.update(pinned="block", action="block"),
    "unpin_number": lambda: Number.objects.update(pinned="flag"),
    "unmark_official": lambda: Number.objects.update(official=True, name="A"),
    "unhide_report": lambda: Report.objects.update(hidden=True),
    "unmark_never_calling": lambda: Number.objects.update(official=True, never_calls=True),
    "release_campaign": lambda: Campaign.objects.update(
        confirmed_at=NOW, confirmed_until=NOW + 30 * DAY
    ),
    "join_campaign": lambda: Campaign.objects.update(like=a_campaign(key="f" * 16, reports=9)),
    "open_dispute": Dispute.objects.all().delete,
    "reveal_contact": lambda: leave_contact(Dispute.objects.get()),
    "unblock_reporter": lambda: Reporter.objects.update(blocked_at=NOW),
    "unlink_reporter": lambda: link_to_an_account(),
    "change_key": grant,
    "end_key": grant,
}


def audit() -> dict:
    """The one audit entry, without its id and what it does not refer to."""
    [entry] = AuditEntry.objects.values()
    del entry["id"]
    for name in ("reporter_id", "campaign_id", "key_grant_id", "batch_id", "undoes_id"):
        assert entry.pop(name) is None
    return entry


def by(name: str = "judge", **more) -> dict:
    return {"actor": moderator(name), "reason": "because", "now": NOW} | more


def entry() -> AuditEntry:
    return AuditEntry.objects.latest("id")


# What undoing need not restore: the trust pass has to look again, and that is all.
BESIDES = {"trust_seq", "moved_seq"}


def everything() -> dict:
    """All that a decision moves."""
    numbers, reporters = (
        [{k: v for k, v in row.items() if k not in BESIDES} for row in rows.order_by("pk").values()]
        for rows in (Number.objects, Reporter.objects)
    )
    return {
        "numbers": numbers,
        "buckets": list(EvidenceBucket.objects.order_by("pk").values()),
        "reports": list(Report.objects.order_by("pk").values()),
        "reporters": reporters,
        "silences": list(NeverCalling.objects.order_by("pk").values()),
    }


def refusal(act: Callable[[], Any]) -> str:
    """The name of the error with which an act is refused, or nothing."""
    try:
        act()
    except DecisionError as error:
        return type(error).__name__
    return ""
