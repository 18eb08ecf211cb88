"""Terms as text, in the notation of mathematics: ``exp(x[i]) · (Σ_j exp(x[j]))^-1``."""

from __future__ import annotations

from typing import Any

from rewriter.terms.index import Axis
from rewriter.terms.rational import Rational, absolute
from rewriter.terms.term import (
    UNIT,
    Application,
    AtMost,
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

_LETTERS = "ijklmnpqrst"


def notation(term: Term) -> str:
    """Return a term as text."""
    return _text(term)


def _text(term: Any) -> str:
    if isinstance(term, Combination):
        return _combination(term)
    if isinstance(term, Product):
        return _product(term)
    return str(_ATOMS[type(term)](term))


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
    above = [_factor(base, q) for base, q in product.factors if q > 0]
    below = [_factor(base, q) for base, q in product.factors if q < 0]
    if product.exponent.products:
        above.insert(0, f"exp({_combination(product.exponent)})")
    pieces = above + below
    c = product.coefficient
    if not pieces:
        return str(c)
    sign = "-" if c < 0 else ""
    size = absolute(c)
    return sign + " · ".join(([_rational(size)] if size != 1 else []) + pieces)


def _rational(value: Rational) -> str:
    if value.denominator == 1:
        return str(value)
    return str(value) if value.denominator < 1000 else f"{float(value):.6g}"


def _factor(base: Term, q: Rational) -> str:
    text = _text(base)
    if isinstance(base, (Combination, BoundSum)) and not isinstance(
        base, (BoundMaximum, Evaluated)
    ):
        text = f"({text})"
    return text if q == 1 else f"{text}^{q}" if q.denominator == 1 else f"{text}^({q})"


def index_text(index: Any) -> str:
    """Return an index expression as text."""
    if isinstance(index, Axis) and index.level:
        return _LETTERS[index.level % len(_LETTERS)]
    return str(index)


def _element(term: Any) -> str:
    node = term.node
    name = node.attribute("name")
    if name is None:
        from rewriter.text.printing import pprint

        name = pprint(node)
        if len(name) > 24 or not name.isidentifier():
            name = f"({name})" if len(name) <= 40 else f"({node.operator.name} …)"
    places = ", ".join(index_text(e) for e in term.indices)
    return f"{name}[{places}]" if places else str(name)


def _bound(symbol: str) -> Any:
    def text(term: Any) -> str:
        if term.axis is None:
            return f"({_text(term.body)})"
        return f"{symbol}_{index_text(term.axis)} {_text(term.body)}"

    return text


def _maximum(term: Any) -> str:
    where = "" if term.support is UNIT else f" where {_text(term.support)}"
    return f"max_{index_text(term.axis)}({_text(term.body)}{where})"


_ATOMS: dict[type, Any] = {
    Element: _element,
    Truth: lambda t: f"[{'not ' if t.negated else ''}{_element(t.element)}]",
    Delta: lambda t: f"δ({index_text(t.parts[0])}, {index_text(t.parts[1])})",
    Distinct: lambda t: f"[{index_text(t.parts[0])} ≠ {index_text(t.parts[1])}]",
    AtMost: lambda t: f"[{index_text(t.parts[0])} ≤ {index_text(t.parts[1])}]",
    Within: lambda t: f"[{t.parts[1]} <= {index_text(t.parts[0])} < {t.parts[2]}]",
    Size: lambda t: str(t.parts[0]),
    Special: lambda t: str(t.parts[0]),
    Pattern: lambda t: repr(t.parts[0]),
    BoundSum: _bound("Σ"),
    Evaluated: _bound("Σ"),
    BoundMaximum: _maximum,
    Cases: lambda t: f"({', '.join(map(_text, t.parts[1]))})[{index_text(t.parts[0])}]",
    Application: lambda t: f"{t.operator.name}({', '.join(map(_text, t.arguments))})",
    Inverse: lambda t: f"{_factor(t.parts[0], -1)}",
}
