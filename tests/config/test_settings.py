"""Settings from the environment; missing and contradictory ones name themselves."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from pytest_django import Settings

from config import database
from tests.given import settings_guide
from tests.given.configured import ROOT, SECRET, SERVER, load

OPTIONAL = (
    "DEBUG",
    "ALLOWED_HOSTS",
    "FICTIONAL_NUMBERS",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "EVIDENCE_DIR",
    "METRICS_TOKEN",
    "METRICS_NETWORKS",
    "CODE_COUNTRIES",
    "PAIRING_APPS",
    "REDRESS_KEY_FILE",
    "REDRESS_CERTIFICATE_FILE",
    "INTAKE_OWN_NUMBERS",
    "INTAKE_SMS_SECRET",
    "INTAKE_EMAIL_PROVIDER",
    "ALLOW_ON_SERVER",
    "CODE_SENDER",
    "PSEUDONYM_LATER_KEYS",
    "SECOND_REVIEW_PERCENT",
    "SIGNING_KEY",
    "DATABASE_POOLED",
    "DATABASE_REPLICA_URL",
    "INTAKE_ADDRESS",
    "INTAKE_ADDRESSES",
    "INTAKE_REGION",
    "WEB_THREADS",
    "LOOKUP_MEMORY_MB",
    "EVIDENCE_MAX_BYTES",
)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No variable of ours is set but DATA_DIR."""
    for name in (*SERVER, *OPTIONAL):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / ".data"))
    return tmp_path / ".data"


def test_a_development_machine_needs_nothing(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {})
    entry = settings["DATABASES"]["default"]
    assert entry["OPTIONS"]["passfile"] == entry["GIVEN_OPTIONS"]["passfile"]
    assert entry | {"OPTIONS": entry.pop("GIVEN_OPTIONS")} == {
        "ENGINE": "config.embedded",
        "NAME": "ringscore",
        "USER": "ringscore",
        "HOST": str(bare / "postgres"),
        "PORT": 5432,
        "OPTIONS": {
            "passfile": str(bare / "postgres" / "pgpass"),
            "require_auth": "scram-sha-256",
        },
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
    assert settings["DEBUG"] is False
    assert settings["FICTIONAL_NUMBERS"] is False
    assert settings["PUBLIC_URL"] == "http://127.0.0.1:8000"
    assert settings["SESSION_COOKIE_SECURE"] is False
    assert settings["CACHES"]["default"]["BACKEND"].endswith("LocMemCache")
    assert not (bare / "postgres").exists(), "importing the settings starts no server"


def test_keys_are_made_once_and_for_their_owner_only(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = load(monkeypatch, {}), load(monkeypatch, {})
    assert first["SECRET_KEY"] == second["SECRET_KEY"] == (bare / "secret_key").read_text()
    assert first["PSEUDONYM_KEY"] == second["PSEUDONYM_KEY"]
    assert first["SECRET_KEY"] != first["PSEUDONYM_KEY"]
    assert sorted(path.name for path in bare.iterdir()) == [
        *("pseudonym_key", "sealing_keys", "secret_key", "signing_key")
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in bare.iterdir()} == {0o600}


def test_an_empty_file_of_a_key_is_not_taken_for_none(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a full disk left: another key would make strangers of everybody."""
    bare.mkdir()
    (bare / "pseudonym_key").touch()
    with pytest.raises(ImproperlyConfigured) as raised:
        load(monkeypatch, {})
    assert str(raised.value) == (
        f"PSEUDONYM_KEY is not set, and {bare}/pseudonym_key is empty: put the key back from its "
        "copy. Only where there is none, remove the file, and another key is made: "
        "docs/guide/keys.md"
    )


@pytest.mark.usefixtures("bare")
def test_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {**SERVER, "ALLOWED_HOSTS": "10.0.0.7, ringscore.internal"})
    entry = settings["DATABASES"]["default"]
    assert entry["OPTIONS"]["sslmode"] == "verify-full"
    assert entry | {"OPTIONS": entry.pop("GIVEN_OPTIONS")} == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "ringscore",
        "USER": "ringscore",
        "PASSWORD": "pass@word",
        "HOST": "db.internal",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "verify-full"},
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
    assert settings["PUBLIC_URL"] == "https://ringscore.example"
    assert settings["ALLOWED_HOSTS"] == ["ringscore.example", "10.0.0.7", "ringscore.internal"]
    assert settings["TRUSTED_PROXY_COUNT"] == 1
    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert settings["CACHES"]["default"]["LOCATION"] == "redis://cache.internal:6379/0"
    assert settings["DEFAULT_FROM_EMAIL"] == "Ringscore <codes@ringscore.example>"
    assert settings["MAILERS"]["default"]["OPTIONS"]["host"] == "mail.internal"


@pytest.mark.usefixtures("bare")
def test_what_a_session_may_wait_for_unless_the_address_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = f"{SERVER['DATABASE_URL']}&connect_timeout=3&options=-c%20lock_timeout%3D7"
    entry = load(monkeypatch, {**SERVER, "DATABASE_URL": url})["DATABASES"]["default"]
    for limits in (database.COMMAND, database.LOOKUP):
        entry = database.limited(entry, limits)
        assert entry["OPTIONS"] == database.VANISHED | {
            "sslmode": "verify-full",
            "connect_timeout": "3",
            "options": f"-c statement_timeout={limits.statement} -c lock_timeout={limits.lock} "
            f"-c idle_in_transaction_session_timeout={limits.idle} -c lock_timeout=7",
        }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "seconds"),
    [("statement", 0), ("lock", 30), ("idle_in_transaction_session", 120)],
)
def test_commands_may_wait_for_statements_but_not_for_locks(name: str, seconds: int) -> None:
    with connection.cursor() as cursor:
        setting = "SELECT extract(epoch FROM current_setting(%s)::interval)"
        cursor.execute(setting, [f"{name}_timeout"])
        assert cursor.fetchone() == (seconds,)


@pytest.mark.usefixtures("bare")
def test_without_a_proxy_its_header_means_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {**SERVER, "TRUSTED_PROXY_COUNT": "0"})
    assert "SECURE_PROXY_SSL_HEADER" not in settings


@pytest.mark.usefixtures("bare")
def test_what_a_public_server_lacks_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("TRUSTED_PROXY_COUNT", "OPERATOR_NAME", "OPERATOR_CONTACT", "EMAIL_URL", "EMAIL_FROM")
    with pytest.raises(ImproperlyConfigured) as raised:
        load(monkeypatch, SERVER | dict.fromkeys(names, ""))
    assert [line.partition(" is not set")[0] for line in str(raised.value).split("\n")] == [*names]
    keys = ("SECRET_KEY", "PSEUDONYM_KEY", "SEALING_KEYS")
    with pytest.raises(ImproperlyConfigured) as raised:
        load(monkeypatch, SERVER | dict.fromkeys(keys, ""))
    assert [line.partition(" is not set")[0] for line in str(raised.value).split("\n")] == [*keys]


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"PSEUDONYM_KEY": " "}, "PSEUDONYM_KEY is not set"),
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY has 8 characters"),
        ({"SECRET_KEY": "a" * 50}, "SECRET_KEY has 50 characters, 1 different ones"),
        ({"PSEUDONYM_KEY": SECRET}, "hold the same key twice"),
        ({"SEALING_KEYS": ""}, "SEALING_KEYS is not set"),
        ({"PSEUDONYM_LATER_KEYS": "x"}, "A key of PSEUDONYM_LATER_KEYS has 1 char"),
        ({"PSEUDONYM_LATER_KEYS": SECRET}, "hold the same key twice"),
        ({"SEALING_KEYS": f"{SECRET[::-1]}"}, "hold the same key twice"),
        ({"SIGNING_KEY": SECRET}, "hold the same key twice"),
        ({"SECOND_REVIEW_PERCENT": "101"}, "a share of a hundred"),
        ({"SEALING_KEYS": f"{SECRET[5:]}{SECRET[:5]}, x"}, "A key of SEALING_KEYS has 1 char"),
        ({"PUBLIC_URL": "http://ringscore.example"}, "ALLOW_ON_SERVER=http"),
        ({"DEBUG": "1"}, "ALLOW_ON_SERVER=debug"),
        ({"FICTIONAL_NUMBERS": "1"}, "ALLOW_ON_SERVER=fictional"),
        ({"EMAIL_URL": "console:"}, "ALLOW_ON_SERVER=console"),
        ({"CODE_SENDER": "console:"}, "ALLOW_ON_SERVER=console"),
        ({"ALLOW_ON_SERVER": "http, all"}, "ALLOW_ON_SERVER: all is none of http, debug"),
        ({"OPERATOR_NAME": ""}, "OPERATOR_NAME is not set"),
        ({"OPERATOR_CONTACT": ""}, "OPERATOR_CONTACT is not set"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL is not set"),
        ({"PUBLIC_URL": "ringscore.example"}, "PUBLIC_URL is 'ringscore.example': give scheme"),
        ({"PUBLIC_URL": "https://ringscore.example/here"}, "example/here': give scheme and host"),
        ({"PUBLIC_URL": "https://ringscore.example:port"}, "example:port': give scheme and host"),
        ({"PUBLIC_URL": "https://[::1"}, "PUBLIC_URL is 'https://[::1': give scheme and host"),
        ({"ALLOWED_HOSTS": "https://a.example"}, "ALLOWED_HOSTS: 'https://a.example' is no host"),
        ({"ALLOWED_HOSTS": "10.0.0.7:8000"}, "ALLOWED_HOSTS: '10.0.0.7:8000' is no host"),
        ({"TRUSTED_PROXY_COUNT": ""}, "TRUSTED_PROXY_COUNT is not set"),
        ({"TRUSTED_PROXY_COUNT": "one"}, "TRUSTED_PROXY_COUNT is 'one'"),
        ({"TRUSTED_PROXY_COUNT": "-1"}, "TRUSTED_PROXY_COUNT is '-1'"),
        ({"WEB_WORKERS": "0"}, "WEB_WORKERS is '0': give a whole number of at least 1"),
        ({"CACHE_URL": ""}, "WEB_WORKERS is 4 but CACHE_URL is not set"),
        ({"WEB_THREADS": "4000"}, "WEB_THREADS is '4000': give a number of at most 1000"),
        ({"LOOKUP_MEMORY_MB": "134217728"}, "LOOKUP_MEMORY_MB is '134217728': give a number of at"),
        ({"EVIDENCE_MAX_BYTES": "10"}, "EVIDENCE_MAX_BYTES is '10': give a whole number of at lea"),
        ({"CACHE_URL": "memcached://x"}, "CACHE_URL must be redis://"),
        ({"CACHE_URL": "redis://cache:port/0"}, "CACHE_URL must be redis://"),
        ({"DEBUG": "flase"}, "DEBUG is 'flase': set 1 or 0"),
        ({"EMAIL_URL": ""}, "EMAIL_URL is not set"),
        ({"EMAIL_FROM": ""}, "EMAIL_FROM is not set"),
        ({"EMAIL_FROM": "Ringscore"}, "EMAIL_FROM is 'Ringscore': give an address for mail"),
        ({"INTAKE_ADDRESS": "reports"}, "INTAKE_ADDRESS is 'reports': give an address for mail"),
        ({"INTAKE_ADDRESSES": "a@b.example,c"}, "INTAKE_ADDRESSES is 'c': give an address"),
        ({"INTAKE_REGION": "UK"}, "INTAKE_REGION: UK is no country"),
        ({"INTAKE_REGION": "GB, US"}, "INTAKE_REGION is 'GB, US': give one country"),
        ({"INTAKE_OWN_NUMBERS": "+44 7700"}, "INTAKE_OWN_NUMBERS: write every number as"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "127.0.0.1:4318"}, "give its address with the scheme"),
        ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "the scheme 'sqlite', but Ringscore runs on"),
        ({"DATABASE_URL": "db.internal"}, "the scheme '(none)'"),
        ({"DATABASE_URL": "postgresql://db.internal"}, "DATABASE_URL names no database"),
        ({"DATABASE_URL": "postgresql://db:port/name"}, "DATABASE_URL: a port is a number"),
        ({"DATABASE_URL": "postgresql://db/name?sslmod=require"}, "no URL that PostgreSQL reads"),
    ],
)
def test_what_fails_at_start(
    env: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ImproperlyConfigured) as raised:
        load(monkeypatch, {**SERVER, **env})
    assert message in str(raised.value)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("url", ["mysql://u:hunter2@db/x", "postgresql://u:hunter2 x@db/x"])
def test_a_bad_database_url_keeps_its_password_to_itself(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ImproperlyConfigured) as raised:
        load(monkeypatch, {**SERVER, "DATABASE_URL": url})
    assert "hunter2" not in str(raised.value)


@pytest.mark.usefixtures("bare")
def test_a_bad_mail_url_keeps_its_password_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL has no port where one") as raised:
        load(monkeypatch, {**SERVER, "EMAIL_URL": "smtp://u:hunter2#x@mail.example:587"})
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("env", "message"),
    [
        (
            {"FEEDS_PUBLIC": ["nmbers"]},
            "FEEDS_PUBLIC: There is no feed of that name. There are: numbers.",
        ),
        (
            {"CODE_SENDER": "tests.given.fone.Phone"},
            "CODE_SENDER: No module named 'tests.given.fone'",
        ),
        (
            {"CODE_SENDER": "tests.given.configured.Path"},
            "CODE_SENDER: 'PosixPath' object has no attribute 'send'",
        ),
        (
            {"REDRESS_KEY_FILE": "/none", "REDRESS_CERTIFICATE_FILE": "/none"},
            "REDRESS_KEY_FILE and REDRESS_CERTIFICATE_FILE: "
            "[Errno 2] No such file or directory: '/none'",
        ),
    ],
)
def test_what_settings_name_must_be_there_at_the_start(
    env: dict[str, object], message: str, settings: Settings
) -> None:
    for name, value in env.items():
        setattr(settings, name, value)
    with pytest.raises(SystemCheckError) as raised:
        call_command("check")
    assert f"ERRORS:\n?: {message}\n" in str(raised.value)


@pytest.mark.usefixtures("bare")
def test_the_database_may_be_on_one_of_several_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://u:p@db1:5432,db2:6432/x?target_session_attrs=read-write"
    entry = load(monkeypatch, {**SERVER, "DATABASE_URL": url})["DATABASES"]["default"]
    assert (entry["HOST"], entry["PORT"]) == ("db1,db2", "5432,6432")
    assert entry["OPTIONS"]["target_session_attrs"] == "read-write"


@pytest.mark.usefixtures("bare")
def test_what_a_server_may_be_by_intent_or_for_its_developer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lax = {"PUBLIC_URL": "http://ringscore.example", "DEBUG": "1", "EMAIL_URL": "console:"}
    lax |= {"FICTIONAL_NUMBERS": "1"}
    allowed = load(
        monkeypatch, {**SERVER, **lax, "ALLOW_ON_SERVER": "http,debug,fictional,Console"}
    )
    assert allowed["HTTPS"] is False
    here = {"PUBLIC_URL": "http://127.0.0.1:8000", "ALLOW_ON_SERVER": "", "OPERATOR_NAME": ""}
    assert load(monkeypatch, {**SERVER, **lax, **here})["FICTIONAL_NUMBERS"] is True


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("YES", True), ("off", False), ("False", False), ("", False), (" ", False)],
)
@pytest.mark.usefixtures("bare")
def test_flags(value: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, {"FICTIONAL_NUMBERS": value})["FICTIONAL_NUMBERS"] is expected


def _manage(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.usefixtures("bare")
def test_a_server_passes_djangos_deployment_checks() -> None:
    result = _manage("check", "--deploy", "--fail-level", "WARNING", **SERVER)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.usefixtures("bare")
def test_the_command_line_says_what_is_wrong_without_a_traceback() -> None:
    result = _manage("migrate", **{**SERVER, "DATABASE_URL": "sqlite:///x"})
    assert result.returncode == 1
    assert result.stderr.startswith("ImproperlyConfigured: DATABASE_URL has the scheme 'sqlite'")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("bare")
def test_a_database_that_does_not_answer_is_waited_for_with_its_reason() -> None:
    """A wrong password looks the same as a database that comes up later."""
    away = {**SERVER, "DATABASE_URL": "postgresql://127.0.0.1:9/ringscore"}
    waited, failed = _manage("prepare", "--wait=1", **away).stderr.splitlines()
    reason = "The database does not answer: .*port 9 failed: Connection refused.*"
    assert re.fullmatch(rf"{reason} Waiting for 1 seconds at most\.", waited)
    assert re.fullmatch(rf"CommandError: {reason}", failed)


@pytest.mark.slow
def test_help_starts_no_server(bare: Path) -> None:
    assert _manage("help").returncode == 0
    assert not (bare / "postgres").exists()


@pytest.mark.slow
def test_a_command_that_needs_the_database_starts_it(bare: Path) -> None:
    try:
        assert _manage("postgres", "status").stdout == "not running\n"
        shown = _manage("showmigrations", "contenttypes")
        assert (shown.returncode, "[ ] 0001_initial" in shown.stdout) == (0, True), shown.stderr
        assert _manage("postgres", "status").stdout == "running\n"
        told = _manage("postgres", "psql", "--", "-Atc", "SELECT current_user")
        assert (told.stdout, told.stderr) == ("ringscore\n", "")
    finally:
        assert _manage("postgres", "stop").stdout == "stopped\n"
    assert _manage("postgres", "stop").stdout == "was not running\n"


@pytest.mark.slow
@pytest.mark.usefixtures("bare")
def test_a_server_of_your_own_is_not_ours_to_stop() -> None:
    result = _manage("postgres", "stop", **SERVER)
    assert result.returncode == 1
    assert "DATABASE_URL is set" in result.stderr


def test_evidence_among_the_static_files_fails(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="EVIDENCE_DIR lies in the static files"):
        load(monkeypatch, {"EVIDENCE_DIR": str(bare / "static" / "evidence")})


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("short", "METRICS_TOKEN has 5 characters"),
        ("10.1.0.0/33", "METRICS_NETWORKS: '10.1.0.0/33' does not appear"),
        ("10.1.0.1/16", "METRICS_NETWORKS: 10.1.0.1/16 has host bits set. Give addresses"),
        ("everybody", "METRICS_NETWORKS: 'everybody' does not appear"),
    ],
)
def test_who_reads_metrics_must_be_said_rightly(
    bare: Path, monkeypatch: pytest.MonkeyPatch, value: str, complaint: str
) -> None:
    name = complaint.split(" ")[0].rstrip(":")
    with pytest.raises(ImproperlyConfigured, match=complaint):
        load(monkeypatch, {name: value})


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("short", "INTAKE_SMS_SECRET has 5 characters"),
        ("sendmail", "INTAKE_EMAIL_PROVIDER is 'sendmail': choose from mailersend, mailgun"),
        ("00447700900123", "INTAKE_OWN_NUMBERS: write every number as"),
    ],
)
def test_what_gateways_need_must_be_said_rightly(
    bare: Path, monkeypatch: pytest.MonkeyPatch, value: str, complaint: str
) -> None:
    name = complaint.split(" ")[0].rstrip(":")
    with pytest.raises(ImproperlyConfigured, match=complaint):
        load(monkeypatch, {name: value})


def test_who_reads_metrics(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {})
    assert settings["METRICS_TOKEN"] == []
    assert [str(network) for network in settings["METRICS_NETWORKS"]] == ["127.0.0.0/8", "::1/128"]
    # A server's loopback may be its proxy, and so anybody.
    assert load(monkeypatch, SERVER)["METRICS_NETWORKS"] == []
    settings = load(monkeypatch, {"METRICS_NETWORKS": "10.1.0.0/16, 127.0.0.1"})
    assert [str(network) for network in settings["METRICS_NETWORKS"]] == [
        "10.1.0.0/16",
        "127.0.0.1/32",
    ]


def test_a_card_needs_key_and_certificate(bare, monkeypatch):
    with pytest.raises(ImproperlyConfigured, match="belong together"):
        load(monkeypatch, {"REDRESS_KEY_FILE": "key.pem"})


def test_apps_that_may_ask_for_a_key(bare, monkeypatch):
    usual = load(monkeypatch, {})["PAIRING_APPS"]
    more = "A=https://a.example/key?b=1, B=org.example.b://key"
    wanted = {"A": "https://a.example/key?b=1", "B": "org.example.b://key"}
    assert load(monkeypatch, {"PAIRING_APPS": more})["PAIRING_APPS"] == usual | wanted
    for wrong in (
        "A",
        "A=http://a.example",
        "A=javascript://a",
        "A=https://u@a.example",
        "=https://a",
    ):
        with pytest.raises(ImproperlyConfigured, match="PAIRING_APPS"):
            load(monkeypatch, {"PAIRING_APPS": wrong})


def test_sites_whose_scripts_may_use_the_api(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, {})["BROWSER_ORIGINS"] == set()
    named = {"BROWSER_ORIGINS": "https://app.example, http://localhost:5173"}
    wanted = {"https://app.example", "http://localhost:5173"}
    assert load(monkeypatch, named)["BROWSER_ORIGINS"] == wanted
    for wrong in (
        "app.example",
        "https://app.example/",
        "https://App.example",
        "null",
        "https://*",
    ):
        with pytest.raises(ImproperlyConfigured, match="BROWSER_ORIGINS"):
            load(monkeypatch, {"BROWSER_ORIGINS": wrong})


def test_the_countries_to_which_codes_go(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A console costs nothing; a server sends where its reporters are.
    assert load(monkeypatch, {})["CODE_COUNTRIES"] == ("*",)
    assert load(monkeypatch, {"CODE_COUNTRIES": "cn, US,"})["CODE_COUNTRIES"] == ("CN", "US")
    with pytest.raises(ImproperlyConfigured, match="CODE_COUNTRIES: CHINA, XX is no country"):
        load(monkeypatch, {"CODE_COUNTRIES": "China, US, XX"})
    monkeypatch.delenv("CODE_COUNTRIES")
    assert load(monkeypatch, SERVER)["CODE_COUNTRIES"] == ()


def test_the_guide_has_every_setting_with_what_it_does() -> None:
    assert (ROOT / "docs" / "guide" / "settings.md").read_text() == settings_guide.document()
    undescribed = [
        setting.name
        for _, settings in settings_guide.sections()
        for setting in settings
        if not setting.said
    ]
    assert undescribed == []


@pytest.mark.usefixtures("bare")
def test_each_replica_is_a_database_that_only_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://reader:x@db2:5433,db3/ringscore?sslmode=require"
    settings = load(monkeypatch, {**SERVER, "DATABASE_REPLICA_URL": url})
    assert settings["REPLICAS"] == ["replica1", "replica2"]
    found = [settings["DATABASES"][alias] for alias in settings["REPLICAS"]]
    assert [(each["HOST"], each["PORT"]) for each in found] == [("db2", "5433"), ("db3", "")]
    for each in found:
        assert "default_transaction_read_only=on" in each["OPTIONS"]["options"]
        assert each["OPTIONS"]["sslmode"] == "require"
    with pytest.raises(ImproperlyConfigured, match="DATABASE_REPLICA_URL names no database"):
        load(monkeypatch, {**SERVER, "DATABASE_REPLICA_URL": "postgresql://db2:5433"})
