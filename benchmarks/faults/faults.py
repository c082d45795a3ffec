"""The faults. Each is a function that runs while the load goes on, and ends with its cause gone."""

import random
import resource
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import psutil
import redis
from django.db import connection

from benchmarks.faults.stack import Stack
from benchmarks.faults.work import Work

type Fault = Callable[[Stack, Work, float], None]

# Attempts to kill, at random instants within the time of the fault.
KILLS = 3
SILENT, DRIPPING, UPLOADS, AT_ONCE = 2_500, 16, 12, 16


class NotPossible(Exception):
    """This account may not cause the fault here; the message says what is missing."""


def none(stack: Stack, work: Work, seconds: float) -> None:
    time.sleep(seconds)


def _killing(name: str, *, main: bool) -> Fault:
    def kill(stack: Stack, work: Work, seconds: float) -> None:
        for _ in range(KILLS):
            time.sleep(random.uniform(0.2, 2 * seconds / KILLS))
            found = stack.processes(name)
            if name == "database" and not main:  # of a client, not of PostgreSQL's own
                found = [each for each in found if "ringscore ringscore" in _title(each)]
            if found:
                with suppress(psutil.Error):
                    (found[0] if main else random.choice(found[1:] or found)).kill()

    return kill


def _title(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def terminate(stack: Stack, work: Work, seconds: float) -> None:
    for _ in range(KILLS):
        time.sleep(random.uniform(0.2, 2 * seconds / KILLS))
        stack.cut_connections()


def _away(name: str) -> Fault:
    def away(stack: Stack, work: Work, seconds: float) -> None:
        with stack.hold(name):
            stack.signal(name, signal.SIGKILL)
            time.sleep(seconds)

    return away


def _frozen(name: str) -> Fault:
    def frozen(stack: Stack, work: Work, seconds: float) -> None:
        stack.signal(name, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            stack.thaw(name)

    return frozen


def stopped(stack: Stack, work: Work, seconds: float) -> None:
    with stack.hold("database"):
        found = stack.processes("database")
        found[0].send_signal(signal.SIGINT)  # a fast shutdown
        time.sleep(seconds)


def locked(stack: Stack, work: Work, seconds: float) -> None:
    with stack.connect(autocommit=False) as session:
        session.execute("LOCK TABLE reputation_number IN ACCESS EXCLUSIVE MODE")
        time.sleep(seconds)
        session.rollback()


def read_only(stack: Stack, work: Work, seconds: float) -> None:
    def switch(state: str) -> None:
        with stack.superuser() as admin:
            admin.execute(f"ALTER ROLE ringscore SET default_transaction_read_only = {state}")

    switch("on")
    stack.cut_connections()
    try:
        time.sleep(seconds)
    finally:
        switch("off")


def without_connections(stack: Stack, work: Work, seconds: float) -> None:
    with stack.superuser() as admin:
        admin.execute("ALTER ROLE ringscore CONNECTION LIMIT 0")
        stack.cut_connections()
        try:
            time.sleep(seconds)
        finally:
            admin.execute("ALTER ROLE ringscore CONNECTION LIMIT -1")


def full_disk(stack: Stack, work: Work, seconds: float) -> None:
    if not stack.small_disk:
        raise NotPossible("a small file system takes the right to mount one")
    filler = stack.files / "filler"
    try:
        with filler.open("wb") as file, suppress(OSError):
            while shutil.disk_usage(stack.files).free:
                file.write(bytes(65_536))
                file.flush()
        time.sleep(seconds)
    finally:
        filler.unlink()


def full_cache(stack: Stack, work: Work, seconds: float) -> None:
    client = redis.Redis(unix_socket_path=f"{stack.home}/cache")
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", "1")
    try:
        time.sleep(seconds)
    finally:
        client.config_set("maxmemory", "0")


def clock(stack: Stack, work: Work, seconds: float) -> None:
    try:
        for days in (3, -2, 40, -1 / 24):
            stack.clock.write_text(str(int(days * 86_400)))
            time.sleep(seconds / 4)
    finally:
        stack.clock.write_text("0")


@contextmanager
def _sockets(port: int, count: int, head: bytes) -> Iterator[list[socket.socket]]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 500:
        raise NotPossible(f"{count} sockets take more open files than {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 500), hard))
    with ExitStack() as opened:
        clients = []
        for _ in range(count):
            with suppress(OSError):
                client = socket.create_connection(("127.0.0.1", port), timeout=5)
                clients.append(opened.enter_context(client))
                if head:
                    client.sendall(head)
        yield clients


def dripping(stack: Stack, work: Work, seconds: float) -> None:
    head = b"POST /v1/numbers/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n"
    with _sockets(stack.port, DRIPPING, head) as clients:
        for _ in range(int(seconds)):
            for client in clients:
                with suppress(OSError):
                    client.sendall(b"{")
            time.sleep(1)


def silent(stack: Stack, work: Work, seconds: float) -> None:
    with _sockets(stack.port, SILENT, b""):
        time.sleep(seconds)


def uploads(stack: Stack, work: Work, seconds: float) -> None:
    channel = work.channels["bulk"]

    def upload() -> None:
        for _ in range(10):
            work.until_acknowledged(channel)
        connection.close()

    threads = [threading.Thread(target=upload) for _ in range(UPLOADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def sparse(stack: Stack, work: Work, seconds: float) -> None:
    """Bursts at pauses in which the server ends its threads: each pause stands for minutes."""
    work.calm.set()
    try:
        for _ in range(max(int(seconds / 6), 4)):
            time.sleep(6)
            burst = [
                threading.Thread(target=work.look_up, kwargs={"with_key": True})
                for _ in range(AT_ONCE)
            ]
            for thread in burst:
                thread.start()
            for thread in burst:
                thread.join()
    finally:
        work.calm.clear()


FAULTS: dict[str, Fault] = {
    "none": none,
    "kill -9 web worker": _killing("server", main=False),
    "kill -9 server": _killing("server", main=True),
    "kill -9 worker": _killing("worker", main=True),
    "kill -9 postmaster": _killing("database", main=True),
    "kill -9 backend": _killing("database", main=False),
    "kill -9 cache": _killing("cache", main=True),
    "connections cut": terminate,
    "database stopped": stopped,
    "database frozen": _frozen("database"),
    "database locked": locked,
    "database read-only": read_only,
    "no connections left": without_connections,
    "disk full": full_disk,
    "cache away": _away("cache"),
    "cache hung": _frozen("cache"),
    "cache full": full_cache,
    "worker hung": _frozen("worker"),
    f"{DRIPPING} dripping sockets": dripping,
    f"{UPLOADS} bulk uploads": uploads,
    f"{SILENT:,} silent sockets": silent,
    "sparse traffic": sparse,
    "clock back and forth": clock,
}
