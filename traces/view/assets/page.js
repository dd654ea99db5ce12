// The frame around the views: title, standing, navigation, and what is drawn when.

let START = {};
let record = null;

const DRAW = {
  findings: drawFindings, story: drawStory, timeline: drawTimeline, graph: drawGraph, evidence: drawEvidence,
  measurements: drawMeasurements, drawings: drawDrawings, models: drawModels, compare: drawCompare, review: drawReview,
};

function standingBadge() {
  const s = record.standing;
  if (!s || s.state !== "done") return el("span.standing.checking", {}, `… ${say("checking")}`);
  const good = s.holds;
  const mark = !good ? "✕" : s.integrity === "intact" ? "✓" : "○";
  return el("span.standing", { class: good ? (s.integrity === "intact" ? "good" : "fair") : "bad" }, `${mark} ${term("integrity", s.integrity)}`);
}

/** Return whether somebody signed the seal: intact is one thing, by whom it is vouched for another. */
function sealBadge() {
  const s = record.standing;
  if (!s || s.state !== "done" || !s.holds || s.integrity === "unsealed") return null;
  return s.signers?.length ? el("span.standing.good", {}, `✓ ${say("seal_signed")}`) : el("span.standing.fair", { title: say("phrase.unsigned") }, `○ ${say("seal_unsigned")}`);
}

function replayBadge() {
  const r = record.replay;
  if (!r || r.stale) return labelBadge("recorded");
  return el("span.label-badge", { class: r.holds ? "l-recomputed-equal" : "l-recomputed-different", title: r.divergence ?? "" }, `${r.holds ? "＝" : "≠"} ${say("replayed", { mode: term("mode", r.mode) })}`);
}

function theme() {
  try { return localStorage.getItem("gaseol-theme") ?? "auto"; } catch { return "auto"; }
}

function setTheme(name) {
  try { localStorage.setItem("gaseol-theme", name); } catch { /* for this page only */ }
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
}

function nextTheme() {
  const next = { auto: "light", light: "dark", dark: "auto" }[theme()];
  setTheme(next);
  toast(`${say("theme")}: ${say(`theme.${next}`)}`);
  if (["timeline", "measurements"].includes(place.view)) redraw();
}

function setLanguage(name) {
  language = name;
  document.documentElement.lang = name;
  try { localStorage.setItem("gaseol-language", name); } catch { /* for this page only */ }
}

function frame() {
  const app = document.getElementById("app");
  const list = START.list;
  const field = el("input", { id: "search", type: "search", placeholder: say("search"), "aria-label": say("search"), autocomplete: "off", spellcheck: "false" });
  const find = el("form.search", { role: "search", onsubmit: (e) => { e.preventDefault(); runSearch(field.value); } }, field, el("span", { id: "search-status", role: "status" }));
  field.addEventListener("input", () => typing(field));
  swap(app,
    el("a.skip", { href: "#main", onclick: (e) => { e.preventDefault(); document.getElementById("main").focus(); } }, say("skip")),
    el("header.top", {},
      el("div.brand", {}, START.home || list ? el("a", { href: "/" }, "gaseol") : el("span", {}, "gaseol"), el("span.run-name", { id: "run-name" })),
      el("div.states", { id: "states", "aria-label": say("standing_label") }),
      list ? el("span.grow") : find,
      el("div.tools", {},
        button(language === "en" ? "한국어" : "English", () => { setLanguage(language === "en" ? "ko" : "en"); frame(); if (record?.board) { story.list = null; redraw(); heading(); } else if (list) drawShelf(document.getElementById("main")); }, { lang: language === "en" ? "ko" : "en", id: "language" }),
        button("◐", nextTheme, { "aria-label": say("theme"), title: say("theme"), class: "icon" }),
        list ? null : button(icon("print"), () => print(), { id: "print", "aria-label": say("print"), title: say("print"), class: "icon" }),
        list || !START.served ? null : el("a.button", { href: `/run/${START.run}/export.html?language=${language}${START.beside ? `&beside=${START.beside}` : ""}`, id: "export", download: true }, say("export")),
        START.awaited ? el("a.button", { href: `/run/${START.run}/answers`, id: "awaited" }, say("awaited", { n: START.awaited })) : null,
        list ? null : button("?", showHelp, { "aria-label": say("help"), title: `${say("help")} (?)`, class: "icon" }))),
    list ? null : el("nav.views", { "aria-label": say("views") }, el("ol", {}, VIEWS.map((v, i) => el("li", { hidden: nothingIn(v) }, el("a", { href: to({ view: v }), "data-view": v, title: `${(i + 1) % 10}` }, say(`view.${v}`)))))),
    el("main", { id: "main", tabindex: "-1" }, el("p.quietly", {}, say("loading"))),
    el("aside", { id: "panel", hidden: true, "aria-label": say("event") }),
    el("div", { id: "toast", hidden: true }), el("div.unseen", { id: "said", "aria-live": "polite" }),
    el("dialog", { id: "help" }));
  document.body.classList.toggle("shelf", Boolean(list));
  panelDrawn = "";
}

/** Tell whether a view would have nothing to show: no model was asked, there is no second run. */
function nothingIn(view) {
  if (!record?.facets || view === place.view) return false;
  if (view === "models") return !record.facets.models.length;
  return view === "compare" && !START.served && !START.beside;
}

function heading() {
  const head = record.board?.head;
  document.title = plain(head ? `${head.title} · gaseol` : "gaseol");
  swap(document.getElementById("run-name"), head ? [quote(head.title, 60), " ", el("span.mono.dim", {}, quote(head.run, 60))] : say("loading"));
  swap(document.getElementById("states"),
    el("a.state-link", { href: to({ view: "review" }), title: say("integrity") }, standingBadge(), sealBadge()), replayBadge(),
    record.standing?.state === "done" ? el("span.unseen", {}, say("chain_cannot")) : null);
}

function redraw() {
  if (!record?.board) return;
  const main = document.getElementById("main");
  if (!record.facets && place.view !== "findings") {
    swap(main, el("p.quietly", {}, say("loading")));
    return;
  }
  main.dataset.view = place.view;
  thinOut();
  DRAW[place.view](main);
  for (const a of document.querySelectorAll("nav.views a")) {
    const own = a.dataset.view === place.view;
    const bar = a.closest("nav");
    if (own && bar.scrollWidth > bar.clientWidth) a.scrollIntoView({ inline: "center", block: "nearest" });
    a.classList.toggle("on", own);
    if (own) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  }
  drawEvent();
}

/** Hide the views that have nothing to show, once that is known. */
function thinOut() {
  for (const a of document.querySelectorAll("nav.views a")) a.parentElement.hidden = nothingIn(a.dataset.view);
}

/** Draw what a move changed: the whole view, or only the event beside it. */
function moved(before) {
  if (!record?.board) return;
  const same = before && ["view", "claim", "hypothesis", "note"].every((k) => before[k] === place[k]) && String(before.range) === String(place.range);
  if (!same) {
    redraw();
    const main = document.getElementById("main");
    main.scrollTop = 0;
    const title = main.querySelector("h1");
    if (title) { title.tabIndex = -1; title.focus({ preventScroll: true }); }
    return;
  }
  drawEvent();
  if (!record.facets) return;
  if (place.view === "story" && place.event !== null) { story.reveal(place.event); }
  if (place.view === "graph") drawGraph(document.getElementById("main"));
  if (place.view === "timeline") drawTimeline.again?.();
}

async function watchStanding() {
  for (let wait = 150; ; wait = Math.min(2000, wait * 1.5)) {
    try { record.standing = await record.source.part("standing"); } catch { return; }
    heading();
    if (record.standing?.state === "done") break;
    await new Promise((done) => setTimeout(done, wait));
  }
  record.inspection = await record.source.part("inspection").catch(() => null);
  const rows = document.querySelectorAll(".claim-marks");
  if (place.view === "findings" && rows.length) {
    record.board.claims.forEach((c, i) => rows[i]?.append(checkMarks(c.id) ?? ""));
  } else if (place.view === "findings" || place.view === "review") redrawQuietly();
}

/** Draw again without moving what is being read or written. */
function redrawQuietly() {
  const main = document.getElementById("main");
  if (main.querySelector("form.remark-form") || document.querySelector("details[open]") && place.view === "findings" && place.claim) return;
  const top = main.scrollTop;
  redraw();
  main.scrollTop = top;
}

async function begin() {
  WORDS = stated("words");
  START = stated("start");
  let kept = null;
  try { kept = localStorage.getItem("gaseol-language"); } catch { /* none is kept */ }
  setTheme(theme());
  language = START.language ?? "en";
  if (kept && WORDS[kept] && START.language === "en") language = kept;
  document.documentElement.lang = language;
  Object.assign(place, parsed(location.hash));
  frame();
  if (START.list) { await drawShelf(document.getElementById("main")); return; }
  addEventListener("hashchange", arrive);
  movers.push(moved);
  addEventListener("keydown", pressed);
  addEventListener("beforeprint", layOut);
  addEventListener("afterprint", layBack);
  record = new Run(START.served ? new Served(START.run, START.token) : new Embedded("a"));
  globalThis.gaseolRun = record; // for whoever looks with the browser's own tools
  try {
    await record.open();
    performance.mark("gaseol-skeleton");
    document.documentElement.dataset.skeleton = "1";
    if (!stated("a:board")) {
      skeletonPage();
      await pause();
    }
    await record.findings();
    drafts.load(record.board.head.digest);
    heading();
    redraw();
    requestAnimationFrame(() => setTimeout(() => performance.mark("gaseol-first"))); // once it is painted
    await pause();
    await record.outline();
    [record.replay, record.remarks] = await Promise.all([record.source.part("replay").catch(() => null), record.source.part("reviews").catch(() => record.remarks)]);
  } catch (error) {
    swap(document.getElementById("main"), el("div.page", {}, el("h1", {}, say("cannot_open")), el("p.lost", {}, String(error.message ?? error))));
    return;
  }
  story = new Story(record);
  heading();
  thinOut();
  if (START.beside && (START.served || document.getElementById("b:skeleton"))) {
    if (place.view === "compare") await openBeside(START.beside).catch(noBeside);
    else openBeside(START.beside).then(() => { if (place.view === "compare") redraw(); }, noBeside);
  }
  if (place.view !== "findings" || place.event !== null || record.remarks.entries.length || drafts.list.length) redraw();
  performance.mark("gaseol-ready");
  document.documentElement.dataset.ready = "1";
  watchStanding();
}

let folded = [];

/** Unfold for paper what is folded on a screen: rows of lists, details, all draws. */
function layOut() {
  if (place.view === "story") story.list?.unroll(2000);
  if (place.view === "measurements") measured.list?.unroll(2000);
  for (const box of document.querySelectorAll('[id^="draws-"]')) box.unroll?.();
  folded = [...document.querySelectorAll("main details:not([open]):not(.j):not(.call):not(.on-screen)")];
  for (const fold of folded) fold.open = true;
}

function layBack() {
  if (place.view === "story") story.list?.roll();
  if (place.view === "measurements") measured.list?.roll();
  for (const fold of folded) fold.open = false;
  folded = [];
}

/** Show what is known before anything has been read but the envelopes. */
function skeletonPage() {
  const counts = new Uint32Array(record.kinds.length + 1);
  for (const code of record.kind) counts[code]++;
  swap(document.getElementById("main"), el("article.page", { "aria-busy": "true" },
    el("p.kicker", {}, say("reading_record")),
    el("h1", {}, say("events_n", { n: record.events })),
    el("p.dim", {}, duration(record.events ? record.when(record.events - 1) : 0)),
    el("ul.kinds", {}, record.kinds.map((k, i) => el("li", {}, kindBadge(k), " ", number(counts[i]))))));
}

begin();
