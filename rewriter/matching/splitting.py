"""Taking a part out of a subject's operand: exp(a) out of exp(a + b), which leaves exp(b).

A theory whose normal form merges operands registers with `residual` how they come apart again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from rewriter.matching.protocol import Operator, free_indices, order_key, residual, variables_of
from rewriter.matching.search import Bindings, Search
from rewriter.matching.substitution import substitute
from rewriter.matching.variable import IndexVariable

__all__ = ["Split", "splits_of"]


class Split(NamedTuple):
    """A way to take an operand of a pattern out of an element of the subject."""

    bindings: Bindings
    element: Any
    left: Any


def splits_of(
    operator: Operator, operand: Any, elements: list[Any], search: Search, bindings: Bindings
) -> Iterator[Split]:
    """Yield the ways in which an operand, known up to indices, may be taken out of elements."""
    unknown = sorted(
        (each for each in variables_of(operand) if each not in bindings), key=order_key
    )
    if not all(isinstance(each, IndexVariable) for each in unknown):
        return
    for element in elements:
        for extended in index_bindings(unknown, element, search, bindings):
            left = residual(operator, element, substitute(operand, extended))
            if left is not None:
                search.splitting = True
                yield Split(extended, element, left)


def index_bindings(
    unknown: list[Any], element: Any, search: Search, bindings: Bindings
) -> Iterator[Bindings]:
    """Yield the ways to choose index variables among an element's free indices."""
    if not unknown:
        yield bindings
        return
    indices = sorted(free_indices(element) - search.opened, key=order_key)
    for values in product(indices, repeat=len(unknown)):
        chosen = dict(zip(unknown, values, strict=True))
        if all(search.accepts(variable, value) for variable, value in chosen.items()):
            yield {**bindings, **chosen}
