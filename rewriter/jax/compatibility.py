"""What differs between versions of JAX, and the few things that its public modules do not show.

Everything else in this package touches public modules only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Hashable, Sequence
from typing import Any

import jax
from jax.extend import linear_util, source_info_util
from jax.extend.core import JaxprEqn, primitives

from rewriter.graph.origin import UNKNOWN, Origin

source_info_util.register_exclusion(os.path.dirname(os.path.abspath(__file__)))

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(:\d+)? \(")


def user_line(equation: JaxprEqn) -> Origin:
    """Return the line of the user's program that an equation was traced from."""
    found = _PLACE.match(source_info_util.summarize(equation.source_info))
    return Origin(found["file"], int(found["line"])) if found else UNKNOWN


def bind(equation: JaxprEqn, operands: Sequence[Any], parameters: dict[str, Any]) -> Any:
    """Apply an equation's primitive, in the context that the equation was traced in."""
    primitive: Any = equation.primitive
    bound = primitive.get_bind_params(parameters)
    source = equation.source_info
    names = source_info_util.current_name_stack() + source.name_stack
    with source_info_util.user_context(source.traceback, name_stack=names), equation.ctx.manager:
        return primitive.bind(*operands, **bound)


def placeholder(shape: Any, dtype: Any, weak: bool = False) -> Any:
    """Return an argument for tracing that has a shape and a dtype, and no value."""
    structure: Any = jax.ShapeDtypeStruct
    return structure(shape, dtype, weak_type=weak)


def with_weak_type(value: Any, weak: bool) -> Any:
    """Return an array with the weak type wanted: whether it gives way to other dtypes."""
    if value.aval.weak_type == weak:
        return value
    return primitives.convert_element_type_p.bind(
        value, new_dtype=value.dtype, weak_type=weak, sharding=None
    )


_WITH_WIDE_FLOATS = ("cpu", "gpu", "tpu")
"""Backends that compute in 64 bits, as XLA has it for them; others need not."""


def has_wide_floats() -> bool:
    """Tell whether the backend in use computes in 64 bits where it is let."""
    return jax.default_backend() in _WITH_WIDE_FLOATS


def wide_floats() -> Any:
    """Let JAX compute in 64 bits inside the ``with`` block, whatever ``jax_enable_x64`` says."""
    return jax.enable_x64(True)


def is_unspecified(sharding: object) -> bool:
    """Tell whether an equation leaves a sharding open: not given, or on a mesh of nothing."""
    if sharding is None or type(sharding).__name__ == "UnspecifiedValue":
        return True
    return bool(getattr(getattr(sharding, "mesh", None), "empty", False))


def rule_identity(rule: Any) -> Hashable:
    """Return what tells two derivative rules of custom calls apart: the user's function, at best.

    JAX wraps that function anew in each trace. Where it cannot be found, the wrapper itself
    is returned, which is equal to nothing but itself.
    """
    plain = isinstance(rule, _Wrapped) and not _closed_over(rule.f)
    held = rule if plain else _wrapped_inside(rule)
    if held is None or (not plain and _drops_results(rule)):
        return Identity(rule)
    if not plain and _closed_over(held.f):
        return rule_identity(held)  # a call that was cut down to the results that are used
    kept = tuple(_lasting(argument) for _, arguments in held.transforms for argument in arguments)
    parts = (held.f, kept, held.params)
    try:
        hash(parts)
    except TypeError:
        return Identity(rule)
    return parts


_Wrapped = linear_util.WrappedFun
_DEPTH = 3
"""Wrappers that JAX puts around a rule before it reaches an equation: memo, thunk, the rule."""


def _closed_over(function: Any) -> list[Any]:
    cells = getattr(function, "__closure__", None) or ()
    held = [cell.cell_contents for cell in cells]
    return [one for one in held if isinstance(one, _Wrapped) or _is_wrapper(one)]


def _is_wrapper(thing: Any) -> bool:
    module = getattr(thing, "__module__", None) or ""
    return callable(thing) and module.startswith("jax._src") and "<locals>" in thing.__qualname__


def _wrapped_inside(rule: Any) -> Any:
    level = [getattr(rule, "f", rule)]
    for _ in range(_DEPTH):
        level = [held for function in level for held in _closed_over(function)]
        for held in level:
            if isinstance(held, _Wrapped):
                return held
    return None


def _drops_results(rule: Any) -> bool:
    """Tell whether a wrapper computes some results of a rule only, as where others are not used."""
    functions = [getattr(rule, "f", rule), *_closed_over(getattr(rule, "f", rule))]
    cells = [cell for f in functions for cell in getattr(f, "__closure__", None) or ()]
    lists = (cell.cell_contents for cell in cells if isinstance(cell.cell_contents, list))
    return any(one is False for values in lists for one in values)


def _lasting(argument: Any) -> Any:
    """Stores that a trace fills are made anew by each; they do not tell rules apart."""
    return None if _is_wrapper(argument) else argument


class Identity:
    """A hashable stand-in for an object, equal only where the object is the same."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __repr__(self) -> str:
        return f"the same {type(self.thing).__name__}"
