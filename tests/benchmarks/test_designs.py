import random
from collections import Counter
from itertools import combinations

import pytest

from benchmarks.attacks.designs import Block, affine, projective, sparse


def meetings(blocks: list[Block]) -> Counter[tuple[int, int]]:
    return Counter(pair for block in blocks for pair in combinations(sorted(block), 2))


@pytest.mark.parametrize(("order", "accounts"), [(2, 7), (3, 13), (5, 31), (7, 57), (11, 133)])
def test_in_a_projective_plane_each_pair_meets_once_and_each_account_is_first_once(
    order: int, accounts: int
) -> None:
    blocks = projective(order)
    assert len(blocks) == accounts
    assert {len(block) for block in blocks} == {order + 1}
    assert dict(meetings(blocks)) == dict.fromkeys(combinations(range(accounts), 2), 1)
    assert Counter(block[0] for block in blocks) == dict.fromkeys(range(accounts), 1)


def test_there_is_no_plane_for_an_order_that_is_no_prime() -> None:
    with pytest.raises(ValueError, match="order 6"):
        projective(6)


@pytest.mark.parametrize("order", [3, 5, 7])
def test_in_an_affine_plane_each_pair_meets_once(order: int) -> None:
    blocks = affine(order)
    assert len(blocks) == order**2 + order
    assert {len(block) for block in blocks} == {order}
    assert dict(meetings(blocks)) == dict.fromkeys(combinations(range(order**2), 2), 1)
    firsts = Counter(block[0] for block in blocks)
    assert len(firsts) >= order**2 * 0.6


@pytest.mark.parametrize("allowed", [1, 2])
def test_in_a_sparse_schedule_no_pair_meets_more_often_than_allowed(allowed: int) -> None:
    blocks = sparse(24, 30, 4, random.Random(1), meetings=allowed)
    assert len(blocks) >= 25
    assert max(meetings(blocks).values()) <= allowed
    firsts = Counter(block[0] for block in blocks)
    assert len(firsts) >= 20
    assert max(firsts.values()) <= 2
