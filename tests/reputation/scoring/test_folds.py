"""Many numbers folded at once: what the fold of one voice after the other says, to the bit."""

import numpy as np
import pytest

from reputation.scoring.categories import CATEGORIES
from reputation.scoring.days import from_days, to_days
from reputation.scoring.evidence import EMPTY, Bucket, BucketKey, BucketKind, Voice, day_of, fold
from reputation.scoring.folds import NAMES, Voices, fold_together, resting, worth_it
from reputation.scoring.mix import fold_mix
from reputation.scoring.promotion import BlockCase, may_pass
from reputation.scoring.trust import Record, rests_on


def world(seed: int) -> tuple[Voices, int]:
    """Voices in and out of order, within a minute or over years, some without weight."""
    chance = np.random.default_rng(seed)
    count, numbers = int(chance.integers(0, 300)), int(chance.integers(1, 30))
    number = np.sort(np.floor(numbers * chance.random(count) ** 2).astype(np.int64))
    days = 20_000 + chance.random(count) * chance.choice([0.001, 3.0, 900.0])
    at = np.array([to_days(from_days(day)) for day in days])
    if seed % 2:
        at = at[np.lexsort((at, number))]
    voices = Voices(
        number=number,
        category=chance.integers(0, len(NAMES), count),
        at=at,
        begins=np.where(chance.random(count) < 0.5, at, at - 90.0 * chance.random(count)),
        weight=np.where(chance.random(count) < 0.1, 0.0, 1.8 * chance.random(count)),
        established=chance.random(count) < 0.4,
        network=chance.integers(-3, chance.choice([2, 50]), count),
    )
    return voices, numbers


def heard(voices: Voices, place: int) -> Voice:
    name = NAMES[voices.category[place]]
    return Voice(
        side=CATEGORIES[name].side,
        at=float(voices.at[place]),
        weight=float(voices.weight[place]),
        category=name,
        network=str(voices.network[place]),
        established=bool(voices.established[place]),
        since=float(voices.begins[place]),
    )


def key(kind: int, voice: Voice) -> BucketKey:
    names = {BucketKind.NEWCOMERS: "", BucketKind.DAY: day_of(voice.at)}
    return voice.side, BucketKind(kind), names.get(BucketKind(kind), voice.network)


@pytest.mark.parametrize("seed", range(12))
def test_together_is_one_after_the_other(seed):
    voices, numbers = world(seed)
    found = fold_together(voices, numbers)
    buckets: dict[tuple[int, BucketKey], Bucket] = {}
    contributions = []
    for number in range(numbers):
        evidence, mix, mine = EMPTY, dict[str, float](), dict[BucketKey, Bucket]()
        for place in np.flatnonzero(voices.number == number).tolist():
            voice = heard(voices, place)
            after, changed, contribution = fold(evidence, mine, voice)
            mix = fold_mix(
                mix, before=evidence.at, after=after.at, voice=voice, contribution=contribution
            )
            evidence = after
            mine.update(changed)
            contributions.append(contribution)
        assert found.evidence[number] == evidence
        assert found.mix[number] == mix
        buckets |= {(number, each): bucket for each, bucket in mine.items()}
    assert found.contribution.tolist() == contributions
    rows = list(zip(*(column.tolist() for column in found.buckets), strict=True))
    assert len(rows) == len(buckets)
    assert buckets == {
        (int(voices.number[place]), key(kind, heard(voices, place))): Bucket(*content)
        for place, kind, *content in rows
    }


def test_numbers_with_very_many_voices_are_folded_alone():
    sizes = np.array([3, 5000] + [4] * 200)
    assert worth_it(sizes).tolist() == [True, False] + [True] * 200
    assert worth_it(np.array([7] * 100)).all()
    assert len(worth_it(np.zeros(0, np.int64))) == 0


@pytest.mark.parametrize("seed", range(40))
def test_no_case_passes_that_is_not_heard(seed):
    chance = np.random.default_rng(seed)
    records, backers = 6.0 * chance.random((5, 12)), chance.integers(0, 3, 12)
    speaking = resting(records, backers)
    case, networks, voices = BlockCase(), set[str](), 0
    for who in range(12):
        rests = rests_on(Record(*records[:, who]), who, tuple(range(50, 50 + backers[who])))
        assert bool(rests) == speaking[who]
        voice = Voice(CATEGORIES["threat"].side, float(who), 1.0, "threat", str(who // 2), True)
        case.hear(voice, rests_on=rests, old_enough=True, attested=True)
        networks.add(voice.network)
        voices += bool(rests)
        assert may_pass(len(networks), voices) or case.obstacles()
