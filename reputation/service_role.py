"""The database role that the service runs as, when it is not to own its tables.

Triggers refuse whoever changes what is append-only, but an owner may drop triggers. A role that
owns nothing and was granted this much cannot: it reads and writes rows, and of what is append-only
it only adds. Migrations run as the owner. docs/guide/database-roles.md.
"""

import re

from django.apps import apps
from django.db import connection, transaction

# Rows are added here and never changed: an audit log is no better than who may edit it.
APPEND_ONLY = ("reputation_auditdigest", "reputation_auditentry", "reputation_evidenceentry")
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class UnusableRole(ValueError):
    """The role cannot be the service's. The message names the remedy."""


@transaction.atomic
def grant(role: str) -> list[str]:
    """Grants `role` what the service needs of every table that is there, and takes away all else.

    Returns the tables. Run it as their owner, after each `migrate`. Raises UnusableRole.
    """
    if _NAME.fullmatch(role) is None:
        raise UnusableRole(
            "Name a role in small letters, digits and _, one that CREATE ROLE has made."
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, pg_has_role(rolname, current_user, 'member') FROM pg_roles "
            "WHERE rolname = %s",
            [role],
        )
        found = cursor.fetchone()
        if found is None:
            raise UnusableRole(
                f'There is no role {role}. As an administrator of the server: CREATE ROLE "{role}" '
                "LOGIN PASSWORD '…'"
            )
        if any(found):
            raise UnusableRole(
                f"{role} is a superuser, or has the rights of the tables' owner: it could drop the "
                "triggers. Make one that is neither."
            )
        cursor.execute("SELECT current_schema()")
        schema = cursor.fetchone()[0]
        tables = _tables()
        quoted = ", ".join(connection.ops.quote_name(table) for table in tables)
        added = ", ".join(connection.ops.quote_name(table) for table in APPEND_ONLY)
        for statement in (
            f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}",
            f"GRANT USAGE ON SCHEMA {schema} TO {role}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {quoted} TO {role}",
            f"REVOKE UPDATE, DELETE ON {added} FROM {role}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
            f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}",
            f"GRANT SELECT ON django_migrations TO {role}",  # /readyz asks for them
        ):
            cursor.execute(statement)
    return tables


def owns_its_tables() -> bool:
    """Whether the service runs as a role that may drop the triggers: owner, member, superuser."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(pg_has_role(current_user, tableowner, 'usage')) FROM pg_tables "
            "WHERE schemaname = current_schema() AND tablename = ANY(%s)",
            [list(APPEND_ONLY)],
        )
        return bool(cursor.fetchone()[0])


def _tables() -> list[str]:
    """Every table of every app, also those between two models."""
    there = set(connection.introspection.table_names())
    named = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }
    procrastinate = {table for table in there if table.startswith("procrastinate_")}
    return sorted((named & there) | procrastinate)
