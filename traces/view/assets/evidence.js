// Every curve of evidence, with the thresholds for and against.

function drawEvidence(main) {
  const all = record.board.hypotheses;
  const chosen = place.hypothesis && record.hypotheses.has(place.hypothesis) ? record.hypotheses.get(place.hypothesis) : null;
  const big = chosen ? [chosen] : [];
  const grid = el("div.charts");
  for (const h of all) {
    if (h === chosen) continue;
    const card = el("article.card", { class: `tone-${h.standing}` },
      el("header", {}, tag(h.standing), el("a.small", { href: to({ hypothesis: h.id }) }, quote(h.id))),
      el("h3", {}, el("a", { href: to({ view: "evidence", hypothesis: h.id }) }, quote(h.statement || h.id))),
      el("div.chart-room", {}));
    seen(card, () => swap(card.lastChild, record.curves[h.id] ? evidenceChart(h, record.curves[h.id], { width: 520, height: 220 }) : el("p.dim", {}, say("no_draws"))));
    grid.append(card);
  }
  const fits = el("div");
  swap(main, el("div.view.page.wide", {},
    el("h1", {}, say("view.evidence")), el("p.dim", {}, say("evidence_say")),
    big.map((h) => el("article.card.big", { class: `tone-${h.standing}` },
      el("header", {}, tag(h.standing), el("a", { href: to({ hypothesis: h.id }) }, quote(h.id)), el("span.grow"), el("a", { href: to({ view: "evidence" }) }, say("all"))),
      el("h2", {}, quote(h.statement)), record.curves[h.id] ? evidenceChart(h, record.curves[h.id], { width: 1000, height: 330 }) : el("p.dim", {}, say("no_draws")), shortWould(h))),
    all.length ? grid : el("p.none", {}, say("no_hypotheses")), fits));
  record.part("fits").then((found) => {
    const laws = all.filter((h) => found[h.id]?.points?.length).sort((a, b) => found[a.id].spread - found[b.id].spread);
    if (!laws.length) return;
    swap(fits, el("h2", {}, say("measured_and_predicted")), el("p.dim", {}, say("fit_say")),
      el("div.charts", {}, laws.map((h) => el("article.card", { class: `tone-${h.standing}` }, el("header", {}, tag(h.standing), el("a.small", { href: to({ hypothesis: h.id }) }, quote(h.id)), el("span.dim.small", {}, `${say("spread")} ${number(found[h.id].spread, 3)}`)), el("h3", {}, quote(h.statement)), fitChart(found[h.id], { width: 520, height: 270 })))));
  }).catch(() => {});
}

function shortWould(h) {
  return el("p", {}, el("b", {}, `${say("refuted_if")}: `), shortCriterion(h));
}
