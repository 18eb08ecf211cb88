"""The way from the root of a search to a node, and what was met on it.

>>> way = Way()
>>> way.return_to(1); way.is_new("x·y = a·b"), way.is_new("x·y = a·b")
(True, False)
>>> way.return_to(2); way.is_new("u·v = a·b")
True
>>> way.return_to(2); way.is_new("x·y = a·b"), way.is_new("u·v = a·b")
(False, True)
"""

from __future__ import annotations

from typing import Any

__all__ = ["Way"]

Equation = tuple[Any, Any]


class Way:
    """The equations under equational operators that were met on the way from the root to a node.

    The search is depth-first, so one record serves all nodes: what was met beyond a node's parent
    is forgotten when the search returns there.
    """

    __slots__ = ("_depth", "_in_order", "_met")

    def __init__(self) -> None:
        self._met: set[Equation] = set()
        self._in_order: list[tuple[int, Equation]] = []
        self._depth = 0

    def return_to(self, depth: int) -> None:
        """Forget what was met at this depth and below."""
        self._depth = depth
        while self._in_order and self._in_order[-1][0] >= depth:
            self._met.discard(self._in_order.pop()[1])

    def is_new(self, equation: Equation) -> bool:
        """Whether an equation is met for the first time on the way; note it."""
        if equation in self._met:
            return False
        self._met.add(equation)
        self._in_order.append((self._depth, equation))
        return True
