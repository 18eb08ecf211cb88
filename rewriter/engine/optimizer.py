"""optimize: find hazards, scale what has one, rebuild just that."""

from __future__ import annotations

from typing import Any

from rewriter.engine.assumptions import Assumptions
from rewriter.engine.building.numbers import numbers_kept
from rewriter.engine.calls import open_calls
from rewriter.engine.collecting import collector_paused
from rewriter.engine.componentwise.cure import cure_elements
from rewriter.engine.custom.rules import apply_rules
from rewriter.engine.extended_range.cure import cure_by_extended_range
from rewriter.engine.passes.centring import cure_centring
from rewriter.engine.passes.choices import cure_choices
from rewriter.engine.passes.differences import cure_conjugates, cure_differences
from rewriter.engine.passes.divisions import cure_divisions
from rewriter.engine.passes.expansions import cure_expansions
from rewriter.engine.passes.magnitudes import cure_magnitudes
from rewriter.engine.passes.offsets import cure_offsets
from rewriter.engine.passes.powers import ROOTS
from rewriter.engine.passes.translations import cure_translations
from rewriter.engine.probing import fails_somewhere
from rewriter.engine.result import Result, report
from rewriter.engine.whole_products import cure_by_products
from rewriter.engine.wider_type import cure_by_wider_type
from rewriter.errors import AttributeValueError, EquivalenceError
from rewriter.graph import operators as o
from rewriter.graph.graph import Graph, as_graph
from rewriter.terms.interning import terms_kept


def optimize(
    graph: Graph,
    rules: Any = None,
    accuracy: str = "normwise",
    check: bool = False,
    assuming: Any = (),
) -> Graph:
    """Return a graph of the same meaning whose floats are finite wherever the mathematics is.

    Args:
        graph: any graph.
        rules: rules of one's own, applied wherever they match and their conditions are proved,
            before the shipped laws; or a strategy of them (`rewriter.bottom_up` and its like).
        accuracy: "normwise", small errors beside the largest element, or "componentwise", beside
            each, at up to twice the time.
        check: validate the result by `rewriter.equivalent`.
        assuming: comparisons of expressions of the graph that hold, by your word: ``[x > 0,
            a <= b, rw.not_equal(y, 0)]``. Conditions of rules, and laws, may rest on them.

    Returns:
        The same object where nothing is to be done.

    Raises:
        AttributeValueError: an accuracy that does not exist.
        ConditionError: something assumed is no comparison of expressions of the graph.
        GraphExpectedError: it is no graph.
        RuleError: something among the rules is no rule.
        EquivalenceError: ``check`` found numbers at which the result is worth something else.
    """
    after = rewrite_graph(graph, rules, accuracy, assuming).after
    if check:
        from rewriter.checking import equivalent

        verdict = equivalent(graph, after, assuming=assuming)
        if verdict.status == "refuted":
            raise failed(graph, after, verdict)
    return after


def failed(before: Graph, after: Graph, verdict: Any) -> EquivalenceError:
    """Return the error of a rewrite that changed what a graph means, with Python that shows it."""
    error = EquivalenceError("a rewrite changed what the graph means", culprit=verdict)
    lines = ["import rewriter as rw", ""]
    for name, graph in (("before", before), ("after", after)):
        lines += [f'{name} = rw.parse("""', *str(graph).splitlines(), '""")']
    lines.append("print(rw.equivalent(before, after))")
    error.add_note("\n".join(lines))
    return error


_LATER_PASSES = (
    (cure_offsets, frozenset((o.EXP, o.LOGISTIC, o.LOGADDEXP))),
    (cure_centring, frozenset((o.SUM, o.EINSUM))),
    (cure_conjugates, frozenset((o.LOG,))),
    (cure_magnitudes, ROOTS),
    (cure_divisions, frozenset((o.POWER,))),
    (cure_differences, frozenset((o.LOG, o.ADD, o.SUBTRACT))),
    (cure_choices, frozenset((o.WHERE,))),
)
"""What follows the cure of exponentials, and the operations without which there is none of it."""


LARGEST_CURED, LARGEST_GROWTH = 12_000, 4
"""Nodes that the cure of exponentials may come to, and how many for each of the program's, if that
is more: compilers take minutes for them."""

TOO_LARGE = f"laws would make more than {LARGEST_CURED} operations of the program: unused"


ACCURACIES = ("normwise", "componentwise")


def rewrite_graph(
    graph: Graph, rules: Any = None, accuracy: str = "normwise", assuming: Any = ()
) -> Result:
    """Optimize, and return what was done and why; arguments as for `optimize`."""
    if accuracy not in ACCURACIES:
        raise AttributeValueError(f"accuracy is {' or '.join(map(repr, ACCURACIES))}",
                                  culprit=accuracy)  # fmt: skip
    given = Assumptions(as_graph(graph), assuming)
    with collector_paused(), terms_kept(), given.in_force():
        anywhere = not (given.inside or given.relations)
        result = _rewritten(given.within(graph), rules, accuracy, anywhere)
        result.before, result.after = graph, given.without(result.after)
    report(result)
    return result


def _cured(graph: Graph, result: Result, everywhere: bool) -> tuple[Graph, Result]:
    """Cure a graph with what cancels near 0 expanded, where as much is known to be bounded then.

    Returns:
        The graph that was cured, and what was done to it.
    """
    expansions = Result(graph, graph)
    expanded = cure_expansions(graph, expansions, everywhere)
    cured = cure_by_products(expanded)
    if expanded is not graph:
        written = cure_by_products(graph)
        if cured.overflowing > written.overflowing:
            return graph, written
    result.steps += expansions.steps
    if len(cured.after.ordered) > max(LARGEST_CURED, LARGEST_GROWTH * len(graph.ordered)):
        return expanded, Result(expanded, expanded, notes=[*cured.notes, TOO_LARGE])
    return expanded, cured


def _rewritten(graph: Graph, rules: Any, accuracy: str, anywhere: bool) -> Result:
    """Rewrite a graph; it is looked at where it means what it did, which may be anywhere."""
    result = Result(graph, graph)
    changed = graph if rules is None else apply_rules(graph, rules, result)
    opened, of_rules = open_calls(changed), len(result.steps)
    with numbers_kept() as result.numbers:
        after = _by_laws(opened, result, accuracy)
    if anywhere and (len(result.steps) > of_rules or result.notes):

        def laws(program: Graph) -> Graph | None:
            """What they make of a program in float64; None where they would meet a budget again."""
            return None if result.notes else _by_laws(program, Result(program, program), accuracy)

        after = cure_by_wider_type(opened, after, result, of_rules, laws)
    if after is opened:
        del result.steps[of_rules:]
    result.after = changed if after is opened else after
    return result


def _by_laws(opened: Graph, result: Result, accuracy: str) -> Graph:
    """Return what the laws make of a program, and what follows them; the result takes the steps."""
    of_rules = len(result.steps)
    expanded, cured = _cured(opened, result, accuracy == "componentwise")
    result.steps += cured.steps
    after = cured.after if cured.steps else expanded
    for pass_over, starts in _LATER_PASSES:
        if not starts.isdisjoint([node.operator for node in after.ordered]):
            after = pass_over(after, result)
    result.left = cured.left
    unproved = bool(cured.overflowing or cured.left or cured.unbounded)
    tried = bool(cured.steps or cured.notes)
    if tried and (unproved or fails_somewhere(after)):
        after = cure_by_extended_range(opened, after, result, of_rules)
    if after is not opened:
        after = cure_translations(opened, after, result)
    if accuracy == "componentwise":
        after = cure_elements(after, result)
    result.blocked = result.blocked + cured.blocked
    result.notes += cured.notes
    return after
