#include "tuner/cli/SearchOptions.h"

#include "tuner/search/Searchers.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vector>

namespace ptotune::cli {
namespace {

// Spaces up to this many points before any rule are searched point by point on the simulator unless
// another search is asked for.
constexpr std::uint64_t kMostExhaustive = 100'000;
// Measurements without a better one after which a search ends that was given no other end.
constexpr std::uint64_t kWithoutBetter = 200;
constexpr double kFinalsSeconds = 120;
// The default strategy of tuner/search, whose name stands for the choice by situation here.
constexpr const char* kBlackBox = "blackbox";

struct Given {
  const char* option;
  bool given;
};

const char* firstGiven(const std::vector<Given>& list) {
  for (const Given& one : list)
    if (one.given)
      return one.option;
  return nullptr;
}

std::vector<Given> stopsOf(const SearchOptions& options) {
  return {{"--evaluations", options.stop.evaluations.has_value()},
          {"--seconds", options.stop.seconds.has_value()},
          {"--gap", options.stop.gap.has_value()},
          {"--without-better", options.stop.withoutBetter.has_value()},
          {"--improvement", options.improvement.has_value()},
          {"--chance", options.chance.has_value()}};
}

Status refuse(const char* option, std::string message, std::string advice) {
  return Error{.message = std::move(message), .key = option, .advice = std::move(advice)};
}

} // namespace

SearchKind SearchOptions::kind(const Space& space, bool isSimulator) const {
  if (search == "exhaustive")
    return SearchKind::exhaustive;
  if (search == "bnb")
    return SearchKind::bnb;
  if (search != "auto" || !isSimulator)
    return SearchKind::measured;
  return space.rawSize() > kMostExhaustive ? SearchKind::bnb : SearchKind::exhaustive;
}

Status SearchOptions::check(const Space& space, bool isSimulator) const {
  const SearchKind how = kind(space, isSimulator);
  const char* stopOption = firstGiven(stopsOf(*this));
  if (how == SearchKind::exhaustive && stopOption)
    return refuse(stopOption,
                  fmt::format("space '{}' is searched point by point, which only ends when all "
                              "points are answered",
                              space.name),
                  "add --search bnb or --search blackbox, or leave the option out");
  if (how == SearchKind::bnb && !isSimulator)
    return refuse("--search", "branch and bound proves the simulator's times only",
                  "use --search auto with this runner, or --runner sim");
  const char* ofMeasured = firstGiven({{"--improvement", improvement.has_value()},
                                       {"--chance", chance.has_value()},
                                       {"--prior", !prior.empty()},
                                       {"--round", round != 0}});
  if (how != SearchKind::measured && ofMeasured)
    return refuse(ofMeasured, "only a search by measurements has this option",
                  "add --search blackbox, or leave the option out");
  if (how == SearchKind::measured && !isSimulator && stop.gap)
    return refuse("--gap", "there is no proven bound of a device's times",
                  "use --improvement and --chance, or --without-better");
  return {};
}

MeasuredOptions SearchOptions::measured(bool isSimulator) const {
  MeasuredOptions options{.search = search == "auto" || search == kBlackBox
                                        ? std::string(search::kDefaultSearcher)
                                        : search,
                          .seed = seed,
                          .round = round,
                          .stop = stop};
  if (prior == "sim" || (prior.empty() && !isSimulator))
    options.prior = PriorFrom::sim;
  else if (prior == "db")
    options.prior = PriorFrom::db;
  const bool hasEnd = firstGiven(stopsOf(*this)) != nullptr;
  if (!hasEnd)
    options.stop.withoutBetter = kWithoutBetter;
  if (!hasEnd || improvement || chance) {
    const Unlikely usual;
    options.unlikely = Unlikely{.improvement = improvement.value_or(usual.improvement),
                                .chance = chance.value_or(usual.chance)};
  }
  return options;
}

FinalsOptions SearchOptions::finalsOptions(const Budget& budget) const {
  FinalsOptions options{.seconds = finals.value_or(kFinalsSeconds), .seed = seed, .budget = budget};
  if (*options.seconds == 0)
    options.mostRounds = 0;
  return options;
}

void addSearchOptions(CLI::App& command, SearchOptions& options) {
  std::vector<std::string> names = {"auto", "exhaustive", "bnb", kBlackBox};
  for (const search::SearcherInfo& info : search::allSearchers())
    if (info.name != search::kDefaultSearcher)
      names.emplace_back(info.name);
  command
      .add_option("--search", options.search,
                  "exhaustive: every legal point; bnb: branch and bound\nwith proof; blackbox: by "
                  "measurements alone, or by one\nstrategy: surrogate, portfolio, genetic, "
                  "differential,\nneighbourhood, annealing, swarm, random; auto: on the\n"
                  "simulator exhaustive up to 100,000 points, else\nbnb; on a device blackbox")
      ->check(CLI::IsMember(names))
      ->option_text("HOW");
  const auto number = [&](const char* name, auto& value, const char* unit, const char* what) {
    return command.add_option(name, value, what)->option_text(unit);
  };
  const auto stop = [&](const char* name, auto& value, const char* unit, const char* what) {
    number(name, value, unit, what)->check(CLI::NonNegativeNumber);
  };
  stop("--evaluations", options.stop.evaluations, "N", "end after so many measurements");
  stop("--seconds", options.stop.seconds, "S", "end after so long");
  stop("--gap", options.stop.gap, "SHARE",
       "end when no point can be faster by more than this\nshare, proven");
  stop("--without-better", options.stop.withoutBetter, "N",
       "end after so many measurements without a better one");
  number("--improvement", options.improvement, "SHARE",
         "by measurements: end when an improvement by more\nthan this share (default: 0.01) is "
         "unlikely")
      ->check(CLI::Range(0.0, 1.0));
  number("--chance", options.chance, "SHARE",
         "what unlikely means: a chance below this (default:\n0.05). Of several ends the first "
         "one counts, for\neach problem")
      ->check(CLI::Range(0.0, 1.0));
  number("--prior", options.prior, "FROM",
         "by measurements: what is believed first. sim: the\nsimulator's times; db: those of "
         "another device or\nsize in the database; none (default: sim for a\ndevice, else none)")
      ->check(CLI::IsMember({"sim", "db", "none"}));
  number("--seed", options.seed, "N",
         "of a search by measurements (default: 1). The same\ncommand goes on where it was "
         "interrupted; another seed\nis another search, which knows all that was measured");
  stop("--finals", options.finals, "S",
       "on a noisy runner the fastest points are measured\nagain in turns, until told apart or for "
       "so long\n(default: 120; 0: not)");
  number("--round", options.round, "N",
         "by measurements: points that are built side by side\nbefore the next ones are chosen "
         "(default: 1 at\nfirst, 8 later)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1024}));
}

} // namespace ptotune::cli
