"""The verb ``resolve``: questions and answers about which records are one thing. Thin: parse, call, print."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from commonweal.base import feed
from commonweal.base.home import home
from commonweal.base.permissions import SYSTEM
from commonweal.base.terminal import terminal
from commonweal.kernel.errors import CommonwealError
from commonweal.resolve import memory, overlap, queries, services, workbook
from commonweal.resolve.core import assets
from commonweal.resolve.core.judgements import VERDICTS, Judgement

ACTOR = "command:resolve"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
resolve_app = typer.Typer(help="Look at which records are the same thing, why, and correct it.", no_args_is_help=True)
app.add_typer(resolve_app, name="resolve")

Verdict = StrEnum("Verdict", {name.upper(): name for name in VERDICTS})  # type: ignore[misc]
Reason = Annotated[str, typer.Option("--reason", help="Why, in words.")]


@resolve_app.command()
def queue(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    kind: Annotated[str | None, typer.Option(help="Only this kind, e.g. model.")] = None,
    source: Annotated[str | None, typer.Option(help="Only pairs with a record of this source.")] = None,
) -> None:
    """List the questions that wait for a person, the most valuable first."""
    asked = queries.queue(limit, kind=kind, source=source)
    known = queries.profiles({one for question in asked for one in question[:2]})
    terminal.emit_lines(
        {
            "left": question.left,
            "right": question.right,
            "question": f"{_named(known[question.left])} · {_named(known[question.right])}",
            "suggested": question.suggested,
            "bits": round(question.weight, 1),
        }
        for question in asked
    )


@resolve_app.command()
def judge(
    left: Annotated[str, typer.Argument(metavar="LEFT", help="Id of a record or entry.")],
    right: Annotated[str, typer.Argument(metavar="RIGHT", help="Id of the other.")],
    verdict: Annotated[Verdict, typer.Argument(help="LEFT is … RIGHT.")],
    reason: Reason = "",
) -> None:
    """Say what two records are to each other; their entries follow at once."""
    terminal.emit(_said(services.judge(left, right, str(verdict), user=SYSTEM, actor=ACTOR, reason=reason)))


@resolve_app.command()
def undo(
    judgement: Annotated[str, typer.Argument(metavar="JUDGEMENT", help="Its name or the beginning of it, as `explain` shows.")],
    reason: Reason = "",
) -> None:
    """Take a judgement back."""
    terminal.emit(_said(services.undo(judgement, user=SYSTEM, actor=ACTOR, reason=reason)))


@resolve_app.command()
def explain(
    one: Annotated[str, typer.Argument(metavar="ID", help="Id of an entry or record.")],
    other: Annotated[str | None, typer.Argument(metavar="OTHER", help="Id of a second record.")] = None,
) -> None:
    """Say why the records of an entry are one thing, or what speaks for and against two records."""
    terminal.emit_lines(_why(each) for each in ([queries.explain(one, other)] if other else queries.explain_entity(one)))


@resolve_app.command()
def run(
    anew: Annotated[bool, typer.Option("--anew", help="Decide for every record again.")] = False,
) -> None:
    """Take in what has changed; with --anew decide for every record again, and say what that changed."""
    if anew:
        services.ask_anew()
    with terminal.steps() as update:
        handled = feed.drain(progress=lambda step, done, total: update(step, done, total))
    terminal.emit({"changes": handled, **(memory.report() if anew else {})})


@resolve_app.command()
def status() -> None:
    """Say how much was compared, joined and judged, and by which model."""
    terminal.emit({**queries.figures(), "model": memory.state().version, "contradictions": len(queries.contradicted())})


@resolve_app.command()
def train(
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write here; the node's own place if not given.")] = None,
) -> None:
    """Learn the weights from this node's records, without labels. The next run decides by them."""
    made, learned = assets.learn(queries.iter_profiles())
    made.save(out or home().root / "resolve")
    bits = zip(made.model.comparisons, made.model.bits(), strict=True)
    terminal.emit(
        {
            "model": made.version,
            "share": round(learned.share, 4),
            "untrained": list(made.model.untrained),
            "bits": {comparison.name: [round(float(bit), 2) for bit in levels] for comparison, levels in bits},
        }
    )


@resolve_app.command("overlap")
def check_overlap(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Drafts, one a row, as .xlsx or .csv; columns title, description …")
    ],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="The workbook to write.")] = None,
    nearest: Annotated[int, typer.Option(min=1, max=20, help="How many for each row.")] = 5,
) -> None:
    """Write a workbook with what is already there for each draft. Drafts are not kept anywhere else."""
    target = out or file.with_name(f"{file.stem} overlap.xlsx")
    if target.resolve() == file.resolve():
        raise CommonwealError("usage", "The workbook would overwrite the drafts.", "Give another name with --out.")
    wrong: list[str] = []

    def rows() -> Any:
        with terminal.progress(file.name) as update:
            for number, draft in workbook.read_drafts(file):
                update(number - 1, None, "")
                if isinstance(draft, CommonwealError):
                    wrong.append(draft.message)
                else:
                    yield number, draft, overlap.overlap(draft, user=SYSTEM, limit=nearest)

    lines = workbook.write_workbook(rows(), target, terminal.lang)
    terminal.emit({"workbook": str(target), "lines": lines, "unreadable": wrong})


def _named(profile: Any) -> str:
    return f"{profile.title} [{profile.source}]"


def _said(line: Judgement) -> dict[str, Any]:
    return {"judgement": line.digest, **line.to_json()}


def _why(each: queries.Explanation) -> dict[str, Any]:
    steps = "; ".join(f"{step.words} ({step.bits:+.1f})" for step in each.steps)
    said = "; ".join(f"{line.verdict} by {line.actor} [{line.digest[:12]}]" for line in each.said)
    told: dict[str, Any] = {
        "left": each.left,
        "right": each.right,
        "bits": each.weight,
        "rule": each.rule,
        "because": steps,
        "said": said,
    }
    if terminal.json:
        told |= {"prior": each.prior, "steps": [asdict(step) for step in each.steps]}
        told |= {"model": each.model, "said": [_said(line) for line in each.said]}
    return told
