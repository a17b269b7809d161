#include "tuner/cli/RejectionTable.h"

#include "tuner/cli/Text.h"

#include <set>
#include <utility>

namespace ptotune::cli {

std::vector<std::string> rejectingRules(std::span<const Enumeration> enumerations) {
  std::set<std::string> others;
  for (const Enumeration& one : enumerations)
    for (const auto& [rule, count] : one.rejected)
      others.insert(rule);
  std::vector<std::string> all;
  for (const Rule& rule : rules())
    if (others.erase(std::string(rule.id)) > 0)
      all.emplace_back(rule.id);
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

std::uint64_t rejectedBy(const Enumeration& enumeration, const std::string& rule) {
  const auto found = enumeration.rejected.find(rule);
  return found == enumeration.rejected.end() ? 0 : found->second;
}

std::string rejectionTables(std::span<const Problem> problems,
                            std::span<const Enumeration> enumerations, std::size_t width) {
  const ProblemKeys keys(problems);
  const std::vector<std::string> rejecting = rejectingRules(enumerations);
  if (rejecting.empty())
    return "";
  return tablesThatFit(problems.size(), width, [&](std::size_t first, std::size_t last) {
    std::vector<Table::Align> aligns(last - first + 1, Table::Align::right);
    aligns.front() = Table::Align::left;
    Table table(aligns);
    for (std::size_t key = 0; key < keys.names.size(); ++key) {
      std::vector<std::string> cells = {keys.names[key]};
      for (std::size_t i = first; i < last; ++i)
        cells.push_back(keys.values(problems[i])[key]);
      table.row(std::move(cells));
    }
    for (const std::string& rule : rejecting) {
      std::vector<std::string> cells = {"rejected by " + rule};
      for (std::size_t i = first; i < last; ++i)
        cells.push_back(grouped(rejectedBy(enumerations[i], rule)));
      table.row(std::move(cells));
    }
    return table;
  });
}

} // namespace ptotune::cli
