"""Legends: short names, in a text about terms, for tensors that have none of their own.

A term reads a tensor at indices, ``einsum("ab,bc->ac", q, k)[i0, j]``. In a text the tensor is
``A[i0, j]``, and a line below says what A is. The same holds for named pieces, sums and maxima
that were too large to be written out. Indices that are new get letters that differ.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rewriter.graph.node import Node
from rewriter.matching.index import Index

BOUND_LETTERS = "ijklmnpqrst"
"""The letter of an index that a sum binds, by the number of sums at or below it."""

_CURRENT: ContextVar[Legend | None] = ContextVar("legend", default=None)


def current() -> Legend | None:
    """Return the legend of the text that is being written, or None."""
    return _CURRENT.get()


def bound_letter(level: int) -> str:
    """Return the letter of a bound index."""
    return BOUND_LETTERS[level % len(BOUND_LETTERS)]


class Legend:
    """The names in one text.

    Args:
        taken: names that mean something already.
        level: how many sums are inside one another at most.

    Attributes:
        tensors: the tensors that got a name, in the order in which they were met.
    """

    def __init__(self, taken: Collection[str] = (), level: int = 0) -> None:
        self.tensors: dict[Node, str] = {}
        self._taken = set(taken)
        self._level = level
        self._axes: dict[Index, str] = {}
        self._bound: list[int] = []

    @contextmanager
    def in_force(self) -> Iterator[Legend]:
        """Print terms with these names inside the ``with`` block."""
        token = _CURRENT.set(self)
        try:
            yield self
        finally:
            _CURRENT.reset(token)

    def tensor(self, node: Node, wishes: str = "") -> str:
        """Return the name of a tensor; a new one is the first free of ``wishes``, or a capital."""
        if node not in self.tensors:
            capitals = "".join(chr(ord("A") + place) for place in range(26))
            free = (name for name in wishes + capitals if name not in self._taken)
            self.tensors[node] = next(free, f"A_{len(self.tensors)}")
            self._taken.add(self.tensors[node])
        return self.tensors[node]

    def axis(self, axis: Index) -> str:
        """Return the name of a free index: its own, or a letter where that one is in use."""
        if axis not in self._axes:
            self._axes[axis] = self._letter(axis, self._axes.values(), self._level)
        return self._axes[axis]

    @contextmanager
    def parameters(self, axes: Iterable[Index], bound: Collection[int]) -> Iterator[list[str]]:
        """Give indices letters for the ``with`` block alone.

        Args:
            axes: the parameters of a function.
            bound: the levels of the indices that are bound in its body; they get the first letters.
        """
        before = dict(self._axes), self._bound
        self._bound = sorted(bound)
        names = []
        for axis in axes:
            names.append(self._letter(axis, self._axes.values(), len(bound)))
            self._axes[axis] = names[-1]
        try:
            yield names
        finally:
            self._axes, self._bound = before

    def bound_letter(self, level: int) -> str:
        """Return the letter of a bound index, by its level among those in a definition."""
        known = level in self._bound
        return bound_letter(self._bound.index(level) + 1 if known else level)

    def _letter(self, axis: Index, used: Collection[str], level: int) -> str:
        bound = {bound_letter(one) for one in range(1, level + 1)}
        if axis.name not in used and axis.name not in bound:
            return axis.name
        free = (one for one in BOUND_LETTERS[1:] if one not in used and one not in bound)
        return next(free, f"{axis.name}_{len(self._axes)}")
