// What is printed: the page as it stands, its charts drawn for paper, and behind them every shape's
// timeline and fastest samples, as paper has no button for the next page.
const kPrintedSamples = 20; // of each shape

// "4,380 correct, 36 runtime"
function statusText(shape) {
  return Object.entries(shape.by_status).map(([status, count]) => `${whole(count)} ${status}`).join(", ");
}

// "The 20 fastest of 4,416 samples (4,416 correct)"
function printedNote(shape, shown, chosen, active) {
  const all = `${whole(shape.count)} samples (${statusText(shape)})`;
  if (shown === shape.count) return `All ${all}, the fastest first.`;
  const of = active ? `${whole(chosen)} that were selected on the page, out of ${all}` : all;
  return `The ${whole(shown)} fastest of ${of}.`;
}

function printedTimeline(target, shape) {
  return shape.timeline ? [element("figure", {}, timelineImage(target, shape))] : [];
}

function printedShape(target, shape, selection) {
  const columns = sampleColumns(target, [shape]);
  const rows = sortedSamples(selectedSamples([shape], selection), columns, {key: "time", descending: false});
  const shown = rows.slice(0, kPrintedSamples);
  const head = element("tr", {}, ...columns.map(column =>
    element("th", {scope: "col", class: column.left ? "text" : null}, column.name)));
  return element("section", {}, element("h2", {}, shapeName(target, shape)), ...printedTimeline(target, shape),
    element("p", {class: "dim"}, printedNote(shape, shown.length, rows.length, selection.active())),
    element("table", {class: "data samples"}, element("thead", {}, head),
      element("tbody", {}, ...shown.map(row => sampleLine(columns, row)))));
}

function drawPrinted(target, chosen, selection) {
  const timelines = target.shapes.some(shape => shape.timeline) ? "timeline of the best point and " : "";
  byId("printed").replaceChildren(
    element("section", {}, element("h2", {}, `Every shape: ${timelines}fastest samples`),
      element("p", {}, `Paper holds up to ${kPrintedSamples} samples of each shape, the fastest. All of them are in the ` +
        "table of the page, which saves them as CSV, and in the database: ",
        element("code", {}, `pto-tune db export --db ${report.database} --format csv`))),
    ...target.shapes.map(shape => printedShape(target, shape, selection)));
  byId("printed-shape").textContent = target.shapes.length < 2 ? ""
    : `The next sections are about ${shapeName(target, chosen)}, which was chosen on the page.`;
}
