// One event, whole: what it says, why it happened, what came of it, and what people wrote of it.

const KIND_TONE = {
  run: "run", step: "step", effect: "effect", hypothesis: "idea", registration: "seal", experiment: "idea",
  measurement: "data", evidence: "data", crossing: "rule", verdict: "rule", claim: "rule", audit: "rule", literature: "idea",
};

function kindBadge(kind) {
  return el("span.kind", { class: `k-${KIND_TONE[kind.split(".")[0]] ?? "other"}`, title: kind }, term("kind", kind));
}

function labelBadge(label, short = false) {
  const marks = { recorded: "●", "recomputed-equal": "＝", "recomputed-different": "≠", live: "◆" };
  return el("span.label-badge", { class: `l-${label}`, title: say(`label.${label}.long`) },
    `${marks[label] ?? "●"}${short ? "" : ` ${term("label", label)}`}`);
}

let panelDrawn = "";

async function drawEvent() {
  const panel = document.getElementById("panel");
  const seq = place.event;
  stayInSight(() => {
    document.body.classList.toggle("with-panel", seq !== null);
    panel.hidden = seq === null;
  });
  if (seq === null) { panelDrawn = ""; return; }
  const mark = `${story?.query ?? ""}/${seq}/${language}/${record.remarks.entries.length}/${drafts.list.length}/${record.facets ? 1 : 0}`;
  if (panelDrawn === mark) return;
  panelDrawn = mark;
  if (seq >= record.events) {
    swap(panel, panelHead(seq), el("p.lost", {}, say("no_event", { seq, n: record.events })));
    return;
  }
  const kind = record.kindOf(seq);
  const body = el("div.panel-body", {}, el("p.quietly", {}, say("loading")));
  swap(panel, panelHead(seq, kind), body);
  let event;
  try {
    event = await record.event(seq);
  } catch (error) {
    swap(body, el("p.lost", {}, String(error.message ?? error)));
    return;
  }
  if (place.event !== seq) return;
  swap(body, eventBody(record, event));
  nameCases(body);
  body.querySelector("mark")?.scrollIntoView({ block: "center" });
  announce(`${say("event")} ${seq}: ${term("kind", kind)}. ${sentence(event)}`);
}

/** Change the layout without moving what was clicked or is read: the page is scrolled to follow. */
function stayInSight(change) {
  const main = document.getElementById("main");
  const box = main.getBoundingClientRect();
  const chosen = main.contains(document.activeElement) && document.activeElement !== main ? document.activeElement : null;
  const middle = chosen ?? document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 3);
  const kept = middle && main.contains(middle) && middle !== main ? middle : null;
  const before = kept?.getBoundingClientRect().top;
  change();
  if (kept?.isConnected && before > box.top - 40 && before < box.bottom) main.scrollTop += kept.getBoundingClientRect().top - before;
}

function panelHead(seq, kind) {
  return el("header.panel-head", {},
    el("div.row", {},
      el("h2", {}, `${say("event")} ${seq}`), kind ? kindBadge(kind) : null,
      el("span.grow"),
      button("◂", () => stepEvent(-1), { "aria-label": say("previous"), title: `${say("previous")} (p)`, class: "icon" }),
      button("▸", () => stepEvent(1), { "aria-label": say("next"), title: `${say("next")} (n)`, class: "icon" }),
      button(icon("link"), () => copyLink({ event: seq }), { "aria-label": say("copy_link"), title: say("copy_link"), class: "icon" }),
      button("✕", () => go({ event: null }), { "aria-label": say("close"), title: `${say("close")} (Esc)`, class: "icon" }),
    ));
}

function eventBody(run, event) {
  const seq = event.seq;
  const data = event.data ?? {};
  const step = run.stepAt(seq);
  const children = run.children(seq, 30);
  const row = run.steps[step];
  const own = run === record;
  const needle = own && story?.hits?.has(seq) ? story.query : "";
  const link = own ? eventLink : (n) => el("span", {}, `#${n}`);
  return [
    el("p.story-line", {}, marked(sentence(event), needle)),
    el("p.badges", {}, labelBadge(run.label(seq)), " ", el("span.dim", {}, `${event.at.replace("T", " ").replace("Z", " UTC")}`)),
    facts([
      [say("because_of"), event.cause !== null ? [link(event.cause), " ", term("kind", run.kindOf(event.cause)), own ? [" ", el("kbd", {}, "c")] : null] : null],
      [say("rests_on"), event.cause === null && own ? restsOn(event).map(([seqs, words], i) => [i ? [" ", "· "] : "", words, " ", severalEvents(seqs, 12)]) : null],
      [say("led_to"), children.length ? children.map((c, i) => [i ? ", " : "", link(c), " ", el("span.dim", {}, term("kind", run.kindOf(c)))]) : null],
      [say("step"), row ? [link(row.seq, `${row.number} · ${term("step", row.step)}`)] : null],
      [say("hypotheses"), own && run.facets ? run.codesOf(seq).map((c, i) => [i ? ", " : "", hypothesisLink(run.facets.hypotheses[c])]) : null],
      [say("digest"), el("code.wrap", {}, event.digest)],
    ]),
    parts(run, event, data, row, needle),
    own ? remarkBlock({ event: seq, digest: event.digest }, (t) => t.event === seq && !t.claim && !t.hypothesis) : null,
    el("details.raw", { open: Boolean(needle) && within(data, needle) && !found(sentence(event), needle) }, el("summary", {}, `${say("as_stored")} (${bytes(event.bytes)})`), tree(data, 0, 1, needle)),
  ];
}

function section(title, ...content) {
  return el("section.part", {}, el("h3", {}, title), content);
}

/** Return what an event without a recorded cause rests on: positions, each group with its name. */
function restsOn(event) {
  const data = event.data ?? {};
  const one = (seq, words) => (seq === null || seq === undefined || seq < 0 ? null : [[seq], words]);
  const h = (id) => record.hypotheses.get(id);
  const last = (id) => {
    const curve = record.curves[id];
    if (!curve) return null;
    const row = counted(curve).at(-1);
    return row === undefined ? null : curve.seq[row];
  };
  const turned = record.board.turned_away.find((t) => t.at === event.seq);
  const groups = {
    evidence: () => { const e = data.evidence ?? {}; return [[e.measurements ?? [], say("measurements")], one(h(e.hypothesis)?.registered_at, say("registration"))]; },
    crossing: () => {
      const c = data.crossing ?? {}, curve = record.curves[c.hypothesis];
      const row = curve ? curve.draw.findIndex((d, i) => d === c.draw && !(i in curve.why_not)) : -1;
      return [row >= 0 ? [[curve.seq[row]], `${say("evidence")}, ${say("draw")} ${c.draw}`] : null, one(h(c.hypothesis)?.registered_at, say("registration"))];
    },
    verdict: () => {
      const known = h(data.verdict?.hypothesis);
      return known ? [one(known.crossing?.at, say("kind.crossing")), one(last(known.id), say("last_evidence")), one(known.registered_at, say("registration"))] : [];
    },
    registration: () => [one(h(data.registration?.hypothesis)?.proposed_at, say("hypothesis"))],
    "hypothesis.turned_away": () => [one(turned?.proposed_at, say("hypothesis"))],
    "hypothesis.ranked": () => [[(data.order ?? []).map((id) => h(id)?.proposed_at).filter((s) => s !== undefined && s !== null), say("hypotheses")]],
    "experiment.designed": () => [[(data.experiment?.hypotheses ?? []).map((id) => h(id)?.registered_at).filter((s) => s !== undefined), say("registration")]],
    claim: () => {
      const c = record.claims.get(data.claim?.id);
      if (!c) return [];
      return [[c.hypotheses.map((id) => h(id)?.verdict_at).filter((s) => s !== undefined && s !== null), say("verdicts")], c.hypotheses.length ? null : [[...new Set(Object.values(c.figures).flatMap((f) => [...f.measurements, ...f.against]))], say("measurements")]];
    },
    audit: () => [one(record.claims.get(data.audit?.claim)?.at, say("claim"))],
  }[event.kind];
  const stepped = record.steps[record.stepAt(event.seq)];
  const said_ = (groups?.() ?? []).filter((g) => g && g[0].length);
  if (said_.length) return said_;
  return stepped && stepped.seq !== event.seq ? [[[stepped.seq], `${say("step")} ${stepped.number}, ${term("step", stepped.step)}`]] : [];
}

function parts(run, event, data, row, needle = "") {
  switch (event.kind) {
    case "effect.requested":
      return [
        section(say("inputs"), el("p", {}, el("b", {}, quote(data.name)), ` · ${term("effect", data.effect)}${data.role ? ` · ${term("role", data.role)}` : ""}`),
          data.effect === "model" ? conversation(run, data.blob ? null : data.arguments, data.blob) : data.blob ? payload(run, data.blob, null, needle) : tree(data.arguments, 0, 2, needle)),
      ];
    case "effect.completed":
      return [
        section(say("outputs"),
          el("p.dim", {}, `${term("origin", data.origin)} · ${duration(data.seconds ?? 0)} · ${say("processor")} ${duration(data.cpu_seconds ?? 0)}${data.isolation ? ` · ${data.isolation}` : ""}`),
          data.blob ? payload(run, data.blob, null, needle) : typeof data.value === "string" ? longText(data.value, "div.text", needle) : tree(data.value, 0, 2, needle),
          Object.entries(data.media ?? {}).map(([name, blob]) => [el("h4", {}, quote(name)), lazyPicture(run, blob, name)])),
      ];
    case "effect.failed":
      return section(say("failure"), el("p", {}, el("b", {}, term("failure_kind", data.failure?.kind)), ": ", quote(data.failure?.reason)), data.failure?.detail ? longText(data.failure.detail, "pre.text") : null);
    case "measurement": {
      const m = data.measurement ?? {};
      return section(say("measurement"),
        facts([
          [say("case"), el("span", { "data-case": m.case }, quote(m.case))], [say("quantity"), quote(m.quantity)],
          [say("value"), m.value === null ? el("span.tone-invalid", {}, `${m.failure?.kind}: ${m.failure?.reason}`) : el("b", {}, quantity(m.value, m.unit), m.uncertainty !== null && m.uncertainty !== undefined ? ` ± ${number(m.uncertainty, 2)}` : "")],
          [say("tool"), toolWords(m.tool)], [say("purpose"), term("purpose", m.purpose)],
          [say("origin_of"), typeof m.request === "number" ? [say("answer_to"), " ", eventLink(m.request)] : null],
          [say("raw_value"), rawValue(m)],
        ]),
        m.drawing ? lazyPicture(run, m.drawing, m.case) : null, usedBy(run, event.seq));
    }
    case "registration": {
      const h = run.hypotheses?.get(data.registration?.hypothesis);
      return h ? section(say("registered"), wouldHave(h), registrationFacts(h), el("p", {}, hypothesisLink(h.id, say("open_hypothesis")))) : null;
    }
    case "claim": {
      const c = run.claims?.get(data.claim?.id);
      return c ? el("p", {}, el("a", { href: to({ claim: c.id }) }, say("open_claim"))) : null;
    }
    case "evidence": {
      const e = data.evidence ?? {};
      return section(say("evidence"), facts([
        [say("hypothesis"), quote(e.hypothesis)], [say("draw"), e.admissible === false ? `${drawPlace(run, event.seq, e) ?? ""} (${say("not_counted")})` : number(e.draw)],
        [say("evidence_for"), `ln E = ${log(e.log_e_for ?? 0)}`], [say("evidence_against"), `ln E = ${log(e.log_e_against ?? 0)}`],
        [say("measurements"), (e.measurements ?? []).map((m, i) => [i ? ", " : "", eventLink(m)])],
        [say("not_counted"), e.admissible === false ? quote(notCounted(run, event.seq, e)) : null],
      ]));
    }
    case "experiment.designed": {
      const x = data.experiment ?? {};
      return section(say("experiment"), facts([
        [say("cases"), (x.cases ?? []).map((c, i) => [i ? " / " : "", el("span", { "data-case": c }, quote(c))])],
        [say("expects"), `${number(x.expected_information, 3)} ${say("nats")} · ${duration(x.cost ?? 0)}`],
      ]), (x.alternatives ?? []).length ? [el("h4", {}, say("passed_over")), table([say("design"), { text: say("nats"), num: true }, { text: "s", num: true }],
        x.alternatives.slice(0, 50).map((a) => el("tr", {}, cell(quote(a.design)), cell(number(a.expected_information, 3), "num"), cell(number(a.cost, 3), "num"))))] : null);
    }
    case "step.started":
    case "step.ended":
      return [run === record ? campaignParts(data) : null, row ? section(say("step_change"), changeTable(row)) : null];
    case "hypothesis.ranked":
      return rankingParts(run, data);
    default:
      return literatureParts(run, event, data);
  }
}

function notCounted(run, seq, evidence) {
  const h = run.hypotheses?.get(evidence.hypothesis), curve = run.curves?.[evidence.hypothesis];
  const row = curve?.seq.indexOf(seq) ?? -1;
  return h && row >= 0 && row in curve.why_not ? whyNotCounted(h, curve, row) : tidy(evidence.why_not);
}

/** Return the place of a draw among those made for its hypothesis. */
function drawPlace(run, seq, evidence) {
  const row = run.curves?.[evidence.hypothesis]?.seq.indexOf(seq) ?? -1;
  return row < 0 ? null : number(row + 1);
}

/** Return what the tool answered, where it was converted: the value is this by a factor and an offset. */
function rawValue(m) {
  if (m.raw === null || m.raw === undefined) return null;
  const factor = m.factor ?? 1, offset = m.offset ?? 0;
  if (factor === 1 && offset === 0) return say("raw_same");
  const times = factor === 1 ? "" : ` × ${number(factor, MEASURED)}`;
  const plus = offset === 0 ? "" : offset < 0 ? ` − ${number(-offset, MEASURED)}` : ` + ${number(offset, MEASURED)}`;
  return `${quantity(m.raw, m.raw_unit ?? "", 8)}${times}${plus}`;
}

/** Say by name what a panel shows by the key of its case. */
function nameCases(root) {
  const places = root.querySelectorAll("[data-case]");
  if (places.length) record.sheet().then((sheet) => { for (const p of places) swap(p, caseName(sheet, p.dataset.case, 100, true)); }).catch(() => {});
}

function usedBy(run, seq) {
  if (!run.curves) return null;
  const found = [];
  for (const [h, curve] of Object.entries(run.curves)) {
    curve.measurements.forEach((list, i) => { if (list.includes(seq) && found.length < 40) found.push([h, curve.seq[i], curve.draw[i]]); });
  }
  if (!found.length) return null;
  return el("p", {}, say("weighed_for"), ": ", found.map(([h, at, draw], i) => [i ? ", " : "", hypothesisLink(h), ` (${say("draw")} ${draw}, `, eventLink(at), ")"]));
}

function changeTable(row) {
  const changes = Object.entries(row.change ?? {});
  if (!changes.length) return el("p.dim", {}, say("no_change"));
  return table([say("field"), say("before"), say("after")], changes.map(([key, [before, after]]) => {
    const [was, now] = differing(before, after);
    return el("tr", {}, el("th", { scope: "row" }, quote(key)), cell(was, "was"), cell(now, "now"));
  }), { class: "change" });
}

/** Return a value before and after; of lists only what was added or taken away. */
function differing(before, after) {
  if (Array.isArray(before) && Array.isArray(after)) {
    const text = (v) => JSON.stringify(v);
    const old = new Set(before.map(text));
    const fresh = new Set(after.map(text));
    const gone = before.filter((v) => !fresh.has(text(v)));
    const come = after.filter((v) => !old.has(text(v)));
    return [
      [gone.length ? el("del", {}, quote(gone.map(text).join(", "), 400)) : "", el("span.dim", {}, ` ${say("items", { n: before.length })}`)],
      [come.length ? el("ins", {}, quote(`+ ${come.map(text).join(", ")}`, 400)) : "", el("span.dim", {}, ` ${say("items", { n: after.length })}`)],
    ];
  }
  const shown = (v) => (v === null || v === undefined ? el("span.dim", {}, "–") : quote(typeof v === "string" ? v : JSON.stringify(v), 400));
  return [shown(before), shown(after)];
}

function lazyPicture(run, reference, words) {
  const frame = el("div.frame", {}, el("span.dim", {}, say("loading")));
  seen(frame, async () => {
    try {
      swap(frame, picture(await run.blob(reference.sha256), `${say("drawing_of")} ${words}`));
    } catch (error) {
      swap(frame, el("p.lost", {}, String(error.message ?? error)));
    }
  });
  return frame;
}

const watcher = globalThis.IntersectionObserver ? new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) {
    watcher.unobserve(entry.target);
    entry.target.dispatchEvent(new Event("seen"));
  }
}, { rootMargin: "200px" }) : null;

/** Do something once an element comes into sight. */
function seen(node, act) {
  if (!watcher) { act(); return; }
  node.addEventListener("seen", act, { once: true });
  watcher.observe(node);
}
