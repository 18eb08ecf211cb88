"""Reading a program: equation by equation, nested programs in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np
from jax.extend.core import Jaxpr, JaxprEqn, Literal, Var

from rewriter.errors import RewriterError
from rewriter.graph import elementwise
from rewriter.graph import operators as o
from rewriter.graph.dimension import Shape
from rewriter.graph.dtype import NAMES, dtype_name
from rewriter.graph.indexing import checked_shape
from rewriter.graph.node import Node, apply, make_node
from rewriter.graph.origin import UNKNOWN, Origin
from rewriter.graph.primitive import Primitive
from rewriter.jax.compatibility import user_line
from rewriter.jax.equation import Equation

Operands = Sequence[Node]
Reader = Callable[["Reading", JaxprEqn, Operands], "Node | Sequence[Node] | None"]
"""From an equation and its operands to its results; None where it has no counterpart."""


def shape_and_dtype(aval: Any) -> tuple[Shape, str]:
    """Return shape and dtype name of what an equation returns (a token has neither)."""
    dimensions = [d if isinstance(d, int) else str(d) for d in getattr(aval, "shape", ())]
    dtype = getattr(aval, "dtype", None)
    return checked_shape(dimensions), str(aval) if dtype is None else dtype_name(dtype)


def result_dtype(equation: JaxprEqn) -> str:
    """Return the dtype of an equation's first result."""
    return shape_and_dtype(equation.outvars[0].aval)[1]


def input_node(name: str, aval: Any) -> Node:
    """Return the input for a variable; its dtype may be one that only JAX knows."""
    shape, dtype = shape_and_dtype(aval)
    attributes = (("dtype", dtype), ("name", name), ("shape", shape))
    return make_node(o.INPUT, (), attributes, shape, dtype)


def constant_node(value: Any) -> Node | None:
    """Return the constant for a closed-over value; None where a graph cannot hold it."""
    numbers = isinstance(value, (jax.Array, np.ndarray, np.generic, bool, int, float, complex))
    if not numbers or isinstance(value, jax.core.Tracer):
        return None
    name = dtype_name(value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype)
    return elementwise.constant(np.asarray(value), name) if name in NAMES else None


class Reading:
    """One program being read.

    Attributes:
        origin: the user's line of the equation at hand.
        effects: nodes that must be evaluated although nothing may depend on them, in order.
    """

    def __init__(self) -> None:
        self.origin: Origin = UNKNOWN
        self.effects: list[Node] = []

    def apply(self, operator: Primitive, *operands: Node, **attributes: Any) -> Node:
        """Apply a primitive of the graph; the node comes from the line at hand."""
        return apply(operator, operands, attributes, self.origin)

    def program(self, program: Jaxpr, constants: Operands, operands: Operands) -> list[Node]:
        """Read a program applied to nodes; return its results."""
        values: dict[Var, Node] = dict(zip(program.constvars, constants, strict=True))
        values.update(zip(program.invars, operands, strict=True))
        for equation in program.eqns:
            results = self.equation(equation, values)
            for variable, node in zip(equation.outvars, results, strict=True):
                values[variable] = node
        return [_result(atom, values) for atom in program.outvars]

    def equation(self, equation: JaxprEqn, values: Mapping[Var, Node]) -> Sequence[Node]:
        """Read one equation, whose variables have values; return its results."""
        outer = self.origin
        self.origin = user_line(equation)
        found = self._counterpart(equation, values)
        results = self._opaque(equation, values) if found is None else found
        self.origin = outer
        return results

    def _counterpart(self, equation: JaxprEqn, values: Mapping[Var, Node]) -> Sequence[Node] | None:
        from rewriter.jax.reading.table import READERS

        reader = READERS.get(equation.primitive.name)
        if reader is None:
            return None
        operands = [_operand(atom, values) for atom in equation.invars]
        known = [node for node in operands if node is not None]
        if len(known) != len(operands):
            return None
        count = len(self.effects)
        try:
            found = reader(self, equation, known)
        except RewriterError:
            found = None
        results = [found] if isinstance(found, Node) else found
        if results is not None and _agrees(equation, results):
            return results
        del self.effects[count:]
        return None

    def _opaque(self, equation: JaxprEqn, values: Mapping[Var, Node]) -> Sequence[Node]:
        operands = [values[a] for a in equation.invars if not isinstance(a, Literal)]
        return self.call(equation, operands, Equation(equation, dict(equation.params), True))

    def call(
        self, equation: JaxprEqn, operands: Operands, function: Equation, **meaning: Any
    ) -> list[Node]:
        """Carry an equation through; ``meaning`` may give its body as a graph."""
        results = tuple(shape_and_dtype(v.aval) for v in equation.outvars)
        shape, dtype = results[0] if results else ((), "bool")
        attributes = {"name": function.__name__, "function": function, **meaning}
        if len(results) != 1:
            attributes["results"] = results
        call = self.apply(o.CALL, *operands, shape=shape, dtype=dtype, **attributes)
        if equation.effects:
            self.effects.append(call)
        if len(results) == 1:
            return [call]
        return [self.apply(o.COMPONENT, call, index=k) for k in range(len(results))]


def _operand(atom: Any, values: Mapping[Var, Node]) -> Node | None:
    if not isinstance(atom, Literal):
        return values[atom]
    _, name = shape_and_dtype(atom.aval)
    return elementwise.constant(atom.val, name) if name in NAMES else None


def _result(atom: Any, values: Mapping[Var, Node]) -> Node:
    node = _operand(atom, values)
    return held_value(atom.val, atom.aval) if node is None else node


def held_value(value: Any, aval: Any) -> Node:
    """Return an opaque call without operands for a value that no constant of a graph can hold."""
    shape, dtype = shape_and_dtype(aval)
    attributes = {"name": "value", "function": Held(value), "shape": shape, "dtype": dtype}
    return apply(o.CALL, (), attributes, UNKNOWN)


class Held:
    """A function without arguments that returns one value."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self) -> Any:
        """Return the value."""
        return self.value


def _agrees(equation: JaxprEqn, results: Sequence[Node]) -> bool:
    wanted = [shape_and_dtype(v.aval) for v in equation.outvars]
    return wanted == [(node.shape, node.dtype) for node in results]
