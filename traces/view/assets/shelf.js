// The runs at home, newest first.

async function drawShelf(main) {
  const source = new Served("", START.token);
  let runs;
  try { runs = await source.ask("/api/runs"); } catch (error) { swap(main, el("p.lost", {}, String(error.message ?? error))); return; }
  const list = el("ul.runs");
  const draw = (text) => swap(list, runs.filter((r) => !text || JSON.stringify(r).toLowerCase().includes(text)).map((r) => el("li.run-card", {},
    el("a", { href: `/run/${r.key}/` }, el("b", {}, quote(r.title || r.scenario || r.name))),
    el("span.mono.small.dim", {}, quote(r.name)),
    el("span.row.wrap", {}, r.status === "broken" ? el("span.tag.tone-invalid", {}, `! ${say("broken")}: `, quote(r.why ?? "")) : [el("span.dim", {}, term("status", r.status), r.seed !== null && r.seed !== undefined ? ` · ${say("seed")} ${r.seed}` : "", r.scientist ? [" · ", quote(r.scientist)] : ""),
      ["supported", "refuted", "undecided", "invalid"].map((s) => { const n = (r.verdicts ?? []).filter((v) => v === s).length; return n ? el("span.tag", { class: `tone-${s}` }, `${n} ${term("standing", s)}`) : null; })]))));
  swap(main, el("div.view.page", {}, el("h1", {}, say("runs_at_home")),
    runs.length ? [el("div.bar", {}, el("label.filter.text", {}, el("span", {}, say("filter.text")), el("input", { type: "search", "aria-label": say("filter.text"), oninput: (e) => draw(e.target.value.toLowerCase()) }))), list] : el("p.none", {}, say("no_runs"))));
  draw("");
}
