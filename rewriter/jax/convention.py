"""Calling conventions: how a JAX program takes and returns its values.

A graph takes arrays in a row and returns arrays in a row; a program takes and returns pytrees,
in which some leaves are no arrays at all (a string, an axis, a function).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax.tree_util import PyTreeDef, keystr, tree_flatten, tree_flatten_with_path, tree_unflatten

from rewriter.errors import ImportedProgramError
from rewriter.jax.compatibility import Identity


class Static:
    """A leaf that is no array: it is part of the program, equal by type and value."""

    __slots__ = ("_key", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self._key: Any = Identity(value)
        if isinstance(value, (bool, int, float, complex, str, bytes, type(None))):
            self._key = (type(value), repr(value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Static) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return repr(self.value)


Leaf = Static | None
"""A static leaf, or None for an array."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Convention:
    """How a program that became a graph is called.

    Attributes:
        in_tree: structure of ``(args, kwargs)``.
        out_tree: structure of what is returned.
        static_inputs: for each leaf of in_tree, its value where it is no array.
        static_outputs: for each leaf of out_tree, its value where it is no array.
        weak_types: for each output of the graph, whether its dtype is weak in JAX's sense.
        captured: values of the graph's last inputs, over which the program closes.
        effects: how many of the graph's last outputs stand for effects and are not returned.
    """

    in_tree: PyTreeDef
    out_tree: PyTreeDef
    static_inputs: tuple[Leaf, ...]
    static_outputs: tuple[Leaf, ...]
    weak_types: tuple[bool, ...]
    captured: tuple[Identity, ...] = ()
    effects: int = 0

    def arrays(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """Return the array leaves of a call, in order.

        Raises:
            ImportedProgramError: structure or static leaves are not those of the traced call.
        """
        leaves, tree = tree_flatten((args, kwargs))
        if tree != self.in_tree:
            raise ImportedProgramError(f"arguments are structured otherwise: {tree}", self.in_tree)
        found = []
        for leaf, static in zip(leaves, self.static_inputs, strict=True):
            if static is None:
                found.append(leaf)
            elif Static(leaf) != static:
                reason = f"the program was traced with {static!r} here"
                raise ImportedProgramError(reason, culprit=repr(leaf))
        return found

    def returned(self, arrays: Sequence[Any]) -> Any:
        """Return the pytree with these arrays as its array leaves."""
        return tree_unflatten(self.out_tree, _merged(self.static_outputs, arrays))


def is_array(leaf: object) -> bool:
    """Tell whether a leaf holds numbers for JAX; a Python number does not: it is of the program."""
    if isinstance(leaf, (np.ndarray, np.generic)):
        return jax.dtypes.float0 != leaf.dtype and leaf.dtype.kind not in "OSUM"
    return isinstance(leaf, (jax.Array, jax.ShapeDtypeStruct)) or hasattr(leaf, "__jax_array__")


def is_array_or_number(leaf: object) -> bool:
    """Tell whether ``jax.make_jaxpr`` traces a leaf: arrays, and Python numbers as weak scalars."""
    return isinstance(leaf, (bool, int, float, complex)) or is_array(leaf)


def _merged(statics: Sequence[Leaf], arrays: Sequence[Any]) -> list[Any]:
    rest = iter(arrays)
    return [next(rest) if static is None else static.value for static in statics]


def split(
    leaves: Sequence[Any], traced: Callable[[object], bool] = is_array
) -> tuple[list[Any], tuple[Leaf, ...]]:
    """Return the traced ones among leaves, and for each leaf its value where it is not."""
    chosen = [traced(leaf) for leaf in leaves]
    arrays = [leaf for leaf, array in zip(leaves, chosen, strict=True) if array]
    statics = [None if array else Static(leaf) for leaf, array in zip(leaves, chosen, strict=True)]
    return arrays, tuple(statics)


@dataclass(frozen=True, slots=True)
class Traced:
    """A program traced for one call.

    Attributes:
        program: the closed program of JAX.
        convention: how it is called.
        arrays: the array leaves of the call that it was traced for.
        names: a name for each of them.
    """

    program: Any
    convention: Convention
    arrays: tuple[Any, ...]
    names: tuple[str, ...]


def trace(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    traced: Callable[[object], bool] = is_array,
) -> Traced:
    """Trace a function for the shapes and dtypes of these arguments, as ``jax.make_jaxpr`` does.

    Args:
        function: what to trace.
        args: its arguments; of arrays only shape, dtype and weak type matter.
        kwargs: its keyword arguments.
        traced: tells which leaves are traced; the others are closed over.
    """
    with_paths, in_tree = tree_flatten_with_path((args, kwargs))
    arrays, static_inputs = split([leaf for _, leaf in with_paths], traced)
    names = input_names(function, [path for path, leaf in with_paths if traced(leaf)])
    seen: list[tuple[PyTreeDef, tuple[Leaf, ...]]] = []

    def flat(*given: Any) -> list[Any]:
        """Return the traced leaves of the result, and keep what the others are."""
        inner_args, inner_kwargs = tree_unflatten(in_tree, _merged(static_inputs, given))
        leaves, out_tree = tree_flatten(function(*inner_args, **inner_kwargs))
        results, static_outputs = split(leaves)
        seen.append((out_tree, static_outputs))
        return results

    flat.__name__ = getattr(function, "__name__", "function")
    flat.__qualname__ = getattr(function, "__qualname__", flat.__name__)
    program = jax.make_jaxpr(flat)(*arrays)
    out_tree, static_outputs = seen[-1]
    weak = tuple(bool(getattr(aval, "weak_type", False)) for aval in program.out_avals)
    convention = Convention(in_tree, out_tree, static_inputs, static_outputs, weak)
    return Traced(program, convention, tuple(arrays), names)


def input_names(function: Callable[..., Any], paths: Sequence[Any]) -> tuple[str, ...]:
    """Return a name for each array leaf: ``x``, ``params.weights``; all different."""
    parameters = _parameter_names(function)
    names: list[str] = []
    for place, key, *rest in paths:
        if place.idx == 0 and key.idx < len(parameters):
            head = parameters[key.idx]
        else:
            head = f"argument_{key.idx}" if place.idx == 0 else str(key.key)
        name = ".".join([head, *(keystr((one,), simple=True) for one in rest)])
        while name in names:
            name += "_"
        names.append(name)
    return tuple(names)


def _parameter_names(function: Callable[..., Any]) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters if p.kind in positional]
