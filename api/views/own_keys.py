"""The caller's own keys: list, make, revoke."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import callers, keys
from api.models import ApiKey
from api.shapes.own import KeyRequest, NewKey, OwnKeys
from api.views.common import ApiView, problems
from edge import rfc3339

PREFIX = OpenApiParameter(
    "prefix",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="The eight characters after `rsk_`.",
)


class OwnKeysView(ApiView):
    limit = "read"
    scope = ""

    @extend_schema(
        operation_id="list_keys",
        summary="Your working keys",
        description="All keys that report as the same voice as the key of this request.",
        responses={200: OwnKeys, **problems(401)},
    )
    def get(self, request: Request) -> Response:
        own = keys.keys_of(self.caller.reporter_id, now=self.now)
        return Response({"keys": [_shown(key) for key in own]})

    @extend_schema(
        operation_id="make_key",
        summary="Make another key",
        description=(
            "The new key reports as the same voice, has no other scopes than the key of this "
            "request, and is revoked with it."
        ),
        request=KeyRequest,
        responses={201: NewKey, **problems(400, 401, 403, 409, 413)},
    )
    def post(self, request: Request) -> Response:
        body = self.fields(KeyRequest)
        for scope in body["scopes"]:
            callers.require(self.caller, scope)
        asking = ApiKey.objects.get(pk=self.caller.key_id)
        key, token = keys.create_key(
            name=body["name"],
            scopes=body["scopes"],
            region=asking.region,
            expires_at=asking.expires_at,
            reporter=self.reporter(),
            made_with=asking.pk,
            now=self.now,
        )
        return Response({**_shown(key), "token": token}, status=201)


class OwnKeyView(ApiView):
    limit = "read"
    scope = ""

    @extend_schema(
        operation_id="revoke_key",
        summary="Revoke a key of yours",
        description=(
            "The key and all keys that were made with it stop working at once. A key can revoke "
            "only itself and the keys that were made with it; to revoke others, sign in. For keys "
            "of other people the answer is 404."
        ),
        parameters=[PREFIX],
        responses={
            204: OpenApiResponse(description="Revoked."),
            **problems(401, 403, 404),
        },
    )
    def delete(self, request: Request, prefix: str) -> HttpResponse:
        keys.revoke_own(
            reporter_id=self.caller.reporter_id,
            prefix=prefix,
            asking=self.caller.key_id,
            now=self.now,
        )
        return HttpResponse(status=204)


def _shown(key: ApiKey) -> dict[str, Any]:
    return {
        "key": str(key),
        "prefix": key.prefix,
        "name": key.name,
        "scopes": key.scopes,
        "created_at": rfc3339(key.created_at),
        "last_used_at": rfc3339(key.last_used_at),
    }
