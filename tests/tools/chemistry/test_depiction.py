from xml.etree import ElementTree

import pytest

from gaseol.tools import Refuse
from gaseol.tools.chemistry import draw_molecule


def test_draws_svg_of_the_size_asked_for():
    root = ElementTree.fromstring(draw_molecule("CC(=O)Oc1ccccc1C(=O)O", width=300, height=120))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert (root.get("width"), root.get("height")) == ("300px", "120px")
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 10


def test_is_small_and_the_same_each_time():
    drawing = draw_molecule("OCC(O)CO")
    assert len(drawing) < 20_000
    assert drawing == draw_molecule("OCC(O)CO")


def test_media_type_is_declared():
    assert draw_molecule.output_schema["contentMediaType"] == "image/svg+xml"


def test_refuses_what_does_not_parse():
    with pytest.raises(Refuse, match="not SMILES"):
        draw_molecule("CC(")
