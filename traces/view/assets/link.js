// Where one is: kept in the address, so that every place can be linked to.

const VIEWS = ["findings", "story", "timeline", "graph", "evidence", "measurements", "drawings", "models", "compare", "review"];
const place = { view: "findings", event: null, claim: null, hypothesis: null, range: null, note: null };
const movers = [];

function parsed(fragment) {
  const found = { view: null, event: null, claim: null, hypothesis: null, range: null, note: null };
  for (const part of fragment.replace(/^#/, "").split("&")) {
    const [name, ...rest] = part.split("=");
    let value;
    try { value = decodeURIComponent(rest.join("=")); } catch { continue; }
    if (name === "event" && /^\d{1,9}$/.test(value)) found.event = Number(value);
    else if (name === "range" && /^\d{1,9}-\d{1,9}$/.test(value)) {
      const [a, b] = value.split("-").map(Number);
      found.range = [Math.min(a, b), Math.max(a, b)];
    } else if (name === "view" && value === "structures") found.view = "drawings";
    else if (name === "view" && VIEWS.includes(value)) found.view = value;
    else if (name === "note" && /^[0-9a-f]{6,64}$/.test(value)) found.note = value;
    else if ((name === "claim" || name === "hypothesis") && value) found[name] = value;
  }
  if (!found.view) {
    found.view = found.note ? "review" : found.claim || found.hypothesis ? "findings"
      : found.event !== null || found.range ? "story" : "findings";
  }
  return found;
}

function fragment(where) {
  const parts = [];
  if (where.claim) parts.push(`claim=${encodeURIComponent(where.claim)}`);
  if (where.hypothesis) parts.push(`hypothesis=${encodeURIComponent(where.hypothesis)}`);
  if (where.range) parts.push(`range=${where.range[0]}-${where.range[1]}`);
  if (where.note) parts.push(`note=${where.note}`);
  if (where.event !== null && where.event !== undefined) parts.push(`event=${where.event}`);
  const bare = parsed(`#${parts.join("&")}`);
  if (bare.view !== where.view) parts.push(`view=${where.view === "drawings" ? "structures" : where.view}`);
  return `#${parts.join("&")}`;
}

/** Return a link within the page. */
function to(changes) {
  return fragment({ view: parsed(fragment({ view: "findings", ...changes })).view, event: null, claim: null, hypothesis: null, range: null, note: null, ...changes });
}

/** Go somewhere; what is not named stays, but for what belongs to another view. */
function go(changes, replace = false) {
  const next = { ...place, ...changes };
  const target = fragment(next);
  if (target === (location.hash || "#")) {
    Object.assign(place, next);
    for (const move of movers) move();
    return;
  }
  if (replace) {
    history.replaceState(null, "", target);
    arrive();
  } else {
    location.hash = target; // arrives by the event that this makes
  }
}

function arrive() {
  const before = { ...place };
  Object.assign(place, parsed(location.hash));
  for (const move of movers) move(before);
}

/** Return a link to an event, shown beside whatever view is open. */
function eventLink(seq, words) {
  return el("a.ev", {
    href: to({ event: seq, view: "story" }),
    "aria-label": `${say("event")} ${seq}`,
    onclick: (click) => {
      if (click.ctrlKey || click.metaKey || click.shiftKey || click.button) return;
      click.preventDefault();
      go({ event: seq });
    },
  }, words ?? `#${seq}`);
}

function hypothesisLink(id, words) {
  return el("a", { href: to({ hypothesis: id }) }, quote(words ?? id));
}

/** Return a link for another reader: the run, the beginning of its digest, and the place in it. */
function fullLink(where) {
  const head = record.board?.head;
  return `gaseol:${head?.run ?? "run"}@${(head?.digest ?? "").slice(0, 12)}${to(where)}`;
}

async function copyLink(where) {
  const text = fullLink(where);
  try {
    await navigator.clipboard.writeText(text);
    toast(`${say("copied")}: ${text}`);
  } catch {
    toast(text);
  }
}
