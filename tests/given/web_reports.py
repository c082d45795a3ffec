"""Reports and complaints as people file them on the pages, files included."""

import io
import zipfile
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


def prepare(person: Visitor, *reports: Report, **more: Any) -> str:
    """Prepares a complaint to 12321, or as `more` says. Returns where it leads."""
    said = {"report": [str(each.public_id) for each in reports], "authority": "cn-12321", **more}
    return person.where("/complaints/prepare", said)


def download(person: Visitor, where: str, **said: str) -> zipfile.ZipFile:
    """The pack of a complaint to 12321."""
    response = person.post(where, {"do": "download", **said})
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith('attachment; filename="ringscore-cn-12321')
    assert "no-store" in response["Cache-Control"]
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
