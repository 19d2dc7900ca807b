from core.models.card_text import Figure, card_text, write_card
from core.models.checkpoint_config import CheckpointConfig
from core.models.entries import model_of

CONFIG = CheckpointConfig(
    "mine", model_of("metamodel_tiny"), "For tests.", "CC0", "dataset val", "ab" * 32, 1234567,
    "cd" * 32,
    {
        "command": "python -m app train tiny/metamodel --data val",
        "start": "metamodel_tiny",
        "stages": [
            {"stage": "flags", "trained": "flag_branch",
             "loop": {"epochs": 6, "batch_size": 64, "learning_rate": 5e-4, "seed": 0,
                      "threads": 1}}
        ],
    },
)  # fmt: skip


def test_a_card_says_what_it_is_of_what_how_and_how_good(tmp_path):
    write_card(CONFIG, tmp_path, [Figure("F1 of hidden", "9 persons held out", 0.25, 0.1, 0.4)])
    assert (tmp_path / "README.md").read_text() == (
        "# mine\n\n"
        "For tests.\n\n"
        "1,234,567 parameters, 17 keypoints, crops of 160x192, network `metamodel` on `tiny`. "
        f"SHA-256 of the weights: `{'cd' * 32}`.\n\n"
        "## Trained on\n"
        "dataset val\n\n"
        f"SHA-256 of the labels: `{'ab' * 32}`. Keypoints a set does not label carry no loss.\n\n"
        "## How\n"
        "`python -m app train tiny/metamodel --data val`\n\n"
        "Begun with the weights of metamodel_tiny.\n\n"
        "| stage | trained | epochs | batch | learning rate | seed | threads |\n"
        "|---|---|---|---|---|---|---|\n"
        "| flags | flag branch | 6 | 64 | 0.0005 | 0 | 1 |\n\n"
        "## Figures\n"
        "| what | measured on | | 95 % |\n"
        "|---|---|---|---|\n"
        "| F1 of hidden | 9 persons held out | **0.250** | [0.100, 0.400] |\n\n"
        "## Licence\n"
        "CC0\n"
    )


def test_what_is_not_known_is_said():
    config = CheckpointConfig("x", model_of("metamodel_tiny"), "", "", "", "", 0, "")
    text = card_text(config)
    assert "Nothing is known of its data." in text
    assert "SHA-256 of the labels: `not known`" in text
    assert "Nothing is known of how it was trained." in text
    assert "Not measured yet." in text
    assert text.endswith("## Licence\nNot stated.\n")
