"""A report joins the campaign whose words, call-back number or claimed name it repeats.

Only campaigns of the last grouping can be joined; what is new makes one at the next. Runs inside
the transaction that files the report, before its number is published: two reads by index, and none
for a report without words or by a reporter without a record link.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Final, NamedTuple

from django.db.models import Q

from reputation.campaigns import links
from reputation.models import (
    Campaign,
    CampaignMark,
    CampaignTerm,
    Prepared,
    Reading,
    Report,
    Table,
    array,
    read_together,
)
from reputation.scoring import campaigns, to_days

# The rarest terms of a text, by which examples are looked up. A similar example shares most of
# them, and is filed under sixteen; common terms would only find unrelated examples.
PROBES: Final = 48
CAMPAIGNS = Table(Campaign)
# A report's terms, how many of the grouped texts have each (and how many texts there are), and all
# examples of the parts that are filed under most of the rarest.
LIKE = Prepared(f"""
WITH term AS MATERIALIZED (
    SELECT said.term, coalesce(known.texts, 0) AS texts FROM unnest(%s::bigint[]) AS said(term)
    LEFT JOIN reputation_campaignterm known
        ON known.place = (said.term & {campaigns.PLACES - 1})::integer
), probe AS MATERIALIZED (
    SELECT array_agg(term) AS terms
    FROM (SELECT term FROM term ORDER BY texts, term LIMIT {PROBES}) rarest
), likest AS (
    SELECT part FROM (
        SELECT part, (
            SELECT count(*) FROM unnest(keys) filed
            WHERE filed = ANY((SELECT terms FROM probe)::bigint[])
        ) AS hits
        FROM reputation_campaignexample WHERE keys && (SELECT terms FROM probe)
    ) found GROUP BY part ORDER BY max(hits) DESC, part LIMIT {campaigns.CANDIDATES}
)
SELECT e.part, c.key, e.terms, e.total, e.asks,
    (SELECT array_agg(texts ORDER BY term) FROM term),
    (SELECT texts FROM reputation_campaignterm WHERE place = {CampaignTerm.ALL})
FROM reputation_campaignexample e JOIN reputation_campaign c ON c.id = e.campaign_id
WHERE e.part IN (SELECT part FROM likest)
""")  # noqa: S608 -- constants
# Call-back numbers that never identify a campaign: numbers of the directory, numbers that a
# moderator cleared, and numbers whose holder won a dispute.
SPARED = Q(official=True) | Q(moderated__lt=0) | Q(holder_verified=True)
# The campaigns of marks, but for those numbers.
MARKED = Prepared("""
SELECT m.mark, c.key, m.at FROM reputation_campaignmark m
JOIN reputation_campaign c ON c.id = m.campaign_id
WHERE m.mark = ANY(string_to_array(%s, E'\\n'))
    AND NOT EXISTS (
        SELECT FROM reputation_number n
        WHERE n.key = substr(m.mark, 8) AND left(m.mark, 7) = 'number '
            AND (n.official OR n.moderated < 0 OR n.holder_verified)
    )
""")
NAMED = Prepared(
    f"SELECT {CAMPAIGNS.columns('c')} FROM reputation_campaign c "  # noqa: S608 -- constants
    "WHERE c.key = ANY(string_to_array(%s, E'\\n'))"
)


def join(reports: Collection[Report]) -> None:
    """Sets the campaign of reports on locked numbers, and of these numbers. Saves nothing."""
    keys = [
        asked and (_by_words(asked) or _by_marks(asked, report)) for report, asked in _ask(reports)
    ]
    rows = NAMED.all("\n".join({key for key in keys if key})) if any(keys) else []
    named = {campaign.key: campaign for campaign in map(CAMPAIGNS.load, rows)}
    for report, key in zip(reports, keys, strict=True):
        campaign = named.get(key or "")
        if report.campaign_id == (campaign and campaign.pk):
            continue
        report.campaign = campaign
        # Which of its campaigns the number has is decided when it is published.
        if report.number.campaign_id is None:
            report.number.campaign = campaign


def may_join(report: Report) -> bool:
    """Whether the report says what a campaign may be known by, and its reporter may link."""
    said = report.transcript or report.comment or report.callback_number or report.claimed_name
    return bool(said) and links.may_link(report)


def statement_of(report: Report) -> dict[str, object]:
    """The report as scoring.campaigns takes it. Reporters who move as one are one reporter."""
    cluster = report.reporter.cluster
    return {
        "id": report.pk,
        "text": report.transcript or report.comment,
        "callback_number": report.callback_number,
        "claimed_name": report.claimed_name,
        "act": report.category,
        "at": to_days(report.counted_at),
        "reporter": f"cluster:{cluster}" if cluster else report.reporter_id,
    }


def forget_marks(reports: Iterable[Report]) -> None:
    """Drops the call-back numbers and names that these reports brought, before those are erased.
    The next grouping finds again what other reports say, too."""
    marks = {mark for report in reports for mark in campaigns.marks_of(statement_of(report))}
    CampaignMark.objects.filter(mark__in=marks).delete()


class _Asked(NamedTuple):
    """The features by which a report's campaign is found, and the matches."""

    terms: list[int]
    marks: list[str]
    like: Reading
    marked: Reading


def _ask(reports: Iterable[Report]) -> list[tuple[Report, _Asked | None]]:
    """Reads what LIKE and MARKED find, in one trip; nothing of reports that may not join."""
    asked = [(report, _asked_of(report) if may_join(report) else None) for report in reports]
    joining = [each for _, each in asked if each]
    readings = [each.like for each in joining if each.terms]
    readings += [each.marked for each in joining if each.marks]
    if readings:
        read_together(*readings)
    return asked


def _asked_of(report: Report) -> _Asked:
    statement = statement_of(report)
    text = str(statement["text"])
    terms = campaigns.terms(text) if text else []
    marks = campaigns.marks_of(statement)
    like, marked = Reading(LIKE, (array(terms),)), Reading(MARKED, ("\n".join(marks),))
    return _Asked(terms, marks, like, marked)


def _by_words(asked: _Asked) -> str | None:
    rows = asked.like.rows
    if not rows:
        return None
    *_, counts, texts = rows[0]
    known = [campaigns.Known(part, campaigns.Example(*example)) for part, *example, _, _ in rows]
    having = dict(zip(map(campaigns.place, asked.terms), counts, strict=True))
    return campaigns.nearest(asked.terms, known, having=having, texts=texts or 0)


def _by_marks(asked: _Asked, report: Report) -> str | None:
    since = report.counted_at - timedelta(days=campaigns.NAME_DAYS)
    keys = {
        mark: key
        for mark, key, at in asked.marked.rows
        if mark.startswith("number ") or at >= since
    }
    return next((keys[mark] for mark in asked.marks if mark in keys), None)
