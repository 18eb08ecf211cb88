"""A rule fires on its own left side, also where the theory reads that side as something else."""

from typing import Any

import numpy as np
import pytest

import rewriter as rw

X, Y = (rw.input(name, (4,), "float64") for name in "xy")
PX, PY = rw.exp(X), 1 + Y * Y
MATRIX = rw.input("m", (4, 4), "float64")


@rw.rule
def root_of_product(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """√(x·y) = √x·√y, for x, y ≥ 0."""
    return rw.rewrite(rw.sqrt(x * y), to=rw.sqrt(x) * rw.sqrt(y), when=[x >= 0, y >= 0])


@rw.rule
def product_of_roots(x: rw.Real, y: rw.Real) -> rw.Rewrite:
    """√x·√y = √(x·y), for x, y ≥ 0."""
    return rw.rewrite(rw.sqrt(x) * rw.sqrt(y), to=rw.sqrt(x * y), when=[x >= 0, y >= 0])


@rw.rule
def complement_of_share(a: rw.Positive, b: rw.Positive) -> rw.Rewrite:
    """1 − a/(a + b) = b/(a + b)."""
    return rw.rewrite(1 - a / (a + b), to=b / (a + b))


@rw.rule
def harmonic_mean(x: rw.Positive, y: rw.Positive) -> rw.Rewrite:
    """2/(1/x + 1/y) = 2xy/(x + y)."""
    return rw.rewrite(2 / (1 / x + 1 / y), to=2 * x * y / (x + y))


@rw.rule
def huber(x: rw.Real, d: rw.Positive) -> rw.Rewrite:
    """Huber's loss by a minimum."""
    near = rw.minimum(rw.absolute(x), d)
    loss = rw.where(rw.absolute(x) <= d, 0.5 * x * x, d * (rw.absolute(x) - 0.5 * d))
    return rw.rewrite(loss, to=near * (rw.absolute(x) - 0.5 * near))


@rw.rule
def factor_out(a: rw.Real, b: rw.Function, i: rw.Index) -> rw.Rewrite:
    """Σ_i a·b[i] = a·Σ_i b[i]."""
    return rw.rewrite(rw.sum(a * b[i], over=i), to=a * rw.sum(b[i], over=i))


@rw.rule
def factor_in(m: rw.Function, v: rw.Function, j: rw.Index, i: rw.Index) -> rw.Rewrite:
    """Σ_j m[i,j]·v[j] + Σ_j m[i,j] = Σ_j m[i,j]·(v[j] + 1)."""
    left = rw.sum(m[i, j] * v[j], over=j) + rw.sum(m[i, j], over=j)
    return rw.rewrite(left, to=rw.sum(m[i, j] * (v[j] + 1), over=j))


SUBJECTS = {
    "a root of a product": (rw.sqrt(PX * PY), root_of_product),
    "of a product of three": (rw.sqrt(PX * PY * rw.exp(Y)), root_of_product),
    "roots": (rw.sqrt(PX) * rw.sqrt(PY), product_of_roots),
    "a share": (1 - PX / (PX + PY), complement_of_share),
    "a share with something beside it": (X + (1 - PX / (PY + PX)), complement_of_share),
    "a harmonic mean": (2 / (1 / PX + 1 / PY), harmonic_mean),
    "a loss": (
        rw.where(rw.absolute(X) <= PY, 0.5 * X * X, PY * (rw.absolute(X) - 0.5 * PY)),
        huber,
    ),
    "a factor": (rw.sum(rw.exp(X[1]) * rw.sin(Y)), factor_out),
    "a contraction": (MATRIX @ X + rw.sum(MATRIX, axis=1), factor_in),
}
POINT = [np.array([0.5, -1.5, 2.0, 0.0]), np.array([1.0, -2.0, 0.25, 3.0]),
         np.arange(16.0).reshape(4, 4) - 5]  # fmt: skip


@pytest.mark.parametrize("name", SUBJECTS)
def test_it_fires_on_what_is_written(name: str) -> None:
    output, rule = SUBJECTS[name]
    before = rw.Graph([X, Y, MATRIX], [output])
    found: Any = rw.why_not(before, rule)
    assert found.fires
    after = rw.apply(rw.bottom_up(rule), before)
    assert after is not before
    expected = np.asarray(rw.exact(before, *POINT, dtype="float64"))
    np.testing.assert_allclose(np.asarray(rw.exact(after, *POINT, dtype="float64")), expected,
                               rtol=1e-12)  # fmt: skip
    whole = rw.apply(rw.fixpoint(rw.bottom_up(rule)), before)
    assert rw.apply(rw.bottom_up(rule), whole) is whole


def test_a_condition_that_is_not_proved_holds_it_back() -> None:
    graph = rw.Graph([X, Y], [rw.sqrt(X * PY)])
    assert rw.apply(rw.bottom_up(root_of_product), graph) is graph
    assert rw.why_not(graph, root_of_product).reason == "not proved: x[i0] >= 0"


def test_a_sum_of_products_is_built_as_a_contraction() -> None:
    graph = rw.Graph([X, Y, MATRIX], [MATRIX @ X + rw.sum(MATRIX, axis=1)])
    after = rw.apply(rw.bottom_up(factor_in), graph)
    assert all(node.ndim < 2 or node is MATRIX for node in after.nodes())


def test_of_a_positive_variable_the_sign_is_asked_for() -> None:
    graph = rw.Graph([X, Y], [1 - X / (X + PY)])
    found = rw.why_not(graph, complement_of_share)
    assert found.reason == "not proved: x[i0] > 0"
    assert "assuming=[x > 0]" in str(found)
    assert rw.why_not(graph, complement_of_share, [X > 0]).fires


def test_a_loop_of_rules_as_they_are_written_is_named() -> None:
    graph = rw.Graph([X, Y], [1 + rw.sqrt(PX * PY)])
    explanation = rw.explain(graph, rules=[root_of_product, product_of_roots])
    (note,) = explanation.result.notes
    assert "(root_of_product, product_of_roots)" in note
    assert "sqrt(exp(x) * (1 + y * y)) → (root_of_product) " in note
    assert rw.apply(rw.bottom_up(rw.exhaust(root_of_product)), graph) is not graph
