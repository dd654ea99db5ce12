// Any JSON value, unfolded as far as one wants to look.

const SHOWN = 2_000; // characters of a text at first
const ITEMS = 100; // members of a list at first

function tree(value, depth = 0, open = 1) {
  if (value === null) return el("span.j-null", {}, "null");
  if (typeof value === "boolean") return el("span.j-bool", {}, String(value));
  if (typeof value === "number") return el("span.j-num", {}, String(value));
  if (typeof value === "string") return longText(value, "span.j-text");
  const list = Array.isArray(value);
  const keys = list ? null : Object.keys(value);
  const size = list ? value.length : keys.length;
  if (!size) return el("span.j-null", {}, list ? "[ ]" : "{ }");
  const body = el("div.j-body");
  let drawn = 0;
  const more = () => {
    const end = Math.min(size, drawn + ITEMS);
    for (; drawn < end; drawn++) {
      const key = list ? drawn : keys[drawn];
      body.append(el("div.j-row", {}, el("span.j-key", {}, quote(String(key), 120), ": "), tree(value[key], depth + 1, open)));
    }
    if (drawn < size) {
      const next = button(say("more_items", { n: size - drawn }), () => { next.remove(); more(); }, { class: "quiet" });
      body.append(next);
    }
  };
  const fold = el("details.j", { open: depth < open });
  fold.append(el("summary", {}, el("span.j-size", {}, list ? `[ ${number(size)} ]` : `{ ${brief(keys.slice(0, 6).join(", "))} }`)), body);
  if (depth < open) more();
  else fold.addEventListener("toggle", () => { if (!drawn) more(); }, { once: true });
  return fold;
}

/** Return a text, its first part only where it is long. */
function longText(text, shape = "div.text") {
  const node = el(shape, { dir: "auto" });
  if (text.length <= SHOWN) return fill(node, [text]);
  let shown = SHOWN;
  const draw = () => {
    swap(node, text.slice(0, shown), shown < text.length ? [
      "… ",
      button(say("more_text", { n: text.length - shown }), () => { shown = Math.min(text.length, shown + 100_000); draw(); }, { class: "quiet" }),
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

/** Return a payload, fetched when it is asked for. */
function payload(run, reference, words) {
  const box = el("div.payload");
  const size = typeof reference.bytes === "number" ? bytes(reference.bytes) : "";
  const show = async () => {
    swap(box, el("p.quietly", {}, say("loading")));
    try {
      const blob = await run.blob(reference.sha256);
      let body;
      if (blob.lost) body = el("p.lost", {}, `${term("lost", blob.lost)}${blob.reason ? `: ${blob.reason}` : ""}`);
      else if (PICTURES.includes(blob.media)) body = picture(blob, words ?? say("drawing"));
      else if (blob.media.endsWith("json") && !blob.cut) body = tree(JSON.parse(blob.text), 0, 1);
      else body = longText(blob.text ?? `${say("binary")}, ${bytes(blob.bytes)}`);
      swap(box, blob.cut ? el("p.note", {}, say("payload_cut", { n: blob.cut })) : null, body);
    } catch (error) {
      swap(box, el("p.lost", {}, String(error.message ?? error)));
    }
  };
  swap(box, button(`${say("show")} ${size} (${reference.media ?? ""})`, show, { class: "quiet" }),
    el("span.mono.dim", {}, ` ${String(reference.sha256).slice(0, 12)}…`));
  return box;
}
