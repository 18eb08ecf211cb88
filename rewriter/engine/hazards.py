"""Hazards: what goes wrong when an operation is computed as it stands, by what its operands are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rewriter.engine.entry import HIGH, LOGARITHMIC, LOW, MIXED, VANISHING, Entry, Magnitude
from rewriter.engine.vanishing import Meaning, has_vanishing_factor
from rewriter.facts.ranges import range_of
from rewriter.graph import operators as o
from rewriter.graph.dtype import overflow
from rewriter.graph.node import Node
from rewriter.terms.algebra import is_number, negate, number_of, scale
from rewriter.terms.assuming import has_empty_logarithm
from rewriter.terms.bounds import upper_bound
from rewriter.terms.functions import maximum_in
from rewriter.terms.instances import maximum_times_constant
from rewriter.terms.origins import centred
from rewriter.terms.pairing import pair
from rewriter.terms.rational import quotient
from rewriter.terms.reading import element
from rewriter.terms.sign import has_zeros, interval_of
from rewriter.terms.term import Application, Combination, Element, Product
from rewriter.terms.traversal import parts_of


def is_mixed(exponent: Combination) -> bool:
    """Tell whether an exponent holds more than elements less their maxima, and logarithms."""
    rest = [p for p in pair(exponent).rest.products if maximum_times_constant(p) is None]
    return any(isinstance(base, (Element, Combination)) for p in rest for base, _ in p.factors)


def safe_exponent(dtype: str) -> float:
    """Return the size of exponents, either sign, whose exponentials no sum or square spoils."""
    return 0.5 * overflow(dtype)


def upper(term: Combination) -> float:
    """Return a bound of a scaled term from above."""
    total = sum(upper_bound(product) for product in term.products)
    return total if not math.isnan(total) else math.inf


def cancels(term: Combination, before: Sequence[Combination]) -> bool:
    """Tell whether a sum pairs maxima that its operands leave unpaired, or has them subtracted."""
    unpaired = sum(len(_maxima(one)) for one in before)
    left = _maxima(term)
    absorbed = len(term.products) < sum(len(one.products) for one in before)
    return absorbed or len(left) < unpaired or len({p.coefficient > 0 for p in left}) > 1


def what_cancels(node: Node, operands: Sequence[Combination], term: Combination) -> str:
    """Tell what cancels in a sum, "" where nothing is found.

    Summands of its operands may be each other's opposites while others are left; or what is summed
    is the same wherever the origin of something lies, as it is averaged with weights that add up
    to 0. Computed as it stands, the sum has the rounding errors of what cancels, which may be
    larger than what is left.
    """
    if not term.products:
        return ""
    if node.operator in (o.ADD, o.SUBTRACT):
        left = {product.monomial for product in term.products}
        first, second = ({p.monomial for p in one.products} for one in operands)
        if not left.issuperset(first & second):
            return "summands that cancel"
    sums = node.operator in (o.ADD, o.SUBTRACT, o.SUM, o.EINSUM)
    return "averages that cancel" if sums and centred(term) is not None else ""


def _maxima(term: Combination) -> list[Product]:
    """The maxima that a term adds or subtracts by themselves."""
    return [
        p
        for p in pair(term).rest.products
        if len(p.factors) == 1 and maximum_in(p.factors[0][0]) is not None
    ]


def local_hazard(
    node: Node,
    entries: Sequence[Entry | None],
    terms: Sequence[Combination],
    term: Combination,
    meaning: Meaning,
) -> str:
    """Say what goes wrong when the operation is computed as it stands, or ""."""
    kinds = [kind_of(entry) for entry in entries]
    operator = node.operator
    if operator is o.DIVIDE:
        if kinds[1] in (LOW, HIGH):
            return f"a divisor that {kinds[1].value}"
        if kinds[0] is HIGH and entries[1] is not None and entries[1].small:
            return f"a divisor that {LOW.value}"
    elif operator in (o.MULTIPLY, o.EINSUM) and _fills(terms, term):
        return "a zero beside the logarithm of what a mask has emptied"
    elif (
        LOGARITHMIC in kinds
        and operator in (o.MULTIPLY, o.EINSUM)
        and has_vanishing_factor(term, meaning)
    ):
        return "a zero beside its logarithm, where a logit is minus infinity"
    elif operator is o.MULTIPLY and HIGH in kinds:
        return _hazard_of_product(kinds, terms, term)
    elif operator in (o.POWER, o.SQRT, o.RSQRT) and not is_power_of_logarithm(node, entries):
        raised = operator is o.POWER and is_number(terms[1]) and number_of(terms[1]) >= 1
        if kinds[0] is LOW or (kinds[0] is HIGH and not raised):
            return "a power of a value that may overflow or vanish"
    elif operator in (o.ADD, o.SUBTRACT) and kinds.count(HIGH) == 2:
        added = interval_of(term).nonnegative or _has_one_sign(node, terms, term)
        return "" if added else "a difference of values that may overflow"
    elif operator in (o.ADD, o.SUBTRACT) and _cancels_to_one(node, terms, term):
        return "a difference that cancels"
    return ""


def kind_of(entry: Entry | None) -> Magnitude | None:
    """The magnitude of an operand: of a logarithm that may vanish, what it has as a factor.

    None of what is sound, and followed for what it is subtracted from alone.
    """
    if entry is None or entry.sound:
        return None
    return LOW if entry.small and entry.logarithmic else entry.magnitude


def _hazard_of_product(
    kinds: Sequence[Magnitude | None], terms: Sequence[Combination], term: Combination
) -> str:
    if len(term.products) == 1 and any(map(has_zeros, terms)):
        return "a zero beside a value that may overflow"
    several = all(kind in (HIGH, *VANISHING) for kind in kinds) and terms[0] is not terms[-1]
    worse = several and not _grows_beyond(term, terms)
    return "a product of values that may overflow or vanish" if worse else ""


def is_power_of_logarithm(node: Node, entries: Sequence[Entry | None]) -> bool:
    """Tell whether a node is a power of a logarithm of exponentials, to what is no number.

    It is as accurate as the logarithm is.
    """
    below = entries[0]
    if node.operator is not o.POWER or below is None or not below.logarithmic:
        return False
    exponents = range_of(node.operands[1])
    return exponents.low != exponents.high


def _grows_beyond(term: Combination, operands: Sequence[Combination]) -> bool:
    """Tell whether a value is infinite or 0 wherever an operand is: ``eˣ·e²ˣ``, not ``eˣ·e⁻ʸ``."""
    if any(len(one.products) != 1 for one in (term, *operands)):
        return False
    exponent = term.products[0].exponent
    return not _has_wild_factor(term) and all(
        _has_multiple(one.products[0].exponent, exponent) for one in operands
    )


def _has_multiple(exponent: Combination, other: Combination) -> bool:
    """Tell whether the other exponent is this one, once or more."""
    if len(exponent.products) != len(other.products) or not exponent.products:
        return False
    times = quotient(other.products[0].coefficient, exponent.products[0].coefficient)
    return times >= 1 and scale(exponent, times) is other


def has_wild_function(term: Combination) -> bool:
    """Tell whether a function of exponentials, other than a logarithm, is anywhere in a term."""
    functions = (
        p for p in parts_of(term) if isinstance(p, Application) and p.operator is not o.LOG
    )
    return any(argument.wild for one in functions for argument in one.arguments)


def _has_wild_factor(term: Combination) -> bool:
    return any(base.wild for product in term.products for base, _ in product.factors)


def _has_one_sign(node: Node, terms: Sequence[Combination], term: Combination) -> bool:
    """Tell whether what is added up is alike, and of one sign: ``2·eˣ·y + 3·eˣ·y``."""
    products = [product for one in terms for product in one.products]
    if len(products) != 2 or len(term.products) != 1 or _has_wild_factor(term):
        return False
    (left, right) = (product.coefficient for product in products)
    alike = products[0].monomial is products[1].monomial
    return alike and (left > 0) is ((right > 0) is (node.operator is o.ADD))


def _fills(terms: Sequence[Combination], term: Combination) -> bool:
    """A mask beside ``log [m]`` makes it the logarithm of 1."""
    return any(map(has_empty_logarithm, terms)) and not has_empty_logarithm(term)


def _cancels_to_one(node: Node, terms: Sequence[Combination], term: Combination) -> bool:
    """A difference loses its digits where it is one product: ``1 - N/D = (D - N)/D``."""
    if len(term.products) != 1 or term is element(node):
        return False
    left, right = terms
    if node.operator is o.SUBTRACT:
        right = negate(right)
    summands = [*left.products, *right.products]
    unlike = len({product.monomial for product in summands}) > 1
    return unlike and len({product.coefficient > 0 for product in summands}) > 1


def inherited(entries: Iterable[Entry | None], magnitude: Magnitude) -> str:
    """The hazard of an operand of that magnitude."""
    return next((e.hazard for e in entries if e and e.magnitude is magnitude and e.hazard), "")


def pending_hazard(node: Node, entries: Sequence[Entry | None]) -> str:
    """The hazard of a quotient by a difference, cured once what it is multiplied by bounds it."""
    below = entries[-1] if node.operator is o.DIVIDE else None
    if below is not None and below.magnitude is MIXED and len(below.term.products) > 1:
        return f"a divisor that {MIXED.value}"
    waiting = (e.hazard for e in entries if e and e.magnitude is LOW and not e.replaced)
    return inherited(entries, MIXED) or next(filter(None, waiting), "")
