"""What `audit`, `verify` and `repair` do."""

import argparse
from collections.abc import Sequence

from rich.console import Console

from common.dumps import Dump, find_dumps
from common.errors import NotEqualError
from common.outputs import counted
from common.service import Main, read_settings, run_service
from config.settings import Settings
from waxline.check.arguments import entities_of
from waxline.check.auditing import audit_sinks, tell_audits
from waxline.check.findings import Findings
from waxline.check.repairing import Wrong, compare_contents, compare_fingerprints, mark
from waxline.check.sampling import Sample
from waxline.check.tables import findings_conclusion, findings_remarks, findings_table
from waxline.run.telling import run_and_tell
from waxline.saying import make_console, say, width_of
from waxline.servers.lending import BESIDES, lent_servers


def audit(arguments: argparse.Namespace) -> int:
    """Compare every sink with its last run; raise `NotEqualError` unless all are equal."""
    entities = entities_of(arguments)

    async def main(settings: Settings) -> int:
        tell_audits(await audit_sinks(settings, entities), make_console())
        return 0

    return _run_on_servers("audit", arguments.sinks, main, besides=())


def verify(arguments: argparse.Namespace) -> int:
    """Compare every sink with dumps; raise `NotEqualError` when any record differs."""
    dumps = find_dumps(arguments.dumps, arguments.date)
    samples = None
    if not arguments.all:
        samples = {dump.entity: Sample(arguments.sample, arguments.seed) for dump in dumps}

    async def main(settings: Settings) -> int:
        findings = Findings(arguments.show)
        await compare_contents(dumps, settings, findings, samples)
        console = make_console()
        tell_findings(findings, console)
        if findings.records:
            differ = "differs" if findings.records == 1 else "differ"
            records = counted(findings.records, "record")
            raise NotEqualError(f"{records} {differ} from the dumps: see above")
        if not findings.good:
            raise NotEqualError("not every sink is laid out as the settings say: see above")
        say(console, findings_conclusion(findings))
        return 0

    return _run_on_servers("verify", arguments.sinks, main, besides=())


def repair(arguments: argparse.Namespace) -> int:
    """Have what differs sent and written again; raise `NotEqualError` if it still differs."""
    dumps = find_dumps(arguments.dumps, arguments.date)

    async def main(settings: Settings) -> int:
        console = make_console()
        wrong = await _find(dumps, settings, arguments, console)
        entities = [dump.entity for dump in dumps]
        audits = await audit_sinks(settings, entities)
        if tell_wrong(wrong, console) or not all(one.equal for one in audits):
            await mark(dumps, settings, wrong)
            await run_and_tell(dumps, settings, _options(arguments), console)
            audits = await audit_sinks(settings, entities)
        tell_audits(audits, console)
        return 0

    return _run_on_servers("repair", arguments.sinks, main)


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


def _run_on_servers(
    name: str, sinks: str | None, main: Main, besides: Sequence[str] = BESIDES
) -> int:
    settings = read_settings(sinks=sinks)
    with lent_servers(settings, make_console(), besides) as (complete, _):
        return run_service(name, complete, main)


async def _find(
    dumps: Sequence[Dump], settings: Settings, arguments: argparse.Namespace, console: Console
) -> Wrong:
    if not arguments.all:
        return await compare_fingerprints(dumps, settings)
    findings = Findings(arguments.show)
    wrong = await compare_contents(dumps, settings, findings)
    tell_findings(findings, console)
    return wrong


def _options(arguments: argparse.Namespace) -> list[str]:
    """Return the extractor's options as they were given to us."""
    options = []
    if arguments.date:
        options += ["--date", str(arguments.date)]
    if arguments.allow_deletions:
        options.append("--allow-deletions")
    return options
