"""A drawing of a unit cell, as a person would put it beside a result."""

import functools
import math
from collections.abc import Iterator
from html import escape
from itertools import product
from typing import Annotated

from annotated_types import Ge, Le

from gaseol.tools import Example, Media, Refuse, Retry, Unit, tool
from gaseol.tools.materials.crystal import HALITE, Crystal

Vector = tuple[float, float, float]

_ENDS = (0, 1)
_EDGES = [
    (low, high)
    for low in product(_ENDS, _ENDS, _ENDS)
    for high in product(_ENDS, _ENDS, _ENDS)
    if sum(high) == sum(low) + 1 and all(a <= b for a, b in zip(low, high, strict=True))
]
_SIZE = 320.0  # pixels, the longer side of the cell
_LEGEND = 22.0
_FACE = 1e-3  # fractions this close to 0 are drawn on the opposite face too
_MAX_CIRCLES = 2_000


@tool(
    seconds=0.01,
    needs=("pymatgen",),
    tags=("materials", "drawing"),
    examples=(Example({"structure": HALITE}),),
)
def draw_structure(
    structure: Crystal,
    direction: tuple[
        Annotated[int, Unit("1"), Ge(-9), Le(9)],
        Annotated[int, Unit("1"), Ge(-9), Le(9)],
        Annotated[int, Unit("1"), Ge(-9), Le(9)],
    ] = (1, 2, 5),
) -> Annotated[str, Media("image/svg+xml")]:
    """Draw the unit cell seen along a direction, atoms coloured by element, with a legend.

    Args:
        structure: the crystal.
        direction: lattice direction [uvw] that points to the eye.
    """
    if direction == (0, 0, 0):
        raise Retry("the direction [000] points nowhere")
    across, up, toward = _axes(_place(structure, direction))

    def project(fraction: Vector) -> tuple[float, float, float]:
        place = _place(structure, fraction)
        return _dot(place, across), -_dot(place, up), _dot(place, toward)

    atoms = [
        (*project(image), site.element)
        for site in structure.sites
        for image in _images(site.position)
    ]
    if len(atoms) > _MAX_CIRCLES:
        raise Refuse(f"{len(atoms)} circles make no drawing; at most {_MAX_CIRCLES} are drawn")
    atoms.sort(key=lambda atom: atom[2])  # the far ones first, so that the near ones cover them
    corners = {corner: project(corner) for corner in product(_ENDS, _ENDS, _ENDS)}
    xs = [corner[0] for corner in corners.values()] + [atom[0] for atom in atoms]
    ys = [corner[1] for corner in corners.values()] + [atom[1] for atom in atoms]
    scale = _SIZE / max(max(xs) - min(xs), max(ys) - min(ys), 1e-9)

    elements = list(dict.fromkeys(site.element for site in structure.sites))
    radii = {element: 0.4 * scale * _radius(element) for element in elements}
    margin = 8 + max(radii.values())

    def pixel(x: float, y: float) -> tuple[float, float]:
        return margin + scale * (x - min(xs)), margin + scale * (y - min(ys))

    colours = {element: _colour(element) for element in elements}
    width = 2 * margin + scale * (max(xs) - min(xs))
    height = 2 * margin + scale * (max(ys) - min(ys)) + _LEGEND
    width = max(width, 2 * margin + 52 * len(elements))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" role="img">',
        f"<title>{escape(_title(structure, direction))}</title>",
        f'<rect width="{width:.1f}" height="{height:.1f}" fill="#ffffff"/>',
    ]
    for low, high in _EDGES:
        (x1, y1), (x2, y2) = pixel(*corners[low][:2]), pixel(*corners[high][:2])
        lines.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#666666"/>'
        )
    for x, y, _, element in atoms:
        cx, cy = pixel(x, y)
        lines.append(
            f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{radii[element]:.1f}" '
            f'fill="{colours[element]}" stroke="#333333" stroke-width="0.8"/>'
        )
    base = height - _LEGEND / 2
    for i, element in enumerate(elements):
        x = margin + 52 * i
        lines.append(
            f'<circle cx="{x:.1f}" cy="{base:.1f}" r="6" fill="{colours[element]}" '
            f'stroke="#333333" stroke-width="0.8"/>'
            f'<text x="{x + 11:.1f}" y="{base + 4:.1f}" font-family="sans-serif" '
            f'font-size="13">{escape(element)}</text>'
        )
    lines.append("</svg>")
    return "\n".join(lines)


def _images(position: Vector) -> Iterator[Vector]:
    """Return the place within the cell, and its copies on the opposite faces, edges and corners."""
    inside = [0.0 if (f := x % 1.0) > 1 - _FACE else f for x in position]
    xs, ys, zs = [(x, x + 1.0) if x < _FACE else (x,) for x in inside]
    return product(xs, ys, zs)


def _axes(toward: Vector) -> tuple[Vector, Vector, Vector]:
    """Return right, up and the direction to the eye, with Cartesian z up where it can be."""
    eye = _unit(toward)
    above = (0.0, 0.0, 1.0) if abs(eye[2]) < 0.999 else (0.0, 1.0, 0.0)
    right = _unit(_cross(above, eye))
    return right, _cross(eye, right), eye


def _place(structure: Crystal, fraction: tuple[float, ...]) -> Vector:
    x, y, z = (
        sum(f * row[axis] for f, row in zip(fraction, structure.cell, strict=True))
        for axis in range(3)
    )
    return x, y, z


def _dot(a: Vector, b: Vector) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _cross(a: Vector, b: Vector) -> Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _unit(a: Vector) -> Vector:
    length = math.hypot(*a)
    return (a[0] / length, a[1] / length, a[2] / length)


def _radius(element: str) -> float:
    from pymatgen.core import Element

    # Slater's atomic radius in angstrom; the noble gases have none.
    return float(Element(element).data.get("Atomic radius") or 1.2)


def _colour(element: str) -> str:
    """Return the colour that VESTA gives an element, as pymatgen tabulates it."""
    red, green, blue = _vesta().get(element, (128, 128, 128))
    return f"#{red:02x}{green:02x}{blue:02x}"


@functools.cache
def _vesta() -> dict[str, tuple[int, int, int]]:
    # Read as data: importing pymatgen.vis would look for a three-dimensional viewer.
    from importlib.resources import files

    import yaml

    schemes = files("pymatgen.vis").joinpath("ElementColorSchemes.yaml").read_text("utf-8")
    return yaml.safe_load(schemes)["VESTA"]


def _title(structure: Crystal, direction: tuple[int, ...]) -> str:
    formula = structure.to_pymatgen().composition.reduced_formula
    return f"Unit cell of {formula} seen along [{' '.join(map(str, direction))}]"
