"""Which part of a network a stage trains; the rest stays as it is, its statistics included."""

from torch import nn

from core.errors import UserError
from core.training.config import NETWORK


def parts_of(network: nn.Module, trained: str) -> nn.Module:
    """What a stage trains: the network, one submodule of it, or several joined by "+".

    Several come as a list in the order they are named, so that one state dict holds them.

    Raises:
        UserError: the network has no such submodule; names those it has.
    """
    if trained == NETWORK:
        return network
    found = []
    for name in trained.split("+"):
        try:
            found.append(network.get_submodule(name))
        except AttributeError as error:
            known = [NETWORK, *(child for child, _ in network.named_children())]
            raise UserError(
                f"The network has no part called {name!r}.",
                where="trained",
                remedy=f"Known parts: {', '.join(known)}.",
            ) from error
    return found[0] if len(found) == 1 else nn.ModuleList(found)


def freeze_all_but(network: nn.Module, parts: nn.Module) -> None:
    """Leave gradients to `parts` alone.

    The whole is put in eval mode, so batch norms and dropout of the rest neither change nor chance
    anything; who trains puts the parts in training mode.
    """
    network.eval()
    network.requires_grad_(requires_grad=False)
    parts.requires_grad_(requires_grad=True)
