"""What loses its digits in float32 is computed in float64, where it is small and that keeps them.

Expected values are the naive program's, in ball arithmetic.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rewriter as rw
from rewriter.engine import wider_type
from rewriter.engine.optimizer import rewrite_graph
from rewriter.engine.wider_type import perturbed, widened
from rewriter.graph import operators as o
from rewriter.graph.node import apply
from rewriter.graph.precision import in_precision

SCORES = np.float32([[0.1, -0.5, 0.75], [0.3, -1.25, 0.5], [-0.1, 1.5, -0.9]])
WEIGHTS = jnp.array([[0.3, -0.7, 1.1], [0.9, 0.2, -0.4], [-0.7, 1.0, -0.2]])
REGIMES = {"moderate": SCORES, "far above": SCORES + 1e4, "far below": SCORES - 1e4}


def attended(x: Any) -> Any:
    """Logits that are rounded at their own size, 1e4, and a softmax of them."""
    e = jnp.exp(x @ WEIGHTS)
    return jnp.sum((e / e.sum(axis=1, keepdims=True)) @ WEIGHTS[:, :2] ** 2)


def shares(x: Any) -> Any:
    e = jnp.exp(x)
    return e / e.sum()


def dtypes(graph: rw.Graph) -> set[str]:
    return {node.dtype for node in graph.ordered}


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("derived", [lambda f: f, jax.grad], ids=["value", "gradient"])
def test_digits_are_kept(regime: str, derived: Any) -> None:
    program, x = derived(attended), REGIMES[regime]
    graph = rw.from_jax(program, SCORES)
    cured = rw.optimize(graph)
    assert "float64" in dtypes(cured)
    truth = np.asarray(rw.compile(graph, backend="exact")(x), "float64")
    for made in (jax.jit(rw.stabilize(program))(x), rw.compile(cured)(x)):
        assert made.dtype == "float32"
        np.testing.assert_allclose(made, truth, rtol=0, atol=3e-7 * np.abs(truth).max())


def test_jax_needs_no_64_bits_for_it() -> None:
    """Under ``jit``, ``vmap``, and in the derivatives that JAX takes of it."""
    assert not jax.config.read("jax_enable_x64")
    stable = rw.stabilize(attended)
    x = jnp.asarray(SCORES)
    batch = jax.jit(jax.vmap(stable))(jnp.stack([x, x + 1]))
    np.testing.assert_allclose(batch, [stable(x), stable(x + 1)], rtol=1e-6)
    wanted = jax.grad(attended)(x)
    for gradient in (jax.grad(stable), jax.jit(jax.jacrev(stable)), jax.jacfwd(stable)):
        found = gradient(x)
        assert found.dtype == "float32"
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)
    hessian = jax.jit(jax.hessian(stable))(x)
    np.testing.assert_allclose(hessian, jax.hessian(attended)(x), rtol=0, atol=1e-5)


def test_where_jax_has_64_bits_a_derivative_has_them() -> None:
    with jax.enable_x64(True):
        x = jnp.asarray(SCORES + 1e4)
        found = jax.grad(rw.stabilize(attended))(x)
        assert found.dtype == "float32"
        graph = rw.from_jax(jax.grad(attended), SCORES)
    truth = np.asarray(rw.compile(graph, backend="exact")(SCORES + 1e4), "float64")
    np.testing.assert_allclose(found, truth, rtol=0, atol=3e-7 * np.abs(truth).max())


@pytest.mark.parametrize("operator", [o.ARGMAX, o.ARGMIN, o.CUMSUM, o.CUMPROD, o.CUMMAX])
def test_operations_along_an_axis_in_float64(operator: Any) -> None:
    """Those that JAX lowers by a function of its own, which knows no float64 there; ties too."""
    x = rw.input("x", (3, 4), "float32")
    attributes = {"axis": 1, "reverse": False}
    if operator in (o.ARGMAX, o.ARGMIN):
        attributes = {"axis": 1, "keepdims": False, "dtype": "int32"}
    made = apply(operator, (rw.astype(x, "float64"),), attributes)
    graph = rw.Graph([x], [made if made.dtype == "int32" else rw.astype(made, "float32")])
    values = np.float32([[1, 3, 3, 2], [0.5, np.nan, 7, np.nan], [-np.inf, 0, -np.inf, 0]])
    np.testing.assert_array_equal(jax.jit(rw.to_jax(graph))(values), rw.compile(graph)(values))


def test_a_backend_without_float64_computes_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "float64" in str(jax.make_jaxpr(rw.stabilize(attended))(SCORES))
    monkeypatch.setattr("rewriter.jax.lowering.has_wide_floats", lambda: False)
    assert "float64" not in str(jax.make_jaxpr(rw.stabilize(attended))(SCORES))


@pytest.mark.parametrize(
    "program", [shares, jax.grad(lambda x: -jnp.log(shares(x))[0, 0]), jax.grad(attended)]
)
def test_what_is_taken_is_taken_once(program: Any) -> None:
    graph = rw.optimize(rw.from_jax(program, SCORES))
    assert rw.optimize(graph) is graph


def test_what_keeps_its_digits_is_left_in_float32() -> None:
    for program in (shares, jax.grad(lambda x: -jnp.log(shares(x))[0, 0])):
        assert "float64" not in dtypes(rw.optimize(rw.from_jax(program, SCORES)))


def test_what_is_large_is_left_in_float32() -> None:
    rows = jnp.zeros((2**16, 3), "float32")
    assert "float64" not in dtypes(rw.optimize(rw.from_jax(attended, rows)))


def test_an_explanation_says_so() -> None:
    text = str(rw.explain(rw.from_jax(attended, SCORES)))
    assert "digits that cancel, which no law keeps" in text
    assert "the same operations in float64" in text


def test_a_graph_in_the_wider_type_is_the_same_over_the_reals() -> None:
    graph = rw.from_jax(attended, SCORES)
    wide = widened(graph)
    assert [(n.shape, n.dtype) for n in wide.outputs] == [(n.shape, n.dtype) for n in graph.outputs]
    exact = (rw.compile(one, backend="exact")(SCORES) for one in (graph, wide))
    assert next(exact) == next(exact)
    assert rw.equivalent(graph, wide).status == "proved"


def test_perturbed_operations_show_what_cancels() -> None:
    """Of (x + 1e12) − 1e12 four digits are left in float64, and of x + 1e12 all."""
    x = rw.input("x", (4,), "float64")
    sum_ = x + 1e12
    values = np.array([0.1, 0.7, -0.3, 0.9])
    graph = rw.Graph([x], [sum_ - 1e12, sum_])
    plain, off = rw.compile(graph)(values), rw.compile(perturbed(graph))(values)
    assert 1e-5 < np.abs(plain[0] - off[0]).max() < 1e-2
    assert np.abs(plain[1] / off[1] - 1).max() < 1e-14


def test_what_differs_from_the_program_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A law that were wrong would be seen at ordinary numbers."""
    graph = rw.from_jax(attended, SCORES)
    right = rewrite_graph(graph).after
    wrong = right.with_outputs([right.outputs[0] * np.float32(1.5)])
    laws: list[Any] = []

    def looked_at(written: Any, cured: Any, result: Any, kept: int, again: Any) -> Any:
        laws.append(wider_type.cure_by_wider_type(written, narrow, result, kept, lambda _: wrong))
        return laws[0]

    narrow = in_precision(wrong, "float32")
    monkeypatch.setattr("rewriter.engine.optimizer.cure_by_wider_type", looked_at)
    result = rewrite_graph(graph)
    assert result.after is graph
    assert not result.steps
    assert wider_type.DIFFERS in result.notes


def test_what_no_law_has_changed_stays_in_float32() -> None:
    """A variance that loses its digits, beside a softmax of which the logits lose them."""
    x = rw.input("others", (3, 3), "float32")
    deviations = x - rw.mean(x, axis=-1, keepdims=True)
    graph = rw.from_jax(attended, SCORES)
    both = rw.Graph([*graph.inputs, x], [*graph.outputs, deviations])
    cured = rw.optimize(both)
    assert cured.outputs[1] is deviations
    assert "float64" in {node.dtype for node in cured.ordered}
