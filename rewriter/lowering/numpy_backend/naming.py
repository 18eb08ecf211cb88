"""Names for the variables of generated source: after the inputs, and after what a value is."""

from __future__ import annotations

import keyword
import re

from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive

_NOUNS: dict[Primitive, str] = {
    o.ADD: "added", o.SUBTRACT: "difference", o.MULTIPLY: "product", o.DIVIDE: "quotient",
    o.POWER: "power", o.NEGATIVE: "negated", o.ABSOLUTE: "magnitude", o.MAXIMUM: "larger",
    o.MINIMUM: "smaller", o.FLOOR_DIVIDE: "floored", o.EQUAL: "same", o.NOT_EQUAL: "different",
    o.LESS: "below", o.LESS_EQUAL: "not_above", o.GREATER: "above", o.GREATER_EQUAL: "not_below",
    o.LOGICAL_AND: "both", o.LOGICAL_OR: "either", o.LOGICAL_NOT: "inverse", o.WHERE: "chosen",
    o.ISFINITE: "finite", o.ISNAN: "undefined", o.ASTYPE: "converted", o.SUM: "total",
    o.PROD: "product", o.MAX: "largest", o.MIN: "smallest", o.ALL: "every", o.ANY: "some",
    o.CUMSUM: "running_total", o.CUMPROD: "running_product", o.CUMMAX: "running_maximum",
    o.EINSUM: "contraction", o.RESHAPE: "reshaped", o.TRANSPOSE: "transposed",
    o.BROADCAST_TO: "spread", o.SLICE: "part", o.REVERSE: "backwards", o.PAD: "padded",
    o.CONCATENATE: "joined", o.GATHER: "picked", o.SCATTER_ADD: "scattered", o.IOTA: "places",
    o.CONSTANT: "values",
}  # fmt: skip

_NAMED_AFTER_OPERAND = frozenset(
    (o.EXP, o.EXP2, o.EXPM1, o.LOG, o.LOG2, o.LOG1P, o.SQRT, o.SIN, o.COS, o.TAN, o.TANH, o.SINH,
     o.COSH, o.ERF, o.ERFC, o.ERFCX, o.LOGISTIC, o.MAX, o.MIN, o.SUM)
)  # fmt: skip
_LONGEST = 16


class Names:
    """Hands out identifiers, each once.

    Args:
        taken: names that are not to be used.
    """

    def __init__(self, taken: frozenset[str]) -> None:
        self._taken = set(taken)
        self._counts: dict[str, int] = {}

    def fresh(self, wanted: str) -> str:
        """Return ``wanted`` as an identifier, with a number where it is used already."""
        base = re.sub(r"\W+", "_", wanted, flags=re.ASCII).strip("_") or "value"
        if base[0].isdigit() or keyword.iskeyword(base) or keyword.issoftkeyword(base):
            base = f"value_{base}"
        name, count = base, self._counts.get(base, 1)
        while name in self._taken:
            count += 1
            name = f"{base}_{count}"
        self._counts[base] = count
        self._taken.add(name)
        return name

    def for_node(self, node: Node, operand: str | None) -> str:
        """Return a name for the value of a node.

        Args:
            node: what is computed.
            operand: the name of the variable that its first operand is, if it is one.
        """
        own = node.attribute("name")
        noun = str(own) if own else _NOUNS.get(node.operator, node.operator.name)
        if operand is not None and node.operator in _NAMED_AFTER_OPERAND:
            longer = f"{node.operator.name}_{operand}"
            if len(longer) <= _LONGEST:
                return self.fresh(longer)
        return self.fresh(noun)
