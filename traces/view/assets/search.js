// Words anywhere in the record: also in what is folded away, and in payloads.

let searching = 0;

async function runSearch(query) {
  if (!story) return;
  const turn = ++searching;
  const status = document.getElementById("search-status");
  story.query = query.toLowerCase();
  if (!query.trim()) { clearSearch(); return; }
  story.hits = new Map();
  story.filter = { ...story.filter };
  if (place.view !== "story") go({ view: "story", claim: null, hypothesis: null });
  else redraw();
  let blobs = 0;
  try {
    const digests = record.source.writes ? [] : [...document.querySelectorAll('[id^="a:blob-"]')].map((b) => b.id.slice(7));
    let last = 0;
    for await (const { hits, share } of record.source.search(query, record.skeleton, digests)) {
      if (turn !== searching) return;
      for (const hit of hits) {
        if (hit.in === "blob") blobs++;
        if (!story.hits.has(hit.seq)) story.hits.set(hit.seq, hit.in === "blob" ? `${say("in_payload")}: ${hit.text}` : hit.text);
      }
      swap(status, share < 1 ? `${Math.round(share * 100)}% · ` : "", say("found_n", { n: story.hits.size }), blobs ? ` · ${say("in_payloads_n", { n: blobs })}` : "");
      if (performance.now() - last > 250 && place.view === "story") { story.update(true); last = performance.now(); }
    }
    if (turn !== searching) return;
    if (place.view === "story") story.update();
    swap(status, say("found_n", { n: story.hits.size }), blobs ? ` · ${say("in_payloads_n", { n: blobs })}` : "");
    announce(say("found_n", { n: story.hits.size }));
  } catch (error) {
    if (turn === searching) swap(status, String(error.message ?? error));
  }
}

function clearSearch() {
  searching++;
  story.hits = null;
  story.query = "";
  const field = document.getElementById("search");
  if (field) field.value = "";
  swap(document.getElementById("search-status"));
  if (place.view === "story") redraw();
}
