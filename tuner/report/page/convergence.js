// The best time so far over the measurements.

// [measurement, best time so far] wherever it becomes better, and at the end.
function improvements(shape) {
  const steps = [];
  let best = Infinity;
  for (let row = 0; row < shape.count; ++row)
    if (shape.times[row] < best) {
      best = shape.times[row];
      steps.push([row + 1, best]);
    }
  if (steps.length) steps.push([shape.count, best]);
  return steps;
}

function drawConvergence(target, chosen) {
  const lines = target.shapes.map(improvements);
  const own = lines[chosen];
  const container = byId("convergence");
  if (!own.length) return container.replaceChildren("No sample has a time.");
  const last = own[own.length - 1][1];
  const {svg, width, height} = drawing(container, chartHeight(280),
    `Best time so far: ${own.slice(0, -1).map(([n, time]) => `${microseconds(time)} µs after ${n}`).join(", ")}`);
  const margin = {left: 58, right: 18, top: 12, bottom: 40};
  const above = steps => steps.map(([n, time]) => [n, time / steps[steps.length - 1][1] - 1]);
  const most = d3.max(lines.filter(steps => steps.length), steps => above(steps)[0][1]) || 0.01;
  const x = d3.scaleLog().domain([1, d3.max(target.shapes, shape => shape.count) || 10]).range([margin.left, width - margin.right]);
  const y = d3.scaleLinear().domain([0, most]).nice().range([height - margin.bottom, margin.top]);
  svg.append("g").attr("class", "grid").attr("transform", `translate(${margin.left},0)`)
    .call(d3.axisLeft(y).ticks(5).tickSize(-(width - margin.left - margin.right)).tickFormat(""));
  svg.append("g").attr("class", "axis").attr("transform", `translate(0,${height - margin.bottom})`)
    .call(d3.axisBottom(x).ticks(4, ",d"));
  svg.append("g").attr("class", "axis").attr("transform", `translate(${margin.left},0)`)
    .call(d3.axisLeft(y).ticks(5).tickFormat(signedTick));
  svg.append("text").attr("class", "dim").attr("x", width - margin.right).attr("y", height - 5)
    .attr("text-anchor", "end").text("measurements");
  const path = d3.line().x(d => x(d[0])).y(d => y(d[1])).curve(d3.curveStepAfter);
  lines.forEach((steps, i) => i !== chosen && steps.length &&
    svg.append("path").attr("class", "other").attr("d", path(above(steps)))
      .append("title").text(shapeName(target, target.shapes[i])));
  svg.append("path").attr("class", "best").attr("d", path(above(own)));
  for (const [n, time] of own.slice(0, -1))
    svg.append("circle").attr("class", "best").attr("cx", x(n)).attr("cy", y(time / last - 1)).attr("r", 3)
      .append("title").text(`${microseconds(time)} µs at measurement ${whole(n)}`);
  const entries = [[shapeName(target, target.shapes[chosen]), "border-color: var(--accent)"]];
  if (lines.length > 1) entries.push(["the other shapes", "border-color: var(--other)"]);
  container.append(legend(entries));
}
