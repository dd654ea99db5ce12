// Two runs side by side, where they part in view.

const NOUNS = ["question", "hypotheses", "registrations", "experiments", "measurements", "verdicts", "claims", "cost", "versions"];
const beside = { run: null, key: null, comparison: null, stories: null };

function noBeside() {
  Object.assign(beside, { run: null, key: null, comparison: null, ready: false });
}

async function openBeside(key) {
  beside.ready = false;
  beside.key = key;
  beside.run = new Run(START.served ? new Served(key, START.token) : new Embedded("b"));
  await beside.run.open();
  await Promise.all([beside.run.findings(), beside.run.outline()]);
  beside.comparison = await record.source.comparison(key);
  beside.ready = true;
}

function drawCompare(main) {
  if (beside.key !== null && !beside.ready) {
    swap(main, el("p.quietly", {}, say("loading")));
    return;
  }
  if (!beside.run) {
    const others = (START.runs ?? []).filter((r) => r !== START.run);
    swap(main, el("div.view.page", {}, el("h1", {}, say("view.compare")),
      others.length ? [el("p", {}, say("choose_beside")), el("ul.runs", {}, others.map((r) => el("li", {}, button(decodeURIComponent(r), async () => {
        swap(main, el("p.quietly", {}, say("loading")));
        try { await openBeside(r); } catch (error) { toast(String(error.message ?? error)); noBeside(); }
        redraw();
      }, { class: "link" }))))] : el("p.none", {}, say("no_beside"), " ", el("code", {}, "gaseol view RUN --beside RUN2"))));
    return;
  }
  const c = beside.comparison;
  const [a, b] = [record, beside.run];
  const failed = !c || c.failed;
  const d = failed ? null : c.divergence;
  const side = (run, key) => {
    const own = new Story(run, `cmp-${key}`);
    own.level = "all";
    own.onpick = (seq) => showSide(key, run, seq);
    return own;
  };
  const left = side(a, "a");
  const right = side(b, "b");
  left.onpick = null;
  const detail = el("div.side-detail");
  const showSide = async (key, run, seq) => {
    swap(detail, el("p.quietly", {}, say("loading")));
    const event = await run.event(seq);
    swap(detail, el("header.row", {}, el("b", {}, key.toUpperCase()), " ", quote(run.board.head.run), ` · ${say("event")} ${seq} `, kindBadge(event.kind), el("span.grow"), button("✕", () => swap(detail), { class: "icon", "aria-label": say("close") })), eventBody(run, event));
  };
  // every event of both, unfolded, so that rows can stand beside each other
  const flat = (own) => { own.compute = () => { own.rows = Int32Array.from({ length: own.run.events }, (_, i) => i); }; own.pick = (i) => showSide(own === left ? "a" : "b", own.run, own.rows[i]); };
  flat(left); flat(right);
  const pair = el("div.pair", {},
    el("section", { "aria-label": "A" }, el("h3", {}, "A · ", quote(a.board.head.run)), left.build()),
    el("section", { "aria-label": "B" }, el("h3", {}, "B · ", quote(b.board.head.run)), right.build()));
  swap(main, el("div.view.page.wide.compare-view", {},
    el("h1", {}, say("view.compare")),
    el("div.notice", { class: failed ? "bad" : c.same ? "good" : "", role: "status" },
      failed ? el("p", {}, say("cannot_compare"), " ", quote(c?.failed ?? "")) : c.same ? el("p", {}, el("b", {}, say("same_runs")), " ", say("same_runs_long")) : d ? [
        el("p", {}, el("b", {}, say("first_divergence")), " ", quote(d.what ?? "")),
        facts([[say("where_it_is"), quote([d.noun, d.path].filter(Boolean).join(" · "))],
          ["A", [d.a !== null && d.a !== undefined ? [eventLink(d.a), " "] : null, el("code", {}, quote(brief(d.left), 300))]],
          ["B", [d.b !== null && d.b !== undefined ? [button(`#${d.b}`, () => showSide("b", b, d.b), { class: "link" }), " "] : null, el("code", {}, quote(brief(d.right), 300))]]]),
      ] : el("p", {}, say("no_divergence"))),
    pair, detail,
    el("h2", {}, say("what_differs")),
    failed ? null : NOUNS.map((noun) => {
      const list = c.differences?.[noun] ?? [];
      return el("details.differences", { open: list.length > 0 && list.length < 30 }, el("summary", {}, say(`noun.${noun}`), " ", el("span.count", {}, String(list.length))),
        list.length ? table([say("what"), "A", "B"], list.slice(0, 300).map((x) => el("tr", {}, el("th", { scope: "row" }, quote(x.what)),
          cell([shownValue(x.a), x.a_event !== null && x.a_event !== undefined ? [" ", eventLink(x.a_event)] : null]),
          cell([shownValue(x.b), x.b_event !== null && x.b_event !== undefined ? [" ", button(`#${x.b_event}`, () => showSide("b", b, x.b_event), { class: "link" })] : null])))) : el("p.dim", {}, say("no_difference")));
    })));
  left.update(); right.update();
  if (d) {
    if (d.a !== null && d.a !== undefined) { left.list.reveal(d.a, true); left.list.chosen = d.a; left.list.refresh(); }
    if (d.b !== null && d.b !== undefined) { right.list.reveal(d.b, true); right.list.chosen = d.b; right.list.refresh(); }
  }
  const shift = d && d.a != null && d.b != null ? (d.b - d.a) * left.list.height : 0;
  let leader = null;
  const follow = (one, two, by) => one.list.node.addEventListener("scroll", () => {
    if (leader && leader !== one) return;
    leader = one;
    two.list.node.scrollTop = one.list.node.scrollTop + by;
    clearTimeout(follow.timer);
    follow.timer = setTimeout(() => { leader = null; }, 120);
  });
  follow(left, right, shift);
  follow(right, left, -shift);
}

function shownValue(v) {
  return v === null || v === undefined ? el("span.dim", {}, "–") : typeof v === "number" ? number(v, 6) : quote(typeof v === "string" ? v : JSON.stringify(v), 300);
}
