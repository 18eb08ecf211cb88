"""Headings, notes, tables and progress: drawn by ``rich`` where it is installed, plain without.

>>> display = PlainDisplay()
>>> display.table("Results", ["form", "value"], [["softmax", "[0, 0, 1]"]])
Results
form     value
-------  ---------
softmax  [0, 0, 1]
<BLANKLINE>
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Display", "PlainDisplay", "RichDisplay", "open_display"]

Item = TypeVar("Item")
Rows: TypeAlias = Sequence[Sequence[str]]

COLUMNS_OFF_TERMINAL = 100
"""Width, in characters, of what goes to a file or a pipe."""


class Display(Protocol):
    """A place to print to."""

    def heading(self, text: str) -> None:
        """Print ``text`` as the title of what follows."""

    def note(self, text: str) -> None:
        """Print ``text`` as a paragraph."""

    def table(self, title: str, columns: Sequence[str], rows: Rows, group: int = 1) -> None:
        """Print one line a row, a gap after each ``group`` of them where that is not 1.

        Args:
            title: what the table shows.
            columns: their names.
            rows: as many cells each as there are columns.
            group: how many rows belong together.
        """

    def track(self, items: Sequence[Item], description: str) -> Iterator[Item]:
        """Yield the items, showing how many are done."""


class PlainDisplay:
    """Plain text, whatever is installed."""

    def heading(self, text: str) -> None:
        """Print ``text``, underlined."""
        print(f"{text}\n{'=' * len(text)}\n", flush=True)

    def note(self, text: str) -> None:
        """Print ``text`` and an empty line."""
        print(f"{text}\n", flush=True)

    def table(self, title: str, columns: Sequence[str], rows: Rows, group: int = 1) -> None:
        """Print the columns side by side, each as wide as its widest cell."""
        widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
        print(title)
        for number, line in enumerate(
            [columns, ["-" * width for width in widths], *rows], start=-1
        ):
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            print("  ".join(cells).rstrip())
            if group > 1 and number > 0 and number % group == 0:
                print()
        print(flush=True)

    def track(self, items: Sequence[Item], description: str) -> Iterator[Item]:
        """Print a line before each item."""
        for position, item in enumerate(items, start=1):
            print(f"{description} {position}/{len(items)}: {item}", flush=True)
            yield item
        print(flush=True)


class RichDisplay:
    """Rules, boxes and progress bars, drawn by ``rich``."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def heading(self, text: str) -> None:
        """Print ``text`` in a line across the page."""
        self.console.rule(f"[bold]{text}", align="left")
        self.console.print()

    def note(self, text: str) -> None:
        """Print ``text`` and an empty line."""
        self.console.print(f"{text}\n", markup=False, highlight=False)

    def table(self, title: str, columns: Sequence[str], rows: Rows, group: int = 1) -> None:
        """Print a boxed table, a line between the groups."""
        from rich.table import Table
        from rich.text import Text

        table = Table(title=title, title_justify="left")
        for column in columns:
            table.add_column(column, overflow="fold", no_wrap=column != columns[-1])
        for number, row in enumerate(rows, start=1):
            cells = (Text(cell, style="red" if "nan" in cell else "") for cell in row)
            table.add_row(*cells, end_section=group > 1 and number % group == 0)
        self.console.print(table)
        self.console.print()

    def track(self, items: Sequence[Item], description: str) -> Iterator[Item]:
        """Draw a bar that fills as the items are done, and name the one at work."""
        from rich import progress as parts

        columns = (
            parts.TextColumn("{task.description}"),
            parts.BarColumn(),
            parts.MofNCompleteColumn(),
            parts.TimeElapsedColumn(),
        )
        with parts.Progress(*columns, console=self.console) as progress:
            task = progress.add_task(description, total=len(items))
            for item in items:
                progress.update(task, description=f"{description}: {item}")
                yield item
                progress.advance(task)
            progress.update(task, description=description)
        self.console.print()


def open_display() -> Display:
    """A display on standard output: by ``rich`` where it can be imported, else plain."""
    try:
        from rich.console import Console
    except ImportError:
        return PlainDisplay()
    return RichDisplay(Console(width=None if sys.stdout.isatty() else COLUMNS_OFF_TERMINAL))
