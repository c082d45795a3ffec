"""The permissions in the panel: four roles, as Django groups.

ROLES is the source. Migrations install it (`install`), a test compares the groups with it, and
docs/guide/panel-roles.md shows it. A migration that adds a table runs `install` again.
"""

from collections.abc import Iterable
from typing import Any

MODERATOR = "moderator"
SENIOR = "senior moderator"
AUDITOR = "auditor"
ADMINISTRATOR = "administrator"

# Stands for view_… of every table of the domain.
READ_ALL = "reputation.view_*"

# A moderator changes a row in the panel only by a decision: through a verb of the domain, on
# record.
_DECIDES = (
    "reputation.change_number",
    "reputation.change_report",
    "reputation.change_reporter",
    "reputation.change_dispute",
    "reputation.change_queueitem",  # claims and releases work
    "reputation.unmask_report",  # reads personal data in reports, on record
    "reputation.add_note",
    "reputation.hold_number",  # keeps a number from being blocked, for a day
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
        "reputation.pin_number",
        "reputation.mark_official_number",  # the verified directory
        "reputation.vouch_for_reporter",  # gives a voice its weight without a record
        "reputation.add_decisionbatch",  # decides on many rows at once, or on a cluster
        "reputation.senior_queueitem",  # gets escalated items, and assigns those of others
        "reputation.change_campaign",  # one decision on all its numbers, also later ones
        "reputation.settle_secondreview",  # decides who was right when two judged differently
        "reputation.see_quality",  # agreement and overturn rates of all moderators
        "reputation.change_keygrant",  # organisations' keys, and whose attestation counts
    ),
    AUDITOR: (
        READ_ALL,
        "auth.view_user",
        "reputation.see_quality",
        "reputation.export_auditentry",  # the record as a signed file; the export is recorded
    ),
    # Manages the accounts and decides nothing, except that it may hold a number when no moderator
    # is present. A person who does both visibly holds both roles.
    ADMINISTRATOR: (
        READ_ALL,
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",
        "reputation.see_quality",
        "reputation.hold_number",
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
