"""Source for reductions, cumulations and contractions.

Sums and products of float16 and bfloat16 are accumulated in float32 and rounded once, as XLA does;
sums of integers keep their dtype.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rewriter.graph import operators as o
from rewriter.graph.dtype import is_float, is_integer
from rewriter.graph.inference import contraction_letters
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.lowering.array_type import ACCUMULATED_IN_FLOAT32
from rewriter.lowering.numpy_backend.contraction import roles
from rewriter.lowering.numpy_backend.elementwise_rules import Rule
from rewriter.lowering.numpy_backend.phrase import ATOM, PRODUCT, Phrase, call, joined
from rewriter.lowering.numpy_backend.scope import Scope


def _axes(node: Node) -> list[str]:
    axes, keepdims = node.attribute("axis"), node.attribute("keepdims")
    (operand,) = node.operands
    options = []
    if isinstance(axes, int):
        options.append(f"axis={axes}")
    elif axes != tuple(range(operand.ndim)) or not axes:
        options.append(f"axis={axes[0] if len(axes) == 1 else axes}")
    return [*options, "keepdims=True"] if keepdims else options


def squeezed(node: Node, kept: Phrase) -> Phrase:
    """Write a reduction as the same one, with its axes kept, without those axes."""
    axes = node.attribute("axis")
    (operand,) = node.operands
    if axes == tuple(range(operand.ndim)):
        return call("np.squeeze", [kept])
    return call("np.squeeze", [kept], f"axis={axes[0] if len(axes) == 1 else axes}")


def _total(name: str) -> Rule:
    def rule(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
        """Return a call that accumulates at a dtype that is wide enough."""
        options = _axes(node)
        if node.dtype in ACCUMULATED_IN_FLOAT32:
            wide = call(name, list(operands), *options, "dtype=np.float32")
            return joined(f"{wide.code}.astype({scope.dtype(node.dtype)})", [wide])
        if is_integer(node.dtype) or node.dtype == "bool":
            options.append(f"dtype={scope.dtype(node.dtype)}")
        return call(name, list(operands), *options)

    return rule


def _extreme(name: str, empty: float) -> Rule:
    def rule(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
        """Return a call that says what the extreme of no elements is, where there may be none."""
        options = _axes(node)
        (operand,) = node.operands
        if any(operand.shape[axis] == 0 for axis in node.attribute("axis")):
            options.append(f"initial={_neutral(node.dtype, empty)}")
        return call(name, list(operands), *options)

    return rule


def _neutral(dtype: str, empty: float) -> str:
    """What the maximum (-inf) or minimum (inf) of no elements is, at a dtype."""
    if is_float(dtype):
        return "-np.inf" if empty < 0 else "np.inf"
    if dtype == "bool":
        return str(empty > 0)
    limits = np.iinfo(dtype)
    return str(limits.min if empty < 0 else limits.max)


def _truth(name: str) -> Rule:
    def rule(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
        return call(name, list(operands), *_axes(node))

    return rule


def _place(name: str) -> Rule:
    def rule(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
        """Return a call whose result has the node's dtype."""
        found = call(name, list(operands), *_axes(node))
        if node.dtype == np.dtype(np.intp).name:
            return found
        return joined(f"{found.code}.astype({scope.dtype(node.dtype)})", [found])

    return rule


def _cumulation(ufunc: str) -> Rule:
    def rule(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
        options = [f"axis={node.attribute('axis')}", f"reverse={node.attribute('reverse')}"]
        code = f"{scope.helper('cumulate')}({ufunc}, {operands[0].code}, {', '.join(options)})"
        return joined(code, list(operands))

    return rule


def _as_matrices(spec: str) -> str | None:
    """Return ``"{0} @ {1}"`` with transposes where the contraction is one product of matrices."""
    (left, right), output = contraction_letters(spec)
    plan = roles(left, right, output)
    if plan is None or len(plan.contracted) != 1 or max(map(len, plan[2:])) > 1:
        return None
    batch, middle, rows, columns = plan
    if batch and not (rows and columns):
        return None
    if output != batch + rows + columns:
        return None
    first = {batch + middle + rows: "np.matrix_transpose({0})", batch + rows + middle: "{0}"}
    second = {batch + columns + middle: "np.matrix_transpose({1})", batch + middle + columns: "{1}"}
    if left not in first or right not in second:
        return None
    return f"{first[left]} @ {second[right]}"


def _is_outer(spec: str) -> bool:
    letters, output = contraction_letters(spec)
    joint = "".join(letters)
    return len(letters) == 2 and joint == output and len(set(joint)) == len(joint)


def _contraction(node: Node, operands: Sequence[Phrase], scope: Scope) -> Phrase:
    spec = node.attribute("spec")
    dtypes = {operand.dtype for operand in node.operands}
    plain = dtypes == {node.dtype} and node.dtype not in ACCUMULATED_IN_FLOAT32
    form = _as_matrices(spec) if plain and len(operands) == 2 else None
    if plain and form is None and _is_outer(spec):
        return call("np.multiply.outer", list(operands))
    if form is not None:
        texts = [
            operand.within(PRODUCT + place) if f"({{{place}}})" not in form else operand.code
            for place, operand in enumerate(operands)
        ]
        return joined(form.format(*texts), list(operands), PRODUCT)
    options = [] if dtypes == {node.dtype} else [f"dtype={scope.dtype(node.dtype)}"]
    quoted = Phrase(f'"{spec}"', ATOM)
    return call(scope.helper("contract"), [quoted, *operands], *options)


RULES: dict[Primitive, Rule] = {
    o.SUM: _total("np.sum"), o.PROD: _total("np.prod"), o.MAX: _extreme("np.max", -np.inf),
    o.MIN: _extreme("np.min", np.inf), o.ALL: _truth("np.all"), o.ANY: _truth("np.any"),
    o.ARGMAX: _place("np.argmax"), o.ARGMIN: _place("np.argmin"),
    o.CUMSUM: _cumulation("np.add"), o.CUMPROD: _cumulation("np.multiply"),
    o.CUMMAX: _cumulation("np.maximum"), o.EINSUM: _contraction,
}  # fmt: skip
"""Source of each reduction, cumulation and contraction."""
