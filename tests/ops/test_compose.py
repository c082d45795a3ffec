"""compose.yaml and the image: what they set is what the settings ask for."""

import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.conf import settings

from config import healthy
from config.command_line import COMMANDS
from tests.e2e.server import Server
from tests.given import settings_guide

ROOT = settings.BASE_DIR
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = ("secrets", "prepare", "web", "worker")


def filled(value: str, given: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+):-(.*?)\}", lambda found: given.get(found[1], found[2]), value)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {
            "RINGSCORE_HOST": "ringscore.example",
            "EMAIL_URL": "smtp://mail.example",
            "EMAIL_FROM": "codes@ringscore.example",
            "OPERATOR_NAME": "Example Ltd",
            "OPERATOR_CONTACT": "privacy@ringscore.example",
        },
    ],
)
def test_the_settings_agree_with_one_another(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for line in COMPOSE["services"]["web"]["environment"]:
        name, assigned, value = line.partition("=")
        # A name alone is as it is where compose is called.
        monkeypatch.setenv(name, filled(value, given) if assigned else given.get(name, ""))
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KEYS_DIR", str(tmp_path))
    loaded = runpy.run_path(str(ROOT / "config" / "settings.py"))
    assert loaded["IS_PUBLIC"] is bool(given)
    assert loaded["DATABASES"]["default"]["OPTIONS"]["passfile"] == "/run/ringscore/pgpass"


def test_what_compose_lets_one_name_goes_with_its_secret() -> None:
    passed = {line.partition("=")[0] for line in COMPOSE["services"]["web"]["environment"]}
    named = {setting.name for _, group in settings_guide.sections() for setting in group}
    assert {f"{name}_TOKEN" for name in passed} & named <= passed


def test_what_serves_is_started_again_however_often_it_ends() -> None:
    once = {"secrets", "prepare"}
    assert {
        name: service["restart"]
        for name, service in COMPOSE["services"].items()
        if name not in once
    } == dict.fromkeys(COMPOSE["services"].keys() - once, "unless-stopped")


def test_services_of_ours_are_closed_and_call_commands_that_exist() -> None:
    services = COMPOSE["services"]
    for name in OURS:
        service = services[name]
        assert service["read_only"] is True
        command = service.get("command", ["serve"])[0]
        assert name == "secrets" or command in COMMANDS
    volumes = {
        volume.split(":")[0]
        for service in services.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    assert volumes == set(COMPOSE["volumes"])


def test_no_service_may_gain_privileges_or_more_capabilities_than_it_names() -> None:
    for service in COMPOSE["services"].values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_what_strangers_reach_does_not_reach_database_and_cache() -> None:
    services = COMPOSE["services"]
    networks = {name: set(service.get("networks", ())) for name, service in services.items()}
    assert networks["proxy"] == {"outside"}
    assert networks["database"] == networks["cache"] == {"inside"}
    assert networks["secrets"] == set()
    assert services["secrets"]["network_mode"] == "none"
    assert all(each["driver_opts"] == {"isolate": "true"} for each in COMPOSE["networks"].values())


def test_the_services_role_is_not_the_superuser_that_the_image_makes() -> None:
    url = dict(line.split("=", 1) for line in COMPOSE["x-ringscore"]["environment"] if "=" in line)
    role = urlsplit(url["DATABASE_URL"]).username
    given = COMPOSE["services"]["database"]["environment"]
    assert given.get("POSTGRES_USER", "postgres") != role
    assert given["POSTGRES_PASSWORD_FILE"] != "/run/password/database"
    made = (ROOT / "ops" / "postgres" / "role.sh").read_text()
    assert f"CREATE ROLE {role} LOGIN PASSWORD" in made
    assert "SUPERUSER" not in made


def test_services_wait_for_what_they_need() -> None:
    services = COMPOSE["services"]
    ending = {name for name, service in services.items() if service.get("restart") == "no"}
    assert ending == {"secrets", "prepare"}
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            condition = how["condition"]
            assert (condition == "service_completed_successfully") is (needed in ending)
            if condition == "service_healthy":
                assert services[needed]["healthcheck"]["test"][0] == "CMD"
            # Podman starts nothing after a container that has ended and depends on one that runs.
            assert name not in ending or needed in ending
    assert {name for name, service in services.items() if "ports" in service} == {"proxy"}
    assert {name for name, service in services.items() if service.get("build")} == set(OURS)
    for name in OURS:
        assert "healthcheck" in services[name]  # its own, or that it has none


def test_everything_that_the_wheel_is_built_from_reaches_the_image() -> None:
    taken = {
        line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line[:1] == "!"
    }
    wheel = re.search(r"^only-include = \[(.*)\]", (ROOT / "pyproject.toml").read_text(), re.M)
    assert wheel is not None
    assert set(re.findall(r'"(\w+)"', wheel[1])) < taken


def test_where_nobody_listens_the_health_check_is_red(capsys: pytest.CaptureFixture[str]) -> None:
    assert healthy.main("http://127.0.0.1:1") == 1
    assert "does not answer" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_health_check_goes_red_with_the_database_and_green_again() -> None:
    from django.db import connection

    name = connection.settings_dict["NAME"]
    server = Server(PUBLIC_URL="http://ringscore.test").start()

    def checked() -> int:
        done = subprocess.run(
            [sys.executable, healthy.__file__, server.url],
            env={"PUBLIC_URL": "http://ringscore.test"},
            check=False,
        )
        return done.returncode

    def connections(allowed: bool) -> None:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {allowed}')
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )

    try:
        assert checked() == 0
        connections(False)
        assert checked() == 1
        connections(True)
        assert checked() == 0
    finally:
        connections(True)
        connection.close()
        server.stop()
