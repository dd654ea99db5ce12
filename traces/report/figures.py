"""The figures, as SVG that takes its colours from the page around it.

Drawn with matplotlib's `Figure` alone, without pyplot and without a display. Text stays text;
only plain letters reach a figure, whatever a record holds. The same values give the same bytes.
"""

import html
import io
import math
import re
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

from gaseol.traces.language import Words
from gaseol.traces.report.campaign import Course, Plane
from gaseol.traces.report.document import Agreement, Contest, Fit, Outcome, Trial
from gaseol.traces.report.text import count, log, number

_COLOURS = {
    "#101112": "var(--ink)", "#505152": "var(--muted)", "#c0c1c2": "var(--line)",
    "#0a7b6c": "var(--for)", "#c24010": "var(--against)", "#808182": "var(--tie)",
    "#b07d12": "var(--failed)", "#2058b8": "var(--accent)", "#fdfcfb": "var(--paper)",
}  # fmt: skip
"""Colours as drawn, and the page's names for them, which know light, dark and paper."""
INK, MUTED, LINE, FOR, AGAINST, TIE, FAILED, ACCENT, PAPER = _COLOURS

_OUTCOMES: dict[Outcome, str] = {
    "hit": FOR, "miss": AGAINST, "tie": TIE, "failure": FAILED, "measured": ACCENT,
}  # fmt: skip
_STYLE = {
    "svg.hashsalt": "gaseol", "svg.fonttype": "none", "text.parse_math": False,
    "font.size": 9.0, "axes.linewidth": 0.7, "axes.edgecolor": MUTED, "axes.labelcolor": MUTED,
    "axes.facecolor": "none", "figure.facecolor": "none", "text.color": INK,
    "xtick.color": MUTED, "ytick.color": MUTED, "xtick.labelsize": 8.5, "ytick.labelsize": 8.5,
    "axes.spines.top": False, "axes.spines.right": False, "lines.linewidth": 1.6,
    "xtick.major.size": 3.0, "ytick.major.size": 3.0,
}  # fmt: skip
_GROUPS = ("axes.", "figure.", "font.", "lines.", "patch.", "path.", "savefig.", "svg.", "text.",
           "xtick.", "ytick.")  # fmt: skip
_WIDTH, _HEIGHT = 4.3, 2.65
_MARKED = 1_500
"""Draws that a figure shows."""
_MANY = {"miss": "misses", "measured": "measured"}
_COLUMNS = 3
_LARGEST = 1e100
_PLAIN = re.compile(r"[^\uac00-\ud7a3\x20-\x7e\u00b0-\u00ff\u0370-\u03ff\u2070-\u209f\u2212\u2026]")


@contextmanager
def style() -> Generator[None]:
    """Draw as the reports do, whatever the reader's own matplotlib settings are."""
    import matplotlib

    mpl: Any = matplotlib  # its stubs spell every setting out as a type
    own = {k: v for k, v in mpl.rcParamsDefault.items() if k.startswith(_GROUPS)}
    with mpl.rc_context({**own, **_STYLE}), warnings.catch_warnings():
        # text stays text: it is the reader's browser that has to have the letters
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        yield


class Sheet:
    """One figure with one or more axes, and what is needed to write it down."""

    def __init__(self, width: float, height: float, rows: int = 1, columns: int = 1) -> None:
        from matplotlib.figure import Figure

        self._figure: Any = Figure(figsize=(width, height))
        self._figure.subplots_adjust(
            left=0.46 / width,
            right=1 - 0.14 / width,
            top=1 - (0.3 if rows == columns == 1 else 0.5) / height,
            bottom=0.46 / height,
            wspace=0.24,
            hspace=0.5,
        )
        self.panels: list[Any] = [
            self._figure.add_subplot(rows, columns, i + 1) for i in range(rows * columns)
        ]

    @property
    def axes(self) -> Any:
        """The only axes, or the first."""
        return self.panels[0]

    def name(self, x: str, y: str) -> None:
        """Name both axes, once for all panels: what is read upwards stands above, level."""
        from matplotlib.transforms import ScaledTranslation

        ends = (
            (
                self.panels[0].transAxes,
                0.0,
                1.0,
                -0.4,
                0.32 if self.panels[1:] else 0.12,
                y,
                "left",
            ),
            (self._figure.transFigure, 1.0, 0.0, -0.14, 0.06, x, "right"),
        )
        for frame, left, up, right, above, words, side in ends:
            shift = ScaledTranslation(right, above, self._figure.dpi_scale_trans)
            self._figure.text(left, up, words, transform=frame + shift, ha=side, va="bottom",
                              fontsize=9, color=MUTED)  # fmt: skip

    def svg(self, mark: str, words: str) -> str:
        """Return the figure.

        Args:
            mark: unlike that of any other figure in the page.
            words: what it shows, for those who do not see it; plain text, escaped here.
        """
        stream = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        self._figure.savefig(stream, format="svg", metadata=nothing)
        drawn = stream.getvalue()
        box = re.search(r'viewBox="([\d. ]+)"', drawn)
        assert box is not None
        body = drawn[drawn.index(">", drawn.index("<svg")) + 1 :]
        body = re.sub(
            r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.S
        )
        body = re.sub(r'<g id="[^"]*">', "<g>", body)
        body = body.replace(' id="', f' id="{mark}-').replace("url(#", f"url(#{mark}-")
        body = body.replace('xlink:href="#', f'href="#{mark}-')
        body = re.sub("|".join(_COLOURS), lambda found: _COLOURS[found[0]], body)
        body = re.sub(r"\n\s*", "\n", body)
        label = words.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        return (
            f'<svg class="plot" viewBox="{box[1]}" role="img" aria-label="{label}">'
            f"<title>{label}</title>{body}"
        )


def retold(drawn: str, words: Words) -> str:
    """Return a figure with its sentence and the names of its axes retold in a language."""
    if words.language == "en":
        return drawn

    def inner(found: re.Match[str]) -> str:
        return (
            f"{found[1]}{html.escape(words.retold(html.unescape(found[2])), quote=True)}{found[3]}"
        )

    return _SAID.sub(inner, drawn)


_SAID = re.compile(r'(aria-label="|<title>|<text[^>]*>)([^"<]*)("|</title>|</text>)')


def _plain(text: str, otherwise: str, limit: int = 48) -> str:
    """Return text that any font can show, or what to say instead of it."""
    if _PLAIN.search(text) or not text.strip():
        return otherwise
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _axis(outcome: str, unit: str, what: str = "") -> str:
    name = _plain(f"{what}{outcome}", f"{what}outcome")
    return f"{name} / {_plain(unit, 'unit', 16)}" if unit and unit != "1" else name


def _tick(value: float, _: object = None) -> str:
    return f"{value:.4g}".replace("-", "\u2212")


def _ticks(axes: Any, which: str = "xy") -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    for letter in which:
        axis = axes.xaxis if letter == "x" else axes.yaxis
        axis.set_major_locator(MaxNLocator(5, integer=letter == "x" and which == "x"))
        axis.set_major_formatter(FuncFormatter(_tick))


def _logarithmic(axes: Any, letter: str) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    getattr(axes, f"set_{letter}scale")("log")
    axis = axes.xaxis if letter == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(numticks=5))
    axis.set_major_formatter(FuncFormatter(_tick))
    axis.set_minor_locator(NullLocator())  # half the time of a figure, else


def evidence(trial: Trial, mark: str) -> str:
    """Return ln E for and against after each draw, with the threshold and the crossing."""
    draws = [d for d in trial.draws if d.outcome != "not counted"][:_MARKED]
    sheet = Sheet(_WIDTH, _HEIGHT)
    axes = sheet.axes
    x = [0, *range(1, len(draws) + 1)]
    paths = (
        ("against", AGAINST, [0.0, *(d.log_against for d in draws)]),
        ("for", FOR, [0.0, *(d.log_for for d in draws)]),
    )
    top = max(trial.threshold * 1.25, *(min(max(y), 3 * trial.threshold) for _, _, y in paths))
    low = max(min(min(y) for _, _, y in paths), -1.1 * trial.threshold)
    bottom = min(low * 1.1, -0.15 * trial.threshold)
    axes.axhline(0, color=LINE, linewidth=0.8, zorder=1)
    axes.axhline(trial.threshold, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    for _, colour, y in paths:
        axes.plot(x, [min(v, top) for v in y], color=colour, zorder=3, drawstyle="default")
    if trial.crossed_draw and 0 < trial.crossed_draw <= len(draws):
        at = draws[trial.crossed_draw - 1]
        height = min(max(at.log_for, at.log_against), top)
        colour = FOR if at.log_for >= at.log_against else AGAINST
        axes.plot(
            [trial.crossed_draw], [height], "o", color=colour, markersize=6.5,
            markeredgecolor=PAPER, markeredgewidth=1.2, zorder=4, clip_on=False,
        )  # fmt: skip
    axes.set_ylim(bottom, top)
    axes.set_xlim(0, max(len(draws), 5) * 1.02)
    sheet.name("draws", "ln E")
    _ticks(axes, "x")
    _ticks(axes, "y")
    crossing = f"; it crosses at draw {trial.crossed_draw}" if trial.crossed_draw else ""
    return sheet.svg(
        mark,
        f"Evidence over {len(draws)} draws: ln E for ends at {trial.log_for.text}, ln E against "
        f"at {trial.log_against.text}; the threshold is {log(trial.threshold)}{crossing}.",
    )


def differences(trial: Trial, mark: str) -> str:
    """Return the differences between first and second of each pair, in the order drawn."""
    draws = [d for d in trial.draws if d.outcome != "not counted"][:_MARKED]
    sheet = Sheet(_WIDTH, _HEIGHT)
    axes = sheet.axes
    axes.axhline(0, color=MUTED, linewidth=0.7, zorder=1)
    size = 4.2 if len(draws) <= 60 else 2.8 if len(draws) <= 200 else 1.8
    for outcome, colour in _OUTCOMES.items():
        chosen = [(i, d.difference) for i, d in enumerate(draws, start=1) if d.outcome == outcome]
        if not chosen:
            continue
        known = [(i, y) for i, y in chosen if y is not None]
        stems = [v for i, y in known for v in ((i, 0.0), (i, y), (math.nan, math.nan))]
        axes.plot(*_columns(stems), color=colour, linewidth=0.9, alpha=0.55, zorder=2)
        axes.plot(*_columns(known), "o", color=colour, markersize=size, zorder=3)
        lost = [(i, 0.0) for i, y in chosen if y is None]
        if lost:
            axes.plot(*_columns(lost), "x", color=colour, markersize=4.5, zorder=3)
    axes.set_xlim(0, max(len(draws), 5) * 1.02)
    sheet.name("draws, in the sealed order", _axis(trial.outcome, trial.unit, "Δ "))
    _ticks(axes, "x")
    _ticks(axes, "y")
    tally = ", ".join(count(n, o, _MANY.get(o, "")) for o, n in trial.tally)
    return sheet.svg(
        mark, f"Differences between the two of each pair, first minus second: {tally}."
    )


def outcomes(trial: Trial, mark: str) -> str:
    """Return single readings in the order drawn, with the null and the effect of interest."""
    draws = [d for d in trial.draws if d.transformed is not None][:_MARKED]
    sheet = Sheet(_WIDTH, _HEIGHT)
    axes = sheet.axes
    for level in trial.levels or ():
        axes.axhline(_drawable(level), color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    points = [(d.number, d.transformed) for d in draws if d.transformed is not None]
    axes.plot(*_columns(points), "o", color=ACCENT, markersize=3.2)
    sheet.name("draws", _axis(trial.outcome, trial.unit))
    _ticks(axes, "x")
    _ticks(axes, "y")
    return sheet.svg(mark, f"{len(points)} readings in the order drawn.")


_SEARCHED = {"search": ACCENT, "random": TIE, "unacceptable": AGAINST}
_PLACED = {"unacceptable": AGAINST, "beaten": TIE, "front": ACCENT}


def course(course: Course, mark: str) -> str:
    """Return the values in the order measured, with the best so far, searched and by chance."""
    sheet = Sheet(_WIDTH, _HEIGHT)
    axes = sheet.axes
    for kind, colour in _SEARCHED.items():
        chosen = [(float(i), y) for i, y, by in course.points[:_MARKED] if by == kind]
        axes.plot(*_columns(chosen), "x" if kind == "unacceptable" else "o", color=colour,
                  markersize=3.0, alpha=0.8, zorder=2)  # fmt: skip
    for line, colour in ((course.chance, TIE), (course.best, ACCENT)):
        steps = [(float(i), y) for i, y in line]
        axes.plot(*_columns(steps), color=colour, drawstyle="steps-post", zorder=3)
    axes.set_xlim(0, max(len(course.points), 5) * 1.02)
    sheet.name("cases, as measured", _axis(course.quantity, course.unit))
    _ticks(axes, "x")
    _ticks(axes, "y")
    ends = f"; the best ends at {number(course.best[-1][1], 4)}" if course.best else ""
    return sheet.svg(mark, f"{len(course.points)} cases in the order measured{ends}.")


def plane(plane: Plane, mark: str) -> str:
    """Return two objectives against each other, what no case beats in both joined up."""
    sheet = Sheet(_WIDTH, _HEIGHT)
    axes = sheet.axes
    for kind, colour in _PLACED.items():
        chosen = [(x, y) for x, y, where in plane.points[:_MARKED] if where == kind]
        axes.plot(*_columns(chosen), "x" if kind == "unacceptable" else "o", color=colour,
                  markersize=4.4 if kind == "front" else 3.0, zorder=3)  # fmt: skip
        if kind == "front":
            axes.plot(*_columns(sorted(chosen)), color=colour, linewidth=0.9, zorder=2)
    sheet.name(_axis(plane.x, plane.x_unit), _axis(plane.y, plane.y_unit))
    _ticks(axes, "x")
    _ticks(axes, "y")
    front = sum(where == "front" for *_, where in plane.points)
    return sheet.svg(mark, f"{len(plane.points)} cases by two objectives, {front} on the front.")


def _columns(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [_drawable(x) for x, _ in points], [_drawable(y) for _, y in points]


def _drawable(value: float) -> float:
    """Return a number that an axis can hold; margins of larger ones overflow."""
    if abs(value) < 1 / _LARGEST:
        return 0.0
    return value if math.isnan(value) else max(-_LARGEST, min(value, _LARGEST))


def law(contest: Contest, mark: str) -> str:
    """Return one law against the measurements made for it."""
    sheet = Sheet(_WIDTH, _HEIGHT)
    (fit,) = contest.fits
    _panel(sheet.axes, contest, fit)
    sheet.name(_along(contest), _axis(contest.outcome, contest.unit, "measured "))
    return sheet.svg(
        mark,
        f"{len(fit.points)} measurements against the prediction, its constant fitted; the "
        f"residuals have a standard deviation of {number(fit.spread, 2)}.",
    )


def contest(contest: Contest, mark: str) -> str:
    """Return the laws of a contest side by side, the closest first."""
    rows = math.ceil(len(contest.fits) / _COLUMNS)
    sheet = Sheet(9.2, 0.6 + 2.05 * rows, rows, min(_COLUMNS, len(contest.fits)))
    for axes, fit in zip(sheet.panels, contest.fits, strict=False):
        _panel(axes, contest, fit, small=True)
        axes.set_title(_plain(f"{fit.name}: spread {number(fit.spread, 2)}", "a law"),
                       fontsize=8.5, color=INK, loc="left", pad=4)  # fmt: skip
    for axes in sheet.panels[len(contest.fits) :]:
        axes.set_axis_off()
    sheet.name(_along(contest), _axis(contest.outcome, contest.unit, "measured "))
    return sheet.svg(
        mark,
        "Measured outcomes against each law's prediction, its constant fitted. Spread of the "
        "residuals: " + ", ".join(f"{f.name} {number(f.spread, 2)}" for f in contest.fits) + ".",
    )


def _along(contest: Contest) -> str:
    return _plain(contest.design, "design") if contest.over_designs else "predicted"


def _panel(axes: Any, contest: Contest, fit: Fit, *, small: bool = False) -> None:
    points = fit.points[:_MARKED]
    seen = [y for _, _, y in points] + [p for _, p, _ in points]
    logarithmic = contest.logarithmic and min(seen, default=0) > 0 and max(seen) > 15 * min(seen)
    keep: Callable[[float], bool] = (lambda y: y > 0) if logarithmic else math.isfinite
    if contest.over_designs:
        line = [(x, y) for x, y in fit.line if keep(y)]
        axes.plot(*_columns(line), color=ACCENT, linewidth=1.1, zorder=2)
    else:
        ends = [(e, e) for e in (min(seen, default=0.0), max(seen, default=1.0))]
        axes.plot(*_columns(ends), color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        if logarithmic:
            _logarithmic(axes, "x")
        else:
            _ticks(axes, "x")
    if contest.over_designs:
        _ticks(axes, "x")
    axes.plot(
        *_columns([(x, y) for x, _, y in points if keep(y)]), "o", color=INK,
        markersize=2.6 if small else 4.0, markeredgecolor=PAPER, markeredgewidth=0.5, zorder=3,
    )  # fmt: skip
    if logarithmic:
        _logarithmic(axes, "y")
    else:
        _ticks(axes, "y")


def agreement(agreement: Agreement, mark: str) -> str:
    """Return the measurement against the independent check, with the line of equality."""
    points = [(b.value, a.value) for a, b in agreement.pairs[:_MARKED]
              if a.value is not None and b.value is not None]  # fmt: skip
    sheet = Sheet(_WIDTH, 3.5)
    axes = sheet.axes
    values = [v for point in points for v in point]
    ends = [(e, e) for e in (min(values, default=0.0), max(values, default=1.0))]
    axes.plot(*_columns(ends), color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    axes.plot(*_columns(points), "o", color=ACCENT, markersize=4.5, alpha=0.75,
              markeredgecolor=PAPER, markeredgewidth=0.5, zorder=2)  # fmt: skip
    unit = f" / {_plain(agreement.unit, 'unit', 16)}" if agreement.unit not in ("", "1") else ""
    sheet.name(_plain(agreement.theirs, "check") + unit, _plain(agreement.ours, "measured") + unit)
    _ticks(axes, "x")
    _ticks(axes, "y")
    return sheet.svg(mark, f"{len(points)} cases measured both ways; the dashed line is equality.")
