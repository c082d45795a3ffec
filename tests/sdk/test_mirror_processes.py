"""A mirror among processes: killed at any step, and forked while it syncs."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from ringscore import Client, Mirror

from tests.given.feed_server import Feed, serving

KILLED = """
import os, sys, httpx
sys.path[:0] = [{sdk!r}, {root!r}]
from ringscore import Client, _mirror
from tests.given.feed_server import Feed
feed = Feed(page=3)
for turn in range(200):
    for n in range(5):
        action = ("flag", "block", "allow")[(turn + n) % 3]
        feed.say(**{{f"+44770090{{(turn * 37 + n * 11) % 1000:04}}": action}})
feed.published = 40
feed.horizon = 40
_mirror.MAX_CHANGES = 20
steps, limit = 0, int(sys.argv[2])
for name in ("replace", "fsync", "unlink"):
    def counted(*args, real=getattr(os, name), **options):
        global steps
        steps += 1
        if steps == limit:
            os._exit(9)
        return real(*args, **options)
    setattr(os, name, counted)
client = Client("http://ringscore.test", transport=httpx.MockTransport(feed))
mirror = _mirror.Mirror(sys.argv[1], client)
mirror.sync()
mirror.verify()
assert {{key: str(action) for action, key in mirror.entries()}} == feed.state()
print(steps)
"""


@pytest.mark.slow
def test_killed_anywhere_it_resumes_to_the_same_state(tmp_path: Path) -> None:
    """The process ends without warning before each of its first steps on disk, one after another,
    in one folder; what is left behind never stops the next."""
    root = Path(__file__).parents[2]
    code = KILLED.format(sdk=str(root / "sdk" / "src"), root=str(root))

    def run(limit: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, str(tmp_path), str(limit)],
            capture_output=True, text=True, check=False, env={**os.environ},
        )  # fmt: skip

    for limit in (1, 2, 3, 4, 6, 9, 14, 25):
        assert run(limit).returncode == 9
    done = run(0)
    assert done.returncode == 0, done.stderr
    names = sorted(path.name for path in tmp_path.iterdir())
    assert [name for name in names if not name.startswith("index-")] == ["lock", "state.json"]
    assert len(names) == 3


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_forked_during_a_sync_holds_up_no_later_one(tmp_path: Path) -> None:
    """As servers fork that load their program first, while its thread syncs."""
    feed, asked, go_on = Feed(), threading.Event(), threading.Event()
    feed.say(**{"+12025550143": "flag"})
    feed.publish()

    def slow(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("changes"):
            asked.set()
            go_on.wait(30)
        return feed(request)

    with serving(slow) as url, Client(url, deadline=60) as client:
        mirror = Mirror(tmp_path, client)
        first, second = (threading.Thread(target=mirror.sync, daemon=True) for _ in range(2))
        first.start()
        assert asked.wait(30)
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            try:
                os.close(writing)
                os.read(reading, 1)
                os._exit(0 if mirror.refresh() and mirror.status().count == 1 else 1)
            finally:
                os._exit(2)
        go_on.set()
        first.join(30)
        second.start()
        second.join(5)
        ended = not second.is_alive()
        os.close(writing)
        assert os.waitpid(child, 0)[1] == 0
        assert ended
