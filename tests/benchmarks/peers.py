"""Libraries that compile tensor programs, with the operations that the programs are written in.

A peer turns a program into a function from scores to its value and its gradient, by what the
library itself has to offer: its rewrites, its autodiff, its compiler. PyTensor and PyTorch are the
extra ``peers``; where one is not installed, it is left out.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import rewriter as rw

__all__ = ["PEERS", "InJax", "Peer"]

Compiled = Callable[[np.ndarray], tuple[Any, Any]]
Written = Callable[[Any, Any], Any]


class Peer:
    """A library; what is not overridden is NumPy's interface of its module."""

    name: str
    module: Any

    def compiled(self, written: Written) -> Compiled:
        """Return the function from scores to the value and the gradient of a program."""
        raise NotImplementedError

    def constant(self, value: np.ndarray) -> Any:
        """An array that is known."""
        return value

    def exp(self, x: Any) -> Any:
        """The exponential."""
        return self.module.exp(x)

    def log(self, x: Any) -> Any:
        """The natural logarithm."""
        return self.module.log(x)

    def sqrt(self, x: Any) -> Any:
        """The square root."""
        return self.module.sqrt(x)

    def abs(self, x: Any) -> Any:
        """The absolute value."""
        return self.module.abs(x)

    def clip(self, x: Any, low: float, high: float) -> Any:
        """Numbers brought between two others."""
        return self.module.clip(x, low, high)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """One or the other."""
        return self.module.where(condition, x, y)

    def sum(self, x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
        """The sum over an axis, or over all."""
        return self.module.sum(x, axis=axis, keepdims=keepdims)

    def mean(self, x: Any) -> Any:
        """The mean of all."""
        return self.module.mean(x)

    def matmul(self, x: Any, y: Any) -> Any:
        """The product of matrices and vectors."""
        return self.module.matmul(x, y)

    def flat(self, x: Any) -> Any:
        """All elements in a row; of six."""
        return self.module.reshape(x, (6,))

    def concatenate(self, parts: list[Any]) -> Any:
        """Columns side by side."""
        return self.module.concatenate(parts, 1)

    def softmax(self, x: Any) -> Any:
        """The library's own, over the last axis."""
        raise NotImplementedError

    def sigmoid(self, x: Any) -> Any:
        """The library's own."""
        raise NotImplementedError


class InJax(Peer):
    """JAX, under ``jit``."""

    name = "JAX"
    module = jnp

    def compiled(self, written: Written) -> Compiled:
        """Differentiated and compiled by JAX."""
        return jax.jit(jax.value_and_grad(lambda z: written(self, z)))

    def softmax(self, x: Any) -> Any:
        """``jax.nn.softmax``."""
        return jax.nn.softmax(x, axis=-1)

    def sigmoid(self, x: Any) -> Any:
        """``jax.nn.sigmoid``."""
        return jax.nn.sigmoid(x)


class Stabilized(InJax):
    """JAX, with `rw.stabilize` around the derivative."""

    name = "rewriter"

    def compiled(self, written: Written) -> Compiled:
        """Differentiated by JAX, stabilised, compiled by JAX."""
        return jax.jit(rw.stabilize(jax.value_and_grad(lambda z: written(self, z))))


class InPyTensor(Peer):
    """PyTensor, in its default mode, with the stabilising rewrites that it has."""

    name = "PyTensor"

    def __init__(self) -> None:
        self.pytensor = importlib.import_module("pytensor")
        self.module = importlib.import_module("pytensor.tensor")
        self.special = importlib.import_module("pytensor.tensor.special")

    def compiled(self, written: Written) -> Compiled:
        """Differentiated and compiled by PyTensor."""
        z = self.module.matrix("z", dtype="float32", shape=(2, 3))
        value = written(self, z)
        gradient = self.pytensor.grad(value, z)
        run = self.pytensor.function([z], [value, gradient], allow_input_downcast=True)
        return lambda x: tuple(run(x))

    def constant(self, value: np.ndarray) -> Any:
        """A constant of the graph."""
        return self.module.constant(value)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """``switch``."""
        return self.module.switch(condition, x, y)

    def matmul(self, x: Any, y: Any) -> Any:
        """``dot``."""
        return self.module.dot(x, y)

    def concatenate(self, parts: list[Any]) -> Any:
        """Columns side by side."""
        return self.module.concatenate(parts, axis=1)

    def softmax(self, x: Any) -> Any:
        """PyTensor's own."""
        return self.special.softmax(x, axis=-1)

    def sigmoid(self, x: Any) -> Any:
        """PyTensor's own."""
        return self.module.sigmoid(x)


class InPyTorch(Peer):
    """PyTorch, under ``torch.compile``."""

    name = "PyTorch"

    def __init__(self) -> None:
        self.module = importlib.import_module("torch")

    def compiled(self, written: Written) -> Compiled:
        """Compiled by PyTorch, forward and backward."""
        torch = self.module
        run = torch.compile(lambda z: written(self, z), dynamic=False)

        def value_and_gradient(x: np.ndarray) -> tuple[Any, Any]:
            z = torch.tensor(x, requires_grad=True)
            value = run(z)
            (gradient,) = torch.autograd.grad(value, z)
            return value.detach().numpy(), gradient.numpy()

        return value_and_gradient

    def constant(self, value: np.ndarray) -> Any:
        """A tensor."""
        return self.module.tensor(value)

    def sum(self, x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
        """The sum over an axis, or over all."""
        return self.module.sum(x) if axis is None else self.module.sum(x, axis, keepdim=keepdims)

    def concatenate(self, parts: list[Any]) -> Any:
        """Columns side by side."""
        return self.module.cat(parts, 1)

    def softmax(self, x: Any) -> Any:
        """PyTorch's own."""
        return self.module.softmax(x, -1)

    def sigmoid(self, x: Any) -> Any:
        """PyTorch's own."""
        return self.module.sigmoid(x)


PEERS: dict[str, type[Peer]] = {
    peer.name: peer for peer in (InJax, InPyTorch, InPyTensor, Stabilized)
}
