"""Small expressions that come out wrong as written: each as written, rewritten, and in truth.

Those of JAX go through ``rw.stabilize``, those of the builder through ``rw.optimize`` and NumPy;
the truth is the value of the expression as written in ball arithmetic, rounded once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

import rewriter as rw

__all__ = ["FORMS", "Form", "Result"]

RELATIVE, ABSOLUTE = 2e-6, 1e-7
"""How near the truth a rewritten float32 must come: beside the value, and where that is 0."""


@dataclass(frozen=True)
class Result:
    """What an expression came to; arrays of one shape.

    Attributes:
        written: as written.
        rewritten: by this package.
        truth: over the reals, in float64.
        magnification: how much larger than a rounding of its inputs its own may be.
    """

    written: NDArray[Any]
    rewritten: NDArray[Any]
    truth: NDArray[Any]
    magnification: float = 1

    @property
    def cured(self) -> bool:
        """Whether the rewritten value is the truth, to a few roundings of float32."""
        relative = RELATIVE * self.magnification
        near = np.allclose(self.rewritten, self.truth, rtol=relative, atol=ABSOLUTE)
        return bool(near and np.isfinite(self.rewritten).all())

    def lines(self) -> tuple[tuple[str, str], ...]:
        """The three values as text, each beside its name."""
        return (
            ("as written", values_text(self.written)),
            ("rewritten", values_text(self.rewritten)),
            ("truth", values_text(self.truth)),
        )


def values_text(values: NDArray[Any]) -> str:
    """Four digits of each value, in the order of memory; ``0`` for minus zero."""
    flat = np.asarray(values, np.float64).ravel() + 0.0
    return "[" + ", ".join(f"{value:.4g}" for value in flat) + "]"


class Form(Protocol):
    """An expression at one point; its ``str`` is what a person would write."""

    def evaluate(self) -> Result:
        """Compute it in the three ways."""


@dataclass(frozen=True)
class JaxForm:
    """A JAX function at float32 arguments.

    Attributes:
        title: what a person would write.
        function: of as many arrays as there are arguments, to one.
        arguments: where it is evaluated.
        magnification: of a rounding of its inputs.
    """

    title: str
    function: Callable[..., Any]
    arguments: tuple[NDArray[Any], ...]
    magnification: float = 1

    def evaluate(self) -> Result:
        """Compile it as it is, under ``rw.stabilize``, and in ball arithmetic."""
        graph = rw.from_jax(self.function, *self.arguments)
        return Result(
            np.asarray(jax.jit(self.function)(*self.arguments)),
            np.asarray(jax.jit(rw.stabilize(self.function))(*self.arguments)),
            np.asarray(rw.exact(graph, *self.arguments, dtype="float64")),
            self.magnification,
        )

    def __str__(self) -> str:
        return self.title


@dataclass(frozen=True)
class GraphForm:
    """A graph of one output at its arguments; ``title`` is what a person would write."""

    title: str
    make: Callable[[], rw.Graph]
    arguments: tuple[NDArray[Any], ...]

    def evaluate(self) -> Result:
        """Run it on NumPy as it is and under ``rw.optimize``, and in ball arithmetic."""
        graph = self.make()
        return Result(
            rw.compile(graph, backend="numpy")(*self.arguments),
            rw.compile(rw.optimize(graph), backend="numpy")(*self.arguments),
            np.asarray(rw.exact(graph, *self.arguments, dtype="float64")),
        )

    def __str__(self) -> str:
        return self.title


def softmax(x: Any) -> Any:
    """``exp(x)`` over its sum, nothing subtracted; (n,) to (n,)."""
    exponentials = jnp.exp(x)
    return exponentials / jnp.sum(exponentials)


def through_logsumexp(x: Any) -> Any:
    """``exp(x - log(sum(exp(x))))``, another spelling of softmax; (n,) to (n,)."""
    return jnp.exp(x - jnp.log(jnp.sum(jnp.exp(x))))


def gumbel_softmax(logits: Any, uniform: Any) -> Any:
    """A relaxed sample at a temperature of 0.01; (n,) and (n,) to (n,)."""
    return softmax((logits - jnp.log(-jnp.log(uniform))) / 0.01)


@jax.custom_vjp
def softmax_with_jacobian(x: Any) -> Any:
    """softmax with a derivative of the user's own, its explicit Jacobian; (n,) to (n,)."""
    return softmax(x)


def _forward(x: Any) -> tuple[Any, Any]:
    a = softmax(x)
    return a, a


def _backward(a: Any, cotangent: Any) -> tuple[Any]:
    return (jnp.dot(cotangent, jnp.diag(a) - jnp.outer(a, a)),)


softmax_with_jacobian.defvjp(_forward, _backward)


def gradient_of_sum() -> rw.Graph:
    """The gradient of ``sum(softmax(x))``, as ``rw.grad`` writes it."""
    x = rw.input("x", ("n",), "float64")
    exponentials = rw.exp(x)
    return rw.Graph([x], rw.grad(rw.sum(exponentials / rw.sum(exponentials)), [x]))


def gradient_as_printed() -> rw.Graph:
    """The same gradient as another autodiff prints it, node by node."""
    x = rw.input("x", ("n",), "float64")
    e = rw.exp(x)
    total = rw.expand_dims(rw.sum(e), 0)
    inner = rw.sum((rw.constant([-1.0], "float64") * e) / (total * total))
    return rw.Graph([x], [e / total + rw.expand_dims(inner, 0) * e])


def vector(values: Sequence[float]) -> tuple[NDArray[Any]]:
    """The only argument of a form: a float32 vector."""
    return (np.array(values, np.float32),)


LARGE = vector([1, 2, 1000])
TIED = vector([0.3, 2, -1.5, 2])
WIDE = (np.array([1e-18, 1e18, -1e18]),)
UNIFORM = np.array([0.9, 0.2, 0.5], np.float32)

FORMS: tuple[Form, ...] = (
    JaxForm("softmax(x) at [1, 2, 1000]", softmax, LARGE),
    JaxForm("log(softmax(x)) at [1, 2, 1000]", lambda x: jnp.log(softmax(x)), LARGE),
    JaxForm(
        "grad of -log(softmax(x))[2] at [1, 2, 1000]",
        jax.grad(lambda x: -jnp.log(softmax(x))[2]),
        LARGE,
    ),
    JaxForm(
        "grad of -log(softmax(softmax(x)))[2] there",
        jax.grad(lambda x: -jnp.log(softmax(softmax(x)))[2]),
        LARGE,
    ),
    JaxForm("jacrev of softmax there", jax.jacrev(softmax), LARGE),
    JaxForm(
        "vjp of softmax there, by a user's custom_vjp",
        jax.grad(lambda x: softmax_with_jacobian(x)[2]),
        LARGE,
    ),
    JaxForm("exp(x - log(sum(exp(x)))) there", through_logsumexp, LARGE),
    JaxForm("softmax(x + 1000) at [1, 2, 3]", lambda x: softmax(x + 1000), vector([1, 2, 3])),
    JaxForm("softmax(x / 1e-30) at [0.3, 2, -1.5, 2]", lambda x: softmax(x / 1e-30), TIED),
    JaxForm("softmax(x / 1e30) there", lambda x: softmax(x / 1e30), TIED),
    JaxForm("Gumbel-softmax, temperature 0.01", gumbel_softmax, (*LARGE, UNIFORM)),
    JaxForm(
        "its gradient, at logits that nearly tie",
        jax.grad(lambda z, u: gumbel_softmax(z, u)[0]),
        (*vector([1, 1.02, 1.01]), UNIFORM[[2, 2, 2]]),
        magnification=100,  # a logit is divided by 0.01 after it was rounded
    ),
    GraphForm("rw.grad of sum(softmax) at [1e-18, 1e18, -1e18]", gradient_of_sum, WIDE),
    GraphForm("the same as Aesara prints it, node by node", gradient_as_printed, WIDE),
)
"""The expressions that the demo shows."""
