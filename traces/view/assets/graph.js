// The graph as the record shows it: its nodes, how often each way was taken, and the path.

function graphOf(run) {
  const nodes = new Map();
  const ways = new Map();
  run.steps.forEach((s, i) => {
    const node = nodes.get(s.step) ?? { name: s.step, n: 0, seconds: 0, rank: nodes.size, first: s.seq };
    node.n++;
    node.seconds += s.seconds ?? 0;
    nodes.set(s.step, node);
    if (i) {
      const key = `${nodes.get(run.steps[i - 1].step).rank}>${node.rank}`;
      ways.set(key, (ways.get(key) ?? 0) + 1);
    }
  });
  return { nodes: [...nodes.values()], ways: [...ways].map(([key, n]) => ({ from: Number(key.split(">")[0]), to: Number(key.split(">")[1]), n })) };
}

function drawGraph(main) {
  const { nodes, ways } = graphOf(record);
  const shown = nodes.slice(0, 60);
  const current = place.event !== null ? record.steps[record.stepAt(place.event)] : null;
  const boxWidth = 230, boxHeight = 46, gap = 34;
  const back = ways.filter((w) => w.to <= w.from);
  const skip = ways.filter((w) => w.to > w.from + 1);
  const reach = (list) => list.reduce((most, w) => Math.max(most, Math.abs(w.to - w.from)), 0);
  const leftRoom = 46 + 26 * Math.min(8, reach(back) + (back.length ? 1 : 0));
  const rightRoom = 46 + 26 * Math.min(8, reach(skip));
  const width = leftRoom + boxWidth + rightRoom;
  const height = shown.length * (boxHeight + gap) + 10;
  const y = (rank) => 6 + rank * (boxHeight + gap);
  const chart = svg("svg.graph", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": say("graph_say", { n: shown.length, steps: record.steps.length }) },
    svg("defs", {}, svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto-start-reverse" }, svg("path.tip", { d: "M0 0L8 4L0 8z" }))));
  const most = Math.max(1, ...ways.map((w) => w.n));
  const weight = (n) => 1.2 + 2.6 * Math.sqrt(n / most);
  const before = current ? record.steps[record.stepAt(place.event) - 1] : null;
  const lit = (w) => before && shown[w.from]?.name === before.step && shown[w.to]?.name === current.step;
  for (const w of ways) {
    if (w.from >= shown.length || w.to >= shown.length) continue;
    const middle = leftRoom + boxWidth / 2;
    let d, tx, ty;
    if (w.to === w.from + 1) {
      d = `M${middle} ${y(w.from) + boxHeight}V${y(w.to) - 1}`;
      tx = middle + 11; ty = y(w.from) + boxHeight + gap / 2 + 4;
    } else if (w.to > w.from) {
      const x = leftRoom + boxWidth, out = 20 + 26 * Math.min(8, w.to - w.from);
      const a = y(w.from) + boxHeight * 0.7, b = y(w.to) + boxHeight * 0.3;
      d = `M${x} ${a}C${x + out} ${a} ${x + out} ${b} ${x + 1} ${b}`;
      tx = x + out * 0.75 + 4; ty = (a + b) / 2 + 4;
    } else {
      const out = 20 + 26 * Math.min(8, w.from - w.to + 1);
      const a = y(w.from) + boxHeight * (w.to === w.from ? 0.75 : 0.3), b = y(w.to) + boxHeight * (w.to === w.from ? 0.25 : 0.7);
      d = `M${leftRoom} ${a}C${leftRoom - out} ${a} ${leftRoom - out} ${b} ${leftRoom - 1} ${b}`;
      tx = leftRoom - out * 0.75 - 5; ty = (a + b) / 2 + 4;
    }
    chart.append(svg("path.way", { d, "stroke-width": weight(w.n).toFixed(1), "marker-end": "url(#arrow)", class: lit(w) ? "lit" : null }),
      svg("text.way-n", { x: tx, y: ty, "text-anchor": w.to <= w.from ? "end" : "start" }, `×${number(w.n)}`));
  }
  for (const node of shown) {
    const here = current?.step === node.name;
    const visit = () => { const next = record.steps.find((s) => s.step === node.name && s.seq > (place.event ?? -1)) ?? record.steps.find((s) => s.step === node.name); go({ event: next.seq }, true); };
    chart.append(svg("g.node", { class: here ? "here" : null, tabindex: "0", role: "button", "aria-label": `${term("step", node.name)}: ${say("visits", { n: node.n })}${here ? `, ${say("current")}` : ""}`, onclick: visit, onkeydown: (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); visit(); } } },
      svg("rect", { x: leftRoom, y: y(node.rank), width: boxWidth, height: boxHeight, rx: 8 }),
      svg("text.node-name", { x: leftRoom + 14, y: y(node.rank) + 20 }, plain(term("step", node.name)).slice(0, 26)),
      svg("text.node-n", { x: leftRoom + 14, y: y(node.rank) + 37 }, `${say("visits", { n: node.n })} · ${duration(node.seconds)}`)));
  }
  const order = new Map(shown.map((n, i) => [n.name, i]));
  const strip = el("ol.path", { "aria-label": say("path_taken") });
  const stripMost = 1500;
  const at = current ? record.steps.indexOf(current) : -1;
  const first = record.steps.length > stripMost ? Math.max(0, Math.min(record.steps.length - stripMost, at - stripMost / 2)) : 0;
  record.steps.slice(first, first + stripMost).forEach((s) => strip.append(el("li", {}, el("a", {
    href: to({ event: s.seq, view: "graph" }), class: s === current ? "here" : "", title: `${s.number} ${term("step", s.step)}`, "aria-label": `${s.number} ${term("step", s.step)}`,
    style: { "--tone": `var(--series-${(order.get(s.step) ?? 0) % 8})` },
  }, plain(term("step", s.step)).slice(0, language === "ko" ? 2 : 3)))));
  const legend_ = el("ul.key", {}, shown.map((node) => el("li", {}, el("b", { style: { color: `var(--series-${(order.get(node.name) ?? 0) % 8})` } }, plain(term("step", node.name)).slice(0, language === "ko" ? 2 : 3)), ` ${plain(term("step", node.name))}`)));
  swap(main, el("div.view.page.wide", {},
    el("h1", {}, say("view.graph")), el("p.dim", {}, say("graph_note")),
    record.steps.length ? el("div.graph-grid", {}, el("figure.figure", {}, chart),
      el("section", {}, el("h2", {}, say("path_taken")), el("p.dim", {}, record.steps.length > stripMost ? say("path_cut", { n: stripMost, all: number(record.steps.length) }) : say("path_say")), legend_, strip,
        current ? el("div.card", {}, el("h3", {}, `${current.number} · ${term("step", current.step)}`), el("p.dim", {}, story.summary(record.steps.indexOf(current))), el("h4", {}, say("step_change")), changeTable(current)) : el("p.dim", {}, say("choose_step")))) : el("p.none", {}, say("no_steps"))));
}
