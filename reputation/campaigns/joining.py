"""A report joins the campaign whose words, call-back number or claimed name it repeats.

Only campaigns of the last grouping can be joined; what is new makes one at the next. Runs inside
the transaction that files the report, before its number is published: three queries by index, and
none for a report without words or by a reporter without a record link.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Final

from django.db import connection

from reputation.campaigns import links
from reputation.models import Campaign, CampaignMark, CampaignTerm, Number, Report
from reputation.scoring import campaigns, to_days

# The rarest terms of a text, by which examples are looked up. Of a text like it an example shares
# most, and is filed under sixteen; common terms would only find what has nothing to do with it.
PROBES: Final = 48
HAVING = "SELECT place, texts FROM reputation_campaignterm WHERE place = ANY(%s)"
# All examples of the parts that are filed under most of these terms.
CANDIDATES = f"""
SELECT e.part, c.key, e.terms, e.total, e.asks FROM reputation_campaignexample e
JOIN reputation_campaign c ON c.id = e.campaign_id
WHERE e.part IN (
    SELECT part FROM (
        SELECT part, (SELECT count(*) FROM unnest(keys) filed WHERE filed = ANY(%s)) AS hits
        FROM reputation_campaignexample WHERE keys && %s::bigint[]
    ) found GROUP BY part ORDER BY max(hits) DESC, part LIMIT {campaigns.CANDIDATES}
)
"""  # noqa: S608 -- constants


def join(reports: Collection[Report]) -> None:
    """Sets the campaign of reports on locked numbers, and of these numbers. Saves nothing."""
    for report in reports:
        key = _campaign_of(report) if may_join(report) else None
        campaign = Campaign.objects.get(key=key) if key else None
        if campaign == report.campaign:
            continue
        report.campaign = campaign
        # Which of its campaigns the number has is decided when it is published.
        report.number.campaign = report.number.campaign or campaign


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


def _campaign_of(report: Report) -> str | None:
    statement = statement_of(report)
    terms = campaigns.terms(str(statement["text"]))
    return (_by_words(terms) if terms else None) or _by_marks(report, statement)


def _by_words(terms: list[int]) -> str | None:
    places = {campaigns.place(term) for term in terms}
    with connection.cursor() as cursor:
        cursor.execute(HAVING, [[CampaignTerm.ALL, *places]])
        having = dict(cursor.fetchall())
        texts = having.get(CampaignTerm.ALL, 0)
        rarest = sorted(terms, key=lambda term: having.get(campaigns.place(term), 0))[:PROBES]
        cursor.execute(CANDIDATES, [rarest, rarest])
        known = [
            campaigns.Known(part, campaigns.Example(key, found, total, asks))
            for part, key, found, total, asks in cursor.fetchall()
        ]
    return campaigns.nearest(terms, known, having=having, texts=texts) if known else None


def _by_marks(report: Report, statement: dict[str, object]) -> str | None:
    marks = campaigns.marks_of(statement, official=_official([report.callback_number]))
    if not marks:
        return None
    since = report.counted_at - timedelta(days=campaigns.NAME_DAYS)
    found = CampaignMark.objects.filter(mark__in=marks).select_related("campaign")
    by_mark = {
        each.mark: each.campaign.key
        for each in found
        if each.mark.startswith("number ") or each.at >= since
    }
    return next((by_mark[mark] for mark in marks if mark in by_mark), None)


def _official(numbers: Iterable[str]) -> set[str]:
    """Those of the numbers that no campaign is known by."""
    wanted = [number for number in numbers if number]
    return set(
        Number.objects.filter(key__in=wanted, official=True).values_list("key", flat=True)
        if wanted
        else ()
    )
