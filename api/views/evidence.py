import uuid
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import FileResponse, HttpRequest
from django.http.request import UnreadablePostError
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import InvalidField
from api.shapes.evidence import EvidenceRecord, ReportEvidence, Said
from api.views.common import ApiView, problems
from edge import sealed
from reputation import attachments
from reputation.attachments import Draft, EvidenceError, EvidenceTooLarge
from reputation.models import EvidenceEntry
from reputation.reports import add_transcript, filing

# Bytes of a multipart body in addition to the file: boundaries, headers, a name, a transcript. A
# longer body is refused unread.
AROUND = 16_384 + 4 * filing.TRANSCRIPT_LENGTH

SHA256 = OpenApiParameter(
    "sha256",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="SHA-256 of the content in hexadecimal digits, as in the list.",
    pattern="^[0-9a-f]{64}$",
)


# Written by hand, since a serializer's file field would be a link in the API document.
UPLOAD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "minLength": 1,
            "description": "With a file name; up to 10 MB, unless this service says otherwise.",
        }
    },
    "required": ["file"],
    "additionalProperties": False,
}
UPLOAD_SAID = UPLOAD | {
    "properties": UPLOAD["properties"]
    | {
        "transcript": {
            "type": "string",
            "maxLength": filing.TRANSCRIPT_LENGTH,
            "description": "What is said in a recording. It becomes part of the report's "
            "`transcript`, masked like comments.",
        }
    }
}


class Intake(FileUploadHandler):
    """Feeds the part `file` to a draft as it arrives, so that it is written only once."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.drafts: list[Draft] = []
        self.whole = False
        self.error: EvidenceError | InvalidField | None = None

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        if field_name != "file":
            self._refuse(field_name, "There is no such field. Send the file as `file`.")
            raise SkipFile
        if self.drafts:
            self._refuse("file", "Send one file at a time: each gets an answer of its own.")
            raise SkipFile
        self.drafts.append(Draft(name=file_name))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            self.drafts[0].write(raw_data)
        except EvidenceError as error:
            self.error = error
            # Reads and drops the rest: some clients listen only after sending everything.
            raise StopUpload from None

    def file_complete(self, file_size: int) -> None:
        self.whole = True

    def _refuse(self, field: str, detail: str) -> None:
        self.error = self.error or InvalidField(field, detail)

    def close(self) -> None:
        for draft in self.drafts:
            draft.__exit__()


class EvidenceView(ApiView):
    limit = "evidence"
    scope = "report"
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="list_evidence",
        summary="The evidence of a report of mine",
        description=(
            "The evidence log, oldest entry first. Each digest covers the previous digest, so "
            "every change or removal can be detected."
        ),
        responses={200: ReportEvidence, **problems(401, 403, 404)},
    )
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        entries = attachments.list_evidence(reporter=self.reporter(), public_id=public_id)
        return Response(
            {
                "report": str(public_id),
                "results": [attachments.shown_fields(entry) for entry in entries],
            }
        )

    @extend_schema(
        operation_id="add_evidence",
        summary="Add a file to a report of mine",
        description=(
            "One file in each request: a picture, a PDF, a recording, an e-mail or plain text. The "
            "content decides the type, not the name. The file is stored unchanged; only you and "
            "moderators can read it. Sending the same content again has no effect and gets the "
            "same answer. With a recording, send its words as `transcript`: they count like the "
            "words of the report."
        ),
        request={"multipart/form-data": UPLOAD_SAID},
        responses={
            201: OpenApiResponse(EvidenceRecord, description="Added."),
            200: OpenApiResponse(
                EvidenceRecord, description="The report already has this content."
            ),
            **problems(400, 401, 403, 404, 409, 413, 415),
        },
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        reporter = self.reporter()
        attachments.check_room(reporter=reporter, public_id=public_id, now=self.now)
        with received(request, "transcript") as draft:
            if transcript := self.fields(Said).get("transcript"):
                add_transcript(
                    reporter=reporter, public_id=public_id, transcript=transcript, now=self.now
                )
            attachment = attachments.attach_evidence(
                reporter=reporter, public_id=public_id, draft=draft, now=self.now
            )
        return Response(
            attachments.shown_fields(attachment.entry), status=201 if attachment.created else 200
        )


class EvidenceFileView(ApiView):
    limit = "read"
    scope = "report"

    @extend_schema(
        operation_id="read_evidence",
        summary="A file of a report of mine",
        description="Exactly as it was sent, as a download.",
        parameters=[SHA256],
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            **problems(401, 403, 404),
        },
    )
    def get(self, request: Request, public_id: uuid.UUID, sha256: str) -> FileResponse:
        entry, file = attachments.read_evidence(
            reporter=self.reporter(), public_id=public_id, sha256=sha256
        )
        return download(entry, file)


def download(entry: EvidenceEntry, file: Any) -> FileResponse:
    return sealed(file, attachments.download_name(entry))


def received(request: Request, *fields: str) -> Draft:
    """The single file of a multipart body, finished. The body may also have the given fields.
    Raises InvalidField, EvidenceError."""
    if not str(request.content_type).startswith("multipart/form-data"):
        raise UnsupportedMediaType(request.content_type or "")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > settings.EVIDENCE_MAX_BYTES + AROUND:
        raise EvidenceTooLarge(
            f"The file has more than {settings.EVIDENCE_MAX_BYTES} bytes. "
            "Send a smaller copy, or the part that matters."
        )
    intake = Intake(request._request)
    request._request.upload_handlers = [intake]
    try:
        return _take(request, intake, fields)
    except BaseException:
        intake.close()
        raise


def _take(request: Request, intake: Intake, beside: Collection[str]) -> Draft:
    try:
        fields = request.data
    except ParseError as error:
        raise InvalidField("", f"The body is no valid multipart form: {error}.") from None
    except UnreadablePostError:
        raise InvalidField("file", "The upload was cut short. Send it again.") from None
    if intake.error is not None:
        raise intake.error
    unknown = sorted(set(fields) - {"file", *beside})
    if unknown:
        raise InvalidField(unknown[0], "There is no such field. Send the file as `file`.")
    if not intake.drafts:
        raise InvalidField("file", "Send the file as the part `file`, with a file name.")
    if not intake.whole:
        raise InvalidField("file", "The upload was cut short. Send it again.")
    [draft] = intake.drafts
    draft.finish()
    return draft
