import torch

from core.models.oahpe.similarity_net import SIMILARITY_NETS, SimilarityNet


def test_it_says_one_number_per_keypoint_of_maps_of_any_size() -> None:
    net = SIMILARITY_NETS["tiny"](17, (8,)).eval()
    for size in ((96, 72), (48, 40)):
        assert net(torch.randn(2, 17, *size)).shape == (2, 17, 1)


def test_the_papers_trunk_has_the_weights_of_a_resnet_18() -> None:
    with torch.device("meta"):
        net = SIMILARITY_NETS["resnet18"](3, (1024, 1024))
    trunk = sum(p.numel() for part in (net.stem, net.stages) for p in part.parameters())
    assert trunk == 11_176_512  # torchvision's resnet18 of 11,689,512 without its last layer
    last = sum(p.numel() for p in net.rate.parameters())
    assert last == 512 * 1024 + 1024 + 1024 * 1024 + 1024 + 1024 * 3 + 3


def test_none_is_none() -> None:
    assert SIMILARITY_NETS["none"](17, (8,)) is None


def test_every_keypoints_rating_looks_at_every_map() -> None:
    torch.manual_seed(0)
    net = SimilarityNet(3, (4, 4), (1, 1), (8,)).eval()
    maps = torch.randn(1, 3, 32, 32, requires_grad=True)
    net(maps)[0, 0, 0].backward()
    assert (maps.grad.abs().amax((0, 2, 3)) > 0).all()
