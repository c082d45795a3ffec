"""POST /v1/reports/bulk."""

import io
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from api import bulk, bulk_rows, idempotency
from api.keys import create_key
from api.models import IdempotencyRecord
from reputation.identity import identify
from reputation.models import Number, Report, ReportRevision
from reputation.moderation import mark_reassigned
from tests.given.bulk_files import URL, key, ndjson, number, post
from tests.given.reporters import moderator

REUSED = "urn:ringscore:problem:idempotency-key-reused"


@pytest.fixture
def client(db: None) -> Client:
    return Client(headers={"Authorization": f"Bearer {key()}"})


def test_each_row_is_a_report(client):
    response = post(client, ndjson(range(3)))
    assert response.status_code == 200
    assert response.json() == {"saved": 3, "updated": 0, "invalid_total": 0, "invalid": []}
    assert sorted(Number.objects.values_list("key", "reports")) == [
        (number(0), 1),
        (number(1), 1),
        (number(2), 1),
    ]


@pytest.mark.parametrize(("verifies", "kept"), [(False, ["", "C"]), (True, ["A", "C"])])
def test_attestation_speaks_for_calls_only_from_a_key_that_verifies(db, verifies, kept):
    _, token = create_key(
        name="bulk", scopes=["bulk"], verifies_attestation=verifies, now=timezone.now()
    )
    client = Client(headers={"Authorization": f"Bearer {token}"})
    body = ndjson(range(1), attestation="A") + ndjson(range(1, 2), attestation="C")
    assert post(client, body).json()["saved"] == 2
    assert list(Report.objects.order_by("id").values_list("attestation", flat=True)) == kept


def test_calls_before_the_present_holder_say_nothing_of_them(client):
    now, judge = timezone.now(), moderator()
    for place in range(2):
        identity = identify(number(place))
        mark_reassigned(actor=judge, identity=identity, reason="its carrier says so", now=now)
    late = (now - timedelta(days=30)).isoformat()
    body = ndjson(range(2), occurred_at=late) + ndjson(range(2, 4), occurred_at=late)
    for _ in range(2):
        post(client, body)
        counted = Number.objects.order_by("key").values_list("reports", "score")
        assert [(reports, score > 0) for reports, score in counted] == [
            *[(0, False)] * 2,
            *[(1, True)] * 2,
        ]


def test_a_bad_row_loses_no_good_row(client):
    body = b"\n".join(
        (
            b'{"number":"+12022000000","category":"robocall"}',
            b'{"number":"911","category":"robocall"}',
            b"{not json",
            b"",
            b'["a list"]',
            b'{"number":"202 200 0001","category":"nonsense","colour":"red"}',
            b'{"number":"+12022000002","category":"robocall","occurred_at":"2100-01-01T00:00:00Z"}',
            b'{"number":"202-200-0003","category":"robocall"}',
            b'{"number":"1","category":"robocall"}',
        )
    )
    answer = post(client, body).json()
    errors = {entry["row"]: entry["error"] for entry in answer["invalid"]}
    assert (answer["saved"], answer["updated"], answer["invalid_total"]) == (2, 0, 6)
    assert list(errors) == [2, 3, 4, 5, 6, 8]
    assert errors[2].startswith("Emergency numbers can never be reported")
    assert errors[3].startswith("This line is not valid JSON")
    assert errors[4] == 'Each line is one object, e.g. {"number":"+86…", …}.'
    assert errors[5].startswith("colour: There is no such field.")
    assert errors[6].startswith("occurred_at: The call lies in the future.")
    assert answer["invalid"][1]["input"] == "{not json"
    assert sorted(Number.objects.values_list("key", flat=True)) == [
        "+12022000000",
        "+12022000003",
    ]


def test_the_same_number_twice_is_one_voice(client):
    body = ndjson(range(2)) + ndjson(range(1), comment="again")
    assert post(client, body).json() == {
        "saved": 2,
        "updated": 1,
        "invalid_total": 0,
        "invalid": [],
    }
    report = Report.objects.get(number__key=number(0))
    assert (report.comment, report.seq, report.number.reports) == ("again", 2, 1)
    assert ReportRevision.objects.filter(report=report).count() == 1


def test_nothing_to_file_is_no_error(client):
    assert post(client, b"").json() == {
        "saved": 0,
        "updated": 0,
        "invalid_total": 0,
        "invalid": [],
    }


def test_a_line_without_end_is_cut_and_explained(client):
    long = b'{"comment":"' + b"x" * 200_000 + b'"}\n'
    answer = post(client, long + ndjson(range(1))).json()
    assert (answer["saved"], answer["invalid_total"]) == (1, 1)
    assert answer["invalid"][0]["error"] == "A row has at most 65,536 bytes."
    assert len(answer["invalid"][0]["input"]) == bulk.INPUT_SHOWN


@pytest.mark.parametrize("size", [1, 7, 64])
def test_rows_come_whole_however_they_are_cut(client, monkeypatch, size):
    monkeypatch.setattr(bulk_rows, "CHUNK", size)
    body = "number,category,comment\r\n+12022000001,robocall,é\r\n+12022000002,robocall,x".encode()
    assert post(client, body).json()["saved"] == 2
    comments = Report.objects.order_by("number__key").values_list("comment", flat=True)
    assert list(comments) == ["é", "x"]


def test_rows_beyond_the_limit_are_refused_by_name(client, monkeypatch):
    monkeypatch.setattr(bulk_rows, "MAX_ROWS", 2)
    answer = post(client, ndjson(range(5))).json()
    assert (answer["saved"], answer["invalid_total"]) == (2, 1)
    assert answer["invalid"][0]["row"] == 3
    assert "were not read" in answer["invalid"][0]["error"]


class Endless(io.RawIOBase):
    """A body that never ends: good rows, then the same over and over."""

    def __init__(self, start: bytes, over_and_over: bytes) -> None:
        super().__init__()
        self.left, self.more, self.sent = start, over_and_over, 0

    def read(self, size: int = -1, /) -> bytes:
        while len(self.left) < size:
            self.left += self.more
        chunk, self.left = self.left[:size], self.left[size:]
        self.sent += len(chunk)
        if self.sent > 2_000_000:
            pytest.fail("It reads on and on.")
        return chunk


@pytest.mark.parametrize("more", [b"\n", b" \n", b"\r\n", b" ", b"x", b'"', b",\n" * 9])
@pytest.mark.parametrize("header", [b"", b"number,category\n"])
def test_a_body_without_end_is_left(client, monkeypatch, more, header):
    monkeypatch.setattr(bulk_rows, "MAX_LINES", 2_000)
    monkeypatch.setattr(bulk_rows, "MAX_BYTES", 1_000_000)
    rows = b"".join(f"{number(n)},robocall\n".encode() for n in range(3))
    body = Endless(header + rows if header else ndjson(range(3)), more * 1_000)
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": body, "CONTENT_LENGTH": ""}
    answer = client.generic("POST", URL, **environ).json()
    assert answer["saved"] == 3
    last = answer["invalid"][-1]["error"]
    assert "were not read: send them in another request" in last
    assert "2,000 lines, blank ones counted" in last or "1,000,000 bytes" in last


def test_explanations_are_bounded_and_the_count_is_not(client, monkeypatch):
    monkeypatch.setattr(bulk, "MAX_EXPLAINED", 2)
    answer = post(client, b"{\n" * 5).json()
    assert (answer["invalid_total"], len(answer["invalid"])) == (5, 2)


def test_a_body_in_chunks_without_length_is_read(client):
    environ = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": io.BytesIO(ndjson(range(2))),
        "CONTENT_LENGTH": "",
    }
    assert client.generic("POST", URL, **environ).json()["saved"] == 2


def test_another_scope_is_refused(db):
    client = Client(headers={"Authorization": f"Bearer {key(('report',))}"})
    assert post(client, b"").status_code == 403


class TestUnderAnIdempotencyKey:
    def test_a_repetition_gets_the_first_answer(self, client):
        first = post(client, ndjson(range(3)), idempotency_key="k")
        again = post(client, ndjson(range(3)), idempotency_key="k")
        assert (first.json(), again.json()) == (first.json(), first.json())
        assert again.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first.headers
        assert ReportRevision.objects.count() == 0

    @pytest.mark.parametrize("other", [range(2), range(4), range(1, 4), range(8)])
    def test_other_rows_are_refused(self, client, other, monkeypatch):
        monkeypatch.setattr(bulk, "BLOCK", 2)
        post(client, ndjson(range(3)), idempotency_key="k")
        response = post(client, ndjson(other), idempotency_key="k")
        assert response.status_code == 422
        assert response.json()["type"] == "urn:ringscore:problem:idempotency-key-reused"
        assert Number.objects.count() == 3

    @pytest.mark.parametrize("rows", [3, 4])
    def test_other_columns_are_refused(self, client, rows):
        def post(head: str, places: range) -> Any:
            cells = "".join(f"{number(place)},legitimate,robocall\n" for place in places)
            body = f"{head}\n{cells}"
            return client.post(URL, body, "text/csv", headers={"Idempotency-Key": "k"})

        assert post("number,claimed_name,category", range(3)).json()["saved"] == 3
        answer = post("number,category,claimed_name", range(rows))
        assert (answer.status_code, answer.json()["type"]) == (422, REUSED)
        assert set(Report.objects.values_list("category", flat=True)) == {"robocall"}

    def test_another_region_is_refused(self, client):
        body = b'{"number": "2022000000", "category": "robocall"}\n'
        headers = {"Idempotency-Key": "k"}
        assert client.post(URL, body, "application/x-ndjson", headers=headers).status_code == 200
        answer = client.post(f"{URL}?region=AT", body, "application/x-ndjson", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (422, REUSED)
        assert [number.key for number in Number.objects.all()] == ["+12022000000"]

    def test_what_broke_off_goes_on_where_it_stopped(self, client, monkeypatch):
        monkeypatch.setattr(bulk, "BLOCK", 2)
        body = ndjson(range(3)) + b"{bad\n" + ndjson(range(4, 7))

        class Broken(io.BytesIO):
            """A connection that ends without warning after four rows."""

            def read(self, size: int | None = -1) -> bytes:
                if self.tell():
                    raise OSError("connection reset")
                return super().read(body.index(b"\n", body.index(b"{bad")) + 1)

        environ = {"HTTP_TRANSFER_ENCODING": "chunked", "HTTP_IDEMPOTENCY_KEY": "k"}
        response = client.generic("POST", URL, **environ, **{"wsgi.input": Broken(body)})
        assert (response.status_code, response.json()["type"]) == (
            400,
            "urn:ringscore:problem:cut-short",
        )
        assert Number.objects.count() == 3
        answer = post(client, body, idempotency_key="k")
        assert answer.json()["saved"] == 6
        assert [entry["row"] for entry in answer.json()["invalid"]] == [4]
        assert "Idempotent-Replayed" not in answer.headers
        assert ReportRevision.objects.count() == 0, "a row was filed twice"
        assert post(client, body, idempotency_key="k").json() == answer.json()

    @pytest.mark.parametrize("place", range(8))
    def test_a_clock_that_is_set_meanwhile_costs_the_key_and_nothing_else(
        self, client, monkeypatch, place
    ):
        """The next request forgets the key, which is days old by now. It was a 500."""
        monkeypatch.setattr(bulk, "BLOCK", 2)
        body, reads = ndjson(range(6)), iter(range(100))

        class Slow(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                if next(reads) == place:
                    idempotency.forget_old(now=timezone.now() + timedelta(days=3))
                return super().read(len(body) // 6)

        environ = {"CONTENT_LENGTH": str(len(body)), "HTTP_IDEMPOTENCY_KEY": "k"}
        answer = client.generic("POST", URL, **environ, **{"wsgi.input": Slow(body)})
        assert (answer.status_code, answer.json()["saved"]) == (200, 6)
        again = post(client, body, idempotency_key="k").json()
        assert again["saved"] + again["updated"] == 6

    @pytest.mark.parametrize("chunked", [False, True])
    @pytest.mark.parametrize("form", ["ndjson", "csv"])
    @pytest.mark.parametrize("within", ["a row", "the line break"])
    def test_a_body_that_ends_early_stays_open(self, client, monkeypatch, form, chunked, within):
        monkeypatch.setattr(bulk, "BLOCK", 2)
        body = ndjson(range(7))
        if form == "csv":
            rows = "".join(f"robocall,{number(place)}\n" for place in range(7))
            body = b"category,number\n" + rows.encode()
        end = body.index(number(5).encode()) + len(number(5))
        end = end - 2 if within == "a row" else body.index(b"\n", end)
        environ = (
            {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
            if chunked
            else {"CONTENT_LENGTH": str(len(body))}
        )
        cut = {**environ, "wsgi.input": io.BytesIO(body[:end]), "HTTP_IDEMPOTENCY_KEY": "k"}
        response = client.generic("POST", URL, **cut)
        assert (response.status_code, response.json()["type"]) == (
            400,
            "urn:ringscore:problem:cut-short",
        )
        assert set(Number.objects.values_list("key", flat=True)) <= {number(n) for n in range(5)}
        answer = post(client, body, idempotency_key="k").json()
        assert (answer["saved"], answer["updated"], answer["invalid"]) == (7, 0, [])
        assert Number.objects.count() == 7

    def test_a_chunked_body_may_turn_out_to_go_on(self, client, monkeypatch):
        """Servers end a body that broke off between two lines like one that is whole."""
        monkeypatch.setattr(bulk, "BLOCK", 4)
        body = ndjson(range(7))
        part = b"".join(body.splitlines(keepends=True)[:5])
        environ = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
        environ |= {"HTTP_IDEMPOTENCY_KEY": "k"}
        first = client.generic("POST", URL, **environ, **{"wsgi.input": io.BytesIO(part)})
        assert first.json()["saved"] == 5
        assert post(client, body, idempotency_key="k").json()["saved"] == 7
        assert post(client, ndjson(range(8)), idempotency_key="k").status_code == 422
        assert ReportRevision.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_twins_at_once_file_each_row_once(monkeypatch):
    monkeypatch.setattr(bulk, "BLOCK", 5)
    headers = {"Authorization": f"Bearer {key()}", "Idempotency-Key": "twins"}
    body, answers = ndjson(range(40)), []
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        try:
            response = Client(headers=headers).generic("POST", URL, body)
            answers.append((response.status_code, response.json()["saved"]))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [(200, 40)] * 4
    assert Report.objects.count() == 40
    assert set(Report.objects.values_list("seq", flat=True)) == {1}
    assert IdempotencyRecord.objects.get().status == 200


def test_memory_does_not_grow_with_the_rows(client, monkeypatch):
    """The body is read as it comes: never more than a batch of rows ahead of what is filed."""
    monkeypatch.setattr(bulk, "BLOCK", 10)
    ahead: list[int] = []

    def rows() -> Iterator[bytes]:
        for place in range(60):
            ahead.append(place + 1 - Report.objects.count())
            yield ndjson(range(place, place + 1))

    class Slow(io.RawIOBase):
        source = rows()

        def read(self, size: int = -1) -> bytes:
            return next(self.source, b"")

    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": Slow()}
    assert client.generic("POST", URL, **environ).json()["saved"] == 60
    assert max(ahead) <= 2 * bulk.BLOCK
