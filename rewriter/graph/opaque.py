"""Names for live objects that graph text cannot spell out: functions of opaque calls, conventions.

An object is registered under a name and gets a number that is its own while it lives, so that
graph text may say ``<fft>``, or ``<fft:2>`` for the second live object of that name, and mean one.
"""

from __future__ import annotations

import weakref
from collections.abc import Hashable, MutableMapping
from typing import Any, NamedTuple

from rewriter.errors import ParseError


class Label(NamedTuple):
    """What an object is called, and which one of that name it is, counted from 1."""

    name: str
    number: int


class _Namesakes:
    """The live objects of one name. Those that cannot be referred to weakly are kept."""

    def __init__(self) -> None:
        self.numbers: MutableMapping[Any, int] = weakref.WeakKeyDictionary()
        self.objects: MutableMapping[int, Any] = weakref.WeakValueDictionary()
        self.kept_numbers: dict[Any, int] = {}
        self.kept_objects: dict[int, Any] = {}
        self.last = 0

    def number(self, thing: Hashable) -> int:
        """Return a number that is the thing's own for as long as it is alive."""
        weak = _weakly_referable(thing)
        known = self.numbers if weak else self.kept_numbers
        found = known.get(thing)
        if found is not None:
            return found
        self.last = self.last + 1 if self.objects or self.kept_objects else 1
        known[thing] = self.last
        (self.objects if weak else self.kept_objects)[self.last] = thing
        return self.last


_BY_NAME: dict[str, _Namesakes] = {}


def _weakly_referable(thing: object) -> bool:
    try:
        weakref.ref(thing)
    except TypeError:
        return False
    return True


def label(thing: Hashable, name: str) -> Label:
    """Register an object under a name, once, and return its label."""
    namesakes = _BY_NAME.get(name)
    if namesakes is None:
        namesakes = _BY_NAME[name] = _Namesakes()
    return Label(name, namesakes.number(thing))


def labelled(wanted: Label) -> Any:
    """Return the live object of that label.

    Raises:
        ParseError: there is none.
    """
    namesakes = _BY_NAME.get(wanted.name)
    for objects in (namesakes.objects, namesakes.kept_objects) if namesakes else ():
        if wanted.number in objects:
            return objects[wanted.number]
    suffix = "" if wanted.number == 1 else f":{wanted.number}"
    raise ParseError(
        "no live object of that name is registered", culprit=f"<{wanted.name}{suffix}>"
    )
