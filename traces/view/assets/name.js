// What the cases are called: a name where there is one, else what stands for one.

const CAS = /^\d{2,7}-\d{2}-\d$/;
const REGISTER = /^[a-z]+(?:_[a-z]+)+_\d+$/i; // an entry of a register, such as dsstox_cid_39

/** Return what a case is called, and what else stands for it. */
function called(sheet, key) {
  const label = sheet.cases[key];
  if (label === undefined || label === key) return { name: key, also: "", register: false };
  if (CAS.test(label)) return { name: `CAS ${label}`, also: key, register: true };
  if (REGISTER.test(label)) return { name: key, also: label, register: true };
  return { name: label, also: key, register: false };
}

/** Return a case by its name; a bare number of a register is never left to stand alone. */
function caseName(sheet, key, limit = 60, always = false) {
  const { name, also, register } = called(sheet, key);
  return el("span.case", { title: also ? `${name} · ${also}` : name }, quote(name, limit),
    also && (register || always) ? [" ", el("span.dim.mono", {}, quote(also, limit))] : null);
}

/** Return a cell of a case as text. */
function cellText(cell) {
  return typeof cell === "number" ? number(cell, 4) : cell === true ? say("yes") : cell === false ? say("no") : String(cell);
}
