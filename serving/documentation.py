"""``/docs``: every endpoint on one page, made of the OpenAPI document; it needs no network."""

from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from typing import Any

from fastapi import FastAPI

from serving.answers import Answer, AnswerResponse

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "h3{margin:1.5rem 0 0;font:1rem ui-monospace,monospace}p{margin:.2rem 0}"
    "table{border-collapse:collapse;font-size:.9rem}td{padding:.1rem .8rem .1rem 0;"
    "vertical-align:top}code{font-family:ui-monospace,monospace}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}}"
)


def add_documentation(application: FastAPI) -> None:
    """Add the page of everything that the application has routes for by now."""

    @cache
    def page() -> Answer:
        body = "".join(_page(application.openapi())).encode()
        return Answer(body, content_type="text/html; charset=utf-8")

    @application.get("/docs", include_in_schema=False)
    async def docs() -> AnswerResponse:
        return AnswerResponse(page())


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>waxline</title><style>{_STYLE}"
    yield "</style><h1>waxline</h1><p>For programs: <a href=/openapi.json>openapi.json</a></p>"
    of_tags: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = next(iter(operation.get("tags", ())), "others")
            of_tags.setdefault(tag, []).append("".join(_operation(path, method, operation)))
    for tag, operations in of_tags.items():
        yield f"<h2>{escape(tag)}</h2>{''.join(operations)}"
    yield "</html>"


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h3>{method.upper()} {escape(path)}</h3>"
    for text in (operation.get("summary"), operation.get("description")):
        yield f"<p>{escape(text)}</p>" if text else ""
    rows = "".join(map(_parameter, operation.get("parameters", ())))
    yield f"<table>{rows}</table>" if rows else ""


def _parameter(parameter: Mapping[str, Any]) -> str:
    needed = " (needed)" if parameter.get("required") else ""
    about = escape(parameter.get("description", ""))
    return f"<tr><td><code>{escape(parameter['name'])}</code>{needed}</td><td>{about}</td></tr>"
