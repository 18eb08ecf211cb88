"""Strategies: where rules are applied, in which order, and when to stop, as named combinators.

>>> import rewriter as rw
>>> @rw.equation
... def square_of_sine(x: rw.Real):
...     \"\"\"sin² x = (1 − cos 2x)/2.\"\"\"
...     return rw.rewrite(rw.square(rw.sin(x)), to=(1 - rw.cos(2 * x)) / 2)
>>> angle = rw.input("angle", ())
>>> graph = rw.Graph([angle], [rw.square(rw.sin(angle)) + 1])
>>> once = rw.apply(rw.bottom_up(square_of_sine.forward), graph)
>>> print(rw.pprint(once))
0.5 - cos(angle * 2) / 2 + 1
>>> print(rw.pprint(rw.apply(rw.cheapest(rw.bottom_up(square_of_sine.backward)), once)))
sin(angle) * sin(angle) + 1

A strategy takes expressions to expressions of the same meaning, and what it does not change comes
back as the same object. Rules are strategies: a rule rewrites the expression that it is given, not
those below it. ``rewriter.optimize(graph, rules=[…])`` is ``bottom_up(exhaust(…))``. Earlier rules
go first; there are no other priorities. No strategy recurses over the depth of a graph, and all of
them stop, with a note, when the budget of rewrites is spent.

Source: the names are those of Stratego (Visser, Benaissa & Tolmach 1998, "Building program
optimizers with rewriting strategies") and of ``sympy.strategies``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from rewriter.authoring.loops import refuse_loops
from rewriter.engine.custom.cost import operations
from rewriter.engine.custom.derivation import Derivation
from rewriter.errors import RuleError
from rewriter.graph.graph import Graph
from rewriter.graph.node import Node, rewritten, with_operands

Nodes = tuple[Node, ...]
Cost = Callable[[Nodes], float]

MOST_ROUNDS = 100
"""Times that `fixpoint` and `until` repeat a strategy."""


class Strategy(ABC):
    """From expressions to expressions of the same meaning, shapes and dtypes."""

    @abstractmethod
    def over(self, roots: Nodes, derivation: Derivation) -> Nodes:
        """Return what stands for each of the roots; the same object where nothing is changed.

        Args:
            roots: expressions.
            derivation: takes the steps and counts them.
        """


class _Rule(Strategy):
    def __init__(self, rule: Any) -> None:
        self.rule = rule

    def over(self, roots: Nodes, derivation: Derivation) -> Nodes:
        """Apply the rule where a root is a redex."""
        return tuple(derivation.rewritten(root, [self.rule]) for root in roots)


class _Chain(Strategy):
    def __init__(self, parts: Sequence[Strategy]) -> None:
        self.parts = parts

    def over(self, roots: Nodes, derivation: Derivation) -> Nodes:
        """Apply the parts one after the other, each to what the one before returned."""
        for part in self.parts:
            roots = part.over(roots, derivation)
        return roots


class _Choice(Strategy):
    def __init__(self, parts: Sequence[Strategy]) -> None:
        self.parts = parts

    def over(self, roots: Nodes, derivation: Derivation) -> Nodes:
        """Apply the first of the parts that changes anything."""
        for part in self.parts:
            found = part.over(roots, derivation)
            if found != roots:
                return found
        return roots


class _Exhaust(Strategy):
    def __init__(self, rules: Sequence[Any]) -> None:
        self.rules = rules

    def over(self, roots: Nodes, derivation: Derivation) -> Nodes:
        """Apply the rules for as long as one of them fires."""
        return tuple(derivation.exhausted(root, self.rules) for root in roots)


class _BottomUp(Strategy):
    def __init__(self, part: Strategy) -> None:
        self.part = part

    def over(self, roots: Nodes, derivation: Derivation) -> Nodes:
        """Rewrite each node after its operands."""
        return rewritten(roots, lambda node: self.part.over((node,), derivation)[0])


class _TopDown(Strategy):
    def __init__(self, part: Strategy) -> None:
        self.part = part

    def over(self, roots: Nodes, derivation: Derivation) -> Nodes:
        """Rewrite each node before its operands; one that its own result holds is left alone."""
        begun: dict[Node, Node] = {}
        made: dict[Node, Node] = {}
        stack = list(reversed(roots))
        while stack:
            node = stack[-1]
            if node in made:
                stack.pop()
                continue
            if node not in begun:
                (begun[node],) = self.part.over((node,), derivation)
            waiting = [p for p in begun[node].operands if p not in made and p not in begun]
            if waiting:
                stack.extend(reversed(waiting))
                continue
            operands = tuple(made.get(p, p) for p in begun[node].operands)
            made[node] = with_operands(begun[node], operands)
            stack.pop()
        return tuple(made[root] for root in roots)


class _Repeated(Strategy):
    def __init__(self, part: Strategy, goal: Callable[[Node], bool] | None) -> None:
        self.part, self.goal = part, goal

    def over(self, roots: Nodes, derivation: Derivation) -> Nodes:
        """Repeat until nothing changes, or the goal holds everywhere; a cycle is reported."""
        seen = [roots]
        for _ in range(MOST_ROUNDS):
            if self.goal is not None and all(map(self.goal, roots)):
                return roots
            found = self.part.over(roots, derivation)
            if found == roots:
                return roots
            if found in seen:
                return derivation.returned(seen[seen.index(found) :], operations)
            seen.append(found)
            roots = found
        derivation.note(f"a strategy was repeated {MOST_ROUNDS} times and still changes something")
        return roots


class _Cheapest(Strategy):
    def __init__(self, parts: Sequence[Strategy], cost: Cost) -> None:
        self.parts, self.cost = parts, cost

    def over(self, roots: Nodes, derivation: Derivation) -> Nodes:
        """Apply the part whose result costs least, or none."""
        best, price = roots, self.cost(roots)
        begun = len(derivation.result.steps)
        kept = derivation.result.steps[begun:]
        for part in self.parts:
            found = part.over(roots, derivation)
            offered = self.cost(found)
            if offered < price:
                best, price = found, offered
                kept = derivation.result.steps[begun:]
            del derivation.result.steps[begun:]
        derivation.result.steps += kept
        return best


# The combinators ----------------------------------------------------------------------------------
def strategy_of(part: Any) -> Strategy:
    """Return a strategy for a strategy, a rule, or a sequence of rules (the first that fires).

    Raises:
        RuleError: it is none of them.
    """
    if isinstance(part, Strategy):
        return part
    if hasattr(part, "matches"):
        return _Rule(part)
    if isinstance(part, Sequence) and not isinstance(part, str):
        return _Choice([strategy_of(one) for one in part])
    raise RuleError("not a rule, and not a strategy", culprit=repr(part))


def chain(*parts: Any) -> Strategy:
    """One after the other, each on what the one before made."""
    return _Chain([strategy_of(part) for part in parts])


def choice(*parts: Any) -> Strategy:
    """The first that changes something."""
    return _Choice([strategy_of(part) for part in parts])


def exhaust(*rules: Any) -> Strategy:
    """The first rule that fires, again and again, until none does.

    Raises:
        LoopError: the rules rewrite for ever; with their lines and the cycle.
        RuleError: something is no rule.
    """
    flat = [rule for part in rules for rule in (part if _is_sequence(part) else [part])]
    for rule in flat:
        if not hasattr(rule, "matches"):
            raise RuleError("only rules are exhausted; repeat a strategy with fixpoint", repr(rule))
    refuse_loops(flat)
    return _Exhaust(flat)


def unchecked(rules: Sequence[Any]) -> Strategy:
    """What ``optimize(graph, rules=[…])`` does: loops are told and stopped where they happen."""
    return _BottomUp(_Exhaust(rules))


def _is_sequence(part: Any) -> bool:
    return isinstance(part, Sequence) and not isinstance(part, str)


def bottom_up(part: Any) -> Strategy:
    """At every place, operands before what is made of them; each place once."""
    return _BottomUp(strategy_of(part))


def top_down(part: Any) -> Strategy:
    """At every place, before its operands; then at the operands of what came out."""
    return _TopDown(strategy_of(part))


def fixpoint(part: Any) -> Strategy:
    """Again and again, until nothing changes.

    What comes back to where it was is noted, and of the expressions on the way the cheapest kept.
    """
    return _Repeated(strategy_of(part), None)


def until(goal: Callable[[Node], bool], part: Any) -> Strategy:
    """Again and again, until a goal is met by every output, or nothing changes.

    Args:
        goal: tells of an expression whether it is what is wanted.
        part: the strategy.
    """
    return _Repeated(strategy_of(part), goal)


def cheapest(*parts: Any, cost: Cost = operations) -> Strategy:
    """What costs least of all that the alternatives make, and of what was there; else the first.

    Args:
        parts: the alternatives.
        cost: from expressions to a number.
    """
    return _Cheapest([strategy_of(part) for part in parts], cost)


def apply(strategy: Any, graph: Graph, budget: int | None = None, assuming: Any = ()) -> Graph:
    """Return a graph rewritten by a strategy, or by a rule at its outputs; the shipped laws rest.

    Args:
        strategy: a strategy or a rule.
        graph: any graph.
        budget: rewrites after which it stops; 1000 and 20 a node by default.
        assuming: comparisons that hold, by your word, as for `rewriter.optimize`.

    Returns:
        The same object where nothing is changed.

    Raises:
        RuleError: it is no strategy.
        ConditionError: something assumed is no comparison of expressions of the graph.
    """
    from rewriter.engine.assumptions import Assumptions
    from rewriter.engine.result import Result

    given = Assumptions(graph, assuming)
    inside = given.within(graph)
    with given.in_force():
        return given.without(applied(strategy, inside, Result(inside, inside), budget))


def applied(strategy: Any, graph: Graph, result: Any, budget: int | None = None) -> Graph:
    """Apply a strategy; ``result`` takes the steps, what was held back, and notes."""
    most = 1000 + 20 * sum(1 for _ in graph.nodes()) if budget is None else budget
    derivation = Derivation(result, most)
    return graph.with_outputs(strategy_of(strategy).over(graph.outputs, derivation))
