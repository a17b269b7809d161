// Parallel coordinates: an axis for each parameter and one for the time, a line for each sample.
// Lines are on a canvas, as there are thousands; axes and brushes are SVG above it.
const kParallelHeight = 340;
const kParallel = {top: 34, bottom: 20, left: 60, right: 90};
const kAxisDistance = 96; // pixels at least, for the names; what is too wide scrolls
const kJitter = 5; // pixels that equal values are spread over, to show how many there are

// A number in [-1, 1] that depends on the row and the axis alone.
function spread(row, axis) {
  let hash = Math.imul(row + 1, 0x9E3779B1) ^ Math.imul(axis + 1, 0x85EBCA6B);
  hash = Math.imul(hash ^ (hash >>> 15), 0xC2B2AE35);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2147483648 - 1;
}

function drawParallel(target, shape, selection, onBrush) {
  const container = byId("parallel");
  const rows = d3.range(shape.count).filter(row => shape.correct(row));
  if (!rows.length) return container.replaceChildren("No sample of this shape has a time.");
  const {svg, width, height} = drawing(container, chartHeight(kParallelHeight),
    `Parallel coordinates of ${rows.length} samples over ${target.axes.map(place => target.columns[place].name).join(", ")} and time`,
    kParallel.left + kParallel.right + kAxisDistance * target.axes.length);
  svg.attr("role", "group");
  const columns = target.axes.map(place => target.columns[place]);
  const axes = columns.length + 1;
  const x = d3.scalePoint().domain(d3.range(axes)).range([kParallel.left, width - kParallel.right]);
  const range = [height - kParallel.bottom, kParallel.top];
  const scales = columns.map(column =>
    d3.scalePoint().domain(d3.range(column.values.length)).range(range).padding(0.4));
  const [least, most] = d3.extent(rows, row => shape.times[row]);
  const time = d3.scaleLog().domain(least < most ? [least, most] : [least * 0.9, least * 1.1]).range(range);
  const place = (row, axis) => axis === axes - 1 ? time(shape.times[row])
    : scales[axis](shape.levels[target.axes[axis]][row]) + kJitter * spread(row, axis);

  const canvas = layCanvas(container, width, height);
  const order = rows.slice().sort((a, b) => shape.times[b] - shape.times[a] || b - a);
  const view = {
    paint: () => paintLines(canvas, {order, axes, x, place, time, selection, shape, width, height}),
  };
  const groups = drawAxes(svg, columns, scales, time, x);
  view.brushes = addBrushes(groups, target, scales, time, range, selection, onBrush);
  view.paint();
  return view;
}

function layCanvas(container, width, height) {
  const ratio = Math.max(1, window.devicePixelRatio || 1);
  const canvas = element("canvas", {width: width * ratio, height: height * ratio, "aria-hidden": "true",
    style: `width: ${width}px; height: ${height}px; position: absolute; inset: 0`});
  container.prepend(canvas);
  container.querySelector("svg").style.position = "relative";
  canvas.getContext("2d").scale(ratio, ratio);
  return canvas;
}

function paintLines(canvas, {order, axes, x, place, time, selection, shape, width, height}) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  const line = row => {
    context.beginPath();
    for (let axis = 0; axis < axes; ++axis)
      if (axis) context.lineTo(x(axis), place(row, axis));
      else context.moveTo(x(axis), place(row, axis));
    context.stroke();
  };
  const chosen = selection.active() ? order.filter(row => selection.has(shape, row)) : order;
  context.lineWidth = 1;
  if (selection.active()) {
    context.globalAlpha = 0.25;
    context.strokeStyle = colour("--faint");
    order.forEach(line);
  }
  const shade = speedColour();
  const domain = time.domain();
  const share = seconds => Math.log(seconds / domain[0]) / Math.log(domain[1] / domain[0]) || 0;
  context.globalAlpha = Math.min(0.9, Math.max(0.12, 60 / Math.sqrt(chosen.length) / 6));
  for (const row of chosen) {
    context.strokeStyle = shade(share(shape.times[row]));
    line(row);
  }
  // The fastest of the selection stands out.
  if (chosen.length) {
    context.globalAlpha = 1;
    for (const [width, name] of [[6, "--card"], [2.5, "--fastest"]]) {
      context.lineWidth = width;
      context.strokeStyle = colour(name);
      line(chosen[chosen.length - 1]);
    }
  }
  context.globalAlpha = 1;
}

function drawAxes(svg, columns, scales, time, x) {
  const names = [...columns.map(column => column.name), "time, µs"];
  return names.map((name, axis) => {
    const group = svg.append("g").attr("class", "axis labelled").attr("transform", `translate(${x(axis)},0)`);
    const last = axis === names.length - 1;
    const made = last
      ? d3.axisRight(time).tickValues(timeTicks(time)).tickFormat(seconds => d3.format(",.4~r")(seconds * 1e6))
      : d3.axisLeft(scales[axis]).tickFormat(level => columns[axis].values[level]);
    group.call(made);
    group.append("text").attr("y", 16).attr("text-anchor", "middle").attr("class", "name").text(name);
    return group;
  });
}

// Eight times at equal distances on the axis.
function timeTicks(time) {
  const [low, high] = time.range();
  return d3.range(8).map(i => time.invert(low + (high - low) * i / 7));
}

// Brushes call onBrush(column, levels, or null for all) and, for the time, onBrush(number of columns,
// [low, high] in seconds, or null).
function addBrushes(groups, target, scales, time, range, selection, onBrush) {
  let showing = false; // a brush is moved by show(), not by a hand
  return groups.map((group, axis) => {
    const last = axis === groups.length - 1;
    const column = last ? target.columns.length : target.axes[axis];
    const brush = d3.brushY().extent([[-13, range[1] - 8], [13, range[0] + 8]]);
    const layer = group.append("g").attr("class", "brush").call(brush);
    brush.on("brush end", () => {
      const event = d3.event;
      if (showing) return;
      if (!event.selection) return event.type === "end" && onBrush(column, null);
      const [top, bottom] = event.selection;
      if (last) return onBrush(column, [time.invert(Math.min(bottom, range[0])), time.invert(Math.max(top, range[1]))]);
      const levels = scales[axis].domain().filter(level => scales[axis](level) >= top && scales[axis](level) <= bottom);
      onBrush(column, levels);
    });
    // Draws the brush where the selection is; nothing where values between are left out.
    const show = () => {
      const interval = last ? selection.time && selection.time.map(seconds => time(clamped(seconds, time.domain())))
        : levelInterval(selection.levels[column], scales[axis]);
      showing = true;
      layer.call(brush.move, interval && [Math.max(Math.min(...interval), range[1] - 8),
        Math.min(Math.max(...interval), range[0] + 8)]);
      showing = false;
    };
    show();
    return {column, show};
  });
}

const clamped = (value, [low, high]) => Math.max(low, Math.min(high, value));

function levelInterval(levels, scale) {
  if (!levels || !levels.size) return null;
  const all = [...levels];
  const low = Math.min(...all);
  const high = Math.max(...all);
  if (high - low + 1 !== levels.size) return null;
  const half = Math.min(12, scale.step() / 2);
  return [scale(low) + half, scale(high) - half];
}
