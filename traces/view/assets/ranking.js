// How hypotheses competed for a test, and what a campaign holds to be best: both are no findings.

const PAIRINGS_SHOWN = 100;

/** Return a ranking by pairings, strongest first; null for one without strengths. */
function rankingParts(run, data) {
  const strengths = data.strengths ?? [], pairings = data.pairings ?? [];
  if (!strengths.length) return null;
  return [
    section(say("ranking"), el("p.dim", {}, say("ranking_is")), strengthsTable(run, strengths)),
    pairings.length ? section(`${say("pairings")} (${number(pairings.length)})`,
      table([say("first_of"), say("second_of"), say("preferred"), say("because_"), say("judged_in")],
        pairings.slice(0, PAIRINGS_SHOWN).map((p) => el("tr", {}, cell(hypothesisLink(p.first)), cell(hypothesisLink(p.second)),
          cell(term("pairing", p.outcome)), cell(quote(p.because, 200)),
          cell((p.judgements ?? []).map((at, i) => [i ? ", " : "", eventLink(at)])))))) : null,
  ];
}

function strengthsTable(run, strengths) {
  const known = (id) => run.hypotheses?.get(id) ?? [...(run.board?.turned_away ?? []), ...(run.board?.waiting ?? [])].find((h) => h.id === id);
  const named = (id) => [hypothesisLink(id), " ", el("span.dim", {}, quote(known(id)?.statement, 160))];
  return table([{ text: say("place_in"), num: true }, say("hypothesis"), { text: say("strength_95"), num: true }, { text: say("pairings_counted"), num: true }],
    strengths.slice(0, 200).map((s, i) => el("tr", {}, cell(number(i + 1), "num"), cell(named(s.hypothesis)),
      cell(`${log(s.value)} (${log(s.low)} … ${log(s.high)})`, "num"), cell(number(s.pairings), "num"))));
}

/** Return the ranking of a run for its first page; null where hypotheses did not compete. */
function rankingSection() {
  const ranking = record.board.ranking;
  return ranking ? el("section", {}, el("h2", {}, say("ranking"), " ", eventLink(ranking.at)), el("p.dim", {}, say("ranking_is")),
    strengthsTable(record, ranking.strengths)) : null;
}

/** Return the front of a campaign for the first page, by its last step that learnt; null without one. */
function frontSection() {
  const row = (record.steps ?? []).findLast((s) => s.change?.front);
  if (!row) return null;
  const front = row.change.front[1], estimates = row.change.estimates?.[1] ?? {};
  const box = el("div");
  if (Array.isArray(front)) record.sheet().then((sheet) => swap(box, frontTable(sheet, front, estimates))).catch(() => {});
  return el("section", {}, el("h2", {}, say("campaign_front"), " ", eventLink(row.end >= 0 ? row.end : row.seq)), box);
}

/** Return what a campaign's step learnt: the front so far and what to try next; null for another step. */
function campaignParts(data) {
  const change = data.change ?? {};
  const front = Array.isArray(change.front) ? change.front : [], points = Array.isArray(change.points) ? change.points : [];
  if (!front.length && !points.length) return null;
  const box = el("div", {}, el("p.quietly", {}, say("loading")));
  record.sheet().then((sheet) => swap(box, frontTable(sheet, front, change.estimates ?? {}))).catch((error) => swap(box, el("p.lost", {}, String(error.message ?? error))));
  return [
    front.length ? section(say("campaign_front"), box) : null,
    points.length ? section(say("try_next"), facts([[say("expected_gain"), typeof change.gain === "number" ? number(change.gain, 3) : null]]),
      plainList(points.map((p) => (typeof p === "string" ? p : JSON.stringify(p))), (p) => quote(p, 200))) : null,
  ];
}

/** Return the cases of a front with all that was measured of them. */
function frontTable(sheet, front, estimates) {
  const rows = new Map(front.map((key) => [key, []]));
  sheet.case.forEach((code, i) => { rows.get(sheet.texts[code])?.push(i); });
  const estimated = front.some((key) => Array.isArray(estimates[key]));
  return table([say("case"), say("measured"), ...(estimated ? [say("estimate_95")] : [])], front.slice(0, 200).map((key) => el("tr", {},
    cell(caseName(sheet, key, 100, true)),
    cell(rows.get(key).slice(0, 40).map((i, n) => [n ? "; " : "", quote(sheet.texts[sheet.quantity[i]]), " ",
      eventLink(sheet.seq[i], sheet.value[i] === null ? sheet.texts[sheet.failure[i]] : quantity(sheet.value[i], sheet.texts[sheet.unit[i]]))])),
    estimated ? cell(Array.isArray(estimates[key]) ? `${number(estimates[key][0])} (${number(estimates[key][1])} … ${number(estimates[key][2])})` : "") : null)));
}
