// When things were done and what they cost: steps above, effects below in parallel lanes.

const timeline = { from: 0, to: 1, spans: null };

function spansOf(run) {
  const spans = [];
  const last = run.events - 1;
  run.steps.forEach((s, i) => spans.push({ lane: 0, from: run.when(s.seq), to: run.when(s.end >= 0 ? s.end : last), seq: s.seq, text: s.step, group: -1 - (i % 2) }));
  const names = new Map();
  const jobs = [];
  for (let seq = 0; seq < run.events; seq++) {
    const kind = run.kindOf(seq);
    if (kind !== "effect.completed" && kind !== "effect.failed") continue;
    const asked = run.cause[seq];
    const to = run.when(seq);
    // an answer says how long the work itself took; before that it waited for its turn
    const from = Math.max(asked >= 0 ? run.when(asked) : to, to - run.seconds[seq]);
    if (!names.has(run.name[seq])) names.set(run.name[seq], names.size);
    jobs.push({ from, to, seq: asked >= 0 ? asked : seq, answer: seq, group: names.get(run.name[seq]), text: run.facets.names[run.name[seq]], failed: kind === "effect.failed" });
  }
  jobs.sort((a, b) => a.from - b.from);
  const free = [];
  for (const job of jobs) {
    let lane = free.findIndex((end) => end <= job.from + 1e-9);
    if (lane < 0) lane = free.length < 24 ? free.length : free.indexOf(Math.min(...free));
    free[lane] = job.to;
    job.lane = lane + 1;
    spans.push(job);
  }
  return { spans, lanes: free.length + 1, names: [...names.keys()].map((code) => run.facets.names[code]), end: Math.max(1e-6, run.when(last)) };
}

/** Return words as far as there is room for them, saying so where they are cut. */
function fitting(pen, words, room) {
  if (pen.measureText(words).width <= room) return words;
  let end = words.length;
  while (end > 1 && pen.measureText(`${words.slice(0, end)}…`).width > room) end--;
  return `${words.slice(0, end)}…`;
}

function drawTimeline(main) {
  timeline.spans ??= spansOf(record);
  const { spans, lanes, names, end } = timeline.spans;
  const laneHeight = lanes > 12 ? 12 : 18;
  const top = 26;
  const height = top + 26 + lanes * laneHeight + 8;
  const canvas = el("canvas.time", { tabindex: "0", role: "img", "aria-label": say("timeline_say", { steps: record.steps.length, n: spans.length - record.steps.length, lanes: lanes - 1, time: duration(end) }) });
  const reading = el("p.reading", { "aria-live": "polite" }, say("timeline_keys"));
  let hover = null;
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const place_ = (time) => ((time / end - timeline.from) / (timeline.to - timeline.from)) * canvas.clientWidth;
  const draw = () => {
    const scale = devicePixelRatio || 1;
    const width = canvas.clientWidth;
    if (!width) return;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.font = "11px system-ui, sans-serif";
    pen.fillStyle = colour("--muted");
    pen.strokeStyle = colour("--line");
    for (const t of ticks(timeline.from * end, timeline.to * end, Math.max(3, width / 110))) {
      const x = place_(t);
      pen.beginPath(); pen.moveTo(x + 0.5, top - 6); pen.lineTo(x + 0.5, height); pen.stroke();
      if (x < width - 34) pen.fillText(t ? duration(t) : "0", x + 3, 13);
    }
    const pixels = new Int32Array(lanes).fill(-1);
    for (const s of spans) {
      const x0 = place_(s.from);
      const x1 = place_(s.to);
      if (x1 < 0 || x0 > width) continue;
      const y = s.lane ? top + 26 + (s.lane - 1) * laneHeight : top;
      const h = s.lane ? laneHeight - 3 : 18;
      const w = Math.max(1, x1 - x0);
      // what would fall into a pixel that is drawn already is left out
      if (w < 1.5 && pixels[s.lane] === Math.floor(x0) && s !== hover) continue;
      pixels[s.lane] = Math.floor(x0);
      pen.fillStyle = s.lane ? (s.failed ? colour("--failed") : colour(`--series-${s.group % 8}`)) : colour(s.group === -1 ? "--step-a" : "--step-b");
      pen.fillRect(x0, y, w, h);
      if (s === hover || s.seq === place.event || s.answer === place.event) { pen.strokeStyle = colour("--ink"); pen.lineWidth = 2; pen.strokeRect(x0 - 1, y - 1, w + 2, h + 2); pen.lineWidth = 1; }
      if (w > 46) {
        pen.save(); pen.beginPath(); pen.rect(x0, y, w - 3, h); pen.clip();
        pen.fillStyle = s.lane ? colour("--on-series") : colour("--ink");
        if (h > 10) pen.fillText(fitting(pen, plain(s.lane ? s.text : term("step", s.text)), w - 8), x0 + 4, y + h - 5);
        pen.restore();
      }
    }
  };
  const find = (x, y) => {
    const lane = y < top + 22 ? 0 : 1 + Math.floor((y - top - 26) / laneHeight);
    let best = null;
    let near = 6;
    for (const s of spans) if (s.lane === lane) {
      const a = place_(s.from), b = place_(s.to);
      const away = x < a ? a - x : x > b ? x - b : 0;
      if (away < near) { near = away; best = s; }
    }
    return best;
  };
  const tell = (s) => swap(reading, s ? [eventLink(s.seq), " ", el("b", {}, quote(s.lane ? s.text : term("step", s.text))), ` · ${duration(s.to - s.from)} · ${say("from_to", { from: duration(s.from), to: duration(s.to) })}`, s.failed ? ` · ${say("failed")}` : ""] : say("timeline_keys"));
  const zoom = (factor, centre = 0.5) => {
    const span = Math.min(1, Math.max(1e-6, (timeline.to - timeline.from) * factor));
    const pivot = timeline.from + (timeline.to - timeline.from) * centre;
    timeline.from = Math.max(0, Math.min(1 - span, pivot - span * centre));
    timeline.to = timeline.from + span;
    draw();
  };
  const move = (by) => {
    const span = timeline.to - timeline.from;
    timeline.from = Math.max(0, Math.min(1 - span, timeline.from + by * span));
    timeline.to = timeline.from + span;
    draw();
  };
  let grabbed = null;
  canvas.addEventListener("pointermove", (e) => {
    if (grabbed !== null) { move((grabbed - e.offsetX) / canvas.clientWidth); grabbed = e.offsetX; return; }
    const s = find(e.offsetX, e.offsetY);
    if (s !== hover) { hover = s; tell(s); requestAnimationFrame(draw); }
  });
  canvas.addEventListener("pointerdown", (e) => { if (!find(e.offsetX, e.offsetY)) { grabbed = e.offsetX; canvas.setPointerCapture(e.pointerId); } });
  canvas.addEventListener("pointerup", () => { grabbed = null; });
  canvas.addEventListener("click", () => { if (hover) go({ event: hover.seq }); });
  canvas.addEventListener("wheel", (e) => { if (e.ctrlKey || e.metaKey || e.shiftKey) { e.preventDefault(); e.shiftKey ? move(Math.sign(e.deltaY || e.deltaX) * 0.15) : zoom(e.deltaY > 0 ? 1.25 : 0.8, e.offsetX / canvas.clientWidth); } }, { passive: false });
  canvas.addEventListener("keydown", (e) => {
    const i = hover ? spans.indexOf(hover) : -1;
    const acts = {
      ArrowRight: () => { hover = spans[Math.min(spans.length - 1, i + 1)]; tell(hover); draw(); },
      ArrowLeft: () => { hover = spans[Math.max(0, i - 1)]; tell(hover); draw(); },
      "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1.6), 0: () => { timeline.from = 0; timeline.to = 1; draw(); },
      Enter: () => { if (hover) go({ event: hover.seq }); },
    };
    if (acts[e.key]) { e.preventDefault(); e.stopPropagation(); acts[e.key](); }
  });
  canvas.style.height = `${height}px`;
  swap(main, el("div.view.page.wide", {},
    el("h1", {}, say("view.timeline")),
    el("div.bar", {}, button("−", () => zoom(1.6), { "aria-label": say("zoom_out") }), button("+", () => zoom(0.6), { "aria-label": say("zoom_in") }), button(say("whole"), () => { timeline.from = 0; timeline.to = 1; draw(); }), button("◂", () => move(-0.3), { "aria-label": say("earlier") }), button("▸", () => move(0.3), { "aria-label": say("later") }), el("span.dim.small", {}, say("timeline_hint"))),
    el("figure.figure", {}, canvas, reading),
    el("ul.key", {}, names.slice(0, 30).map((n, i) => el("li", {}, el("span.swatch", { style: { background: `var(--series-${i % 8})` } }), quote(n, 50)))),
    costTables()));
  new ResizeObserver(draw).observe(canvas);
  drawTimeline.again = draw;
}

function costTables() {
  const run = record;
  const tools = new Map();
  for (let seq = 0; seq < run.events; seq++) {
    const kind = run.kindOf(seq);
    if (kind !== "effect.completed" && kind !== "effect.failed") continue;
    const key = run.name[seq];
    const t = tools.get(key) ?? { n: 0, failed: 0, seconds: 0, processor: 0, most: 0, at: -1 };
    t.n++;
    if (kind === "effect.failed") t.failed++;
    t.seconds += run.seconds[seq];
    t.processor += run.processor[seq];
    if (run.seconds[seq] > t.most) { t.most = run.seconds[seq]; t.at = seq; }
    tools.set(key, t);
  }
  const steps = new Map();
  for (const s of run.steps) {
    const t = steps.get(s.step) ?? { n: 0, seconds: 0, most: 0, at: s.seq };
    t.n++;
    t.seconds += s.seconds ?? 0;
    if ((s.seconds ?? 0) >= t.most) { t.most = s.seconds ?? 0; t.at = s.seq; }
    steps.set(s.step, t);
  }
  const share_ = (v, all) => el("td.share", {}, el("span.bar-track.small", { role: "img", "aria-label": `${Math.round((100 * v) / (all || 1))}%` }, el("span.bar-fill.plain", { style: { width: `${(100 * v) / (all || 1)}%` } })));
  const sum = (map, field) => [...map.values()].reduce((n, t) => n + t[field], 0);
  const cost = Object.entries(run.board.head.cost);
  return [
    el("h2", {}, say("cost")),
    cost.length ? facts(cost.map(([k, v]) => [term("cost", k), `${number(v, 5)}${run.board.head.budget[k] ? ` / ${number(run.board.head.budget[k])}` : ""}`])) : el("p.dim", {}, say("no_cost")),
    el("h3", {}, say("by_tool")),
    table([say("tool"), { text: say("calls"), num: true }, { text: say("failures"), num: true }, { text: say("seconds"), num: true }, { text: say("processor"), num: true }, { text: say("longest"), num: true }, say("share")],
      [...tools].sort((a, b) => b[1].seconds - a[1].seconds).map(([code, t]) => el("tr", {}, el("th", { scope: "row" }, quote(run.facets.names[code])), cell(number(t.n), "num"), cell(number(t.failed), "num"), cell(number(t.seconds, 4), "num"), cell(number(t.processor, 4), "num"), cell(t.at >= 0 ? eventLink(t.at, duration(t.most)) : "", "num"), share_(t.seconds, sum(tools, "seconds"))))),
    el("h3", {}, say("by_step")),
    table([say("step"), { text: say("times"), num: true }, { text: say("seconds"), num: true }, { text: say("longest"), num: true }, say("share")],
      [...steps].sort((a, b) => b[1].seconds - a[1].seconds).map(([name, t]) => el("tr", {}, el("th", { scope: "row" }, quote(term("step", name))), cell(number(t.n), "num"), cell(number(t.seconds, 4), "num"), cell(eventLink(t.at, duration(t.most)), "num"), share_(t.seconds, sum(steps, "seconds"))))),
  ];
}
