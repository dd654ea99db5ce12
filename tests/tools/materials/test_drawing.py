"""Drawings of unit cells."""

import xml.etree.ElementTree as ET

import pytest

from gaseol.tools import Retry
from gaseol.tools.materials import draw_structure
from gaseol.tools.materials.crystal import Crystal

SVG = "{http://www.w3.org/2000/svg}"


def circles(drawing):
    return ET.fromstring(drawing).findall(f"{SVG}circle")


def assert_inside(crystal, direction):
    root = ET.fromstring(draw_structure(crystal, direction))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for circle in root.findall(f"{SVG}circle"):
        x, y, r = (float(circle.get(key, -1)) for key in ("cx", "cy", "r"))
        assert r <= x <= width - r + 1
        assert r <= y <= height - r + 1


def test_halite_has_its_corners_faces_edges_and_legend(halite):
    root = ET.fromstring(draw_structure(halite))
    # Of the face-centred sodium 8 corners and 6 faces, of chlorine 12 edges and the centre, and
    # one circle each in the legend.
    assert len(root.findall(f"{SVG}circle")) == 14 + 13 + 2
    assert len(root.findall(f"{SVG}line")) == 12
    assert [text.text for text in root.findall(f"{SVG}text")] == ["Na", "Cl"]
    assert root.findtext(f"{SVG}title") == "Unit cell of NaCl seen along [1 2 5]"
    assert len({circle.get("fill") for circle in circles(draw_structure(halite))}) == 2


def test_everything_is_inside_the_picture(halite):
    # Body-centred caesium, 6.14 angstrom: atoms that are large against their cell.
    caesium = Crystal.model_validate(
        {
            "cell": [[6.14, 0, 0], [0, 6.14, 0], [0, 0, 6.14]],
            "sites": [{"element": "Cs", "position": [x, x, x]} for x in (0.0, 0.5)],
        }
    )
    assert_inside(caesium, (1, 2, 5))
    for direction in ((1, 0, 0), (0, 0, 1), (0, 0, -1), (1, 1, 1), (-3, 2, 1)):
        assert_inside(halite, direction)


def test_along_an_edge_the_cell_is_a_square(halite):
    lines = ET.fromstring(draw_structure(halite, (0, 0, 1))).findall(f"{SVG}line")
    ends = {(line.get("x1"), line.get("y1")) for line in lines}
    ends |= {(line.get("x2"), line.get("y2")) for line in lines}
    assert len(ends) == 4


def test_no_direction_asks_for_one(halite):
    with pytest.raises(Retry, match="nowhere"):
        draw_structure(halite, (0, 0, 0))


def test_the_schema_says_that_it_is_a_drawing():
    assert draw_structure.output_schema["contentMediaType"] == "image/svg+xml"
