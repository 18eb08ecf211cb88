"""The types of a rule's variables: what a parameter's annotation makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rewriter.authoring.counts import count_of
from rewriter.authoring.pattern import unknown
from rewriter.errors import RuleError, ShapeError
from rewriter.graph.node import Node
from rewriter.graph.overloading import Overloaded
from rewriter.matching import variable as v
from rewriter.terms.index import Axis
from rewriter.terms.sign import is_positive


class Real(Overloaded):
    """Annotation: a real-valued term, free of the indices that the pattern binds."""


class Positive(Overloaded):
    """Annotation: a term that is proved positive."""


class Rest(Overloaded):
    """Annotation: what else a product or a sum has; may be nothing. ``w[j]`` may depend on j."""


class Function:
    """Annotation: a term that depends on indices, applied to them: ``b[i]``."""

    def __getitem__(self, indices: Any) -> Node:
        raise RuleError("an annotation stands for nothing itself", culprit=repr(self))


class Index:
    """Annotation: an index; bound by ``over=``, or free."""


class Tensor:
    """Annotation ``Tensor["n", "m"]``: a term at two indices, one over n places, one over m."""

    def __init__(self, sizes: tuple[str, ...]) -> None:
        self.sizes = sizes

    def __class_getitem__(cls, sizes: Any) -> Tensor:
        chosen = sizes if isinstance(sizes, tuple) else (sizes,)
        if not all(isinstance(size, str) for size in chosen):
            raise RuleError("the sizes of a tensor of a rule are names", culprit=repr(sizes))
        return cls(chosen)


class IndexParameter:
    """The value of a parameter annotated `Index`.

    Attributes:
        size: the name of the size that it runs over, where a tensor that it is put to has one.
    """

    def __init__(self, name: str) -> None:
        self.axis = Axis(name, count_of(name))
        self.name = name
        self.size: str | None = None

    def __repr__(self) -> str:
        return self.name


class FunctionParameter:
    """The value of a parameter annotated `Function`: applied to indices it is a scalar."""

    def __init__(self, name: str) -> None:
        self.function = v.Function(name)

    def __getitem__(self, indices: Any) -> Node:
        return _applied(self.function, indices)


class TensorParameter(FunctionParameter):
    """The value of a parameter annotated `Tensor`: at as many indices as it has axes, a scalar."""

    def __init__(self, name: str, sizes: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name, self.sizes = name, sizes

    def __getitem__(self, indices: Any) -> Node:
        chosen = indices if isinstance(indices, tuple) else (indices,)
        if len(chosen) != len(self.sizes):
            raise ShapeError(f"{self.name} has {len(self.sizes)} axes", culprit=repr(indices))
        for index, size in zip(chosen, self.sizes, strict=True):
            known = getattr(index, "size", None) or size
            if known != size:
                raise ShapeError(f"the index {index} runs over {known} places, and over {size} "
                                 f"of {self.name}", culprit=self.name)  # fmt: skip
            if isinstance(index, IndexParameter):
                index.size = size
        return _applied(self.function, indices)


class RestParameter(Overloaded):
    """The value of a parameter annotated `Rest`: a scalar itself, or applied to indices."""

    def __init__(self, name: str) -> None:
        self.scalar = unknown(v.Rest(name))
        self.function = v.RestFunction(name)

    @property
    def tensor_node(self) -> Node:
        """The rest as a scalar, free of all bound indices."""
        return self.scalar

    def __getitem__(self, indices: Any) -> Node:
        return _applied(self.function, indices)


def _applied(function: Any, indices: Any) -> Node:
    chosen = indices if isinstance(indices, tuple) else (indices,)
    if not all(isinstance(i, IndexParameter) for i in chosen):
        raise RuleError("a function of a rule is applied to its indices", culprit=repr(indices))
    return unknown(function[tuple(i.axis for i in chosen)])


def _accepts_positive(term: Any) -> bool:
    return not getattr(term, "variables", True) and is_positive(term)


KINDS: dict[Any, Callable[[str], Any]] = {
    Real: lambda name: unknown(v.Variable(name)),
    Positive: lambda name: unknown(v.Variable(name, _accepts_positive)),
    Rest: RestParameter,
    Function: FunctionParameter,
    Index: IndexParameter,
}


def parameter(name: str, annotation: Any) -> Any:
    """Return what a rule's body is called with for a parameter.

    Raises:
        RuleError: the annotation is none of the kinds of variable.
    """
    if isinstance(annotation, Tensor):
        return TensorParameter(name, annotation.sizes)
    kind = KINDS.get(annotation)
    if kind is None:
        known = ", ".join([*(f"rw.{k.__name__}" for k in KINDS), 'rw.Tensor["n", "m"]'])
        raise RuleError(f"a rule's parameter is annotated with one of {known}", culprit=name)
    return kind(name)
