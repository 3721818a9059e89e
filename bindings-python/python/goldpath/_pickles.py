"""Objects that can be sent to other processes (multiprocessing, Spark, Ray, Dask): each as the bytes or text it is read from."""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from typing import Any

from . import _goldpath as native


def _as(write: str, read: str) -> Callable[[Any], tuple[Any, ...]]:
    def reduce(thing: Any) -> tuple[Any, ...]:
        return getattr(type(thing), read), (getattr(thing, write)(),)

    return reduce


_BYTES: tuple[type[Any], ...] = (native.ScreenLedger, native.EffectLedger, native.Plan, native.Detector)
_TEXTS: tuple[type[Any], ...] = (native.Sop, native.Playbook, native.Scorecard, native.Patch, native.History, native.Fragment)

for _kind in _BYTES:
    copyreg.pickle(_kind, _as("to_bytes", "from_bytes"))
for _kind in _TEXTS:
    copyreg.pickle(_kind, _as("to_json", "parse"))
copyreg.pickle(native.PilotPlan, _as("to_json", "from_json"))
