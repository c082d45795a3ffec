from pathlib import Path

import pytest

from benchmarks.attacks.crowd import CrowdSet, accuracy, as_reports, published, read_set


def test_reads_a_set(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("worker,item,label\nw,i,1\nv,i,0\n")
    (tmp_path / "truth.csv").write_text("item,truth\ni,1\n")
    crowd = read_set(tmp_path)
    assert (crowd.labels, crowd.truth) == ([("w", "i", 1), ("v", "i", 0)], {"i": 1})


BINARY = CrowdSet(
    "binary",
    [("a", "x", 1), ("b", "x", 1), ("a", "y", 0), ("b", "y", 0), ("a", "z", 1), ("b", "z", 0)],
    {"x": 1, "y": 1, "z": 1, "unlabelled": 0},
)
THREE = CrowdSet(
    "three", [("a", "x", 2), ("b", "x", 2), ("c", "x", 0), ("a", "y", 1)], {"x": 2, "y": 0}
)


def test_ties_and_items_without_labels_count_half() -> None:
    assert accuracy(BINARY, published("majority")) == pytest.approx((1 + 0 + 0.5 + 0.5) / 4)


def test_more_classes_are_judged_one_against_the_rest() -> None:
    assert accuracy(THREE, published("majority")) == pytest.approx(0.5)


def test_labels_become_reports_without_times() -> None:
    reports = as_reports(BINARY, positive=0)
    assert reports[0] == {"reporter": "wa", "number": "x", "label": 0}
    assert [r["label"] for r in reports] == [0, 0, 1, 1, 0, 1]
