"""The classes of terms, hash-consed: equal terms are the same object.

A value is a `Combination`, a sum of `Product`s; a product is
``coefficient · Π factor^power · exp(exponent)``, its factors `Atom`s or, as factors that are not
multiplied out, combinations; its exponent is a combination again.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from rewriter.graph.node import Node
from rewriter.matching.digest import digest_of_parts, digest_of_text
from rewriter.terms.digests import digest, node_digest
from rewriter.terms.index import Axis, IndexExpression, axes_in
from rewriter.terms.interning import Interned
from rewriter.terms.rational import Rational

NOTHING: frozenset[Any] = frozenset()


class Term(Interned):
    """What all terms have.

    Attributes:
        free: the axes that occur free.
        level: the highest level of a binder in it, or in what a name in it stands for.
        wild: it holds an exponential whose size nothing bounds.
        variables: the pattern variables in it.
    """

    __slots__ = ("__dict__", "free", "level", "variables", "wild")

    free: frozenset[Axis]
    level: int
    wild: bool
    variables: frozenset[Any]

    def _describe(self) -> None:
        """Set free, level, wild and variables from the parts."""
        self.gather([p for p in self.parts if isinstance(p, Term)])

    def gather(self, children: Iterable[Term], indices: Iterable[Any] = ()) -> None:
        """Set free, level, wild and variables from child terms and index expressions."""
        free: frozenset[Axis] = NOTHING
        variables: frozenset[Any] = NOTHING
        level, wild = 0, False
        for child in children:
            free = free | child.free if child.free else free
            variables = variables | child.variables if child.variables else variables
            level, wild = max(level, child.level), wild or child.wild
        for expression in indices:
            free |= axes_in(expression)
            variables |= getattr(expression, "variables", NOTHING)
        self.free, self.level, self.wild, self.variables = free, level, wild, variables

    @cached_property
    def order(self) -> tuple[int, str, int]:
        """What terms are sorted by: rank, readable name, digest; the same in every process."""
        return (
            50,
            type(self).__name__,
            digest_of_parts((digest_of_text(type(self).__name__), *self.digests())),
        )

    def digests(self) -> list[int]:
        """Return the digests of the parts."""
        return [digest(part) for part in self.parts]

    def __repr__(self) -> str:
        from rewriter.terms.notation import notation

        return notation(self)


@digest.register
def _(part: Term) -> int:
    return part.order[2]


class Atom(Term):
    """A term that products hold as a factor and that the theory does not take apart."""

    __slots__ = ()


class Element(Atom):
    """``x[i, j]``: a tensor node read at index expressions."""

    __slots__ = ()

    @property
    def node(self) -> Node:
        """The tensor."""
        return self.parts[0]  # type: ignore[no-any-return]

    @property
    def indices(self) -> tuple[IndexExpression, ...]:
        """One index expression for each axis."""
        return self.parts[1]  # type: ignore[no-any-return]

    def _describe(self) -> None:
        self.gather((), self.parts[1])
        self.level = self.node.attribute("level") or 0

    @cached_property
    def order(self) -> tuple[int, str, int]:
        """By name first, then by structure."""
        name = str(self.node.attribute("name") or "~" + self.node.operator.name)
        places = [digest(index) for index in self.indices]
        return (10, name, digest_of_parts((node_digest(self.node), *places)))


class Truth(Atom):
    """An indicator: 1 where a boolean tensor holds (or, negated, does not), else 0.

    In rules, and where a rule compares, a comparison of terms stands in the tensor's place.
    """

    __slots__ = ()

    @property
    def element(self) -> Element | Application:
        """The boolean tensor, read at indices, or the comparison."""
        return self.parts[0]  # type: ignore[no-any-return]

    @property
    def negated(self) -> bool:
        """It is 1 where the tensor does not hold."""
        return self.parts[1]  # type: ignore[no-any-return]


class Delta(Atom):
    """Kronecker's delta: 1 where two index expressions are equal, else 0."""

    __slots__ = ()

    def _describe(self) -> None:
        self.gather((), self.parts)


class Distinct(Atom):
    """The opposite of a delta: 1 where two index expressions differ, else 0."""

    __slots__ = ()

    def _describe(self) -> None:
        self.gather((), self.parts)


class AtMost(Atom):
    """1 where the first index expression is no greater than the second, else 0."""

    __slots__ = ()

    def _describe(self) -> None:
        self.gather((), self.parts)


class Within(Atom):
    """1 where an index expression lies in ``[low, high)``, else 0."""

    __slots__ = ()

    def _describe(self) -> None:
        self.gather((), self.parts[:1])


INDICATORS = (Truth, Delta, Distinct, AtMost, Within)
"""The factors that are 1 or 0."""


class Size(Atom):
    """The number of places of a named dimension."""

    __slots__ = ()


class Special(Atom):
    """A constant that is no rational: inf, -inf or nan."""

    __slots__ = ()


class Pattern(Atom):
    """A pattern variable, or a function variable applied to indices."""

    __slots__ = ()

    def _describe(self) -> None:
        (unknown,) = self.parts
        self.gather(())
        self.free = frozenset(i for i in getattr(unknown, "indices", ()) if isinstance(i, Axis))
        self.variables = unknown.variables


class Binder(Atom):
    """What binds an axis in a body; parts are these two, and what else there is."""

    __slots__ = ()

    @property
    def axis(self) -> Axis:
        """The placeholder that is bound."""
        return self.parts[0]  # type: ignore[no-any-return]

    @property
    def body(self) -> Any:
        """What is summed, or maximised."""
        return self.parts[1]

    def _describe(self) -> None:
        self.gather(self.parts[1:])
        self.free = self.free - {self.parts[0]}
        self.level = max(self.level, self.parts[0].level)


class BoundSum(Binder):
    """``Σ_j body``: parts are the bound axis and the body, a product that depends on it."""

    __slots__ = ()


class BoundMaximum(Binder):
    """``max_j body`` over the j where ``support`` is not 0: parts are axis, body and support."""

    __slots__ = ()

    @property
    def support(self) -> Combination:
        """What is not 0 where the body takes part; UNIT where all of it does."""
        return self.parts[2]  # type: ignore[no-any-return]

    def _describe(self) -> None:
        super()._describe()
        self.wild = False


class Evaluated(BoundSum):
    """``Σ_j body``, computed as it stands: nothing is lifted out. The axis may be None."""

    __slots__ = ()

    def _describe(self) -> None:
        self.gather([self.parts[1]])
        if self.parts[0] is not None:
            self.free = self.free - {self.parts[0]}
            self.level = max(self.level, self.parts[0].level)
        self.wild = False


class Cases(Atom):
    """One of several terms, chosen by an axis: ``(a, b, c)[k]``; finite sums bind k."""

    __slots__ = ()

    def _describe(self) -> None:
        self.gather(self.parts[1])
        self.free = self.free | {self.parts[0]}


class Application(Atom):
    """A function of terms that the theory has no law for here: ``log(1 + x)``, ``max(x, y)``."""

    __slots__ = ()

    @property
    def operator(self) -> Any:
        """The primitive applied."""
        return self.parts[0]

    @property
    def arguments(self) -> tuple[Combination, ...]:
        """What it is applied to."""
        return self.parts[1]  # type: ignore[no-any-return]

    def _describe(self) -> None:
        self.gather(self.parts[1])
        self.wild = False


class Inverse(Atom):
    """``1 / base`` of a base not proved to differ from 0: ``x / x`` does not cancel."""

    __slots__ = ()


class Product(Term):
    """``coefficient · Π factor^power · exp(exponent)``: parts are those three."""

    __slots__ = ()

    @property
    def coefficient(self) -> Rational:
        """A rational number, not 0 within a combination."""
        return self.parts[0]  # type: ignore[no-any-return]

    @property
    def factors(self) -> tuple[tuple[Term, Rational], ...]:
        """(base, power) pairs, sorted; no base twice, no power 0."""
        return self.parts[1]  # type: ignore[no-any-return]

    @property
    def exponent(self) -> Combination:
        """The λ of exp(λ); ZERO where there is none."""
        return self.parts[2]  # type: ignore[no-any-return]

    def _describe(self) -> None:
        self.gather(
            [
                *(base for base, _ in self.factors),
                *([self.exponent] if self.parts[2].products else ()),
            ]
        )
        self.wild = bool(self.exponent.products) or any(base.wild for base, _ in self.factors)

    @cached_property
    def place(self) -> tuple[int, str, int]:
        """What summands are sorted by, whatever their coefficients: a sum keeps its order negated.

        By the first factor, exponentials last.
        """
        parts = [self.exponent.order[2]]
        for base, power in self.factors:
            parts += [base.order[2], digest_of_text(str(power))]
        rank, name = (90, "exp") if self.exponent.products else (0, "")
        if self.factors:
            rank, name = self.factors[0][0].order[:2]
        return (rank, name, digest_of_parts(tuple(parts)))

    @cached_property
    def order(self) -> tuple[int, str, int]:
        """By place, then by coefficient."""
        rank, name, digest = self.place
        return (rank, name, digest_of_parts((digest_of_text(str(self.coefficient)), digest)))

    @property
    def monomial(self) -> Product:
        """The product with coefficient 1; one that has another coefficient keeps it."""
        coefficient, factors, exponent = self.parts
        if coefficient == 1:
            return self
        known: Product | None = self.__dict__.get("of_coefficient_one")
        if known is None:
            known = self.__dict__["of_coefficient_one"] = Product.make(ONE, factors, exponent)
        return known

    def has(self, base: Term) -> bool:
        """Tell whether that is one of its factors."""
        return any(factor is base for factor, _ in self.factors)

    def without(self, base: Term) -> Product:
        """The product without that factor."""
        kept = tuple(factor for factor in self.factors if factor[0] is not base)
        return Product.make(self.coefficient, kept, self.exponent)

    @property
    def opposite(self) -> Product:
        """The product with the opposite coefficient."""
        return Product.make(-self.coefficient, self.factors, self.exponent)


class Combination(Term):
    """A sum of products with different monomials; its one part is their sorted tuple."""

    __slots__ = ()

    @property
    def products(self) -> tuple[Product, ...]:
        """The summands."""
        return self.parts[0]  # type: ignore[no-any-return]

    def _describe(self) -> None:
        self.gather(self.parts[0])

    @cached_property
    def by_monomial(self) -> dict[Product, Product]:
        """The summands, each by its monomial."""
        return {product.monomial: product for product in self.products}

    @cached_property
    def order(self) -> tuple[int, str, int]:
        """By the first summand."""
        products = self.products
        rank, name = products[0].order[:2] if products else (0, "")
        return (rank, name, digest_of_parts(tuple(p.order[2] for p in products)))


ONE = 1
ZERO: Combination = Combination.make(())
UNIT_PRODUCT: Product = Product.make(ONE, (), ZERO)
UNIT: Combination = Combination.make((UNIT_PRODUCT,))
MINUS_INFINITY: Special = Special.make("-inf")
