// Sentences that gaseol itself writes into a record, told in the reader's language.

const PHRASES = [
  [/^ln E (?<side>for|against) = (?<value>\S+) reached ln\(m\/alpha\) = (?<threshold>\S+)$/, "phrase.reached"],
  [/^ln E for = (?<value>\S+) reached ln\(m\/alpha\) = (?<threshold>\S+), but ln E against is (?<against>\S+): rivals predict better than the law explains$/, "phrase.against"],
  [/^ln E for = (?<value>\S+) reached ln\(m\/alpha\) = (?<threshold>\S+), but something is left: a smooth function of the variables predicts it, ln B = (?<left>\S+)$/, "phrase.left"],
  [/^ln E (?<side>for|against) = (?<value>\S+) passes e-BH below ln\(m\/alpha\) = (?<threshold>\S+)$/, "phrase.passes"],
  [/^after (?<draws>\d+) of (?<planned>\d+) draws neither ln E has reached (?<threshold>\S+)$/, "phrase.neither"],
  [/^every registered hypothesis is decided or can no longer be$/, "phrase.nothing_open"],
  [/^the budget of (?<what>.+) is spent$/, "phrase.budget"],
  [/^all (?<n>\d+) registered slots are taken$/, "phrase.slots"],
  [/^in a random pair(?:, (?<matching>.+))?, the first has the (?<way>higher|lower) (?<outcome>.+)$/, "phrase.pair"],
  [/^matched in (?<what>.+)$/, "phrase.matched"],
  [/^identical but for the change (?<what>.+)$/, "phrase.changed"],
  [/^all (?<n>\d+) figures equal the record(?:; the (?<measured>\d+) measurements behind it are the recorded answers)?$/, "phrase.score"],
  [/^it cites nothing$/, "phrase.cites_nothing"],
  [/^it is about no hypothesis$/, "phrase.no_hypothesis"],
  [/^it rests on no measurement$/, "phrase.no_measurement"],
  [/^registered first; its (?<draws>\d+) draws are in the registered order and within the plan(?:; (?<late>\d+) more draws? of (?<h>\S+), asked for before it was closed, counts? for nothing \((?:designed at )?events? (?<events>[\d, .]+)\))?$/, "phrase.registered"],
  [/^all (?<n>\d+) measurements asked (?<tools>.+) as the scenario says, in the versions of the start; answers: (?<n2>\d+) live$/, "phrase.method"],
  [/^the seal is not signed: keep its digest elsewhere to notice a record rewritten whole$/, "phrase.unsigned"],
];

/** Return a sentence of gaseol's own in the reader's language, any other as it stands. */
function phrase(text) {
  const whole = String(text ?? "");
  if (language !== "en" && whole.length < 2000) {
    for (const [pattern, key] of PHRASES) {
      const found = pattern.exec(whole);
      if (!found) continue;
      const parts = Object.fromEntries(Object.entries(found.groups ?? {}).map(([k, v]) => [k, tidy(v ?? "")]));
      if (parts.side) parts.side = say(parts.side);
      if (parts.way) parts.way = say(`way.${parts.way}`);
      if (key === "phrase.pair") parts.matching = parts.matching ? `(${phrase(found.groups.matching)})` : "";
      const long = parts.measured || parts.late ? `${key}.more` : key;
      return say(long, parts);
    }
  }
  return tidy(whole);
}

const CLAIMS = [
  [/^(Supported|Refuted|Undecided|No valid test): \{statement\}\. \{hits\} of \{draws\} random pairs went the way it predicts \(ln E for \{for\}, against \{against\}\)\.$/, "claim_said.pairs"],
  [/^(Supported|Refuted|Undecided|No valid test): \{statement\}\. Weighed against its rivals on \{draws\} measured designs \(ln E for \{for\}, against \{against\}\)\.$/, "claim_said.laws"],
  [/^The (?:measured )?(.+?)(?: by the tool (\S+))? was compared with an independent method(?: by the tool (\S+))? on \{n\} of the cases: mean absolute difference \{error\}(, rank correlation \{rank\})?\.$/, "claim_said.check"],
];
const RULINGS = { Supported: "supported", Refuted: "refuted", Undecided: "undecided", "No valid test": "invalid" };

/** Return the parts of a claim: words, and names of its figures. */
function claimParts(c) {
  if (language === "en") return c.parts;
  const template = c.parts.map((p) => (typeof p === "string" ? p : `{${p.figure}}`)).join("");
  if (template.length > 2000) return c.parts; // no sentence of gaseol's own
  for (const [pattern, key] of CLAIMS) {
    const found = pattern.exec(template);
    if (!found) continue;
    const text = key === "claim_said.check"
      ? say(found[4] ? `${key}.rank` : key, { outcome: found[1] })
      : say(key, { ruling: term("standing", RULINGS[found[1]]) });
    return text.split(/(\{\w+\})/).filter(Boolean).map((p) => (/^\{\w+\}$/.test(p) && p.slice(1, -1) in c.figures ? { figure: p.slice(1, -1) } : p));
  }
  return c.parts;
}

/** Return a figure as it is shown: evidence with the decimals that it has everywhere. */
function figureText(f) {
  if (["log_e_for", "log_e_against"].includes(f.statistic) && typeof f.value === "number") {
    return log(f.value, record.hypotheses.get(f.hypothesis)?.criterion.threshold);
  }
  return typeof f.value === "number" ? f.shown.replace(/^-/, "−") : f.shown;
}

/** Return a claim as one line of text. */
function claimText(c) {
  return claimParts(c).map((p) => (typeof p === "string" ? p : figureText(c.figures[p.figure]))).join("");
}
