"""Chances to beat each of the others, where each is sure to match itself: a mask on the diagonal.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from regimes import assert_near, regimes_of

import rewriter as rw
from rewriter.terms.reading import normal_form

BASE = np.random.default_rng(1).normal(size=4).astype(np.float32)
MASKS = {
    "of truths": lambda n: jnp.eye(n, dtype=bool),
    "above 0": lambda n: jnp.eye(n) > 0,
    "at least a half": lambda n: jnp.eye(n) >= 0.5,
    "equal to 1": lambda n: jnp.eye(n) == 1,
    "1 less it below a half": lambda n: 1 - jnp.eye(n) < 0.5,
    "3 times it not 0": lambda n: 3 * jnp.eye(n) != 0,
    "held as a constant": lambda n: np.eye(n, dtype=bool),
    "held as its opposite": lambda n: jnp.logical_not(~np.eye(n, dtype=bool)),
    "held as numbers": lambda n: jnp.asarray(5 - 2 * np.eye(n)) < 4,
}


def chances(x, mask):
    """Of each to beat each other one."""
    sigmoids = 1 / (1 + jnp.exp(x[None, :] - x[:, None]))
    return jnp.where(mask(x.shape[0]), 1.0, sigmoids)


def by_logarithms(x, mask):
    p = jnp.exp(jnp.sum(jnp.log(chances(x, mask)), axis=1))
    return -jnp.log(p[0] / jnp.sum(p))


def one_by_one(x, mask):
    p = chances(x, mask)
    p = p[:, 0] * p[:, 1]
    return -jnp.log(p[0] / jnp.sum(p))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MASKS)
def test_by_logarithms(name):
    graph = rw.from_jax(jax.grad(lambda x: by_logarithms(x, MASKS[name])), BASE)
    assert_near(graph, regimes_of(BASE, extreme=True), 2.0**-20)


@pytest.mark.filterwarnings("ignore")
def test_each_in_turn():
    """The product's derivative divides by each term that the sum of products has."""
    graph = rw.from_jax(jax.grad(lambda x: one_by_one(x, MASKS["of truths"])), BASE[:2])
    assert_near(graph, regimes_of(BASE[:2], extreme=True), 2.0**-20)


OTHERS = ~np.eye(4, dtype=bool)


def diverted(x):
    """What each loses to each other one, of shares with a choice of none."""
    e = jnp.exp(x)
    s = e / (1 + jnp.sum(e))
    return jnp.sum(jnp.where(OTHERS, s[None, :] / (1 - s)[:, None], 0.0))


def diverted_and_kept(x):
    """The same beside another use of the shares: a derivative by both at once."""
    e = jnp.exp(x)
    s = e / (1 + jnp.sum(e))
    return jnp.sum(s / (1 - s)) + jnp.sum(s)


def row_of_spins(x):
    """log of a partition function, by transfer matrices of 1 and of exp(x) on the diagonal."""
    field, coupling = jnp.exp(x[1:]), jnp.exp(x[0])
    step = 1 + (coupling - 1) * jnp.eye(3)
    return jnp.log(jnp.sum(((field @ step) * field) @ step))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("derive", [lambda f: f, jax.grad], ids=["value", "gradient"])
def test_masks_on_the_diagonal_that_programs_hold(derive):
    graph = rw.from_jax(derive(diverted), BASE)
    assert_near(graph, regimes_of(BASE, extreme=True), 2.0**-18)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("derive", [lambda f: f, jax.grad], ids=["value", "gradient"])
def test_what_a_diagonal_takes_is_left_out(derive):
    """Not at an offset of 1e4, where exponents are sums of six such: the gradient rounds them."""
    graph = rw.from_jax(derive(row_of_spins), BASE)
    regimes = regimes_of(BASE, extreme=True)
    regimes = {name: regimes[name] for name in ("moderate", "spread", "negative offset", "ties")}
    assert_near(graph, regimes, 2.0**-18)


@pytest.mark.filterwarnings("ignore")
def test_fractions_beside_what_is_none():
    graph = rw.from_jax(jax.grad(diverted_and_kept), BASE[:3])
    regimes = {"offset": BASE[:3] + np.float32(1e4), "negative offset": BASE[:3] - np.float32(1e4)}
    assert_near(graph, {"moderate": BASE[:3], **regimes}, 2.0**-18)


@pytest.mark.parametrize("name", MASKS)
def test_a_mask_is_one_however_it_is_compared(name):
    x = BASE[:3]
    forms = [rw.from_jax(lambda x, m=MASKS[n]: jnp.where(m(3), 1.0, x), x)
             for n in ("of truths", name)]  # fmt: skip
    plain, compared = (normal_form(graph.outputs[0]) for graph in forms)
    assert compared is plain


@pytest.mark.parametrize(
    ("compared", "value"), [(lambda m: m > 1, 0), (lambda m: m >= 0, 1), (lambda m: m == 2, 0)]
)
def test_a_comparison_may_be_the_same_everywhere(compared, value):
    x = BASE[:3]
    graph = rw.from_jax(lambda x: jnp.where(compared(jnp.eye(3)), x + 1, x), x)
    expected = rw.from_jax(lambda x: jnp.broadcast_to(x + value, (3, 3)), x)
    assert normal_form(graph.outputs[0]) is normal_form(expected.outputs[0])


@pytest.mark.parametrize("excluded", [(0, 1), (0, 1, 2), (2, 1)])
def test_the_places_that_are_left(excluded):
    """An index that differs from all places but one is that place; from all, none."""
    x = BASE[:3]

    def apart(x):
        i = jnp.arange(3)
        for place in excluded:
            x = jnp.where(i == place, 0.0, x)
        return x

    def left(x):
        (there,) = set(range(3)) - set(excluded) or {-1}
        return jnp.where(jnp.arange(3) == there, x, 0.0)

    forms = [normal_form(rw.from_jax(f, x).outputs[0]) for f in (apart, left)]
    assert forms[0] is forms[1]


@pytest.mark.parametrize("table", [[0, 1, 2], [[0], [1], [2]], [1, 2, 3]])
def test_places_in_a_table_are_counted(table):
    """Numbers that count, held by a program as a constant, are the places themselves."""
    x = np.tile(BASE, (6, 1))
    table = np.array(table)
    first = int(table.flat[0])

    def counted(x):
        return x[first : first + 3].reshape((*table.shape, 4))

    forms = [normal_form(rw.from_jax(f, x).outputs[0]) for f in (lambda x: x[table], counted)]
    assert forms[0] is forms[1]
