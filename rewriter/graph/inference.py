"""Shape-and-dtype rules: what each kind of primitive returns, and what it refuses."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rewriter.errors import AttributeValueError, DataTypeError, ShapeError
from rewriter.graph import dimension as dim
from rewriter.graph.dimension import Dimension, Shape, shape_text
from rewriter.graph.dtype import COMPLEX, is_integer

if TYPE_CHECKING:
    from rewriter.graph.node import Node

Operands = Sequence["Node"]
Attributes = Mapping[str, Any]
Result = tuple[Shape, str]


def broadcast_shapes(shapes: Sequence[Shape]) -> Shape:
    """Return NumPy's broadcast of the shapes; axes align at the right, 1 stretches.

    Raises:
        ShapeError: two dimensions differ and neither is 1.
    """
    first = shapes[0]
    if all(shape == first for shape in shapes):
        return first
    rank = max(map(len, shapes))
    result: list[Dimension] = [1] * rank
    for shape in shapes:
        for axis, dimension in enumerate(shape, rank - len(shape)):
            if result[axis] == 1:
                result[axis] = dimension
            elif dimension not in (1, result[axis]):
                texts = " and ".join(shape_text(s) for s in shapes)
                raise ShapeError(
                    f"operands do not broadcast: {texts}",
                    culprit=f"axis {axis - rank}: {result[axis]} against {dimension}",
                )
    return tuple(result)


def _same_dtype(operands: Operands) -> str:
    dtype = operands[0].dtype
    for operand in operands:
        if operand.dtype != dtype:
            raise DataTypeError(
                "operands of one operation have one dtype; convert with astype",
                culprit=" and ".join(o.dtype for o in operands),
            )
    return dtype


def elementwise(operands: Operands, attributes: Attributes) -> Result:
    """Broadcast shape, common dtype."""
    return broadcast_shapes([o.shape for o in operands]), _same_dtype(operands)


def elementwise_inexact(operands: Operands, attributes: Attributes) -> Result:
    """Broadcast shape, common dtype, which must be a float or complex."""
    return broadcast_shapes([o.shape for o in operands]), common_float(operands)


def common_float(operands: Operands) -> str:
    """Return the dtype that the operands have in common.

    Raises:
        DataTypeError: they have several, or it is no float.
    """
    dtype = _same_dtype(operands)
    if is_integer(dtype) or dtype == "bool":
        raise DataTypeError("needs a float; convert with astype", culprit=dtype)
    return dtype


def numeric(operands: Operands, attributes: Attributes) -> Result:
    """Broadcast shape, common dtype, which must not be bool."""
    shape, dtype = elementwise(operands, attributes)
    if dtype == "bool":
        raise DataTypeError("bools are no numbers; convert with astype", culprit=dtype)
    return shape, dtype


def ordered(operands: Operands, attributes: Attributes) -> Result:
    """Broadcast shape, common dtype, which must not be complex."""
    shape, dtype = elementwise(operands, attributes)
    if dtype in COMPLEX:
        raise DataTypeError("complex numbers have no order", culprit=dtype)
    return shape, dtype


def ordered_inexact(operands: Operands, attributes: Attributes) -> Result:
    """Broadcast shape, common dtype, which must be a float."""
    ordered(operands, attributes)
    return elementwise_inexact(operands, attributes)


def magnitude(operands: Operands, attributes: Attributes) -> Result:
    """The shape of the operand; its dtype, the real one of a complex."""
    shape, dtype = elementwise(operands, attributes)
    return shape, {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def predicate(operands: Operands, attributes: Attributes) -> Result:
    """Broadcast shape, bool."""
    _same_dtype(operands)
    return broadcast_shapes([o.shape for o in operands]), "bool"


def selection(operands: Operands, attributes: Attributes) -> Result:
    """``where(condition, chosen, other)``."""
    condition, chosen, other = operands
    if condition.dtype != "bool":
        raise DataTypeError("the condition of where is a bool tensor", culprit=condition.dtype)
    return broadcast_shapes([o.shape for o in operands]), _same_dtype([chosen, other])


def integers(value: Any) -> tuple[int, ...]:
    """Return one integer, or several, as a tuple.

    Raises:
        AttributeValueError: something in it is no integer.
    """
    try:
        return (operator.index(value),)
    except TypeError:
        pass
    try:
        return tuple(operator.index(one) for one in value)
    except TypeError:
        raise AttributeValueError("expected integers", culprit=repr(value)) from None


def checked_axes(axes: Sequence[int], rank: int) -> tuple[int, ...]:
    """Return the axes, sorted and non-negative.

    Raises:
        AttributeValueError: an axis is out of range or named twice.
    """
    result = []
    for axis in axes:
        if not -rank <= axis < rank:
            raise AttributeValueError(f"axis out of range for rank {rank}", culprit=axis)
        result.append(axis % rank)
    if len(set(result)) != len(result):
        raise AttributeValueError("an axis is named twice", culprit=tuple(axes))
    return tuple(sorted(result))


def reduced_shape(shape: Shape, axes: Sequence[int], keepdims: bool) -> Shape:
    """Return the shape after reducing ``axes``."""
    gone = checked_axes(axes, len(shape))
    if keepdims:
        return tuple(1 if a in gone else d for a, d in enumerate(shape))
    return tuple(d for a, d in enumerate(shape) if a not in gone)


def reduction(operands: Operands, attributes: Attributes) -> Result:
    """Attributes: axis (a tuple), keepdims."""
    (operand,) = operands
    shape = reduced_shape(operand.shape, attributes["axis"], attributes["keepdims"])
    return shape, operand.dtype


def index_of_extreme(operands: Operands, attributes: Attributes) -> Result:
    """``argmax`` and ``argmin``. Attributes: axis (one int), keepdims, dtype of the index."""
    (operand,) = operands
    axes = (attributes["axis"],)
    return reduced_shape(operand.shape, axes, attributes["keepdims"]), attributes["dtype"]


def cumulation(operands: Operands, attributes: Attributes) -> Result:
    """Attributes: axis (one int), reverse."""
    (operand,) = operands
    checked_axes((attributes["axis"],), operand.ndim)
    return operand.shape, operand.dtype


def contraction_letters(spec: str) -> tuple[list[str], str]:
    """Split ``"ij,jk->ik"`` into ``["ij", "jk"]`` and ``"ik"``.

    Raises:
        AttributeValueError: it is not of that form.
    """
    inputs, arrow, output = spec.partition("->")
    letters = inputs.split(",")
    known = set("".join(letters))
    if not arrow or not all(t.isalpha() or not t for t in (*letters, output)):
        raise AttributeValueError("a contraction is written like 'ij,jk->ik'", culprit=spec)
    if len(set(output)) != len(output) or not set(output) <= known:
        raise AttributeValueError("output indices are distinct input indices", culprit=spec)
    return letters, output


def contraction(operands: Operands, attributes: Attributes) -> Result:
    """Attributes: spec; optional precision (of JAX) and dtype of the accumulated result."""
    letters, output = contraction_letters(attributes["spec"])
    if len(letters) != len(operands):
        raise ShapeError(f"the contraction names {len(letters)} operands", culprit=len(operands))
    sizes: dict[str, Dimension] = {}
    for text, operand in zip(letters, operands, strict=True):
        if len(text) != operand.ndim:
            raise ShapeError(f"{text!r} against shape {shape_text(operand.shape)}", culprit=operand)
        for letter, dimension in zip(text, operand.shape, strict=True):
            if sizes.setdefault(letter, dimension) != dimension:
                raise ShapeError(
                    f"index {letter!r} of {attributes['spec']!r} has two sizes",
                    culprit=f"{sizes[letter]} and {dimension}",
                )
    dtype = _same_dtype(operands)
    return tuple(sizes[letter] for letter in output), attributes.get("dtype") or dtype


def reshaping(operands: Operands, attributes: Attributes) -> Result:
    """Attributes: shape, with as many elements as the operand."""
    (operand,) = operands
    wanted: Shape = attributes["shape"]
    if dim.size(wanted) != dim.size(operand.shape):
        raise ShapeError(f"cannot reshape {shape_text(operand.shape)}", culprit=shape_text(wanted))
    return wanted, operand.dtype


def permutation(operands: Operands, attributes: Attributes) -> Result:
    """Attributes: axes, a permutation; axis a of the result is ``axes[a]`` of the operand."""
    (operand,) = operands
    axes: tuple[int, ...] = attributes["axes"]
    if sorted(axes) != list(range(operand.ndim)):
        raise AttributeValueError(f"not a permutation of {operand.ndim} axes", culprit=axes)
    return tuple(operand.shape[a] for a in axes), operand.dtype


def broadcasting(operands: Operands, attributes: Attributes) -> Result:
    """Attributes: shape, to which the operand's broadcasts."""
    (operand,) = operands
    wanted: Shape = attributes["shape"]
    if broadcast_shapes([operand.shape, wanted]) != wanted:
        raise ShapeError(f"{shape_text(operand.shape)} does not broadcast to it",
                         culprit=shape_text(wanted))  # fmt: skip
    return wanted, operand.dtype


def slicing(operands: Operands, attributes: Attributes) -> Result:
    """Attributes: start, stop, step, one per axis; non-negative starts, positive steps."""
    (operand,) = operands
    parts = (attributes["start"], attributes["stop"], attributes["step"])
    if any(len(p) != operand.ndim for p in parts):
        raise ShapeError("a slice names every axis", culprit=parts)
    shape: list[Dimension] = []
    for start, stop, step, size in zip(*parts, operand.shape, strict=True):
        length = dim.subtract(stop, start)
        if isinstance(length, int) and length < 0:
            raise AttributeValueError("a slice ends before it starts", culprit=(start, stop))
        if isinstance(size, int) and isinstance(stop, int) and stop > size:
            raise AttributeValueError(f"a slice ends past size {size}", culprit=stop)
        if step != 1:
            if not isinstance(length, int):
                raise ShapeError("a strided slice needs an integer length", culprit=length)
            length = -(-length // step)
        shape.append(length)
    return tuple(shape), operand.dtype


def reversal(operands: Operands, attributes: Attributes) -> Result:
    """Attributes: axes to turn round."""
    (operand,) = operands
    checked_axes(attributes["axes"], operand.ndim)
    return operand.shape, operand.dtype


def padding(operands: Operands, attributes: Attributes) -> Result:
    """``pad(x, value)``. Attributes: low, high, interior, one per axis, not negative.

    The counts before and after are dimensions; the count between elements is an integer.
    """
    operand, value = operands
    if value.shape:
        raise ShapeError("the padding value is a scalar", culprit=shape_text(value.shape))
    shape: list[Dimension] = []
    parts = (attributes["low"], attributes["high"], attributes["interior"])
    if any(len(counts) != operand.ndim for counts in parts):
        raise ShapeError(f"padding names all {operand.ndim} axes", culprit=parts)
    for low, high, interior, size in zip(*parts, operand.shape, strict=True):
        if any(isinstance(count, int) and count < 0 for count in (low, high, interior)):
            raise AttributeValueError("padding is not negative", culprit=(low, high, interior))
        inner = dim.multiply(dim.subtract(size, 1), interior) if interior and size != 0 else 0
        shape.append(dim.add(dim.add(size, inner), dim.add(low, high)))
    return tuple(shape), _same_dtype(operands)


def concatenation(operands: Operands, attributes: Attributes) -> Result:
    """Attributes: axis."""
    first = operands[0].shape
    (axis,) = checked_axes((attributes["axis"],), len(first))
    total: Dimension = 0
    for operand in operands:
        others = operand.shape[:axis] + operand.shape[axis + 1 :]
        if len(operand.shape) != len(first) or others != first[:axis] + first[axis + 1 :]:
            shapes = " and ".join(shape_text(o.shape) for o in operands)
            raise ShapeError(f"cannot concatenate along axis {axis}", culprit=shapes)
        total = dim.add(total, operand.shape[axis])
    return (*first[:axis], total, *first[axis + 1 :]), _same_dtype(operands)


def _indexed(target: Node, indices: Operands, axes: Sequence[int]) -> Shape:
    checked_axes(axes, target.ndim)
    if len(axes) != len(indices):
        raise ShapeError(f"{len(axes)} axes are indexed", culprit=f"{len(indices)} indices")
    for one in indices:
        if not is_integer(one.dtype):
            raise DataTypeError("an index is an integer tensor", culprit=one.dtype)
    rest = tuple(d for a, d in enumerate(target.shape) if a not in axes)
    return broadcast_shapes([one.shape for one in indices]) + rest


def gathering(operands: Operands, attributes: Attributes) -> Result:
    """``gather(x, *indices)``; result axes: those of the indices, then the axes not indexed.

    Attributes: axes (the axes of x that are indexed, in the order of the indices), mode
    ("clip", "fill" with nan or zero, or "promise" that all are in bounds).
    """
    target, *indices = operands
    return _indexed(target, indices, attributes["axes"]), target.dtype


def scattering(operands: Operands, attributes: Attributes) -> Result:
    """``scatter_add(x, updates, *indices)``: the transpose of gather, added into x."""
    target, updates, *indices = operands
    wanted = _indexed(target, indices, attributes["axes"])
    if updates.shape != wanted:
        raise ShapeError(f"updates have shape {shape_text(wanted)} here", culprit=updates)
    return target.shape, _same_dtype([target, updates])


def counting(operands: Operands, attributes: Attributes) -> Result:
    """``iota``: attributes shape, axis, dtype; element is its index along axis."""
    checked_axes((attributes["axis"],), len(attributes["shape"]))
    return attributes["shape"], attributes["dtype"]


def conversion(operands: Operands, attributes: Attributes) -> Result:
    """``astype``: attributes dtype."""
    (operand,) = operands
    return operand.shape, attributes["dtype"]


def truth_reduction(operands: Operands, attributes: Attributes) -> Result:
    """``all`` and ``any``: a reduction of bools."""
    shape, dtype = reduction(operands, attributes)
    if dtype != "bool":
        raise DataTypeError("reduces bools only", culprit=dtype)
    return shape, dtype


def given(operands: Operands, attributes: Attributes) -> Result:
    """Inputs and opaque calls say their own shape and dtype."""
    return attributes["shape"], attributes["dtype"]


def component(operands: Operands, attributes: Attributes) -> Result:
    """``component(call)``: result number ``index`` of an opaque call with several results."""
    (call,) = operands
    results: Sequence[Result] = call.attribute("results") or ()
    index = attributes["index"]
    if not 0 <= index < len(results):
        raise AttributeValueError(f"{call!r} has {len(results)} components", culprit=index)
    return results[index]
