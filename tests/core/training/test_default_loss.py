from dataclasses import replace

import pytest

from core.models.codecs.config import SimccConfig
from core.models.entries import model_of
from core.training.default_loss import default_loss
from core.training.loss_config import (
    HpcvnetLoss,
    HybridPoseLoss,
    MetamodelLoss,
    OahpeLoss,
    PlainLoss,
    VisawareLoss,
)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("sbl_r50", PlainLoss("joint_mse")),
        ("simcc_r50", PlainLoss("simcc_sum")),
        ("mspn2", PlainLoss("mspn")),
        ("cpn_r101", PlainLoss("cpn")),
        ("vitpose_base", PlainLoss("joint_mse")),
        ("metamodel_tiny", MetamodelLoss("cross_entropy")),
        ("metamodel_mspn2", MetamodelLoss("mspn")),
        ("visaware_simcc_r50", VisawareLoss("simcc_sum")),
        ("visaware_heatmap_r50", VisawareLoss("joint_mse")),
        # Paper 003: both losses as they are.
        ("oahpe_r101", OahpeLoss("cpn", 1.0, 1.0, 0.0)),
        ("oahpe_r101_ksnet", OahpeLoss("cpn", 1.0, 1.0, 1.0)),
        # Beside a mean over keypoints the sum of presence is made one.
        ("oahpe_tiny", OahpeLoss("cross_entropy", 1.0, 1 / 17, 1.0)),
        ("hpcvnet_r50", HpcvnetLoss("distribution")),
        ("hybridpose_s", HybridPoseLoss(draw_labelled_only=True)),
    ],
)
def test_a_network_learns_by_its_paper_s_or_its_base_s_loss(name, wanted):
    assert default_loss(model_of(name)) == wanted


def test_gaussian_targets_of_simcc_are_learned_by_the_mean_over_bins():
    model = model_of("simcc_r50")
    gaussian = replace(model, codec=SimccConfig(target="gaussian"))
    assert default_loss(gaussian) == PlainLoss("simcc_mean")
