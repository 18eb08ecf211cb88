"""The table of all terms that are alive: equal terms are one object. What is known of them."""

from __future__ import annotations

import functools
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, Self, TypeVar

from rewriter.facts import ranges

Parameters = ParamSpec("Parameters")
Found = TypeVar("Found")
Table = TypeVar("Table", bound=MutableMapping[Any, Any])

MOST_KEPT = 16384
"""Terms that `terms_kept` keeps alive, the latest ones."""


class Reference(weakref.ref[Any]):
    """A weak reference that knows the key of what it refers to."""

    __slots__ = ("key",)
    key: Any


INTERNED: dict[Any, Reference] = {}
"""From class and parts to the term."""

SUMMANDS_OF_A_RESULT = 64
"""Summands that take as long to add up as most results take to be worked out."""

MOST_REMEMBERED = 65536
"""Results that `remembered` functions keep, all together, before they start afresh."""

DRAWN_FROM_FACTS = ("interval", "paired", "large", "at_points")
"""What terms keep of themselves that depends on the ranges of nodes, not on their parts alone."""

_tables: list[MutableMapping[Any, Any]] = []


def drawn_from_facts(table: Table) -> Table:
    """Have a table of results forgotten where ranges of nodes are: it depends on them."""
    _tables.append(table)
    return table


_kept: ContextVar[deque[Any] | None] = ContextVar("terms kept", default=None)


class OutOfWork(Exception):
    """More results had to be worked out than there may be."""


class _Memory:
    """Results by function and arguments, for as long as no more is known of any node."""

    def __init__(self) -> None:
        self.results: dict[Any, Any] = {}
        self.refinements = ranges.refinements()
        self.worked_out = 0
        self.most = sys.maxsize

    def work(self, results: int) -> None:
        """Count results that were worked out.

        Raises:
            OutOfWork: there are more than there may be.
        """
        self.worked_out += results
        if self.worked_out > self.most:
            raise OutOfWork

    def up_to_date(self) -> dict[Any, Any]:
        """Return the results; none where facts have been added, or they have become many."""
        if self.refinements != ranges.refinements() or len(self.results) > MOST_REMEMBERED:
            self.results.clear()
            self.refinements = ranges.refinements()
        return self.results


_memory: ContextVar[_Memory | None] = ContextVar("results remembered", default=None)


class Interned:
    """What there is once of each class and parts, for as long as it is alive.

    Attributes:
        parts: what it is made of; with its class, its identity.
    """

    __slots__ = ("__weakref__", "parts")

    parts: tuple[Any, ...]

    @classmethod
    def make(cls, *parts: Any) -> Self:
        """Return the one object of this class with these parts."""
        key = (cls, parts)
        reference = INTERNED.get(key)
        known: Self | None = None if reference is None else reference()
        if known is not None:
            return known
        made = object.__new__(cls)
        made.parts = parts
        made._describe()
        _intern(key, made)
        return made

    @classmethod
    def existing(cls, *parts: Any) -> Self | None:
        """Return the object of this class with these parts if there is one, and make none."""
        reference = INTERNED.get((cls, parts))
        return None if reference is None else reference()

    def _describe(self) -> None:
        """Set what follows from the parts."""


def _intern(key: Any, term: Any) -> None:
    """Enter a new term, for as long as it is alive."""
    reference = INTERNED[key] = Reference(term, _forget)
    reference.key = key
    latest = _kept.get()
    if latest is not None:
        latest.append(term)


def _forget(reference: Reference) -> None:
    if INTERNED.get(reference.key) is reference:
        del INTERNED[reference.key]


def remembered(function: Callable[Parameters, Found]) -> Callable[Parameters, Found]:
    """Have a function of terms, and of what can be hashed, work each result out once.

    What it gives may depend on its arguments and on facts alone: it is remembered inside of
    `terms_kept`, and until more is known of some node.
    """

    @functools.wraps(function)
    def recalled(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Found:
        memory = _memory.get()
        if memory is None or kwargs:
            return function(*args, **kwargs)
        results, key = memory.up_to_date(), (function, args)
        if key in results:
            found: Found = results[key]
            return found
        found = function(*args, **kwargs)
        memory.work(1)
        if memory.refinements == ranges.refinements():
            results[key] = found
        return found

    return recalled


def worked_out() -> int:
    """Return how many results `remembered` functions had to work out inside of `terms_kept`.

    It measures work as a clock does, but is the same on every machine.
    """
    memory = _memory.get()
    return 0 if memory is None else memory.worked_out


def add_up(summands: int) -> None:
    """Count what adds up a long sum as work, too."""
    memory = _memory.get()
    if memory is not None and summands > SUMMANDS_OF_A_RESULT:
        memory.work(summands // SUMMANDS_OF_A_RESULT)


@contextmanager
def working_up_to(most: int) -> Iterator[None]:
    """Stop what is done in the ``with`` block as soon as so many results have been worked out.

    Raises:
        OutOfWork: there would be more.
    """
    memory = _memory.get()
    if memory is None:
        yield
        return
    before, memory.most = memory.most, most
    try:
        yield
    finally:
        memory.most = before


@contextmanager
def terms_kept() -> Iterator[None]:
    """Keep terms made inside the ``with`` block alive for a while: most are soon made again.

    What is known of them is known in the outermost such block alone, as the ranges of nodes are.
    """
    with ranges.ranges_apart() as outermost:
        if outermost:
            _forget_what_is_known()
        latest, memory = _kept.set(deque(maxlen=MOST_KEPT)), _memory.set(_Memory())
        try:
            yield
        finally:
            _kept.reset(latest)
            _memory.reset(memory)
            if outermost:
                _forget_what_is_known()


def _forget_what_is_known() -> None:
    for table in _tables:
        table.clear()
    for reference in list(INTERNED.values()):
        term = reference()
        if term is not None:
            for name in DRAWN_FROM_FACTS:
                term.__dict__.pop(name, None)
