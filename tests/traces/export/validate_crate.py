"""Run the RO-Crate validator without a network: its two contexts come from the `rocrate` package.

    python validate_crate.py CRATE PROFILE SEVERITY

For the interpreter of the interop environment, not for pytest. Prints the validator's findings as
JSON. The context that `rocrate` brings is of RO-Crate 1.3; the names used here are those of 1.1,
but for the home of the Bioschemas terms, which moved. Any other address is refused.
"""

import json
import sys
from importlib.resources import files
from types import SimpleNamespace

from rdflib.plugins.shared.jsonld import context as jsonld
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

CRATE = "https://w3id.org/ro/crate/1.1/context"
RUN = "https://w3id.org/ro/terms/workflow-run/context"
_TERMS = (
    "ParameterConnection", "connection", "sourceParameter", "targetParameter", "md5", "sha1",
    "sha256", "sha512",
)  # fmt: skip


def _contexts():
    text = (files("rocrate") / "data" / "ro-crate.jsonld").read_text(encoding="utf-8")
    moved = text.replace("https://bioschemas.org/terms/", "https://bioschemas.org/")
    terms = {name: f"https://w3id.org/ro/terms/workflow-run#{name}" for name in _TERMS}
    return {CRATE: json.loads(moved), RUN: {"@context": terms}}


def main(crate: str, profile: str, severity: str) -> None:
    """Validate and print."""
    known = _contexts()

    def fetched(self, url, **_):
        if url not in known:
            raise OSError(f"there is no network here: {url}")
        found = known[url]
        return SimpleNamespace(
            status_code=200, ok=True, text=json.dumps(found), content=json.dumps(found).encode(),
            json=lambda: found, headers={"Content-Type": "application/ld+json"}, url=url,
            raise_for_status=lambda: None,
        )  # fmt: skip

    HttpRequester.get = fetched
    remote = jsonld.source_to_json
    jsonld.source_to_json = lambda source, *rest, **more: (
        (known[source], None) if source in known else remote(source, *rest, **more)
    )
    found = services.validate(
        services.ValidationSettings(
            rocrate_uri=models.URI(crate),
            profile_identifier=profile,
            requirement_severity=models.Severity[severity],
        )
    )
    issues = [
        {
            "severity": issue.severity.name,
            "check": issue.check.identifier,
            "message": issue.message,
            "on": str(issue.violatingEntity),
        }
        for issue in found.get_issues()
    ]
    print(json.dumps({"passed": found.passed(), "issues": issues}))


if __name__ == "__main__":
    main(*sys.argv[1:])
