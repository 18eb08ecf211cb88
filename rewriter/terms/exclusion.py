"""Sums without one of their terms: ``Σ_j f[j] − f[t] = Σ_j [j ≠ t]·f[j]``.

It is the complement law of a bound sum: ``1 − e[t]/Σ_j e[j] = Σ_j [j ≠ t]·e[j] / Σ_j e[j]``, in
which nothing is lost where e[t] is nearly all of the sum. And back: what was left out returns.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.node import Node
from rewriter.terms.algebra import (
    add,
    as_combination,
    collect,
    multiply,
    multiply_products,
    negate,
    number,
    plain,
)
from rewriter.terms.binding import bound_sum, open_body, replace
from rewriter.terms.factors import bare, sort_factors
from rewriter.terms.index import Axis, Fixed, IndexExpression, axes_in, opening
from rewriter.terms.indicators import distinct
from rewriter.terms.interning import remembered
from rewriter.terms.logarithms import has_wild_logarithm
from rewriter.terms.rational import Rational, absolute
from rewriter.terms.term import (
    ONE,
    ZERO,
    BoundSum,
    Combination,
    Distinct,
    Element,
    Product,
    Term,
)  # fmt: skip
from rewriter.terms.traversal import parts_of

LARGEST_TABLE = 4096
"""Terms of a sum up to which it is taken without each of them in turn."""

Products = dict[Product, Rational]


def combine_exclusions(total: Combination) -> Combination:
    """Combine pairs of summands that are a multiple of a sum and of one of its terms."""
    while len(total.products) > 1:
        shorter = _combined(total)
        if shorter is None:
            break
        total = shorter
    return total


def sum_in(product: Product) -> BoundSum | None:
    """The sum that a product is a multiple of, else None."""
    if len(product.factors) != 1 or product.exponent.products:
        return None
    base, q = product.factors[0]
    return base if q == 1 and type(base) is BoundSum else None


@remembered
def _combined(total: Combination) -> Combination | None:
    present = {product.monomial: product.coefficient for product in total.products}
    for product in total.products:
        for base, q in product.factors:
            if not base.wild or type(base) is not BoundSum:
                continue
            found = (
                _from_sum(product, base, present) if q == 1
                else _from_quotient(product, base, present) if q < 0 and q.denominator == 1
                else None
            )  # fmt: skip
            if found is not None:
                gone, made = found
                rest = [p for p in total.products if p.monomial not in gone]
                return collect([*rest, *made.products])
    return None


Found = tuple[tuple[Product, Product], Combination]


def _from_sum(product: Product, total: BoundSum, present: Products) -> Found | None:
    """``c·R·Σ_j f[j] − c·R·f[t]``, and ``c·R·Σ_j [j ≠ t]·f[j] + c·R·f[t]``."""
    rest = _without(product, total, ONE)
    for whole, at_place in wholes(total):
        beside = sole(multiply(Combination.make((rest,)), whole))
        if beside is not None and present.get(beside.monomial) == -beside.coefficient:
            made = negate(multiply_products(rest, at_place))
            return (product.monomial, beside.monomial), made
        joined = _beside(product, multiply_products(rest, at_place), 1, present)
        if joined is not None:
            monomial, left = joined
            return (product.monomial, monomial), add((multiply(as_combination(rest), whole), left))
    for term, without in (*_terms_in(total, present), *_diagonals_in(total)):
        joined = _beside(product, multiply(as_combination(rest), term), -1, present)
        if joined is not None:
            monomial, left = joined
            made = add((multiply(as_combination(rest), without), left))
            return (product.monomial, monomial), made
    return None


def _terms_in(total: BoundSum, present: Products) -> Iterator[tuple[Combination, Combination]]:
    """Yield (a term of a sum, the sum without it), of those that may stand among summands."""
    for place in dict.fromkeys((*_places(total, present), *_places_within(total))):
        body = _at(total.axis, total.body, place)
        if body is not None:
            yield as_combination(body), without_term(total, place)


def _places_within(total: BoundSum) -> list[IndexExpression]:
    """Where a sum reads what it runs over: i in ``Σ_j f(x[i] − x[j])``."""
    read = _indices(total.body)
    wanted = {(node, axis) for node, axis, index in read if index is total.axis}
    return [
        index
        for node, axis, index in read
        if (node, axis) in wanted and index is not total.axis and _is_small(total.axis, index)
    ]


def _diagonals_in(total: BoundSum) -> Iterator[tuple[Combination, Combination]]:
    """Yield (a diagonal, the sum without it) of ``Σ_i Σ_j f[i, j]``: ``Σ_i f[i, i]``."""
    if not any(type(base) is BoundSum and base.wild for base, _ in total.body.factors):
        return
    axis = total.axis.fresh()
    body = sole(open_body(total, axis))
    if body is None:
        return
    for base, q in body.factors:
        if q == 1 and type(base) is BoundSum:
            rest = as_combination(_without(body, base, ONE))
            for one in _terms_in(base, {}):
                diagonal, without = (bound_sum(axis, multiply(rest, part)) for part in one)
                yield diagonal, without


def _beside(
    product: Product, term: Combination, sign: int, present: Products
) -> tuple[Product, Combination] | None:
    """Return the monomial of a term where it stands, so signed, beside a product, and what is left.

    Of a number, as much is left as there is more of it.
    """
    wanted = sole(term)
    if wanted is None or wanted.monomial is product.monomial:
        return None
    stands = present.get(wanted.monomial, 0)
    left = stands - sign * wanted.coefficient
    is_number = not wanted.factors and not wanted.exponent.products
    if left == 0 or (is_number and left * stands > 0 and absolute(left) < absolute(stands)):
        return wanted.monomial, number(left)
    return None


@remembered
def wholes(total: BoundSum) -> tuple[tuple[Combination, Product], ...]:
    """(the sum with what was left out, that term), of each: their difference is the sum."""
    found = []
    for factor in total.body.factors:
        if isinstance(factor[0], Distinct):
            place = next(p for p in factor[0].parts if p is not total.axis)
            kept = tuple(f for f in total.body.factors if f != factor)
            body = Product.make(total.body.coefficient, kept, total.body.exponent)
            at_place = _at(total.axis, body, place)
            if at_place is not None:
                found.append((bound_sum(*_opened(total.axis, body)), at_place))
    return tuple(found)


def _from_quotient(product: Product, total: BoundSum, present: Products) -> Found | None:
    """``c·R − c·R·f[t]/Σ_j f[j] = c·R·Σ_j [j ≠ t]·f[j] / Σ_j f[j]``.

    And back where R is divided by the whole sum, ``R + R·f[t]/Σ_j [j ≠ t]·f[j]``; and so for a part
    of the sum that is under a mask.
    """
    from rewriter.terms.masked_sums import parts_divided

    for whole, at_place in wholes(total):
        rest = without_factors(product, at_place)
        if rest is None or not any(q < 0 and plain(whole) is base for base, q in rest.factors):
            continue
        added = sole(_times(rest, total))
        if added is not None and present.get(added.monomial) == added.coefficient:
            return (product.monomial, added.monomial), multiply(as_combination(rest), whole)
    for place, divided, beside in _divided(product, total):
        if present.get(beside.monomial) == -beside.coefficient:
            made = multiply(negate(Combination.make((divided,))), without_term(total, place))
            return (product.monomial, beside.monomial), made
    for divided, left in parts_divided(product, total):
        one = sole(_times(divided, total))
        if one is not None and present.get(one.monomial) == -one.coefficient:
            made = multiply(negate(Combination.make((divided,))), left)
            return (product.monomial, one.monomial), made
    return None


@remembered
def _divided(
    product: Product, total: BoundSum
) -> tuple[tuple[IndexExpression, Product, Product], ...]:
    """The places at which a product has a term of the sum that divides it.

    With each, the product without both, and that times the whole sum: ``c·R/Σ_j f[j]``, ``c·R``.
    """
    found = []
    for place in _places(total, {product: ONE}):
        body = _at(total.axis, total.body, place)
        divided = None if body is None else without_factors(product, body)
        if divided is not None:
            one = sole(_times(divided, total))
            if one is not None:
                found.append((place, divided, one))
    return tuple(found)


def _times(product: Product, total: BoundSum) -> Combination:
    return multiply_products(product, Product.make(ONE, ((total, ONE),), ZERO))


def split_off(total: Combination) -> Combination | None:
    """Take the term out of a sum that another summand cancels, or return None where none is.

    ``c·R·Σ_j f[j] + d·Q·f[t] = (c·R + d·Q)·f[t] + c·R·Σ_j [j ≠ t]·f[j]``, where ``c·R + d·Q`` is
    one product by the complement law, or nothing, or a sum with no difference in it.
    """
    for product in total.products:
        for base, q in product.factors:
            if q == 1 and type(base) is BoundSum and base.wild:
                changed = _split(total, product, base)
                if changed is not None:
                    return changed
    return None


def _split(total: Combination, product: Product, base: BoundSum) -> Combination | None:
    beside = _without(product, base, ONE)
    others = [p for p in total.products if p is not product]
    for place in _places(base, dict.fromkeys(others, ONE)):
        body = _at(base.axis, base.body, place)
        if body is None:
            continue
        for other in others:
            divided = without_factors(other, body)
            joint = None if divided is None else _completed(beside, divided)
            if joint is not None:
                kept = Combination.make(tuple(p for p in others if p is not other))
                term = multiply(joint, Combination.make((body,)))
                rest = multiply(Combination.make((beside,)), without_term(base, place))
                return add((kept, term, rest))
    return None


def _completed(beside: Product, divided: Product) -> Combination | None:
    """Return the sum of two products where the complement law leaves no difference in it."""
    joint = combine_exclusions(collect([beside, divided]))
    if len(joint.products) <= 1:
        return joint
    if beside.coefficient * divided.coefficient > 0:
        return None
    joint = add((as_combination(beside), as_combination(divided)))
    return joint if len({p.coefficient > 0 for p in joint.products}) <= 1 else None


def without_term(total: BoundSum, place: IndexExpression) -> Combination:
    """``Σ_j [j ≠ t]·f[j]``."""
    axis, body = _opened(total.axis, total.body, axes_in(place))
    return bound_sum(axis, multiply(distinct(axis, place), body))


def _opened(
    axis: Axis, body: Product, beside: frozenset[Axis] = frozenset()
) -> tuple[Axis, Combination]:
    fresh = opening(axis, body.free | beside)
    return fresh, replace(as_combination(body), {axis: fresh})


@remembered
def _at(axis: Axis, body: Product, place: IndexExpression) -> Product | None:
    return sole(replace(as_combination(body), {axis: place}))


def sole(term: Combination) -> Product | None:
    """Return the product that a term is, None where it is a sum of several, or 0."""
    return term.products[0] if len(term.products) == 1 else None


def _without(product: Product, base: Term, q: Rational) -> Product:
    factors = dict(product.factors)
    factors[base] -= q
    return Product.make(product.coefficient, sort_factors(factors), product.exponent)


@remembered
def without_factors(product: Product, divisor: Product) -> Product | None:
    """Return ``product / divisor`` where all factors of the divisor are in the product.

    So it has to be of powers in the exponent too, ``exp(m·log(1 + exp(x)))``: what is divided by
    others holds more of them each time.
    """
    powers = filter(has_wild_logarithm, divisor.exponent.products)
    if not all(_has_power(product.exponent, one) for one in powers):
        return None
    factors: dict[Term, Rational] = dict(product.factors)
    for base, q in divisor.factors:
        present = factors.get(base, 0)
        if absolute(present) < absolute(q) or present * q < 0:
            return None
        factors[base] = present - q
    inverse = Product.make(ONE, (), negate(divisor.exponent))
    rest = Product.make(product.coefficient, sort_factors(factors), product.exponent)
    return sole(multiply_products(rest, inverse))


def _has_power(exponent: Combination, power: Product) -> bool:
    """Tell whether an exponent has at least as much of one of its summands as another has."""
    wanted = power.coefficient
    present = (p.coefficient for p in exponent.products if p.monomial is power.monomial)
    return any(c * wanted > 0 and absolute(c) >= absolute(wanted) for c in present)


def _places(total: BoundSum, among: Products) -> list[IndexExpression]:
    """Index expressions at which a term of the sum may stand among summands."""
    wanted = {(node, axis) for node, axis, index in _indices(total.body) if index is total.axis}
    found = dict.fromkeys(
        index
        for product in among
        for node, axis, index in _indices(product)
        if (node, axis) in wanted
    )
    if any(index is total.axis for index in _left_out(total.body)):
        found |= dict.fromkeys(
            index for p in among for index in _left_out(p) if axes_in(index) <= p.free
        )
    return [place for place in found if _is_small(total.axis, place)]


@remembered
def _left_out(product: Product) -> tuple[IndexExpression, ...]:
    """The places that sums in a product leave out, as in ``Σ_k (Σ_j [j ≠ k]·f[j])^-1``."""
    apart = (part for part in parts_of(product) if isinstance(part, Distinct))
    return tuple(dict.fromkeys(index for one in apart for index in one.parts))


def terms_at_places(total: BoundSum, product: Product) -> list[Product]:
    """Return the terms of a sum at the places at which a product reads what they read.

    What a sum leaves out is one of them: with it, the sum is one that leaves out nothing.
    """
    found = (_at(total.axis, total.body, place) for place in _places(total, {product: ONE}))
    left_out = (term for _, term in wholes(total))
    return [term for term in (*found, *left_out) if term is not None]


def _is_small(axis: Axis, place: IndexExpression) -> bool:
    """A sum without each of its terms in turn is a table of all pairs."""
    if isinstance(place, Fixed) or not isinstance(axis.extent, int):
        return True
    return axis.extent <= LARGEST_TABLE


@remembered
def _indices(product: Product) -> tuple[tuple[Node, int, IndexExpression], ...]:
    """The indices at which a product reads tensors, each with the tensor and the axis."""
    return tuple(
        (element.node, axis, index)
        for element in _elements(product)
        for axis, index in enumerate(element.indices)
    )


def _elements(product: Product) -> Iterator[Element]:
    """The elements of a product, not those under binders."""
    for base, _ in product.factors:
        inner = bare(base)
        if isinstance(inner, Element):
            yield inner
        elif isinstance(inner, Combination):
            for one in inner.products:
                yield from _elements(one)
    for one in product.exponent.products:
        yield from _elements(one)
