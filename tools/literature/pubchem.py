"""PubChem: substances by name (https://pubchem.ncbi.nlm.nih.gov/docs/pug-rest)."""

from typing import Any
from urllib.parse import urlencode

from gaseol.tools import tool
from gaseol.tools.egress.exchange import Ask
from gaseol.tools.egress.pace import Rate
from gaseol.tools.literature.answer import (
    check,
    clean,
    digits,
    json_object,
    listed,
    records,
    within,
)
from gaseol.tools.literature.page import pages
from gaseol.tools.sources.connector import Connector, Query
from gaseol.tools.sources.records import Record, Records

_PROPERTIES = "Title,MolecularFormula,MolecularWeight,SMILES,InChI,InChIKey,XLogP,TPSA,Charge"


@tool(
    seconds=0.01,
    limit_seconds=30,
    tags=("literature", "reader", "chemistry"),
    examples=pages("pubchem.json"),
)
def read_pubchem(status: int, text: str) -> Records:
    """Read the properties of substances from PubChem.

    Args:
        status: of the page.
        text: of the page, JSON.
    """
    check("PubChem", status, text)
    page = json_object("PubChem", text)
    rows = listed("PubChem", within(page, "PropertyTable", "Properties"), "Properties")
    return records("pubchem", map(_substance, rows), total=len(rows))


def _substance(row: Any) -> Record | None:
    cid = digits(within(row, "CID"))
    if not cid:
        return None
    return Record(
        id=f"CID{cid}",
        kind="substance",
        title=clean(row.get("Title"))[:2000],
        url=f"https://pubchem.ncbi.nlm.nih.gov/compound/{cid}",
        data={key: value for key, value in row.items() if isinstance(value, str | int | float)},
    )


def _ask(query: Query) -> Ask:
    # a name may hold slashes and brackets, which an address cannot carry: it goes in the body
    return Ask(
        method="POST",
        url=f"https://pubchem.ncbi.nlm.nih.gov/rest/pug/compound/name/property/{_PROPERTIES}/JSON",
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=urlencode({"name": query.text}),
    )


pubchem = Connector(
    name="pubchem",
    summary="substances by name: structure and computed properties",
    hosts=("pubchem.ncbi.nlm.nih.gov",),
    ask=_ask,
    reader=read_pubchem,
    licence="public domain (computed properties); depositors' data under their own terms",
    source="https://pubchem.ncbi.nlm.nih.gov/docs/pug-rest",
    rate=Rate(requests=5, seconds=1.0),
)
