// A list of any length: only the rows in sight exist.

/** Return the height of a row: on a phone its words stand on a line of their own. */
function rowHeight() {
  return matchMedia("(max-width: 600px)").matches ? 58 : 30;
}

const TALLEST = 12_000_000; // pixels: browsers lay out no more than about 33 million

class VirtualList {
  constructor({ label, height, row, select, empty, heading }) {
    this.height = height;
    this.make = row;
    this.select = select;
    this.count = 0;
    this.chosen = -1;
    this.rows = new Map();
    this.space = el("div.space");
    this.node = el("div.list", {
      tabindex: "0", role: "listbox", "aria-label": label,
      onscroll: () => this.soon(), onkeydown: (event) => this.key(event),
    }, heading ?? null, this.space);
    this.space.addEventListener("click", (event) => {
      const row = event.target.closest("[data-i]");
      if (row && !event.target.closest("a,button,input")) this.choose(Number(row.dataset.i), true, event.shiftKey);
    });
    this.empty = empty ?? "";
    this.waiting = false;
    if (globalThis.ResizeObserver) new ResizeObserver(() => this.soon()).observe(this.node);
  }
  get scale() {
    const whole = this.count * this.height;
    return whole > TALLEST ? whole / TALLEST : 1;
  }
  set(count, keep = false) {
    this.count = count;
    this.clear();
    this.space.style.height = `${Math.min(count * this.height, TALLEST)}px`;
    if (!keep) this.node.scrollTop = 0;
    swap(this.space, count ? null : el("p.none", {}, this.empty));
    this.draw();
  }
  clear() {
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
  }
  refresh() {
    this.clear();
    this.draw();
  }
  soon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.draw(); });
  }
  draw(extra = 8) {
    if (!this.node.isConnected || !this.count) return;
    const top = this.node.scrollTop * this.scale;
    const seen = Math.ceil((this.node.clientHeight || 600) / this.height);
    const first = Math.max(0, Math.floor(top / this.height) - extra);
    const last = Math.min(this.count, first + seen + 2 * extra);
    for (const [i, row] of this.rows) if (i < first || i >= last) { row.remove(); this.rows.delete(i); }
    const shift = this.node.scrollTop - top; // scaled lists are drawn about where one looks
    const parts = document.createDocumentFragment();
    for (let i = first; i < last; i++) {
      let row = this.rows.get(i);
      if (!row) {
        row = this.make(i);
        row.setAttribute("role", "option");
        row.setAttribute("aria-setsize", this.count);
        row.setAttribute("aria-posinset", i + 1);
        row.id = `${this.name ?? "row"}-${i}`;
        row.dataset.i = i;
        this.rows.set(i, row);
        parts.append(row);
      }
      row.style.transform = `translateY(${i * this.height + shift}px)`;
      row.classList.toggle("chosen", i === this.chosen);
      row.setAttribute("aria-selected", i === this.chosen ? "true" : "false");
    }
    this.space.append(parts);
  }
  choose(i, act = false, extend = false) {
    if (!this.count) return;
    this.chosen = Math.max(-1, Math.min(i, this.count - 1));
    if (this.chosen >= 0) {
      this.reveal(this.chosen);
      this.node.setAttribute("aria-activedescendant", `${this.name ?? "row"}-${this.chosen}`);
    }
    this.draw();
    if (act && this.chosen >= 0) this.select?.(this.chosen, false, extend);
  }
  reveal(i, middle = false) {
    const room = this.node.clientHeight || 600;
    const y = (i * this.height) / this.scale;
    const top = this.node.scrollTop;
    if (middle || y < top || y + this.height > top + room) {
      this.node.scrollTop = Math.max(0, y - (middle || y < top - room || y > top + 2 * room ? room / 2 : y < top ? 0 : room - 2 * this.height));
    }
  }
  key(event) {
    const page = Math.max(1, Math.floor(this.node.clientHeight / this.height) - 1);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.count, End: this.count };
    if (event.key in moves && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.choose(Math.max(0, this.chosen + moves[event.key]), true);
    } else if ((event.key === "Enter" || event.key === " ") && this.chosen >= 0 && event.target === this.node) {
      event.preventDefault();
      this.select?.(this.chosen, true);
    }
  }
  /** Draw up to so many rows for print. */
  unroll(most) {
    if (!this.count) return;
    const first = Math.max(0, Math.floor((this.node.scrollTop * this.scale) / this.height));
    this.clear();
    const n = Math.min(most, this.count);
    const from = this.count <= most ? 0 : Math.min(first, this.count - n);
    this.space.style.height = `${n * this.height}px`;
    for (let i = from; i < from + n; i++) {
      const row = this.make(i);
      row.style.transform = `translateY(${(i - from) * this.height}px)`;
      this.rows.set(i, row);
      this.space.append(row);
    }
  }
  roll() {
    this.set(this.count, true);
  }
}
