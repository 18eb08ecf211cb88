"""A graph-rewriting engine that cures numerical instability.

Build a graph with NumPy's operations (`input`, `exp`, `sum`, …), make it stable with `optimize`,
run it with `compile`; or wrap a JAX function in `stabilize`. Rules of one's own are written with
`rule` and `rewrite`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from rewriter import errors
from rewriter.graph.operations import *  # noqa: F403
from rewriter.graph.operations import __all__ as _operations

if TYPE_CHECKING:
    from rewriter.authoring import Function as Function
    from rewriter.authoring import Index as Index
    from rewriter.authoring import Positive as Positive
    from rewriter.authoring import Real as Real
    from rewriter.authoring import Rest as Rest
    from rewriter.authoring import Rewrite as Rewrite
    from rewriter.authoring import Tensor as Tensor
    from rewriter.authoring import condition as condition
    from rewriter.authoring import equation as equation
    from rewriter.authoring import evaluated as evaluated
    from rewriter.authoring import free_of as free_of
    from rewriter.authoring import is_constant as is_constant
    from rewriter.authoring import operator as operator
    from rewriter.authoring import rewrite as rewrite
    from rewriter.authoring import rule as rule
    from rewriter.authoring.statistics import statistics as statistics
    from rewriter.autodiff import grad as grad
    from rewriter.checking import check as check
    from rewriter.checking import equivalent as equivalent
    from rewriter.compiling import compile as compile
    from rewriter.engine import optimize as optimize
    from rewriter.engine.custom.strategies import apply as apply
    from rewriter.engine.custom.strategies import bottom_up as bottom_up
    from rewriter.engine.custom.strategies import chain as chain
    from rewriter.engine.custom.strategies import cheapest as cheapest
    from rewriter.engine.custom.strategies import choice as choice
    from rewriter.engine.custom.strategies import exhaust as exhaust
    from rewriter.engine.custom.strategies import fixpoint as fixpoint
    from rewriter.engine.custom.strategies import top_down as top_down
    from rewriter.engine.custom.strategies import until as until
    from rewriter.engine.custom.why_not import why_not as why_not
    from rewriter.explaining import explain as explain
    from rewriter.jax.importing import from_jax as from_jax
    from rewriter.jax.lowering import to_jax as to_jax
    from rewriter.jax.stabilize import stabilize as stabilize
    from rewriter.lowering import balls as balls
    from rewriter.lowering import exact as exact
    from rewriter.lowering import source as source
    from rewriter.lowering.accuracy import bits_of_error as bits_of_error
    from rewriter.matching import Budget as Budget
    from rewriter.matching import Operator as Operator
    from rewriter.matching import PatternSet as PatternSet
    from rewriter.matching import constants as constants
    from rewriter.matching import eq_ac as eq_ac
    from rewriter.matching import match as match
    from rewriter.matching import rest as rest
    from rewriter.matching import substitute as substitute
    from rewriter.matching import unify as unify
    from rewriter.matching import variables as variables
    from rewriter.terms.views import normal_form as normal_form
    from rewriter.text.parsing import parse as parse
    from rewriter.text.printing import dprint as dprint
    from rewriter.text.printing import pprint as pprint

_LAZY = {
    "Budget": "rewriter.matching",
    "Function": "rewriter.authoring",
    "Index": "rewriter.authoring",
    "Operator": "rewriter.matching",
    "PatternSet": "rewriter.matching",
    "Positive": "rewriter.authoring",
    "Real": "rewriter.authoring",
    "Rest": "rewriter.authoring",
    "Rewrite": "rewriter.authoring",
    "apply": "rewriter.engine.custom.strategies",
    "bottom_up": "rewriter.engine.custom.strategies",
    "chain": "rewriter.engine.custom.strategies",
    "cheapest": "rewriter.engine.custom.strategies",
    "choice": "rewriter.engine.custom.strategies",
    "exhaust": "rewriter.engine.custom.strategies",
    "fixpoint": "rewriter.engine.custom.strategies",
    "top_down": "rewriter.engine.custom.strategies",
    "until": "rewriter.engine.custom.strategies",
    "balls": "rewriter.lowering",
    "check": "rewriter.checking",
    "bits_of_error": "rewriter.lowering.accuracy",
    "compile": "rewriter.compiling",
    "constants": "rewriter.matching",
    "dprint": "rewriter.text.printing",
    "eq_ac": "rewriter.matching",
    "equivalent": "rewriter.checking",
    "Tensor": "rewriter.authoring",
    "condition": "rewriter.authoring",
    "equation": "rewriter.authoring",
    "evaluated": "rewriter.authoring",
    "exact": "rewriter.lowering",
    "explain": "rewriter.explaining",
    "free_of": "rewriter.authoring",
    "from_jax": "rewriter.jax.importing",
    "grad": "rewriter.autodiff",
    "is_constant": "rewriter.authoring",
    "operator": "rewriter.authoring",
    "match": "rewriter.matching",
    "normal_form": "rewriter.terms.views",
    "optimize": "rewriter.engine",
    "parse": "rewriter.text.parsing",
    "pprint": "rewriter.text.printing",
    "rest": "rewriter.matching",
    "rewrite": "rewriter.authoring",
    "rule": "rewriter.authoring",
    "source": "rewriter.lowering",
    "statistics": "rewriter.authoring.statistics",
    "stabilize": "rewriter.jax.stabilize",
    "substitute": "rewriter.matching",
    "to_jax": "rewriter.jax.lowering",
    "unify": "rewriter.matching",
    "variables": "rewriter.matching",
    "why_not": "rewriter.engine.custom.why_not",
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
