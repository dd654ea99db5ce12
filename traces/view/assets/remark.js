// Notes, questions, judgements and signatures: written through the server, or drafted in the file.

const drafts = {
  list: [],
  key: "",
  load(head) {
    this.key = `gaseol-drafts-${head}`;
    try { this.list = JSON.parse(localStorage.getItem(this.key) ?? "[]"); } catch { this.list = []; }
    if (!Array.isArray(this.list)) this.list = [];
  },
  save() {
    try { localStorage.setItem(this.key, JSON.stringify(this.list)); } catch { /* kept until the page is closed */ }
  },
};

function reviewerName() {
  try { return localStorage.getItem("gaseol-name") ?? ""; } catch { return ""; }
}

function keepName(name) {
  try { localStorage.setItem("gaseol-name", name); } catch { /* asked again next time */ }
}

async function remark(entry) {
  if (record.source.writes) {
    record.remarks = await record.source.remark(entry);
  } else {
    const { by, ...draft } = entry; // the name goes once into the file
    drafts.list.push({ kind: "", target: null, severity: null, text: "", about: null, judgement: null, meaning: null, ...draft });
    drafts.save();
  }
  toast(say(record.source.writes ? "written" : "drafted"));
  redraw();
}

function downloadDrafts() {
  const { run, digest } = record.board.head;
  const said_ = { format: "gaseol.drafts/1", run, head: digest, by: reviewerName(), saved: new Date().toISOString(), drafts: drafts.list };
  const content = new Blob([JSON.stringify(said_, null, 2)], { type: "application/json" });
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = "drafts.json";
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Return what was written of something, and a form to write more. */
function remarkBlock(target, test, { judge = false } = {}) {
  const entries = record.remarksOn(test);
  const drafted = drafts.list.filter((d) => d.target && test(d.target));
  const count = entries.length + drafted.length;
  const form = el("div");
  const kinds = judge ? ["judgement", "note", "question"] : ["note", "question"];
  return el("section.remarks", { class: count ? null : "empty" },
    el("h3", {}, say("review"), count ? el("span.count", {}, String(count)) : null),
    entries.map((e) => entryCard(e)), drafted.map((d) => entryCard(d, true)),
    drafted.length ? el("p.notice.draft-note", {}, say("draft_leaves"), " ", el("a", { href: to({ view: "review" }) }, say("view.review")), ". ") : null,
    el("div.row.wrap", {}, kinds.map((kind) => button(`+ ${say(`add.${kind}`)}`, () => swap(form, remarkForm(kind, target, () => swap(form))), { class: "quiet" }))),
    form);
}

function remarkForm(kind, target, done, about = null) {
  const name = el("input", { type: "text", name: "by", required: true, autocomplete: "name", value: reviewerName(), maxlength: "100" });
  const text = el("textarea", { name: "text", rows: "3", required: kind === "note" || kind === "question" || kind === "reply", maxlength: "20000" });
  const choice = (field, words, family) => el("label", {}, say(field), el("select", { name: field }, words.map((w) => el("option", { value: w }, say(`${family}.${w}`)))));
  const problem = el("p.lost", { role: "alert", hidden: true });
  const form = el("form.remark-form", {
    onsubmit: async (event) => {
      event.preventDefault();
      const given = Object.fromEntries(new FormData(form));
      keepName(given.by ?? "");
      const entry = { by: given.by, kind, target, text: given.text ?? "", about };
      for (const field of ["severity", "judgement", "meaning"]) if (given[field]) entry[field] = given[field];
      if (given.anyway && record.source.writes) entry.anyway = true;
      try {
        await remark(entry);
        done();
      } catch (error) {
        problem.hidden = false;
        problem.textContent = plain(error.message ?? error);
      }
    },
  },
    el("p", {}, el("b", {}, say(`add.${kind}`)), " ", el("span.dim", {}, targetWords(target))),
    el("label", {}, say("your_name"), name),
    kind === "note" || kind === "question" ? choice("severity", ["info", "minor", "major", "blocking"], "severity") : null,
    kind === "judgement" ? choice("judgement", ["agree", "disagree", "unsure"], "judgement") : null,
    kind === "signoff" ? choice("meaning", ["reviewed", "approved", "rejected", "witnessed"], "meaning") : null,
    el("label", {}, say("text"), text),
    kind === "signoff" && record.source.writes && record.standing?.state === "done" && (!record.standing.holds || record.standing.integrity === "unsealed")
      ? el("label.check", {}, el("input", { type: "checkbox", name: "anyway" }), " ", say("sign_anyway")) : null,
    problem,
    el("div.row", {}, el("button.primary", { type: "submit" }, say(record.source.writes ? "write" : "draft")), button(say("cancel"), done, { class: "quiet" })));
  setTimeout(() => (name.isConnected && !name.value ? name : text).focus(), 0);
  return form;
}

function targetWords(target) {
  if (!target) return "";
  if (target.claim) return `${say("claim")} ${target.claim}`;
  if (target.hypothesis) return `${say("hypothesis")} ${target.hypothesis}`;
  if (target.range) return `${say("events")} ${target.range[0]}–${target.range[1]}`;
  if (target.record !== undefined) return say("whole_record");
  return `${say("event")} ${target.event}`;
}

function targetLink(target) {
  if (!target) return "";
  if (target.claim) return el("a", { href: to({ claim: target.claim }) }, targetWords(target));
  if (target.hypothesis) return el("a", { href: to({ hypothesis: target.hypothesis }) }, targetWords(target));
  if (target.range) return el("a", { href: to({ range: target.range }) }, targetWords(target));
  if (target.record !== undefined) return targetWords(target);
  return eventLink(target.event, targetWords(target));
}

function entryCard(e, draft = false, withTarget = false) {
  const entries = record.remarks.entries;
  const answers = e.digest ? entries.filter((x) => x.about === e.digest) : [];
  const pending = e.digest ? drafts.list.filter((x) => x.about === e.digest) : [];
  const closed = answers.find((x) => x.kind === "resolve");
  const withdrawn = answers.find((x) => x.kind === "withdraw");
  const form = el("div");
  const answer = (kind) => swap(form, remarkForm(kind, null, () => swap(form), e.digest));
  return el("article.entry", { class: [`e-${e.kind}`, closed ? "closed" : "", withdrawn ? "withdrawn" : "", e.digest && place.note && e.digest.startsWith(place.note) ? "target" : ""].join(" ").trim(), id: e.digest ? `note-${e.digest.slice(0, 12)}` : null },
    el("header.row.wrap", {},
      el("b", {}, quote(e.by ?? (reviewerName() || say("you")))),
      el("span.kind", { class: "k-other" }, term("entry", e.kind)),
      e.severity ? el("span.severity", { class: `s-${e.severity}` }, term("severity", e.severity)) : null,
      e.judgement ? el("span.severity", { class: `j-${e.judgement}` }, term("judgement", e.judgement)) : null,
      e.meaning ? el("span.severity", { class: `m-${e.meaning}` }, term("meaning", e.meaning)) : null,
      closed ? el("span.severity.s-closed", {}, `✓ ${say("resolved")}`) : null,
      withdrawn ? el("span.severity.s-closed", {}, say("withdrawn")) : null,
      draft ? el("span.severity.s-draft", {}, say("a_draft")) : null,
      withTarget && e.target ? targetLink(e.target) : null,
      el("span.grow"),
      e.digest ? el("a.dim.small", { href: to({ note: e.digest.slice(0, 12) }) }, (e.at ?? "").slice(0, 16).replace("T", " ")) : null),
    e.text ? longText(e.text, "div.entry-text") : null,
    e.envelope ? el("p.small.dim", {}, `✓ ${say("with_signature")}`) : null,
    answers.filter((x) => x.kind === "reply").map((x) => entryCard(x)),
    pending.map((x) => entryCard(x, true)),
    draft
      ? button(say("discard"), () => { drafts.list = drafts.list.filter((d) => d !== e); drafts.save(); redraw(); }, { class: "quiet" })
      : e.kind === "note" || e.kind === "question" ? el("div.row", {}, button(say("reply"), () => answer("reply"), { class: "quiet" }), closed || withdrawn ? null : button(say("resolve"), () => answer("resolve"), { class: "quiet" })) : null,
    form);
}
