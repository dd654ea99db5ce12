"""OPTIMADE: crystal structures of many databases by one protocol (https://www.optimade.org)."""

from typing import Any
from urllib.parse import urlsplit

from gaseol.tools import Refuse, tool
from gaseol.tools.egress.exchange import Ask
from gaseol.tools.egress.pace import Rate
from gaseol.tools.literature.answer import (
    check,
    clean,
    count,
    json_object,
    listed,
    records,
    within,
    wrong,
    year,
)  # fmt: skip
from gaseol.tools.literature.page import pages
from gaseol.tools.sources.connector import Connector, Query
from gaseol.tools.sources.records import Record, Records
from gaseol.traces.nouns.failure import FailureKind

_FIELDS = (
    "chemical_formula_reduced", "chemical_formula_anonymous", "elements", "nelements", "nsites",
    "lattice_vectors", "cartesian_site_positions", "species_at_sites", "last_modified",
)  # fmt: skip


@tool(
    seconds=0.05,
    limit_seconds=30,
    tags=("literature", "reader", "materials"),
    examples=pages("optimade.json"),
)
def read_optimade(status: int, text: str) -> Records:
    """Read structures from a database that speaks OPTIMADE.

    Args:
        status: of the page.
        text: of the page, JSON:API.
    """
    if status in (400, 422, 500, 501):
        said = clean(within(json_object("OPTIMADE", text), "errors", 0, "detail"))
        reason = f"OPTIMADE does not understand the filter: {said}"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    check("OPTIMADE", status, text)
    page = json_object("OPTIMADE", text)
    version = clean(within(page, "meta", "api_version"))
    if not version.removeprefix("v").startswith("1."):
        raise wrong("OPTIMADE", f"meta.api_version is '{version}', not 1.x")
    rows = listed("OPTIMADE", page.get("data"), "data")
    link = within(page, "links", "next")
    more = clean(within(link, "href") if isinstance(link, dict) else link)
    total = within(page, "meta", "data_returned")
    return records("optimade", map(_structure, rows), total=count(total), cursor=more[:4000])


def _structure(row: Any) -> Record | None:
    name = clean(within(row, "id"))
    if not name or within(row, "type") != "structures":
        return None
    data = {k: v for k, v in (row.get("attributes") or {}).items() if k in _FIELDS}
    return Record(
        id=name[:500],
        kind="structure",
        title=clean(data.get("chemical_formula_reduced"))[:2000],
        year=year(data.get("last_modified")),
        data={key: value for key, value in data.items() if value is not None},
    )


def database(name: str, base: str, summary: str, licence: str) -> Connector:
    """Return the connector of a database.

    Args:
        name: of the connector.
        base: address of the server, without the version.
        summary: what it holds.
        licence: of what it holds.
    """
    parts = urlsplit(base)
    host = f"{parts.scheme}://{parts.netloc}" if parts.scheme == "http" else parts.netloc

    def ask(query: Query) -> Ask:
        if query.cursor:
            # the next page is where the server says, as long as that is the server
            there = urlsplit(query.cursor)
            if (there.scheme, there.netloc) == (parts.scheme, parts.netloc):
                return Ask(url=query.cursor)
        return Ask(
            url=f"{base.rstrip('/')}/v1/structures",
            params={
                "filter": query.text,
                "page_limit": str(query.count),
                "response_fields": ",".join(("id", "type", *_FIELDS)),
            },
        )

    return Connector(
        name=name,
        summary=summary,
        hosts=(host,),
        ask=ask,
        reader=read_optimade,
        licence=licence,
        source="https://www.optimade.org",
        rate=Rate(requests=2, seconds=1.0),
        largest=50,
    )


optimade_mp = database(
    "optimade_mp",
    "https://optimade.materialsproject.org",
    "computed structures of the Materials Project, by OPTIMADE filter",
    "CC-BY-4.0",
)
optimade_cod = database(
    "optimade_cod",
    "https://www.crystallography.net/cod/optimade",
    "experimental structures of the Crystallography Open Database",
    "CC0-1.0",
)
optimade_oqmd = database(
    "optimade_oqmd",
    "https://oqmd.org/optimade",
    "computed structures of the OQMD",
    "CC-BY-4.0",
)
optimade_alexandria = database(
    "optimade_alexandria",
    "https://alexandria.icams.rub.de/pbe",
    "computed structures of Alexandria (PBE)",
    "CC-BY-4.0",
)
