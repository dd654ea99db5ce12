// Everything by keyboard.

function stepEvent(by) {
  // among what was found, else through the whole record, whatever view is open
  if (place.view === "story" && story.list && story.filtered && story.rows.length) {
    const at = story.list.chosen;
    const next = at < 0 ? (by > 0 ? 0 : story.rows.length - 1) : Math.max(0, Math.min(story.rows.length - 1, at + by));
    story.list.choose(next);
    go({ event: story.seqOf(next) }, true);
    return;
  }
  go({ event: place.event === null ? (by > 0 ? 0 : record.events - 1) : Math.max(0, Math.min(record.events - 1, place.event + by)) }, true);
}

async function toCause() {
  if (place.event === null || place.event >= record.events) return;
  const cause = record.cause[place.event];
  const step = cause < 0 ? restsOn(await record.event(place.event).catch(() => ({})))[0]?.[0][0] : cause;
  if (step === undefined || step === place.event) { toast(say("no_cause")); return; }
  go({ event: step });
}

function toRange(a, b) {
  if (a === b) return;
  go({ view: "story", range: [Math.min(a, b), Math.max(a, b)], event: null, claim: null, hypothesis: null });
}

let rangeFrom = null;

/** Begin a range of events at the one that is open, or end it there. */
function markRange() {
  if (place.event === null) { toast(say("range_none")); return; }
  if (rangeFrom === null || rangeFrom === place.event) {
    rangeFrom = place.event;
    toast(say("range_begun", { seq: String(rangeFrom) }));
    return;
  }
  const from = rangeFrom;
  rangeFrom = null;
  toRange(from, place.event);
}

/** Go to the evidence: of the claim or hypothesis that is open, or of the event's. */
function toEvidence() {
  let id = place.hypothesis ?? record.claims.get(place.claim)?.hypotheses[0] ?? null;
  if (!id && place.event !== null) id = record.facets.hypotheses[record.codesOf(place.event)[0]] ?? null;
  if (!id) { toast(say("no_evidence_here")); return; }
  go({ view: "evidence", hypothesis: id, claim: null, event: null });
}

const GLOSS = ["lnE", "threshold", "draw", "hit", "crossing", "basis", "theta", "futile", "alpha", "rank", "pilot", "check", "registration", "digest", "seal", "state", "asker", "embedded", "hidden", "standing"];

const KEYS = [
  ["n", "key.next"], ["p", "key.previous"], ["c", "key.cause"], ["e", "key.evidence"], ["/", "key.search"], ["1 … 9, 0", "key.views"], ["Esc", "key.close"], ["r", "key.range"], ["l", "key.link"], ["t", "key.theme"], ["?", "key.help"], ["↑ ↓ Enter", "key.list"], ["← →", "key.chart"],
];

function showHelp() {
  const box = document.getElementById("help");
  swap(box, el("form", { method: "dialog" },
    el("header.row", {}, el("h2", {}, say("help")), el("span.grow"), el("button.icon", { "aria-label": say("close") }, "✕")),
    el("dl.keys", {}, KEYS.map(([k, words]) => el("div", {}, el("dt.asis", {}, el("kbd", {}, k)), el("dd", {}, say(words))))),
    el("h3", {}, say("glossary")),
    el("dl.glossary", {}, GLOSS.map((g) => [el("dt.asis", {}, say(`gloss_name.${g}`)), el("dd", {}, say(`gloss.${g}`))])),
    el("p.dim", {}, say("help_links"), " ", el("code", {}, "#event=12 #claim=c1 #hypothesis=h1 #range=12-40 #note=… &view=timeline"))));
  box.showModal();
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const typing = event.target.closest?.("input,textarea,select");
  if (event.key === "Escape") {
    if (typing) { event.target.blur(); return; }
    if (place.event !== null) { go({ event: null }); event.preventDefault(); }
    return;
  }
  if (typing || document.getElementById("help").open || !record?.facets) return;
  const list = { story: story?.list, measurements: measured.list }[place.view];
  const nowhere = [document.body, document.getElementById("main")].includes(event.target) || event.target.closest?.("nav.views");
  if (list?.node.isConnected && nowhere && ["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"].includes(event.key)) {
    list.node.focus({ preventScroll: true });
    list.key(event);
    return;
  }
  const views = "1234567890".indexOf(event.key);
  const acts = { n: () => stepEvent(1), j: () => stepEvent(1), p: () => stepEvent(-1), k: () => stepEvent(-1), c: toCause, e: toEvidence, r: markRange, "?": showHelp, "/": () => document.getElementById("search")?.focus(), l: () => copyLink({ view: place.view, event: place.event, claim: place.claim, hypothesis: place.hypothesis }), t: nextTheme };
  if (event.key in acts) { event.preventDefault(); acts[event.key](); }
  else if (views >= 0 && VIEWS[views]) { event.preventDefault(); go({ view: VIEWS[views], claim: null, hypothesis: null, range: null, note: null }); }
}
