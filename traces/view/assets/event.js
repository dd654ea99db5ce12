// One event, whole: what it says, why it happened, what came of it, and what people wrote of it.

const KIND_TONE = {
  run: "run", step: "step", effect: "effect", hypothesis: "idea", registration: "seal", experiment: "idea",
  measurement: "data", evidence: "data", crossing: "rule", verdict: "rule", claim: "rule", audit: "rule",
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
  document.body.classList.toggle("with-panel", seq !== null);
  if (seq === null) { panel.hidden = true; panelDrawn = ""; return; }
  panel.hidden = false;
  const mark = `${seq}/${language}/${record.remarks.entries.length}/${drafts.list.length}/${record.facets ? 1 : 0}`;
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
  announce(`${say("event")} ${seq}: ${term("kind", kind)}. ${sentence(event)}`);
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
  const link = own ? eventLink : (n) => el("span", {}, `#${n}`);
  return [
    el("p.story-line", {}, quote(sentence(event))),
    el("p.badges", {}, labelBadge(run.label(seq)), " ", el("span.dim", {}, `${event.at.replace("T", " ").replace("Z", " UTC")}`)),
    facts([
      [say("because_of"), event.cause !== null ? [link(event.cause), " ", term("kind", run.kindOf(event.cause)), own ? [" ", el("kbd", {}, "c")] : null] : el("span.dim", {}, say("no_cause"))],
      [say("led_to"), children.length ? children.map((c, i) => [i ? ", " : "", link(c), " ", el("span.dim", {}, term("kind", run.kindOf(c)))]) : null],
      [say("step"), row ? [link(row.seq, `${row.number} · ${term("step", row.step)}`)] : null],
      [say("hypotheses"), own && run.facets ? run.codesOf(seq).map((c, i) => [i ? ", " : "", hypothesisLink(run.facets.hypotheses[c])]) : null],
      [say("digest"), el("code.wrap", {}, event.digest)],
    ]),
    parts(run, event, data, row),
    own ? remarkBlock({ event: seq, digest: event.digest }, (t) => t.event === seq && !t.claim && !t.hypothesis) : null,
    el("details.raw", {}, el("summary", {}, `${say("as_stored")} (${bytes(event.bytes)})`), tree(data, 0, 1)),
  ];
}

function section(title, ...content) {
  return el("section.part", {}, el("h3", {}, title), content);
}

function parts(run, event, data, row) {
  switch (event.kind) {
    case "effect.requested":
      return [
        section(say("inputs"), el("p", {}, el("b", {}, quote(data.name)), ` · ${term("effect", data.effect)}${data.role ? ` · ${term("role", data.role)}` : ""}`),
          data.effect === "model" ? conversation(run, data.blob ? null : data.arguments, data.blob) : data.blob ? payload(run, data.blob) : tree(data.arguments, 0, 2)),
      ];
    case "effect.completed":
      return [
        section(say("outputs"),
          el("p.dim", {}, `${term("origin", data.origin)} · ${duration(data.seconds ?? 0)} · ${say("processor")} ${duration(data.cpu_seconds ?? 0)}${data.isolation ? ` · ${data.isolation}` : ""}`),
          data.blob ? payload(run, data.blob) : typeof data.value === "string" ? longText(data.value) : tree(data.value, 0, 2),
          Object.entries(data.media ?? {}).map(([name, blob]) => [el("h4", {}, quote(name)), lazyPicture(run, blob, name)])),
      ];
    case "effect.failed":
      return section(say("failure"), el("p", {}, el("b", {}, term("failure_kind", data.failure?.kind)), ": ", quote(data.failure?.reason)), data.failure?.detail ? longText(data.failure.detail, "pre.text") : null);
    case "measurement": {
      const m = data.measurement ?? {};
      return section(say("measurement"),
        facts([
          [say("case"), quote(m.case)], [say("quantity"), quote(m.quantity)],
          [say("value"), m.value === null ? el("span.tone-invalid", {}, `${m.failure?.kind}: ${m.failure?.reason}`) : el("b", {}, quantity(m.value, m.unit, 7), m.uncertainty !== null && m.uncertainty !== undefined ? ` ± ${number(m.uncertainty, 2)}` : "")],
          [say("tool"), quote(m.tool)], [say("purpose"), term("purpose", m.purpose)],
          [say("origin_of"), typeof m.request === "number" ? [say("answer_to"), " ", eventLink(m.request)] : null],
          [say("raw_value"), m.raw !== null && m.raw !== undefined ? `${number(m.raw, 8)} ${m.raw_unit ?? ""} × ${number(m.factor ?? 1)} + ${number(m.offset ?? 0)}` : null],
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
        [say("hypothesis"), quote(e.hypothesis)], [say("draw"), number(e.draw)],
        [say("evidence_for"), `ln E = ${log(e.log_e_for ?? 0)}`], [say("evidence_against"), `ln E = ${log(e.log_e_against ?? 0)}`],
        [say("measurements"), (e.measurements ?? []).map((m, i) => [i ? ", " : "", eventLink(m)])],
        [say("not_counted"), e.admissible === false ? quote(e.why_not) : null],
      ]));
    }
    case "experiment.designed": {
      const x = data.experiment ?? {};
      return section(say("experiment"), facts([
        [say("cases"), (x.cases ?? []).map((c, i) => [i ? " / " : "", quote(c)])],
        [say("expects"), `${number(x.expected_information, 3)} ${say("nats")} · ${duration(x.cost ?? 0)}`],
      ]), (x.alternatives ?? []).length ? [el("h4", {}, say("passed_over")), table([say("design"), { text: say("nats"), num: true }, { text: "s", num: true }],
        x.alternatives.slice(0, 50).map((a) => el("tr", {}, cell(quote(a.design)), cell(number(a.expected_information, 3), "num"), cell(number(a.cost, 3), "num"))))] : null);
    }
    case "step.started":
    case "step.ended":
      return row ? section(say("step_change"), changeTable(row)) : null;
    default:
      return null;
  }
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
