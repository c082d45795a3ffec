"""The shapes of answers about the service's vocabulary, and about the caller's key."""

from typing import Any

from rest_framework import serializers


class CategoryEntry(serializers.Serializer[Any]):
    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    unwanted = serializers.BooleanField()


class Vocabulary(serializers.Serializer[Any]):
    categories = CategoryEntry(many=True)
    conduct = serializers.ListField(child=serializers.CharField())


class Allowance(serializers.Serializer[Any]):
    limit = serializers.IntegerField()
    remaining = serializers.IntegerField()
    reset = serializers.IntegerField(help_text="Seconds until the window ends.")


class Me(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="The key's visible part.")
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    region = serializers.CharField(allow_blank=True)
    expires_at = serializers.CharField(allow_blank=True)
    limits = serializers.DictField(child=Allowance())
