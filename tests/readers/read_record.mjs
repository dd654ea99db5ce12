// An independent reader of gaseol.record/1, written from docs/record.md alone.
//
//   node read_record.mjs RUN [--known KEY]...
//
// checks the chain, the seal and its signature, the blobs, the order and the measurements, derives
// the evidence and verdicts of `sign` and `law_contest` hypotheses anew, and prints one JSON
// document. It knows no keys but those given (64 hexadecimal digits). It does not check the shape
// of every noun (docs/events.schema.json does) nor audit claims.
// Exit code 0: the record holds; 1: it does not; 2: not a run. Needs no package.

import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const MOST_PROBLEMS = 50;
const problems = [];
const notes = [];
const flaws = new Set(); // what sorts of things are wrong, to find the word for the whole
const wrong = (where, what, flaw = "altered") => {
  problems.push(`${where}: ${what}`);
  flaws.add(flaw);
};

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const hex = (bytes) => sha256(bytes).toString("hex");
const close = (a, b, relative = 1e-9, absolute = 1e-9) =>
  Math.abs(a - b) <= Math.max(relative * Math.max(Math.abs(a), Math.abs(b)), absolute);
const own = (object, name) =>
  object !== null && typeof object === "object" && Object.hasOwn(object, name)
    ? object[name]
    : undefined;
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const parse = (bytes) => JSON.parse(utf8.decode(bytes));

// ---- canonical JSON: members sorted, numbers and strings as they are written -------------

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+)/y;

/** A JSON text as a tree that keeps how numbers and strings are written. */
function tree(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  for (let m = TOKEN.exec(text); m !== null; m = TOKEN.exec(text)) tokens.push(m[1]);
  let at = 0;
  const read = () => {
    const token = tokens[at++];
    if (token === "[") {
      const items = [];
      while (tokens[at] !== "]") {
        items.push(read());
        if (tokens[at] === ",") at++;
      }
      at++;
      return { items };
    }
    if (token === "{") {
      const members = new Map();
      while (tokens[at] !== "}") {
        const text = tokens[at];
        const name = JSON.parse(text);
        at += 2; // the name and its colon
        if (members.has(name)) throw new SyntaxError(`two members ${text}`);
        if (!name.isWellFormed()) throw new SyntaxError("half a surrogate pair");
        members.set(name, { name: text, value: read() });
        if (tokens[at] === ",") at++;
      }
      at++;
      return { members };
    }
    if (token.startsWith('"') && !JSON.parse(token).isWellFormed()) throw new SyntaxError("half a surrogate pair");
    return { text: token };
  };
  return read();
}

const at = (node, ...path) => path.reduce((n, name) => n.members.get(name).value, node);
const textAt = (node, ...path) => {
  const found = path.reduce((n, name) => n?.members?.get(name)?.value, node);
  return found === undefined ? "" : canonical(found);
};

function canonical(node) {
  if (node.items) return `[${node.items.map(canonical).join(",")}]`;
  if (!node.members) return node.text;
  const byName = [...node.members].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${byName.map(([, m]) => `${m.name}:${canonical(m.value)}`).join(",")}}`;
}

// ---- the record --------------------------------------------------------------------------

const domain = (name) => Buffer.from(`gaseol.${name}/1\0`);

/** Whether every number of a tree can be read as a double. */
const isFinite = ({ items, members, text }) =>
  (items ?? [...(members?.values() ?? [])].map((m) => m.value)).every(isFinite) &&
  !(/^[-\d]/.test(text) && !Number.isFinite(Number(text)));

/** The Merkle root over hashes, in the shape of RFC 6962. */
function merkle(hashes) {
  if (hashes.length === 0) return sha256(domain("node"));
  const grow = (from, to) => {
    if (to - from === 1) return hashes[from];
    let k = 1;
    while (2 * k < to - from) k *= 2;
    return sha256(domain("node"), grow(from, from + k), grow(from + k, to));
  };
  return grow(0, hashes.length);
}

/** A payload that this copy says it keeps back. */
class Withheld extends Error {}

const ED25519 = Buffer.from("302a300506032b6570032100", "hex"); // DER before the 32 bytes of a key
const SALT = 32;

const REFERENCES = {
  "run.started": [["files", "*"]],
  "effect.requested": [["blob"]],
  "effect.completed": [["blob"], ["media", "*"], ["attachments", "*"]],
  registration: [
    ["registration", "frame", "draws"],
    ["registration", "prediction", "table"],
    ["registration", "prediction", "others"],
    ["registration", "prediction", "drawing"],
    ["registration", "prediction", "regressors"],
  ],
  measurement: [["measurement", "drawing"]],
};
const KINDS = new Set(
  (
    "run.started run.resumed run.interrupted run.ended step.started step.ended effect.requested " +
    "effect.completed effect.failed effect.ambiguous hypothesis.proposed hypothesis.turned_away " +
    "hypothesis.ranked registration experiment.designed measurement evidence crossing verdict " +
    "claim audit budget.spent policy.decision lesson.used run.forked"
  ).split(" "),
);

function references(kind, data) {
  let found = [];
  for (const path of REFERENCES[kind] ?? []) {
    let here = [data];
    for (const key of path) {
      here = here.filter((o) => o !== null && typeof o === "object");
      here = here.flatMap((o) => (key === "*" ? Object.values(o) : Object.hasOwn(o, key) ? [o[key]] : []));
    }
    found = found.concat(here.filter((o) => o !== null && o !== undefined));
  }
  return found;
}

class Record {
  constructor(folder, known) {
    this.folder = folder;
    this.known = known;
    this.asked = {}; // run.json
    this.lacking = false; // a file that the seal names was withheld
    this.withheld = {}; // digest of a payload or name of a file -> why
    this.keptBack = new Set(); // the payloads among these that are not here
    this.signers = [];
    this.sealed = false;
    this.started = null;
    this.ended = null;
    this.hypotheses = new Map(); // id -> canonical text
    this.registrations = new Map(); // hypothesis -> { at, ...registration }
    this.experiments = new Map(); // id -> { at, ...experiment }
    this.measurements = new Map(); // position -> measurement
    this.readings = new Map(); // case, reading, purpose -> position of the first
    this.requests = new Map(); // position -> data
    this.answers = new Map(); // request -> { kind, ...data }
    this.evidence = new Map(); // hypothesis -> events in order
    this.crossings = new Map();
    this.verdicts = new Map();
    this.claims = new Set();
    this.audits = new Set();
    this.references = new Map(); // digest -> { seq, bytes } of the first reference
    this.hashes = [];
    this.blobs = new Map();
  }

  run() {
    const bytes = readFileSync(join(this.folder, "run.json"));
    this.head = sha256(domain("run"), bytes);
    try {
      const asked = parse(bytes);
      this.askedText = tree(utf8.decode(bytes));
      if (own(asked, "format") !== "gaseol.record/1") wrong("run.json", "is of another format");
      else this.asked = asked;
    } catch (error) {
      wrong("run.json", `is not JSON: ${error.message}`);
    }
  }

  readWithheld() {
    const path = join(this.folder, "withheld.json");
    if (!isFile(path)) return;
    try {
      const said = parse(readFileSync(path));
      if (isObject(said) && Object.values(said).every(isObject)) this.withheld = said;
      else wrong("withheld.json", "does not say why each payload is withheld");
    } catch (error) {
      wrong("withheld.json", `is not JSON: ${error.message}`);
    }
  }

  events() {
    const bytes = readFileSync(join(this.folder, "events.jsonl"));
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      const line = bytes.subarray(start, end);
      this.event(this.hashes.length, line);
      this.head = sha256(domain("event"), this.head, line);
      this.hashes.push(this.head);
      start = end + 1;
      if (problems.length > MOST_PROBLEMS) return;
    }
    if (start < bytes.length) wrong("events.jsonl", "its last line is torn", "end");
    if (this.hashes.length === 0) wrong("events.jsonl", "holds no event", "end");
  }

  event(seq, line) {
    const where = `event ${seq}`;
    let event;
    let text;
    let node;
    try {
      text = utf8.decode(line);
      event = JSON.parse(text);
      node = tree(text);
    } catch (error) {
      wrong(where, `is no event: ${error.message}`);
      return;
    }
    const names = ["seq", "prev", "at", "cause", "kind", "data"];
    if (!isObject(event) || Object.keys(event).sort().join() !== [...names].sort().join())
      return void wrong(where, "has not the six members");
    const { kind, data } = event;
    if (typeof kind !== "string" || typeof event.at !== "string" || !isObject(data))
      return void wrong(where, "its kind or time is no string or its data no object");
    if (event.seq !== seq) wrong(where, `calls itself event ${event.seq}`);
    if (event.prev !== this.head.toString("hex")) wrong(where, "does not follow from what is before it");
    else if (!text.startsWith(`{"seq":${seq},"prev":"${event.prev}"`)) wrong(where, "does not begin with seq and prev");
    if (event.cause !== null && !(/^\d+$/.test(textAt(node, "cause")) && event.cause < seq))
      wrong(where, `follows from ${event.cause}, no event before it`);
    if ((seq === 0) !== (kind === "run.started")) wrong(where, `is ${kind}`);
    if (this.ended) wrong(where, "stands after the end");
    if (!KINDS.has(kind)) notes.push(`${where}: unknown kind ${kind}, only its bytes were verified`);
    else if (!isFinite(node)) wrong(where, "holds a number that is not finite");
    if (problems.length) return;
    for (const blob of references(kind, data)) this.refer(where, seq, blob);
    try {
      this.take(where, seq, kind, data, node);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      wrong(where, `is no ${kind}: ${error.message}`);
    }
  }

  refer(where, seq, blob) {
    const digest = own(blob, "sha256");
    const bytes = own(blob, "bytes");
    if (!/^[0-9a-f]{64}$/.test(digest) || !Number.isInteger(bytes) || bytes < 0)
      return void wrong(where, "refers to a payload without its digest and size");
    const before = this.references.get(digest);
    if (!before) this.references.set(digest, { seq, bytes });
    else if (before.bytes !== bytes) wrong(where, `says another size of blob ${digest} than event ${before.seq}`);
  }

  /** What `run.started` repeats of run.json, where that has it. */
  start(where, data, node) {
    for (const name of ["scientist", "seed", "code"]) {
      const there = textAt(this.askedText, name);
      if (there && (textAt(node, "data", name) || '""') !== there) wrong(where, `its ${name} is not that of run.json`);
    }
    const scenario = textAt(this.askedText, "scenario");
    if (data.scenario_sha256 && scenario && hex(scenario) !== data.scenario_sha256)
      wrong(where, "its scenario is not that of run.json");
    this.started = data;
  }

  once(where, map, name, value) {
    if (map.has(name)) wrong(where, `${name} a second time`);
    map.set(name, value);
  }

  take(where, seq, kind, data, node) {
    switch (kind) {
      case "run.started":
        this.start(where, data, node);
        break;
      case "run.ended":
        this.ended = data;
        break;
      case "effect.requested":
        this.requests.set(seq, { ...data, node: at(node, "data") });
        break;
      case "effect.completed":
      case "effect.failed":
        if (!this.requests.has(data.request)) wrong(where, `answers ${data.request}, no request`);
        this.once(where, this.answers, data.request, { kind, ...data });
        break;
      case "hypothesis.proposed": {
        const { id, seen } = data.hypothesis;
        for (const position of seen ?? [])
          if (!this.measurements.has(position)) wrong(where, `saw ${position}, no measurement`);
        this.once(where, this.hypotheses, id, canonical(at(node, "data", "hypothesis")));
        break;
      }
      case "registration":
        this.register(where, seq, data.registration, at(node, "data", "registration"));
        break;
      case "experiment.designed": {
        const experiment = data.experiment;
        for (const name of experiment.hypotheses)
          if (!this.registrations.has(name)) wrong(where, `is for ${name}, not registered`);
        this.once(where, this.experiments, experiment.id, { reading: 0, ...experiment, at: seq });
        break;
      }
      case "measurement": {
        const m = { reading: 0, path: [], factor: 1, offset: 0, purpose: "test", ...data.measurement };
        if (!this.requests.has(m.request)) wrong(where, "comes from no request");
        if (((m.value ?? null) === null) === ((m.failure ?? null) === null))
          wrong(where, "has not either a value or a failure");
        this.measurements.set(seq, m);
        const key = JSON.stringify([m.case, m.reading, m.purpose]);
        if (!this.readings.has(key)) this.readings.set(key, seq);
        break;
      }
      case "evidence": {
        const e = { admissible: true, ...data.evidence };
        if (!this.evidence.has(e.hypothesis)) this.evidence.set(e.hypothesis, []);
        this.evidence.get(e.hypothesis).push({ ...e, at: seq });
        break;
      }
      case "crossing":
        this.once(where, this.crossings, data.crossing.hypothesis, { ...data.crossing, at: seq });
        break;
      case "verdict":
        this.once(where, this.verdicts, data.verdict.hypothesis, { ...data.verdict, at: seq });
        break;
      case "claim":
        if (this.claims.has(data.claim.id)) wrong(where, `${data.claim.id} a second time`);
        this.claims.add(data.claim.id);
        break;
      case "audit":
        this.audits.add(data.audit.claim);
        break;
    }
  }

  register(where, seq, registration, node) {
    const { hypothesis, criterion } = registration;
    if (!this.hypotheses.has(hypothesis)) return void wrong(where, `${hypothesis} was not proposed`);
    const parts = ["prediction", "criterion", "frame"].map((name) => canonical(at(node, name)));
    const text = `[${[this.hypotheses.get(hypothesis), ...parts].join(",")}]`;
    if (hex(text) !== registration.digest) wrong(where, "has not the digest of what it registers");
    if (criterion.hypotheses !== this.started.hypotheses || criterion.alpha !== this.started.alpha)
      wrong(where, "its m or alpha are not the run's");
    if (!["gaseol.judge/1", "gaseol.judge/2"].includes(criterion.rule)) wrong(where, `unknown rule ${criterion.rule}`);
    this.once(where, this.registrations, hypothesis, { ...registration, at: seq });
    if (this.registrations.size > this.started.hypotheses) wrong(where, "is one too many");
  }

  seal() {
    const path = join(this.folder, "seal.json");
    if (!isFile(path)) {
      if (isFile(join(this.folder, "seal.dsse.json"))) wrong("seal.json", "is missing, its signature is there", "sealed");
      return;
    }
    this.sealed = true;
    const bytes = readFileSync(path);
    let seal;
    try {
      seal = parse(bytes);
    } catch (error) {
      return void wrong("seal.json", `is not JSON: ${error.message}`);
    }
    if (own(seal, "format") !== "gaseol.seal/1") return void wrong("seal.json", "is of another format");
    if (!isObject(own(seal, "files"))) return void wrong("seal.json", "names no files");
    const files = Object.keys(seal.files).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const sorted = {
      events: seal.events,
      files: Object.fromEntries(files.map((name) => [name, seal.files[name]])),
      format: seal.format,
      head: seal.head,
      root: seal.root,
    };
    if (!bytes.equals(Buffer.from(JSON.stringify(sorted, null, 2)))) wrong("seal.json", "is laid out otherwise");
    this.compareSeal(seal);
    for (const name of files) {
      const beside = join(this.folder, name);
      if (/[/\\]/.test(name)) wrong("seal.json", `names ${name}, which is not beside it`);
      else if (isFile(beside)) {
        if (hex(readFileSync(beside)) !== seal.files[name]) wrong(name, "was altered");
      } else if (own(this.withheld, name)) {
        notes.push(`${name} is withheld`);
        this.lacking = true;
      }
      else wrong(name, "is missing");
    }
    this.signature(seal, hex(bytes));
  }

  /** A seal of other events differs in head and root; one that differs in part was altered itself. */
  compareSeal(seal) {
    const differs = {
      events: seal.events !== this.hashes.length,
      head: seal.head !== this.head.toString("hex"),
      root: seal.root !== merkle(this.hashes).toString("hex"),
    };
    const names = Object.keys(differs).filter((name) => differs[name]);
    if (!names.length) return;
    const whole = differs.head && differs.root && Number.isInteger(seal.events);
    const flaw = !whole ? "altered" : seal.events > this.hashes.length ? "end" : "sealed";
    const said = `sealed ${seal.events} events, ${this.hashes.length} are here`;
    wrong("seal.json", `is not of these events: other ${names.join(", ")} (${said})`, flaw);
  }

  /** The DSSE envelope over the seal: which keys signed what is here. */
  signature(seal, digest) {
    const name = "seal.dsse.json";
    const sealer = own(this.asked, "sealer") || "";
    if (isFile(join(this.folder, name))) {
      try {
        this.envelope(readFileSync(join(this.folder, name)), seal, digest);
      } catch (error) {
        wrong(name, `is no signature of a seal: ${error.message}`);
      }
    }
    if (sealer && !this.signers.includes(sealer)) wrong(name, `has no signature of ${sealer}, who sealed the run`, "sealed");
  }

  envelope(bytes, seal, digest) {
    const name = "seal.dsse.json";
    const { payload, payloadType, signatures } = parse(bytes);
    const sorted = { payload, payloadType, signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })) };
    if (!bytes.equals(Buffer.from(JSON.stringify(sorted, null, 2)))) wrong(name, "is laid out otherwise");
    if (payloadType !== "application/vnd.in-toto+json") wrong(name, "signs something else than a statement");
    if (new Set(signatures.map(({ keyid }) => keyid)).size !== signatures.length) wrong(name, "a key signed twice");
    const signed = base64(payload);
    const message = Buffer.concat([
      Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${signed.length} `),
      signed,
    ]);
    for (const { keyid, sig } of signatures) {
      if (!/^[0-9a-f]{64}$/.test(keyid)) wrong(name, `${keyid} is no key`);
      else if (!isSigned(message, keyid, base64(sig))) wrong(name, `the signature of ${keyid} is wrong`);
      else this.signers.push(keyid);
    }
    const statement = parse(signed);
    const { _type, predicateType, subject, predicate } = statement;
    if (_type !== "https://in-toto.io/Statement/v1" || predicateType !== "urn:gaseol:seal:1")
      wrong(name, "its statement is of another type");
    if (subject.length !== 1) wrong(name, "its statement is not about one seal");
    else if (subject[0].digest.sha256 !== digest) wrong(name, "signs another seal", "sealed");
    else if (["events", "head", "root"].some((member) => predicate[member] !== seal[member]))
      wrong(name, "says something else than the seal that it signs");
  }

  checkBlobs() {
    const folder = join(this.folder, "blobs", "sha256");
    const stored = new Set(statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : []);
    for (const [digest, { seq, bytes }] of this.references) {
      const file = join(folder, digest);
      if (!isFile(file)) {
        if (own(this.withheld, digest)) this.keptBack.add(digest);
        else wrong(`event ${seq}`, `its blob ${digest} is missing`, "gone");
      } else if (statSync(file).size !== bytes + SALT) {
        wrong(`event ${seq}`, `its blob ${digest} has not the size ${bytes}`);
      }
    }
    for (const name of stored) {
      if (name.startsWith(".new-")) notes.push(`blob ${name} was never finished`);
      else if (!isFile(join(folder, name))) notes.push(`blob ${name} is no file`);
      else if (hex(readFileSync(join(folder, name))) !== name) wrong(`blob ${name}`, "was altered");
      else if (!this.references.has(name)) notes.push(`no event refers to blob ${name}`);
    }
    return stored.size;
  }

  /** The payload of a blob, without its salt. */
  bytes(blob) {
    if (this.keptBack.has(blob.sha256)) throw new Withheld(blob.sha256);
    return readFileSync(join(this.folder, "blobs", "sha256", blob.sha256)).subarray(SALT);
  }

  json(blob) {
    if (!blob) return {};
    if (!this.blobs.has(blob.sha256)) this.blobs.set(blob.sha256, parse(this.bytes(blob)));
    return this.blobs.get(blob.sha256);
  }

  /** Every request has the key of what it asks, where what it asks is here. */
  checkKeys() {
    for (const [seq, { blob, key, node }] of this.requests) {
      let given = "{}";
      try {
        if (blob) given = canonical(tree(utf8.decode(this.bytes(blob))));
        else if (node.members.has("arguments")) given = canonical(at(node, "arguments"));
      } catch (error) {
        if (!(error instanceof Withheld) && error.code !== "ENOENT") wrong(`event ${seq}`, `asks ${error.message}`);
        continue;
      }
      const version = node.members.has("version") ? textAt(node, "version") : '""';
      if (hex(`[${[textAt(node, "effect"), textAt(node, "name"), version, given].join(",")}]`) !== key)
        wrong(`event ${seq}`, "has not the key of what it asks");
    }
  }

  checkEffects() {
    for (const seq of this.requests.keys()) if (!this.answers.has(seq)) notes.push(`event ${seq} is ambiguous`);
    for (const [seq, m] of this.measurements) {
      const where = `event ${seq}`;
      const answer = this.answers.get(m.request);
      if (!answer) {
        wrong(where, `event ${m.request} was never answered`);
      } else if ((m.value ?? null) === null) {
        const same = (a, b) => (a ?? "") === (b ?? "");
        const names = ["kind", "reason", "detail"];
        if (answer.kind === "effect.failed" && !names.every((n) => same(own(answer.failure, n), m.failure[n])))
          wrong(where, `event ${m.request} failed in another way`);
      } else if (answer.blob && this.keptBack.has(answer.blob.sha256)) {
        notes.push(`${where}: its answer is withheld`);
      } else {
        let found = answer.blob ? this.json(answer.blob) : answer.value;
        if ((m.row ?? null) !== null) found = own(found, m.row);
        for (const name of m.path) found = own(found, name);
        if ((m.raw ?? null) === null || found !== m.raw) wrong(where, `${m.raw} was not answered, but ${found}`);
        else if (!close(m.value, m.raw * m.factor + m.offset)) wrong(where, "its value is not its raw value converted");
      }
      if (m.fingerprint && m.fingerprint !== this.requests.get(m.request).key)
        notes.push(`${where}: its fingerprint is not the key of its request`);
    }
  }
}

/** Bytes of a base64 text, which must be the one way to write them. */
function base64(text) {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new SyntaxError("it is not base64");
  return bytes;
}

function isSigned(message, keyid, signature) {
  const der = Buffer.concat([ED25519, Buffer.from(keyid, "hex")]);
  try {
    return verifySignature(null, message, createPublicKey({ key: der, format: "der", type: "spki" }), signature);
  } catch {
    return false; // no point of the curve
  }
}

/** The word for the record as a whole. */
function outcome(record) {
  if (flaws.size === 0) {
    if (!record.sealed) return "unsealed";
    if (record.keptBack.size || record.lacking) return "withheld";
    const stranger = record.signers.length && !record.signers.some((key) => record.known.has(key));
    return stranger ? "sealed by an unknown key" : "intact";
  }
  if (flaws.size > 1) return "broken";
  return { altered: "broken", end: "truncated", sealed: "rewritten", gone: "missing blob" }[[...flaws][0]];
}

// ---- numbers -----------------------------------------------------------------------------

const sum = (x) => x.reduce((a, b) => a + b, 0);
const mean = (x) => sum(x) / x.length;
const cut = (x) => (Number.isNaN(x) ? -700 : Math.min(700, Math.max(-700, x)));

function logSumExp(x) {
  const top = Math.max(...x);
  return Number.isFinite(top) ? top + Math.log(sum(x.map((v) => Math.exp(v - top)))) : top;
}

const factorials = [0];
/** ln n! by adding logarithms, compensated, so that no approximation enters. */
function logFactorial(n) {
  while (factorials.length <= n) {
    const k = factorials.length;
    const term = Math.log(k) + (logFactorial.rest ?? 0);
    const next = factorials[k - 1] + term;
    logFactorial.rest = term - (next - factorials[k - 1]);
    factorials.push(next);
  }
  return factorials[n];
}

/** ln Gamma(x) for a whole or half x > 0, by recurrence up to Stirling's series. */
function logGamma(x) {
  let shift = 0;
  let product = 1;
  while (x < 20) {
    product *= x++;
    if (product > 1e200) {
      shift += Math.log(product);
      product = 1;
    }
  }
  shift += Math.log(product);
  const y = 1 / (x * x);
  const series = (1 / 12 + y * (-1 / 360 + y * (1 / 1260 + y * (-1 / 1680 + y * (1 / 1188 - y * (691 / 360360)))))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/** ln of P(X > p) and of P(X < p) for X ~ Beta(1 + k, 1 + n - k): sums of positive terms. */
function logBeta(k, n, p) {
  const term = (j) =>
    logFactorial(n + 1) - logFactorial(j) - logFactorial(n + 1 - j) + j * Math.log(p) + (n + 1 - j) * Math.log1p(-p);
  const range = (from, to) => logSumExp(Array.from({ length: to - from + 1 }, (_, i) => term(from + i)));
  return { above: range(0, k), below: range(k + 1, n + 1) };
}

// ---- the judging rules gaseol.judge/1 and gaseol.judge/2 ---------------------------------

/** [ln E+, ln E-] after each outcome of a `sign` process. */
function signPath(process, outcomes) {
  const p0 = process.theta0 ?? 0.5;
  const p1 = p0 + (process.delta ?? 0.1);
  let hits = 0;
  let misses = 0;
  return outcomes.map((outcome, i) => {
    const n = i + 1;
    if (outcome > 0 && outcome !== null) hits++;
    if (outcome < 0 && outcome !== null) misses++;
    const logB = (k) => logFactorial(k) + logFactorial(n - k) - logFactorial(n + 1);
    const against = (k, p) => k * Math.log(p) + (n - k) * Math.log1p(-p);
    const k = n - misses;
    return [
      cut(logB(hits) + logBeta(hits, n, p0).above - Math.log1p(-p0) - against(hits, p0)),
      cut(logB(k) + logBeta(k, n, p1).below - Math.log(p1) - against(k, p1)),
    ];
  });
}

const logT = (x, f, c) =>
  logGamma((f + 1) / 2) - logGamma(f / 2) - 0.5 * Math.log(f * Math.PI) - Math.log(c) -
  ((f + 1) / 2) * Math.log1p((x / c) ** 2 / f);

/** Running sums of a score that begins at the third draw; `score(i)` with i from 3. */
function running(n, score) {
  const out = [];
  let total = 0;
  for (let i = 1; i <= n; i++) {
    if (i >= 3) total += score(i);
    out.push(total);
  }
  return out;
}

function numerator(z) {
  return running(z.length, (i) => {
    const before = z.slice(0, i - 1);
    const m = mean(before);
    const s = Math.sqrt(sum(before.map((v) => (v - m) ** 2)) / (i - 2));
    return logT(z[i - 1] - m, i - 2, Math.max(s, 1e-9) * Math.sqrt(i / (i - 1)));
  });
}

/** The numerator of a law that is held to its ceiling. */
function held(z, ceiling) {
  const steps = z.map((value, j) => (j ? ((value - mean(z.slice(0, j))) ** 2 * j) / (j + 1) : 0));
  const at = (n) => {
    const Q = sum(steps.slice(0, n));
    const widen = sum(z.slice(1, n).map((_, j) => Math.log((j + 2) / (j + 1))));
    return logSumExp(Array.from({ length: 41 }, (_, k) => {
      const V = ceiling ** 2 * 2 ** (-k / 2);
      return -0.5 * ((n - 1) * Math.log(2 * Math.PI * V) + Q / V + widen);
    }));
  };
  return z.map((_, j) => (j < 2 ? 0 : at(j + 1) - at(2)));
}

/** Predictions of z one step ahead by a Gaussian process with kernel A K, of unknown constant and noise. */
function smooth(z, K) {
  return running(z.length, (i) => {
    const n = i - 1;
    const V = Array.from({ length: n }, (_, a) => Array.from({ length: n }, (_, b) => K(a, b) + (a === b ? 1 : 0)));
    const k = Array.from({ length: n }, (_, a) => K(a, n));
    const ones = k.map(() => 1);
    const [Vone, Vk] = [solve(V, ones), solve(V, k)];
    const w = sum(Vone);
    const shifted = z.slice(0, n).map((v) => v - z[0]);
    const level = dot(Vone, shifted) / w;
    const r = shifted.map((v) => v - level);
    const Vr = solve(V, r);
    const s = Math.sqrt(Math.max(dot(r, Vr), 0) / (i - 2));
    const u = Math.sqrt(1 + K(n, n) - dot(k, Vk) + (1 - sum(Vk)) ** 2 / w);
    return logT(z[n] - z[0] - level - dot(k, Vr), i - 2, Math.max(s, 1e-9) * u);
  });
}

/** ln B that something smooth is left: z and the rows x of the pilot and the draws. */
function remainder(z, x) {
  const wide = x[0].length;
  const alike = (a, b, k) => Math.exp(-((x[a][k] - x[b][k]) ** 2) / 2);
  const each = Array.from({ length: wide }, (_, k) => (a, b) => alike(a, b, k));
  const shapes = [
    ...each,
    (a, b) => mean(each.map((f) => f(a, b))),
    (a, b) => Math.exp(-sum(x[a].map((v, k) => (v - x[b][k]) ** 2)) / 2 / 1.5 ** 2),
  ];
  const paths = [1, 100, 1e4].flatMap((A) => shapes.map((f) => smooth(z, (a, b) => A * f(a, b))));
  const noise = smooth(z, () => 0);
  return z.map((_, i) => logSumExp(paths.map((p) => p[i])) - Math.log(paths.length) - noise[i]);
}

/** ln B after each draw, null where the criterion does not look for a remainder. */
function leftPath(record, registration, draws) {
  const { process } = registration.criterion;
  if (!process.remainder?.length) return draws.map(() => null);
  const table = record.json(registration.prediction.table);
  const regressors = record.json(registration.prediction.regressors);
  const columns = process.remainder.map((v) => regressors[v]);
  const points = [];
  for (const [key, position] of record.readings) {
    const [name, , purpose] = JSON.parse(key);
    const { value } = record.measurements.get(position);
    if (purpose !== "pilot" || position > registration.at || typeof value !== "number") continue;
    if (process.link !== "identity" && value <= 0) continue;
    if ([table, ...columns].some((column) => typeof own(column, name) !== "number")) continue;
    points.push([name, process.link === "identity" ? value : Math.log(value)]);
  }
  const pilot = points.length;
  for (const d of draws) if (d.outcome !== null) points.push([d.experiment.cases[0], d.outcome]);
  if (!points.length) return draws.map(() => 0);
  const path = remainder(points.map(([name, g]) => g - table[name]), points.map(([name]) => columns.map((c) => c[name])));
  let at = pilot - 1;
  return draws.map((d) => {
    if (d.outcome !== null) at++;
    return at < 0 ? 0 : path[at];
  });
}

function denominator(z, ceiling) {
  let Q = 0;
  let widen = 0;
  return z.map((value, j) => {
    const i = j + 1;
    if (i < 3) return 0;
    Q += ((value - mean(z.slice(0, j))) ** 2 * (i - 1)) / i;
    widen += Math.log(i / (i - 1));
    const q = i - 2;
    const V = ceiling === null ? Q / q : Math.min(Q / q, ceiling ** 2);
    if (V === 0) return Infinity;
    return -0.5 * (q * Math.log(2 * Math.PI * V) + Q / V + widen);
  });
}

/** Solve M x = y for a symmetric positive definite M by elimination with pivots. */
function solve(M, y) {
  const rows = M.map((row, i) => [...row, y[i]]);
  const n = rows.length;
  for (let c = 0; c < n; c++) {
    let best = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(rows[r][c]) > Math.abs(rows[best][c])) best = r;
    [rows[c], rows[best]] = [rows[best], rows[c]];
    for (let r = c + 1; r < n; r++) {
      const f = rows[r][c] / rows[c][c];
      for (let k = c; k <= n; k++) rows[r][k] -= f * rows[c][k];
    }
  }
  const x = new Array(n).fill(0);
  for (let r = n - 1; r >= 0; r--)
    x[r] = (rows[r][n] - sum(x.map((v, k) => (k > r ? rows[r][k] * v : 0)))) / rows[r][r];
  return x;
}

const dot = (a, b) => sum(a.map((v, i) => v * b[i]));

function flexible(g, x, ridge) {
  return running(g.length, (i) => {
    const wide = x[0].length;
    const centre = Array.from({ length: wide }, (_, k) => mean(x.slice(0, i - 1).map((row) => row[k])));
    const level = mean(g.slice(0, i - 1));
    const A = x.slice(0, i - 1).map((row) => row.map((v, k) => v - centre[k]));
    const b = g.slice(0, i - 1).map((v) => v - level);
    const column = (k) => A.map((row) => row[k]);
    const Ab = Array.from({ length: wide }, (_, k) => dot(column(k), b));
    const P = Ab.map((_, j) => Ab.map((_, k) => dot(column(j), column(k)) + (j === k ? ridge : 0)));
    const beta = solve(P, Ab);
    const star = x[i - 1].map((v, k) => v - centre[k]);
    const r = Math.max(dot(b, b) - dot(Ab, beta), 0);
    const c = Math.max(Math.sqrt(r / (i - 2)), 1e-9) * Math.sqrt(1 + 1 / (i - 1) + dot(star, solve(P, star)));
    return logT(g[i - 1] - level - dot(star, beta), i - 2, c);
  });
}

function contestPath(record, registration, draws) {
  const process = registration.criterion.process;
  const good = draws.filter((d) => d.outcome !== null);
  const designs = good.map((d) => d.experiment.cases[0]);
  const g = good.map((d) => d.outcome);
  const trials = [registration.hypothesis, ...(registration.criterion.rivals ?? [])];
  const tables = new Map();
  for (const [name, table] of Object.entries(record.json(registration.prediction.others)))
    if (!trials.includes(name)) tables.set(name, { table, ceiling: process.ceiling ?? null });
  for (const name of trials) {
    const r = record.registrations.get(name);
    if (!r) throw new RangeError(`the rival ${name} is not registered`);
    tables.set(name, { table: record.json(r.prediction.table), ceiling: r.criterion.process.ceiling ?? null });
  }
  const residuals = (table) =>
    designs.map((d, i) => {
      if (typeof own(table, d) !== "number") throw new RangeError(`no prediction at ${d}`);
      return g[i] - table[d];
    });
  const bounded = registration.criterion.rule !== "gaseol.judge/1";
  const predict = (z, ceiling) => (bounded && ceiling !== null ? held(z, ceiling) : numerator(z));
  const bound = !bounded || (process.ceiling ?? null) !== null;
  const N = [];
  const D = [];
  let mine;
  for (const [name, { table, ceiling }] of tables) {
    const z = residuals(table);
    if (name === registration.hypothesis) mine = { N: predict(z, ceiling), D: denominator(z, ceiling), z, ceiling };
    else {
      N.push(predict(z, ceiling));
      D.push(denominator(z, bound ? ceiling : null));
    }
  }
  if (N.length === 0) throw new RangeError("there is no challenger");
  if (bounded && mine.ceiling !== null) N.push(numerator(mine.z));
  if (process.flexible?.length && g.length) {
    const columns = record.json(registration.prediction.regressors);
    N.push(flexible(g, designs.map((d) => process.flexible.map((v) => columns[v][d])), process.ridge ?? 1));
  }
  const path = g.map((_, i) => [
    cut(Math.min(...D.map((d) => mine.N[i] - d[i]))),
    cut(logSumExp(N.map((n) => n[i])) - Math.log(N.length) - mine.D[i]),
  ]);
  let seen = 0;
  return draws.map((d) => {
    if (d.outcome !== null) seen++;
    return seen ? path[seen - 1] : [0, 0];
  });
}

function outcomeOf(record, registration, experiment, positions) {
  const { criterion, frame, prediction } = registration;
  const process = criterion.process;
  const values = positions.map((p) => record.measurements.get(p).value ?? null);
  const counts = process.kind === "sign" || process.kind === "census";
  const toSign = (x) => (Math.abs(x) <= (criterion.tie ?? 0) ? 0 : Math.sign(x));
  if (values.includes(null)) return null;
  if (frame.kind === "pairs") {
    if (values.length !== 2) return null;
    const d = (prediction.sign ?? 0) * (values[0] - values[1]);
    if (process.kind === "bounded_mean") return Math.min(Math.max(d, process.low), process.high);
    return counts ? toSign(d) : d;
  }
  const link = process.kind === "law_contest" ? (process.link ?? "log") : (prediction.link ?? "identity");
  if (link === "log" && values[0] <= 0) return null;
  const g = link === "log" ? Math.log(values[0]) : values[0];
  if (!counts) return g;
  const [rival, ...more] = Object.values(record.json(prediction.others));
  const design = experiment.cases[0];
  const tables = [record.json(prediction.table), rival];
  if (more.length || tables.some((table) => typeof own(table, design) !== "number"))
    throw new RangeError(`no two predictions at ${design}`);
  const [loss, rivalLoss] = tables.map((table) => Math.abs(g - table[design]));
  return toSign(rivalLoss - loss);
}

/** The draws of a hypothesis, each in order or not. */
function drawsOf(record, registration) {
  const { hypothesis, frame } = registration;
  const informative = frame.draw_rule === "informative";
  const sealed = record.json(frame.draws);
  const allowed = new Set(informative ? sealed : []);
  const used = new Set();
  const draws = [];
  for (const experiment of record.experiments.values()) {
    if (!experiment.hypotheses.includes(hypothesis)) continue;
    const i = draws.length;
    const positions = experiment.cases.map((name) =>
      record.readings.get(JSON.stringify([name, experiment.reading, "test"])),
    );
    if (positions.includes(undefined)) break;
    const asked = positions.flatMap((p) => [p, record.measurements.get(p).request]);
    let inOrder = Math.min(...asked) > registration.at;
    if (informative) {
      inOrder &&= allowed.has(experiment.cases[0]);
      inOrder &&= !used.has(positions.join());
      inOrder &&= Math.min(...positions) > experiment.at;
    } else {
      inOrder &&= experiment.draw === i;
      inOrder &&= i < sealed.length && JSON.stringify(sealed[i]) === JSON.stringify(experiment.cases);
    }
    used.add(positions.join());
    draws.push({ experiment, positions, inOrder, outcome: outcomeOf(record, registration, experiment, positions) });
  }
  return draws;
}

const thresholdOf = ({ criterion }) => Math.log(criterion.hypotheses / criterion.alpha);

/** Evidence, crossing and standing of one hypothesis; null for a process not derived here. */
function weigh(record, registration) {
  const { criterion } = registration;
  const kind = criterion.process.kind;
  if (kind !== "sign" && kind !== "law_contest") return null;
  const draws = drawsOf(record, registration);
  const good = draws.filter((d) => d.inOrder);
  const path =
    kind === "sign"
      ? signPath(criterion.process, good.map((d) => d.outcome))
      : good.length ? contestPath(record, registration, good) : [];
  const lefts = kind === "sign" ? good.map(() => null) : leftPath(record, registration, good);
  const threshold = thresholdOf(registration);
  const evidence = [];
  let n = 0;
  let failures = 0;
  let logs = [0, 0];
  let left = null;
  let waits = false;
  const mayWait = kind === "law_contest" && criterion.rule !== "gaseol.judge/1";
  let crossing = null;
  for (const { experiment, positions, inOrder, outcome } of draws) {
    const admissible = inOrder && !crossing && n < criterion.draws;
    if (admissible) {
      left = lefts[n];
      logs = path[n++];
      if (outcome === null) failures++;
      waits = mayWait && (logs[1] > 0 || left > 0);
      if (logs[1] >= threshold || (!waits && logs[0] >= threshold))
        crossing = {
          ruling: !waits && logs[0] >= logs[1] ? "supported" : "refuted", draw: n, log_threshold: threshold,
        };
    }
    evidence.push({
      experiment: experiment.id, draw: n, outcome, measurements: positions,
      log_e_for: logs[0], log_e_against: logs[1], left, admissible,
    });
  }
  const tooMany = n > 0 && failures > (criterion.failure_rate ?? 0.2) * n;
  const invalid = tooMany || draws.some((d) => !d.inOrder);
  return { evidence, crossing, logs, waits, draws: n, failures, invalid };
}

/** The hypotheses that pass e-BH. */
function eBH(logs, threshold) {
  const ranked = [...logs].sort(([, a], [, b]) => b - a);
  let K = 0;
  ranked.forEach(([, log], i) => {
    if (Math.log(i + 1) + log >= threshold) K = i + 1;
  });
  return new Set(ranked.slice(0, K).map(([name]) => name));
}

function judge(record) {
  const standing = new Map();
  for (const [name, registration] of record.registrations) {
    const trials = [...record.experiments.values()].filter((x) => x.hypotheses.includes(name));
    for (const rival of registration.criterion.rivals ?? [])
      if (trials.length && !(record.registrations.get(rival)?.at < trials[0].at))
        wrong(`event ${registration.at}`, `its rival ${rival} was not registered before measuring`);
    try {
      const found = weigh(record, registration);
      if (found) standing.set(name, found);
      else notes.push(`${name}: a ${registration.criterion.process.kind} process is not derived by this reader`);
    } catch (error) {
      if (!(error instanceof Withheld)) throw error;
      notes.push(`${name}: not derived, for ${error.message} is withheld`);
    }
  }
  // the families span all hypotheses: those not derived here take part with what was recorded
  const frozen = new Map();
  for (const name of record.registrations.keys()) {
    const last = (record.evidence.get(name) ?? []).filter((e) => e.admissible).at(-1);
    const said = record.verdicts.get(name)?.ruling === "invalid";
    frozen.set(
      name,
      standing.get(name) ?? {
        logs: last ? [last.log_e_for, last.log_e_against] : [0, 0],
        waits: false,
        crossing: record.crossings.get(name) ?? null,
        invalid: said,
      },
    );
  }
  const open = [...frozen].filter(([, s]) => !s.invalid);
  const first = record.registrations.values().next().value;
  const threshold = first ? thresholdOf(first) : 0;
  const family = (side, may) => eBH(open.filter(([, s]) => may(s)).map(([name, s]) => [name, s.logs[side]]), threshold);
  const supports = family(0, (s) => s.crossing?.ruling !== "refuted" && !s.waits);
  const refutations = family(1, (s) => s.crossing?.ruling !== "supported");
  for (const [name, s] of standing) {
    const [up, down] = [supports.has(name), refutations.has(name)];
    s.ruling = s.invalid ? "invalid" : up === down ? "undecided" : up ? "supported" : "refuted";
  }
  return standing;
}

const sameLeft = (a, b) => (a === null || b === null ? a === b : Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b), 1));

function compare(record, standing) {
  let evidences = 0;
  const over = ["done", "budget"].includes(record.ended?.status);
  for (const [name, s] of standing) {
    const registration = record.registrations.get(name);
    const said = record.evidence.get(name) ?? [];
    said.forEach((e, i) => {
      const f = s.evidence[i];
      const outcome = e.outcome ?? null;
      const same =
        f && e.experiment === f.experiment && e.draw === f.draw && e.admissible === f.admissible &&
        e.measurements.join() === f.measurements.join() &&
        (outcome === null || f.outcome === null ? outcome === f.outcome : close(outcome, f.outcome)) &&
        close(e.log_e_for, f.log_e_for) && close(e.log_e_against, f.log_e_against) && sameLeft(e.left ?? null, f.left);
      if (!same) wrong(`event ${e.at}`, `the evidence on ${name} is not what the measurements give`);
      evidences++;
    });
    if (said.length < s.evidence.length && record.verdicts.size) wrong(name, "draws left no evidence");
    const crossing = record.crossings.get(name);
    if (crossing) {
      const c = s.crossing;
      if (!c || c.ruling !== crossing.ruling || c.draw !== crossing.draw || !close(c.log_threshold, crossing.log_threshold))
        wrong(`event ${crossing.at}`, `${name} did not cross so`);
    }
    const verdict = record.verdicts.get(name);
    if (!verdict) {
      if (over) wrong(name, "has no verdict");
      continue;
    }
    const { rule, basis } = registration.criterion;
    const same =
      verdict.ruling === s.ruling && verdict.draws === s.draws && verdict.failures === s.failures &&
      verdict.rule === rule && verdict.basis === basis &&
      close(verdict.log_e_for, s.logs[0]) && close(verdict.log_e_against, s.logs[1]);
    if (!same) wrong(`event ${verdict.at}`, `says ${verdict.ruling} of ${name}, the record gives ${s.ruling}`);
  }
  for (const [name, verdict] of record.verdicts)
    if (!record.registrations.has(name)) wrong(`event ${verdict.at}`, `judges ${name}, not registered`);
  for (const id of record.claims) if (over && !record.audits.has(id)) wrong(id, "was never audited");
  return evidences;
}

function main(folder, ...options) {
  const keys = options.filter((_, i) => i % 2 === 1);
  const usable = options.every((option, i) => (i % 2 ? /^[0-9a-f]{64}$/ : /^--known$/).test(option));
  if (!folder || !usable || options.length !== 2 * keys.length) {
    console.error("usage: node read_record.mjs RUN [--known KEY]..., a key being 64 hexadecimal digits");
    return 2;
  }
  if (!["run.json", "events.jsonl"].every((name) => isFile(join(folder, name)))) {
    console.error(`${folder} is no run: give a folder with run.json and events.jsonl`);
    return 2;
  }
  const record = new Record(folder, new Set(keys));
  record.run();
  record.readWithheld();
  record.events();
  record.seal();
  const blobs = record.checkBlobs();
  record.checkKeys();
  let standing = new Map();
  let evidences = 0;
  if (!problems.length) {
    try {
      record.checkEffects();
      standing = judge(record);
      evidences = compare(record, standing);
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
      wrong("registrations", `cannot be judged: ${error.message}`);
    }
  }
  const summary = {
    integrity: outcome(record),
    events: record.hashes.length,
    head: record.head.toString("hex"),
    root: merkle(record.hashes).toString("hex"),
    checked: {
      blobs, effects: record.answers.size, measurements: record.measurements.size, evidences,
      verdicts: [...standing.keys()].filter((name) => record.verdicts.has(name)).length,
    },
    hypotheses: [...standing].map(([id, s]) => ({
      id, ruling: s.ruling, log_e_for: s.logs[0], log_e_against: s.logs[1], draws: s.draws, failures: s.failures,
      evidence: s.evidence.map((e) => [e.log_e_for, e.log_e_against]),
    })),
    signers: record.signers,
    withheld: [...record.keptBack].sort(),
    problems,
    notes,
  };
  console.log(JSON.stringify(summary));
  return problems.length ? 1 : 0;
}

process.exitCode = main(...process.argv.slice(2));
