"""The command `ringscore`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, time
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

from . import _serve
from ._book import book_of
from ._client import Client
from ._exceptions import RateLimited, RingscoreError, Unavailable
from ._mirror import Mirror, SyncResult
from ._models import Action, Answer, Category, OwnList, PrivateAnswer, Unreadable
from ._numbers import reads_national
from ._outbox import Outbox
from ._output import Bar, print_json, warn
from ._screener import Mode, OnFailure, QuietHours, Screener

EXIT = """
exit codes: 0 allow, or done; 10 flag; 11 block; 1 refused; 2 wrong usage;
3 no answer (server unreachable, too slow, not a Ringscore server); 4 kept, to be sent later

environment: RINGSCORE_URL, RINGSCORE_KEY, RINGSCORE_REGION, RINGSCORE_HOME (mirror and outbox)
"""
DONE, REFUSED, WRONG_USAGE, NO_ANSWER, KEPT = 0, 1, 2, 3, 4
BY_ACTION = {Action.ALLOW: 0, Action.FLAG: 10, Action.BLOCK: 11}
BATCH = 1000


class WrongUsage(ValueError):
    """The command needs something that it was not given."""


CALLER_NAME = "the name that the caller shows"


@contextmanager
def _naming(host: str, port: int) -> Iterator[None]:
    """Names the address in the error of a socket that cannot be opened there."""
    try:
        yield
    except OSError as error:
        raise OSError(f"{host}, port {port}: {error.strerror or error}.") from error


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; returns its exit code."""
    options = _parser().parse_args(arguments)
    # httpx logs addresses, and these contain telephone numbers.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.basicConfig(format="ringscore: %(message)s", level=logging.WARNING)
    try:
        return int(options.run(options))
    except (Unavailable, RateLimited) as error:
        warn(str(error))
        return NO_ANSWER
    except (RingscoreError, ValueError, OSError) as error:
        warn(str(error))
        return WRONG_USAGE if isinstance(error, WrongUsage) else REFUSED
    except BrokenPipeError:
        return DONE
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
            moment = datetime.fromisoformat(options.at.replace("Z", "+00:00"))
            fields["occurred_at"] = moment if moment.tzinfo else moment.astimezone()
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
    screener, book = (
        _screener(options, client, mirror),
        book_of(options.contacts, region=options.region),
    )
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
    return Client(options.url, key=key, region=options.region, **deadline)


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
        deadline=options.deadline or 1.0,
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
    return (line.strip() for line in sys.stdin if line.strip())


def _until_signalled() -> threading.Event:
    stop = threading.Event()

    def end(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt  # the second signal ends even a download
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    return stop


# --- The command line ---


def _quiet(value: str) -> QuietHours:
    try:
        start, _, end = value.partition("-")
        return QuietHours(time.fromisoformat(start), time.fromisoformat(end))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{value!r}: give two times, such as 22:00-07:00"
        ) from None


def _shared() -> argparse.ArgumentParser:
    """The options of every command."""
    shared = argparse.ArgumentParser(add_help=False)
    environment = os.environ.get
    shared.add_argument("--url", default=environment("RINGSCORE_URL", ""), help="the server")
    shared.add_argument("--key-file", help="a file with the API key; else RINGSCORE_KEY")
    shared.add_argument(
        "--region",
        default=environment("RINGSCORE_REGION", ""),
        help="country of national formats: CN, US",
    )
    shared.add_argument("--home", default=environment("RINGSCORE_HOME", ""), metavar="FOLDER")
    shared.add_argument("--feed", default="numbers")
    shared.add_argument("--deadline", type=float, metavar="SECONDS", help="time for one lookup; 1")
    shared.add_argument("--json", action="store_true")
    return shared


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ringscore",
        description="Ask Ringscore who is calling.",
        epilog=EXIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = _shared()
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str) -> Any:
        parser = commands.add_parser(name, parents=[shared], help=text, description=text)
        parser.set_defaults(run=run)
        return parser

    lookup = command("lookup", _lookup, "look numbers up; `-` reads them from standard input")
    lookup.add_argument("number", nargs="+")
    lookup.add_argument("--private", action="store_true", help="do not tell the server the number")
    _of_the_call(lookup)

    screen = command("screen", _screen, "decide about a call")
    screen.add_argument("caller", help="the number as the network shows it; '' when it is withheld")
    screen.add_argument(
        "--callee", default="", help="the called number; compared here, sent nowhere"
    )
    _of_the_call(screen)
    _screening(screen)

    report = command("report", _report, "report a number; without one, send waiting reports")
    report.add_argument("number", nargs="?", default="")
    report.add_argument("category", nargs="?", choices=[*map(str, Category), ""], default="")
    report.add_argument("--comment", default="")
    report.add_argument("--at", default="", metavar="TIME", help="such as 2026-11-24T09:30")
    report.add_argument("--callback", default="", help="the number that the caller wants called")
    report.add_argument("--claimed-name", default="")
    report.add_argument("--conduct", action="append", default=[])
    report.add_argument("--channel", choices=["call", "sms"], default="call")
    report.add_argument("--later", action="store_true", help="keep the report, and send it later")

    sync = command("sync", _sync, "bring the local mirror up to date")
    sync.add_argument(
        "--verify", action="store_true", help="check every entry against the checksum"
    )
    command("watch", _watch, "keep the local mirror up to date until stopped")

    serve = command("serve", _run_server, "screen for Asterisk (FastAGI) and over plain HTTP")
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; keep it local, since there is no password",
    )
    serve.add_argument("--port", type=int, default=4574)
    serve.add_argument("--agi-port", type=int, default=4573)
    serve.add_argument("--no-sync", action="store_true", help="another process updates the mirror")
    _screening(serve)
    return parser


def _of_the_call(parser: argparse.ArgumentParser) -> None:
    """What the network says of the call."""
    parser.add_argument("--attestation", default="", help="A, B, C, failed, none or a verstat")
    parser.add_argument("--caller-name", default="", help=CALLER_NAME)


def _screening(parser: argparse.ArgumentParser) -> None:
    outcome = "the action for strangers while no source can be asked"
    choices = [*map(str, OnFailure)]
    parser.add_argument("--on-failure", choices=choices, required=True, help=outcome)
    parser.add_argument("--mode", choices=[*map(str, Mode)], default=str(Mode.REPUTATION))
    parser.add_argument("--contacts", metavar="FILE", help="vCard, or a number a line")
    parser.add_argument("--allow", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--block", action="append", default=[], metavar="PATTERN")
    for side in ("--allow-name", "--block-name"):
        help = "'loans', 'loans*', or '*loans*'"
        parser.add_argument(side, action="append", default=[], metavar="NAME", help=help)
    parser.add_argument("--own-list", action="store_true", help="as /my/list says, at the start")
    parser.add_argument("--withheld", choices=[*map(str, Action)], default=str(Action.FLAG))
    parser.add_argument("--quiet", type=_quiet, metavar="22:00-07:00")
    parser.add_argument("--open-lookup", action="store_true", help="tell the server the number")
    parser.add_argument("--offline", action="store_true", help="ask the mirror only")


def run() -> NoReturn:
    """The entry point."""
    sys.exit(main())
