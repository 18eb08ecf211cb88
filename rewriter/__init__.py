"""A graph-rewriting engine that cures numerical instability.

Build a graph with NumPy's operations (`input`, `exp`, `sum`, …), make it stable with `optimize`,
run it with `compile`; or wrap a JAX function in `stabilize`. Rules of one's own are written with
`rule` and `rewrite`.
"""

from __future__ import annotations

import importlib
from typing import Any

from rewriter import errors
from rewriter.graph.operations import *  # noqa: F403
from rewriter.graph.operations import __all__ as _operations

_LAZY = {
    "Function": "rewriter.authoring",
    "Index": "rewriter.authoring",
    "Operator": "rewriter.matching",
    "Positive": "rewriter.authoring",
    "Real": "rewriter.authoring",
    "Rest": "rewriter.authoring",
    "balls": "rewriter.lowering",
    "bits_of_error": "rewriter.lowering.accuracy",
    "compile": "rewriter.lowering",
    "constants": "rewriter.matching",
    "dprint": "rewriter.text.printing",
    "eq_ac": "rewriter.matching",
    "evaluated": "rewriter.authoring",
    "exact": "rewriter.lowering",
    "explain": "rewriter.engine",
    "free_of": "rewriter.authoring",
    "from_jax": "rewriter.jax.importing",
    "grad": "rewriter.autodiff",
    "is_constant": "rewriter.authoring",
    "match": "rewriter.matching",
    "normal_form": "rewriter.terms.reading",
    "optimize": "rewriter.engine",
    "parse": "rewriter.text.parsing",
    "pprint": "rewriter.text.printing",
    "rest": "rewriter.matching",
    "rewrite": "rewriter.authoring",
    "rule": "rewriter.authoring",
    "source": "rewriter.lowering",
    "stabilize": "rewriter.jax.stabilize",
    "substitute": "rewriter.matching",
    "to_jax": "rewriter.jax.lowering",
    "variables": "rewriter.matching",
}
"""Names that are imported when they are first used, so that ``import rewriter`` stays quick."""

__all__ = [*_operations, *_LAZY, "errors"]


def __getattr__(name: str) -> Any:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module 'rewriter' has no attribute {name!r}")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
