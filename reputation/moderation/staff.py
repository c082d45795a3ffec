"""Staff of the panel: their accounts and roles. Each change needs a reason and is on record."""

import secrets
from collections.abc import Collection
from typing import Any, Unpack

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reputation.languages import sentences
from reputation.models import AuditEntry
from reputation.moderation.meanwhile import by_whom
from reputation.moderation.recording import (
    By,
    DecisionError,
    ParticularWrong,
    record,
    require_reason,
)
from reputation.moderation.roles import ROLES


class ChangedMeanwhile(DecisionError):
    """Another administrator changed the account after the actor opened its page."""

    def __init__(self, entry: AuditEntry) -> None:
        sentence = _(
            "Changed since you opened this page, by %(who)s at %(when)s: %(roles)s (%(reason)s)."
        )
        told = {"roles": ", ".join(entry.after["roles"]) or "–", **by_whom(entry)}
        remedy = _("Nothing is saved yet: what you wrote is below. Save again to keep it.")
        super().__init__(sentences(sentence % told, remedy))


def member(username: str) -> User | None:
    """The staff member with this user name, if the account is open."""
    return User.objects.filter(username=username, is_staff=True, is_active=True).first()


def changes(user: User) -> QuerySet[AuditEntry]:
    """The changes of an account on record, the newest first."""
    entries = AuditEntry.objects.filter(number=None, after__account=user.get_username())
    return entries.select_related("actor").order_by("-id")


@transaction.atomic
def open_account(
    *, username: str, email: str, roles: Collection[str], **by: Unpack[By]
) -> tuple[User, str]:
    """Opens an account and returns it with its first password. Raises DecisionError."""
    _require(by["reason"], roles)
    username = User.normalize_username(username.strip())
    if User.objects.filter(username__iexact=username).exists():
        raise ParticularWrong(
            "username", _("There is an account of this name. Choose another, or change that one.")
        )
    password = secrets.token_urlsafe(15)
    user = User.objects.create_user(username, email, password, is_staff=True)
    user.groups.set(Group.objects.filter(name__in=roles))
    _record("open_account", user, {}, by)
    return user, password


@transaction.atomic
def change_account(
    *,
    user: User,
    roles: Collection[str],
    is_active: bool,
    seen: int | None = None,
    **by: Unpack[By],
) -> User:
    """Sets exactly these roles, and opens or closes the account. `seen`: the newest of `changes`
    that the actor saw, 0 for none. Raises DecisionError."""
    _require(by["reason"], roles)
    user = _changeable(by["actor"], user)
    last = changes(user).first()
    if last is not None and seen is not None and seen < last.pk:
        raise ChangedMeanwhile(last)
    before = _state(user)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    user.groups.set(Group.objects.filter(name__in=roles))
    _record("change_account", user, before, by)
    return user


@transaction.atomic
def remove_second_factor(*, user: User, **by: Unpack[By]) -> str:
    """Removes a lost second factor; the next sign-in sets up a new one. Returns a new password.

    The old password is replaced too, since the person who asks may be an impostor who knows it.
    """
    _require(by["reason"], ())
    user = _changeable(by["actor"], user)
    before = _state(user)
    Authenticator.objects.filter(user=user).delete()
    password = secrets.token_urlsafe(15)
    user.set_password(password)  # ends all sessions
    user.save(update_fields=["password"])
    _record("remove_second_factor", user, before, by)
    return password


def _changeable(actor: User, user: User) -> User:
    """The account, locked. Raises DecisionError where `actor` may not change it."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.pk == actor.pk:
        raise DecisionError(_("Another administrator must change your own account."))
    if user.is_superuser and not actor.is_superuser:
        raise DecisionError(_("Only a superuser may change a superuser's account."))
    if not user.is_staff:
        raise DecisionError(
            _("This is the account of a person who reports. Open one for their work.")
        )
    return user


def _require(reason: str, roles: Collection[str]) -> None:
    require_reason(reason)
    if not set(roles) <= set(ROLES):
        offered = _("Choose among: %(roles)s.") % {"roles": ", ".join(ROLES)}
        raise ParticularWrong("roles", offered)


def _state(user: User) -> dict[str, Any]:
    return {
        "account": user.get_username(),
        "active": user.is_active,
        "roles": sorted(user.groups.values_list("name", flat=True)),
        "second factor": Authenticator.objects.filter(user=user).exists(),
    }


def _record(verb: str, user: User, before: dict[str, Any], by: By) -> None:
    record(verb=verb, before=before, after=_state(user), **by)
