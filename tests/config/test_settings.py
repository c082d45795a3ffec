"""What the settings come to, from the environment."""

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from config import database, keys
from tests.given import settings_guide
from tests.given.configured import ROOT, SERVER, load
from tests.given.full_disk import no_file_larger_than


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


def test_a_key_for_which_there_is_no_room_leaves_nothing(tmp_path: Path) -> None:
    """A unit starts again each second: its drafts would fill the folder."""
    with no_file_larger_than(0), pytest.raises(OSError, match="too large"):
        keys.kept(tmp_path / "secret_key")
    assert list(tmp_path.iterdir()) == []


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
    ("url", "expected"),
    [
        ("https://ringscore.example", (True, True, "off:", [])),
        ("http://192.168.1.20:8000", (False, False, "console:", ["127.0.0.0/8", "::1/128"])),
    ],
)
@pytest.mark.usefixtures("bare")
def test_a_service_for_strangers_is_guarded_whatever_its_database(
    url: str, expected: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(monkeypatch, {**SERVER, "DATABASE_URL": "", "PUBLIC_URL": url})
    assert (
        settings["MODERATOR_MFA_REQUIRED"],
        settings["SECOND_MODERATOR_REQUIRED"],
        settings["CODE_SENDER"],
        list(map(str, settings["METRICS_NETWORKS"])),
    ) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("YES", True), ("off", False), ("False", False), ("", False), (" ", False)],
)
@pytest.mark.usefixtures("bare")
def test_words_for_yes_and_no_are_read(
    value: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load(monkeypatch, {"FICTIONAL_NUMBERS": value})["FICTIONAL_NUMBERS"] is expected


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
def test_the_public_address_is_in_small_letters_as_browsers_write_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = load(monkeypatch, {**SERVER, "PUBLIC_URL": "HTTPS://Ringscore.Example"})
    assert settings["PUBLIC_URL"] == "https://ringscore.example"
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://ringscore.example"]
    assert settings["HTTPS"]


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
