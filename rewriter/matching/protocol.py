"""The protocol by which any class of terms joins: operators, and functions dispatched on a term's
type.

A class of terms registers with `operator_of` and `operands_of` and can be matched; one with binders
also with `open_binder`, `close_binder`, `replace_indices` and `free_indices`. All the others have
defaults that need only these.

>>> from rewriter.matching import Operator, constants
>>> a, b = constants("a b")
>>> plus = Operator("plus", associative=True, commutative=True)
>>> operator_of(plus(a, b)) is plus, operands_of(plus(b, a)), operator_of(a)
(True, (a, b), None)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial, reduce
from itertools import count
from operator import or_
from types import FunctionType, MethodType
from typing import Any, Protocol

from rewriter.errors import AttributeValueError
from rewriter.matching.digest import digest_of_text
from rewriter.matching.dispatching import dispatched
from rewriter.matching.folding import Plan, fold
from rewriter.matching.index import Index
from rewriter.matching.remembering import Memory

__all__ = [
    "Operator",
    "close_binder",
    "flatten",
    "free_indices",
    "fresh_index",
    "index_in_instance",
    "is_ground",
    "is_index_expression",
    "open_binder",
    "operands_of",
    "operator_of",
    "order_key",
    "rebuild",
    "replace_indices",
    "residual",
    "signature_of",
    "splits",
    "variables_of",
]

EMPTY: frozenset[Any] = frozenset()
_namesakes: dict[str, count[int]] = {}


class Operator:
    """A symbol with its equational laws; calling it builds a term.

    Operators are equal only to themselves. Laws that are declared together combine: A, C, AC, AU,
    ACU, ACI, ACUI.

    Args:
        name: how the operator is printed.
        associative: f(x, f(y, z)) = f(f(x, y), z); terms are kept flat.
        commutative: operands are a multiset.
        unit: a term e with f(x, e) = x, or a callable that returns it; None where there is none.
        idempotent: f(x, x) = x; needs both other laws.
        binder: the operands are in the scope of an index that this operator binds.
        constructor: builds a term from a tuple of operands; by default generic terms are built.

    Raises:
        AttributeValueError: for a combination of laws that makes no sense, or a name that is no
            text.
    """

    __slots__ = (
        "__weakref__",
        "_unit",
        "associative",
        "binder",
        "commutative",
        "constructor",
        "digest",
        "equational",
        "idempotent",
        "intern",
        "name",
    )

    def __init__(
        self,
        name: str,
        *,
        associative: bool = False,
        commutative: bool = False,
        unit: object = None,
        idempotent: bool = False,
        binder: bool = False,
        constructor: Callable[[tuple[Any, ...]], Any] | None = None,
    ) -> None:
        if not isinstance(name, str):
            raise AttributeValueError("an operator's name is a text", culprit=repr(name))
        if unit is not None and not associative:
            raise AttributeValueError("only an associative operator may have a unit", culprit=name)
        if idempotent and not (associative and commutative):
            raise AttributeValueError(
                "an idempotent operator must be associative and commutative", culprit=name
            )
        if binder and (associative or commutative):
            raise AttributeValueError(
                "a binder can be neither associative nor commutative", culprit=name
            )
        self.intern: Callable[[Operator, tuple[Any, ...]], Any] | None = None
        if constructor is None:
            from rewriter.matching.term import construct, intern

            constructor = construct(self)
            self.intern = intern
        self.name = name
        self.associative = associative
        self.commutative = commutative
        self.idempotent = idempotent
        self.binder = binder
        self.equational = associative or commutative
        self.constructor = constructor
        self.digest = digest_of_text(f"{name}/{next(_namesakes.setdefault(name, count()))}")
        self._unit = unit

    @property
    def unit(self) -> Any:
        """The unit term, or None."""
        if isinstance(self._unit, FunctionType | MethodType | partial):
            self._unit = self._unit()
        return self._unit

    def __call__(self, *operands: Any) -> Any:
        """Return the term of this operator with some operands."""
        return self.constructor(operands)

    def __repr__(self) -> str:
        return self.name

    def __copy__(self) -> Operator:
        return self

    def __deepcopy__(self, memory: Any) -> Operator:
        return self


@dispatched
def operator_of(term: Any) -> Operator | None:
    """Return the operator at a term's root; None for a leaf."""
    return None


@dispatched
def operands_of(term: Any) -> tuple[Any, ...]:
    """Return a term's operands, those of an associative operator flattened; () for a leaf."""
    return ()


@dispatched
def variables_of(term: Any) -> frozenset[Any]:
    """Return the pattern variables that occur in a term. By default: those of its operands."""
    return _union_over_leaves(term, variables_of)


@dispatched
def is_ground(term: Any) -> bool:
    """Whether a term has no variables. By default: as `variables_of` says."""
    return not variables_of(term)


@dispatched
def free_indices(term: Any) -> frozenset[Index]:
    """Return the indices that occur free in a term. By default: those of its operands."""
    return _union_over_leaves(term, free_indices)


@dispatched
def replace_indices(term: Any, mapping: Mapping[Any, Any]) -> Any:
    """Return the term with its free indices (and index variables) replaced as `mapping` says,
    capture avoided.
    """
    from rewriter.matching.substitution import replace_in_operands

    return replace_in_operands(term, mapping)


@dispatched
def open_binder(term: Any, index: Index) -> tuple[Any, ...]:
    """Return the operands of a binder's term, its bound index replaced by `index`."""
    raise NotImplementedError(f"{type(term).__name__} registers no open_binder")


@dispatched
def close_binder(term: Any, index: Index, operands: tuple[Any, ...]) -> Any:
    """Return a term with the binder of `term` that binds `index` in `operands`."""
    raise NotImplementedError(f"{type(term).__name__} registers no close_binder")


@dispatched
def fresh_index(term: Any) -> Index:
    """Return a new index fit to open a binder's term with (of the bound index's dimension, say)."""
    return Index("k")


@dispatched
def is_index_expression(term: Any) -> bool:
    """Whether an index variable may stand for this."""
    return isinstance(term, Index)


@dispatched
def order_key(term: Any) -> tuple[int, str, int]:
    """Return what operands are sorted by; it must not depend on the hash seed."""
    return (0, repr(term), digest_of_text(type(term).__name__))


@dispatched
def signature_of(term: Any) -> int:
    """Return a bit set of the operators and constants in a term: a part's is contained in the
    whole's, also where the part was taken out as a residual leaves it. By default leaves
    have no bit.
    """

    def plan(part: Any) -> Plan:
        """Return the parts to look at, and the signature given theirs."""
        if part is not term and signature_of.dispatch(type(part)) is not _signature_by_default:
            return (), lambda _: signature_of(part)
        known = _signatures.known(part)
        if known is not None:
            return (), lambda _: known
        operator = operator_of(part)
        if operator is None:
            return (), lambda _: 0
        own = bit(operator.digest)
        return operands_of(part), lambda below: _signatures.recall(
            part, lambda _: reduce(or_, below, own)
        )

    def work_out(whole: Any) -> int:
        found: int = fold(whole, plan)
        return found

    return 0 if operator_of(term) is None else _signatures.recall(term, work_out)


_signatures: Memory[int] = Memory()
_signature_by_default = signature_of.dispatch(object)


@dispatched
def index_in_instance(term: Any, substitution: Mapping[Any, Any]) -> Any:
    """Return an index to open a binder with whose variables are about to be replaced: that of
    `fresh_index`, but where indices have extents, of the extent that the substitution tells.
    """
    return fresh_index(term)


def bit(digest: int) -> int:
    """Return the bit that stands for a digest in a signature."""
    return 1 << (digest & 127)


def rebuild(term: Any, operands: Iterable[Any]) -> Any:
    """Return the term that has the operator of `term`, which is no binder, and these operands."""
    operator = operator_of(term)
    assert operator is not None
    return operator(*operands)


def flatten(operator: Operator, term: Any) -> tuple[Any, ...]:
    """Return the operands that a term contributes under an operator: none for its unit, its own
    where it has the operator at its root, else itself.
    """
    if operator_of(term) is operator and operator.associative:
        return operands_of(term)
    unit = operator.unit
    return () if unit is not None and term == unit else (term,)


class Residual(Protocol):
    """What is left of a subject's operand when a part is taken out of it."""

    def __call__(self, operator: Operator, subject_operand: Any, part: Any) -> Any:
        """Return the term r with ``subject_operand == operator(part, r)``, or None."""


class ResidualDispatch:
    """`residual(operator, subject_operand, part)`, dispatched on the type of the subject's operand.

    A theory that writes exp(a)·exp(b) as exp(a + b) registers how such an operand is split again.
    The part has no variables. Where nothing is registered the answer is None.
    """

    def __init__(self) -> None:
        self._registered: dict[type, Residual] = {}
        self._tests: dict[type, Callable[[Operator, Any], bool]] = {}

    def register(
        self, subject_type: type, test: Callable[[Operator, Any], bool] | None = None
    ) -> Callable[[Residual], Residual]:
        """Return a decorator that registers a splitter for that type of operand.

        ``test(operator, operand)`` says which operands of that type are ever split; all by default.
        """

        def decorate(splitter: Residual) -> Residual:
            """Register a splitter, and return it."""
            self._registered[subject_type] = splitter
            if test is not None:
                self._tests[subject_type] = test
            return splitter

        return decorate

    def __call__(self, operator: Operator, subject_operand: Any, part: Any) -> Any:
        splitter = self.splitter(type(subject_operand))
        return None if splitter is None else splitter(operator, subject_operand, part)

    def applies(self, operator: Operator, operand: Any) -> bool:
        """Whether an operand is ever split under an operator."""
        for base in type(operand).__mro__:
            if base in self._registered:
                test = self._tests.get(base)
                return test is None or test(operator, operand)
        return False

    def splitter(self, subject_type: type) -> Residual | None:
        """Return what is registered for a type or for one of its bases, or None."""
        if not self._registered:
            return None
        for base in subject_type.__mro__:
            if base in self._registered:
                return self._registered[base]
        return None


residual = ResidualDispatch()


def splits(operator: Operator, term: Any) -> bool:
    """Whether a residual is registered for a term under an operator at all."""
    return residual.applies(operator, term)


def _union_over_leaves(term: Any, function: Any) -> frozenset[Any]:
    default = function.dispatch(object)

    def plan(part: Any) -> Plan:
        if part is not term and function.dispatch(type(part)) is not default:
            return (), lambda _: function(part)
        return operands_of(part), lambda below: EMPTY.union(*below)

    found: frozenset[Any] = fold(term, plan)
    return found
