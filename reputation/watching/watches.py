"""Watches: which account watches which number."""

from datetime import datetime
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from reputation.identity import Identity
from reputation.lookup import Answer, look_up
from reputation.models import Watch
from reputation.scoring import Action

MOST: Final = 50  # numbers that one account watches
# What a standing is called; as with the answers of lookups, official and disputed come first.
STANDINGS: Final = {
    "official": _("official number"),
    "disputed": _("disputed by its holder"),
    "block": _("its calls are blocked"),
    "flag": _("be careful"),
    "allow": _("nothing that speaks for a warning"),
}


class TooManyWatches(Exception):
    """The account watches MOST numbers already."""


def standing(answer: Answer) -> str:
    """Which of STANDINGS the answer has. A block comes first, also for an official number."""
    is_told = answer.status in STANDINGS and answer.action != Action.BLOCK
    return answer.status if is_told else answer.action


@transaction.atomic
def watch(*, user: User, identity: Identity, language: str, now: datetime) -> Watch:
    """Begins to watch a number; once more, only the language changes. Raises TooManyWatches."""
    User.objects.select_for_update().get(pk=user.pk)
    if Watch.objects.filter(user=user).exclude(key=identity.key).count() >= MOST:
        raise TooManyWatches
    now_known = standing(look_up(identity, now=now))
    found, _created = Watch.objects.update_or_create(
        user=user,
        key=identity.key,
        defaults={"language": language},
        create_defaults={"language": language, "said": now_known, "since": now, "checked_at": now},
    )
    return found


def unwatch(*, user: User, key: str) -> None:
    Watch.objects.filter(user=user, key=key).delete()


def watched_by(user: User) -> QuerySet[Watch]:
    return Watch.objects.filter(user=user).order_by("-since", "-pk")
