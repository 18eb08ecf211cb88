"""The table of all terms that are alive: equal terms are one object."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

MOST_KEPT = 16384
"""Terms that `terms_kept` keeps alive, the latest ones."""


class Reference(weakref.ref[Any]):
    """A weak reference that knows the key of what it refers to."""

    __slots__ = ("key",)
    key: Any


INTERNED: dict[Any, Reference] = {}
"""From class and parts to the term."""

_kept: ContextVar[deque[Any] | None] = ContextVar("terms kept", default=None)


def intern(key: Any, term: Any) -> None:
    """Enter a new term, for as long as it is alive."""
    reference = INTERNED[key] = Reference(term, _forget)
    reference.key = key
    latest = _kept.get()
    if latest is not None:
        latest.append(term)


def _forget(reference: Reference) -> None:
    if INTERNED.get(reference.key) is reference:
        del INTERNED[reference.key]


@contextmanager
def terms_kept() -> Iterator[None]:
    """Keep terms made inside the ``with`` block alive for a while: most are soon made again."""
    token = _kept.set(deque(maxlen=MOST_KEPT))
    try:
        yield
    finally:
        _kept.reset(token)
