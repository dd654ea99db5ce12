"""ChEMBL: drug-like molecules (https://chembl.gitbook.io/chembl-interface-documentation)."""

from typing import Any

from gaseol.tools import tool
from gaseol.tools.egress.exchange import Ask
from gaseol.tools.egress.pace import Rate
from gaseol.tools.literature.answer import check, clean, count, json_object, listed, records, within
from gaseol.tools.literature.page import pages
from gaseol.tools.sources.connector import Connector, Query
from gaseol.tools.sources.records import Record, Records


@tool(
    seconds=0.02,
    limit_seconds=30,
    tags=("literature", "reader", "chemistry"),
    examples=pages("chembl.json"),
)
def read_chembl(status: int, text: str) -> Records:
    """Read molecules from ChEMBL.

    Args:
        status: of the page.
        text: of the page, JSON.
    """
    check("ChEMBL", status, text)
    page = json_object("ChEMBL", text)
    rows = listed("ChEMBL", page.get("molecules"), "molecules")
    meta = page.get("page_meta")
    after = (count(within(meta, "offset")) or 0) + len(rows)
    return records(
        "chembl",
        map(_molecule, rows),
        total=count(within(meta, "total_count")),
        cursor=str(after) if within(meta, "next") and rows else "",
    )


def _molecule(row: Any) -> Record | None:
    name = clean(within(row, "molecule_chembl_id"))
    if not name:
        return None
    structures, properties = row.get("molecule_structures"), row.get("molecule_properties")
    data = {
        "smiles": within(structures, "canonical_smiles"),
        "inchikey": within(structures, "standard_inchi_key"),
        "molar_mass": within(properties, "full_mwt"),
        "alogp": within(properties, "alogp"),
        "max_phase": row.get("max_phase"),
    }
    return Record(
        id=name,
        kind="substance",
        title=clean(row.get("pref_name"))[:2000],
        url=f"https://www.ebi.ac.uk/chembl/explore/compound/{name}"[:2000],
        data={k: v for k, v in data.items() if isinstance(v, str | int | float)},
    )


def _ask(query: Query) -> Ask:
    return Ask(
        url="https://www.ebi.ac.uk/chembl/api/data/molecule/search.json",
        params={"q": query.text, "limit": str(query.count), "offset": query.cursor or "0"},
    )


chembl = Connector(
    name="chembl",
    summary="drug-like molecules by name",
    hosts=("www.ebi.ac.uk",),
    ask=_ask,
    reader=read_chembl,
    licence="CC-BY-SA-3.0",
    source="https://chembl.gitbook.io/chembl-interface-documentation/web-services",
    rate=Rate(requests=3, seconds=1.0),
)
