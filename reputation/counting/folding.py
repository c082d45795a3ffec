"""The fold: what was said about numbers becomes evidence, under locks on the numbers' rows.

Each function here runs inside its caller's transaction and expects its numbers to be locked; many
numbers cost about as many queries as one. Appending a voice is one step (`count_voices`); whatever
takes a voice back or changes it folds the number anew from its reports (`refolding`), since
saturated sums cannot be subtracted from.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import orjson
from django.db import connection, models
from psycopg.types.json import Jsonb

from reputation.feeds import log
from reputation.identity import Identity, line_type
from reputation.models import (
    RECORD,
    EvidenceBucket,
    Number,
    Report,
    Reporter,
    ReportQuerySet,
)
from reputation.scoring import (
    CATEGORIES,
    EPOCH,
    Bucket,
    BucketKey,
    BucketKind,
    Evidence,
    Side,
    Voice,
    bucket_keys,
    fold,
    fold_mix,
    from_days,
    judge,
    leading,
    logit,
    prior_for,
    reassess_at,
    to_days,
    trust,
)

# Saving many numbers: all columns go through COPY, all but the two that name the row are updated.
COLUMNS = [field.attname for field in Number._meta.fields]
SAVED = [name for name in COLUMNS if name not in ("id", "key")]
JSON = frozenset(f.attname for f in Number._meta.fields if isinstance(f, models.JSONField))
STAGE = "CREATE TEMP TABLE IF NOT EXISTS staged_number (LIKE reputation_number) ON COMMIT DROP"
COPY_NUMBERS = f"COPY staged_number ({', '.join(COLUMNS)}) FROM STDIN"
UPDATE_NUMBERS = f"""
UPDATE reputation_number n SET ({", ".join(SAVED)}) = (s.{", s.".join(SAVED)})
FROM staged_number s WHERE n.id = s.id
"""  # noqa: S608 -- constants

BUCKET = "number_id, side, kind, bucket, short, long, at"
COPY_BUCKETS = f"COPY reputation_evidencebucket ({BUCKET}) FROM STDIN"
UPSERT_BUCKETS = f"""
INSERT INTO reputation_evidencebucket ({BUCKET}) SELECT * FROM unnest(%s::bigint[], %s::smallint[],
    %s::smallint[], %s::text[], %s::float8[], %s::float8[], %s::timestamptz[])
ON CONFLICT (number_id, side, kind, bucket)
    DO UPDATE SET short = EXCLUDED.short, long = EXCLUDED.long, at = EXCLUDED.at
"""  # noqa: S608 -- constants


def lock_number(identity: Identity, *, now: datetime) -> Number:
    """The number's row, created when it is new, locked until the transaction ends."""
    locked = Number.objects.select_for_update().filter(key=identity.key).first()
    return locked or lock_numbers([identity], now=now)[identity.key]


def lock_numbers(identities: Iterable[Identity], *, now: datetime) -> dict[str, Number]:
    """The numbers' rows by key, created where new, locked until the transaction ends.

    New rows are inserted before any lock is taken, and both happen in the order of keys: two
    callers at once may wait for each other, but never in a circle.
    """
    wanted = {identity.key: identity for identity in identities}
    here = Number.objects.filter(key__in=wanted)
    missing = sorted(set(wanted) - set(here.values_list("key", flat=True)))
    Number.objects.bulk_create(
        [
            Number(
                key=key,
                country=wanted[key].country,
                line_type=line_type(key),
                created_at=now,
                evidence_at=EPOCH,  # as in scoring.evidence.EMPTY: nothing folded yet
                prior=prior_for(line_type(key)),
            )
            for key in missing
        ],
        ignore_conflicts=True,
    )
    return {number.key: number for number in here.select_for_update().order_by("key")}


def count_voices(heard: Mapping[Number, Sequence[Voice]]) -> dict[Number, list[float]]:
    """Adds voices to numbers, each number's in the given order.

    Returns what saturation left of each weight. Buckets are written, the numbers not yet.
    """
    names = {key[2] for voices in heard.values() for voice in voices for key in bucket_keys(voice)}
    buckets: dict[Number, dict[BucketKey, Bucket]] = {number: {} for number in heard}
    by_id = {number.pk: kept for number, kept in buckets.items()}
    for row in EvidenceBucket.objects.filter(number__in=by_id, bucket__in=names):
        key = (Side(row.side), BucketKind(row.kind), row.bucket)
        by_id[row.number_id][key] = Bucket(row.short, row.long, to_days(row.at))
    contributions: dict[Number, list[float]] = {}
    rows: list[BucketRow] = []
    for number, voices in heard.items():
        contributions[number], changed = fold_voices(
            number, number.evidence, number.category_mix, buckets[number], voices
        )
        rows += bucket_rows(number, changed)
    write_buckets(rows)
    return contributions


def settle(numbers: Iterable[Number], *, now: datetime) -> None:
    """Credits reporters who were right before a number's truth was plain, debits the others.

    Only reports filed before that moment take part, each judged by the others alone. Against a
    moderator's word nothing settles. Credits of all the numbers are assigned at once, so that their
    reporters are locked in one order.
    """
    credits: dict[Report, float] = {}
    for number in numbers:
        credits |= _settled(number, now)
    assign_credits(credits)


def _settled(number: Number, now: datetime) -> dict[Report, float]:
    total = logit(number.evidence, to_days(now), number.prior)
    if not trust.is_settled(total):
        return {}
    side = 1 if total > 0 else -1
    if number.moderated not in (0, side):
        return {}
    note_truth(number, side)
    at = to_days(now)
    recent = early_reports(number).filter(counted_at__gte=from_days(at - trust.SETTLE_WINDOW))
    early = list(recent.select_related("reporter").order_by("seq"))
    credits = trust.settle(
        total,
        [trust.decayed_contribution(r.voice, r.contribution, at) for r in early],
    )
    return dict(zip(early, credits, strict=True))


def note_truth(number: Number, side: int) -> None:
    """The truth is plain from now on: 1 unwanted, -1 legitimate. Who says so later only agrees.

    A first exit from the band, or one on the other side, is a new moment; so is the first decision.
    """
    if number.settled_side != side:
        number.settled_side, number.settled_seq = side, number.seq


def early_reports(number: Number) -> ReportQuerySet:
    """The live reports on the present holder that were filed before the number's truth was plain.

    A report whose caller was already shown as suspicious is not among them: it copied us.
    """
    return Report.objects.live().filter(
        number=number,
        was_warned=False,
        seq__lte=number.settled_seq,
        counted_at__gte=number.epoch_at or EPOCH,
    )


def assign_credits(credits: dict[Report, float], *, anew: bool = False) -> None:
    """Writes settled truth to reports and moves their reporters' records by the difference.

    A moderator's word stands: a smaller credit never replaces it, unless the word itself is taken
    back (`anew`). Reporters are locked in the order of their ids, so that two numbers settling at
    once cannot wait for each other.
    """
    moved = {
        report: credit
        for report, credit in credits.items()
        if credit != report.credit
        and (anew or not (abs(report.credit) >= trust.MODERATOR_CREDIT > abs(credit)))
    }
    if not moved:
        return
    reporters = {
        reporter.pk: reporter
        for reporter in Reporter.objects.select_for_update(no_key=True)
        .filter(pk__in={report.reporter_id for report in moved})
        .order_by("pk")
    }
    for report, credit in moved.items():
        reporter = reporters[report.reporter_id]
        side = CATEGORIES[report.category].side
        reporter.record = trust.credited(
            reporter.record, side, report.credit, credit, first=report.first
        )
        report.credit = credit
    Reporter.objects.bulk_update(reporters.values(), RECORD)
    Report.objects.bulk_update(moved, ["credit"])


def lock_reporters(number: Number) -> None:
    """Locks all who reported the number, for callers that assign credits more than once."""
    reporters = Reporter.objects.filter(reports__number=number).order_by("pk")
    list(reporters.select_for_update(no_key=True, of=("self",)).values_list("pk"))


def publish(number: Number, *, now: datetime) -> None:
    """`publish_all` for one number."""
    publish_all([number], now=now)


def publish_all(numbers: Collection[Number], *, now: datetime) -> None:
    """Decides what the public is told from now on and saves the numbers: nothing else does."""
    before = {number: log.public_state(number) for number in numbers}
    for number in numbers:
        _decide(number, now)
    if len(numbers) == 1:
        next(iter(numbers)).save()
    else:
        _save_all(numbers)
    log.append(before, now=now)


def _save_all(numbers: Iterable[Number]) -> None:
    """Saves locked numbers in one statement: through COPY, since there are forty columns each."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy(COPY_NUMBERS) as copy:
            for number in numbers:
                copy.write_row(
                    [
                        Jsonb(getattr(number, name), _dump)
                        if name in JSON
                        else getattr(number, name)
                        for name in COLUMNS
                    ]
                )
        cursor.execute(UPDATE_NUMBERS)
        cursor.execute("TRUNCATE staged_number")


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()


def _decide(number: Number, now: datetime) -> None:
    if number.pinned_until is not None and number.pinned_until <= now:
        number.pinned, number.pinned_until = "", None
    at = to_days(now)
    evidence, standing = number.evidence, number.standing
    judgement = judge(evidence, standing, at, prior=number.prior)
    number.action = judgement.action.value
    number.score = judgement.score
    number.status = judgement.status.value
    number.category, number.category_share = leading(number.category_mix)
    due = _moment_or_none(reassess_at(evidence, standing, at, prior=number.prior))
    number.reassess_at = min(filter(None, (due, number.pinned_until)), default=None)


def fold_voices(
    number: Number,
    evidence: Evidence,
    mix: dict[str, float],
    buckets: dict[BucketKey, Bucket],
    voices: Sequence[Voice],
) -> tuple[list[float], dict[BucketKey, Bucket]]:
    """Folds voices into the number's columns; returns contributions and the changed buckets."""
    contributions = []
    changed: dict[BucketKey, Bucket] = {}
    for voice in voices:
        folded = fold(evidence, buckets, voice)
        mix = fold_mix(
            mix,
            before=evidence.at,
            after=folded.evidence.at,
            voice=voice,
            contribution=folded.contribution,
        )
        evidence = folded.evidence
        buckets.update(folded.buckets)
        changed.update(folded.buckets)
        contributions.append(folded.contribution)
    number.category_mix = mix
    number.evidence = evidence
    return contributions, changed


type BucketRow = tuple[int, int, int, str, float, float, datetime]


def bucket_rows(number: Number, buckets: Mapping[BucketKey, Bucket]) -> list[BucketRow]:
    """Rows of EvidenceBucket, as tuples: there are several a report, and models cost too much."""
    return [
        (number.pk, side, kind, name, bucket.short, bucket.long, from_days(bucket.at))
        for (side, kind, name), bucket in buckets.items()
    ]


def write_buckets(rows: Sequence[BucketRow], *, anew: bool = False) -> None:
    """Writes buckets over what there is of them; `anew`: the numbers have none."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if anew:
            with cursor.copy(COPY_BUCKETS) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.execute(UPSERT_BUCKETS, [list(column) for column in zip(*rows, strict=True)])


def _moment_or_none(days: float | None) -> datetime | None:
    return None if days is None else from_days(days)
