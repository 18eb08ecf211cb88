"""Which check a declared operator owes: of an elementwise one, or of one that has a shape rule."""

from __future__ import annotations

import time
from typing import Any

from rewriter.checking.operations import OperationCheck
from rewriter.checking.operations_on_axes import OperationOnAxesCheck
from rewriter.checking.verdict import Verdict


def check_operation(operation: Any) -> Verdict:
    """Check an operator that a user declared.

    Returns:
        "refuted" where the derivative, a fact or a function is not that of the definition;
        "unknown" where there is no definition to judge by.
    """
    start = time.perf_counter()
    kind = OperationCheck if operation.declaration.elementwise else OperationOnAxesCheck
    verdict = kind(operation).verdict()
    return Verdict(**{**vars(verdict), "seconds": time.perf_counter() - start})
