"""Checks of what only this layer knows: keys, backups, what Django says of the settings."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import known_keys
from config.backups import last_backup
from reputation.health import Check, Finding, Level
from reputation.models import KeyMark

WELL: Final = Finding()
# Made daily, a backup may be late once; verified, it shows that it can be restored.
BACKUP_AGE: Final = timedelta(days=2)
VERIFIED_AGE: Final = timedelta(days=32)


def keys(_now: datetime) -> Finding:
    missing = known_keys.missing(set(KeyMark.objects.values_list("purpose", "mark")))
    if not missing:
        return WELL
    return Finding(
        Level.BROKEN,
        "other",
        _("The keys are not those with which the database was written."),
        _("Web processes and worker do not start."),
        " ".join(missing),
    )


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
            _("If the disk fails now, what was reported since then is lost."),
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
    said = [
        message
        for message in run_checks(include_deployment_checks=settings.IS_PUBLIC)
        if message.level >= WARNING and not message.is_silenced()
    ]
    if not said:
        return WELL
    return Finding(
        Level.ADVICE,
        "warned",
        " ".join(str(message.msg) for message in said),
        _("Django finds something in the settings that it would not serve with."),
        _("See `check --deploy`, and correct the settings that it names."),
    )


CHECKS: Final = (
    Check("keys", gettext_lazy("Keys"), keys, stored=True),
    Check("backup", gettext_lazy("Backup"), backup),
    Check("deployment", gettext_lazy("Django's checks"), deployment, costly=True),
)
