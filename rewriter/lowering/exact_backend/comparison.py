"""Decisions about elements: order, equality, extremes. Ties are told by marks."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from rewriter.lowering.exact_backend import real
from rewriter.lowering.exact_backend.element import (
    UNRESOLVED,
    Element,
    PrecisionNeeded,
    Unresolved,
    sign,
)
from rewriter.lowering.exact_backend.mark import drawn
from rewriter.lowering.exact_backend.real import Real


def order(x: Element, y: Element) -> int | None:
    """Return the sign of x - y, None where it is not known; neither is nan."""
    if type(x) is Real and type(y) is Real:
        if len(x.terms) == 1 and len(y.terms) == 1:
            left, right = x.terms[0].ball, y.terms[0].ball
            if left > right:
                return 1
            if left < right:
                return -1
        difference = real.subtract(x, y)
        return 0 if difference is None else difference.sign() or None
    if isinstance(x, Unresolved) or isinstance(y, Unresolved):
        return None
    if isinstance(x, float) and (type(y) is float or math.isinf(x)):
        other = y if isinstance(y, float) else 0.0
        return (x > other) - (x < other)
    if isinstance(y, float) and math.isinf(y):
        return -1 if y > 0 else 1
    if isinstance(x, float):
        known = sign(y)
        return None if known is None else -known
    return sign(x)


def is_nan(x: Element) -> bool:
    """Tell whether an element is nan.

    Raises:
        PrecisionNeeded: it is not known yet.
    """
    if isinstance(x, Unresolved):
        raise PrecisionNeeded("whether a number exists is not settled", culprit=x)
    return isinstance(x, float) and math.isnan(x)


def is_finite(x: Element) -> bool:
    """Tell whether an element is neither infinite nor nan.

    Raises:
        PrecisionNeeded: it is not known yet.
    """
    return not is_nan(x) and not (isinstance(x, float) and math.isinf(x))


def _comparison(decide: Callable[[int, int], bool], of_nan: bool) -> Callable[..., bool]:
    def compare(x: Element, y: Element) -> bool:
        """Tell how two elements compare.

        Raises:
            PrecisionNeeded: it is not known yet.
        """
        if is_nan(x) or is_nan(y):
            return of_nan
        known = order(x, y)
        if known is None:
            raise PrecisionNeeded("a comparison is not settled", culprit=(x, y))
        return decide(known, 0)

    return compare


equal = _comparison(operator.eq, False)
not_equal = _comparison(operator.ne, True)
less = _comparison(operator.lt, False)
less_equal = _comparison(operator.le, False)
greater = _comparison(operator.gt, False)
greater_equal = _comparison(operator.ge, False)


def _extreme(wanted: int, name: str) -> Callable[[Element, Element], Element]:
    def extreme(x: Element, y: Element) -> Element:
        for one in (x, y):
            if isinstance(one, float) and math.isnan(one):
                return one
        known = order(x, y)
        if known is not None:
            return y if known == -wanted else x
        if type(x) is not Real or type(y) is not Real:
            return UNRESOLVED
        left, right = x.enclosure(), y.enclosure()
        ball = left.max(right) if wanted > 0 else left.min(right)
        first, second = sorted((x.mark, y.mark), key=int)
        return real.of_ball(ball, drawn(name, first, second))

    extreme.__name__ = name
    extreme.__doc__ = f"The {name} of two elements, nan where one is."
    return extreme


maximum = _extreme(1, "maximum")
minimum = _extreme(-1, "minimum")
