"""The Hub: the files of a public model, fetched into its own cache; never code, never too much."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError
from core.models.hub_folder import (
    CONFIG_FILE,
    MAX_JSON_BYTES,
    PREPROCESSOR_FILE,
    WEIGHTS_FILE,
)

ADDRESS = "https://huggingface.co"
MAX_WEIGHTS_BYTES = 4 * 1024**3
CARD = "README.md"
NEEDED, WANTED = (CONFIG_FILE, WEIGHTS_FILE), (PREPROCESSOR_FILE, CARD)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}(?:@[\w.-]{1,100})?")
_LICENCE = re.compile(r"^license:\s*([\w .-]{1,60})$", re.MULTILINE)


@dataclass(frozen=True)
class Fetched:
    """What came of a model of the Hub.

    Attributes:
        folder: with its files, in the Hub's cache; not to be written to.
        source: name and commit, for its card.
        licence: as its card there says; empty where it does not.
    """

    folder: Path
    source: str
    licence: str


def is_hub_name(name: str) -> bool:
    """Whether this may be a model of the Hub: `owner/model`, or `owner/model@revision`."""
    return _NAME.fullmatch(name) is not None


def fetch(name: str) -> Fetched:
    """The files of a model of the Hub, all of one commit; from its cache where there is no network.

    Args:
        name: `owner/model`, or `owner/model@revision`.

    Raises:
        UserError: no such model, one without safetensors, too large, or out of reach.
    """
    repo, _, revision = name.partition("@")
    first = _fetched(repo, CONFIG_FILE, revision or None, most_bytes=MAX_JSON_BYTES)
    commit = first.parent.name
    _fetched(repo, WEIGHTS_FILE, commit, most_bytes=MAX_WEIGHTS_BYTES)
    for file in WANTED:
        with suppress(UserError):
            _fetched(repo, file, commit, most_bytes=MAX_JSON_BYTES)
    return Fetched(first.parent, f"{repo} on the Hub, commit {commit[:12]}", _licence(first.parent))


def _fetched(repo: str, file: str, revision: str | None, *, most_bytes: int) -> Path:
    """Where a file of the Hub is in its cache now."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    with _words(repo, file):
        reached = True
        with _no_network() as unreached:
            size = get_hf_file_metadata(hf_hub_url(repo, file, revision=revision)).size or 0
            if size > most_bytes:
                raise UserError(
                    f"{file} of {repo} has {size:,} bytes; at most {most_bytes:,} are read."
                )
        reached = not unreached
        return Path(hf_hub_download(repo, file, revision=revision, local_files_only=not reached))


@contextmanager
def _no_network() -> Iterator[list[Exception]]:
    """Note in the list, instead of raising, that the Hub could not be asked."""
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    # Which httpx it is changes with its versions.
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]

    noted: list[Exception] = []
    try:
        yield noted
    except HfHubHTTPError:
        raise
    except (OfflineModeIsEnabled, httpx.HTTPError) as error:
        noted.append(error)


@contextmanager
def _words(repo: str, file: str) -> Iterator[None]:
    """Raises UserError in place of what the Hub's client raises."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise UserError(
            f"{repo} asks whoever downloads it to accept its terms.",
            where=f"{ADDRESS}/{repo}",
            remedy="Accept them there, then log in here with `hf auth login`.",
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise UserError(
            f"There is no public model {repo} on the Hub.",
            remedy="Check its name; `models` lists some that are known.",
        ) from error
    except errors.RevisionNotFoundError as error:
        raise UserError(f"{repo} has no such revision on the Hub.") from error
    except errors.LocalEntryNotFoundError as error:
        raise _out_of_reach(repo) from error
    except errors.EntryNotFoundError as error:
        remedy = "Only safetensors are read, never pickles." if file == WEIGHTS_FILE else ""
        raise UserError(f"{repo} has no {file} on the Hub.", remedy=remedy) from error
    except (errors.HFValidationError, errors.HfHubHTTPError, OSError) as error:
        raise UserError(
            f"{file} of {repo} cannot be fetched from the Hub.",
            problems=[str(error).strip().partition("\n")[0][:300]],
        ) from error


def _out_of_reach(repo: str) -> UserError:
    from huggingface_hub import constants

    why = (
        "HF_HUB_OFFLINE is set, so the Hub is not asked"
        if constants.HF_HUB_OFFLINE
        else "The Hub cannot be reached"
    )
    return UserError(
        f"{why}, and {repo} is not in its cache on this machine.",
        remedy=f"Download {' and '.join(NEEDED)} (and {PREPROCESSOR_FILE}, if there is one) from "
        f"{ADDRESS}/{repo} where there is a network, put them into one folder here, and "
        "`add-model FOLDER`.",
    )


def _licence(folder: Path) -> str:
    """What the head of the Hub's card says."""
    card = folder / CARD
    if not card.is_file() or card.stat().st_size > MAX_JSON_BYTES:
        return ""
    found = _LICENCE.search(card.read_text(errors="replace").partition("\n---")[0])
    return found[1].strip() if found else ""
