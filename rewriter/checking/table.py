"""Verdicts as tables, for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rewriter.checking.verdict import Verdict

HEADINGS = ("rule", "verdict", "fields", "SymPy", "balls", "float64", "seconds")
LOSES_DIGITS = "loses digits"
MEANS = ("fields", "sympy", "balls", "floats")


def rows(verdicts: Iterable[Verdict]) -> list[tuple[str, ...]]:
    """Return the cells of a table, one row a verdict."""
    found = []
    for verdict in verdicts:
        cells = [_cell(verdict, means) for means in MEANS]
        found.append((verdict.name, _word(verdict), *cells, f"{verdict.seconds:.1f}"))
    return found


def _word(verdict: Verdict) -> str:
    return LOSES_DIGITS if verdict.loses_digits else verdict.status


def _cell(verdict: Verdict, means: str) -> str:
    evidence = verdict.by(means)
    if evidence is None:
        return "-"
    if evidence.holds is False:
        return "falls"
    if evidence.holds is None:
        return "open"
    return {
        "fields": "2^-60", "sympy": evidence.text.split(",")[0], "balls": _first(evidence.text),
        "floats": "kept",
    }[means]  # fmt: skip


def _first(text: str) -> str:
    return text.split(" agree")[0]


def table(verdicts: Sequence[Verdict]) -> str:
    """Return a table, and below it what is to be said of rules that are not proved."""
    lines = _aligned([HEADINGS, *rows(verdicts)])
    counts = dict.fromkeys(("proved", "refuted", "unknown"), 0)
    for verdict in verdicts:
        counts[_word(verdict)] = counts.get(_word(verdict), 0) + 1
    total = sum(verdict.seconds for verdict in verdicts)
    summary = ", ".join(f"{count} {status}" for status, count in counts.items())
    lines += ["", f"{summary}, in {total:.1f} s"]
    for verdict in verdicts:
        if not verdict.proved:
            lines += ["", f"{verdict.name} is {verdict.headline}: {verdict.reason}"]
            if verdict.remedy is not None:
                lines += [f"  {verdict.remedy}"]
            if verdict.counterexample is not None:
                lines += [f"  {verdict.counterexample}", "", verdict.counterexample.source]
        lines += [
            f"{verdict.name}: nothing fails without the condition {statement}"
            for statement in verdict.unneeded
        ]
    return "\n".join(lines)


def _aligned(cells: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def page_rows(verdicts: Sequence[Verdict]) -> list[str]:
    """Return the lines of a Markdown table without times: the same on every machine."""
    lines = ["| " + " | ".join(HEADINGS[:-1]) + " |", "|---" * (len(HEADINGS) - 1) + "|"]
    lines += ["| " + " | ".join(row[:-1]) + " |" for row in rows(verdicts)]
    return lines
