"""What each primitive means as a term, given the terms of its operands.

A rule returns None where the operation has no meaning in the theory; the node is then an element.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import Any

from rewriter.facts.ranges import decided, is_of_constants
from rewriter.graph import operators as o
from rewriter.graph.constants import diagonal_in, repeats
from rewriter.graph.dtype import is_float
from rewriter.graph.node import Node
from rewriter.graph.primitive import Primitive
from rewriter.terms import algebra, functions
from rewriter.terms.additive_masks import masked_difference, masked_sum
from rewriter.terms.algebra import (
    add,
    as_combination,
    is_number,
    multiply,
    number,
    number_of,
    scale,
)
from rewriter.terms.binding import bound_sum, replace
from rewriter.terms.cases import cases_in
from rewriter.terms.exclusion import LARGEST_TABLE
from rewriter.terms.index import Axis, Fixed, axis
from rewriter.terms.indexing import INDEX_MEANINGS, Rule, Terms, aligned
from rewriter.terms.indicators import at_most, delta, distinct
from rewriter.terms.logarithms import holds_logarithm
from rewriter.terms.maxima import bound_maximum, bound_minimum, split_masks
from rewriter.terms.rational import absolute, exact
from rewriter.terms.sign import is_nonnegative, is_nonzero, is_positive
from rewriter.terms.term import (
    MINUS_INFINITY,
    ONE,
    UNIT,
    ZERO,
    Combination,
    Product,
    Special,
)  # fmt: skip
from rewriter.terms.traversal import nodes_in
from rewriter.terms.truths import TRUTH_MEANINGS, negation


def _elementwise(function: Callable[..., Combination | None]) -> Rule:
    def rule(node: Node, terms: Terms) -> Combination | None:
        if not is_float(node.dtype):
            return None
        return function(*[aligned(node, k, term) for k, term in enumerate(terms)])

    return rule


def _constant(node: Node, terms: Terms) -> Combination | None:
    array = node.attribute("value").array
    if array.size == 0 or array.dtype.kind not in "fiub":
        return None
    if (array != array.flat[0]).any():
        return _of_diagonal(array)
    value = array.flat[0].item()
    if isinstance(value, float) and not math.isfinite(value):
        return as_combination(Special.make(str(value)))
    return number(exact(value))


def _of_diagonal(array: Any) -> Combination | None:
    """``a + (b − a)·δ(i, j)`` of what is b on a diagonal and a beside it, as ``numpy.eye`` is."""
    found = diagonal_in(array)
    if found is None or not all(map(math.isfinite, found[2:])):
        return None
    one, other, beside, within = found
    i, j = (axis(a, array.shape[a]) for a in (one, other))
    if within == 0:
        return scale(distinct(i, j), exact(beside))
    return add((number(exact(beside)), scale(delta(i, j), exact(within) - exact(beside))))


def _divide(left: Combination, right: Combination) -> Combination:
    return multiply(left, algebra.power(right, -1))


def _subtract(left: Combination, right: Combination) -> Combination:
    return add((left, algebra.negate(right)))


def _power(base: Combination, exponent: Combination) -> Combination | None:
    """``x^q``; to a power that is data, what is positive of it: ``(c·x)^q = c^q·exp(q·log x)``.

    Of x = 0 as well, 0 or infinite, unless q may be 0 there.
    """
    if is_number(exponent):
        q = number_of(exponent)
        simple = q.denominator <= 4 or base.wild or is_nonnegative(base)
        if simple and absolute(q) <= 64:
            return algebra.power(base, q)
    elif (is_number(base) and number_of(base) > 0) or base.wild:
        weight, positive = _weight_of_positive(base)
        if not (is_positive(positive) or (is_nonnegative(positive) and is_nonzero(exponent))):
            return None
        raised = algebra.exponential(multiply(exponent, functions.logarithm(positive)))
        same = weight is UNIT
        return raised if same else multiply(functions.apply(o.POWER, weight, exponent), raised)
    elif is_positive(base) and (holds_logarithm(base) or all(map(is_of_constants, nodes_in(base)))):
        return algebra.exponential(multiply(exponent, functions.logarithm(base)))
    return None if base.wild else functions.apply(o.POWER, base, exponent)


def _weight_of_positive(base: Combination) -> tuple[Combination, Combination]:
    """Return (weight, rest) of a product, a weight that is not negative, though it may be 0.

    The weight is 1, the rest all of it, where there is no such weight without exponentials.
    """
    if len(base.products) != 1 or is_positive(base):
        return UNIT, base
    (product,) = base.products
    tame = tuple(f for f in product.factors if not f[0].wild and not is_positive(f[0]))
    weight = Combination.make((Product.make(1, tame, ZERO),))
    if not tame or not is_nonnegative(weight):
        return UNIT, base
    rest = tuple(factor for factor in product.factors if factor not in tame)
    return weight, Combination.make((Product.make(product.coefficient, rest, product.exponent),))


def _exp(x: Combination) -> Combination:
    return masked_exponential(x)


def masked_exponential(x: Combination) -> Combination:
    """``exp`` of a combination, in which ``-inf`` under an indicator is a mask.

    ``exp(where(c, x, -inf)) = [c]·exp(x)``: the indicator leaves the exponent as a factor.
    """
    if any(p.factors == ((MINUS_INFINITY, ONE),) and p.coefficient > 0 for p in x.products):
        return ZERO
    rest, masks = split_masks(x)
    result = algebra.exponential(rest)
    for mask in masks:
        result = multiply(as_combination(mask), result)
    return result


def _log_two() -> Combination:
    return functions.logarithm(number(2))


def _logistic(x: Combination) -> Combination:
    e = algebra.exponential(x)
    return _divide(e, add((UNIT, e)))


def _tanh(x: Combination) -> Combination:
    e = algebra.exponential(algebra.scale(x, 2))
    return _divide(_subtract(e, UNIT), add((UNIT, e)))


def _halves(x: Combination, sign: int) -> Combination:
    up, down = algebra.exponential(x), algebra.exponential(algebra.negate(x))
    return algebra.scale(add((up, algebra.scale(down, sign))), Fraction(1, 2))


def _logaddexp(x: Combination, y: Combination) -> Combination:
    return functions.logarithm(add((algebra.exponential(x), algebra.exponential(y))))


def _minimum(x: Combination, y: Combination) -> Combination:
    """``min(x, y)``, of positive numbers ``exp(min(log x, log y))``."""
    if (x.wild or y.wild) and is_positive(x) and is_positive(y):
        logarithms = map(functions.logarithm, (x, y))
        return algebra.exponential(functions.minimum(*logarithms))
    return functions.minimum(x, y)


def unknown(operator: Primitive) -> Rule:
    """Return the meaning of an elementwise operator that the theory has no law for."""
    return _elementwise(lambda *terms: functions.apply(operator, *terms))


def _is_maximum(node: Node) -> bool:
    while node.operator in (o.STOP_GRADIENT, o.RESHAPE, o.BROADCAST_TO):
        (node,) = node.operands
    return node.operator is o.MAX


def _where(node: Node, terms: Terms) -> Combination | None:
    if not is_float(node.dtype):
        return None
    test, value, _ = node.operands
    if test.operator is o.ISFINITE and test.operands[0] is value and _is_maximum(value):
        return aligned(node, 1, terms[1])  # finite, but of a row that is masked as a whole
    known = decided(test)
    if known is not None:
        return aligned(node, 1 if known else 2, terms[1 if known else 2])
    if any(term.wild for term in terms[1:]) and any(
        repeats(p, math.inf) for p in node.operands[1:]
    ):
        return None  # what divides by a sum of nothing, as a law has built it: no 0·inf is made
    opposite = aligned(node, 0, negation(node.operands[0], terms[0]))
    condition, chosen, other = (aligned(node, k, term) for k, term in enumerate(terms))
    if chosen is other:
        return chosen
    return add((multiply(condition, chosen), multiply(opposite, other)))


def _astype(node: Node, terms: Terms) -> Combination | None:
    source = node.operands[0].dtype
    if is_float(node.dtype) and (is_float(source) or source == "bool"):
        return terms[0]
    return None


# Reductions and contractions ----------------------------------------------------------------------


def _reduction(bind: Callable[[Axis, Combination], Combination]) -> Rule:
    def rule(node: Node, terms: Terms) -> Combination | None:
        """Return what the bound term means at the axes that are left, None of what is no float."""
        (operand,), (term,) = node.operands, terms
        if not is_float(node.dtype):
            return None
        gone = node.attribute("axis")
        for a in gone:
            size = operand.shape[a]
            if size != 1:
                term = bind(axis(a, size), term)
        if node.attribute("keepdims") or not term.free:
            return term
        kept = [a for a in range(operand.ndim) if a not in gone]
        return replace(term, {axis(a, operand.shape[a]): axis(k, operand.shape[a])
                              for k, a in enumerate(kept)})  # fmt: skip

    return rule


def _product_over(node: Node, terms: Terms) -> Combination | None:
    """``Π_j x[j] = σ·exp(Σ_j log |x[j]|)``, σ the product of the signs."""
    from rewriter.graph.reduction import prod

    (operand,), (x,) = node.operands, terms
    if all(operand.shape[a] == 1 for a in node.attribute("axis")):
        return _SUM(node, terms)  # one factor is the product, and the sum
    axes, kept = node.attribute("axis"), node.attribute("keepdims")
    logarithm = add(_logarithm_of_size(x))
    return _exponential_of_sum(node, x, _SUM(node, [logarithm]), lambda s: prod(s, axes, kept))


def _running_product(node: Node, terms: Terms) -> Combination | None:
    """``Π_{j ≤ i} x[j] = σ·exp(Σ_{j ≤ i} log |x[j]|)``."""
    from rewriter.graph.reduction import cumprod

    a, reverse = node.attribute("axis"), node.attribute("reverse")
    if node.shape[a] == 1:
        return terms[0]
    (x,) = terms
    total = _cumsum(node, [functions.logarithm(functions.absolute(x))])
    return _exponential_of_sum(node, x, total, lambda signs: cumprod(signs, a, reverse))


def _exponential_of_sum(
    node: Node, x: Combination, exponent: Combination | None, signed: Callable[[Node], Node]
) -> Combination | None:
    from rewriter.graph.elementwise import sign
    from rewriter.terms.reading import element

    if exponent is None:
        return None
    result = algebra.exponential(exponent)
    if is_nonnegative(x):
        return result
    return multiply(element(signed(sign(node.operands[0]))), result)


def _logarithm_of_size(x: Combination) -> list[Combination]:
    """The summands of ``log |x|``, case by case, each under its masks: where one is 1, none."""
    cases = cases_in(x)
    if cases is None:
        logarithm = functions.logarithm(functions.absolute(x))
        return [as_combination(product) for product in logarithm.products]
    return [multiply(holds, p) for holds, one in cases for p in _logarithm_of_size(one)]


_SUM = _reduction(bound_sum)


def _cumsum(node: Node, terms: Terms) -> Combination | None:
    """``Σ_j [j ≤ i]·f[j]``."""
    a = node.attribute("axis") % node.ndim
    extent = node.shape[a]
    if not is_float(node.dtype) or (isinstance(extent, int) and extent > LARGEST_TABLE):
        return None
    if extent == 1:
        return terms[0]
    last, bound = axis(a, extent), Axis("j", extent)
    ends = (last, bound) if node.attribute("reverse") else (bound, last)
    return bound_sum(bound, multiply(at_most(*ends), replace(terms[0], {last: bound})))


def _einsum(node: Node, terms: Terms) -> Combination | None:
    return contraction(node, terms, _product_of) if is_float(node.dtype) else None


def _product_of(factors: Terms) -> Combination:
    return reduce(multiply, factors, UNIT)


def contraction(
    node: Node, terms: Terms, product_of: Callable[[Terms], Combination]
) -> Combination:
    """Return an einsum as a bound sum of the product of its operands."""
    from rewriter.graph.inference import contraction_letters

    letters, output = contraction_letters(node.attribute("spec"))
    places: dict[str, Any] = {}
    for text, operand in zip(letters, node.operands, strict=True):
        for letter, size in zip(text, operand.shape, strict=True):
            here = output.find(letter)
            fresh = axis(here, size) if here >= 0 else Axis(letter, size)
            places.setdefault(letter, Fixed(0) if size == 1 else fresh)
    factors = []
    for text, operand, term in zip(letters, node.operands, terms, strict=True):
        mapping = {axis(a, operand.shape[a]): places[letter] for a, letter in enumerate(text)}
        factors.append(replace(term, mapping))
    product = product_of(factors)
    for letter, place in places.items():
        if letter not in output and isinstance(place, Axis):
            product = bound_sum(place, product)
    return product


MEANINGS: dict[Primitive, Rule] = {
    o.CONSTANT: _constant,
    o.ADD: _elementwise(masked_sum),
    o.SUBTRACT: _elementwise(masked_difference),
    o.MULTIPLY: _elementwise(multiply),
    o.DIVIDE: _elementwise(_divide),
    o.NEGATIVE: _elementwise(algebra.negate),
    o.POWER: _elementwise(_power),
    o.EXP: _elementwise(_exp),
    o.EXP2: _elementwise(lambda x: _exp(multiply(x, _log_two()))),
    o.EXPM1: _elementwise(lambda x: _subtract(_exp(x), UNIT)),
    o.LOG: _elementwise(functions.logarithm),
    o.LOG1P: _elementwise(lambda x: functions.logarithm(add((UNIT, x)))),
    o.LOG2: _elementwise(lambda x: _divide(functions.logarithm(x), _log_two())),
    o.LOGADDEXP: _elementwise(_logaddexp),
    o.LOGISTIC: _elementwise(_logistic),
    o.TANH: _elementwise(_tanh),
    o.SINH: _elementwise(lambda x: _halves(x, -1)),
    o.COSH: _elementwise(lambda x: _halves(x, 1)),
    o.SQRT: _elementwise(lambda x: algebra.power(x, Fraction(1, 2))),
    o.RSQRT: _elementwise(lambda x: algebra.power(x, Fraction(-1, 2))),
    o.MAXIMUM: _elementwise(functions.maximum),
    o.MINIMUM: _elementwise(_minimum),
    o.STOP_GRADIENT: _elementwise(functions.stop_gradient),
    o.ABSOLUTE: _elementwise(functions.absolute),
    o.SIGN: _elementwise(functions.sign),
    o.WHERE: _where,
    o.ASTYPE: _astype,
    o.SUM: _SUM,
    o.PROD: _product_over,
    o.MAX: _reduction(bound_maximum),
    o.MIN: _reduction(bound_minimum),
    o.EINSUM: _einsum,
    o.CUMSUM: _cumsum,
    o.CUMPROD: _running_product,
}

for _function in (o.SIN, o.COS, o.TAN, o.ARCTAN, o.ERF, o.ERFC, o.ERFCX, o.FLOOR,
                  o.CEIL, o.ROUND, o.REMAINDER, o.FLOOR_DIVIDE, o.BINADE):  # fmt: skip
    MEANINGS[_function] = unknown(_function)

MEANINGS |= TRUTH_MEANINGS | INDEX_MEANINGS
