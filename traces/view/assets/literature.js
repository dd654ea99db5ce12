// What others have written, as a run found it: never evidence, and shown apart from it.

/** Return what an event of the literature says, or null for one of another kind. */
function literatureParts(run, event, data) {
  const shown = {
    "literature.found": () => [worksFound(data), (data.works ?? []).length ? section(say("works"), worksTable(data.works)) : null],
    "literature.screened": () => [
      section(say("kept_works"), plainList(data.kept ?? [], (cite) => el("code.wrap", {}, quote(cite)))),
      passedOver(Object.entries(data.passed_over ?? {})),
    ],
    "literature.extracted": () => [
      section(say("excerpts"), facts([[say("citation"), el("code.wrap", {}, quote(data.cite))]]), excerptsTable(data.excerpts ?? [])),
      (data.turned_away ?? []).length ? section(say("turned_away_excerpts"), plainList(data.turned_away, (why) => quote(why))) : null,
    ],
    "literature.synthesised": () => [
      section(say("points"), pointsTable(data.points ?? [])),
      facts([[say("not_found"), (data.missing ?? []).map((name, i) => [i ? ", " : "", quote(name)])]]),
    ],
  }[event.kind];
  return shown ? [el("p.dim", {}, say("no_evidence")), shown()] : null;
}

/** Return what was put together for the first page; null where nothing was. */
function literatureSection() {
  const found = record.board.literature;
  return found ? el("section", {}, el("h2", {}, say("others_wrote"), " ", eventLink(found.at)), el("p.dim", {}, say("no_evidence")),
    pointsTable(found.points), facts([[say("not_found"), found.missing.map((name, i) => [i ? ", " : "", quote(name)])]])) : null;
}

function worksFound(data) {
  const came = (data.works ?? []).length;
  return facts([
    [say("source"), quote(data.source)], [say("query"), quote(data.query)],
    [say("works"), data.total > came ? say("works_of", { n: came, total: number(data.total) }) : number(came)],
    [say("licence"), data.licence ? quote(data.licence) : null],
    [say("failure"), data.failure ? el("span.tone-invalid", {}, `${term("failure_kind", data.failure.kind)}: ${data.failure.reason}`) : null],
  ]);
}

function worksTable(works) {
  return table([say("citation"), say("work_is"), say("event")], works.slice(0, 200).map((work) => el("tr", {},
    cell(el("code.wrap", {}, quote(work.cite))),
    cell(quote([work.title, work.authors, work.venue, work.year].filter(Boolean).join(". "), 300)),
    cell(eventLink(work.request)))));
}

function passedOver(passed) {
  if (!passed.length) return null;
  return section(say("passed_works"), table([say("citation"), say("why")],
    passed.slice(0, 200).map(([cite, why]) => el("tr", {}, cell(el("code.wrap", {}, quote(cite))), cell(quote(why))))));
}

function excerptsTable(excerpts) {
  if (!excerpts.length) return el("p.dim", {}, say("nothing_found"));
  return table([say("sought"), say("quote"), say("read_as")], excerpts.slice(0, 200).map((one) => el("tr", {},
    cell([quote(one.field), one.about ? [" · ", quote(one.about)] : null]),
    cell(["“", quote(one.quote, 600), "”"]),
    cell([quote(one.said), one.direction ? term("direction", one.direction) : null]))));
}

function pointsTable(points) {
  if (!points.length) return el("p.dim", {}, say("nothing_found"));
  return table([say("point"), say("citation"), say("problems")], points.slice(0, 200).map((point) => el("tr", {},
    cell(quote(point.text, 600)),
    cell((point.cites ?? []).map((cite, i) => [i ? ", " : "", el("code.wrap", {}, quote(cite))])),
    cell((point.problems ?? []).map((why, i) => [i ? "; " : "", el("span.tone-invalid", {}, quote(why))])))));
}

function plainList(items, shown) {
  return items.length ? el("ul", {}, items.slice(0, 200).map((each) => el("li", {}, shown(each)))) : el("p.dim", {}, say("nothing_found"));
}
