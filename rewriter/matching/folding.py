"""Working a term out bottom-up with an explicit stack, so that depth costs no recursion.

>>> def plan(x):
...     return (x, lambda depths: 1 + max(depths)) if isinstance(x, tuple) else ((), lambda _: 0)
>>> fold((1, (2, 3)), plan)
2
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Combine", "Plan", "fold"]

Combine = Callable[[list[Any]], Any]
Plan = tuple[tuple[Any, ...], Combine]


def fold(root: Any, expand: Callable[[Any], Plan | None]) -> Any:
    """Rebuild a term bottom-up with an explicit stack; a shared subterm is visited once.

    Args:
        root: the term.
        expand: gives the subterms to visit first and what combines their results; None where a term
            stays.
    """
    plans: dict[int, Plan] = {}
    results: dict[int, Any] = {}
    stack = [root]
    while stack:
        term = stack[-1]
        identity = id(term)
        if identity in results:
            stack.pop()
            continue
        plan = plans.get(identity)
        if plan is None:
            plan = expand(term)
            if plan is None:
                results[identity] = term
                stack.pop()
                continue
            plans[identity] = plan
        missing = [each for each in plan[0] if id(each) not in results]
        if missing:
            stack.extend(missing)
        else:
            results[identity] = plan[1]([results[id(each)] for each in plan[0]])
            stack.pop()
    return results[id(root)]
