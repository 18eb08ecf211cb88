"""The checker: a rule in, a verdict with its evidence out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from rewriter.checking import balls, floats, symbolic
from rewriter.checking.comparison import FEWEST_POINTS, agreement_of, counterexample
from rewriter.checking.counterexample import Counterexample
from rewriter.checking.declared import check_operation
from rewriter.checking.elaboration import Law
from rewriter.checking.identity import Agreement
from rewriter.checking.remedies import remedy
from rewriter.checking.verdict import Evidence, Status, Verdict
from rewriter.errors import BackendError, RuleError


def check(*subjects: Any) -> Any:
    """Check rules, and operators of a user's own.

    Args:
        subjects: rules, declared operators, or modules and sequences that hold them.

    Returns:
        The verdict for one of them; for anything else a tuple of verdicts.

    Raises:
        RuleError: a subject holds no rule.
    """
    if len(subjects) == 1 and _is_checked(subjects[0]):
        return check_rule(subjects[0])
    return tuple(check_rule(rule) for subject in subjects for rule in rules_in(subject))


def rules_in(subject: Any, required: bool = True) -> list[Any]:
    """Return the rules and declared operators of a module, of a sequence, or one by itself.

    Of an equation both directions are returned.

    Args:
        subject: the module, the sequence or the rule.
        required: there must be one.

    Raises:
        RuleError: there is none.
    """
    if _is_checked(subject):
        return [subject]
    parts = vars(subject).values() if hasattr(subject, "__dict__") else subject
    found: list[Any] = []
    for part in parts if isinstance(parts, Iterable) else ():
        for one in part if _is_equation(part) else (part,):
            if _is_checked(one) and one not in found:
                found.append(one)
    if not found and required:
        raise RuleError("no rules in it", culprit=repr(subject))
    return found


def _is_equation(subject: Any) -> bool:
    return hasattr(subject, "forward") and hasattr(subject, "backward")


def _is_checked(subject: Any) -> bool:
    """It is a rule, or an operator that a user declared."""
    known = hasattr(subject, "matches") or hasattr(subject, "declaration")
    return known and not isinstance(subject, type)


def check_rule(rule: Any, needs: bool = True) -> Verdict:
    """Check one rule, or one operator that a user declared.

    Args:
        rule: the rule or the operator.
        needs: also drop each condition in turn.
    """
    if hasattr(rule, "declaration"):
        return check_operation(rule)
    start = time.perf_counter()
    written = getattr(rule, "written", None)
    statement = str(getattr(rule, "statement", ""))
    if written is None:
        return Verdict(rule.name, "unknown", "a relation states no sides to compare",
                       statement=statement)  # fmt: skip
    law = Law(written.left, written.right, written.conditions)
    used = Law(written.left, written.right, written.conditions + written.worth)
    verdict = _Check(rule.name, statement, law, used).verdict(needs)
    return replace(verdict, seconds=time.perf_counter() - start)


def check_law(name: str, law: Law) -> Verdict:
    """Check a law that no rule states."""
    return _Check(name, "", law, law).verdict(False)


def _is_proved(law: Law) -> bool:
    return _Check("", "", law, law).verdict(False).over_the_reals == "proved"


class _Check:
    """One rule's check: ``law`` says where it is true, ``used`` where it is also worth it."""

    def __init__(self, name: str, statement: str, law: Law, used: Law) -> None:
        self.name, self.statement, self.law, self.used = name, statement, law, used
        self.evidence: list[Evidence] = []

    def verdict(self, needs: bool) -> Verdict:
        """Judge the rule; ``needs``: look for a counterexample without each of its conditions."""
        try:
            return self._verdict(needs)
        except BackendError as error:
            return self._said("unknown", f"{error.reason} [{error.culprit}]")

    def _verdict(self, needs: bool) -> Verdict:
        found = self._timed("balls", self._search)
        if found is not None:
            return self._refuted(found)
        fields = self._timed("fields", self._fields)
        if fields.disagreements:
            found = self._timed("balls", partial(self._search, balls.searches_with_more_bits))
            if found is not None:
                return self._refuted(found)
        self._timed("sympy", self._sympy)
        lost = self._timed("floats", self._floats)
        reason = self._doubt(fields)
        if lost is not None:
            identity: Status = "unknown" if reason else "proved"
            return replace(self._said("refuted", lost.reason, lost), identity=identity)
        unneeded = tuple(self._unneeded()) if needs else ()
        return self._said("unknown" if reason else "proved", reason, None, unneeded)

    def _doubt(self, fields: Agreement) -> str:
        if not fields.holds:
            return f"fields: {fields}"
        if any(e.holds for e in self.evidence if e.means in ("balls", "sympy")):
            return ""
        return "too few points at which the left side is a number"

    def _refuted(self, found: Counterexample) -> Verdict:
        values = {name: array[None] for name, array in found.values.items()}
        sizes = {
            name: size
            for one in self.law.inputs
            for name, size in zip(one.places, found.values[one.name].shape, strict=True)
        }
        said = self._said("refuted", found.reason, found)
        return replace(said, search=partial(remedy, self.law, sizes, values, _is_proved))

    def _said(
        self, status: Any, reason: str, example: Counterexample | None = None,
        unneeded: tuple[str, ...] = (),
    ) -> Verdict:  # fmt: skip
        return Verdict(self.name, status, reason, tuple(self.evidence), example, unneeded,
                       self.statement)  # fmt: skip

    def _timed(self, means: str, run: Callable[[], tuple[Any, bool | None, str]]) -> Any:
        start = time.perf_counter()
        found, holds, text = run()
        self.evidence.append(Evidence(means, holds, text, time.perf_counter() - start))
        return found

    def _search(
        self, search: Callable[[Law], Iterator[balls.Report]] = balls.searches
    ) -> tuple[Counterexample | None, bool | None, str]:
        total = balls.Report()
        for report in search(self.law):
            total.add(report)
            if report.failures:
                found = counterexample(self.law, report.failures[0])
                return found, False, str(found)
        enough = total.agreed >= FEWEST_POINTS
        text = f"{total.agreed} points agree, {total.undefined} where the left side is no number"
        if total.open:
            text += f", {total.open} not settled"
        return None, True if enough else None, text

    def _fields(self) -> tuple[Agreement, bool | None, str]:
        found = agreement_of(self.law)
        return found, found.holds or None, str(found)

    def _sympy(self) -> tuple[None, bool | None, str]:
        said = symbolic.proof(self.law)
        return None, True if said else None, said or "no proof found"

    def _floats(self) -> tuple[Counterexample | None, bool | None, str]:
        found = floats.claim(self.used)
        if found.loss is None:
            return None, True, str(found)
        loss = found.loss
        sides = self.used.graphs(loss.sizes)
        example = Counterexample(
            {name: array[0] for name, array in loss.values.items()},
            sides.graph(sides.left), sides.graph(sides.right), loss.left, loss.right,
            "as floats the right side loses digits where the left side keeps them, and gains none "
            "anywhere", exactly=False,
        )  # fmt: skip
        return example, False, str(found)

    def _unneeded(self) -> Iterator[str]:
        for place, condition in enumerate(self.law.conditions):
            if not any(r.failures for r in balls.searches(self.law, place, seed=7)):
                yield condition.statement
