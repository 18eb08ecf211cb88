"""Counterexamples: numbers at which a law fails, as Python that can be pasted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rewriter.graph.graph import Graph

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Counterexample:
    """Numbers that refute a law.

    Attributes:
        values: one array for each variable.
        left, right: the two sides as graphs over these variables.
        left_value, right_value: what they are worth, as text.
        reason: how the law fails.
    """

    values: Mapping[str, Array]
    left: Graph
    right: Graph
    left_value: str
    right_value: str
    reason: str
    exactly: bool = True

    @property
    def arguments(self) -> tuple[Array, ...]:
        """The values in the order of the graphs' inputs."""
        return tuple(self.values[node.attribute("name")] for node in self.left.inputs)

    @property
    def source(self) -> str:
        """Python that shows the failure."""
        lines = ["import numpy as np", "import rewriter as rw", ""]
        for name, graph in (("left", self.left), ("right", self.right)):
            lines += [f'{name} = rw.parse("""', *str(graph).splitlines(), '""")']
        values = ", ".join(_text(value) for value in self.arguments)
        backend = "exact" if self.exactly else "numpy"
        lines += [
            f"values = [{values}]",
            f'print(rw.compile(left, backend="{backend}")(*values))   # {self.left_value}',
            f'print(rw.compile(right, backend="{backend}")(*values))  # {self.right_value}',
        ]
        return "\n".join(lines)

    def as_data(self) -> dict[str, Any]:
        """Return the counterexample as what JSON can hold."""
        return {
            "reason": self.reason, "left": self.left_value, "right": self.right_value,
            "values": {name: _plain(value) for name, value in self.values.items()},
            "source": self.source,
        }  # fmt: skip

    def __str__(self) -> str:
        shown = ", ".join(f"{k} = {_short(v)}" for k, v in self.values.items())
        return f"at {shown}: the left side is {self.left_value}, the right {self.right_value}"


def _plain(value: Array) -> Any:
    return [[repr(x) for x in value.ravel().tolist()], list(value.shape)]


def _short(value: Array) -> str:
    return repr(value.item()) if value.ndim == 0 else str(value.tolist())


def _text(value: Array) -> str:
    listed = repr(value.tolist()).replace("inf", "np.inf").replace("nan", "np.nan")
    if value.size == 0:
        return f"np.zeros({value.shape}, {str(value.dtype)!r})"
    return f"np.array({listed}, {str(value.dtype)!r})"
