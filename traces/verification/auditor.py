"""Does the record say what a claim says?"""

import math
import re

from gaseol.traces.evidence.statistic import NoOrigin
from gaseol.traces.evidence.statistic import figure as derive
from gaseol.traces.nouns.claim import Audit, Claim
from gaseol.traces.record.docket import Docket

_PLACE = re.compile(r"\{(\w+)\}")


def audit(claim: Claim, docket: Docket) -> Audit:
    """Check a claim against the record: every number has an origin and equals it."""
    places = set(_PLACE.findall(claim.text))
    problems = [
        *(
            f"the text speaks of '{n}', which has no figure"
            for n in sorted(places - set(claim.figures))
        ),
        *(f"the figure '{n}' is not in the text" for n in sorted(set(claim.figures) - places)),
        *(f"hypothesis {h} has no verdict" for h in claim.hypotheses if h not in docket.verdicts),
    ]
    bare = re.findall(r"[^\s]*\d[^\s]*", _PLACE.sub("", claim.text))
    if bare:
        problems.append(f"a number without an origin: {', '.join(bare[:3])}")
    cites = bool(claim.hypotheses)
    for name, figure in sorted(claim.figures.items()):
        cites = cites or bool(figure.measurements)
        try:
            found = derive(
                docket, figure.statistic, figure.measurements, figure.against, figure.hypothesis
            )
        except NoOrigin as error:
            problems.append(f"'{name}': {error}")
            continue
        if not _same(found.value, figure.value):
            problems.append(f"'{name}' says {figure.value}, the record says {found.value}")
        if found.unit != figure.unit:
            problems.append(f"'{name}' is in '{figure.unit}', the record's is in '{found.unit}'")
    if not cites:
        problems.append("it cites no measurement and no verdict")
    return Audit(claim=claim.id, supported=not problems, problems=tuple(problems))


def _same(a: float | str, b: float | str) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
