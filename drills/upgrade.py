"""A release is put in under running lookups and reports, as docs/guide/upgrading.md says, over the
release before with 100,000 numbers: two web machines, and a service role that owns nothing."""

import importlib
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

from drills import guide
from drills.clients import Clients, Request, make_keys
from drills.machines import SERVICE_ROLE, Machine, address
from drills.processes import ROOT, Failed, Service, free_port, stop


def drill(home: Path) -> bool:
    """Prints failed requests and the longest; returns whether none failed and nothing is lost."""
    commit = _release_before()
    if not commit:
        print("not run: this checkout has no history, so the release before is not there")
        return True
    before = _checkout(commit, home / "before")
    machine = Machine(home, "database")
    owner, service = address(machine), address(machine, role=SERVICE_ROLE)
    python = _python(before, home)
    old_owner = Service(home, database=owner, root=before, python=python)
    old = Service(home, database=service, root=before, python=python)
    new_owner, new = Service(home, database=owner), Service(home, database=service)
    migrate, prepare, *_, check = guide.blocks("upgrading.md", "Upgrading")
    try:
        machine.create()
        numbers = _fill(old_owner)
        ports = [free_port(), free_port()]
        webs = [old.serve(port) for port in ports]
        worker = old.start("worker", "worker")
        clients = Clients(ports, make_keys(old))
        phases: dict[str, list[Request]] = {}
        clients.start()
        clients.more()
        phases["before"] = _take(clients)

        print(_missing(new_owner))
        new_owner.run(migrate)
        clients.more()
        phases["migrating"] = _take(clients)

        new.run(prepare)
        _restart(new, clients, dict(zip(ports, webs, strict=True)))
        stop(worker)
        new.start("worker", "worker")
        clients.more()
        phases["restarting"] = _take(clients)
        clients.stop()
        checked = new.run(check)
        ids = [report.id for report in clients.acknowledged]
        found = machine.found(ids)
    finally:
        for each in (old, new):
            each.end()
        machine.kill()
    print(checked)
    lost = len(ids) - len(found)
    print(f"from {commit[:12]} with {numbers:,} numbers: acknowledged {len(ids):,}, lost {lost:,}")
    for name, requests in phases.items():
        print(_sums(name, requests))
    failed = any(each.failed for requests in phases.values() for each in requests)
    return not lost and not failed


def _fill(owner: Service) -> int:
    """Makes the tables and their rows, by the release before; returns how many numbers."""
    owner.run(f"ringscore-server prepare; ringscore-server grant_service_role {SERVICE_ROLE}")
    filling = (Path(__file__).parent / "filling.py").read_text()
    return int(owner.python_says(f"{filling}\nfill()").split()[-1])


def _restart(release: Service, clients: Clients, webs: dict[int, subprocess.Popen[bytes]]) -> None:
    """Replaces one web process after the other; the balancer leaves each out meanwhile."""
    for port, web in webs.items():
        others = [each for each in clients.ports if each != port]
        clients.balance(others)
        stop(web)
        anew = free_port()
        release.serve(anew)
        clients.balance([*others, anew])


def _missing(service: Service) -> str:
    """What `doctor` of the new release says of the old tables."""
    lines = service.run("ringscore-server doctor || true").splitlines()
    return "\n".join(line for line in lines if "migrat" in line)


def _take(clients: Clients) -> list[Request]:
    taken, clients.requests = clients.requests, []
    return taken


def _sums(name: str, requests: list[Request]) -> str:
    failed = sum(each.failed for each in requests)
    again = sum(each.tries > 1 for each in requests)
    longest = {
        kind: max((each.took for each in requests if each.kind == kind), default=0.0)
        for kind in ("lookup", "report")
    }
    return (
        f"{name:<11}{len(requests):>6,} requests, failed {failed}, answered after a 503 {again}; "
        f"longest lookup {longest['lookup']:.2f} s, longest report {longest['report']:.2f} s"
    )


def _git(*arguments: str) -> str:
    line = ["git", *arguments]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _release_before() -> str:
    """The last release's commit; "" in a checkout without history.

    That of the newest tag before this commit. Before the first tag: the last commit on which the
    migrations end where FIRST_RELEASE says, from which on old code must run on the new schema.
    """
    if _git("rev-parse", "--is-shallow-repository") != "false":
        return ""
    if tag := _git("describe", "--tags", "--abbrev=0", "--match=v*", "HEAD~1"):
        return _git("rev-parse", f"{tag}^{{commit}}")
    later = [str(path.relative_to(ROOT)) for path in _later_migrations()]
    if not later:
        return _git("rev-parse", "HEAD~1")
    added = _git("log", "--reverse", "--diff-filter=A", "--format=%H", "--", *later).splitlines()
    return _git("rev-parse", f"{added[0]}~1") if added else ""


def _later_migrations() -> Iterator[Path]:
    first = importlib.import_module("tests.config.test_migrating").FIRST_RELEASE
    for app, last in first.items():
        for path in (ROOT / app / "migrations").glob("[0-9]*.py"):
            if int(path.name[:4]) > last:
                yield path


def _checkout(commit: str, folder: Path) -> Path:
    folder.mkdir()
    with subprocess.Popen(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "--extract"], cwd=folder, stdin=archive.stdout, check=True)
    return folder


def _python(root: Path, home: Path) -> str:
    """An interpreter with what a release requires: this one, if it requires the same."""
    lock = root / "requirements.lock"
    if lock.read_bytes() == (ROOT / "requirements.lock").read_bytes():
        return sys.executable
    venv.create(home / "venv", with_pip=True)
    python = str(home / "venv" / "bin" / "python")
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    done = subprocess.run(
        [*pip, "--require-hashes", "-r", lock], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(f"{lock}: {done.stderr[-2000:]}")
    return python
