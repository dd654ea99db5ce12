"""The report of a whole study: why draws stopped, what pairs are made of, what the check showed."""

from gaseol.traces.report.compose import compose
from gaseol.traces.report.markdown import markdown
from gaseol.traces.report.page import page
from gaseol.traces.report.text import log, tidy
from gaseol.traces.verification.verifier import verify


def test_the_study_is_a_record_that_verifies(study):
    assert verify(study).holds


def test_an_undecided_hypothesis_says_why_draws_stopped(study):
    document = compose(study)
    trials = {t.id: t for t in document.trials}
    assert trials["wide"].stopped == ""
    said = trials["tall"].stopped
    assert "left could no longer decide it" in said
    assert f"after {trials['tall'].draws_made} of 40" in said
    assert any(said in line.said for line in document.untested)
    for text in (page(document), markdown(document)):
        assert "left could no longer decide it: had all of them gone as predicted" in text


def test_every_pair_shows_the_tested_variable_and_what_it_is_matched_in(study):
    document = compose(study)
    (wide,) = [t for t in document.trials if t.id == "wide"]
    assert [(c.variable, c.part) for c in wide.columns] == [("width", "tested"),
                                                            ("lids", "matched")]  # fmt: skip
    assert [r.cells for r in wide.draws[3].readings] == [("3.5", "0"), ("3", "0")]
    assert "<bdi>width of the base</bdi> <bdi>3.5</bdi>" in page(document)
    text = markdown(document)
    assert "width of the base in cm (tested); number of lids (matched)" in text
    assert "310 K [#" in text
    assert "(3.5, 0)" in text


def test_draws_of_the_deciding_batch_are_numbered_and_say_why_they_do_not_count(study):
    (wide,) = [t for t in compose(study).trials if t.id == "wide"]
    late = [d for d in wide.draws if d.outcome == "not counted"]
    assert [d.number for d in late] == [10, 11, 12]
    assert {d.why_not for d in late} == {"measured in one batch with draw 9, which decided"}


def test_a_check_names_both_tools_and_the_cases_that_lie_farthest(study):
    document = compose(study)
    check = document.agreement
    assert (check.ours, check.theirs) == ("thermometer", "handbook")
    assert check.spread.mean == -4.0
    assert check.spread.median == 4.0
    assert [round(d) for *_, d in check.spread.farthest] == [-7, -5, -3, -1]
    for text in (page(document), markdown(document)):
        assert "Compute the temperature with a model of the kettle" in text
        assert "Look the temperature up in a handbook of experiments" in text
        assert "Farthest from" in text
    (claim,) = document.findings[2:]
    assert "by the tool thermometer" in claim.said[0]


def test_the_rank_of_a_hypothesis_is_no_prior_probability(study):
    for text in (page(compose(study)), markdown(compose(study))):
        assert "it set the order of testing and enters no verdict" in text
        assert "prior" not in text.split("What these verdicts")[0]


def test_numbers_are_written_alike():
    assert log(5.3014, 5.2983) == "5.301"
    assert log(5.2983, 5.2983) == "5.30"
    assert log(-0.3026, 5.2983) == "−0.30"
    assert tidy("ln E for = -2.52 of ln(m/alpha)") == "ln E for = −2.52 of ln(m/α)"
    assert tidy("5796-89-4 and C[O-]2 and (c-1)") == "5796-89-4 and C[O-]2 and (c-1)"
