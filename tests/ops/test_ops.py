"""The files under ops/: they name what exists, and the programs that they are for accept them."""

import http.client
import http.server
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from api.bulk_rows import MAX_BYTES
from tests.given.api_requests import ask
from tests.given.processes import free_port, running, until

OPS = settings.BASE_DIR / "ops"
RULES = OPS / "prometheus" / "ringscore.rules.yml"
UNITS = sorted((OPS / "systemd").iterdir())
# Of 100; systemd calls less than 20 "OK", a unit without any of it has 96.
MOST_EXPOSED = 20
INSTALLED = "/opt/ringscore/bin/ringscore-server"


def run(name: str, package: str, *arguments: object, **options: object) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/bin")
    assert found, f"{name} is not installed. Debian: apt-get install {package}"
    line = [found, *map(str, arguments)]
    done = subprocess.run(line, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def expressions() -> list[str]:
    panels = json.loads((OPS / "grafana" / "ringscore.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


@pytest.mark.django_db
def test_every_metric_that_is_named_is_told() -> None:
    scraped = ask("GET", "/metrics", address="127.0.0.1").body.decode()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", scraped, re.MULTILINE))
    told = set(kinds)
    for name, kind in kinds.items():
        if kind == "histogram":
            told |= {f"{name}_bucket", f"{name}_count", f"{name}_sum"}
    for text in (RULES.read_text(), "\n".join(expressions())):
        named = set(re.findall(r"\bringscore_[a-z_]+", text))
        assert named
        assert named - told == set()
    guide = (settings.BASE_DIR / "docs" / "guide" / "metrics.md").read_text()
    own = {name for name in kinds if re.match(r"ringscore_(?!.*_created$)", name)}
    assert {name for name in own if f"`{name}`" not in guide} == set()


# As systemd reads them; a shell would take some for commands, and fail on others.
SETTINGS = """\
# The service's.

DATABASE_URL=postgresql://db/ringscore?a=1&b=$2
DEFAULT_FROM_EMAIL="Ringscore <reports@ringscore.example>"
not a setting=1
SMS_SECRET=(a;`b` \

"""


@pytest.mark.parametrize(("ended", "told"), [(0, 0), (65, 65), (75, 75), (1, 75), (127, 75)])
def test_a_mail_server_hands_over_a_letter_without_settings_of_its_own(
    tmp_path: Path, ended: int, told: int
) -> None:
    env, program = tmp_path / "env", tmp_path / "program"
    env.write_text(SETTINGS)
    names = "$DATABASE_URL|$DEFAULT_FROM_EMAIL|$SMS_SECRET|$DATA_DIR"
    program.write_text(f'#!/bin/sh\necho "$*|{names}"; cat; exit {ended}\n')
    program.chmod(0o755)
    script = (OPS / "postfix/ringscore-intake").read_text()
    script = script.replace("/etc/ringscore/env", str(env)).replace(INSTALLED, str(program))
    line = ["sh", "-c", script, "ringscore-intake", "--envelope-sender="]

    def handed() -> tuple[int, str]:
        done = subprocess.run(
            line, input="letter", capture_output=True, text=True, check=False, env={}
        )
        return done.returncode, done.stdout

    values = "postgresql://db/ringscore?a=1&b=$2|Ringscore <reports@ringscore.example>|(a;`b`"
    said = f"intake_mail --envelope-sender=|{values}|/var/lib/ringscore\nletter"
    assert handed() == (told, said)
    env.unlink()
    assert handed() == (75, "")


def test_a_command_by_the_guide_has_the_settings_of_the_units(tmp_path: Path) -> None:
    """With another DATA_DIR it would have other keys, and the service would not start any more."""
    guide = (settings.BASE_DIR / "docs/guide/serving.md").read_text()
    [named] = re.findall(r"# env: (DATA_DIR=\S+), ", guide)
    for unit in UNITS:
        assert unit.suffix == ".timer" or f"Environment={named}\n" in unit.read_text()
    [block] = re.findall(r"^    set -a;.*\n    ringscore\(\) .*$", guide, re.MULTILINE)
    env, program = tmp_path / "env", tmp_path / "program"
    env.write_text(f"{named}\nOPERATOR_NAME='Example & Co'\n")
    program.write_text('#!/bin/sh\necho "$*|$PWD|$DATA_DIR|$OPERATOR_NAME"\n')
    program.chmod(0o755)
    script = block.replace("/etc/ringscore/env", str(env)).replace(INSTALLED, str(program))
    script = script.replace("runuser -u ringscore -- ", "")  # nobody but root may
    done = run("bash", "bash", "-euc", f"{script}\nringscore doctor --json", env={})
    assert done == f"doctor --json|/|{named.removeprefix('DATA_DIR=')}|Example & Co\n"


def test_proxies_let_as_much_through_as_a_bulk_may_have() -> None:
    megabytes = MAX_BYTES // 2**20
    assert f"client_max_body_size {megabytes}m;" in (OPS / "nginx/ringscore.conf").read_text()
    assert f"max_size {megabytes}MiB" in (OPS / "caddy/Caddyfile").read_text()


@pytest.mark.parametrize("name", ["web", "worker"])
def test_what_serves_is_started_again_however_often_it_ends(name: str) -> None:
    """The server ends where a process of it dies twice in a row; systemd gives up after five."""
    lines = (OPS / "systemd" / f"ringscore-{name}.service").read_text().splitlines()
    assert {"StartLimitIntervalSec=0", "Restart=always"} <= set(lines)


@pytest.mark.parametrize(
    ("fails", "left"),
    [
        ("false", ["new", "yesterday"]),
        ('[ "$2" = --verify ]', ["new", "old", "yesterday"]),  # it cannot be restored
        ("true", ["old", "yesterday"]),  # as where the disk is full
    ],
)
def test_old_backups_are_deleted_only_after_a_new_one_is_verified(
    tmp_path: Path, fails: str, left: list[str]
) -> None:
    folder, program = tmp_path / "backups", tmp_path / "program"
    folder.mkdir()
    for name, days in (("old", 40), ("yesterday", 1), ("killed.partial", 0)):
        (folder / name).touch()
        then = time.time() - days * 86_400
        os.utime(folder / name, (then, then))
    write = '[ "$2" = --verify ] || echo > "$2"'
    program.write_text(f"#!/bin/sh\nif {fails}; then exit 1; fi\n{write}\n")
    program.chmod(0o755)
    back_up(folder, program, name="new")
    assert sorted(path.name for path in folder.iterdir()) == left


def back_up(folder: Path, program: Path, *, name: str = "%F", **env: str) -> None:
    """Does what the unit does, in `folder`, by `program`; `name` is the backup's."""
    unit = (OPS / "systemd/ringscore-backup.service").read_text()
    for line in re.findall(r"^ExecStart(?:Pre|Post)?=(.*)$", unit, re.MULTILINE):
        own = line.replace("/var/backups/ringscore", str(folder)).replace(INSTALLED, str(program))
        command = shlex.split(own.replace("%%F", name).replace("$$", "$"))
        if subprocess.run(command, check=False, env=os.environ | env).returncode:
            break  # as systemd does


def test_a_backup_that_ends_on_another_day_is_the_one_that_is_verified(tmp_path: Path) -> None:
    folder, program, days = tmp_path / "backups", tmp_path / "program", tmp_path / "days"
    for each in (folder, days):
        each.mkdir()
    program.write_text(f'#!/bin/sh\nfor last; do :; done\necho "$last" >> {tmp_path}/named\n')
    (days / "date").write_text(f"#!/bin/sh\necho x >> {tmp_path}/asked\nwc -l < {tmp_path}/asked\n")
    for each in (program, days / "date"):
        each.chmod(0o755)
    back_up(folder, program, PATH=f"{days}:{os.environ['PATH']}")
    first, second = (tmp_path / "named").read_text().splitlines()
    assert first == second


@pytest.mark.slow
def test_systemd_takes_the_units_and_finds_them_closed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for unit in UNITS:
        text = unit.read_text()
        assert INSTALLED in text or unit.suffix == ".timer"
        (tmp_path / unit.name).write_text(text.replace(INSTALLED, "/bin/true"))
    here = sorted(tmp_path.iterdir())
    assert run("systemd-analyze", "systemd", "verify", "--man=no", *here) == ""
    services = [unit for unit in here if unit.suffix == ".service"]
    assert len(services) == 4
    for service in services:
        arguments = ("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager")
        said = run("systemd-analyze", "systemd", *arguments, service)
        [figure] = re.findall(r"Overall exposure level for .*", said)
        with capsys.disabled():
            sys.stdout.write(f"\n{figure}")


@pytest.mark.slow
def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    run(
        *("openssl", "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
        *("-subj", "/CN=ringscore.example", "-keyout", tmp_path / "privkey.pem"),
        *("-out", tmp_path / "fullchain.pem"),
    )
    site = (OPS / "nginx" / "ringscore.conf").read_text()
    (tmp_path / "site.conf").write_text(site.replace("/etc/ssl/ringscore", str(tmp_path)))
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid; events {{}} http {{ access_log off; include {tmp_path}/site.conf; }}"
    )
    said = run("nginx", "nginx-light", "-t", "-e", tmp_path / "log", "-c", whole)
    assert "test is successful" in said
    assert "warn" not in said


@pytest.mark.slow
def test_caddy_takes_its_configuration(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "RINGSCORE_HOST": "ringscore.example"}
    file = OPS / "caddy" / "Caddyfile"
    said = run("caddy", "caddy", "validate", "--config", file, "--adapter=caddyfile", env=environ)
    assert "Valid configuration" in said
    assert '"level":"warn"' not in said


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def behind_nginx(folder: Path, port: int, service: int) -> list[str]:
    """The command that runs nginx, without TLS, before a service on another port."""
    site = (OPS / "nginx" / "ringscore.conf").read_text()
    site = re.sub(r"^.*(\[::\]|listen 80;|ssl_).*\n", "", site, flags=re.MULTILINE)
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
    (folder / "site.conf").write_text(site.replace("127.0.0.1:8000", f"127.0.0.1:{service}"))
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; daemon off; events {{}} http {{ access_log off; "
        f"proxy_temp_path {folder}/proxy; client_body_temp_path {folder}/bodies; "
        f"include {folder}/site.conf; }}"
    )
    return ["/usr/sbin/nginx", "-e", f"{folder}/log", "-c", f"{folder}/nginx.conf"]


def behind_caddy(folder: Path, port: int, service: int) -> list[str]:
    settings = [f"HOME={folder}", f"CADDY_ADMIN=127.0.0.1:{free_port()}"]
    settings += [f"RINGSCORE_HOST=http://127.0.0.1:{port}"]
    settings += [f"RINGSCORE_UPSTREAM=127.0.0.1:{service}"]
    file = str(OPS / "caddy" / "Caddyfile")
    return ["env", *settings, "caddy", "run", "--config", file, "--adapter=caddyfile"]


@pytest.mark.slow
@pytest.mark.parametrize("behind", [behind_nginx, behind_caddy])
def test_proxies_close_what_is_for_balancers(
    tmp_path: Path, behind: Callable[[Path, int, int], list[str]]
) -> None:
    """Also with the surplus slashes that the service ignores."""
    port = free_port()

    def status(path: str) -> int:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            client.request("GET", path)
            return client.getresponse().status
        except ConnectionRefusedError:
            return 0
        finally:
            client.close()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as service:
        threading.Thread(target=service.serve_forever).start()
        with running(behind(tmp_path, port, service.server_port), tmp_path):
            until(lambda: status("/") == 200, "the proxy does not begin")
            closed = ["/metrics", "/metrics/", "//metrics", "/readyz", "/readyz//", "/%72eadyz/"]
            assert {path: status(path) for path in closed} == dict.fromkeys(closed, 404)
            assert status("/healthz") == 200
        service.shutdown()


@pytest.mark.slow
def test_alerts_are_raised_when_they_should_be() -> None:
    run("promtool", "prometheus", "test", "rules", "ringscore.test.yml", cwd=RULES.parent)
    tested = (RULES.parent / "ringscore.test.yml").read_text()
    for alert in re.findall(r"alert: (\w+)", RULES.read_text()):
        assert f'"{alert}"' in tested, alert


@pytest.mark.slow
def test_prometheus_understands_the_dashboard(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{n}", "expr": expression.replace("$__rate_interval", "5m")}
        for n, expression in enumerate(expressions())
    ]
    file = tmp_path / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    assert f"{len(rules)} rules found" in run("promtool", "prometheus", "check", "rules", file)
