// Everything reviewers wrote, and the signature at the end.

function drawReview(main) {
  const { entries, problems, available } = record.remarks;
  const top = entries.filter((e) => !["reply", "resolve", "withdraw"].includes(e.kind));
  const closed = (e) => entries.some((x) => x.about === e.digest && (x.kind === "resolve" || x.kind === "withdraw"));
  const open = top.filter((e) => (e.kind === "question" || (e.kind === "note" && ["major", "blocking"].includes(e.severity))) && !closed(e));
  const signed = top.filter((e) => e.kind === "signoff");
  const form = el("div");
  const target = { record: record.board.head.digest };
  const drafting = !record.source.writes;
  const judged = record.board.claims.map((c) => {
    const own = [...entries, ...drafts.list].filter((e) => e.kind === "judgement" && e.target?.claim === c.id);
    return el("tr", {}, el("th", { scope: "row" }, el("a", { href: to({ claim: c.id }) }, quote(c.id)), " ", el("span.dim", {}, claimSentence(c))),
      cell(own.length ? own.map((e) => [el("span.severity", { class: `j-${e.judgement}` }, term("judgement", e.judgement)), " ", el("span.small", {}, quote(e.by ?? say("a_draft"))), " "]) : el("span.dim", {}, say("not_judged"))));
  });
  swap(main, el("div.view.page", {},
    el("h1", {}, say("view.review")),
    el("p.dim", {}, say(drafting ? "review_draft_say" : "review_say")),
    problems.length ? el("div.notice.bad", {}, el("p", {}, say("review_broken")), el("ul", {}, problems.map((p) => el("li", {}, quote(p))))) : null,
    !available && !drafting ? el("p.none", {}, say("not_available")) : null,
    drafting ? el("div.bar", {}, button(say("save_drafts", { n: drafts.list.length }), downloadDrafts, { class: "primary", disabled: drafts.list.length === 0, id: "save-drafts" }), el("code", {}, `gaseol review ${record.board.head.run} --import drafts.json`)) : null,
    el("div.bar", {}, button(`+ ${say("add.note")}`, () => swap(form, remarkForm("note", target, () => swap(form)))), button(`+ ${say("add.question")}`, () => swap(form, remarkForm("question", target, () => swap(form)))), button(say("add.signoff"), () => swap(form, remarkForm("signoff", target, () => swap(form))), { class: "primary", id: "sign" })),
    form,
    el("h2", { id: "integrity" }, say("integrity")), standingDetails(),
    el("h2", {}, say("signatures"), " ", el("span.count", {}, String(signed.length))), signed.length ? signed.map((e) => entryCard(e)) : el("p.dim", {}, say("no_signatures")),
    el("h2", {}, say("open_points"), " ", el("span.count", {}, String(open.length))), open.length ? open.map((e) => entryCard(e, false, true)) : el("p.dim", {}, say("no_open_points")),
    el("h2", {}, say("judgements")), judged.length ? table([say("claim"), say("judgement_col")], judged) : el("p.dim", {}, say("no_claims")),
    drafts.list.length ? [el("h2", {}, say("drafts"), " ", el("span.count", {}, String(drafts.list.length))), drafts.list.map((d) => entryCard(d, true, true))] : null,
    el("h2", {}, say("all_entries"), " ", el("span.count", {}, String(top.length))), top.map((e) => entryCard(e, false, true))));
  if (place.note) document.querySelector(".entry.target")?.scrollIntoView({ block: "center" });
}

/** Return what verifying found, and what a chain alone cannot show. */
function standingDetails() {
  const s = record.standing;
  if (!s || s.state !== "done") return el("p.dim", {}, say("checking"));
  return el("div", {},
    el("p", {}, standingBadge(), " ", sealBadge(), " ", say(`integrity.${s.integrity}.long`), START.served ? "" : ` ${say("checked_at_export")}`),
    s.problems.length ? el("ul", {}, s.problems.map((p) => el("li", {}, problemLine(p)))) : null,
    s.notes.length ? el("ul.dim", {}, s.notes.map((p) => el("li", {}, quote(phrase(p))))) : null,
    el("p.dim", {}, `${say("checked")}: `, Object.entries(s.checked ?? {}).map(([k, v], i) => [i ? ", " : "", `${number(v)} ${term("checked", k)}`])),
    el("div.notice", {}, el("p", {}, el("b", {}, say("chain_cannot"))), el("ul", {}, ["chain_1", "chain_2", "chain_3"].map((k) => el("li", {}, say(k))))),
    s.integrity === "unsealed" ? null : el("p", {}, el("b", {}, `${say("seal")}: `), s.signers?.length ? [`${say("signed_by")} `, s.signers.map((k, i) => [i ? ", " : "", quote(k.name ?? k.keyid.slice(0, 16)), k.valid ? " ✓" : " ✕"])] : say("seal_unsigned_long"), " ", el("span.dim", {}, say("seal_and_reviewers"))),
    record.replay?.stale ? el("p.dim", {}, say("stale_replay")) : record.replay ? el("p", {}, el("b", {}, `${say("replay")}: `), say(record.replay.holds ? "replay_holds" : "replay_fails", { mode: term("mode", record.replay.mode), at: record.replay.at.slice(0, 16).replace("T", " ") }), record.replay.divergence ? [" ", quote(record.replay.divergence)] : null) : el("p.dim", {}, say("not_replayed")));
}

function problemLine(text) {
  const found = /^event (\d+)/.exec(text);
  return found && Number(found[1]) < record.events ? [eventLink(Number(found[1])), " ", quote(text)] : quote(text);
}
