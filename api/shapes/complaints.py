"""The shapes of complaints and authorities in requests and answers, with an example of each."""

from typing import Any

from rest_framework import serializers

from api.serializers import (
    CATEGORY_CHOICES,
    SHA256,
    Choice,
    Country,
    Instant,
    Language,
    Several,
    StrictSerializer,
    Text,
)
from reputation import languages
from reputation.complaints import LANGUAGES, MOST_CALLS, MOST_REPORTS, REFERENCE_LENGTH, cases
from reputation.identity import MAX_INPUT
from reputation.models import Authority, Channel, Complaint, ProvisionAct, Report

READERS = languages.LANGUAGES
# What provisions are cited for: acts, and what the calls show.
CITED = [*Report.Conduct.values, *ProvisionAct.Pattern.values]
SLUG = "^[A-Za-z0-9_-]{1,60}$"


class ComplaintRequest(StrictSerializer):
    reports = Several(
        child=serializers.UUIDField(),
        min_length=1,
        max_length=MOST_REPORTS,
        help_text="Ids of your reports.",
    )
    authority = Text(
        max_length=60, shape={"pattern": SLUG}, help_text="The authority's id in /v1/authorities."
    )
    channel = Text(
        required=False,
        max_length=60,
        shape={"pattern": SLUG},
        help_text="Id of a channel of the authority; by default the pack is for all channels.",
    )
    language = Language(
        LANGUAGES, required=False, help_text="Language of the letter; by default the authority's."
    )


class ComplaintChange(StrictSerializer):
    """Fields that are left out keep their values. An earlier status clears the fields of later
    ones."""

    status = Choice(Complaint.Status.values, required=False)
    filed_at = Instant(required=False, help_text="By default now.")
    reference = Text(
        required=False,
        allow_blank=True,
        max_length=REFERENCE_LENGTH,
        help_text="The number that the authority gave to the complaint.",
    )
    answered_at = Instant(required=False, help_text="By default now.")
    outcome = Choice(Complaint.Outcome.values, required=False)


class Complainant(StrictSerializer):
    """The person who signs. The service stores none of these fields; the letter leaves room for
    those that are left out."""

    name = Text(required=False, allow_blank=True, max_length=cases.LINE)
    identity = Text(
        required=False,
        allow_blank=True,
        max_length=cases.LINE,
        help_text="Number of an identity document, if the authority asks for one.",
    )
    own_number = Text(required=False, allow_blank=True, max_length=cases.LINE)
    address = Text(required=False, allow_blank=True, max_length=cases.PARAGRAPH)
    email = Text(required=False, allow_blank=True, max_length=cases.LINE)


class FurtherCall(StrictSerializer):
    """A call or message that the reports do not contain."""

    number = Text(max_length=MAX_INPUT, help_text="The number of one of the reports.")
    occurred_at = Instant()
    channel = Choice(Report.Channel.values, required=False)
    content = Text(required=False, allow_blank=True, max_length=cases.PARAGRAPH)


class PackRequest(StrictSerializer):
    complainant = Complainant(required=False)
    statement = Text(
        required=False,
        allow_blank=True,
        max_length=cases.STATEMENT,
        help_text="What happened, in your own words.",
    )
    addressee = Text(
        required=False,
        allow_blank=True,
        max_length=cases.PARAGRAPH,
        help_text=(
            "Name and address of the office, such as your police station, in place of the "
            "authority's."
        ),
    )
    reader = Choice(
        READERS, required=False, help_text="Language of the guide for you; by default English."
    )
    country = Country(
        required=False,
        help_text=(
            "ISO 3166 country whose law is cited; by default that of the authority, else of the "
            "number."
        ),
    )
    time_zone = Text(
        required=False,
        max_length=50,
        help_text="IANA name of the time zone; by default the country's.",
    )
    calls = Several(child=FurtherCall(), required=False, max_length=MOST_CALLS)


class ComplaintAnswer(serializers.Serializer[Any]):
    """A complaint that you prepared. No field is null."""

    id = serializers.UUIDField()
    authority = serializers.CharField()
    channel = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    reports = serializers.ListField(child=serializers.UUIDField())
    status = Choice(Complaint.Status.values)
    prepared_at = serializers.CharField()
    filed_at = serializers.CharField(allow_blank=True)
    reference = serializers.CharField(allow_blank=True)
    answered_at = serializers.CharField(allow_blank=True)
    outcome = Choice(Complaint.Outcome.values, allow_blank=True)
    packs = serializers.ListField(
        child=serializers.RegexField(SHA256),
        help_text="SHA-256 of manifest.json in each pack that was downloaded.",
    )


class ComplaintPage(serializers.Serializer[Any]):
    results = ComplaintAnswer(many=True)
    next = serializers.CharField(allow_blank=True, help_text="Cursor of the next page, or empty.")


class ChannelEntry(serializers.Serializer[Any]):
    """A way to reach an authority. `grammar` is the text that it expects, with {placeholders}."""

    id = serializers.CharField()
    kind = Choice(Channel.Kind.values)
    address = serializers.CharField(allow_blank=True)
    grammar = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]
    source_date = serializers.CharField(allow_blank=True)
    checked = serializers.BooleanField(
        help_text="Whether a moderator has compared the entry with the channel itself."
    )


class AuthorityEntry(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = Choice(Authority.Kind.values)
    country = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    takes = serializers.CharField(help_text="The subjects of the complaints that it accepts.")
    categories = serializers.ListField(
        child=Choice(CATEGORY_CHOICES),
        help_text="Categories that it accepts; if empty, all.",
    )
    conduct = serializers.ListField(
        child=Choice(Report.Conduct.values),
        help_text="Acts that it accepts; if empty, all.",
    )
    answer_days = serializers.IntegerField(
        min_value=0, help_text="Days within which it must answer; 0 if no term is known."
    )
    answer_basis = serializers.CharField(
        allow_blank=True, help_text="Who must answer, and by which rule."
    )
    channels = ChannelEntry(many=True)
    source = serializers.CharField()  # type: ignore[assignment]
    source_date = serializers.CharField(allow_blank=True)
    checked = serializers.BooleanField()


class ActEntry(serializers.Serializer[Any]):
    conduct = Choice(
        CITED,
        help_text=(
            "An act of the caller; or `hours` or `frequency`, which the calls show; or `any` for "
            "every call."
        ),
    )
    item = serializers.CharField(allow_blank=True)
    wording = serializers.CharField()


class ProvisionEntry(serializers.Serializer[Any]):
    """An article of a statute about acts of callers. `article` is empty if it is not known yet."""

    id = serializers.CharField()
    statute = serializers.CharField()
    article = serializers.CharField(allow_blank=True)
    acts = ActEntry(many=True)
    penalty = serializers.CharField(allow_blank=True)
    effective_from = serializers.CharField(allow_blank=True)
    effective_to = serializers.CharField(allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]
    source_date = serializers.CharField(allow_blank=True)
    checked = serializers.BooleanField(
        help_text="Whether a moderator has compared the entry with the official text."
    )


class AuthorityList(serializers.Serializer[Any]):
    country = serializers.CharField()
    results = AuthorityEntry(many=True)
    provisions = ProvisionEntry(
        many=True, help_text="Provisions about the acts, as in force on that day."
    )


COMPLAINT = {
    "id": "0b0f4c58-5a2e-4b0e-9d53-9a7f7a1c1c11",
    "authority": "cn-12321",
    "channel": "",
    "language": "",
    "reports": ["7363f356-c450-465e-bf3c-3b1560f1800b"],
    "status": "filed",
    "prepared_at": "2026-11-24T12:00:00Z",
    "filed_at": "2026-11-24T12:30:00Z",
    "reference": "20261124-0815",
    "answered_at": "",
    "outcome": "",
    "packs": ["c9595877f4f61fec8fd127992232de0f877b2c2cf2f632bbca86bcad4b3e3a84"],
}
EXAMPLES: dict[str, Any] = {
    "AuthorityList": {
        "country": "CN",
        "results": [
            {
                "id": "cn-telecom",
                "kind": "carrier",
                "country": "CN",
                "name": "China Telecom",
                "takes": "Spam texts and harassing calls to its customers.",
                "categories": [],
                "conduct": [],
                "answer_days": 15,
                "answer_basis": "A carrier answers its user's complaint within 15 days.",
                "channels": [
                    {
                        "id": "cn-telecom-sms",
                        "kind": "sms",
                        "address": "10000999",
                        "grammar": "{number}:{content}",
                        "note": "",
                        "source": "No source on record; not checked against an official text",
                        "source_date": "",
                        "checked": False,
                    }
                ],
                "source": "No source on record for number:content to 10000999; "
                "not checked against an official text",
                "source_date": "",
                "checked": False,
            }
        ],
        "provisions": [
            {
                "id": "cn-psapl-42",
                "statute": "Public Security Administration Punishments Law of the PRC",
                "article": "article 42",
                "acts": [
                    {
                        "conduct": "threats",
                        "item": "第（一）项",
                        "wording": "writing threatening letters or threatening the safety of "
                        "others by other means",
                    }
                ],
                "penalty": "Detention of up to 5 days or a fine of up to 500 yuan.",
                "effective_from": "2006-03-01",
                "effective_to": "2025-12-31",
                "source": "http://jxhl.hljcourt.gov.cn/public/detail.php?id=2182",
                "source_date": "2014-11-10",
                "checked": False,
            }
        ],
    },
    "ComplaintAnswer": COMPLAINT,
    "ComplaintChange": {"status": "filed", "reference": "20261124-0815"},
    "ComplaintPage": {"results": [COMPLAINT], "next": ""},
    "ComplaintRequest": {
        "reports": ["7363f356-c450-465e-bf3c-3b1560f1800b"],
        "authority": "cn-12321",
        "channel": "cn-12321-sms",
        "language": "zh-hans",
    },
    "PackRequest": {
        "complainant": {"name": "李四", "own_number": "15400005678"},
        "statement": "他们每天打电话。",
        "reader": "zh-hans",
        "time_zone": "Asia/Shanghai",
        "calls": [{"number": "154 0000 1234", "occurred_at": "2026-11-24T18:30:00+08:00"}],
    },
}
