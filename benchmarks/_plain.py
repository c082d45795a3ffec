"""The reference: a ModelSerializer behind a RetrieveAPIView, without keys or limits.

It has advantages: no middleware, one renderer, an open connection that is never checked.
"""

from django.urls import path
from rest_framework.generics import RetrieveAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import ModelSerializer

from reputation.models import Number


class NumberSerializer(ModelSerializer[Number]):
    class Meta:
        model = Number
        fields = (
            "key",
            "action",
            "score",
            "status",
            "category",
            "reports",
            "complaints",
            "first_reported_at",
            "last_reported_at",
            "name",
            "country",
            "line_type",
        )


class NumberView(RetrieveAPIView[Number]):
    queryset = Number.objects.all()
    serializer_class = NumberSerializer
    renderer_classes = [JSONRenderer]
    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    lookup_field = "key"


urlpatterns = [path("<str:key>", NumberView.as_view())]
