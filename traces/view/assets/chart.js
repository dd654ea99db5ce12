// Curves of evidence and points of measurements, drawn as SVG; every value can be read.

function ticks(low, high, most = 6) {
  if (!(high > low)) return [low];
  const raw = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((k) => (high - low) / k <= most);
  const found = [];
  for (let x = Math.ceil(low / step) * step; x <= high + step * 1e-9; x += step) found.push(Math.abs(x) < step * 1e-9 ? 0 : x);
  return found;
}

/** Return which rows of a curve count, thinned where there are more than can be seen. */
function counted(curve) {
  const rows = [];
  for (let i = 0; i < curve.seq.length; i++) if (!(i in curve.why_not)) rows.push(i);
  if (rows.length <= 1200) return rows;
  const step = rows.length / 1200;
  const found = [];
  for (let i = 0; i < 1200; i++) found.push(rows[Math.floor(i * step)]);
  found.push(rows[rows.length - 1]);
  return found;
}

/** Return the evidence on a hypothesis as a small line, without axes. */
function spark(curve, threshold, words) {
  const rows = counted(curve);
  const width = 132;
  const height = 32;
  const clip = (v) => 18 - (14 / threshold) * Math.max(-threshold, Math.min(v, 1.25 * threshold));
  const line = (values) => [[0, 0], ...rows.map((r, i) => [i + 1, values[r]])]
    .map(([x, y]) => `${((x * width) / Math.max(rows.length, 1)).toFixed(1)},${clip(y).toFixed(1)}`).join(" ");
  return svg("svg.spark", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words },
    svg("path.bar", { d: `M0 4H${width}` }),
    svg("path.zero", { d: `M0 18H${width}` }),
    svg("polyline.against", { points: line(curve.against) }),
    svg("polyline.for", { points: line(curve.for) }));
}

/** Return the evidence on a hypothesis with its thresholds; pointer and arrow keys read values. */
function evidenceChart(h, curve, size = { width: 640, height: 260 }) {
  const threshold = h.criterion.threshold;
  const rows = counted(curve);
  // on a phone the letters of a wide drawing would be too small to read
  const [width, height] = innerWidth < 600 ? [Math.min(size.width, 350), Math.min(size.height, 230)] : [size.width, size.height];
  const left = 46;
  const right = 14;
  const top = 26;
  const bottom = 36;
  const values = rows.flatMap((r) => [curve.for[r], curve.against[r]]);
  const high = Math.max(threshold * 1.18, ...values);
  const low = Math.max(Math.min(-1, ...values), -Math.max(2 * threshold, high));
  const most = Math.max(1, rows.length);
  const x = (i) => left + ((width - left - right) * i) / most;
  const y = (v) => top + ((height - top - bottom) * (high - Math.max(low, v))) / (high - low);
  const line = (v) => [[0, 0], ...rows.map((r, i) => [i + 1, v[r]])].map(([i, value]) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const chart = svg("svg.chart", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": say("chart_evidence", { h: h.id, n: rows.length, for: log(h.log_for, threshold), against: log(h.log_against, threshold), threshold: log(threshold) }) });
  for (const v of ticks(low, high, 5)) {
    chart.append(svg("path.grid", { d: `M${left} ${y(v)}H${width - right}` }), svg("text.tick", { x: left - 7, y: y(v) + 4, "text-anchor": "end" }, number(v)));
  }
  // the last draw has its number too, and no mark beside it that would touch it
  const marks = ticks(0, most, 8).filter((v) => Number.isInteger(v) && (v === most || x(most) - x(v) > 26));
  for (const v of marks.includes(most) ? marks : [...marks, most]) chart.append(svg("text.tick", { x: x(v), y: height - bottom + 17, "text-anchor": "middle" }, number(v)));
  chart.append(
    svg("path.axis", { d: `M${left} ${y(0)}H${width - right}` }),
    svg("path.threshold", { d: `M${left} ${y(threshold)}H${width - right}` }),
    svg("text.label.haloed", { x: left + 6, y: y(threshold) - 6 }, `ln(m/α) = ${log(threshold)}`),
    svg("text.tick", { x: width - right, y: height - 3, "text-anchor": "end" }, say("draw_axis")),
    svg("text.tick", { x: 4, y: 12 }, "↑ ln E"),
    svg("polyline.against", { points: line(curve.against) }),
    svg("polyline.for", { points: line(curve.for) }),
  );
  if (rows.length < 70) rows.forEach((r, i) => chart.append(
    svg("circle.against", { cx: x(i + 1), cy: y(curve.against[r]), r: 2.1 }), svg("circle.for", { cx: x(i + 1), cy: y(curve.for[r]), r: 2.1 })));
  const at_ = h.crossing ? rows.findIndex((r) => curve.draw[r] === h.crossing.draw) : -1;
  if (at_ >= 0) {
    const side = h.crossing.ruling === "refuted" ? "against" : "for";
    const cx = x(at_ + 1), cy = y(curve[side][rows[at_]]);
    const late = cx > width / 2;
    chart.append(svg("path.crossing", { d: `M${cx} ${top - 8}V${height - bottom}` }), svg("circle.crossing", { class: side, cx, cy, r: 5.5 }, svg("title", {}, say("crossing_at", { draw: h.crossing.draw }))),
      svg("text.label", { x: cx + (late ? 6 : -6), y: 12, "text-anchor": late ? "end" : "start" }, say("crossing_at", { draw: h.crossing.draw })));
  }
  const cursor = svg("g.cursor", { visibility: "hidden" }, svg("path", { d: `M0 ${top}V${height - bottom}` }), svg("circle.against", { r: 4 }), svg("circle.for", { r: 4 }));
  chart.append(cursor);
  const reading = el("p.reading", { "aria-live": "polite" }, legend());
  let at = -1;
  const read = (i) => {
    at = Math.max(0, Math.min(rows.length - 1, i));
    const r = rows[at];
    if (r === undefined) return;
    cursor.setAttribute("visibility", "visible");
    cursor.setAttribute("transform", `translate(${x(at + 1)} 0)`);
    cursor.children[1].setAttribute("cy", y(curve.against[r]));
    cursor.children[2].setAttribute("cy", y(curve.for[r]));
    swap(reading,
      `${say("draw")} ${curve.draw[r]}: `, el("b.for", {}, `${say("for")} ${log(curve.for[r], threshold)}`), ", ",
      el("b.against", {}, `${say("against")} ${log(curve.against[r], threshold)}`), ` · ${outcomeWord(h, curve.outcome[r])} · `, eventLink(curve.seq[r]));
  };
  const leave = () => { cursor.setAttribute("visibility", "hidden"); swap(reading, legend()); };
  const figure = el("figure.figure", {
    tabindex: "0", "aria-label": `${say("evidence")} ${h.id}. ${say("chart_keys")}`,
    onkeydown: (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -rows.length, End: rows.length }[event.key];
      if (step) { event.preventDefault(); event.stopPropagation(); read(at < 0 && step > 0 ? 0 : at + step); }
      else if (event.key === "Enter" && at >= 0) go({ event: curve.seq[rows[at]] });
    },
  }, chart, reading);
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    read(Math.round((((event.clientX - box.left) * width) / box.width - left) / ((width - left - right) / most)) - 1);
  });
  figure.addEventListener("pointerleave", leave);
  chart.addEventListener("click", () => { if (at >= 0) go({ event: curve.seq[rows[at]] }); });
  return figure;
}

function legend() {
  return [el("b.for", {}, `━ ${say("evidence_for")}`), "  ", el("b.against", {}, `━ ${say("evidence_against")}`), "  ", el("span.dim", {}, `┄ ${say("threshold")}`)];
}

function outcomeWord(h, outcome) {
  if (outcome === null) return say("outcome.failure");
  if (h.frame.kind !== "pairs") return quantity(outcome, "");
  return say(outcome > 0 ? "outcome.hit" : outcome < 0 ? "outcome.miss" : "outcome.tie");
}

/** Return what was measured against what a law predicts, its one constant fitted. */
function fitChart(fit, size = { width: 640, height: 300 }) {
  const { width, height } = size;
  const left = 62, right = 14, top = 12, bottom = 40;
  const points = fit.points;
  const lines = fit.line ?? [];
  const ys = [...points.flatMap((p) => [p[1], p[2]]), ...lines.map((p) => p[1])].filter(Number.isFinite);
  const xs = [...points.map((p) => p[0]), ...lines.map((p) => p[0])].filter(Number.isFinite);
  if (!points.length || !ys.length) return null;
  const logarithmic = fit.logarithmic && Math.min(...ys, ...(fit.over_designs ? [1] : xs)) > 0;
  const map = logarithmic ? Math.log10 : (v) => v;
  const mapX = logarithmic && !fit.over_designs ? Math.log10 : (v) => v;
  const bounds = (list, f) => { const m = list.map(f); const a = Math.min(...m), b = Math.max(...m); const pad = (b - a || 1) * 0.06; return [a - pad, b + pad]; };
  let [y0, y1] = bounds(ys, map);
  let [x0, x1] = bounds(xs, mapX);
  if (!fit.over_designs) { x0 = y0 = Math.min(x0, y0); x1 = y1 = Math.max(x1, y1); }
  const x = (v) => left + ((width - left - right) * (mapX(v) - x0)) / (x1 - x0);
  const y = (v) => top + ((height - top - bottom) * (y1 - map(v))) / (y1 - y0);
  const chart = svg("svg.chart", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": say("chart_fit", { n: points.length }) });
  const marks = (a, b, onLog) => onLog
    ? (b - a < 0.9 ? ticks(10 ** a, 10 ** b, 5).filter((v) => v > 0) : [...Array(Math.max(1, Math.floor(b) - Math.ceil(a) + 1)).keys()].map((k) => 10 ** (Math.ceil(a) + k)))
    : ticks(a, b, 6);
  for (const v of marks(y0, y1, logarithmic)) chart.append(svg("path.grid", { d: `M${left} ${y(v)}H${width - right}` }), svg("text.tick", { x: left - 6, y: y(v) + 4, "text-anchor": "end" }, number(v, 3)));
  for (const v of marks(x0, x1, logarithmic && !fit.over_designs)) chart.append(svg("text.tick", { x: x(v), y: height - bottom + 16, "text-anchor": "middle" }, number(v, 3)));
  if (lines.length) chart.append(svg("polyline.law", { points: lines.map((p) => `${x(p[0]).toFixed(1)},${y(p[1]).toFixed(1)}`).join(" ") }));
  else chart.append(svg("path.law", { d: `M${x(logarithmic ? 10 ** x0 : x0)} ${y(logarithmic ? 10 ** x0 : x0)}L${x(logarithmic ? 10 ** x1 : x1)} ${y(logarithmic ? 10 ** x1 : x1)}` }));
  for (const p of points) chart.append(svg("circle.point", { cx: x(p[0]), cy: y(p[2]), r: 3.4 }, svg("title", {}, `${number(p[0])}: ${number(p[2])} (${say("predicted")} ${number(p[1])})`)));
  chart.append(
    svg("text.label", { x: width - right, y: height - 5, "text-anchor": "end" }, fit.over_designs ? fit.design : `${say("predicted")} (${unitWords(fit.unit)})`),
    svg("text.label", { x: left, y: height - 5 }, `↑ ${say("measured")} ${fit.outcome} (${unitWords(fit.unit)})`));
  return el("figure.figure", {}, chart);
}
