// The first page: what was asked, what is claimed, and every hypothesis with its verdict.

function drawFindings(main) {
  if (place.claim) {
    const c = record.claims.get(place.claim);
    swap(main, c ? claimPage(c) : missing(say("no_claim", { id: place.claim })));
  } else if (place.hypothesis) {
    const h = record.hypotheses.get(place.hypothesis);
    const other = [...record.board.turned_away, ...record.board.waiting].find((x) => x.id === place.hypothesis);
    swap(main, h ? hypothesisPage(h) : other ? unregisteredPage(other) : missing(say("no_hypothesis", { id: place.hypothesis })));
  } else swap(main, firstPage());
}

function missing(words) {
  return el("article.page", {}, el("p.lost", {}, words), el("p", {}, el("a", { href: to({ view: "findings" }) }, `← ${say("all_claims")}`)));
}

function firstPage() {
  const { head, claims, hypotheses, turned_away: turned, waiting, notes, unreadable } = record.board;
  const counts = ["supported", "refuted", "undecided", "invalid", "open"].map((s) => [s, hypotheses.filter((h) => h.standing === s).length]);
  return el("article.page", {},
    el("p.kicker", {}, `${say("run_of")} `, quote(head.scenario), " · ", term("status", head.status), head.seed !== null ? ` · ${say("seed")} ${head.seed}` : ""),
    el("h1", {}, quote(head.title)),
    head.question ? el("p.question", {}, quote(head.question.trim())) : null,
    el("ul.counts", { "aria-label": say("verdicts") }, counts.filter(([s, n]) => n || ["supported", "refuted", "undecided"].includes(s)).map(([s, n]) =>
      el("li", { class: `tone-${s}` }, el("b", {}, String(n)), " ", term("standing", s)))),
    unreadable.length ? el("div.notice.bad", {}, el("p", {}, say("unreadable", { n: unreadable.length })), el("ul", {}, unreadable.slice(0, 10).map((u) => el("li", {}, eventLink(u.seq), " ", quote(u.kind), ": ", quote(u.what))))) : null,
    record.skeleton.broken ? el("div.notice.bad", { role: "alert" }, el("p", {}, say("broken_at"), " ", quote(record.skeleton.broken))) : null,
    el("section", { "aria-labelledby": "claims" },
      el("h2", { id: "claims" }, say("claims")),
      claims.length ? [el("p.dim", {}, say("claims_say")), el("ol.claims", {}, claims.map(claimRow))] : el("p.dim", {}, say("no_claims"))),
    el("section", { "aria-labelledby": "hypotheses" },
      el("h2", { id: "hypotheses" }, say("hypotheses")),
      hypotheses.length ? el("div.board", {}, hypotheses.map((h, i) => (i < 60 ? hypothesisCard(h) : later(h)))) : el("p.dim", {}, say("no_hypotheses"))),
    frontSection(), literatureSection(), rankingSection(),
    turned.length || waiting.length ? el("section", {}, el("h2", {}, say("not_registered")),
      table([say("hypothesis"), say("why"), { text: say("event"), num: true }], [
        ...turned.map((t) => el("tr", {}, el("th", { scope: "row" }, quote(t.id), " ", quote(t.statement)), cell(quote(phrase(t.reason))), cell(eventLink(t.at), "num"))),
        ...waiting.map((t) => el("tr", {}, el("th", { scope: "row" }, quote(t.id), " ", quote(t.statement)), cell(say("never_registered")), cell(eventLink(t.at), "num")))])) : null,
    el("section", {}, el("h2", {}, say("this_run")), facts([
      [say("run"), el("code.wrap", {}, quote(head.run))],
      [say("time"), head.began === head.ended ? head.began : `${head.began} – ${head.ended} (${duration(head.wall)})`],
      [say("status"), [term("status", head.status), head.reason ? [": ", quote(phrase(head.reason))] : null, head.ended_at !== null ? [" ", eventLink(head.ended_at)] : null]],
      [say("scientist"), quote(head.scientist)], [say("graph_name"), quote(head.graph)],
      [say("limits"), head.alpha !== null ? say("limits_say", { alpha: String(head.alpha), m: head.hypotheses }) : null],
      [say("cost"), Object.entries(head.cost).map(([k, v], i) => [i ? " · " : "", `${term("cost", k)} ${number(v, 4)}`])],
      [say("events"), number(head.events)],
      [say("head"), el("code.wrap", {}, head.digest)],
      [say("versions"), Object.entries(head.versions).map(([k, v], i) => [i ? " · " : "", quote(`${k} ${v}`)])],
      notes.length ? [say("on_the_way"), el("ul.plain", {}, notes.map((n) => el("li", {}, eventLink(n.seq), " ", term("kind", n.kind), ": ", quote(n.what))))] : null,
      head.machine.length ? [say("machine"), el("ul.plain", {}, head.machine.map((n) => el("li", {}, quote(n))))] : null,
    ])));
}

/** Return a place for a card that is drawn when it comes into sight. */
function later(h) {
  const room = el("article.card.later");
  seen(room, () => room.replaceWith(hypothesisCard(h)));
  return room;
}

function claimRow(c) {
  const judged = record.remarksOn((t) => t.claim === c.id);
  return el("li", { class: c.supported === false ? "tone-invalid unsound" : c.standing ? `tone-${c.standing}` : "" },
    el("a.claim-row", { href: to({ claim: c.id }) },
      el("span.claim-id", {}, quote(c.id)),
      el("span.claim-text", {}, claimSentence(c)),
      el("span.claim-marks", {}, auditMark(c), judged.length ? el("span.count", { title: say("review") }, `✎ ${judged.length}`) : null, checkMarks(c.id))));
}

function hypothesisCard(h) {
  const curve = record.curves[h.id];
  return el("article.card", { class: `tone-${h.standing}`, "aria-labelledby": `h-${h.id}` },
    el("header", {}, tag(h.standing), el("span.dim.small", {}, quote(h.id)), h.crossing && h.standing === "open" ? el("span.dim.small", {}, say("provisional", { what: term("standing", h.crossing.ruling) })) : null),
    el("h3", { id: `h-${h.id}` }, el("a", { href: to({ hypothesis: h.id }) }, quote(h.statement || h.id))),
    el("dl.pairs", {},
      el("dt", {}, say("predicted_that")), el("dd", {}, quote(phrase(h.prediction))),
      el("dt", {}, say("refuted_if")), el("dd", {}, shortCriterion(h)),
      h.standing === "undecided" ? [el("dt", {}, say("why_stopped")), el("dd", {}, stopWords(h))] : null),
    curve ? el("div.card-evidence", {},
      el("a", { href: to({ view: "evidence", hypothesis: h.id }), "aria-label": `${say("evidence")} ${h.id}` }, spark(curve, h.criterion.threshold, say("chart_evidence", { h: h.id, n: h.draws, for: log(h.log_for, h.criterion.threshold), against: log(h.log_against, h.criterion.threshold), threshold: log(h.criterion.threshold) }))),
      el("dl.numbers", {},
        el("div", {}, el("dt.asis", {}, say("ln_for")), el("dd.for", {}, log(h.log_for, h.criterion.threshold))),
        el("div", {}, el("dt.asis", {}, say("ln_against")), el("dd.against", {}, log(h.log_against, h.criterion.threshold))),
        el("div", {}, el("dt", {}, say("threshold")), el("dd", {}, log(h.criterion.threshold))),
        el("div", {}, el("dt", {}, say("draws")), el("dd", {}, number(h.draws))))) : el("p.dim", {}, say("no_draws")),
    el("footer.links", {},
      el("a", { href: to({ hypothesis: h.id }) }, say("open")),
      el("a", { href: to({ view: "evidence", hypothesis: h.id }) }, say("evidence")),
      el("a", { href: to({ view: "measurements", hypothesis: h.id }) }, say("measurements")),
      eventLink(h.registered_at, say("registration"))));
}

function registrationFacts(h) {
  const { frame, criterion: c } = h;
  return facts([
    [say("outcome_measured"), [quote(h.outcome), h.unit && h.unit !== "1" ? ` (${h.unit})` : ""]],
    [say("test"), say(`process.${c.process}`)],
    [say("levels"), c.theta0 !== undefined ? say("levels_say", { low: c.process === "sign" || c.process === "census" ? share(c.theta0) : number(c.theta0), high: c.process === "sign" || c.process === "census" ? share(c.theta1) : number(c.theta1) }) : null],
    [say("threshold"), `ln(m/α) = ${log(c.threshold)} (m = ${c.hypotheses}, α = ${c.alpha})`],
    [say("stops_after"), say("draws_n", { n: c.draws })],
    [say("why_stopped"), stopWords(h)],
    [say("population"), quote(frame.population)],
    [say("frame"), say(`frame.${frame.kind}`, { n: frame.size, cases: frame.cases })],
    [say("matching"), frame.matching ? quote(phrase(frame.matching)) : null],
    [say("draw_rule"), `${say(`draw_rule.${frame.draw_rule}`)}; ${say("planned_n", { n: frame.planned })}`],
    [say("pilot"), frame.pilot ? say("pilot_n", { n: frame.pilot }) : null],
    [say("failures"), say("failures_say", { share: share(c.failure_rate) })],
    [say("rivals"), c.rivals.length ? c.rivals.map((r, i) => [i ? "; " : "", hypothesisLink(r, record.hypotheses.get(r)?.statement ?? r)]) : null],
    [say("rule"), quote(c.rule)],
    [say("digest"), el("code.wrap", {}, h.digest)],
  ]);
}

function hypothesisPage(h) {
  const curve = record.curves[h.id];
  const digest = h.proposed_at === null ? null : record.near(h.proposed_at)?.digest;
  const fitBox = el("div");
  record.part("fits").then((fits) => {
    const fit = fits[h.id];
    if (fit?.points?.length) swap(fitBox, el("h2", {}, say("measured_and_predicted")), el("p.dim", {}, say("fit_say")), fitChart(fit, { width: 900, height: 330 }));
    else if (fit?.note) swap(fitBox, el("p.dim", {}, quote(fit.note)));
  }).catch(() => {});
  return el("article.page", {},
    el("nav.crumbs", { "aria-label": say("where") }, el("a", { href: to({ view: "findings" }) }, `← ${say("all_hypotheses")}`), el("span.grow"),
      h.claims.map((c) => el("a", { href: to({ claim: c }) }, `${say("claim")} ${c}`)),
      button(icon("link"), () => copyLink({ hypothesis: h.id }), { class: "icon", "aria-label": say("copy_link"), title: say("copy_link") })),
    el("p.kicker", {}, `${say("hypothesis")} `, quote(h.id), " · ", tag(h.standing), h.score ? [" · ", el("span", { title: say("gloss.hidden") }, say("against_hidden", { how: term("score", h.score) }))] : ""),
    el("h1.claim-title", {}, el("span.statement", {}, quote(h.statement || h.id))),
    h.reason ? el("p.question", {}, quote(phrase(h.reason)), ". ", h.standing === "undecided" ? [stopWords(h), " "] : null, h.verdict_at !== null ? eventLink(h.verdict_at) : null) : null,
    el("div.answers", {},
      el("section.answer", { class: `tone-${h.standing}` }, el("h2", {}, whyHeading([h])), supportWords(h), curve ? evidenceChart(h, curve, { width: 470, height: 215 }) : null),
      el("section.answer.refute", {}, el("h2", {}, refuteHeading([h])), wouldHave(h))),
    fitBox,
    el("h2", {}, say("what_was_registered")),
    h.drawing ? el("div.subject", {}, lazyPicture(record, h.drawing, h.statement)) : null,
    el("p", {}, el("b", {}, `${say("predicted_that")}:`), " ", quote(phrase(h.prediction)), " ", eventLink(h.registered_at)),
    registrationFacts(h),
    el("h2", {}, say("where_from")),
    facts([
      [say("proposed_by"), [term("role", h.proposed_by), h.proposed_at !== null ? [" ", eventLink(h.proposed_at)] : null]],
      [say("mechanism"), h.mechanism ? quote(h.mechanism) : null],
      [say("parents"), h.parents.map((p, i) => [i ? ", " : "", hypothesisLink(p)])],
      [say("seen_before"), say("seen_n", { n: h.seen })],
      [say("rank"), h.rank === null ? null : [say("rank_say", { place: h.rank.place, of: h.rank.of, weight: number(h.rank.weight, 3) }), " ", eventLink(h.rank.at)]],
    ]),
    el("h2", {}, say("measurements_behind")), drawsTable(h),
    remarkBlock({ hypothesis: h.id, event: h.proposed_at, ...(digest ? { digest } : {}) }, (t) => t.hypothesis === h.id, { judge: true }));
}

function unregisteredPage(t) {
  return el("article.page", {},
    el("nav.crumbs", {}, el("a", { href: to({ view: "findings" }) }, `← ${say("all_hypotheses")}`)),
    el("p.kicker", {}, `${say("hypothesis")} `, quote(t.id), " · ", say("not_registered")),
    el("h1.claim-title", {}, quote(t.statement || t.id)),
    el("p.question", {}, t.reason ? quote(phrase(t.reason)) : say("never_registered"), " ", eventLink(t.at)));
}
