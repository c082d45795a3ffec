"""Amazon SNS, through which AWS passes text messages on. It asks first whether we want those of a
topic.

The key in the webhook's address vouches for what is posted, so Amazon's signatures are not checked.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from api.gateways import NotConfirmed, UnreadableShape
from edge import outgoing

# A topic's name, which says where the topic is.
TOPIC: Final = re.compile(
    r"arn:(aws|aws-us-gov|aws-cn):sns:([a-z]{2}(?:-[a-z]{2,12}){1,2}-[0-9]{1,2}):[0-9]{12}:[\w.-]+",
    re.ASCII,
)
# Longer than any topic's name and any token.
LONGEST: Final = 1024
SECONDS: Final = 10.0
MOST_BYTES: Final = 65_536
QUESTION: Final = "SubscriptionConfirmation"
ABOUT_ITSELF: Final = (QUESTION, "UnsubscribeConfirmation")


def is_about_itself(posted: Mapping[str, Any]) -> bool:
    """Whether this is about a subscription rather than a message."""
    return "TopicArn" in posted and posted.get("Type") in ABOUT_ITSELF


def answer(posted: Mapping[str, Any]) -> None:
    """Says yes to a question. Raises UnreadableShape, NotConfirmed.

    The address is made from the topic, and is one of Amazon's. SubscribeURL is not followed: it may
    lead anywhere.
    """
    if posted["Type"] != QUESTION:
        return
    topic, token = str(posted["TopicArn"])[:LONGEST], str(posted.get("Token", ""))[:LONGEST]
    place = TOPIC.fullmatch(topic)
    if place is None or not token:
        raise UnreadableShape("This question of Amazon SNS has no topic of AWS, or no Token.")
    partition, region = place.groups()
    query = {"Action": "ConfirmSubscription", "TopicArn": topic, "Token": token}
    try:
        received = outgoing.request(
            host=f"sns.{region}.amazonaws.com{'.cn' if partition == 'aws-cn' else ''}",
            path=f"/?{urlencode(query)}",
            headers={},
            seconds=SECONDS,
            most_bytes=MOST_BYTES,
        )
    except outgoing.RequestFailed as error:
        raise NotConfirmed(f"Amazon SNS cannot be reached: {error}.") from None
    if received.status >= 500:
        raise NotConfirmed(f"Amazon SNS answered with status {received.status}.")
    if received.status != 200:
        raise UnreadableShape(
            f"Amazon SNS does not take its Token, and answered with status {received.status}: "
            "subscribe again."
        )
