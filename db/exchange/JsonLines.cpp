#include "db/Decode.h"
#include "db/exchange/Exchange.h"
#include "db/exchange/Fields.h"
#include "db/exchange/TrialFields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace ptotune {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "pto-tune records";
constexpr std::int64_t kVersion = 3;

std::string line(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string toHex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes)
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

json jsonOf(const TrialRecord& record) {
  const Trial& trial = record.trial;
  json object = {{"record", "trial"},
                 {"id", record.id().hex()},
                 {"environment", record.environment.hex()},
                 {"session", record.session.hex()},
                 {"recorded", record.recorded},
                 {"problem", json::parse(trial.problem.json())},
                 {"point", json::parse(trial.point.json())},
                 {"status", name(trial.status)},
                 {"calibrated", trial.calibrated},
                 {"source", trial.sourceHash.hex()},
                 {"program", trial.programHash.hex()},
                 {"prepare_seconds", trial.prepareSeconds},
                 {"measure_seconds", trial.measureSeconds},
                 {"seconds", trial.seconds}};
  if (trial.boundSeconds > 0)
    object["bound"] = trial.boundSeconds;
  if (isUtf8(trial.detail))
    object["detail"] = trial.detail;
  else
    object["detail_hex"] = toHex(trial.detail);
  return object;
}

// One file, line by line. Every record stands behind those it names.
class Parser {
public:
  explicit Parser(const std::string& file) : where_{.file = file} {}

  Status parse(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
      ++where_.line;
      if (auto done = parseLine(text.substr(0, end)); !done)
        return done;
      text.remove_prefix(end);
    }
    if (!begun_)
      return Error{.message = "the file is empty",
                   .file = where_.file,
                   .expected = "JSON lines, as 'pto-tune db export' writes them"};
    return {};
  }
  Records take() { return std::move(records_); }

private:
  Error error(std::string message, std::string key = {}, std::string value = {},
              std::string expected = {}) const {
    Error error = where_;
    error.message = std::move(message);
    error.key = std::move(key);
    error.value = std::move(value);
    error.expected = std::move(expected);
    return error;
  }

  Status parseLine(std::string_view text) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
      return {};
    const json object = json::parse(text, nullptr, false);
    if (!object.is_object())
      return error("the line is not a JSON object");
    Fields fields(object, where_);
    const std::string record = fields.text("record");
    if (fields.failed())
      return fields.finish();
    if (record == "header")
      return parseHeader(fields);
    if (!begun_)
      return error("the file does not start with a header", "record", record, "header");
    if (record == "environment")
      return parseEnvironment(fields);
    if (record == "session")
      return parseSession(fields);
    if (record == "trial")
      return parseTrial(fields);
    if (record == "ask")
      return parseAsk(fields);
    if (record == "rejection")
      return parseRejection(fields);
    if (record == "proof")
      return parseProof(fields);
    if (record == "note")
      return parseNote(fields);
    return error("unknown kind of record", "record", record,
                 "header, environment, session, trial, ask, rejection, proof or note");
  }

  Status parseHeader(Fields& fields) {
    const std::string format = fields.text("format");
    const std::int64_t version = fields.integer("version");
    if (!fields.failed() && format != kFormat)
      fields.fail("format", kFormat);
    if (auto sound = fields.finish(); !sound)
      return sound;
    if (version < 1 || version > kVersion) {
      Error newer = error("the records are of another version", "version", std::to_string(version),
                          fmt::format("1 to {}", kVersion));
      newer.advice = "import them with the pto-tune that wrote them, or a newer one";
      return newer;
    }
    begun_ = true;
    return {};
  }

  // The id may be left out; one that is given must be that of the content.
  Status checkId(Fields& fields, const Hash& content) {
    const bool given = fields.has("id");
    const Hash id = given ? fields.hash("id") : content;
    if (auto sound = fields.finish(); !sound)
      return sound;
    if (id != content)
      return error("the id is not that of the content", "id", id.hex(), content.hex());
    return {};
  }

  Status parseEnvironment(Fields& fields) {
    Environment environment = environmentOf(fields);
    const Hash id = environment.hash();
    if (auto sound = checkId(fields, id); !sound)
      return sound;
    if (environments_.insert(id).second)
      records_.environments.push_back(std::move(environment));
    return {};
  }

  Status parseSession(Fields& fields) {
    SessionIdentity session{.environment = fields.hash("environment"),
                            .host = fields.text("host"),
                            .command = fields.text("command"),
                            .started = fields.integer("started"),
                            .nonce = fields.integer("nonce"),
                            .device = fields.textOrEmpty("device"),
                            .searcher = fields.textOrEmpty("searcher"),
                            .seed = fields.integerOrZero("seed"),
                            .options = fields.textOrEmpty("options")};
    const Hash id = contentId(session);
    if (auto sound = checkId(fields, id); !sound)
      return sound;
    if (!environments_.contains(session.environment))
      return error("a session names an environment that no line above has", "environment",
                   session.environment.hex());
    if (sessions_.emplace(id, session.environment).second)
      records_.sessions.push_back(std::move(session));
    return {};
  }

  Status parseTrial(Fields& fields) {
    TrialRecord record{.environment = fields.hash("environment"),
                       .session = fields.hash("session"),
                       .recorded = fields.integer("recorded")};
    Trial& trial = record.trial;
    readProblem(fields, trial.problem);
    readPoint(fields, trial);
    readStatus(fields, trial);
    readMeasures(fields, trial);
    trial.boundSeconds = fields.numberOrZero("bound");
    readDetail(fields, trial);
    if (fields.failed())
      return fields.finish();
    if (auto sound = checkId(fields, record.id()); !sound)
      return sound;
    if (const auto fault = trialFault(trial))
      return error("a trial has " + *fault);
    const auto session = sessions_.find(record.session);
    if (session == sessions_.end())
      return error("a trial names a session that no line above has", "session",
                   record.session.hex());
    if (session->second != record.environment)
      return error("a trial's session ran in another environment", "environment",
                   record.environment.hex(), session->second.hex());
    trials_.emplace(record.id(), record.environment);
    records_.trials.push_back(std::move(record));
    return {};
  }

  Status parseAsk(Fields& fields) {
    const AskRecord ask{.session = fields.hash("session"),
                        .ordinal = fields.integer("ordinal"),
                        .trial = fields.hash("trial")};
    if (ask.ordinal < 0)
      fields.fail("ordinal", "zero or more");
    if (auto sound = fields.finish(); !sound)
      return sound;
    const auto session = sessions_.find(ask.session);
    if (session == sessions_.end())
      return error("an ask names a session that no line above has", "session", ask.session.hex());
    const auto trial = trials_.find(ask.trial);
    if (trial == trials_.end())
      return error("an ask names a trial that no line above has", "trial", ask.trial.hex());
    if (trial->second != session->second)
      return error("a session asked for a trial of another environment", "trial", ask.trial.hex());
    records_.asks.push_back(ask);
    return {};
  }

  Status parseRejection(Fields& fields) {
    RejectionRecord record{.session = fields.hash("session"),
                           .problem = {},
                           .rule = fields.text("rule"),
                           .points = fields.integer("points")};
    readProblem(fields, record.problem);
    if (record.points < 0)
      fields.fail("points", "zero or more");
    if (auto sound = fields.finish(); !sound)
      return sound;
    if (!sessions_.contains(record.session))
      return error("a count of rejected points names a session that no line above has", "session",
                   record.session.hex());
    records_.rejections.push_back(std::move(record));
    return {};
  }

  Status parseProof(Fields& fields) {
    ProofRecord record{.session = fields.hash("session"),
                       .problem = {},
                       .proof = {.space = fields.hash("space"),
                                 .spaceName = fields.text("space_name"),
                                 .points = fields.integer("points"),
                                 .bound = fields.number("bound")}};
    readProblem(fields, record.problem);
    if (auto sound = fields.finish(); !sound)
      return sound;
    if (const auto fault = proofFault(record.proof))
      return error("a proof has " + *fault);
    if (!sessions_.contains(record.session))
      return error("a proof names a session that no line above has", "session",
                   record.session.hex());
    records_.proofs.push_back(std::move(record));
    return {};
  }

  Status parseNote(Fields& fields) {
    Note note{.subject = {},
              .about = fields.hash("about"),
              .author = fields.text("author"),
              .written = fields.integer("written"),
              .text = fields.text("text")};
    if (const auto subject = noteSubjectOf(fields.text("subject")))
      note.subject = *subject;
    else
      fields.fail("subject", "trial, session, point or environment");
    if (fields.failed())
      return fields.finish();
    if (auto sound = checkId(fields, contentId(note)); !sound)
      return sound;
    if (const auto fault = noteFault(note))
      return error("a note has " + *fault);
    records_.notes.push_back(std::move(note));
    return {};
  }

  static void readProblem(Fields& fields, Problem& into) {
    const std::string text = fields.object("problem");
    if (fields.failed())
      return;
    auto problem = problemFromJson(text);
    if (!problem)
      fields.fail("problem", problem.error().text());
    else if (problem->json() != text)
      fields.fail("problem", "every key of it, for example " + problem->json());
    else
      into = *problem;
  }

  void readPoint(Fields& fields, Trial& trial) const {
    const std::string text = fields.object("point");
    if (fields.failed())
      return;
    auto point = Point::fromJson(text);
    if (!point)
      fields.fail("point", point.error().text());
    else if (point->json() != text)
      fields.fail("point", "every parameter, for example " + point->json());
    else
      trial.point = *point;
  }

  void readStatus(Fields& fields, Trial& trial) const {
    const std::string text = fields.text("status");
    if (const auto status = statusOf(text))
      trial.status = *status;
    else
      fields.fail("status", statusNames());
  }

  void readDetail(Fields& fields, Trial& trial) const {
    if (!fields.has("detail_hex")) {
      trial.detail = fields.text("detail");
      return;
    }
    const std::string hex = fields.text("detail_hex");
    const bool digits =
        hex.size() % 2 == 0 && hex.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!digits)
      return fields.fail("detail_hex", "two hexadecimal digits for each byte");
    for (std::size_t i = 0; i < hex.size(); i += 2)
      trial.detail += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }

  Error where_;
  bool begun_ = false;
  Records records_;
  std::unordered_set<Hash> environments_;
  std::unordered_map<Hash, Hash> sessions_, trials_; // -> environment
};

} // namespace

std::string renderJsonLines(Records records) {
  sortByContent(records);
  std::string text = line({{"record", "header"}, {"format", kFormat}, {"version", kVersion}});
  for (const Environment& environment : records.environments) {
    json object = json::parse(canonicalJson(environment));
    object["record"] = "environment";
    object["id"] = environment.hash().hex();
    text += line(object);
  }
  for (const SessionIdentity& session : records.sessions) {
    json object = json::parse(canonicalJson(session));
    object["record"] = "session";
    object["id"] = contentId(session).hex();
    text += line(object);
  }
  for (const TrialRecord& record : records.trials)
    text += line(jsonOf(record));
  for (const AskRecord& ask : records.asks)
    text += line({{"record", "ask"},
                  {"session", ask.session.hex()},
                  {"ordinal", ask.ordinal},
                  {"trial", ask.trial.hex()}});
  for (const RejectionRecord& record : records.rejections)
    text += line({{"record", "rejection"},
                  {"session", record.session.hex()},
                  {"problem", json::parse(record.problem.json())},
                  {"rule", record.rule},
                  {"points", record.points}});
  for (const ProofRecord& record : records.proofs)
    text += line({{"record", "proof"},
                  {"session", record.session.hex()},
                  {"problem", json::parse(record.problem.json())},
                  {"space", record.proof.space.hex()},
                  {"space_name", record.proof.spaceName},
                  {"points", record.proof.points},
                  {"bound", record.proof.bound}});
  for (const Note& note : records.notes) {
    json object = json::parse(canonicalJson(note));
    object["record"] = "note";
    object["id"] = contentId(note).hex();
    text += line(object);
  }
  return text;
}

Result<Records> parseJsonLines(std::string_view text, const std::string& file) {
  Parser parser(file);
  if (auto done = parser.parse(text); !done)
    return done.error();
  return parser.take();
}

} // namespace ptotune
