"""Joining known campaigns through the database: what one report costs beside it."""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
import psutil
from django.db import connection, transaction

from benchmarks import _database
from benchmarks.report_costs import Cost, timed, wire
from reputation.scoring.campaigns import Index

DATABASE = "ringscore_bench_campaigns"
CATEGORY = "loan_scam"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


class Joined(NamedTuple):
    """What reports cost that were asked for their campaign one by one, how many there were, how
    many found one, and among how many examples."""

    cost: Cost
    asked: int
    found: int
    examples: int


def join(index: Index, statements: Sequence[Mapping[str, Any]]) -> Joined:
    """Writes the campaigns of `index` into a database of their own as the worker does, and lets
    reports of these statements join them, each in a transaction."""
    django.setup()
    with _database.made(DATABASE):
        examples = _write(index)
        cost, found = _ask(statements)
    return Joined(cost, len(statements), found, examples)


def _write(index: Index) -> int:
    """Says how many examples there are."""

    from reputation.counting import campaign_rows, regrouping
    from reputation.models import Campaign, CampaignExample

    parts = list(index.examples())
    names = {example.campaign for part in parts for example in part}
    names |= {name for _, name, _ in index.marks()}
    for some in batched(sorted(names), campaign_rows.WRITTEN):
        Campaign.objects.bulk_create(
            Campaign(key=name, category=CATEGORY, first_at=NOW, last_at=NOW, grouped_at=NOW)
            for name in some
        )
    having = index.common(regrouping.TERMS)
    campaign_rows.write_examples(index, parts, having, {name: name for name in names})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return CampaignExample.objects.count()


def _ask(statements: Sequence[Mapping[str, Any]]) -> tuple[Cost, int]:

    from reputation import campaigns
    from reputation.models import Number, Report, Reporter

    backend = psutil.Process(connection.connection.info.backend_pid)
    reporter = Reporter(pk=1, vouched_at=NOW, backers=[1])
    cost, found = Cost(), 0
    for place, statement in enumerate(statements):
        report = Report(
            reporter=reporter,
            number=Number(key=f"+1202555{place:04}"),
            category=CATEGORY,
            comment=statement["text"],
            callback_number=statement.get("callback_number") or "",
            claimed_name=statement.get("claimed_name") or "",
            weight=1.0,
            counted_at=NOW,
        )
        way = (wire, partial(timed, backend=backend))[place % 2]
        with transaction.atomic():
            connection.ensure_connection()
            with way(cost):
                campaigns.join([report])
        found += report.campaign is not None
    return cost, found
