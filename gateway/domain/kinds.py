"""All kinds of matters there are, and how each goes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from gateway.domain.case_ways import CASES
from gateway.domain.fieldjob_deeds import FIELDJOBS
from gateway.domain.handoffs import WAYS as HANDOFFS
from gateway.domain.matters import Kind, Ways

_ALL: Final[tuple[Ways[Any], ...]] = (CASES, HANDOFFS, FIELDJOBS)
WAYS: Final[Mapping[Kind, Ways[Any]]] = MappingProxyType({one.kind: one for one in _ALL})
