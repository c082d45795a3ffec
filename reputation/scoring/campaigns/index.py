"""Groups statements about calls into campaigns: all in one pass, or one by one.

Words link statements first (likeness, finding, bonds). Call-back numbers and claimed names link
them second, except those that many campaigns share.

Reasons and measurements: docs/adr/0032-campaigns.md.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import batched, pairwise
from math import inf
from typing import Any, Final, NamedTuple

import numpy as np

from reputation.scoring.campaigns.bonds import Bonds
from reputation.scoring.campaigns.finding import Finder, Links
from reputation.scoring.campaigns.ids import campaign_id
from reputation.scoring.campaigns.parts import VOICES, Part, Parts
from reputation.scoring.campaigns.texts import Array, Texts
from reputation.scoring.campaigns.words import terms_of

type Statement = Mapping[str, Any]

# A call-back number or a name is a bank's or a brand's, and links nothing, if more than MAX_SCRIPTS
# established campaigns share it, or if more than MAX_UNLIKE different texts name it (and these are
# more than a third of the statements that name it).
MAX_SCRIPTS: Final = 3
MAX_UNLIKE: Final = 5
LOOKED_AT: Final = 64  # of the statements that name it, the latest ones are checked
LEAST_DIGITS: Final = 7  # of a call-back number; shorter ones are service numbers, which are shared
NAME_DAYS: Final = 14.0  # between statements with one claimed name and one act

BATCH: Final = 250  # statements whose words are read at once
LOOKED_UP: Final = 256  # texts for which links are looked up at once


class Example(NamedTuple):
    """A text that stands for a part of a campaign.

    `terms`: see words.terms; `total`: the sum of their weights; `asks`: how strong a link to the
    part must be.
    """

    campaign: str
    terms: Sequence[int]
    total: float
    asks: float


class Index:
    """Statements and their campaigns, in memory; new statements join one by one.

    A statement is a mapping with `id` (unique), `text`, and optionally `callback_number` (in one
    notation, such as E.164), `claimed_name`, `act`, `at` (days), `reporter`. Other keys are
    ignored, and so is a statement whose id is known. Statements without a reporter count as one
    reporter each. `official`: numbers of the directory and others that link no statements.
    `ordered`: the statements come by time, and need not be held in memory for sorting.

    A campaign's id is derived from its earliest member (by `at`, then by id). So a merged campaign
    keeps the older id, and further statements do not change it. If a later grouping splits a
    campaign, `keep_ids` gives the old id to the part that has most of its members.

    `add` links a statement by what is known at that time, and takes no link back. Grouping all
    statements together weighs their words by all texts: do it from time to time.
    """

    def __init__(
        self,
        statements: Iterable[Statement] = (),
        *,
        official: Collection[str] = (),
        ordered: bool = False,
    ) -> None:
        self._official = frozenset(official)
        self._row: dict[Hashable, int] = {}
        self._at: list[float] = []
        self._reporter: list[Hashable] = []
        self._label: list[str] = []
        self._spoken = Parts(self._alone)  # what words link
        self._whole = Parts(self._alone)  # what words, numbers and names link: the campaigns
        self._texts = Texts()
        self._finder = Finder(self._texts)
        self._bonds = Bonds(self._texts, self._spoken, self._unite)
        self._named: dict[tuple[str, ...], list[int]] = {}
        self._build(statements if ordered else sorted(statements, key=_when))

    def __len__(self) -> int:
        return len(self._row)

    def add(self, statement: Statement) -> str | None:
        """Takes in one statement; returns its campaign, or None."""
        if (known := self._row.get(statement["id"])) is not None:
            return self._campaign(known)
        row, is_new_text = self._enter(statement, *terms_of([_said(statement)]))
        if is_new_text:
            new = np.array([row])
            self._texts.count(new)
            self._bonds.join(self._finder.links(new))
        for key in _keys(statement, self._official):
            rows = self._named.setdefault(key, [])
            rows.append(row)
            self._join_named(key, rows[-LOOKED_AT:])
        return self._campaign(row)

    def campaign(self, identifier: Hashable) -> str | None:
        """The campaign of the statement with this id; KeyError if there is none."""
        return self._campaign(self._row[identifier])

    def campaigns(self) -> dict[Hashable, str | None]:
        """The campaign of each statement by the statement's id, or None."""
        names: dict[int, str | None] = {}
        answer = {}
        for identifier, row in self._row.items():
            root = self._whole.root(row)
            if root not in names:
                names[root] = self._campaign(root)
            answer[identifier] = names[root]
        return answer

    # --- What recognises campaigns later ---

    def examples(self) -> Iterator[list[Example]]:
        """Texts that stand for campaigns: one list for each part that words have linked."""
        met = set()
        for row in range(len(self._label)):
            root = self._spoken.root(row)
            if root in met or not self._texts.says(row):
                continue
            met.add(root)
            campaign = self._campaign(row)
            part = self._spoken.of(root)
            if campaign is not None:
                totals = self._texts.totals(np.array(part.examples)).tolist()
                yield [
                    Example(campaign, self._texts.terms(text).tolist(), total, part.asks())
                    for text, total in zip(part.examples, totals, strict=True)
                ]

    def marks(self) -> Iterator[tuple[str, str, float]]:
        """Call-back numbers and names that link statements: mark, campaign, time of the last
        statement (days)."""
        for key, rows in self._named.items():
            campaign = self._campaign(rows[-1])
            if campaign is not None and not self._is_everywhere(rows[-LOOKED_AT:]):
                yield " ".join(key), campaign, max(self._at[row] for row in rows)

    def texts(self) -> int:
        """How many different texts there are."""
        return len(self._texts)

    def common(self, most: int) -> list[tuple[int, int]]:
        """The `most` commonest places of terms, each with the number of texts that have it."""
        return self._texts.common(most)

    # --- All at once -----------------------------------------------------------------------------

    def _build(self, statements: Iterable[Statement]) -> None:
        new: list[int] = []
        for batch in batched(statements, BATCH):
            for statement, found in zip(batch, terms_of(list(map(_said, batch))), strict=True):
                if statement["id"] in self._row:
                    continue
                row, is_new_text = self._enter(statement, found)
                if is_new_text:
                    new.append(row)
                for key in _keys(statement, self._official):
                    self._named.setdefault(key, []).append(row)
        rows = np.array(new, int)
        self._texts.count(rows)
        self._finder = Finder(self._texts, texts=len(rows))
        links = [self._finder.links(some) for some in _split(rows, LOOKED_UP)]
        if links:
            self._bonds.join(Links(*map(np.concatenate, zip(*links, strict=True))))
        for key, named in self._named.items():
            if len(named) > 1:
                self._join_named(key, named)

    # --- Statements ------------------------------------------------------------------------------

    def _enter(self, statement: Statement, found: Array) -> tuple[int, bool]:
        """Gives the statement a row. Returns the row and whether its text is new. `found`: the
        terms of its text."""
        row = len(self._label)
        self._row[statement["id"]] = row
        when, label = _when(statement)
        self._at.append(when)
        self._label.append(label)
        reporter = statement.get("reporter")
        self._reporter.append(("row", row) if reporter is None else reporter)
        self._spoken.append()
        self._whole.append()
        first = self._texts.append(found)
        if first is not None and first != row:
            self._unite(row, first, resemblance=1.0)
        return row, first == row

    def _campaign(self, row: int) -> str | None:
        part = self._whole.of(row)
        is_one = len(part.voices) >= VOICES and (part.is_plain or self._bonds.has_core(part))
        return campaign_id(part.first[1]) if is_one else None

    def _alone(self, row: int) -> Part:
        example = self._texts.first(row)
        return Part((self._at[row], self._label[row]), self._reporter[row], example)

    def _unite(self, one: int, other: int, *, resemblance: float, is_plain: bool = True) -> None:
        self._spoken.unite(one, other, resemblance, is_plain=is_plain)
        self._whole.unite(one, other, is_plain=is_plain)

    # --- Call-back numbers and claimed names -----------------------------------------------------

    def _join_named(self, key: tuple[str, ...], rows: list[int]) -> None:
        """Joins statements with the same call-back number, or with the same name and act within
        NAME_DAYS."""
        if self._is_everywhere(rows[-LOOKED_AT:]):
            return
        naming: dict[int, set[Hashable]] = defaultdict(set)
        for row in rows:
            naming[self._whole.root(row)].add(self._reporter[row])
        is_name = len(key) > 2
        for row, later in pairwise(rows):
            one, other = self._whole.root(row), self._whole.root(later)
            if one == other or (is_name and abs(self._at[row] - self._at[later]) > NAME_DAYS):
                continue
            # One reporter alone cannot join two established campaigns by a number or a name.
            established = self._whole.of(one).is_established() and (
                self._whole.of(other).is_established()
            )
            if established and min(len(naming[one]), len(naming[other])) < VOICES:
                continue
            together = naming[one] | naming[other]
            self._whole.unite(one, other)
            naming[self._whole.root(one)] = together

    def _is_everywhere(self, rows: list[int]) -> bool:
        roots = {self._spoken.root(row) for row in rows if self._texts.says(row)}
        scripts = sum(self._spoken.of(root).is_established() for root in roots)
        unlike = len(roots)
        return scripts > MAX_SCRIPTS or (unlike > MAX_UNLIKE and unlike * 3 > len(rows))


def group(
    statements: Iterable[Statement], *, official: Collection[str] = ()
) -> dict[Hashable, str | None]:
    """The campaign of each statement by the statement's id, or None. See `Index`; the order of
    statements does not matter."""
    return Index(statements, official=official).campaigns()


def _said(statement: Statement) -> str:
    return statement.get("text") or ""


def _split(rows: Array, size: int) -> list[Array]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _when(statement: Statement) -> tuple[float, str]:
    at = statement.get("at")
    return (inf if at is None else float(at)), str(statement["id"])


def marks_of(statement: Statement) -> list[str]:
    """The statement's call-back number and claimed name as marks: see `Index.marks`."""
    return [" ".join(key) for key in _keys(statement, frozenset())]


def _keys(statement: Statement, official: Collection[str]) -> Iterable[tuple[str, ...]]:
    """The statement's call-back number, and its claimed name with its act."""
    number = statement.get("callback_number") or ""
    if number not in official and sum(map(str.isdecimal, number)) >= LEAST_DIGITS:
        yield "number", number
    name, act, at = (statement.get(field) for field in ("claimed_name", "act", "at"))
    name = "".join(filter(str.isalnum, (name or "").casefold()))
    if name and act and at is not None:
        yield "name", name, str(act)
