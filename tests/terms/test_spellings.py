"""Spellings: however a form is written, it has one normal form, and so have its gradients.

Each group is one mathematical function with its spellings. Normal forms are interned, so equality
modulo the theory is identity of objects.
"""

from fractions import Fraction

import numpy as np
import pytest

import rewriter as rw

K = 4
ROWS = 3


def const(value, x):
    return rw.constant(np.asarray(value), x.dtype)


def exp(x):
    return rw.exp(x)


def total(x, axis=-1):
    return rw.sum(rw.exp(x), axis=axis, keepdims=True)


def vector_ones(x):
    return const(np.ones(K), x)


def row_ones(x):
    return const(np.ones((1, K)), x)


def transposed_layout(x):
    e = rw.exp(rw.transpose(x))
    return rw.transpose(e / rw.sum(e, axis=0))


def by_rows(x):
    """Row by row, put together again."""
    rows = [rw.exp(x[r]) / rw.sum(rw.exp(x[r])) for r in range(ROWS)]
    return rw.stack(rows, 0)


def by_square_root(x):
    half = rw.exp(x / 2)
    return half * half / rw.sum(half * half, axis=-1, keepdims=True)


def three_axes(x):
    e = rw.exp(rw.reshape(x, (ROWS, 1, K)))
    return rw.reshape(e / rw.sum(e, axis=(1, 2), keepdims=True), (ROWS, K))


def broadcast_total(x):
    return rw.exp(x) / rw.broadcast_to(total(x), (ROWS, K))


def shifted(x, shift):
    e = rw.exp(x - shift)
    return e / rw.sum(e, axis=-1, keepdims=True)


LAST = {
    "quotient": lambda x: exp(x) / total(x),
    "shared exponential": lambda x: (lambda e: e / rw.sum(e, axis=-1, keepdims=True))(exp(x)),
    "axis counted from the front": lambda x: exp(x) / total(x, 1),
    "axis as a tuple": lambda x: exp(x) / total(x, (1,)),
    "axis as a negative tuple": lambda x: exp(x) / total(x, (-1,)),
    "times the reciprocal": lambda x: exp(x) * rw.reciprocal(total(x)),
    "reciprocal first": lambda x: rw.reciprocal(total(x)) * exp(x),
    "times one over": lambda x: exp(x) * (1 / total(x)),
    "to the power -1": lambda x: exp(x) * total(x) ** -1,
    "to the power -1.0": lambda x: exp(x) * total(x) ** -1.0,
    "two halves of the power": lambda x: exp(x) * total(x) ** -0.5 * total(x) ** -0.5,
    "rsqrt squared": lambda x: exp(x) * rw.square(rw.rsqrt(total(x))),
    "one over the inverse quotient": lambda x: 1 / (total(x) / exp(x)),
    "quotient of a quotient": lambda x: (exp(x) / 1) / (total(x) / 1),
    "power of the inverse quotient": lambda x: (total(x) * exp(-x)) ** -1,
    "divided by exp(-x)": lambda x: 1 / total(x) / exp(-x),
    "keepdims by reshape": lambda x: exp(x) / rw.reshape(rw.sum(exp(x), axis=-1), (ROWS, 1)),
    "keepdims by expand_dims": lambda x: exp(x) / rw.expand_dims(rw.sum(exp(x), axis=-1), -1),
    "keepdims by None": lambda x: exp(x) / rw.sum(exp(x), axis=-1)[:, None],
    "keepdims by broadcast_to": broadcast_total,
    "sum by einsum": lambda x: exp(x) / rw.einsum("ij->i", exp(x))[:, None],
    "sum by einsum with ones": lambda x: (
        exp(x) / rw.einsum("ij,j->i", exp(x), vector_ones(x))[:, None]
    ),
    "sum by dot with ones": lambda x: exp(x) / rw.dot(exp(x), vector_ones(x))[:, None],
    "sum by matmul with ones": lambda x: exp(x) / rw.matmul(exp(x), rw.transpose(row_ones(x))),
    "all in one einsum": lambda x: rw.einsum("ij,i->ij", exp(x), 1 / rw.sum(exp(x), axis=-1)),
    "sum of the quotient": lambda x: (
        exp(x) / rw.sum(exp(x) / const(7.0, x), axis=-1, keepdims=True) / const(7.0, x)
    ),
    "constant above and below": lambda x: (
        (const(3.0, x) * exp(x)) / rw.sum(const(3.0, x) * exp(x), axis=-1, keepdims=True)
    ),
    "minus above and below": lambda x: -exp(x) / -total(x),
    "mean in the place of the sum": lambda x: (
        exp(x) / (rw.mean(exp(x), axis=-1, keepdims=True) * K)
    ),
    "exponential of a difference": lambda x: rw.exp(x - rw.log(total(x))),
    "exponential of log_softmax": lambda x: rw.exp(rw.log(exp(x) / total(x))),
    "exp of x times exp of minus log": lambda x: exp(x) * rw.exp(-rw.log(total(x))),
    "exponential of logsumexp": lambda x: rw.exp(x - rw.logsumexp(x, axis=-1, keepdims=True)),
    "shifted by the maximum": lambda x: shifted(x, rw.max(x, axis=-1, keepdims=True)),
    "shifted by a stopped maximum": lambda x: shifted(
        x, rw.stop_gradient(rw.max(x, axis=-1, keepdims=True))
    ),
    "shifted by a constant": lambda x: shifted(x, const(3.0, x)),
    "shifted by the first": lambda x: shifted(x, x[:, :1]),
    "rw.softmax": lambda x: rw.softmax(x),
    "rw.softmax where all": lambda x: rw.softmax(x, where=rw.constant(np.ones(K, bool))),
    "transposed": transposed_layout,
    "transposed by swapaxes": lambda x: rw.swapaxes(
        rw.swapaxes(exp(x), 0, 1) / rw.sum(rw.swapaxes(exp(x), 0, 1), axis=0, keepdims=True), 0, 1
    ),
    "one axis more": three_axes,
    "halves of the exponent": by_square_root,
    "square root of a square": lambda x: rw.sqrt(rw.square(exp(x) / total(x))),
    "expm1 plus one": lambda x: (rw.expm1(x) + 1) / total(x),
    "exp of a sum of two": lambda x: rw.exp(x / 4) * rw.exp(3 * x / 4) / total(x),
    "converted and back": lambda x: rw.astype(rw.astype(exp(x), "float64") / total(x), x.dtype),
}

FIRST_AXIS = {
    "axis 0": lambda x: exp(x) / total(x, 0),
    "axis -2": lambda x: exp(x) / total(x, -2),
    "without keepdims": lambda x: exp(x) / rw.sum(exp(x), axis=0),
    "einsum": lambda x: exp(x) / rw.einsum("ij->j", exp(x)),
    "dot from the left": lambda x: exp(x) / rw.dot(const(np.ones(ROWS), x), exp(x)),
    "layout": lambda x: rw.transpose(
        rw.exp(rw.transpose(x)) / rw.sum(rw.exp(rw.transpose(x)), axis=-1, keepdims=True)
    ),
    "rw.softmax": lambda x: rw.softmax(x, axis=0),
}

BOTH_AXES = {
    "no axis": lambda x: exp(x) / rw.sum(exp(x)),
    "tuple": lambda x: exp(x) / total(x, (0, 1)),
    "tuple in the other order": lambda x: exp(x) / total(x, (1, 0)),
    "negative tuple": lambda x: exp(x) / total(x, (-1, -2)),
    "one after the other": lambda x: exp(x) / rw.sum(rw.sum(exp(x), axis=0), axis=0),
    "einsum": lambda x: exp(x) / rw.einsum("ij->", exp(x)),
    "einsum of three": lambda x: (
        exp(x) / rw.einsum("i,ij,j->", const(np.ones(ROWS), x), exp(x), vector_ones(x))
    ),
    "rw.softmax": lambda x: rw.softmax(x, axis=None),
}

LOGARITHM = {
    "log of the quotient": lambda x: rw.log(exp(x) / total(x)),
    "difference": lambda x: x - rw.log(total(x)),
    "difference, turned round": lambda x: -(rw.log(total(x)) - x),
    "sum with the log of the reciprocal": lambda x: x + rw.log(1 / total(x)),
    "log of a product": lambda x: rw.log(exp(x) * rw.reciprocal(total(x))),
    "difference of logs": lambda x: rw.log(exp(x)) - rw.log(total(x)),
    "minus the log of the inverse": lambda x: -rw.log(total(x) / exp(x)),
    "minus the log of a sum of differences": lambda x: (
        -rw.log(rw.sum(rw.exp(x[:, None, :] - x[:, :, None]), axis=-1))
    ),
    "half the log of the square": lambda x: rw.log(rw.square(exp(x) / total(x))) / 2,
    "after a shift": lambda x: (
        x - rw.max(x, axis=-1, keepdims=True) - rw.log(total(x - rw.max(x, axis=-1, keepdims=True)))
    ),
    "rw.log_softmax": lambda x: rw.log_softmax(x),
    "minus rw.logsumexp": lambda x: x - rw.logsumexp(x, axis=-1, keepdims=True),
}

TEMPERATURE = {
    "divided": lambda x: exp(x / 0.25) / total(x / 0.25),
    "multiplied": lambda x: exp(4 * x) / total(4 * x),
    "multiplied from the right": lambda x: exp(x * 4) / total(x * 4),
    "fourth power": lambda x: exp(x) ** 4 / rw.sum(exp(x) ** 4, axis=-1, keepdims=True),
    "fourth power of the softmax, renormalised": lambda x: (
        rw.softmax(x) ** 4 / rw.sum(rw.softmax(x) ** 4, axis=-1, keepdims=True)
    ),
    "a product of four": lambda x: (
        (exp(x) * exp(x) * exp(x) * exp(x))
        / rw.sum(exp(2 * x) * exp(2 * x), axis=-1, keepdims=True)
    ),
    "rw.softmax": lambda x: rw.softmax(x / 0.25),
}

PRIOR = np.array([0.125, 0.25, 0.5, 0.125])

WEIGHTED = {
    "weight times exponential": lambda x: (
        const(PRIOR, x) * exp(x) / rw.sum(const(PRIOR, x) * exp(x), axis=-1, keepdims=True)
    ),
    "weight on the other side": lambda x: (
        exp(x) * const(PRIOR, x) / rw.sum(exp(x) * const(PRIOR, x), axis=-1, keepdims=True)
    ),
    "sum by dot": lambda x: (
        const(PRIOR, x) * exp(x) / rw.expand_dims(rw.dot(exp(x), const(PRIOR, x)), -1)
    ),
    "sum by einsum": lambda x: (
        const(PRIOR, x) * (exp(x) / rw.einsum("j,ij->i", const(PRIOR, x), exp(x))[:, None])
    ),
    "quotient by the softmax, renormalised": lambda x: (
        rw.softmax(x)
        * const(PRIOR, x)
        / rw.sum(rw.softmax(x) * const(PRIOR, x), axis=-1, keepdims=True)
    ),
}

BASE_TWO = {
    "exp2": lambda x: rw.exp2(x) / rw.sum(rw.exp2(x), axis=-1, keepdims=True),
    "2 ** x": lambda x: 2.0**x / rw.sum(2.0**x, axis=-1, keepdims=True),
    "power": lambda x: (
        rw.power(const(2.0, x), x) / rw.sum(rw.power(const(2.0, x), x), axis=-1, keepdims=True)
    ),
    "square of the root": lambda x: (
        rw.exp2(x / 2) ** 2 / rw.sum(rw.exp2(x / 2) * rw.exp2(x / 2), axis=-1, keepdims=True)
    ),
    "scaled logits": lambda x: rw.softmax(x * rw.log(const(2.0, x))),
}

SIGMOID = {
    "rw.sigmoid": rw.sigmoid,
    "logistic": rw.logistic,
    "exponential above": lambda x: exp(x) / (1 + exp(x)),
    "exponential above, turned round": lambda x: exp(x) / (exp(x) + 1),
    "reciprocal": lambda x: rw.reciprocal(1 + exp(-x)),
    "power": lambda x: (1 + exp(-x)) ** -1,
    "complement": lambda x: 1 - 1 / (1 + exp(x)),
    "complement of the logistic": lambda x: 1 - rw.logistic(-x),
    "tanh": lambda x: (1 + rw.tanh(x / 2)) / 2,
    "exponential of minus softplus": lambda x: rw.exp(-rw.log(1 + exp(-x))),
    "log1p": lambda x: rw.exp(-rw.log1p(exp(-x))),
    "expm1": lambda x: 1 / (2 + rw.expm1(-x)),
}

SOFTPLUS = {
    "rw.softplus": rw.softplus,
    "log1p": lambda x: rw.log1p(exp(x)),
    "logaddexp": lambda x: rw.logaddexp(const(0.0, x), x),
    "minus log of the complement": lambda x: -rw.log(1 - rw.sigmoid(x)),
    "minus log of the logistic": lambda x: -rw.log(rw.logistic(-x)),
    "minus log of a quotient": lambda x: -rw.log(1 / (1 + exp(x))),
    "x plus": lambda x: x + rw.log(1 + exp(-x)),
}

GROUPS = {
    "softmax": LAST,
    "softmax over axis 0": FIRST_AXIS,
    "softmax over both axes": BOTH_AXES,
    "log_softmax": LOGARITHM,
    "temperature": TEMPERATURE,
    "weights": WEIGHTED,
    "base 2": BASE_TWO,
    "sigmoid": SIGMOID,
    "softplus": SOFTPLUS,
}
CASES = [(group, name) for group, spellings in GROUPS.items() for name in spellings]
WEIGHTS = np.array([[0.5, -1.25, 2.0, 0.75], [1, 2, 3, 4], [-1, 0.5, 0, 2]])
POINT = np.array([[0.3, -1.2, 0.7, 2.1], [1, 2, 3, 4], [0, 0, 0, 0]])


def variable():
    return rw.input("x", (ROWS, K), "float64")


def gradient(form, x):
    (found,) = rw.grad(rw.sum(form(x) * const(WEIGHTS, x)), [x])
    return found


def reference(group):
    return next(iter(GROUPS[group].values()))


def test_the_softmax_family_has_at_least_forty_spellings():
    softmaxes = [g for g in GROUPS if g not in ("sigmoid", "softplus", "log_softmax")]
    assert sum(len(GROUPS[g]) for g in softmaxes) >= 40
    assert len(LAST) >= 40


@pytest.mark.parametrize(("group", "name"), CASES)
def test_one_normal_form(group, name):
    x = variable()
    assert rw.normal_form(GROUPS[group][name](x)) is rw.normal_form(reference(group)(x))


@pytest.mark.parametrize(("group", "name"), CASES)
def test_one_normal_form_of_the_gradients(group, name):
    x = variable()
    ours = rw.normal_form(gradient(GROUPS[group][name], x))
    assert ours is rw.normal_form(gradient(reference(group), x))


@pytest.mark.parametrize(("group", "name"), CASES)
def test_spellings_are_the_same_function(group, name):
    """The table itself: what is written is what is meant, by NumPy at a mild point."""
    x = variable()
    both = rw.Graph([x], [GROUPS[group][name](x), reference(group)(x)])
    ours, meant = rw.compile(both)(POINT)
    np.testing.assert_allclose(ours, meant, rtol=1e-12, atol=1e-14)
    both = rw.Graph([x], [gradient(GROUPS[group][name], x), gradient(reference(group), x)])
    ours, meant = rw.compile(both)(POINT)
    np.testing.assert_allclose(ours, meant, rtol=1e-11, atol=1e-12)


def test_groups_differ():
    x = variable()
    forms = {rw.normal_form(reference(group)(x)) for group in GROUPS}
    assert len(forms) == len(GROUPS)


@pytest.mark.parametrize("group", GROUPS)
def test_optimized_spellings_are_right_where_the_naive_ones_are_not(group):
    x = rw.input("x", (ROWS, K), "float64")
    point = np.array([[1.0, 2, 1000, 0], [-800, -900, -1000, -800], [1e18, -1e18, 0, 1e18]])
    graph = rw.Graph([x], [reference(group)(x)])
    truth = rw.exact(graph, point)
    for name, spelling in GROUPS[group].items():
        cured = rw.compile(rw.optimize(rw.Graph([x], [spelling(x)])))
        np.testing.assert_allclose(cured(point), truth, rtol=4e-15, atol=1e-15, err_msg=name)


def test_a_coefficient_is_exact():
    """Normal forms hold rationals: seven sevenths are one, a third is no float."""
    x = variable()
    assert rw.normal_form(rw.sum(x / 7 * 7)) is rw.normal_form(rw.sum(x))
    assert rw.normal_form(x / 3).coefficient == Fraction(1, 3)
