// Main effects, pairs as a heat map, and the mean time at each value.
function drawInfluence(target, shape) {
  const influence = shape.influence;
  const section = byId("mains").closest("section");
  section.hidden = !influence;
  if (!influence) return;
  byId("influence-note").textContent =
    `Functional analysis of variance of the time's logarithm over ${whole(influence.points)} points with a time.`;
  drawMains(influence);
  drawPairs(target, influence);
  drawLevels(target, influence);
}

function drawMains(influence) {
  const most = d3.max(influence.mains, main => main.share) || 1;
  byId("mains").replaceChildren(element("table", {class: "data"}, element("tbody", {},
    ...influence.mains.map(main => element("tr", {},
      element("th", {scope: "row", class: "text"}, main.column),
      element("td", {class: "bar text", style: `--share: ${100 * main.share / most}%; width: 70%`},
        element("span", {}, percent(main.share))))))));
}

function drawPairs(target, influence) {
  const container = byId("pairs");
  const names = influence.mains.map(main => main.column);
  container.closest("figure").hidden = names.length < 2;
  if (names.length < 2) return;
  const rows = names.slice(1);
  const columns = names.slice(0, -1);
  const shares = new Map(influence.pairs.map(pair => [pair.columns.join(" "), pair.share]));
  const share = (a, b) => shares.get(`${a} ${b}`) ?? shares.get(`${b} ${a}`) ?? 0;
  const left = 106; // the names of rows
  const below = 74; // the names of columns, aslant
  const size = Math.max(24, Math.min(chartHeight(38), Math.floor((container.clientWidth - left) / columns.length)));
  const {svg} = drawing(container, size * rows.length + below, "Shares of pairs: " +
    influence.pairs.slice(0, 5).map(pair => `${pair.columns.join(" with ")} ${percent(pair.share)}`).join(", "),
    left + size * columns.length);
  const most = d3.max(influence.pairs, pair => pair.share) || 1;
  const shade = d3.scaleLinear().domain([0, most]).range([colour("--row"), colour("--accent")]);
  columns.forEach((name, place) => svg.append("text").attr("text-anchor", "end").text(name)
    .attr("transform", `translate(${left + (place + 0.5) * size + 4},${rows.length * size + 14}) rotate(-40)`));
  rows.forEach((one, row) => {
    svg.append("text").attr("x", left - 8).attr("y", row * size + size / 2 + 4)
      .attr("text-anchor", "end").text(one);
    columns.slice(0, row + 1).forEach((other, place) => {
      const x = left + place * size;
      const y = row * size;
      const value = share(one, other);
      svg.append("rect").attr("x", x + 1).attr("y", y + 1).attr("width", size - 2).attr("height", size - 2)
        .attr("rx", 3).attr("fill", shade(value))
        .append("title").text(`${one} with ${other}: ${percent(value)}`);
      svg.append("text").attr("x", x + size / 2).attr("y", y + size / 2 + 4).attr("text-anchor", "middle")
        .style("fill", value > 0.55 * most ? colour("--accent-ink") : null)
        .style("font-size", "11px").text(d3.format(".1f")(value * 100));
    });
  });
}

// A small chart for each parameter that explains something; all have the same scale.
function drawLevels(target, influence) {
  const panels = influence.mains.filter(main => main.share >= 0.001);
  const changes = main => main.by_level.map(mean => Math.expm1(mean));
  const extent = d3.extent(panels.flatMap(changes).concat(0));
  byId("levels").replaceChildren(...panels.map(() => element("div", {class: "chart"})));
  panels.forEach((main, place) => {
    const values = target.columns.find(column => column.name === main.column).values;
    drawLevel(byId("levels").children[place], main.column, values, changes(main), extent);
  });
}

function drawLevel(container, name, values, changes, extent) {
  const {svg, width, height} = drawing(container, chartHeight(158), `${name}: ` +
    values.map((value, level) => `${value} ${signed(changes[level])}`).join(", "), 180);
  const margin = {left: 50, right: 6, top: 30, bottom: 20};
  const x = d3.scaleBand().domain(d3.range(values.length)).range([margin.left, width - margin.right]).padding(0.2);
  const y = d3.scaleLinear().domain(extent).nice().range([height - margin.bottom, margin.top]);
  svg.append("text").attr("x", 0).attr("y", 12).style("font-weight", 600).text(name);
  svg.append("g").attr("class", "grid").attr("transform", `translate(${margin.left},0)`)
    .call(d3.axisLeft(y).ticks(4).tickSize(-(width - margin.left - margin.right)).tickFormat(""));
  svg.append("g").attr("class", "axis").attr("transform", `translate(${margin.left},0)`)
    .call(d3.axisLeft(y).ticks(4).tickFormat(signedTick).tickSize(0));
  svg.append("g").attr("class", "axis").attr("transform", `translate(0,${height - margin.bottom})`)
    .call(d3.axisBottom(x).tickFormat(level => values[level]).tickSize(0).tickPadding(6)
      .tickValues(x.domain().filter((_, place) => values.length <= 10 || place % 2 === 1)));
  changes.forEach((change, level) => svg.append("rect").attr("class", change < 0 ? "quick" : "slow")
    .attr("x", x(level)).attr("width", x.bandwidth()).attr("y", y(Math.max(0, change)))
    .attr("height", Math.max(1, Math.abs(y(0) - y(change)))).attr("rx", 1)
    .append("title").text(`${name}=${values[level]}: ${signed(change)}`));
}
