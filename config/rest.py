"""Django REST framework, and the OpenAPI document that drf-spectacular makes."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.KeyAuthentication"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.rendering.OneRenderer",
    "DEFAULT_RENDERER_CLASSES": ["api.rendering.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.handle",
    "URL_FORMAT_OVERRIDE": None,  # `?format=` is ours: it must not pick a renderer
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Ringscore",
    "VERSION": "1",
    "DESCRIPTION": (
        "Crowdsourced reputation of telephone numbers.\n\n"
        "A lookup needs no key: `GET /v1/numbers/+12025550104`. Whatever needs one takes it as "
        "`Authorization: Bearer rsk_…`. People make their keys at [/my/keys](/my/keys); "
        "organisations ask for theirs at [/organisations](/organisations).\n\n"
        "Errors are problem details (RFC 9457) that name the field and the remedy. Each answer has "
        "the header X-Request-Id: quote it to who operates the service.\n\n"
        "Some operations answer as text on request, beside JSON. Clients made by openapi-fetch "
        "choose the JSON with ``createClient<paths, `application/${string}`>(…)``."
    ),
    "CONTACT": {"name": "Whoever operates the service: see its page /privacy"},
    "LICENSE": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    "SERVERS": [{"url": "/", "description": "The service that serves this document."}],
    "OAS_VERSION": "3.1.1",  # its schemas are JSON Schema, which any validator can check
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.schema.complete",
    ],
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "string", "format": "uuid"}, "digest": str},
    "COMPONENT_SPLIT_PATCH": False,  # our PATCH bodies mark all fields as optional themselves
    # For vocabularies with several field names, and field names with several vocabularies.
    "ENUM_NAME_OVERRIDES": {
        "ActionEnum": "api.serializers.ACTION_CHOICES",
        "OwnActionEnum": "api.shapes.own.OWN_ACTIONS",
        "CategoryEnum": "api.serializers.CATEGORY_CHOICES",
        "ConductEnum": "api.serializers.CONDUCT_CHOICES",
        "CitedConductEnum": "api.shapes.complaints.CITED",
        "LanguageEnum": "api.shapes.complaints.READERS",
        "LetterLanguageEnum": "reputation.complaints.words.LANGUAGES",
        "NumberAnswerStatusEnum": "api.shapes.moderation.STATUSES",
        "OwnReportStatusEnum": "api.shapes.moderation.REPORT_STATUSES",
        "VerdictEnum": "api.shapes.moderation.VERDICTS",
        "ComplaintStatusEnum": "reputation.models.complaint.Complaint.Status",
    },
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
