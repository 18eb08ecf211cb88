"""Equations that are carried through: functions of opaque calls, equal where they mean the same.

Each trace of a program makes its equations anew. Two of them are the same function where
primitive, parameters and nested programs agree, so that a second trace gives the same graph.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from rewriter.jax.compatibility import Identity, bind, rule_identity

_OCCURRENCES = itertools.count()
_RULES = frozenset(("jvp_jaxpr_fun", "fwd_jaxpr_thunk", "bwd", "jvp", "fwd", "out_trees"))


class Equation:
    """An equation of a JAX program as a function on arrays.

    Args:
        equation: the equation.
        parameters: what to use in place of its own parameters.
        literals: bind its literal operands, so that the function takes the others only.

    An equation with effects (printing, a callback, a reference that is written) is equal to
    itself only: each occurrence happens.
    """

    __slots__ = ("__weakref__", "_hash", "_key", "equation", "literals", "parameters")

    def __init__(self, equation: JaxprEqn, parameters: dict[str, Any], literals: bool) -> None:
        self.equation = equation
        self.parameters = parameters
        self.literals = literals
        bound = tuple(_atom_key(a) if literals else None for a in equation.invars)
        own = next(_OCCURRENCES) if equation.effects else None
        context = Identity(equation.ctx) if equation.effects else str(equation.ctx)
        results = tuple(str(v.aval) for v in equation.outvars)
        self._key = (equation.primitive, bound, own, context, results, parameters_key(parameters))
        self._hash = hash(self._key)

    def __call__(self, *operands: Any) -> Any:
        """Apply the equation to arrays; returns a list where the primitive has several results."""
        given = operands
        if self.literals:
            rest = iter(operands)
            atoms = self.equation.invars
            given = tuple(a.val if isinstance(a, Literal) else next(rest) for a in atoms)
        results = bind(self.equation, given, self.parameters)
        if not self.equation.primitive.multiple_results:
            return results
        several = list(results)
        return several[0] if len(several) == 1 else several

    @property
    def __name__(self) -> str:
        """The name of the user's function where the equation carries one, or of the primitive."""
        program = self.parameters.get("call_jaxpr")
        name = getattr(getattr(program, "jaxpr", None), "debug_info", None)
        called = getattr(name, "func_name", "")
        return called if called.isidentifier() else self.equation.primitive.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Equation) and self._key == other._key

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"<{self.__name__} of JAX>"


def parameters_key(parameters: dict[str, Any]) -> Hashable:
    """Return what tells parameters apart: by value, by program, by the user's rule."""
    return tuple((name, _value_key(name, parameters[name])) for name in sorted(parameters))


def _value_key(name: str, value: Any) -> Hashable:
    if name == "out_trees":
        return None
    if name in _RULES:
        return rule_identity(value)
    if isinstance(value, ClosedJaxpr):
        return program_key(value.jaxpr, value.consts)
    if isinstance(value, Jaxpr):
        return program_key(value, ())
    if isinstance(value, (tuple, list)):
        return (type(value), *(_value_key("", one) for one in value))
    if isinstance(value, dict):
        return parameters_key(value)
    try:
        hash(value)
    except TypeError:
        return Identity(value)
    return (type(value), value)


def program_key(program: Jaxpr, constants: Sequence[Any]) -> Hashable:
    """Return what tells programs apart, up to the names of their variables."""
    numbers = {v: k for k, v in enumerate((*program.constvars, *program.invars))}

    def atom(a: Any) -> Hashable:
        return _atom_key(a) if isinstance(a, Literal) else numbers.setdefault(a, len(numbers))

    equations = tuple(
        (e.primitive, tuple(map(atom, e.invars)), parameters_key(e.params), str(e.ctx),
         tuple((atom(v), str(v.aval)) for v in e.outvars))
        for e in program.eqns
    )  # fmt: skip
    inputs = tuple(str(v.aval) for v in (*program.constvars, *program.invars))
    held = tuple(Identity(value) for value in constants)
    return (inputs, held, equations, tuple(map(atom, program.outvars)))


def _atom_key(atom: Any) -> Hashable:
    if not isinstance(atom, Literal):
        return None
    return (str(atom.aval), np.asarray(atom.val).tobytes())
