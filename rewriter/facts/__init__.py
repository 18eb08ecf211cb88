"""Facts about values, with three answers: proved, refuted, unknown.

Only what is proved lets a condition fire.
"""

from rewriter.facts.interval import Interval
from rewriter.facts.ranges import range_of
from rewriter.facts.verdict import PROVED, REFUTED, UNKNOWN, Answer, Fact

__all__ = ["PROVED", "REFUTED", "UNKNOWN", "Answer", "Fact", "Interval", "range_of"]
