"""The wheel `ringscore-server` in an empty environment: what a stranger does in the first hour."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import ANY

import httpx
import pytest
from pytest_django import DjangoDbBlocker

from config.version import VERSION, release
from tests.e2e.server import ROOT
from tests.given.database import address, empty_database
from tests.given.processes import free_port
from tests.given.wheels import build, install

pytestmark = pytest.mark.slow

NUMBER = "+12025550104"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(wheel, tmp_path_factory.mktemp("installed")) / "ringscore-server"


@contextmanager
def serving(line: list[str], *, home: Path, environ: dict[str, str], url: str) -> Iterator[str]:
    """A command that serves, meanwhile; SIGTERM ends it well. Yields what it prints."""
    printed = home / "printed"
    with printed.open("w") as output:
        process = subprocess.Popen(line, cwd=home, env=environ, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 240
        while not ready(url):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"It does not answer:\n{printed.read_text()}")
            time.sleep(0.5)
        yield printed.read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, printed.read_text()
    finally:
        process.terminate()  # not SIGKILL: web processes and worker would live on
        process.wait(60)


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


class Installed:
    """The program with a data folder of its own, called from a folder without a checkout."""

    def __init__(self, program: Path, home: Path, **environ: str) -> None:
        home.mkdir(exist_ok=True)
        self.command = [str(program), "--data", str(home / "data")]
        self.home = home
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(home), **environ}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def call(self, *arguments: str, ends: int = 0) -> str:
        """What a command printed, which must end with this code."""
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=self.home, env=self.environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == ends, done.stdout + done.stderr
        return done.stdout + (done.stderr if ends else "")

    def serving(self, command: str) -> AbstractContextManager[str]:
        line = [*self.command, command, "--port", str(self.port)]
        return serving(line, home=self.home, environ=self.environ, url=self.url)

    def ask(self, key: str, **said: str) -> dict[str, object]:
        """The lookup of NUMBER; with something said, after a report of it."""
        with httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {key}"}, timeout=30
        ) as client:
            if said:
                reported = client.post("/v1/reports", json={"number": NUMBER, **said})
                assert reported.status_code == 201, reported.text
            answer = client.get(f"/v1/numbers/{NUMBER}")
        assert answer.status_code == 200, answer.text
        return dict(json.loads(answer.text))


def test_the_wheel_takes_one_name_in_site_packages(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "ringscore_server",
        f"ringscore_server-{VERSION}.dist-info",
    }
    assert any(name.endswith("locale/web/zh_Hans/LC_MESSAGES/django.mo") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


GUIDES = ("installing.md", "administering.md")
SHELL = re.compile(r"^    (\S.*?)(?: {2,}#.*)?$", re.MULTILINE)
# Commands within sentences.
SPOKEN = re.compile(r"`(ringscore-server [^`]+)`")


def test_a_newcomers_hour_goes_by_the_commands_of_the_guides(
    program: Path, empty_database_url: str
) -> None:
    """Each command of the two guides, in their order, and the requests of the README."""
    # Not in tmp_path: another run of the tests closes it to the account of PostgreSQL.
    home = Path(tempfile.mkdtemp(prefix="ringscore-newcomer-"))
    port = free_port()
    environ = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "DJANGO_SUPERUSER_USERNAME": "ann",
        "DJANGO_SUPERUSER_EMAIL": "ann@mail.example",
        "DJANGO_SUPERUSER_PASSWORD": "a long one that nobody guesses",
    }
    # What stands for something in the guides, and what a test cannot answer.
    meant = {
        "postgresql://ringscore:…@db/ringscore": f"'{empty_database_url}'",
        "/var/lib/ringscore": str(home / "data"),
        "createsuperuser": "createsuperuser --noinput",
        "FILE": str(home / "backup"),
        "COMMAND": "doctor",
        "ringscore/bin/": f"{program.parent}/",
    }

    def typed(line: str) -> list[str]:
        for word, meaning in meant.items():
            line = line.replace(word, meaning)
        return ["bash", "-euc", line]

    def done(line: str) -> str:
        ended = subprocess.run(
            typed(line), cwd=home, env=environ, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, f"{line}\n{ended.stdout}{ended.stderr}"
        return ended.stdout

    def served(line: str) -> AbstractContextManager[str]:
        serve = typed(f"exec {line} --port {port}")
        return serving(serve, home=home, environ=environ, url=f"http://127.0.0.1:{port}")

    pages = [(ROOT / "docs" / "guide" / name).read_text() for name in GUIDES]
    lines = [line for page in pages for line in SHELL.findall(page)]
    spoken = [line for page in pages for line in SPOKEN.findall(page)]
    venv, pip, demo, settings, run, *hour = lines
    assert venv == "python3 -m venv ringscore"  # as the fixtures did
    assert pip.startswith("ringscore/bin/pip install ringscore_server-….whl")
    try:
        with served(demo) as printed:
            key = re.search(r"key=(\S+)", printed)
            assert key is not None, printed
            readme = (ROOT / "README.md").read_text().partition("## Look up, report")[2]
            typed_there = re.findall(r"^    (.*)$", readme.partition("\n- ")[0], re.MULTILINE)[1:]
            requests = "\n".join(typed_there).replace("127.0.0.1:8000", f"127.0.0.1:{port}")
            answers = done(f"key={key[1]}\n{requests}")
            actions = re.findall(r'"number":"[^"]+","action":"(\w+)"', answers)
            assert (actions[0], actions[-1]) == ("allow", "flag"), answers
            page = httpx.get(f"http://127.0.0.1:{port}/", headers={"Accept-Language": "zh"})
            assert "谁打来的" in page.text
        done("ringscore-server postgres stop")
        name, _, value = typed(settings)[2].removeprefix("export ").partition("=")
        assert name == "DATABASE_URL", settings
        url, folder = value.split(" DATA_DIR=")
        environ |= {"DATABASE_URL": url.strip("'"), "DATA_DIR": folder}
        with served(run):
            for line in hour:
                done(line)
            # What serves, and what has been done above.
            known = {"ringscore-server demo", "ringscore-server postgres stop"}
            for line in dict.fromkeys(spoken):
                if line not in known and "$(" not in line:
                    done(line)
            done("ringscore-server backup --verify FILE")
        assert "doctor" in done(
            'eval "$(ringscore-server completion)"; complete -p ringscore-server'
        )
    finally:
        subprocess.run(typed("ringscore-server postgres stop"), env=environ, check=False)
        shutil.rmtree(home, ignore_errors=True)


@dataclass(frozen=True)
class Served:
    """What is left of a server that took a report: a backup, secrets, and what it answered."""

    backup: Path
    secrets: list[Path]
    key: str
    answer: dict[str, object]
    doctor: dict[str, dict[str, str]]
    service: Installed


@pytest.fixture(scope="module")
def served(
    program: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Served]:
    """With a database and nothing else."""
    home = tmp_path_factory.mktemp("served")
    with django_db_blocker.unblock(), empty_database() as name:
        service = Installed(program, home, DATABASE_URL=address(name), FICTIONAL_NUMBERS="1")
        with service.serving("run"):
            key = service.call("key", "create", "test", "--scopes", "lookup,report").strip()
            answer = service.ask(key, category="impersonation")
            service.call("backup", "backup")
            doctor = json.loads(service.call("doctor", "--json"))["checks"]
        secrets = [home / "data" / each for each in ("secret_key", "pseudonym_key", "sealing_keys")]
        yield Served(home / "backup", secrets, key, answer, doctor, service)


def test_what_is_installed_knows_the_commit_that_it_was_built_from(served: Served) -> None:
    assert served.service.call("--version").strip() == release()


def test_run_keeps_its_secrets_for_itself(served: Served) -> None:
    assert {path.stat().st_mode & 0o777 for path in served.secrets} == {0o600}
    assert "The demo uses a database of its own" in served.service.call("demo", ends=1)


def test_doctor_finds_nothing_that_does_not_work(served: Served) -> None:
    found = {name: check["state"] for name, check in served.doctor.items() if check["wrong"]}
    assert found == {"role": "owner", "backup": "unverified", "packages": "not checked"}


def test_a_backup_is_verified_aside(served: Served) -> None:
    assert "was restored aside: counts" in served.service.call("backup", "--verify", "backup")


def test_what_was_lost_is_restored_elsewhere_and_answers_the_same(
    served: Served, program: Path, tmp_path: Path, empty_database_url: str
) -> None:
    there = Installed(program, tmp_path, DATABASE_URL=empty_database_url, FICTIONAL_NUMBERS="1")
    (tmp_path / "data").mkdir()
    for path in served.secrets:
        shutil.copy(path, tmp_path / "data")
    there.call("restore", str(served.backup))
    with there.serving("serve"):
        # Its own address stands in the answer.
        own = {"redress_url": ANY}
        assert there.ask(served.key) | own == served.answer | own
