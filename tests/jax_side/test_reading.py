"""What equations become: the nodes, their attributes, their origin, the convention."""

import inspect
import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax_programs import normal, softmax

import rewriter as rw
from rewriter.errors import ImportedProgramError
from rewriter.graph import operators as o
from rewriter.jax.importing import from_jax
from rewriter.jax.lowering import to_jax

X, Y = rw.input("x", (3,)), rw.input("y", (3,))
A, C = rw.input("a", (2, 3)), rw.input("c", (3, 4))


def output(function, *args):
    return from_jax(function, *args).outputs[0]


def line_after(function):
    """The line after the one on which a function begins."""
    return inspect.getsourcelines(function)[1] + 1


def test_nodes_are_those_of_the_builder():
    ones, matrix = jnp.ones(3), jnp.ones((2, 3))
    assert output(lambda x, y: jnp.exp(x) * 2 - y, ones, ones) is rw.exp(X) * 2 - Y
    assert output(lambda x: jnp.where(x > 0, x, 0), ones) is rw.where(
        X > 0, X, rw.broadcast_to(rw.constant(0, "float32"), (3,)))  # fmt: skip
    assert output(lambda a: a.sum(1), matrix) is rw.sum(A, axis=1)
    assert output(lambda a: a.max(0, keepdims=True), matrix) is rw.reshape(
        rw.max(A, axis=0), (1, 3)
    )
    assert output(lambda a: a.T[::-1, 1:], matrix) is rw.flip(A.T[:, 1:], 0)
    assert output(lambda x: x[:, None] * jnp.ones((3, 3)), ones) is X[:, None] * rw.broadcast_to(
        rw.constant(1, "float32"), (3, 3))  # fmt: skip
    assert output(lambda x: lax.stop_gradient(x).astype("float16"), ones) is (
        rw.stop_gradient(X).astype("float16"))  # fmt: skip
    assert output(lambda a, c: a @ c, matrix, jnp.ones((3, 4))) is rw.einsum("ab,bc->ac", A, C)


def test_spelling_is_kept_beside_the_meaning():
    for function, operator, spelling in (
        (jnp.square, o.MULTIPLY, "square"),
        (lambda x: x**3, o.POWER, "integer_pow"),
        (lambda x: lax.dot(x, x), o.EINSUM, "dot_general"),
    ):
        node = output(function, jnp.ones(3))
        assert (node.operator, node.attribute("spelling")) == (operator, spelling)
    assert output(lambda x: x**3.0, jnp.ones(3)) is X ** rw.constant(3, "float32")
    assert output(lambda x: x**3, jnp.ones(3)).operands[1] is rw.constant(3, "float32")


def test_contractions_name_their_indices():
    a, b = jnp.ones((2, 3, 4)), jnp.ones((2, 4, 3))
    for numbers, spec in (
        ((((2,), (1,)), ((0,), (0,))), "abc,acd->abd"),
        ((((2, 1), (1, 2)), ((0,), (0,))), "acb,abc->a"),
        ((((1, 2), (2, 1)), ((), ())), "abc,dcb->ad"),
        ((((0,), (0,)), ((), ())), "abc,ade->bcde"),
    ):
        node = output(lambda a, b, n=numbers: lax.dot_general(a, b, n), a, b)
        assert node.attribute("spec") == spec
        program = jax.make_jaxpr(
            to_jax(from_jax(lambda a, b, n=numbers: lax.dot_general(a, b, n), a, b))
        )
        (equation,) = program(a, b).eqns
        written = [[tuple(axes) for axes in pair] for pair in equation.params["dimension_numbers"]]
        assert written == [list(pair) for pair in numbers]


def test_a_contraction_of_two_floats_is_one_of_the_wider():
    half, single = jnp.ones((2, 3), "float16"), jnp.ones((3, 4))
    wider = rw.input("a", (2, 3), "float16").astype("float32")
    assert output(lambda a, c: a @ c, half, single) is rw.einsum("ab,bc->ac", wider, C)
    narrow = output(lambda a, c: lax.dot(a, c, preferred_element_type="float16"), half, single)
    assert narrow.operator is o.CALL


def test_precision_and_accumulation_are_kept():
    half = jnp.ones((2, 2), "float16")

    def product(x):
        return jnp.matmul(x, x, precision=("high", "highest"), preferred_element_type="float32")

    node = output(product, half)
    assert (node.attribute("precision"), node.attribute("dtype")) == (
        ("HIGH", "HIGHEST"),
        "float32",
    )
    (equation,) = jax.make_jaxpr(to_jax(from_jax(product, half)))(half).eqns
    assert equation.params["precision"] == (lax.Precision.HIGH, lax.Precision.HIGHEST)
    assert equation.params["preferred_element_type"] == np.float32


def test_gathers_index_by_tensors():
    def picked(p, y):
        return jnp.take_along_axis(jnp.log(p), y[:, None], axis=1)

    node = output(picked, jnp.ones((4, 5)), jnp.zeros(4, int))
    while node.operator is o.RESHAPE:
        (node,) = node.operands
    assert (node.operator, node.attribute("axes"), node.attribute("mode")) == (
        o.GATHER,
        (0, 1),
        "fill",
    )
    assert node.operands[0].operator is o.LOG
    assert node.operands[1].operator is o.IOTA


def test_origins_are_the_users_lines():
    def loss(x):
        scaled = jnp.multiply(x, 3.0)

        @jax.jit
        def inner(y):
            return jnp.tanh(y)

        return inner(scaled)

    graph = from_jax(jax.grad(lambda x: loss(x).sum()), jnp.full(7, 0.123))
    first = line_after(loss)
    expected = {o.TANH: first + 4, o.MULTIPLY: first}
    for node in graph.nodes():
        if node.operator in expected and node.operands[0].operator is not o.SUBTRACT:
            assert os.path.basename(node.origin.file) == os.path.basename(__file__)
    tanh = next(n for n in graph.nodes() if n.operator is o.TANH)
    assert tanh.origin.line == expected[o.TANH]
    scaled = tanh.operands[0]
    assert (scaled.operator, scaled.origin.line) == (o.MULTIPLY, expected[o.MULTIPLY])


def test_names_of_inputs():
    def function(x, params, *rest, scale):
        return x * params["w"][0] * rest[0] * scale

    graph = from_jax(function, 1.0, {"w": [2.0]}, 3.0, scale=4.0)
    assert [n.attribute("name") for n in graph.inputs] == ["x", "params.w.0", "argument_2", "scale"]


def test_numbers_are_inputs_and_other_leaves_are_not():
    graph = from_jax(lambda x, mode, f: f(x) if mode == "f" else x, 2.0, "f", jnp.exp)
    (x,) = graph.inputs
    assert graph.outputs == (rw.exp(x),)
    assert to_jax(graph)(3.0, "f", jnp.exp).weak_type
    with pytest.raises(ImportedProgramError, match=r"traced with 'f' here \[culprit: 'g'\]"):
        to_jax(graph)(3.0, "g", jnp.exp)
    with pytest.raises(ImportedProgramError, match="structured otherwise"):
        to_jax(graph)(3.0, "f")


def test_placeholders_stand_for_arrays():
    graph = from_jax(softmax, jax.ShapeDtypeStruct((2, 3), "bfloat16"))
    assert [(n.shape, n.dtype) for n in graph.inputs] == [((2, 3), "bfloat16")]


def test_arrays_closed_over_are_constants_and_tracers_are_bound():
    held = normal(3)
    graph = from_jax(lambda x: x + held, jnp.ones(3))
    assert graph.outputs[0] is X + np.asarray(held)

    def outer(w):
        inner = from_jax(lambda x: x * w, jnp.ones(3))
        assert [n.attribute("name") for n in inner.inputs] == ["x", "captured_0"]
        return to_jax(inner)(jnp.ones(3)).sum()

    assert jax.grad(outer)(2.0) == 3


def test_nothing_recurses_over_depth():
    def deep(x):
        for _ in range(30_000):
            x = lax.sin(x)
        return x

    program = from_jax(lambda x: lax.fori_loop(0, 3, lambda _, y: lax.sin(y), x), jnp.float32(1))
    assert program.outputs[0].operator is o.COMPONENT or program.outputs[0].operator is o.CALL
    graph = from_jax(deep, jnp.float32(1))
    assert sum(1 for _ in graph.nodes()) == 30_001
    assert float(to_jax(graph)(jnp.float32(0.0))) == 0.0
