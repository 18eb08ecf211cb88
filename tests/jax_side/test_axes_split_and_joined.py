"""Reshapes that split axes or join them, between exponentials and what divides by their sums.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import assert_near, regimes_of

import rewriter as rw
from rewriter.terms.index import Data, Fixed, axis
from rewriter.terms.index import replace as replace_index
from rewriter.terms.regrouping import groups_of, place_tensor

BASE = np.random.default_rng(1).normal(size=(4, 6)).astype(np.float32)
REGIMES = regimes_of(BASE)
WEIGHTS = jnp.array([1.0, -2.0, 0.5])


def softmax(x):
    e = jnp.exp(x)
    return e / e.sum(-1, keepdims=True)


def conditional(x):
    """Of a table that was normalised as a whole, each column by itself."""
    table = softmax(x[0]).reshape(2, 3)
    return table / table.sum(0)


FORMS = {
    "columns of a table": conditional,
    "logarithms of its margins": lambda x: jnp.log(softmax(x[0]).reshape(2, 3).sum(0)),
    "heads apart": lambda x: jnp.log(softmax(x).reshape(2, 2, 6))[:, 0] @ jnp.arange(6.0),
    "joined": lambda x: jnp.log(softmax(x).reshape(-1))[3:9],
    "joined, and apart again": lambda x: jnp.log(softmax(x).reshape(-1).reshape(4, 3, 2).sum(1)),
    "regrouped": lambda x: jnp.log(jnp.exp(x).reshape(3, 8).sum(1)),
    "a row of a table": lambda x: jnp.log(softmax(x[0]).reshape(2, 3)[1]),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("derivative", [False, True])
def test_values_and_gradients(name, derivative):
    def total(x):
        value = FORMS[name](x)
        return (value * jnp.cos(jnp.arange(value.size)).reshape(value.shape)).sum()

    form = jax.grad(total) if derivative else FORMS[name]
    graph = rw.from_jax(form, BASE)
    assert_near(graph, REGIMES, 2.0**-19)


def test_a_reshape_that_nothing_looks_through_stays():
    graph = rw.from_jax(lambda x: jnp.tanh(x).reshape(8, 3) / (2 + jnp.cos(x).reshape(8, 3)), BASE)
    assert rw.optimize(graph) is graph


def test_rows_are_not_read_once_for_each_of_their_elements():
    """What is joined is read no further where each row would be summed for each place in it."""
    logits = np.zeros((64, 64), np.float32)
    graph = rw.from_jax(lambda x: jnp.log(softmax(x).reshape(-1)), logits)
    assert max(np.prod(node.shape) for node in rw.optimize(graph).nodes()) == 64 * 64


def test_groups_of_axes():
    assert groups_of((8,), (2, 4)) == [((0,), (0, 1))]
    assert groups_of((5, 6), (5, 1, 2, 3)) == [((0,), (0,)), ((1,), (2, 3))]
    assert groups_of((4, 6), (3, 8)) == [((0, 1), (0, 1))]
    assert groups_of(("n", 6), ("n", 2, 3)) == [((0,), (0,)), ((1,), (1, 2))]
    assert groups_of(("n", 2), (2, "n")) is None


def test_what_was_split_is_joined_again():
    split = place_tensor((6,), 0, (2, 3))
    rows, columns = axis(0, 2), axis(1, 3)
    place = Data(split, (rows, columns))
    whole = axis(0, 6)
    back = {
        rows: Data(place_tensor((2, 3), 0, (6,)), (whole,)),
        columns: Data(place_tensor((2, 3), 1, (6,)), (whole,)),
    }
    assert replace_index(place, back) is whole
    assert str(replace_index(place, {rows: Fixed(1)})) == "i1+3"
    assert replace_index(place, {rows: Fixed(1), columns: Fixed(2)}) == Fixed(5)
