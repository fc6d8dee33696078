"""What `audit`, `verify` and `repair` do."""

import argparse
from collections.abc import Sequence

from rich.console import Console

from common.errors import NotEqualError
from common.service import Main, read_settings, run_service
from config.settings import Settings
from extractor.dumps import Dump, find_dumps
from waxline.checking.arguments import entities_of
from waxline.checking.auditing import audit_sinks, tell_audits
from waxline.checking.findings import Findings
from waxline.checking.repairing import Wrong, compare_contents, compare_fingerprints, mark
from waxline.checking.sampling import Sample
from waxline.checking.tables import findings_conclusion, findings_remarks, findings_table
from waxline.running.servers import BESIDES, borrowed_servers, missing_servers
from waxline.running.telling import run_and_tell, say
from waxline.servers import EmbeddedServers


def audit(arguments: argparse.Namespace) -> int:
    """Compare every sink with its last run; raise `NotEqualError` unless all are equal."""
    entities = entities_of(arguments)

    async def main(settings: Settings) -> int:
        tell_audits(await audit_sinks(settings, entities), Console())
        return 0

    return _run_on_servers("audit", main, besides=())


def verify(arguments: argparse.Namespace) -> int:
    """Compare every sink with dumps; raise `NotEqualError` when any record differs."""
    dumps = find_dumps(arguments.dumps, arguments.date)
    samples = None
    if not arguments.all:
        samples = {dump.entity: Sample(arguments.sample, arguments.seed) for dump in dumps}

    async def main(settings: Settings) -> int:
        findings = Findings(arguments.show)
        await compare_contents(dumps, settings, findings, samples)
        console = Console()
        tell_findings(findings, settings, console)
        if findings.records:
            raise NotEqualError(f"{findings.records:,} records differ from the dumps: see above")
        say(console, findings_conclusion(findings))
        return 0

    return _run_on_servers("verify", main, besides=())


def repair(arguments: argparse.Namespace) -> int:
    """Have what differs sent and written again; raise `NotEqualError` if it still differs."""
    dumps = find_dumps(arguments.dumps, arguments.date)

    async def main(settings: Settings) -> int:
        console = Console()
        wrong = await _find(dumps, settings, arguments, console)
        entities = [dump.entity for dump in dumps]
        audits = await audit_sinks(settings, entities)
        if tell_wrong(wrong, console) or not all(one.equal for one in audits):
            await mark(dumps, settings, wrong)
            await run_and_tell(dumps, settings, _options(arguments), console)
            audits = await audit_sinks(settings, entities)
        tell_audits(audits, console)
        return 0

    return _run_on_servers("repair", main)


def tell_findings(findings: Findings, settings: Settings, console: Console) -> None:
    """Print the table, the differences, and what was not compared."""
    console.print(findings_table(findings, settings.sinks), "", sep="\n")
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
            say(console, f"{sink}, {entity.plural}: {count:,} records differ and are written again")
    if not any(counts.values()):
        say(console, "Nothing differs from the dumps.")
    return any(counts.values())


def _run_on_servers(name: str, main: Main, besides: Sequence[str] = BESIDES) -> int:
    settings = read_settings()
    embedded = missing_servers(settings, besides=besides)
    if embedded and EmbeddedServers(settings.data_folder, only=embedded).running() is None:
        say(Console(), f"Starting servers ({', '.join(embedded)}) in {settings.data_folder} …")
    with borrowed_servers(settings, besides) as complete:
        return run_service(name, complete, main)


async def _find(
    dumps: Sequence[Dump], settings: Settings, arguments: argparse.Namespace, console: Console
) -> Wrong:
    if not arguments.all:
        return await compare_fingerprints(dumps, settings)
    findings = Findings(arguments.show)
    wrong = await compare_contents(dumps, settings, findings)
    tell_findings(findings, settings, console)
    return wrong


def _options(arguments: argparse.Namespace) -> list[str]:
    """Return the extractor's options as they were given to us."""
    options = []
    if arguments.date:
        options += ["--date", str(arguments.date)]
    if arguments.allow_deletions:
        options.append("--allow-deletions")
    return options
