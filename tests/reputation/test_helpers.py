"""Processes that help another one."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
MAIN = """
if __name__ == "__main__":
    import multiprocessing, pathlib, sys
    import django
    django.setup()
    from reputation.crews.folders import Folder
    from reputation.crews.pools import Pool
    from reputation.machine import pool
    {begin}
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "begin",
    [
        "helpers = pool(2); list(helpers.map(abs, [1, 2]))",
        "here = [Folder(pathlib.Path(name)) for name in 'ab']; crew = Pool(here[0].path, here, "
        "processes=2); list(crew.each(str))",
    ],
)
def test_they_end_when_it_is_killed(begin: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(MAIN.format(begin=begin))
    environ = {
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": str(tmp_path / "data"),
    }
    with subprocess.Popen(
        [sys.executable, "main.py"],
        cwd=tmp_path,
        env=os.environ | environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as main:
        assert main.stdout is not None
        helpers = [psutil.Process(int(pid)) for pid in main.stdout.readline().split()]
        main.kill()
    try:
        assert len(helpers) == 2
        assert psutil.wait_procs(helpers, timeout=30)[1] == []
    finally:
        for helper in helpers:
            if helper.is_running():
                helper.kill()
