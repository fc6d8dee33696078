from typing import Any, final

from common.records import Record

@final
class LazyRecord:
    raw: bytes
    decoded: Any
    def __init__(self, record_id: int, fingerprint: int, raw: bytes) -> None: ...
    def __getitem__(self, key: str) -> Any: ...

def cut(body: bytes) -> list[Record] | None: ...
