#include "tuner/cli/PerturbedReport.h"

#include "tuner/cli/Text.h"

#include <fmt/format.h>

namespace ptotune::cli {
namespace {

using Align = Table::Align;
using Row = std::vector<std::string>;

Table tableOf(const ProblemKeys& keys, std::size_t left, std::size_t right) {
  std::vector<Align> aligns(keys.names.size(), Align::right);
  aligns.insert(aligns.end(), left, Align::left);
  aligns.insert(aligns.end(), right, Align::right);
  return Table(aligns);
}

Row with(Row row, const Row& cells) {
  row.insert(row.end(), cells.begin(), cells.end());
  return row;
}

} // namespace

std::string perturbedReport(const Job& job, const PerturbedOptions& options,
                            const PerturbedResult& result) {
  const ProblemKeys keys(job.problems);
  Table spaces = tableOf(keys, 0, 2);
  spaces.row(with(keys.names, {"points", "profile's best loses"}));
  for (std::size_t i = 0; i < result.points.size(); ++i)
    spaces.row(
        with(keys.values(job.problems[i]),
             {grouped(result.points[i]), fmt::format("{:.1f} %", 100 * result.profileLoss[i])}));
  const auto text = [&](const std::optional<std::size_t>& count) {
    return count ? std::to_string(*count) : fmt::format("> {}", options.horizon);
  };
  const std::string good = fmt::format("to {:g} %", 100 * options.within);
  Table counts = tableOf(keys, 2, 4);
  counts.row(with(keys.names, {"search", "prior", good, "90 %", "answer", "90 %"}));
  for (const PerturbedRow& row : result.rows)
    counts.row(
        with(keys.values(row.problem),
             {row.search, row.guided ? "sim" : "none", text(row.found.median),
              text(row.found.ninetieth), text(row.answered.median), text(row.answered.ninetieth)}));
  const std::string title =
      fmt::format("{} on {} of {}, each cost off by up to {:g} %, noise {:g} %, space {}; {}",
                  job.name, counted(options.devices, "perturbed device"), job.soc.name,
                  100 * options.most, 100 * options.noise, job.space.name, keys.common);
  return wrapped(title, 0, terminalOf(stdout).width) + "\n\n" + spaces.text() + "\n" +
         counts.text();
}

} // namespace ptotune::cli
