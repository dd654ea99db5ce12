// What models were asked and what they answered.

function drawModels(main) {
  const calls = record.facets.models;
  const box = el("div.calls");
  swap(main, el("div.view.page.wide", {}, el("h1", {}, say("view.models")),
    el("p.dim", {}, calls.length ? say("models_say", { n: calls.length }) : ""),
    calls.length ? box : el("p.none", {}, say("no_models"))));
  let shown = 0;
  const more = () => {
    for (const end = Math.min(calls.length, shown + 50); shown < end; shown++) {
      const [request, answer] = calls[shown];
      const body = el("div.call-body");
      const fold = el("details.call", { open: shown < 1 || request === place.event },
        el("summary", {}, el("b", {}, quote(record.facets.names[record.name[request]])), record.role[request] ? ` · ${term("role", record.facets.roles[record.role[request]])}` : "", " · ", eventLink(request), answer >= 0 ? [" → ", eventLink(answer), el("span.dim", {}, ` ${duration(record.seconds[answer])}`)] : el("span.tone-invalid", {}, ` ${say("no_answer")}`)),
        body);
      const fillIn = async () => {
        if (body.childElementCount) return;
        try {
          const asked = await record.event(request);
          const said_ = answer >= 0 ? await record.event(answer) : null;
          swap(body,
            el("section.prompt", {}, el("h3", {}, say("prompt")), conversation(record, asked.data.blob ? null : asked.data.arguments, asked.data.blob)),
            said_ ? el("section.answer-text", {}, el("h3", {}, say("answer")), said_.kind === "effect.failed" ? el("p.tone-invalid", {}, quote(`${said_.data.failure.kind}: ${said_.data.failure.reason}`)) : conversation(record, said_.data.blob ? null : said_.data.value, said_.data.blob)) : null);
        } catch (error) { swap(body, el("p.lost", {}, String(error.message ?? error))); }
      };
      fold.addEventListener("toggle", () => { if (fold.open) fillIn(); });
      if (fold.open) fillIn();
      box.append(fold);
    }
    if (shown < calls.length) { const next = button(say("show_more", { n: calls.length - shown }), () => { next.remove(); more(); }, { class: "quiet" }); box.append(next); }
  };
  more();
}

/** Return a prompt or an answer: as messages where it has some, else as what it is. */
function conversation(run, value, blob) {
  const box = el("div.conversation");
  const draw = (v) => swap(box, messages(v) ?? (typeof v === "string" ? longText(v) : tree(v, 0, 3)));
  if (!blob) { draw(value); return box; }
  swap(box, button(`${say("show")} ${bytes(blob.bytes ?? 0)}`, async () => {
    try {
      const found = await run.blob(blob.sha256);
      if (found.lost) swap(box, el("p.lost", {}, `${term("lost", found.lost)} ${found.reason ?? ""}`));
      else { let v = found.text ?? ""; try { v = JSON.parse(v); } catch { /* it is plain text */ } draw(v); }
    } catch (error) { swap(box, el("p.lost", {}, String(error.message ?? error))); }
  }, { class: "quiet" }));
  return box;
}

/** Return a text that is JSON as what it says. */
function structured(text) {
  if (!/^\s*[[{]/.test(text) || text.length > 200_000) return null;
  try { return tree(JSON.parse(text), 0, 4); } catch { return null; }
}

function messages(value) {
  if (!value || typeof value !== "object") return null;
  const list = Array.isArray(value) ? value : Array.isArray(value.messages) ? value.messages : null;
  const message = (role, content) => el("div.message", {}, el("b.role", {}, term("role", String(role))), typeof content === "string" ? structured(content) ?? longText(content) : tree(content, 0, 3));
  if (list && list.length && list.every((m) => m && typeof m === "object" && "content" in m)) {
    const rest = Array.isArray(value) ? null : Object.fromEntries(Object.entries(value).filter(([k]) => k !== "messages"));
    return [list.map((m) => message(m.role ?? "", m.content)), rest && Object.keys(rest).length ? tree(rest, 1, 1) : null];
  }
  const text = ["text", "content", "completion", "prompt", "answer"].find((k) => typeof value[k] === "string");
  if (text) {
    const rest = Object.fromEntries(Object.entries(value).filter(([k]) => k !== text));
    return [message(text, value[text]), Object.keys(rest).length ? tree(rest, 0, 1) : null];
  }
  return null;
}
