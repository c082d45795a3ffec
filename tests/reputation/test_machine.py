"""Work that PostgreSQL does while Python waits."""

import threading

import pytest

from reputation.machine import side_by_side


@pytest.mark.parametrize(("items", "threads"), [(0, 0), (1, 1), (5, 2)])
def test_each_is_worked_on_once_in_few_threads(items: int, threads: int) -> None:
    both, taken = threading.Barrier(2), list[tuple[int, int]]()

    def work(item: int) -> None:
        if items > 1 and item < 2:
            both.wait(60)  # neither thread ends before the other has begun
        taken.append((item, threading.get_ident()))

    side_by_side(work, range(items), at_once=2)
    assert sorted(item for item, _ in taken) == list(range(items))
    assert len({thread for _, thread in taken}) == threads
    assert (threading.get_ident() in {thread for _, thread in taken}) == (items == 1)


def test_what_fails_is_raised() -> None:
    def work(item: int) -> None:
        if item == 3:
            raise ValueError("three")

    with pytest.raises(ValueError, match="three"):
        side_by_side(work, range(6), at_once=2)
