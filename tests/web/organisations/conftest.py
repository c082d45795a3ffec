from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from reputation.models import KeyGrant
from tests.given.organisations import TERMS, asked, decided
from tests.given.staff import member, signed_in
from tests.given.visitors import Visitor


@pytest.fixture
def anna(known: Callable[..., Visitor]) -> Visitor:
    visitor = known()
    User.objects.filter(email="anna@example.org").update(last_login=timezone.now())
    return visitor


@pytest.fixture
def senior(db: None) -> Client:
    return signed_in(member("senior"))


@pytest.fixture
def granted(anna: Visitor, senior: Client) -> KeyGrant:
    grant = asked(anna)
    decided(senior, grant, "grant_key", **TERMS)
    return grant
