"""A copy without some payloads replays; a list that calls them withheld proves nothing."""

import orjson

from gaseol.graphs.replay.replaying import replay
from gaseol.traces.bundle import write_bundle


def test_a_registered_list_that_was_withheld_is_matched_by_size_and_said(play, tmp_path):
    folder = play(budget__experiments=30).path
    write_bundle(folder, tmp_path / "copy", withhold=["registration"])
    found = replay(tmp_path / "copy")
    assert found.holds
    assert any("by their size alone" in note for note in found.notes)
    assert not any("by their size alone" in note for note in replay(folder).notes)


def test_a_payload_that_is_there_is_compared_whatever_the_list_says(play):
    folder = play(budget__experiments=30).path
    why = {"reason": "so they say", "by": "", "at": "", "instead": None}
    names = [path.name for path in (folder / "blobs" / "sha256").iterdir()]
    (folder / "withheld.json").write_bytes(orjson.dumps(dict.fromkeys(names, why)))
    found = replay(folder)
    assert found.holds
    assert not any("by their size alone" in note for note in found.notes)
