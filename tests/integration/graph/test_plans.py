"""How Neo4j plans to run the graph sink's statements."""

from typing import Any

import pytest

from common.entities import Entity
from loaders.neo4j.upsert import content_statements, stub_statements
from tests.integration.graph.writing import load, opened
from tests.servers import graph_driver


@pytest.mark.parametrize("entity", list(Entity))
async def test_neo4j_plans_index_seeks_and_no_scan(neo4j_url: str, entity: Entity) -> None:
    async with opened(neo4j_url) as sink:
        await load(sink, entity, {1: {}})
    texts = content_statements(entity)
    plans = {name: operators(neo4j_url, text) for name, text in texts.items()}
    scanning = {name for name, plan in plans.items() if any("Scan" in step for step in plan)}
    # These look at a whole label, and are asked once per run.
    assert scanning <= {"rows", "orphans"}
    # These stand between MERGE and what is set of each row: none is in a row's CREATE.
    assert plans["upsert"].count("Eager") <= 2


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
