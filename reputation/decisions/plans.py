"""Decisions in a form that can be proposed: previewed, kept as JSON, and carried out.

Some plans need two persons, where the operator has two (SECOND_MODERATOR_REQUIRED): pins, official
numbers, and decisions beyond what one moderator may take alone (`taking.beyond`). A hold needs one,
so that a single moderator can keep a number from being blocked until a second person is there.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, Unpack
from uuid import UUID

import orjson
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from reputation.decisions import taking
from reputation.decisions.rules import RULES, Rule, permission_to_undo
from reputation.decisions.subjects import MODELS, name_of, number_of
from reputation.models import (
    AuditEntry,
    DecisionBatch,
    Number,
    NumbersFile,
    Proposal,
    Report,
    Reporter,
)
from reputation.moderation import (
    DecisionError,
    Signed,
    batches,
    directory,
    meanwhile,
    permissions,
    previews,
    published_lists,
)
from reputation.scoring import Action


@dataclass(frozen=True, slots=True)
class Outlook:
    """The effect of a plan. `rows`: subject, before, after; `mark`: the newest decision about the
    subject.

    The rows hold no scores: these fade by themselves, which does not make a plan outdated.
    """

    rows: list[list[str]]
    mark: int
    preview: previews.Preview | None = None
    lines: Sequence[directory.Line] = ()

    @property
    def digest(self) -> str:
        return hashlib.sha256(orjson.dumps([self.rows, self.mark])).hexdigest()[:32]


class Plan(Protocol):
    """`permissions`: what proposer and approver need. `content`: as `plan_of` reads it."""

    @property
    def what(self) -> Proposal.What: ...
    @property
    def verb(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def number(self) -> Number | None: ...
    @property
    def permissions(self) -> tuple[str, ...]: ...
    def content(self) -> dict[str, Any]: ...
    def takes_two(self, *, actor: User, now: datetime) -> bool: ...
    def outlook(self, *, actor: User, now: datetime) -> Outlook: ...
    def carry_out(
        self, *, approver: User | None, seen: int, **by: Unpack[Signed]
    ) -> AuditEntry | DecisionBatch: ...


@dataclass(frozen=True)
class OneDecision:
    """A decision about one subject."""

    rule: Rule
    subject: Any
    given: Mapping[str, Any] = field(default_factory=dict)
    what = Proposal.What.DECISION

    @property
    def verb(self) -> str:
        return self.rule.verb

    @property
    def about(self) -> str:
        # The text stays on record, so it does not contain a reporter's name.
        if isinstance(self.subject, Reporter):
            return f"reporter #{self.subject.pk}"
        return name_of(self.subject)

    @property
    def number(self) -> Number | None:
        return number_of(self.subject)

    @property
    def permissions(self) -> tuple[str, ...]:
        return (self.rule.permission,)

    def content(self) -> dict[str, Any]:
        given = {name: _stored(value) for name, value in self.given.items()}
        return {"kind": self.rule.subject, "subject": self.subject.pk, "given": given}

    def takes_two(self, *, actor: User, now: datetime) -> bool:
        return taking.takes_two(self.rule, self.subject, actor=actor, now=now)

    def outlook(self, *, actor: User, now: datetime) -> Outlook:
        mark = meanwhile.newest(self.subject)
        if isinstance(self.subject, NumbersFile):
            changes = published_lists.changes(self.subject)
            return Outlook([list(change) for change in changes], mark)
        found = taking.preview(
            rule=self.rule, subject=self.subject, given=self.given, actor=actor, now=now
        )
        return Outlook(_rows(found) if found else [], mark, found)

    def carry_out(
        self, *, approver: User | None, seen: int, **by: Unpack[Signed]
    ) -> AuditEntry | DecisionBatch:
        return taking.take(
            rule=self.rule,
            subject=self.subject,
            given=self.given,
            approver=approver,
            seen=seen,
            **by,
        ).entry


@dataclass(frozen=True)
class ManyDecisions:
    """One decision on many rows: moderation.batches. `batch_id`: drawn with the preview."""

    subject: str
    verb: str
    targets: tuple[int, ...]
    batch_id: UUID | None = None
    what = Proposal.What.BATCH
    number = None

    @property
    def about(self) -> str:
        return f"{self.subject} × {len(self.targets)}"

    @property
    def permissions(self) -> tuple[str, ...]:
        if self.subject == DecisionBatch.Subject.ENTRY and len(self.targets) == 1:
            # A decision that one moderator may take alone can be undone alone; other decisions need
            # two.
            entry = AuditEntry.objects.select_related("undoes").get(pk=self.targets[0])
            return (permission_to_undo(entry) or permissions.DECIDE_ON_MANY,)
        rule = RULES.get(self.subject, {}).get(self.verb)
        return (
            (permissions.DECIDE_ON_MANY, rule.permission) if rule else (permissions.DECIDE_ON_MANY,)
        )

    def content(self) -> dict[str, Any]:
        return {"subject": self.subject, "targets": list(self.targets)}

    def takes_two(self, *, actor: User, now: datetime) -> bool:
        if self.subject == DecisionBatch.Subject.ENTRY:
            entries = AuditEntry.objects.filter(pk__in=self.targets)
            return taking.back_takes_two(entries, actor=actor, now=now)
        if self.verb in taking.ALONE or not settings.SECOND_MODERATOR_REQUIRED:
            return False
        return taking.beyond(batches.numbers_of(self.subject, self.targets), actor=actor, now=now)

    def _decided(self) -> QuerySet[AuditEntry]:
        """The decisions about the rows."""
        column = "undoes" if self.subject == DecisionBatch.Subject.ENTRY else self.subject
        decided = AuditEntry.objects.filter(**{f"{column}__in": self.targets})
        if self.subject == DecisionBatch.Subject.ENTRY:
            about = batches.numbers_of(self.subject, self.targets)
            decided |= AuditEntry.objects.filter(number__in=about)
        return decided.exclude(verb__in=meanwhile.LOOKS)

    def newest(self) -> int:
        """The id of the newest decision about the rows, or 0."""
        return self._decided().aggregate(Max("id"))["id__max"] or 0

    def require_unchanged(self, *, seen: int) -> None:
        """Raises DecidedMeanwhile if a decision about the rows is newer than `seen`, a value of
        `newest`, unless this batch took it. What is taken back is checked row by row (`undo`)."""
        if self.subject == DecisionBatch.Subject.ENTRY:
            return
        since = self._decided().filter(id__gt=seen).exclude(batch=self.batch_id)
        entry = since.select_related("actor").order_by("-id").first()
        if entry is not None:
            raise meanwhile.DecidedMeanwhile(entry)

    def outlook(self, *, actor: User, now: datetime) -> Outlook:
        found = batches.preview(
            actor=actor, subject=self.subject, verb=self.verb, targets=self.targets, now=now
        )
        return Outlook(_rows(found), self.newest(), found)

    def carry_out(
        self, *, approver: User | None, seen: int, **by: Unpack[Signed]
    ) -> AuditEntry | DecisionBatch:
        batch = batches.start(
            subject=self.subject,
            verb=self.verb,
            targets=self.targets,
            batch_id=self.batch_id,
            **by,
        )
        # A moderator who may decide on one row may lack the permission to continue a batch.
        return batches.advance(batch=batch, now=by["now"]) if len(self.targets) == 1 else batch


@dataclass(frozen=True)
class DirectoryImport:
    """A file for the verified directory: moderation.directory."""

    text: str
    what = Proposal.What.IMPORT
    verb = "import_directory"
    number = None

    @property
    def about(self) -> str:
        rows = directory.preview(text=self.text).changing
        return f"directory × {rows}"

    @property
    def permissions(self) -> tuple[str, ...]:
        return (permissions.MARK_OFFICIAL,)

    def content(self) -> dict[str, Any]:
        return {"text": self.text}

    def takes_two(self, *, actor: User, now: datetime) -> bool:
        return bool(settings.SECOND_MODERATOR_REQUIRED)

    def outlook(self, *, actor: User, now: datetime) -> Outlook:
        outcome = directory.preview(text=self.text)
        effects = directory.effects(outcome=outcome, actor=actor, now=now)
        found = previews.Preview(list(effects.values()))
        names = [[line.key, line.before, line.after] for line in outcome.lines if line.changes]
        return Outlook(names + _rows(found), 0, found, outcome.lines)

    def carry_out(
        self, *, approver: User | None, seen: int, **by: Unpack[Signed]
    ) -> AuditEntry | DecisionBatch:
        done = directory.take_in(text=self.text, **by)
        if done.batch is None:
            raise taking.SoAlready(_("This is already the case."))
        return done.batch


def plan_of(proposal: Proposal) -> Plan:
    """The plan that a proposal stores. Raises DecisionError if its subject is gone."""
    content = proposal.content
    if proposal.what == Proposal.What.BATCH:
        targets = tuple(content["targets"])
        return ManyDecisions(content["subject"], proposal.verb, targets, proposal.pk)
    if proposal.what == Proposal.What.IMPORT:
        return DirectoryImport(content["text"])
    kind = content["kind"]
    subject = MODELS[kind]._default_manager.filter(pk=content["subject"]).first()
    if subject is None:
        raise DecisionError(_("The subject of this no longer exists."))
    given = {name: _loaded(name, value) for name, value in content["given"].items()}
    return OneDecision(RULES[kind][proposal.verb], subject, given)


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.pk if isinstance(value, Report) else getattr(value, "value", value)


def _loaded(name: str, value: Any) -> Any:
    match name:
        case "since" | "until":
            return datetime.fromisoformat(value)
        case "action":
            return Action(value)
        case "keep":
            return Report.objects.get(pk=value)
    return value


def _rows(found: previews.Preview) -> list[list[str]]:
    """The rows of the preview, without scores."""
    rows = [
        [effect.number.key, _in_words(effect.before), effect.error or _in_words(effect.after)]
        for effect in found.effects
    ]
    refused = [
        [f"#{entry.pk}", entry.number.key if entry.number else "", why]
        for entry, why in found.refused
    ]
    left = [["…", str(found.left), ""]] if found.left else []
    return sorted(rows) + sorted(refused) + left


def _in_words(answer: previews.PublicAnswer) -> str:
    return f"{answer.action} {answer.status}"
