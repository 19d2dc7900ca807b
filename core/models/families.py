"""The families of networks and what each is built from. No torch."""

from collections.abc import Mapping

from core.models.hpcvnet.config import HpcvnetConfig
from core.models.hybridpose.config import HybridPoseConfig
from core.models.metamodel.config import MetamodelConfig
from core.models.oahpe.config import OahpeConfig
from core.models.plain.config import PlainConfig
from core.models.visaware.config import VisawareConfig
from core.models.vitpose.config import VitposeConfig

NetworkConfig = (
    PlainConfig
    | MetamodelConfig
    | VisawareConfig
    | VitposeConfig
    | HybridPoseConfig
    | OahpeConfig
    | HpcvnetConfig
)

FAMILIES: Mapping[str, type[NetworkConfig]] = {
    "plain": PlainConfig,
    "metamodel": MetamodelConfig,
    "visaware": VisawareConfig,
    "vitpose": VitposeConfig,
    "hybridpose": HybridPoseConfig,
    "oahpe": OahpeConfig,
    "hpcvnet": HpcvnetConfig,
}

WHOLE_PICTURE = frozenset({"hybridpose"})  # these look at whole pictures and find the people
