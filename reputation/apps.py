from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class ReputationConfig(AppConfig):
    name = "reputation"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Reputation")


class PanelConfig(admin.AdminConfig):
    """Django's admin with our site in place of its own."""

    default = False
    default_site = "reputation.admin.site.PanelSite"

    def ready(self) -> None:
        super().ready()
        # After the admins of other apps, some of which give way to ours; and not in the package's
        # __init__, which is imported while Django still makes the site.
        import_module("reputation.admin.registration")
