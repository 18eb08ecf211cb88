"""How a random program is run: which derivative, and where the engine stands.

A mode makes two functions of ``(x, labels, mask)`` from a program: as written, and with the engine
in it. They ought to return the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import rewriter as rw

__all__ = ["MODES", "Mode"]

Function = Callable[..., Any]


@dataclass(frozen=True)
class Mode:
    """A way to run a program.

    Attributes:
        written: from the program to what is computed, by JAX alone.
        stable: the same with the engine.
        traced: whether JAX can trace and compile the latter.
    """

    written: Callable[[Function], Function]
    stable: Callable[[Function], Function]
    traced: bool = True


def weights(like: Any) -> Any:
    """Fixed numbers of the shape and dtype of an array."""
    return np.cos(1 + np.arange(np.size(like))).reshape(np.shape(like)).astype(like.dtype)


def loss(program: Function) -> Function:
    """The outputs, weighed and added up, in the dtype that they promote to."""

    def weighed(*inputs):
        return sum(jnp.sum(output * weights(output)) for output in program(*inputs))

    return weighed


def scaled(function: Function) -> Function:
    """A batch of two inputs, the second half of the first, under vmap."""

    def batch(x, labels, mask):
        scales = np.array([1, 0.5], x.dtype)
        return jax.vmap(lambda scale: function(x * scale, labels, mask))(scales)

    return batch


def pushed(function: Function) -> Function:
    """The derivative along a fixed direction."""
    return lambda x, labels, mask: jax.jvp(
        lambda y: function(y, labels, mask), (x,), (jnp.asarray(weights(x)),)
    )[1]


def pulled(function: Function) -> Function:
    """The vector-Jacobian product with fixed cotangents."""

    def pull(x, labels, mask):
        y, back = jax.vjp(lambda y: function(y, labels, mask), x)
        return back(jax.tree.map(lambda output: jnp.asarray(weights(output)), y))[0]

    return pull


def as_keywords(function: Function) -> Function:
    """The program called with a pytree, a keyword and a string that is static."""

    def call(x, labels, mask):
        def body(data, *, mask, which):
            made = function(data["x"], data["more"][0], mask)
            return dict(zip(which, made, strict=False))

        data = {"x": x, "more": (labels,)}
        return rw.stabilize(body)(data, mask=mask, which="abc")

    return call


def as_mapping(function: Function) -> Function:
    """What `as_keywords` returns, by JAX alone."""
    return lambda *inputs: dict(zip("abc", function(*inputs), strict=False))


def own_gradient(function: Function, optimized: bool) -> Function:
    """The gradient of the weighed outputs by `rewriter.grad`."""

    def gradient(*inputs):
        graph = rw.from_jax(loss(function), *inputs)
        derived = rw.Graph(graph.inputs, rw.grad(graph.outputs[0], graph.inputs[:1]))
        return rw.to_jax(rw.optimize(derived) if optimized else derived)(*inputs)

    return gradient


def on_numpy(function: Function) -> Function:
    """The optimised program on the NumPy backend."""

    def run(*inputs):
        compute = rw.compile(rw.optimize(rw.from_jax(function, *inputs)), backend="numpy")
        made = compute(*map(np.asarray, inputs))
        return list(made) if isinstance(made, tuple) else [made]

    return run


def outside(take: Callable[[Function], Function]) -> Mode:
    """The engine has the derivative."""
    return Mode(take, lambda program: rw.stabilize(take(program)))


def inside(take: Callable[[Function], Function]) -> Mode:
    """The derivative is of what the engine made."""
    return Mode(take, lambda program: take(rw.stabilize(program)))


def as_written(program: Function) -> Function:
    """The program itself."""
    return program


def gradient(program: Function) -> Function:
    """The gradient of the weighed outputs."""
    return jax.grad(loss(program))


def hessian(program: Function) -> Function:
    """The Hessian of the weighed outputs."""
    return jax.hessian(loss(program))


MODES: dict[str, Mode] = {
    "value": outside(as_written),
    "grad": outside(gradient),
    "grad, inside": inside(gradient),
    "vjp": outside(pulled),
    "jvp": outside(pushed),
    "jvp, inside": inside(pushed),
    "jacfwd": outside(jax.jacfwd),
    "jacrev, inside": inside(jax.jacrev),
    "hessian": outside(hessian),
    "hessian, inside": inside(hessian),
    "hvp": outside(lambda program: pushed(gradient(program))),
    "vmap": outside(scaled),
    "vmap of grad, inside": inside(lambda program: scaled(gradient(program))),
    "jit, inside": outside(jax.jit),
    "value of pytrees": Mode(as_mapping, as_keywords),
    "rw.grad": Mode(gradient, lambda program: own_gradient(program, optimized=False)),
    "rw.grad, optimised": Mode(gradient, lambda program: own_gradient(program, optimized=True)),
    "numpy": Mode(as_written, on_numpy, traced=False),
}
