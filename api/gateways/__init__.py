"""Gateways that post messages to us: their signatures, and the forms of their posts.

sms    text messages: Twilio, and gateways that sign as docs/integrations/sms.md says
sns    Amazon SNS, which asks before it posts
mail   e-mails: raw, or as a mail service posts them
"""

from api.callers import KeyRefused


class SignatureRefused(KeyRefused):
    """The request's signature is missing or wrong."""


class UnreadableShape(Exception):
    """The request lacks this gateway's shape. `field` names the part at fault, or is empty."""

    def __init__(self, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.field = field


class NotConfirmed(Exception):
    """A gateway did not hear that we want its messages. It asks again after an error of ours."""


class MessageTooLarge(Exception):
    """The message is larger than settings.INTAKE_MAX_BYTES."""
