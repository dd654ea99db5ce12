// Any JSON value, unfolded as far as one wants to look.

const SHOWN = 2_000; // characters of a text at first
const ITEMS = 100; // members of a list at first

/** Tell whether a value holds words, in a key or at any depth. */
function within(value, needle, known = new Map()) {
  if (value === null || typeof value !== "object") return Boolean(found(String(value), needle));
  if (!known.has(value)) {
    known.set(value, Array.isArray(value) ? value.some((v) => within(v, needle, known))
      : Object.entries(value).some(([k, v]) => found(k, needle) || within(v, needle, known)));
  }
  return known.get(value);
}

/** Return a value to be unfolded; where words are looked for, only what leads to them is open. */
function tree(value, depth = 0, open = 1, needle = "", known = new Map()) {
  if (value === null) return el("span.j-null", {}, "null");
  if (typeof value === "boolean") return el("span.j-bool", {}, String(value));
  if (typeof value === "number") return el("span.j-num", {}, marked(String(value), needle));
  if (typeof value === "string") return longText(value, "span.j-text", needle);
  const list = Array.isArray(value);
  const keys = list ? null : Object.keys(value);
  const size = list ? value.length : keys.length;
  if (!size) return el("span.j-null", {}, list ? "[ ]" : "{ }");
  const body = el("div.j-body");
  const row = (i) => {
    const key = list ? i : keys[i];
    return el("div.j-row", {}, el("span.j-key", {}, list ? String(key) : marked(key.length > 120 ? `${key.slice(0, 120)}…` : key, needle), ": "), tree(value[key], depth + 1, open, needle, known));
  };
  let drawn = 0;
  const more = () => {
    const end = Math.min(size, drawn + ITEMS);
    for (; drawn < end; drawn++) body.append(row(drawn));
    if (drawn < size) {
      const next = button(say("more_items", { n: size - drawn }), () => { next.remove(); more(); }, { class: "quiet" });
      body.append(next);
    }
  };
  const leads = needle && depth < 40 ? [...Array(size).keys()].filter((i) => within(value[list ? i : keys[i]], needle, known) || (!list && found(keys[i], needle))) : [];
  const start = () => {
    if (!leads.length || size <= 12) { more(); return; }
    for (const i of leads.slice(0, ITEMS)) body.append(row(i));
    body.append(el("p.small.dim", {}, say("items_hold", { n: leads.length, all: number(size) }), " ",
      button(say("all_items", { n: size }), () => { swap(body); drawn = 0; more(); }, { class: "link" })));
  };
  const unfolded = depth < open || leads.length > 0;
  const fold = el("details.j", { open: unfolded });
  fold.append(el("summary", {}, el("span.j-size", {}, list ? `[ ${number(size)} ]` : `{ ${brief(keys.slice(0, 6).join(", "))} }`)), body);
  if (unfolded) start();
  else fold.addEventListener("toggle", () => { if (!body.childElementCount) start(); }, { once: true });
  return fold;
}

/** Return a text, its first part only where it is long; where words are looked for, about them. */
function longText(text, shape = "div.text", needle = "") {
  const node = el(shape, { dir: "auto" });
  const at = found(text, needle);
  if (text.length <= SHOWN) return fill(node, [at ? marked(text, needle) : text]);
  let first = at ? Math.max(0, at[0] - SHOWN / 2) : 0;
  let last = first + SHOWN;
  const draw = () => {
    const part = text.slice(first, last);
    swap(node, first ? [button(say("before_text", { n: first }), () => { first = Math.max(0, first - 100_000); draw(); }, { class: "quiet" }), " …"] : null,
      at ? marked(part, needle) : part, last < text.length ? [
        "… ",
        button(say("more_text", { n: text.length - last }), () => { last = Math.min(text.length, last + 100_000); draw(); }, { class: "quiet" }),
      ] : null);
  };
  draw();
  return node;
}

const PICTURES = ["image/svg+xml", "image/png", "image/jpeg", "image/webp", "image/gif"];

/** Return a drawing as an image: in an image no script runs and nothing is loaded. */
function picture(blob, words) {
  if (blob.lost) return el("p.lost", {}, `${say("drawing_lost")}: ${term("lost", blob.lost)}${blob.reason ? ` (${blob.reason})` : ""}`);
  if (!PICTURES.includes(blob.media) || blob.cut) return el("p.lost", {}, `${say("drawing_lost")}: ${plain(blob.media)}`);
  const content = blob.base64 ? decoded(blob.base64) : blob.text;
  const address = URL.createObjectURL(new Blob([content], { type: blob.media }));
  const image = el("img.drawing", { alt: words, decoding: "async", draggable: "false" });
  image.addEventListener("load", () => URL.revokeObjectURL(address));
  image.addEventListener("error", () => {
    URL.revokeObjectURL(address);
    image.replaceWith(el("p.lost", {}, say("drawing_broken")));
  });
  image.src = address;
  return image;
}

/** Return a payload, fetched when it is asked for, or at once where words were found in it. */
function payload(run, reference, words, needle = "") {
  const box = el("div.payload");
  const size = typeof reference.bytes === "number" ? bytes(reference.bytes) : "";
  const show = async (sought = false) => {
    swap(box, el("p.quietly", {}, say("loading")));
    try {
      const blob = await run.blob(reference.sha256);
      const holds = needle && found(blob.text ?? "", blob.media?.endsWith("json") ? JSON.stringify(needle).slice(1, -1) : needle);
      if (sought && !holds) { offer(); return; }
      let body;
      if (blob.lost) body = el("p.lost", {}, `${term("lost", blob.lost)}${blob.reason ? `: ${blob.reason}` : ""}`);
      else if (PICTURES.includes(blob.media)) body = picture(blob, words ?? say("drawing"));
      else if (blob.media.endsWith("json") && !blob.cut) body = tree(JSON.parse(blob.text), 0, 1, holds ? needle : "");
      else body = longText(blob.text ?? `${say("binary")}, ${bytes(blob.bytes)}`, "div.text", holds ? needle : "");
      swap(box, blob.cut ? el("p.note", {}, say("payload_cut", { n: blob.cut })) : null, body);
      if (holds) box.querySelector("mark")?.scrollIntoView({ block: "center" });
    } catch (error) {
      swap(box, el("p.lost", {}, String(error.message ?? error)));
    }
  };
  const offer = () => swap(box, button(`${say("show")} ${size} (${reference.media ?? ""})`, () => show(), { class: "quiet" }),
    el("span.mono.dim", {}, ` ${String(reference.sha256).slice(0, 12)}…`));
  if (needle) show(true);
  else offer();
  return box;
}
