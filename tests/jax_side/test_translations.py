"""Programs that do not notice what is added to their data, far from 0 and near it.

Expected values are those of the program as written, in ball arithmetic.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from naive_programs import EVERYDAY, points
from regimes import assert_near, regimes_of

import rewriter as rw
from rewriter.engine.optimizer import rewrite_graph
from rewriter.facts.translations import Translations, sources_of

TABLE = np.random.default_rng(1).normal(size=(3, 4)).astype("float32")
CHAIN = np.random.default_rng(1).normal(size=(6, 3)).astype("float32")
ONES = np.random.default_rng(1).normal(size=5).astype("float32")
DIED = jnp.array([1.0, 1.0, 1.0, 0.0, 0.0])


def share(x: Any) -> Any:
    return jnp.exp(x) / jnp.exp(x).sum(-1, keepdims=True)


def sharpened_clusters(x: Any) -> Any:
    """Assignments against their squares, divided by how many each cluster has."""
    q = share(x)
    p = q**2 / q.sum(0)
    p = p / p.sum(1, keepdims=True)
    return (p * jnp.log(p / q)).sum()


def chain(x: Any) -> Any:
    """A chain of three steps, by products of exponentials: a path's share, and a marginal."""
    emitted, moved = jnp.exp(x[:3]), jnp.exp(x[3:])
    forward = ((emitted[0] @ moved) * emitted[1] @ moved) * emitted[2]
    backward = moved @ (emitted[1] * (moved @ emitted[2]))
    path = emitted[0, 0] * moved[0, 2] * emitted[1, 2] * moved[2, 1] * emitted[2, 1]
    marginal = emitted[0] * backward / (emitted[0] * backward).sum()
    return -jnp.log(path / forward.sum()) - 0.1 * (marginal * jnp.log(marginal)).sum()


def partial_likelihood(x: Any) -> Any:
    """Of who died among those at risk, two at a time."""
    risk = jnp.exp(x)
    tied = (DIED * risk)[:2].sum()
    return -(DIED * x).sum() + jnp.log(risk.sum()) + jnp.log(risk.sum() - tied / 2) * 2


def focal(x: Any) -> Any:
    p = share(x)[:, 1]
    return -((1 - p) ** 1.5 * jnp.log(p)).sum()


FORMS = {
    "clusters": (sharpened_clusters, TABLE, 3e-6),
    "chain": (chain, CHAIN, 1e-6),
    "partial likelihood": (partial_likelihood, ONES, 1e-6),
    "focal": (focal, TABLE, 1e-6),
}


@pytest.mark.parametrize("derivative", ["value", "gradient"])
@pytest.mark.parametrize("form", FORMS)
def test_far_from_0(form: str, derivative: str) -> None:
    program, base, error = FORMS[form]
    graph = rw.from_jax(program if derivative == "value" else jax.grad(program), base)
    regimes = regimes_of(base)
    far = {name: regimes[name] for name in ("moderate", "offset", "negative offset")}
    assert_near(graph, far, error)


def test_what_is_rounded_no_less_stays() -> None:
    """A softmax, and what divides by a temperature: no number of operations more."""
    for program in (share, lambda x: jax.grad(lambda y: jnp.log(share(y))[:, 0].sum())(x)):
        graph = rw.optimize(rw.from_jax(program, TABLE))
        assert not [node for node in graph.ordered if node.operator.name == "min"]


@pytest.fixture(scope="module")
def less() -> Any:
    """Data less what it is moved by, and by how much that is, in the float32 that it comes in."""
    result = rewrite_graph(rw.from_jax(jax.grad(sharpened_clusters), TABLE))
    graph = result.narrow or result.after
    (moved,) = [n for n in graph.ordered if n.operator.name == "subtract" and
                n.operands[0] in graph.inputs]  # fmt: skip
    return rw.compile(rw.Graph(graph.inputs, [moved, moved.operands[1]]))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("largest", [1e-30, 3.0, 1e4, 1e30])
def test_moving_rounds_nothing(less: Any, largest: float, sign: int) -> None:
    """Each element less what all are moved by is a float, and no farther from 0."""
    numbers = np.random.default_rng(5)
    for least in (0.0, 0.25, 0.999):
        x = (sign * largest * numbers.uniform(least, 1, TABLE.shape)).astype("float32")
        value, amount = less(x)
        assert (value.astype("float64") == x.astype("float64") - np.float64(amount)).all()
        assert (np.abs(value) <= np.abs(x)).all()
        assert least < 0.9 or abs(amount) > 0.9 * largest


def test_data_of_both_signs_is_not_moved() -> None:
    """A row far from 0 and one near it: what is taken away from both is nothing."""
    x = TABLE + np.array([[1e4], [0.0], [-1e4]], "float32")
    graph = rw.from_jax(jax.grad(sharpened_clusters), TABLE)
    cured = rw.compile(rw.optimize(graph))(x)
    exact = np.asarray(rw.compile(graph, backend="exact")(x), float)
    naive = np.asarray(rw.compile(graph)(x), float)
    assert np.isfinite(cured).all()
    assert not np.isfinite(naive).all()
    assert np.abs(cured[1] - exact[1]).max() < 1e-2


@pytest.mark.filterwarnings("ignore")
def test_everyday_programs_do_not_notice_what_they_are_said_not_to() -> None:
    """Each gradient at data moved by what is proved not to change it, to 2 ulps."""
    moved = 0
    for form in EVERYDAY[::9]:
        gradient = jax.grad(lambda x, written=form.written: written(x).sum())
        graph = rw.from_jax(gradient, np.zeros(form.shape, np.float32))
        sources = sources_of(graph)
        exact = rw.compile(graph, backend="exact")
        x = np.round(points(form)["moderate"] * 64) / 64
        for direction in Translations(graph, sources).unnoticed(graph.outputs):
            there = x.copy()
            for source, times in zip(sources, direction, strict=True):
                bounds = zip(source.start, source.stop, strict=True)
                there[tuple(slice(*places) for places in bounds)] += 0.5 * float(times)
            value, other = (np.asarray(exact(np.float32(at)), float) for at in (x, there))
            assert np.allclose(value, other, rtol=0, atol=2**-22 * np.abs(value).max()), form.name
            moved += 1
    assert moved > 10
