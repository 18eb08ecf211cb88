"""Horizons: how far an infinitary problem is followed, and a place to say that it was cut.

>>> horizon = Horizon(depth=4)
>>> horizon.complete
True
>>> horizon.cut("x·a = a·x"); horizon.complete, horizon.reasons
(False, ['x·a = a·x'])
"""

from __future__ import annotations

__all__ = ["DEFAULT_DEPTH", "Horizon"]

DEFAULT_DEPTH = 6


class Horizon:
    """How deep unification modulo associativity alone goes, which has infinitely many answers.

    Args:
        depth: how often a variable may be split into an operand and a rest.
        collapsing: whether an operand other than a rest may lose its root by units and become
            several operands, as full unification has it; in a pattern it stays one operand.

    Attributes:
        overlapping: whether an answer may be an instance of another one.
        reasons: what was cut, if anything was.
    """

    __slots__ = ("collapsing", "depth", "overlapping", "reasons")

    def __init__(self, depth: int = DEFAULT_DEPTH, collapsing: bool = False) -> None:
        self.depth = depth
        self.collapsing = collapsing
        self.overlapping = False
        self.reasons: list[str] = []

    @property
    def complete(self) -> bool:
        """Whether nothing was cut so far."""
        return not self.reasons

    def cut(self, reason: str) -> None:
        """Note that answers may be missing, and why."""
        if reason not in self.reasons:
            self.reasons.append(reason)
