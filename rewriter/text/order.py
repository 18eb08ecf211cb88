"""Things in the order in which they need each other, without recursion; a circle is an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Key = TypeVar("Key")


def in_order(
    start: Iterable[Key],
    needs: Callable[[Key], Iterator[Key]],
    cycle: Callable[[list[Key]], Exception],
) -> Iterator[Key]:
    """Yield everything that ``start`` needs, each after what it needs itself.

    Raises:
        Exception: the one that ``cycle`` makes of things that need each other in a circle.
    """
    done: set[Key] = set()
    for first in start:
        path: dict[Key, Iterator[Key]] = {} if first in done else {first: needs(first)}
        while path:
            last = next(reversed(path))
            for need in path[last]:
                if need in path:
                    names = list(path)
                    raise cycle([*names[names.index(need) :], need])
                if need not in done:
                    path[need] = needs(need)
                    break
            else:
                del path[last]
                done.add(last)
                yield last
