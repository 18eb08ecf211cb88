"""Calls that carry a derivative rule of their own, and what it takes to cure one in place.

The user's rule stays the one that runs: only the programs inside (the function, its forward
and backward pass, its tangent rule) are replaced by cured ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.extend import linear_util
from jax.extend.core import ClosedJaxpr, Jaxpr

from rewriter.graph.graph import Graph
from rewriter.jax.compatibility import placeholder
from rewriter.jax.equation import Equation

Cure = Callable[[Graph], Graph]


class CustomRule(Equation):
    """A ``custom_jvp_call`` or ``custom_vjp_call`` as a function on arrays."""

    __slots__ = ()

    def cured(self, cure: Cure) -> CustomRule:
        """Return the call with every program inside it cured, and the same derivative rule."""
        parameters = dict(self.parameters)
        for name, replace in _PROGRAMS.items():
            if name in parameters:
                parameters[name] = replace(parameters[name], cure)
        return CustomRule(self.equation, parameters, self.literals)


def cured_program(program: ClosedJaxpr, cure: Cure) -> ClosedJaxpr:
    """Return the program cured, itself where there is nothing to cure."""
    from rewriter.jax.importing import read_closed
    from rewriter.jax.lowering import computation, finished

    graph, captured, _ = read_closed(program)
    cured = cure(graph)
    if cured is graph:
        return program
    compute = computation(cured)
    weak = [bool(getattr(aval, "weak_type", False)) for aval in program.out_avals]

    def flat(*operands: Any) -> Sequence[Any]:
        return finished(compute(*operands, *captured), weak)

    arguments: Any = [placeholder(a.shape, a.dtype, a.weak_type) for a in program.in_avals]
    return jax.make_jaxpr(flat)(*arguments)


def _cured_tangent_rule(rule: Any, cure: Cure) -> Any:
    def thunk(*zeros: bool) -> tuple[Jaxpr, Sequence[Any], Any]:
        program, constants, absent = rule.call_wrapped(*zeros)
        cured = cured_program(ClosedJaxpr(program, constants), cure)
        return cured.jaxpr, cured.consts, absent

    return linear_util.wrap_init(thunk, debug_info=rule.debug_info)


def _cured_forward(rule: Any, cure: Cure) -> Any:
    def thunk(*zeros: bool) -> tuple[Jaxpr, Sequence[Any]]:
        cured = cured_program(ClosedJaxpr(*rule.call_wrapped(*zeros)), cure)
        return cured.jaxpr, cured.consts

    return linear_util.wrap_init(thunk, debug_info=rule.debug_info)


def _cured_backward(rule: Any, cure: Cure) -> Any:
    from rewriter.jax.stabilize import Memory, call_stably

    memory = Memory(cure)

    def backward(*operands: Any) -> Any:
        return call_stably(rule.call_wrapped, operands, {}, memory)

    return linear_util.wrap_init(backward, debug_info=rule.debug_info)


_PROGRAMS: dict[str, Callable[[Any, Cure], Any]] = {
    "call_jaxpr": cured_program,
    "jvp_jaxpr_fun": _cured_tangent_rule,
    "fwd_jaxpr_thunk": _cured_forward,
    "bwd": _cured_backward,
}
