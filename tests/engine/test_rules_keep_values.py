"""A right rule, applied to its own left side written out, leaves what it is worth as it was.

The checker proves a rule by its sides as they are written; the engine uses what it reads of them.
Here both meet: each rule of the checker's lists rewrites a graph that is its left side at sizes of
its own, and ball arithmetic compares.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rewriter as rw
from rewriter.checking.balls import Examiner
from rewriter.checking.checker import rules_in
from rewriter.checking.elaboration import Law
from rewriter.checking.points import Points

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "checking"))

import practised_rules
import right_rules
import statistics_rules
import textbook_rules
import textbook_sums

MODULES = (right_rules, practised_rules, textbook_rules, textbook_sums, statistics_rules)
RULES = [rule for module in MODULES for rule in rules_in(module) if hasattr(rule, "written")]
FEWEST = 5
MOST_DRAWS = 60


def subjects(rule: Any) -> Any:
    """The rule's left side over inputs of its own, and its conditions, to be assumed."""
    written = rule.written
    law = Law(written.left, written.right, written.conditions)
    for sizes in ({name: 2 + k for k, name in enumerate(law.size_names)},
                  dict.fromkeys(law.size_names, 3)):  # fmt: skip
        sides = law.graphs(sizes)
        given = [node > 0 for one, node in zip(law.inputs, sides.inputs, strict=True)
                 if one.positive]  # fmt: skip
        given += [node for node in sides.conditions if node is not None]
        yield law, sizes, rw.Graph(sides.inputs, [sides.left]), given


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_value_is_kept(rule: Any) -> None:
    for law, sizes, before, given in subjects(rule):
        after = rw.apply(rw.bottom_up(rule), before, assuming=given)
        if after is before:
            continue
        points, examiner, agreed = Points(law, 5), Examiner(law), 0
        for _ in range(MOST_DRAWS):
            values = points.draw(sizes, 1, "ordinary")
            if not examiner.examine(sizes, values).agreed:
                continue
            agreed += 1
            drawn = [array[0] for array in values.values()]
            expected = np.asarray(rw.exact(before, *drawn, dtype="float64"))
            found = np.asarray(rw.exact(after, *drawn, dtype="float64"))
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-300)
            if agreed == FEWEST:
                break
        assert agreed


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_it_fires_on_its_own_left_side_or_is_held_already(rule: Any) -> None:
    found: Any = [rw.why_not(graph, rule, given) for _, _, graph, given in subjects(rule)]
    if not any(one.fires for one in found):
        reasons = [one.reason for one in found]
        assert any("holds it already" in r or "permutations" in r for r in reasons)


def test_nearly_all_rules_fire() -> None:
    fired = sum(any(rw.why_not(graph, rule, given).fires
                    for _, _, graph, given in subjects(rule)) for rule in RULES)  # fmt: skip
    assert fired >= len(RULES) - 9
