// A claim: the measurements behind each of its numbers, and what would have refuted it.

function claimSentence(c, { links = false } = {}) {
  return claimParts(c).map((part) => {
    if (typeof part === "string") return quote(part);
    const figure = c.figures[part.figure];
    const shown = el("b.figure-value", { title: say(`statistic.${figure.statistic}`) }, quote(figureText(figure)));
    if (figure.statistic === "statement") return el("span.statement", {}, quote(figure.shown));
    return links ? el("a", { href: `#figure-${part.figure}`, onclick: (event) => { event.preventDefault(); const row = document.getElementById(`figure-${part.figure}`); row?.closest("details")?.setAttribute("open", ""); row?.scrollIntoView({ block: "center" }); row?.classList.add("flash"); } }, shown) : shown;
  });
}

function auditMark(c) {
  if (c.supported === null) return el("span.audit.none", {}, say("not_audited"));
  return c.supported ? el("span.audit.good", {}, `✓ ${say("audited")}`) : el("span.audit.bad", {}, `! ${say("unsupported")}`);
}

const CHECKS = ["score", "reference", "registered", "method"];

/** Return what became of one check of a claim: held, failed, or not to be made. */
function checkOf(id, check) {
  const own = (record.inspection ?? []).filter((f) => f.claim === id && f.check === check);
  return own.some((f) => f.holds === false) ? "fails" : own.some((f) => f.holds === true) ? "holds" : "not_applicable";
}

/** Return in words how the four checks of a claim came out. */
function checkMarks(id) {
  if (!record.inspection) return null;
  const found = CHECKS.map((check) => [check, checkOf(id, check)]);
  const failed = found.filter(([, how]) => how === "fails");
  const held = found.filter(([, how]) => how === "holds").length;
  const rest = CHECKS.length - held - failed.length;
  const told = found.map(([check, how]) => `${say(`check.${check}`)}: ${say(how)}`).join("\n");
  return el("span.checks", { title: told },
    failed.length ? el("span.c-bad", {}, `✕ ${failed.map(([check]) => say(`check_short.${check}`)).join(", ")}: ${say("fails")}`) : null,
    held ? el("span.c-good", {}, `✓ ${say("checks_hold", { n: held })}`) : null,
    rest ? el("span.c-none", {}, say("checks_rest", { n: rest })) : null);
}

/** Return the question that the evidence on a claim's hypotheses answers, by how it came out. */
function whyHeading(hypotheses) {
  const standings = [...new Set(hypotheses.map((h) => h.standing))];
  return say(standings.length === 1 ? `why.${standings[0]}` : "why.mixed");
}

function refuteHeading(hypotheses) {
  const every = (...of) => hypotheses.every((h) => of.includes(h.standing));
  return say(every("refuted") ? "what_refuted" : every("undecided", "open") ? "what_decides" : "what_refutes");
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
    el("p.kicker", {}, `${say("claim")} `, quote(c.id), " · ", eventLink(c.at), " · ", auditMark(c), c.audited_at !== null ? [" ", eventLink(c.audited_at)] : null),
    el("h1.claim-title", {}, claimSentence(c, { links: true })),
    c.problems.length ? el("div.notice.bad", {}, el("p", {}, say("unsupported_long")), el("ul", {}, c.problems.map((p) => el("li", {}, quote(p))))) : null,
    hypotheses.length ? el("p.about", {}, say("claim_about"), " ", hypotheses.map((h, i) => [i ? ", " : "", hypothesisLink(h.id), " ", tag(h.standing)])) : null,
    hypotheses.length ? el("div.answers", {},
      el("section.answer", { "aria-labelledby": "a-supports", class: hypotheses.every((h) => h.standing === hypotheses[0].standing) ? `tone-${hypotheses[0].standing}` : "" }, el("h2", { id: "a-supports" }, whyHeading(hypotheses)), hypotheses.map((h) => [supportWords(h), record.curves[h.id] ? evidenceChart(h, record.curves[h.id], { width: 470, height: 215 }) : null])),
      el("section.answer.refute", { "aria-labelledby": "a-refutes" }, el("h2", { id: "a-refutes" }, refuteHeading(hypotheses)), hypotheses.map((h) => wouldHave(h, hypotheses.length > 1)))) : null,
    checkSection(c),
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
  const threshold = h.criterion.threshold;
  const stopped = h.standing === "undecided" || h.standing === "open" ? stopWords(h) : "";
  return [
    el("p", {}, say(key, { n: count, hits: own.hit, draws, for: log(h.log_for, threshold), against: log(h.log_against, threshold), threshold: log(threshold), basis: say(`basis.${h.criterion.basis}`) })),
    stopped ? el("p.stopped", {}, stopped) : null,
    balance(h),
    el("p.small.jump", {}, el("a", { href: `#draws-${h.id}`, onclick: (event) => { event.preventDefault(); document.getElementById(`draws-${h.id}`)?.scrollIntoView({ block: "start" }); } }, say("to_measurements", { n: count }))),
  ];
}

/** Return both evidences beside the threshold, as two bars. */
function balance(h) {
  const threshold = h.criterion.threshold;
  const bar = (side, value) => el("div.bar-row", {},
    el("span.bar-name", {}, say(side === "for" ? "evidence_for" : "evidence_against")),
    el("span.bar-track", { role: "img", "aria-label": `${say(side)} ${log(value, threshold)}, ${say("threshold")} ${log(threshold)}` },
      value > 0 ? el("span.bar-fill", { class: side, style: { width: `${Math.min(100, (value / threshold / 1.25) * 100)}%` } }) : el("span.bar-none", {}, say("bar_none")),
      el("span.bar-mark", { style: { left: "80%" } })),
    el("span.bar-value", {}, log(value, threshold)));
  return el("div.balance", {}, bar("for", h.log_for), bar("against", h.log_against));
}

function figuresTable(c) {
  const figures = Object.entries(c.figures).filter(([, f]) => f.statistic !== "statement");
  if (!figures.length) return el("p.dim", {}, say("no_numbers"));
  return table([say("in_sentence"), say("number"), say("what_it_is"), say("where_from")], figures.map(([name, f]) =>
    el("tr", { id: `figure-${name}` },
      el("th", { scope: "row" }, quote(name)), cell(el("b", {}, quote(figureText(f)))),
      cell([term("statistic", f.statistic), f.hypothesis ? [" · ", hypothesisLink(f.hypothesis)] : null]),
      cell(cited(f)))), { label: say("numbers") });
}

function cited(f) {
  if (!f.cited && !f.measurements.length) return el("span.dim", {}, f.hypothesis ? say("of_verdict") : say("no_origin"));
  const list = el("div.cited");
  const fold = el("details.on-screen", {}, el("summary", {}, say(f.against.length ? "cited_pairs" : "cited", { n: f.cited })), list);
  fold.addEventListener("toggle", async () => {
    if (!fold.open || list.childElementCount) return;
    const sheet = await record.sheet();
    const one = (m) => {
      const i = sheet.row.get(m);
      const name = i === undefined ? "" : sheet.texts[sheet.case[i]];
      return [el("td", {}, caseName(sheet, name, 48)), el("td.num", {}, eventLink(m, i === undefined || sheet.value[i] === null ? `#${m}` : quantity(sheet.value[i], sheet.texts[sheet.unit[i]])))];
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

/** Return links to events: the first ones, and a button for the others. */
function severalEvents(events, most = 8) {
  const box = el("span.events", {}, events.slice(0, most).map((e) => [eventLink(e), " "]));
  if (events.length > most) {
    const rest = button(say("show_more", { n: events.length - most }), () => { rest.remove(); fill(box, events.slice(most, 2000).map((e) => [eventLink(e), " "])); }, { class: "link" });
    box.append(rest);
  }
  return box;
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
          cell([quote(phrase(f.says)), " ", severalEvents(f.events)]))) : [];
      }), { label: say("four_checks") }));
}
