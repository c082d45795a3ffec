"""The primary dies while reports arrive; its standby is promoted; what was acknowledged is there.

Twice, with the same fault: the primary loses the way to its standby, serves on for some seconds,
and dies. First with commits that the standby confirms, then without.
"""

import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from drills import guide
from drills.clients import Clients, longest_without, make_keys
from drills.machines import Machine, address, follow, let_follow
from drills.processes import Service, free_port, kill, tree, until

PAGE = "high-availability.md"
# Seconds for which a primary has lost the way to its standby before it dies.
CUT_OFF = 3.0

_DEFER = """\
from procrastinate.contrib.django import app
app.configure_task("{job}").defer(timestamp=0)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """acknowledged: reports before the promotion; away: seconds without answers, by kind."""

    acknowledged: int
    lost: int
    away: dict[str, float]


def drill(home: Path) -> bool:
    """Prints what was lost; returns whether all is there that must not be lost."""
    first, second = Machine(home, "first"), Machine(home, "second")
    password = secrets.token_urlsafe(24)
    first.create()
    second.password = first.password
    url = address(first, second, target_session_attrs="read-write")
    service = Service(home, database=url)
    try:
        service.run("ringscore-server prepare")
        let_follow(first, password)
        follow(second, first, password)
        (block,) = guide.blocks(PAGE, "Every commit confirmed")
        first.run(block)
        ports = [free_port(), free_port()]
        for port in ports:
            service.serve(port)
        clients = Clients(ports, make_keys(service))
        _lose_worker(first, service)
        confirmed = _lose(first, second, clients)
        _print("confirmed by the standby", confirmed)
        follow(first, second, password)
        unconfirmed = _lose(second, first, clients)
        _print("not confirmed", unconfirmed)
        _do("queue", first, service)
        print("the other worker goes on with jobs on the new primary")
        print(service.run("ringscore-server rescore --check"))
    finally:
        service.end()
        first.kill()
        second.kill()
    return not confirmed.lost


def _lose_worker(primary: Machine, service: Service) -> None:
    """Kills the one of two workers that is at a job; the other must do the job."""
    workers = [service.start(f"worker-{n}", "worker") for n in range(2)]
    until(lambda: _runs(primary, "chain_audit") > 0, "No worker does the jobs.")
    until(lambda: _runs(primary, status="doing") == 0, "The jobs of the start do not end.")
    before = _runs(primary, "forget")
    with primary.session() as session, session.transaction():
        session.execute("LOCK TABLE django_session")  # `forget` waits for it
        service.python_says(_DEFER.format(job="forget"))
        waiting = "SELECT client_port FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        until(lambda: primary.ask(waiting) != [], "No worker began the job.")
        ((port,),) = primary.ask(waiting)
        (holder,) = (each for each in workers if _has_connection(each.pid, port))
        kill(holder)
    # As after a minute without a sign of life.
    primary.ask(
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '61 seconds' "
        "WHERE id = (SELECT worker_id FROM procrastinate_jobs "
        "WHERE status = 'doing' AND task_name = 'forget')"
    )
    _do("rescue", primary, service)
    seconds = until(lambda: _runs(primary, "forget") > before, "The job did not run again.")
    print(f"worker killed at a job: the other did it {seconds:.1f} s after it was found out")


def _do(job: str, primary: Machine, service: Service) -> None:
    """Makes a job due, and waits until it is done."""
    before = _runs(primary, job)
    service.python_says(_DEFER.format(job=job))
    until(lambda: _runs(primary, job) > before, f"{job} is not done.")


def _runs(primary: Machine, job: str = "%", *, status: str = "succeeded") -> int:
    ((count,),) = primary.ask(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE %s AND status::text = %s",
        job,
        status,
    )
    return int(count)


def _has_connection(pid: int, port: int) -> bool:
    return any(
        each.laddr.port == port for process in tree(pid) for each in process.net_connections()
    )


def _lose(primary: Machine, standby: Machine, clients: Clients) -> Outcome:
    """Causes the fault, and promotes the standby."""
    before = len(clients.requests)
    clients.start()
    clients.more()
    primary.cut_off()
    time.sleep(CUT_OFF)
    primary.kill()
    acknowledged = list(clients.acknowledged)
    (block,) = guide.blocks(PAGE, "Promotion")
    standby.run(block)
    clients.more()
    clients.stop()
    ids = [report.id for report in acknowledged]
    there = standby.found(ids)
    asked = clients.requests[before:]
    return Outcome(
        acknowledged=len(acknowledged),
        lost=len(set(ids) - there),
        away={kind: longest_without(asked, kind) for kind in ("report", "lookup")},
    )


def _print(how: str, outcome: Outcome) -> None:
    found = outcome.acknowledged - outcome.lost
    print(
        f"commits {how}: acknowledged before {outcome.acknowledged:,}, found after {found:,}, "
        f"lost {outcome.lost:,}; away {outcome.away['report']:.1f} s for reports, "
        f"{outcome.away['lookup']:.1f} s for lookups",
        flush=True,
    )
