"""The engine: hazards, scaling, rebuilding.

A graph is read by regions (`region`, `reading`, `entry`, `following`), which look for hazards
(`hazards`, `vanishing`, `shelters`, `selected`); terms are scaled by the laws (`scaling`,
`largest`, `weights`, `shifts`) and built anew (`building`): the cure of exponentials (`curing`).
All else follows in `passes`; `custom` applies a user's rules, and `componentwise` is the pass that
``accuracy="componentwise"`` adds.
"""

from rewriter.engine.optimizer import optimize, rewrite_graph
from rewriter.engine.result import Result, Step

__all__ = ["Result", "Step", "optimize", "rewrite_graph"]
