"""Who works in the panel, in the roles that the migrations install; and what its pages say."""

import html
import re

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


def staff(role: str, name: str = "") -> User:
    user = User.objects.create_user(name or role.split()[0], is_staff=bool(role))
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def as_role(role: str) -> Client:
    """Somebody of that role, signed in; "": somebody who does not work here."""
    return signed_in(staff(role, "" if role else "nobody"))


def text(response) -> str:
    """What a page says, as a reader sees it: without tags, one space between words."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
