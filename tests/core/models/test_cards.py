import subprocess
import sys

import pytest

from core.errors import UserError
from core.models.cards import WEIGHTS_DIR, find_checkpoint, list_cards, read_card


def test_the_shipped_model_has_a_card():
    (card,) = [card for card in list_cards() if card.name == "metamodel_tiny"]
    assert card.present
    assert card.num_parameters <= 2_500_000
    assert len(card.keypoint_names) == 17
    assert card.input_size_wh_px == (160, 192)
    assert card.folder == WEIGHTS_DIR / "metamodel_tiny"
    assert (card.folder / "README.md").is_file()
    assert (card.folder / "weights.safetensors").stat().st_size <= 6_000_000


def test_a_folder_that_cannot_be_read_is_listed_with_the_reason(tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/config.json").write_text("[]")
    (card,) = list_cards([tmp_path])
    assert (card.name, card.present) == ("broken", False)
    assert "no checkpoint of format 1 or 2" in card.what


def test_a_model_is_found_by_name_and_by_folder():
    folder = WEIGHTS_DIR / "metamodel_tiny"
    assert find_checkpoint("metamodel_tiny") == folder
    assert find_checkpoint(str(folder)) == folder
    assert read_card(folder).name == "metamodel_tiny"


def test_an_unknown_model_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(UserError, match="no model called 'nobody'") as refused:
        find_checkpoint("nobody")
    assert "metamodel_tiny" in refused.value.remedy
    with pytest.raises(UserError, match="Known models: none"):
        find_checkpoint("", [tmp_path])


def test_listing_models_leaves_torch_alone():
    program = "import sys; from core.models.cards import list_cards; list_cards(); "
    program += "assert 'torch' not in sys.modules, 'torch was imported'"
    root = WEIGHTS_DIR.parent
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
