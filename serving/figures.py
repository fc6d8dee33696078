"""What a process tells of itself: ``/stats`` for people, ``/metrics`` for Prometheus."""

from collections.abc import Iterator

from fastapi import APIRouter
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from serving.answers import Answer, AnswerResponse
from serving.parts import Parts


def make_router(parts: Parts) -> APIRouter:
    """Return the routes that tell figures."""
    router = APIRouter(tags=["service"])
    registry = _registry(parts)

    @router.get("/stats")
    async def stats() -> dict[str, object]:
        """Tell how often each layer had an answer, and how far the catalogue is."""
        return {"layers": list(_layers(parts)), "entities": list(_entities(parts))}

    @router.get("/metrics")
    async def metrics() -> AnswerResponse:
        """Tell the figures of this process in Prometheus' format."""
        body = generate_latest(registry)
        return AnswerResponse(Answer(body, content_type=CONTENT_TYPE_LATEST))

    return router


def _layers(parts: Parts) -> Iterator[dict[str, object]]:
    for one in parts.statistics.shares():
        yield {
            "layer": one.layer,
            "kind": one.kind,
            "hits": one.hits,
            "asked": one.asked,
            "rate": round(one.rate, 4),
        }


def _entities(parts: Parts) -> Iterator[dict[str, object]]:
    for entity, state in parts.follower.states.items():
        yield {
            "entity": entity.value,
            "dump": state.dump,
            "state": state.state,
            "sequence": state.sequence,
        }


def _registry(parts: Parts) -> CollectorRegistry:
    registry = CollectorRegistry()
    for make in (ProcessCollector, PlatformCollector, GCCollector):
        make(registry=registry)
    registry.register(_Figures(parts))
    return registry


class _Figures(Collector):
    """Reads the counts where they are, when they are asked for."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        """Yield what the names of docs/api.md stand for."""
        yield self._caches()
        yield self._answers()
        yield from self._runs()

    def _caches(self) -> Metric:
        family = CounterMetricFamily(
            "waxline_cache_requests",
            "Answers that a layer was asked for.",
            labels=("layer", "kind", "outcome"),
        )
        for one in self._parts.statistics.shares():
            family.add_metric((one.layer, one.kind, "hit"), one.hits)
            family.add_metric((one.layer, one.kind, "miss"), one.asked - one.hits)
        return family

    def _answers(self) -> Metric:
        family = CounterMetricFamily(
            "waxline_serve_answers", "Requests answered, by status.", labels=("status",)
        )
        for status, count in sorted(self._parts.statistics.traffic.statuses.items()):
            family.add_metric((str(status),), count)
        return family

    def _runs(self) -> Iterator[Metric]:
        states = GaugeMetricFamily(
            "waxline_run_state", "1 for the state of the current run.", labels=("entity", "state")
        )
        dumps = GaugeMetricFamily(
            "waxline_run_dump", "Date of the dump that is loaded.", labels=("entity",)
        )
        for entity, state in self._parts.follower.states.items():
            states.add_metric((entity.value, state.state), 1)
            dumps.add_metric((entity.value,), state.dump)
        yield from (states, dumps)
