"""The cure of exponentials: one pass finds what is at risk, another rebuilds what has a cure."""

from __future__ import annotations

from rewriter.engine.building.comparisons import looks_at
from rewriter.engine.building.rebuilding import Rebuilder
from rewriter.engine.entry import HIGH, Entry
from rewriter.engine.factors_kept_whole import divided_by
from rewriter.engine.hazards import safe_exponent
from rewriter.engine.passes.comparisons import cure_comparisons
from rewriter.engine.region import Region
from rewriter.engine.result import Result
from rewriter.engine.scaling import Scaling
from rewriter.engine.small_values import divides_by_small
from rewriter.engine.tails import tails_divided_by, told_by_sign
from rewriter.graph import operators as o
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node
from rewriter.terms.interning import OutOfWork, worked_out, working_up_to
from rewriter.terms.naming import definition_of
from rewriter.terms.traversal import nodes_in

MOST_SET_ASIDE = 40.0
"""Exponents up to this are no hazard: a sum of their exponentials is above `SMALLEST_BOUND`."""

MOST_WORK = 150_000
"""Results that are worked out of terms, half a minute, before the rest stays as it is written."""

LEAST_WORK = 30_000
"""How many each further pass over a graph may take: it meets mostly what has been worked out."""

MOST_FURTHER = 2
"""Passes over a graph after the first that follow what was left out."""

PARTIAL = "terms took too long to follow, or lie too deep: what comes later stays as it is"


def survey(graph: Graph) -> Region:
    """Return the region of a graph: one pass over its nodes, as long as the budget lasts.

    What turns out to be needed though it was left out is followed in a further pass.
    """
    region = _surveyed(graph, frozenset())
    for _ in range(MOST_FURTHER):
        if region.is_partial or region.left_out <= region.followed:
            break
        further = _surveyed(graph, region.followed.union(region.left_out))
        if further.is_partial:
            break
        region = further
    return region


def _surveyed(graph: Graph, followed: frozenset[Node]) -> Region:
    """Return what one pass over a graph finds, what is sound and is followed all the same given."""
    from rules import PRIMITIVE_FORMS, SHIFT

    exponentials = [node for node in graph.ordered if node.operator is o.EXP]
    limit = min([MOST_SET_ASIDE, *(safe_exponent(node.dtype) for node in exponentials)])
    exponentiated = frozenset(node.operands[0] for node in exponentials)
    scaling = Scaling(SHIFT, limit, PRIMITIVE_FORMS)
    small, tails = divides_by_small(graph.ordered), tails_divided_by(graph.ordered)
    divided = divided_by(graph.ordered)
    choices = told_by_sign(graph.ordered)
    region = Region(scaling, exponentiated, small, divided, tails, followed, choices)
    most = max(MOST_WORK, worked_out() + min(LEAST_WORK, MOST_WORK))
    for node in graph.ordered:
        try:
            with working_up_to(most + LEAST_WORK):
                region.add(node)
        except (OutOfWork, RecursionError):
            region.entries.pop(node, None)
            region.is_partial = True
        if region.is_partial or worked_out() > most:
            region.is_partial = True
            break
    return region


def cure(graph: Graph) -> Result:
    """Rebuild every node that has a hazard and is needed, comparisons first and once."""
    region = survey(graph)
    result = Result(graph, graph)
    if not region.entries:
        return result
    compared = cure_comparisons(graph, region, result)
    if compared is graph:
        return _rebuilt(graph, region, result)
    cured = _rebuilt(compared, survey(compared), Result(compared, compared))
    cured.before, cured.steps = graph, result.steps + cured.steps
    return cured


def _rebuilt(graph: Graph, region: Region, result: Result) -> Result:
    wanted = wanted_entries(graph, region)
    if region.is_partial:
        result.notes.append(PARTIAL)
    result.overflowing = sum(map(region.may_overflow, graph.outputs))
    result.left = [e for e in wanted.values() if e.hazard and (not e.replaced or e.blocked)]
    for entry in result.left:
        if entry.scaled is not None:
            result.blocked += [(entry.node, match) for match in entry.scaled.evidence.blocked]
    replaced = [e for e in region.entries.values() if e.replaced and e.node in wanted]
    if not replaced:
        return result
    unbounded = [e for e in replaced if e.scaled is not None and not e.scaled.bounded]
    result.unbounded = len(unbounded) + region.is_partial
    region.shelters.look_from(graph.ordered if region.is_partial else graph.outputs)
    for entry in replaced:
        entry.shelter = region.shelters.of(entry.node)
    rebuilder = Rebuilder(replaced, result, bool(region.scaling.named_in))
    outputs = [rebuilder.node(output) for output in graph.outputs]
    result.after = graph.with_outputs(outputs)
    if result.after is graph:
        result.steps = []
    return result


def wanted_entries(graph: Graph, region: Region) -> dict[Node, Entry]:
    """The entries that outputs need: from the outputs down, through what rebuilt terms read."""
    found: dict[Node, Entry] = {}
    seen: set[Node] = set()
    stack = list(graph.outputs)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        entry = region.entries.get(node)
        if entry is None:
            meant = definition_of(node) if node.operator is o.INPUT else None
            stack.extend(looks_at(node) if meant is None else nodes_in(meant))
            continue
        found[node] = entry
        if entry.hazard and entry.magnitude is HIGH and not entry.multiplied_out:
            entry.replaced = True
        stack.extend(entry.reads if entry.replaced else node.operands)
    return found
