"""The address book of the command: a file that other programs write."""

import os
from pathlib import Path

import pytest
from ringscore._book import book_of

FRIEND = "+447700900123"
CARDS = f"BEGIN:VCARD\r\nFN:Müller\r\nTEL:{FRIEND}\r\nEND:VCARD\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", [CARDS, f"{FRIEND}\n"], ids=["cards", "lines"])
def test_an_address_book_is_read_as_programs_save_it(
    tmp_path: Path, text: str, encoding: str
) -> None:
    file = tmp_path / "book"
    file.write_bytes(text.encode(encoding))
    assert FRIEND in book_of(str(file), region="")()


def test_a_book_in_another_encoding_is_refused_with_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "book.vcf"
    file.write_bytes(CARDS.encode("latin-1"))
    with pytest.raises(ValueError, match=r"book\.vcf cannot be read: save it in UTF-8"):
        book_of(str(file), region="")


def test_a_missing_book_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.vcf cannot be read: No such file or directory"):
        book_of(str(tmp_path / "none.vcf"), region="")


def test_the_last_book_serves_on_when_what_replaces_it_cannot_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "book.vcf"
    file.write_text(CARDS)
    book = book_of(str(file), region="")
    file.write_bytes(CARDS.encode("latin-1"))
    os.utime(file, ns=(0, 0))
    assert FRIEND in book()
    assert "save it in UTF-8" in caplog.text
