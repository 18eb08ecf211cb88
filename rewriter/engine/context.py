"""The context of scaling: how, and where in a term, something is scaled."""

from __future__ import annotations

from dataclasses import dataclass

from rewriter.terms.term import Combination

SMALLEST_BOUND = 2.0**-60
"""What is proved to be larger does not vanish."""


@dataclass(frozen=True)
class ScalingContext:
    """How, and where in a term, something is scaled: what comes out depends on it.

    Attributes:
        by_shift_alone: no primitive is used.
        products_by_shift: none is used for products, but for what stands under logarithms.
        is_joint: a sum of sums is scaled by one shift, which the sums in it take in.
        may_vanish: it is summed under a logarithm or in a divisor.
        is_summand: it is added to something else, and the sum scaled by the larger.
        turned: sums that are read from another summand than the one that is the least in order.
        around: the exponents of the products it is a sum in, the outermost first.
    """

    by_shift_alone: bool = False
    products_by_shift: bool = False
    is_joint: bool = False
    may_vanish: bool = False
    is_summand: bool = False
    turned: frozenset[Combination] = frozenset()
    around: tuple[Combination, ...] = ()
