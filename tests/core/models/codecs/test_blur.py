import cv2
import numpy as np
import pytest
import torch

from core.models.codecs.blur import Blur


# Not 9: newer versions of OpenCV choose another kernel for it than those of the papers did.
@pytest.mark.parametrize("width", [1, 3, 5, 7, 11, 15, 31])
@pytest.mark.parametrize("sigma", [0.0, 0.8, 2.5])
def test_a_blur_is_opencvs_on_a_map_widened_by_zeros(width, sigma):
    heat = np.random.default_rng(0).normal(size=(2, 20, 14)).astype(np.float32)
    wide = [cv2.GaussianBlur(np.pad(each, 20), (width, width), sigma) for each in heat]
    expected = np.stack(wide)[:, 20:-20, 20:-20]
    found = Blur(width, sigma).of(torch.from_numpy(heat)[None])[0]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)
