#include "tuner/calibration/Measurements.h"

#include "db/exchange/CsvTable.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

namespace ptotune::calibration {
namespace {

constexpr std::array<const char*, 15> kColumns = {
    "soc",         "cores",    "head",      "s0",         "s1",
    "cube_s0",     "cube_s1",  "tile_s1",   "qk_preload", "slot_num",
    "sync_period", "kv_split", "vec_order", "time_us",    "source"};

// One line, read column by column. The first error stays.
class Reader {
public:
  Reader(const CsvRow& heading, const CsvRow& row, const std::string& file)
      : heading_(heading), row_(row), file_(file) {}

  std::string text(const char* column) {
    const auto at = std::ranges::find(heading_.fields, column) - heading_.fields.begin();
    return row_.fields[static_cast<std::size_t>(at)];
  }
  std::int64_t whole(const char* column) {
    const std::string field = text(column);
    std::int64_t value = 0;
    const auto end = std::from_chars(field.data(), field.data() + field.size(), value);
    if (end.ec != std::errc() || end.ptr != field.data() + field.size() || value < 1)
      fail(column, field, "a whole number of at least 1");
    return value;
  }
  double microseconds(const char* column) {
    const std::string field = text(column);
    double value = 0;
    const auto end = std::from_chars(field.data(), field.data() + field.size(), value);
    if (end.ec != std::errc() || end.ptr != field.data() + field.size() || !(value > 0))
      fail(column, field, "a time above zero, in microseconds");
    return value;
  }
  void fail(const char* column, const std::string& value, const std::string& expected) {
    if (!error)
      error = Error{.message = "the measurement cannot be read",
                    .file = file_,
                    .line = row_.line,
                    .key = column,
                    .value = value,
                    .expected = expected,
                    .advice = "mend the line or leave it out"};
  }

  std::optional<Error> error;

private:
  const CsvRow& heading_;
  const CsvRow& row_;
  const std::string& file_;
};

Result<Measurement> read(const CsvRow& heading, const CsvRow& row, const std::string& file) {
  Reader reader(heading, row, file);
  Measurement m;
  m.line = row.line;
  m.soc = reader.text("soc");
  m.cores = reader.whole("cores");
  m.problem.head = reader.whole("head");
  m.problem.s0 = reader.whole("s0");
  m.problem.s1 = reader.whole("s1");
  m.point.set(Param::cubeS0, reader.whole("cube_s0"));
  m.point.set(Param::cubeS1, reader.whole("cube_s1"));
  m.point.set(Param::tileS1, reader.whole("tile_s1"));
  m.point.set(Param::qkPreload, reader.whole("qk_preload"));
  const std::int64_t slots = reader.whole("slot_num");
  for (const Param depth : {Param::slotNumQK, Param::slotNumP, Param::slotNumPV})
    m.point.set(depth, slots);
  m.point.set(Param::kvSplit, reader.whole("kv_split"));
  m.syncPeriod = static_cast<int>(reader.whole("sync_period"));
  const std::string order = reader.text("vec_order");
  if (const auto parsed = parseValue(Param::vecOrder, order))
    m.point.set(Param::vecOrder, *parsed);
  else
    reader.fail("vec_order", order, "p_first or gu_first");
  m.point.set(Param::expRing,
              m.point.vecOrder() == VecOrder::guFirst ? m.point.qkPreload() : slots);
  m.seconds = reader.microseconds("time_us") * 1e-6;
  m.source = reader.text("source");
  if (reader.error)
    return *reader.error;
  return m;
}

Error badTable(const std::string& file, int line, const std::string& message) {
  return {.message = message,
          .file = file,
          .line = line,
          .expected = fmt::format("the columns {}", fmt::join(kColumns, ", ")),
          .advice = "see 'pto-tune calibrate --help'"};
}

} // namespace

Result<std::vector<Measurement>> loadMeasurements(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream content;
  if (stream)
    content << stream.rdbuf();
  if (!stream || stream.bad())
    return Error{.message = "cannot read the file", .file = path, .advice = "check the path"};
  const auto rows = parseCsvRows(content.str(), path);
  if (!rows)
    return rows.error();
  if (rows->size() < 2)
    return badTable(path, 1, "the file holds no measurement");
  const CsvRow& heading = rows->front();
  for (const char* column : kColumns)
    if (std::ranges::count(heading.fields, column) != 1)
      return badTable(path, heading.line, fmt::format("the column '{}' is missing", column));
  std::vector<Measurement> measurements;
  for (std::size_t i = 1; i < rows->size(); ++i) {
    const CsvRow& row = (*rows)[i];
    if (row.fields.size() != heading.fields.size())
      return badTable(path, row.line,
                      fmt::format("the line has {} fields, the heading {}", row.fields.size(),
                                  heading.fields.size()));
    auto measurement = read(heading, row, path);
    if (!measurement)
      return measurement.error();
    measurements.push_back(*std::move(measurement));
  }
  return measurements;
}

Result<std::vector<Measurement>> deviceMeasurements(const Database& database,
                                                    const std::string& soc) {
  const auto environments = database.environments();
  if (!environments)
    return environments.error();
  std::vector<Measurement> measurements;
  for (const Environment& environment : *environments) {
    if (environment.soc != soc || environment.runner == kSimRunner)
      continue;
    const std::string id = environment.hash().hex();
    const auto records = database.records({.environment = id, .problem = {}});
    if (!records)
      return records.error();
    const std::string group = fmt::format("{} {}, environment {}", environment.runner,
                                          environment.runnerVersion, id.substr(0, 8));
    for (const TrialRecord& record : records->trials)
      if (const auto seconds = record.trial.time())
        measurements.push_back({.soc = soc,
                                .problem = record.trial.problem,
                                .point = record.trial.point,
                                .seconds = *seconds,
                                .source = group + ":0"});
  }
  if (measurements.empty())
    return Error{.message = "the database has no times of a device of this SoC",
                 .file = database.path(),
                 .key = "soc",
                 .value = soc,
                 .expected = "correct trials of a runner that is not the virtual Ascend",
                 .advice = "'pto-tune db info' lists what it holds"};
  return measurements;
}

} // namespace ptotune::calibration
