// The page's state, and what is drawn again when it changes. The address behind '#' keeps the
// state: #target=0&shape=2&theme=dark&sort=time&TILE_S1=256,512&time=200..300 (microseconds).
const kThemes = ["auto", "light", "dark"];
const state = {target: 0, shape: 0, theme: "auto", selection: null, view: null};
let samples = null;

const target = () => report.targets[state.target];
const shape = () => target().shapes[state.shape];

function writeAddress() {
  const parts = new URLSearchParams();
  if (state.target) parts.set("target", state.target);
  if (state.shape) parts.set("shape", state.shape);
  if (state.theme !== "auto") parts.set("theme", state.theme);
  target().columns.forEach((column, place) => {
    const levels = state.selection.levels[place];
    if (levels) parts.set(column.name, [...levels].sort((a, b) => a - b).map(level => column.values[level]).join(","));
  });
  const limits = state.selection.time;
  if (limits) parts.set("time", limits.map(seconds => isFinite(seconds) ? +(seconds * 1e6).toFixed(4) : "").join(".."));
  try { history.replaceState(null, "", `#${decodeURIComponent(parts)}`); } catch { /* not in every frame */ }
}

function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const index = (name, length) => Math.max(0, Math.min(length - 1, Number.parseInt(parts.get(name) || "0", 10) || 0));
  state.target = index("target", report.targets.length);
  state.shape = index("shape", target().shapes.length);
  state.theme = kThemes.includes(parts.get("theme")) ? parts.get("theme") : "auto";
  state.selection = new Selection(target().columns);
  target().columns.forEach((column, place) => {
    const asked = (parts.get(column.name) || "").split(",");
    const levels = d3.range(column.values.length).filter(level => asked.includes(column.values[level]));
    if (levels.length) state.selection.set(place, levels);
  });
  const limits = parts.get("time") && parts.get("time").split("..");
  if (limits && limits.length === 2)
    state.selection.time = [Number(limits[0]) / 1e6, limits[1] === "" ? Infinity : Number(limits[1]) / 1e6];
}

function showTheme() {
  if (state.theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = state.theme;
  byId("theme").textContent = `Colours: ${state.theme}`;
}

function showSelection() {
  const own = shape();
  let chosen = 0;
  for (let row = 0; row < own.count; ++row) chosen += state.selection.has(own, row);
  byId("selected").textContent = state.selection.active()
    ? `${whole(chosen)} of ${whole(own.count)} samples selected` : `all ${whole(own.count)} samples`;
  byId("clear").disabled = !state.selection.active();
  document.documentElement.dataset.selected = chosen;
}

// `changed` is the column whose brush did it and stands right already.
function selectionChanged(changed = null) {
  showSelection();
  drawFilter(target(), state.selection, choose);
  if (state.view) {
    state.view.paint();
    for (const brush of state.view.brushes)
      if (brush.column !== changed) brush.show();
  }
  samples.page = 0;
  samples.update();
  writeAddress();
}

function brushed(column, value) {
  state.selection.set(column, value);
  selectionChanged(column);
}

function choose(column, value) {
  state.selection.set(column, value);
  selectionChanged();
}

function drawShapes() {
  byId("shapes").replaceChildren(...target().shapes.map((one, index) => element("button", {
    type: "button", "aria-current": index === state.shape ? "true" : null, onclick: () => chooseShape(index)},
    target().keys.map(key => ["s0", "s1"].includes(key) ? `${key.toUpperCase()} ${short(one.problem[key])}`
      : `${key} ${keyText(one.problem, key)}`).join(" · "))));
}

function chooseShape(index) {
  const again = document.activeElement && document.activeElement.closest("#shapes");
  state.shape = index;
  state.selection.time = null; // times of another shape say nothing here
  drawAll();
  if (again) byId("shapes").children[index].focus();
}

function timelineImage(target, shape) {
  return element("img", {alt: `Gantt chart of ${shape.best.short} on ${shapeName(target, shape)}: the pipes' work over time`,
    src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(shape.timeline)}`});
}

function drawTimeline() {
  const own = shape();
  byId("timeline-section").hidden = !own.timeline;
  if (!own.timeline) return byId("timeline").replaceChildren();
  byId("timeline").replaceChildren(timelineImage(target(), own));
}

function drawCharts() {
  drawThroughput(target());
  drawConvergence(target(), state.shape);
  drawInfluence(target(), shape());
  state.view = drawParallel(target(), shape(), state.selection, brushed) || null;
}

function drawAll() {
  drawHead();
  drawBest(target(), state.shape, chooseShape);
  drawShapes();
  drawRules(shape());
  drawCharts();
  drawTimeline();
  drawFilter(target(), state.selection, choose);
  showSelection();
  samples.show(target(), shape(), byId("all-shapes").checked);
  writeAddress();
}

function drawHead() {
  const environment = target().environment;
  byId("title").textContent = `${report.job || report.database} on ${environment.soc}`;
  const facts = [`runner ${environment.runner} ${environment.runner_version}`];
  if (environment.toolchain) facts.push(environment.toolchain);
  facts.push(...target().common.map(([key, value]) => key === "causal" ? (value ? "causal" : "non-causal")
    : key === "family" || key === "dtype" ? value : `${key} ${value}`));
  if (report.space) facts.push(`space ${report.space}`);
  const count = d3.sum(target().shapes, one => one.count);
  const equal = d3.sum(target().shapes, one => one.equal_programs);
  facts.push(`${whole(count)} samples`);
  if (equal) facts.push(`${whole(equal)} more points are equal programs`);
  byId("origin").textContent = facts.join(" · ") + (target().fixed ? `; ${target().fixed.replaceAll(",", ", ")}` : "");
  byId("made-by").textContent = `Made by ${report.tool} from ${report.database}.`;
}

// Charts get the width and the colours of paper while the page is printed.
function printing(begins) {
  document.documentElement.classList.toggle("printing", begins);
  if (begins) drawPrinted(target(), shape(), state.selection);
  else byId("printed").replaceChildren();
  drawCharts();
}

function save() {
  const link = element("a", {href: URL.createObjectURL(new Blob([samples.csv()], {type: "text/csv"})),
    download: `${report.job || "samples"}.csv`});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function setUp() {
  const choice = byId("target");
  report.targets.forEach((one, index) => choice.append(new Option(
    `${one.environment.soc}, ${one.environment.runner} ${one.environment.runner_version}, ${one.environment.toolchain} (${one.environment.id.slice(0, 8)})`, index)));
  byId("target-choice").hidden = report.targets.length < 2;
  choice.value = state.target;
  choice.addEventListener("change", () => {
    state.target = Number(choice.value);
    state.shape = 0;
    state.selection = samples.selection = new Selection(target().columns);
    samples.sort = {key: "time", descending: false};
    drawAll();
  });
  byId("theme").addEventListener("click", () => {
    state.theme = kThemes[(kThemes.indexOf(state.theme) + 1) % kThemes.length];
    showTheme();
    drawCharts();
    writeAddress();
  });
  byId("clear").addEventListener("click", () => { state.selection.clear(); selectionChanged(); });
  byId("all-shapes").addEventListener("change", event => samples.show(target(), shape(), event.target.checked));
  byId("download").addEventListener("click", save);
  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(drawCharts, 100);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
  window.addEventListener("beforeprint", () => printing(true));
  window.addEventListener("afterprint", () => printing(false));
}

if (report.targets.length) {
  readAddress();
  samples = new SampleTable(state.selection);
  setUp();
  showTheme();
  drawAll();
} else {
  byId("title").textContent = report.database;
  document.querySelector("main").replaceChildren(element("p", {class: "card"}, "The database holds no times yet."));
}
document.documentElement.dataset.ready = "1";
