"""Which errors mean: this cannot be served now, try again."""

import tempfile

import pytest

from edge import is_full


def test_where_no_folder_for_temporary_files_takes_one_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in a new process of a container whose /tmp is full: it looks for a folder, and says that
    there is none. A file that is missing is another matter."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/sys"])
    with pytest.raises(FileNotFoundError) as error:
        tempfile.mkstemp()
    assert is_full(error.value)
    with pytest.raises(FileNotFoundError) as error, open("/sys/none"):
        pass
    assert not is_full(error.value)
