"""What is alike is solved once, and every copy is right: it is of its own tensors, with its facts.

Copies may add and multiply in another order than they would alone.
"""

import naive_forms as forms
import numpy as np
import pytest

import rewriter as rw

SIZE = forms.SIZE
X, Y = rw.input("x", (SIZE,), "float64"), rw.input("y", (SIZE,), "float64")
OPERANDS = {
    "an input": X,
    "another": Y,
    "bounded": rw.sin(Y),
    "not negative": rw.absolute(X),
    "at least one": rw.absolute(Y) + 1.0,
    "computed": rw.sin(X) * rw.exp(rw.sin(Y)) / 3.0,
}
POINT = np.array([0.5, -2.0, 1.25, 3.0]), np.array([-1.0, 0.25, 2.5, -0.75])
NEAR = {"rtol": 1e-13, "atol": 1e-13}


def values(outputs):
    results = rw.compile(rw.Graph([X, Y], list(outputs)))(*POINT)
    return results if isinstance(results, (tuple, list)) else [results]


def optimized(outputs):
    return rw.optimize(rw.Graph([X, Y], outputs)).outputs


def differentiated(form, x, order):
    value = form(x)
    for _ in range(order):
        scales = forms.const(np.resize(forms.WEIGHTS, value.shape), value)
        (value,) = rw.grad(rw.sum(value * scales), [x])
    return value


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("name", forms.FORMS)
def test_copies_become_what_each_becomes_alone(name, order):
    copies = [differentiated(forms.FORMS[name], x, order) for x in OPERANDS.values()]
    alone = [optimized([copy])[0] for copy in copies]
    together = optimized(copies)
    assert together[0] is alone[0]
    for one, other in zip(values(together), values(alone), strict=True):
        np.testing.assert_allclose(one, other, **NEAR)


def softmax(x):
    return rw.exp(x) / rw.sum(rw.exp(x), axis=-1, keepdims=True)


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_proved_of_a_tensor_counts(order):
    """A softmax of sines overflows nowhere and stays, whatever becomes of others."""
    sound, hazardous = softmax(rw.sin(Y)), softmax(X)
    outputs = [sound, hazardous][::order]
    after = optimized(outputs)[::order]
    assert after[0] is sound
    assert after[1] is optimized([hazardous])[0]
    assert after[1] is not hazardous


def test_what_was_proved_of_the_first_is_proved_of_its_copies():
    """The outer softmax is of values in [0, 1]: it needs no shift."""
    outputs = [softmax(softmax(x + 2.0)) for x in (X, Y)]
    together = optimized(outputs)
    assert str(together[1]) == str(optimized(outputs[1:])[0])
    assert str(rw.Graph([X, Y], together)).count("max(") == 2


def ratio(u, v):
    return rw.log(softmax(u) / softmax(v))


def test_which_tensors_coincide_counts():
    xy, xx, yx, yy = values(optimized([ratio(u, v) for u, v in ((X, Y), (X, X), (Y, X), (Y, Y))]))
    np.testing.assert_array_equal([xx, yy], np.zeros((2, SIZE)))
    np.testing.assert_allclose(xy, -yx, **NEAR)
    np.testing.assert_allclose(xy, values([ratio(X, Y)])[0], **NEAR)


def test_which_tensors_coincide_counts_between_outputs_too():
    inputs = [rw.input(name, (SIZE,), "float64") for name in "abcde"]
    a, b, c, d, e = inputs
    outputs = [ratio(a, b), ratio(b, a), ratio(c, d), ratio(d, e)]
    arrays = np.random.default_rng(5).normal(size=(5, SIZE))
    graph = rw.Graph(inputs, outputs)
    naive, cured = rw.compile(graph)(*arrays), rw.compile(rw.optimize(graph))(*arrays)
    for one, other in zip(cured, naive, strict=True):
        np.testing.assert_allclose(one, other, **NEAR)


def test_a_tensor_that_is_computed_from_another_counts_as_itself():
    outputs = [softmax(rw.sin(y) + x * 2.0 * 3.0) for y, x in ((X, X), (Y, X), (X, Y))]
    for one, other in zip(values(optimized(outputs)), values(outputs), strict=True):
        np.testing.assert_allclose(one, other, **NEAR)


def test_masks_and_constants_count():
    """They are never exchanged for others, even of one shape."""
    masks = [
        rw.constant(np.array(m)) for m in ([True, False, True, True], [False, True, True, True])
    ]
    factors = [rw.constant(np.array(c)) for c in ([1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0])]
    outputs = [softmax(rw.where(m, v, -np.inf)) for m in masks for v in (X, Y)]
    outputs += [rw.exp(v) * c / rw.sum(rw.exp(v) * c) for c in factors for v in (X, Y)]
    for one, other in zip(values(optimized(outputs)), values(outputs), strict=True):
        np.testing.assert_allclose(one, other, **NEAR)


def test_shapes_and_dtypes_count():
    inputs = [rw.input("a", (3, 4), "float32"), rw.input("b", (4, 3), "float32"),
              rw.input("c", (3, 4), "float16"), rw.input("d", (3, 4), "float32")]  # fmt: skip
    outputs = [rw.exp(x) / rw.sum(rw.exp(x), axis=-1, keepdims=True) for x in inputs]
    after = rw.optimize(rw.Graph(inputs, outputs)).outputs
    assert [(n.shape, n.dtype) for n in after] == [(x.shape, x.dtype) for x in inputs]
    assert after == tuple(rw.optimize(rw.Graph(inputs, [n])).outputs[0] for n in outputs)


def test_which_tensor_is_broadcast_counts():
    rows, row = rw.input("r", (3, 4), "float32"), rw.input("s", (4,), "float32")
    outputs = [softmax(a + 2.0 * b) for a, b in ((rows, row), (row, rows))]
    after = rw.optimize(rw.Graph([rows, row], outputs)).outputs
    assert after == tuple(rw.optimize(rw.Graph([rows, row], [n])).outputs[0] for n in outputs)


def on_three_lines():
    a, b, c = rw.exp(X + 1.0), rw.exp(Y * 2.0), rw.exp(X / Y)
    return [
        a / rw.sum(a),
        b / rw.sum(b),
        c / rw.sum(c),
    ]


def test_an_explanation_names_the_line_and_the_tensor_of_each_copy():
    copies = on_three_lines()
    together = str(rw.explain(rw.Graph([X, Y], copies)))
    for copy in copies:
        *_, alone = str(rw.explain(rw.Graph([X, Y], [copy]))).partition("\n\n")
        assert alone.removeprefix("1.") in together


def test_what_a_copy_is_made_of_comes_from_its_own_line():
    before = on_three_lines()
    after = optimized(before)
    assert len({new.origin.line for new in after}) == 3
    for old, new in zip(before, after, strict=True):
        assert (new.origin.file, new.origin.line) == (old.origin.file, old.origin.line)
        assert new.origin.rule == "shift_by_the_maximum"


@pytest.mark.parametrize("layers", [2, 7])
def test_a_tower_is_what_its_layers_are(layers):
    """Each layer reads the layer below, rebuilt; at 1000 every layer is a one-hot vector."""
    value = X * 1000.0
    for _ in range(layers):
        value = softmax(value * 1000.0) * 1000.0 + Y
    (result,) = values(optimized([value]))
    expected = 1000.0 * np.eye(SIZE)[3] + POINT[1]
    np.testing.assert_allclose(result, expected, rtol=1e-15)


def attention_layer(x, weights):
    q, k, v, o = weights
    scores = rw.einsum("ac,bc->ab", rw.einsum("ab,bc->ac", x, q), rw.einsum("ab,bc->ac", x, k))
    attended = rw.einsum("ab,bc->ac", softmax(scores), rw.einsum("ab,bc->ac", x, v))
    return x + rw.einsum("ab,bc->ac", attended, o)


def test_layers_of_a_network_each_read_their_own_weights():
    """The gradient of five layers of attention against ball arithmetic.

    Small differences of larger terms leave an error of 1e-10 of the largest element, in the naive
    gradient too.
    """
    x = rw.input("x", (3, 4), "float64")
    weights = [[rw.input(f"{n}{k}", (4, 4), "float64") for n in "qkvo"] for k in range(5)]
    value = x
    for layer in weights:
        value = attention_layer(value, layer)
    inputs = [x, *(w for layer in weights for w in layer)]
    graph = rw.Graph(inputs, rw.grad(rw.sum(value * value), inputs))
    rng = np.random.default_rng(3)
    arrays = [rng.normal(size=node.shape) * 0.5 for node in inputs]
    cured = rw.optimize(graph)
    assert str(cured).count("max(") == len(weights)
    for one, exact in zip(rw.compile(cured)(*arrays), rw.exact(graph, *arrays), strict=True):
        np.testing.assert_allclose(one, exact, rtol=0, atol=2e-10 * np.abs(exact).max())
