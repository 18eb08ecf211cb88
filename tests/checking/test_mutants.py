"""A cut of the mutation run: every mutant falls but for those that are explained."""

from typing import Any

import pytest
import right_rules
from survivors import known_survivors

import rules.shift
import rules.sigmoid
from rewriter.checking.mutation import mutants

SUBJECTS = (
    rules.sigmoid.softplus, rules.sigmoid.complement_of_sigmoid, right_rules.log_of_product,
    right_rules.log_of_quotient, right_rules.root_of_product, right_rules.size_of_product,
    right_rules.exchanged_sums, right_rules.maximum_of_scaled, right_rules.sum_through_quotient,
)  # fmt: skip


@pytest.mark.parametrize("rule", SUBJECTS, ids=lambda rule: rule.name)
def test_mutants_fall_or_are_explained(rule: Any) -> None:
    known = known_survivors().items()
    expected = {mistake: status for (name, mistake), status in known if name == rule.name}
    survivors = {}
    for mutant in mutants(rule):
        status = mutant.verdict().status
        if status != "refuted":
            survivors[mutant.mistake] = status
    assert survivors == expected


def test_mutants_are_many_and_all_different() -> None:
    every = [m for rule in (rules.shift.shift_by_the_maximum, *SUBJECTS) for m in mutants(rule)]
    bodies = {(m.body.left, m.body.right, m.body.conditions) for m in every}
    assert len(every) >= 300
    assert len(bodies) == len(every)


def test_a_shift_by_anything_but_the_maximum_falls() -> None:
    rule = rules.shift.shift_by_the_maximum
    chosen = [m for m in mutants(rule) if "subtract" in m.mistake or "exp" in m.mistake]
    assert len(chosen) > 8
    assert {m.verdict().status for m in chosen} == {"refuted"}
