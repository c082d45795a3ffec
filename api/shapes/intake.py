"""The shapes of messages that gateways forward."""

from typing import Any

from rest_framework import serializers

from api.serializers import Choice, StrictSerializer, Text


class IntakeSms(StrictSerializer):
    id = serializers.CharField(max_length=200, help_text="The gateway's id of the message.")
    sender = serializers.CharField(max_length=100, help_text="The sender, such as +8615400001234.")
    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=20_000)
    region = Text(
        trim_whitespace=False,
        required=False,
        allow_blank=True,
        help_text="ISO 3166 country for a sender in national format; by default the key's.",
    )


class TwilioSms(serializers.Serializer[Any]):
    """The fields that are read of Twilio's form. Others are ignored."""

    MessageSid = serializers.CharField()
    From = serializers.CharField()
    Body = serializers.CharField(allow_blank=True, required=False)
    FromCountry = serializers.CharField(allow_blank=True, required=False)


class IntakeReceipt(serializers.Serializer[Any]):
    id = serializers.CharField(
        allow_blank=True,
        help_text="The service's id of the message; empty if the message is not stored.",
    )
    status = Choice(
        [
            *("received", "asked", "reported", "answered", "kept", "ignored", "closed"),
            *("denied", "counted"),
        ]
    )
    reply = serializers.CharField(
        allow_blank=True, help_text="Text to send to the sender of an SMS; if empty, send nothing."
    )
