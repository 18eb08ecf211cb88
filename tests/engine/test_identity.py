"""What is sound stays put: the identical object comes back, so that no bit can change."""

import numpy as np
import pytest

import rewriter as rw


def tensor(shape=("n", 4), dtype="float32", name="x"):
    return rw.input(name, shape, dtype)


def lowered(x):
    return x - rw.max(x, axis=-1, keepdims=True)


def quotient(e):
    return e / rw.sum(e, axis=-1, keepdims=True)


def log_softmax_by_hand(x):
    shifted = lowered(x)
    return shifted - rw.log(rw.sum(rw.exp(shifted), axis=-1, keepdims=True))


def logsumexp_by_hand(x):
    m = rw.max(x, axis=-1, keepdims=True)
    return rw.squeeze(m, -1) + rw.log(rw.sum(rw.exp(x - m), axis=-1))


def masked_by_hand(x):
    masked = rw.where(x > 0, x, -np.inf)
    return quotient(rw.exp(lowered(masked)))


def layer_norm(x):
    centred = x - rw.mean(x, axis=-1, keepdims=True)
    variance = rw.mean(centred * centred, axis=-1, keepdims=True)
    return centred / rw.sqrt(variance + 1e-5)


def rms_norm(x):
    return x * rw.rsqrt(rw.mean(rw.square(x), axis=-1, keepdims=True) + 1e-6)


def perceptron(x):
    first = rw.constant(np.linspace(-1, 1, 32).reshape(4, 8), x.dtype)
    second = rw.constant(np.linspace(1, -1, 24).reshape(8, 3), x.dtype)
    return rw.matmul(rw.maximum(rw.matmul(x, first), 0), second) + 0.5


def attention(x):
    scores = rw.einsum("ij,kj->ik", x, x) / 2.0
    return rw.einsum("ik,kj->ij", quotient(rw.exp(lowered(scores))), x)


def gated(x):
    return rw.logistic(x) * rw.tanh(x) + x * rw.logistic(x)


def gelu(x):
    return x * 0.5 * (1 + rw.erf(x / rw.sqrt(rw.constant(2.0, x.dtype))))


def convolution(x):
    kernel = [0.25, 0.5, 0.25]
    padded = rw.pad(x, [(0, 0), (1, 1)])
    terms = [weight * padded[:, k : k + 4] for k, weight in enumerate(kernel)]
    return terms[0] + terms[1] + terms[2]


def sine_and_cosine(x):
    return rw.sin(x) / (2 + rw.cos(x))


def polynomial(x):
    return ((x * 3 + 2) * x - 1) / (x * x + 1)


def adam_step(x):
    moment = x * 0.1
    return x - 1e-3 * moment / (rw.sqrt(x * x * 0.01) + 1e-8)


def bounded_exponential(x):
    e = rw.exp(-rw.absolute(x))
    return e / (1 + e)


def bounded_sum(x):
    return quotient(rw.exp(rw.tanh(x)))


def opaque(x):
    called = rw.custom("twist", np.flip, x, shape=x.shape, dtype=x.dtype)
    return called * 2 + x


SOUND = {
    "softmax, shifted": lambda x: quotient(rw.exp(lowered(x))),
    "softmax, shifted by a stopped maximum": lambda x: quotient(
        rw.exp(x - rw.stop_gradient(rw.max(x, axis=-1, keepdims=True)))
    ),
    "log_softmax, shifted": log_softmax_by_hand,
    "logsumexp, shifted": logsumexp_by_hand,
    "masked softmax, shifted": masked_by_hand,
    "LayerNorm": layer_norm,
    "RMSNorm": rms_norm,
    "perceptron": perceptron,
    "attention on a stable softmax": attention,
    "exp alone": rw.exp,
    "sum of exp": lambda x: rw.sum(rw.exp(x), axis=-1),
    "mean of exp": lambda x: rw.mean(rw.exp(x)),
    "weighted exp": lambda x: 3 * rw.exp(x) + 1,
    "exp of exp": lambda x: rw.exp(rw.exp(x)),
    "expm1": rw.expm1,
    "bell": lambda x: rw.exp(-x * x / 2),
    "bell of a distance": lambda x: rw.exp(-rw.square(x - 3.0)),
    "logistic": rw.logistic,
    "tanh": rw.tanh,
    "softplus by logaddexp": lambda x: rw.logaddexp(0.0, x),
    "gates": gated,
    "gelu": gelu,
    "rational": lambda x: x / (1 + x * x),
    "variance": lambda x: rw.var(x, axis=-1),
    "norm": lambda x: x / rw.sqrt(rw.sum(x * x, axis=-1, keepdims=True) + 1.0),
    "log of an input": rw.log,
    "log of a sum of squares": lambda x: rw.log(2 + rw.sum(x * x, axis=-1)),
    "convolution": convolution,
    "sine and cosine": sine_and_cosine,
    "polynomial": polynomial,
    "a step of Adam": adam_step,
    "exponential of minus the modulus": bounded_exponential,
    "softmax of bounded logits": bounded_sum,
    "opaque call": opaque,
    "a difference that cancels on paper": lambda x: (x + 1.0) - x,
    "indexing": lambda x: rw.concatenate([x[:, 1:], rw.flip(x, 1)[:, :2]], axis=1),
    "cumulations": lambda x: rw.cumsum(x, 1) + rw.cummax(x, 1) * rw.cumprod(x, 1),
    "selection": lambda x: rw.where(x > 0, x * x, -x),
    "argmax": lambda x: rw.argmax(x, axis=-1),
    "the input itself": lambda x: x,
}
"""Forms that compute what they say as well as floats can."""

DTYPES = ["float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SOUND)
def test_sound_graphs_come_back_as_the_identical_object(name, dtype):
    x = tensor(dtype=dtype)
    graph = rw.Graph([x], [SOUND[name](x)])
    assert rw.optimize(graph) is graph


DIFFERENTIABLE = ["LayerNorm", "RMSNorm", "perceptron", "rational", "variance", "polynomial",
                  "convolution", "bell", "sine and cosine", "exp alone"]  # fmt: skip


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_of_sound_graphs_do_too(name):
    x = tensor()
    (dx,) = rw.grad(rw.sum(SOUND[name](x)), [x])
    graph = rw.Graph([x], [dx])
    assert rw.optimize(graph) is graph


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_integers_are_left_alone(dtype):
    x = tensor(dtype=dtype)
    total = rw.sum(x * x + 3, axis=-1, keepdims=True)
    graph = rw.Graph([x], [x * 7, rw.floor_divide(x, 3) + total, rw.maximum(x, 5)])
    assert rw.optimize(graph) is graph


def test_truth_values_are_left_alone():
    x = tensor(dtype="bool")
    y = tensor(dtype="bool", name="y")
    graph = rw.Graph([x, y], [rw.logical_and(x, rw.logical_not(y)), rw.any(x), rw.sum(x)])
    assert rw.optimize(graph) is graph


def test_complex_numbers_are_left_alone():
    x = tensor(dtype="complex64")
    graph = rw.Graph([x], [rw.exp(x) / rw.sum(rw.exp(x), axis=-1, keepdims=True)])
    assert rw.optimize(graph) is graph


def test_what_is_sound_beside_a_cure_is_the_same_node():
    x, y = tensor(), tensor(name="y")
    norm = layer_norm(y)
    graph = rw.Graph([x, y], [quotient(rw.exp(x)), norm])
    stable = rw.optimize(graph)
    assert stable is not graph
    assert stable.outputs[0] is not graph.outputs[0]
    assert stable.outputs[1] is norm


def test_what_feeds_a_cure_is_the_same_node():
    x = tensor()
    features = rw.sin(x) * x
    graph = rw.Graph([x], [quotient(rw.exp(features)), rw.sum(features)])
    stable = rw.optimize(graph)
    assert stable is not graph
    assert features in set(stable.nodes())
    assert stable.outputs[1] is graph.outputs[1]


def test_what_follows_a_cure_keeps_its_operations():
    x = tensor()
    graph = rw.Graph([x], [rw.sin(quotient(rw.exp(x))) * 3 - 1])
    stable = rw.optimize(graph)
    follow = stable.outputs[0]
    chain = [follow.operator.name]
    while follow.operator.name != "sin":
        follow = follow.operands[0]
        chain.append(follow.operator.name)
    assert chain == ["subtract", "multiply", "sin"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_untouched_output_has_the_same_bits(dtype):
    """A cure shares nothing with what has none: the naive sum of exponentials overflows as ever."""
    x = tensor((3, 4), dtype)
    e = rw.exp(x)
    graph = rw.Graph([x], [e, rw.sum(e, axis=-1), quotient(e)])
    stable = rw.optimize(graph)
    point = np.array([[1, 2, 1000, 0], [0.1, 0.2, 0.3, 0.4], [-1, -2, -3, -1000]], dtype)
    with np.errstate(all="ignore"):
        before, after = rw.compile(graph)(point), rw.compile(stable)(point)
    for untouched in (0, 1):
        assert before[untouched].tobytes() == after[untouched].tobytes()
    assert np.isnan(before[2]).any()
    assert np.isfinite(after[2]).all()


@pytest.mark.parametrize("form", [
    lambda x: rw.expm1(x) ** 2, lambda x: rw.exp(x) * rw.exp(x), lambda x: rw.sum(rw.exp(x)) ** 3,
    lambda x: rw.prod(x) * 0.5 + rw.prod(x) * 0.25, lambda x: rw.prod(x) * rw.prod(x),
])  # fmt: skip
def test_what_overflows_only_in_truth_is_the_identical_object(form):
    x = rw.input("x", (5,), "float32")
    graph = rw.Graph([x], [form(x)])
    assert rw.optimize(graph) is graph
