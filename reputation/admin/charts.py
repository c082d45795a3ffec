"""Charts as numbers for SVG in templates: black on white, no script, no meaning by colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils import timezone
from django.utils.formats import date_format

from reputation.models import AuditEntry
from reputation.moderation import dossier
from reputation.scoring import BLOCK_AT, FLAG_AT

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 720, 220, 34, 14, 24, 8


@dataclass(frozen=True, slots=True)
class Mark:
    """A decision on the time axis. `letter` refers to the list below the chart."""

    x: float
    letter: str
    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class ScoreChart:
    """`line`: the score, points of a polyline. `steps`: stretches of flag or block, as (x, width,
    is block).
    """

    line: str
    steps: list[tuple[float, float, bool]]
    levels: list[tuple[float, str, bool]]
    labels: list[tuple[float, str]]
    marks: list[Mark]
    last: dossier.Point


def score_chart(history: Sequence[dossier.Point], decisions: Sequence[AuditEntry]) -> ScoreChart:
    first, last = history[0].at, history[-1].at
    span = max(last - first, timedelta(seconds=1))

    def x(moment: datetime) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * ((moment - first) / span), 1)

    def y(score: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - score / 100), 1)

    steps = []
    for here, following in pairwise(history):
        if here.action != "allow":
            begin = x(here.at)
            steps.append((begin, round(x(following.at) - begin, 1), here.action == "block"))
    in_order = sorted(decisions, key=lambda entry: (entry.at, entry.pk))
    shown = [entry for entry in in_order if first <= entry.at <= last and entry.verb != "leave"]
    days = span / timedelta(days=1)
    form = "Y-m-d" if days > 4 else "m-d H:i"
    return ScoreChart(
        line=" ".join(f"{x(point.at)},{y(point.score)}" for point in history),
        steps=_joined(steps),
        levels=[
            (y(0), "0", False),
            (y(50), "50", False),
            (y(100 * FLAG_AT), f"{FLAG_AT:.0%}", True),
            (y(100 * BLOCK_AT), f"{BLOCK_AT:.0%}", True),
        ],
        labels=[
            (
                round(LEFT + (WIDTH - LEFT - RIGHT) * part / 4, 1),
                date_format(timezone.localtime(first + span * part / 4), form),
            )
            for part in range(4)
        ],
        marks=[
            Mark(x(entry.at), chr(ord("A") + place % 26), entry)
            for place, entry in enumerate(shown[-26:])
        ],
        last=history[-1],
    )


def _joined(steps: list[tuple[float, float, bool]]) -> list[tuple[float, float, bool]]:
    """Joins neighbouring stretches of one kind: fewer shapes, no seams."""
    joined: list[tuple[float, float, bool]] = []
    for begin, width, block in steps:
        if joined and joined[-1][2] == block and abs(sum(joined[-1][:2]) - begin) < 0.3:
            before = joined.pop()
            begin, width = before[0], round(begin + width - before[0], 1)
        joined.append((begin, width, block))
    return joined
