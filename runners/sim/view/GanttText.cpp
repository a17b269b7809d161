#include "runners/sim/view/Gantt.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace ptotune::sim {
namespace {

constexpr std::string_view kBreak = " ~ ";
constexpr std::size_t kLeastColumns = 8; // of a window
constexpr char kIdle = '.';
constexpr char kWaits = '-';
// ANSI colours of the stages, in their order; the last one for stages without tiles.
constexpr std::array<int, 6> kColours = {34, 33, 32, 35, 36, 90};
constexpr int kWaitColour = 31;

class Chart {
public:
  Chart(const Gantt& gantt, const TerminalStyle& style) : gantt_(gantt), style_(style) {
    for (const GanttLane& lane : gantt.lanes)
      nameWidth_ = std::max(nameWidth_, nameOf(lane).size());
    chooseLetters();
    share();
  }

  std::string draw() const {
    std::string text = heading();
    int core = -1;
    for (const GanttLane& lane : gantt_.lanes) {
      if (core >= 0 && lane.core != core)
        text += '\n';
      core = lane.core;
      text += fmt::format("{:<{}} ", nameOf(lane), nameWidth_);
      for (std::size_t window = 0; window < gantt_.windows.size(); ++window) {
        text += window > 0 ? kBreak : std::string_view();
        text += row(lane, window);
      }
      text += '\n';
    }
    return text + legend();
  }

private:
  struct Cell {
    char letter = kIdle;
    int colour = 0;
    bool operator==(const Cell&) const = default;
  };

  static std::string nameOf(const GanttLane& lane) {
    const std::string pipe = name(lane.pipe);
    return fmt::format("{} {}", coreName(lane.core), pipe.substr(pipe.find('_') + 1));
  }

  // The first letter of a stage's name that is not taken.
  void chooseLetters() {
    std::set<char> taken;
    for (const std::string& stage : gantt_.stages) {
      char letter = '*';
      for (const char c : stage)
        if (std::isalpha(static_cast<unsigned char>(c)) != 0 &&
            taken.insert(static_cast<char>(std::toupper(static_cast<unsigned char>(c)))).second) {
          letter = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
          break;
        }
      letters_.push_back(letter);
    }
  }

  // Columns go to windows by their length.
  void share() {
    const std::size_t taken = nameWidth_ + 1 + kBreak.size() * (gantt_.windows.size() - 1);
    const std::size_t least = kLeastColumns * gantt_.windows.size();
    const std::size_t room =
        std::max(style_.width > taken ? style_.width - taken : 0, least) - least;
    Tick shown = 0;
    for (const GanttWindow& window : gantt_.windows)
      shown += window.to - window.from;
    for (const GanttWindow& window : gantt_.windows)
      columns_.push_back(kLeastColumns +
                         static_cast<std::size_t>(static_cast<double>(room) *
                                                  static_cast<double>(window.to - window.from) /
                                                  static_cast<double>(std::max<Tick>(shown, 1))));
  }

  std::string heading() const {
    std::string titles(nameWidth_ + 1, ' ');
    std::string times = fmt::format("{:<{}} ", "us", nameWidth_);
    for (std::size_t window = 0; window < gantt_.windows.size(); ++window) {
      const GanttWindow& shown = gantt_.windows[window];
      const std::size_t width =
          columns_[window] + (window + 1 < gantt_.windows.size() ? kBreak.size() : 0);
      titles += fmt::format("{:<{}}", shown.title.substr(0, width - 1), width);
      std::string span = fmt::format("{:.1f}-{:.1f}", gantt_.microseconds(shown.from),
                                     gantt_.microseconds(shown.to));
      if (span.size() >= width)
        span = fmt::format("{:.0f}", gantt_.microseconds(shown.from));
      times += fmt::format("{:<{}}", span, width);
    }
    for (std::string* line : {&titles, &times})
      line->erase(line->find_last_not_of(' ') + 1);
    return titles + "\n" + times + "\n";
  }

  int colourOf(std::size_t stage, bool tiled) const {
    return tiled ? kColours[std::min(stage, kColours.size() - 2)] : kColours.back();
  }

  // Overlap of [a, b) and [c, d).
  static Tick overlap(Tick a, Tick b, Tick c, Tick d) {
    return std::max<Tick>(std::min(b, d) - std::max(a, c), 0);
  }

  Cell cellOf(const GanttLane& lane, Tick from, Tick to) const {
    Tick most = 0;
    Cell cell;
    for (const GanttBar& bar : lane.bars) {
      if (bar.end <= from || bar.start >= to)
        continue;
      Tick busy = 0;
      for (const auto& [begin, end] : bar.busy)
        busy += overlap(begin, end, from, to);
      if (busy <= most)
        continue;
      most = busy;
      const auto stage = static_cast<std::size_t>(std::ranges::find(gantt_.stages, bar.stage) -
                                                  gantt_.stages.begin());
      const bool tiled = bar.tile != kUndefined;
      const char letter = letters_[stage];
      const bool odd = tiled && bar.tile % 2 != 0;
      cell = {odd ? static_cast<char>(std::tolower(static_cast<unsigned char>(letter))) : letter,
              colourOf(stage, tiled)};
    }
    Tick waits = 0;
    for (const GanttWait& wait : lane.waits)
      waits += overlap(wait.from, wait.to, from, to);
    // Work is worth showing, be it short.
    return most == 0 && 2 * waits > to - from ? Cell{kWaits, kWaitColour} : cell;
  }

  std::string row(const GanttLane& lane, std::size_t window) const {
    const GanttWindow& shown = gantt_.windows[window];
    const auto columns = static_cast<Tick>(columns_[window]);
    const auto at = [&](Tick column) {
      return shown.from + (shown.to - shown.from) * column / columns;
    };
    std::string text;
    int colour = 0;
    for (Tick column = 0; column < columns; ++column) {
      const Cell cell = cellOf(lane, at(column), at(column + 1));
      if (style_.colour && cell.colour != colour) {
        text += cell.colour == 0 ? "\x1b[0m" : fmt::format("\x1b[{}m", cell.colour);
        colour = cell.colour;
      }
      text += cell.letter;
    }
    return colour != 0 ? text + "\x1b[0m" : text;
  }

  // As many entries in a line as fit.
  std::string legend() const {
    std::vector<std::string> entries;
    for (std::size_t stage = 0; stage < gantt_.stages.size(); ++stage)
      if (!gantt_.stages[stage].empty())
        entries.push_back(fmt::format("{} {}", letters_[stage], gantt_.stages[stage]));
    entries.emplace_back("small: odd tiles");
    entries.push_back(fmt::format("{} waits", kWaits));
    entries.push_back(fmt::format("{} idle", kIdle));
    std::string text;
    std::string line;
    for (const std::string& entry : entries) {
      if (!line.empty() && line.size() + 3 + entry.size() > style_.width) {
        text += line + ",\n";
        line.clear();
      }
      line += (line.empty() ? "" : ", ") + entry;
    }
    return "\n" + text + line + "\n";
  }

  const Gantt& gantt_;
  const TerminalStyle& style_;
  std::size_t nameWidth_ = 0;
  std::vector<char> letters_;        // by stage
  std::vector<std::size_t> columns_; // by window
};

} // namespace

std::string ganttText(const Gantt& gantt, const TerminalStyle& style) {
  return Chart(gantt, style).draw();
}

} // namespace ptotune::sim
