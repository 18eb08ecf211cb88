"""Pattern variables: what a pattern leaves open.

All of them are logic variables of logical-unification, so kanren's own goals take them. Variables
of one class, name and guard are one variable.

>>> x, = variables("x")
>>> x is Variable("x"), rest("r")
(True, r)
>>> from rewriter.matching import Function, Index
>>> e, i = Function("e"), Index("i")
>>> e[i]
e[i]
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

from unification.variable import LVarType, Var

from rewriter.matching.arithmetic import Arithmetic
from rewriter.matching.digest import digest_of_parts, digest_of_text
from rewriter.matching.index import Index
from rewriter.matching.protocol import (
    EMPTY,
    free_indices,
    is_index_expression,
    order_key,
    replace_indices,
    signature_of,
    variables_of,
)

__all__ = [
    "Abstraction",
    "Applied",
    "Function",
    "IndexVariable",
    "Kind",
    "Rest",
    "RestFunction",
    "Variable",
    "kind_of",
    "rest",
    "variables",
]

Guard = Callable[[Any], bool]
_interned: WeakValueDictionary[tuple[Any, ...], Any] = WeakValueDictionary()
_numbers = count()
_namesakes = count(1)


def _placeholder(variable: Any) -> Any:
    """Return what stands for a variable in a SymPy expression; SymPy asks for it."""
    from rewriter.matching.sympy_terms import Placeholder

    return Placeholder(variable)


class VariableType(LVarType):  # type: ignore[misc]
    """Gives each class of variables its own instance check (logical-unification's holds for every
    variable).
    """

    def __instancecheck__(cls, instance: object) -> bool:
        return type.__instancecheck__(cls, instance)


class Variable(Arithmetic, Var, metaclass=VariableType):  # type: ignore[misc]
    """Stands for one term: under an associative operator, for exactly one operand.

    Under an associative operator it therefore stands neither for a term of that operator nor for
    its unit.

    Args:
        name: how the variable is printed; a new name where None.
        accepts: a guard; terms for which it is False are not taken.

    Attributes:
        operator: None.
        operands: ().
    """

    __slots__ = ("accepts", "name", "namesake", "variables")

    operator = None
    operands = ()

    def __new__(cls, name: str | None = None, accepts: Guard | None = None) -> Any:
        """Return the variable of that name and guard."""
        if name is None:
            name = f"_{next(_numbers)}"
        key = (cls, name, accepts)
        found = _interned.get(key)
        if found is None:
            found = object.__new__(cls)
            found.token = found.name = name
            found.accepts = accepts
            found.namesake = 0 if accepts is None else next(_namesakes)
            found.variables = frozenset((found,))
            _interned[key] = found
        return found

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return str(self.name)

    __str__ = __repr__

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.name, self.accepts))

    def _sympy_(self) -> Any:
        return _placeholder(self)


class _Applicable(Variable):
    """A variable that may be applied to indices."""

    __slots__ = ()

    def __getitem__(self, arguments: Any) -> Applied:
        return Applied(self, arguments if isinstance(arguments, tuple) else (arguments,))


class Rest(_Applicable):
    """Stands, under an associative operator, for zero or more operands, combined by the operator.

    The unit stands for none; where no unit is declared, it stands for one or more. Elsewhere it
    stands for any term.
    """

    __slots__ = ()


class Function(_Applicable):
    """Stands for a term that may depend on indices: ``b[i]`` is a Miller pattern where i is bound
    around it.
    """

    __slots__ = ()


class RestFunction(Function):
    """A function that stands, under an associative operator, for zero or more operands."""

    __slots__ = ()


class IndexVariable(Variable):
    """Stands for an index or an index expression."""

    __slots__ = ()


class Applied(Arithmetic):
    """A function variable applied to indices, ``b[i, j]``.

    Args:
        function: a `Function`, `RestFunction` or `Rest`.
        arguments: indices, index variables or index expressions.
    """

    __slots__ = ("__weakref__", "arguments", "function", "indices", "variables")

    function: Variable
    arguments: tuple[Any, ...]
    variables: frozenset[Any]
    indices: frozenset[Index]

    def __new__(cls, function: Variable, arguments: tuple[Any, ...]) -> Applied:
        """Return the one object for this application."""
        key = (cls, function, arguments)
        found: Applied | None = _interned.get(key)
        if found is None:
            found = object.__new__(cls)
            found.function = function
            found.arguments = arguments
            found.variables = function.variables.union(*map(variables_of, arguments))
            found.indices = EMPTY.union(*map(free_indices, arguments))
            _interned[key] = found
        return found

    def _sympy_(self) -> Any:
        return _placeholder(self)

    def __repr__(self) -> str:
        return f"{self.function}[{', '.join(map(repr, self.arguments))}]"


class Kind(Enum):
    """How a pattern's operand is matched."""

    TERM = "by its operator and operands"
    ONE = "a variable for one term"
    MANY = "a variable for zero or more operands"
    APPLIED = "a function variable applied to indices"


_kinds: dict[type, Kind] = {}


def kind_of(pattern: Any) -> Kind:
    """Return how a pattern is matched."""
    pattern_type = type(pattern)
    kind = _kinds.get(pattern_type)
    if kind is None:
        kind = _kinds[pattern_type] = _kind_of_type(pattern_type)
    return kind


def _kind_of_type(pattern_type: type) -> Kind:
    if issubclass(pattern_type, Applied):
        return Kind.APPLIED
    if issubclass(pattern_type, Rest | RestFunction):
        return Kind.MANY
    return Kind.ONE if issubclass(pattern_type, Var) else Kind.TERM


class _Parameter(Index):
    """The index that stands for a parameter when abstractions are compared."""

    __slots__ = ()


_parameters: dict[int, _Parameter] = {}


class Abstraction:
    """What a function variable stands for: a term as a function of indices, ``λ i, j. body``.

    Two abstractions are equal when they differ by the names of their parameters only.

    Args:
        parameters: distinct indices.
        body: the term that they occur in.
    """

    __slots__ = ("_canonical", "body", "parameters")

    def __init__(self, parameters: tuple[Index, ...], body: Any) -> None:
        self.parameters = parameters
        self.body = body
        self._canonical: Any = None

    def __call__(self, *arguments: Any) -> Any:
        """Return the body with the parameters replaced by index expressions."""
        return replace_indices(self.body, dict(zip(self.parameters, arguments, strict=True)))

    @property
    def canonical(self) -> Any:
        """The body at parameters that all abstractions share."""
        if self._canonical is None:
            places = range(len(self.parameters))
            self._canonical = self(
                *(_parameters.setdefault(place, _Parameter(f"p{place}")) for place in places)
            )
        return self._canonical

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Abstraction):
            return NotImplemented
        return len(self.parameters) == len(other.parameters) and bool(
            self.canonical == other.canonical
        )

    def __hash__(self) -> int:
        return hash((len(self.parameters), self.canonical))

    def __repr__(self) -> str:
        return f"λ{', '.join(map(repr, self.parameters))}. {self.body!r}"


def variables(names: str, accepts: Guard | None = None) -> tuple[Variable, ...]:
    """Return one variable a name, names separated by blanks or commas."""
    return tuple(Variable(name, accepts) for name in names.replace(",", " ").split())


def rest(name: str, accepts: Guard | None = None) -> Rest:
    """Return a variable that takes zero or more operands."""
    return Rest(name, accepts)  # type: ignore[no-any-return]


@variables_of.register(Var)
def _(term: Var) -> frozenset[Any]:
    return frozenset((term,))


@variables_of.register(Variable)
@variables_of.register(Applied)
def _(term: Any) -> frozenset[Any]:
    variables: frozenset[Any] = term.variables
    return variables


@variables_of.register(Abstraction)
def _(term: Abstraction) -> frozenset[Any]:
    return variables_of(term.body)


@free_indices.register(Var)
def _(term: Var) -> frozenset[Index]:
    return EMPTY


@free_indices.register(Applied)
def _(term: Applied) -> frozenset[Index]:
    return term.indices


@free_indices.register(Abstraction)
def _(term: Abstraction) -> frozenset[Index]:
    return free_indices(term.body).difference(term.parameters)


@free_indices.register(Index)
def _(term: Index) -> frozenset[Index]:
    return frozenset((term,))


@replace_indices.register(Index)
@replace_indices.register(IndexVariable)
def _(term: Any, mapping: Any) -> Any:
    return mapping.get(term, term)


@replace_indices.register(Applied)
def _(term: Applied, mapping: Any) -> Any:
    return Applied(
        term.function, tuple(replace_indices(argument, mapping) for argument in term.arguments)
    )


@is_index_expression.register(IndexVariable)
def _(term: IndexVariable) -> bool:
    return True


@signature_of.register(Var)
@signature_of.register(Applied)
@signature_of.register(Index)
def _(term: Any) -> int:
    return 0


@order_key.register(Index)
def _(term: Index) -> tuple[int, str, int]:
    return (2, term.name, term.number)


@order_key.register(Var)
def _(term: Var) -> tuple[int, str, int]:
    return (3, str(term), digest_of_text(f"{type(term).__name__}/{getattr(term, 'namesake', 0)}"))


@order_key.register(Applied)
def _(term: Applied) -> tuple[int, str, int]:
    parts = (
        digest_of_parts((rank, digest_of_text(text), rest))
        for rank, text, rest in map(order_key, term.arguments)
    )
    return (4, str(term.function), digest_of_parts(tuple(parts)))
