// Every draw of a hypothesis: its cases, what was tested and matched in them, what was measured.

const DRAWS = 60;

/** Return why a draw does not count; of one that was measured with the deciding one, just that. */
function whyNotCounted(h, curve, row) {
  const late = h.crossing && curve.why_not[row].startsWith("decided at draw") && curve.measurements[row].every((m) => m < h.crossing.at);
  return late ? say("late_draw", { draw: h.crossing.draw }) : tidy(curve.why_not[row]);
}

/** Return what the columns of the cases are, in one line. */
function columnsLine(known) {
  if (!known.length) return null;
  const one = (c) => [
    c.part === "tested" ? el("b", {}, quote(c.description || c.variable, 60)) : quote(c.variable, 60),
    c.part !== "tested" && c.description && c.description !== c.variable ? [" (", quote(c.description, 60), c.unit !== "1" ? `, ${unitWords(c.unit)}` : "", ")"] : c.unit && c.unit !== "1" ? ` (${unitWords(c.unit)})` : "",
    c.part === "matched" && c.within ? ` ±${number(c.within)}` : ""];
  const groups = ["tested", "matched", "condition"].map((part) => [part, known.filter((c) => c.part === part)]).filter(([, own]) => own.length);
  return el("p.small.dim", {}, say("columns_say"), groups.map(([part, own], k) => [
    k ? "; " : " ", `${say(`part.${part}`)}: `, own.map((c, i) => [i ? ", " : "", one(c)])]), ".");
}

/** Return what a case has in the variables that the hypothesis speaks of. */
function cellsOf(known, cells) {
  if (!known.length || !cells) return null;
  const has = (c) => cells[c.variable] !== undefined;
  const tested = known.filter((c) => c.part === "tested" && has(c));
  const rest = known.filter((c) => c.part !== "tested" && has(c));
  return [
    tested.length ? el("span.cells.tested", {}, tested.map((c, i) => [i ? ", " : "", quote(c.description || c.variable, 60), " ", el("b", {}, cellText(cells[c.variable])), c.unit && c.unit !== "1" ? ` ${unitWords(c.unit)}` : ""])) : null,
    rest.length ? el("span.cells.dim", {}, rest.map((c, i) => [i ? " · " : "", el("span.nowrap", {}, quote(c.variable, 40), " ", cellText(cells[c.variable]))])) : null,
  ];
}

/** Return a cell that says what it is where the head of the table is not shown. */
function named(words, content, kind) {
  return el("td", { class: kind, "data-name": words }, content);
}

/** Return every draw with its measurements and the evidence after it. */
function drawsTable(h) {
  const box = el("div", { id: `draws-${h.id}` }, el("p.quietly", {}, say("loading")));
  const curve = record.curves[h.id];
  if (!curve || !curve.seq.length) return swap(box, el("p.dim", {}, say("no_draws")));
  const pairs = h.frame.kind === "pairs";
  const threshold = h.criterion.threshold;
  record.sheet().then((sheet) => {
    const measured = new Set(curve.measurements.flat().map((m) => sheet.row.get(m)).filter((i) => i !== undefined).map((i) => sheet.texts[sheet.case[i]]));
    const known = (h.columns ?? []).filter((c) => [...measured].some((key) => sheet.cells[key]?.[c.variable] !== undefined));
    const reading = (m) => {
      const i = sheet.row.get(m);
      if (i === undefined) return [eventLink(m)];
      const key = sheet.texts[sheet.case[i]];
      const value = sheet.value[i];
      return [
        caseName(sheet, key), " ",
        eventLink(m, value === null ? el("span.tone-invalid", {}, quote(sheet.texts[sheet.failure[i]], 60)) : quantity(value, sheet.texts[sheet.unit[i]])),
        cellsOf(known, sheet.cells[key]),
      ];
    };
    const value = (m) => { const i = sheet.row.get(m); return i === undefined ? null : sheet.value[i]; };
    const heads = [{ text: say("draw"), num: true }, pairs ? say("first_of_pair") : say("design"), pairs ? say("second_of_pair") : null, pairs ? { text: say("difference"), num: true } : null, say("outcome"), { text: "ln E", num: true, asis: true }].filter(Boolean);
    const rows = curve.seq.map((seq, i) => () => {
      const m = curve.measurements[i];
      const [a, b] = m.map(value);
      const word = i in curve.why_not ? "not_counted" : curve.outcome[i] === null ? "failure" : !pairs ? "measured" : curve.outcome[i] > 0 ? "hit" : curve.outcome[i] < 0 ? "miss" : "tie";
      const crossed = h.crossing && word !== "not_counted" && curve.draw[i] === h.crossing.draw;
      return el("tr", { class: `o-${word}${crossed ? " crossed" : ""}` },
        named(say("draw"), [number(i + 1), word !== "not_counted" && curve.draw[i] !== i + 1 ? el("span.small.dim", {}, ` (${say("counted_as", { n: curve.draw[i] })})`) : null], "num d-draw"),
        cell(m.length ? reading(m[0]) : "", pairs ? null : "d-whole"), pairs ? cell(m.length > 1 ? reading(m[1]) : "") : null,
        pairs ? named(say("difference"), a !== null && b !== null && a !== undefined && b !== undefined ? number(a - b, MEASURED) : "", "num d-difference") : null,
        cell([el("span.outcome", { class: `o-${word}` }, say(`outcome.${word}`)),
          word === "not_counted" ? [" ", el("span.small.dim", {}, quote(whyNotCounted(h, curve, i)))] : null,
          crossed ? [" ", el("span.small.dim", {}, say("crossed_here"))] : null], "d-outcome"),
        cell(word === "not_counted" ? [eventLink(seq)] : [
          el("span.side.for", {}, `${say("for")} ${log(curve.for[i], threshold)}`), el("span.side.against", {}, `${say("against")} ${log(curve.against[i], threshold)}`), eventLink(seq)], "num evidence-cell"));
    });
    let shown = DRAWS;
    const draw = () => swap(box,
      el("p.small.dim", {}, pairs ? [say("pairs_say", { prediction: "" }), quote(phrase(h.prediction))] : quote(h.prediction)),
      columnsLine(known),
      table(heads, rows.slice(0, shown).map((make) => make()), { class: "draws", label: say("measurements_behind") }),
      shown < rows.length ? button(say("show_more", { n: rows.length - shown }), () => { shown += 400; draw(); }, { class: "quiet" }) : null);
    box.unroll = () => { if (shown < Math.min(rows.length, 2000)) { shown = 2000; draw(); } };
    draw();
  }).catch((error) => swap(box, el("p.lost", {}, String(error.message ?? error))));
  return box;
}
