"""The three answers, each with its reason (Kleene's strong logic of indeterminacy)."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from rewriter.errors import TruthValueError


class Answer(enum.Enum):
    """What is known of a statement."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"

    def __bool__(self) -> NoReturn:
        raise TruthValueError("an answer has three values; compare it with PROVED", culprit=self)


PROVED, REFUTED, UNKNOWN = Answer.PROVED, Answer.REFUTED, Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement, what is known of it, and why.

    Attributes:
        statement: in the notation of terms, "b > 0".
        answer: proved, refuted or unknown.
        reason: what the answer rests on.
        compared: of a comparison with 0, the term and the sign, such as ``(b, ">")``; else None.
    """

    statement: str
    answer: Answer
    reason: str
    compared: Any = None

    def __str__(self) -> str:
        return f"{self.statement}: {self.answer.value} ({self.reason})"


def all_of(answers: Iterable[Answer]) -> Answer:
    """Conjunction: refuted if one is, proved if all are, else unknown."""
    seen = list(answers)
    if REFUTED in seen:
        return REFUTED
    return UNKNOWN if UNKNOWN in seen else PROVED
