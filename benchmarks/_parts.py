"""Where the processor time of a request goes, part by part.

A part is what some functions take by themselves, without the parts that they call. Each function is
wrapped while it is measured, which costs about a microsecond a call.
"""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

REST = "the way in and out: ids, headers, metrics"


class Parts:
    """Own seconds of each part, a list entry a request."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self._now: dict[str, float] = defaultdict(float)
        self._inner = [0.0]  # of each open part, what others took within it

    def request(self, function: Callable[[], object]) -> None:
        """One request: what no part takes is REST."""
        self._now.clear()
        self._wrapped(REST, function)()
        for title, seconds in self._now.items():
            self.seconds[title].append(seconds)

    @contextmanager
    def measured(self, parts: Mapping[str, Sequence[tuple[Any, str]]]) -> Iterator[None]:
        """`parts`: title → functions, as the objects that have them and their names there."""
        with ExitStack() as stack:
            for title, functions in parts.items():
                for owner, name in functions:
                    wrapped = self._wrapped(title, getattr(owner, name))
                    stack.enter_context(mock.patch.object(owner, name, wrapped))
            yield

    def _wrapped(self, title: str, function: Callable[..., Any]) -> Callable[..., Any]:
        clock, inner, now = time.thread_time, self._inner, self._now

        def measured(*arguments: Any, **named: Any) -> Any:
            inner.append(0.0)
            start = clock()
            try:
                return function(*arguments, **named)
            finally:
                took = clock() - start
                now[title] += took - inner.pop()
                inner[-1] += took

        return measured

    def lines(self) -> Iterator[str]:
        """Median microseconds of each part, the largest first, and its share of their sum."""
        requests = max(map(len, self.seconds.values()))
        # A part that few requests have counts for its share of them.
        mean = {
            title: statistics.median(found) * len(found) / requests
            for title, found in self.seconds.items()
        }
        whole = sum(mean.values())
        for title, seconds in sorted(mean.items(), key=lambda part: -part[1]):
            yield f"{title:<58}{seconds * 1e6:>8,.0f}{seconds / whole:>8.0%}"
        yield f"{'all':<58}{whole * 1e6:>8,.0f}"
