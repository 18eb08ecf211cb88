"""Functions of terms: logarithms that absorb exponents, maxima, and what has no law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from rewriter.facts import interval as i
from rewriter.facts.interval import ANYTHING, Interval
from rewriter.facts.ranges import is_of_constants
from rewriter.graph import operators as o
from rewriter.graph.primitive import Kind, Primitive
from rewriter.terms.algebra import (
    add,
    as_combination,
    is_number,
    multiply,
    negate,
    number,
    number_of,
    plain,
    scale,
)
from rewriter.terms.rational import Rational, quotient
from rewriter.terms.rational import absolute as absolute_number
from rewriter.terms.relative import RELATIVE, range_of_relative
from rewriter.terms.sign import interval_of, is_nonnegative, is_nonzero
from rewriter.terms.term import (
    INDICATORS,
    MINUS_INFINITY,
    ONE,
    UNIT,
    ZERO,
    Application,
    BoundMaximum,
    BoundSum,
    Combination,
    Element,
    Evaluated,
    Inverse,
    Product,
    Term,
)  # fmt: skip

Powers = list[tuple[Combination, Rational]]


def apply(operator: object, *arguments: Combination) -> Combination:
    """Return an application that the theory does not take apart."""
    return as_combination(Application.make(operator, arguments))


def logarithm(term: Combination) -> Combination:
    """``log(c · Π f^q · exp(λ)) = λ + Σ q·log f + log c`` for the f that are proved >= 0.

    Where such an f is 0, both sides are infinite or undefined. Tame factors stay together under
    one logarithm; only what may overflow is taken out.
    """
    if len(term.products) != 1:
        from rewriter.terms.algebra import split_content
        from rewriter.terms.cases import cases_of_difference

        if not term.wild:
            return apply(o.LOG, term)
        cases = cases_of_difference(term)
        if cases is not None and not any(interval_of(one).negative for _, one in cases):
            return add(multiply(c, logarithm(inside)) for c, inside in cases)
        content, sum_of_many = split_content(term)
        if interval_of(content).nonpositive:
            content, sum_of_many = content.opposite, negate(sum_of_many)
        if not is_nonnegative(content):
            return apply(o.LOG, term)
        alone = len(sum_of_many.products) == 1
        inside = logarithm(sum_of_many) if alone else _log_of(sum_of_many)
        return add((logarithm(Combination.make((content,))), inside))
    (product,) = term.products
    parts: list[Combination] = [product.exponent]
    rest: dict[Term, Rational] = {}
    for base, q in product.factors:
        inner: Term = base.parts[0] if isinstance(base, Inverse) else base
        if base.wild and is_nonnegative(inner):
            parts.append(scale(_log_of(inner), -q if isinstance(base, Inverse) else q))
        else:
            rest[base] = q
    remaining = Product.make(product.coefficient, tuple(rest.items()), ZERO)
    if rest or product.coefficient != 1:
        parts.append(_log_of(plain(remaining)))
    return add(parts)


def _log_of(base: Term) -> Combination:
    return apply(o.LOG, as_combination(base))


def split_logarithms(exponent: Combination) -> tuple[Combination, Powers]:
    """Return (rest, powers): summands ``q·log(f)``, q rational, become powers ``f^q``."""
    rest, powers = [], []
    for product in exponent.products:
        inner = sole_logarithm(product)
        if inner is None:
            rest.append(product)
        else:
            powers.append((inner, product.coefficient))
    return Combination.make(tuple(rest)), powers


def sole_logarithm(product: Product) -> Combination | None:
    """Return the argument of the logarithm that a product is a multiple of, else None."""
    if product.exponent.products or len(product.factors) != 1:
        return None
    base, q = product.factors[0]
    if q == 1 and isinstance(base, Application) and base.operator is o.LOG:
        return base.arguments[0]
    return None


def constant_factors(product: Product) -> tuple[tuple[Term, Rational], ...]:
    """The factors of a product that are positive constants: ``log(2)``, what is computed of it."""
    return tuple((base, q) for base, q in product.factors if _is_positive_constant(base))


def _is_positive_constant(base: Term) -> bool:
    if isinstance(base, Element):
        return not base.free and interval_of(base).positive and is_of_constants(base.node)
    if not isinstance(base, Application) or base.operator is not o.LOG or base.free:
        return False
    return is_number(base.arguments[0]) and number_of(base.arguments[0]) > 1


def stop_gradient(term: Combination) -> Combination:
    """Stop the gradient: ``sg(c·a + b) = c·sg(a) + sg(b)``; a number is its own."""
    summands = []
    for product in term.products:
        if not product.factors and not product.exponent.products:
            summands.append(Combination.make((product,)))
            continue
        constants = constant_factors(product)
        factors = tuple(f for f in product.factors if f not in constants)
        inner = Combination.make((Product.make(ONE, factors, product.exponent),))
        if without_stop(inner) is plain(inner) and not is_number(inner):
            inner = apply(o.STOP_GRADIENT, inner)
        outer = Combination.make((Product.make(product.coefficient, constants, ZERO),))
        summands.append(multiply(outer, inner))
    return add(summands)


NOTHING = as_combination(MINUS_INFINITY)
"""What a maximum of nothing is."""


def _tells_what_counts(weight: Term) -> bool:
    """Tell whether a weight may be 0 as a mask is: itself one, or a sum that may be of nothing."""
    if isinstance(weight, INDICATORS):
        return True
    bound = isinstance(weight, (BoundSum, Evaluated)) and weight.axis is not None
    return bound and not is_nonzero(weight)


def maximum(*terms: Combination) -> Combination:
    """``max(a, b, …)``: what all have in common is taken out."""
    numbers = [number_of(term) for term in terms if is_number(term)]
    others = {term for term in terms if not is_number(term)}
    unique = sorted({*others, *map(number, [max(numbers)] if numbers else [])}, key=_order)
    if len(unique) == 1:
        return unsupported(unique[0])[0]
    return apply(o.MAXIMUM, *unique)


def positive_part(z: Combination) -> Combination:
    """``max(z, 0)``; of a multiple ``c·z``, c > 0, as the multiple.

    The multiple is such that the largest coefficient is 1, of what is no number.
    """
    bounds = interval_of(z)
    if bounds.nonpositive:
        return ZERO
    if bounds.nonnegative:
        return z
    varying = (p for p in z.products if p.monomial is not UNIT.products[0])
    size = max(absolute_number(p.coefficient) for p in varying)
    return scale(maximum(ZERO, scale(z, quotient(1, size))), size)


def minimum(one: Combination, other: Combination) -> Combination:
    """``min(a, b)``."""
    if is_number(one) and is_number(other):
        return number(min(number_of(one), number_of(other)))
    if one is other:
        return one
    return apply(o.MINIMUM, *sorted((one, other), key=_order))


def _order(term: Combination) -> tuple[int, str, int]:
    return term.order


def _support(operands: Sequence[Any], attributes: Mapping[str, Any]) -> tuple[Any, str]:
    return operands[0].shape, operands[0].dtype


SUPPORTED = Primitive("supported", Kind.ELEMENTWISE, _support)
"""A value where a support is not 0, and minus infinity elsewhere: one that a maximum is of."""


def supported(value: Combination, support: Combination) -> Combination:
    """Return the value as one that takes part in a maximum where the support is not 0.

    Args:
        value: any term.
        support: of one product; of its factors, the indicators count, and sums of none or some.
    """
    if not support.products:
        return NOTHING
    if len(support.products) != 1:
        return value
    masks = tuple((b, ONE) for b, _ in support.products[0].factors if _tells_what_counts(b))
    if not masks:
        return value
    return apply(SUPPORTED, value, Combination.make((Product.make(ONE, masks, ZERO),)))


def maximum_where(values: Sequence[Combination], supports: Sequence[Combination]) -> Combination:
    """``max(a where v, b where w, …)``; a value both where c and where not c counts everywhere."""
    taken = list(map(supported, values, supports))
    everywhere = _everywhere(taken)
    counted = [v if v in everywhere else t for v, t in zip(values, taken, strict=True)]
    largest = [one for one in counted if one is not NOTHING] or counted
    return _scaled_maximum(without_means(largest))


MOST_COMPARED = 8
"""Values of which a maximum is that are compared, three at a time."""


def without_means(values: Sequence[Combination]) -> list[Combination]:
    """Leave out what lies between two others: ``max(0, x, 2x)`` is ``max(0, 2x)``."""
    kept = list(dict.fromkeys(values))
    if 2 < len(kept) <= MOST_COMPARED:
        for one in list(kept):
            others = [other for other in kept if other is not one]
            if any(_lies_between(one, *ends) for ends in combinations(others, 2)):
                kept.remove(one)
    return kept


def _lies_between(one: Combination, low: Combination, high: Combination) -> bool:
    """Tell whether ``one − low = t·(high − low)`` for a rational 0 < t < 1."""
    part, whole = add((one, negate(low))), add((high, negate(low)))
    if len(part.products) != len(whole.products) or not part.products:
        return False
    ratio = quotient(part.products[0].coefficient, whole.products[0].coefficient)
    return 0 < ratio < 1 and part is scale(whole, ratio)


def _scaled_maximum(values: Sequence[Combination]) -> Combination:
    """``max(0, c·x) = c·max(0, x)``: two maxima of multiples of the same are multiples too."""
    sizes = {absolute_number(p.coefficient) for value in values for p in value.products}
    supports = any(unsupported(value)[1] is not UNIT for value in values)
    if len(sizes) != 1 or supports or len(values) < 2:
        return maximum(*values)
    (size,) = sizes
    return scale(maximum(*(scale(value, quotient(1, size)) for value in values)), size)


def _everywhere(taken: Sequence[Combination]) -> set[Combination]:
    """Return the values that are there without a support, or with one and with its opposite."""
    from rewriter.terms.indicators import opposite_of

    masks: dict[Combination, set[Term]] = {}
    for value, support in map(unsupported, taken):
        masks.setdefault(value, set()).add(plain(support))
    whole = plain(UNIT)
    return {
        value
        for value, found in masks.items()
        if whole in found or not found.isdisjoint(map(opposite_of, found))
    }


def has_supports(term: Application) -> bool:
    """Tell whether it is a maximum of values that have supports: one shift for all of them."""
    supports = (unsupported(argument)[1] for argument in term.arguments)
    return term.operator is o.MAXIMUM and any(support is not UNIT for support in supports)


def unsupported(term: Combination) -> tuple[Combination, Combination]:
    """Return (value, support) of a value that a maximum is of."""
    inner = plain(term)
    if isinstance(inner, Application) and inner.operator is SUPPORTED:
        value, support = inner.arguments
        return value, support
    return term, UNIT


def absolute(term: Combination) -> Combination:
    """``|x|``: x where it is proved >= 0, ``-x`` where it is proved <= 0."""
    x = interval_of(term)
    if x.nonnegative:
        return term
    return negate(term) if x.nonpositive else apply(o.ABSOLUTE, term)


def sign(term: Combination) -> Combination:
    """The sign of a term that is proved to be far from 0, else an application.

    ``exp(x)`` is not: where x is minus infinity, as masks are, its sign is 0.
    """
    x = interval_of(term)
    if x.low > 0:
        return number(1)
    return number(-1) if x.high < 0 else apply(o.SIGN, term)


def application_range(term: Application) -> Interval:
    """Return the range of an application, from the ranges of its arguments."""
    ranges = [interval_of(argument) for argument in term.arguments]
    operator = term.operator
    if operator is o.LOG:
        found = i.logarithm(ranges[0])
        exceeds = found.low == 0 and interval_of(add((term.arguments[0], number(-1)))).positive
        return Interval(0.0, found.high, low_open=True) if exceeds else found
    if operator is o.MAXIMUM:
        joined = ranges[0]
        for one in ranges[1:]:
            joined = i.maximum(joined, one)
        return joined
    if operator is o.STOP_GRADIENT:
        return ranges[0]
    if operator is o.POWER and ranges[0].nonnegative:
        bounded = ranges[0].high <= 1 and ranges[1].nonnegative
        return Interval(0.0, 1.0 if bounded else i.INFINITY, low_open=ranges[0].positive)
    if operator is SUPPORTED:
        return Interval(-i.INFINITY, ranges[0].high)
    if operator is o.ABSOLUTE:
        return i.absolute(ranges[0])
    if operator is o.LOGADDEXP:
        return i.logaddexp(*ranges)
    if operator is RELATIVE:
        return range_of_relative(*ranges)
    if operator is o.POWER and ranges[0].positive:
        return i.POSITIVE
    return FIXED_RANGES.get(operator) or _range_of_meaning(term)


def _range_of_meaning(term: Application) -> Interval:
    """Return the range of what an operation that stands as it is written means."""
    from rewriter.terms.as_written import is_written, meant

    found = plain(meant(as_combination(term))) if is_written(term) else term
    return ANYTHING if found is term else interval_of(found)


FIXED_RANGES: dict[object, Interval] = {
    o.LOGISTIC: Interval(0.0, 1.0, low_open=True, high_open=True),
    o.TANH: Interval(-1.0, 1.0, low_open=True, high_open=True),
    o.SIN: i.SYMMETRIC_UNIT,
    o.COS: i.SYMMETRIC_UNIT,
    o.SIGN: i.SYMMETRIC_UNIT,
    o.BINADE: i.POSITIVE,
    o.EXP: i.POSITIVE,
}


def without_stop(term: Term) -> Term:
    """Return what a sole ``stop_gradient`` holds: its value is the same."""
    inner = plain(term)
    if isinstance(inner, Application) and inner.operator is o.STOP_GRADIENT:
        return plain(inner.arguments[0])
    return inner


def maximum_in(base: Term) -> BoundMaximum | Application | None:
    """Return the maximum that a factor is, behind a ``stop_gradient`` or not, else None."""
    inner = without_stop(base)
    if isinstance(inner, Element):
        from rewriter.terms.naming import meaning_of

        meant = meaning_of(inner)
        return None if meant is None else maximum_in(meant)
    if isinstance(inner, BoundMaximum):
        return inner
    if isinstance(inner, Application) and inner.operator is o.MAXIMUM:
        return inner
    return None


__all__ = [
    "ONE",
    "application_range",
    "apply",
    "logarithm",
    "maximum",
    "maximum_in",
    "minimum",
    "negate",
    "number",
    "split_logarithms",
    "supported",
    "unsupported",
    "without_stop",
]  # fmt: skip
