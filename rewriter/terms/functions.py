"""Functions of terms: logarithms that absorb exponents, maxima, and what has no law."""

from __future__ import annotations

from rewriter.facts import interval as i
from rewriter.facts.interval import ANYTHING, Interval
from rewriter.graph import operators as o
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
from rewriter.terms.rational import Rational
from rewriter.terms.sign import interval_of, is_nonnegative
from rewriter.terms.term import (
    ONE,
    ZERO,
    Application,
    BoundMaximum,
    Combination,
    Element,
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

        if not term.wild:
            return apply(o.LOG, term)
        cases = _cases_in(term)
        if cases is not None:
            return add(multiply(as_combination(c), logarithm(inside)) for c, inside in cases)
        content, sum_of_many = split_content(term)
        if interval_of(content).nonpositive:
            content, sum_of_many = content.opposite, negate(sum_of_many)
        if not is_nonnegative(content):
            return apply(o.LOG, term)
        return add((logarithm(Combination.make((content,))), _log_of(sum_of_many)))
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


def _cases_in(term: Combination) -> list[tuple[Term, Combination]] | None:
    """``[c]·a + [not c]·b`` as (indicator, summands under it) of both, else None."""
    from rewriter.terms.indicators import opposite_of

    for base, _ in term.products[0].factors:
        opposite = opposite_of(base)
        if opposite is None:
            continue
        pair = (base, opposite)
        under = [[p.without(one) for p in term.products if p.has(one)] for one in pair]
        if sum(map(len, under)) == len(term.products) and all(under):
            return [(c, add(map(as_combination, ps))) for c, ps in zip(pair, under, strict=True)]
    return None


def _log_of(base: Term) -> Combination:
    return apply(o.LOG, as_combination(base))


def split_logarithms(exponent: Combination) -> tuple[Combination, Powers]:
    """Return (rest, powers): summands ``q·log(f)``, q rational, become powers ``f^q``."""
    rest, powers = [], []
    for product in exponent.products:
        inner = _sole_logarithm(product)
        if inner is None:
            rest.append(product)
        else:
            powers.append((inner, product.coefficient))
    return Combination.make(tuple(rest)), powers


def _sole_logarithm(product: Product) -> Combination | None:
    if product.exponent.products or len(product.factors) != 1:
        return None
    base, q = product.factors[0]
    if q == 1 and isinstance(base, Application) and base.operator is o.LOG:
        return base.arguments[0]
    return None


def constant_factors(product: Product) -> tuple[tuple[Term, Rational], ...]:
    """The factors of a product that are positive constants, such as ``log(2)``."""
    return tuple(
        (base, q)
        for base, q in product.factors
        if isinstance(base, Application) and base.operator is o.LOG and base.free == frozenset()
        and is_number(base.arguments[0]) and number_of(base.arguments[0]) > 1
    )  # fmt: skip


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


def maximum(*terms: Combination) -> Combination:
    """``max(a, b, …)``: what all have in common is taken out."""
    numbers = [number_of(term) for term in terms if is_number(term)]
    others = {term for term in terms if not is_number(term)}
    unique = sorted({*others, *map(number, [max(numbers)] if numbers else [])}, key=_order)
    if len(unique) == 1:
        return unique[0]
    return apply(o.MAXIMUM, *unique)


def _order(term: Combination) -> tuple[int, str, int]:
    return term.order


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
        return i.logarithm(ranges[0])
    if operator is o.MAXIMUM:
        joined = ranges[0]
        for one in ranges[1:]:
            joined = i.maximum(joined, one)
        return joined
    if operator is o.STOP_GRADIENT:
        return ranges[0]
    if operator is o.ABSOLUTE:
        return i.absolute(ranges[0])
    return FIXED_RANGES.get(operator, ANYTHING)


FIXED_RANGES: dict[object, Interval] = {
    o.LOGISTIC: Interval(0.0, 1.0, low_open=True, high_open=True),
    o.TANH: Interval(-1.0, 1.0, low_open=True, high_open=True),
    o.SIN: i.SYMMETRIC_UNIT,
    o.COS: i.SYMMETRIC_UNIT,
    o.SIGN: i.SYMMETRIC_UNIT,
    o.BINADE: i.POSITIVE,
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
    "negate",
    "number",
    "split_logarithms",
    "without_stop",
]  # fmt: skip
