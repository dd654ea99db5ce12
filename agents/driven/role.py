"""The roles that a model can have, as values: what each takes, gives, is told and may use."""

from dataclasses import dataclass

from gaseol.agents.driven import form


@dataclass(frozen=True)
class Role:
    """What a model does in one role."""

    name: str
    summary: str
    takes: str
    """What it is shown, in words."""
    gives: tuple[type, ...]
    """The forms that it answers in; nothing else of its answer is used."""
    prompts: tuple[str, ...]
    """Its instructions: files in `agents/prompts`, a version and a digest each."""
    tools: tuple[str, ...] = ()
    """What it has called on its behalf; by the code, never by itself."""
    vision: bool = False
    """Whether it needs a model that reads pictures."""


ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role(
            "theorist",
            "proposes and revises hypotheses in a closed form, suggests cases to a campaign",
            "question, variables, pilot, what was proposed and what became of it",
            (form.Ideas, form.Candidates),
            ("theorist", "reviser", "suggestion"),
        ),
        Role(
            "sceptic",
            "ranks hypotheses, and judges them in pairs",
            "question, pilot, statements without their names",
            (form.Ranking, form.Better),
            ("sceptic", "referee"),
        ),
        Role(
            "designer",
            "says which hypothesis or design to measure next",
            "question, standings, what designs would tell and cost",
            (form.Preference,),
            ("designer",),
        ),
        Role(
            "experimentalist",
            "chooses among the remedies that a scenario allows after a typed failure",
            "the tool, its arguments, the failure in the tool's words, the remedies",
            (form.Remedy,),
            ("experimentalist",),
            tools=("the measurement's",),
        ),
        Role(
            "interpreter",
            "says whether to measure on, to think again or to stop; reviews tournaments",
            "question, standings, rankings",
            (form.Counsel, form.Lessons),
            ("interpreter", "reviewer"),
        ),
        Role(
            "writer",
            "orders the findings and chooses the figures to show",
            "question, verdicts",
            (form.Outline,),
            ("writer",),
        ),
        Role(
            "librarian",
            "says what to search for and read, quotes texts, puts together what they say",
            "what is sought, one text at a time, quotes on record",
            (form.Catalogue, form.Selection, form.Findings, form.Synthesis),
            ("librarian",),
        ),
        Role(
            "observer",
            "reads quantities off figures, spectra and micrographs",
            "a picture, what it shows, what is to be read",
            (form.Sighting,),
            ("observer",),
            tools=("the one that confirms the reading",),
            vision=True,
        ),
    )
}
"""By name, in the order in which they are told."""
