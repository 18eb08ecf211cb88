"""An explanation as one page of HTML that needs no network and no other file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from rewriter.explaining.account import Account, Held, Place, place_of
from rewriter.explaining.drawing import Marks, claimed, drawing, hue
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node

if TYPE_CHECKING:
    from rewriter.explaining.explanation import Explanation

LARGEST_DRAWING = 80
"""Of a graph with more nodes, what changed is drawn first, and the whole can be opened."""

MOST_BOXES = 4000
"""Browsers are slow at drawings of more; what is left out is said."""

OPEN_STEPS = 3
"""So many steps are unfolded at first."""


def page(explanation: Explanation) -> str:
    """Return the page of an explanation."""
    style, script = (_part(name) for name in ("page.css", "page.js"))
    body = "\n".join(_body(explanation))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>What was rewritten</title>'
        f"<style>\n{style}</style></head>\n<body>\n{body}\n<script>\n{script}</script>"
        "</body></html>\n"
    )


def _part(name: str) -> str:
    return (files("rewriter.explaining") / name).read_text(encoding="utf-8")


def _body(explanation: Explanation) -> Iterator[str]:
    result = explanation.result
    count = len(result.steps)
    said = f"{count} rewrite{'' if count == 1 else 's'}" if count else "Nothing to cure"
    before, after = (list(graph.nodes()) for graph in (result.before, result.after))
    yield f"<header><h1>{said}</h1><p>{len(before)} nodes before, {len(after)} after. "
    yield "A colour is a step: bright where it begins and ends, pale what it replaced or made. "
    yield "Click a coloured box for its step.</p></header>"
    yield '<section class="graphs">'
    gone, made = set(before) - set(after), set(after) - set(before)
    accounts = explanation.accounts
    starts = Marks(
        claimed(((a.number, a.covers) for a in accounts), gone),
        {a.step.before: a.number for a in reversed(accounts)},
    )
    ends = Marks(
        claimed(((a.number, a.makes) for a in accounts), made),
        {a.step.after: a.number for a in reversed(accounts)},
    )
    yield from _graph("before", result.before, before, starts)
    yield from _graph("after", result.after, after, ends)
    yield "</section>"
    yield "<section><h2>Derivation</h2>"
    for account in explanation.accounts:
        yield from _step(account)
    yield "</section>"
    yield from _left(explanation)
    yield from (f'<p class="note">Note: {escape(note)}</p>' for note in result.notes)


def _graph(name: str, graph: Graph, nodes: list[Node], marks: Marks) -> Iterator[str]:
    """One graph, drawn; of a large one what changed, and the rest to be opened."""
    yield f'<figure><figcaption><h2>{name.capitalize()}</h2><span class="zoom">'
    yield '<button type="button" data-zoom="0.8">−</button>'
    yield '<button type="button" data-zoom="1.25">+</button></span></figcaption>'
    if len(nodes) <= LARGEST_DRAWING:
        yield f'<div class="canvas">{drawing(graph, nodes, marks, name)}</div></figure>'
        return
    near = _near(nodes, marks)
    yield f"<p>{len(near)} of {len(nodes)} nodes: what the steps speak of, and what is beside it."
    if len(near) > MOST_BOXES:
        yield f" The first {MOST_BOXES} of them are drawn."
    yield f'</p><div class="canvas">{drawing(graph, near[:MOST_BOXES], marks, name)}</div>'
    if len(nodes) > MOST_BOXES:
        yield f"<p>All {len(nodes)} nodes are too many to be drawn.</p></figure>"
        return
    yield f"<details><summary>All {len(nodes)} nodes</summary>"
    whole = drawing(graph, nodes, marks, f"whole-{name}")
    yield f'<template><div class="canvas">{whole}</div></template></details></figure>'


def _near(nodes: list[Node], marks: Marks) -> list[Node]:
    """The nodes of steps, their operands, and what uses them."""
    touched = {node for node in nodes if node in marks.steps or node in marks.ends}
    beside = {operand for node in touched for operand in node.operands}
    users = {node for node in nodes if any(operand in touched for operand in node.operands)}
    return [node for node in nodes if node in touched or node in beside or node in users]


def _step(account: Account) -> Iterator[str]:
    number = account.number
    is_open = " open" if number <= OPEN_STEPS else ""
    yield f'<details class="step" id="step-{number}" style="--hue:{hue(number)}"{is_open}>'
    yield f"<summary><b>{number}</b> <code>{escape(account.after.splitlines()[0])}</code> "
    yield f'<span class="origin">{escape(str(account.place.origin))}</span></summary>'
    yield from _source(account.place)
    yield '<table class="formulas">'
    yield _row("was", _formula(account.before, "was"))
    yield _row("became", _formula(account.after, "became"))
    if account.reads:
        yield _row("reads", f"<code>{escape(account.reads)}</code>")
    if account.known is not None:
        named = (
            f"<b>{escape(account.known.name)}</b><br><code>{escape(account.known.statement)}</code>"
        )
        yield _row("is", named + _list(account.known.uses))
    if account.step.hazard:
        yield _row("hazard", f'<span class="hazard">{escape(account.step.hazard)}</span>')
    for law in account.laws:
        used = f"<b>{escape(law.name)}</b><br><code>{escape(law.statement)}</code>"
        yield _row("law", used + _list(law.uses))
    if not account.laws:
        yield _row("law", escape(account.step.reason))
    if account.facts:
        yield _row("facts", _list(account.facts))
    if account.where:
        yield _row("where", _list(account.where))
    yield "</table></details>"


def _row(name: str, content: str) -> str:
    return f'<tr><th scope="row">{name}</th><td>{content}</td></tr>'


def _formula(text: str, kind: str) -> str:
    return f'<pre class="{kind}">{escape(text)}</pre>'


def _list(items: Iterable[str]) -> str:
    listed = "".join(f"<li><code>{escape(item)}</code></li>" for item in items)
    return f"<ul>{listed}</ul>" if listed else ""


def _source(place: Place) -> Iterator[str]:
    """The user's lines, the one that is meant marked."""
    if not place.source:
        return
    yield '<pre class="source">'
    for number, line in place.around.items():
        text = escape(f"{number:>5}  {line}")
        yield f"<mark>{text}</mark>" if number == place.origin.line else text
    yield "</pre>"


def _left(explanation: Explanation) -> Iterator[str]:
    left, held = explanation.result.left, explanation.held
    if not left and not held:
        return
    yield "<section><h2>Left as it is</h2>"
    for entry in left:
        place = place_of(entry.node)
        yield f'<div class="held"><p><b>{escape(entry.hazard)}</b>; no law in force bounds it. '
        yield f'<span class="origin">{escape(str(place.origin))}</span></p>'
        yield from _source(place)
        yield f"{_formula(explanation.formula(entry.node), 'was')}</div>"
    for one in held:
        yield from _blocked(one, explanation.formula(one.node))
    yield "</section>"


def _blocked(held: Held, formula: str) -> Iterator[str]:
    yield f'<div class="held"><p><b>{escape(held.law.name)}</b> has the form, and is blocked. '
    yield f'<span class="origin">{escape(str(held.place.origin))}</span></p>'
    yield f"<p><code>{escape(held.law.statement)}</code></p>{_list(held.law.uses)}"
    yield from _source(held.place)
    yield _formula(formula, "was")
    yield f"<p>Not proved:</p>{_list(held.missing)}"
    if held.unlock:
        yield f"<p>It would be used if this were known:</p>{_list(held.unlock)}"
    if held.assume:
        yield f"<p>To assume it: <code>{escape(held.assume)}</code></p>"
    yield "</div>"
