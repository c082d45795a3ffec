"""The moderators' queue, ordered by the harm at stake, not by age.

    harm = (1 + lookups a day) × uncertainty × dispute × attack

- lookups a day: how many people get an answer about the number (reputation.lookup.traffic), as
  far as they ask with a key;
- uncertainty, 0 to 1: 4·p·(1−p) of the published probability, since a decision tells most at even
  odds; at least UNDECIDED where only a decision helps (disputes, spoofing, contradiction);
- dispute: 1, or 2 once the holder objects, rising to 3 within the last week before the deadline;
- attack: 1, rising to 4 with the share of the reports' weight that the caps withheld, since
  brigades pile on; for reporters, 4 if they act as one, else by the share of their errors.

Beside harm, numbers wait whose truth would tell most about reporters (audits): of them, `harm` is
what the trust pass expects their decision to tell, times what is reported now (AuditCandidate).
Among them are numbers drawn at random (CalibrationDraw), with the harm of an audit at a place that
was drawn, too, and rises while it waits. Moderators are not shown which they are: who could tell
would answer them with more care, or not at all.

What waits follows from what is on record: `refresh` works it out anew, set-based, every few
minutes. In between, decisions put items to rest, and claims keep two moderators off the same work:
who takes an item has it, and everything else about its number, for CLAIM. An item may also be
assigned to a moderator, for as long as it takes, and escalated to the seniors.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from reputation.lookup import A_DAY, HALF_LIFE
from reputation.models import (
    LAPSES,
    AuditEntry,
    Campaign,
    Dispute,
    IntakeMessage,
    KeyGrant,
    Number,
    QueueItem,
    SecondReview,
)
from reputation.moderation.recording import (
    DECIDED_RESTS,
    DecisionError,
    record,
    require_reason,
)

Kind = QueueItem.Kind

# Long enough to hear a recording, short enough that a closed laptop holds nothing back for long.
CLAIM: Final = timedelta(minutes=10)
LEFT_RESTS: Final = timedelta(days=14)

UNDECIDED: Final = 0.5
LEAST_UNCERTAIN: Final = 0.05
# Below as many numbers and reporters there is no campaign to confirm yet.
CAMPAIGN_NUMBERS: Final = 2
CAMPAIGN_REPORTERS: Final = 3
# Numbers below this score are neither published as unwanted nor close to it.
SCORE_FROM: Final = 30
# Of newcomers alone it takes so many networks before a number waits: one account is cheap.
NETWORKS: Final = 2
# Log-odds withheld by the caps at which half of the suspicion counts: about four accounts too many.
# The caps withhold part of a single new account's report, too.
PILED_ON: Final = 4.0
LATELY: Final = timedelta(days=30)
SPOKE_LATELY: Final = timedelta(days=7)
# Disagreements with settled truth from which a reporter enters the queue.
DISAGREEMENTS: Final = 3.0
# Days in which a drawn number rises from the last of the audits to the first.
DRAWS_RISE: Final = 14.0
# No team works through more; further items wait until these are done. Disputes have a deadline, and
# none waits for that.
MOST: Final = 5_000

_TRAFFIC = f"""coalesce(t.count * {A_DAY}
    * 2 ^ (-greatest(0, date_part('epoch', %(now)s - t.at)) / 86400 / {HALF_LIFE}), 0)"""
_UNCERTAINTY = f"greatest({LEAST_UNCERTAIN}, n.score * (100 - n.score) / 2500.0)"
_ATTACK = f"""1 + 3 * n.saturated / greatest(n.saturated + n.gathered + n.legitimate, 1e-9)
    * n.saturated / (n.saturated + {PILED_ON})"""

_NUMBERS = f"""
SELECT 'number' AS kind, n.id AS subject_id, n.id AS number_id, NULL::bigint AS reporter_id,
    NULL::bigint AS report_id, {_TRAFFIC} AS traffic,
    CASE WHEN n.spoofed THEN greatest({UNDECIDED}, {_UNCERTAINTY}) ELSE {_UNCERTAINTY} END
        AS uncertainty,
    1.0 AS dispute, {_ATTACK} AS attack
FROM reputation_number n LEFT JOIN reputation_traffic t ON t.number_id = n.id
WHERE n.moderated = 0 AND n.pinned = '' AND NOT n.disputed
    AND (n.networks >= {NETWORKS} OR n.established > 0 OR n.imported > 0 OR n.spoofed)
    AND (n.score >= {SCORE_FROM} OR n.spoofed) AND n.last_reported_at >= %(lately)s
"""  # noqa: S608 -- constants

_DISPUTES = f"""
SELECT 'dispute', d.id, n.id, NULL::bigint, NULL::bigint, {_TRAFFIC},
    greatest({UNDECIDED}, {_UNCERTAINTY}),
    2 + least(1, greatest(0, 1 - date_part('epoch', d.deadline_at - %(now)s) / 86400 / 7)),
    {_ATTACK}
FROM reputation_dispute d JOIN reputation_number n ON n.id = d.number_id
LEFT JOIN reputation_traffic t ON t.number_id = n.id
WHERE d.status = 'open'
"""  # noqa: S608 -- constants

# Established reporters who contradict a decision or the directory: the moderator may be wrong.
_CONTRADICTIONS = f"""
SELECT 'report', r.id, n.id, r.reporter_id, r.id, {_TRAFFIC}, {UNDECIDED}::float8, 1.0::float8,
    1.0::float8
FROM reputation_report r JOIN reputation_number n ON n.id = r.number_id
LEFT JOIN reputation_traffic t ON t.number_id = n.id
WHERE r.status = 'live' AND r.established AND r.counted_at >= %(lately)s
    AND (n.epoch_at IS NULL OR r.counted_at >= n.epoch_at)
    AND CASE WHEN r.category = 'legitimate'
        THEN n.moderated > 0 AND r.counted_at > coalesce(n.moderated_at, r.counted_at)
        ELSE n.official
            OR n.moderated < 0 AND r.counted_at > coalesce(n.moderated_at, '-infinity')
        END
"""  # noqa: S608 -- constants

# One item for all reporters who act as one: its subject is the account whose id is the cluster's.
_REPORTERS = f"""
SELECT 'reporter', who, NULL::bigint, who, NULL::bigint, sum(traffic), {UNDECIDED}::float8,
    1.0::float8, 1 + 3 * max(doubt)
FROM (
    SELECT DISTINCT ON (coalesce(p.cluster, p.id), n.id) coalesce(p.cluster, p.id) AS who,
        {_TRAFFIC} AS traffic,
        CASE WHEN p.cluster IS NOT NULL THEN 1.0
            ELSE (p.fp + p.fn) / (1 + p.tp + p.fn + p.tn + p.fp) END AS doubt
    FROM reputation_report r JOIN reputation_reporter p ON p.id = r.reporter_id
    JOIN reputation_number n ON n.id = r.number_id
    LEFT JOIN reputation_traffic t ON t.number_id = n.id
    WHERE r.status = 'live' AND r.counted_at >= %(spoke_lately)s AND p.blocked_at IS NULL
        AND (p.cluster IS NOT NULL
            OR (p.fp + p.fn >= {DISAGREEMENTS} AND p.fp + p.fn > p.tp + p.tn))
) spoken GROUP BY who
"""  # noqa: S608 -- constants

# A holder who proved control of a number that is in no directory yet. Not through a dispute: the
# moderator who upheld it has just seen the number, and most disputes come from private people, whom
# no directory names.
_CLAIMS = f"""
SELECT 'claim', n.id, n.id, NULL::bigint, NULL::bigint, {_TRAFFIC},
    greatest({UNDECIDED}, {_UNCERTAINTY}), 1.0::float8, {_ATTACK}
FROM reputation_number n LEFT JOIN reputation_traffic t ON t.number_id = n.id
WHERE n.holder_verified AND NOT n.official AND NOT n.disputed AND NOT EXISTS (
    SELECT FROM reputation_dispute d WHERE d.number_id = n.id AND d.status = 'upheld')
"""  # noqa: S608 -- constants

# Campaigns that a moderator's word would tell most about: of several people and numbers, and those
# whose confirmation is disputed.
_CAMPAIGNS = f"""
SELECT 'campaign', c.id, NULL::bigint, NULL::bigint, NULL::bigint,
    coalesce((SELECT sum({_TRAFFIC}) FROM reputation_number n
        LEFT JOIN reputation_traffic t ON t.number_id = n.id WHERE n.campaign_id = c.id), 0),
    {UNDECIDED}::float8, CASE WHEN c.held THEN 2.0 ELSE 1.0 END, 1.0::float8
FROM reputation_campaign c
WHERE c.held OR c.confirmed_at IS NULL AND c.joined_to_id IS NULL
    AND c.numbers >= {CAMPAIGN_NUMBERS} AND c.reporters >= {CAMPAIGN_REPORTERS}
    AND c.last_at >= %(lately)s
"""  # noqa: S608 -- constants

# Messages that wait for a moderator (IntakeMessage.waiting): somebody wrote and got no answer.
_MESSAGES = """
SELECT 'message', id, NULL::bigint, NULL::bigint, NULL::bigint, 0::float8, 1.0::float8, 1.0::float8,
    1.0::float8
FROM unnest(%(messages)s::bigint[]) AS id
"""

# A decision drawn to be judged again: of which number, only who takes it is told. And those about
# which the second judged differently, for a senior.
_REVIEWS = f"""
SELECT CASE WHEN s.judged_at IS NULL THEN 'review' ELSE 'split' END, s.id, NULL::bigint,
    NULL::bigint, NULL::bigint, {_TRAFFIC}, {UNDECIDED}::float8, 1.0::float8, 1.0::float8
FROM reputation_secondreview s JOIN reputation_auditentry a ON a.id = s.entry_id
LEFT JOIN reputation_traffic t ON t.number_id = a.number_id
WHERE NOT EXISTS (SELECT FROM reputation_auditentry u WHERE u.undoes_id = a.id)
    AND CASE WHEN s.judged_at IS NULL THEN s.sampled_at > %(lapsed)s
        ELSE s.settled_at IS NULL AND s.verdict <> a.verb END
"""  # noqa: S608 -- constants

# Organisations that ask for a key, or for one to last longer.
_KEY_GRANTS = """
SELECT 'keygrant', id, NULL::bigint, NULL::bigint, NULL::bigint, 0::float8, 1.0::float8,
    1.0::float8, 1.0::float8
FROM reputation_keygrant
WHERE ended_at IS NULL
    AND (granted_at IS NULL AND refused_at IS NULL OR renewal_asked_at IS NOT NULL)
"""

# What a drawn number counts among the audits: as one at its place, which rises while it waits.
# Without other audits, nothing.
_PLACED = f"""coalesce((SELECT percentile_cont(least(0.99, d.place
    + greatest(0, date_part('epoch', %(now)s - d.drawn_at)) / 86400 / {DRAWS_RISE}))
    WITHIN GROUP (ORDER BY worth) FROM reputation_auditcandidate), 0)"""  # noqa: S608 -- constants

# As many as the trust pass stored, and the draws. A dispute shows its number to a moderator anyway.
_AUDITS = f"""
SELECT 'audit', n.id, n.id, NULL::bigint, NULL::bigint, coalesce(a.worth, {_PLACED}), {_TRAFFIC},
    {_UNCERTAINTY}, 1.0::float8, {_ATTACK},
    coalesce(a.accounts, greatest(1, n.established + n.newcomers + n.supporters)), d.id
FROM reputation_auditcandidate a
FULL JOIN (SELECT * FROM reputation_calibrationdraw WHERE entry_id IS NULL AND missing_at IS NULL) d
    ON d.number_id = a.number_id
JOIN reputation_number n ON n.id = coalesce(a.number_id, d.number_id)
LEFT JOIN reputation_traffic t ON t.number_id = n.id
WHERE n.moderated = 0 AND NOT n.official AND NOT n.disputed
"""  # noqa: S608 -- constants

_COLUMNS = (
    "kind, subject_id, number_id, reporter_id, report_id, traffic, uncertainty, dispute, attack"
)
_HARM = """
SELECT kind, subject_id, number_id, reporter_id, report_id,
    (1 + traffic) * uncertainty * dispute * attack AS harm, traffic, uncertainty, dispute, attack,
    0 AS accounts, NULL::bigint AS draw_id
FROM"""

REFRESH = f"""
INSERT INTO reputation_queueitem (kind, subject_id, number_id, reporter_id, report_id, harm,
    traffic, uncertainty, dispute, attack, accounts, draw_id, found_at, seen_at)
SELECT waits.*, %(now)s, %(now)s FROM (
    ({_HARM} ({_NUMBERS} UNION ALL {_CONTRADICTIONS} UNION ALL {_REPORTERS} UNION ALL {_CLAIMS}
        UNION ALL {_CAMPAIGNS} UNION ALL {_MESSAGES} UNION ALL {_KEY_GRANTS})
        found ORDER BY harm DESC, kind, subject_id LIMIT {MOST})
    UNION ALL {_HARM} ({_DISPUTES} UNION ALL {_REVIEWS}) found ({_COLUMNS})
    UNION ALL {_AUDITS}
) waits
ON CONFLICT (kind, subject_id) DO UPDATE SET (number_id, reporter_id, report_id, harm, traffic,
    uncertainty, dispute, attack, accounts, draw_id, seen_at) = (excluded.number_id,
    excluded.reporter_id, excluded.report_id, excluded.harm, excluded.traffic, excluded.uncertainty,
    excluded.dispute, excluded.attack, excluded.accounts, excluded.draw_id, excluded.seen_at)
"""  # noqa: S608 -- constants


WORK: Final = "reputation.change_queueitem"
# Who gets what is escalated, and assigns what is another's.
SENIOR: Final = "reputation.senior_queueitem"


class ClaimError(DecisionError):
    """The item cannot be claimed."""


class ItemGone(ClaimError):
    """The item was decided, or no longer waits."""


class TakenByAnother(ClaimError):
    """Another moderator holds the item."""


class NotToLeave(DecisionError):
    """Second reviews and disagreements are judged or given back: left, nobody would see them."""


class Overdue(DecisionError):
    """A dispute past its deadline is decided, and not left."""


@transaction.atomic
def refresh(*, now: datetime) -> int:
    """Rebuilds the queue; returns the number of waiting items. Simultaneous calls take turns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ringscore queue'))")
        lately = {
            "lately": now - LATELY,
            "spoke_lately": now - SPOKE_LATELY,
            "lapsed": now - LAPSES,
        }
        waiting_messages = IntakeMessage.objects.waiting(now).order_by("received_at", "id")
        messages = list(waiting_messages.values_list("pk", flat=True)[:MOST])
        cursor.execute(REFRESH, {"now": now, **lately, "messages": messages})
    gone = QueueItem.objects.filter(seen_at__lt=now).exclude(rests_until__gt=now)
    gone.exclude(claimed_until__gt=now).delete()
    return waiting(now=now).count()


def waiting(*, now: datetime, kind: str = "", user: User | None = None) -> QuerySet[QueueItem]:
    """The waiting items, claimed ones included, the greatest harm first. `user`: without those that
    are not for this user.
    """
    items = QueueItem.objects.exclude(rests_until__gt=now).order_by("-harm", "id")
    items = items if user is None else items.filter(meant_for(user, now=now))
    return items.filter(kind=kind) if kind else items


def meant_for(user: User, *, now: datetime) -> Q:
    """Not second reviews of what this user knows, nor disagreements of their own or below a senior,
    nor anything else about what they are judging blind.
    """
    # Of each kind only those of which there can be items: judged ones become ever more.
    reviews, unjudged = SecondReview.objects, SecondReview.objects.filter(judged_at=None)
    split = Q(kind=Kind.SPLIT)
    if user.has_perm("reputation.settle_secondreview"):
        unsettled = reviews.filter(judged_at__isnull=False, settled_at=None)
        own = unsettled.filter(Q(entry__actor=user) | Q(reviewer=user))
        split &= Q(subject_id__in=own.values("pk"))
    held = reviews.held_by(user, now)
    return ~(
        Q(kind=Kind.REVIEW, subject_id__in=unjudged.known_to(user).values("pk"))
        | split
        | Q(number__in=held.numbers())
        | Q(reporter__in=held.reporters())
    )


def _free(actor: User, now: datetime, *others: User) -> Q:
    """The one rule of who may work on an item: nobody else has claimed it, it is assigned to nobody
    else who is there, and it is escalated for seniors alone."""
    actors = (actor, *others)
    absent = Q(assigned_to__is_active=False) | Q(assigned_to__desk__away_until__gt=now)
    free = unclaimed(actors, now) & (Q(assigned_to=None) | Q(assigned_to__in=actors) | absent)
    if any(each.has_perm(SENIOR) for each in actors):
        return free
    return free & Q(escalated_by=None)


def unclaimed(actors: Sequence[User], now: datetime) -> Q:
    return Q(claimed_by=None) | Q(claimed_by__in=actors) | Q(claimed_until__lte=now)


@transaction.atomic
def claim(*, actor: User, item_id: int, now: datetime) -> QueueItem:
    """Claims the item, and all other items about its number, for CLAIM; a second claim extends it.

    Raises ItemGone, TakenByAnother.
    """
    return _take(waiting_and_free(actor, item_id, now), actor, now)


def waiting_item(actor: User, item_id: int, now: datetime) -> QueueItem:
    """The item, locked, if it is for this user. Raises ItemGone."""
    item = QueueItem.objects.select_for_update().filter(pk=item_id).first()
    if item is None or (item.rests_until is not None and item.rests_until > now):
        raise ItemGone(_("This no longer waits: somebody decided it, or it has settled."))
    if not QueueItem.objects.filter(meant_for(actor, now=now), pk=item_id).exists():
        raise ItemGone(_("This is for others to decide."))
    return item


def waiting_and_free(actor: User, item_id: int, now: datetime) -> QueueItem:
    """The item, locked. Raises ItemGone, TakenByAnother."""
    item = waiting_item(actor, item_id, now)
    if not QueueItem.objects.filter(_free(actor, now), pk=item_id).exists():
        raise TakenByAnother(whose(item, now))
    return item


@transaction.atomic
def claim_next(
    *, actor: User, now: datetime, kind: str = "", after: QueueItem | None = None
) -> QueueItem | None:
    """Claims the free item with the greatest harm; None when none is left.

    `after`: an item that the moderator passed over; the search continues behind it.
    """
    items = waiting(now=now, kind=kind, user=actor).filter(_free(actor, now))
    if after is not None:
        items = items.filter(Q(harm__lt=after.harm) | Q(harm=after.harm, id__gt=after.pk))
    item = items.select_for_update(skip_locked=True, of=("self",)).first()
    return None if item is None else _take(item, actor, now)


def _take(item: QueueItem, actor: User, now: datetime) -> QueueItem:
    items = QueueItem.objects.filter(_free(actor, now)).filter(same(item))
    items.update(claimed_by=actor, claimed_until=now + CLAIM)
    if item.kind == Kind.REVIEW:
        SecondReview.objects.filter(pk=item.subject_id).show_to(actor)
    item.refresh_from_db()
    return item


def same(item: QueueItem) -> Q:
    return Q(pk=item.pk) | Q(number=item.number_id) if item.number_id else Q(pk=item.pk)


def release(*, actor: User, item: QueueItem) -> None:
    """Gives the actor's items about this number back undecided. Claims of others stay."""
    items = QueueItem.objects.filter(same(item), claimed_by=actor)
    items.update(claimed_by=None, claimed_until=None)
    if item.kind == Kind.REVIEW:
        SecondReview.objects.filter(pk=item.subject_id, judged_at=None, reviewer=actor).update(
            reviewer=None
        )


def finish(*, item: QueueItem, now: datetime) -> None:
    """Puts a finished item, and all other items about its number, to rest."""
    QueueItem.objects.filter(same(item)).rest(until=now + DECIDED_RESTS)


def rest(*, kind: Kind, subject: Dispute | IntakeMessage | SecondReview, now: datetime) -> None:
    """Puts the item of a decided subject to rest that audit entries cannot refer to."""
    QueueItem.objects.filter(kind=kind, subject_id=subject.pk).rest(until=now + DECIDED_RESTS)


@transaction.atomic
def leave(*, actor: User, item: QueueItem, reason: str, now: datetime) -> AuditEntry:
    """Leaves an item as it is: it rests for LEFT_RESTS, a dispute at most for half of the time to
    its deadline. On record like any decision.

    Raises ReasonMissing, ItemGone, TakenByAnother, Overdue, NotToLeave.
    """
    require_reason(reason)
    item = waiting_and_free(actor, item.pk, now)
    require_not_blind(item)
    until = now + LEFT_RESTS
    if item.kind == Kind.DISPUTE:
        dispute = Dispute.objects.open().filter(pk=item.subject_id).first()
        if dispute is not None and dispute.deadline_at is not None:
            if dispute.deadline_at <= now:
                raise Overdue(_("The answer to the holder is overdue: decide the dispute."))
            until = min(until, now + (dispute.deadline_at - now) / 2)
    QueueItem.objects.filter(pk=item.pk).rest(until=until)
    after = {"kind": item.kind}
    return record(actor=actor, verb="leave", reason=reason, now=now, after=after, **subjects(item))


def require_not_blind(item: QueueItem) -> None:
    """Raises NotToLeave for second reviews and disagreements, which are meant for some alone."""
    if item.kind in (Kind.REVIEW, Kind.SPLIT):
        raise NotToLeave(_("Judge it, or give it back."))


def subjects(item: QueueItem) -> dict[str, Any]:
    """What an entry about an item is about."""
    about: dict[str, Any] = {
        name: model._default_manager.get(pk=item.subject_id)
        for kind, name, model in (
            (Kind.CAMPAIGN, "campaign", Campaign),
            (Kind.KEY_GRANT, "key_grant", KeyGrant),
        )
        if item.kind == kind
    }
    return about | {"number": item.number, "report": item.report, "reporter": item.reporter}


def require_free(*, actors: Sequence[User | None], subject: Any, now: datetime) -> None:
    """Raises TakenByAnother while the subject or its number is another moderator's."""
    number = subject.pk if isinstance(subject, Number) else getattr(subject, "number_id", None)
    if number is not None:
        items = QueueItem.objects.filter(number=number)
    else:
        kind = Kind.MESSAGE if isinstance(subject, IntakeMessage) else subject._meta.model_name
        items = QueueItem.objects.filter(kind=kind, subject_id=subject.pk)
    first, *others = filter(None, actors)
    free = items.filter(_free(first, now, *others)).values("pk")
    taken = items.exclude(pk__in=free).select_related("claimed_by", "assigned_to").first()
    if taken is not None:
        raise TakenByAnother(whose(taken, now))


def whose(item: QueueItem, now: datetime) -> str:
    """Who has to do with an item that is not free."""
    if item.claimed_by is not None and item.claimed_until and item.claimed_until > now:
        told = {"who": item.claimed_by, "until": f"{item.claimed_until:%H:%M} UTC"}
        return _("%(who)s is at this until %(until)s.") % told
    if item.escalated_by is not None:
        return _("This is with the senior moderators.")
    return _("This is assigned to %(who)s.") % {"who": item.assigned_to}
