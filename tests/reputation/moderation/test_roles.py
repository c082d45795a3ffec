"""The groups in the database are the table in moderation.roles, and the guide shows it."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db.models import F, Value
from django.db.models.functions import Concat

from reputation.moderation.roles import READ_ALL, ROLES
from tests.given.panel_roles_guide import document

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "panel-roles.md"


@pytest.mark.django_db
def test_the_groups_have_exactly_what_the_table_says():
    from django.contrib.auth.models import Permission

    named = Permission.objects.annotate(
        full=Concat(F("content_type__app_label"), Value("."), F("codename"))
    )
    every = set(named.values_list("full", flat=True))
    read_all = {name for name in every if name.startswith("reputation.view_")}
    for role, names in ROLES.items():
        held = set(named.filter(group__name=role).values_list("full", flat=True))
        wanted = set(names) - {READ_ALL} | (read_all if READ_ALL in names else set())
        assert wanted <= every, f"{role}: no such permission: {wanted - every}"
        assert held == wanted, (
            f"{role} differs from moderation.roles: a migration after the last one that touches "
            "models must run `migrations.RunPython(roles.install, migrations.RunPython.noop)`"
        )
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)


def test_the_guide_is_this_table():
    assert GUIDE.read_text() == document(), (
        "Run: python -m tests.given.panel_roles_guide > docs/guide/panel-roles.md"
    )
