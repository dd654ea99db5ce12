// A run as the page knows it: columns at once, events and payloads when they are looked at.

const SEVERAL = 0xffff;

class Run {
  constructor(source) {
    this.source = source;
    this.chunks = new Map();
    this.blobs = new Map();
    this.parts = new Map();
    this.order = [];
    this.events = 0;
    this.steps = [];
    this.replay = null;
    this.remarks = { entries: [], problems: [], available: false };
  }
  async open() {
    const s = await this.source.part("skeleton");
    this.skeleton = s;
    this.events = s.events;
    this.kinds = s.kinds;
    this.kind = decoded(s.kind);
    this.cause = new Int32Array(decoded(s.cause).buffer);
    this.time = new Uint32Array(decoded(s.time).buffer);
  }
  part(name) {
    if (!this.parts.has(name)) {
      const asked = this.source.part(name);
      asked.catch(() => this.parts.delete(name));
      this.parts.set(name, asked);
    }
    return this.parts.get(name);
  }
  /** Read what the first page shows. */
  async findings() {
    const [board, curves] = await Promise.all([this.part("board"), this.part("curves")]);
    this.board = board;
    this.curves = curves;
    this.hypotheses = new Map(board.hypotheses.map((h) => [h.id, h]));
    this.claims = new Map(board.claims.map((c) => [c.id, c]));
  }
  /** Read what every event is about. */
  async outline() {
    const facets = await this.part("facets");
    const column = (text, Shape) => new Shape(decoded(text).buffer);
    this.name = column(facets.name, Uint16Array);
    this.role = decoded(facets.role);
    this.effect = decoded(facets.effect);
    this.hypothesis = column(facets.hypothesis, Uint16Array);
    this.seconds = column(facets.seconds, Float32Array);
    this.processor = column(facets.processor, Float32Array);
    this.several = new Map(facets.several.map(([seq, ...codes]) => [seq, codes]));
    this.steps = facets.steps;
    this.facets = facets;
  }
  kindOf(seq) {
    return this.kinds[this.kind[seq]] ?? "";
  }
  /** Return when an event was written, in seconds since the first. */
  when(seq) {
    return this.time[seq] * this.skeleton.unit;
  }
  /** Return the row of the step that an event belongs to, -1 before the first. */
  stepAt(seq) {
    let low = 0;
    let high = this.steps.length - 1;
    let found = -1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (this.steps[middle].seq <= seq) { found = middle; low = middle + 1; } else high = middle - 1;
    }
    return found;
  }
  label(seq) {
    for (const [first, last, label] of this.replay?.stale ? [] : this.replay?.spans ?? []) if (first <= seq && seq <= last) return label;
    return "recorded";
  }
  /** Return the positions of what followed from an event. */
  children(seq, most = 50) {
    const found = [];
    for (let i = seq + 1; i < this.events && found.length < most; i++) if (this.cause[i] === seq) found.push(i);
    return found;
  }
  codesOf(seq) {
    const code = this.hypothesis?.[seq] ?? 0;
    return code === SEVERAL ? this.several.get(seq) ?? [] : code ? [code] : [];
  }
  chunk(number) {
    if (!this.chunks.has(number)) {
      const asked = this.source.chunk(number).then((events) => { asked.events = events; return events; });
      asked.catch(() => this.chunks.delete(number));
      this.chunks.set(number, asked);
      this.order.push(number);
      if (this.order.length > 48) this.chunks.delete(this.order.shift());
    }
    return this.chunks.get(number);
  }
  /** Return an event if its chunk is at hand. */
  near(seq) {
    const size = this.skeleton.chunk;
    return this.chunks.get(Math.floor(seq / size))?.events?.[seq % size] ?? null;
  }
  async event(seq) {
    const size = this.skeleton.chunk;
    const found = (await this.chunk(Math.floor(seq / size)))[seq % size];
    return found.data === null ? this.source.event(seq) : found;
  }
  blob(digest) {
    if (!this.blobs.has(digest)) {
      const asked = this.source.blob(digest);
      asked.catch(() => this.blobs.delete(digest));
      this.blobs.set(digest, asked);
      if (this.blobs.size > 400) this.blobs.delete(this.blobs.keys().next().value);
    }
    return this.blobs.get(digest);
  }
  async sheet() {
    if (!this.sheetRows) {
      const [sheet, cases, cells] = await Promise.all(["sheet", "cases", "cells"].map((name) => (name === "sheet" ? this.part(name) : this.part(name).catch(() => ({})))));
      const row = new Map();
      sheet.seq.forEach((seq, i) => row.set(seq, i));
      this.sheetRows = { ...sheet, row, cases, cells };
    }
    return this.sheetRows;
  }
  remarksOn(test) {
    return this.remarks.entries.filter((e) => e.target && test(e.target));
  }
}

/** Return the sentence of an event: in Korean made here, in English as it came. */
function sentence(event) {
  if (event.kind === "claim") {
    const said_ = event.data?.claim;
    const c = record?.claims?.get(said_?.id);
    // of two runs side by side each has its own numbers
    const own = c && c.at === event.seq && Object.entries(said_.figures ?? {}).every(([k, f]) => c.figures[k]?.value === f.value);
    if (own) return `${c.id}: ${claimText(c)}`;
  }
  if (language !== "en") {
    const made = told(event);
    if (made) return tidy(made);
  }
  return tidy(event.story) || `${event.kind} ${JSON.stringify(event.data ?? {}).slice(0, 200)}`;
}

function told(event) {
  const d = event.data;
  if (!d || !said(`tell.${event.kind}`)) return "";
  try {
    switch (event.kind) {
      case "run.started": return say("tell.run.started", { who: d.scientist, what: d.scenario, seed: String(d.seed) });
      case "run.ended": return say("tell.run.ended", { what: term("status", d.status), why: d.reason ? ` (${phrase(d.reason)})` : "" });
      case "step.started": return say("tell.step.started", { n: String(d.number), step: term("step", d.step) });
      case "step.ended": return say("tell.step.ended", { n: String(d.number), step: term("step", d.step), time: duration(d.seconds) });
      case "effect.requested": return say("tell.effect.requested", { effect: term("effect", d.effect), name: d.name, what: brief(d.arguments) });
      case "effect.completed": return say("tell.effect.completed", { request: String(d.request), origin: term("origin", d.origin), time: duration(d.seconds), what: d.blob ? bytes(d.blob.bytes) : brief(d.value) });
      case "effect.failed": return say("tell.effect.failed", { request: String(d.request), why: `${d.failure.kind}: ${d.failure.reason}` });
      case "hypothesis.proposed": return say("tell.hypothesis.proposed", { who: term("role", d.hypothesis.proposed_by), id: d.hypothesis.id, what: d.hypothesis.statement });
      case "hypothesis.turned_away": return say("tell.hypothesis.turned_away", { id: d.hypothesis, why: phrase(d.reason) });
      case "hypothesis.ranked": return say("tell.hypothesis.ranked", { what: d.order.join(", ") });
      case "registration": return say("tell.registration", { id: d.registration.hypothesis, what: phrase(d.registration.prediction.words), n: String(d.registration.frame.planned) });
      case "experiment.designed": return say("tell.experiment.designed", { id: d.experiment.id, for: d.experiment.hypotheses.join(", "), what: d.experiment.cases.join(" / ") });
      case "measurement": {
        const m = d.measurement;
        return say("tell.measurement", { what: m.quantity, case: m.case, value: m.value === null ? `${m.failure.kind}: ${m.failure.reason}` : quantity(m.value, m.unit), purpose: term("purpose", m.purpose) });
      }
      case "evidence": return say(d.evidence.admissible === false ? "tell.evidence.not" : "tell.evidence", { id: d.evidence.hypothesis, why: tidy(d.evidence.why_not), draw: String(d.evidence.draw), for: log(d.evidence.log_e_for), against: log(d.evidence.log_e_against) });
      case "crossing": return say("tell.crossing", { id: d.crossing.hypothesis, what: term("standing", d.crossing.ruling), draw: String(d.crossing.draw) });
      case "verdict": return say("tell.verdict", { id: d.verdict.hypothesis, what: term("standing", d.verdict.ruling), why: phrase(d.verdict.reason) });
      case "claim": return `${d.claim.id}: ${event.story.replace(/^[^:]*: /, "")}`;
      case "audit": return say(d.audit.supported ? "tell.audit" : "tell.audit.not", { id: d.audit.claim });
      case "literature.found": return say("tell.literature.found", { source: d.source, query: d.query, n: d.works.length, why: d.failure ? ` (${term("failure_kind", d.failure.kind)}: ${d.failure.reason})` : "" });
      case "literature.screened": return say("tell.literature.screened", { n: d.kept.length, passed: Object.keys(d.passed_over ?? {}).length });
      case "literature.extracted": return say("tell.literature.extracted", { by: term("role", d.by), cite: d.cite, n: (d.excerpts ?? []).length, away: (d.turned_away ?? []).length });
      case "literature.synthesised": return say("tell.literature.synthesised", { n: d.points.length, flawed: d.points.filter((p) => (p.problems ?? []).length).length, missing: (d.missing ?? []).length });
      default: return "";
    }
  } catch {
    return "";
  }
}

function brief(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? null);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
