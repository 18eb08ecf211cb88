"""Graphs evaluated in a world of finite fields (`rewriter.checking.world`), element by element."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from rewriter.checking.elements import Elements
from rewriter.checking.values import Undecided, Value
from rewriter.checking.world import World
from rewriter.errors import BackendError
from rewriter.graph import operators as o
from rewriter.graph.declared import declaration_of
from rewriter.graph.dtype import COMPLEX, is_float
from rewriter.graph.graph import Graph
from rewriter.graph.inference import contraction_letters
from rewriter.graph.node import Node
from rewriter.graph.primitive import Kind
from rewriter.lowering.exact_backend import index_maps
from rewriter.lowering.exact_backend.elementwise import INTEGER_FUNCTIONS
from rewriter.lowering.exact_backend.reduction import REDUCTIONS
from rewriter.lowering.exact_backend.tensor import cumulated, folded, mapped, reduced, tensor
from rewriter.lowering.numpy_backend import runtime

Array = np.ndarray[Any, Any]
Sizes = Mapping[str, int]


class FieldEvaluator:
    """Evaluates graphs in one world.

    Args:
        world: the draw.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.elements = Elements(world)
        table = self.elements.table
        self._functions = {p: mapped(f) for p, f in table.items()}
        self._predicates = {p: mapped(f, bool) for p, f in self.elements.predicates.items()}
        folds: dict[Any, tuple[Any, Any]] = {
            o.SUM: (o.ADD, world.zero), o.PROD: (o.MULTIPLY, self.elements.number(1)),
            o.MAX: (o.MAXIMUM, -math.inf), o.MIN: (o.MINIMUM, math.inf),
        }  # fmt: skip
        self._reductions: dict[Any, Callable[..., Array]] = {
            primitive: reduced(folded(table[step], empty))
            for primitive, (step, empty) in folds.items()
        }
        self._cumulations: dict[Any, Callable[..., Array]] = {
            o.CUMSUM: cumulated(table[o.ADD]), o.CUMPROD: cumulated(table[o.MULTIPLY]),
            o.CUMMAX: cumulated(table[o.MAXIMUM]),
        }  # fmt: skip
        self._nonzero = mapped(self._is_nonzero, bool)

    def lifted(self, array: Array) -> Array:
        """Return an array of numbers as one of elements."""
        elements = [self.elements.lifted(x) for x in array.ravel().tolist()]
        return tensor(elements, array.shape)

    def evaluate(self, graph: Graph, inputs: Sequence[Array], sizes: Sizes) -> list[Array]:
        """Return the outputs of a graph.

        Args:
            graph: the graph.
            inputs: a tensor for each input: of elements for floats, of numbers for the rest.
            sizes: the size of each named dimension.

        Raises:
            Undecided: a branch is not decided by the balls.
            BackendError: an operation that has no meaning here.
        """
        nodes = list(graph.nodes())
        left = Counter(operand for node in nodes for operand in node.operands)
        left.update(graph.outputs)
        values: dict[Node, Any] = dict(zip(graph.inputs, inputs, strict=True))
        for node in nodes:
            if node.operator is not o.INPUT:
                operands = [values[operand] for operand in node.operands]
                values[node] = self._value(node, operands, sizes)
            for operand in node.operands:
                left[operand] -= 1
                if not left[operand]:
                    values.pop(operand, None)
        return [values[node] for node in graph.outputs]

    def _value(self, node: Node, operands: list[Any], sizes: Sizes) -> Any:
        if node.dtype in COMPLEX:
            raise BackendError("complex numbers are not drawn", culprit=node)
        operator, kind = node.operator, node.operator.kind
        if operator is o.CONSTANT:
            array = node.attribute("value").array
            return self.lifted(array) if is_float(node.dtype) else array
        if operator is o.CALL:
            return self._call(node, operands, sizes)
        if operator is o.COMPONENT:
            return operands[0][node.attribute("index")]
        if operator is o.EINSUM and is_float(node.dtype):
            return self._contraction(node, operands)
        if kind is Kind.ELEMENTWISE:
            return self._elementwise(node, operands)
        if kind in (Kind.REDUCTION, Kind.CUMULATION):
            return self._reduction(node, operands[0])
        if kind is Kind.INDEXING or operator is o.IOTA:
            return self._indexing(node, operands, sizes)
        if declaration_of(operator) is not None:
            return self._opaque(node, operands, sizes)
        if operator is o.EINSUM:
            return runtime.contract(node.attribute("spec"), *operands, dtype=node.dtype)
        raise BackendError("the identity test does not know this primitive", culprit=operator)

    def _indexing(self, node: Node, operands: list[Any], sizes: Sizes) -> Array:
        if node.operator is o.IOTA and is_float(node.dtype):
            shape = index_maps._shape(node.shape, sizes)
            return self.lifted(runtime.iota(shape, node.attribute("axis"), np.int64))
        if node.operator is o.SCATTER_ADD and is_float(node.dtype):
            x, updates, *indices = operands
            axes, mode = node.attribute("axes"), node.attribute("mode", "promise")
            add = self.elements.table[o.ADD]
            return runtime.scatter_add(np.array(x), updates, indices, axes, mode, add)
        if node.operator is o.IOTA:
            return index_maps.iota(node, operands, sizes)
        return index_maps.evaluate(node, operands, sizes)

    def _elementwise(self, node: Node, operands: list[Any]) -> Array:
        operator = node.operator
        floats = [is_float(p.dtype) for p in node.operands]
        if operator is o.WHERE:
            return np.asarray(np.where(*operands))
        if operator is o.ASTYPE:
            return self._conversion(node, operands[0], floats[0])
        if not any(floats):
            with np.errstate(all="ignore"):
                result = INTEGER_FUNCTIONS[operator](*operands)
            return np.asarray(result).astype(node.dtype, copy=False)
        if operator in self._predicates:
            return self._predicates[operator](*operands)
        if operator in _LOGICAL:
            return np.asarray(_LOGICAL[operator](*map(self._nonzero, operands)))
        if operator not in self._functions and declaration_of(operator) is not None:
            self._functions[operator] = mapped(self.elements.declared(node))
        return self._functions[operator](*operands)

    def _conversion(self, node: Node, operand: Array, from_float: bool) -> Array:
        if is_float(node.dtype):
            return operand if from_float else self.lifted(operand)
        if not from_float:
            return operand.astype(node.dtype)
        if node.dtype == "bool":
            return self._nonzero(operand)
        return mapped(self._truncated, node.dtype)(operand)

    def _truncated(self, x: Any) -> int:
        if not isinstance(x, Value):
            raise Undecided("an integer is made of what is no number", culprit=x)
        sign = self.world.sign(x)
        size = self.elements.table[o.FLOOR](x if sign >= 0 else self.world.negative(x))
        return sign * int(size.recipe[1])

    def _is_nonzero(self, x: Any) -> bool:
        return bool(self.world.sign(x)) if isinstance(x, Value) else bool(x)

    def _reduction(self, node: Node, x: Array) -> Array:
        axes = node.attribute("axis")
        if node.operator in self._cumulations:
            if is_float(node.dtype):
                return self._cumulations[node.operator](x, axes, node.attribute("reverse"))
            return REDUCTIONS[node.operator](node, x)
        if not is_float(node.operands[0].dtype):
            return REDUCTIONS[node.operator](node, x)
        keepdims = node.attribute("keepdims")
        if node.operator in self._reductions:
            return self._reductions[node.operator](x, axes, keepdims)
        better = o.GREATER if node.operator is o.ARGMAX else o.LESS
        found = reduced(lambda row: self._position(row, better), np.int64)(x, (axes,), keepdims)
        return found.astype(node.dtype)

    def _position(self, row: Sequence[Any], better: Any) -> int:
        best = 0
        for place in range(1, len(row)):
            if self.elements.predicates[better](row[place], row[best]):
                best = place
        return best

    def _contraction(self, node: Node, operands: list[Array]) -> Array:
        """Multiply the operands out over all letters, then sum over those that are not kept."""
        letters, output = contraction_letters(node.attribute("spec"))
        everything = output + "".join(sorted(set("".join(letters)) - set(output)))
        product: Array | None = None
        for text, operand, source in zip(letters, operands, node.operands, strict=True):
            array = operand if is_float(source.dtype) else self.lifted(operand)
            aligned = _aligned(text, array, everything)
            product = aligned if product is None else self._functions[o.MULTIPLY](product, aligned)
        assert product is not None
        axes = tuple(range(len(output), len(everything)))
        return self._reductions[o.SUM](product, axes, False) if axes else product

    def _call(self, node: Node, operands: list[Any], sizes: Sizes) -> Any:
        body: Graph | None = node.attribute("body")
        if body is not None:
            inner = {
                name: size
                for given, operand in zip(body.inputs, operands, strict=True)
                for name, size in zip(given.shape, operand.shape, strict=True)
                if isinstance(name, str)
            }
            results = self.evaluate(body, operands, inner)
            return tuple(results) if node.attribute("results") else results[0]
        return self._opaque(node, operands, sizes)

    def _opaque(self, node: Node, operands: list[Any], sizes: Sizes) -> Any:
        """An opaque call is an uninterpreted function of all its operands."""
        key = [_key(x) for array in operands for x in np.asarray(array).ravel().tolist()]
        name = f"{node.operator}{node.attribute('name')}{id(node.attribute('function'))}"
        results = node.attribute("results")
        kinds = results or ((node.shape, node.dtype),)
        made = []
        for k, (shape, dtype) in enumerate(kinds):
            if not is_float(dtype):
                raise BackendError("an opaque call gives integers", culprit=name)
            dimensions = index_maps._shape(shape, sizes)
            values = []
            for place in range(math.prod(dimensions)):
                images = self.world.drawn(name, k, place, key)
                ball = arb(Fraction(images[0] % 10007 + 1, 4001).numerator) / 4001
                values.append(Value(ball, images))
            made.append(tensor(values, dimensions))
        return tuple(made) if results else made[0]


def _key(x: Any) -> Any:
    return x.images[-1] if isinstance(x, Value) else x


def _aligned(text: str, array: Array, wanted: str) -> Array:
    """Return an array with an axis for each wanted letter, 1 where it has none."""
    places = np.arange(array.size).reshape(array.shape)
    kept = "".join(letter for letter in wanted if letter in text)
    names = {letter: chr(ord("a") + k) for k, letter in enumerate(wanted)}
    spec = "".join(names[c] for c in text) + "->" + "".join(names[c] for c in kept)
    chosen = np.asarray(np.einsum(spec, places))
    taken = array.reshape(-1)[chosen.ravel()].reshape(chosen.shape)
    sizes = dict(zip(kept, taken.shape, strict=True))
    result: Array = taken.reshape([sizes.get(letter, 1) for letter in wanted])
    return result


_LOGICAL: dict[Any, Any] = {
    o.LOGICAL_AND: np.logical_and, o.LOGICAL_OR: np.logical_or, o.LOGICAL_NOT: np.logical_not,
}  # fmt: skip
