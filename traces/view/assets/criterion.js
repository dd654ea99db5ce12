// What was registered to decide a hypothesis, why its draws stopped, and how near it came.

/** Return what a draw is of, in a word. */
function drawn_(h) {
  return say(h.frame.kind === "pairs" ? "what.pairs" : "what.cases");
}

function share(value) {
  return value === undefined || value === null ? "" : `${number(value * 100, 3)}%`;
}

function hitsAndMisses(c) {
  return c.process === "sign" || c.process === "census";
}

/** Return why no further draw was made, in a sentence; nothing where there is nothing to say. */
function stopWords(h) {
  const s = h.stop;
  if (!s?.why) return "";
  const values = { draws: s.draws, planned: s.planned, left: s.left, threshold: log(s.log_threshold), reason: s.reason ? ` (${phrase(s.reason)})` : "" };
  if (s.why === "futile") Object.assign(values, { for: log(s.most_for), against: log(s.most_against) });
  return say(`stop.${s.why}`, values);
}

function shortCriterion(h) {
  const c = h.criterion;
  const what = drawn_(h);
  if (hitsAndMisses(c)) {
    return c.refuted_hits !== null && c.refuted_hits !== undefined
      ? say("short.sign", { what, hits: c.refuted_hits, draws: c.planned, run: c.refuted_run, odds: number(c.odds, 3) })
      : say("short.any", { odds: number(c.odds, 3) });
  }
  if (c.process === "law_contest") return say("short.law", { odds: number(c.odds, 3) });
  return say("short.mean", { high: number(c.theta1), unit: h.unit, odds: number(c.odds, 3) });
}

/** Return what would have refuted a hypothesis, and what supported it, in plain words. */
function wouldHave(h, named = false) {
  const c = h.criterion;
  const odds = number(c.odds, 3);
  const what = drawn_(h);
  const values = { what, threshold: log(c.threshold), odds, n: c.planned ?? c.draws, theta0: share(c.theta0), theta1: share(c.theta1), low: number(c.theta0), high: number(c.theta1), unit: h.unit };
  const lines = [];
  const opening = h.standing === "refuted" ? "refuted_because" : "refuted_had";
  if (hitsAndMisses(c)) {
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
    if (c.remainder?.length) lines.push(say("criterion.law_remainder", { n: c.remainder.length }));
  } else {
    lines.push(say(`criterion.${opening}.mean`, values));
    if (c.refuted_run) lines.push(say("criterion.refuted_run_low", { run: c.refuted_run, low: number(c.low) }));
  }
  const supported = c.process === "law_contest" ? say("criterion.supported.law", values)
    : hitsAndMisses(c)
      ? [say("criterion.supported.sign", values), c.supported_hits ? ` ${say("criterion.supported_hits", { what, hits: c.supported_hits, draws: c.planned })}` : ""]
      : say("criterion.supported.mean", values);
  const undecided = say(hitsAndMisses(c) ? "criterion.undecided_futile" : "criterion.undecided", { draws: c.draws });
  const came = cameTo(h);
  const open = h.standing === "undecided" || h.standing === "open";
  return el("div.would", {},
    named ? el("p", {}, el("b", {}, quote(h.id)), " ", quote(h.statement)) : null,
    el("p.lead-line", {}, lines[0]),
    lines.length > 1 ? el("ul", {}, lines.slice(1).map((l) => el("li", {}, l))) : null,
    came ? el("p", {}, came) : null,
    h.standing === "refuted" || open ? el("p", {}, supported) : null,
    open ? el("p", {}, undecided) : null,
    el("details", {}, el("summary", {}, say(open ? "other_ends_open" : h.standing === "refuted" ? "other_ends_refuted" : "other_ends")),
      h.standing === "refuted" || open ? null : el("p", {}, supported),
      el("p", {}, say("criterion.invalid", { share: share(c.failure_rate) }), open ? null : [" ", undecided])),
    el("p.small.dim", {}, say("registered_before", { seq: String(h.registered_at) }), " ", eventLink(h.registered_at)));
}

/** Return how near the evidence against came to refuting. */
function cameTo(h) {
  const curve = record.curves[h.id];
  if (!curve || !curve.seq.length) return "";
  const threshold = h.criterion.threshold;
  let best = -Infinity;
  let row = 0;
  curve.against.forEach((v, i) => { if (!(i in curve.why_not) && v > best) { best = v; row = i; } });
  if (best === -Infinity) return "";
  if (best >= threshold) return [say("came_over", { against: log(best, threshold), draw: curve.draw[row] }), " ", eventLink(curve.seq[row])];
  return [say("came_near", { against: log(best, threshold), threshold: log(threshold) })];
}
