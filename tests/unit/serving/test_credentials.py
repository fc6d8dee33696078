"""Keys in the forms that clients of Discogs send them, and whose an address is."""

import pytest

from serving.access.admission import network_of
from serving.access.credentials import key_of

KEY = "wx_QmFzZTY0LXVybC1zYWZlX18t"


@pytest.mark.parametrize(
    "header",
    [
        f"Discogs token={KEY}",
        f"discogs token={KEY}",
        f'Discogs token="{KEY}"',
        f"Discogs key=mine, secret={KEY}",
        f"Discogs key={KEY}, secret=whatever",
        f"Discogs key={KEY},secret={KEY}",
        f"Bearer {KEY}",
        f"bearer  {KEY}",
    ],
)
def test_a_key_in_the_header(header: str) -> None:
    headers = [(b"host", b"localhost"), (b"authorization", header.encode())]
    assert key_of(headers, b"q=blue") == KEY


@pytest.mark.parametrize(
    "query",
    [
        f"token={KEY}",
        f"q=a+b&token={KEY}&page=2",
        f"key=mine&secret={KEY}",
        f"key={KEY}&secret=x",
        f"token=wx%5F{KEY[3:]}",
    ],
)
def test_a_key_in_the_query(query: str) -> None:
    assert key_of([], query.encode()) == KEY


@pytest.mark.parametrize(
    ("header", "query"),
    [
        ("", ""),
        ("Discogs token=abcdefGHIJ", ""),
        ("Discogs token=", ""),
        (f"Basic {KEY}", ""),
        (KEY, ""),
        ("Discogs \xff\x00", ""),
        ("OAuth oauth_consumer_key=abc, oauth_signature=def", ""),
        ("", "token=abc"),
        ("", f"q={KEY}"),
        ("", "token=%ff%00&&&=;key"),
        ("", "monkey=wx_"),
    ],
)
def test_what_is_no_key_of_ours(header: str, query: str) -> None:
    assert key_of([(b"authorization", header.encode("latin-1"))], query.encode()) == ""


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("no:address", "no:address"),
    ],
)
def test_a_customer_s_network_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network
