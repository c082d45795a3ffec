"""What organisations publish of their numbers: read with care, and decided by a moderator."""

import json
import re
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import translation

from edge import outgoing
from reputation.faults import in_words
from reputation.lookup import look_up
from reputation.models import AuditEntry
from reputation.moderation import mark_official, published_lists, refresh_silences
from reputation.moderation.batches import advance_undo, start_undo
from reputation.moderation.numbers_file import PATH, FileRefused, body, fetch_file
from tests.given.reporters import BAKERY, DAY, NOW, SCAMMER, moderator, row

pytestmark = pytest.mark.django_db

CHINESE = re.compile("[一-鿿]")
FILE = {
    "version": 1,
    "calls": [{"number": BAKERY.key, "purpose": "reminders of appointments"}],
    "never_calls": [{"number": SCAMMER.key, "since": "2026-01-01"}],
}


def written(**changes):
    return json.dumps(FILE | changes).encode()


@pytest.fixture
def file():
    return published_lists.add_file(
        actor=moderator(), domain="Bank.example.", name="Some Bank", reason="The register.", now=NOW
    )


def fetched(file, content, *, at=NOW):
    found = published_lists.fetch_due(now=at, fetch=lambda domain: content)
    file.refresh_from_db()
    return found


def actions():
    return [look_up(number, now=NOW).action for number in (BAKERY, SCAMMER)]


def test_nothing_happens_before_a_moderator_decides(file):
    assert file.domain == "bank.example"
    assert fetched(file, written()) == 1
    assert actions() == ["allow", "allow"]
    assert published_lists.changes(file) == [
        (BAKERY.key, "", "reminders of appointments"),
        (SCAMMER.key, "", "never calls – 2026-01-01"),
    ]
    published_lists.accept_file(actor=moderator("a"), file=file, reason="Checked.", now=NOW)
    assert actions() == ["allow", "block"]
    assert (row(BAKERY).name, row(SCAMMER).name) == ("Some Bank", "Some Bank")
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == [
        *("add_numbers_file", "mark_official", "mark_never_calling", "accept_numbers_file")
    ]
    # The same file again is no change, and it is not asked for twice a day.
    assert fetched(file, written(), at=NOW + DAY) == 0
    assert fetched(file, b"", at=NOW + DAY) == 0
    # What the file no longer names leaves the directory.
    assert fetched(file, written(never_calls=[]), at=NOW + 2 * DAY) == 1
    published_lists.accept_file(actor=moderator("b"), file=file, reason="Gone.", now=NOW)
    assert actions() == ["allow", "allow"]
    assert (row(BAKERY).official, row(SCAMMER).official) == (True, False)


def test_a_command_adds_a_file_in_a_moderators_name():
    ann, said = User.objects.create_user("ann", is_staff=True), StringIO()
    line = ("add_numbers_file", "bank.example", "Some Bank", "--reason", "The register.")
    with pytest.raises(CommandError, match=r"^--moderator bob: no such .* open account"):
        call_command(*line, "--moderator", "bob")
    call_command(*line, "--moderator", "ann", stdout=said)
    assert said.getvalue() == "The worker fetches the file of bank.example within the hour.\n"
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.reason) == ("add_numbers_file", ann, "The register.")


def test_a_number_that_calls_by_now_is_no_longer_blocked(file):
    fetched(file, written())
    published_lists.accept_file(actor=moderator("a"), file=file, reason="Checked.", now=NOW)
    calls = [{"number": BAKERY.key}, {"number": SCAMMER.key}]
    fetched(file, written(calls=calls, never_calls=[]), at=NOW + DAY)
    published_lists.accept_file(actor=moderator("b"), file=file, reason="Checked.", now=NOW)
    assert actions() == ["allow", "allow"]
    assert refresh_silences(now=NOW) == 0
    batch = AuditEntry.objects.filter(verb="unmark_never_calling").get().batch
    undone = start_undo(actor=moderator("c"), batch=batch, reason="A slip.", now=NOW)
    advance_undo(batch=undone, now=NOW)
    assert actions() == ["allow", "block"]


def test_a_file_that_names_the_number_of_another_is_seen_to_do_so(file):
    """Its never_calls would block the other's calls, and a later file would take them out of the
    directory."""
    mark_official(actor=moderator("m"), identity=SCAMMER, name="A Clinic", reason="r", now=NOW)
    fetched(file, written())
    assert published_lists.changes(file) == [
        (BAKERY.key, "", "reminders of appointments"),
        (SCAMMER.key, "in the directory: A Clinic", "never calls – 2026-01-01"),
    ]


def test_changes_are_told_in_the_language_of_the_moderator(file):
    mark_official(actor=moderator("m"), identity=SCAMMER, name="A Clinic", reason="r", now=NOW)
    fetched(file, written(calls=[{"number": BAKERY.key}]))
    with translation.override("zh-hans"):
        assert published_lists.changes(file) == [
            (BAKERY.key, "", "会外呼"),
            (SCAMMER.key, "名录中已有：A Clinic", "从不外呼 – 2026-01-01"),
        ]


def test_what_a_moderator_decides_while_the_file_is_fetched_stays(file):
    fetched(file, written())

    def slowly(domain: str) -> bytes:
        published_lists.decline_file(
            actor=moderator("a"), file=file, reason="Whose domain?", now=NOW
        )
        return written()

    assert published_lists.fetch_due(now=NOW + DAY, fetch=slowly) == 0
    file.refresh_from_db()
    assert (file.found, file.declined["calls"]) == (None, {BAKERY.key: "reminders of appointments"})


def test_what_was_declined_waits_again_only_once_it_changes(file):
    fetched(file, written())
    published_lists.decline_file(actor=moderator("a"), file=file, reason="Whose domain?", now=NOW)
    assert fetched(file, written(), at=NOW + DAY) == 0
    assert fetched(file, written(calls=[]), at=NOW + 2 * DAY) == 1
    assert [key for key, _, _ in published_lists.changes(file)] == [SCAMMER.key]
    published_lists.accept_file(actor=moderator("c"), file=file, reason="r", now=NOW)
    with pytest.raises(published_lists.NothingFound):
        published_lists.accept_file(actor=moderator("b"), file=file, reason="r", now=NOW)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", '"version": 1'),
        (written(version=2), '"version": 1'),
        (written(calls={}), "calls is not a list"),
        (written(calls=[{"number": 49}]), "calls, entry 1: give an object"),
        (written(calls=[{"number": "030 901820"}]), "calls, entry 1: The country"),
        (written(calls=[{"number": BAKERY.key, "purpose": "x" * 101}]), "at most 100"),
        *(
            (written(calls=[{"number": BAKERY.key, "purpose": f"a{char}b"}]), "nobody can write")
            for char in "\0\ud800"
        ),
        (written(never_calls=[{"number": SCAMMER.key}]), "give since"),
        (written(never_calls=[{"number": SCAMMER.key, "since": "soon"}]), "since is a day"),
        (written(calls=[{"number": SCAMMER.key}]), "under calls and under never_calls"),
    ],
)
def test_a_file_at_fault_names_the_place_and_changes_nothing(file, content, message):
    assert fetched(file, content) == 0
    english = in_words(file.problem, file.problem_of)
    assert message in english
    with translation.override("zh-hans"):
        chinese = in_words(file.problem, file.problem_of)
    assert CHINESE.search(chinese)
    assert not CHINESE.search(english)
    assert file.found is None


@pytest.mark.parametrize(
    ("status", "encoding", "message"),
    [(302, "identity", "Redirects are not"), (200, "gzip", "compressed")],
)
def test_an_answer_that_is_refused(status, encoding, message):
    with pytest.raises(FileRefused, match=message):
        body(outgoing.Received(status, encoding, b"x"))


def test_a_moderator_reads_in_their_language_why_a_server_gave_no_file(file):
    def fetch(domain: str) -> bytes:
        return fetch_file("localhost")

    with translation.override("zh-hans"):  # whoever finds it has a language, too
        assert published_lists.fetch_due(now=NOW, fetch=fetch) == 0
    file.refresh_from_db()
    assert in_words(file.problem, file.problem_of) == (
        f"https://localhost{PATH}: localhost has no address on the public internet."
    )
    with translation.override("zh-hans"):
        assert in_words(file.problem, file.problem_of) == (
            f"https://localhost{PATH}：localhost 没有公共互联网上的地址。"
        )
    file.problem, file.problem_of = "100% of it, as an older server kept it.", {}
    assert in_words(file.problem, file.problem_of) == file.problem


def test_what_one_server_brings_about_keeps_no_other_from_being_asked(file):
    other = published_lists.add_file(
        actor=moderator("other"), domain="clinic.example", name="A", reason="r", now=NOW
    )

    def fetch(domain: str) -> bytes:
        if domain == file.domain:
            raise RuntimeError("nobody thought of this")
        return written()

    assert published_lists.fetch_due(now=NOW, fetch=fetch) == 1
    for each in (file, other):
        each.refresh_from_db()
    assert (file.checked_at, other.checked_at) == (NOW, NOW)
    assert other.found is not None


@pytest.mark.parametrize(
    "domain",
    ["a." * 130 + "example", "", "localhost", "127.0.0.1", "bank.example/x", "a b.example"],
)
def test_a_domain_is_a_name_alone(domain):
    with pytest.raises(published_lists.NoDomain):
        published_lists.add_file(actor=moderator(), domain=domain, name="A", reason="r", now=NOW)


@pytest.mark.parametrize("name", ["", " ", "A" * 101])
def test_an_organisation_has_a_name(name):
    with pytest.raises(published_lists.NameWrong, match="Name the organisation, in at most 100"):
        published_lists.add_file(
            actor=moderator(), domain="bank.example", name=name, reason="r", now=NOW
        )


def test_a_second_name_is_not_taken_for_the_first(file):
    with pytest.raises(published_lists.NameWrong, match="there already, under the name Some Bank"):
        published_lists.add_file(
            actor=moderator("other"), domain=file.domain, name="Other Bank", reason="r", now=NOW
        )
