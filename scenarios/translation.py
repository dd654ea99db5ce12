"""A scenario in another language: `scenario.ko.yaml` beside `scenario.yaml` holds words, and nothing else."""

from pydantic import Field, ValidationError

from gaseol.scenarios.loader import Flaw, ScenarioError, read
from gaseol.scenarios.part import Part
from gaseol.scenarios.scenario import Scenario
from gaseol.traces.language import Language


class BeliefWords(Part):
    """A belief, told in another language."""

    statement: str = Field(min_length=3)
    mechanism: str = ""


class Translation(Part):
    """The words of a scenario; what it measures and how it judges stays as it is."""

    title: str = ""
    question: str = ""
    population: str = ""
    outcome: str = ""
    """What is measured, in words: `measurement.name`."""
    variables: dict[str, str] = Field(default_factory=dict)
    """Descriptions, by the variable's name."""
    beliefs: tuple[BeliefWords, ...] = ()
    """All of them, in their order, or none."""
    rival: str = ""
    """`rivals.statement`, with its {rival}."""


def in_language(scenario: Scenario, language: Language) -> Scenario:
    """Return a scenario to be asked in a language, with the words that its folder has for it.

    Without such a file its own words stay; the sentences of the code are in the language all the same.

    Raises:
        ScenarioError: the file does not fit the scenario.
    """
    told = scenario.model_copy(update={"language": language})
    folder = scenario.folder
    name = f"scenario.{language}.yaml"
    if folder is None or (scenario.language or "en") == language or not (folder / name).is_file():
        return told
    try:
        words = Translation.model_validate(read(folder / name).content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or name
        raise ScenarioError([Flaw(f"{name}: {where}", first["msg"])]) from None
    made = _worded(told, words, name)
    # what was changed is checked as a whole, as any scenario is
    checked = Scenario.model_validate(made.model_dump(mode="json", exclude_none=True))
    return checked.placed(folder)


def _worded(scenario: Scenario, words: Translation, name: str) -> Scenario:
    hypotheses = scenario.hypotheses
    unknown = sorted(set(words.variables) - set(scenario.variables))
    if unknown:
        raise ScenarioError([Flaw(name, f"describes '{unknown[0]}', which is no variable")])
    if words.beliefs and len(words.beliefs) != len(hypotheses.beliefs):
        counts = f"{len(words.beliefs)} beliefs, the scenario {len(hypotheses.beliefs)}"
        raise ScenarioError([Flaw(name, f"has {counts}: tell all of them, in their order")])
    changes: dict[str, object] = {}
    if words.beliefs:
        changes["beliefs"] = tuple(
            belief.model_copy(update=told.model_dump())
            for belief, told in zip(hypotheses.beliefs, words.beliefs, strict=True)
        )
    if words.rival and hypotheses.rivals:
        changes["rivals"] = hypotheses.rivals.model_copy(update={"statement": words.rival})
    variables = {
        n: v.model_copy(update={"description": words.variables.get(n, v.description)})
        for n, v in scenario.variables.items()
    }
    population = words.population or scenario.cases.population
    return scenario.model_copy(update={
        "title": words.title or scenario.title,
        "question": words.question or scenario.question,
        "cases": scenario.cases.model_copy(update={"population": population}),
        "variables": variables,
        "measurement": scenario.measurement.model_copy(
            update={"name": words.outcome or scenario.measurement.name}
        ),
        "hypotheses": hypotheses.model_copy(update=changes),
    })  # fmt: skip
