"""The root of the URL tree: every path of the HTTP contract lives in `api.urls`."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("web.urls")),
    path("", include("api.urls")),
]

# Errors outside Django REST framework's views have the same shape as those inside.
handler400 = "api.errors.bad_request"
handler404 = "api.errors.not_found"
handler500 = "api.errors.server_error"
