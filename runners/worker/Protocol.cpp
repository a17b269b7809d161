#include "runners/worker/Protocol.h"

#include "db/Records.h"
#include "db/exchange/Exchange.h"
#include "db/exchange/Fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ptotune::worker {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr const char* kOutputError = "output_error";

std::string line(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

// A line as a JSON object whose `op` is one of those that are due.
Result<json> parseObject(std::string_view text) {
  json object = json::parse(text, nullptr, false);
  if (object.is_object())
    return object;
  constexpr std::size_t kShown = 80;
  return Error{.message = "a line is not a JSON object",
               .value = json(std::string(text.substr(0, kShown)))
                            .dump(-1, ' ', true, json::error_handler_t::replace)};
}

// Records travel as the objects of their JSON lines (db/FORMAT.md).
json arrayOf(Records records) {
  json all = json::array();
  const std::string text = renderJsonLines(std::move(records));
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    all.push_back(json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return all;
}

Result<Records> recordsOf(Fields& fields) {
  const json* all = fields.raw("records");
  if (all == nullptr || !all->is_array()) {
    fields.fail("records", "a list of records");
    return fields.finishLoosely().error();
  }
  std::string text;
  for (const json& one : *all)
    text += line(one);
  return parseJsonLines(text, "records");
}

const char* name(ResetPolicy policy) {
  return policy == ResetPolicy::force ? "force" : "none";
}

json budgetOf(const Budget& budget) {
  return {{"limit_ms", budget.limit.count()},
          {"stream_wait_ms", budget.streamWait.count()},
          {"op_limit_ms", budget.opLimit.count()},
          {"warmup", budget.warmup},
          {"min_repetitions", budget.minRepetitions},
          {"max_repetitions", budget.maxRepetitions},
          {"relative_width", budget.relativeWidth},
          {"flush_l2", budget.flushL2},
          {"reset", name(budget.reset)}};
}

Result<Budget> readBudget(const json& object) {
  Fields fields(object, {.key = "budget"});
  Budget budget;
  budget.limit = milliseconds(fields.integer("limit_ms"));
  budget.streamWait = milliseconds(fields.integer("stream_wait_ms"));
  budget.opLimit = milliseconds(fields.integer("op_limit_ms"));
  budget.warmup = static_cast<int>(fields.integer("warmup"));
  budget.minRepetitions = static_cast<int>(fields.integer("min_repetitions"));
  budget.maxRepetitions = static_cast<int>(fields.integer("max_repetitions"));
  budget.relativeWidth = fields.number("relative_width");
  budget.flushL2 = fields.flag("flush_l2");
  const std::string reset = fields.text("reset");
  budget.reset = reset == name(ResetPolicy::force) ? ResetPolicy::force : ResetPolicy::none;
  if (!fields.failed() && reset != name(budget.reset))
    fields.fail("reset", "force or none");
  if (auto sound = fields.finish(); !sound)
    return sound.error();
  return budget;
}

json jsonOf(const std::optional<OutputError>& error) {
  if (!error)
    return nullptr;
  return {{"max_abs", error->maxAbs},    {"row", error->row},
          {"column", error->column},     {"value", error->value},
          {"expected", error->expected}, {"checked_rows", error->checkedRows}};
}

Result<std::optional<OutputError>> readOutputError(const json& object) {
  if (object.is_null())
    return std::optional<OutputError>();
  Fields fields(object, {.key = kOutputError});
  OutputError error{.maxAbs = fields.number("max_abs"),
                    .row = fields.integer("row"),
                    .column = fields.integer("column"),
                    .value = fields.number("value"),
                    .expected = fields.number("expected"),
                    .checkedRows = fields.integer("checked_rows")};
  if (auto sound = fields.finish(); !sound)
    return sound.error();
  return std::optional(error);
}

Result<Request> readOpen(Fields& fields) {
  const std::int64_t protocol = fields.integer("protocol");
  if (!fields.failed() && protocol != kProtocolVersion)
    fields.fail("protocol", std::to_string(kProtocolVersion));
  OpenRequest open{.runner = fields.text("runner"),
                   .soc = fields.text("soc"),
                   .derived = fields.flag("derived"),
                   .device = fields.text("device"),
                   .memoryBytes = fields.integer("memory_bytes"),
                   .afterFault = fields.flag("after_fault")};
  if (auto sound = fields.finish(); !sound)
    return sound.error();
  return Request{.open = std::move(open), .measure = {}};
}

Result<Request> readMeasure(Fields& fields) {
  MeasureRequest measure{.id = fields.integer("id"), .candidate = {}, .wire = {}, .budget = {}};
  Problem base;
  base.family = fields.text("family");
  const std::string problemText = fields.text("problem");
  const std::string pointText = fields.object("point");
  measure.wire = fields.object("wire");
  const json* budgetObject = fields.raw("budget");
  if (budgetObject == nullptr || !budgetObject->is_object())
    fields.fail("budget", "an object");
  if (auto sound = fields.finish(); !sound)
    return sound.error();
  auto problem = Problem::parse(problemText, base);
  if (!problem)
    return problem.error();
  auto point = Point::fromJson(pointText);
  if (!point)
    return point.error();
  if (point->json() != pointText)
    return Error{.message = "a point is not whole",
                 .key = "point",
                 .value = pointText,
                 .expected = "every parameter, for example " + point->json()};
  const auto budget = readBudget(*budgetObject);
  if (!budget)
    return budget.error();
  measure.candidate = {*std::move(problem), *point};
  measure.budget = *budget;
  return Request{.open = {}, .measure = std::move(measure)};
}

// An answer of the worker, which is `op` or a failure.
Result<json> answer(std::string_view text, const std::string& op, bool& fromWorker) {
  fromWorker = false;
  auto object = parseObject(text);
  if (!object)
    return object;
  Fields fields(*object, {});
  const std::string got = fields.text("op");
  if (!fields.failed() && got == "failure") {
    Error error{.message = fields.text("message")};
    if (auto sound = fields.finish(); !sound)
      return sound.error();
    fromWorker = true;
    return error;
  }
  if (!fields.failed() && got != op)
    fields.fail("op", op);
  if (auto sound = fields.finishLoosely(); !sound)
    return sound.error();
  return object;
}

} // namespace

std::string hello(const Hello& message) {
  return line({{"op", "hello"},
               {"protocol", message.protocol},
               {"tool", message.tool},
               {"process", message.process}});
}

std::string open(const OpenRequest& message) {
  return line({{"op", "open"},
               {"protocol", kProtocolVersion},
               {"runner", message.runner},
               {"soc", message.soc},
               {"derived", message.derived},
               {"device", message.device},
               {"memory_bytes", message.memoryBytes},
               {"after_fault", message.afterFault}});
}

std::string ready(const Environment& environment) {
  return line({{"op", "ready"}, {"records", arrayOf({.environments = {environment}})}});
}

std::string measure(const MeasureRequest& message) {
  const Candidate& candidate = message.candidate;
  return line({{"op", "measure"},
               {"id", message.id},
               {"family", candidate.problem.family},
               {"problem", candidate.problem.text()},
               {"point", json::parse(candidate.point.json())},
               {"wire", json::parse(message.wire, nullptr, false)},
               {"budget", budgetOf(message.budget)}});
}

std::string trial(const TrialAnswer& message) {
  const Hash environment = message.environment.hash();
  const SessionIdentity session{.environment = environment, .command = "pto-tune-worker"};
  Records records;
  records.environments = {message.environment};
  records.sessions = {session};
  records.trials = {
      {.environment = environment, .session = contentId(session), .trial = message.trial}};
  return line({{"op", "trial"},
               {"id", message.id},
               {"records", arrayOf(std::move(records))},
               {kOutputError, jsonOf(message.trial.outputError)}});
}

std::string failure(const Error& error) {
  return line({{"op", "failure"}, {"message", error.text()}});
}

Result<Request> parseRequest(std::string_view line) {
  const auto object = parseObject(line);
  if (!object)
    return object.error();
  Fields fields(*object, {});
  const std::string op = fields.text("op");
  if (op == "open")
    return readOpen(fields);
  if (op == "measure")
    return readMeasure(fields);
  fields.fail("op", "open or measure");
  return fields.finishLoosely().error();
}

Result<Hello> parseHello(std::string_view line) {
  bool fromWorker = false;
  const auto object = answer(line, "hello", fromWorker);
  if (!object)
    return object.error();
  Fields fields(*object, {});
  (void)fields.text("op");
  // Of another version only the number is read: the rest may be anything.
  Hello message{.protocol = fields.integer("protocol")};
  if (!fields.failed() && message.protocol != kProtocolVersion)
    return message;
  message.tool = fields.text("tool");
  message.process = fields.integer("process");
  if (auto sound = fields.finish(); !sound)
    return sound.error();
  return message;
}

Result<Environment> parseReady(std::string_view line, bool& fromWorker) {
  const auto object = answer(line, "ready", fromWorker);
  if (!object)
    return object.error();
  Fields fields(*object, {});
  (void)fields.text("op");
  const auto records = recordsOf(fields);
  if (!records)
    return records.error();
  if (records->environments.size() != 1 || !records->trials.empty())
    fields.fail("records", "one environment");
  if (auto sound = fields.finish(); !sound)
    return sound.error();
  return records->environments.front();
}

Result<TrialAnswer> parseTrial(std::string_view line, bool& fromWorker) {
  const auto object = answer(line, "trial", fromWorker);
  if (!object)
    return object.error();
  Fields fields(*object, {});
  (void)fields.text("op");
  TrialAnswer message{.id = fields.integer("id"), .environment = {}, .trial = {}};
  const auto records = recordsOf(fields);
  if (!records)
    return records.error();
  if (records->environments.size() != 1 || records->trials.size() != 1)
    fields.fail("records", "one trial in one environment");
  const json* outputError = fields.raw(kOutputError);
  if (outputError == nullptr || !(outputError->is_null() || outputError->is_object()))
    fields.fail(kOutputError, "an object or null");
  if (auto sound = fields.finish(); !sound)
    return sound.error();
  auto error = readOutputError(*outputError);
  if (!error)
    return error.error();
  message.environment = records->environments.front();
  message.trial = records->trials.front().trial;
  message.trial.outputError = *error;
  return message;
}

} // namespace ptotune::worker
