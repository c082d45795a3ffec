"""The command `ringscore`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Final, NoReturn

from . import _serve
from ._arguments import Run, parser
from ._book import book_of, encoding_of
from ._client import Client
from ._exceptions import RateLimited, RingscoreError, Unavailable
from ._mirror import Mirror, SyncResult
from ._models import Action, Answer, OwnList, PrivateAnswer, Unreadable
from ._numbers import reads_national
from ._outbox import Outbox
from ._output import Bar, print_json, warn
from ._screener import DEADLINE, Mode, OnFailure, Screener

DONE, REFUSED, WRONG_USAGE, NO_ANSWER, KEPT = 0, 1, 2, 3, 4
BY_ACTION = {Action.ALLOW: 0, Action.FLAG: 10, Action.BLOCK: 11}
BATCH = 1000


class WrongUsage(ValueError):
    """The command needs something that it was not given."""


@contextmanager
def _naming(host: str, port: int) -> Iterator[None]:
    """Names the address in the error of a socket that cannot be opened there."""
    try:
        yield
    except OSError as error:
        raise OSError(f"{host}, port {port}: {error.strerror or error}.") from error


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; returns its exit code."""
    options = parser(RUNS).parse_args(arguments)
    # httpx logs addresses, and these contain telephone numbers.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.basicConfig(format="ringscore: %(message)s", level=logging.WARNING)
    try:
        code = int(options.run(options))
        sys.stdout.flush()  # an error of the output belongs here, not to Python's shutdown
        return code
    except BrokenPipeError:  # who read the output has enough of it: `ringscore lookup … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (Unavailable, RateLimited) as error:
        warn(str(error))
        return NO_ANSWER
    except WrongUsage as error:
        warn(str(error))
        return WRONG_USAGE
    except (RingscoreError, ValueError, OSError) as error:
        warn(str(error))
        return REFUSED
    except KeyboardInterrupt:
        return 130


def _lookup(options: argparse.Namespace) -> int:
    worst = DONE
    with _client(options) as client:
        if options.private:
            for number in _numbers(options.number):
                worst = max(worst, _show(client.lookup_private(number), options))
        elif options.number == ["-"] or len(options.number) > 1:
            bar = Bar("numbers")
            numbers, done = iter(_numbers(options.number)), 0
            while batch := list(islice(numbers, BATCH)):
                for found in client.lookup_many(batch):
                    worst = max(worst, _show(found, options))
                done += len(batch)
                bar.show(done, 0)
            bar.end()
        else:
            answer = client.lookup(
                options.number[0],
                attestation=options.attestation,
                caller_name=options.caller_name,
            )
            worst = _show(answer, options)
    return worst


def _show(found: Answer | PrivateAnswer | Unreadable, options: argparse.Namespace) -> int:
    if options.json:
        print_json(asdict(found))
    elif isinstance(found, Unreadable):
        print(f"{found.input}: {found.error}")
    else:
        line = f"{found.number} {found.action} {found.score} {found.category}".rstrip()
        if isinstance(found, PrivateAnswer) and found.range:
            line += f" (numbers that begin with {found.range})"
        print(line)
        for reason in found.reasons if isinstance(found, Answer) else ():
            print(f"  {reason}")
    return REFUSED if isinstance(found, Unreadable) else BY_ACTION[found.action]


def _screen(options: argparse.Namespace) -> int:
    mirror = _mirror(options, None)
    client = None if options.offline else _client(options)
    screener = _screener(options, client, mirror)
    decision = screener.screen(
        options.caller,
        contacts=book_of(options.contacts, region=options.region)(),
        attestation=options.attestation,
        caller_name=options.caller_name,
        callee=options.callee or None,
    )
    if client is not None:
        client.close()
    if options.json:
        print_json(_serve.decision_json(decision))
    else:
        stale = ", stale" if decision.stale else ""
        print(f"{decision.action} ({decision.source}{stale})")
        for reason in decision.reasons:
            print(f"  {reason}")
    return BY_ACTION[decision.action]


def _report(options: argparse.Namespace) -> int:
    outbox = Outbox(_home(options) / "outbox.db")
    if bool(options.number) != bool(options.category):
        raise WrongUsage("give a number and a category; neither, to send waiting reports")
    added = 0
    if options.number:
        fields: dict[str, Any] = {
            "comment": options.comment,
            "region": options.region,
            "callback_number": options.callback,
            "claimed_name": options.claimed_name,
            "channel": options.channel,
            "conduct": tuple(options.conduct),
        }
        if options.at:
            fields["occurred_at"] = options.at
        # On disk first: the report is not lost, whatever happens from here on.
        added = outbox.add(options.number, options.category, **fields)
    if options.later:
        print("Kept; `ringscore report` sends it.")
        return KEPT
    bar = Bar("reports")
    with _client(options) as client:
        sent = outbox.send(client, progress=bar.show)
    bar.end()
    refusal = {report.id: report.refusal for report in outbox.reports()}.get(added, "")
    if refusal:
        outbox.remove(added)  # reported here, once; it was never valid
        raise ValueError(f"The server refuses the report: {refusal}")
    if options.json:
        print_json([asdict(receipt) for receipt in sent.receipts.values()])
    else:
        for receipt in sent.receipts.values():
            print(f"{receipt.number} reported: {receipt.action} {receipt.score} ({receipt.id})")
            for step in receipt.next_steps:
                print(f"  {step}")
    if sent.error is not None:
        warn(f"{str(sent.error).rstrip('.')}. {sent.waiting} kept; `ringscore report` sends them.")
        return KEPT
    return DONE


def _sync(options: argparse.Namespace) -> int:
    with _client(options) as client:
        mirror = _mirror(options, client)
        bar = Bar("bytes")
        result = mirror.sync(progress=bar.show)
        bar.end()
        if options.verify:
            mirror.verify()
        _show_sync(options, mirror, result)
    return DONE


def _watch(options: argparse.Namespace) -> int:
    stop = _until_signalled()
    with _client(options) as client:
        mirror = _mirror(options, client)
        mirror.run(
            stop,
            on_sync=lambda result: _show_sync(options, mirror, result),
            on_error=lambda error, wait: warn(f"{error} Trying again in {wait:.0f} s."),
        )
    return DONE


def _show_sync(options: argparse.Namespace, mirror: Mirror, result: SyncResult) -> None:
    count = mirror.status().count
    if options.json:
        print_json({**asdict(result), "count": count})
    else:
        took = "a snapshot and " if result.snapshot else ""
        print(f"{count} listed at cursor {result.cursor}: {took}{result.changes} changes")
    sys.stdout.flush()


def _run_server(options: argparse.Namespace) -> int:
    stop = _until_signalled()
    logging.getLogger("ringscore").setLevel(logging.INFO)
    client = None if options.offline else _client(options)
    mirror = _mirror(options, client)
    screener = _screener(options, client, mirror)
    book = book_of(options.contacts, region=options.region)
    with _naming(options.host, options.port):
        http = _serve.HttpServer((options.host, options.port), screener, book, mirror)
    with _naming(options.host, options.agi_port):
        agi = _serve.AgiServer((options.host, options.agi_port), screener, book)
    host = f"[{options.host}]" if ":" in options.host else options.host
    for server in (http, agi):
        _serve.in_thread(server)
    print(
        f"http://{host}:{http.server_address[1]}/screen and agi://{host}:{agi.server_address[1]}/",
        flush=True,
    )
    if client is not None and not options.no_sync:
        mirror.run(stop, on_error=lambda error, wait: warn(f"{error} Again in {wait:.0f} s."))
    else:
        stop.wait()
    for server in (http, agi):
        server.shutdown()
        server.server_close()
    if client is not None:
        client.close()
    return DONE


# --- What the commands share ---


def _client(options: argparse.Namespace) -> Client:
    if not options.url:
        raise WrongUsage("no server: give --url or set RINGSCORE_URL")
    key = os.environ.get("RINGSCORE_KEY", "")
    if options.key_file:
        key = Path(options.key_file).read_text().strip()
    deadline = {"lookup_deadline": options.deadline} if options.deadline else {}
    try:
        return Client(options.url, key=key, region=options.region, **deadline)
    except ValueError as error:
        raise WrongUsage(str(error)) from None


def _home(options: argparse.Namespace) -> Path:
    home = Path(options.home) if options.home else Path.home() / ".local" / "share" / "ringscore"
    home.mkdir(parents=True, exist_ok=True)
    return home


def _mirror(options: argparse.Namespace, client: Client | None) -> Mirror:
    return Mirror(_home(options) / "mirror", client, feed=options.feed)


def _screener(options: argparse.Namespace, client: Client | None, mirror: Mirror) -> Screener:
    remedies = [] if options.region else ["give --region, such as DE, or set RINGSCORE_REGION"]
    if not reads_national():
        remedies.append("pip install 'ringscore[region]'")
    if remedies:
        warn(
            "Callers in national format, such as 030 1234, cannot be read, and --on-failure "
            f"decides about them. The remedy: {'; '.join(remedies)}."
        )
    own = _own_list(client) if options.own_list else OwnList()
    return Screener(
        on_failure=OnFailure(options.on_failure),
        client=client,
        mirror=mirror,
        mode=Mode.CONTACTS if own.contacts_only else Mode(options.mode),
        private=not options.open_lookup,
        deadline=options.deadline or DEADLINE,
        allow=[*options.allow, *own.allow],
        block=[*options.block, *own.block],
        allow_names=[*options.allow_name, *own.allow_names],
        block_names=[*options.block_name, *own.block_names],
        withheld=Action(options.withheld),
        quiet_hours=options.quiet,
        region=options.region,
    )


def _own_list(client: Client | None) -> OwnList:
    """The list as it is at the start. Without a network calls are screened all the same."""
    try:
        return OwnList() if client is None else client.own_list()
    except RingscoreError as error:
        warn(f"Your own list is not used: {error}")
        return OwnList()


def _numbers(given: list[str]) -> Iterable[str]:
    if given != ["-"]:
        return given
    content = sys.stdin.buffer.read()
    lines = content.decode(encoding_of(content), "replace").splitlines()
    return [line.strip() for line in lines if line.strip()]


def _until_signalled() -> threading.Event:
    stop = threading.Event()

    def end(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt  # the second signal ends even a download
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    return stop


RUNS: Final[Mapping[str, Run]] = {
    "lookup": _lookup,
    "screen": _screen,
    "report": _report,
    "sync": _sync,
    "watch": _watch,
    "serve": _run_server,
}


def run() -> NoReturn:
    """The entry point."""
    sys.exit(main())
