"""Remembering what was worked out about terms, without keeping the terms alive.

>>> class Name: pass
>>> memory, name = Memory(), Name()
>>> memory.recall(name, lambda each: "worked out"), memory.recall(name, lambda each: "again")
('worked out', 'worked out')
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar
from weakref import ref

__all__ = ["Memory"]

Known = TypeVar("Known")


class Memory(Generic[Known]):
    """What was worked out about terms, by the terms.

    Terms whose class allows no weak references are kept, a few thousand of the last ones.
    """

    __slots__ = ("_by_identity", "_kept", "_limit")

    def __init__(self, limit: int = 4096) -> None:
        self._by_identity: dict[int, tuple[ref[Any], Known]] = {}
        self._kept: dict[Any, Known] = {}
        self._limit = limit

    def recall(self, term: Any, make: Callable[[Any], Known]) -> Known:
        """Return what is known about a term, worked out by `make` the first time."""
        found = self._by_identity.get(id(term))
        if found is not None:
            return found[1]
        if type(term).__weakrefoffset__:
            known = make(term)
            self._by_identity[id(term)] = (ref(term, self._forgetting(id(term))), known)
            return known
        try:
            kept = self._kept.get(term)
        except TypeError:  # what cannot be hashed is not remembered
            return make(term)
        if kept is None:
            if len(self._kept) >= self._limit:
                del self._kept[next(iter(self._kept))]
            kept = self._kept[term] = make(term)
        return kept

    def known(self, term: Any) -> Known | None:
        """Return what was worked out about a term, None where nothing was."""
        found = self._by_identity.get(id(term))
        if found is not None:
            return found[1]
        if type(term).__weakrefoffset__ or not isinstance(term, Hashable):
            return None
        return self._kept.get(term)

    def _forgetting(self, identity: int) -> Callable[[ref[Any]], None]:
        by_identity = self._by_identity
        return lambda _: by_identity.pop(identity, None) and None
