"""Expressions in postfix order to nodes, on a stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np

from rewriter.errors import AttributeValueError, RewriterError, ShapeError
from rewriter.graph import operators as o
from rewriter.graph.dimension import size
from rewriter.graph.elementwise import constant
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, apply
from rewriter.graph.origin import Origin
from rewriter.graph.primitive import Primitive, primitive_named
from rewriter.text import syntax
from rewriter.text.expression import peers
from rewriter.text.literals import decoded, elements
from rewriter.text.signature import HINTS, Signature, anything, signature_of
from rewriter.text.tokens import Source, Token

FILE = "graph text"
"""The file of the origins of nodes that come from text."""

Value = Node | syntax.BareNumber


class Evaluator:
    """Evaluates expressions.

    Args:
        source: the text, for messages.
        values: the nodes that names stand for; it may grow between expressions.
        graphs: the graphs that attributes may name.
    """

    def __init__(
        self, source: Source, values: Mapping[str, Node], graphs: Mapping[str | None, Graph]
    ) -> None:
        self._source = source
        self._values = values
        self._graphs = graphs
        self._stack: list[Value] = []
        self._numbers: dict[tuple[str, str], Node] = {}

    def origin(self, token: Token) -> Origin:
        """Return the origin of a node that a token makes."""
        return Origin(FILE, self._source.line(token.start))

    def evaluate(self, code: syntax.Code) -> Node:
        """Return the node that an expression stands for.

        Raises:
            RewriterError: it stands for none; the reason names line and column.
        """
        self._stack = []
        for instruction in code:
            try:
                self._stack.append(_EVALUATE[type(instruction)](self, instruction))
            except RewriterError as error:
                raise self._source.located(error, instruction.token) from error
        (result,) = self._stack
        if isinstance(result, syntax.BareNumber):
            self._needs_dtype(result)
        return result

    def _needs_dtype(self, number: syntax.BareNumber) -> NoReturn:
        reason = "a number needs a dtype here, as in float32(2)"
        self._source.refuse(number.token, reason, number.value)

    # One method for each kind of instruction -----------------------------------------------------
    def _reference(self, instruction: syntax.Reference) -> Node:
        return self._values[instruction.name]

    def _bare(self, instruction: syntax.BareNumber) -> Value:
        return instruction

    def _literal(self, instruction: syntax.Literal) -> Node:
        dtype, content = instruction.dtype, instruction.content
        shape = None if instruction.shape is None else tuple(map(_whole, instruction.shape))
        if isinstance(content, str):
            return self._decoded(content, shape or (), instruction)
        numbers = elements(content, dtype)
        if shape is None or instruction.counts:
            if shape not in (None, instruction.counts):
                raise ShapeError(f"the numbers have shape {instruction.counts}", culprit=shape)
            return constant(numbers.reshape(instruction.counts), dtype)
        if size(shape) == 0:
            raise ShapeError("a tensor without elements has no number", culprit=content[0])
        return constant(_filled(numbers, shape), dtype)

    def _decoded(self, content: str, shape: tuple[int, ...], instruction: syntax.Literal) -> Node:
        try:
            return decoded(content, shape, instruction.dtype)
        except ValueError:
            self._source.refuse(instruction.token, "not base64", content[:40])

    def _subscript(self, instruction: syntax.Subscript) -> Node:
        (operand,) = self._operands(o.SLICE, 1)
        named = len(instruction.bounds)
        if named != operand.ndim:
            raise ShapeError(f"a slice names all {operand.ndim} axes", culprit=named)
        start = tuple(0 if b.start is None else b.start for b in instruction.bounds)
        stop = tuple(
            length if b.stop is None else b.stop
            for b, length in zip(instruction.bounds, operand.shape, strict=True)
        )
        step = tuple(b.step for b in instruction.bounds)
        attributes = {"start": start, "stop": stop, "step": step}
        return apply(o.SLICE, [operand], attributes, self.origin(instruction.token))

    def _application(self, instruction: syntax.Application) -> Node:
        primitive = primitive_named(instruction.operator)
        signature = signature_of(primitive)
        if signature is None:
            reason = "inputs stand in the first line, constants are written like float32(2)"
            self._source.refuse(instruction.token, reason, instruction.operator)
        if not signature.takes(instruction.count):
            reason = f"{primitive.name} takes {signature.expected()}"
            self._source.refuse(instruction.token, reason, instruction.count)
        operands = self._operands(primitive, instruction.count)
        attributes = None
        if signature.parameters or instruction.attributes:
            attributes = self._attributes(primitive, signature, instruction.attributes, operands)
        return apply(primitive, operands, attributes, self.origin(instruction.token))

    # Operands and attributes ---------------------------------------------------------------------
    def _operands(self, primitive: Primitive, count: int) -> list[Node]:
        first = len(self._stack) - count
        taken = self._stack[first:]
        del self._stack[first:]
        return [
            one if isinstance(one, Node) else self._number(one, place, primitive, taken)
            for place, one in enumerate(taken)
        ]

    def _number(
        self, number: syntax.BareNumber, place: int, primitive: Primitive, beside: list[Value]
    ) -> Node:
        """Return the constant that a number is beside operands of which one has a dtype."""
        places = peers(primitive, len(beside))
        known = (beside[p] for p in places if place in places)
        dtype = next((one.dtype for one in known if isinstance(one, Node)), None)
        if dtype is None:
            self._needs_dtype(number)
        key = (repr(number.value), dtype)
        if key not in self._numbers:
            try:
                self._numbers[key] = constant(elements([number.value], dtype).reshape(()), dtype)
            except RewriterError as error:
                raise self._source.located(error, number.token) from None
        return self._numbers[key]

    def _attributes(
        self,
        primitive: Primitive,
        signature: Signature,
        given: Mapping[str, Any],
        operands: list[Node],
    ) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, parameter in signature.parameters.items():
            if name in given:
                try:
                    result[name] = parameter.read(given[name], operands)
                except RewriterError as error:
                    reason = f"{name} of {primitive.name}: {error.reason}"
                    raise type(error)(reason, error.culprit) from None
            elif parameter.default is not None:
                result[name] = parameter.default(operands)
            elif not parameter.optional:
                raise AttributeValueError(f"{primitive.name} needs an attribute", culprit=name)
        for name in given:
            if name in HINTS:
                result[name] = HINTS[name].read(given[name], operands)
            elif signature.open and name not in result:
                result[name] = self._open_value(given[name])
            elif name not in result:
                reason = f"{primitive.name} has no such attribute"
                raise AttributeValueError(reason, culprit=name)
        return result

    def _open_value(self, value: Any) -> Any:
        if isinstance(value, syntax.GraphName):
            return self._graphs[value.name]
        return anything(value, ())


def _whole(dimension: Any) -> int:
    if not isinstance(dimension, int):
        raise ShapeError("the dimensions of a constant are integers", culprit=dimension)
    return dimension


def _filled(number: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    try:
        return np.full(shape, number.reshape(()), number.dtype)
    except (MemoryError, ValueError):
        raise ShapeError("no array is so large", culprit=shape) from None


_EVALUATE: dict[type, Callable[[Evaluator, Any], Value]] = {
    syntax.Reference: Evaluator._reference,
    syntax.BareNumber: Evaluator._bare,
    syntax.Literal: Evaluator._literal,
    syntax.Application: Evaluator._application,
    syntax.Subscript: Evaluator._subscript,
}
