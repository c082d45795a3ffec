"""An incoming file: which kinds are taken, how large, under which name."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.attachments import drafts
from reputation.attachments.drafts import (
    Draft,
    EvidenceEmpty,
    EvidenceTooLarge,
    EvidenceTypeRefused,
    StorageUnavailable,
    media_type_of,
)
from tests.given.attachments import FILES, MAIL, PNG, REFUSED, draft, sha256
from tests.given.full_disk import no_file_larger_than


@pytest.mark.parametrize(("content", "media_type"), FILES.values(), ids=FILES)
@pytest.mark.parametrize("piece", [7, 100_000])
def test_the_content_tells_the_kind(content, media_type, piece):
    with draft(content, "report.exe", piece=piece) as file:
        assert (file.media_type, file.size, file.sha256) == (
            media_type,
            len(content),
            sha256(content),
        )
        assert file.content.read() == content
    assert media_type in drafts.EXTENSIONS


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("piece", [7, 100_000])
def test_other_kinds_are_refused_whatever_their_name(content, piece):
    with (
        pytest.raises(EvidenceTypeRefused, match="Send a picture"),
        draft(content, "shot.png", piece=piece),
    ):
        pass


def test_every_kind_has_an_ending():
    assert {*drafts.BINARY_TYPES.values(), "text/plain", "message/rfc822"} == set(drafts.EXTENSIONS)


@pytest.mark.slow
@given(st.binary(min_size=1, max_size=600))
@settings(deadline=None, max_examples=300)
def test_any_bytes_have_a_kind_or_are_refused(content):
    try:
        assert media_type_of(content) in drafts.EXTENSIONS
    except EvidenceTypeRefused:
        assert set(content) & {*range(9), 11, *range(14, 27), *range(28, 32)}


def test_a_mail_is_told_from_text_about_mails():
    assert media_type_of(MAIL) == "message/rfc822"
    assert media_type_of(b"Dear team,\nFrom: him. Date: today.\n") == "text/plain"


def test_an_empty_file():
    with pytest.raises(EvidenceEmpty, match="empty"), draft(b""):
        pass


def test_the_largest_file_and_one_byte_more(settings):
    settings.EVIDENCE_MAX_BYTES = len(PNG)
    with draft(PNG) as file:
        assert file.size == len(PNG)
    with (
        pytest.raises(EvidenceTooLarge, match=f"more than {len(PNG)} bytes"),
        draft(PNG + b"\x00"),
    ):
        pass


def test_a_file_too_large_is_refused_while_it_comes(settings):
    settings.EVIDENCE_MAX_BYTES = 5000
    with Draft() as file:
        file.write(PNG)
        with pytest.raises(EvidenceTooLarge):
            file.write(bytes(5000))
        assert file.content.seek(0, os.SEEK_END) == len(PNG)


def test_a_disk_that_fills_up_while_a_file_comes_in():
    with (
        no_file_larger_than(4096),
        pytest.raises(StorageUnavailable),
        draft(b"text\n" * 400_000, piece=65_536),
    ):
        pass


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Screenshot 1.png", "Screenshot 1.png"),
        ("通话记录.csv", "通话记录.csv"),
        ("a\x00b\nc\u202ed\ud800", "abcd"),
        ("x" * 300, "x" * 255),
        ("", ""),
    ],
)
def test_names_are_kept_without_what_does_not_print(name, kept):
    with draft(PNG, name) as file:
        assert file.name == kept
