"""The two shapes of the dumps, down to what each writes when there is nothing to say."""

import re
from collections.abc import Callable

from common.entities import Entity
from generator import Plan

Dump = Callable[[Plan, Entity], bytes]

CURRENT = Plan(releases=300)
OLD = Plan(releases=300, shape="old")


def test_the_old_shape_writes_empty_elements(dump: Dump) -> None:
    releases = dump(OLD, Entity.RELEASE)
    for empty in (b"<anv></anv>", b"<join></join>", b"<role></role>", b"<tracks></tracks>"):
        assert empty in releases
    for empty in (b"<companies/>", b"<extraartists/>", b"<identifiers/>", b"<catno></catno>"):
        assert empty in releases
    assert b"<profile></profile>" in dump(OLD, Entity.ARTIST)
    assert b"<urls/>" not in dump(OLD, Entity.LABEL)


def test_the_current_shape_leaves_out_what_is_empty(dump: Dump) -> None:
    for entity in Entity:
        raw = dump(CURRENT, entity)
        assert b"<anv></anv>" not in raw
        assert b"<profile></profile>" not in raw
        assert b"images" not in raw
    assert b"<urls/>" in dump(CURRENT, Entity.LABEL)
    assert b"<urls/>" not in dump(CURRENT, Entity.ARTIST)


def test_a_release_without_a_master(dump: Dump) -> None:
    none = b'<master_id is_main_release="false">0</master_id>'
    assert none in dump(CURRENT, Entity.RELEASE)
    assert b">0</master_id>" not in dump(OLD, Entity.RELEASE)
    assert dump(OLD, Entity.RELEASE).count(b"<master_id ") < 300


def test_attributes_stand_in_the_order_of_the_shape(dump: Dump) -> None:
    old, current = dump(OLD, Entity.RELEASE), dump(CURRENT, Entity.RELEASE)
    assert b'<label name="' in current
    assert b'<label catno="' in old
    assert b'<video src="' in current
    assert b'<video duration="' in old
    assert b'<image height="' in old
    assert b' uri="" uri150="" ' in old


def test_members_have_bare_ids_in_the_old_shape(dump: Dump) -> None:
    assert b"<members><id>" in dump(OLD, Entity.ARTIST)
    assert b"<members><name id=" in dump(CURRENT, Entity.ARTIST)
    assert b"<groups><id>" not in dump(OLD, Entity.ARTIST)


def test_only_the_old_shape_has_addresses_and_a_status(dump: Dump) -> None:
    assert b"<resource_url>https://" in dump(OLD, Entity.RELEASE)
    assert b"<resource_url>" not in dump(CURRENT, Entity.RELEASE)
    assert b' status="Accepted"' in dump(OLD, Entity.RELEASE)
    assert b" status=" not in dump(CURRENT, Entity.RELEASE)


def test_unlinked_credits_of_the_old_shape_have_the_id_zero(dump: Dump) -> None:
    releases = dump(OLD, Entity.RELEASE)
    assert b"<artist><id>0</id>" in releases
    assert b"<artist><name>" not in releases
    assert b"<id/>" not in releases


def test_labels_hold_what_naive_readers_trip_over(dump: Dump) -> None:
    labels = dump(Plan(releases=2000), Entity.LABEL)
    assert b"<label/>" in labels
    assert len(re.findall(rb"</id><(?!name>)", labels)) == 1
    assert re.search(rb'<parentLabel id="\d+"/>', labels)
