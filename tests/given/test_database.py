"""Each test process gets a migrated database of its own, and what dead ones left is dropped."""

import secrets
from typing import Any

import psycopg
import pytest
from django.db import connection

from reputation.moderation.roles import ROLES
from tests.given.database import COPY, DRAFT, TEMPLATE, migrated_database

pytestmark = pytest.mark.django_db


@pytest.fixture
def params() -> dict[str, Any]:
    return connection.get_connection_params()


def exists(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


@pytest.mark.slow
def test_a_copy_holds_what_migrations_put_in_and_nothing_of_other_copies(
    params: dict[str, Any],
) -> None:
    with migrated_database() as one, migrated_database() as other:
        with psycopg.connect(**params | {"dbname": one}) as first:
            assert {name for (name,) in first.execute("SELECT name FROM auth_group")} == set(ROLES)
            first.execute("DELETE FROM auth_group_permissions")
        with psycopg.connect(**params | {"dbname": other}) as second:
            counted = second.execute("SELECT count(*) FROM auth_group_permissions").fetchone()
            assert counted is not None
            assert counted[0] > len(ROLES)
    assert not exists(one)
    assert not exists(other)


@pytest.mark.slow
@pytest.mark.parametrize("prefix", [COPY, DRAFT, TEMPLATE])
def test_what_a_dead_process_left_is_dropped_and_what_a_living_one_uses_is_not(
    params: dict[str, Any], prefix: str
) -> None:
    left = f"{prefix}{secrets.token_hex(6)}"
    with psycopg.connect(**params, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{left}" TEMPLATE template0')
    with migrated_database() as living, migrated_database():
        assert not exists(left)
        assert exists(living)
        assert exists(str(connection.settings_dict["NAME"]))


def test_nobody_can_change_the_template(params: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATE])
        ((template,),) = cursor.fetchall()
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        psycopg.connect(**params | {"dbname": template})
