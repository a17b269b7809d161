#include "runners/sim/view/Gantt.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace ptotune::sim {
namespace {

// Pixels.
constexpr double kWidth = 1200;
constexpr double kLeft = 104; // lane names
constexpr double kRight = 16;
constexpr double kTop = 104;  // caption, legend, window titles
constexpr double kBreak = 26; // between two windows
constexpr double kLane = 26;
constexpr double kScalarLane = 12;
constexpr double kLaneGap = 3;
constexpr double kCoreGap = 14;
constexpr double kAxis = 46;
constexpr double kStrip = 8;       // a bar's busy time, at its foot
constexpr double kCharacter = 6.4; // of a label, on the wide side
constexpr double kTickDistance = 64;
constexpr double kLeastWidth = 0.35; // what is narrower is not drawn by itself

// Colours that people with any colour vision tell apart (Okabe and Ito, Color Universal Design,
// 2008), darker on white and lighter on black. The last one is for stages without tiles.
struct Colour {
  const char* light;
  const char* dark;
};
constexpr std::array<Colour, 6> kColours = {{{"#0072b2", "#56b4e9"},
                                             {"#d55e00", "#ff8c42"},
                                             {"#009e73", "#2fd0a0"},
                                             {"#b3528c", "#e69fc9"},
                                             {"#8a7400", "#f0e442"},
                                             {"#6b7280", "#9aa3b2"}}};

constexpr std::string_view kStyle =
    R"(text { font: 11px "DejaVu Sans", Verdana, Arial, sans-serif; fill: var(--ink) }
.b { font-weight: bold } .c { font-size: 14px; font-weight: bold } .d { fill: var(--dim) } .m { text-anchor: middle } .e { text-anchor: end }
.t { fill-opacity: .3 } .r { fill: var(--row) } .g { stroke: var(--grid) } .k { stroke: var(--ink) } .h { stroke: var(--dim) } .p { stroke: var(--ink); stroke-dasharray: 3 3; opacity: .6 }
.w { fill: var(--wait) } .q { fill: var(--dim); fill-opacity: .5 })";

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
    case '&':
      safe += "&amp;";
      break;
    case '<':
      safe += "&lt;";
      break;
    case '>':
      safe += "&gt;";
      break;
    case '"':
      safe += "&quot;";
      break;
    default:
      safe += c;
    }
  }
  return safe;
}

// 1, 2 or 5 times a power of ten, at least `least`.
double niceStep(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least)
      return factor * power;
  return 10 * power;
}

// A number with one decimal, without it where it is nothing.
std::string pixel(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0"))
    text.resize(text.size() - 2);
  return text;
}

class Picture {
public:
  Picture(const Gantt& gantt, const std::string& caption) : gantt_(gantt), caption_(caption) {
    Tick shown = 0;
    for (const GanttWindow& window : gantt.windows)
      shown += window.to - window.from;
    const double room =
        kWidth - kLeft - kRight - kBreak * static_cast<double>(gantt.windows.size() - 1);
    scale_ = room / static_cast<double>(std::max<Tick>(shown, 1));
    double x = kLeft;
    for (const GanttWindow& window : gantt.windows) {
      lefts_.push_back(x);
      x += static_cast<double>(window.to - window.from) * scale_ + kBreak;
    }
    double y = kTop;
    int core = gantt.lanes.empty() ? 0 : gantt.lanes.front().core;
    for (const GanttLane& lane : gantt.lanes) {
      if (lane.core != core)
        y += kCoreGap;
      core = lane.core;
      tops_.push_back(y);
      y += heightOf(lane) + kLaneGap;
    }
    bottom_ = y;
  }

  std::string draw() {
    head();
    legend();
    for (std::size_t lane = 0; lane < gantt_.lanes.size(); ++lane)
      laneName(lane);
    for (std::size_t window = 0; window < gantt_.windows.size(); ++window)
      drawWindow(window);
    for (std::size_t window = 0; window + 1 < gantt_.windows.size(); ++window)
      drawBreak(lefts_[window + 1] - kBreak / 2);
    out_ += "</svg>\n";
    return std::move(out_);
  }

private:
  static double heightOf(const GanttLane& lane) { return lane.bars.empty() ? kScalarLane : kLane; }
  double xOf(std::size_t window, Tick time) const {
    return lefts_[window] + static_cast<double>(time - gantt_.windows[window].from) * scale_;
  }
  double rightOf(std::size_t window) const { return xOf(window, gantt_.windows[window].to); }

  std::size_t colourOf(const std::string& stage) const {
    const auto found = std::ranges::find(gantt_.stages, stage);
    const auto index = static_cast<std::size_t>(found - gantt_.stages.begin());
    return hasTiles(stage) ? std::min(index, kColours.size() - 2) : kColours.size() - 1;
  }
  bool hasTiles(const std::string& stage) const {
    for (const GanttLane& lane : gantt_.lanes)
      for (const GanttBar& bar : lane.bars)
        if (bar.stage == stage)
          return bar.tile != kUndefined;
    return false;
  }

  void text(double x, double y, std::string_view content, std::string_view classes = "") {
    out_ +=
        fmt::format("<text x=\"{}\" y=\"{}\"{}>{}</text>\n", pixel(x), pixel(y),
                    classes.empty() ? "" : fmt::format(" class=\"{}\"", classes), escaped(content));
  }
  void rect(double x, double y, double width, double height, std::string_view classes) {
    out_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"{}\"/>\n",
                        pixel(x), pixel(y), pixel(width), pixel(height), classes);
  }
  void line(double x1, double y1, double x2, double y2, std::string_view classes) {
    out_ += fmt::format("<path d=\"M{} {}L{} {}\" class=\"{}\"/>\n", pixel(x1), pixel(y1),
                        pixel(x2), pixel(y2), classes);
  }

  void head() {
    const double height = bottom_ + kAxis;
    out_ += fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
                        "viewBox=\"0 0 {0} {1}\" role=\"img\">\n<title>{2}</title>\n<style>\n",
                        pixel(kWidth), pixel(height), escaped(caption_));
    const auto theme = [&](const char* ink, const char* dim, const char* paper, const char* row,
                           const char* grid, const char* wait, const char* Colour::* shade) {
      out_ += fmt::format("svg {{ --ink: {}; --dim: {}; --paper: {}; --row: {}; --grid: {}; "
                          "--wait: {} }}",
                          ink, dim, paper, row, grid, wait);
      for (std::size_t i = 0; i < kColours.size(); ++i)
        out_ += fmt::format(" .s{} {{ fill: {} }}", i, kColours[i].*shade);
      out_ += '\n';
    };
    theme("#1b1f24", "#57606a", "#ffffff", "#f3f4f6", "#d0d7de", "#9d1c2f", &Colour::light);
    out_ += "@media (prefers-color-scheme: dark) {\n";
    theme("#e6edf3", "#9aa4af", "#0d1117", "#161b22", "#30363d", "#ff7b86", &Colour::dark);
    out_ += fmt::format("}}\n{}\n</style>\n", kStyle);
    out_ += fmt::format("<rect width=\"{}\" height=\"{}\" style=\"fill: var(--paper)\"/>\n",
                        pixel(kWidth), pixel(height));
    text(16, 24, caption_, "c");
  }

  void legend() {
    double x = 16;
    const auto entry = [&](std::string_view words, double width, const auto& sample) {
      sample(x);
      text(x + width + 6, 50, words);
      x += width + 6 + static_cast<double>(words.size()) * kCharacter + 20;
    };
    for (const std::string& stage : gantt_.stages) {
      if (stage.empty())
        continue;
      entry(stage, 22, [&](double at) {
        rect(at, 39, 22, 14, fmt::format("t s{}", colourOf(stage)));
        rect(at, 53 - kStrip / 2, 22, kStrip / 2, fmt::format("s{}", colourOf(stage)));
      });
    }
    entry("a bar's foot: the pipe works", 0, [](double) {});
    entry("waits for a flag", 22, [&](double at) { rect(at, 49, 22, 3, "w"); });
    entry("scalar unit waits for a FIFO", 22, [&](double at) { rect(at, 44, 22, 8, "q"); });
  }

  void laneName(std::size_t index) {
    const GanttLane& lane = gantt_.lanes[index];
    const double middle = tops_[index] + heightOf(lane) / 2 + 4;
    const bool first = index == 0 || gantt_.lanes[index - 1].core != lane.core;
    if (first)
      text(16, middle, coreName(lane.core), "b");
    const std::string pipe = name(lane.pipe);
    text(kLeft - 8, middle, lane.pipe == Pipe::s ? "scalar" : pipe.substr(pipe.find('_') + 1),
         "d e");
  }

  // Time axis, titles, then lanes.
  void drawWindow(std::size_t index) {
    const GanttWindow& window = gantt_.windows[index];
    const double left = lefts_[index];
    const double right = rightOf(index);
    text(left, 78, titleOf(window), "b");
    text(left, 93,
         fmt::format("{:.2f} to {:.2f} us", gantt_.microseconds(window.from),
                     gantt_.microseconds(window.to)),
         "d");
    for (std::size_t lane = 0; lane < gantt_.lanes.size(); ++lane)
      rect(left, tops_[lane], right - left, heightOf(gantt_.lanes[lane]), "r");
    drawAxis(index);
    for (const Tick border : gantt_.periods)
      if (border >= window.from && border <= window.to && window.title == "steady")
        line(xOf(index, border), kTop - 6, xOf(index, border), bottom_, "p");
    for (std::size_t lane = 0; lane < gantt_.lanes.size(); ++lane)
      drawLane(index, lane);
  }

  std::string titleOf(const GanttWindow& window) const {
    if (window.title != "steady")
      return window.title;
    if (gantt_.periodTiles == 0)
      return "steady state";
    return fmt::format("steady, repeats every {}",
                       gantt_.periodTiles == 1 ? std::string("tile")
                                               : fmt::format("{} tiles", gantt_.periodTiles));
  }

  void drawAxis(std::size_t index) {
    const GanttWindow& window = gantt_.windows[index];
    const double step = niceStep(kTickDistance / scale_ / gantt_.ticksPerMicrosecond);
    line(lefts_[index], bottom_ + 3, rightOf(index), bottom_ + 3, "k");
    const double from = gantt_.microseconds(window.from);
    const auto first = static_cast<std::int64_t>(std::ceil(from / step - 1e-9));
    const auto last = static_cast<std::int64_t>(gantt_.microseconds(window.to) / step);
    for (std::int64_t tick = first; tick <= last; ++tick) {
      const double at = static_cast<double>(tick) * step;
      const double x = lefts_[index] + (at - from) * gantt_.ticksPerMicrosecond * scale_;
      line(x, kTop, x, bottom_ + 8, "g");
      // A label keeps clear of the window's borders, and so of the next window's labels.
      if (x > lefts_[index] + 12 && x < rightOf(index) - 12)
        text(x, bottom_ + 21, fmt::format("{:g}", std::round(at * 1e6) / 1e6), "d m");
    }
    if (index == 0)
      text(kLeft - 8, bottom_ + 21, "us", "d e");
  }

  void drawLane(std::size_t window, std::size_t index) {
    const GanttLane& lane = gantt_.lanes[index];
    std::map<std::size_t, std::string> busy; // paths by colour
    for (const GanttBar& bar : lane.bars)
      drawBar(window, index, bar, busy);
    for (const auto& [colour, path] : busy)
      out_ += fmt::format("<path class=\"s{}\" d=\"{}\"/>\n", colour, path);
    drawWaits(window, index);
  }

  // One box of a path, cut to the window; false when nothing of it is inside.
  bool box(std::size_t window, Tick from, Tick to, double top, double height,
           std::string& path) const {
    const GanttWindow& shown = gantt_.windows[window];
    const double left = xOf(window, std::max(from, shown.from));
    const double right = xOf(window, std::min(to, shown.to));
    if (right - left < kLeastWidth)
      return false;
    path += fmt::format("M{} {}h{}v{}h-{}z", pixel(left), pixel(top), pixel(right - left),
                        pixel(height), pixel(right - left));
    return true;
  }

  void drawBar(std::size_t window, std::size_t lane, const GanttBar& bar,
               std::map<std::size_t, std::string>& busy) {
    const GanttWindow& shown = gantt_.windows[window];
    if (bar.end <= shown.from || bar.start >= shown.to)
      return;
    const double left = xOf(window, std::max(bar.start, shown.from));
    double right = xOf(window, std::min(bar.end, shown.to));
    // A gap of a pixel keeps neighbours of one colour apart.
    Tick end = bar.end;
    if (bar.end <= shown.to && right - left > 3) {
      right -= 1;
      end -= static_cast<Tick>(1 / scale_);
    }
    const double top = tops_[lane];
    const std::size_t colour = colourOf(bar.stage);
    Tick work = 0;
    // Stretches with less than a hair between them are drawn as one.
    std::pair<Tick, Tick> open{bar.start, bar.start};
    const auto draw = [&] {
      box(window, open.first, std::min(open.second, end), top + kLane - kStrip, kStrip,
          busy[colour]);
    };
    for (const auto& [from, to] : bar.busy) {
      work += to - from;
      if (static_cast<double>(from - open.second) * scale_ >= kLeastWidth) {
        draw();
        open.first = from;
      }
      open.second = to;
    }
    draw();
    const std::string tile = bar.tile == kUndefined ? "" : fmt::format(" {}", bar.tile);
    out_ += fmt::format(
        "<path class=\"t s{}\" d=\"M{} {}h{}v{}h-{}z\"><title>{}{}: {:.2f} to {:.2f} "
        "us, works {:.2f}</title></path>\n",
        colour, pixel(left), pixel(top), pixel(std::max(right - left, 0.5)), pixel(kLane),
        pixel(std::max(right - left, 0.5)), escaped(bar.stage), tile,
        gantt_.microseconds(bar.start), gantt_.microseconds(bar.end), gantt_.microseconds(work));
    label(left, right, top + 13, bar, tile);
  }

  // The longest name that fits.
  void label(double left, double right, double y, const GanttBar& bar, const std::string& tile) {
    for (const std::string& words :
         {bar.stage + tile, tile.empty() ? std::string() : tile.substr(1)})
      if (!words.empty() && static_cast<double>(words.size()) * kCharacter + 4 <= right - left) {
        text((left + right) / 2, y, words, "m");
        return;
      }
  }

  void drawWaits(std::size_t window, std::size_t index) {
    const GanttLane& lane = gantt_.lanes[index];
    const bool scalar = lane.pipe == Pipe::s;
    const double top = scalar ? tops_[index] + 2 : tops_[index] + kLane - 3;
    std::string path;
    for (const GanttWait& wait : lane.waits)
      box(window, wait.from, wait.to, top, scalar ? 8 : 3, path);
    if (!path.empty())
      out_ += fmt::format("<path class=\"{}\" d=\"{}\"/>\n", scalar ? "q" : "w", path);
  }

  // Two slanted strokes through the axis, and a gap above.
  void drawBreak(double x) {
    for (const double at : {x - 3, x + 3})
      line(at - 3, bottom_ + 9, at + 3, bottom_ - 3, "k");
    for (double y = kTop; y + 4 < bottom_ - 8; y += 10)
      line(x, y, x, y + 4, "h");
  }

  const Gantt& gantt_;
  const std::string& caption_;
  double scale_ = 1;          // pixels a tick
  std::vector<double> lefts_; // of windows
  std::vector<double> tops_;  // of lanes
  double bottom_ = 0;
  std::string out_;
};

} // namespace

std::string ganttSvg(const Gantt& gantt, const std::string& caption) {
  return Picture(gantt, caption).draw();
}

} // namespace ptotune::sim
