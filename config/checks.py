"""Checks that only this layer can make: keys, backups, Django's own checks of the settings."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from config import known_keys
from config.backups import last_backup
from config.keys import KEYS
from reputation.health import WELL, Check, Finding, Level, job_runs
from reputation.models import KeyMark

# Different groups of three characters in a key, which has fifty characters or more.
LEAST_DIFFERENT: Final = 40
# The longest job takes less time than this.
LATE: Final = timedelta(hours=1)
# A daily backup may be late once. A verified backup is known to be restorable.
BACKUP_AGE: Final = timedelta(days=2)
VERIFIED_AGE: Final = timedelta(days=32)


def keys(_now: datetime) -> Finding:
    missing = known_keys.missing(set(KeyMark.objects.values_list("purpose", "mark")))
    if not missing:
        return WELL
    return Finding(
        Level.BROKEN,
        "other",
        _("The database was written with other keys."),
        _("Web processes and worker do not start."),
        " ".join(missing),
    )


def jobs(now: datetime) -> Finding:
    """Whether each job that was due an hour ago or earlier has ended well since."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(at) FROM procrastinate_events")
        [began] = cursor.fetchone()
    # Without a worker in this process, the jobs are not imported yet.
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    runs, late = job_runs(), []
    for periodic in app.periodic_registry.periodic_tasks.values():
        due = periodic.croniter.get_prev(datetime, start_time=now - LATE)
        last = runs.get(periodic.task.name)
        if began is not None and began < due and (last is None or last < due):
            late.append(periodic.task.name)
    if not late:
        return WELL
    return Finding(
        Level.DEGRADED,
        "late",
        _("These jobs have not ended well since they were due: %(jobs)s.")
        % {"jobs": ", ".join(sorted(late))},
        _("Their work is not done: see the table of jobs in docs/guide/worker.md."),
        _("See whether a worker runs, and what its log says of these jobs."),
    )


def key_strength(_now: datetime) -> Finding:
    if readable := [path for path in _kept() if path.stat().st_mode & 0o077]:
        return Finding(
            Level.ADVICE,
            "readable",
            _("Other accounts of this machine can read %(files)s.")
            % {"files": ", ".join(map(str, readable))},
            _("Whoever has these keys can sign in as anybody, and open what is sealed."),
            _(
                "Run chmod 600 on them. If strangers use this machine, replace them: "
                "docs/guide/keys.md"
            ),
        )
    if weak := [name for name in KEYS if any(map(_repeats, _values(name)))]:
        return Finding(
            Level.ADVICE,
            "weak",
            _("%(names)s repeat themselves.") % {"names": ", ".join(weak)},
            _("They are long, but not random: somebody may guess them."),
            _("Replace them one after the other: docs/guide/keys.md"),
        )
    return WELL


def backup(now: datetime) -> Finding:
    if not settings.IS_SERVER:
        return WELL
    known = last_backup()
    made, verified = known.get("made_at"), known.get("verified_at")
    if made is None or now - made > BACKUP_AGE:
        return Finding(
            Level.ADVICE,
            "old" if made else "none",
            _("The last backup of this machine is of %(at)s UTC.") % {"at": f"{made:%F %H:%M}"}
            if made
            else _("No backup was made on this machine."),
            _("If the disk fails now, all reports since the last backup are lost."),
            _("Run `backup FILE` each day, unless another machine does: docs/guide/backup.md"),
        )
    if verified is None or now - verified > VERIFIED_AGE:
        return Finding(
            Level.ADVICE,
            "unverified",
            _("No backup was verified within a month."),
            _("Nobody knows whether they can be restored."),
            _("Run `backup --verify FILE`."),
        )
    return WELL


def deployment(_now: datetime) -> Finding:
    found = [
        message
        for message in run_checks(include_deployment_checks=settings.IS_PUBLIC)
        if message.level >= WARNING and not message.is_silenced()
    ]
    if not found:
        return WELL
    return Finding(
        Level.ADVICE,
        "warned",
        " ".join(str(message.msg) for message in found),
        _("Django advises against serving with these settings."),
        _("See `check --deploy`, and correct the settings that it names."),
    )


def _kept() -> list[Path]:
    """The files that contain secrets, if there are any."""
    paths = [Path(settings.KEYS_DIR, name.lower()) for name in KEYS] if settings.KEYS_DIR else []
    return [path for path in paths if path.exists()]


def _values(name: str) -> list[str]:
    value = getattr(settings, name)
    return [value] if isinstance(value, str) else value


def _repeats(key: str) -> bool:
    """Whether a key repeats itself: in random text nearly all groups of three letters differ."""
    return len({key[at : at + 3] for at in range(len(key) - 2)}) < LEAST_DIFFERENT


CHECKS: Final = (
    Check("keys", gettext_lazy("Keys"), keys, stored=True),
    Check("key strength", gettext_lazy("Strength of the keys"), key_strength),
    Check("jobs", gettext_lazy("Jobs on time"), jobs, stored=True),
    Check("backup", gettext_lazy("Backup"), backup),
    Check("deployment", gettext_lazy("Django's checks"), deployment, costly=True),
)
