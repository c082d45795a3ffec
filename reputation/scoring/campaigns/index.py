"""Statements about calls, linked into campaigns: in one pass over all, or one by one.

Words link first. Two texts resemble each other by the weight of their common terms over the
geometric mean of their own weights (the cosine measure, 0 to 1); a term weighs the more, the fewer
texts have it, so that "press 1 to speak to" weighs little. Links are taken from the strongest to
the weakest, and each must be as strong as the campaigns that it joins are in themselves: a script
read by a machine stays apart from the next script of its kind, while people's own words, which
never repeat, still find each other. This is the predicate of graph-based segmentation
(Felzenszwalb and Huttenlocher, IJCV 59, 2004) with means in place of extremes.

Call-back numbers and claimed names link second, unless they are everywhere.

Why so, and what it measures: docs/adr/0032-campaigns.md.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import batched, chain, pairwise
from math import inf, log, sqrt
from typing import Any, Final, NamedTuple

import numpy as np

from reputation.scoring.campaigns.ids import campaign_id
from reputation.scoring.campaigns.parts import VOICES, Part, Parts
from reputation.scoring.campaigns.words import terms

type Statement = Mapping[str, Any]
type Link = tuple[float, float, int]  # strength, resemblance, and the row of the other text

# Below this resemblance no words link: two texts have three tenths of what they say in common.
LEAST_RESEMBLANCE: Final = 0.3
# A text of which so much stands in a longer one is a part of it: a recording may start and end
# anywhere. That share is their resemblance then.
LEAST_CONTAINED: Final = 0.9
# What two texts have in common must weigh so many times the logarithm of the number of texts. By
# chance alone one text in exp(weight) has it, so among all texts once the logarithm would leave one
# false match; pairs of neighbours repeat what their words said, hence three.
LEAST_EVIDENCE: Final = 3.0
# A weaker link than this joins two parts only if more texts of both resemble each other, by half of
# LEAST_RESEMBLANCE in the mean.
PLAIN_RESEMBLANCE: Final = 0.5

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
LEAST_HITS: Final = 2  # keys that one is found under, to be compared
FAR: Final = 0.2  # and share of the keys under which the likeliest one is found
KNOWN_RESEMBLANCE: Final = 0.85  # a text this close to one that is found needs no keys
ENOUGH: Final = 2  # links of such a text
BATCH: Final = 1000  # texts whose weights are worked out at once
# Counts of terms, by hash: two terms that share a place weigh a little less than they should.
PLACES: Final = 1 << 22
# As though so many texts had been seen before: in a small set no term is common yet.
SEEN_BEFORE: Final = 1000.0


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
            for link in self._alike(row, self._weights(row)):
                self._join(row, link)
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
        rows, strengths = array("q"), array("d")
        links: list[Link] = []
        for batch in batched(texts, BATCH):
            for row, weights in zip(batch, self._weights_of(batch), strict=True):
                for link in self._alike(row, weights):
                    rows.append(row)
                    strengths.append(link[0])
                    links.append(link)
        for place in np.argsort(-np.asarray(strengths), kind="stable").tolist():
            self._join(rows[place], links[place])
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
        return campaign_id(part.first[1]) if len(part.voices) >= VOICES else None

    def _alone(self, row: int) -> Part:
        example = self._text_row.get(self._terms[row])
        return Part((self._at[row], self._label[row]), self._reporter[row], example)

    def _unite(self, one: int, other: int, *, resemblance: float) -> None:
        self._spoken.unite(one, other, resemblance)
        self._whole.unite(one, other)

    # --- Words -----------------------------------------------------------------------------------

    def _weights(self, row: int) -> dict[int, float]:
        """What each term of the row weighs: the logarithm of texts over texts that have it."""
        return next(self._weights_of([row]))

    def _weights_of(self, rows: Sequence[int]) -> Iterator[dict[int, float]]:
        """The same of several rows."""
        found = np.frombuffer(b"".join([self._terms[row] for row in rows]), np.uint32)
        having = self._seen[found & (PLACES - 1)] + 1.0
        weights = np.log((len(self._text_row) + SEEN_BEFORE) / having).tolist()
        flat = found.tolist()
        start = 0
        for row in rows:
            end = start + len(self._terms[row]) // found.itemsize
            yield dict(zip(flat[start:end], weights[start:end], strict=True))
            start = end

    def _alike(self, row: int, weights: dict[int, float]) -> list[Link]:
        """Links to earlier texts, the strongest first; thereafter this text can be found."""
        own = self._total[row] = sum(weights.values())
        filed = chain.from_iterable(filter(None, map(self._under.get, weights)))
        hits = Counter(filed)
        least = max(LEAST_HITS, FAR * max(hits.values(), default=0))
        likely = sorted([(count, other) for other, count in hits.items() if count >= least])
        alike: list[Link] = []
        closest = 0.0
        for _, candidate in reversed(likely[-CANDIDATES:]):
            resemblance, strength = self._resemblance(weights, own, candidate)
            if strength >= LEAST_RESEMBLANCE:
                alike.append((strength, resemblance, candidate))
                closest = max(closest, resemblance)
                if len(alike) >= ENOUGH and closest >= KNOWN_RESEMBLANCE:
                    break
        if closest < KNOWN_RESEMBLANCE:
            self._make_findable(row, weights)
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

    def _resemblance(
        self, weights: dict[int, float], own: float, other: int
    ) -> tuple[float, float]:
        """`resemblance` of a text that is looked up and a row."""
        return resemblance(
            weights, own, self._row_terms(other), self._total[other], texts=len(self._text_row)
        )

    def _join(self, one: int, link: Link) -> None:
        """Join the parts of two texts if the link is as strong as they are in themselves."""
        strength, resemblance, other = link
        if self._spoken.root(one) == self._spoken.root(other):
            return
        part, other_part = self._spoken.of(one), self._spoken.of(other)
        if strength < max(part.asks(), other_part.asks()):
            return
        established = part.is_established() and other_part.is_established()
        if established and resemblance < KNOWN_RESEMBLANCE:
            # Whatever one statement says that resembles both: the others must agree without it.
            if min(self._means(part, other_part, one, other)) < LEAST_RESEMBLANCE:
                return
        elif (
            strength < PLAIN_RESEMBLANCE
            and self._means(part, other_part)[0] < LEAST_RESEMBLANCE / 2
        ):
            return
        self._unite(one, other, resemblance=resemblance)

    def _means(self, part: Part, other: Part, *without: int) -> list[float]:
        """The mean resemblance between examples of two parts, without each of these texts."""
        pairs = []
        for row in part.examples:
            weights = self._weights(row)
            own = sum(weights.values())
            pairs += [
                ((row, text), self._resemblance(weights, own, text)[0]) for text in other.examples
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


def resemblance(
    weights: Mapping[int, float], own: float, terms: Iterable[int], total: float, *, texts: int
) -> tuple[float, float]:
    """How much two texts resemble each other, 0 to 1, and how strong a link that makes.

    `weights`: of the one text's terms, which add up to `own`; `terms` of the other, which weigh
    `total`; `texts`: how many there are.
    """
    shared = sum([weights[term] for term in weights.keys() & terms])
    if shared < LEAST_EVIDENCE * log(texts + SEEN_BEFORE):
        return 0.0, 0.0
    alike = shared / sqrt(own * total)
    contained = shared / min(own, total)
    return alike, contained if contained >= LEAST_CONTAINED else alike


def place(term: int) -> int:
    """Where a term is counted; now and then two share a place."""
    return term & (PLACES - 1)


def weight(*, having: int, texts: int) -> float:
    """What a term weighs that `having` of `texts` texts have."""
    return log((texts + SEEN_BEFORE) / (having + 1.0))


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
