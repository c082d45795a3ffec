"""Keys for Django REST framework's views: api.keys finds them, api.admission admits them."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from api import keys


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[keys.Caller, None] | None:
        token = keys.presented(request.META)
        return (keys.find(token, now=timezone.now()), None) if token else None
