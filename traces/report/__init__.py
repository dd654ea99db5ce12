"""The report of a run: one page that needs nothing else, and the same in plain Markdown."""

from pathlib import Path

__all__ = ["write_report"]


def write_report(folder: Path) -> tuple[str, ...]:
    """Write `report.html` and `report.md` into a run's folder and return their names.

    Works from the folder alone, on any machine, also for a run that was interrupted. The same
    record gives the same bytes.

    Raises:
        NotARun: there is no record in the folder.
        BrokenLine: the record cannot be read; `gaseol verify` says more.
    """
    from gaseol.traces.report.compose import compose
    from gaseol.traces.report.markdown import markdown
    from gaseol.traces.report.page import page

    document = compose(folder)
    (folder / "report.html").write_text(page(document), encoding="utf-8", newline="\n")
    (folder / "report.md").write_text(markdown(document), encoding="utf-8", newline="\n")
    return "report.html", "report.md"
