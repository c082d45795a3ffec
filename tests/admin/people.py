"""Who works in the panel in these tests."""

from django.contrib.auth.models import Group, User
from django.test import Client

from reputation.moderation.roles import ADMINISTRATOR, AUDITOR, MODERATOR, SENIOR

SHORT = {
    "moderator": MODERATOR,
    "senior": SENIOR,
    "auditor": AUDITOR,
    "administrator": ADMINISTRATOR,
}


def member(name: str) -> User:
    """An account by that name: a role's short name, `boss` (superuser), or `staff` (no role)."""
    if name == "boss":
        return User.objects.create_superuser(name)
    user = User.objects.create_user(name, is_staff=name != "person")
    if name in SHORT:
        user.groups.set([Group.objects.get(name=SHORT[name])])
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
