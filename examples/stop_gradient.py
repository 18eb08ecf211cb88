"""The shift in softmax, and why its maximum carries no gradient.

Three softmaxes: as written, shifted by the maximum, and shifted by a maximum under
``stop_gradient``. Over the reals all three are one function, and so are their gradients: the shift
cancels. In floats the first overflows, and the second differentiates the maximum for nothing.
``rw.stabilize`` makes the first into the third.

Where a label is certain, the logarithm after it needs more: ``log`` of a probability that
underflowed has an infinite derivative, which times 0 is nan, whoever made the softmax stable. Only
what is rewritten as a whole, logarithm and gradient included, is right.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import jaxprs_in_params

import rewriter as rw


def unstable(x: Any) -> Any:
    """As the mathematics has it."""
    return jnp.exp(x) / jnp.sum(jnp.exp(x))


def shifted(x: Any) -> Any:
    """Shifted by the maximum, which autodiff differentiates."""
    x = x - jnp.max(x)
    return jnp.exp(x) / jnp.sum(jnp.exp(x))


def shifted_stopped(x: Any) -> Any:
    """Shifted by the maximum, of which autodiff sees no derivative."""
    x = x - jax.lax.stop_gradient(jnp.max(x))
    return jnp.exp(x) / jnp.sum(jnp.exp(x))


SOFTMAXES: dict[str, Callable[[Any], Any]] = {
    "as written": unstable,
    "shifted": shifted,
    "shifted, stop_gradient": shifted_stopped,
    "jax.nn.softmax": jax.nn.softmax,
    "rw.stabilize": rw.stabilize(unstable),
}


def values(x: np.ndarray) -> dict[str, np.ndarray]:
    """softmax(x) by each."""
    return {name: np.asarray(softmax(x)) for name, softmax in SOFTMAXES.items()}


def gradients(x: np.ndarray) -> dict[str, np.ndarray]:
    """The gradient of ``-log(softmax(x))[2]`` by each, and with all of it rewritten at once."""
    found = {
        name: jax.grad(lambda x, softmax=softmax: -jnp.log(softmax(x))[2])(x)
        for name, softmax in SOFTMAXES.items()
    }
    whole = rw.stabilize(jax.grad(lambda x: -jnp.log(unstable(x))[2]))
    return {name: np.asarray(value) for name, value in {**found, "all rewritten": whole(x)}.items()}


def gradients_of_two(x: np.ndarray) -> dict[str, np.ndarray]:
    """The gradient of ``-log(softmax(softmax(x)))[2]``, likewise."""
    found = {
        name: jax.grad(lambda x, softmax=softmax: -jnp.log(softmax(softmax(x)))[2])(x)
        for name, softmax in SOFTMAXES.items()
    }
    whole = rw.stabilize(jax.grad(lambda x: -jnp.log(unstable(unstable(x)))[2]))
    return {name: np.asarray(value) for name, value in {**found, "all rewritten": whole(x)}.items()}


def equations(x: np.ndarray) -> dict[str, int]:
    """How many equations the jaxpr of the gradient has, calls opened."""

    def count(jaxpr: Any) -> int:
        inner = [list(jaxprs_in_params(equation.params)) for equation in jaxpr.eqns]
        return sum(sum(map(count, parts)) if parts else 1 for parts in inner)

    functions = {name: jax.grad(lambda x, s=s: s(x)[0]) for name, s in SOFTMAXES.items()}
    functions["rw.stabilize"] = rw.stabilize(functions["as written"])
    return {name: count(jax.make_jaxpr(f)(x).jaxpr) for name, f in functions.items()}


def main() -> None:
    harmless = np.asarray(jax.random.normal(jax.random.PRNGKey(123), (100,)))
    extreme = np.array([1, 2, 1000], "float32")
    for title, compute in (
        ("softmax(x)", values),
        ("gradient of -log(softmax(x))[2]", gradients),
        ("gradient of -log(softmax(softmax(x)))[2]", gradients_of_two),
    ):
        print(f"{title}\n{'':<26}{'at [1, 2, 1000]':<38}from jax.nn.softmax at 100 normals")
        usual = compute(harmless)
        for name, value in compute(extreme).items():
            apart = np.max(np.abs(usual[name] - usual["jax.nn.softmax"]))
            print(f"  {name:<24}{np.round(value, 6).tolist()!s:<38}{apart:.1e}")
        print()
    print("equations in the jaxpr of the gradient of softmax(x)[0]")
    for name, number in equations(extreme).items():
        print(f"  {name:<24}{number}")


if __name__ == "__main__":
    main()
