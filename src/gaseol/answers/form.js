"use strict";
(() => {
const START = JSON.parse(document.getElementById("start").textContent);
const WORDS = {
  en: {
    title: "What this run waits for", back: "the record", nothing: "Nothing is awaited.", all: "All is handed in. To go on:",
    hand_in: "Hand in", correct: "Correct", correct_note: "The earlier answer is kept.", cancel: "Cancel", by: "Your name", value: "Value", unit: "Unit",
    uncertainty: "Uncertainty (1 σ)", note: "Note", failed: "No value, because", attach: "Attachments",
    allow: "allow", forbid: "do not allow", again: "It may be carried out again", ended: "It must not be, because",
    asked: "asked {at}", due: "due {at}", late: "was due {at}", said: "{by} handed in, {at}:", taken: "Taken, as entry {n}.",
    between: "possible here: {low} to {high} {unit}", unknown: "Nobody knows whether this call happened:", unsigned: "What is handed in here is not signed; to sign an answer, use gaseol answer --key.", signs: "What is handed in here is signed with the key {name} ({key}) of whoever serves this page.", signed: "signed with the key {key}", sending: "Handing in …",
  },
  ko: {
    title: "이 실행이 기다리는 것", back: "기록", nothing: "기다리는 것이 없습니다.", all: "모두 제출되었습니다. 계속하려면:",
    hand_in: "제출", correct: "정정", correct_note: "이전 답은 그대로 남습니다.", cancel: "취소", by: "이름", value: "값", unit: "단위",
    uncertainty: "불확도 (1 σ)", note: "메모", failed: "값이 없는 이유", attach: "첨부 파일",
    allow: "허용", forbid: "허용하지 않음", again: "다시 실행해도 됨", ended: "다시 실행하면 안 되는 이유",
    asked: "요청: {at}", due: "기한: {at}", late: "기한이 지남: {at}", said: "{by} 제출, {at}:", taken: "{n}번 항목으로 접수되었습니다.",
    between: "가능한 범위: {low} ~ {high} {unit}", unknown: "이 호출이 실행되었는지 아무도 모릅니다:", unsigned: "여기서 제출하는 답은 서명되지 않습니다. 서명하려면 gaseol answer --key 를 쓰십시오.", signs: "여기서 제출하는 답은 이 페이지를 여는 사람의 키 {name} ({key})(으)로 서명됩니다.", signed: "키 {key}(으)로 서명됨", sending: "제출하는 중 …",
  },
};
const words = WORDS[document.documentElement.lang] ?? WORDS.en;
const say = (name, given = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => given[key] ?? "…");
const fingerprint = (key) => key.slice(0, 16).replace(/(.{4})(?=.)/g, "$1 ");
const day = (at) => at ? String(at).slice(0, 16).replace("T", " ") : "";
const main = document.getElementById("main");

function el(name, given, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given ?? {})) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((c) => c !== null && c !== undefined));
  return made;
}

async function ask(path, options = {}) {
  const answer = await fetch(`/run/${START.run}/api/${path}`, { ...options, headers: { "X-Gaseol-Token": START.token, "Content-Type": "application/json" } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return JSON.parse(text);
}

function name() { try { return localStorage.getItem("gaseol-by") ?? ""; } catch { return ""; } }
function keep(by) { try { localStorage.setItem("gaseol-by", by); } catch { /* for this page only */ } }

const field = (label, given) => el("label", {}, label, el(given.rows ? "textarea" : "input", { autocomplete: "off", ...given }));
const choice = (label, given) => el("label", { class: "choice" }, el("input", { type: "radio", ...given }), label);

function fields(each) {
  const asked = each.arguments;
  if (each.what === "ambiguous") return [el("div", { class: "row" }, choice(say("again"), { name: "again", value: "yes" })), field(say("ended"), { name: "failed" })];
  if (each.what !== "measurement") return [el("div", { class: "row" }, choice(say("allow"), { name: "approve", value: "yes" }), choice(say("forbid"), { name: "approve", value: "no" }))];
  return [
    el("div", { class: "row" }, field(say("value"), { name: "value", inputmode: "decimal" }), field(say("unit"), { name: "unit", value: asked.unit }), field(say("uncertainty"), { name: "uncertainty", inputmode: "decimal" })),
    field(say("failed"), { name: "failed" }),
  ];
}

function about(each) {
  const asked = each.arguments;
  if (each.what === "ambiguous") return [el("h2", {}, `${each.id} · ${each.name}`), el("p", {}, say("unknown")), el("p", { class: "protocol" }, JSON.stringify(asked))];
  if (each.what !== "measurement") return [el("h2", {}, `${each.id} · ${asked.subject}`), asked.prediction ? el("p", { class: "protocol" }, asked.prediction) : null];
  const bounded = asked.low !== null && asked.low !== undefined || asked.high !== null && asked.high !== undefined;
  return [
    el("h2", {}, `${each.id} · ${asked.quantity}: ${asked.label}`), el("p", { class: "protocol" }, asked.protocol),
    bounded ? el("p", { class: "dim" }, say("between", { low: asked.low ?? "−∞", high: asked.high ?? "∞", unit: asked.unit })) : null,
  ];
}

async function files(form) {
  const found = [];
  for (const file of form.elements.attach?.files ?? []) {
    const address = await new Promise((resolve, reject) => { const reader = new FileReader(); reader.onload = () => resolve(reader.result); reader.onerror = () => reject(reader.error); reader.readAsDataURL(file); });
    found.push({ name: file.name, content: address.slice(address.indexOf(",") + 1) });
  }
  return found;
}

function form(each, correct) {
  const status = el("p", { role: "status" });
  const made = el("form", { onsubmit: async (event) => {
    event.preventDefault();
    const button = made.querySelector("button");
    button.disabled = true;
    status.className = "";
    status.textContent = say("sending");
    try {
      const given = {};
      for (const [key, value] of new FormData(made)) if (typeof value === "string" && value.trim()) given[key] = value.trim();
      if (given.failed && each.what === "measurement") { delete given.value; delete given.unit; delete given.uncertainty; }
      if (given.by) keep(given.by);
      const said = await ask("answers", { method: "POST", body: JSON.stringify({ id: each.id, fields: given, correct, attach: await files(made) }) });
      draw(said.waiting, each.id, say("taken", { n: said.taken }));
    } catch (error) {
      status.className = "wrong";
      status.textContent = String(error.message ?? error);
      button.disabled = false;
    }
  } }, fields(each), field(say("note"), { name: "note", rows: 2 }), field(say("attach"), { name: "attach", type: "file", multiple: true }), field(say("by"), { name: "by", value: name(), autocomplete: "name" }),
    el("div", { class: "row" }, el("button", { type: "submit" }, say(correct ? "correct" : "hand_in"))), status);
  return made;
}

function card(each, taken) {
  const late = each.due && new Date(each.due) < new Date();
  const made = el("section", { class: "card", id: `a${each.id}` }, about(each), el("p", { class: "dim" }, say("asked", { at: day(each.asked) }), each.due ? [" · ", el("span", { class: late ? "late" : "" }, say(late ? "late" : "due", { at: day(each.due) }))] : null));
  if (!each.said) { made.append(form(each, false)); return made; }
  const given = Object.entries(each.said.given).filter(([key]) => key !== "by").map(([key, value]) => `${key}=${value}`).join("  ");
  const attached = Object.keys(each.said.attachments).join(", ");
  const open = el("button", { type: "button", class: "plain", onclick: () => open.replaceWith(el("p", { class: "dim" }, say("correct_note")), form(each, true)) }, say("correct"));
  made.append(el("p", { class: "done", role: "status" }, taken ?? ""), el("p", {}, say("said", { by: each.said.by, at: day(each.said.at) }), " ", el("code", {}, given)), attached ? el("p", { class: "dim" }, attached) : "",
    ...(each.said.envelope?.signatures ?? []).map((one) => el("p", { class: "dim" }, say("signed", { key: fingerprint(one.keyid) }))), open);
  return made;
}

function draw(waiting, id, taken) {
  const left = waiting.filter((each) => !each.said);
  document.title = `${left.length} · ${START.name} · gaseol`;
  main.replaceChildren(
    el("p", { class: "dim" }, el("a", { href: `/run/${START.run}/` }, say("back")), ` · ${START.name}`), el("h1", {}, say("title")),
    waiting.length ? "" : el("p", {}, say("nothing")),
    waiting.length && !left.length ? el("p", { class: "done" }, say("all"), " ", el("code", {}, `gaseol resume ${START.folder}`)) : "",
    ...waiting.map((each) => card(each, each.id === id ? taken : null)), waiting.length ? el("p", { class: "dim", id: "signs" }, START.signs ? say("signs", { name: START.signs.name, key: fingerprint(START.signs.key) }) : say("unsigned")) : "");
  document.documentElement.dataset.ready = "";
}

ask("awaited").then((found) => draw(found), (error) => main.replaceChildren(el("p", { class: "wrong" }, String(error.message ?? error))));
})();
