// What happened, one line a step; unfold a step to see its events, filter to see some of them.

const KEY = new Set(["run.started", "run.ended", "run.resumed", "run.interrupted", "run.forked", "hypothesis.proposed", "hypothesis.turned_away", "hypothesis.ranked", "literature.found", "literature.screened", "literature.extracted", "literature.synthesised", "registration", "crossing", "verdict", "claim", "audit", "effect.failed", "effect.ambiguous", "lesson.used", "data.known", "case.suggested", "policy.decision"]);
const NO_FILTER = { kind: "", role: "", name: "", hypothesis: "" };

class Story {
  constructor(run, name = "story") {
    this.run = run;
    this.level = "key";
    this.unfolded = new Set();
    this.folded = new Set();
    this.filter = { ...NO_FILTER };
    this.hits = null;
    this.rows = new Int32Array(0);
    this.fetching = 0;
    this.name = name;
  }
  /** Return the story's list; made anew for another language. */
  build() {
    this.list = new VirtualList({ label: say("view.story"), height: rowHeight(), row: (i) => this.row(i), empty: say("nothing_found"),
      select: (i, open, extend) => this.pick(i, open, extend) });
    this.list.name = this.name;
    return this.list.node;
  }
  get filtered() {
    return this.hits !== null || Object.values(this.filter).some(Boolean);
  }
  compute() {
    const run = this.run;
    const n = run.events;
    const found = [];
    if (this.filtered || !run.steps.length) {
      const kind = this.filter.kind ? run.kinds.indexOf(this.filter.kind) : -1;
      const role = this.filter.role ? run.facets.roles.indexOf(this.filter.role) : -1;
      const name = this.filter.name ? run.facets.names.indexOf(this.filter.name) : -1;
      const hypothesis = this.filter.hypothesis ? run.facets.hypotheses.indexOf(this.filter.hypothesis) : -1;
      for (let i = 0; i < n; i++) {
        if (kind >= 0 && run.kind[i] !== kind) continue;
        if (role >= 0 && run.role[i] !== role) continue;
        if (name >= 0 && run.name[i] !== name) continue;
        if (hypothesis >= 0 && run.hypothesis[i] !== hypothesis && !(run.hypothesis[i] === SEVERAL && run.several.get(i)?.includes(hypothesis))) continue;
        if (this.hits && !this.hits.has(i)) continue;
        found.push(i);
      }
    } else {
      const keys = run.kinds.map((k) => KEY.has(k));
      const bounds = run.kinds.map((k) => k === "step.started" || k === "step.ended");
      let step = -1;
      let open = false;
      for (let i = 0; i < n; i++) {
        if (step + 1 < run.steps.length && run.steps[step + 1].seq === i) {
          step++;
          found.push(-step - 1);
          open = this.level === "all" ? !this.folded.has(step) : this.unfolded.has(step);
          continue;
        }
        if (open ? run.kinds[run.kind[i]] !== "step.ended" : this.level === "key" && keys[run.kind[i]] && !bounds[run.kind[i]] && !this.folded.has(step)) found.push(i);
      }
    }
    this.rows = Int32Array.from(found);
  }
  update(keep = false) {
    this.compute();
    this.list.chosen = this.find(place.event);
    this.list.set(this.rows.length, keep);
    if (!keep && this.list.chosen >= 0) this.list.reveal(this.list.chosen, true);
    this.count?.replaceChildren(plain(this.filtered ? say("of_events", { n: this.rows.length, all: number(this.run.events) }) : say("steps_events", { n: this.run.steps.length, events: number(this.run.events) })));
  }
  find(seq) {
    if (seq === null) return -1;
    const step = this.run.steps.findIndex((s) => s.seq === seq);
    if (step >= 0 && !this.filtered) return this.rows.indexOf(-step - 1);
    return this.rows.indexOf(seq);
  }
  /** Show an event in the list, unfolding its step where it is folded away. */
  reveal(seq) {
    let i = this.find(seq);
    if (i < 0 && !this.filtered && seq < this.run.events) {
      const step = this.run.stepAt(seq);
      if (step >= 0) {
        this.unfolded.add(step);
        this.folded.delete(step);
        this.compute();
        this.list.set(this.rows.length, true);
        i = this.find(seq);
        if (i < 0) i = this.rows.indexOf(-step - 1);
      }
    }
    if (i >= 0) this.list.choose(i);
  }
  seqOf(i) {
    const row = this.rows[i];
    return row < 0 ? this.run.steps[-row - 1].seq : row;
  }
  pick(i, open, extend) {
    const row = this.rows[i];
    if (extend && this.run === record && place.event !== null) { toRange(place.event, this.seqOf(i)); return; }
    if (row < 0 && open) this.toggle(-row - 1);
    if (this.run === record) go({ event: this.seqOf(i) }, true);
    else this.onpick?.(this.seqOf(i));
  }
  toggle(step) {
    const open = this.isOpen(step);
    if (open) { this.unfolded.delete(step); this.folded.add(step); } else { this.unfolded.add(step); this.folded.delete(step); }
    this.update(true);
  }
  isOpen(step) {
    return this.level === "all" ? !this.folded.has(step) : this.unfolded.has(step);
  }
  row(i) {
    const value = this.rows[i];
    return value < 0 ? this.stepRow(-value - 1) : this.eventRow(value, i);
  }
  stepRow(step) {
    const s = this.run.steps[step];
    const open = this.isOpen(step);
    return el("div.row-step", { class: place.event === s.seq ? "here" : "" },
      button(open ? "▾" : "▸", () => this.toggle(step), { class: "fold", "aria-expanded": String(open), "aria-label": `${say(open ? "fold" : "unfold")} ${s.number}`, tabindex: "-1" }),
      el("span.seq", {}, String(s.seq)),
      el("b.step-name", {}, quote(term("step", s.step), 40)),
      el("span.step-sum", {}, this.summary(step)),
      el("span.dur", {}, s.seconds === null ? say("no_end") : duration(s.seconds)));
  }
  /** Return what happened in a step, counted. */
  summary(step) {
    const run = this.run;
    const counts = new Map();
    const end = step + 1 < run.steps.length ? run.steps[step + 1].seq : run.events;
    for (let i = run.steps[step].seq + 1; i < end; i++) counts.set(run.kind[i], (counts.get(run.kind[i]) ?? 0) + 1);
    const said = [];
    for (const [code, n] of counts) {
      const kind = run.kinds[code];
      if (kind === "step.ended" || kind === "effect.completed") continue;
      said.push(`${number(n)} ${term(n === 1 ? "count_one" : "count", kind)}`);
    }
    const changed = Object.keys(run.steps[step].change ?? {});
    if (changed.length) said.push(`${say("changed")} ${changed.slice(0, 4).join(", ")}${changed.length > 4 ? "…" : ""}`);
    return said.join(" · ");
  }
  eventRow(seq, i) {
    const run = this.run;
    const event = run.near(seq);
    const hit = this.hits?.get(seq);
    if (!event) this.want(seq);
    const text = event ? sentence(event) : "…";
    const range = place.range && run === record && seq >= place.range[0] && seq <= place.range[1];
    return el("div.row-event", { class: [this.filtered ? "flat" : "", range ? "in-range" : "", KEY.has(run.kindOf(seq)) ? "key" : ""].join(" ").trim() },
      el("span.seq", {}, String(seq)),
      kindBadge(run.kindOf(seq)),
      el("span.what", {}, hit === undefined || !this.query ? quote(text) : this.hitWords(text, hit)),
      run.replay ? labelBadge(run.label(seq), true) : null,
      record.remarks.entries.length && run === record && record.remarksOn((t) => t.event === seq).length ? el("span.count", {}, "✎") : null,
      el("span.dur", {}, run.seconds?.[seq] > 0 ? duration(run.seconds[seq]) : ""));
  }
  /** Return a row's words with what was searched for in sight: never cut before it. */
  hitWords(text, hit) {
    const at = found(text, this.query);
    const where = found(hit, this.query)?.[0] ?? 0;
    const near = where > 30 ? `${hit.startsWith(say("in_payload")) ? `${say("in_payload")}: ` : ""}…${hit.slice(where - 22)}` : hit;
    if (!at) return [el("span.hit", {}, marked(near, this.query)), el("span.dim", {}, " — ", quote(text))];
    return marked(at[0] > 48 ? `…${text.slice(at[0] - 32)}` : text, this.query);
  }
  want(seq) {
    this.wanted ??= new Set();
    this.wanted.add(Math.floor(seq / this.run.skeleton.chunk));
    clearTimeout(this.fetching);
    // while one scrolls fast, nothing is fetched
    this.fetching = setTimeout(async () => {
      const chunks = [...this.wanted].slice(-6);
      this.wanted.clear();
      for (const n of chunks) {
        await this.run.chunk(n).catch(() => null);
        await pause();
      }
      this.list.refresh();
    }, 40);
  }
}

function marked(text, query) {
  const at = found(text, query);
  if (!at) return quote(text);
  return el("bdi", {}, text.slice(0, at[0]), el("mark", {}, text.slice(at[0], at[1])), text.slice(at[1]));
}

let story = null;

function drawStory(main) {
  const f = record.facets;
  const choose = (field, words, family) => el("label.filter", {}, el("span", {}, say(`filter.${field}`)),
    el("select", { "aria-label": say(`filter.${field}`), "data-filter": field, onchange: (e) => { story.filter[field] = e.target.value; story.update(); } },
      el("option", { value: "" }, say("all")),
      words.filter(Boolean).map((w) => el("option", { value: w, selected: story.filter[field] === w }, family ? term(family, w) : w.slice(0, 60)))));
  story.count = el("span.dim", { role: "status" });
  const level = (name) => button(say(`level.${name}`), () => { story.level = name; story.unfolded.clear(); story.folded.clear(); redraw(); }, { class: story.level === name && !story.filtered ? "on" : "", "aria-pressed": String(story.level === name) });
  swap(main, el("div.view.story-view", {},
    el("div.bar", {},
      el("div.segment", { role: "group", "aria-label": say("detail") }, ["steps", "key", "all"].map(level)),
      choose("kind", record.kinds, "kind"), choose("role", f.roles, "role"), choose("name", f.names), choose("hypothesis", f.hypotheses),
      story.filtered ? button(say("clear"), () => { story.filter = { ...NO_FILTER }; clearSearch(); redraw(); }, { class: "quiet" }) : null,
      el("span.grow"), story.count),
    story.build()));
  story.update();
  if (place.range) story.reveal(place.range[0]);
  else if (place.event !== null) story.reveal(place.event);
  if (place.range) main.querySelector(".bar").append(rangeTools());
}

function rangeTools() {
  const [a, b] = place.range;
  const box = el("div.range-note", {}, el("b", {}, `${say("events")} ${a}–${b}`), " ",
    button(icon("link"), () => copyLink({ range: place.range }), { class: "icon", "aria-label": say("copy_link") }),
    button(`+ ${say("add.note")}`, async () => {
      const [first, last] = await Promise.all([record.event(a), record.event(Math.min(b, record.events - 1))]);
      const form = remarkForm("note", { range: [a, b], digests: [first.digest, last.digest] }, () => form.remove());
      box.append(form);
    }, { class: "quiet" }),
    record.remarksOn((t) => t.range && t.range[0] === a && t.range[1] === b).map((e) => entryCard(e)),
    drafts.list.filter((d) => d.target?.range && d.target.range[0] === a && d.target.range[1] === b).map((d) => entryCard(d, true)));
  return box;
}
