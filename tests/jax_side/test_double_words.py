"""Sums and products of data in two words: their arithmetic, and programs whose logits ask for it.

Expected values are Python's rational numbers, or the naive program's in ball arithmetic.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw
from rewriter.engine import wider_type
from rewriter.engine.double_word import number
from rewriter.engine.double_word.carrying import in_double_words
from rewriter.engine.double_word.number import DoubleWord
from rewriter.engine.optimizer import rewrite_graph
from rewriter.engine.wider_type import widened

pytestmark = pytest.mark.filterwarnings("ignore")

COUNT = 45
UNIT = Fraction(1, 2**103)
Numbers = list[Fraction]


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """High and low words of numbers of many sizes."""
    random = np.random.default_rng(seed)
    high = random.standard_normal(COUNT) * 10.0 ** random.integers(-9, 18, COUNT)
    return high, high * 2.0**-54 * random.uniform(-1, 1, COUNT)


def opposite(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Nearly the opposite of those numbers, so that sums with them cancel."""
    high = -drawn(seed)[0] * (1 + 2.0**-40)
    return high, high * 2.0**-55


def rational(words: tuple[np.ndarray, np.ndarray]) -> Numbers:
    return [Fraction(float(a)) + Fraction(float(b)) for a, b in zip(*words, strict=True)]


def computed(function: Callable[..., DoubleWord], *operands: Any, backend: str) -> Numbers:
    """What a function of numbers of two words comes to in a backend, under jit in JAX."""
    words = [rw.input(f"w{k}", (COUNT,), "float64") for k in range(2 * len(operands))]
    found = function(*(DoubleWord(*words[k : k + 2]) for k in range(0, len(words), 2)))
    graph = rw.Graph(words, [found.high, number.low_word(found)])
    arrays = [word for operand in operands for word in operand]
    with jax.enable_x64(True):
        run = rw.compile(graph, backend=backend)
        results = (jax.jit(run) if backend == "jax" else run)(*arrays)
        return rational(tuple(np.ravel(np.asarray(part)) for part in results))


BACKENDS = pytest.mark.parametrize("backend", ["numpy", "jax"])
ELEMENTWISE = {
    "plus": (number.plus, operator.add),
    "minus": (number.minus, operator.sub),
    "product": (number.product, operator.mul),
    "quotient": (number.quotient, operator.truediv),
    "larger": (number.larger, max),
    "smaller": (number.smaller, min),
}


@BACKENDS
@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("other", [drawn(2), opposite(1)], ids=["apart", "nearly opposite"])
def test_arithmetic_has_twice_the_digits(name: str, other: Any, backend: str) -> None:
    function, exact = ELEMENTWISE[name]
    one = drawn(1)
    found = computed(function, one, other, backend=backend)
    for z, x, y in zip(found, rational(one), rational(other), strict=True):
        wanted = exact(x, y)
        size = abs(x) + abs(y) if name in ("plus", "minus") else abs(wanted)
        assert abs(z - wanted) <= UNIT * size


@BACKENDS
@pytest.mark.parametrize("reverse", [False, True])
def test_sums_over_an_axis_have_twice_the_digits(reverse: bool, backend: str) -> None:
    words = drawn(3)
    exact = rational(words)
    size = UNIT * sum(map(abs, exact))
    (total,) = computed(lambda x: number.sum_over(x, [0], True, COUNT), words, backend=backend)
    assert abs(total - sum(exact)) <= size
    found = computed(lambda x: number.running_sum(x, 0, reverse, COUNT), words, backend=backend)
    wanted = list(accumulate(exact[::-1]))[::-1] if reverse else list(accumulate(exact))
    assert all(abs(z - w) <= size for z, w in zip(found, wanted, strict=True))


@BACKENDS
def test_what_is_not_finite_is_as_in_floats(backend: str) -> None:
    high = np.array([np.inf, -np.inf, np.nan, 1e300, 0.0])
    words = [rw.input(name, (5,), "float64") for name in "abcd"]
    x, y = DoubleWord(*words[:2]), DoubleWord(*words[2:])
    arrays = (high, np.zeros(5), np.array([1.0, np.inf, 2.0, 1e300, np.inf]), np.zeros(5))
    for function in (number.plus, number.minus, number.product, number.quotient):
        found = function(x, y)
        with jax.enable_x64(True), np.errstate(all="ignore"):
            run = rw.compile(rw.Graph(words, [found.high, number.low_word(found)]), backend)
            results = [np.asarray(part) for part in run(*arrays)]
            plain = rw.compile(rw.Graph(words, [function(*map(DoubleWord, (x.high, y.high))).high]))
            np.testing.assert_array_equal(results[0], plain(*arrays))
        assert not results[1].any()


@pytest.mark.parametrize("name", ["plus", "minus", "product", "quotient"])
def test_slopes_are_those_of_one_word(name: str) -> None:
    function, _ = ELEMENTWISE[name]
    words = [rw.input(letter, (COUNT,), "float64") for letter in "abcd"]
    double = function(DoubleWord(*words[:2]), DoubleWord(*words[2:]))
    single = function(*map(DoubleWord, (words[0], words[2])))
    arrays = (*drawn(1), *drawn(2))
    with jax.enable_x64(True):
        slopes = [
            jax.grad(lambda *xs, run=run: run(*xs).sum(), (0, 2))
            for run in (rw.compile(rw.Graph(words, [x.high]), "jax") for x in (double, single))
        ]
        for found, wanted in zip(*(slope(*arrays) for slope in slopes), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-12)


WEIGHTS = jnp.array([[0.25, 0.875, -0.75], [0.5, -1.0, 0.25], [0.75, 0.125, 1.75]])
AMONG_LARGE = np.float32([[1e18, 1.5, 1e18], [-1e18, 2, -1e18], [3, -0.5, 0.25]])


def mixed(x: Any) -> Any:
    """Logits with an addend of 1e18 that all classes have: no float64 has what is beside it."""
    e = jnp.exp(x @ WEIGHTS)
    return jnp.sum(e / e.sum(axis=1, keepdims=True) * WEIGHTS)


@pytest.mark.parametrize("derived", [lambda f: f, jax.grad], ids=["value", "gradient"])
def test_logits_of_large_numbers_that_cancel(derived: Any) -> None:
    program, x = derived(mixed), AMONG_LARGE
    truth = np.asarray(rw.compile(rw.from_jax(program, x), backend="exact")(x), "float64")
    for made in (
        jax.jit(rw.stabilize(program))(x),
        rw.compile(rw.optimize(rw.from_jax(program, x)))(x),
    ):
        np.testing.assert_allclose(made, truth, rtol=0, atol=3e-7 * np.abs(truth).max())


def test_a_graph_in_two_words_is_the_same_over_the_reals() -> None:
    graph = rw.from_jax(mixed, AMONG_LARGE)
    double = in_double_words(widened(graph))
    assert len(double.ordered) > len(graph.ordered)
    for x in (AMONG_LARGE / np.float32(1e18), AMONG_LARGE.clip(-9, 9)):
        first, second = (float(rw.compile(one, backend="exact")(x)) for one in (graph, double))
        assert second == pytest.approx(first, rel=1e-12)


def test_one_word_is_enough_for_most() -> None:
    """A softmax, and the gradient of its logarithm, are computed in float32 as they were."""

    def log_share(x: Any) -> Any:
        e = jnp.exp(x)
        return jnp.log(e / e.sum())[0]

    for program in (log_share, jax.grad(log_share)):
        cured = rw.optimize(rw.from_jax(program, AMONG_LARGE[0]))
        assert {node.dtype for node in cured.ordered} <= {"float32", "bool", "int32"}


def test_graphs_that_grow_too_large_keep_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = rw.from_jax(mixed, AMONG_LARGE)
    double = rewrite_graph(graph).after
    monkeypatch.setattr(wider_type, "LARGEST_IN_TWO_WORDS", 10)
    single = rewrite_graph(graph).after
    assert len(single.ordered) < len(double.ordered)
    truth = float(rw.compile(graph, backend="exact")(AMONG_LARGE))
    errors = [abs(float(rw.compile(one)(AMONG_LARGE)) - truth) for one in (double, single)]
    assert errors[0] < 1e-6 < errors[1]


def test_an_explanation_says_so() -> None:
    assert "in two of them each" in str(rw.explain(rw.from_jax(mixed, AMONG_LARGE)))
