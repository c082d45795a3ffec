"""The permissions in the panel: four roles, as Django groups.

ROLES is the source. Migrations install it (`install`), a test compares the groups with it, and
docs/guide/panel-roles.md shows it. A migration that adds a table runs `install` again.
"""

from collections.abc import Iterable
from typing import Any

from reputation.moderation import permissions

MODERATOR = "moderator"
SENIOR = "senior moderator"
AUDITOR = "auditor"
ADMINISTRATOR = "administrator"

# Stands for view_… of every table of the domain.
READ_ALL = "reputation.view_*"

# A moderator changes a row in the panel only by a decision: through a verb of the domain, on
# record.
_DECIDES = (
    permissions.CHANGE_NUMBER,
    permissions.CHANGE_REPORT,
    permissions.CHANGE_REPORTER,
    permissions.CHANGE_DISPUTE,
    permissions.WORK_QUEUE,
    permissions.UNMASK_REPORT,
    permissions.ADD_NOTE,
    permissions.HOLD_NUMBER,
    *(f"reputation.{verb}_savedfilter" for verb in ("add", "change", "delete")),  # one's own
)
# Facts for complaints: authorities and laws change, and a moderator who notices corrects them.
_KEEPS_FACTS = tuple(
    f"reputation.{verb}_{model}"
    for model in ("authority", "channel", "statute", "provision", "provisionact", "template")
    for verb in ("add", "change")
)

ROLES: dict[str, tuple[str, ...]] = {
    MODERATOR: (READ_ALL, *_DECIDES, *_KEEPS_FACTS),
    SENIOR: (
        READ_ALL,
        *_DECIDES,
        *_KEEPS_FACTS,
        permissions.PIN_NUMBER,
        permissions.MARK_OFFICIAL,
        permissions.VOUCH_FOR_REPORTER,
        permissions.DECIDE_ON_MANY,
        permissions.SENIOR_QUEUE,
        permissions.CHANGE_CAMPAIGN,
        permissions.SETTLE_REVIEW,
        permissions.SEE_QUALITY,
        permissions.CHANGE_KEY_GRANT,
    ),
    AUDITOR: (
        READ_ALL,
        "auth.view_user",
        permissions.SEE_QUALITY,
        permissions.EXPORT_RECORD,
    ),
    # Manages the accounts and decides nothing, except that it may hold a number when no moderator
    # is present. A person who does both visibly holds both roles.
    ADMINISTRATOR: (
        READ_ALL,
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",
        permissions.SEE_QUALITY,
        permissions.HOLD_NUMBER,
    ),
}


def install(apps: Any, schema_editor: Any = None) -> None:
    """Gives the groups the permissions of ROLES, and no others.

    Skips tables that do not exist yet: the migration that creates them runs this function again.
    """
    group_model = apps.get_model("auth", "Group")
    for role, names in ROLES.items():
        group, _ = group_model.objects.get_or_create(name=role)
        group.permissions.set(_permissions(apps, names))


def _permissions(apps: Any, names: Iterable[str]) -> list[Any]:
    permission_model = apps.get_model("auth", "Permission")
    type_model = apps.get_model("contenttypes", "ContentType")
    found = []
    for model, codename, label in _offered(apps):
        name = f"{model._meta.app_label}.{codename}"
        if name in names or (
            READ_ALL in names and codename.startswith("view_") and name.startswith("reputation.")
        ):
            kind, _ = type_model.objects.get_or_create(
                app_label=model._meta.app_label, model=model._meta.model_name
            )
            # Django creates permissions only after all migrations, and then finds these.
            permission, _ = permission_model.objects.get_or_create(
                content_type=kind, codename=codename, defaults={"name": label}
            )
            found.append(permission)
    return found


def _offered(apps: Any) -> Iterable[tuple[Any, str, str]]:
    for model in apps.get_models():
        meta = model._meta
        if meta.app_label in ("reputation", "auth") and not meta.auto_created:
            for verb in meta.default_permissions:
                yield model, f"{verb}_{meta.model_name}", f"Can {verb} {meta.verbose_name_raw}"
            for codename, label in meta.permissions:
                yield model, codename, label
