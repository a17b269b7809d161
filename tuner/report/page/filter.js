// What is selected of the samples: values of parameters, and a range of times. The brushes of the
// parallel coordinates and the buttons below them show and change the same selection.
class Selection {
  constructor(columns) {
    this.levels = columns.map(() => null); // by column: a set of levels; null: all
    this.time = null;                      // [low, high] in seconds; null: all
  }
  active() { return this.time !== null || this.levels.some(levels => levels !== null); }
  has(shape, row) {
    for (let column = 0; column < this.levels.length; ++column)
      if (this.levels[column] && !this.levels[column].has(shape.levels[column][row])) return false;
    return this.time === null || (shape.times[row] >= this.time[0] && shape.times[row] <= this.time[1]);
  }
  // `column` is the place of one, or behind the last one the time.
  set(column, value) {
    if (column < this.levels.length) this.levels[column] = value && new Set(value);
    else this.time = value;
  }
  clear() {
    this.levels.fill(null);
    this.time = null;
  }
}

function drawFilter(target, selection, onChange) {
  const parts = target.axes.flatMap(place => {
    const column = target.columns[place];
    const id = `filter-${place}`;
    const buttons = column.values.map((value, level) => element("button", {type: "button",
      "aria-pressed": String(Boolean(selection.levels[place] && selection.levels[place].has(level))),
      onclick: () => {
        const levels = new Set(selection.levels[place] || []);
        if (!levels.delete(level)) levels.add(level);
        onChange(place, levels.size ? levels : null);
      }}, value));
    return [element("span", {id}, column.name),
      element("div", {class: "values", role: "group", "aria-labelledby": id}, ...buttons)];
  });
  const bound = (side, label) => element("input", {type: "number", min: 0, step: "any",
    "aria-label": `${label} time in microseconds`, placeholder: label,
    value: selection.time && isFinite(selection.time[side]) ? +(selection.time[side] * 1e6).toFixed(3) : null,
    onchange: event => {
      const limits = selection.time ? [...selection.time] : [0, Infinity];
      limits[side] = event.target.value === "" ? [0, Infinity][side] : Number(event.target.value) / 1e6;
      onChange(target.columns.length, limits[0] === 0 && limits[1] === Infinity ? null : limits);
    }});
  parts.push(element("span", {}, "time, µs"),
    element("div", {class: "values"}, bound(0, "from"), bound(1, "to")));
  const focused = [...byId("filter").querySelectorAll("button, input")].indexOf(document.activeElement);
  byId("filter").replaceChildren(...parts);
  if (focused >= 0) byId("filter").querySelectorAll("button, input")[focused].focus();
}
