"""Transactions that take turns, where there is no row that they could lock."""

from django.db import connection


def take_turn(name: str) -> None:
    """Waits for the transaction that has taken this turn. The others wait until this one ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
