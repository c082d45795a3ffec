"""Django's admin with our site instead of its own."""

from importlib import import_module

from django.contrib.admin import apps


class PanelConfig(apps.AdminConfig):
    default = False
    default_site = "reputation.admin.site.PanelSite"

    def ready(self) -> None:
        super().ready()
        # After the admins of other apps, some of which ours replace; and not in the package's
        # __init__, which is imported while Django still makes the site.
        import_module("reputation.admin.registration")
