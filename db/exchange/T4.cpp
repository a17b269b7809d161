// The results format that auto-tuners share: T4 1.0.0 of
// https://github.com/odgaard/TuningSchema, as the FAIR benchmark hub and Kernel Tuner write it.
#include "db/Decode.h"
#include "db/exchange/Exchange.h"
#include "db/exchange/Fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>

namespace ptotune {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using Microseconds = std::chrono::sys_time<std::chrono::microseconds>;

constexpr const char* kSchemaVersion = "1.0.0";
constexpr const char* kMilliseconds = "milliseconds";

// The six verdicts of T4 are the first of TrialStatus.
constexpr auto kLastVerdict = TrialStatus::correctness;

// "2026-01-31 13:05:09.000001+00:00"
std::string timestamp(std::int64_t microseconds) {
  const Microseconds time{std::chrono::microseconds(microseconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00:00",
                     static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

// Takes exactly `digits` digits from the front.
std::optional<int> takeNumber(std::string_view& text, std::size_t digits) {
  int value = 0;
  if (text.size() < digits)
    return std::nullopt;
  const auto parsed = std::from_chars(text.data(), text.data() + digits, value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + digits || value < 0)
    return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

// Microseconds behind the point; further digits are dropped.
std::int64_t takeFraction(std::string_view& text) {
  std::int64_t value = 0;
  std::size_t digits = 0;
  if (!text.starts_with('.') && !text.starts_with(','))
    return 0;
  text.remove_prefix(1);
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1))
    if (digits++ < 6)
      value = value * 10 + (text.front() - '0');
  for (; digits < 6; ++digits)
    value *= 10;
  return value;
}

// Minutes east of UTC; no zone is UTC.
std::optional<int> takeZone(std::string_view& text) {
  if (text.empty())
    return 0;
  const char sign = text.front();
  text.remove_prefix(1);
  if (sign == 'Z')
    return 0;
  if (sign != '+' && sign != '-')
    return std::nullopt;
  const auto hours = takeNumber(text, 2);
  if (text.starts_with(':'))
    text.remove_prefix(1);
  const auto minutes = takeNumber(text, 2);
  if (!hours || !minutes)
    return std::nullopt;
  return (sign == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

// The inverse of timestamp(); ISO 8601 with 'T', 'Z', other zones and fractions too.
std::optional<std::int64_t> parseTimestamp(std::string_view text) {
  int parts[6] = {};
  constexpr std::size_t kDigits[] = {4, 2, 2, 2, 2, 2};
  constexpr std::string_view kSeparators[] = {"-", "-", "T ", ":", ":"};
  for (std::size_t i = 0; i < 6; ++i) {
    const auto number = takeNumber(text, kDigits[i]);
    if (!number)
      return std::nullopt;
    parts[i] = *number;
    if (i == 5)
      break;
    if (text.empty() || kSeparators[i].find(text.front()) == std::string_view::npos)
      return std::nullopt;
    text.remove_prefix(1);
  }
  const std::int64_t fraction = takeFraction(text);
  const auto zone = takeZone(text);
  const std::chrono::year_month_day date{std::chrono::year(parts[0]),
                                         std::chrono::month(static_cast<unsigned>(parts[1])),
                                         std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!zone || !text.empty() || !date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60)
    return std::nullopt;
  const Microseconds time = std::chrono::sys_days(date) + std::chrono::hours(parts[3]) +
                            std::chrono::minutes(parts[4] - *zone) +
                            std::chrono::seconds(parts[5]) + std::chrono::microseconds(fraction);
  return time.time_since_epoch().count();
}

// T4 has no hang: a device sees it as a time-out.
TrialStatus verdict(TrialStatus status) {
  return status == TrialStatus::hang ? TrialStatus::timeout : status;
}

ordered_json resultOf(const TrialRecord& record) {
  const Trial& trial = record.trial;
  const TrialStatus status = verdict(trial.status);
  const double prepared = trial.prepareSeconds * 1e3;
  // The schema's name of it, and that of the files which its readers know.
  ordered_json times = {{"compilation_time", prepared},
                        {"compilation", prepared},
                        {"framework", 0},
                        {"search_algorithm", 0},
                        {"validation", 0}};
  ordered_json measurements = ordered_json::array();
  if (const auto time = trial.time()) {
    times["runtimes"] = ordered_json::array();
    for (const double seconds : trial.seconds)
      times["runtimes"].push_back(seconds * 1e3);
    measurements.push_back({{"name", "time"}, {"value", *time * 1e3}, {"unit", "ms"}});
  }
  return {{"timestamp", timestamp(record.recorded)},
          {"configuration", ordered_json::parse(trial.point.json())},
          {"times", times},
          {"invalidity", name(status)},
          {"correctness", status == TrialStatus::correct ? 1 : 0},
          {"measurements", measurements},
          {"objectives", ordered_json::array({"time"})}};
}

Status checkOneSpace(const Records& records, const std::string& file) {
  std::set<Hash> environments, problems;
  for (const TrialRecord& record : records.trials) {
    environments.insert(record.environment);
    problems.insert(record.trial.problem.hash());
  }
  if (environments.size() == 1 && problems.size() == 1)
    return {};
  Error error{.message = "a T4 file tells of one problem in one environment",
              .file = file,
              .key = "trials",
              .value = fmt::format("of {} problems in {} environments", problems.size(),
                                   environments.size()),
              .advice = "choose them with --problem and --environment"};
  if (records.trials.empty()) {
    error.message = "there are no trials to export";
    error.key = error.value = "";
  }
  return error;
}

// Seconds for each unit of a file; T4's own default is the millisecond.
std::optional<double> unitOf(const std::string& unit) {
  static constexpr std::pair<std::string_view, double> kUnits[] = {
      {kMilliseconds, 1e3}, {"miliseconds", 1e3}, // as many files spell it
      {"ms", 1e3},          {"seconds", 1},       {"s", 1},   {"microseconds", 1e6},
      {"us", 1e6},          {"nanoseconds", 1e9}, {"ns", 1e9}};
  for (const auto& [name, perSecond] : kUnits)
    if (name == unit)
      return perSecond;
  return std::nullopt;
}

class Parser {
public:
  Parser(std::string_view text, const std::string& file, const T4Defaults& defaults)
      : text_(text), file_(file), defaults_(defaults) {}

  Result<Records> parse() {
    json whole;
    try {
      whole = json::parse(text_);
    } catch (const json::parse_error& broken) {
      const std::size_t end = std::min<std::size_t>(broken.byte, text_.size());
      return Error{.message = "the file is not JSON",
                   .file = file_,
                   .line = 1 + static_cast<int>(std::count(
                                   text_.begin(), text_.begin() + static_cast<long>(end), '\n')),
                   .expected = "a T4 results file"};
    }
    if (!whole.is_object())
      return Error{.message = "the file is not a JSON object",
                   .file = file_,
                   .expected = "a T4 results file"};
    Fields fields(whole, {.file = file_});
    const std::string version = fields.text("schema_version");
    if (!fields.failed() && !version.starts_with("1."))
      fields.fail("schema_version", std::string(kSchemaVersion) + ", or a later 1.x");
    const json* results = fields.raw("results");
    if (results == nullptr || !results->is_array())
      fields.fail("results", "a list");
    if (auto sound = fields.finishLoosely(); !sound)
      return sound.error();
    if (auto done = parseMetadata(whole); !done)
      return done.error();
    for (std::size_t i = 0; i < results->size(); ++i)
      if (auto done = parseResult((*results)[i], fmt::format("results[{}]", i)); !done)
        return done.error();
    addSession();
    return std::move(records_);
  }

private:
  Status parseMetadata(const json& whole) {
    static const json kNone = json::object();
    const json& metadata = whole.contains("metadata") ? whole["metadata"] : kNone;
    if (!metadata.is_object())
      return Error{
          .message = "a value is wrong", .file = file_, .key = "metadata", .expected = "an object"};
    Fields fields(metadata, {.file = file_, .key = "metadata"});
    if (fields.has("timeunit")) {
      const auto unit = unitOf(fields.text("timeunit"));
      if (!unit)
        fields.fail("timeunit", "miliseconds, seconds, microseconds or nanoseconds");
      perSecond_ = unit.value_or(1);
    }
    if (fields.has("problem")) {
      auto problem = problemFromJson(fields.object("problem"));
      if (problem)
        problem_ = *problem;
      else
        fields.fail("problem", problem.error().text());
    } else if (defaults_.problem) {
      problem_ = *defaults_.problem;
    } else {
      fields.fail("problem", "the problem that was tuned: the file does not say; give --problem");
    }
    if (auto sound = fields.finishLoosely(); !sound)
      return sound;
    return parseEnvironment(metadata, fields);
  }

  Status parseEnvironment(const json& metadata, Fields& fields) {
    if (!fields.has("environment")) {
      if (!defaults_.environment)
        fields.fail("environment", "who measured: the file does not say; give --soc and --runner");
      else
        environment_ = *defaults_.environment;
      return fields.finishLoosely();
    }
    const json& object = metadata["environment"];
    if (!object.is_object()) {
      fields.fail("environment", "an object");
      return fields.finishLoosely();
    }
    Fields inner(object, {.file = file_, .key = "metadata.environment"});
    environment_ = environmentOf(inner);
    return inner.finish();
  }

  Status parseResult(const json& object, const std::string& where) {
    if (!object.is_object())
      return Error{
          .message = "a value is wrong", .file = file_, .key = where, .expected = "an object"};
    Fields fields(object, {.file = file_, .key = where});
    TrialRecord record{.environment = environment_.hash()};
    Trial& trial = record.trial;
    trial.problem = problem_;
    const auto status = statusOf(fields.text("invalidity"));
    if (!status || *status > kLastVerdict)
      fields.fail("invalidity", "timeout, compile, runtime, correctness, constraints or correct");
    trial.status = status.value_or(TrialStatus::runtime);
    (void)fields.number("correctness");
    if (fields.has("timestamp")) {
      const auto time = parseTimestamp(fields.text("timestamp"));
      if (!time)
        fields.fail("timestamp", "a time, such as \"2026-01-31 13:05:09.000001+00:00\"");
      record.recorded = time.value_or(0);
    }
    readPoint(fields, trial);
    const json* times = fields.raw("times");
    if (times == nullptr || !times->is_object())
      fields.fail("times", "an object");
    if (auto sound = fields.finishLoosely(); !sound)
      return sound;
    if (auto done = readTimes(*times, where + ".times", trial); !done)
      return done;
    if (const auto fault = trialFault(trial))
      return Error{.message = "a result has " + *fault, .file = file_, .key = where};
    records_.trials.push_back(std::move(record));
    return {};
  }

  void readPoint(Fields& fields, Trial& trial) const {
    const std::string text = fields.object("configuration");
    if (fields.failed())
      return;
    auto point = Point::fromJson(text);
    if (!point)
      fields.fail("configuration", point.error().text());
    else
      trial.point = *point;
  }

  Status readTimes(const json& object, const std::string& where, Trial& trial) const {
    Fields fields(object, {.file = file_, .key = where});
    for (const char* key : {"compilation", "compilation_time"})
      if (fields.has(key))
        trial.prepareSeconds = fields.number(key) / perSecond_;
    if (fields.has("runtimes") && trial.status == TrialStatus::correct)
      for (const double time : fields.numbers("runtimes"))
        trial.seconds.push_back(time / perSecond_);
    for (const double seconds : trial.seconds)
      trial.measureSeconds += seconds;
    return fields.finishLoosely();
  }

  // One session stands for the file: importing it again finds the same one.
  void addSession() {
    SessionIdentity session{.environment = environment_.hash(),
                            .command = "T4 file " + Hash::of(text_).hex()};
    if (!records_.trials.empty())
      session.started = std::ranges::min(records_.trials, {}, &TrialRecord::recorded).recorded;
    for (TrialRecord& record : records_.trials)
      record.session = contentId(session);
    records_.environments.push_back(environment_);
    records_.sessions.push_back(std::move(session));
  }

  std::string_view text_;
  const std::string& file_;
  const T4Defaults& defaults_;
  double perSecond_ = 1e3;
  Environment environment_;
  Problem problem_;
  Records records_;
};

} // namespace

Result<T4Text> renderT4(Records records, const std::string& file) {
  T4Text t4;
  t4.pruned = std::erase_if(records.trials, [](const TrialRecord& record) {
    return record.trial.status == TrialStatus::pruned;
  });
  if (auto one = checkOneSpace(records, file); !one)
    return one.error();
  sortByContent(records);
  const TrialRecord& first = records.trials.front();
  const auto environment =
      std::ranges::find_if(records.environments, [&first](const Environment& e) {
        return e.hash() == first.environment;
      });
  ordered_json whole = {{"schema_version", kSchemaVersion},
                        {"metadata",
                         {{"timeunit", kMilliseconds},
                          {"environment", ordered_json::parse(canonicalJson(*environment))},
                          {"problem", ordered_json::parse(first.trial.problem.json())}}},
                        {"results", ordered_json::array()}};
  for (const TrialRecord& record : records.trials)
    whole["results"].push_back(resultOf(record));
  t4.text = whole.dump(1) + "\n";
  return t4;
}

Result<Records> parseT4(std::string_view text, const std::string& file,
                        const T4Defaults& defaults) {
  return Parser(text, file, defaults).parse();
}

} // namespace ptotune
