"""The demo's picture: loss and test accuracy, step by step, one column a dtype."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rewriter.command.training import History, Recipe

__all__ = ["draw"]

Key: TypeAlias = tuple[str, str]
"""A backend and a way."""

STYLES: dict[Key, dict[str, Any]] = {
    ("JAX", "optax"): {"color": "0.8", "linestyle": "-", "linewidth": 7},
    ("JAX", "rw.stabilize"): {"color": "tab:blue", "linestyle": "-", "linewidth": 3},
    ("NumPy", "rw.optimize"): {"color": "gold", "linestyle": ":", "linewidth": 2},
    ("JAX", "as written"): {"color": "tab:red", "linestyle": "-", "linewidth": 3},
    ("NumPy", "as written"): {"color": "black", "linestyle": ":", "linewidth": 2},
}
"""How each line is drawn, in the order of drawing: a later one lies on an earlier, wider one."""

WINDOW = 14
"""Steps in one pass over the images, over which the losses are averaged."""


def draw(histories: Mapping[tuple[Recipe, str, str], History], path: Path) -> None:
    """Draw losses above, accuracies below, and write the picture.

    Args:
        histories: by recipe, backend ("JAX", "NumPy") and way.
        path: the PNG file to write.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    recipes = list(dict.fromkeys(recipe for recipe, _, _ in histories))
    figure = Figure(figsize=(6 * len(recipes), 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, len(recipes), sharex=True, squeeze=False)
    for recipe, losses, accuracies in zip(recipes, *axes, strict=True):
        drawn = {key: histories[recipe, *key] for key in STYLES if (recipe, *key) in histories}
        draw_losses(losses, drawn)
        draw_accuracies(accuracies, drawn)
        mark_failures(losses, accuracies, drawn)
        losses.set_title(f"{recipe.dtype}, step size {recipe.step_size:g}")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    figure.suptitle("A softmax classifier on handwritten digits, its loss written naively")
    figure.savefig(path, dpi=120)


def draw_losses(panel: Any, histories: Mapping[Key, History]) -> None:
    """Draw each loss, averaged over the images once through, up to where it is not finite."""
    for (backend, way), history in histories.items():
        losses = running_mean(np.array(history.losses[: history.failure]))
        panel.plot(losses, label=f"{backend}, {way}", **STYLES[backend, way])
    panel.set_yscale("log")
    panel.set_ylabel("training loss, mean of a pass")


def running_mean(values: NDArray[Any]) -> NDArray[Any]:
    """The mean of each value and those before it, ``WINDOW`` at most; (n,) to (n,)."""
    totals = np.cumsum(np.concatenate([[0.0], values]))
    ends = np.arange(1, len(totals))
    begins = np.maximum(ends - WINDOW, 0)
    means: NDArray[Any] = (totals[ends] - totals[begins]) / (ends - begins)
    return means


def draw_accuracies(panel: Any, histories: Mapping[Key, History]) -> None:
    """Draw the share of test images got right."""
    for key, history in histories.items():
        steps, shares = zip(*history.accuracies, strict=True)
        panel.plot(steps, [100 * share for share in shares], **STYLES[key])
    panel.set_ylim(0, 100)
    panel.set_ylabel("test accuracy, %")
    panel.set_xlabel("step")


def mark_failures(losses: Any, accuracies: Any, histories: Mapping[Key, History]) -> None:
    """Draw an upright line at each step from which a loss is nan, and say below whose."""
    failures: dict[int, list[str]] = {}
    for (backend, _), history in histories.items():
        if history.failure is not None:
            failures.setdefault(history.failure, []).append(backend)
    for row, (step, backends) in enumerate(sorted(failures.items())):
        for panel in (losses, accuracies):
            panel.axvline(step, color="tab:red", linestyle="--", linewidth=1)
        accuracies.text(
            0.97,
            0.55 - 0.08 * row,
            f"as written, {' and '.join(backends)}: nan from step {step}",
            horizontalalignment="right",
            color="tab:red",
            transform=accuracies.transAxes,
        )
