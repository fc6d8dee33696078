"""A body that is no batch is a message for the dead letters, whatever else it is."""

import pytest

from common.errors import TerminalError
from common.messages import decode_range, decode_records


def test_a_batch_is_a_list_of_records() -> None:
    assert decode_records(b"[]") == []
    record = {"id": 1, "fingerprint": -2, "data": {"name": "A"}}
    assert decode_records(b'[{"id":1,"fingerprint":-2,"data":{"name":"A"}}]') == [record]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xff", b"{", b"null", b"7", b'"[]"', b"{}", b"[1]", b"[[]]", b"[{}]"),
        b'[{"id":"1","fingerprint":2,"data":{}}]',
        b'[{"id":1,"fingerprint":true,"data":{}}]',
        b'[{"id":1,"fingerprint":2}]',
        b'[{"id":1,"fingerprint":2,"data":[]}]',
        b'[{"id":1,"fingerprint":2,"data":{}},null]',
    ],
)
def test_anything_else_is_terminal(body: bytes) -> None:
    with pytest.raises(TerminalError, match="batch is not"):
        decode_records(body)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"bitmap": 1}', b'{"x": 1}'])
def test_what_is_no_range_is_terminal(body: bytes) -> None:
    with pytest.raises(TerminalError, match="range is not readable"):
        decode_range(body)
