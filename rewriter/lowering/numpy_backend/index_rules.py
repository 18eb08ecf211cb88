"""Source for index maps and opaque calls."""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.graph import dimension as dim
from rewriter.graph import operators as o
from rewriter.graph.dimension import Dimension, Shape
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.lowering.numpy_backend.elementwise_rules import Rule
from rewriter.lowering.numpy_backend.phrase import ATOM, Phrase, call, joined, sequence
from rewriter.lowering.numpy_backend.scope import Scope


def _inserted_ones(before: Shape, after: Shape) -> str | None:
    """Return ``":, None"`` where a reshape only inserts dimensions of size 1."""
    if len(after) <= len(before) or [d for d in after if d != 1] != [d for d in before if d != 1]:
        return None
    parts, place = [], 0
    for size in after:
        if place < len(before) and before[place] == size:
            parts.append(":")
            place += 1
        elif size == 1:
            parts.append("None")
        else:
            return None
    while parts and parts[-1] == ":":
        parts.pop()
    return ", ".join(parts) if place == len(before) else None


def _reshape(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    (operand,) = operands
    inserted = _inserted_ones(node.operands[0].shape, node.shape)
    if inserted is not None:
        return joined(f"{operand.within(ATOM)}[{inserted}]", [operand])
    sizes = ", ".join(scope.size(d).code for d in node.shape) or "()"
    return joined(f"{operand.within(ATOM)}.reshape({sizes})", [operand])


def _transpose(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    (operand,) = operands
    axes = node.attribute("axes")
    if axes == tuple(range(len(axes)))[::-1]:
        return joined(f"{operand.within(ATOM)}.T", [operand])
    return joined(f"{operand.within(ATOM)}.transpose({', '.join(map(str, axes))})", [operand])


def _broadcast_to(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    return call("np.broadcast_to", list(operands), scope.shape(node.shape))


def _range(start: Dimension, stop: Dimension, step: int, size: Dimension, scope: Scope) -> str:
    if step == 1 and dim.subtract(stop, start) == 1:
        single = scope.size(start).code
        return f"{single}:{scope.size(stop).code}"
    first = "" if start == 0 else scope.size(start).code
    last = "" if stop == size else scope.size(stop).code
    return f"{first}:{last}" + ("" if step == 1 else f":{step}")


def _slice(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    (operand,) = operands
    start, stop, step = (node.attribute(name) for name in ("start", "stop", "step"))
    bounds = zip(start, stop, step, node.operands[0].shape, strict=True)
    parts = [_range(*bound, scope) for bound in bounds]
    while len(parts) > 1 and parts[-1] == ":":
        parts.pop()
    return joined(f"{operand.within(ATOM)}[{', '.join(parts)}]", [operand])


def _reverse(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    axes = node.attribute("axes")
    return call("np.flip", list(operands), f"axis={axes[0] if len(axes) == 1 else axes}")


def _pad(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    x, value = operands
    plain = value if value.weak is None else Phrase(value.weak)
    low, high = (scope.shape(node.attribute(name)) for name in ("low", "high"))
    interior = sequence([str(n) for n in node.attribute("interior")])
    options = (f"low={low}", f"high={high}", f"interior={interior}")
    return call(scope.helper("pad"), [x, plain], *options)


def _concatenate(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    parts = sequence([operand.code for operand in operands])
    code = f"np.concatenate({parts}, axis={node.attribute('axis')})"
    return joined(code, list(operands))


def _gather(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    x, *indices = operands
    axes, mode = node.attribute("axes"), node.attribute("mode")
    if mode == "promise" and axes == tuple(range(len(axes))):
        places = ", ".join(index.code for index in indices)
        return joined(f"{x.within(ATOM)}[{places}]", list(operands))
    options = [f"axes={sequence([str(a) for a in axes])}", f'mode="{mode}"']
    picked = sequence([index.code for index in indices])
    code = f"{scope.helper('gather')}({x.code}, {picked}, {', '.join(options)})"
    return joined(code, list(operands))


def _scatter_add(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    x, updates, *indices = operands
    axes, mode = node.attribute("axes"), node.attribute("mode", "promise")
    options = [f"axes={sequence([str(a) for a in axes])}", f'mode="{mode}"']
    places = sequence([index.code for index in indices])
    arguments = ", ".join([x.code, updates.code, places, *options])
    return joined(f"{scope.helper('scatter_add')}({arguments})", list(operands))


def _iota(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    dtype = scope.dtype(node.dtype)
    if node.ndim == 1 and dtype.startswith("np."):
        kind = "" if node.dtype == "int64" else f", dtype={dtype}"
        return Phrase(f"np.arange({scope.size(node.shape[0]).code}{kind})", ATOM, (), None, 1)
    shape, axis = scope.shape(node.shape), node.attribute("axis")
    return Phrase(f"{scope.helper('iota')}({shape}, axis={axis}, dtype={dtype})", depth=1)


def _call(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    return call(scope.callee(node), list(operands))


def _component(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    (operand,) = operands
    return joined(f"{operand.within(ATOM)}[{node.attribute('index')}]", [operand])


RULES: dict[Primitive, Rule] = {
    o.RESHAPE: _reshape, o.TRANSPOSE: _transpose, o.BROADCAST_TO: _broadcast_to,
    o.SLICE: _slice, o.REVERSE: _reverse, o.PAD: _pad, o.CONCATENATE: _concatenate,
    o.GATHER: _gather, o.SCATTER_ADD: _scatter_add, o.IOTA: _iota, o.CALL: _call,
    o.COMPONENT: _component,
}  # fmt: skip
"""Source of each index map and opaque call."""
