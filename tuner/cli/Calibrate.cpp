// pto-tune calibrate: the free constants of a SoC profile from measured times.
#include "db/file/WriteFile.h"
#include "tuner/calibration/Fit.h"
#include "tuner/calibration/ProfileText.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Json.h"
#include "tuner/cli/Text.h"

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace ptotune::cli {
namespace {

using calibration::Constant;
using calibration::Fitted;
using calibration::GroupError;
using calibration::Measurement;
using calibration::Sample;

constexpr const char* kExamples = R"(Example:
  pto-tune calibrate --data measured.csv --soc configs/soc/ascend910b2.toml \
      --output fitted.toml
  pto-tune calibrate --db device.db --soc configs/soc/ascend910b2.toml

Columns of the data: soc, cores, head, s0, s1, cube_s0, cube_s1, tile_s1,
qk_preload, slot_num, sync_period, kv_split, vec_order (p_first, gu_first),
time_us, source ("FILE:LINE"; rows of one FILE are a group).

Exit code: 0 done, 2 bad input.)";

struct Options {
  std::string data;
  std::string database;
  std::string soc;
  std::string free;
  std::string output;
  std::string format;
};

Result<std::vector<const Constant*>> freeOption(const std::string& text) {
  if (text.empty())
    return calibration::usualConstants();
  std::vector<const Constant*> free;
  std::istringstream keys(text);
  for (std::string key; std::getline(keys, key, ',');) {
    const Constant* constant = calibration::findConstant(key);
    if (constant == nullptr || std::ranges::find(free, constant) != free.end()) {
      std::vector<std::string_view> known;
      for (const Constant& one : calibration::constants())
        known.push_back(one.key);
      return Error{.message =
                       constant == nullptr ? "no such constant" : "the constant stands twice",
                   .key = "--free",
                   .value = key,
                   .expected = fmt::format("some of {}", fmt::join(known, ", "))};
    }
    free.push_back(constant);
  }
  return free;
}

std::string percent(double share) {
  return fmt::format("{:+.1f} %", share * 100);
}

void printRows(std::span<const Sample> samples, const Fitted& fitted) {
  using enum Table::Align;
  Table table({right, right, right, right, right, left, right, right, right, right});
  table.row({"cores", "s0", "s1", "TILE_S1", "KV_SPLIT", "VEC_ORDER", "measured us", "simulated us",
             "error", "left out"});
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Measurement& m = samples[i].measured;
    table.row({std::to_string(m.cores), std::to_string(m.problem.s0), std::to_string(m.problem.s1),
               std::to_string(m.point.tileS1()), std::to_string(m.point.kvSplit()),
               valueText(Param::vecOrder, m.point[Param::vecOrder]), microseconds(m.seconds),
               microseconds(fitted.seconds[i]), percent(fitted.seconds[i] / m.seconds - 1),
               percent(fitted.leftOut[i] / m.seconds - 1)});
  }
  fmt::print("{}", table.text());
}

void printGroups(std::span<const GroupError> groups) {
  using enum Table::Align;
  Table table({left, right, right, right, right});
  table.row({"group", "rows", "MAPE", "left out", "rank correlation"});
  for (const GroupError& group : groups)
    table.row({group.group, std::to_string(group.rows), fmt::format("{:.1f} %", group.mape * 100),
               fmt::format("{:.1f} %", group.leftOut * 100),
               group.rows > 1 ? fmt::format("{:.3f}", group.rank) : "-"});
  fmt::print("\n{}", table.text());
}

void printConstants(std::span<const Constant* const> free, const SocProfile& before,
                    const SocProfile& after) {
  using enum Table::Align;
  Table table({left, right, right});
  table.row({"constant", "before", "fitted"});
  for (const Constant* constant : free)
    table.row({std::string(constant->key), fmt::format("{:.4g}", constant->get(before)),
               fmt::format("{:.4g}", constant->get(after))});
  fmt::print("\n{}", table.text());
}

nlohmann::ordered_json fitJson(std::span<const Sample> samples, const Fitted& fitted,
                               std::span<const GroupError> groups,
                               std::span<const Constant* const> free, const SocProfile& before) {
  auto rows = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Measurement& m = samples[i].measured;
    rows.push_back({{"cores", m.cores},
                    {"problem", problemJson(m.problem)},
                    {"point", pointJson(m.point)},
                    {"measured_seconds", m.seconds},
                    {"simulated_seconds", fitted.seconds[i]},
                    {"left_out_seconds", fitted.leftOut[i]}});
  }
  auto errors = nlohmann::ordered_json::array();
  for (const GroupError& group : groups)
    errors.push_back({{"group", group.group},
                      {"rows", group.rows},
                      {"mape", group.mape},
                      {"left_out_mape", group.leftOut},
                      {"rank_correlation", group.rank}});
  auto constants = nlohmann::ordered_json::array();
  for (const Constant* constant : free)
    constants.push_back({{"constant", std::string(constant->key)},
                         {"before", constant->get(before)},
                         {"fitted", constant->get(fitted.soc)}});
  return {{"soc", before.name}, {"rows", rows}, {"groups", errors}, {"constants", constants}};
}

CalibrationRange rangeOf(std::span<const Sample> samples, std::span<const GroupError> groups,
                         const std::string& data) {
  CalibrationRange range;
  range.head = samples.front().measured.problem.head;
  range.s1Min = range.s1Max = samples.front().measured.problem.s1;
  for (const Sample& sample : samples) {
    range.s1Min = std::min(range.s1Min, sample.measured.problem.s1);
    range.s1Max = std::max(range.s1Max, sample.measured.problem.s1);
    range.coresMax = std::max(range.coresMax, sample.measured.cores);
  }
  std::vector<std::string> errors;
  for (const GroupError& group : groups)
    errors.push_back(fmt::format("{} ({} rows, MAPE {:.1f} %, left out {:.1f} %)", group.group,
                                 group.rows, group.mape * 100, group.leftOut * 100));
  range.source = fmt::format(
      "pto-tune calibrate, {:%Y-%m-%d}, {} rows of {}: {}", fmt::gmtime(std::time(nullptr)),
      samples.size(), std::filesystem::path(data).filename().string(), fmt::join(errors, "; "));
  return range;
}

Status write(const Options& options, std::span<const Constant* const> free, const Fitted& fitted,
             const CalibrationRange& range) {
  std::ifstream stream(options.soc, std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  const auto text = calibration::withConstants(content.str(), fitted.soc, free, range, options.soc);
  if (!text)
    return text.error();
  return writeFile(options.output, *text);
}

// The file that the measured times come from.
const std::string& dataOf(const Options& options) {
  return options.data.empty() ? options.database : options.data;
}

Result<std::vector<Measurement>> measurementsOf(const Options& options, const std::string& soc) {
  if (options.data.empty() == options.database.empty())
    return Error{.message = "measured times come from one place",
                 .expected = "either --data FILE or --db FILE"};
  if (!options.data.empty())
    return calibration::loadMeasurements(options.data);
  const auto database = Database::open(options.database, OpenMode::readOnly);
  if (!database)
    return database.error();
  return calibration::deviceMeasurements(*database, soc);
}

int runCalibrate(const Options& options) {
  const auto free = freeOption(options.free);
  if (!free)
    return fail(free.error());
  const auto soc = loadSoc(options.soc);
  if (!soc)
    return fail(soc.error());
  const auto measurements = measurementsOf(options, soc->name);
  if (!measurements)
    return fail(measurements.error());
  if (measurements->size() <= free->size())
    return fail({.message = "too few measurements for the constants",
                 .file = dataOf(options),
                 .value = fmt::format("{} rows", measurements->size()),
                 .expected = fmt::format("more than {}", free->size()),
                 .advice = "measure more, or fit fewer constants with --free"});
  if (!options.output.empty())
    if (const Status status = checkWritable(options.output); !status)
      return fail(status.error());
  const auto samples = calibration::lowerAll(*measurements, *soc, dataOf(options));
  if (!samples)
    return fail(samples.error());
  const auto fitted = calibration::fit(*samples, *soc, *free);
  if (!fitted)
    return fail(fitted.error());
  const std::vector<GroupError> groups = calibration::groupErrors(*samples, *fitted);
  const bool json = options.format == "json";
  if (json) {
    printJson(fitJson(*samples, *fitted, groups, *free, *soc));
  } else {
    printRows(*samples, *fitted);
    printGroups(groups);
    printConstants(*free, *soc, fitted->soc);
  }
  if (options.output.empty())
    return kSuccess;
  if (const Status status =
          write(options, *free, *fitted, rangeOf(*samples, groups, dataOf(options)));
      !status)
    return fail(status.error());
  if (!json)
    fmt::print("\nwrote {}\n", options.output);
  return kSuccess;
}

} // namespace

void addCalibrate(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("calibrate", "Fit a SoC profile's constants to measured times");
  command->add_option("--data", options->data, "measured times (CSV)")->option_text("FILE");
  command
      ->add_option("--db", options->database,
                   "in place of --data: the device trials of a tuning\ndatabase, a group for each "
                   "environment")
      ->option_text("FILE");
  command->add_option("--soc", options->soc, "the profile to begin with (TOML)")
      ->required()
      ->option_text("FILE");
  command
      ->add_option("--free", options->free,
                   "constants to fit, separated by commas; default:\n"
                   "launch,gm_store_contention,gm_neighbours")
      ->option_text("KEYS");
  command->add_option("--output", options->output, "where to write the fitted profile")
      ->option_text("FILE");
  addFormat(*command, options->format);
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runCalibrate(*options); }; });
}

} // namespace ptotune::cli
