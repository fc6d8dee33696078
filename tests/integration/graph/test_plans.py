"""How Neo4j plans to run the graph sink's statements."""

from typing import Any

from common.entities import Entity
from loaders.neo4j.schema import LABELS, types
from loaders.neo4j.statements import content_statements, stub_statements
from tests.integration.graph.writing import load, opened
from tests.servers import graph_driver


async def test_neo4j_plans_index_seeks_and_no_scan(neo4j_url: str) -> None:
    async with opened(neo4j_url) as sink:
        for entity in Entity:
            await load(sink, entity, {1: {}})
    plans = {place: operators(neo4j_url, text) for text, place in distinct().items()}
    scanning = {name for (_, name), plan in plans.items() if any("Scan" in step for step in plan)}
    # These look at a whole label, and are asked once per run.
    assert scanning <= {"rows", "orphans"}
    # These stand between MERGE and what is set of each row: none is in a row's CREATE.
    upserts = [plan for (_, name), plan in plans.items() if name == "upsert"]
    assert len(upserts) == len(Entity)
    assert all(plan.count("Eager") <= 2 for plan in upserts)


def distinct() -> dict[str, tuple[Entity, str]]:
    """Return the statements, but one of those that differ in the words alone put in for an entity.

    The upserts are more than that; the index of each label is in its upsert.
    """
    found: dict[str, tuple[str, tuple[Entity, str]]] = {}
    for entity in Entity:
        own = (f":{LABELS[entity]}", "|".join(types(entity)))
        for name, text in content_statements(entity).items():
            shape = text.replace(own[0], ":…").replace(own[1], "…")
            found.setdefault(shape, (text, (entity, name)))
    return dict(found.values())


async def test_neo4j_makes_stubs_by_index(neo4j_url: str) -> None:
    async with opened(neo4j_url):
        pass  # its constraints are there
    for label in ("Artist", "Genre"):
        plan = operators(neo4j_url, stub_statements(label)["stubs"])
        assert plan.count("MergeUniqueNode") == 1


def operators(url: str, statement: str) -> list[str]:
    with graph_driver(url) as driver:
        text: Any = f"EXPLAIN {statement}"
        summary = driver.execute_query(text, database_=url.rpartition("/")[2])[1]
    found: list[str] = []
    todo: list[dict[str, Any]] = [summary.plan or {}]
    while todo:
        step = todo.pop()
        found.append(step["operatorType"].partition("@")[0])
        todo += step.get("children", [])
    return found
