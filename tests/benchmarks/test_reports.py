"""The parts of a report that its benchmark measures."""

import pytest

from benchmarks import reports


@pytest.mark.parametrize("part", reports._functions().values())
def test_each_part_has_functions_that_there_are(part):
    assert all(callable(getattr(owner, name)) for owner, name in part)
