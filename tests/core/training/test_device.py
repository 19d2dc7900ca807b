import os

import pytest
import torch

from core.errors import UserError
from core.training.device import training_device, view_threads


def test_cuda_trains_where_there_is_one_else_the_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert training_device() == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert training_device("auto") == torch.device("cuda")
    assert training_device("cpu") == torch.device("cpu")


def test_apples_gpu_trains_only_by_name(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert training_device() == torch.device("cpu")
    assert training_device("mps") == torch.device("mps")


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="This machine has no device 'cuda'"):
        training_device("cuda")


def test_a_gpu_gets_its_views_from_many_threads(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    assert view_threads(torch.device("cuda")) == 15
    assert view_threads(torch.device("cpu")) == 1
