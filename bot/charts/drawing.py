"""A picture as PNG. Only the drawing process imports this: matplotlib takes its time to load and 90 MB to live.

The same picture gives the same bytes: no hour, no name of a program and no font of the machine is in them.
"""

from __future__ import annotations

import io
import math
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from core.domain.picture import LINE, Panel, Picture, Series

WIDE, HIGH, MORE = 1000, 340, 270  # pixels: the width, the height with one panel, and of each further panel
DPI = 100
MOST_LABELS = 13
INK, DIM, RULE, PAPER = "#1d1c1d", "#55595e", "#e3e5e8", "#ffffff"
TONES = ("#0072b2", "#56b4e9", "#009e73")  # told apart by people who see few colours, too
BAD = "#d55e00"
STYLE: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 13,
    "axes.edgecolor": RULE,
    "axes.labelcolor": DIM,
    "text.color": INK,
    "xtick.color": DIM,
    "ytick.color": DIM,
    "hatch.linewidth": 1.4,
    "text.parse_math": False,  # a dollar is a dollar
}


def png(picture: Picture) -> bytes:
    """The picture, on light ground, readable at half its size."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDE / DPI, (HIGH + MORE * (len(picture.panels) - 1)) / DPI), dpi=DPI)
        figure.set_layout_engine("constrained", h_pad=0.12, w_pad=0.1, hspace=0.05)
        figure.set_facecolor(PAPER)
        figure.suptitle(picture.title, x=0.015, ha="left", fontsize=18, fontweight="bold")
        for axes, panel in zip(figure.subplots(len(picture.panels), squeeze=False).flat, picture.panels, strict=True):
            _panel(axes, panel)
        held = io.BytesIO()
        figure.savefig(held, format="png", metadata={"Software": None})
    return held.getvalue()


def _panel(axes: Axes, panel: Panel) -> None:
    axes.set_title(panel.title, loc="left", fontsize=14.5, pad=8)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    if panel.empty:
        _nothing(axes)
        return
    axes.set_ylabel(panel.unit)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=panel.kind != LINE))
    axes.grid(axis="y", color=RULE, linewidth=1)
    axes.set_axisbelow(True)
    if panel.kind == LINE:
        _lines(axes, panel)
    else:
        _bars(axes, panel.series)
    axes.set_ylim(bottom=0, top=max(axes.get_ylim()[1] * 1.12, 1))
    axes.set_xlim(-0.6, len(panel.labels) - 0.4)
    _name_points(axes, panel.labels, panel.counts)
    _gaps(axes, panel)
    if len(panel.series) > 1:
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False, borderaxespad=0.1)


def _nothing(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("#f6f7f8")
    axes.text(0.5, 0.5, "no data", transform=axes.transAxes, ha="center", va="center", fontsize=15, color=DIM)


def _lines(axes: Axes, panel: Panel) -> None:
    marks = ("o", "s", "D")
    for number, one in enumerate(panel.series):
        tone = TONES[number % len(TONES)]
        heights = [math.nan if value is None else value for value in one.values]
        axes.plot(
            range(len(heights)), heights, color=tone, marker=marks[number % len(marks)], markersize=8,
            linewidth=3 if number == 0 else 2, linestyle="-" if number == 0 else (0, (4, 2)), label=one.name,
        )  # fmt: skip
    for at, value in enumerate(panel.series[0].values):
        if value is not None and panel.counts and panel.counts[at] < panel.few:
            axes.plot([at], [value], color=TONES[0], marker="o", markersize=8, markerfacecolor=PAPER, markeredgewidth=2)
    first, low = panel.series[0].values, axes.get_ylim()[1] * 0.18
    if len(first) <= MOST_LABELS:
        for at, value in enumerate(first):
            if value is not None:  # below the line, where no other one runs; above it at the bottom
                beside = (0, 9 if value < low else -21)
                axes.annotate(f"{value:g}", (at, value), beside, textcoords="offset points", ha="center", color=INK)


def _bars(axes: Axes, series: tuple[Series, ...]) -> None:
    base = [0.0] * len(series[0].values)
    for number, one in enumerate(series):
        heights = [value or 0.0 for value in one.values]
        axes.bar(
            range(len(heights)), heights, 0.62, bottom=base, label=one.name, color=BAD if one.bad else TONES[number],
            hatch="///" if one.bad else None, edgecolor=PAPER if one.bad else "none", linewidth=0,
        )  # fmt: skip
        base = [low + high for low, high in zip(base, heights, strict=True)]
    if len(base) <= MOST_LABELS * 2:
        for at, whole in enumerate(base):
            if whole:
                axes.annotate(f"{whole:g}", (at, whole), (0, 4), textcoords="offset points", ha="center", color=INK)


def _name_points(axes: Axes, labels: tuple[str, ...], counts: tuple[int, ...]) -> None:
    """The names below, each with how many things its point stands on; every second or third where they are many."""
    every = math.ceil(len(labels) / MOST_LABELS)
    shown = range(0, len(labels), every)
    axes.set_xticks(list(shown), [f"{labels[n]}\nn = {counts[n]}" if counts else labels[n] for n in shown])


def _gaps(axes: Axes, panel: Panel) -> None:
    """Where there is nothing to draw it says so: a missing point looks like a zero, or like nothing at all."""
    columns = list(zip(*(one.values for one in panel.series), strict=True))
    missing = [at for at, values in enumerate(columns) if all(value is None for value in values)]
    for at in missing:
        axes.axvspan(at - 0.5, at + 0.5, color="#f6f7f8", linewidth=0, zorder=0)
        if len(columns) <= MOST_LABELS:
            low, high = axes.get_ylim()
            axes.text(at, low + (high - low) * 0.06, "no data", ha="center", fontsize=11, color=DIM)
