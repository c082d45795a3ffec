"""Facts by which a database and its backup are compared."""

from dataclasses import MISSING, asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Max

from config.backups.archive import BackupBroken
from config.version import VERSION
from reputation.models import AuditDigest, FeedChange, KeyMark

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a database, and is kept in its backup.

    rows: how many, by table.
    cursor: the last one of the change log.
    audit: the last digest of the audit chain.
    keys: (purpose, mark) of the keys that wrote the database, as in KeyMark.
    files: whether the backup has evidence.
    beyond: applied migrations that the release which made the backup did not know, since a later
        release had run before.
    """

    format: int
    version: str
    made_at: str
    migrations: list[str]
    keys: list[list[str]]
    rows: dict[str, int]
    cursor: int
    audit: str
    files: bool
    beyond: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def differences(self, other: "Facts") -> list[str]:
        """The differences of the data, a sentence each."""
        found = [
            f"{table}: {self.rows.get(table)} rows became {other.rows.get(table)}."
            for table in sorted(self.rows.keys() | other.rows.keys())
            if self.rows.get(table) != other.rows.get(table)
        ]
        others = ("cursor", "audit", "migrations", "keys")
        return found + [
            f"{name} differs." for name in others if getattr(self, name) != getattr(other, name)
        ]


def gather(*, files: bool, now: datetime) -> Facts:
    """The facts of the database in this transaction."""
    with connection.cursor() as cursor:
        rows = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            rows[table] = cursor.fetchone()[0]
    last = AuditDigest.objects.order_by("-position").first()
    migrations = applied()
    return Facts(
        format=FORMAT,
        version=VERSION,
        made_at=now.isoformat(),
        migrations=migrations,
        keys=[list(pair) for pair in KeyMark.objects.order_by("pk").values_list("purpose", "mark")],
        rows=rows,
        cursor=FeedChange.objects.aggregate(last=Max("cursor"))["last"] or 0,
        audit=last.digest if last else "",
        files=files,
        beyond=unknown(migrations),
    )


def read(content: Any) -> Facts:
    """Raises BackupBroken if the content is no facts, or in a form that this release cannot
    read."""
    names = {each.name for each in fields(Facts)}
    needed = {each.name for each in fields(Facts) if each.default_factory is MISSING}
    if not isinstance(content, dict) or not needed <= content.keys():
        raise BackupBroken("It is no backup of Ringscore.")
    if content["format"] != FORMAT:
        raise BackupBroken(
            f"It has the form {content['format']}, and this release reads {FORMAT}. Install "
            f"Ringscore {content['version']}, which wrote it."
        )
    return Facts(**{name: content[name] for name in names & content.keys()})


def applied() -> list[str]:
    """The migrations applied to the database, as app.name."""
    loader = MigrationLoader(connection)
    return sorted(f"{app}.{name}" for app, name in loader.applied_migrations)


def unknown(migrations: list[str]) -> list[str]:
    """Those of the migrations that this release does not know."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    squashed = {key for each in loader.disk_migrations.values() for key in each.replaces}
    known = {f"{app}.{name}" for app, name in loader.disk_migrations.keys() | squashed}
    return [name for name in migrations if name not in known]
