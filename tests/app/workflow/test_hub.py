"""Models of the Hub: fetched, bounded, from the cache, and every refusal in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.workflow import hub as hub_of
from app.workflow.hub import fetch, is_hub_name
from core.errors import UserError
from tests.app.workflow.stub_hub import COMMIT, StubHub, a_hub, use_hub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StubHub]:
    with a_hub(monkeypatch, tmp_path / "cache") as running:
        folder = tmp_path / "model"
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        (folder / "model.safetensors").write_bytes(b"12345")
        (folder / "README.md").write_text(
            "---\nlicense: apache-2.0\ntags: [x]\n---\nlicense: mit\n"
        )
        running.models["some/model"] = folder
        yield running


def test_the_files_of_a_model_are_fetched_of_one_commit(hub: StubHub) -> None:
    found = fetch("some/model")
    assert sorted(each.name for each in found.folder.iterdir()) == [
        "README.md",
        "config.json",
        "model.safetensors",
    ]
    assert (found.folder / "model.safetensors").read_bytes() == b"12345"
    assert found.source == f"some/model on the Hub, commit {COMMIT[:12]}"
    assert found.licence == "apache-2.0"
    assert "/some/model/resolve/main/config.json" in hub.asked
    assert not any("resolve/main/model.safetensors" in path for path in hub.asked)


def test_without_a_network_the_cache_answers(
    hub: StubHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = fetch("some/model")
    hub.asked.clear()
    for offline in (False, True):
        use_hub(monkeypatch, "http://127.0.0.1:9", tmp_path / "cache", offline=offline)
        assert fetch("some/model") == before
    assert hub.asked == []


@pytest.mark.parametrize(
    ("offline", "why"),
    [
        (False, "The Hub cannot be reached"),
        (True, "HF_HUB_OFFLINE is set, so the Hub is not asked"),
    ],
)
def test_what_is_out_of_reach_says_what_to_download_and_where_to_put_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, offline: bool, why: str
) -> None:
    use_hub(monkeypatch, "http://127.0.0.1:9", tmp_path / "cache", offline=offline)
    with pytest.raises(UserError) as refused:
        fetch("some/model")
    assert str(refused.value) == (
        f"{why}, and some/model is not in its cache on this machine. "
        "Download config.json and model.safetensors (and preprocessor_config.json, if there is "
        "one) from https://huggingface.co/some/model where there is a network, put them into one "
        "folder here, and `add-model FOLDER`."
    )


def test_a_model_that_is_not_there_is_refused(hub: StubHub) -> None:
    with pytest.raises(UserError, match="There is no public model other/model on the Hub"):
        fetch("other/model")
    with pytest.raises(UserError, match="some/model has no such revision on the Hub"):
        fetch("some/model@v9")


def test_a_model_behind_terms_says_where_to_accept_them(hub: StubHub) -> None:
    hub.refused["some/model"] = "GatedRepo"
    with pytest.raises(UserError) as refused:
        fetch("some/model")
    assert str(refused.value) == (
        "https://huggingface.co/some/model: some/model asks whoever downloads it to accept its "
        "terms. Accept them there, then log in here with `hf auth login`."
    )


def test_pickles_are_not_fetched(hub: StubHub) -> None:
    weights = hub.models["some/model"] / "model.safetensors"
    weights.rename(weights.with_name("pytorch_model.bin"))
    with pytest.raises(UserError) as refused:
        fetch("some/model")
    assert str(refused.value) == (
        "some/model has no model.safetensors on the Hub. Only safetensors are read, never pickles."
    )
    assert not any("pytorch_model" in path for path in hub.asked)


def test_what_is_too_large_is_not_downloaded(hub: StubHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_of, "MAX_WEIGHTS_BYTES", 4)
    with pytest.raises(UserError) as refused:
        fetch("some/model")
    assert str(refused.value) == (
        "model.safetensors of some/model has 5 bytes; at most 4 are read."
    )


def test_other_troubles_of_the_hub_are_said(hub: StubHub) -> None:
    hub.refused["some/model"] = "SomethingElse"
    with pytest.raises(UserError, match=r"config.json of some/model cannot be fetched") as refused:
        fetch("some/model")
    assert "403" in refused.value.problems[0]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("a/b", True),
        ("usyd-community/vitpose-base-simple", True),
        ("a/b@v1.0", True),
        ("b", False),
        ("a/b/c", False),
        ("../b", False),
        ("/a", False),
        ("a/b@", False),
        ("a b/c", False),
    ],
)
def test_names_of_the_hub_are_told_from_paths(name: str, is_one: bool) -> None:
    assert is_hub_name(name) is is_one
