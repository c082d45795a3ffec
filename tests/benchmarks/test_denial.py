from tests.given.raids import honest, raided


def test_an_echo_repeats_what_was_said_within_two_days() -> None:
    said: dict[tuple[str, int], list[float]] = {}
    for r in honest().reports:
        said.setdefault((r["number"], r["label"]), []).append(r["time"])
    raid = raided("echo")
    assert len({r["reporter"] for r in raid.reports}) == 5
    for r in raid.reports:
        assert any(0 < r["time"] - t < 2 for t in said[r["number"], r["label"]])


def test_squatters_speak_before_anybody_else() -> None:
    first = {r["number"]: r["time"] for r in reversed(honest().reports)}
    raid = raided("squat")
    assert all(0 < first[r["number"]] - r["time"] <= 1 for r in raid.reports)
    assert 0.5 < len(raid.reports) / len(first) < 0.7


def test_smoke_is_a_burst_of_five_unattested_reports_as_a_number_begins() -> None:
    bursts: dict[str, list[float]] = {}
    numbers = honest().numbers
    for r in raided("smoke").reports:
        assert (r["attestation"], r["created"] < r["time"]) == ("none", True)
        assert 0.2 <= r["time"] - numbers.start[int(r["number"][1:])] < 0.8
        bursts.setdefault(r["number"], []).append(r["time"])
    assert all(len(times) <= 5 for times in bursts.values())
    assert sum(len(times) == 5 for times in bursts.values()) > 0.9 * len(bursts)
