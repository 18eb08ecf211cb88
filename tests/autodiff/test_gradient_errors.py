"""Every refusal of grad is an error of the package's own that names the culprit."""

import pytest

import rewriter as rw
from rewriter.autodiff import grad, vjp
from rewriter.errors import DataTypeError, DerivativeError, ShapeError
from rewriter.graph.node import apply
from rewriter.graph.operators import CALL
from rewriter.graph.primitive import Kind, Primitive

X = rw.input("x", ("n", 3), "float32")
SCALAR = rw.sum(X)


def test_tensor_without_cotangent():
    with pytest.raises(
        DerivativeError, match=r"only a scalar .* \[culprit: <exp: float32\(n, 3\)>\]"
    ):
        grad(rw.exp(X), [X])


@pytest.mark.parametrize("dtype", ["int32", "bool", "complex64"])
def test_input_that_is_no_float(dtype):
    culprit = rw.input("labels", ("n",), dtype)
    with pytest.raises(DerivativeError, match=rf"an input .* \[culprit: <input 'labels': {dtype}"):
        grad(SCALAR, [X, culprit])


def test_output_that_is_no_float():
    with pytest.raises(DerivativeError, match=r"an output .* \[culprit: <argmax: int64\(\)>\]"):
        grad(rw.argmax(rw.reshape(X, -1)), [X])


@pytest.mark.parametrize("wrong", [3.0, "x", None])
def test_input_that_is_no_node(wrong):
    with pytest.raises(DerivativeError, match=f"is a node .culprit: {wrong!r}"):
        grad(SCALAR, [wrong])
    with pytest.raises(DerivativeError, match=f"is a node .culprit: {wrong!r}"):
        grad(wrong, [X])


def test_one_node_in_place_of_a_list():
    with pytest.raises(DerivativeError, match=r"a list of nodes .*<input 'x'"):
        grad(SCALAR, X)


def test_cotangent_that_does_not_fit():
    with pytest.raises(ShapeError, match=r"<exp: float32\(n, 3\)> .* \[culprit: \(3,\)\]"):
        grad(rw.exp(X), [X], rw.input("g", (3,), "float32"))
    with pytest.raises(DataTypeError, match=r"<exp: float32\(n, 3\)> .* \[culprit: float64\]"):
        grad(rw.exp(X), [X], rw.input("g", ("n", 3), "float64"))


def test_cotangents_that_are_not_one_an_output():
    with pytest.raises(DerivativeError, match=r"one cotangent .culprit: 1"):
        vjp([SCALAR, SCALAR], [X], [1.0])


def test_opaque_call_on_the_path():
    opaque = rw.custom("fast_fourier", lambda a: a, rw.exp(X), shape=("n", 3), dtype="float32")
    with pytest.raises(DerivativeError, match=r"opaque call .* \[culprit: fast_fourier\]"):
        grad(rw.sum(opaque * 2), [X])
    (by_opaque,) = grad(rw.sum(opaque * 2), [opaque])
    assert by_opaque.shape == opaque.shape


def test_call_whose_operands_are_not_those_of_its_body():
    inner = rw.input("a", (4,), "float32")
    attributes = {
        "name": "misfit", "function": len, "shape": (), "dtype": "float32",
        "body": rw.Graph([inner], rw.sum(inner)),
    }  # fmt: skip
    with pytest.raises(DerivativeError, match=r"body .culprit: misfit"):
        grad(apply(CALL, [X], attributes), [X])


def test_complex_value_on_the_path():
    through = rw.sum(rw.astype(rw.astype(X, "complex64") * 2j, "float32"))
    with pytest.raises(DerivativeError, match=r"complex values .* <multiply: complex64\(n, 3\)>"):
        grad(through, [X])


def test_primitive_without_a_rule():
    strange = Primitive(
        "strange", Kind.ELEMENTWISE, lambda operands, _: (operands[0].shape, "float32")
    )
    with pytest.raises(DerivativeError, match=r"no derivative rule .* strange"):
        grad(rw.sum(apply(strange, [X])), [X])
