"""POST /v1/reports/bulk: what files there are, and what is said of those that cannot be read."""

import json

import pytest
from django.test import Client

from api import bulk_rows
from reputation.models import Report
from tests.given.bulk_files import URL, key, ndjson, number, post


@pytest.fixture
def client(db: None) -> Client:
    return Client(headers={"Authorization": f"Bearer {key()}"})


@pytest.mark.parametrize(
    "head",
    [
        "number,category,comment,conduct",
        "\ufeffNumber,Categories,Comment,Conduct",
        "Phone,category,comment,conduct",
    ],
)
def test_csv_with_any_of_the_usual_headers(client, head):
    body = head + '\r\n202-200-0001,robocall,"two\nlines, and a comma",threats false_accusation\r\n'
    assert post(client, body.encode()).json()["saved"] == 1
    report = Report.objects.get()
    assert report.number.key == "+12022000001"
    assert report.comment == "two\nlines, and a comma"
    assert report.conduct == ["threats", "false_accusation"]


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        ("7,true", (7, True)),
        (" 7 , NO ", (7, False)),
        (",", (1, False)),
        ("3.0,true", (3, True)),  # pandas, where other cells of the column are empty
        ("1e3,true", "call_count: Give a whole number, without quotes."),
        ("1234567890,true", "call_count: Ensure this value is less than or equal to 10000."),
        ("7,perhaps", "was_warned: Give true or false, without quotes."),
    ],
)
def test_csv_cells_that_are_no_text(client, cells, read):
    body = f"number,category,call_count,was_warned\n+12022000001,robocall,{cells}\n"
    answer = post(client, body.encode()).json()
    if isinstance(read, tuple):
        assert (answer["saved"], answer["invalid"]) == (1, [])
        assert Report.objects.values_list("call_count", "was_warned").get() == read
    else:
        assert [row["error"] for row in answer["invalid"]] == [read]


def test_a_region_that_does_not_exist_is_one_error_not_thousands(client):
    response = client.post(f"{URL}?region=XX", data=b"", content_type="text/csv")
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "#/region"


def test_csv_rows_of_another_width_are_explained(client):
    body = b"number,category\n+12022000001,robocall\n+12022000002\n\n+12022000003,robocall,x\n"
    assert post(client, body).json() == {
        "saved": 1,
        "updated": 0,
        "invalid_total": 2,
        "invalid": [
            {"row": 2, "input": "+12022000002", "error": "This row has 1 cells and the header 2."},
            {
                "row": 3,
                "input": "+12022000003,robocall,x",
                "error": "This row has 3 cells and the header 2.",
            },
        ],
    }


@pytest.mark.parametrize(
    "behind",
    [
        "{0},robocall,x\n{1},robocall,y\n",
        '{0},robocall,x\n{1},robocall,"y"\n',
        '{0},robocall,"x\n\ny"\n{1},robocall,\n',
    ],
    ids=["no quote", "a quote later", "a quote over lines"],
)
def test_an_open_quote_costs_no_row_but_its_own(client, behind):
    bad = f'{number(0)},robocall,"again'
    rows = f"{bad}\n{behind.format(number(1), number(2))}{number(3)}\n"
    answer = client.post(URL, f"number,category,comment\n{rows}", "text/csv").json()
    assert (answer["saved"], answer["invalid_total"]) == (2, 2)
    first, last = answer["invalid"]
    assert (first["row"], first["input"]) == (1, bad)
    assert first["error"].startswith("This row is not valid CSV: ")
    assert "Around a cell with a quote in it write quotes, and that quote twice" in first["error"]
    assert last == {
        "row": 4,
        "input": number(3),
        "error": "This row has 1 cells and the header 3.",
    }


def test_open_quotes_in_many_rows_cost_no_row_between(client):
    """The quote of the next wrong row is where the one before ends."""
    rows = [f"{number(place)},robocall,{'x' if place % 3 == 2 else '"x'}" for place in range(300)]
    body = "\n".join(["number,category,comment", *rows])
    answer = client.post(URL, body, "text/csv").json()
    assert (answer["saved"], answer["invalid_total"]) == (100, 200)
    shown = [(wrong["row"], wrong["input"]) for wrong in answer["invalid"][:4]]
    assert shown == [(1, rows[0]), (2, rows[1]), (4, rows[3]), (5, rows[4])]


def test_a_column_that_is_named_twice_is_refused(client):
    for header in ("number,category,number", "phone,category,Number"):
        rows = f"{header}\n{number(0)},threat,{number(1)}\n"
        answer = client.post(URL, rows, "text/csv").json()
        assert (answer["saved"], answer["invalid_total"]) == (0, 1)
        assert answer["invalid"][0]["error"] == (
            "The first line names number twice: name each column once."
        )


@pytest.mark.parametrize("written", ["1.20256E+10", "1,20256E+10", "8.61381E+12", "4E+11"])
def test_a_number_that_a_spreadsheet_shortened_is_explained(client, written):
    rows = f'number,category\n"{written}",robocall\n{number(0)},robocall\n'
    answer = client.post(URL, rows, "text/csv").json()
    assert (answer["saved"], answer["invalid_total"]) == (1, 1)
    assert answer["invalid"][0]["error"].startswith("number: A spreadsheet has shortened it, and")


def test_csv_without_a_header_is_explained(client):
    answer = post(client, b"+12022000001,robocall\n+12022000002,robocall\n").json()
    assert (answer["saved"], answer["invalid_total"]) == (0, 1)
    assert answer["invalid"][0]["error"].startswith(
        "The first line must name columns, between commas, ; or tabs: number,"
    )


def test_csv_as_excel_writes_it_where_the_decimal_sign_is_a_comma(client):
    rows = f'\ufeffnumber;category;comment\r\n{number(0)};robocall;"a, b; c"\r\n'
    answer = client.post(URL, rows, "text/csv").json()
    assert (answer["saved"], answer["invalid_total"]) == (1, 0)
    assert Report.objects.get().comment == "a, b; c"


@pytest.mark.parametrize(
    "file",
    [
        f"\n\r\nnumber,category,comment\n\n{number(0)},robocall,a b\n",
        f"\ufeff\nnumber,category,comment\n{number(0)},robocall,a b\n",
        f"number , category , comment\n{number(0)} , robocall , a b \n",
        f"number,category,comment\n{number(0)},robocall,a b,,\n,,,,\n , \n",
        f"number\tcategory\tcomment\n{number(0)}\trobocall\ta b\n",
        f"sep=;\r\nnumber;category;comment\r\n{number(0)};robocall;a b\r\n",
        f'"sep=,"\nnumber,category,comment\n{number(0)},robocall,a b\n',
        f"number,category,comment\n'{number(0)},robocall,a b\n",
        f'number,category,comment\n"=""{number(0)}""",robocall,a b\n',
    ],
    ids=["blank lines", "BOM", "blanks", "surplus", "tabs", "sep", "quoted sep", "'", '=""'],
)
def test_csv_as_people_and_programs_write_it(client, file):
    answer = client.post(URL, file, "text/csv").json()
    assert (answer["saved"], answer["invalid"]) == (1, [])
    report = Report.objects.get()
    assert (report.number.key, report.comment) == (number(0), "a b")


def test_acts_in_one_cell(client):
    acts = ["threats", "false_accusation"]
    cells = [f'"{mark.join(acts)}"' for mark in (" ", ", ", ";")]
    rows = "".join(f"{number(place)},threat,{cell}\n" for place, cell in enumerate(cells))
    answer = client.post(URL, f"number,category,conduct\n{rows}", "text/csv").json()
    assert (answer["saved"], answer["invalid"]) == (3, [])
    assert list(Report.objects.values_list("conduct", flat=True)) == [acts] * 3


def test_blank_lines_before_the_first_row_count_as_lines(client, monkeypatch):
    monkeypatch.setattr(bulk_rows, "MAX_LINES", 3)
    answer = post(client, b"\n\n\n" + ndjson(range(1))).json()
    assert (answer["saved"], answer["invalid_total"]) == (0, 1)
    assert answer["invalid"][0]["error"].startswith("One request takes 3 lines, blank ones")


def test_a_json_list_is_explained(client):
    pretty = json.dumps([{"number": number(0), "category": "robocall"}] * 2, indent=1)
    for text in (pretty, pretty.replace("\n", "")):
        answer = client.post(URL, text, "application/json").json()
        assert (answer["saved"], answer["invalid_total"]) == (0, 1)
        assert answer["invalid"][0]["error"].startswith("A list cannot be filed. Each line is ")


NOT_UTF_8 = "This is not in UTF-8. Save the file in UTF-8 (in Excel: CSV UTF-8) and send it again."


@pytest.mark.parametrize("encoding", ["gb18030", "windows-1252"])
def test_a_row_that_is_not_utf_8_is_not_filed_without_its_words(client, encoding):
    words = {"gb18030": "他威胁我还钱", "windows-1252": "Grüße"}[encoding]
    rows = f"{number(0)},threat,{words}\n{number(1)},threat,ok\n"
    answer = client.post(
        URL, f"number,category,comment\n{rows}".encode(encoding), "text/csv"
    ).json()
    assert (answer["saved"], answer["invalid_total"]) == (1, 1)
    assert answer["invalid"][0]["row"] == 1
    assert answer["invalid"][0]["error"] == NOT_UTF_8
    line = {"number": number(2), "category": "threat", "comment": words}
    lines = json.dumps(line, ensure_ascii=False).encode(encoding) + b"\n" + ndjson(range(3, 4))
    answer = post(client, lines).json()
    assert (answer["saved"], answer["invalid_total"]) == (1, 1)
    assert answer["invalid"][0]["error"] == NOT_UTF_8
    assert set(Report.objects.values_list("comment", flat=True)) == {"ok", ""}


@pytest.mark.parametrize(
    "file",
    [
        "number,category\n+12022000001,threat\n".encode("utf-16"),
        "number,category,备注\n+12022000001,threat,x\n".encode("gb18030"),
        b"PK\x03\x04\x14\0\x06\0[Content_Types].xml",
    ],
    ids=["UTF-16", "a header of Windows", "a workbook"],
)
def test_a_file_that_is_not_utf_8_is_one_error(client, file):
    answer = client.post(URL, file, "text/csv").json()
    assert (answer["saved"], answer["invalid_total"]) == (0, 1)
    assert answer["invalid"][0]["error"] == NOT_UTF_8


def test_a_form_is_explained(client):
    part = 'Content-Disposition: form-data; name="csv"; filename="r.csv"'
    body = f"--x\r\n{part}\r\n\r\nnumber,category\r\n{number(0)},threat\r\n--x--\r\n"
    answer = client.post(URL, body, "multipart/form-data; boundary=x").json()
    assert (answer["saved"], answer["invalid_total"]) == (0, 1)
    assert answer["invalid"][0]["error"] == (
        "A form cannot be filed. Send the file itself as the body, as curl --data-binary "
        "@reports.csv does."
    )


def test_a_file_whose_line_breaks_were_lost_is_explained(client):
    """As by curl --data @reports.csv: the first row became part of the header."""
    rows = f"number,category,comment{number(0)},threat,x{number(1)},threat,y"
    answer = client.post(URL, rows, "text/csv").json()
    assert (answer["saved"], answer["invalid_total"]) == (0, 1)
    assert answer["invalid"][0]["error"].startswith("No row follows the header. Send the file its")
    # A list without calls is none of that.
    answer = client.post(URL, "number,category,comment\n", "text/csv").json()
    assert (answer["saved"], answer["invalid_total"]) == (0, 0)
    lines = ndjson(range(2)).replace(b"\n", b"")
    assert "Each line is one object" in post(client, lines).json()["invalid"][0]["error"]


def test_lines_of_an_old_macintosh_are_explained(client):
    rows = f"number,category\r{number(0)},threat\r"
    answer = client.post(URL, rows, "text/csv").json()
    assert (answer["saved"], answer["invalid_total"]) == (0, 1)
    assert answer["invalid"][0]["error"] == (
        "This row is not valid CSV: a carriage return stands alone. End lines with a line feed."
    )
