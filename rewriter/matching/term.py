"""Generic terms: constants and applications of operators, one object a term.

Terms are hash-consed modulo their operators' laws, so equality modulo the laws is identity.

>>> from rewriter.matching import Operator, constants
>>> a, b, c, zero = constants("a b c zero")
>>> plus = Operator("plus", associative=True, commutative=True, unit=zero)
>>> plus(c, plus(b, a))
plus(a, b, c)
>>> plus(a, plus(b, c)) is plus(b, c, a), plus(a, zero) is a
(True, True)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from operator import is_
from types import NoneType
from typing import Any, NamedTuple
from weakref import WeakValueDictionary, ref

from rewriter.errors import PatternError
from rewriter.matching.digest import digest_of_parts, digest_of_text
from rewriter.matching.index import Index, bound_index
from rewriter.matching.protocol import (
    EMPTY,
    Operator,
    bit,
    close_binder,
    flatten,
    free_indices,
    fresh_index,
    is_ground,
    open_binder,
    operands_of,
    operator_of,
    order_key,
    replace_indices,
    signature_of,
    variables_of,
)

__all__ = ["Constant", "Term", "constants", "construct", "intern"]


class Attributes(NamedTuple):
    """What is known about a term from its operands, computed when first asked for.

    Where there are many variables, not each term keeps them: they are None, and collected.
    """

    variables: frozenset[Any] | None
    indices: frozenset[Index]
    height: int
    signature: int
    key: tuple[int, str, int]


_MANY = 256
"""So many variables a term keeps; a nest of terms with one more each would keep them squared."""

_SORTED_BY = 4
"""Terms of one operator are sorted by so many of their operands, as a person would sort them."""

_LONGEST_KEY = 60
"""And by so many characters; what is alike until then, by digests."""

_constants: WeakValueDictionary[str, Constant] = WeakValueDictionary()


class Constant:
    """A symbol without operands; constants of one name are one object.

    Args:
        name: how the constant is printed.

    Attributes:
        operator: None.
        operands: ().
    """

    __slots__ = ("__weakref__", "attributes", "digest", "name")

    name: str
    digest: int
    attributes: Attributes
    operator = None
    operands = ()

    def __new__(cls, name: str) -> Constant:
        """Return the constant of that name."""
        found = _constants.get(name)
        if found is None:
            found = object.__new__(cls)
            found.name = name
            found.digest = digest_of_text(name)
            own = digest_of_parts((1, found.digest, 0))
            found.attributes = Attributes(EMPTY, EMPTY, 0, bit(found.digest), (1, name, own))
            _constants[name] = found
        return found

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[Any, ...]:
        return (Constant, (self.name,))


def constants(names: str) -> tuple[Constant, ...]:
    """Return one constant a name, names separated by blanks or commas."""
    return tuple(map(Constant, names.replace(",", " ").split()))


class Term:
    """An operator applied to operands; built by calling the operator.

    Args:
        operator: the symbol at the root.
        operands: flat, in canonical order, without units, as the operator's laws have it.
    """

    __slots__ = ("__weakref__", "_attributes", "operands", "operator")

    def __init__(self, operator: Operator, operands: tuple[Any, ...]) -> None:
        self.operator = operator
        self.operands = operands
        self._attributes: Attributes | None = None

    @property
    def attributes(self) -> Attributes:
        """Variables, free indices, binder height, signature and sort key of this term."""
        if self._attributes is None:
            stack = [self]
            while stack:
                term = stack[-1]
                missing = [
                    each
                    for each in term.operands
                    if type(each) is Term and each._attributes is None
                ]
                if missing:
                    stack.extend(missing)
                else:
                    stack.pop()
                    if term._attributes is None:
                        term._attributes = _attributes_from_operands(term)
        assert self._attributes is not None
        return self._attributes

    def __repr__(self) -> str:
        pieces: list[str] = []
        stack: list[Any] = [self]
        while stack:
            item = stack.pop()
            if type(item) is not Term:
                pieces.append(item if type(item) is str else repr(item))
                continue
            stack.append(")")
            for place, operand in enumerate(reversed(item.operands)):
                stack.extend((", ", _printable(operand)) if place else (_printable(operand),))
            if item.operator.binder:
                stack.append(f"{bound_index(item.attributes.height)}: ")
            stack.append(f"{item.operator.name}(")
        return "".join(pieces)

    def __copy__(self) -> Term:
        return self

    def __deepcopy__(self, memory: Any) -> Term:
        return self


def _printable(operand: Any) -> Any:
    return repr(operand) if type(operand) is str else operand


def _attributes_from_operands(term: Term) -> Attributes:
    operator = term.operator
    variables: set[frozenset[Any] | None] = set()
    indices: frozenset[Index] = EMPTY
    height = 0
    signature = bit(operator.digest)
    digests = [operator.digest]
    texts: list[str] = []
    for operand in term.operands:
        if type(operand) is Term:
            below = operand._attributes
            assert below is not None
        else:
            below = _attributes_of_leaf(operand)
        if below.variables != EMPTY:
            variables.add(below.variables)
        if below.indices:
            indices = indices | below.indices if indices else below.indices
        height = max(height, below.height)
        signature |= below.signature
        digests.append(below.key[2])
        if len(texts) < _SORTED_BY:
            texts.append(below.key[1])
    if operator.binder:
        height += 1
        indices = indices - {bound_index(height)}
    text = f"{operator.name}({', '.join(texts)}"[:_LONGEST_KEY]
    key = (5, text, digest_of_parts(tuple(digests)))
    return Attributes(_union(variables), indices, height, signature, key)


def _union(sets: set[frozenset[Any] | None]) -> frozenset[Any] | None:
    """Return the union of what operands have; None where it is large, or some of it unknown."""
    if len(sets) < 2:
        return sets.pop() if sets else EMPTY
    if None in sets:
        return None
    union = EMPTY.union(*(each for each in sets if each is not None))
    return union if len(union) <= _MANY else None


def _collected(term: Term) -> frozenset[Any]:
    """Return the variables of a term that does not keep them."""
    found: set[Any] = set()
    seen: set[Term] = set()
    stack = [term]
    while stack:
        for operand in stack.pop().operands:
            known = variables_of(operand) if type(operand) is not Term else _kept(operand)
            if known is not None:
                found |= known
            elif operand not in seen:
                seen.add(operand)
                stack.append(operand)
    return frozenset(found)


def _kept(term: Term) -> frozenset[Any] | None:
    return term.attributes.variables


def _attributes_of_leaf(leaf: Any) -> Attributes:
    if type(leaf) is Constant:
        return leaf.attributes
    rank, text, digest = order_key(leaf)
    digest = digest_of_parts((rank, digest_of_text(text), digest))
    return Attributes(
        variables_of(leaf), free_indices(leaf), 0, signature_of(leaf), (rank, text, digest)
    )


_terms: dict[tuple[Any, ...], Callable[[], Term | None]] = {}
_none: Callable[[], None] = NoneType


def intern(operator: Operator, operands: tuple[Any, ...]) -> Term:
    """Return the one term with these operands, which must be in canonical form already."""
    key: tuple[Any, ...] = (operator, operands)
    try:
        found = _terms.get(key, _none)()
    except TypeError as error:
        raise PatternError("an operand must be hashable", culprit=operands) from error
    if found is not None and not _are_alike(found.operands, operands):  # 1 == True
        key = (operator, operands, *map(type, operands))
        found = _terms.get(key, _none)()
    if found is None:
        found = Term(operator, operands)
        _terms[key] = ref(found, partial(_forget, key))
    return found


def _are_alike(operands: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    return all(map(is_, operands, others)) or all(map(is_, map(type, operands), map(type, others)))


def _forget(key: tuple[Any, ...], dead: ref[Term]) -> None:
    if _terms.get(key) is dead:
        del _terms[key]


def construct(operator: Operator) -> Callable[[tuple[Any, ...]], Any]:
    """Return the constructor of an operator's generic terms: it brings them into canonical form."""

    def constructor(operands: tuple[Any, ...]) -> Any:
        """Return the term of some operands in canonical form."""
        if operator.binder:
            return _bind(operator, operands)
        if operator.associative:
            flat: list[Any] = []
            for operand in operands:
                flat.extend(flatten(operator, operand))
            operands = tuple(flat)
        if operator.commutative:
            operands = tuple(sorted(operands, key=order_key))
        if operator.idempotent:
            operands = tuple(dict.fromkeys(operands))
        if operator.associative and len(operands) < 2:
            return _short(operator, operands)
        return intern(operator, operands)

    return constructor


def _short(operator: Operator, operands: tuple[Any, ...]) -> Any:
    if operands:
        return operands[0]
    if operator.unit is None:
        raise PatternError(
            "an associative operator without a unit needs an operand", culprit=operator
        )
    return operator.unit


def _bind(operator: Operator, operands: tuple[Any, ...]) -> Term:
    index, *bodies = operands
    height = 1 + max((_height(body) for body in bodies), default=0)
    mapping = {index: bound_index(height)}
    return intern(operator, tuple(replace_indices(body, mapping) for body in bodies))


def _height(term: Any) -> int:
    return term.attributes.height if type(term) is Term else 0


@operator_of.register(Term)
def _(term: Term) -> Operator:
    return term.operator


@operands_of.register(Term)
def _(term: Term) -> tuple[Any, ...]:
    return term.operands


@variables_of.register(Constant)
@free_indices.register(Constant)
def _(term: Constant) -> frozenset[Any]:
    return EMPTY


@is_ground.register(Constant)
def _(term: Constant) -> bool:
    return True


@variables_of.register(Term)
def _(term: Term) -> frozenset[Any]:
    kept = term.attributes.variables
    return _collected(term) if kept is None else kept


@is_ground.register(Term)
def _(term: Term) -> bool:
    return term.attributes.variables == EMPTY


@free_indices.register(Term)
def _(term: Term) -> frozenset[Index]:
    return term.attributes.indices


@signature_of.register(Term)
def _(term: Term) -> int:
    return term.attributes.signature


@signature_of.register(Constant)
def _(term: Constant) -> int:
    return term.attributes.signature


@order_key.register(Constant)
def _(term: Constant) -> tuple[int, str, int]:
    return term.attributes.key


@order_key.register(Term)
def _(term: Term) -> tuple[int, str, int]:
    return term.attributes.key


@open_binder.register(Term)
def _(term: Term, index: Index) -> tuple[Any, ...]:
    mapping = {bound_index(term.attributes.height): index}
    return tuple(replace_indices(operand, mapping) for operand in term.operands)


@close_binder.register(Term)
def _(term: Term, index: Index, operands: tuple[Any, ...]) -> Any:
    return term.operator(index, *operands)


@fresh_index.register(Term)
def _(term: Term) -> Index:
    return bound_index(term.attributes.height).fresh()


@replace_indices.register(Term)
def _(term: Term, mapping: Mapping[Any, Any]) -> Any:
    from rewriter.matching.substitution import replace_in_operands

    return replace_in_operands(term, mapping)
