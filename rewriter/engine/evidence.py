"""What a scaled term is, and what the scaling rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rewriter.authoring.definition import Match
from rewriter.terms.term import Combination


@dataclass
class Evidence:
    """What a scaling rests on.

    Attributes:
        matches: the matches of laws, each once, in the order in which they were first used.
        blocked: matches whose conditions were not all proved.
    """

    matches: list[Match] = field(default_factory=list)
    blocked: list[Match] = field(default_factory=list)

    def use(self, match: Match) -> None:
        """Note that a law has been used."""
        if match not in self.matches:
            self.matches.append(match)

    def block(self, matches: Iterable[Match]) -> None:
        """Note that laws would have matched."""
        self.blocked += [match for match in matches if match not in self.blocked]

    def take_in(self, other: Evidence) -> None:
        """Note all that something rests on which this is made of."""
        for match in other.matches:
            self.use(match)
        self.block(other.blocked)


@dataclass(frozen=True)
class Scaled:
    """A term in which nothing is left to scale.

    Attributes:
        term: its normal form; sums in it are `Evaluated`.
        bounded: every exponential in it is proved not to overflow.
        evidence: what that rests on.
    """

    term: Combination
    bounded: bool
    evidence: Evidence
