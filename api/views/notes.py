"""Moderators' notes on a subject, by a moderator's own key."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.shapes.proposals import Note, NoteList, NoteRequest
from api.views.common import problems
from api.views.moderation import REFUSALS, ModerationView
from edge import rfc3339
from reputation.models import Note as StoredNote
from reputation.moderation import notes

NOTED = [
    OpenApiParameter(
        "kind", OpenApiTypes.STR, OpenApiParameter.PATH, enum=sorted(StoredNote.Kind.values)
    ),
    OpenApiParameter(
        "name", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the subject."
    ),
]


class NotesView(ModerationView):
    @extend_schema(
        operation_id="list_notes",
        summary="Moderators' notes on a subject",
        parameters=NOTED,
        responses={200: NoteList, **problems(400, 401, 403, 404)},
    )
    def get(self, request: Request, kind: str, name: str) -> Response:
        self.moderator()
        found = notes.on(self.find(kind, name, "name"))
        return Response({"notes": [_note(note) for note in found]})

    @extend_schema(
        operation_id="write_note",
        summary="Write a note",
        description=(
            "Only moderators can read it. Personal data is masked before the note is stored, and "
            "the note is deleted after a year."
        ),
        parameters=NOTED,
        request=NoteRequest,
        responses={201: Note, **problems(*REFUSALS)},
    )
    def post(self, request: Request, kind: str, name: str) -> Response:
        body = self.fields(NoteRequest)
        note = notes.add(
            actor=self.moderator(),
            subject=self.find(kind, name, "name"),
            words=body["words"],
            now=self.now,
        )
        return Response(_note(note), status=201)


def _note(note: StoredNote) -> dict[str, Any]:
    return {
        "id": note.pk,
        "at": rfc3339(note.at),
        "by": str(note.author),
        "words": note.words,
    }
