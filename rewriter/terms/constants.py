"""Constant tensors: what several of them weigh is weighed by one, ``u − C[j]·u = (1 − C)[j]·u``."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from rewriter.graph import operations as op
from rewriter.graph.constants import constant_array
from rewriter.graph.dtype import is_float, is_integer
from rewriter.terms.index import Axis
from rewriter.terms.interning import remembered
from rewriter.terms.term import ONE, Combination, Element, Product, Term

LARGEST_CONSTANT = 4096
"""Numbers in a constant tensor that is made of others."""


@remembered
def with_constants_joined(term: Combination) -> Combination:
    """Return a sum of multiples of one product by constant tensors as its multiple by one of them.

    The term itself where it is none, or where their dtype does not hold each number exactly.
    """
    parted = [_parted(product) for product in term.products]
    rests = {rest for rest, _ in parted}
    types = {element.node.dtype for _, found in parted for element in found}
    dtypes = set(filter(is_float, types)) or types
    if len(parted) < 2 or len(rests) > 1 or len(dtypes) != 1:
        return term
    axes = list(dict.fromkeys(a for _, found in parted for e in found for a in e.indices))
    (rest,), (dtype,) = rests, dtypes
    array = _added_up(term, [found for _, found in parted], axes)
    held = None if array is None else _held(array, dtype)
    if held is None:
        return term
    constant = Element.make(op.constant(held, dtype), tuple(axes))
    factors = tuple(sorted((*rest.factors, (constant, ONE)), key=lambda pair: pair[0].order))
    return Combination.make((Product.make(ONE, factors, rest.exponent),))


def _parted(product: Product) -> tuple[Product, list[Element]]:
    """Return (rest, constants) of a product but for its coefficient."""
    given = (_constant(base) for base, q in product.factors if q == 1)
    found = [element for element in given if element is not None]
    rest = tuple(factor for factor in product.factors if factor[0] not in found)
    return Product.make(ONE, rest, product.exponent), found


def _constant(base: Term) -> Element | None:
    """Return an element of a constant tensor of numbers, read along axes of its own, else None."""
    if not isinstance(base, Element) or constant_array(base.node) is None:
        return None
    plain = all(type(index) is Axis for index in base.indices)
    alone = len(set(base.indices)) == len(base.indices)
    whole = [getattr(index, "extent", None) for index in base.indices] == list(base.node.shape)
    numbers = is_float(base.node.dtype) or is_integer(base.node.dtype)
    return base if plain and alone and whole and numbers else None


def _added_up(term: Combination, found: list[list[Element]], axes: list[Any]) -> Any:
    """The multiples of constants, as fractions; None where they are too many, or not finite."""
    shape = tuple(axis.extent for axis in axes)
    if not all(isinstance(n, int) for n in shape) or int(np.prod(shape)) > LARGEST_CONSTANT:
        return None
    total: Any = np.full(shape, Fraction(0))
    for product, elements in zip(term.products, found, strict=True):
        part: Any = np.full(shape, Fraction(product.coefficient))
        for element in elements:
            array = np.asarray(constant_array(element.node), "float64")
            if not np.isfinite(array).all():
                return None
            exact = np.frompyfunc(Fraction, 1, 1)(array)
            part = part * _along(exact, element, axes)
        total = total + part
    return total


def _along(array: Any, element: Element, axes: list[Any]) -> Any:
    """The numbers of a constant with its axes where they are among others."""
    order = sorted(range(array.ndim), key=lambda k: axes.index(element.indices[k]))
    moved = np.transpose(array, order)
    shape = [axis.extent if axis in element.indices else 1 for axis in axes]
    return moved.reshape(shape)


def _held(array: Any, dtype: str) -> Any:
    """The numbers of a dtype, None where it does not have one of them."""
    held = op.constant(array.astype("float64"), dtype).attribute("value").array
    exact = np.frompyfunc(Fraction, 1, 1)(np.asarray(held, "float64"))
    return held if bool(np.all(exact == array)) else None
