"""Advice: a sentence or two while the phone rings, and longer steps for a situation.

The steps are data with sources (data/advice.json). Facts that go stale faster (statutes, channels)
are rows that moderators edit: reputation.models.Authority and its like.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop as N  # noqa: N812 -- like _

from reputation.languages import ENGLISH, SIMPLIFIED, choose
from reputation.scoring import Action, is_unwanted

DATA = Path(__file__).with_name("data") / "advice.json"
# The order of steps.
URGENCY = ("now", "today", "later", "last")

_COLLECTION = (
    "Do not confirm personal data or pay on this call. Check the loan in the lender's own app or "
    "on its official number."
)
_SCAM = "Hang up. Do not follow links, share codes or pay: this is how loan scams begin."
_NUISANCE = "You need not answer. A call that matters will leave a message."
_THREAT = "Do not argue. Keep log and recordings, and call the police if you feel in danger."

_BY_CATEGORY = {
    "illegal_collection": _COLLECTION,
    "threat": _THREAT,
    "impersonation": "Hang up and call the institution on the number on your contract or card.",
    "loan_scam": _SCAM,
    "phishing": _SCAM,
    "telemarketing": _NUISANCE,
    "robocall": _NUISANCE,
    "silent_call": _NUISANCE,
    "survey": _NUISANCE,
    "other": _NUISANCE,
}


class Step(StrEnum):
    """The next step for a person. The value is its English, and the key of the catalogues."""

    POLICE = N("If you or someone near you is threatened, call the police at once.")
    CHECK_WITH_LENDER = N(
        "Check through the lender's official app or number whether the loan exists and who "
        "collects."
    )
    NEVER_PAY = N("Never pay to a private account, and never to make a call stop.")
    KEEP_RECORDS = N("Keep the call log, messages and recordings: a complaint stands on them.")


def advise(action: str, category: str) -> str:
    """One or two sentences for the person whose phone rings; empty when there is nothing to say."""
    if action == Action.ALLOW:
        return ""
    return _BY_CATEGORY.get(category, "")


def next_steps(category: str, conduct: list[str]) -> list[Step]:
    """The next steps for the reporter of a call of this category and conduct, most urgent first."""
    if category == "legitimate":
        return []
    steps = []
    if category == "threat" or {"threats", "witness_retaliation"} & set(conduct):
        steps.append(Step.POLICE)
    if category in ("illegal_collection", "threat", "impersonation", "loan_scam"):
        steps += [Step.CHECK_WITH_LENDER, Step.NEVER_PAY]
    steps.append(Step.KEEP_RECORDS)
    return steps


@dataclass(frozen=True, slots=True)
class Advice:
    """One step in the reader's language. `urgency` is one of URGENCY.

    `link`: where the page leads from it: "directory", "complaints", "evidence", or "" for nowhere.
    `checked`: a person compared the text with an official one as of `source_date`.
    """

    slug: str
    urgency: str
    title: str
    text: str
    points: tuple[str, ...]
    link: str
    source: str
    source_date: date | None
    checked: bool


def for_situation(
    category: str, conduct: Iterable[str], country: str, language: str
) -> list[Advice]:
    """The steps for calls of this category and conduct, most urgent first; legitimate calls need
    none.

    `country` (ISO 3166, or empty): the country where the person is called. `language`: any tag
    (reputation.languages.choose). KeyError for an unknown category.
    """
    if not is_unwanted(category):
        return []
    reported = set(conduct)
    chosen = [
        entry
        for entry in _entries()
        if country.upper() in entry.get("countries", [country.upper()])
        and _fits(entry["when"], category, reported)
    ]
    chosen.sort(key=lambda entry: URGENCY.index(entry["urgency"]))
    return [_in_language(entry, country.upper(), language) for entry in chosen]


def _fits(when: dict[str, list[str]], category: str, conduct: set[str]) -> bool:
    """Whether an entry applies. One without categories and conduct is for all unwanted calls."""
    anywhere = not when["categories"] and not when["conduct"]
    return anywhere or category in when["categories"] or bool(conduct & set(when["conduct"]))


def _points(entry: dict[str, Any]) -> tuple[list[str], list[str]]:
    points = entry.get("points", {ENGLISH: [], SIMPLIFIED: []})
    return points[ENGLISH], points[SIMPLIFIED]


def _in_language(entry: dict[str, Any], country: str, language: str) -> Advice:
    def say(text: dict[str, str]) -> str:
        return choose(language, english=text[ENGLISH], chinese=text[SIMPLIFIED])

    here = entry.get("in", {}).get(country, entry["text"])
    day = entry.get("source_date")
    return Advice(
        slug=entry["slug"],
        urgency=entry["urgency"],
        title=say(entry["title"]),
        text=say(here),
        points=tuple(
            choose(language, english=english, chinese=chinese)
            for english, chinese in zip(*_points(entry), strict=True)
        ),
        link=entry.get("link", ""),
        source=entry["source"],
        source_date=date.fromisoformat(day) if day else None,
        checked=entry.get("checked", False),
    )


@cache
def _entries() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(DATA.read_text())["advice"]
    return entries
