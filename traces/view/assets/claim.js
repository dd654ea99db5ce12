// A claim: the measurements behind each of its numbers, and what would have refuted it.

function claimSentence(c, { links = false } = {}) {
  return c.parts.map((part) => {
    if (typeof part === "string") return quote(part);
    const figure = c.figures[part.figure];
    const shown = el("b.figure-value", { title: say(`statistic.${figure.statistic}`) }, quote(figure.shown.replace(/^-/, "−")));
    if (figure.statistic === "statement") return el("span.statement", {}, quote(figure.shown));
    return links ? el("a", { href: `#figure-${part.figure}`, onclick: (event) => { event.preventDefault(); const row = document.getElementById(`figure-${part.figure}`); row?.closest("details")?.setAttribute("open", ""); row?.scrollIntoView({ block: "center" }); row?.classList.add("flash"); } }, shown) : shown;
  });
}

function auditMark(c) {
  if (c.supported === null) return el("span.audit.none", {}, say("not_audited"));
  return c.supported ? el("span.audit.good", {}, `✓ ${say("audited")}`) : el("span.audit.bad", {}, `! ${say("unsupported")}`);
}

const CHECKS = ["score", "reference", "registered", "method"];

function checkMarks(id) {
  const found = record.inspection;
  if (!found) return null;
  return el("span.checks", { title: say("four_checks") }, CHECKS.map((check) => {
    const own = found.filter((f) => f.claim === id && f.check === check);
    const holds = own.some((f) => f.holds === false) ? false : own.some((f) => f.holds === true) ? true : null;
    return el("span", { class: holds === false ? "c-bad" : holds ? "c-good" : "c-none", title: say(`check.${check}`), "aria-label": `${say(`check.${check}`)}: ${say(holds === false ? "fails" : holds ? "holds" : "not_applicable")}` }, holds === false ? "✕" : holds ? "✓" : "–");
  }));
}

function claimPage(c) {
  const all = [...record.claims.keys()];
  const at = all.indexOf(c.id);
  const hypotheses = c.hypotheses.map((id) => record.hypotheses.get(id)).filter(Boolean);
  const digest = record.near(c.at)?.digest;
  const node = el("article.page.claim-page", {},
    el("nav.crumbs", { "aria-label": say("where") },
      el("a", { href: to({ view: "findings" }) }, `← ${say("all_claims")}`), el("span.grow"),
      at > 0 ? el("a", { href: to({ claim: all[at - 1] }) }, `◂ ${all[at - 1]}`) : null,
      at < all.length - 1 ? el("a", { href: to({ claim: all[at + 1] }) }, `${all[at + 1]} ▸`) : null,
      button(icon("link"), () => copyLink({ claim: c.id }), { class: "icon", "aria-label": say("copy_link"), title: say("copy_link") })),
    el("p.kicker", {}, `${say("claim")} `, quote(c.id), " · ", eventLink(c.at), " · ", auditMark(c)),
    el("h1.claim-title", {}, claimSentence(c, { links: true })),
    c.problems.length ? el("div.notice.bad", {}, el("p", {}, say("unsupported_long")), el("ul", {}, c.problems.map((p) => el("li", {}, quote(p))))) : null,
    hypotheses.length ? el("div.answers", {},
      el("section.answer", { "aria-labelledby": "a-supports" }, el("h2", { id: "a-supports" }, say("what_supports_claim")), hypotheses.map((h) => [supportWords(h), record.curves[h.id] ? evidenceChart(h, record.curves[h.id], { width: 470, height: 215 }) : null])),
      el("section.answer.refute", { "aria-labelledby": "a-refutes" }, el("h2", { id: "a-refutes" }, say(hypotheses.every((h) => h.standing === "refuted") ? "what_refuted" : "what_refutes")), hypotheses.map((h) => wouldHave(h, hypotheses.length > 1)))) : null,
    hypotheses.map((h) => [
      el("h2", {}, say("measurements_behind"), hypotheses.length > 1 ? [" · ", quote(h.id)] : null),
      drawsTable(h),
      el("p", {}, hypothesisLink(h.id, say("open_hypothesis")), " · ", eventLink(h.registered_at, say("see_registration"))),
    ]),
    el("h2", {}, say("numbers")),
    el("p.dim", {}, say("numbers_say")),
    figuresTable(c),
    checksTable(c),
    remarkBlock({ claim: c.id, event: c.at, ...(digest ? { digest } : {}) }, (t) => t.claim === c.id, { judge: true }));
  return node;
}

function supportWords(h) {
  const key = h.frame.kind === "pairs" ? "support.pairs" : "support.laws";
  const own = h.tally;
  const draws = own.hit + own.miss + own.tie + own.failure + own.measured;
  const count = record.curves[h.id] ? record.curves[h.id].measurements.filter((_, i) => !(i in record.curves[h.id].why_not)).reduce((n, m) => n + m.length, 0) : 0;
  return [
    el("p", {}, say(key, { n: count, hits: own.hit, draws, for: log(h.log_for), against: log(h.log_against), threshold: log(h.criterion.threshold), basis: say(`basis.${h.criterion.basis}`) })),
    balance(h),
    el("p.small", {}, el("a", { href: `#draws-${h.id}`, onclick: (event) => { event.preventDefault(); document.getElementById(`draws-${h.id}`)?.scrollIntoView({ block: "start" }); } }, say("to_measurements", { n: count }))),
  ];
}

/** Return both evidences beside the threshold, as two bars. */
function balance(h) {
  const threshold = h.criterion.threshold;
  const bar = (side, value) => el("div.bar-row", {},
    el("span.bar-name", {}, say(side === "for" ? "evidence_for" : "evidence_against")),
    el("span.bar-track", { role: "img", "aria-label": `${say(side)} ${log(value)}, ${say("threshold")} ${log(threshold)}` },
      el("span.bar-fill", { class: side, style: { width: `${Math.max(0, Math.min(100, (value / threshold / 1.25) * 100))}%` } }),
      el("span.bar-mark", { style: { left: "80%" } })),
    el("span.bar-value", {}, log(value)));
  return el("div.balance", {}, bar("for", h.log_for), bar("against", h.log_against));
}

/** Return what would have refuted a hypothesis, and what supported it, in plain words. */
function wouldHave(h, named = false) {
  const c = h.criterion;
  const odds = number(c.odds, 3);
  const what = drawn_(h);
  const values = { what, threshold: log(c.threshold), odds, n: c.planned ?? c.draws, theta0: share(c.theta0), theta1: share(c.theta1), low: number(c.theta0), high: number(c.theta1), unit: h.unit };
  const lines = [];
  const opening = h.standing === "refuted" ? "refuted_because" : "refuted_had";
  if (c.process === "sign" || c.process === "census") {
    lines.push(say(`criterion.${opening}.sign`, { ...values, at_least: values.theta1 }));
    if (c.refuted_hits !== null && c.refuted_hits !== undefined) lines.push(say("criterion.refuted_hits", { what, hits: c.refuted_hits, draws: c.planned }));
    if (c.refuted_run) lines.push(say("criterion.refuted_run", { what, run: c.refuted_run }));
    if (c.refuted_run === null && c.refuted_hits === null) lines.push(say("criterion.refuted_never", { draws: c.planned }));
  } else if (c.process === "law_contest") {
    lines.push(say(`criterion.${opening}.law`, { ...values, rivals: c.rivals.length }));
    lines.push([
      say("criterion.law_rivals", { n: c.rivals.length }),
      c.flexible?.length ? `, ${say("criterion.law_flexible")}` : "", c.others ? `, ${say("criterion.law_others")}` : "", ". ",
      say(c.ceiling ? "criterion.law_ceiling" : "criterion.law_noise", { ceiling: number(c.ceiling ?? 0) })].join(""));
  } else {
    lines.push(say(`criterion.${opening}.mean`, values));
    if (c.refuted_run) lines.push(say("criterion.refuted_run_low", { run: c.refuted_run, low: number(c.low) }));
  }
  const supported = c.process === "law_contest" ? say("criterion.supported.law", values)
    : c.process === "sign" || c.process === "census"
      ? [say("criterion.supported.sign", values), c.supported_hits ? ` ${say("criterion.supported_hits", { what, hits: c.supported_hits, draws: c.planned })}` : ""]
      : say("criterion.supported.mean", values);
  const came = cameTo(h);
  return el("div.would", {},
    named ? el("p", {}, el("b", {}, quote(h.id)), " ", quote(h.statement)) : null,
    el("p.lead-line", {}, lines[0]),
    lines.length > 1 ? el("ul", {}, lines.slice(1).map((l) => el("li", {}, l))) : null,
    came ? el("p", {}, came) : null,
    h.standing === "refuted" ? el("p", {}, supported) : null,
    el("details", {}, el("summary", {}, say("other_ends")),
      h.standing === "refuted" ? null : el("p", {}, supported),
      el("p", {}, say("criterion.invalid", { share: share(c.failure_rate) }), " ", say("criterion.undecided", { draws: c.draws }))),
    el("p.small.dim", {}, say("registered_before", { seq: String(h.registered_at) }), " ", eventLink(h.registered_at)));
}

/** Return what a draw is of, in a word. */
function drawn_(h) {
  return say(h.frame.kind === "pairs" ? "what.pairs" : "what.cases");
}

function share(value) {
  return value === undefined || value === null ? "" : `${number(value * 100, 3)}%`;
}

/** Return how near the evidence against came to refuting. */
function cameTo(h) {
  const curve = record.curves[h.id];
  if (!curve || !curve.seq.length) return "";
  let best = -Infinity;
  let row = 0;
  curve.against.forEach((v, i) => { if (!(i in curve.why_not) && v > best) { best = v; row = i; } });
  if (best === -Infinity) return "";
  if (best >= h.criterion.threshold) return [say("came_over", { against: log(best), draw: curve.draw[row] }), " ", eventLink(curve.seq[row])];
  return [say("came_near", { against: log(best), threshold: log(h.criterion.threshold) })];
}

const DRAWS = 60;

/** Return every draw with its measurements and the evidence after it. */
function drawsTable(h) {
  const box = el("div", { id: `draws-${h.id}` }, el("p.quietly", {}, say("loading")));
  const curve = record.curves[h.id];
  if (!curve || !curve.seq.length) return swap(box, el("p.dim", {}, say("no_draws")));
  const pairs = h.frame.kind === "pairs";
  record.sheet().then((sheet) => {
    const reading = (m) => {
      const i = sheet.row.get(m);
      if (i === undefined) return [eventLink(m)];
      const name = sheet.texts[sheet.case[i]];
      const label = sheet.cases[name];
      const value = sheet.value[i];
      return [
        el("span.case", { title: name }, quote(label ?? name, 60)), " ",
        eventLink(m, value === null ? el("span.tone-invalid", {}, quote(sheet.texts[sheet.failure[i]], 60)) : quantity(value, sheet.texts[sheet.unit[i]], 5)),
      ];
    };
    const value = (m) => { const i = sheet.row.get(m); return i === undefined ? null : sheet.value[i]; };
    const heads = [{ text: say("draw"), num: true }, pairs ? say("first_of_pair") : say("design"), pairs ? say("second_of_pair") : null, pairs ? { text: say("difference"), num: true } : null, say("outcome"), { text: say("ln_for"), num: true, asis: true }, { text: say("ln_against"), num: true, asis: true }, { text: say("event"), num: true }].filter(Boolean);
    const rows = curve.seq.map((seq, i) => () => {
      const m = curve.measurements[i];
      const [a, b] = m.map(value);
      const word = i in curve.why_not ? "not_counted" : curve.outcome[i] === null ? "failure" : !pairs ? "measured" : curve.outcome[i] > 0 ? "hit" : curve.outcome[i] < 0 ? "miss" : "tie";
      return el("tr", { class: `o-${word}` },
        cell(number(curve.draw[i]), "num"), cell(m.length ? reading(m[0]) : ""), pairs ? cell(m.length > 1 ? reading(m[1]) : "") : null,
        pairs ? cell(a !== null && b !== null && a !== undefined && b !== undefined ? number(a - b, 4) : "", "num") : null,
        cell([el("span.outcome", { class: `o-${word}` }, say(`outcome.${word}`)), word === "not_counted" ? [" ", el("span.small.dim", {}, quote(curve.why_not[i]))] : null]),
        cell(log(curve.for[i]), "num"), cell(log(curve.against[i]), "num"), cell(eventLink(seq), "num"));
    });
    let shown = DRAWS;
    const draw = () => swap(box,
      pairs ? el("p.small.dim", {}, say("pairs_say", { prediction: "" }), quote(h.prediction)) : el("p.small.dim", {}, quote(h.prediction)),
      table(heads, rows.slice(0, shown).map((make) => make()), { class: "draws", label: say("measurements_behind") }),
      shown < rows.length ? button(say("show_more", { n: rows.length - shown }), () => { shown += 400; draw(); }, { class: "quiet" }) : null);
    draw();
  }).catch((error) => swap(box, el("p.lost", {}, String(error.message ?? error))));
  return box;
}

function figuresTable(c) {
  const figures = Object.entries(c.figures).filter(([, f]) => f.statistic !== "statement");
  if (!figures.length) return el("p.dim", {}, say("no_numbers"));
  return table([say("in_sentence"), say("number"), say("what_it_is"), say("where_from")], figures.map(([name, f]) =>
    el("tr", { id: `figure-${name}` },
      el("th", { scope: "row" }, quote(name)), cell(el("b", {}, quote(f.shown.replace(/^-/, "−")))),
      cell([term("statistic", f.statistic), f.hypothesis ? [" · ", hypothesisLink(f.hypothesis)] : null]),
      cell(cited(f)))), { label: say("numbers") });
}

function cited(f) {
  if (!f.cited && !f.measurements.length) return el("span.dim", {}, f.hypothesis ? say("of_verdict") : say("no_origin"));
  const list = el("div.cited");
  const fold = el("details", {}, el("summary", {}, say(f.against.length ? "cited_pairs" : "cited", { n: f.cited })), list);
  fold.addEventListener("toggle", async () => {
    if (!fold.open || list.childElementCount) return;
    const sheet = await record.sheet();
    const one = (m) => {
      const i = sheet.row.get(m);
      const name = i === undefined ? "" : sheet.texts[sheet.case[i]];
      return [el("td", {}, quote(sheet.cases[name] ?? name, 48)), el("td.num", {}, eventLink(m, i === undefined || sheet.value[i] === null ? `#${m}` : quantity(sheet.value[i], sheet.texts[sheet.unit[i]], 5)))];
    };
    const seqs = f.measurements;
    let shown = 0;
    const body = el("tbody");
    const more = () => {
      for (const end = Math.min(seqs.length, shown + 100); shown < end; shown++) {
        body.append(el("tr", {}, one(seqs[shown]), f.against.length ? el("td.num", {}, f.against[shown] === undefined ? "" : one(f.against[shown])[1]) : null));
      }
      next.hidden = shown >= seqs.length;
      next.textContent = say("show_more", { n: seqs.length - shown });
    };
    const next = button("", () => more(), { class: "quiet" });
    swap(list, el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, say("case")), el("th.num", { scope: "col" }, say("value")), f.against.length ? el("th.num", { scope: "col" }, say("compared_with")) : null)), body), next);
    more();
  });
  return fold;
}

function checksTable(c) {
  const found = record.inspection;
  return el("section", {}, el("h2", {}, say("four_checks")),
    !found ? el("p.dim", {}, say("not_available")) : table([say("check"), say("result"), say("what_was_found")],
      CHECKS.flatMap((check) => {
        const own = found.filter((f) => f.claim === c.id && f.check === check);
        return own.length ? own.map((f) => el("tr", {},
          el("th", { scope: "row" }, say(`check.${check}`)),
          cell(f.holds === null ? el("span.dim", {}, `– ${say("not_applicable")}`) : f.holds ? el("span.c-good", {}, `✓ ${say("holds")}`) : el("span.c-bad", {}, `✕ ${say("fails")}`), "nowrap"),
          cell([quote(f.says), " ", f.events.slice(0, 12).map((e) => [eventLink(e), " "]), f.events.length > 12 ? el("span.dim", {}, `+${f.events.length - 12}`) : null]))) : [];
      }), { label: say("four_checks") }));
}
