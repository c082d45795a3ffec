"""The shapes of complaints and authorities in requests and answers, with an example of each."""

from typing import Any

from rest_framework import serializers

from api.serializers import (
    CATEGORY_CHOICES,
    SHA256,
    TWO_LETTERS,
    Instant,
    StrictSerializer,
    Text,
)
from reputation import languages
from reputation.complaints import LANGUAGES, MOST_CALLS, MOST_REPORTS, REFERENCE_LENGTH, packs
from reputation.identity import MAX_INPUT
from reputation.models import Authority, Channel, Complaint, ProvisionAct, Report

READERS = languages.LANGUAGES
# What provisions are cited for: acts, and what the calls show.
CITED = [*Report.Conduct.values, *ProvisionAct.Pattern.values]
SLUG = "^[A-Za-z0-9_-]{1,60}$"


class ComplaintRequest(StrictSerializer):
    reports = serializers.ListField(
        child=serializers.UUIDField(),
        min_length=1,
        max_length=MOST_REPORTS,
        help_text="Ids of your reports.",
    )
    authority = Text(
        max_length=60, shape={"pattern": SLUG}, help_text="As /v1/authorities calls it."
    )
    channel = Text(
        required=False,
        max_length=60,
        shape={"pattern": SLUG},
        help_text="One of the authority's; without it the pack has them all.",
    )
    language = serializers.ChoiceField(
        LANGUAGES, required=False, help_text="Of the letter; the authority's own without it."
    )


class ComplaintChange(StrictSerializer):
    """What is left out stays. Going back to an earlier status clears what belongs to later ones."""

    status = serializers.ChoiceField(Complaint.Status.values, required=False)
    filed_at = Instant(required=False, help_text="Now, unless said otherwise.")
    reference = Text(
        required=False,
        allow_blank=True,
        max_length=REFERENCE_LENGTH,
        help_text="Number that the authority gave it.",
    )
    answered_at = Instant(required=False, help_text="Now, unless said otherwise.")
    outcome = serializers.ChoiceField(Complaint.Outcome.values, required=False)


class Complainant(StrictSerializer):
    """Who signs. Nothing of it is stored; what is left out is left open in the letter."""

    name = Text(required=False, allow_blank=True, max_length=packs.LINE)
    identity = Text(
        required=False,
        allow_blank=True,
        max_length=packs.LINE,
        help_text="Number of an identity document, where an authority asks for one.",
    )
    own_number = Text(required=False, allow_blank=True, max_length=packs.LINE)
    address = Text(required=False, allow_blank=True, max_length=packs.PARAGRAPH)
    email = Text(required=False, allow_blank=True, max_length=packs.LINE)


class FurtherCall(StrictSerializer):
    """A call or message beside those that the reports tell of."""

    number = Text(max_length=MAX_INPUT, help_text="A number that one of the reports is about.")
    occurred_at = Instant()
    channel = serializers.ChoiceField(Report.Channel.values, required=False)
    content = Text(required=False, allow_blank=True, max_length=packs.PARAGRAPH)


class PackRequest(StrictSerializer):
    complainant = Complainant(required=False)
    statement = Text(
        required=False, allow_blank=True, max_length=packs.STATEMENT, help_text="In your own words."
    )
    addressee = Text(
        required=False,
        allow_blank=True,
        max_length=packs.PARAGRAPH,
        help_text="In place of the authority's own, such as your police station.",
    )
    reader = serializers.ChoiceField(
        READERS, required=False, help_text="Language of the guide for you; English without it."
    )
    country = Text(
        required=False,
        min_length=2,
        max_length=2,
        shape=TWO_LETTERS,
        help_text="ISO 3166 country whose law is cited; the authority's or the number's without.",
    )
    time_zone = Text(
        required=False, max_length=50, help_text="IANA name; the country's without it."
    )
    calls = serializers.ListField(child=FurtherCall(), required=False, max_length=MOST_CALLS)


class ComplaintAnswer(serializers.Serializer[Any]):
    """A complaint of mine. Nothing in it is null."""

    id = serializers.UUIDField()
    authority = serializers.CharField()
    channel = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    reports = serializers.ListField(child=serializers.UUIDField())
    status = serializers.ChoiceField(Complaint.Status.values)
    prepared_at = serializers.CharField()
    filed_at = serializers.CharField(allow_blank=True)
    reference = serializers.CharField(allow_blank=True)
    answered_at = serializers.CharField(allow_blank=True)
    outcome = serializers.ChoiceField(Complaint.Outcome.values, allow_blank=True)
    packs = serializers.ListField(
        child=serializers.RegexField(SHA256),
        help_text="SHA-256 of manifest.json in each pack that was handed out.",
    )


class ComplaintPage(serializers.Serializer[Any]):
    results = ComplaintAnswer(many=True)
    next = serializers.CharField(allow_blank=True, help_text="Cursor of the next page, or empty.")


class ChannelEntry(serializers.Serializer[Any]):
    """A way to reach an authority. `grammar` is what it wants to be told, with {placeholders}."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(Channel.Kind.values)
    address = serializers.CharField(allow_blank=True)
    grammar = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]
    source_date = serializers.CharField(allow_blank=True)
    checked = serializers.BooleanField(
        help_text="Whether a moderator compared it with the channel itself."
    )


class AuthorityEntry(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.ChoiceField(Authority.Kind.values)
    country = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    takes = serializers.CharField(help_text="What it takes complaints about.")
    categories = serializers.ListField(
        child=serializers.ChoiceField(CATEGORY_CHOICES), help_text="Empty: all."
    )
    conduct = serializers.ListField(
        child=serializers.ChoiceField(Report.Conduct.values), help_text="Empty: all."
    )
    answer_days = serializers.IntegerField(
        min_value=0, help_text="Days within which an answer is due; 0: nobody knows of a term."
    )
    answer_basis = serializers.CharField(
        allow_blank=True, help_text="Who has to answer, and by what rule."
    )
    channels = ChannelEntry(many=True)
    source = serializers.CharField()  # type: ignore[assignment]
    source_date = serializers.CharField(allow_blank=True)
    checked = serializers.BooleanField()


class ActEntry(serializers.Serializer[Any]):
    conduct = serializers.ChoiceField(
        CITED,
        help_text="An act; or what calls show: hours, frequency; any for each call.",
    )
    item = serializers.CharField(allow_blank=True)
    wording = serializers.CharField()


class ProvisionEntry(serializers.Serializer[Any]):
    """An article that names what callers do. An empty `article` is one not known yet."""

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
        help_text="Whether a moderator compared it with the official text."
    )


class AuthorityList(serializers.Serializer[Any]):
    country = serializers.CharField()
    results = AuthorityEntry(many=True)
    provisions = ProvisionEntry(many=True, help_text="What the law says of such acts on that day.")


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
        "complainant": {"name": "李四", "own_number": "13900000000"},
        "statement": "他们每天打电话。",
        "reader": "zh-hans",
        "time_zone": "Asia/Shanghai",
        "calls": [{"number": "138 1234 5678", "occurred_at": "2026-11-24T18:30:00+08:00"}],
    },
}
