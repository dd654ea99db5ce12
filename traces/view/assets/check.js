// The measurement beside its independent check: by which tool each, how far apart, where farthest.

const FARTHEST = 8;

/** Return what a tool does, where the run says so. */
function toolWords(name) {
  const summary = record.board.head.tools?.[name];
  return [el("code", {}, quote(name, 60)), summary ? [": ", quote(summary)] : null];
}

/** Return the tools of measurements, in the order of their first use. */
function toolsOf(sheet, seqs) {
  return [...new Set(seqs.map((m) => sheet.row.get(m)).filter((i) => i !== undefined).map((i) => sheet.texts[sheet.tool[i]]))];
}

/** Return the comparison that a claim reports, drawn and in words. */
function checkSection(c) {
  const figure = Object.values(c.figures).find((f) => f.against.length);
  if (!figure) return null;
  const box = el("section.check", {}, el("h2", {}, say("compared")), el("p.quietly", {}, say("loading")));
  record.sheet().then((sheet) => {
    const of = (m) => sheet.row.get(m);
    const pairs = figure.measurements.map((m, k) => [of(m), of(figure.against[k])])
      .filter(([a, b]) => a !== undefined && b !== undefined && sheet.value[a] !== null && sheet.value[b] !== null)
      .map(([a, b]) => ({ a, b, key: sheet.texts[sheet.case[a]], ours: sheet.value[a], check: sheet.value[b], apart: sheet.value[a] - sheet.value[b] }));
    if (!pairs.length) { swap(box, el("h2", {}, say("compared")), el("p.dim", {}, say("nothing_to_plot"))); return; }
    const unit = sheet.texts[sheet.unit[pairs[0].a]];
    const inUnit = unit && unit !== "1" ? ` (${unitWords(unit)})` : "";
    const mean = pairs.reduce((sum, p) => sum + p.apart, 0) / pairs.length;
    const sizes = pairs.map((p) => Math.abs(p.apart)).sort((x, y) => x - y);
    const middle = (sizes[(sizes.length - 1) >> 1] + sizes[sizes.length >> 1]) / 2;
    const far = [...pairs].sort((x, y) => Math.abs(y.apart) - Math.abs(x.apart)).slice(0, FARTHEST);
    const tools = (seqs) => toolsOf(sheet, seqs).map((t, i) => [i ? "; " : "", toolWords(t)]);
    swap(box, el("h2", {}, say("compared")),
      facts([[say("by_measurement"), tools(figure.measurements)], [say("by_check"), [record.board.head.check ? [quote(record.board.head.check), "; "] : null, tools(figure.against)]]]),
      checkChart(pairs, { unit, farthest: new Set(far), sheet, quantity: sheet.texts[sheet.quantity[pairs[0].a]] }),
      el("p", {}, say("spread_say", { n: pairs.length, mean: quantity(mean, unit, 3), middle: quantity(middle, unit, 3) })),
      table([say("case"), { text: `${say("measurement")}${inUnit}`, num: true }, { text: `${say("check")}${inUnit}`, num: true }, { text: say("difference"), num: true }],
        far.map((p) => el("tr", {}, el("th", { scope: "row" }, caseName(sheet, p.key)), cell(eventLink(sheet.seq[p.a], number(p.ours, MEASURED)), "num"), cell(eventLink(sheet.seq[p.b], number(p.check, MEASURED)), "num"), cell(number(p.apart, MEASURED), "num"))), { label: say("farthest"), class: "farthest" }),
      el("p.small", {}, el("a", { href: to({ view: "measurements" }), onclick: () => { measured.plot = "check"; } }, say("all_in_measurements"))));
  }).catch((error) => swap(box, el("p.lost", {}, String(error.message ?? error))));
  return box;
}

/** Return measured against check as points, with the line where both are equal. */
function checkChart(pairs, { unit, farthest, sheet, quantity: about }) {
  const [width, height] = innerWidth < 600 ? [350, 300] : [620, 380], left = 58, right = 14, top = 28, bottom = 42;
  const all = pairs.flatMap((p) => [p.ours, p.check]);
  const least = Math.min(...all), most = Math.max(...all);
  const pad = (most - least || 1) * 0.05;
  const low = least - pad, high = most + pad;
  const x = (v) => left + ((width - left - right) * (v - low)) / (high - low);
  const y = (v) => top + ((height - top - bottom) * (high - v)) / (high - low);
  const chart = svg("svg.chart", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": say("chart_check", { n: pairs.length }) });
  for (const v of ticks(low, high, 6)) {
    chart.append(svg("path.grid", { d: `M${left} ${y(v)}H${width - right}` }), svg("text.tick", { x: left - 6, y: y(v) + 4, "text-anchor": "end" }, number(v, 3)),
      svg("text.tick", { x: x(v), y: height - bottom + 16, "text-anchor": "middle" }, number(v, 3)));
  }
  chart.append(svg("path.threshold", { d: `M${x(low)} ${y(low)}L${x(high)} ${y(high)}` }),
    svg("text.tick", { x: x(high) - 46, y: y(high) + 14, "text-anchor": "end" }, say("equal")));
  for (const p of pairs) {
    chart.append(svg("circle", { class: farthest.has(p) ? "point far" : "point", cx: x(p.check), cy: y(p.ours), r: farthest.has(p) ? 4.2 : 2.8 },
      svg("title", {}, `${called(sheet, p.key).name}: ${quantity(p.ours, unit)}, ${say("check")} ${quantity(p.check, unit)}`)));
  }
  const u = unit && unit !== "1" ? ` (${unitWords(unit)})` : "";
  chart.append(svg("text.label", { x: width - right, y: height - 6, "text-anchor": "end" }, `${say("check")}${u} →`), svg("text.label", { x: 4, y: 12 }, `↑ ${plain(about).slice(0, 40)}${u}`));
  return el("figure.figure.narrow", {}, chart, el("figcaption.small.dim", {}, say("chart_check_say", { n: Math.min(FARTHEST, pairs.length) })));
}
