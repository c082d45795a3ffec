"""The root of the URL tree: every path of the HTTP contract is in `api.urls`."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("web.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("api.urls")),
]

# Machines get problem details, people a page.
handler400 = "config.errors.bad_request"
handler403 = "web.errors.forbidden"  # api.errors answers keys without permission
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
