// The best point of each shape: a table, and throughput over the shapes.
function confidenceText(best) {
  if (best.interval)
    return `${microseconds(best.interval.low)} – ${microseconds(best.interval.high)}`;
  return best.exact ? "exact" : `${best.samples} sample${best.samples === 1 ? "" : "s"}`;
}

function gapText(shape) {
  if (!shape.bound || shape.bound.gap === undefined) return "–";
  return d3.format(".2f")(shape.bound.gap * 100) + " %";
}

function drawBest(target, chosen, choose) {
  const table = byId("best-table");
  const heading = text => element("th", {scope: "col"}, text);
  const head = element("tr", {}, ...target.keys.map(heading),
    element("th", {scope: "col", class: "text"}, "best point"),
    ...["best µs", "95 % interval", "TFLOP/s", "base µs", "speed-up", "bound µs", "gap", "ties"].map(heading));
  const rows = target.shapes.map((shape, index) => {
    const best = shape.best;
    const cells = best ? [
      microseconds(best.seconds), confidenceText(best), d3.format(".2f")(best.tflops),
      shape.base_seconds ? microseconds(shape.base_seconds) : "–",
      shape.speed_up ? `${d3.format(".2f")(shape.speed_up)}×` : "–",
      shape.bound ? microseconds(shape.bound.seconds) : "–", gapText(shape), whole(best.ties)]
      : ["–", "–", "–", "–", "–", "–", "–", "–"];
    const keys = target.keys.map(key => keyText(shape.problem, key));
    const cell = text => element("td", {}, text);
    const row = element("tr", {class: index === chosen ? "chosen" : null, onclick: () => choose(index)},
      ...keys.map(cell),
      element("td", {class: "text wrap"}, best ? element("code", {}, best.short.replaceAll(",", ", ")) : "no time"),
      ...cells.map(cell));
    if (shape.bound && shape.bound.held_back_by)
      row.title = `The bound is held back by ${shape.bound.held_back_by} of the time.`;
    return row;
  });
  table.replaceChildren(element("caption", {class: "skip"}, "Best point of each shape"),
    element("thead", {}, head), element("tbody", {}, ...rows));
  byId("best-note").textContent = bestNote(target);
}

function bestNote(target) {
  const notes = [`Base is ${report.base === "the default point" ? report.base : `the job's seed, ${report.base}`}.`,
    "Parameters that a point does not name are as in the default point."];
  const simulated = target.environment.runner === "sim";
  if (target.shapes.some(shape => shape.bound))
    notes.push("Bound: no legal point of the space is faster in the simulator's model; gap: how " +
      "much faster than the best a point could still be.");
  else if (!report.job)
    notes.push("Made without a job: there is no space to prove a bound of.");
  if (simulated) notes.push("Times of the simulator are exact: a point has one.");
  const outside = target.shapes.filter(shape => shape.best && shape.best.costs === "extrapolated");
  if (outside.length)
    notes.push(`Costs are extrapolated beyond the calibrated range for ${outside.map(shape =>
      shapeName(target, shape)).join("; ")}.`);
  return notes.join(" ");
}

function drawThroughput(target) {
  const container = byId("throughput");
  const shapes = target.shapes.filter(shape => shape.best);
  container.closest("figure").hidden = shapes.length < 2;
  if (shapes.length < 2) return;
  const rate = (shape, seconds) => shape.flops / seconds / 1e12;
  const {svg, width, height} = drawing(container, chartHeight(250), "Throughput of the best and the base point: " +
    shapes.map(shape => `${shapeName(target, shape)}: ${d3.format(".1f")(shape.best.tflops)} TFLOP/s`).join("; "));
  const margin = {left: 52, right: 18, top: 12, bottom: 40};
  const x = d3.scalePoint().domain(d3.range(shapes.length)).range([margin.left, width - margin.right]).padding(0.3);
  const top = d3.max(shapes, shape => Math.max(shape.best.tflops,
    shape.bound ? rate(shape, shape.bound.seconds) : 0));
  const y = d3.scaleLinear().domain([0, top]).nice().range([height - margin.bottom, margin.top]);
  svg.append("g").attr("class", "grid").attr("transform", `translate(${margin.left},0)`)
    .call(d3.axisLeft(y).ticks(5).tickSize(-(width - margin.left - margin.right)).tickFormat(""));
  svg.append("g").attr("class", "axis").attr("transform", `translate(0,${height - margin.bottom})`)
    .call(d3.axisBottom(x).tickFormat(i => shapeTick(shapes[i].problem)));
  svg.append("g").attr("class", "axis").attr("transform", `translate(${margin.left},0)`).call(d3.axisLeft(y).ticks(5));
  svg.append("text").attr("class", "dim").attr("x", width - margin.right).attr("y", height - 5)
    .attr("text-anchor", "end").text("S0 × S1");
  svg.append("text").attr("class", "dim").attr("x", margin.left + 6).attr("y", margin.top + 8).text("TFLOP/s");
  const lines = [["base", shape => shape.base_seconds && rate(shape, shape.base_seconds)],
    ["best", shape => shape.best.tflops]];
  for (const [kind, value] of lines) {
    const points = shapes.map((shape, i) => [x(i), value(shape)]).filter(point => point[1]);
    svg.append("path").attr("class", kind).attr("d", d3.line()(points.map(([px, v]) => [px, y(v)])));
    for (const [px, v] of points)
      svg.append("circle").attr("class", kind).attr("cx", px).attr("cy", y(v)).attr("r", 3.5)
        .append("title").text(`${kind}: ${d3.format(".2f")(v)} TFLOP/s`);
  }
  container.append(legend([["best point", "border-color: var(--accent)"],
    [report.base === "the default point" ? "default point" : "seed", "border-color: var(--mark); border-top-style: dashed"]]));
}

const shapeTick = problem => problem.s0 === problem.s1 ? short(problem.s1) : `${short(problem.s0)}×${short(problem.s1)}`;
