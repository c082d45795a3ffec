"""One mailbox is one voice: its aliases, its deleted accounts; and accounts made in heaps."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from api.keys import create_key
from reputation.models import AccountOpening, Number, Report, Reporter
from reputation.moderation import block_reporter, confirm_number, vouch_for_reporter
from tests.given.messages import AUTHSERV, letter, post
from tests.given.reporters import NOW, SCAMMER, moderator
from tests.given.visitors import Visitor, code_in_mail
from web.people import CAPPED, forget_openings, mailbox_of, reporter_of, voice_of

pytestmark = pytest.mark.django_db

FORM = {"number": SCAMMER.key, "category": "threat", "channel": "call"}
BOX = ["first.last+a@gmail.com", "firstlast+b@gmail.com", "f.i.r.s.t.l.a.s.t@googlemail.com"]


def enter(email: str, address: str = "192.0.2.1") -> Visitor:
    person = Visitor(REMOTE_ADDR=address, headers={"accept-language": "en-GB"})
    person.post("/accounts/login/code/", {"email": email})
    person.post("/accounts/login/code/confirm/", {"code": code_in_mail()})
    return person


def report(person: Visitor, **more: str) -> str:
    return person.send("/report", FORM | more)


def leave(person: Visitor) -> None:
    assert "are deleted" in person.send("/my/account", {"sure": "1"})


def counted() -> tuple[int, int]:
    found = Visitor().get(f"/v1/numbers/{SCAMMER.key}").json()
    return found["reports"], found["reporters"]


@pytest.mark.slow
def test_three_addresses_of_one_box_are_one_reporter():
    for email in BOX:
        report(enter(email))
    assert (Reporter.objects.count(), Report.objects.count()) == (1, 1)
    assert counted() == (1, 1)


@pytest.fixture
def mail(settings: Settings) -> None:
    settings.INTAKE_AUTHSERV_ID = AUTHSERV
    settings.FICTIONAL_NUMBERS = True


def write(words: str, sender: str = BOX[0]) -> str:
    """An e-mail that its sender's mail server vouches for; our answer."""
    domain = sender.rpartition("@")[2]
    found = f"{AUTHSERV}; dmarc=pass header.from={domain}"
    raw = letter(words, sender=sender, vouched=False, Authentication_Results=found)
    return post(raw, at=timezone.now()).reply


@pytest.mark.parametrize("ways", [("page", "mail"), ("mail", "page"), ("mail", "key")])
@pytest.mark.usefixtures("mail")
def test_a_mailbox_is_one_voice_by_page_by_key_and_by_mail(ways: tuple[str, str]):
    for way in ways:
        if way == "mail":
            write(f"{SCAMMER.key} threatened me")
            continue
        person = enter(BOX[1])
        voice = reporter_of(User.objects.get(username__startswith="p-"), now=timezone.now())
        if way == "page":
            report(person)
        else:
            _, key = create_key(name="own", scopes=["report"], reporter=voice, now=timezone.now())
            said = {"number": SCAMMER.key, "category": "threat"}
            by = {"Authorization": f"Bearer {key}"}
            person.post("/v1/reports", said, content_type="application/json", headers=by)
    number = Number.objects.get()
    assert counted() == (1, 1)
    assert (number.networks, number.action) == (1, "allow")
    assert Reporter.objects.get().kind == "person"


@pytest.mark.usefixtures("mail")
def test_the_pages_show_what_the_mailbox_wrote_and_e_mail_takes_it_back():
    write(f"{SCAMMER.key} threatened me")
    person = enter(BOX[1])
    report(person, number="+442079460123")
    mine = person.see("/my/reports")
    assert SCAMMER.key[-4:] in mine
    assert "0123" in mine
    write(f"UNDO {SCAMMER.key}")
    assert [*Report.objects.live().values_list("number__key", flat=True)] == ["+442079460123"]


@pytest.mark.parametrize("spoke", ["page", "mail"])
@pytest.mark.usefixtures("mail")
def test_a_block_holds_by_every_channel(spoke: str):
    person = enter(BOX[1])
    if spoke == "page":
        report(person, number="+442079460123")
    else:
        write("+442079460123 threatened me")
    by = {"actor": moderator(), "reason": "makes it up", "now": NOW}
    block_reporter(reporter=Reporter.objects.get(), **by)
    assert write(f"{SCAMMER.key} threatened me") == ""
    assert "no longer accepted" in person.send("/report", FORM, status=400)
    assert not Report.objects.filter(number__key=SCAMMER.key).exists()


@pytest.mark.usefixtures("mail")
def test_a_code_by_mail_links_nothing_in_the_account_of_that_mailbox():
    write(f"{SCAMMER.key} threatened me", "anna@example.org")
    code = write("LINK", "anna@example.org").partition("code is ")[2][:11]
    page = enter("anna@example.org").send("/my/account/link", {"code": code}, status=400)
    assert "Your account already speaks for that phone or address." in page
    assert "Write to the moderators" not in page
    assert counted() == (1, 1)


@pytest.mark.parametrize("leaving", ["deleted", "erased"])
@pytest.mark.usefixtures("mail", "evidence_dir")
def test_who_wanted_no_answers_gets_none_after_leaving(leaving: str):
    person = enter(BOX[1])
    report(person)
    assert write("STOP")
    if leaving == "deleted":
        leave(person)
    else:
        erase(person)
    assert write("+442079460123 threatened me") == ""


@pytest.mark.slow
@pytest.mark.usefixtures("mail", "evidence_dir")
@pytest.mark.parametrize("ways", [("page", "page"), ("mail", "page"), ("page", "mail")])
def test_who_erases_all_and_comes_back_is_in_the_network_of_then(ways: tuple[str, str]):
    """Nothing of the former voice is left but its report, which goes on warning."""
    for place, way in enumerate((*ways, ways[1])):
        if way == "mail":
            write(f"{SCAMMER.key} threatened me")
        person = enter(BOX[place], f"198.51.{place}.1")
        if way == "page":
            report(person)
        erase(person)
    number = Number.objects.get()
    assert counted() == (3, 3)
    assert (number.networks, number.action) == (1, "allow")


@pytest.mark.slow
@pytest.mark.usefixtures("mail", "evidence_dir")
def test_who_comes_back_counts_apart_from_what_others_said():
    """Also apart from those who erased on another day, and on numbers of which it said nothing."""
    for place, email in enumerate(("anna@gmail.com", "bert@gmail.com")):
        person = enter(email, f"198.51.{place}.1")
        report(person)
        erase(person)
    Report.objects.filter(pk=Report.objects.earliest("pk").pk).update(erased_at=NOW)
    person = enter("bert@gmail.com", "198.51.9.1")
    for number in (SCAMMER.key, "+442079460123"):
        report(person, number=number)
    of = Report.objects.filter(number__key=SCAMMER.key).order_by("pk")
    anna, bert, back = of.values_list("network", flat=True)
    assert bert == back != anna
    assert Report.objects.latest("pk").network not in (anna, bert)


def erase(person: Visitor) -> None:
    assert "is erased" in person.send("/my/account/erase", {"sure": "1"})


def test_different_mailboxes_stay_different():
    for email in ("anna@outlook.com", "anna@hotmail.com", "anna@example.org"):
        report(enter(email))
    assert counted() == (3, 3)


@pytest.mark.slow
def test_leaving_and_coming_back_is_the_same_voice():
    voices = set()
    for email in ("person@onebox.example", "person+2@onebox.example", "PERSON@onebox.example"):
        person = enter(email)
        report(person)
        if not voices:  # the first time, a moderator finds that it is true
            confirm_number(actor=moderator(), identity=SCAMMER, reason="heard it", now=NOW)
        voice = voice_of(User.objects.get(username__startswith="p-"))
        assert voice is not None
        voices.add(voice.pk)
        assert voice.tp == 3.0
        leave(person)
    assert len(voices) == 1
    assert counted() == (1, 1)


@pytest.mark.slow
def test_a_block_outlives_the_account():
    person = enter("person@onebox.example")
    report(person)
    reporter = Reporter.objects.get()
    block_reporter(actor=moderator(), reporter=reporter, reason="makes it up", now=NOW)
    leave(person)
    for email in ("person@onebox.example", "person+new@onebox.example"):
        person = enter(email)
        assert "no longer accepted" in person.send("/report", FORM, status=400)
        leave(person)
    assert Report.objects.live().count() == 0
    assert Reporter.objects.count() == 1


def test_staff_speak_for_themselves_whatever_address_was_typed():
    """An administrator who types a reporter's address into an account gets nobody's voice."""
    report(enter("person@onebox.example"))
    staff = User.objects.create_user("judge", "person@onebox.example", is_staff=True)
    assert mailbox_of(staff) == ""
    assert voice_of(staff) is None
    assert reporter_of(staff, now=NOW) != Reporter.objects.order_by("pk").first()


class TestCaps:
    @pytest.fixture(autouse=True)
    def caps(self, settings: Settings) -> None:
        settings.ACCOUNT_CAPS = {"domain": (2, 3), "network": (4, 5)}

    def networks(self) -> list[str]:
        return list(Report.objects.order_by("pk").values_list("network", flat=True))

    @pytest.mark.slow
    def test_mailboxes_of_one_domain(self):
        for n in range(5):
            domain = "evil.example" if n % 2 else "mx.evil.example"
            assert "Thank you" in report(enter(f"a{n}@{domain}", f"198.51.{n}.1"))
        one, two, *rest = self.networks()
        assert len({one, two, *rest}) == 3
        assert len(set(rest)) == 1
        assert Number.objects.get().reports == 5  # they count, as one network

    @pytest.mark.slow
    def test_accounts_from_one_network(self):
        """Accounts that are opened in one place count as one, from wherever they report."""
        people = [enter(f"a{n}@gmail.com", f"192.0.2.{n}") for n in range(6)]
        for n, person in enumerate(people):
            person.defaults["REMOTE_ADDR"] = f"198.51.{n}.1"
            report(person)
        networks = self.networks()
        assert len(set(networks)) == 5
        assert networks[4] == networks[5]

    @pytest.mark.slow
    def test_a_customer_of_a_carrier_loses_nothing(self):
        """All reports from the place of the accounts count as one network anyway."""
        for n in range(6):
            report(enter(f"a{n}@gmail.com", f"192.0.2.{n}"))
        assert len(set(self.networks())) == 1

    @pytest.mark.slow
    def test_providers_of_millions_have_no_cap(self):
        for n in range(4):
            report(enter(f"a{n}@gmail.com", f"198.51.{n}.1"))
        assert len(set(self.networks())) == 4

    @pytest.mark.slow
    def test_coming_back_is_not_another_account(self):
        for n in range(3):
            person = enter("anna@example.org", f"198.51.{n}.1")
            leave(person)
        report(enter("bert@example.org", "203.0.113.1"))
        assert Reporter.objects.get().crowd == ""

    def test_days_later_there_is_room_again_and_in_a_month_too(self):
        for days, crowded in ((0, False), (0, False), (0, True), (2, True), (31, False)):
            AccountOpening.objects.update(opened_at=timezone.now() - timedelta(days=days))
            enter(f"a{days}{AccountOpening.objects.count()}@evil.example", f"198.51.{days}.1")
            newest = AccountOpening.objects.latest("pk")
            assert bool(newest.crowd) is crowded, days

    @pytest.mark.slow
    def test_whoever_is_vouched_for_counts_alone(self):
        for n in range(3):
            person = enter(f"a{n}@evil.example", f"198.51.{n}.1")
            report(person)
        crowded = Reporter.objects.exclude(crowd="").get()
        assert Report.objects.get(reporter=crowded).network == crowded.crowd
        vouch_for_reporter(actor=moderator(), reporter=crowded, reason="a colleague", now=NOW)
        report(person, category="loan_scam")
        assert Report.objects.get(reporter=crowded).network != crowded.crowd

    @pytest.mark.usefixtures("evidence_dir")
    def test_erasing_mistakes_does_not_help(self):
        for n in range(3):
            person = enter(f"a{n}@evil.example", f"198.51.{n}.1")
        report(person)
        crowd = Reporter.objects.get().crowd
        Reporter.objects.update(fp=1.0)
        assert "is erased" in person.send("/my/account/erase", {"sure": "1"})
        report(enter("a2@evil.example", "198.51.9.1"), number="+8613812345679")
        assert Report.objects.latest("pk").network == crowd != ""

    def test_waiting_in_silence_does_not_help(self):
        for n in range(3):
            person = enter(f"a{n}@evil.example", f"198.51.{n}.1")
        now = timezone.now() + CAPPED[-1]
        assert forget_openings(now=now) == 2
        assert [*AccountOpening.objects.values_list("domain", "network")] == [("", "")]
        report(person)
        assert Reporter.objects.get().crowd
        assert forget_openings(now=now) == 1
        assert not AccountOpening.objects.exists()
