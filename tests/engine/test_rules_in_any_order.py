"""Rule sets without critical pairs that part ways: in any order they lead to the same graph."""

import random

import numpy as np
import pytest

import rewriter as rw
import rules.cancellation
import rules.sigmoid
from rewriter.checking.checker import rules_in

X, Y = rw.input("x", (3,), "float64"), rw.input("y", (3,), "float64")
POINT = np.array([0.25, -1.5, 2.0]), np.array([-0.75, 0.5, 1.25])
ORDERS = 3


@rw.rule
def tangent(x: rw.Real):
    """tan x = sin x / cos x."""
    return rw.rewrite(rw.tan(x), to=rw.sin(x) / rw.cos(x))


@rw.rule
def sine_of_arc_tangent(x: rw.Real):
    """sin(arctan x) = x/√(1 + x²)."""
    return rw.rewrite(rw.sin(rw.arctan(x)), to=x / rw.sqrt(1 + x * x))


@rw.rule
def cosine_of_arc_tangent(x: rw.Real):
    """cos(arctan x) = 1/√(1 + x²)."""
    return rw.rewrite(rw.cos(rw.arctan(x)), to=1 / rw.sqrt(1 + x * x))


@rw.rule
def number_by_sign_and_size(x: rw.Real):
    """sign(x)·|x| = x."""
    return rw.rewrite(rw.sign(x) * rw.absolute(x), to=x)


@rw.rule
def complementary_error_function(x: rw.Real):
    """erfc x = 1 − erf x."""
    return rw.rewrite(rw.erfc(x), to=1 - rw.erf(x))


SETS = {
    "trigonometry": [tangent, sine_of_arc_tangent, cosine_of_arc_tangent],
    "signs and errors": [number_by_sign_and_size, complementary_error_function],
    "all of them": [tangent, sine_of_arc_tangent, cosine_of_arc_tangent, number_by_sign_and_size,
                    complementary_error_function],
    # 1/(1 + e^u) is a part of e^u/(1 + e^u): which of the two is taken first shows in the graph
    "shipped": [rule for rule in (*rules_in(rules.sigmoid), *rules_in(rules.cancellation))
                if rule is not rules.sigmoid.complement_of_sigmoid],
}  # fmt: skip
FUNCTIONS = (rw.tan, rw.sin, rw.cos, rw.arctan, rw.erfc, lambda x: rw.sign(x) * rw.absolute(x),
             lambda x: rw.exp(x) / (1 + rw.exp(x)), lambda x: rw.log(1 + rw.exp(x)),
             lambda x: 1 - rw.exp(x), lambda x: 1 / (1 + rw.exp(-x)))  # fmt: skip


def expression(rng, depth):
    if not depth:
        return rng.choice((X, Y, X * 2))
    first = expression(rng, depth - 1)
    if rng.random() < 0.3:
        return rng.choice((rw.add, rw.multiply))(first, expression(rng, rng.randrange(depth)))
    return rng.choice(FUNCTIONS)(first)


@pytest.mark.parametrize("name", SETS)
def test_every_order_leads_to_one_graph(name):
    changed = 0
    for seed in range(25):
        rng = random.Random(seed)
        graph = rw.Graph([X, Y], [expression(rng, rng.choice((2, 3, 4)))])
        wanted = rw.optimize(graph, rules=SETS[name])
        for _ in range(ORDERS):
            order = rng.sample(SETS[name], len(SETS[name]))
            found = rw.optimize(graph, rules=order)
            assert found is wanted, (seed, [rule.name for rule in order], rw.pprint(graph))
        changed += wanted is not graph
        with np.errstate(all="ignore"):
            before, after = (rw.compile(one)(*POINT) for one in (graph, wanted))
        np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-12)
    assert changed > 8
