"""The shapes of the list and its changes in answers. See docs/guide/feeds-format.md."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from api.serializers import ACTION_CHOICES
from api.shapes.lookup import CAMPAIGN_ID


class Feed(serializers.Serializer[Any]):
    name = serializers.CharField()
    formats = serializers.ListField(child=serializers.CharField())
    cursor = serializers.IntegerField(help_text="Of the newest snapshot.")
    min_wait = serializers.IntegerField(help_text="Seconds to leave between two polls.")


class FeedList(serializers.Serializer[Any]):
    release = serializers.CharField(help_text="Of Ringscore, such as 0.1.0+g059f301d7a1c.")
    feeds = Feed(many=True)


class FeedEntry(serializers.Serializer[Any]):
    number = serializers.CharField()
    action = serializers.ChoiceField(ACTION_CHOICES)
    category = serializers.CharField(allow_blank=True)
    score = serializers.IntegerField(min_value=0, max_value=100)
    campaign = serializers.CharField(required=False, help_text=CAMPAIGN_ID)


class FeedSnapshot(serializers.Serializer[Any]):
    """Everything that is listed: `format=json`."""

    feed = serializers.CharField()
    cursor = serializers.IntegerField(help_text="Where its changes go on from.")
    checksum = serializers.CharField(help_text="Of the state: docs/guide/feeds-format.md.")
    created = serializers.DateTimeField()
    numbers = FeedEntry(many=True)


class SaracrochePattern(serializers.Serializer[Any]):
    """`#` in `pattern` stands for any digit."""

    name = serializers.CharField()
    action = serializers.CharField(help_text="`block`.")
    pattern = serializers.CharField()


class SaracrocheList(serializers.Serializer[Any]):
    """`format=saracroche`."""

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
    """`format=ios`: numbers without plus, ascending."""

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
    """Where a number ended up; `allow` takes it off the list."""

    number = serializers.CharField()
    action = serializers.ChoiceField(ACTION_CHOICES)
    category = serializers.CharField(allow_blank=True)
    score = serializers.IntegerField(min_value=0, max_value=100)
    campaign = serializers.CharField(required=False, help_text=CAMPAIGN_ID)


class FeedChanges(serializers.Serializer[Any]):
    """The way from the state at one cursor to that at `cursor`."""

    changes = FeedChange(many=True)
    cursor = serializers.IntegerField(help_text="Where to go on from.")
    checksum = serializers.CharField(help_text="Of the whole state: docs/guide/feeds-format.md.")
    min_wait = serializers.IntegerField(help_text="Seconds to wait; 0 when there is more.")
