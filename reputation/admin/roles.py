"""Accounts of the panel and their roles. Each change needs a reason and is recorded."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reputation.admin.columns import yes_or_no
from reputation.admin.forms import ReasonForm, actor_of, see_anew
from reputation.admin.labels import roles_in_words
from reputation.admin.reading import YES_NO, ReadingAdmin, filter_by
from reputation.admin.searching import Search
from reputation.moderation import (
    ADMINISTRATOR,
    AUDITOR,
    MODERATOR,
    ROLES,
    SENIOR,
    DecisionError,
    staff,
)

# Django's own pages would change accounts without a reason or a record. Roles are code, and the
# other two models hold people's addresses and the secrets of second factors.
for _model in (User, Group, EmailAddress, Authenticator):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)

LABELS = {
    MODERATOR: _("Moderator: decides, one at a time"),
    SENIOR: _("Senior moderator: pins, directory, bulk"),
    AUDITOR: _("Auditor: reads everything, changes nothing"),
    ADMINISTRATOR: _("Administrator: accounts and roles"),
}


class ChangeForm(ReasonForm):
    roles = forms.MultipleChoiceField(
        required=False,
        label=_("Roles"),
        choices=[(role, LABELS[role]) for role in ROLES],
        widget=forms.CheckboxSelectMultiple,
    )
    is_active = forms.BooleanField(
        required=False, label=_("Open"), help_text=_("A closed account cannot sign in.")
    )
    # The newest change when the page was opened.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    field_order = ("roles", "is_active", "reason")


class AddForm(ReasonForm):
    username = forms.CharField(max_length=150, label=_("User name"))
    email = forms.EmailField(required=False, label=_("E-mail address"))
    roles = ChangeForm.base_fields["roles"]
    field_order = ("username", "email", "roles", "reason")


@admin.register(User)
class StaffAdmin(ReadingAdmin[User]):
    """Accounts of staff. The accounts of reporters are private and never listed."""

    list_display = ("username", "roles", "is_active", "second_factor", "last_login", "is_superuser")
    list_filter = (filter_by(_("Open"), "is_active", YES_NO, column="is_active"),)
    list_title = _("Accounts")
    search = Search(words=("username",))
    sorts = ("username", "is_active", "last_login", "is_superuser")

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("auth.add_user")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("auth.change_user")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        staff_only = super().get_queryset(request).filter(is_staff=True)
        return staff_only.annotate(_factor=Exists(factor)).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return roles_in_words(group.name for group in user.groups.all())

    @admin.display(description=_("second factor"))
    def second_factor(self, user: Any) -> str:
        return yes_or_no(user._factor)

    def get_urls(self) -> list[Any]:
        reset = self.admin_site.admin_view(self.reset_view)
        own = path("<int:pk>/reset/", reset, name="auth_user_reset")
        return [own, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = AddForm(request.POST or None)
        if form.is_valid():
            try:
                user, password = staff.open_account(
                    actor=actor_of(request), now=timezone.now(), **form.cleaned_data
                )
            except DecisionError as error:
                form.refuse(error)
            else:
                return self._show_password(request, user, password)
        return self._page(request, form, gettext("Open an account"))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        user = self._account(request, object_id)
        if not self.has_view_or_change_permission(request, user):
            raise PermissionDenied
        may = self.has_change_permission(request, user)
        if request.method == "POST" and not may:
            raise PermissionDenied
        held = [group.name for group in user.groups.all()]
        last = staff.changes(user).first()
        opens: dict[str, Any] = {
            "roles": held,
            "is_active": user.is_active,
            "seen": last.pk if last else 0,
        }
        form = ChangeForm(request.POST or None, initial=opens)
        if form.is_valid():
            try:
                staff.change_account(
                    actor=actor_of(request),
                    user=user,
                    now=timezone.now(),
                    **form.cleaned_data,
                )
            except DecisionError as error:
                if isinstance(error, staff.ChangedMeanwhile):
                    see_anew(form, opens["seen"])
                form.refuse(error)
            else:
                messages.success(request, gettext("%(account)s: changed.") % {"account": user})
                return HttpResponseRedirect(reverse("admin:auth_user_changelist"))
        return self._page(request, form if may else None, str(user), user)

    def reset_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self._account(request, str(pk))
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            try:
                password = staff.remove_second_factor(
                    actor=actor_of(request),
                    user=user,
                    now=timezone.now(),
                    **form.cleaned_data,
                )
            except DecisionError as error:
                form.refuse(error)
            else:
                return self._show_password(request, user, password)
        return self._page(
            request,
            form,
            gettext("Second factor of %(account)s is lost") % {"account": user},
            user,
            help=gettext(
                "Make sure that it is they who ask: call them back. Their password and second "
                "factor end now, and all their sessions; at the next sign-in they set up a new one."
            ),
        )

    def _account(self, request: HttpRequest, object_id: str) -> User:
        user = self.get_object(request, object_id)
        if user is None:
            raise Http404
        return user

    def _show_password(self, request: HttpRequest, user: User, password: str) -> HttpResponse:
        """Shows the password on this uncached page, since a message would store it in a cookie."""
        title = gettext("First password of %(account)s") % {"account": user}
        return self._page(request, None, title, user, password=password)

    def _page(
        self,
        request: HttpRequest,
        form: forms.Form | None,
        title: str,
        user: User | None = None,
        **more: Any,
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "form": form,
            "account": user,
            "account_roles": self.roles(user) if user else "",
            "changes": staff.changes(user)[:20] if user else (),
            "may_reset": user is not None and self.has_change_permission(request, user),
            **more,
        }
        return TemplateResponse(request, "panel/account.html", context)
