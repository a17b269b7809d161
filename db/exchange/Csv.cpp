#include "db/Decode.h"
#include "db/exchange/CsvTable.h"
#include "db/exchange/Exchange.h"
#include "db/exchange/Fields.h"
#include "db/exchange/TrialFields.h"
#include "space/Text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace ptotune {
namespace {

using nlohmann::json;

constexpr const char* kBefore[] = {"soc",       "soc_hash",     "runner",  "runner_version",
                                   "toolchain", "tool_version", "host",    "command",
                                   "started",   "nonce",        "recorded"};
constexpr const char* kBehind[] = {"status",  "calibrated",      "detail",          "source",
                                   "program", "prepare_seconds", "measure_seconds", "seconds"};

// Columns that a heading may leave out, as files of an older pto-tune do; they read as empty then.
constexpr const char* kOptional[] = {"cores", "frequency", "isa_hash", "device", "searcher",
                                     "seed",  "options",   "bound",    "ordinal"};

// Keys of a problem and of a point, in the order of columns.
std::vector<std::string> problemKeys() {
  std::vector<std::string> keys;
  const json problem = json::parse(Problem{}.json());
  for (const auto& [key, value] : problem.items())
    keys.push_back(key);
  return keys;
}

std::vector<std::string> columns() {
  std::vector<std::string> names(std::begin(kBefore), std::end(kBefore));
  std::ranges::copy(problemKeys(), std::back_inserter(names));
  for (const ParamInfo& param : allParams())
    names.emplace_back(param.name);
  names.insert(names.end(), std::begin(kBehind), std::end(kBehind));
  names.insert(names.end(), std::begin(kOptional), std::end(kOptional));
  return names;
}

std::string plain(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<std::string> rowOf(const TrialRecord& record, const Environment& environment,
                               const SessionIdentity& session,
                               const std::optional<std::int64_t>& ordinal) {
  const Trial& trial = record.trial;
  std::vector<std::string> row = {environment.soc,
                                  environment.socHash.hex(),
                                  environment.runner,
                                  environment.runnerVersion,
                                  environment.toolchain,
                                  environment.toolVersion,
                                  session.host,
                                  session.command,
                                  std::to_string(session.started),
                                  std::to_string(session.nonce),
                                  std::to_string(record.recorded)};
  const json problem = json::parse(trial.problem.json());
  for (const auto& [key, value] : problem.items())
    row.push_back(plain(value));
  for (const ParamInfo& param : allParams())
    row.push_back(valueText(param.id, trial.point[param.id]));
  row.insert(row.end(),
             {name(trial.status), trial.calibrated ? "true" : "false", trial.detail,
              trial.sourceHash.hex(), trial.programHash.hex(),
              fmt::format("{}", trial.prepareSeconds), fmt::format("{}", trial.measureSeconds),
              fmt::format("{}", fmt::join(trial.seconds, " ")), std::to_string(environment.cores),
              std::to_string(environment.frequency), environment.isaHash, session.device,
              session.searcher, std::to_string(session.seed), session.options,
              fmt::format("{}", trial.boundSeconds), ordinal ? std::to_string(*ordinal) : ""});
  return row;
}

// One row's fields by the name of their column.
class RowFields {
public:
  RowFields(const std::map<std::string, std::size_t>& columns, const CsvRow& row,
            const std::string& file)
      : columns_(columns), row_(row), file_(file) {}

  const std::string& text(const std::string& column) const {
    static const std::string kNone;
    const auto found = columns_.find(column);
    return found == columns_.end() ? kNone : row_.fields[found->second];
  }
  std::int64_t integer(const std::string& column) {
    const auto value = parseInteger(text(column));
    if (!value)
      fail(column, "an integer");
    return value.value_or(0);
  }
  std::optional<std::int64_t> maybeInteger(const std::string& column) {
    if (text(column).empty())
      return std::nullopt;
    return integer(column);
  }
  Hash hash(const std::string& column) {
    if (!isHash(text(column)))
      fail(column, "32 hexadecimal digits");
    return Hash::parse(text(column));
  }
  bool flag(const std::string& column) {
    if (text(column) != "true" && text(column) != "false")
      fail(column, "true or false");
    return text(column) == "true";
  }
  double number(const std::string& column) { return number(column, text(column)); }
  std::vector<double> numbers(const std::string& column) {
    std::vector<double> numbers;
    for (std::string_view rest = trim(text(column)); !rest.empty();) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      numbers.push_back(number(column, rest.substr(0, end)));
      rest = trim(rest.substr(end));
    }
    return numbers;
  }
  void fail(const std::string& column, std::string expected) {
    if (error_)
      return;
    error_ = at("a value is wrong");
    error_->key = column;
    error_->value = text(column);
    error_->expected = std::move(expected);
  }
  Error at(std::string message) const {
    return Error{.message = std::move(message), .file = file_, .line = row_.line};
  }
  const std::optional<Error>& error() const { return error_; }

private:
  double number(const std::string& column, std::string_view text) {
    double value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
      fail(column, "a number");
    return value;
  }

  const std::map<std::string, std::size_t>& columns_;
  const CsvRow& row_;
  const std::string& file_;
  std::optional<Error> error_;
};

void readProblem(RowFields& fields, Trial& trial) {
  std::string text;
  for (const std::string& key : problemKeys()) {
    std::string value = fields.text(key);
    if (value == "true" || value == "false")
      value = value == "true" ? "1" : "0";
    if (key == "family")
      trial.problem.family = value;
    else
      text += fmt::format("{}{}={}", text.empty() ? "" : ",", key, value);
  }
  auto problem = Problem::parse(text, trial.problem);
  if (problem)
    trial.problem = *problem;
  else
    fields.fail(problem.error().key.empty() ? "family" : problem.error().key,
                problem.error().expected);
}

void readPoint(RowFields& fields, Trial& trial) {
  for (const ParamInfo& param : allParams()) {
    const std::string column(param.name);
    auto value = parseValue(param.id, fields.text(column));
    if (value)
      trial.point.set(param.id, *value);
    else
      fields.fail(column, value.error().expected);
  }
}

// Builds records from rows; environments and sessions are found again by content.
class Builder {
public:
  Status add(RowFields& fields) {
    const Environment environment{.soc = fields.text("soc"),
                                  .socHash = fields.hash("soc_hash"),
                                  .runner = fields.text("runner"),
                                  .runnerVersion = fields.text("runner_version"),
                                  .toolchain = fields.text("toolchain"),
                                  .toolVersion = fields.text("tool_version"),
                                  .cores = fields.maybeInteger("cores").value_or(0),
                                  .frequency = fields.maybeInteger("frequency").value_or(0),
                                  .isaHash = fields.text("isa_hash")};
    const SessionIdentity session{.environment = environment.hash(),
                                  .host = fields.text("host"),
                                  .command = fields.text("command"),
                                  .started = fields.integer("started"),
                                  .nonce = fields.integer("nonce"),
                                  .device = fields.text("device"),
                                  .searcher = fields.text("searcher"),
                                  .seed = fields.maybeInteger("seed").value_or(0),
                                  .options = fields.text("options")};
    TrialRecord record{.environment = session.environment,
                       .session = contentId(session),
                       .recorded = fields.integer("recorded")};
    readTrial(fields, record.trial);
    const auto ordinal = fields.maybeInteger("ordinal");
    if (ordinal.value_or(0) < 0)
      fields.fail("ordinal", "zero or more, or nothing");
    if (fields.error())
      return *fields.error();
    if (const auto fault = trialFault(record.trial))
      return fields.at("a trial has " + *fault);
    if (environments_.insert(record.environment).second)
      records_.environments.push_back(environment);
    if (sessions_.insert(record.session).second)
      records_.sessions.push_back(session);
    if (ordinal)
      records_.asks.push_back({record.session, *ordinal, record.id()});
    records_.trials.push_back(std::move(record));
    return {};
  }
  Records take() { return std::move(records_); }

private:
  static void readTrial(RowFields& fields, Trial& trial) {
    readProblem(fields, trial);
    readPoint(fields, trial);
    if (const auto status = statusOf(fields.text("status")))
      trial.status = *status;
    else
      fields.fail("status", statusNames());
    trial.detail = fields.text("detail");
    readMeasures(fields, trial);
    if (!fields.text("bound").empty())
      trial.boundSeconds = fields.number("bound");
  }

  Records records_;
  std::unordered_set<Hash> environments_, sessions_;
};

// Column -> place. All columns but kOptional must be there, in any order, and no others.
Result<std::map<std::string, std::size_t>> readHeading(const CsvRow& row, const std::string& file) {
  const std::vector<std::string> expected = columns();
  Error error{
      .file = file, .line = row.line, .expected = fmt::format("{}", fmt::join(expected, ","))};
  std::map<std::string, std::size_t> found;
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    const std::string& column = row.fields[i];
    error.key = column;
    if (std::ranges::find(expected, column) == expected.end()) {
      error.message = "the heading has an unknown column";
      return error;
    }
    if (!found.emplace(column, i).second) {
      error.message = "the heading has a column twice";
      return error;
    }
  }
  for (const std::string& column : expected)
    if (!found.contains(column) && std::ranges::find(kOptional, column) == std::end(kOptional)) {
      error.message = "the heading misses a column";
      error.key = column;
      return error;
    }
  return found;
}

} // namespace

std::string renderCsv(Records records) {
  sortByContent(records);
  std::unordered_map<Hash, const Environment*> environments;
  for (const Environment& environment : records.environments)
    environments.emplace(environment.hash(), &environment);
  std::unordered_map<Hash, const SessionIdentity*> sessions;
  for (const SessionIdentity& session : records.sessions)
    sessions.emplace(contentId(session), &session);
  std::map<std::pair<Hash, Hash>, std::int64_t> ordinals; // of a session and a trial, the first
  for (const AskRecord& ask : records.asks)
    ordinals.emplace(std::pair(ask.session, ask.trial), ask.ordinal);
  std::string text = csvLine(columns());
  for (const TrialRecord& record : records.trials) {
    const auto ordinal = ordinals.find({record.session, record.id()});
    text +=
        csvLine(rowOf(record, *environments.at(record.environment), *sessions.at(record.session),
                      ordinal == ordinals.end() ? std::nullopt : std::optional(ordinal->second)));
  }
  return text;
}

Result<Records> parseCsv(std::string_view text, const std::string& file) {
  auto rows = parseCsvRows(text, file);
  if (!rows)
    return rows.error();
  if (rows->empty())
    return Error{.message = "the file is empty",
                 .file = file,
                 .expected = "CSV, as 'pto-tune db export' writes it"};
  auto heading = readHeading(rows->front(), file);
  if (!heading)
    return heading.error();
  Builder builder;
  for (std::size_t i = 1; i < rows->size(); ++i) {
    RowFields fields(*heading, (*rows)[i], file);
    if ((*rows)[i].fields.size() != heading->size()) {
      Error error = fields.at("a row has another number of fields than the heading");
      error.value = std::to_string((*rows)[i].fields.size());
      error.expected = std::to_string(heading->size());
      return error;
    }
    if (auto done = builder.add(fields); !done)
      return done.error();
  }
  return builder.take();
}

} // namespace ptotune
