// Words of the interface, in the reader's language; what a record says is never translated.

let WORDS = {};
let language = "en";

function say(key, values = {}) {
  const words = WORDS[language] ?? {};
  const english = WORDS.en ?? {};
  const one = values.n === 1 ? `${key}.one` : key;
  const text = words[one] ?? words[key] ?? english[one] ?? english[key] ?? key;
  return !text.includes("{") ? text : text.replace(/\{(\w+)\}/g, (whole, name) =>
    name in values ? (typeof values[name] === "number" ? number(values[name]) : values[name]) : whole,
  );
}

/** Return whether there are words for a key. */
function said(key) {
  return key in (WORDS[language] ?? {}) || key in (WORDS.en ?? {});
}

/** Return a word of a closed list of the record's, or the record's own where it is another. */
function term(family, word) {
  const key = `${family}.${word}`;
  return said(key) ? say(key) : String(word);
}

function number(value, digits = 4) {
  if (value === null || value === undefined) return "";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return grouped(value);
  const size = Math.abs(value);
  const shown = size >= 1e6 || size < 1e-4
    ? value.toExponential(Math.max(0, digits - 1)).replace("e+", "e")
    : String(Number(value.toPrecision(digits)));
  return shown.replace("-", "−");
}

function grouped(value) {
  return String(value).replace("-", "−").replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/** Return a logarithm of evidence. */
function log(value) {
  return value.toFixed(2).replace("-", "−");
}

function quantity(value, unit, digits = 4) {
  const shown = number(value, digits);
  return unit && unit !== "1" ? `${shown}\u00a0${unit}` : shown;
}

function duration(seconds) {
  if (seconds < 0.001) return `${number(seconds * 1e6, 2)}\u00a0µs`;
  if (seconds < 1) return `${number(seconds * 1e3, 3)}\u00a0ms`;
  if (seconds < 120) return `${number(seconds, 3)}\u00a0s`;
  if (seconds < 7200) return `${number(seconds / 60, 3)}\u00a0min`;
  return `${number(seconds / 3600, 3)}\u00a0h`;
}

function bytes(size) {
  if (size < 1000) return `${size}\u00a0B`;
  if (size < 1e6) return `${number(size / 1e3, 3)}\u00a0kB`;
  return `${number(size / 1e6, 3)}\u00a0MB`;
}
