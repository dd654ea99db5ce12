// Every measurement, as a table that can be sorted and filtered, and as a plot.

const measured = { sort: "seq", down: false, text: "", purpose: "", tool: "", quantity: "", plot: "order" };

function drawMeasurements(main) {
  swap(main, el("p.quietly", {}, say("loading")));
  record.sheet().then((sheet) => { if (place.view === "measurements") showMeasurements(main, sheet); })
    .catch((error) => swap(main, el("p.lost", {}, String(error.message ?? error))));
}

function showMeasurements(main, sheet) {
  const n = sheet.seq.length;
  const names = (column) => [...new Set(sheet[column])].map((code) => sheet.texts[code]).filter(Boolean);
  const code = place.hypothesis ? record.facets.hypotheses.indexOf(place.hypothesis) : -1;
  let rows = [];
  const label = (i) => { const { name, also } = called(sheet, sheet.texts[sheet.case[i]]); return also ? `${name} · ${also}` : name; };
  const columns = {
    seq: [say("event"), (i) => sheet.seq[i]], case: [say("case"), label], quantity: [say("quantity"), (i) => sheet.texts[sheet.quantity[i]]],
    value: [say("value"), (i) => sheet.value[i]], tool: [say("tool"), (i) => sheet.texts[sheet.tool[i]]], purpose: [say("purpose"), (i) => sheet.texts[sheet.purpose[i]]],
    hypothesis: [say("hypotheses"), (i) => record.codesOf(sheet.seq[i]).map((c) => record.facets.hypotheses[c]).join(" ")],
  };
  const compute = () => {
    const text = bare(measured.text);
    rows = [];
    for (let i = 0; i < n; i++) {
      if (measured.purpose && sheet.texts[sheet.purpose[i]] !== measured.purpose) continue;
      if (measured.tool && sheet.texts[sheet.tool[i]] !== measured.tool) continue;
      if (code > 0 && !record.codesOf(sheet.seq[i]).includes(code)) continue;
      if (text && !bare(`${label(i)} ${sheet.texts[sheet.quantity[i]]} ${sheet.texts[sheet.failure[i]]} ${sheet.value[i]}`).includes(text)) continue;
      rows.push(i);
    }
    if (measured.sort !== "seq" || measured.down) {
      const key = columns[measured.sort][1];
      const keys = new Map(rows.map((i) => [i, key(i)]));
      const sign = measured.down ? -1 : 1;
      // what has no value stands last either way
      rows.sort((a, b) => { const x = keys.get(a), y = keys.get(b); if (x === null) return y === null ? 0 : 1; if (y === null) return -1; return sign * (x < y ? -1 : x > y ? 1 : 0); });
    }
  };
  const list = new VirtualList({
    label: say("view.measurements"), height: 30, empty: say("nothing_found"),
    row: (k) => {
      const i = rows[k];
      const name = sheet.texts[sheet.case[i]];
      return el("div.row-m", { class: sheet.seq[i] === place.event ? "here" : "" },
        el("span.seq", {}, String(sheet.seq[i])),
        el("span.m-case", { title: name }, caseName(sheet, name, 100, true)),
        el("span.m-quantity", {}, quote(sheet.texts[sheet.quantity[i]], 60)),
        el("span.m-value", {}, sheet.value[i] === null ? el("span.tone-invalid", {}, quote(sheet.texts[sheet.failure[i]], 80)) : [quantity(sheet.value[i], sheet.texts[sheet.unit[i]]), sheet.uncertainty[i] !== null ? el("span.dim", {}, ` ± ${number(sheet.uncertainty[i], 2)}`) : null]),
        el("span.m-tool", {}, quote(sheet.texts[sheet.tool[i]], 40)), el("span.m-purpose", {}, term("purpose", sheet.texts[sheet.purpose[i]])),
        el("span.m-h", {}, record.codesOf(sheet.seq[i]).slice(0, 9).map((c) => record.facets.hypotheses[c]).join(" ")));
    },
    select: (k) => go({ event: sheet.seq[rows[k]] }, true),
  });
  list.name = "m";
  measured.list = list;
  const count = el("span.dim", { role: "status" });
  const plot = el("div.plot-room");
  const update = () => {
    compute();
    list.set(rows.length);
    swap(count, say("of_measurements", { n: rows.length, all: number(n) }));
    drawPlot(plot, sheet, rows, label);
  };
  const choose = (field, words, family) => words.length > 1 ? el("label.filter", {}, el("span", {}, say(`filter.${field}`)), el("select", { "aria-label": say(`filter.${field}`), onchange: (e) => { measured[field] = e.target.value; update(); } }, el("option", { value: "" }, say("all")), words.map((w) => el("option", { value: w, selected: measured[field] === w }, family ? term(family, w) : w)))) : null;
  const head = el("div.row-m.row-head", { role: "row" }, Object.entries(columns).map(([key, [words]]) => button([words, measured.sort === key ? (measured.down ? " ▾" : " ▴") : ""], () => {
    measured.down = measured.sort === key ? !measured.down : false;
    measured.sort = key;
    showMeasurements(main, sheet);
  }, { class: `sort m-${key === "hypothesis" ? "h" : key}`, "aria-label": `${say("sort_by")} ${words}${measured.sort === key ? `, ${say(measured.down ? "descending" : "ascending")}` : ""}` })));
  const hasCheck = names("purpose").includes("check");
  if (measured.plot === "check" && !hasCheck) measured.plot = "order";
  const kind = (k) => button(say(`plot.${k}`), () => { measured.plot = k; showMeasurements(main, sheet); }, { class: measured.plot === k ? "on" : "", "aria-pressed": String(measured.plot === k) });
  swap(main, el("div.view.measure-view", {},
    el("div.bar", {},
      el("label.filter.text", {}, el("span", {}, say("filter.text")), el("input", { type: "search", value: measured.text, "aria-label": say("filter.text"), oninput: (e) => { measured.text = e.target.value; clearTimeout(measured.timer); measured.timer = setTimeout(update, 120); } })),
      choose("purpose", names("purpose"), "purpose"), choose("tool", names("tool")),
      el("label.filter", {}, el("span", {}, say("filter.hypothesis")), el("select", { "aria-label": say("filter.hypothesis"), onchange: (e) => go({ hypothesis: e.target.value || null }) }, el("option", { value: "" }, say("all")), record.board.hypotheses.map((h) => el("option", { value: h.id, selected: h.id === place.hypothesis }, h.id)))),
      el("span.grow"), count,
      el("div.segment", { role: "group", "aria-label": say("plot") }, ["order", "spread", hasCheck ? "check" : null].filter(Boolean).map(kind))),
    measured.plot === "check" ? checkTools(sheet) : null,
    plot, el("div.m-table", {}, head, list.node)));
  update();
  if (place.event !== null) { const k = rows.indexOf(sheet.row.get(place.event)); if (k >= 0) list.choose(k); }
}

/** Return by which tool the values are and by which their check. */
function checkTools(sheet) {
  const tools = (check) => toolsOf(sheet, sheet.seq.filter((_, i) => (sheet.texts[sheet.purpose[i]] === "check") === check)).map((t, i) => [i ? "; " : "", toolWords(t)]);
  return el("div.tool-line", {}, facts([[say("by_measurement"), tools(false)], [say("by_check"), tools(true)]]));
}

/** Draw the rows in sight of the table as points, as a distribution, or against their check. */
function drawPlot(room, sheet, rows, label) {
  const good = rows.filter((i) => sheet.value[i] !== null);
  if (!good.length) { swap(room, el("p.none", {}, say("nothing_to_plot"))); return; }
  const canvas = el("canvas.plot", { tabindex: "0", role: "img", "aria-label": say("plot_say", { n: good.length }) });
  const reading = el("p.reading", { "aria-live": "polite" }, say("plot_hint"));
  swap(room, canvas, reading);
  const purposes = [...new Set(sheet.purpose)];
  let points;
  let x0, x1, y0, y1, across, up;
  const unit = unitWords(sheet.texts[sheet.unit[good[0]]]);
  const quantityName = sheet.texts[sheet.quantity[good[0]]];
  const span = (list) => { let a = Infinity, b = -Infinity; for (const v of list) { if (v < a) a = v; if (v > b) b = v; } const pad = (b - a || Math.abs(a) || 1) * 0.05; return [a - pad, b + pad]; };
  if (measured.plot === "spread") {
    const values = good.map((i) => sheet.value[i]);
    [x0, x1] = span(values);
    const bins = Math.max(8, Math.min(60, Math.ceil(Math.sqrt(values.length) * 1.6)));
    const counts = new Array(bins).fill(0);
    for (const v of values) counts[Math.min(bins - 1, Math.floor(((v - x0) / (x1 - x0)) * bins))]++;
    points = counts.map((n, b) => ({ x: x0 + ((b + 0.5) * (x1 - x0)) / bins, y: n, bar: (x1 - x0) / bins, text: `${number(x0 + (b * (x1 - x0)) / bins, 3)} … ${number(x0 + ((b + 1) * (x1 - x0)) / bins, 3)}: ${n}` }));
    [y0, y1] = [0, Math.max(...counts) * 1.08];
    across = `${quantityName} (${unit})`; up = say("how_many");
  } else if (measured.plot === "check") {
    const check = new Map();
    for (let i = 0; i < sheet.seq.length; i++) if (sheet.texts[sheet.purpose[i]] === "check" && sheet.value[i] !== null) check.set(sheet.case[i], i);
    points = good.filter((i) => sheet.texts[sheet.purpose[i]] !== "check" && check.has(sheet.case[i]))
      .map((i) => ({ x: sheet.value[check.get(sheet.case[i])], y: sheet.value[i], seq: sheet.seq[i], tone: purposes.indexOf(sheet.purpose[i]), text: `${label(i)}: ${quantity(sheet.value[i], unit)}, ${say("purpose.check")} ${quantity(sheet.value[check.get(sheet.case[i])], unit)}` }));
    [x0, x1] = span([...points.map((p) => p.x), ...points.map((p) => p.y)]);
    [y0, y1] = [x0, x1];
    across = `${say("purpose.check")} (${unit})`; up = `${quantityName} (${unit})`;
  } else {
    points = good.map((i) => ({ x: sheet.seq[i], y: sheet.value[i], seq: sheet.seq[i], tone: purposes.indexOf(sheet.purpose[i]), text: `${label(i)}: ${quantity(sheet.value[i], sheet.texts[sheet.unit[i]])}` }));
    [x0, x1] = span(points.map((p) => p.x));
    [y0, y1] = span(points.map((p) => p.y));
    across = say("event"); up = `${quantityName} (${unit})`;
  }
  if (!points.length) { swap(room, el("p.none", {}, say("nothing_to_plot"))); return; }
  const left = 62, right = 12, top = 10, bottom = 34;
  let hover = null;
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const X = (v) => left + ((canvas.clientWidth - left - right) * (v - x0)) / (x1 - x0);
  const Y = (v) => top + ((canvas.clientHeight - top - bottom) * (y1 - v)) / (y1 - y0);
  const draw = () => {
    const scale = devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
    if (!w) return;
    canvas.width = w * scale; canvas.height = h * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.font = "11px system-ui, sans-serif";
    pen.strokeStyle = colour("--line"); pen.fillStyle = colour("--muted");
    pen.textAlign = "right";
    for (const v of ticks(y0, y1, 5)) { pen.beginPath(); pen.moveTo(left, Y(v)); pen.lineTo(w - right, Y(v)); pen.stroke(); pen.fillText(number(v, 3), left - 6, Y(v) + 4); }
    pen.textAlign = "center";
    for (const v of ticks(x0, x1, 8)) if (X(v) < w - 22) pen.fillText(number(v, 3), X(v), h - bottom + 15);
    pen.textAlign = "right"; pen.fillText(plain(across), w - right, h - 4);
    pen.textAlign = "left"; pen.fillText(`↑ ${plain(up)}`, 4, h - 4);
    if (measured.plot === "check") { pen.beginPath(); pen.moveTo(X(x0), Y(x0)); pen.lineTo(X(x1), Y(x1)); pen.strokeStyle = colour("--muted"); pen.setLineDash([4, 4]); pen.stroke(); pen.setLineDash([]); }
    const drawn = points.length > 4000 ? new Set() : null;
    for (const p of points) {
      if (p.bar) { pen.fillStyle = colour("--series-0"); pen.fillRect(X(p.x - p.bar / 2) + 0.5, Y(p.y), Math.max(1, X(p.x + p.bar / 2) - X(p.x - p.bar / 2) - 1), Y(0) - Y(p.y)); continue; }
      const x = X(p.x), y = Y(p.y);
      if (drawn) { const key = (Math.round(x / 2) << 12) | Math.round(y / 2); if (drawn.has(key)) continue; drawn.add(key); }
      pen.fillStyle = colour(`--series-${p.tone % 8}`);
      pen.globalAlpha = 0.75;
      pen.beginPath(); pen.arc(x, y, 2.8, 0, 7); pen.fill();
      pen.globalAlpha = 1;
    }
    const mark = hover ?? points.find((p) => p.seq === place.event);
    if (mark && !mark.bar) { pen.strokeStyle = colour("--ink"); pen.lineWidth = 2; pen.beginPath(); pen.arc(X(mark.x), Y(mark.y), 6, 0, 7); pen.stroke(); pen.lineWidth = 1; }
  };
  const tell = (p) => swap(reading, p ? [p.seq !== undefined ? [eventLink(p.seq), " "] : null, quote(p.text)] : [say("plot_hint"), measured.plot === "order" ? ["  ", purposes.map((c, k) => [el("span.swatch.dot", { style: { background: `var(--series-${k % 8})` } }), term("purpose", sheet.texts[c]), "  "])] : null]);
  tell(null);
  canvas.addEventListener("pointermove", (e) => {
    let best = null, near = 400;
    for (const p of points) {
      const d = p.bar ? (Math.abs(X(p.x) - e.offsetX) < (X(p.bar) - X(0)) / 2 ? 0 : 1e9) : (X(p.x) - e.offsetX) ** 2 + (Y(p.y) - e.offsetY) ** 2;
      if (d < near) { near = d; best = p; }
    }
    if (best !== hover) { hover = best; tell(best); requestAnimationFrame(draw); }
  });
  canvas.addEventListener("click", () => { if (hover?.seq !== undefined) go({ event: hover.seq }); });
  canvas.addEventListener("keydown", (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (step) { e.preventDefault(); e.stopPropagation(); hover = points[Math.max(0, Math.min(points.length - 1, (hover ? points.indexOf(hover) : -1) + step))]; tell(hover); draw(); }
    if (e.key === "Enter" && hover?.seq !== undefined) go({ event: hover.seq });
  });
  new ResizeObserver(draw).observe(canvas);
}
