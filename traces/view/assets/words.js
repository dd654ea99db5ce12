// Words of the interface, in the reader's language; what a record says is never translated.

let WORDS = {};
let language = "en";

function say(key, values = {}) {
  const words = WORDS[language] ?? {};
  const english = WORDS.en ?? {};
  const one = values.n === 1 ? `${key}.one` : key;
  const text = words[one] ?? words[key] ?? english[one] ?? english[key] ?? key;
  if (!text.includes("{")) return text;
  return particles(text.replace(/\{(\w+)\}/g, (whole, name) =>
    name in values ? (typeof values[name] === "number" ? number(values[name]) : values[name]) : whole,
  ));
}

/** Return Korean text with every particle in the form that the sound before it asks for. */
function particles(text) {
  return text.replace(/([^\s])(["'’”)\]]*)(이|은|을|과|으로)\((가|는|를|와|로)\)/gu, (_, last, closing, hard, soft) => {
    const end = finalSound(last);
    return `${last}${closing}${end && !(hard === "으로" && end === "ㄹ") ? hard : soft}`;
  });
}

/** Return whether a letter is spoken with a consonant at its end, `ㄹ` where it is that one. */
function finalSound(letter) {
  const code = letter.codePointAt(0);
  if (code >= 0xac00 && code <= 0xd7a3) return (code - 0xac00) % 28 === 8 ? "ㄹ" : (code - 0xac00) % 28 ? "ㅇ" : "";
  if ("178lL".includes(letter)) return "ㄹ";
  return "036mnMN".includes(letter) ? "ㅇ" : "";
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

/** Return a logarithm of evidence; a third decimal where two do not tell it from the threshold. */
function log(value, threshold) {
  const near = threshold !== undefined && value !== threshold && value.toFixed(2) === threshold.toFixed(2);
  return value.toFixed(near ? 3 : 2).replace("-", "−");
}

const MEASURED = 6; // significant digits of a measured value, wherever it is shown

function quantity(value, unit, digits = MEASURED) {
  const shown = number(value, digits);
  return unit && unit !== "1" ? `${shown}\u00a0${unitWords(unit)}` : shown;
}

/** Return a unit as people write it. */
function unitWords(unit) {
  return unit.replace(/\*\*(\d)/g, (_, n) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[n]).replace(/\bangstrom/g, "Å").replace(/\*/g, "·");
}

/** Return a sentence of the record with the signs of print: a minus for a hyphen, α for alpha. */
function tidy(text) {
  return String(text ?? "").replace(/(?<![\w.)\]-])-(?=\d)/g, "−").replaceAll("ln(m/alpha)", "ln(m/α)");
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
