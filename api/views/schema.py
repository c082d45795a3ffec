from functools import cache

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from api.views.common import ApiView

# Seconds. The document changes only with a release.
MAX_AGE = 3600


class SchemaView(ApiView):
    limit = "read"

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(
            document(),
            content_type=OpenApiYamlRenderer.media_type,
            headers={
                "Cache-Control": f"private, max-age={MAX_AGE}",
                "Content-Disposition": 'inline; filename="Ringscore.yaml"',
            },
        )


@cache
def document() -> bytes:
    """The OpenAPI document. Writing it takes longer than a thousand lookups."""
    schema = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    renderer = OpenApiYamlRenderer()
    text: bytes = renderer.render(schema, renderer_context={})  # type: ignore[no-untyped-call]
    return text
