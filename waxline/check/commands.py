"""What `audit`, `verify` and `repair` do."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial

from rich.console import Console

from common.dumps import Dump, find_dumps
from common.errors import NotEqualError
from common.outputs import counted
from common.service import run_service
from common.store import open_store
from common.verdicts import Standing
from config.settings import Settings, load_settings
from extractor.dry_run import DryRun
from extractor.parsing.pool import open_pool
from loaders import open_sink
from waxline.check.arguments import entities_of
from waxline.check.findings import Findings, Wrong
from waxline.check.repairing import compare_fingerprints, mark
from waxline.check.sampling import Sample
from waxline.check.showing import (
    audit_remarks,
    audit_table,
    findings_conclusion,
    findings_remarks,
    findings_table,
)
from waxline.check.sink_audit import Audit, audit_sinks
from waxline.check.subjects import Subject, opened
from waxline.check.verifying import compare_contents
from waxline.console import make_console, say, width_of
from waxline.run.commands import run_and_tell
from waxline.servers.lending import lent_servers


def audit(arguments: argparse.Namespace) -> int:
    """Compare every sink with its last run; raise `NotEqualError` unless all are equal."""
    console = make_console()
    with lent_servers(load_settings(sinks=arguments.sinks), console, ()) as (settings, _):

        async def main() -> None:
            async with _subjects(settings) as subjects:
                audits = await audit_sinks(subjects, entities_of(arguments))
            tell_audits(audits, console)

        return run_service("audit", settings, main)


def verify(arguments: argparse.Namespace) -> int:
    """Compare every sink with dumps; raise `NotEqualError` when any record differs."""
    dumps = find_dumps(arguments.dumps, arguments.date)
    draw = None if arguments.all else partial(Sample, arguments.sample, arguments.seed)
    console, findings = make_console(), Findings(arguments.show)
    with lent_servers(load_settings(sinks=arguments.sinks), console, ()) as (settings, _):

        async def main() -> None:
            async with _subjects(settings) as subjects:
                await _compare(dumps, subjects, settings, findings, draw)
            tell_findings(findings, console)
            if findings.records:
                differ = "differs" if findings.records == 1 else "differ"
                records = counted(findings.records, "record")
                raise NotEqualError(f"{records} {differ} from the dumps: see above")
            if not findings.good:
                raise NotEqualError("not every sink is laid out as the settings say: see above")
            say(console, findings_conclusion(findings))

        return run_service("verify", settings, main)


def repair(arguments: argparse.Namespace) -> int:
    """Have what differs sent and written again; raise `NotEqualError` if it still differs."""
    dumps = find_dumps(arguments.dumps, arguments.date)
    console = make_console()
    with lent_servers(load_settings(sinks=arguments.sinks), console) as (settings, _):
        return run_service("repair", settings, lambda: _repair(dumps, settings, arguments, console))


async def _repair(
    dumps: Sequence[Dump], settings: Settings, arguments: argparse.Namespace, console: Console
) -> None:
    entities = [dump.entity for dump in dumps]
    async with _subjects(settings) as subjects:
        wrong = await _find(dumps, subjects, settings, arguments, console)
        audits = await audit_sinks(subjects, entities)
        differs = tell_wrong(wrong, console) or not all(one.equal for one in audits)
        if differs:
            await _mark(dumps, subjects, settings, wrong)
    if differs:
        await run_and_tell(dumps, settings, _options(arguments), console)
        async with _subjects(settings) as subjects:
            audits = await audit_sinks(subjects, entities)
    tell_audits(audits, console)


def tell_audits(audits: Sequence[Audit], console: Console) -> None:
    """Print the table; raise `NotEqualError` unless everything is equal."""
    for line in audit_table(audits, width_of(console)):
        say(console, line)
    say(console, "")
    for remark in audit_remarks(audits):
        say(console, remark)
    if not all(one.equal for one in audits):
        raise NotEqualError("not every sink equals its last run: see above")
    plainly = all(one.verdict.standing is Standing.EQUAL for one in audits)
    but = "" if plainly else ", but for the records told of above"
    say(console, f"Every sink equals its last run{but}.")


def tell_findings(findings: Findings, console: Console) -> None:
    """Print the table, the differences, and what was not compared."""
    for line in findings_table(findings, width_of(console)):
        say(console, line)
    say(console, "")
    for remark in findings_remarks(findings):
        say(console, remark)


def tell_wrong(wrong: Wrong, console: Console) -> bool:
    """Print how many records are sent again, by sink; tell whether there are any."""
    counts = {
        (entity, sink): len(ids)
        for entity, by_sink in wrong.items()
        for sink, ids in by_sink.items()
    }
    for (entity, sink), count in counts.items():
        if count:
            records = counted(count, "record")
            say(console, f"{sink}, {entity.plural}: {records} to be written again")
    if not any(counts.values()):
        say(console, "Nothing differs from the dumps.")
    return any(counts.values())


def _subjects(settings: Settings) -> AbstractAsyncContextManager[list[Subject]]:
    sinks = [open_sink(settings.sink(name)) for name in settings.sinks]
    return opened(sinks, settings.retry_seconds)


def _dry_runs(dumps: Sequence[Dump], settings: Settings) -> Iterator[DryRun]:
    """Yield what reads each dump again; each knows all its ids, so none is made before its turn."""
    return (DryRun(dump, settings.record_limit, compiled=settings.compiled) for dump in dumps)


async def _compare(
    dumps: Sequence[Dump],
    subjects: Sequence[Subject],
    settings: Settings,
    findings: Findings,
    draw: Callable[[], Sample] | None = None,
) -> Wrong:
    async with open_pool(settings.parse_processes) as pool:
        dry_runs, seconds = _dry_runs(dumps, settings), settings.summary_seconds
        return await compare_contents(dry_runs, subjects, pool, findings, seconds, draw)


async def _find(
    dumps: Sequence[Dump],
    subjects: Sequence[Subject],
    settings: Settings,
    arguments: argparse.Namespace,
    console: Console,
) -> Wrong:
    if not arguments.all:
        return await compare_fingerprints(_dry_runs(dumps, settings), subjects)
    findings = Findings(arguments.show)
    wrong = await _compare(dumps, subjects, settings, findings)
    tell_findings(findings, console)
    return wrong


async def _mark(
    dumps: Sequence[Dump], subjects: Sequence[Subject], settings: Settings, wrong: Wrong
) -> None:
    store = open_store(settings.server("store"))
    try:
        await mark(dumps, subjects, store, wrong)
    finally:
        await store.close()


def _options(arguments: argparse.Namespace) -> list[str]:
    """Return the extractor's options as they were given to us."""
    options = []
    if arguments.date:
        options += ["--date", str(arguments.date)]
    if arguments.allow_deletions:
        options.append("--allow-deletions")
    return options
