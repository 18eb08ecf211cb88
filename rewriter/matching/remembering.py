"""Remembering what was worked out about terms, without keeping the terms alive.

>>> class Name: pass
>>> memory, name = Memory(), Name()
>>> memory.recall(name, lambda each: "worked out"), memory.recall(name, lambda each: "again")
('worked out', 'worked out')
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

__all__ = ["Memory"]

Known = TypeVar("Known")


class Memory(Generic[Known]):
    """What was worked out about terms, by the terms.

    Terms whose class allows no weak references are kept, a few thousand of the last ones.
    """

    __slots__ = ("_kept", "_limit", "_weak")

    def __init__(self, limit: int = 4096) -> None:
        self._weak: WeakKeyDictionary[Any, Known] = WeakKeyDictionary()
        self._kept: dict[Any, Known] = {}
        self._limit = limit

    def recall(self, term: Any, make: Callable[[Any], Known]) -> Known:
        """Return what is known about a term, worked out by `make` the first time."""
        if type(term).__weakrefoffset__:
            known = self._weak.get(term)
            if known is None:
                known = self._weak[term] = make(term)
            return known
        known = self._kept.get(term)
        if known is None:
            if len(self._kept) >= self._limit:
                del self._kept[next(iter(self._kept))]
            known = self._kept[term] = make(term)
        return known

    def known(self, term: Any) -> Known | None:
        """Return what was worked out about a term, None where nothing was."""
        return (self._weak if type(term).__weakrefoffset__ else self._kept).get(term)
