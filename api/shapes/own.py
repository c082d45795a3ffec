"""The shapes of people's own keys and lists in requests and answers."""

from typing import Any

from rest_framework import serializers

from api.keys import NAME_LENGTH
from api.models import SCOPES
from api.serializers import Choice, Several, StrictSerializer, Text
from reputation.models import OwnRule

# A name with NAME before it and a star on each side; what cannot be one is refused by reading it.
OWN_PATTERN_LENGTH = 100
OWN_ACTIONS = OwnRule.Action.values


class OwnKey(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="The key's visible part.")
    prefix = serializers.CharField(help_text="The characters that name the key when it is revoked.")
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    created_at = serializers.CharField()
    last_used_at = serializers.CharField(
        allow_blank=True, help_text="Accurate to the minute; empty if the key was never used."
    )


class OwnKeys(serializers.Serializer[Any]):
    keys = OwnKey(many=True)


class OwnRuleShown(serializers.Serializer[Any]):
    pattern = serializers.CharField(
        help_text="A number, `+4930*`, `+4930??`, `CN`, `*`, or a name: `name:*loans*`."
    )
    action = Choice(OWN_ACTIONS)
    prefix = serializers.CharField(
        allow_blank=True,
        help_text=(
            "The same pattern for programs that do not know countries and names; empty if it "
            "cannot be written so."
        ),
    )
    formats = serializers.ListField(
        child=serializers.CharField(),
        help_text="The formats of your list's file that contain the rule.",
    )
    created_at = serializers.CharField()


class OwnList(serializers.Serializer[Any]):
    rules = OwnRuleShown(many=True)


class OwnRuleRequest(StrictSerializer):
    pattern = Text(
        max_length=OWN_PATTERN_LENGTH,
        help_text=(
            "A number, also in the key's national format; numbers with a beginning, `+4930*`; "
            "numbers with open digits, `+44207946????`; a country, `CN`; all callers, `*`; a name "
            "that a caller shows, `name:loans`, a name with this beginning, `name:loans*`, or a "
            "name that contains it, `name:*loans*`."
        ),
    )
    action = Choice(OWN_ACTIONS)


class KeyRequest(StrictSerializer):
    name = Text(max_length=NAME_LENGTH, help_text="Where you use it, such as `Fritz!Box`.")
    scopes = Several(
        child=Choice(SCOPES),
        min_length=1,
        max_length=len(SCOPES),
        help_text="Scopes of the new key: some or all of those of the key that makes this request.",
    )


class NewKey(OwnKey):
    token = serializers.CharField(help_text="The whole key. The service cannot show it again.")
