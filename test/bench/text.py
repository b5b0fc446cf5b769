"""The table as text, and as Markdown for the guide."""

from __future__ import annotations

from typing import Any

from bench.line import OURS

# What a table is that has not all rounds.
EFFORTS = {
    "quick": "A quick run",
    "smoke": "One small round each, which shows that it works, not how fast",
}

# A goal whose peer took no part, or was not measured under that load.
WORDS = {True: "met", False: "not met", None: "not measured"}


def number(value: float) -> str:
    """Three digits, as people read them."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def median(line: dict[str, Any], load: str, name: str) -> float | None:
    found = line["figures"].get(load, {}).get(name)
    return None if found is None else float(found["median"])


def shown(line: dict[str, Any], load: str, name: str) -> str:
    value = median(line, load, name)
    return "-" if value is None else number(value)


def names(line: dict[str, Any]) -> list[str]:
    """Who took part beside us."""
    return [name for name in line["figures"].get("quiet", {}) if name != OURS]


def beside(line: dict[str, Any], load: str) -> str:
    parts = [f"{name} {shown(line, load, name)}" for name in names(line)]
    return ", ".join(part for part in parts if not part.endswith(" -"))


def goals(line: dict[str, Any]) -> str:
    return "; ".join(judgement(goal) for goal in line["goals"])


def judgement(goal: dict[str, Any]) -> str:
    needed = "" if goal["needed"] is None else f" {number(goal['needed'])},"
    return f"{goal['text']}:{needed} {WORDS[goal['met']]}"


def conditions(report: dict[str, Any]) -> str:
    """On what it was measured, in one line."""
    machine, versions = report["machine"], report["versions"]
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    before = report["load"]["before"][0]
    effort = report.get("effort", "full")
    return (
        ("" if effort == "full" else f"{EFFORTS[effort]}: ")
        + f"{report['date']}, {machine['cpu']}, {machine['cores']} cores, {machine['memory GiB']} GiB, "
        f"{machine['system']}; load average before {before}; {listed}"
    )


def warning(report: dict[str, Any]) -> str:
    """What to say of a machine that others used as well; nothing of a quiet one."""
    if report["load"]["before"][0] <= 0.5:
        return ""
    return "The machine was not quiet: only what is in one row can be compared, and that roughly."


def head(report: dict[str, Any]) -> str:
    first = [conditions(report), warning(report)]
    return "\n".join([*filter(None, first), f"{'':42}{OURS:>10}{'busy':>10}   beside"])


def row(line: dict[str, Any]) -> str:
    first = f"{line['title']}, {line['unit']}"
    rows = [
        f"{first:42}{shown(line, 'quiet', OURS):>10}{shown(line, 'busy', OURS):>10}   "
        + beside(line, "quiet")
    ]
    if busy := beside(line, "busy"):
        rows.append(f"{'':62}   busy: {busy}")
    rows += [f"{'':62}   goal: {judgement(goal)}" for goal in line["goals"]]
    rows += [f"{'':62}   without {name}: {why}" for name, why in line["left out"].items()]
    return "\n".join(rows)


def tail(report: dict[str, Any]) -> str:
    found = [goal["met"] for line in report["lines"] for goal in line["goals"]]
    return f"goals: {found.count(True)} met, {found.count(False)} not, {found.count(None)} not measured"


def markdown(report: dict[str, Any]) -> str:
    """A table for the guide; what it was measured on stands above it."""
    rows = ["| | Re:BEAM | busy | beside | goal |", "| --- | --- | --- | --- | --- |"]
    for line in report["lines"]:
        cells = [
            f"{line['title']}, {line['unit']}",
            shown(line, "quiet", OURS),
            shown(line, "busy", OURS),
            beside(line, "quiet"),
            goals(line),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    said = " ".join(filter(None, [conditions(report) + ".", warning(report)]))
    without = [
        f"- {line['title']}, without {name}: `{why}`"
        for line in report["lines"]
        for name, why in line["left out"].items()
    ]
    return "\n".join(
        [said, "", *rows, "", tail(report) + ".", *(["", *without] if without else [])]
    )
