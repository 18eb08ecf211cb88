"""Terms as text, in the notation of mathematics: ``exp(x[i]) · (Σ_j exp(x[j]))^-1``."""

from __future__ import annotations

from typing import Any

from rewriter.graph import operators as o
from rewriter.graph.node import Node
from rewriter.matching.variable import Applied
from rewriter.terms import legend
from rewriter.terms.factors import bare_power
from rewriter.terms.index import Affine, Axis, Data
from rewriter.terms.rational import Rational, absolute
from rewriter.terms.term import (
    UNIT,
    Application,
    AtMost,
    Binder,
    BoundMaximum,
    BoundSum,
    Cases,
    Combination,
    Delta,
    Distinct,
    Element,
    Evaluated,
    Inverse,
    Pattern,
    Product,
    Size,
    Special,
    Term,
    Truth,
    Within,
)  # fmt: skip

LONGEST_FORMULA = 24
"""Formulas up to this length stand in a term as they are."""

LETTERS = {"~sum": "STUVW", "~max": "MNKL"}
"""What named pieces are called in a text."""

MOST_NODES = 12
"""Formulas of more nodes than this are too long for a term in any case."""


def notation(term: Term) -> str:
    """Return a term as text."""
    return _text(term)


def _text(term: Any) -> str:
    if isinstance(term, Combination):
        return _combination(term)
    if isinstance(term, Product):
        return _product(term)
    return str(_ATOMS[type(term)](term))


def _whole(term: Any) -> str:
    """A term between brackets that are there anyway: a sum needs none of its own."""
    if isinstance(term, Combination) and len(term.products) == 1:
        (product,) = term.products
        if product.coefficient == 1 and not product.exponent.products and len(product.factors) == 1:
            base, q = product.factors[0]
            return _text(base) if q == 1 and isinstance(base, Binder) else _text(term)
    return _text(term)


def _combination(term: Combination) -> str:
    if not term.products:
        return "0"
    text = ""
    for product in term.products:
        piece = _product(product)
        if text:
            text += f" - {piece[1:]}" if piece.startswith("-") else f" + {piece}"
        else:
            text = piece
    return text


def _product(product: Product) -> str:
    factors = [bare_power(base, q) for base, q in product.factors]
    above = [_factor(base, q) for base, q in factors if q > 0]
    below = [_factor(base, q) for base, q in factors if q < 0]
    if product.exponent.products:
        above.insert(0, f"exp({_combination(product.exponent)})")
    pieces = above + below
    c = product.coefficient
    if not pieces:
        return str(c)
    sign = "-" if c < 0 else ""
    size = absolute(c)
    if sign and size == 1 and pieces[0].startswith("-"):
        pieces[0] = f"({pieces[0]})"
    return sign + " · ".join(([_rational(size)] if size != 1 else []) + pieces)


def _rational(value: Rational) -> str:
    if value.denominator == 1:
        return str(value)
    return str(value) if value.denominator < 1000 else f"{float(value):.6g}"


def _factor(base: Term, q: Rational) -> str:
    text = _text(base)
    if isinstance(base, (Combination, BoundSum)) and not isinstance(base, Evaluated):
        text = f"({text})"
    return text if q == 1 else f"{text}^{q}" if q.denominator == 1 else f"{text}^({q})"


def index_text(index: Any) -> str:
    """Return an index expression as text."""
    if isinstance(index, Axis):
        names = legend.current()
        if index.level:
            return (names.bound_letter if names else legend.bound_letter)(index.level)
        return names.axis(index) if names else str(index)
    if isinstance(index, Affine):
        base = index_text(index.base)
        scaled = base if index.step == 1 else f"{index.step}·{base}"
        return f"{scaled}+{index.offset}".replace("+-", "-").removesuffix("+0")
    if isinstance(index, Data):
        return _read(index.node, index.indices)
    return str(index)


def _element(term: Any) -> str:
    meant = _alias(term) if legend.current() else None
    return _read(term.node, term.indices) if meant is None else _text(meant)


def _alias(term: Element) -> Term | None:
    """The element that a named piece is, where it is no more than that."""
    from rewriter.terms.functions import without_stop
    from rewriter.terms.naming import meaning_of

    meant = meaning_of(term)
    inner = None if meant is None else without_stop(meant)
    return inner if isinstance(inner, Element) else None


def _read(node: Node, indices: Any) -> str:
    """A tensor read at indices."""
    names = legend.current()
    name = _short_name(node) if names else _long_name(node)
    if names and name is None:
        name = names.tensor(node, LETTERS.get(_named(node)[:4], ""))
    places = ", ".join(index_text(e) for e in indices)
    return f"{name}[{places}]" if places else str(name)


def _named(node: Node) -> str:
    return str(node.attribute("name") or "")


def _short_name(node: Node) -> str | None:
    """A tensor's own name; of a scalar, or of what is one call of a name, its formula."""
    if node.operator is o.INPUT:
        return None if _named(node).startswith("~") else _named(node)
    formula = _formula(node)
    if formula is None or len(formula) > LONGEST_FORMULA:
        return None
    is_call = formula.endswith(")") and formula.count("(") == 1
    return formula if is_call or node.operator is o.CONSTANT else None


def _long_name(node: Node) -> str:
    if node.attribute("name") is not None:
        return _named(node)
    name = _formula(node)
    if name is None or len(name) > 40:
        return f"({node.operator.name} …)"
    return name if len(name) <= LONGEST_FORMULA and name.isidentifier() else f"({name})"


def _is_small(node: Node) -> bool:
    """It is made of few nodes; counted from above, since below it there may be a whole program."""
    found, stack = {node}, [node]
    while stack and len(found) <= MOST_NODES:
        more = [p for p in stack.pop().operands if p not in found]
        found.update(more)
        stack += more
    return len(found) <= MOST_NODES


def _formula(node: Node) -> str | None:
    """The formula of a tensor, where that is one short line."""
    from rewriter.text.printing import pprint

    if not _is_small(node):
        return None
    formula = pprint(node)
    return None if "\n" in formula else formula


def _unknown(variable: Any) -> str:
    """A pattern variable, or a function variable at indices."""
    if not isinstance(variable, Applied):
        return str(variable)
    return f"{variable.function}[{', '.join(map(index_text, variable.arguments))}]"


def _bound(symbol: str) -> Any:
    def text(term: Any) -> str:
        if term.axis is None:
            return f"({_text(term.body)})"
        return f"{symbol}_{index_text(term.axis)} {_text(term.body)}"

    return text


def _maximum(term: Any) -> str:
    where = "" if term.support is UNIT else f" where {_text(term.support)}"
    return f"max_{index_text(term.axis)}({_text(term.body)}{where})"


def _application(term: Any) -> str:
    if term.operator is o.STOP_GRADIENT and legend.current():
        return _whole(term.arguments[0])
    return f"{term.operator.name}({', '.join(map(_whole, term.arguments))})"


_COMPARISONS = {
    o.LESS: "<", o.LESS_EQUAL: "<=", o.GREATER: ">", o.GREATER_EQUAL: ">=", o.EQUAL: "=",
}  # fmt: skip


def _asked(term: Any) -> str:
    if isinstance(term, Element):
        return _element(term)
    symbol = _COMPARISONS.get(term.operator)
    return f" {symbol} ".join(map(_text, term.arguments)) if symbol else _application(term)


_ATOMS: dict[type, Any] = {
    Element: _element,
    Truth: lambda t: f"[{'not ' if t.negated else ''}{_asked(t.element)}]",
    Delta: lambda t: f"δ({index_text(t.parts[0])}, {index_text(t.parts[1])})",
    Distinct: lambda t: f"[{index_text(t.parts[0])} ≠ {index_text(t.parts[1])}]",
    AtMost: lambda t: f"[{index_text(t.parts[0])} ≤ {index_text(t.parts[1])}]",
    Within: lambda t: f"[{t.parts[1]} <= {index_text(t.parts[0])} < {t.parts[2]}]",
    Size: lambda t: str(t.parts[0]),
    Special: lambda t: str(t.parts[0]),
    Pattern: lambda t: _unknown(t.parts[0]),
    BoundSum: _bound("Σ"),
    Evaluated: _bound("Σ"),
    BoundMaximum: _maximum,
    Cases: lambda t: f"({', '.join(map(_text, t.parts[1]))})[{index_text(t.parts[0])}]",
    Application: _application,
    Inverse: lambda t: _factor(t.parts[0], -1),
}
