"""Sums, products and powers of terms, each result in normal form modulo the theory.

+ and × are associative and commutative with units; division is multiplication by a power;
``exp(a)·exp(b) = exp(a + b)``; ``x^p · x^q = x^(p+q)`` where that is defined. A combination that
holds exponentials is multiplied out (under a budget); one that holds none stays a factor.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from rewriter.terms.factors import contradicts, is_power_of_sum, merge, sort_factors
from rewriter.terms.index import Data
from rewriter.terms.interning import remembered
from rewriter.terms.rational import Rational, absolute, quotient, raised, rational_power
from rewriter.terms.sign import is_nonnegative, is_nonzero, is_positive
from rewriter.terms.simple import (
    as_combination,
    collect,
    is_number,
    negate,
    number,
    number_of,
    plain,
    scale,
    single_power,
    sole_exponential,
)
from rewriter.terms.term import (
    INDICATORS,
    ONE,
    UNIT,
    UNIT_PRODUCT,
    ZERO,
    Atom,
    Combination,
    Delta,
    Inverse,
    Product,
    Term,
)  # fmt: skip

LARGEST_EXPANSION = 64
"""Summands that multiplying out may make; beyond, a combination stays a factor."""


MOST_SUMS, MOST_OF_THEM = 2, 4
"""Sums in a product up to which, or else the summands that they would make, for it to be multiplied
out: what is multiplied by the sigmoids that it is the inverse of is no sum any more."""


def add(terms: Iterable[Combination]) -> Combination:
    """Return the sum; like monomials are collected, fractions with one denominator combined."""
    total = collect(one for term in terms for p in term.products for one in _summands(p))
    if len(total.products) > 1 and total.wild:
        total = with_powers_expanded(total)
        from rewriter.terms.averages import combine_averages
        from rewriter.terms.exclusion import combine_exclusions
        from rewriter.terms.fractions import combine_fractions
        from rewriter.terms.masked_sums import combine_masks
        from rewriter.terms.places import combine_places
        from rewriter.terms.slices import combine_slices

        total = combine_places(total)
        whole = combine_averages(combine_exclusions(combine_masks(combine_slices(total))))
        return combine_fractions(whole)
    return total


def _summands(product: Product) -> tuple[Product, ...]:
    """A multiple of a sum is added summand by summand."""
    if len(product.factors) == 1 and not product.exponent.products:
        base, q = product.factors[0]
        if q == 1 and isinstance(base, Combination):
            return scale(base, product.coefficient).products
    return (product,)


def with_powers_expanded(total: Combination) -> Combination:
    """Multiply out the powers of sums among the summands."""
    if not any(is_power_of_sum(product) for product in total.products):
        return total
    return collect(q for p in total.products for q in _expanded(p, True).products)


def exponential(exponent: Combination) -> Combination:
    """Return ``exp(exponent)``; logarithms in it with rational coefficients become powers."""
    from rewriter.terms.functions import split_logarithms
    from rewriter.terms.weighing import with_weights_joined

    rest, powers = split_logarithms(with_weights_joined(exponent))
    result = sole_exponential(rest)
    for base, power_of_it in powers:
        result = multiply(result, power(base, power_of_it))
    return result


def multiply(left: Combination, right: Combination) -> Combination:
    """Return the product, multiplied out where it holds exponentials."""
    if not left.products or not right.products:
        return ZERO
    if left is UNIT:
        return right
    if right is UNIT:
        return left
    for one, other in ((left, right), (right, left)):
        if is_number(one):
            return scale(other, number_of(one))
    raised = _as_power(left, right) or _as_power(right, left)
    if raised is not None:
        return raised
    return _multiplied_out(left, right)


def _multiplied_out(left: Combination, right: Combination) -> Combination:
    if not left.products or not right.products:
        return ZERO
    if len(left.products) > 1 or len(right.products) > 1:
        from rewriter.terms.cases import joined_choices

        joined = joined_choices(left, right)
        if joined is not None:
            return joined
    parts = [_factored(left), _factored(right)]
    sizes = sorted(map(len, parts))
    long = sizes[0] * sizes[1] > LARGEST_EXPANSION
    if long and (sizes[0] > 1 or any(map(_places, (left, right)))):
        parts = [[_as_factor(left)], [_as_factor(right)]]
    return add(multiply_products(p, q) for p in parts[0] for q in parts[1])


def _places(term: Combination) -> bool:
    """Tell whether a term places what it is multiplied by, where a table says: nothing cancels."""
    (one, *more) = term.products
    alone = not (more or one.exponent.products)
    return alone and all(
        isinstance(base, Delta) and any(isinstance(place, Data) for place in base.parts)
        for base, _ in one.factors
    )


def _as_power(sum_of_many: Combination, other: Combination) -> Combination | None:
    """``s · s^q = s^(q+1)``, not multiplied out."""
    if len(sum_of_many.products) < 2 or not sum_of_many.wild:
        return None
    if other is not sum_of_many and not (
        len(other.products) == 1 and len(other.products[0].factors) == 1
    ):
        return None
    content, base = split_content(sum_of_many)
    raised = Product.make(content.coefficient, ((base, ONE),), content.exponent)
    if content.factors:
        return None
    if other is sum_of_many:
        return multiply_products(raised, raised)
    (factor, q), product = other.products[0].factors[0], other.products[0]
    if factor is not base or q < 1:
        return None
    return multiply_products(raised, product)


def _factored(term: Combination) -> list[Product]:
    if len(term.products) == 1 or term.wild:
        return list(term.products)
    return [_as_factor(term)]


def _as_factor(term: Combination) -> Product:
    if len(term.products) == 1:
        return term.products[0]
    content, base = split_content(term)
    if len(base.products) == 1:  # what was beside the content has become one sum
        whole = multiply_products(content, base.products[0])
        if len(whole.products) == 1:
            return whole.products[0]
    return _times_power(content, base, ONE)


def multiply_all(parts: Iterable[Combination]) -> Combination:
    """Return a product of many: sums among the factors are multiplied out together, or none is."""
    factors: dict[Term, Rational] = {}
    coefficient: Rational = 1
    exponents, others = [], []
    for part in parts:
        if len(part.products) != 1:
            others.append(part)
            continue
        (product,) = part.products
        coefficient = coefficient * product.coefficient
        exponents.append(product.exponent)
        for base, q in product.factors:
            merge(factors, base, q)
    if contradicts(factors):
        return ZERO
    exponent = add([e for e in exponents if e.products])
    result = _expanded(Product.make(coefficient, sort_factors(factors), exponent))
    for other in others:
        result = multiply(result, other)
    return result


def _times_power(product: Product, base: Term, exponent: Rational) -> Product:
    factors = dict(product.factors)
    factors[base] = factors.get(base, 0) + exponent
    return Product.make(product.coefficient, sort_factors(factors), product.exponent)


def _exponential_of_cases(exponent: Combination) -> Combination:
    """``exp([c]·u + [not c]·v) = [c]·exp(u) + [not c]·exp(v)``."""
    from rewriter.terms.cases import cases_in

    cases = cases_in(exponent) or [(UNIT, exponent)]
    return add(multiply(holds, exponential(inside)) for holds, inside in cases)


@remembered
def multiply_products(left: Product, right: Product) -> Combination:
    """Return the product of two products."""
    from rewriter.terms.orders import in_order_of_divisors
    from rewriter.terms.running_sums import with_steps_taken
    from rewriter.terms.terms_returned import with_terms_returned
    from rewriter.terms.weighing import with_weights_joined

    coefficient = left.coefficient * right.coefficient
    exponent = left.exponent
    if right.exponent.products and exponent.products:
        exponent = add((exponent, right.exponent))
        joined, returned = with_terms_returned(with_weights_joined(exponent))
        joined, steps = with_steps_taken(joined)
        if joined is not exponent:
            terms = add((returned, steps))
            bare = [Product.make(ONE, one.factors, ZERO) for one in (left, right)]
            result = multiply(scale(multiply_products(*bare), coefficient), exponential(joined))
            return multiply(result, _exponential_of_cases(terms)) if terms.products else result
    elif right.exponent.products:
        exponent = right.exponent
    if not right.factors or not left.factors:
        return _expanded(Product.make(coefficient, left.factors or right.factors, exponent))
    factors = dict(left.factors)
    for base, q in right.factors:
        merge(factors, base, q)
    if contradicts(factors):
        return ZERO
    factors = in_order_of_divisors(factors)
    return _expanded(Product.make(coefficient, sort_factors(factors), exponent))


def _numerators(product: Product) -> list[tuple[Combination, Rational]]:
    """The sums of exponentials that a product has as factors."""
    return [
        (base, q)
        for base, q in product.factors
        if isinstance(base, Combination) and base.wild and q > 0 and q.denominator == 1
    ]


@remembered
def _expanded(product: Product, powers: bool = False) -> Combination:
    """Multiply out combinations with exponentials that have become numerators; apply deltas."""
    if not powers and is_power_of_sum(product):
        return Combination.make((product,))
    sums = _numerators(product)
    if len(sums) > MOST_SUMS and prod(len(b.products) ** int(q) for b, q in sums) > MOST_OF_THEM:
        sums = []
    for base, q in sums:
        if len(base.products) ** int(q) > LARGEST_EXPANSION:
            continue
        rest = dict(product.factors)
        del rest[base]
        others = Product.make(product.coefficient, sort_factors(rest), product.exponent)
        result = Combination.make((others,))
        for _ in range(int(q)):
            result = _multiplied_out(result, base)
        return result
    if any(isinstance(base, INDICATORS) for base, _ in product.factors):
        from rewriter.terms.assuming import under_masks
        from rewriter.terms.places import at_place_left, under_deltas, within_both

        chosen = (under_deltas(product) or within_both(product) or at_place_left(product)
                  or under_masks(product))  # fmt: skip
        if chosen is not None:
            return chosen
    return Combination.make((product,))


def split_content(term: Combination) -> tuple[Product, Combination]:
    """Return (content, base) with ``term = content · base``, the base in canonical form.

    The content is the least product in an order that multiplication respects, so that
    ``1 + exp(x)`` and ``exp(-x) + 1`` have the same base; its coefficient is the smallest of all,
    so that no summand of the base is lost beside a huge number. Of its factors it has the least
    power of all: the base divides by none of them, which may be small.
    """
    from rewriter.terms.precedence import least_product

    least = least_product(term)
    size = min(absolute(p.coefficient) for p in term.products)
    coefficient = size if least.coefficient > 0 else -size
    common: dict[Term, Rational] = {}
    several = [dict(product.factors) for product in term.products]
    for base in dict.fromkeys(base for factors in several for base in factors):
        powers = [factors.get(base, 0) for factors in several]
        power = min(powers)
        if power > 0 or (power < 0 and is_nonzero(base)):
            common[base] = power
    content = Product.make(coefficient, sort_factors(common), least.exponent)
    if content is UNIT_PRODUCT:
        return content, term
    inverse = Product.make(
        quotient(1, content.coefficient),
        tuple((base, -q) for base, q in content.factors),
        negate(content.exponent),
    )
    return content, add(multiply_products(p, inverse) for p in term.products)


def power(term: Combination, q: Rational) -> Combination:
    """Return ``term^q`` for a rational q."""
    if q == 1:
        return term
    if q == 0:
        return UNIT
    if not term.products:
        return ZERO if q > 0 else as_combination(Inverse.make(ZERO))
    if len(term.products) > 1 and term.wild and (q < 0 or q.denominator != 1):
        from rewriter.terms.cases import compared_in, stretches_in

        cases = stretches_in(term) or compared_in(term)
        if cases is not None:
            return add(multiply(holds, power(inside, q)) for holds, inside in cases)
    product = _as_factor(term)
    if q.denominator != 1:
        return _root(product, q)
    if q < 0:
        return _inverted(product, q)
    result = number(raised(product.coefficient, int(q)))
    if product.exponent.products:
        exponent = scale(product.exponent, q)
        result = multiply(result, sole_exponential(exponent))
    for base, p in product.factors:
        result = multiply(result, _base_power(base, p, q))
    return result


def _inverted(product: Product, q: Rational) -> Combination:
    """``(Π f^p)^q`` for a whole q below 0; what were divisors are multiplied out together."""
    coefficient = raised(product.coefficient, int(q))
    first = Product.make(coefficient, (), scale(product.exponent, q))
    return multiply_all(
        [Combination.make((first,)), *(_raised(base, p * q) for base, p in product.factors)]
    )


def _root(product: Product, q: Rational) -> Combination:
    """``(a·b)^q = a^q · b^q`` for a >= 0; factors of unknown sign stay together under the root."""
    exponent = scale(product.exponent, q)
    result = sole_exponential(exponent)
    unknown: dict[Term, Rational] = {}
    for base, p in product.factors:
        if is_nonnegative(base):
            result = multiply(result, _raised(base, p * q))
        else:
            unknown[base] = p
    size = absolute(product.coefficient)
    sign = 1 if product.coefficient > 0 else -1
    root = rational_power(size, q)
    result = multiply(result, _raised(number(size), q) if root is None else number(root))
    if sign == 1 and not unknown:
        return result
    rest = Product.make(sign, sort_factors(unknown), ZERO)
    return multiply(result, _raised(plain(rest), q))


def _raised(base: Term, q: Rational) -> Combination:
    if q < 0 and not is_nonzero(base):
        return _raised(Inverse.make(base), -q)
    return single_power(base, q)


def _base_power(base: Term, p: Rational, q: Rational) -> Combination:
    """``(base^p)^q`` for an integer q."""
    if isinstance(base, INDICATORS) and q > 0:
        return as_combination(base)
    if q < 0 and isinstance(base, Inverse):
        return _raised(base, p * q)
    result = _raised(base, p * q)
    return _expanded(result.products[0])


__all__ = [
    "Atom", "add", "as_combination", "collect", "exponential", "is_number", "is_positive",
    "multiply", "multiply_products", "negate", "number", "number_of", "plain", "power", "scale",
    "single_power", "sort_factors", "split_content",
]  # fmt: skip
