"""The shapes of the list and its changes in answers. See docs/guide/feeds-format.md."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from api.serializers import ACTION_CHOICES, Choice
from api.shapes.lookup import CAMPAIGN_ID


class Feed(serializers.Serializer[Any]):
    name = serializers.CharField()
    formats = serializers.ListField(child=serializers.CharField())
    cursor = serializers.IntegerField(help_text="Cursor of the newest snapshot.")
    min_wait = serializers.IntegerField(help_text="Least number of seconds between two polls.")


class FeedList(serializers.Serializer[Any]):
    release = serializers.CharField(help_text="Release of Ringscore, such as 0.1.0+g059f301d7a1c.")
    feeds = Feed(many=True)


class FeedEntry(serializers.Serializer[Any]):
    number = serializers.CharField()
    action = Choice(ACTION_CHOICES)
    category = serializers.CharField(allow_blank=True)
    score = serializers.IntegerField(min_value=0, max_value=100)
    campaign = serializers.CharField(required=False, help_text=CAMPAIGN_ID)


class FeedSnapshot(serializers.Serializer[Any]):
    """All listed numbers, in `format=json`."""

    feed = serializers.CharField()
    cursor = serializers.IntegerField(help_text="The `since` of the first request for changes.")
    checksum = serializers.CharField(
        help_text="Checksum of the state (docs/guide/feeds-format.md)."
    )
    created = serializers.DateTimeField()
    numbers = FeedEntry(many=True)


class SaracrochePattern(serializers.Serializer[Any]):
    """`#` in `pattern` stands for any digit."""

    name = serializers.CharField()
    action = serializers.CharField(help_text="Always `block`.")
    pattern = serializers.CharField()


class SaracrocheList(serializers.Serializer[Any]):
    """The blocked numbers, in `format=saracroche`."""

    version = serializers.CharField()
    name = serializers.CharField()
    patterns = SaracrochePattern(many=True)


class IosBlocking(serializers.Serializer[Any]):
    add = serializers.ListField(child=serializers.IntegerField())
    remove = serializers.ListField(child=serializers.IntegerField())


class IosLabel(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]


class IosIdentification(serializers.Serializer[Any]):
    add = IosLabel(many=True)
    remove = serializers.ListField(child=serializers.IntegerField())


class IosDirectory(serializers.Serializer[Any]):
    """The listed numbers, in `format=ios`: without plus, in ascending order."""

    cursor = serializers.IntegerField()
    blocking = IosBlocking()
    identification = IosIdentification()


AnySnapshot = PolymorphicProxySerializer(
    component_name="AnySnapshot",
    serializers=[FeedSnapshot, IosDirectory, SaracrocheList],
    resource_type_field_name=None,
    many=False,
)


class FeedChange(serializers.Serializer[Any]):
    """The present action of a number; `allow` removes it from the list."""

    number = serializers.CharField()
    action = Choice(ACTION_CHOICES)
    category = serializers.CharField(allow_blank=True)
    score = serializers.IntegerField(min_value=0, max_value=100)
    campaign = serializers.CharField(required=False, help_text=CAMPAIGN_ID)


class FeedChanges(serializers.Serializer[Any]):
    """The changes from the state at `since` to the state at `cursor`."""

    changes = FeedChange(many=True)
    cursor = serializers.IntegerField(help_text="The `since` of the next request.")
    checksum = serializers.CharField(
        help_text="Checksum of the whole state (docs/guide/feeds-format.md)."
    )
    min_wait = serializers.IntegerField(
        help_text="Seconds until the next request; 0 if there are more changes."
    )
