"""Sums that a derivative takes in another order than the program, and what is called by a name.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import assert_near, regimes_of

import rewriter as rw
from rewriter.terms.algebra import exponential, multiply, plain, power
from rewriter.terms.binding import bound_sum
from rewriter.terms.index import Axis
from rewriter.terms.orders import orders
from rewriter.terms.simple import as_combination
from rewriter.terms.term import UNIT, BoundSum, Element

BASE = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
WITHOUT_TIES = {name: x for name, x in regimes_of(BASE).items() if name != "ties"}


def softmax(x):
    e = jnp.exp(x)
    return e / e.sum(-1, keepdims=True)


def one_step(x):
    """The start of a hidden chain, one transition, and what is seen after it."""
    start, transitions, means = softmax(x[3]), softmax(x[:3]), x[4]
    return -jnp.log((start @ transitions * jnp.exp(-0.5 * (0.3 - means) ** 2)).sum())


def two_sightings(x):
    """What is seen before and after a transition."""
    transitions, means = softmax(x[:3]), x[4]
    before = jnp.exp(-0.5 * (0.3 - means) ** 2)
    return -jnp.log((before @ transitions * jnp.exp(-0.5 * (1.2 - means) ** 2)).sum())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("program", [one_step, two_sightings], ids=lambda program: program.__name__)
def test_gradients_of_a_chain(program):
    assert_near(rw.from_jax(jax.grad(program), BASE), WITHOUT_TIES, 2e-6)


def test_a_double_sum_divided_by_itself_in_the_other_order():
    x, y, z = (rw.input(name, shape, "float32") for name, shape in
               (("x", (3, 4)), ("y", (4,)), ("z", (3,))))  # fmt: skip
    j, k = Axis("j", 3), Axis("k", 4)
    both = exponential(as_combination(Element.make(x, (j, k))))
    first = exponential(as_combination(Element.make(z, (j,))))
    second = exponential(as_combination(Element.make(y, (k,))))
    by_rows = bound_sum(j, multiply(first, bound_sum(k, multiply(second, both))))
    by_columns = bound_sum(k, multiply(second, bound_sum(j, multiply(first, both))))
    assert by_rows is not by_columns
    inner = plain(by_rows)
    assert isinstance(inner, BoundSum)
    assert orders(inner) == (plain(by_columns),)
    assert multiply(by_rows, power(by_columns, -1)) is UNIT
    assert multiply(by_columns, power(by_rows, -1)) is UNIT


def weighed_by_squares(x):
    """Weights that are no exponentials, one transition, and what is seen after it."""
    return jnp.log((x[0] ** 2 @ softmax(x[1:4]) * jnp.exp(-(x[4] ** 2))).sum())


@pytest.mark.filterwarnings("ignore")
def test_a_sum_beside_what_is_not_bounded_is_scaled_by_its_own_largest():
    """What was 0 times infinity: it vanished, as it stood, beside the inverse of the whole."""
    regimes = {name: WITHOUT_TIES[name] for name in ("moderate", "spread")}
    assert_near(rw.from_jax(jax.grad(weighed_by_squares), BASE), regimes, 2e-6)
