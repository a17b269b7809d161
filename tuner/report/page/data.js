// The report's data, unpacked. A row is a sample's place in its shape.
const report = JSON.parse(document.getElementById("data").textContent);
const digits = new Map([...report.level_digits].map((digit, level) => [digit, level]));
const kCorrect = 0; // a status that has times

function median(values) {
  const sorted = Array.from(values).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// Levels by column, medians (NaN where there is none) and the place of each row's raw times.
function unpack(shape) {
  const rows = shape.rows;
  const count = rows.status.length;
  const begins = new Uint32Array(count + 1);
  const times = new Float64Array(count);
  for (let row = 0; row < count; ++row) {
    begins[row + 1] = begins[row] + (rows.counts ? rows.counts[row] : 1);
    const raw = rows.seconds.slice(begins[row], begins[row + 1]);
    times[row] = raw.length ? median(raw) : NaN;
  }
  const levels = rows.levels.map(column =>
    Uint16Array.from(column, level => typeof level === "string" ? digits.get(level) : level));
  return Object.assign(shape, {
    count, times, levels,
    raw: row => rows.seconds.slice(begins[row], begins[row + 1]),
    status: row => report.statuses[Number(rows.status[row])],
    correct: row => Number(rows.status[row]) === kCorrect,
    detail: row => (rows.details && rows.details[row]) || "",
  });
}

// The keys of a problem that tell the shapes of a target apart; s0 and s1 always.
function keysOf(target) {
  const keys = ["s0", "s1"];
  for (const key of ["family", "head", "causal", "dtype"])
    if (new Set(target.shapes.map(shape => shape.problem[key])).size > 1)
      keys.push(key);
  return keys;
}

for (const target of report.targets) {
  target.shapes.forEach(unpack);
  target.keys = keysOf(target);
  // Columns in which samples differ; in others only points of equal programs do.
  target.axes = target.columns.map((column, place) => place).filter(place =>
    new Set(target.shapes.flatMap(shape => [...new Set(shape.levels[place])])).size > 1);
  target.common = ["family", "head", "causal", "dtype"].filter(key => !target.keys.includes(key))
    .map(key => [key, target.shapes[0].problem[key]]);
}
