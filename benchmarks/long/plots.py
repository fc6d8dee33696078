"""Plots of the long page."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure as Canvas

from benchmarks.long.growth import STEPS, rates_per
from benchmarks.long.model import Costs, predict
from benchmarks.plots import canvas

_MOST_CORES = 32
_BARS = 10


def scaling(costs: Mapping[str, Costs]) -> Canvas:
    """Draw the rate of each entity over the number of cores."""
    drawing, axes = canvas(_BARS)
    cores = range(1, _MOST_CORES + 1)
    for name, cost in costs.items():
        axes.plot(cores, [predict(cost, count).rate for count in cores], label=name)
    axes.set_xlabel("cores")
    axes.set_ylabel("records per second, modelled; logarithmic")
    axes.set_yscale("log")
    axes.legend(fontsize=8)
    return drawing


def size(curves: Mapping[str, Sequence[tuple[float, int]]]) -> Canvas:
    """Draw the rates of each part of a load over the records before it."""
    drawing, axes = canvas(_BARS)
    for name, curve in curves.items():
        step = max(1, curve[-1][1] // STEPS)
        rates = rates_per(curve, step)
        axes.plot([step * (place + 1) for place in range(len(rates))], rates, "o-", label=name)
    axes.set_xlabel("releases in the database")
    axes.set_ylabel("records per second")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)
    return drawing
