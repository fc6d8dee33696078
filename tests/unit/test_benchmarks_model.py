"""The arithmetic of the long benchmarks: more cores, larger databases, the whole catalogue."""

from dataclasses import replace

import pytest

from benchmarks.loads import INDEXES
from benchmarks.long.growth import CATALOGUE, estimate, exponent, rates_per
from benchmarks.long.model import ALL_CORES, Costs, Stage, costs_of, predict
from benchmarks.measure import Figure
from common.entities import LOAD_ORDER

COSTS = Costs(
    [
        Stage("extractor", 50e-6, serial=True),
        Stage("parse process", 70e-6, serial=False),
        Stage("loader postgres", 80e-6, serial=False),
    ],
    indexes=40e-6,
)


def figure(cpu: dict[str, float], records: int = 1_000) -> Figure:
    return Figure("key", "group", "title", "what", records, 4_500 * records, [1.0], cpu)


def test_few_cores_are_the_bound_then_the_slowest_serial_stage() -> None:
    assert COSTS.enough_cores == pytest.approx(4.0)
    two, many = predict(COSTS, 2), predict(COSTS, 8)
    assert (two.bound, many.bound) == (ALL_CORES, "extractor")
    assert two.streaming == pytest.approx(10_000)
    assert two.rate == pytest.approx(1 / 120e-6)
    assert many.streaming == pytest.approx(20_000)
    assert many.rate == pytest.approx(1 / 55e-6)
    assert many.busy["loader postgres"] == pytest.approx(1.6)
    assert sum(two.busy.values()) == pytest.approx(2)


def test_index_builds_are_the_bound_when_they_take_longer_than_the_records() -> None:
    assert predict(replace(COSTS, indexes=250e-6), 2).bound == INDEXES


def test_a_loads_costs_are_its_cpu_seconds_per_record() -> None:
    cpu = {"extractor": 1.0, "RabbitMQ (broker)": 0.5, "PostgreSQL (postgres)": 4.0, INDEXES: 2.0}
    costs = costs_of(figure(cpu))
    assert {stage.name: stage.serial for stage in costs.stages} == {
        "extractor": True,
        "RabbitMQ (broker)": True,
        "PostgreSQL (postgres)": False,
    }
    assert costs.all_stages == pytest.approx(5.5 / 1_000)
    assert costs.indexes == pytest.approx(2.0 / 1_000)


def test_rates_of_parts_are_read_off_a_curve() -> None:
    curve = [(0.0, 0), (1.0, 0), (2.0, 50), (3.0, 150), (7.0, 250), (9.0, 250)]
    # 100 are reached at 2.5 s, 200 at 5 s.
    assert rates_per(curve, 100) == pytest.approx([100 / 1.5, 100 / 2.5])


def test_the_exponent_is_that_of_a_falling_curve() -> None:
    falling = [1_000 * (place + 0.5) ** -0.2 for place in range(10)]
    assert exponent(falling) == pytest.approx(0.2)
    assert exponent([*reversed(falling)]) == 0
    assert exponent([9_000_000.0, *falling[1:]]) == pytest.approx(0.2)
    assert exponent([5.0, 4.0]) == 0


def test_the_estimate_adds_up_hours() -> None:
    figures = {entity: figure({}, records=100_000) for entity in LOAD_ORDER}
    even = [(float(second), 10_000 * second) for second in range(11)]
    hours = sum(CATALOGUE.values()) / 100_000 / 3600
    found = estimate(figures, even)
    assert found.steady == pytest.approx(hours)
    assert found.slower == pytest.approx(hours, rel=1e-3)
    assert found.slowing == pytest.approx(0, abs=1e-9)
    times = [0.0]
    for place in range(10):
        times.append(times[-1] + (place + 0.5) ** 0.3)
    slower = estimate(figures, [(at, 10_000 * place) for place, at in enumerate(times)])
    assert slower.steady == pytest.approx(hours)
    assert slower.slower > 2 * hours
    assert slower.slowing == pytest.approx(1 - 10**-0.3)
