"""What the database itself refuses of what moderators do: decisions, their queue and its desk."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from reputation.models import (
    AuditCandidate,
    AuditDigest,
    AuditEntry,
    DecisionBatch,
    Desk,
    Note,
    Proposal,
    SavedFilter,
    SecondReview,
)
from tests.given.constraints import MODERATION, constraints_by_module, twice
from tests.given.reporters import NOW, moderator, newcomer, say
from tests.given.rows import a_queue_item, an_audit_entry

pytestmark = pytest.mark.django_db


def proposal(**fields: Any) -> Proposal:
    proposer = fields.pop("proposer", None) or moderator()
    defaults = {
        "what": "decision",
        "verb": "pin_number",
        "about": "x",
        "content": {},
        "digest": "d",
        "reason": "r",
        "created_at": NOW,
        "expires_at": NOW,
        "permissions": [],
    }
    return Proposal.objects.create(proposer=proposer, **(defaults | fields))


def batch(**fields: Any) -> DecisionBatch:
    defaults = {"subject": "number", "verb": "clear", "reason": "r", "targets": [1]}
    return DecisionBatch.objects.create(actor=moderator(), created_at=NOW, **(defaults | fields))


def saved(**fields: Any) -> SavedFilter:
    fields.setdefault("owner", User.objects.first() or moderator())
    defaults = {"page": "number", "name": "mine", "query": "a=b"}
    return SavedFilter.objects.create(**(defaults | fields))


def reviewed(**fields: Any) -> SecondReview:
    return SecondReview.objects.create(**{"entry": an_audit_entry(), "sampled_at": NOW} | fields)


def judged(**fields: Any) -> SecondReview:
    by = {"reviewer": moderator("b"), "verdict": "leave", "reason": "r", "judged_at": NOW}
    return reviewed(**by | fields)


REFUSED: dict[str, list[Any]] = {
    "audit_reason_given": [
        lambda: AuditEntry.objects.create(at=NOW, actor=moderator(), verb="clear", reason="")
    ],
    "audit_undo_undoes": [
        lambda: AuditEntry.objects.create(at=NOW, actor=moderator(), verb="undo", reason="r")
    ],
    "desk_digest_range": [lambda: Desk.objects.create(user=moderator(), digest_hours=169)],
    "note_says_something": [
        lambda: Note.objects.create(kind="number", subject_id=1, author=moderator(), at=NOW)
    ],
    "proposal_reason_given": [lambda: proposal(reason="")],
    "proposal_waits_once": [lambda: (one := proposal(), proposal(proposer=one.proposer))],
    "proposal_answered_by_another": [
        lambda: proposal(state="approved"),
        lambda: proposal(state="declined", proposer=(own := moderator()), answered_by=own),
    ],
    "batch_reason_given": [lambda: batch(reason="")],
    "batch_done_within_targets": [
        lambda: batch(done=2),
        lambda: batch(done=-1),
        lambda: batch(undone=-1),
    ],
    "batch_undo_reason_given": [lambda: batch(undo_actor=moderator("b"))],
    "queue_item_once": [lambda: twice(a_queue_item)],
    "queue_harm_not_negative": [lambda: a_queue_item(harm=-0.1)],
    "queue_kind_known": [lambda: a_queue_item(kind="call")],
    "queue_claims_expire": [lambda: a_queue_item(claimed_by=moderator())],
    "second_review_judged_with_reason": [
        lambda: judged(reason=""),
        lambda: judged(reviewer=None),
        lambda: reviewed(verdict="leave"),
    ],
    "second_review_settled_with_reason": [
        lambda: judged(settled_at=NOW, settled_by=moderator("c"), outcome="first"),
        lambda: reviewed(
            settled_at=NOW, settled_by=moderator("c"), outcome="first", settled_reason="r"
        ),
    ],
    "second_review_settled_by_another": [
        lambda: judged(
            reviewer=(who := moderator("c")),
            settled_by=who,
            settled_at=NOW,
            outcome="first",
            settled_reason="r",
        ),
    ],
    "audit_chain_never_forks": [
        lambda: [
            AuditDigest.objects.create(
                position=place, entry=an_audit_entry(), previous="a" * 64, digest="b" * 64
            )
            for place in (1, 2)
        ],
    ],
    "audit_chain_begins_at_one": [
        lambda: AuditDigest.objects.create(
            position=0, entry=an_audit_entry(), previous="a" * 64, digest="b" * 64
        ),
    ],
    "audit_candidate_tells_something": [
        lambda: AuditCandidate.objects.create(
            number=say(newcomer("a")).number, worth=0.0, accounts=1
        ),
        lambda: AuditCandidate.objects.create(
            number=say(newcomer("a")).number, worth=0.1, accounts=0
        ),
    ],
    "filter_name_once": [lambda: twice(saved)],
    "filter_has_name": [lambda: saved(name="")],
}


@pytest.mark.parametrize(
    ("name", "act"), [(name, act) for name, acts in REFUSED.items() for act in acts]
)
def test_the_database_refuses(name, act):
    with pytest.raises(IntegrityError, match=f'constraint "{name}"'), transaction.atomic():
        act()


def test_every_named_constraint_has_its_case():
    declared = constraints_by_module()
    assert set().union(*(declared[name] for name in MODERATION)) == set(REFUSED)
