"""Readers of equations that hold programs: nested jits are read in place, custom rules are kept.

A call that has a derivative rule of its own stays one opaque call; its ``body`` is the graph of
what it computes, so that the engine may look inside and open it where something needs a cure.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn

from rewriter.graph import operators as o
from rewriter.graph.dtype import FLOATS
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.jax.compatibility import is_unspecified, placeholder
from rewriter.jax.customised import CustomRule
from rewriter.jax.equation import Equation
from rewriter.jax.reading.program import Operands, Reader, Reading, constant_node, input_node


def nested(reading: Reading, equation: JaxprEqn, operands: Operands) -> list[Node] | None:
    """``jit``, ``closed_call``, ``checkpoint``: the program in place."""
    parameters = equation.params
    shardings = (*parameters.get("in_shardings", ()), *parameters.get("out_shardings", ()))
    if not all(map(is_unspecified, shardings)) or parameters.get("compiler_options_kvs"):
        return None
    program: Any = parameters.get("jaxpr", parameters.get("call_jaxpr"))
    constants = _constants(program)
    if constants is None:
        return None
    return reading.program(getattr(program, "jaxpr", program), constants, operands)


def _constants(program: ClosedJaxpr | Jaxpr) -> list[Node] | None:
    values = program.consts if isinstance(program, ClosedJaxpr) else ()
    nodes = [constant_node(value) for value in values]
    known = [node for node in nodes if node is not None]
    return known if len(known) == len(nodes) else None


def body_of(program: ClosedJaxpr) -> Graph | None:
    """Return the graph of a program.

    None where it has effects, or closes over what no graph holds.
    """
    constants = _constants(program)
    if program.effects or constants is None:
        return None
    inputs = [
        input_node(f"operand_{place}", variable.aval)
        for place, variable in enumerate(program.jaxpr.invars)
    ]
    return Graph(inputs, Reading().program(program.jaxpr, constants, inputs))


def customised(reading: Reading, equation: JaxprEqn, operands: Operands) -> list[Node] | None:
    """``custom_jvp_call`` and ``custom_vjp_call``: kept, with the meaning beside."""
    program: ClosedJaxpr = equation.params["call_jaxpr"]
    body = None if equation.effects else body_of(program)
    if body is None:
        return None
    function = CustomRule(equation, dict(equation.params), literals=False)
    if _is_library_logaddexp(function, program):
        return [reading.apply(o.LOGADDEXP, *operands)]
    return reading.call(equation, operands, function, body=body)


def _is_library_logaddexp(function: CustomRule, program: ClosedJaxpr) -> bool:
    """Tell whether a call is JAX's own ``logaddexp``: the same program with the same rule."""
    if getattr(program.jaxpr.debug_info, "func_name", "") != "logaddexp":
        return False
    avals = tuple((aval.shape, aval.dtype.name) for aval in program.in_avals)
    if len(avals) != 2 or any(dtype not in FLOATS for _, dtype in avals):
        return False
    shapes = {shape for shape, _ in avals if shape}
    if len(shapes) > 1:
        return False  # numbers apart, JAX broadcasts before; a batch may have been added to one
    return function == _library_logaddexp(avals)


@functools.lru_cache(maxsize=256)
def _library_logaddexp(avals: tuple[tuple[Any, str], ...]) -> Equation | None:
    arguments: Any = [placeholder(shape, dtype) for shape, dtype in avals]
    pending = [jax.make_jaxpr(jax.numpy.logaddexp)(*arguments).jaxpr]
    while pending:
        for equation in pending.pop().eqns:
            if equation.primitive.name == "custom_jvp_call":
                return CustomRule(equation, dict(equation.params), literals=False)
            if "jaxpr" in equation.params:
                pending.append(equation.params["jaxpr"].jaxpr)
    return None


def by_platform(reading: Reading, equation: JaxprEqn, operands: Operands) -> list[Node] | None:
    """``cond`` between forms of one thing for different platforms: the form for any platform."""
    chosen, *arguments = operands
    if chosen.operator is not o.CALL or chosen.attribute("name") != "platform_index":
        return None
    general: ClosedJaxpr = equation.params["branches"][-1]
    constants = _constants(general)
    if constants is None or general.effects:
        return None
    return reading.program(general.jaxpr, constants, arguments)


def meaning(body: Callable[..., Node]) -> Reader:
    """Return the reader of a primitive that is kept, with its meaning as an expression.

    Its derivative is JAX's: at a tie, that of ``clamp`` is not that of ``minimum`` and ``maximum``.
    """

    def read(reading: Reading, equation: JaxprEqn, operands: Operands) -> list[Node] | None:
        """Return a call whose body is the meaning, None for what is no float."""
        if any(node.dtype not in FLOATS for node in operands):
            return None
        inputs = [input_node(f"operand_{k}", a.aval) for k, a in enumerate(equation.invars)]
        graph = Graph(inputs, [body(reading, equation, *inputs)])
        function = Equation(equation, dict(equation.params), literals=False)
        return reading.call(equation, operands, function, body=graph)

    return read


def _clamped(reading: Reading, equation: JaxprEqn, low: Node, x: Node, high: Node) -> Node:
    return reading.apply(o.MINIMUM, reading.apply(o.MAXIMUM, low, x), high)


def _running_logsumexp(reading: Reading, equation: JaxprEqn, x: Node) -> Node:
    axis, reverse = equation.params["axis"], equation.params["reverse"]
    total = reading.apply(o.CUMSUM, reading.apply(o.EXP, x), axis=axis, reverse=reverse)
    return reading.apply(o.LOG, total)


READERS: dict[str, Reader] = {
    "jit": nested,
    "pjit": nested,
    "closed_call": nested,
    "core_call": nested,
    "call": nested,
    "checkpoint": nested,
    "remat": nested,
    "remat2": nested,
    "cond": by_platform,
    "custom_jvp_call": customised,
    "custom_vjp_call": customised,
    "clamp": meaning(_clamped),
    "cumlogsumexp": meaning(_running_logsumexp),
}
