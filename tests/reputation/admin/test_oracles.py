"""A list answers no question about what its page masks: neither by a filter nor by its order."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import (
    DisallowedModelAdminLookup,
    DisallowedModelAdminToField,
)
from django.contrib.admin.options import IncorrectLookupParameters, ModelAdmin
from django.contrib.auth.models import User
from django.db.models import Field, Model
from django.test import RequestFactory

from tests.given.panel_access import TABLES
from tests.given.reporters import BAKERY, SCAMMER, newcomer, say
from tests.given.staff import member, signed_in

pytestmark = pytest.mark.django_db

REPORTS = "/admin/reputation/report/"
ROLES = ("moderator", "senior", "auditor", "administrator", "staff", "boss")
# Saved filters have none; of second reviews only figures are shown.
NO_LISTS = {"reputation/savedfilter/", "reputation/secondreview/"}
COMPARISONS = (
    *("", "__exact", "__iexact", "__contains", "__icontains", "__startswith", "__endswith"),
    *("__regex", "__iregex", "__gt", "__lte", "__range", "__in", "__isnull", "__year"),
    *("__date", "__length", "__0", "__key", "__trigram_similar"),
)


def lists() -> dict[str, ModelAdmin]:
    return {
        f"{model._meta.app_label}/{model._meta.model_name}/": kind
        for model, kind in admin.site._registry.items()
    }


def columns(model: type[Model], *, across: int) -> Iterator[str]:
    """Every column of a table, and of the tables that relations lead to, both ways."""
    for field in model._meta.get_fields():
        name = field.name if isinstance(field, Field) else field.get_accessor_name() or field.name
        yield from {name, field.name, getattr(field, "attname", field.name)}
        if across and field.is_relation and field.related_model is not None:
            beyond = columns(field.related_model, across=across - 1)
            yield from (f"{field.name}__{each}" for each in beyond)


def asked(kind: ModelAdmin, user: User, query: dict[str, str]):
    request = RequestFactory().get("/", query)
    request.user = user
    return kind.get_changelist_instance(request)


def answers(kind: ModelAdmin, user: User, query: dict[str, str]) -> bool:
    try:
        asked(kind, user, query)
    except (DisallowedModelAdminLookup, DisallowedModelAdminToField):
        return False
    except IncorrectLookupParameters:
        return True  # it tried
    return True


def filters(kind: ModelAdmin) -> set[str]:
    return {
        name
        for each in kind.list_filter
        for name in getattr(each, "parameter_names", None) or (each.parameter_name,)
    }


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(TABLES))
def test_a_list_answers_by_its_own_filters_alone(path: str):
    kind, boss = lists()[path], member("boss")
    asked_for = {
        f"{column}{comparison}"
        for column in columns(kind.model, across=1)
        for comparison in COMPARISONS
    }
    wrong = {each for each in asked_for - filters(kind) if answers(kind, boss, {each: "1"})}
    assert wrong == set()
    assert all(answers(kind, boss, {each: "1"}) for each in filters(kind))


def test_every_list_is_tried():
    for path, kind in lists().items():
        assert type(kind).lookup_allowed is not ModelAdmin.lookup_allowed, path
        assert path in TABLES or path in NO_LISTS


@pytest.mark.parametrize("role", ROLES)
def test_no_role_reads_masked_words_by_asking(role: str):
    """As an auditor recovered a number from a comment, and a password hash from an account."""
    say(newcomer("one"), comment="call me back on 13812345678")
    client = signed_in(member(role))
    for question in (
        "comment__contains=back on 138",
        "comment__regex=^call",
        "network__startswith=1",
        "callback_number=",
        "number__reports__gt=0",
        "reporter__handle__startswith=a",
        "_to_field=comment&_popup=1",
        "_to_field=network",
    ):
        assert client.get(f"{REPORTS}?{question}").status_code in (400, 403), question
    for question in ("password__startswith=argon", "email__contains=a", "is_active__exact=1"):
        assert client.get(f"/admin/auth/user/?{question}").status_code in (400, 403), question
    wrong = client.get("/admin/reputation/dispute/?statement__contains=a").status_code
    assert wrong in (400, 403)


@pytest.mark.parametrize("path", sorted(TABLES))
def test_a_list_is_sorted_by_no_column_but_those_that_its_headings_offer(path: str):
    kind, boss = lists()[path], member("boss")
    allowed = ordering(asked(kind, boss, {}))
    for name in kind.sorts:
        allowed.add(str(getattr(getattr(kind, name, None), "admin_order_field", None) or name))
    for place in range(len(kind.list_display) + 2):
        for sign in ("", "-"):
            assert ordering(asked(kind, boss, {"o": f"{sign}{place}"})) <= allowed


def ordering(shown: Any) -> set[str]:
    return {str(each).lstrip("-") for each in shown.queryset.query.order_by}


def test_filters_and_search_go_on_working():
    say(newcomer("one"), "robocall")
    say(newcomer("two"), "legitimate", BAKERY)
    client = signed_in(member("auditor"))
    for query, shown in (
        ({"category": "robocall", "status": "live"}, 1),
        ({"q": SCAMMER.key}, 1),
        ({}, 2),
    ):
        assert len(client.get(REPORTS, query).context["cl"].result_list) == shown
    people = signed_in(member("administrator")).get("/admin/auth/user/", {"is_active": "True"})
    assert {user.username for user in people.context["cl"].result_list} == {
        "auditor",
        "administrator",
    }
