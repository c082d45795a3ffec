import uuid
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.shapes.evidence import DisputeEvidence, DisputeFileRecord
from api.views.common import OPTIONAL_KEY, ApiView, problems
from api.views.evidence import SHA256, UPLOAD, received
from edge import rfc3339
from reputation import disputes
from reputation.models import DisputeFile


class DisputeFilesView(ApiView):
    limit = "dispute_file"
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="list_dispute_files",
        summary="The files of my dispute",
        description="In the order of their arrival. Only moderators can read the content.",
        responses={200: DisputeEvidence, **problems(401, 404)},
        auth=OPTIONAL_KEY,
    )
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        dispute = disputes.find_dispute(public_id=public_id)
        files = [shown(file) for file in disputes.files_of(dispute)]
        return Response({"dispute": str(public_id), "results": files})

    @extend_schema(
        operation_id="add_dispute_file",
        summary="Add a file to my dispute",
        description=(
            "One file in each request, from the opening of the dispute to the decision: a picture, "
            "a PDF, a recording, an e-mail or plain text. The content decides the type, not the "
            "name. The file is stored unchanged until 90 days after the decision. Sending the same "
            "content again has no effect and gets the same answer."
        ),
        request={"multipart/form-data": UPLOAD},
        responses={
            201: OpenApiResponse(DisputeFileRecord, description="Added."),
            200: OpenApiResponse(
                DisputeFileRecord, description="The dispute already has this content."
            ),
            **problems(400, 401, 404, 409, 413, 415),
        },
        auth=OPTIONAL_KEY,
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        disputes.check_room(public_id=public_id, now=self.now)
        with received(request) as draft:
            file, created = disputes.add_file(public_id=public_id, draft=draft, now=self.now)
        return Response(shown(file), status=201 if created else 200)


class DisputeFileView(ApiView):
    limit = "dispute_file"

    @extend_schema(
        operation_id="remove_dispute_file",
        summary="Take a file of my dispute back",
        description="This is possible until the decision.",
        parameters=[SHA256],
        responses={204: None, **problems(401, 404, 409)},
        auth=OPTIONAL_KEY,
    )
    def delete(self, request: Request, public_id: uuid.UUID, sha256: str) -> Response:
        disputes.remove_file(public_id=public_id, sha256=sha256)
        return Response(status=204)


def shown(file: DisputeFile) -> dict[str, Any]:
    return {
        "position": file.position,
        "sha256": file.sha256,
        "size": file.size,
        "type": file.media_type,
        "name": file.name,
        "added_at": rfc3339(file.added_at),
    }
