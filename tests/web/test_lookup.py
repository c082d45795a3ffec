"""Looking a number up on the pages."""

import pytest
from django.utils import timezone
from pytest_django import Settings

from config.cache import parse
from reputation.identity import identify
from reputation.models import Report
from tests.given.reporters import crowd, newcomer, say
from tests.given.visitors import Visitor, begins_with_its_problem, text_of
from web.accounts import open_account

pytestmark = pytest.mark.django_db

CALLER = identify("+8613812345678")
PAGE = "/numbers/+8613812345678"


def test_the_form_leads_to_the_page_of_the_number(visitor: Visitor):
    assert "Number that called or texted" in visitor.see("/")
    assert visitor.where("/lookup?number=%2B86+138-1234-5678&country=") == PAGE
    assert visitor.where("/lookup?number=95533&country=CN") == "/numbers/CN:95533"
    assert visitor.where("/lookup?number=GB@MyBank&country=") == "/numbers/GB@MYBANK"


def test_the_country_is_remembered_and_guessed(visitor: Visitor):
    # A British browser: 020 7946 0958 is a number of London.
    assert visitor.where("/lookup?number=020+7946+0958&country=GB") == "/numbers/+442079460958"
    assert visitor.cookies["country"].value == "GB"
    assert 'value="GB" selected' in visitor.get("/").content.decode()
    assert visitor.where("/numbers/020 7946 0958") == "/numbers/+442079460958"
    chinese = Visitor(headers={"accept-language": "zh"})
    assert 'value="CN" selected' in chinese.get("/").content.decode()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("", "Type the number that called"),
        ("5", "No number looks like this"),
        ("unknown", "The caller hid the number"),
        ("110", "Emergency numbers are never listed"),
        ("12345678901234567890123", "at most 20 digits"),
        ("+", "This is not a telephone number. Type the digits"),
        ("hello abc", "not a telephone number. Type the digits, for example +86 154 0000 1234. As"),
        ("hello my dear friend", "This is a name, not a telephone number."),
    ],
)
def test_what_is_no_number(visitor: Visitor, number: str, said: str):
    page = visitor.get("/lookup", {"number": number, "country": "CN"})
    assert page.status_code == 400
    assert said in text_of(page)
    assert f'value="{number}"' in page.content.decode() or not number


def test_a_word_is_looked_up_where_it_is_a_known_senders_name(visitor: Visitor):
    asked = "/lookup?number=loanbank&country=CN"
    assert "nobody has reported this name" in visitor.see("/numbers/loanbank", status=404)
    assert visitor.get(asked).status_code == 400
    signature = "/lookup?number=【loanbank】&country=CN"
    assert visitor.where(signature) == "/numbers/CN@LOANBANK"
    say(newcomer("one"), number=identify("loanbank", region="CN"), channel="sms")
    assert visitor.where(asked) == "/numbers/CN@LOANBANK"
    # Without a country, or in another one, it is asked about as numbers are.
    nowhere = visitor.get("/lookup", {"number": "loanbank", "country": ""})
    assert "Choose the country of this number" in text_of(nowhere)


def test_a_number_without_a_country_asks_for_it():
    page = Visitor().get("/lookup", {"number": "13812345678", "country": ""})
    assert page.status_code == 400
    assert "Choose the country of this number" in text_of(page)


def test_an_address_that_is_no_number_offers_the_form(visitor: Visitor):
    response = visitor.get("/numbers/hello%2Fworld%2Fand%2Fmore")
    assert response.status_code == 404
    assert "Number that called or texted" in text_of(response)
    assert begins_with_its_problem(response)


@pytest.mark.slow
def test_a_number_that_can_be_two_is_asked_about():
    american = Visitor(headers={"accept-language": "en-US"})
    where = "/lookup?number=138+1234+5678&country=US"
    assert american.where(where) == "/numbers/+13812345678"
    crowd(3, "threat", CALLER, at=timezone.now())
    page = american.see(where)
    assert "+1 381-234-5678" in page
    assert "+86 138 1234 5678 China · we know this one" in page
    # A report asks too, once: it could accuse somebody else.
    american.force_login(open_account("ann@example.org"))
    said = {"number": "13812345678", "country": "US", "category": "threat", "channel": "call"}
    asked = american.post("/report", said)
    assert asked.status_code == 400
    assert "It can also be: +86 138 1234 5678 (China)" in text_of(asked)
    meant = said | {"read_as": "+13812345678"}
    assert american.post("/report", meant).status_code == 302
    assert american.post("/report", said | {"country": "CN"}).status_code == 302
    assert Report.objects.filter(number__key="+13812345678").count() == 1
    american.logout()
    american.cookies.pop("country", None)
    # Where the clock is Chinese, it is asked about a number that nobody knows too.
    american.cookies["zone"] = "Asia/Shanghai"
    assert "+86 138 1234 5679" in american.see("/lookup?number=13812345679&country=US")
    assert american.where("/lookup?number=%2B13812345678&country=US") == "/numbers/+13812345678"


@pytest.mark.parametrize("place", ["HK", "TW"])
def test_a_number_of_a_neighbour_is_not_taken_for_one_of_north_america(place: str):
    """Mainland mobiles, as people in Hong Kong and Taiwan write them."""
    reader = Visitor(headers={"accept-language": f"en-{place}"})
    page = reader.see(f"/lookup?number=13512345678&country={place}")
    assert "From which country was the call?" in page
    assert "+1 351-234-5678" in page
    assert "+86 135 1234 5678" in page
    reader.force_login(open_account("ann@example.org"))
    said = {"number": "13512345678", "country": place, "category": "threat", "channel": "call"}
    asked = text_of(reader.post("/report", said))
    assert "Is it +1 351-234-5678? Then send it once more." in asked
    assert "It can also be: +86 135 1234 5678 (China)" in asked
    assert reader.post("/report", said | {"country": "CN"}).status_code == 302
    assert Report.objects.get().number.key == "+8613512345678"


def test_too_many_lookups_are_told_to_wait(visitor: Visitor, settings: Settings):
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"lookup": "2/m"}
    for _ in range(2):
        visitor.see(PAGE)
    page = visitor.get(PAGE)
    assert (page.status_code, "Retry-After" in page.headers) == (429, True)
    assert "Wait 1 minute, then try again." in text_of(page)
    # Somebody else is served.
    assert visitor.get(PAGE, REMOTE_ADDR="198.51.100.7").status_code == 200


def test_a_cache_that_is_away_lets_people_through(
    visitor: Visitor, settings: Settings, caplog: pytest.LogCaptureFixture
):
    settings.CACHES = {"default": parse("unix:///nowhere.sock", workers=2)}
    assert "Nobody has reported" in visitor.see(PAGE)
    assert "Reports that count" in visitor.see("/statistics")
    assert "limits are not counted" in caplog.text


def test_what_browsers_and_machines_ask_for(visitor: Visitor):
    assert visitor.get("/robots.txt").content.startswith(b"User-agent: *")
    assert visitor.get("/favicon.ico").status_code == 302
    manifest = visitor.get("/app.webmanifest").json()
    assert {each["sizes"] for each in manifest["icons"]} == {"any", "192x192", "512x512"}
