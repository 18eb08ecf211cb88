"""``python -m rewriter check [MODULE or FILE …]``: every rule with its evidence, as a table.

Without a name it checks the shipped laws. A name is that of a module, or of a Python file. A rule
that is refused where it is written is named with the reason, and the rest of its file is checked.

The exit status is 1 where a rule is refuted over the reals or refused, 3 where none is but one
loses digits as floats that its left side keeps, and 0 otherwise. Rules that rewrite for ever when
all of a file are applied together are named, with the cycle: each may be right, so that this does
not change the status.
"""

from __future__ import annotations

import argparse
import importlib
import json
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rewriter.errors import RewriterError, RuleError

if TYPE_CHECKING:
    from rewriter.command.subcommand import Subcommands

__all__ = ["add", "execute"]

REFUTED, DIGITS_LOST = 1, 3
"""Exit statuses."""
SHIPPED = (
    "rules.shift", "rules.scale", "rules.sigmoid", "rules.cancellation", "rules.centring",
    "rules.componentwise", "rules.named_forms",
)  # fmt: skip


def add(subcommands: Subcommands) -> None:
    """Declare ``check`` and its arguments."""
    parser = subcommands.add_parser("check", help="check rules, and show the evidence")
    parser.add_argument("subjects", nargs="*", metavar="module or file",
                        help="where the rules are; the shipped laws by default")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print what programs can read")
    parser.add_argument(
        "--markdown", action="store_true", help="print the table of rules/README.md"
    )
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    """Check the rules of ``arguments.subjects``, and return the exit status.

    Raises:
        RuleError: a subject cannot be loaded, or holds no rules.
    """
    from rewriter.authoring.definition import collected_refusals
    from rewriter.authoring.loops import loops_among
    from rewriter.checking.checker import check_rule, rules_in
    from rewriter.checking.table import page_rows, table

    verdicts, loops = [], []
    with collected_refusals() as refused:
        for subject in arguments.subjects or SHIPPED:
            module = loaded(subject)
            found = rules_in(module, required=not refused)
            verdicts += [check_rule(rule) for rule in found]
            loops += [(subject, error) for error in loops_among(found)]
    refusals = [(r.name, str(r.origin), f"{type(r.error).__name__}: {r.error}") for r in refused]
    if arguments.json:
        data = {"rules": [v.as_data() for v in verdicts],
                "refused": [dict(zip(("name", "origin", "reason"), r, strict=True))
                            for r in refusals],
                "loops": [{"subject": subject, "reason": error.reason, "rules": error.culprit}
                          for subject, error in loops]}  # fmt: skip
        print(json.dumps(data, indent=2, ensure_ascii=False))
    elif arguments.markdown:
        print("\n".join(page_rows(verdicts)))
    else:
        print(table(verdicts))
        for name, origin, reason in refusals:
            print(f"\n{name} ({origin}) is refused: {reason}")
        for subject, error in loops:
            print(f"\n{subject}: applied together wherever they match, {error}")
    if refused or any(v.over_the_reals == "refuted" for v in verdicts):
        return REFUTED
    return DIGITS_LOST if any(v.loses_digits for v in verdicts) else 0


def loaded(subject: str) -> Any:
    """Return what a module or a file defines.

    Raises:
        RuleError: it cannot be loaded.
    """
    try:
        if subject.endswith(".py") or Path(subject).is_file():
            return list(runpy.run_path(subject).values())
        return importlib.import_module(subject)
    except RewriterError:
        raise
    except Exception as error:
        raise RuleError(f"cannot be loaded: {error!r}", culprit=subject) from error
