// Where a page's data comes from: blocks in the file itself, or the server that sent it.

function decoded(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const raw = atob(base64);
  const found = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) found[i] = raw.charCodeAt(i);
  return found;
}

/** Return what stands in a block that is not packed: at once, before anything else is read. */
function stated(id) {
  const block = document.getElementById(id);
  return block?.type.endsWith("json") ? JSON.parse(block.textContent) : null;
}

async function unpackedText(id) {
  let block = document.getElementById(id);
  // the file is still being read: what stands further down comes later
  while (!block && document.readyState === "loading") {
    await new Promise((done) => setTimeout(done, 15));
    block = document.getElementById(id);
  }
  if (!block) throw new Error(`${say("missing_block")}: ${id}`);
  const stream = new Blob([decoded(block.textContent)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

async function unpacked(id) {
  return JSON.parse(await unpackedText(id));
}

function pause() {
  return globalThis.scheduler?.yield ? scheduler.yield() : new Promise((done) => setTimeout(done, 0));
}

class Embedded {
  constructor(key) {
    this.key = key;
  }
  async part(name) {
    return stated(`${this.key}:${name}`) ?? unpacked(`${this.key}:${name}`);
  }
  chunk(number) {
    return unpacked(`${this.key}:chunk-${number}`);
  }
  event(seq) {
    return unpacked(`${this.key}:event-${seq}`);
  }
  blob(digest) {
    return unpacked(`${this.key}:blob-${digest}`);
  }
  comparison() {
    return unpacked("comparison");
  }
  async *search(query, skeleton, blobs, names) {
    const position = /^#(\d{1,9})$/.exec(query.trim());
    if (position && Number(position[1]) < skeleton.events) {
      yield { hits: [{ seq: Number(position[1]), in: "event", text: "" }], share: 1 };
      return;
    }
    const needle = bare(query.trim());
    const stored = JSON.stringify(needle).slice(1, -1);
    const chunks = Math.ceil(skeleton.events / skeleton.chunk);
    const all = chunks + blobs.length;
    for (let n = 0; n < chunks; n++) {
      const text = await unpackedText(`${this.key}:chunk-${n}`);
      await pause();
      const hits = [];
      const low = bare(text);
      const first = n * skeleton.chunk;
      const named = [...names].filter(([seq, name]) => seq >= first && seq < first + skeleton.chunk && bare(name).includes(needle));
      // some chunks hold events whose contents stand in blocks of their own
      if (named.length || low.includes(stored) || low.includes('"data":null')) {
        const events = JSON.parse(text);
        for (const event of events) {
          if (event.data === null) event.data = (await this.event(event.seq)).data;
          const hit = snippet(names.get(event.seq) ?? "", needle) ?? snippet(JSON.stringify(event.data), stored) ?? snippet(event.story, needle)
            ?? snippet(`${event.kind} ${event.digest}`, needle);
          if (hit !== null) hits.push({ seq: event.seq, in: "event", text: hit });
        }
      }
      yield { hits, share: (n + 1) / all };
      await pause();
    }
    for (let i = 0; i < blobs.length; i++) {
      let hits = [];
      const blob = await this.blob(blobs[i]);
      const hit = snippet(blob.text ?? "", blob.media.endsWith("json") ? stored : needle);
      if (hit !== null) hits = [{ seq: blob.seq, in: "blob", sha256: blob.sha256, text: hit }];
      if (hits.length || i % 20 === 0) yield { hits, share: (chunks + i + 1) / all };
      await pause();
    }
  }
  get writes() {
    return false;
  }
}

/** Return text as it is compared: small letters, hyphens for minus signs, plain spaces. */
function bare(text) {
  return text.replaceAll("\u2212", "-").replaceAll("\u202f", "").replaceAll("\u00a0", " ").toLowerCase();
}

/** Return where words stand in a text as it is shown, from and to; null where they do not. */
function found(text, query) {
  if (!query) return null;
  const low = bare(text);
  const at = low.indexOf(query);
  if (at < 0) return null;
  if (low.length === text.length) return [at, at + query.length];
  // thin spaces between digits are passed over when comparing
  const place = [];
  for (let i = 0; i < text.length; i++) if (text[i] !== "\u202f") place.push(i);
  return [place[at], place[at + query.length - 1] + 1];
}

function snippet(text, needle) {
  if (!text) return null;
  const at = found(text, needle);
  if (!at) return null;
  const first = Math.max(0, at[0] - 60);
  return `${first ? "…" : ""}${text.slice(first, at[1] + 60)}`;
}

class Served {
  constructor(run, token) {
    this.base = `/run/${run}/`;
    this.run = run;
    this.token = token;
  }
  async ask(path, options = {}) {
    const answer = await fetch(path, {
      ...options,
      headers: { "X-Gaseol-Token": this.token, ...(options.headers ?? {}) },
      credentials: "same-origin",
    });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  }
  part(name) {
    return this.ask(`${this.base}api/${name}`);
  }
  chunk(number) {
    return this.ask(`${this.base}api/chunk/${number}`);
  }
  event(seq) {
    return this.ask(`${this.base}api/event/${seq}`);
  }
  blob(digest) {
    return this.ask(`${this.base}api/blob/${digest}`);
  }
  comparison(other) {
    return this.ask(`${this.base}api/comparison?with=${encodeURIComponent(decodeURIComponent(other))}`);
  }
  async *search(query) {
    let next = 0;
    while (next !== null) {
      const found = await this.ask(`${this.base}api/search?q=${encodeURIComponent(query)}&from=${next}`);
      next = found.next;
      yield { hits: found.hits, share: next === null ? 1 : next / found.of };
    }
  }
  remark(entry) {
    return this.ask(`${this.base}api/reviews`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(entry),
    });
  }
  get writes() {
    return true;
  }
}
