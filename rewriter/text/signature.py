"""What each primitive takes in graph text: how many operands, which attributes, which defaults.

>>> SIGNATURES[o.SUM].expected(), list(SIGNATURES[o.SUM].parameters)
('1 operand', ['axis', 'keepdims'])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rewriter.errors import AttributeValueError, DataTypeError
from rewriter.graph import operators as o
from rewriter.graph.declared import declaration_of
from rewriter.graph.indexing import checked_shape
from rewriter.graph.node import Node
from rewriter.graph.primitive import Kind, Primitive, primitives
from rewriter.text.names import DATA_TYPES, Quoted

Operands = Sequence[Node]
Reader = Callable[[Any, Operands], Any]


@dataclass(frozen=True, slots=True)
class Default:
    """A value that need not be written: the same everywhere, or one that the operands give."""

    value: Any = None
    of_operands: Callable[[Operands], Any] | None = None

    def __call__(self, operands: Operands) -> Any:
        """Return the value beside these operands."""
        return self.value if self.of_operands is None else self.of_operands(operands)


@dataclass(frozen=True, slots=True)
class Parameter:
    """An attribute of a primitive.

    Attributes:
        read: what was written to the canonical value; raises the errors of the package.
        default: the value where none is written, or None where one must be.
        optional: the attribute may be missing altogether.
    """

    read: Reader
    default: Default | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """What a primitive takes.

    Attributes:
        least: the fewest operands.
        most: the most operands, or None for any number.
        parameters: its attributes by name.
        open: whether other attributes are taken as they are written.
    """

    least: int
    most: int | None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    open: bool = False

    def takes(self, count: int) -> bool:
        """Tell whether that many operands will do."""
        return self.least <= count and (self.most is None or count <= self.most)

    def expected(self) -> str:
        """Return in words how many operands there are to be."""
        count = f"{'' if self.most == self.least else 'at least '}{self.least}"
        return f"{count} operand{'' if self.least == 1 else 's'}"


# Readers of attributes ---------------------------------------------------------------------------
def _refuse(wanted: str, value: object) -> AttributeValueError:
    return AttributeValueError(f"expected {wanted}", culprit=value)


def _integer(value: Any, operands: Operands) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refuse("an integer", value)
    return value


def _integers(value: Any, operands: Operands) -> tuple[int, ...]:
    values = value if isinstance(value, tuple) else (value,)
    return tuple(_integer(one, operands) for one in values)


def _axis(value: Any, operands: Operands) -> int:
    rank = operands[0].ndim
    axis = _integer(value, operands)
    if not -rank <= axis < rank:
        raise AttributeValueError(f"axis out of range for rank {rank}", culprit=axis)
    return axis % rank


def _axes(value: Any, operands: Operands) -> tuple[int, ...]:
    return tuple(_axis(one, operands) for one in _integers(value, operands))


def _steps(value: Any, operands: Operands) -> tuple[int, ...]:
    steps = _integers(value, operands)
    if any(step < 1 for step in steps):
        raise _refuse("positive steps", value)
    return steps


def _flag(value: Any, operands: Operands) -> bool:
    if not isinstance(value, bool):
        raise _refuse("True or False", value)
    return value


def _shape(value: Any, operands: Operands) -> Any:
    return checked_shape(anything(value, operands))


def _dtype(value: Any, operands: Operands) -> str:
    if isinstance(value, Quoted):
        return str(value)
    if value not in DATA_TYPES:
        raise DataTypeError("no such dtype", culprit=value)
    return str(value)


def _text(value: Any, operands: Operands) -> str:
    if not isinstance(value, str):
        raise _refuse("a text", value)
    return str(value)


def _mode(value: Any, operands: Operands) -> str:
    if value not in ("clip", "fill", "promise"):
        raise _refuse("clip, fill or promise", value)
    return str(value)


def anything(value: Any, operands: Operands) -> Any:
    """Return the value with plain texts in it."""
    if isinstance(value, tuple):
        return tuple(anything(one, operands) for one in value)
    return str(value) if isinstance(value, Quoted) else value


def _callable(value: Any, operands: Operands) -> Any:
    if not callable(value):
        raise _refuse("a function, <name>", value)
    return value


# The table ---------------------------------------------------------------------------------------
_FALSE = Default(False)
_ALL_AXES = Default(of_operands=lambda operands: tuple(range(operands[0].ndim)))
_NO_COUNTS = Default(of_operands=lambda operands: (0,) * operands[0].ndim)
_PROMISE = Default("promise")

_SHAPE, _DTYPE, _FLAG = Parameter(_shape), Parameter(_dtype), Parameter(_flag, _FALSE)
_REDUCTION = {"axis": Parameter(_axes, _ALL_AXES), "keepdims": _FLAG}
_EXTREME = {
    "axis": Parameter(_axis),
    "keepdims": _FLAG,
    "dtype": Parameter(_dtype, Default("int64")),
}
_CUMULATION = {"axis": Parameter(_axis), "reverse": _FLAG}
_COUNTS = Parameter(_shape, _NO_COUNTS)
_PROMISED = Parameter(_flag, optional=True)
_INDEXED = {
    "axes": Parameter(_axes), "mode": Parameter(_mode, _PROMISE),
    "indices_are_sorted": _PROMISED, "unique_indices": _PROMISED,
}  # fmt: skip
_SLICE = {"start": Parameter(_shape), "stop": Parameter(_shape), "step": Parameter(_steps)}
_CONTRACTION = {
    "spec": Parameter(_text), "dtype": Parameter(_dtype, optional=True),
    "precision": Parameter(anything, optional=True),
}  # fmt: skip
_CALL = {
    "name": Parameter(_text),
    "function": Parameter(_callable),
    "shape": _SHAPE,
    "dtype": _DTYPE,
}

_BINARY = frozenset({
    o.ADD, o.SUBTRACT, o.MULTIPLY, o.DIVIDE, o.POWER, o.MAXIMUM, o.MINIMUM, o.REMAINDER,
    o.FLOOR_DIVIDE, o.LOGADDEXP, o.EQUAL, o.NOT_EQUAL, o.LESS, o.LESS_EQUAL, o.GREATER,
    o.GREATER_EQUAL, o.LOGICAL_AND, o.LOGICAL_OR,
})  # fmt: skip

_SPECIAL: dict[Primitive, Signature] = {
    o.IOTA: Signature(0, 0, {"shape": _SHAPE, "axis": Parameter(_integer), "dtype": _DTYPE}),
    o.WHERE: Signature(3, 3),
    o.ASTYPE: Signature(1, 1, {"dtype": _DTYPE}),
    o.ARGMAX: Signature(1, 1, _EXTREME),
    o.ARGMIN: Signature(1, 1, _EXTREME),
    o.EINSUM: Signature(0, None, _CONTRACTION),
    o.RESHAPE: Signature(1, 1, {"shape": _SHAPE}),
    o.TRANSPOSE: Signature(1, 1, {"axes": Parameter(_axes)}),
    o.BROADCAST_TO: Signature(1, 1, {"shape": _SHAPE}),
    o.SLICE: Signature(1, 1, _SLICE),
    o.REVERSE: Signature(1, 1, {"axes": Parameter(_axes)}),
    o.PAD: Signature(2, 2, {"low": _COUNTS, "high": _COUNTS, "interior": _COUNTS}),
    o.CONCATENATE: Signature(1, None, {"axis": Parameter(_axis)}),
    o.GATHER: Signature(2, None, _INDEXED),
    o.SCATTER_ADD: Signature(3, None, _INDEXED),
    o.CALL: Signature(0, None, _CALL, open=True),
    o.COMPONENT: Signature(1, 1, {"index": Parameter(_integer)}),
}

_LEAVES = {o.INPUT, o.CONSTANT}


def _signature(primitive: Primitive) -> Signature:
    if primitive in _SPECIAL:
        return _SPECIAL[primitive]
    if primitive.kind is Kind.REDUCTION:
        return Signature(1, 1, _REDUCTION)
    if primitive.kind is Kind.CUMULATION:
        return Signature(1, 1, _CUMULATION)
    operands = 2 if primitive in _BINARY else 1
    return Signature(operands, operands)


HINTS = {"spelling": Parameter(_text)}
"""Attributes that any primitive may have: they say how it was written, not what it means."""

SIGNATURES = {p: _signature(p) for p in primitives() if p not in _LEAVES}
"""The signature of every primitive that graph text applies to operands."""


def signature_of(primitive: Primitive) -> Signature | None:
    """Return what a primitive or a declared operator takes; None for inputs and constants."""
    known = declaration_of(primitive)
    if known is not None:
        return Signature(known.arity, known.arity)
    return SIGNATURES.get(primitive)
