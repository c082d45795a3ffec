"""Prints mail for a developer to read, in any language: Chinese may be base64 in transit."""

from django.core.mail import EmailMessage
from django.core.mail.backends import console


class EmailBackend(console.EmailBackend):
    def write_message(self, message: EmailMessage) -> None:
        headers = (f"{name}: {value}" for name, value in message.message().items())
        self.stream.write("\n".join((*headers, "", str(message.body).rstrip("\n"), "-" * 79, "")))
