"""NumPy's operators as methods, shared by everything that stands for a tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rewriter.graph.node import Node


def _operations() -> Any:
    from rewriter.graph import operations

    return operations


def _elementwise() -> Any:
    from rewriter.graph import elementwise

    return elementwise


class Overloaded:
    """Arithmetic, comparison, indexing and reduction methods. ``==`` stays identity."""

    __slots__ = ()

    __array_ufunc__ = None
    """Tells NumPy to leave ``array + node`` to the node."""

    @property
    def tensor_node(self) -> Node:
        """The node that this stands for; a node stands for itself."""
        return self  # type: ignore[return-value]

    def __add__(self, other: Any) -> Node:
        return _operations().add(self, other)  # type: ignore[no-any-return]

    def __radd__(self, other: Any) -> Node:
        return _operations().add(other, self)  # type: ignore[no-any-return]

    def __sub__(self, other: Any) -> Node:
        return _operations().subtract(self, other)  # type: ignore[no-any-return]

    def __rsub__(self, other: Any) -> Node:
        return _operations().subtract(other, self)  # type: ignore[no-any-return]

    def __mul__(self, other: Any) -> Node:
        return _operations().multiply(self, other)  # type: ignore[no-any-return]

    def __rmul__(self, other: Any) -> Node:
        return _operations().multiply(other, self)  # type: ignore[no-any-return]

    def __truediv__(self, other: Any) -> Node:
        return _operations().divide(self, other)  # type: ignore[no-any-return]

    def __rtruediv__(self, other: Any) -> Node:
        return _operations().divide(other, self)  # type: ignore[no-any-return]

    def __pow__(self, other: Any) -> Node:
        return _operations().power(self, other)  # type: ignore[no-any-return]

    def __rpow__(self, other: Any) -> Node:
        return _operations().power(other, self)  # type: ignore[no-any-return]

    def __matmul__(self, other: Any) -> Node:
        return _operations().matmul(self, other)  # type: ignore[no-any-return]

    def __rmatmul__(self, other: Any) -> Node:
        return _operations().matmul(other, self)  # type: ignore[no-any-return]

    def __neg__(self) -> Node:
        return _operations().negative(self)  # type: ignore[no-any-return]

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Node:
        return _operations().absolute(self)  # type: ignore[no-any-return]

    def __lt__(self, other: Any) -> Node:
        return _operations().less(self, other)  # type: ignore[no-any-return]

    def __le__(self, other: Any) -> Node:
        return _operations().less_equal(self, other)  # type: ignore[no-any-return]

    def __gt__(self, other: Any) -> Node:
        return _operations().greater(self, other)  # type: ignore[no-any-return]

    def __ge__(self, other: Any) -> Node:
        return _operations().greater_equal(self, other)  # type: ignore[no-any-return]

    def __floordiv__(self, other: Any) -> Node:
        return _operations().floor_divide(self, other)  # type: ignore[no-any-return]

    def __rfloordiv__(self, other: Any) -> Node:
        return _operations().floor_divide(other, self)  # type: ignore[no-any-return]

    def __mod__(self, other: Any) -> Node:
        return _operations().remainder(self, other)  # type: ignore[no-any-return]

    def __rmod__(self, other: Any) -> Node:
        return _operations().remainder(other, self)  # type: ignore[no-any-return]

    def __and__(self, other: Any) -> Node:
        return _elementwise().conjunction(self, other)  # type: ignore[no-any-return]

    def __rand__(self, other: Any) -> Node:
        return _elementwise().conjunction(other, self)  # type: ignore[no-any-return]

    def __or__(self, other: Any) -> Node:
        return _elementwise().disjunction(self, other)  # type: ignore[no-any-return]

    def __ror__(self, other: Any) -> Node:
        return _elementwise().disjunction(other, self)  # type: ignore[no-any-return]

    def __invert__(self) -> Node:
        return _elementwise().complement(self)  # type: ignore[no-any-return]

    def __getitem__(self, key: Any) -> Node:
        return _operations().index(self, key)  # type: ignore[no-any-return]

    @property
    def T(self) -> Node:
        """The tensor with its axes reversed."""
        return _operations().transpose(self)  # type: ignore[no-any-return]

    def sum(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Sum over ``axis`` (all axes by default)."""
        return _operations().sum(self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def max(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Maximum over ``axis`` (all axes by default)."""
        return _operations().max(self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def min(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Minimum over ``axis`` (all axes by default)."""
        return _operations().min(self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def mean(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Mean over ``axis`` (all axes by default)."""
        return _operations().mean(self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def reshape(self, *shape: Any) -> Node:
        """Reshape; one dimension may be -1."""
        wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        return _operations().reshape(self, wanted)  # type: ignore[no-any-return]

    def transpose(self, *axes: int) -> Node:
        """Permute the axes, reversing them by default."""
        return _operations().transpose(self, axes or None)  # type: ignore[no-any-return]

    def astype(self, dtype: Any) -> Node:
        """Convert to another dtype."""
        return _operations().astype(self, dtype)  # type: ignore[no-any-return]
