// Words anywhere in the record: also in what is folded away, and in payloads.

let searching = 0;
let typed = 0;

/** Search while words are typed: at once where results are shown, elsewhere after Enter. */
function typing(field) {
  clearTimeout(typed);
  if (!field.value.trim()) {
    if (story?.hits) clearSearch();
    else swap(document.getElementById("search-status"));
    return;
  }
  if (bare(field.value.trim()) === story?.query) return;
  if (story?.hits && place.view === "story") {
    swap(document.getElementById("search-status"), say("searching"));
    typed = setTimeout(() => runSearch(field.value), 350);
  } else swap(document.getElementById("search-status"), say("press_enter"));
}

/** Return by what names people know the cases of measurements, by position. */
async function namesOfEvents() {
  if (record.source.writes) return new Map(); // a server knows them itself
  const sheet = await record.sheet();
  const found_ = new Map();
  sheet.seq.forEach((seq, i) => { const name = sheet.cases[sheet.texts[sheet.case[i]]]; if (name) found_.set(seq, name); });
  return found_;
}

async function runSearch(query) {
  if (!story) return;
  clearTimeout(typed);
  const turn = ++searching;
  const status = document.getElementById("search-status");
  if (!query.trim()) { clearSearch(); return; }
  story.query = bare(query.trim());
  story.hits = new Map();
  story.filter = { ...story.filter };
  swap(status, say("searching"));
  if (place.view !== "story") go({ view: "story", claim: null, hypothesis: null });
  else redraw();
  let blobs = 0;
  const told = (share) => swap(status, share < 1 ? `${Math.round(share * 100)}% · ` : "", say("found_n", { n: story.hits.size }), blobs ? ` · ${say("in_payloads_n", { n: blobs })}` : "");
  try {
    const digests = record.source.writes ? [] : [...document.querySelectorAll('[id^="a:blob-"]')].map((b) => b.id.slice(7));
    let last = 0;
    for await (const { hits, share } of record.source.search(query, record.skeleton, digests, await namesOfEvents())) {
      if (turn !== searching) return;
      for (const hit of hits) {
        if (hit.in === "blob") blobs++;
        if (!story.hits.has(hit.seq)) story.hits.set(hit.seq, hit.in === "blob" ? `${say("in_payload")}: ${hit.text}` : hit.text);
      }
      told(share);
      if (performance.now() - last > 250 && place.view === "story") { story.update(true); last = performance.now(); }
    }
    if (turn !== searching) return;
    if (place.view === "story") story.update();
    told(1);
    announce(say("found_n", { n: story.hits.size }));
    if (story.hits.size === 1 && /^#\d+$/.test(query.trim())) go({ event: story.hits.keys().next().value });
  } catch (error) {
    if (turn === searching) swap(status, String(error.message ?? error));
  }
}

function clearSearch() {
  searching++;
  clearTimeout(typed);
  story.hits = null;
  story.query = "";
  const field = document.getElementById("search");
  if (field) field.value = "";
  swap(document.getElementById("search-status"));
  if (place.view === "story") redraw();
}
