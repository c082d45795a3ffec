"""Missing, weak and contradictory settings fail at the start, and the message names them."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from tests.given.configured import SECRET, SERVER, load


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
def test_a_public_service_without_a_database_of_its_own_lacks_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ImproperlyConfigured) as raised:
        load(monkeypatch, {"PUBLIC_URL": "https://ringscore.example"})
    names = ("TRUSTED_PROXY_COUNT", "OPERATOR_NAME", "OPERATOR_CONTACT", "EMAIL_URL", "EMAIL_FROM")
    assert [line.partition(" is not set")[0] for line in str(raised.value).split("\n")] == [*names]
    with pytest.raises(ImproperlyConfigured, match="ALLOW_ON_SERVER=debug"):
        load(monkeypatch, {"DEBUG": "1"})


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
        ({"PUBLIC_URL": "https://ringscore.example:80000"}, "example:80000': give scheme and host"),
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
        ({"CACHE_URL": "redis://cache:6379/one"}, "with the number of a database"),
        ({"CACHE_URL": "redis://cache:6379/0?sll=1"}, "and options that redis-py knows"),
        ({"CACHE_URL": "redis://:a/b@cache:6379/0"}, "In a password, write / as %2F"),
        ({"EMAIL_URL": "file:mails"}, "EMAIL_URL is not valid. Use smtp://"),
        ({"CODE_SENDER": "https://[gateway.example"}, "CODE_SENDER is not valid. Use https://"),
        ({"CODE_SENDER": "https://gateway.example:port/x"}, "CODE_SENDER is not valid"),
        ({"CODE_SENDER_TOKEN": "“secret”"}, "CODE_SENDER_TOKEN has a sign that no header of HTTP"),
        ({"DEBUG": "flase"}, "DEBUG is 'flase': set 1 or 0"),
        ({"EMAIL_URL": ""}, "EMAIL_URL is not set"),
        ({"EMAIL_FROM": ""}, "EMAIL_FROM is not set"),
        ({"EMAIL_FROM": "Ringscore"}, "EMAIL_FROM is 'Ringscore': give an address for mail"),
        ({"INTAKE_ADDRESS": "reports"}, "INTAKE_ADDRESS is 'reports': give an address for mail"),
        ({"INTAKE_ADDRESSES": "a@b.example,c"}, "INTAKE_ADDRESSES is 'c': give an address"),
        ({"INTAKE_REGION": "UK"}, "INTAKE_REGION is 'UK': give one country as ISO 3166 does, such"),
        ({"INTAKE_REGION": "GB, US"}, "INTAKE_REGION is 'GB, US': give one country"),
        ({"INTAKE_OWN_NUMBERS": "+44 7700"}, "INTAKE_OWN_NUMBERS: write every number as"),
        ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN has 5 characters"),
        ({"METRICS_TOKEN": "a" * 50}, "METRICS_TOKEN has 50 characters, 1 different ones"),
        ({"METRICS_NETWORKS": "10.1.0.0/33"}, "METRICS_NETWORKS: '10.1.0.0/33' does not appear"),
        ({"METRICS_NETWORKS": "10.1.0.1/16"}, "10.1.0.1/16 has host bits set. Give addresses"),
        ({"METRICS_NETWORKS": "everybody"}, "METRICS_NETWORKS: 'everybody' does not appear"),
        ({"INTAKE_SMS_SECRET": "short"}, "INTAKE_SMS_SECRET has 5 characters"),
        ({"INTAKE_SMS_SECRET": "ab" * 25}, "INTAKE_SMS_SECRET has 50 characters, 2 different ones"),
        ({"INTAKE_EMAIL_PROVIDER": "sendmail"}, "'sendmail': choose from mailersend, mailgun"),
        ({"INTAKE_OWN_NUMBERS": "00447700900123"}, "INTAKE_OWN_NUMBERS: write every number as"),
        (
            {"REDRESS_KEY_FILE": "/key.pem"},
            "CERTIFICATE_FILE belong together: set both, or",
        ),
        ({"DATABASE_REPLICA_URL": "postgresql://db2:5433"}, "_REPLICA_URL names no database"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "127.0.0.1:4318"}, "give its address with the scheme"),
        ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "the scheme 'sqlite', but Ringscore runs on"),
        ({"DATABASE_URL": "db.internal"}, "the scheme '(none)'"),
        ({"DATABASE_URL": "postgresql://db.internal"}, "DATABASE_URL names no database"),
        ({"DATABASE_URL": "postgresql://db:port/name"}, "DATABASE_URL: a port is a number"),
        ({"DATABASE_URL": "postgresql://u:a/b@db/name"}, "In user and password, write / as %2F"),
        ({"DATABASE_URL": "postgresql://db1,db2/x?port=1,2,3"}, "has 2 hosts and 3 ports: give"),
        ({"DATABASE_REPLICA_URL": "postgresql://a,b/x?port=1,2,3"}, "_REPLICA_URL has 2 hosts and"),
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
@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hunter2@db/x",
        "postgresql://u:hunter2 x@db/x",
        "postgresql://u:a@hunter2@db/x",  # its host is hunter2@db
    ],
)
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


def test_evidence_among_the_static_files_fails(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="EVIDENCE_DIR lies in the static files"):
        load(monkeypatch, {"EVIDENCE_DIR": str(bare / "static" / "evidence")})


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    "name",
    [
        *("DATA_DIR", "KEYS_DIR", "EVIDENCE_DIR", "FEEDS_DIR", "SHARDS_DIR"),
        *("REDRESS_KEY_FILE", "REDRESS_CERTIFICATE_FILE"),
    ],
)
def test_a_path_leads_to_the_same_place_for_each_command(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"^{name} is '~/data': give a whole path"):
        load(monkeypatch, {**SERVER, name: "~/data"})


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
