"""Keys for Django REST framework's views. The lookup's own path (api.lookup) shares api.keys."""

from django.db import connection
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from api import keys


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[keys.Caller, None] | None:
        now = timezone.now()
        token = keys.presented(request.META)
        if not token:
            return None
        with connection.cursor() as cursor:
            cursor.execute(keys.FIND, [keys.prefix_of(token)])
            caller = keys.admit(cursor.fetchone(), token, now=now)
        keys.touch(caller, now=now)
        return caller, None
