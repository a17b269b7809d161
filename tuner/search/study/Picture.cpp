#include "tuner/search/study/Output.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

namespace ptotune::search {
namespace {

constexpr double kPanelWidth = 420;
constexpr double kPanelHeight = 250;
constexpr double kLeft = 46; // of a panel's axes
constexpr double kTop = 34;
constexpr double kRight = 14;
constexpr double kBottom = 34;
constexpr double kHeader = 44; // of the picture
constexpr double kLegendWidth = 190;
constexpr double kLegendLine = 20;
constexpr double kLeastShown = -0.5;
constexpr std::size_t kColumns = 2;
constexpr std::size_t kSteps = 200; // points of a line

// Told apart by people with colour blindness too: M. Okabe and K. Ito (2008), and three greys.
constexpr const char* kColours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
                                    "#56B4E9", "#000000", "#777777", "#AAAAAA"};

struct Panel {
  double x = 0;
  double y = 0;

  double across(double share) const { return x + kLeft + share * (kPanelWidth - kLeft - kRight); }
  double down(double performance) const {
    const double shown = std::clamp(performance, kLeastShown, 1.0);
    return y + kTop + (1 - shown) / (1 - kLeastShown) * (kPanelHeight - kTop - kBottom);
  }
};

class Picture {
public:
  template <typename... Values> void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
    text_ += '\n';
  }

  void axes(const Panel& panel, const Recording& recording, const Yardstick& stick) {
    add(R"(<text x="{:.1f}" y="{:.1f}" class="title">{}</text>)", panel.across(0),
        panel.y + kTop - 12, recording.name);
    for (const double level : {-0.5, 0.0, 0.5, 1.0}) {
      add(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>)", panel.across(0),
          panel.down(level), panel.across(1), panel.down(level), level == 0 ? "zero" : "grid");
      add(R"(<text x="{:.1f}" y="{:.1f}" class="tick" text-anchor="end">{}</text>)",
          panel.across(0) - 6, panel.down(level) + 4, level);
    }
    const double last = stick.times().back();
    for (const double share : {0.0, 0.5, 1.0}) {
      const double time = stick.times()[static_cast<std::size_t>(
          share * static_cast<double>(Yardstick::kPoints - 1))];
      const std::string label =
          last >= 600 ? fmt::format("{:.1f} min", time / 60) : fmt::format("{:.1f} s", time);
      add(R"(<text x="{:.1f}" y="{:.1f}" class="tick" text-anchor="{}">{}</text>)",
          panel.across(share), panel.y + kPanelHeight - kBottom + 16,
          share == 0   ? "start"
          : share == 1 ? "end"
                       : "middle",
          label);
    }
  }

  void line(const Panel& panel, const StudyEntry& entry, const char* colour) {
    std::string points;
    for (std::size_t i = 0; i <= kSteps; ++i) {
      const double share = static_cast<double>(i) / kSteps;
      const auto at = static_cast<std::size_t>(share * static_cast<double>(entry.curve.size() - 1));
      points += fmt::format("{:.1f},{:.1f} ", panel.across(share), panel.down(entry.curve[at]));
    }
    add(R"(<polyline points="{}" stroke="{}" class="curve"/>)", points, colour);
  }

  const std::string& text() const { return text_; }

private:
  std::string text_;
};

constexpr const char* kStyle =
    R"(<style>text{font-family:sans-serif;fill:#222}.head{font-size:15px}.title{font-size:13px;)"
    R"(font-weight:bold}.tick{font-size:11px;fill:#555}.legend{font-size:12px}.grid{stroke:#ddd})"
    R"(.zero{stroke:#444;stroke-width:1.2}.curve{fill:none;stroke-width:1.8})"
    R"(</style>)";

} // namespace

std::string drawStudy(std::span<const Recording> recordings, const StudyResult& result) {
  const std::size_t columns = std::min(kColumns, recordings.size());
  const std::size_t rows = (recordings.size() + columns - 1) / columns;
  const double width = static_cast<double>(columns) * kPanelWidth + kLegendWidth;
  const double height =
      std::max(kHeader + static_cast<double>(rows) * kPanelHeight,
               kHeader + kTop + kLegendLine * static_cast<double>(result.totals.size() + 1));
  Picture picture;
  picture.add(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" )"
              R"(viewBox="0 0 {0:.0f} {1:.0f}">)",
              width, height);
  picture.add("{}\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>", kStyle);
  picture.add(R"(<text x="{:.1f}" y="26" class="head">Performance over search time: 0 is random )"
              R"(search, 1 the optimum at once</text>)",
              kLeft);
  const auto colourOf = [&](const std::string& searcher) {
    const auto found = std::ranges::find(result.totals, searcher, &StudyTotal::searcher);
    return kColours[static_cast<std::size_t>(found - result.totals.begin()) % std::size(kColours)];
  };
  for (std::size_t s = 0; s < recordings.size(); ++s) {
    const std::size_t row = s / columns;
    const Panel panel{static_cast<double>(s % columns) * kPanelWidth,
                      kHeader + static_cast<double>(row) * kPanelHeight};
    const auto stick = Yardstick::make(recordings[s]);
    if (!stick)
      continue;
    picture.axes(panel, recordings[s], *stick);
    // The first strategy on top.
    for (const StudyEntry& entry : std::views::reverse(result.entries))
      if (entry.space == recordings[s].name)
        picture.line(panel, entry, colourOf(entry.searcher));
  }
  const double legend = static_cast<double>(columns) * kPanelWidth + 10;
  picture.add(R"(<text x="{:.1f}" y="{:.1f}" class="title">mean P</text>)", legend, kHeader + 22);
  for (std::size_t i = 0; i < result.totals.size(); ++i) {
    const double y = kHeader + 22 + kLegendLine * static_cast<double>(i + 1);
    picture.add(R"(<line x1="{0:.1f}" y1="{1:.1f}" x2="{2:.1f}" y2="{1:.1f}" stroke="{3}" )"
                R"(class="curve"/>)",
                legend, y - 4, legend + 22, colourOf(result.totals[i].searcher));
    picture.add(R"(<text x="{:.1f}" y="{:.1f}" class="legend">{} {:.2f}</text>)", legend + 28, y,
                result.totals[i].searcher, result.totals[i].score);
  }
  return picture.text() + "</svg>\n";
}

} // namespace ptotune::search
