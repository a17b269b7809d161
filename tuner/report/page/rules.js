// What the rules leave of the space, and which rule rejects how many points.
function drawRules(shape) {
  const legality = shape.legality;
  byId("rules-note").textContent = !legality
    ? "What the rules reject is not known: the report was made without a job, and no session has counted it."
    : `Of ${whole(legality.raw)} points ${whole(legality.legal)} are ` +
      (legality.with_protocol ? "legal" : "left by the rules on shape, capacity and resources") +
      `; each other one counts for the first rule that it breaks.`;
  if (!legality) return byId("rules").replaceChildren();
  const most = d3.max(legality.rejected, one => one.points) || 1;
  const rows = legality.rejected.map(one => element("tr", {},
    element("td", {class: "text"}, element("code", {}, one.rule), element("small", {}, one.title)),
    element("td", {}, whole(one.points)),
    element("td", {class: "bar text", style: `--share: ${100 * one.points / most}%`},
      element("span", {}, percent(one.points / legality.raw)))));
  byId("rules").replaceChildren(element("table", {class: "data"},
    element("thead", {}, element("tr", {}, element("th", {scope: "col", class: "text"}, "rule"),
      element("th", {scope: "col"}, "points"), element("th", {scope: "col", class: "text"}, "of the space"))),
    element("tbody", {}, ...rows)));
}
