"""Functions of one real element: exponentials, logarithms, hyperbolic, circular, error functions.

Where a function comes close to a constant (tanh to 1, expm1 to -1), it is written by ``exp``, so
that the small rest stays beside the constant as a term of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import flint
import numpy as np
from flint import arb

from rewriter.lowering.exact_backend import arithmetic as a
from rewriter.lowering.exact_backend import real
from rewriter.lowering.exact_backend.element import (
    UNRESOLVED,
    Element,
    Unresolved,
    by_representatives,
    lifted,
)
from rewriter.lowering.exact_backend.mark import (
    LOG_OF_TWO,
    MARKS,
    TWINS,
    Image,
    drawn,
    exponential,
    is_canonical,
)
from rewriter.lowering.exact_backend.real import ONE, Real, Term, factor_capacity

TWO = real.of_integer(2)
_HALF = real.of_integer(1, -1)


def _split(x: Real) -> tuple[Term | None, Real | None]:
    """Return the terms of ordinary size as one, and those below ``2**-precision``."""
    limit = -flint.ctx.prec
    large = tuple(term for term in x.terms if term.scale > limit)
    small = x.terms[len(large) :]
    return _total(large), Real(small, *_image(small)) if small else None


def _image(terms: tuple[Term, ...]) -> Image:
    mark, twin = MARKS(0), TWINS(0)
    for term in terms:
        mark, twin = mark + term.mark, twin + term.twin
    return Image(mark, twin)


def _total(terms: tuple[Term, ...]) -> Term | None:
    return Real(terms, *_image(terms)).single() if terms else None


def exp(x: Element) -> Element:
    """``exp(x)``."""
    if type(x) is not Real:
        return by_representatives(np.exp, x)
    head, small = _split(x)
    first = ONE.terms[0]
    if head is not None:
        ball = head.ball.exp()
        if not ball.is_finite():
            return UNRESOLVED
        argument = real.of_term(Term(head.ball, head.mark, head.twin))
        first = Term(ball, *exponential(head.twin), (argument,))
    if small is None:
        return real.of_term(first)
    inverse_factorials = [(1, math.factorial(k)) for k in range(factor_capacity())]
    return real.power_series(first, inverse_factorials, small, exponential(x.twin))


def _log_of_term(term: Term) -> Element:
    """``log`` of a positive term: what its logarithm is known to be, else a new number."""
    if term.mark == ONE.mark:
        return 0.0
    if term.logarithm is not None:
        return term.logarithm[0] if term.logarithm else 0.0
    image = _log_of_power_of_two(term.ball) or drawn("logarithm", term.mark)
    return a.from_ball(term.ball.log(), image)


def _log_of_power_of_two(ball: arb) -> Image | None:
    if not ball.is_exact():
        return None
    mantissa, exponent = ball.man_exp()
    if mantissa != 1:
        return None
    return Image(LOG_OF_TWO.mark * int(exponent), LOG_OF_TWO.twin * int(exponent))


def log(x: Element) -> Element:
    """``log(x)``; -inf at zero, nan below."""
    if type(x) is not Real:
        return by_representatives(np.log, x)
    known = x.sign()
    if known <= 0:
        return UNRESOLVED if not known else math.nan
    first = x.terms[0]
    if len(x.terms) == 1:
        return _log_of_term(first)
    small = real.relative_rest(x)
    if not first.ball > 0 or small is None:
        return a.from_ball(x.enclosure().log(), drawn("logarithm", x.mark))
    signs = [(0, 1), *(((-1) ** (k + 1), k) for k in range(1, factor_capacity() + 1))]
    image = drawn("logarithm of one plus", small.mark)
    series = real.power_series(ONE.terms[0], signs, small, image)
    return a.add(_log_of_term(first), series)


def exp2(x: Element) -> Element:
    """``2**x``."""
    if type(x) is not Real:
        return by_representatives(np.exp2, x)
    whole = a._as_integer(x)
    if whole is not None:
        return real.of_integer(1, whole)
    return exp(real.multiply(x, _log_of_two()))


def _log_of_two() -> Real:
    return real.of_ball(arb.const_log2(), LOG_OF_TWO)


def log2(x: Element) -> Element:
    """``log(x) / log(2)``."""
    return a.divide(log(x), _log_of_two())


def _is_moderate(x: Real) -> bool:
    """Tell whether x is one ball between ``2**-precision`` and a quarter of the precision."""
    precision = flint.ctx.prec
    return len(x.terms) == 1 and bool(abs(x.terms[0].ball) < 0.25 * precision)


def _with_ball(value: Element, ball: arb) -> Element:
    """Return the value with a ball computed without cancellation."""
    if type(value) is not Real or len(value.terms) > 1 or not ball.is_finite():
        return value
    return a.from_ball(ball, Image(value.mark, value.twin))


def expm1(x: Element) -> Element:
    """``exp(x) - 1``."""
    if type(x) is not Real:
        return by_representatives(np.expm1, x)
    result = a.subtract(exp(x), ONE)
    return _with_ball(result, x.terms[0].ball.expm1()) if _is_moderate(x) else result


def log1p(x: Element) -> Element:
    """``log(1 + x)``."""
    if type(x) is not Real:
        return by_representatives(np.log1p, x)
    result = log(a.add(ONE, x))
    near = len(x.terms) == 1 and bool(abs(x.terms[0].ball) < 0.5)
    return _with_ball(result, x.terms[0].ball.log1p()) if near else result


def logaddexp(x: Element, y: Element) -> Element:
    """``log(exp(x) + exp(y))``."""
    return log(a.add(exp(x), exp(y)))


def logistic(x: Element) -> Element:
    """``1 / (1 + exp(-x))``."""
    return a.divide(ONE, a.add(ONE, exp(a.negative(x))))


def sinh(x: Element) -> Element:
    """``(exp(x) - exp(-x)) / 2``."""
    if type(x) is not Real:
        return by_representatives(np.sinh, x)
    result = a.multiply(_HALF, a.subtract(exp(x), exp(x.negative())))
    return _with_ball(result, x.terms[0].ball.sinh()) if _is_moderate(x) else result


def cosh(x: Element) -> Element:
    """``(exp(x) + exp(-x)) / 2``."""
    return a.multiply(_HALF, a.add(exp(x), exp(a.negative(x))))


def tanh(x: Element) -> Element:
    """``(1 - exp(-2x)) / (1 + exp(-2x))`` for positive x, and odd."""
    if type(x) is not Real:
        return by_representatives(np.tanh, x)
    known = x.sign()
    if not known:
        return UNRESOLVED
    positive = x if known > 0 else x.negative()
    small = exp(a.multiply(TWO, positive.negative()))
    result = a.divide(a.subtract(ONE, small), a.add(ONE, small))
    if known < 0:
        result = a.negative(result)
    return _with_ball(result, x.terms[0].ball.tanh()) if _is_moderate(x) else result


def _plain(
    name: str, function: Callable[[arb], arb], special: Callable[..., object], parity: int
) -> Callable[[Element], Element]:
    """A function with no law of its own but its parity: -1 odd, 1 even."""

    def of(x: Element) -> Element:
        if type(x) is not Real:
            return by_representatives(special, x)
        canonical = is_canonical(x.mark)
        argument = x if canonical else x.negative()
        result = a.from_ball(function(argument.enclosure()), drawn(name, argument.mark))
        return result if canonical or parity > 0 else a.negative(result)

    of.__name__ = name
    of.__doc__ = f"The function {name}."
    return of


sin = _plain("sin", arb.sin, np.sin, -1)
cos = _plain("cos", arb.cos, np.cos, 1)
arctan = _plain("arctan", arb.atan, np.arctan, -1)
_erf_near_zero = _plain("erf", arb.erf, math.erf, -1)


def tan(x: Element) -> Element:
    """``sin(x) / cos(x)``."""
    return a.divide(sin(x), cos(x))


def erf(x: Element) -> Element:
    """The error function; where it is near ±1, ``±(1 - erfc(|x|))``."""
    if type(x) is Real and abs(x.enclosure()) > 2:
        tail = erfc(a.absolute(x))
        result = a.subtract(ONE, tail)
        return result if x.sign() > 0 else a.negative(result)
    return _erf_near_zero(x)


def erfc(x: Element) -> Element:
    """``1 - erf(x)``."""
    if type(x) is not Real:
        return x if isinstance(x, Unresolved) else lifted(math.erfc(x))  # type: ignore[arg-type]
    enclosure = x.enclosure()
    if enclosure > 2:
        ball = (-(enclosure**2)).exp() * _scaled_tail(enclosure)
        return a.from_ball(ball, drawn("erfc", x.mark))
    return _with_ball(a.subtract(ONE, erf(x)), enclosure.erfc())


def _scaled_tail(x: arb) -> arb:
    """``exp(x²)·erfc(x) = U(1/2, 1/2, x²)/√π`` of a positive x.

    Source: NIST Digital Library of Mathematical Functions, 7.11.5.
    """
    half = arb(0.5)
    return (x**2).hypgeom_u(half, half) / arb.pi().sqrt()


def erfcx(x: Element) -> Element:
    """``exp(x²)·erfc(x)``."""
    if type(x) is Real and x.enclosure() > 2:
        return a.from_ball(_scaled_tail(x.enclosure()), drawn("erfcx", x.mark))
    if isinstance(x, float) and x == math.inf:
        return 0.0
    return a.multiply(exp(a.multiply(x, x)), erfc(x))
