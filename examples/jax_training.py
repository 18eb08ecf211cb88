"""Training in JAX: one call around a naively written loss, and the training survives.

A network of one hidden layer learns which of three rings a point lies in. Its loss is written as
the mathematics has it, one example at a time, and goes through ``vmap``, ``grad`` and ``jit``; the
learning rate is large enough for the logits to outgrow exp. ``rw.stabilize`` stands inside ``grad``
in one run and outside in another.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import rewriter as rw

CLASSES, HIDDEN, POINTS, STEPS, RATE = 3, 32, 600, 300, 0.2


def rings() -> tuple[np.ndarray, np.ndarray]:
    """Points of the plane, (POINTS, 2), and the ring that each lies in, (POINTS,)."""
    random = np.random.default_rng(seed=5)
    labels = random.integers(CLASSES, size=POINTS)
    angles = random.uniform(0, 2 * np.pi, size=POINTS)
    radii = 10 * (labels + 1 + 0.15 * random.standard_normal(POINTS))
    points = radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return points.astype("float32"), labels


def start() -> dict[str, np.ndarray]:
    """Random parameters."""
    random = np.random.default_rng(seed=6)
    return {
        "hidden": random.standard_normal((2, HIDDEN)).astype("float32"),
        "hidden bias": random.standard_normal(HIDDEN).astype("float32"),
        "output": np.zeros((HIDDEN, CLASSES), "float32"),
        "output bias": np.zeros(CLASSES, "float32"),
    }


def logits(parameters: Any, point: Any) -> Any:
    """(2,) to (CLASSES,)."""
    hidden = jnp.maximum(point @ parameters["hidden"] + parameters["hidden bias"], 0)
    return hidden @ parameters["output"] + parameters["output bias"]


def loss_of_one(parameters: Any, point: Any, label: Any) -> Any:
    """Minus the log of the probability of the label: exp over sum, then log."""
    exponentials = jnp.exp(logits(parameters, point))
    return -jnp.log(exponentials / jnp.sum(exponentials))[label]


def loss(parameters: Any, points: Any, labels: Any) -> Any:
    """The mean over the points."""
    return jnp.mean(jax.vmap(loss_of_one, (None, 0, 0))(parameters, points, labels))


def library_loss(parameters: Any, points: Any, labels: Any) -> Any:
    """The same by ``jax.nn.log_softmax``."""
    scores = jax.nn.log_softmax(jax.vmap(logits, (None, 0))(parameters, points))
    return -jnp.mean(jnp.take_along_axis(scores, labels[:, None], axis=-1))


WAYS: dict[str, Callable[..., Any]] = {
    "as written": jax.value_and_grad(loss),
    "grad of stabilize": jax.value_and_grad(rw.stabilize(loss)),
    "stabilize of grad": rw.stabilize(jax.value_and_grad(loss)),
    "jax.nn.log_softmax": jax.value_and_grad(library_loss),
}


def train(way: Callable[..., Any]) -> tuple[list[float], float]:
    """Losses step by step, and the share of points got right at the end."""
    points, labels = rings()
    parameters: Any = start()
    compiled = jax.jit(way)
    losses = []
    for step in range(STEPS):
        value, gradients = compiled(parameters, points, labels)
        rate = RATE / (1 + step / 10)
        parameters = jax.tree.map(lambda p, g, r=rate: p - r * g, parameters, gradients)
        losses.append(float(value))
    guesses = jnp.argmax(jax.vmap(logits, (None, 0))(parameters, points), axis=-1)
    return losses, float(jnp.mean(guesses == labels))


def main() -> None:
    print(f"{'':<20}{'nan from step':<15}{'first loss':<12}{'last loss':<12}points got right")
    for name, way in WAYS.items():
        losses, share = train(way)
        failures = np.flatnonzero(~np.isfinite(losses))
        failure = str(failures[0]) if len(failures) else "never"
        print(f"{name:<20}{failure:<15}{losses[0]:<12.4g}{losses[-1]:<12.4g}{share:.1%}")


if __name__ == "__main__":
    main()
