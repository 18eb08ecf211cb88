"""Cures with data in them: masks, labels, temperatures, -inf logits, attention, batches of rows.

Masked rows mean what ``jax.nn.softmax`` means: a masked place has probability 0, a row without
any place is nan, and the log of its sum is -inf.
"""

import numpy as np
import pytest

import rewriter as rw

ROWS, SIZE = 3, 4
INF = float("inf")
MASK = np.array([[1, 1, 0, 1], [0, 1, 1, 1], [1, 0, 0, 1]], bool)
LABELS = np.array([2, 0, 3])
SEED_WEIGHTS = np.array([[0.5, -1.25, 2.0, 0.75], [1, 2, 3, 4], [-1, 0.5, 0, 2]])
QUERIES = np.array([[1, 0.5, -0.25, 2], [0.25, 1, 0.75, -1], [0.5, 0.5, 1, 0]])
POINTS = {
    "moderate": [[0.3, -1.2, 0.7, 2], [1, 2, 3, 4], [0, 0, 0, 0]],
    "large": [[1, 2, 1000, 0], [-1000, 3, 5, 2], [1000, 1000, 0, 1]],
    "far above": [[1e4, 1e4 + 1, 1e4 - 2, 1e4], [1e4, 1e4, 1e4, 1e4], [9e3, 1e4, 9.9e3, 1e4]],
    "far below": [[-1e4, -1e4 + 1, -1e4 - 2, -1e4], [-9e3] * 4, [-9e3, -1e4, -9.9e3, -1e4]],
    "huge": [[1e-18, 1e18, -1e18, 3], [1e18] * 4, [-1e18] * 4],
}


def softmax(x, axis=-1):
    return rw.exp(x) / rw.sum(rw.exp(x), axis=axis, keepdims=True)


def as_factor(mask):
    return rw.astype(mask, "float32")


def attended(scores, values):
    return rw.dot(softmax(scores), values)


def attended_after(scores, values):
    e = rw.exp(scores)
    return rw.dot(e, values) / rw.sum(e, axis=-1, keepdims=True)


def scores(x):
    return rw.einsum("ij,kj->ik", rw.constant(QUERIES, "float32"), x) * 0.5


def causal(s):
    return rw.where(rw.constant(np.tril(np.ones((ROWS, ROWS), bool))), s, -INF)


def values(x):
    return rw.constant(QUERIES, x.dtype)


X = rw.input("x", (ROWS, SIZE), "float32")
M = rw.input("mask", (ROWS, SIZE), "bool")
L = rw.input("labels", (ROWS,), "int64")
T = rw.input("temperature", (), "float32")

MASKED = {
    "where of rw.softmax": rw.softmax(X, where=M),
    "-inf where not": softmax(rw.where(M, X, -INF)),
    "-1e9 where not": softmax(rw.where(M, X, -1e9)),
    "selected exponentials": rw.where(M, rw.exp(X), 0.0)
    / rw.sum(rw.where(M, rw.exp(X), 0.0), axis=-1, keepdims=True),
    "a factor": rw.exp(X) * as_factor(M) / rw.sum(rw.exp(X) * as_factor(M), axis=-1, keepdims=True),
    "log of a sum": rw.logsumexp(X, axis=-1, where=M),
    "log of a sum of a factor": rw.log(rw.sum(rw.exp(X) * as_factor(M), axis=-1)),
    "loss where": -rw.sum(rw.where(M, rw.log(softmax(X)), 0.0)),
    "loss times a factor": -rw.sum(as_factor(M) * rw.log(softmax(X))),
}
LABELLED = {
    "take_along_axis": -rw.mean(rw.take_along_axis(rw.log(softmax(X)), L[:, None], -1)),
    "take_along_axis inside": -rw.mean(rw.log(rw.take_along_axis(softmax(X), L[:, None], -1))),
    "index": -rw.mean(rw.log(softmax(X))[rw.arange(ROWS), L]),
    "index inside": -rw.mean(rw.log(softmax(X)[rw.arange(ROWS), L])),
    "one-hot": -rw.mean(rw.sum(rw.one_hot(L, SIZE) * rw.log(softmax(X)), axis=-1)),
    "one-hot by einsum": -rw.einsum("ij,ij->", rw.one_hot(L, SIZE), rw.log(softmax(X))) / ROWS,
}
BATCHED = {
    "rows": softmax(X),
    "columns": softmax(X, 0),
    "both": softmax(X, (0, 1)),
    "rows after columns": softmax(softmax(X, 0), 1),
    "nested": softmax(softmax(X)),
    "log of nested": rw.log(softmax(softmax(X))),
    "temperature": softmax(X / T),
    "log at a temperature": rw.log(softmax(X / T)),
}
ATTENTION = {
    "divided before": attended(scores(X), values(X)),
    "divided after": attended_after(scores(X), values(X)),
    "causal, divided before": attended(causal(scores(X)), values(X)),
    "causal, divided after": attended_after(causal(scores(X)), values(X)),
    "with the logits as values": attended(scores(X), X),
}
ARGUMENTS = {
    "masked": ([M], [MASK], MASKED),
    "labelled": ([L], [LABELS], LABELLED),
    "batched": ([T], [np.float32(0.5)], BATCHED),
    "attention": ([], [], ATTENTION),
}
CASES = [(group, name) for group, (_, _, forms) in ARGUMENTS.items() for name in forms]


def differentiated(value, order):
    for _ in range(order):
        scales = rw.constant(np.resize(SEED_WEIGHTS, value.shape), value.dtype)
        (value,) = rw.grad(rw.sum(value * scales), [X])
    return value


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize(("group", "name"), CASES)
def test_right_at_every_point(group, name, order):
    inputs, arguments, forms = ARGUMENTS[group]
    graph = rw.Graph([X, *inputs], [differentiated(forms[name], order)])
    cured = rw.optimize(graph)
    function = rw.compile(cured)
    told_apart = False
    for label, point in POINTS.items():
        x = np.array(point, "float32")
        truth = rw.exact(graph, x, *arguments, dtype="float64")
        with np.errstate(all="ignore"):
            value = function(x, *arguments)
        size = max(np.abs(SEED_WEIGHTS).max() ** order, np.abs(truth).max())
        if group == "attention":
            size = max(size, float(np.abs(x).max()))
        bound = 16 * float(np.finfo("float32").eps) * size
        np.testing.assert_allclose(value, truth, rtol=0, atol=bound, err_msg=f"{label}\n{cured}")
        told_apart |= bool((np.abs(truth) > bound).any())
    assert told_apart, "a doubled answer would pass"


# -inf logits and rows without a place ------------------------------------------------------------

INFINITE = np.array([[1, -INF, 3, -INF], [1000, 2, -INF, 4], [0, 0, 0, -INF]], "float32")
FINITE = np.where(np.isinf(INFINITE), np.float32(-1e6), INFINITE)
"""The same up to what no float32 can tell apart."""

WITH_INFINITE_LOGITS = {
    "rows": softmax(X),
    "exponential of log_softmax": rw.exp(rw.log(softmax(X))),
    "nested": softmax(softmax(X)),
    "logsumexp": rw.logsumexp(X, axis=-1),
    "loss": -rw.log(softmax(X))[:, 0],
    "loss inside": -rw.log(softmax(X)[:, 0]),
    "divided after": attended_after(X, rw.constant(QUERIES.T.copy(), "float32")),
    "divided before": attended(X, rw.constant(QUERIES.T.copy(), "float32")),
    "posterior": rw.exp(X[:, 1]) / (rw.exp(X[:, 1]) + rw.exp(X[:, 0])),
    "log of two": rw.log(rw.exp(X[:, 1]) + rw.exp(X[:, 0])),
    "sigmoid": rw.sigmoid(X),
}


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", WITH_INFINITE_LOGITS)
def test_infinite_logits_are_masks(name, order):
    graph = rw.Graph([X], [differentiated(WITH_INFINITE_LOGITS[name], order)])
    with np.errstate(all="ignore"):
        value = rw.compile(rw.optimize(graph))(INFINITE)
    truth = rw.exact(graph, FINITE, dtype="float64")
    bound = 16 * float(np.finfo("float32").eps) * max(1.0, np.abs(truth).max())
    np.testing.assert_allclose(value, truth, rtol=0, atol=bound)


def test_log_of_an_infinite_logit_is_minus_infinity():
    stable = rw.compile(rw.optimize(rw.Graph([X], [rw.log(softmax(X))])))
    with np.errstate(all="ignore"):
        value = stable(INFINITE)
    np.testing.assert_array_equal(np.isneginf(value), np.isinf(INFINITE))
    assert np.isfinite(value[~np.isinf(INFINITE)]).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_row_without_a_place(dtype):
    x = rw.input("x", (2, 3), dtype)
    graph = rw.Graph([x], [softmax(x), rw.logsumexp(x, axis=-1)])
    with np.errstate(all="ignore"):
        p, total = rw.compile(rw.optimize(graph))(np.array([[-INF] * 3, [-3000, 500, 500]], dtype))
    assert np.isnan(p[0]).all()
    assert p[1].tolist() == [0, 0.5, 0.5]
    assert total[0] == -INF
    np.testing.assert_allclose(total[1], 500 + np.log(2), rtol=4 * np.finfo(dtype).eps)


def test_a_row_masked_by_where():
    mask = np.array(MASK)
    mask[1] = False
    graph = rw.Graph([X, M], [rw.softmax(X, where=M), rw.logsumexp(X, axis=-1, where=M)])
    with np.errstate(all="ignore"):
        p, total = rw.compile(rw.optimize(graph))(np.array(POINTS["large"], "float32"), mask)
    assert np.isnan(p[1]).all()
    assert total[1] == -INF
    np.testing.assert_allclose(p[[0, 2]].sum(axis=-1), 1, rtol=1e-6)
    assert (p[[0, 2]][~mask[[0, 2]]] == 0).all()


def test_what_is_selected_away_does_not_poison_the_gradient():
    """The trap of the double where: the log of a masked place is -inf, its cotangent is 0."""
    loss = rw.sum(rw.where(M, rw.log(rw.softmax(X, where=M)), 0.0) * 2.0)
    graph = rw.Graph([X, M], rw.grad(loss, [X]))
    x = np.array(POINTS["large"], "float32")
    with np.errstate(all="ignore"):
        value = rw.compile(rw.optimize(graph))(x, MASK)
    e = np.exp(np.where(MASK, x - np.where(MASK, x, -INF).max(axis=-1, keepdims=True), -INF))
    p = e / e.sum(axis=-1, keepdims=True)
    wanted = np.where(MASK, 2 - 2 * MASK.sum(axis=-1, keepdims=True) * p, 0)
    np.testing.assert_allclose(value, wanted, rtol=0, atol=4e-6)


@pytest.mark.parametrize("value", [INF, float("nan")])
def test_infinite_and_undefined_inputs_give_what_the_naive_program_gives(value):
    x = np.array([[1, value, 0, 2], [1, 2, 3, 4], [0, 1, 0, 1]], "float32")
    graph = rw.Graph([X], [softmax(X)])
    with np.errstate(all="ignore"):
        naive, cured = rw.compile(graph)(x), rw.compile(rw.optimize(graph))(x)
    assert np.isnan(cured[0, 1])
    np.testing.assert_allclose(cured[1:], naive[1:], rtol=1e-6)


# Temperature -------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [1e-30, 1e-3, 0.3, 7.0, 1e30, -0.5, -1e-3])
def test_any_temperature(temperature):
    graph = rw.Graph([X, T], [softmax(X / T), rw.logsumexp(X / T, axis=-1)])
    function = rw.compile(rw.optimize(graph))
    for label in ("moderate", "large"):
        x = np.array(POINTS[label], "float32")
        truth = rw.exact(graph, x, np.float32(temperature), dtype="float64")
        value = function(x, np.float32(temperature))
        np.testing.assert_allclose(value[0], truth[0], rtol=0, atol=2e-6, err_msg=label)
        np.testing.assert_allclose(value[1], truth[1], rtol=2e-6, err_msg=label)


def test_gumbel_softmax_at_a_low_temperature():
    """Values and gradient at τ = 0.01; the noise is an input, its logarithms are benign."""
    noise = rw.input("noise", (ROWS, SIZE), "float32")
    sample = softmax((X - rw.log(-rw.log(noise))) / 0.01)
    graph = rw.Graph([X, noise], [sample, *rw.grad(rw.sum(sample * SEED_WEIGHTS), [X])])
    u = np.linspace(0.05, 0.95, ROWS * SIZE, dtype="float32").reshape(ROWS, SIZE)
    close = np.array([[0.0, 0.01, 0.02, -3], [1, 1, 0.99, 1], [0, -0.005, 0.005, 2]])
    x = (close + np.log(-np.log(u))).astype("float32")
    truth = rw.exact(graph, x, u, dtype="float64")
    p, gradient = rw.compile(rw.optimize(graph))(x, u)
    with np.errstate(all="ignore"):
        naive, _ = rw.compile(graph)(x, u)
    assert np.isnan(naive).any()
    np.testing.assert_allclose(p, truth[0], rtol=0, atol=2e-4)
    np.testing.assert_allclose(gradient, truth[1], rtol=0, atol=2e-4 * 100)
    assert np.abs(truth[1]).max() > 10
