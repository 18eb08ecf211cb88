"""Indices: the names that binders bind and that terms are read at.

An index is an object, not a string: two indices of the same name are two indices.

>>> from rewriter.matching.index import Index
>>> i = Index("i")
>>> i == Index("i"), i == i, i.fresh() == i
(False, True, False)
"""

from __future__ import annotations

from functools import cache
from itertools import count

__all__ = ["Bound", "Index", "bound_index"]

_numbers = count()


class Index:
    """A symbolic index, equal only to itself.

    A subclass may carry more (a dimension, a label); it then overrides `fresh`, so that the copies
    made when a binder is opened carry it too.

    Args:
        name: how the index is printed.
    """

    __slots__ = ("__weakref__", "name", "number")

    def __init__(self, name: str) -> None:
        self.name = name
        self.number = next(_numbers)

    def fresh(self) -> Index:
        """Return a new index like this one."""
        return type(self)(self.name)

    def __repr__(self) -> str:
        return self.name


class Bound(Index):
    """The placeholder that a generic binder puts in place of its index.

    `level` counts the binders at or below it. A binder of level n encloses only binders of lower
    level, so its placeholder is never captured, and terms equal up to renaming are one object (Sato
    & Pollack 2010, "External and internal syntax of the λ-calculus").
    """

    __slots__ = ("level",)

    def __init__(self, level: int) -> None:
        super().__init__(f"_{level}")
        self.number = self.level = level

    def fresh(self) -> Index:
        """Return a free index; a placeholder is never free."""
        return Index("k")


@cache
def bound_index(level: int) -> Bound:
    """Return the one placeholder of that level."""
    return Bound(level)
