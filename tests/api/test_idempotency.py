"""Idempotency-Key on POST /v1/reports: once, however often it is sent."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from api.idempotency import once
from api.models import IdempotencyRecord
from reputation.models import Number, Report, Reporter, ReportRevision
from tests.given.api_requests import NOW, Answer, Holder, ask, holder, trouble

BODY = {"number": "+8613812345678", "category": "loan_scam", "comment": "贷款"}


def report(by: Holder, key: str = "k1", body: object = BODY, **kwargs: object) -> Answer:
    return ask("POST", "/v1/reports", by=by, body=body, idempotency_key=key, **kwargs)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_repetition_gets_the_same_bytes():
    by = holder("report")
    first, second = report(by), report(by)
    assert first.status == second.status == 201
    assert first.body == second.body
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Content-Type"] == first.headers["Content-Type"] == "application/json"
    assert Report.objects.get().seq == 1
    assert not ReportRevision.objects.exists()
    # It is a request like any other to the limits.
    assert (first.left, second.left) == ((120, 119), (120, 118))


@pytest.mark.django_db
def test_the_same_bytes_also_when_the_number_has_changed_since():
    by = holder("report")
    first = report(by)
    report(holder("report"), "k1")
    ask("DELETE", f"/v1/reports/{first.json['id']}", by=by)
    again = report(by)
    assert (again.status, again.body) == (201, first.body)
    assert Report.objects.get(reporter_id=by.key.reporter_id).status == "withdrawn"


@pytest.mark.django_db
def test_an_update_is_repeated_as_an_update():
    by = holder("report")
    report(by, "k1")
    assert [report(by, "k2").status for _ in range(2)] == [200, 200]
    assert Report.objects.get().seq == 2


@pytest.mark.django_db
def test_without_a_key_each_is_a_new_request():
    by = holder("report")
    assert [ask("POST", "/v1/reports", by=by, body=BODY).status for _ in range(2)] == [201, 200]
    assert report(by, "").status == 200
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", [BODY | {"category": "threat"}, b'{"number":"+8613812345678","category":"loan_scam"}']
)
def test_another_body_under_the_same_key(body):
    by = holder("report")
    report(by)
    answer = report(by, body=body)
    sentence = "This Idempotency-Key was already used for another request. Send a new key."
    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json == trouble(
        *(422, "Unprocessable Content", "idempotency-key-reused", sentence),
        ("#/Idempotency-Key", "idempotency-key-reused", sentence),
    )
    assert Report.objects.get().category == "loan_scam"


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["k" * 256, "schlüssel", "a\tb", "a\x00b", "\x7f", "\x80"])
def test_a_malformed_key(key):
    by = holder("report")
    answer = report(by, key)
    sentence = "An Idempotency-Key is up to 255 printable ASCII characters, e.g. a UUID."
    assert answer.status == 400
    assert answer.json == trouble(
        *(400, "Bad Request", "invalid-idempotency-key", sentence),
        ("#/Idempotency-Key", "invalid-idempotency-key", sentence),
    )
    assert not Report.objects.exists()


@pytest.mark.django_db
def test_the_longest_key():
    assert report(holder("report"), "k" * 255).status == 201


@pytest.mark.django_db
def test_keys_of_two_clients_do_not_meet():
    one, other = report(holder("report")), report(holder("report"))
    assert (one.status, other.status) == (201, 201)
    assert one.json["id"] != other.json["id"]
    assert "Idempotent-Replayed" not in other.headers
    assert IdempotencyRecord.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [BODY | {"number": "110"}, BODY | {"category": "nice"}, b"{"])
def test_what_was_not_valid_can_be_mended_under_the_same_key(wrong):
    by = holder("report")
    assert report(by, body=wrong).status == 400
    assert not IdempotencyRecord.objects.exists()
    assert report(by).status == 201


@pytest.mark.django_db
def test_a_write_that_fails_leaves_no_note():
    """The refusal comes from inside the transaction that made the note."""
    by = holder("report")
    Reporter.objects.update(blocked_at=NOW)
    assert report(by).status == 403
    assert not IdempotencyRecord.objects.exists()
    assert not Number.objects.exists()
    Reporter.objects.update(blocked_at=None)
    answer = report(by)
    assert (answer.status, "Idempotent-Replayed" in answer.headers) == (201, False)


@pytest.mark.django_db
def test_a_note_lasts_48_hours(clock):
    by = holder("report")
    first = report(by)
    clock.now = NOW + timedelta(hours=48)
    assert report(by).body == first.body
    clock.now = NOW + timedelta(hours=48, microseconds=1)
    answer = report(by)
    assert (answer.status, "Idempotent-Replayed" in answer.headers) == (200, False)
    assert IdempotencyRecord.objects.get().created_at == clock.now


@pytest.mark.django_db
def test_notes_of_others_stay(clock):
    by, other = holder("report"), holder("report")
    report(by)
    clock.now = NOW + timedelta(hours=49)
    report(other)
    assert set(IdempotencyRecord.objects.values_list("api_key_id", flat=True)) == {
        by.key.pk,
        other.key.pk,
    }


@pytest.mark.django_db
def test_the_database_refuses_a_second_note():
    by = holder("report")
    note = {"api_key": by.key, "key": "k", "fingerprint": "f", "created_at": NOW}
    record = IdempotencyRecord.objects.create(**note)
    assert str(record) == f"{by.key.pk}:k"
    with (
        pytest.raises(IntegrityError, match='constraint "idempotency_key_unique"'),
        transaction.atomic(),
    ):
        IdempotencyRecord.objects.create(**note)


# --- At once ---


def at_once(by: Holder, size: int, key: str = "k1") -> list[Answer]:
    gate = threading.Barrier(size)

    def send(_: int) -> Answer:
        try:
            connection.ensure_connection()
            gate.wait(20)
            return report(by, key)
        finally:
            connection.close()

    with ThreadPoolExecutor(size) as pool:
        return list(pool.map(send, range(size)))


@pytest.mark.django_db(transaction=True)
def test_duplicates_at_once_are_filed_once():
    answers = at_once(holder("report"), 8)
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert sorted("Idempotent-Replayed" in answer.headers for answer in answers) == (
        [False] + [True] * 7
    )
    assert Report.objects.get().seq == 1
    assert Number.objects.get().seq == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_waits_and_takes_over_when_the_first_fails():
    by = holder("report")
    first_is_in, let_it_fail = threading.Event(), threading.Event()

    def fails() -> tuple[int, dict[str, str]]:
        first_is_in.set()
        assert let_it_fail.wait(20)
        raise RuntimeError("the first one breaks")

    def run(write):
        try:
            return once(api_key_id=by.key.pk, key="k", fingerprint="f", write=write, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run, fails)
        assert first_is_in.wait(20)
        second = pool.submit(run, lambda: (201, {"id": "x"}))
        assert not second.done()
        let_it_fail.set()
        with pytest.raises(RuntimeError):
            first.result(20)
        assert second.result(20) == (201, {"id": "x"}, False)
    assert IdempotencyRecord.objects.get().status == 201
