import pytest

from app.ui.typed import file_path, folder_path, new_file_path
from core.errors import UserError


def test_paths_may_come_with_quotes_and_spaces(tmp_path):
    file = tmp_path / "a b.json"
    file.touch()
    assert file_path(f' "{file}" ') == file
    assert folder_path(str(tmp_path)) == tmp_path
    assert new_file_path(str(tmp_path / "new.json")) == tmp_path / "new.json"


@pytest.mark.parametrize(
    ("read", "typed", "what"),
    [
        (file_path, "", "No path was given."),
        (file_path, "a\0b", "No path was given."),
        (file_path, "/no/such.json", "There is no such file on the server."),
        (folder_path, "/no/such", "There is no such folder on the server."),
        (new_file_path, "/", "This is a folder."),
        (new_file_path, "/no/such/x.json", "There is no such folder on the server."),
    ],
)
def test_unusable_paths_are_refused_in_words(read, typed, what):
    with pytest.raises(UserError) as refused:
        read(typed)
    assert refused.value.what == what
