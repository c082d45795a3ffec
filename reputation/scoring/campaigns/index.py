"""Statements about calls, linked into campaigns: in one pass over all, or one by one.

Words link first (likeness). Links are taken from the strongest to the weakest, and each must be as
strong as the campaigns that it joins are in themselves: a script read by a machine stays apart from
the next script of its kind, while people's own words, which never repeat, still find each other.
This is the predicate of graph-based segmentation (Felzenszwalb and Huttenlocher, IJCV 59, 2004)
with means in place of extremes. Links that two texts alone do not prove come last, in the order of
the mean resemblance of what they join (group-average clustering).

Call-back numbers and claimed names link second, unless they are everywhere.

Why so, and what it measures: docs/adr/0032-campaigns.md.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import batched, chain, pairwise
from math import inf, sqrt
from typing import Any, Final, NamedTuple

import numpy as np

from reputation.scoring.campaigns.ids import campaign_id
from reputation.scoring.campaigns.likeness import (
    LEAST_MEAN,
    LEAST_RESEMBLANCE,
    OWN_CORE,
    OWN_EVIDENCE,
    OWN_MEAN,
    OWN_SHARE,
    PLACES,
    PLAIN_RESEMBLANCE,
    SEEN_BEFORE,
    SEEN_FAMILIAR,
    Likeness,
    compare,
    is_evident,
    place,
)
from reputation.scoring.campaigns.parts import ESTABLISHED, VOICES, Part, Parts
from reputation.scoring.campaigns.words import compounds, familiar, terms

type Statement = Mapping[str, Any]

# A call-back number or a name that so many established campaigns share, or that stands beside so
# many unlike texts (and beside more than a third of what it is named in), is a bank's or a brand's.
MAX_SCRIPTS: Final = 3
MAX_UNLIKE: Final = 5
LOOKED_AT: Final = 64  # statements that name it, in that check
LEAST_DIGITS: Final = 7  # of a call-back number; shorter ones are service numbers, which are shared
NAME_DAYS: Final = 14.0  # between statements with one claimed name and one act

KEYS: Final = 16  # terms under which a text is found
UNDER_KEY: Final = 4  # texts under one term
CANDIDATES: Final = 8  # texts that a new one is compared with
FAR: Final = 0.2  # share of the keys under which the likeliest is found, for one to be compared
KNOWN_RESEMBLANCE: Final = 0.85  # a text this close to one that is found needs no keys
# So many links are enough if one is this strong: a text that repeats another, misheard.
ENOUGH: Final = 2
ENOUGH_RESEMBLANCE: Final = 0.6
TELLING: Final = 40  # a text's heaviest terms, by which others are found
BATCH: Final = 1000  # texts whose weights are worked out at once
GISTS: Final = 20_000  # kept in memory


class Link(NamedTuple):
    """From one text to another, by its row. See likeness.Likeness."""

    strength: float
    resemblance: float
    is_plain: bool
    row: int


class Example(NamedTuple):
    """A text that stands for a part of a campaign.

    `terms`: see words.terms; `total`: what they weigh; `asks`: how strong a link must be.
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
    reporter each. `official` are numbers that no campaign is known by: those of the directory.
    `ordered`: the statements come by time, and are not kept; otherwise all are held for sorting.

    A campaign's id is derived from its earliest member (by `at`, then by id), so the older one's
    id survives a merge, and further statements do not change it. Where a later grouping splits a
    campaign, `keep_ids` gives the old id to the part that has most of its members.

    Added one by one, statements join by what was known at that time, and no link is taken back.
    Statements grouped together are weighed with all words in view: group anew from time to time.
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
        self._terms: list[bytes] = []  # of each row; empty where its text says nothing
        self._total = array("d")  # what each row's terms weighed when they were last looked up
        self._text_row: dict[bytes, int] = {}  # the first row with these terms
        self._under: dict[int, list[int]] = {}  # rows by term
        self._seen = np.zeros(PLACES, np.uint32)
        self._seen[[place(term) for term in familiar()]] = SEEN_FAMILIAR
        self._gists: dict[int, dict[int, float]] = {}  # of parts, by root
        self._named: dict[tuple[str, ...], list[int]] = {}
        self._build(statements if ordered else sorted(statements, key=_when))

    def __len__(self) -> int:
        return len(self._row)

    def add(self, statement: Statement) -> str | None:
        """Take in one statement and return its campaign, or None."""
        if (known := self._row.get(statement["id"])) is not None:
            return self._campaign(known)
        row, is_new_text = self._enter(statement)
        if is_new_text:
            found = np.frombuffer(self._terms[row], np.uint32)
            self._seen[found & (PLACES - 1)] += 1
            links = self._alike(row, self._weights(row))
            for link in links:
                if link.is_plain:
                    self._join(row, link)
            self._join_own([(row, link) for link in links if not link.is_plain])
        for key in _keys(statement, self._official):
            rows = self._named.setdefault(key, [])
            rows.append(row)
            self._join_named(key, rows[-LOOKED_AT:])
        return self._campaign(row)

    def campaign(self, identifier: Hashable) -> str | None:
        """The campaign of the statement with this id; KeyError if there is none."""
        return self._campaign(self._row[identifier])

    def campaigns(self) -> dict[Hashable, str | None]:
        """Of every statement's id, its campaign or None."""
        names: dict[int, str | None] = {}
        answer = {}
        for identifier, row in self._row.items():
            root = self._whole.root(row)
            if root not in names:
                names[root] = self._campaign(root)
            answer[identifier] = names[root]
        return answer

    # --- What campaigns are recognised by, once grouped ---

    def examples(self) -> Iterator[list[Example]]:
        """Texts that stand for campaigns: a list for each part of one that words link."""
        met = set()
        for row in range(len(self._label)):
            root = self._spoken.root(row)
            if root in met or not self._terms[row]:
                continue
            met.add(root)
            campaign = self._campaign(row)
            part = self._spoken.of(root)
            if campaign is not None:
                yield [
                    Example(campaign, self._row_terms(text), self._total[text], part.asks())
                    for text in part.examples
                ]

    def marks(self) -> Iterator[tuple[str, str, float]]:
        """What links statements besides their words: mark, campaign, time of the last (days)."""
        for key, rows in self._named.items():
            campaign = self._campaign(rows[-1])
            if campaign is not None and not self._is_everywhere(rows[-LOOKED_AT:]):
                yield " ".join(key), campaign, max(self._at[row] for row in rows)

    def texts(self) -> int:
        """How many different texts there are."""
        return len(self._text_row)

    def common(self, most: int) -> list[tuple[int, int]]:
        """The `most` commonest places of terms, each with the number of texts that have it."""
        places = np.flatnonzero(self._seen > 1)
        counts = self._seen[places]
        if len(places) > most:
            top = np.argpartition(counts, -most)[-most:]
            places, counts = places[top], counts[top]
        return list(zip(places.tolist(), counts.tolist(), strict=True))

    def _row_terms(self, row: int) -> list[int]:
        return memoryview(self._terms[row]).cast("I").tolist()

    # --- All at once -----------------------------------------------------------------------------

    def _build(self, statements: Iterable[Statement]) -> None:
        texts = []
        for statement in statements:
            if statement["id"] in self._row:
                continue
            row, is_new_text = self._enter(statement)
            if is_new_text:
                texts.append(row)
            for key in _keys(statement, self._official):
                self._named.setdefault(key, []).append(row)
        for batch in batched(texts, BATCH):
            found = np.frombuffer(b"".join([self._terms[row] for row in batch]), np.uint32)
            np.add.at(self._seen, found & (PLACES - 1), 1)
        plain: list[tuple[int, Link]] = []
        own: list[tuple[int, Link]] = []
        for batch in batched(texts, BATCH):
            for row, weights in zip(batch, self._weights_of(batch), strict=True):
                for link in self._alike(row, weights):
                    (plain if link.is_plain else own).append((row, link))
        plain.sort(key=lambda found: -found[1].strength)
        for row, link in plain:
            self._join(row, link)
        self._join_own(own)
        for key, named in self._named.items():
            if len(named) > 1:
                self._join_named(key, named)

    # --- Statements ------------------------------------------------------------------------------

    def _enter(self, statement: Statement) -> tuple[int, bool]:
        """Give the statement a row; also whether its text has not been seen before."""
        row = len(self._label)
        self._row[statement["id"]] = row
        when, label = _when(statement)
        self._at.append(when)
        self._label.append(label)
        reporter = statement.get("reporter")
        self._reporter.append(("row", row) if reporter is None else reporter)
        self._spoken.append()
        self._whole.append()
        self._total.append(0.0)
        found = array("I", terms(statement.get("text") or "")).tobytes()
        self._terms.append(found)
        if not found:
            return row, False
        first = self._text_row.setdefault(found, row)
        if first == row:
            return row, True
        self._terms[row] = self._terms[first]  # one copy in memory
        self._unite(row, first, resemblance=1.0)
        return row, False

    def _campaign(self, row: int) -> str | None:
        part = self._whole.of(row)
        is_one = len(part.voices) >= VOICES and (part.is_plain or self._has_core(part))
        return campaign_id(part.first[1]) if is_one else None

    def _has_core(self, part: Part) -> bool:
        """Whether enough of what the texts of a part say stands in several of them. A name of more
        words than one, or a word of more characters, is one thing that they say."""
        having: Counter[int] = Counter()
        weights: dict[int, float] = {}
        for some in self._weights_of(part.examples):
            having.update(some.keys())
            weights |= some
        several = [term for term, count in having.items() if count >= ESTABLISHED]
        several.sort(key=lambda term: (-weights[term], term))
        core = sum([max(map(weights.__getitem__, one)) for one in compounds(several[:TELLING])])
        least = OWN_CORE.get(len(part.examples), OWN_EVIDENCE)
        return is_evident(core, least, texts=len(self._text_row))

    def _alone(self, row: int) -> Part:
        example = self._text_row.get(self._terms[row])
        return Part((self._at[row], self._label[row]), self._reporter[row], example)

    def _unite(self, one: int, other: int, *, resemblance: float, is_plain: bool = True) -> None:
        both = one, other
        examples = {root: self._spoken.of(root).examples for root in map(self._spoken.root, both)}
        self._spoken.unite(*both, resemblance, is_plain=is_plain)
        self._whole.unite(*both, is_plain=is_plain)
        kept = self._spoken.of(one).examples
        for root, before in examples.items():
            if before is not kept:
                self._gists.pop(root, None)

    # --- Words -----------------------------------------------------------------------------------

    def _weights(self, row: int) -> dict[int, float]:
        """What each term of the row weighs: see likeness.weight."""
        return next(self._weights_of([row]))

    def _weights_of(self, rows: Sequence[int]) -> Iterator[dict[int, float]]:
        """The same of several rows."""
        found = np.frombuffer(b"".join([self._terms[row] for row in rows]), np.uint32)
        having = self._seen[found & (PLACES - 1)] + 1.0
        weights = (np.log((len(self._text_row) + SEEN_BEFORE) / having) ** 2).tolist()
        flat = found.tolist()
        start = 0
        for row in rows:
            end = start + len(self._terms[row]) // found.itemsize
            yield dict(zip(flat[start:end], weights[start:end], strict=True))
            start = end

    def _alike(self, row: int, weights: dict[int, float]) -> list[Link]:
        """Links to earlier texts, the strongest first; thereafter this text can be found."""
        own = self._total[row] = sum(weights.values())
        telling: Collection[int] = weights.keys()
        if len(telling) > TELLING:
            telling = sorted(sorted(weights, key=weights.__getitem__)[-TELLING:])
        hits = Counter(chain.from_iterable(filter(None, map(self._under.get, telling))))
        near = FAR * max(hits.values(), default=0)
        likely = sorted([(count, other) for other, count in hits.items() if count >= near])
        alike: list[Link] = []
        closest = 0.0
        for _, candidate in reversed(likely[-CANDIDATES:]):
            found = self._likeness(weights, own, candidate)
            if found.strength:
                alike.append(Link(found.strength, found.resemblance, found.is_plain, candidate))
                closest = max(closest, found.resemblance)
                if len(alike) >= ENOUGH and closest >= ENOUGH_RESEMBLANCE:
                    break
        if closest < KNOWN_RESEMBLANCE:
            self._make_findable(row, telling)
        return sorted(alike, reverse=True)

    def _make_findable(self, row: int, found: Iterable[int]) -> None:
        """File the text under its lowest hashes, which is a fair sample, where there is room."""
        keys = 0
        for term in found:  # in ascending order
            rows = self._under.setdefault(term, [])
            if len(rows) < UNDER_KEY:
                rows.append(row)
                keys += 1
                if keys == KEYS:
                    return

    def _likeness(self, weights: dict[int, float], own: float, other: int) -> Likeness:
        """Of a text that is looked up and a row."""
        return compare(
            weights, own, self._row_terms(other), self._total[other], texts=len(self._text_row)
        )

    def _join(self, one: int, link: Link) -> None:
        """Join the parts of two texts if the link is as strong as they are in themselves."""
        other = link.row
        if self._spoken.root(one) == self._spoken.root(other):
            return
        part, other_part = self._spoken.of(one), self._spoken.of(other)
        if link.strength < max(part.asks(), other_part.asks()):
            return
        established = part.is_established() and other_part.is_established()
        if established and link.resemblance < KNOWN_RESEMBLANCE:
            # Whatever one statement says that resembles both: the others must agree without it.
            if min(self._means(part, other_part, one, other)) < LEAST_RESEMBLANCE:
                return
        elif link.strength < PLAIN_RESEMBLANCE and self._means(part, other_part)[0] < LEAST_MEAN:
            return
        self._unite(one, other, resemblance=link.resemblance)

    def _join_own(self, links: Iterable[tuple[int, Link]]) -> None:
        """Join the parts of which several texts resemble one another, the likest parts first."""
        waiting = [(-link.resemblance, row, link) for row, link in links]
        heapify(waiting)
        while waiting:
            before, one, link = heappop(waiting)
            other = link.row
            if self._spoken.root(one) == self._spoken.root(other):
                continue
            part, other_part = self._spoken.of(one), self._spoken.of(other)
            if link.strength < max(part.asks(), other_part.asks()):
                continue
            if part.texts == other_part.texts == 1:  # as it was when they were compared
                mean = link.resemblance
            else:
                mean = self._mean(one, other)
            if mean < OWN_MEAN:
                continue
            if mean < -before:
                heappush(waiting, (-mean, one, link))
                continue
            if part.is_established() and other_part.is_established():
                least = OWN_SHARE * max(self._within(one), self._within(other))
                if mean < least or min(self._means(part, other_part, one, other)) < least:
                    continue
            self._unite(one, other, resemblance=link.resemblance, is_plain=False)

    def _mean(self, one: int, other: int) -> float:
        """The mean resemblance between examples of two rows' parts."""
        fewer, more = sorted((self._gist(one), self._gist(other)), key=len)
        return sum([share * more[term] for term, share in fewer.items() if term in more])

    def _within(self, row: int) -> float:
        """The mean resemblance among the examples of a row's part; 1 if there is one alone."""
        count = len(self._spoken.of(row).examples)
        if count == 1:
            return 1.0
        # The square of the mean of unit vectors, less what each has to do with itself.
        return (count * self._mean(row, row) - 1) / (count - 1)

    def _gist(self, row: int) -> dict[int, float]:
        """The mean of a part's examples, each as a vector of length 1."""
        root = self._spoken.root(row)
        if (known := self._gists.get(root)) is not None:
            return known
        if len(self._gists) >= GISTS:
            self._gists.clear()
        examples = self._spoken.of(root).examples
        gist: dict[int, float] = defaultdict(float)
        for weights in self._weights_of(examples):
            length = sqrt(sum(weights.values())) * len(examples)
            for term, weight in weights.items():
                gist[term] += sqrt(weight) / length
        self._gists[root] = gist
        return gist

    def _means(self, part: Part, other: Part, *without: int) -> list[float]:
        """The mean resemblance between examples of two parts, without each of these texts."""
        pairs = []
        for row in part.examples:
            weights = self._weights(row)
            own = sum(weights.values())
            pairs += [
                ((row, text), self._likeness(weights, own, text).resemblance)
                for text in other.examples
            ]
        means = []
        for left_out in without or (None,):
            kept = [resemblance for pair, resemblance in pairs if left_out not in pair]
            means.append(sum(kept) / len(kept) if kept else 1.0)
        return means

    # --- Call-back numbers and claimed names -----------------------------------------------------

    def _join_named(self, key: tuple[str, ...], rows: list[int]) -> None:
        """Join what names the same call-back number, or one name with one act within NAME_DAYS."""
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
            # One reporter does not join two established campaigns by what it names.
            established = self._whole.of(one).is_established() and (
                self._whole.of(other).is_established()
            )
            if established and min(len(naming[one]), len(naming[other])) < VOICES:
                continue
            together = naming[one] | naming[other]
            self._whole.unite(one, other)
            naming[self._whole.root(one)] = together

    def _is_everywhere(self, rows: list[int]) -> bool:
        roots = {self._spoken.root(row) for row in rows if self._terms[row]}
        scripts = sum(self._spoken.of(root).is_established() for root in roots)
        unlike = len(roots)
        return scripts > MAX_SCRIPTS or (unlike > MAX_UNLIKE and unlike * 3 > len(rows))


def group(
    statements: Iterable[Statement], *, official: Collection[str] = ()
) -> dict[Hashable, str | None]:
    """Of every statement's id, its campaign or None. See `Index`; the order does not matter."""
    return Index(statements, official=official).campaigns()


def _when(statement: Statement) -> tuple[float, str]:
    at = statement.get("at")
    return (inf if at is None else float(at)), str(statement["id"])


def marks_of(statement: Statement, *, official: Collection[str] = frozenset()) -> list[str]:
    """What may link the statement besides its words, as `Index.marks` writes it."""
    return [" ".join(key) for key in _keys(statement, official)]


def _keys(statement: Statement, official: Collection[str]) -> Iterable[tuple[str, ...]]:
    """What links the statement besides its words."""
    number = statement.get("callback_number") or ""
    if number not in official and sum(map(str.isdecimal, number)) >= LEAST_DIGITS:
        yield "number", number
    name, act, at = (statement.get(field) for field in ("claimed_name", "act", "at"))
    name = "".join(filter(str.isalnum, (name or "").casefold()))
    if name and act and at is not None:
        yield "name", name, str(act)
