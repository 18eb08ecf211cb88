"""Verdicts: proved, refuted or unknown, each with its evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from rewriter.checking.counterexample import Counterexample

Status = Literal["proved", "refuted", "unknown"]


@dataclass(frozen=True)
class Evidence:
    """What one of the means found.

    Attributes:
        means: "fields", "sympy", "balls" or "floats".
        holds: True where it speaks for the law, False against it, None where it cannot tell.
        text: what was done, with counts and bounds.
        seconds: how long it took.
    """

    means: str
    holds: bool | None
    text: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """What is known of a law.

    Attributes:
        name: of the rule or of the pair of graphs.
        status: "proved", "refuted" or "unknown": of all that a rule owes, that its sides are equal
            over the reals, and that its right side keeps the digits that its left side keeps.
        reason: why it is not proved; empty where it is.
        evidence: one for each means that was tried.
        counterexample: numbers that refute it, or None.
        unneeded: statements of the conditions without which no counterexample appears.
        statement: the law in mathematics.
        seconds: how long the whole check took.
        identity: of the first of these alone; None stands for the same as ``status``.
        search: looks for conditions with which a refuted law is proved.
    """

    name: str
    status: Status
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    counterexample: Counterexample | None = None
    unneeded: tuple[str, ...] = ()
    statement: str = ""
    seconds: float = field(default=0.0, compare=False)
    identity: Status | None = None
    search: Callable[[], Any] | None = field(default=None, compare=False, repr=False)

    @cached_property
    def remedy(self) -> Any:
        """The conditions with which a refuted law is proved, where some are found; else None.

        They are looked for when they are asked for (`rewriter.checking.remedies`).
        """
        return None if self.search is None else self.search()

    @property
    def proved(self) -> bool:
        """The status is "proved"."""
        return self.status == "proved"

    @property
    def over_the_reals(self) -> Status:
        """Whether the sides are equal over the reals: "proved", "refuted" or "unknown"."""
        return self.identity or self.status

    @property
    def loses_digits(self) -> bool:
        """It is refuted as a rewrite of floats only; no number refutes it over the reals."""
        return self.status == "refuted" and self.over_the_reals != "refuted"

    @property
    def headline(self) -> str:
        """The verdict in words."""
        if self.loses_digits:
            return f"{self.over_the_reals} over the reals, but loses digits"
        return self.status

    def by(self, means: str) -> Evidence | None:
        """Return the evidence of one of the means, or None."""
        return next((e for e in self.evidence if e.means == means), None)

    def as_data(self) -> dict[str, Any]:
        """Return the verdict as what JSON can hold."""
        return {
            "name": self.name, "statement": self.statement, "status": self.status,
            "over_the_reals": self.over_the_reals, "loses_digits": self.loses_digits,
            "reason": self.reason, "seconds": round(self.seconds, 3),
            "remedy": list(self.remedy.source) if self.remedy else None,
            "unneeded_conditions": list(self.unneeded),
            "evidence": [
                {"means": e.means, "holds": e.holds, "text": e.text,
                 "seconds": round(e.seconds, 3)} for e in self.evidence
            ],
            "counterexample": None if self.counterexample is None
            else self.counterexample.as_data(),
        }  # fmt: skip

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.headline}"]
        if self.reason:
            lines.append(f"  {self.reason}")
        if self.remedy is not None:
            lines.append(f"  {self.remedy}")
        for one in self.evidence:
            lines.append(f"  {one.means}: {one.text}")
        for statement in self.unneeded:
            lines.append(f"  not needed: {statement}")
        if self.counterexample is not None:
            lines += ["", self.counterexample.source]
        return "\n".join(lines)
