"""The forms of pages. They check shapes; the domain judges the meaning."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reputation.identity import MAX_INPUT, REGIONS, Identity, InvalidNumber, zone_name
from reputation.lookup import CHANNELS
from reputation.models import Report
from reputation.reports import CLOCK_SKEW, OLDEST_CALL, Statement, filing
from web import locality, wording
from web.faults import speak_plainly
from web.readings import is_known_name, number_within, read_number, typed

# The field by which a half-filled form asks for another language.
READING_IN = "reading_in"


class Refilled(forms.BaseForm):
    """A form that its page shows again in another language with the text typed so far; the page
    must have it in an element with the id `fill`. `posts_to`: its address, if not the page's own.
    `asks`: it is sent by GET."""

    refills = True
    asks = False
    posts_to = ""

    def full_clean(self) -> None:
        if READING_IN in self.data:  # the reader has not sent it yet, so it has no errors
            self._errors = ErrorDict()
            self.cleaned_data = {}
        else:
            speak_plainly(self)
            super().full_clean()

    def is_valid(self) -> bool:
        return READING_IN not in self.data and super().is_valid()


class Form(Refilled, forms.Form):
    """A form whose fields web/field.html shows: required ones have no star, optional ones say so.

    A browser silently cuts pasted text at `maxlength`; so the answer says what is too long, and
    shows all of it.
    """

    use_required_attribute = True
    error_css_class = "wrong"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)
            if isinstance(field.widget, forms.TextInput | forms.Textarea):
                field.widget.attrs.setdefault("dir", "auto")


class NumberField(forms.CharField):
    """A telephone number as people write it, read together with the form's country."""

    widget = forms.TextInput(
        attrs={"inputmode": "tel", "autocomplete": "off", "spellcheck": "false"}
    )

    def __init__(self, **kwargs: Any) -> None:
        errors = {"required": wording.NUMBER_ERRORS["empty"]}
        super().__init__(max_length=MAX_INPUT, error_messages=errors, **kwargs)


class CountryField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        label = gettext_lazy("Country, if the number does not say it")
        super().__init__(**{"required": False, "label": label, **kwargs})


class CountryForm(Form):
    """A form whose field `country` says in which country its values are read."""

    country = CountryField()

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("— choose —")), *locality.countries(language)]
        self.fields["country"].choices = choices  # type: ignore[attr-defined]


class NumberForm(CountryForm):
    """A form for a number and the country in which it is read."""

    number = NumberField(label=gettext_lazy("Number that called or texted"))
    field_order = ("number", "country")

    def read(
        self,
        field: str,
        *,
        listing: bool = True,
        home: str = "",
        takes_name: Callable[[str], bool] = is_known_name,
        of_names: Any = "",
    ) -> Identity | None:
        """The identity in a field; None if it is empty or wrong, and then the field has its error.

        `home`: the country in which it is read if the form names none. `takes_name`: see
        read_number; `of_names`: added to the error about a name.
        """
        raw = self.cleaned_data.get(field)
        if not raw:
            return None
        region = self.cleaned_data.get("country") or home
        options: dict[str, Any] = {
            "region": region if region in REGIONS else "",
            "allow_fictional": settings.FICTIONAL_NUMBERS or not listing,
            "takes_name": takes_name,
        }
        try:
            try:
                return read_number(raw, **options)
            except InvalidNumber:
                within = number_within(raw)
                if within in ("", raw):
                    raise
                # The pasted text has more than the number: 电话：138 1234 5678.
                identity = read_number(within, **options)
                self.cleaned_data[field] = within
                return identity
        except InvalidNumber as error:
            at = (
                "country" if error.code == "region_required" and "country" in self.fields else field
            )
            text = wording.number_error(error, of_names)
            self.add_error(at, ValidationError(text, code=error.code))
            return None


class LookupForm(NumberForm):
    asks = True
    posts_to = "/"
    identity: Identity | None = None

    def clean(self) -> dict[str, Any]:
        self.identity = self.read("number", listing=False, of_names=wording.NAME_UNKNOWN)
        return self.cleaned_data


# How a page shows and a browser sends the time of a call.
TO_THE_MINUTE = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """The time of a call, by the reader's clock.

    Of an hour that comes twice a year the first is meant. A time that the clock leaves out is read
    as by a clock that was not set forward. `known`: the moment that the form shows to the minute;
    left as it is, it stays that moment.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=TO_THE_MINUTE)
    known: datetime | None = None

    def __init__(self, **kwargs: Any) -> None:
        errors = dict.fromkeys(("invalid", "required"), wording.NO_MOMENT)
        super().__init__(error_messages=errors, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        if self.known and value == timezone.localtime(self.known).strftime(TO_THE_MINUTE):
            return self.known
        try:
            at: datetime | None = super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            read: datetime = (error.params or {})["datetime"]
            # In UTC: a time that comes twice equals no time of another zone (PEP 495).
            at = read.replace(tzinfo=timezone.get_current_timezone()).astimezone(UTC)
        return at

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value > timezone.now() + CLOCK_SKEW:
            raise ValidationError(wording.IN_FUTURE)


class StatementForm(NumberForm):
    """A person's statement about a number. Files are sent with it (web.uploads)."""

    category = forms.ChoiceField(
        label=gettext_lazy("What was it?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what fits best.")},
    )
    conduct = forms.MultipleChoiceField(
        label=gettext_lazy("What did they do?"),
        help_text=gettext_lazy("Tick what happened. These are the acts that a complaint can name."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    comment = forms.CharField(
        label=gettext_lazy("In your words"),
        help_text=gettext_lazy(
            "What was said, what they wanted. Others can read it, the caller too. Numbers, e-mail "
            "and web addresses in it are hidden; name nobody and no place where you live."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=filing.COMMENT_LENGTH,
        required=False,
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("It came as"),
        widget=forms.RadioSelect,
        initial=Report.Channel.CALL.value,
    )
    occurred_at = MomentField(label=gettext_lazy("When (the last time)"), required=False)
    call_count = forms.IntegerField(
        label=gettext_lazy("How many calls"),
        help_text=gettext_lazy("If you reported this number before: those since then."),
        initial=1,
        min_value=1,
        max_value=filing.MOST_CALLS,
        required=False,
    )
    claimed_name = forms.CharField(
        label=gettext_lazy("Who they said they were"),
        max_length=filing.CLAIMED_NAME_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    callback_number = NumberField(
        label=gettext_lazy("Number they told you to call or message back"), required=False
    )
    other_accounts = forms.CharField(
        label=gettext_lazy("Other ways they reach you"),
        help_text=gettext_lazy("WeChat, QQ, a link, an app. Only you see it, and your complaint."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=filing.ACCOUNTS_LENGTH,
        required=False,
    )
    transcript = forms.CharField(
        label=gettext_lazy("What the caller said, as your phone wrote it"),
        help_text=gettext_lazy(
            "Phones that screen calls can copy it. It is masked like your words."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=filing.TRANSCRIPT_LENGTH,
        required=False,
    )
    was_warned = forms.BooleanField(
        label=gettext_lazy("My phone or app already warned me of this number"), required=False
    )

    MORE = (
        *("conduct", "occurred_at", "call_count", "claimed_name", "callback_number"),
        *("other_accounts", "transcript", "was_warned"),
    )

    identity: Identity | None = None
    callback: Identity | None = None
    read_as = ""  # the reading that the page asked about; sending it again confirms it

    def __init__(
        self,
        *args: Any,
        language: str,
        about: Identity | None = None,
        known: datetime | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, language=language, **kwargs)
        self.fields["occurred_at"].known = known  # type: ignore[attr-defined]
        self.identity = about
        if about is not None:
            del self.fields["number"]
            del self.fields["country"]
        self._choose("category", {name: words[0] for name, words in wording.CATEGORIES.items()})
        self._choose("conduct", wording.CONDUCT)
        self._choose("channel", CHANNELS)
        zone = zone_name(timezone.get_current_timezone_name(), language)
        self.fields["occurred_at"].help_text = _(
            "By your clock (%(zone)s time). Leave it empty if you do not remember."
        ) % {"zone": zone}

    def _choose(self, field: str, words: Mapping[str, Any]) -> None:
        self.fields[field].choices = list(words.items())  # type: ignore[attr-defined]

    def clean_occurred_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["occurred_at"]
        if at is not None and at < timezone.now() - OLDEST_CALL:
            raise ValidationError(wording.TOO_OLD)
        return at

    def clean(self) -> dict[str, Any]:
        if "number" in self.fields:
            by_text = self.cleaned_data.get("channel") == Report.Channel.SMS
            self.identity = self.read(
                "number", takes_name=lambda _key: by_text, of_names=wording.NAME_BY_TEXT
            )
        # Without a calling code it most likely belongs to the country from which the call came.
        home = self.identity.country if self.identity else ""
        self.callback = self.read("callback_number", home=home, takes_name=lambda _key: False)
        return self.cleaned_data

    def more_is_open(self) -> bool:
        """Whether the part that most people skip has a value."""
        return any(
            self[name].errors or self[name].value() not in (None, "", [], False, 1, "1")
            for name in self.MORE
        )

    def asks_country(self) -> bool:
        """Whether to ask for the country: not if the number has a calling code."""
        return bool(self["country"].errors) or not str(self["number"].value()).startswith("+")

    def statement(self) -> Statement:
        entered = self.cleaned_data
        return Statement(
            category=entered["category"],
            conduct=entered["conduct"],
            comment=entered["comment"],
            channel=entered["channel"],
            occurred_at=entered["occurred_at"],
            call_count=entered["call_count"] or 1,
            claimed_name=entered["claimed_name"],
            transcript=entered["transcript"],
            other_accounts=entered["other_accounts"],
            callback_number=self.callback.key if self.callback else "",
            was_warned=entered["was_warned"],
        )


def initial_of(report: Report) -> dict[str, Any]:
    """The initial values of a form for an existing report."""
    names = (
        *("category", "conduct", "comment", "channel", "call_count", "claimed_name"),
        *("transcript", "other_accounts"),
    )
    return {
        **{name: getattr(report, name) for name in names},
        "callback_number": _typed_back(report),
        "was_warned": report.was_warned,
        "occurred_at": report.occurred_at,
    }


def _typed_back(report: Report) -> str:
    """The number to call back, as text that the field can read again. A name keeps its `CN@`, since
    the field refuses a bare word."""
    key = report.callback_number
    return key if key[2:3] == "@" else typed(key, home=report.number.country)
