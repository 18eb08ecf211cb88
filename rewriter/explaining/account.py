"""Accounts: what there is to say of a step, as texts, whoever lays them out."""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rewriter.engine.assumptions import assumption
from rewriter.engine.result import Step
from rewriter.explaining.excerpt import Setting, excerpt, interior
from rewriter.explaining.meaning import definitions
from rewriter.facts.verdict import PROVED, REFUTED
from rewriter.graph.node import Node
from rewriter.graph.origin import Origin
from rewriter.matching.variable import Abstraction, Kind, kind_of
from rewriter.terms.algebra import multiply
from rewriter.terms.error_functions import TAIL
from rewriter.terms.functions import without_stop
from rewriter.terms.index import Axis
from rewriter.terms.legend import Legend, current
from rewriter.terms.notation import index_text
from rewriter.terms.pairing import pair
from rewriter.terms.relative import RELATIVE
from rewriter.terms.sign import interval_of
from rewriter.terms.simple import sole_exponential
from rewriter.terms.term import Application, Combination, Evaluated, Term
from rewriter.terms.traversal import levels_bound, parts_of


@dataclass(frozen=True)
class Law:
    """A law that was used.

    Attributes:
        name, statement: what it is called, and what it says.
        uses: what its variables stood for, each time.
    """

    name: str
    statement: str
    uses: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """A line of the user's program.

    Attributes:
        origin: where it is.
        around: the lines there, by number.
    """

    origin: Origin
    around: Mapping[int, str]

    @property
    def source(self) -> str:
        """The line itself, "" where its file cannot be read."""
        return self.around.get(self.origin.line, "").strip()

    def __str__(self) -> str:
        return f"{self.origin}: {self.source}" if self.source else str(self.origin)


@dataclass(frozen=True)
class Account:
    """What there is to say of a step.

    Attributes:
        number: its place in the derivation, from 1.
        step: the step.
        place: the user's line.
        before, after: what stood there and what stands there now, as formulas.
        covers, makes: the nodes of these formulas.
        reads: what it means in index notation; "" for a user's rule.
        known: the law and the substitution by which it is a form that has a name, or None.
        laws: the laws used, in order.
        facts: what the step rests on.
        where: what the letters in the other texts stand for.
    """

    number: int
    step: Step
    place: Place
    before: str
    after: str
    covers: frozenset[Node]
    makes: frozenset[Node]
    reads: str
    known: Law | None
    laws: tuple[Law, ...]
    facts: tuple[str, ...]
    where: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """A place at which a law has the right form and a condition is not proved.

    Attributes:
        node: where.
        law: the law, and what its variables would stand for.
        missing: what is not proved, each with the reason.
        unlock: what would have to be known for the law to be used.
        assume: how that is assumed, "assuming=[…]"; "" where it cannot be.
    """

    node: Node
    law: Law
    missing: tuple[str, ...]
    unlock: tuple[str, ...]
    assume: str

    @cached_property
    def place(self) -> Place:
        """The user's line."""
        return place_of(self.node)


def place_of(node: Node, reach: int = 2) -> Place:
    """Return the user's line that made a node, with ``reach`` lines on either side."""
    origin = node.origin
    if not origin.file:
        return Place(origin, {})
    numbers = range(max(1, origin.line - reach), origin.line + reach + 1)
    lines = {number: linecache.getline(origin.file, number).rstrip() for number in numbers}
    return Place(origin, {number: line for number, line in lines.items() if line})


def account_of(number: int, step: Step, setting: Setting) -> Account:
    """Return the account of a step among others."""
    term = None if step.entry is None else step.entry.term
    scaled = None if step.entry is None or step.entry.scaled is None else step.entry.scaled.term
    levels = [one.level for one in (term, scaled) if one is not None]
    around = setting.around(step.before, step.after)
    with Legend(setting.inputs, max(levels, default=0)).in_force() as legend:
        reads = "" if term is None else str(term)
        known = None if term is None else _known(term)
        laws = laws_of(step.matches)
        facts = [str(fact) for match in step.matches for fact in match.facts]
        facts += [] if scaled is None else _bounds(scaled)
        where = tuple(definitions(legend, around))
    names = setting.named(legend.tensors, around)
    before, after = excerpt(step.before, names), excerpt(step.after, names)
    return Account(
        number=number,
        step=step,
        place=place_of(step.before),
        before=before,
        after=after,
        covers=frozenset(interior(step.before, names)),
        makes=frozenset(interior(step.after, names)),
        reads=reads,
        known=known,
        laws=laws,
        facts=tuple(dict.fromkeys(facts)),
        where=(*where, *_other_steps(f"{before} {after} {' '.join(where)}")),
    )


def _other_steps(text: str) -> list[str]:
    """What the names of other steps in a text stand for."""
    numbers = sorted({int(number) for number in re.findall(r"\bstep_(\d+)\b", text)})
    return [f"step_{number} = the tensor of step {number}" for number in numbers]


def laws_of(matches: Iterable[Any]) -> tuple[Law, ...]:
    """Return the laws that matches are of, each once."""
    uses: dict[tuple[str, str], dict[str, None]] = {}
    for match in matches:
        of_law = uses.setdefault((match.rule.name, match.rule.statement), {})
        of_law[values(match.substitution)] = None
    return tuple(Law(*law, tuple(filter(None, found))) for law, found in uses.items())


def values(substitution: Any) -> str:
    """Return what variables stand for: ``e[k] := exp(x[k]), rest := 1``."""
    shown = [(name, value) for name, value in substitution.items() if not _is_nothing(name, value)]
    return ", ".join(_value(str(name), value) for name, value in shown)


def _is_nothing(name: Any, value: Any) -> bool:
    """A rest that is empty, or that the law itself does not speak of."""
    if str(name) == "remainder":
        return True
    return kind_of(name) is Kind.MANY and str(value) in ("0", "1")


def _value(name: str, value: Any) -> str:
    if not isinstance(value, Abstraction):
        return f"{name} := {_index(value)}"
    body, parameters = value.body, value.parameters
    bound = levels_bound(body) if isinstance(body, Term) else ()
    for axis in sorted(getattr(body, "free", ()), key=lambda one: one.name):
        if axis not in parameters:
            _index(axis)
    legend = current()
    assert legend is not None, "substitutions are written under a legend"
    with legend.parameters(parameters, bound) as letters:
        return f"{name}[{', '.join(letters)}] := {body}"


def _index(value: Any) -> str:
    return index_text(value) if isinstance(value, Axis) else str(value)


def _known(term: Combination) -> Law | None:
    """The form that people know by name which the term is, by matching."""
    from rules import NAMED_FORMS

    for rule in NAMED_FORMS:
        match = next(iter(rule.matches(term)), None)
        if match is not None:
            return Law(rule.name, rule.statement, (values(match.substitution),))
    return None


def _bounds(term: Combination) -> list[str]:
    """The bounds that the rewrite rests on: differences from maxima, sums that are at least 1."""
    found: dict[str, None] = {}
    outside = pair(term).differences
    paired = [d for product in term.products for d in pair(product.exponent).differences]
    for one in (*outside, *paired):
        if one.coefficient > 0 or one in outside:
            largest = without_stop(one.maximum)
            found[f"{one.value} - {largest} <= 0, a value less the largest"] = None
    for product in term.products:
        for base, _ in product.factors:
            if isinstance(base, Evaluated) and interval_of(base).low >= 1:
                found[f"{base} >= 1, since its largest term is exp(0)"] = None
    for part in parts_of(term):
        if isinstance(part, Application) and part.operator is RELATIVE:
            value, exponent, share = part.arguments
            near = multiply(sole_exponential(exponent), share)
            found[f"{value} is {near} to first order, where that is small"] = None
        elif isinstance(part, Application) and part.operator is TAIL:
            found[f"{part} = erfc(z)·exp(maximum(z, 0)^2) < 2, z = {part.arguments[0]}"] = None
    return list(found)


def held_back(blocked: Iterable[tuple[Node, Any]]) -> list[Held]:
    """Return the accounts of matches whose conditions are not all proved, each once."""
    found: dict[tuple[Node, str, tuple[str, ...]], Held] = {}
    for node, match in blocked:
        missing = [fact for fact in match.facts if fact.answer is not PROVED]
        said = tuple(str(fact) for fact in missing)
        with Legend().in_force():
            (law,) = laws_of([match])
        unlock = tuple(f.statement for f in missing if f.answer is not REFUTED)
        unlock = unlock if len(unlock) == len(missing) else ()
        given = [assumption(fact) for fact in missing] if unlock else []
        how = f"assuming=[{', '.join(map(str, given))}]" if given and all(given) else ""
        found.setdefault((node, law.name, said), Held(node, law, said, unlock, how))
    return list(found.values())
