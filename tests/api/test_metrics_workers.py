"""GET /metrics with several workers: each answers for all, from a folder that they share."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import psutil
import pytest

from config.metrics import SPACE, shared_folder
from tests.given.metrics import samples

pytestmark = pytest.mark.usefixtures("metrics_for_loopback")

WORKER = """
import sys
from pathlib import Path
import django
django.setup()
from config.metrics import share
share(Path(sys.argv[1]))
from api import metrics
metrics.lookup_answered(200, 0.004)
metrics.reports_taken("api", created=2, updated=0)
print("counted", flush=True)
"""


def folders(data_dir: Path) -> list[Path]:
    """Those of the servers on `data_dir` that live, this process's own among them."""
    home = shared_folder(data_dir).parent
    shared_folder(data_dir).rmdir()
    return list(home.iterdir())


@pytest.fixture
def _tidy(tmp_path: Path) -> Iterator[None]:
    yield
    shutil.rmtree(shared_folder(tmp_path).parent)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("_tidy")
def test_each_worker_answers_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Two at once, and after them one that replaces a dead one.
    line = [sys.executable, "-c", WORKER + "input()", str(tmp_path)]
    living = [subprocess.Popen(line, stdin=PIPE, stdout=PIPE) for _ in range(2)]
    for worker in living:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"counted\n"
    [folder] = folders(tmp_path)
    for worker in living:
        worker.communicate(b"\n")
    subprocess.run([sys.executable, "-c", WORKER, str(tmp_path)], check=True)
    files = sorted(folder.glob("*.db"))
    assert [file.name for file in files] == [
        *("counter_0.db", "counter_1.db", "histogram_0.db", "histogram_1.db"),
    ]
    for file in files:  # a full disk, or full memory, cannot take this space away
        assert file.stat().st_blocks * 512 >= file.stat().st_size == SPACE
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    told = samples()
    assert told["ringscore_reports_total", "api", "created"] == 6.0
    where = ("ringscore_request_seconds_count", "/v1/numbers/{number}", "GET", "200")
    assert told[where] == 3.0
    assert told[("ringscore_database_up",)] == 1.0


@pytest.mark.usefixtures("_tidy")
def test_the_folder_of_a_server_and_what_dead_ones_left(tmp_path: Path):
    parent = psutil.Process(os.getppid())
    home = shared_folder(tmp_path).parent
    living = psutil.Process()
    left = {
        "dead": f"{parent.pid}-{parent.create_time() - 5:.0f}",  # its number is another's now
        "gone": "4194304-1700000000",
        "odd": "what-is-this",
        "living": f"{living.pid}-{living.create_time():.0f}",
    }
    for name in left.values():
        (home / name).mkdir(parents=True)
        (home / name / "counter_1.db").write_bytes(b"")
    folder = shared_folder(tmp_path)
    assert folder == home / f"{parent.pid}-{parent.create_time():.0f}"
    assert folder == shared_folder(tmp_path)
    assert {path.name for path in home.iterdir()} == {folder.name, left["living"]}
