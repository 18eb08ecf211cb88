"""Derivatives of one function, taken by this package and by JAX, both in float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from referee import compiled

import rewriter as rw
from rewriter.autodiff import grad, vjp
from rewriter.graph.node import Node
from rewriter.lowering import compile


def evaluate(outputs: Sequence[Node], values: Mapping[Node, Any]) -> list[np.ndarray]:
    """Values of nodes at values of the inputs, by the numpy lowering."""
    results = compile(rw.Graph(list(values), list(outputs)), backend="numpy")(*values.values())
    if not isinstance(results, (tuple, list)):
        results = (results,)
    return [np.asarray(result) for result in results]


@dataclass(frozen=True)
class Case:
    """One function written twice, and where it is differentiated.

    ``named``: it makes sense for dimensions that are names.
    ``tolerance``: relative, for the worst element against the largest.
    """

    name: str
    ours: Callable[..., Node]
    theirs: Callable[..., Any]
    at: tuple[Any, ...]
    named: bool = True
    tolerance: float = 1e-13

    def arrays(self) -> list[np.ndarray]:
        return [np.asarray(value, "float64") for value in self.at]

    def inputs(self, named: bool) -> list[Node]:
        shapes = [value.shape for value in self.arrays()]
        if named:
            shapes = [tuple(d if d == 1 else f"n{d}" for d in shape) for shape in shapes]
        return [rw.input(f"x{k}", shape, "float64") for k, shape in enumerate(shapes)]


def weights(shape: Sequence[int], seed: int) -> np.ndarray:
    """A cotangent without structure."""
    return np.random.default_rng(seed).uniform(0.5, 1.5, shape)


def by_jax(case: Case) -> list[list[np.ndarray]]:
    """The value, the derivatives, and the derivatives of their weighted sum."""

    def first(*xs: Any) -> Any:
        value, pull = jax.vjp(case.theirs, *xs)
        return pull(jnp.asarray(weights(value.shape, 0)))

    def total(*xs: Any) -> Any:
        parts = first(*xs)
        return sum(jnp.sum(part * weights(part.shape, k + 1)) for k, part in enumerate(parts))

    def everything(*xs: Any) -> Any:
        return [case.theirs(*xs)], first(*xs), jax.grad(total, tuple(range(len(xs))))(*xs)

    with jax.enable_x64(True):
        results = compiled(everything)(*case.arrays())
        return [[np.asarray(part) for part in result] for result in results]


def by_rewriter(case: Case, named: bool) -> list[list[np.ndarray]]:
    """The same by ``vjp`` and ``grad``."""
    inputs, arrays = case.inputs(named), case.arrays()
    value = case.ours(*inputs)
    seed = rw.input("seed", value.shape, "float64")
    first = vjp([value], inputs, [seed])
    scales = [rw.input(f"scale{k}", part.shape, "float64") for k, part in enumerate(first)]
    total = sum(
        (rw.sum(rw.multiply(*p)) for p in zip(first, scales, strict=True)), rw.constant(0.0)
    )
    second = grad(total, inputs)
    for node, *derivatives in zip(inputs, first, second, strict=True):
        assert [(d.shape, d.dtype) for d in derivatives] == [(node.shape, node.dtype)] * 2
    values = dict(zip(inputs, arrays, strict=True))
    (result,) = evaluate([value], values)
    values[seed] = weights(result.shape, 0)
    values |= {
        s: weights(a.shape, k + 1) for k, (s, a) in enumerate(zip(scales, arrays, strict=True))
    }
    everything = evaluate([*first, *second], values)
    return [[result], everything[: len(inputs)], everything[len(inputs) :]]


def assert_agrees(case: Case) -> None:
    """Value, first and second derivatives agree with JAX's, at sizes and at named dimensions."""
    reference = by_jax(case)
    for named in (False, True) if case.named else (False,):
        for order, (ours, theirs) in enumerate(
            zip(by_rewriter(case, named), reference, strict=True)
        ):
            for mine, its in zip(ours, theirs, strict=True):
                assert mine.shape == its.shape
                assert np.isfinite(its).all(), "the reference itself is not finite"
                scale = case.tolerance * max(1.0, float(np.max(np.abs(its), initial=0.0)))
                place = f"order {order}, {'named dimensions' if named else 'sizes'}"
                np.testing.assert_allclose(mine, its, rtol=0, atol=scale, err_msg=place)


def label(case: Case) -> str:
    """The name of a case in pytest's report."""
    return case.name
