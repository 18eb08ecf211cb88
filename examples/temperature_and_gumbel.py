"""Temperature, and the Gumbel-softmax that anneals it, far beyond what exp can hold.

``softmax(z / τ)`` goes to the one-hot of the largest element (those that tie share) as τ falls to
0, and to 1/K as τ grows. The Gumbel-softmax adds noise ``-log(-log(u))`` before the same softmax,
and is trained through at a small τ, so its gradient has to be right as well.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import rewriter as rw

LOGITS = np.array([0.3, 2.0, -1.5, 2.0], "float32")
TEMPERATURES = (1e30, 100.0, 1.0, 0.01, 1e-30)


def softmax(z: Any, temperature: Any) -> Any:
    """``exp(z / τ)`` over its sum."""
    exponentials = jnp.exp(z / temperature)
    return exponentials / jnp.sum(exponentials)


def gumbel_softmax(z: Any, uniform: Any, temperature: Any) -> Any:
    """A relaxed sample of the category; Jang, Gu & Poole 2017, "Categorical reparameterization"."""
    noise = -jnp.log(-jnp.log(uniform))
    return softmax(z + noise, temperature)


def objective(z: Any, uniform: Any, temperature: Any) -> Any:
    """The mean of 0, 1, 2, 3 under the relaxed sample: something to differentiate."""
    return jnp.sum(jnp.arange(4.0) * gumbel_softmax(z, uniform, temperature))


def exact(function: Any, *arguments: Any) -> np.ndarray:
    """The value of a JAX function in ball arithmetic, at the float arguments taken as exact."""
    arrays = [np.asarray(argument, "float32") for argument in arguments]
    return np.asarray(rw.exact(rw.from_jax(function, *arrays), *arrays, dtype="float64"))


def shifted(constant: float) -> dict[str, np.ndarray]:
    """Shift invariance: ``softmax(z + c) = softmax(z)``, where z + c is not rounded."""
    z = np.array([1, 2, 3], "float32")
    return {
        "as written": np.asarray(softmax(z + np.float32(constant), 1)),
        "rw.stabilize": np.asarray(rw.stabilize(softmax)(z + np.float32(constant), 1)),
        "unshifted": np.asarray(softmax(z, 1)),
    }


def tempered(temperature: float) -> dict[str, np.ndarray]:
    """``softmax(LOGITS / τ)`` in each way."""
    tau = np.float32(temperature)
    return {
        "as written": np.asarray(softmax(LOGITS, tau)),
        "rw.stabilize": np.asarray(rw.stabilize(softmax)(LOGITS, tau)),
        "exact": exact(softmax, LOGITS, tau),
    }


def through_logsumexp(scale: float) -> dict[str, np.ndarray]:
    """``exp(z - logsumexp(z))`` is softmax too, and is cured in that spelling."""

    def spelled(z: Any) -> Any:
        return jnp.exp(z - jnp.log(jnp.sum(jnp.exp(z))))

    z = LOGITS * np.float32(scale)
    return {
        "as written": np.asarray(spelled(z)),
        "rw.stabilize": np.asarray(rw.stabilize(spelled)(z)),
        "exact": exact(spelled, z),
    }


def relaxed(temperature: float) -> dict[str, list[np.ndarray]]:
    """A Gumbel-softmax sample and the gradient of ``objective``, in each way."""
    uniform = np.random.default_rng(seed=3).uniform(size=4).astype("float32")
    arguments = (LOGITS, uniform, np.float32(temperature))
    gradient = jax.grad(objective)
    functions = (gumbel_softmax, gradient)
    return {
        "as written": [np.asarray(function(*arguments)) for function in functions],
        "rw.stabilize": [np.asarray(rw.stabilize(function)(*arguments)) for function in functions],
        "exact": [exact(function, *arguments) for function in functions],
    }


def text(values: np.ndarray) -> str:
    """Six digits of each number."""
    return "[" + ", ".join(f"{value:.6g}" for value in np.asarray(values, "float64")) + "]"


def main() -> None:
    print("softmax(z + 1000) for z = [1, 2, 3]")
    for name, value in shifted(1000).items():
        print(f"  {name:<14}{text(value)}")
    for temperature in TEMPERATURES:
        print(f"\nsoftmax(z / {temperature:g}) for z = {text(LOGITS)}")
        for name, value in tempered(temperature).items():
            print(f"  {name:<14}{text(value)}")
    print("\nexp(100 z - logsumexp(100 z))")
    for name, value in through_logsumexp(100).items():
        print(f"  {name:<14}{text(value)}")
    print("\nGumbel-softmax at a temperature of 0.01: sample, then gradient")
    for name, values in relaxed(0.01).items():
        print(f"  {name:<14}{'  '.join(map(text, values))}")


if __name__ == "__main__":
    main()
