// Text, elements and colours that the parts of the page share.
const byId = id => document.getElementById(id);
const whole = d3.format(",d");

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const microseconds = seconds => d3.format(",.2f")(seconds * 1e6);
const percent = share => `${d3.format(Math.abs(share) < 0.0995 ? ".1f" : ".0f")(share * 100)} %`;
const signed = share => `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`;
// Of an axis: "0", "+5 %", "−2.5 %".
const signedTick = share => share ? d3.format("+~%")(share).replace("-", "−").replace("%", " %") : "0";
const shapeName = (target, shape) => target.keys.map(key => `${key} ${keyText(shape.problem, key)}`).join(", ");

// "64k" says more than 65536 on a button or an axis.
const short = size => size >= 1024 && size % 1024 === 0 ? `${size / 1024}k` : String(size);

function keyText(problem, key) {
  const value = problem[key];
  return typeof value === "boolean" || key === "causal" ? (value ? "yes" : "no") : String(value);
}

const onPaper = () => document.documentElement.classList.contains("printing");
// Paper has less room for a chart than a window.
const chartHeight = pixels => onPaper() ? 0.7 * pixels : pixels;

// A drawing that says what it shows to those who do not see it.
function drawing(container, height, label, least = 280) {
  container.replaceChildren();
  const width = Math.max(least, container.clientWidth);
  const svg = d3.select(container).append("svg").attr("width", width).attr("height", height)
    .attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img").attr("aria-label", label);
  return {svg, width, height};
}

// A colour variable as the canvas needs it.
function colour(name) {
  const probe = element("span", {style: `color: var(${name})`});
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function isDark() {
  const [r, g, b] = colour("--paper").match(/[\d.]+/g).map(Number);
  return r + g + b < 384;
}

// From the fastest (0) to the slowest (1), told apart with any colour vision.
function speedColour() {
  const dark = isDark();
  return share => d3.interpolateViridis(dark ? 1 - 0.78 * share : 0.12 + 0.8 * share);
}

function legend(entries) {
  return element("p", {class: "dim legend"}, ...entries.map(([name, style]) => element("span", {},
    element("span", {class: "swatch", style, "aria-hidden": "true"}), name)));
}
