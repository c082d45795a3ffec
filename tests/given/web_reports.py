"""Reports as people file them on the pages, files included."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from reputation.models import Report
from tests.given.visitors import Visitor

FORM: dict[str, Any] = {"number": "+8613812345678", "category": "threat", "channel": "call"}


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def file_report(person: Visitor, **more: Any) -> Report:
    where = person.where("/report", FORM | more)
    return Report.objects.get(public_id=where.split("/")[-1].split("?")[0])
