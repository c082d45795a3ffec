"""Statements as campaigns are made of, and the groups that they come to."""

from collections import defaultdict

from reputation.scoring.campaigns import group

AMAZON = (
    "Hello, this is the order desk of your online store. A laptop for 1,499 dollars was ordered "
    "from your account and will be charged to your card this evening. If you did not authorise "
    "this purchase, press 1 to speak with a representative and cancel the order at once. Thank you."
)
WARRANTY = (
    "We have been trying to reach you about the extended warranty of your vehicle. You should have "
    "received a notice in the mail. This is the final courtesy call before we close out your "
    "file. Press 2 to be removed from our list, or press 1 to speak with a warranty specialist."
)
OWN_WORDS = (
    "They threatened my elderly mother about a parking fine in another county",
    "Wanted me to confirm a hotel booking in Lisbon that I never made",
    "Survey about local politics, then asked for a donation to some fund",
    "Claims I won a cruise and only have to cover the harbour taxes",
    "Offered cheap roof repairs after the storm, would not name the firm",
    "Asked whether our dental practice buys printer toner this month",
    "Pretended to collect for firefighters, got rude about a receipt",
    "Sells vineyard shares, guaranteed returns, sounded very young",
)


def said(*texts, **fields):
    """One statement for each text, each by a reporter of its own."""
    return [
        {"id": f"{text[:12]}-{place}", "text": text, "reporter": f"reporter {place}", "at": place}
        | fields
        for place, text in enumerate(texts)
    ]


def numbered(statements):
    return [row | {"id": place, "reporter": place} for place, row in enumerate(statements)]


def groups(statements, **options):
    """The groups as sets of ids, without those of no campaign."""
    found = defaultdict(set)
    for identifier, campaign in group(statements, **options).items():
        if campaign is not None:
            found[campaign].add(identifier)
    return sorted(found.values(), key=sorted)
