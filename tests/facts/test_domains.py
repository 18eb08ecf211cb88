"""The table of domains against NumPy's values and SymPy's derivatives, at points in and out."""

from collections.abc import Iterator

import numpy as np
import pytest
import sympy

from rewriter.facts.domains import DOMAINS, Demand, holds
from rewriter.facts.interval import Interval, point
from rewriter.graph import operators as o

PLACES = (-1000.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 1000.0)
EXPONENTS = (-1.5, -1.0, 0.0, 0.5, 1.0, 2.0, 2.5)
WRITTEN = {o.RSQRT: lambda x: 1 / np.sqrt(x), o.POWER: np.power, o.DIVIDE: np.divide}
X = sympy.Symbol("x")
FORMULAS = {
    o.LOG2: sympy.log(X, 2), o.LOG1P: sympy.log(1 + X), o.RSQRT: 1 / sympy.sqrt(X),
    o.EXP2: 2**X, o.EXPM1: sympy.exp(X) - 1,
}  # fmt: skip


def points() -> Iterator[tuple[object, tuple[float, ...]]]:
    """Each operation at operands of every kind."""
    for operator in DOMAINS:
        if operator is o.POWER:
            yield from ((operator, (base, power)) for base in PLACES[1:-1] for power in EXPONENTS)
        elif operator is o.DIVIDE:
            yield from ((operator, (0.0, below)) for below in PLACES)
        else:
            yield from ((operator, (x,)) for x in PLACES)


def names(case: object) -> str:
    """An operation, or its operands."""
    return str(getattr(case, "name", case))


@pytest.mark.parametrize(("operator", "operands"), list(points()), ids=names)
def test_the_domain_is_where_the_value_is_one(operator, operands):
    function = WRITTEN.get(operator) or getattr(np, operator.name)
    with np.errstate(all="ignore"):
        value = function(*(np.float32(x) for x in operands))
    bounds = [point(x) for x in operands]
    assert holds(operator, bounds, Demand.DEFINED, "float32") == (not np.isnan(value))
    assert holds(operator, bounds, Demand.FINITE, "float32") == bool(np.isfinite(value))


@pytest.mark.parametrize(("operator", "operands"), list(points()), ids=names)
def test_where_it_is_smooth_the_derivative_is_a_number(operator, operands):
    if operator is o.POWER:
        formula = X ** sympy.nsimplify(operands[1])
    elif operator is o.DIVIDE:
        formula = 1 / X
    else:
        formula = FORMULAS.get(operator) or getattr(sympy, operator.name)(X)
    place = operands[DOMAINS[operator].place]
    at = {X: sympy.nsimplify(place)}
    value, slope = formula.subs(at), sympy.diff(formula, X).subs(at)
    largest = float(np.finfo("float32").max)
    is_number = all(one.is_real and abs(sympy.N(one)) < largest for one in (value, slope))
    bounds = [point(x) for x in operands]
    if holds(operator, bounds, Demand.SMOOTH, "float32"):
        assert is_number
    elif operator is not o.POWER:
        assert not is_number


@pytest.mark.parametrize("operator", list(DOMAINS), ids=names)
def test_of_what_nothing_is_known_nothing_is_proved(operator):
    bounds = [Interval()] * (2 if operator in (o.POWER, o.DIVIDE) else 1)
    assert not holds(operator, bounds, Demand.SMOOTH, "float32")
    domain = DOMAINS[operator]
    bounds[domain.place] = point(domain.inside)
    assert holds(operator, bounds, Demand.SMOOTH, "float32")


def test_an_end_that_is_open_is_not_taken():
    positive = Interval(0.0, 1.0, low_open=True)
    assert holds(o.LOG, [positive], Demand.SMOOTH, "float32")
    assert not holds(o.LOG, [Interval(0.0, 1.0)], Demand.FINITE, "float32")
    assert holds(o.LOG1P, [Interval(-1.0, 1.0, low_open=True)], Demand.SMOOTH, "float32")
    assert not holds(o.LOG1P, [Interval(-1.0, 1.0)], Demand.FINITE, "float32")
