"""Programs that the importer meets: one line a program, with example arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

GENERATOR = np.random.default_rng(20240)


def normal(*shape: int, dtype: Any = "float32") -> jax.Array:
    return jnp.asarray(GENERATOR.normal(size=shape), dtype)


V, M, B = normal(5), normal(4, 5), normal(2, 3, 4, 4)
KEY = jax.random.key(3)
PLACES = jnp.array([3, 0, 3])
ROWS, COLUMNS = jnp.array([1, 1, 3]), jnp.array([0, 4, 2])


def softmax(x):
    e = jnp.exp(x)
    return e / jnp.sum(e, axis=-1, keepdims=True)


def layer_norm(x, scale):
    centred = x - x.mean(-1, keepdims=True)
    return scale * centred / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5)


def attention(queries, keys, values):
    scores = jnp.einsum("bhqd,bhkd->bhqk", queries, keys) / jnp.sqrt(queries.shape[-1])
    causal = jnp.tril(jnp.ones(scores.shape[-2:], bool))
    weights = jax.nn.softmax(jnp.where(causal, scores, -jnp.inf))
    return jnp.einsum("bhqk,bhkd->bhqd", weights, values)


def convolution(image, kernel):
    return lax.conv_general_dilated(image, kernel, (1, 1), "SAME")


def perceptron(parameters, x):
    for weights, bias in parameters:
        x = jax.nn.gelu(x @ weights + bias)
    return jnp.mean(jnp.square(x))


LAYERS = [(normal(5, 6), normal(6)), (normal(6, 3), normal(3))]


@jax.custom_vjp
def doubled(x):
    return 2 * x


doubled.defvjp(lambda x: (2 * x, None), lambda _, g: (3 * g,))


@jax.custom_jvp
def squared(x):
    return x * x


squared.defjvp(lambda primals, tangents: (primals[0] ** 2, 5 * tangents[0]))


def recurrent(x):
    return lax.scan(lambda c, r: (0.5 * c + r, jnp.tanh(c).sum()), jnp.zeros(5), x)


def counted(x):
    return lax.while_loop(lambda v: v[0] < 3, lambda v: (v[0] + 1, v[1] * 1.5), (0, x))


def along(x):
    return jnp.take_along_axis(jnp.log(jnp.abs(x)), ROWS[:, None][:2].repeat(2, 0), 1)


Program = tuple[Callable[..., Any], tuple[Any, ...]]

PLAIN: dict[str, Program] = {
    "arithmetic": (lambda x, y: (x + y) * x / y - (-x), (V, V)),
    "scalars": (lambda x: 2 * x + 1.5 - x / 3, (V,)),
    "powers": (lambda x: (x**2, x**-3, jnp.abs(x) ** 0.3, 2.0**x, jnp.square(x)), (V,)),
    "integer exponents": (lambda x: jnp.power(jnp.abs(x), jnp.arange(5)), (V,)),
    "exponentials": (lambda x: (jnp.exp(x), jnp.exp2(x), jnp.expm1(x), jnp.log1p(x**2)), (V,)),
    "logarithms": (lambda x: (jnp.log(x * x), jnp.log2(x * x), jnp.log10(x * x)), (V,)),
    "circle": (lambda x: (jnp.sin(x), jnp.cos(x), jnp.tan(x), jnp.arctan(x)), (V,)),
    "hyperbola": (lambda x: (jnp.sinh(x), jnp.cosh(x), jnp.tanh(x)), (V,)),
    "errors": (lambda x: (jax.scipy.special.erf(x), jax.scipy.special.erfc(x)), (V,)),
    "roots": (lambda x: (jnp.sqrt(x * x), lax.rsqrt(x * x)), (V,)),
    "steps": (lambda x: (jnp.sign(x), jnp.floor(x), jnp.ceil(x), jnp.round(x)), (V,)),
    "comparisons": (lambda x: ((x > 0) & (x < 1) | ~(x <= -1), x == x, x != 0, x >= 0), (V,)),
    "tests": (lambda x: (jnp.isnan(x), jnp.isfinite(x), jnp.isinf(x)), (V,)),
    "choices": (lambda x: (jnp.where(x > 0, x, 0.0), jnp.maximum(x, 0), jnp.minimum(x, 1)), (V,)),
    "sums": (lambda x: (x.sum(), x.sum(0), x.sum(-1, keepdims=True), x.mean((0, 1))), (M,)),
    "extremes": (lambda x: (x.max(1), x.min(), x.argmax(0), x.argmin(1, keepdims=True)), (M,)),
    "products": (lambda x: (x.prod(0), jnp.all(x > 0), jnp.any(x > 0, 1)), (M,)),
    "running": (lambda x: (jnp.cumsum(x, 1), jnp.cumprod(x, 0), lax.cummax(x, 1, True)), (M,)),
    "layout": (lambda x: (x.T, x[None], x[:, None], x.reshape(2, -1), x.ravel()[:, None]), (M,)),
    "squeezed": (lambda x: jnp.squeeze(x[:1, :, None]), (M,)),
    "slices": (lambda x: (x[1:3, ::2], x[::-1], x[-1], x[..., 2], x[:0]), (M,)),
    "joins": (lambda x: (jnp.concatenate([x, x]), jnp.stack([x, x], 1), jnp.tile(x, (2, 1))), (M,)),
    "parts": (lambda x: (jnp.split(x, 2), jnp.roll(x, 1, 1), jnp.repeat(x, 2, 0), list(x)), (M,)),
    "padding": (lambda x: jnp.pad(x, ((1, 2), (0, 1))), (M,)),
    "padding inside": (lambda x: lax.pad(x, 0.0, ((0, 0, 1), (1, 0, 0))), (M,)),
    "counting": (lambda x: x * jnp.arange(5) + jnp.eye(4, 5), (M,)),
    "broadcasts": (lambda x, y: (jnp.broadcast_to(y, (3, 4, 5)), x + y, y[None] * x), (M, V)),
    "gather of rows": (lambda x: x[ROWS], (M,)),
    "gather of columns": (lambda x: x[:, COLUMNS], (M,)),
    "gather of elements": (lambda x: x[ROWS, COLUMNS], (M,)),
    "gather along": (along, (M,)),
    "gather out of bounds": (
        lambda x: (x.at[PLACES + 2].get(mode="fill"), x.at[PLACES + 2].get(mode="clip")), (M,)),
    "gather by a batch": (jax.vmap(lambda row, i: row[i]), (M, jnp.array([0, 3, 4, 1]))),
    "dynamic index": (lambda x, i: lax.dynamic_index_in_dim(x, i, 1), (M, jnp.int32(9))),
    "scatter of rows": (lambda x: x.at[ROWS].add(1.0), (M,)),
    "scatter of columns": (lambda x, y: x.at[:, COLUMNS].add(y[:3]), (M, V)),
    "scatter of elements": (lambda x, y: x.at[ROWS, COLUMNS].add(y[:3], mode="drop"), (M, V)),
    "segments": (lambda x: jax.ops.segment_sum(x, jnp.array([0, 1, 0, 1, 1]), 2), (V,)),
    "matrix products": (lambda x, y: (x @ y, x @ x.T, jnp.dot(y, y), jnp.outer(y, y)), (M, V)),
    "contractions": (
        lambda x, y: (jnp.einsum("ij,ij->", x, x), jnp.einsum("ij,ik,il->jkl", x, x, x),
                      jnp.einsum("bhij,bhkj->bhik", y, y), jnp.einsum("ii->i", x[:, :4]),
                      jnp.einsum("bhij,bhji->hb", y, y)), (M, B)),
    "precise product": (lambda x: jnp.matmul(x, x.T, precision="highest"), (M,)),
    "bare dot_general": (lambda x: lax.dot_general(x, x, (((3, 1), (3, 1)), ((0,), (0,)))), (B,)),
    "wide product": (lambda x: jnp.matmul(x, x.T, preferred_element_type="float32"),
                     (M.astype("bfloat16"),)),
    "softmax": (softmax, (M,)),
    "softmax of the library": (lambda x: jax.nn.softmax(x, where=x > -0.5, axis=0), (M,)),
    "logsumexp": (lambda x: jax.nn.logsumexp(x, axis=-1), (M,)),
    "normalised layer": (layer_norm, (M, V)),
    "attention": (attention, (B, B, B)),
    "perceptron": (perceptron, (LAYERS, V)),
    "nested jits": (jax.jit(lambda x: jax.jit(jnp.sin)(x) + jax.jit(jnp.cos)(x)), (V,)),
    "checkpoint": (jax.grad(lambda x: jax.checkpoint(lambda y: jnp.sin(y) ** 2)(x).sum()), (V,)),
    "stop_gradient": (lambda x: x - lax.stop_gradient(x.max()), (V,)),
    "softplus": (jax.nn.softplus, (V,)),
    "logistic": (lambda x: (jax.nn.sigmoid(x), jax.nn.silu(x)), (V,)),
    "gradient": (jax.grad(lambda x: -jnp.log(softmax(x))[0, 2]), (M,)),
    "gradient of a gather": (jax.grad(lambda x: jnp.exp(x[ROWS, COLUMNS]).sum()), (M,)),
    "gradient along": (jax.grad(lambda x: along(x).sum()), (M,)),
    "gradient of attention": (
        jax.grad(lambda q, k, v: attention(q, k, v).sum(), (0, 1, 2)), (B, B, B)),
    "gradient of a perceptron": (jax.value_and_grad(perceptron), (LAYERS, V)),
    "jacobian": (jax.jacrev(softmax), (V,)),
    "forward jacobian": (jax.jacfwd(softmax), (V,)),
    "hessian": (jax.hessian(lambda x: jnp.log(jnp.exp(x).sum())), (V,)),
    "batch of jacobians": (jax.vmap(jax.jacrev(softmax)), (M,)),
    "half precision": (lambda x: (softmax(x), x.mean(), x @ x, x**3), (V.astype("float16"),)),
    "brain floats": (
        lambda x: (softmax(x), x.mean(), x @ x, x**3, x * 0.1), (V.astype("bfloat16"),)),
    "integers": (lambda n: (n * n + 1, -n, abs(n), n.sum(), n.max(), n == 3, n.astype(float)),
                 (jnp.arange(-2, 6),)),
    "bytes": (lambda n: (n + jnp.uint8(250), n * n, n.astype("int32")),
              (jnp.arange(8, dtype="uint8"),)),
    "complex numbers": (lambda x: jnp.exp(1j * x) * (2 + 3j) - jnp.sqrt(x + 0j), (V,)),
    "weak types": (lambda x, y: (x * 2, x + y, jnp.where(y > 0, x, 1.0), 3 * y), (2.0, V)),
    "pytrees": (lambda p, *, scale: {"out": (p["w"] @ p["b"]) * scale, "none": None, "kept": p},
                ({"w": M, "b": V},)),
    "constants": (lambda x: (jnp.ones(3), x, np.float32(4) * x, M * x), (V,)),
    "unused arguments": (lambda x, y: x, (V, M)),
    "nothing": (lambda x: (), (V,)),
}  # fmt: skip
"""Programs that are read without an opaque call."""

OPAQUE: dict[str, tuple[Callable[..., Any], tuple[Any, ...], set[str]]] = {
    "convolution": (
        convolution, (normal(1, 2, 5, 5), normal(3, 2, 3, 3)), {"conv_general_dilated"}),
    "fft": (lambda x: jnp.abs(jnp.fft.fft(x)), (V,), {"fft", "abs"}),
    "sort": (lambda x: (jnp.sort(x), jnp.argsort(-x)), (V,), {"sort"}),
    "scan": (recurrent, (M,), {"scan"}),
    "gradient of a scan": (jax.grad(lambda x: recurrent(x)[1].sum()), (M,), {"scan"}),
    "while": (counted, (V,), {"while"}),
    "cond": (lambda x: lax.cond(x[0] > 0, jnp.sin, jnp.cos, x), (V,), {"cond"}),
    "map": (lambda x: lax.map(jnp.sum, x), (M,), {"scan"}),
    "remainders": (lambda x, n: (x % 0.3, n // 3, n % 3), (V, jnp.arange(-4, 5)), {"rem", "div"}),
    "shifts": (lambda n: (n << 1, n & 1, n | 8, ~n, n ^ 5), (jnp.arange(5),),
               {"shift_left", "and", "or", "not", "xor"}),
    "rounding away": (lambda x: lax.round(x), (V,), {"round"}),
    "windows": (
        lambda x, i: lax.dynamic_slice(x, (i, 0), (2, 5)), (M, jnp.int32(7)), {"dynamic_slice"}),
    "overwriting": (lambda x: (x.at[1].set(2.0), x.at[ROWS].multiply(3.0), x.at[0].max(1.0)), (M,),
                    {"scatter", "scatter-mul", "scatter-max"}),
    "overwritten parts": (
        lambda x: (x.at[1].set(2.0), x.at[:, 1].set(x[:, 2]), x.at[0, 2].set(x[1, 1]),
                   x.at[1:3, 2:4].set(-x[:2, :2]), x.at[-1].set(-jnp.inf), x.at[:].set(0.0)), (M,),
        {"scatter"}),
    "filled integers": (lambda n: n.at[PLACES + 9].get(mode="fill", fill_value=7), (jnp.arange(5),),
                        {"gather"}),
    "pooling": (lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (2, 2), (1, 1), "VALID"), (M,),
                {"reduce_window_max"}),
    "solve": (lambda x: jnp.linalg.solve(x[0, 0] + 4 * jnp.eye(4), x[0, 1]), (B,),
              {"lu", "custom_linear_solve"}),
    "normal numbers": (
        lambda key: jax.random.normal(key, (3,)), (KEY,),
        {"random_bits", "shift_right_logical", "or", "bitcast_convert_type", "erf_inv"}),
    "keys": (lambda key: jax.random.split(key)[0], (KEY,), {"random_split"}),
    "old keys": (lambda key: jax.random.bits(key, (3,)), (jax.random.PRNGKey(1),),
                 {"random_wrap", "random_bits"}),
    "custom vjp": (lambda x: doubled(x) + 1, (V,), {"doubled"}),
    "custom jvp": (lambda x: squared(x) + jax.nn.relu(x), (V,), {"squared", "relu"}),
    "clamp": (lambda x: lax.clamp(-0.5, x, 0.5), (V,), {"clamp"}),
    "running logsumexp": (lambda x: lax.cumlogsumexp(x, 1), (M,), {"cumlogsumexp"}),
    "barrier": (lambda x: lax.optimization_barrier((x, 2 * x)), (V,), {"optimization_barrier"}),
    "callback": (lambda x: jax.pure_callback(np.sin, jax.ShapeDtypeStruct((5,), x.dtype), x), (V,),
                 {"pure_callback"}),
    "narrow floats": (lambda x: (x.astype("float8_e4m3fn") * 2).astype("float32"), (V,),
                      {"convert_element_type", "mul"}),
    "nibbles": (lambda n: (n.astype("int4") + 1).astype("int32"), (jnp.arange(5),),
                {"convert_element_type", "add"}),
}  # fmt: skip
"""Programs with calls that are carried through, and the names of these."""

KEYWORDS: dict[str, dict[str, Any]] = {"pytrees": {"scale": V[:4]}}
