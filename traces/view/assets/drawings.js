// Molecules and crystal structures as the tools drew them; fetched as they come into sight.

const drawn = { text: "" };

function drawDrawings(main) {
  swap(main, el("p.quietly", {}, say("loading")));
  record.sheet().then((sheet) => {
    if (place.view !== "drawings") return;
    const code = place.hypothesis ? record.facets.hypotheses.indexOf(place.hypothesis) : -1;
    const subjects = record.board.hypotheses.filter((h) => h.drawing && (code <= 0 || h.id === place.hypothesis));
    const all = [];
    const once = new Set();
    for (let i = 0; i < sheet.seq.length; i++) {
      if (!sheet.drawing[i]) continue;
      if (code > 0 && !record.codesOf(sheet.seq[i]).includes(code)) continue;
      const key = `${sheet.drawing[i]}/${sheet.case[i]}`;
      if (once.has(key)) continue;
      once.add(key);
      all.push(i);
    }
    const grid = el("div.drawings", { role: "list" });
    const count = el("span.dim", { role: "status" });
    const name = (i) => sheet.texts[sheet.case[i]];
    let shown = [];
    let end = 0;
    const tail = el("div.tail", {}, "…");
    const more = () => {
      const last = Math.min(shown.length, end + 60);
      for (; end < last; end++) {
        const i = shown[end];
        const { name: label, also } = called(sheet, name(i));
        grid.append(el("a.drawing-card", { role: "listitem", href: to({ view: "drawings", event: sheet.seq[i] }), onclick: (e) => { e.preventDefault(); go({ event: sheet.seq[i] }); } },
          lazyPicture(record, { sha256: sheet.texts[sheet.drawing[i]] }, label),
          el("b", {}, quote(label, 60)), also ? el("span.mono.dim.small", {}, quote(also, 60)) : null,
          el("span", {}, sheet.value[i] === null ? quote(sheet.texts[sheet.failure[i]], 80) : [quote(sheet.texts[sheet.quantity[i]], 40), ": ", quantity(sheet.value[i], sheet.texts[sheet.unit[i]])]), el("span.dim.small", {}, `#${sheet.seq[i]} · ${term("purpose", sheet.texts[sheet.purpose[i]])}`)));
      }
      tail.hidden = end >= shown.length;
      if (!tail.hidden) seen(tail, more);
    };
    const update = () => {
      const text = drawn.text.toLowerCase();
      shown = all.filter((i) => !text || `${name(i)} ${sheet.cases[name(i)] ?? ""}`.toLowerCase().includes(text));
      end = 0;
      swap(grid);
      swap(count, say("of_drawings", { n: shown.length, all: number(all.length) }));
      more();
    };
    swap(main, el("div.view.page.wide", {},
      el("h1", {}, say("view.drawings")), el("p.dim", {}, say("drawings_say")),
      el("div.bar", {},
        !all.length ? null : el("label.filter.text", {}, el("span", {}, say("filter.text")), el("input", { type: "search", value: drawn.text, "aria-label": say("filter.text"), oninput: (e) => { drawn.text = e.target.value; update(); } })),
        el("label.filter", {}, el("span", {}, say("filter.hypothesis")), el("select", { "aria-label": say("filter.hypothesis"), onchange: (e) => go({ hypothesis: e.target.value || null }) }, el("option", { value: "" }, say("all")), record.board.hypotheses.map((h) => el("option", { value: h.id, selected: h.id === place.hypothesis }, h.id)))),
        el("span.grow"), all.length ? count : null),
      subjects.length ? [el("h2", {}, say("subjects")), el("div.drawings", {}, subjects.map((h) => el("a.drawing-card", { href: to({ hypothesis: h.id }) }, lazyPicture(record, h.drawing, h.statement), el("b", {}, quote(h.statement, 100)), tag(h.standing)))), all.length ? el("h2", {}, say("measured_cases")) : null] : null,
      all.length || subjects.length ? [grid, tail] : el("p.none", {}, say("no_drawings"))));
    update();
  }).catch((error) => swap(main, el("p.lost", {}, String(error.message ?? error))));
}
