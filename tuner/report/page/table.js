// The samples as a table: sorted, filtered by the selection, a page at a time. A sample is a pair
// [shape, row].
const kPageRows = 50;

function selectedSamples(shapes, selection) {
  const rows = [];
  for (const shape of shapes)
    for (let row = 0; row < shape.count; ++row)
      if (selection.has(shape, row)) rows.push([shape, row]);
  return rows;
}

// What a table of the shapes' samples shows of each: key and name, the value that it is sorted by, its text.
function sampleColumns(target, shapes) {
  const problem = shapes.length < 2 ? [] : target.keys.map(key => ({key, name: key, value: shape => shape.problem[key],
    text: shape => keyText(shape.problem, key)}));
  const parameters = target.columns.map((column, place) => ({key: column.name, name: column.name,
    value: (shape, row) => shape.levels[place][row], text: (shape, row) => column.values[shape.levels[place][row]]}));
  const best = shape => shape.best ? shape.best.seconds : NaN;
  const time = (shape, row) => shape.times[row];
  const number = (value, text) => Number.isNaN(value) ? "–" : text(value);
  const several = shapes.some(shape => shape.rows.counts); // else the only time is the median
  return [
    {key: "order", name: "no.", value: (shape, row) => row, text: (shape, row) => whole(row + 1)},
    ...problem, ...parameters,
    {key: "status", name: "status", left: true, value: (shape, row) => shape.status(row), text: statusCell},
    {key: "time", name: several ? "median µs" : "time µs", value: time, text: (shape, row) => number(time(shape, row), microseconds)},
    {key: "above", name: "above best", value: (shape, row) => time(shape, row) / best(shape),
      text: (shape, row) => number(time(shape, row) / best(shape) - 1, value => d3.format("+.1%")(value))},
    {key: "rate", name: "TFLOP/s", value: (shape, row) => shape.flops / time(shape, row),
      text: (shape, row) => number(shape.flops / time(shape, row) / 1e12, d3.format(".2f"))},
    ...(!several ? [] : [{key: "count", name: "raw µs", left: true, wrap: true, value: (shape, row) => shape.raw(row).length,
      text: (shape, row) => shape.raw(row).map(seconds => String(+(seconds * 1e6).toFixed(4))).join(", ")}]),
  ];
}

// Samples without a value come last, whichever way they are sorted.
function sortedSamples(rows, columns, {key, descending}) {
  const column = columns.find(one => one.key === key);
  const sign = descending ? -1 : 1;
  const keyed = rows.map((row, place) => ({row, place, value: column.value(...row)}));
  keyed.sort((a, b) => {
    const missing = Number.isNaN(a.value) - Number.isNaN(b.value);
    if (missing || Number.isNaN(a.value)) return missing || a.place - b.place;
    return a.value < b.value ? -sign : a.value > b.value ? sign : a.place - b.place;
  });
  return keyed.map(one => one.row);
}

function sampleLine(columns, row) {
  return element("tr", {}, ...columns.map(column =>
    element("td", {class: column.wrap ? "text wrap" : column.left ? "text" : null}, column.text(...row))));
}

class SampleTable {
  constructor(selection) {
    this.selection = selection;
    this.sort = {key: "time", descending: false};
    this.page = 0;
    for (const pager of document.querySelectorAll(".pager")) this.addPager(pager);
  }

  addPager(pager) {
    const button = (text, label, page) => element("button", {type: "button", "aria-label": label,
      onclick: () => { this.page = page(); this.draw(); }}, text);
    this.pagers = this.pagers || [];
    const made = {
      first: button("«", "First page", () => 0), back: button("‹", "Page before", () => this.page - 1),
      text: element("span"),
      next: button("›", "Next page", () => this.page + 1), last: button("»", "Last page", () => this.pages() - 1),
    };
    pager.classList.add("controls");
    pager.append(...Object.values(made));
    this.pagers.push(made);
  }

  pages() { return Math.max(1, Math.ceil(this.rows.length / kPageRows)); }

  // `all`: samples of every shape, not of the chosen one alone.
  show(target, shape, all) {
    this.target = target;
    this.shapes = all ? target.shapes : [shape];
    this.page = 0;
    this.update();
  }

  update() {
    this.columns = sampleColumns(this.target, this.shapes);
    this.rows = sortedSamples(selectedSamples(this.shapes, this.selection), this.columns, this.sort);
    this.page = Math.min(this.page, this.pages() - 1);
    this.draw();
  }

  sortBy(key) {
    this.sort = {key, descending: this.sort.key === key && !this.sort.descending};
    this.page = 0;
    this.update();
    byId("samples").querySelector(`th[aria-sort] button`).focus();
  }

  draw() {
    const {columns} = this;
    const head = element("tr", {}, ...columns.map(column => element("th", {scope: "col",
      class: column.left ? "text" : null,
      "aria-sort": column.key === this.sort.key ? (this.sort.descending ? "descending" : "ascending") : null},
      element("button", {type: "button", onclick: () => this.sortBy(column.key)},
        column.name + (column.key === this.sort.key ? (this.sort.descending ? " ↓" : " ↑") : "")))));
    const shown = this.rows.slice(this.page * kPageRows, (this.page + 1) * kPageRows);
    byId("samples").replaceChildren(element("caption", {class: "skip"}, "Samples"),
      element("thead", {}, head), element("tbody", {}, ...shown.map(row => sampleLine(columns, row))));
    for (const pager of this.pagers) this.drawPager(pager);
    document.documentElement.dataset.rows = this.rows.length;
  }

  drawPager(pager) {
    const first = this.page * kPageRows;
    pager.first.disabled = pager.back.disabled = this.page === 0;
    pager.next.disabled = pager.last.disabled = this.page >= this.pages() - 1;
    pager.text.textContent = this.rows.length
      ? `${whole(first + 1)} – ${whole(Math.min(first + kPageRows, this.rows.length))} of ${whole(this.rows.length)}`
      : "none";
  }

  // A line for each raw time, or for a sample without one.
  csv() {
    const quoted = text => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    const {target} = this;
    const lines = [["family", "head", "s0", "s1", "causal", "dtype", ...target.columns.map(c => c.name), "status", "seconds", "detail"].join(",")];
    for (const [shape, row] of this.rows) {
      const p = shape.problem;
      const front = [p.family, p.head, p.s0, p.s1, Number(p.causal), p.dtype,
        ...target.columns.map((column, place) => column.values[shape.levels[place][row]]), shape.status(row)];
      const raw = shape.raw(row);
      for (const seconds of raw.length ? raw : [""])
        lines.push([...front, seconds, quoted(shape.detail(row))].join(","));
    }
    return lines.join("\n") + "\n";
  }
}

function statusCell(shape, row) {
  const detail = shape.detail(row);
  if (!detail) return shape.status(row);
  return element("details", {open: onPaper() ? "" : null}, element("summary", {}, shape.status(row)), detail);
}
