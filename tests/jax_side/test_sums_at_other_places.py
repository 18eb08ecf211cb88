"""A sum that has a name, asked for at places that its name does not have.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import assert_near, regimes_of

import rewriter as rw
from rewriter.engine.named_sums import NamedSums
from rewriter.terms.algebra import exponential, multiply, plain
from rewriter.terms.binding import bound_sum
from rewriter.terms.index import Axis, Fixed, axis
from rewriter.terms.simple import as_combination
from rewriter.terms.term import Element

BASE = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)


def softmax(x):
    e = jnp.exp(x)
    return e / e.sum(-1, keepdims=True)


def two_steps(x):
    """Of a hidden chain: three rows of transitions, one of the start, one of means."""
    transitions, start, means = softmax(x[:3]), softmax(x[3]), x[4]
    forward = start * jnp.exp(-0.5 * (0.3 - means) ** 2)
    first = forward.sum()
    forward = (forward / first) @ transitions * jnp.exp(-0.5 * means**2)
    return -jnp.log(first) - jnp.log(forward.sum())


@pytest.mark.filterwarnings("ignore")
def test_a_row_beside_those_that_a_name_stands_for():
    graph = rw.from_jax(jax.grad(two_steps), BASE)
    truth = np.asarray(rw.compile(graph, backend="exact")(BASE), float)
    np.testing.assert_allclose(rw.compile(rw.optimize(graph))(BASE), truth, rtol=0, atol=2e-6)


def test_a_name_has_the_places_of_its_axis_alone():
    x = rw.input("x", (5, 4), "float32")
    rows, columns = Axis("rows", 3), Axis("columns", 4)

    def total(row):
        body = exponential(as_combination(Element.make(x, (row, columns))))
        return plain(bound_sum(columns, body))

    names = NamedSums()
    name = as_combination(Element.make(rw.input("name", (3,), "float32"), (rows,)))
    names.keep(total(rows), multiply(name, exponential(name)))
    assert names.shift_of(total(Fixed(2))) is not None
    assert names.shift_of(total(axis(0, 3))) is not None
    assert names.shift_of(total(Fixed(3))) is None
    assert names.shift_of(total(axis(0, 5))) is None


TRIANGLE = jnp.tril(jnp.ones((3, 3)))
ANGLES = jnp.arange(3.0)[:, None] * jnp.array([1.0, 0.1])


def turned(x):
    left, right = x[:, :2], x[:, 2:]
    c, s = jnp.cos(ANGLES), jnp.sin(ANGLES)
    return jnp.concatenate([left * c - right * s, left * s + right * c], -1)


def entropy_of_attention(x):
    e = jnp.exp(turned(x) @ turned(x[::-1]).T / 2) * TRIANGLE
    attention = e / e.sum(-1, keepdims=True)
    return (attention * jnp.log(attention + (1 - TRIANGLE))).sum()


@pytest.mark.filterwarnings("ignore")
def test_what_is_called_by_a_name_has_not_cancelled():
    base = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)
    graph = rw.from_jax(jax.grad(entropy_of_attention), base)
    assert_near(graph, regimes_of(base, extreme=True), 2e-6)
