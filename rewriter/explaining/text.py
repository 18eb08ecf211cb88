"""An explanation as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rewriter.explaining.account import Account, Held, place_of
from rewriter.text.printing import pprint

if TYPE_CHECKING:
    from rewriter.explaining.explanation import Explanation


LONGEST_FORMULA = 200
"""Lines of what a node became, beyond which the first one is shown."""


def lines_of(explanation: Explanation) -> Iterator[str]:
    """Yield the lines of an explanation."""
    result = explanation.result
    count = len(result.steps)
    yield f"{count} rewrite{'' if count == 1 else 's'}" if count else "nothing to cure"
    for account in explanation.accounts:
        yield ""
        yield from _step(account)
    for entry in result.left:
        yield ""
        yield f"left as it is  {place_of(entry.node)}"
        yield from _indented("  ", pprint(entry.node))
        yield f"  hazard: {entry.hazard}; no law in force bounds it"
    for held in explanation.held:
        yield ""
        yield from _held(held, explanation.formula(held.node))
    for note in result.notes:
        yield f"note: {note}"


def _step(account: Account) -> Iterator[str]:
    yield f"{account.number}. {account.place}"
    yield from _indented("   was     ", account.before)
    yield from _indented("   became  ", _in_short(account.after))
    if account.reads:
        yield f"   reads   {account.reads}"
    if account.known is not None:
        yield f"   is      {account.known.statement}"
        yield f"           {account.known.name} with {account.known.uses[0]}"
    if account.step.hazard:
        yield f"   hazard  {account.step.hazard}"
    for law in account.laws:
        yield f"   law     {law.name}: {law.statement}"
        yield from (f"           {use}" for use in law.uses)
    if not account.laws:
        yield f"   law     {account.step.reason}"
    yield from (f"   fact    {fact}" for fact in account.facts)
    for place, line in enumerate(account.where):
        yield f"   {'where   ' if place == 0 else '        '}{line}"


def _in_short(formula: str) -> str:
    """A formula, of one too long to be read its first line and how many there are more."""
    lines = formula.splitlines()
    if len(lines) <= LONGEST_FORMULA:
        return formula
    return f"{lines[0]}\n({len(lines) - 1} lines more: the page of the explanation has them)"


def _held(held: Held, formula: str) -> Iterator[str]:
    yield f"blocked  {held.law.name}  {held.place}"
    yield from _indented("  ", formula)
    yield f"  law: {held.law.statement}"
    yield from (f"  {use}" for use in held.law.uses)
    yield from (f"  not proved: {line}" for line in held.missing)
    if held.unlock:
        yield f"  it would be used if this were known: {' and '.join(held.unlock)}"
    if held.assume:
        yield f"  to assume it: {held.assume}"


def _indented(label: str, text: str) -> Iterator[str]:
    first, *others = text.splitlines()
    yield f"{label}{first}"
    yield from (f"{' ' * len(label)}{line.strip()}" for line in others)
