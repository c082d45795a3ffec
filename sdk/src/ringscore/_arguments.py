"""The arguments of the command `ringscore`."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Mapping
from datetime import datetime, time

from ._models import Action, Category
from ._numbers import knows_region
from ._rules import QuietHours
from ._screener import Mode, OnFailure

# Runs a command; returns its exit code.
Run = Callable[[argparse.Namespace], int]

EXIT = """
exit codes: 0 allow, or done; 10 flag; 11 block; 1 refused; 2 wrong usage;
3 no answer (server unreachable, too slow, not a Ringscore server); 4 kept, to be sent later

environment: RINGSCORE_URL, RINGSCORE_KEY, RINGSCORE_REGION, RINGSCORE_HOME (mirror and outbox)
"""


def parser(runs: Mapping[str, Run]) -> argparse.ArgumentParser:
    """The parser of all commands. `runs`: the function of each, kept as `run` of the options."""
    parser = argparse.ArgumentParser(
        prog="ringscore",
        description="Ask Ringscore who is calling.",
        epilog=EXIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = _shared()
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[shared], help=text, description=text)
        made.set_defaults(run=runs[name])
        return made

    lookup = command("lookup", "look numbers up; `-` reads them from standard input")
    lookup.add_argument("number", nargs="+", help="in any notation")
    lookup.add_argument("--private", action="store_true", help="do not tell the server the number")
    _add_call(lookup)

    screen = command("screen", "decide about a call")
    screen.add_argument("caller", help="the number as the network shows it; '' when it is withheld")
    screen.add_argument(
        "--callee", default="", help="the called number; compared here, sent nowhere"
    )
    _add_call(screen)
    _add_screening(screen)

    _add_report(command("report", "report a number; without one, send waiting reports"))

    sync = command("sync", "bring the local mirror up to date")
    sync.add_argument(
        "--verify", action="store_true", help="check every entry against the checksum"
    )
    command("watch", "keep the local mirror up to date until stopped")

    serve = command("serve", "screen for Asterisk (FastAGI) and over plain HTTP")
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; keep it local, since there is no password",
    )
    serve.add_argument("--port", type=_port, default=4574, help="of HTTP (default: %(default)s)")
    serve.add_argument(
        "--agi-port", type=_port, default=4573, help="of FastAGI (default: %(default)s)"
    )
    serve.add_argument("--no-sync", action="store_true", help="another process updates the mirror")
    _add_screening(serve)
    return parser


def _shared() -> argparse.ArgumentParser:
    """The options of every command."""
    shared = argparse.ArgumentParser(add_help=False)
    environment = os.environ.get
    shared.add_argument("--url", default=environment("RINGSCORE_URL", ""), help="the server")
    shared.add_argument("--key-file", help="a file with the API key; else RINGSCORE_KEY")
    shared.add_argument(
        "--region",
        type=_region,
        default=environment("RINGSCORE_REGION", ""),
        help="country of national formats: CN, US",
    )
    shared.add_argument(
        "--home",
        default=environment("RINGSCORE_HOME", ""),
        metavar="FOLDER",
        help="where mirror and outbox are (default: ~/.local/share/ringscore)",
    )
    shared.add_argument(
        "--feed", default="numbers", help="the mirrored feed (default: %(default)s)"
    )
    shared.add_argument(
        "--deadline", type=_seconds, metavar="SECONDS", help="time for one lookup (default: 1)"
    )
    shared.add_argument("--json", action="store_true", help="print JSON")
    return shared


def _add_call(parser: argparse.ArgumentParser) -> None:
    """Adds what the network says of the call."""
    parser.add_argument("--attestation", default="", help="A, B, C, failed, none or a verstat")
    parser.add_argument("--caller-name", default="", help="the name that the caller shows")


def _add_report(report: argparse.ArgumentParser) -> None:
    report.add_argument("number", nargs="?", default="", help="the caller, in any notation")
    report.add_argument("category", nargs="?", choices=[*map(str, Category)])
    report.add_argument("--comment", default="", help="what happened, in your words")
    report.add_argument(
        "--at", type=_moment, metavar="TIME", help="when it called, such as 2026-11-24T09:30"
    )
    report.add_argument("--callback", default="", help="the number that the caller wants called")
    report.add_argument("--claimed-name", default="", help="who the caller claims to be")
    report.add_argument(
        "--conduct", action="append", default=[], help="an act, such as threats; may be repeated"
    )
    report.add_argument("--channel", choices=["call", "sms"], default="call")
    report.add_argument("--later", action="store_true", help="keep the report, and send it later")


def _add_screening(parser: argparse.ArgumentParser) -> None:
    outcome = "the action for strangers while no source can be asked"
    choices = [*map(str, OnFailure)]
    parser.add_argument("--on-failure", choices=choices, required=True, help=outcome)
    parser.add_argument(
        "--mode",
        choices=[*map(str, Mode)],
        default=str(Mode.REPUTATION),
        help="which callers may ring (default: %(default)s)",
    )
    parser.add_argument(
        "--contacts", metavar="FILE", help="your address book: vCards, or one number in each line"
    )
    for side, what in (("--allow", "let through"), ("--block", "block")):
        parser.add_argument(
            side,
            action="append",
            default=[],
            metavar="PATTERN",
            help=f"{what} these numbers: +12025550143, or '+1900*'; may be repeated",
        )
        parser.add_argument(
            f"{side}-name",
            action="append",
            default=[],
            metavar="NAME",
            help=f"{what} who shows this name: 'loans', 'loans*', or '*loans*'; may be repeated",
        )
    parser.add_argument(
        "--own-list",
        action="store_true",
        help="use your list on the server (/my/list), as it is at the start",
    )
    parser.add_argument(
        "--withheld",
        choices=[*map(str, Action)],
        default=str(Action.FLAG),
        help="the action for callers without a number (default: %(default)s)",
    )
    parser.add_argument(
        "--quiet", type=_quiet, metavar="22:00-07:00", help="hours in which only contacts ring"
    )
    parser.add_argument("--open-lookup", action="store_true", help="tell the server the number")
    parser.add_argument("--offline", action="store_true", help="ask the mirror only")


def _quiet(value: str) -> QuietHours:
    try:
        start, _, end = value.partition("-")
        return QuietHours(time.fromisoformat(start), time.fromisoformat(end))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{value!r}: give two times, such as 22:00-07:00"
        ) from None


def _region(value: str) -> str:
    """The code of a country, from the option or RINGSCORE_REGION. With a wrong one every call in
    national format would ring."""
    code = value.strip().upper()
    if code and not knows_region(code):
        raise argparse.ArgumentTypeError(
            f"{value!r}: give a country as ISO 3166 does, such as DE or US"
        )
    return code


def _port(value: str) -> int:
    if not value.isdecimal() or int(value) > 65_535:
        raise argparse.ArgumentTypeError(f"{value!r}: a port is a number from 0 to 65535")
    return int(value)


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{value!r}: give seconds above 0, such as 0.5")
    return seconds


def _moment(value: str) -> datetime:
    """A time without an offset is this machine's."""
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r}: give a time as 2026-11-24T09:30") from None
    return moment if moment.tzinfo else moment.astimezone()
