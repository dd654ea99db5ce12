// Elements are made one by one and text is only ever text: nothing of a record becomes markup.

const SVG = "http://www.w3.org/2000/svg";
// marks that turn the direction of writing, and control characters, could make a page lie
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/g;

function plain(text) {
  return String(text).replace(HIDDEN, "\ufffd");
}

function fill(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(plain(child)));
  }
  return node;
}

function el(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  return fill(dress(document.createElement(name || "div"), classes, properties), children);
}

function svg(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  return fill(dress(document.createElementNS(SVG, name), classes, properties), children);
}

function dress(node, classes, properties) {
  if (classes.length) node.setAttribute("class", classes.join(" "));
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.setAttribute("class", [...classes, value].join(" "));
    else if (name === "style") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else if (name === "href" && !String(value).startsWith("#") && !String(value).startsWith("/")) continue;
    else node.setAttribute(name, value === true ? "" : plain(value));
  }
  return node;
}

/** Return words of a record, kept from turning the words around them. */
function quote(text, limit = 0) {
  const whole = String(text ?? "");
  const shown = limit && whole.length > limit ? `${whole.slice(0, limit)}…` : whole;
  return el("bdi", shown === whole ? {} : { title: whole.slice(0, 2000) }, shown);
}

function swap(node, ...children) {
  node.replaceChildren();
  return fill(node, children);
}

function tag(standing) {
  const marks = { supported: "✓", refuted: "✕", undecided: "?", invalid: "!", open: "…" };
  return el("span.tag", { class: `tone-${standing}` }, `${marks[standing] ?? "·"} ${term("standing", standing)}`);
}

function button(words, act, properties = {}) {
  return el("button", { type: "button", onclick: act, ...properties }, words);
}

/** Return a table from its headings and rows of cells. */
function table(heads, rows, properties = {}) {
  return el("div.scroll", { tabindex: "0", role: "region", "aria-label": properties.label ?? heads.map((h) => h.text ?? h).join(", ") },
    el("table", properties.class ? { class: properties.class } : {},
      el("thead", {}, el("tr", {}, heads.map((h) =>
        el("th", { scope: "col", class: [h.num ? "num" : "", h.asis ? "asis" : ""].join(" ").trim() || null }, h.text ?? h)))),
      el("tbody", {}, rows),
    ));
}

const ICONS = {
  link: "M6.5 9.5a3 3 0 0 0 4.2 0l2.4-2.4a3 3 0 0 0-4.2-4.2L7.7 4M9.5 6.5a3 3 0 0 0-4.2 0L2.9 8.9a3 3 0 0 0 4.2 4.2L8.3 12",
  print: "M4.5 6V2.5h7V6M4.5 11.5H2.5V6h11v5.5h-2M4.5 9.5h7v4h-7z",
};

function icon(name) {
  return svg("svg.icon-drawing", { viewBox: "0 0 16 16", width: 15, height: 15, "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

function cell(content, kind) {
  return el("td", kind ? { class: kind } : {}, content);
}

/** Return names beside what they stand for. */
function facts(pairs) {
  return el("dl.facts", {}, pairs.filter((p) => p && p[1] !== "" && p[1] !== null && p[1] !== undefined)
    .filter(([, what]) => !Array.isArray(what) || what.flat(Infinity).some((w) => w !== null && w !== undefined && w !== false && w !== ""))
    .map(([name, what]) => [el("dt", {}, name), el("dd", {}, what)]));
}

function announce(text) {
  const place = document.getElementById("said");
  if (place) place.textContent = plain(text);
}

let toastTimer = 0;
function toast(text) {
  const place = document.getElementById("toast");
  place.textContent = plain(text);
  place.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { place.hidden = true; }, 4000);
  announce(text);
}
