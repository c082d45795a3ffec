"""Keys for Django REST framework's views: api.keys finds them, api.admission admits them."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from api import callers


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[callers.Caller, None] | None:
        caller = callers.of(request.META, now=timezone.now())
        return None if caller is None else (caller, None)
