#include "tuner/cli/DbReport.h"

#include "tuner/cli/Text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace ptotune::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kShownSessions = 20;
constexpr std::size_t kShownDigits = 8; // of an id

// "2026-01-31 13:05"
std::string minuteOf(std::int64_t microseconds) {
  const std::chrono::sys_time<std::chrono::microseconds> time{
      std::chrono::microseconds(microseconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count());
}

std::string shortId(const Hash& id) {
  return id.hex().substr(0, kShownDigits);
}

std::string counted(std::int64_t number, std::string_view noun) {
  return cli::counted(static_cast<std::uint64_t>(number), noun);
}

std::string bytesText(std::int64_t bytes) {
  if (bytes < 1'000'000)
    return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1e3);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::int64_t trialCount(const EnvironmentInfo& info) {
  std::int64_t all = 0;
  for (const std::int64_t count : info.trials)
    all += count;
  return all;
}

std::string environmentText(const EnvironmentInfo& info, std::size_t width) {
  const Environment& environment = info.environment;
  std::string head = fmt::format("environment {}: {}, runner {} {}", shortId(environment.hash()),
                                 environment.soc, environment.runner, environment.runnerVersion);
  if (!environment.toolchain.empty())
    head += ", " + environment.toolchain;
  if (!environment.toolVersion.empty())
    head += ", pto-tune " + environment.toolVersion;
  if (environment.cores > 0)
    head += ", " + counted(environment.cores, "core");
  if (environment.frequency > 0)
    head += fmt::format(" of {:g} MHz", static_cast<double>(environment.frequency) / 1e6);
  if (!environment.isaHash.empty())
    head += ", pto-isa headers " + environment.isaHash;
  const std::int64_t all = trialCount(info);
  std::string body = fmt::format("{}, {}, {}", counted(info.sessions, "session"),
                                 counted(info.problems, "problem"), counted(all, "trial"));
  const char* separator = ": ";
  for (std::size_t status = 0; status < kTrialStatusCount; ++status) {
    if (info.trials[status] == 0)
      continue;
    body +=
        fmt::format("{}{} {}", separator, grouped(static_cast<std::uint64_t>(info.trials[status])),
                    name(static_cast<TrialStatus>(status)));
    separator = ", ";
  }
  std::string text = wrapped(head, 0, width, 2) + "\n" + wrapped(body, 2, width) + "\n";
  if (all > 0)
    text += wrapped(fmt::format("recorded {} to {} UTC", minuteOf(info.firstRecorded),
                                minuteOf(info.lastRecorded)),
                    2, width) +
            "\n";
  return text;
}

// In one line of at most `width` bytes; what is cut ends with dots, between characters.
std::string cut(std::string line, std::size_t width) {
  if (line.size() <= width)
    return line;
  std::size_t end = width - 3;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80)
    --end;
  return line.substr(0, end) + "...";
}

std::string inOneLine(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return text;
}

constexpr std::string_view kCommand = "command"; // the last column
constexpr std::size_t kLeastCommand = 12;        // columns that a session's command is worth

std::string hiddenText(std::size_t sessions) {
  return sessions == 0 ? ""
                       : fmt::format("  {} before these; --format json lists all\n",
                                     cli::counted(sessions, "session"));
}

// The newest sessions; commands are cut where a line would be too long, and rows become blocks
// where too little of them would be left.
std::string sessionsText(const std::vector<SessionInfo>& sessions, std::size_t width) {
  using enum Table::Align;
  const std::size_t hidden = sessions.size() - std::min(sessions.size(), kShownSessions);
  Table table({left, left, left, right, left});
  table.row({"session", "started (UTC)", "environment", "trials", std::string(kCommand)});
  for (std::size_t i = hidden; i < sessions.size(); ++i) {
    const auto& [session, trials] = sessions[i];
    table.row({shortId(contentId(session)), minuteOf(session.started), shortId(session.environment),
               grouped(static_cast<std::uint64_t>(trials)), inOneLine(session.command)});
  }
  std::string text;
  const std::string lines = table.text(kAnyWidth);
  if (lines.find('\n') + kLeastCommand > width + kCommand.size())
    return table.text(width) + hiddenText(hidden);
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = lines.find('\n', begin);
    text += cut(lines.substr(begin, end - begin), width) + "\n";
    begin = end + 1;
  }
  return text + hiddenText(hidden);
}

ordered_json jsonOf(const EnvironmentInfo& info) {
  const Environment& environment = info.environment;
  ordered_json trials = ordered_json::object();
  for (std::size_t status = 0; status < kTrialStatusCount; ++status)
    if (info.trials[status] > 0)
      trials[name(static_cast<TrialStatus>(status))] = info.trials[status];
  return {{"id", environment.hash().hex()},
          {"soc", environment.soc},
          {"soc_hash", environment.socHash.hex()},
          {"runner", environment.runner},
          {"runner_version", environment.runnerVersion},
          {"toolchain", environment.toolchain},
          {"tool_version", environment.toolVersion},
          {"cores", environment.cores},
          {"frequency", environment.frequency},
          {"isa_hash", environment.isaHash},
          {"sessions", info.sessions},
          {"problems", info.problems},
          {"trials", trials},
          {"first_recorded", info.firstRecorded},
          {"last_recorded", info.lastRecorded}};
}

} // namespace

std::string infoText(const std::string& path, const DatabaseInfo& info, std::size_t width) {
  std::string text =
      wrapped(fmt::format("{}: schema version {}, {}, {} of them unused", path, info.schemaVersion,
                          bytesText(info.bytes), bytesText(info.freeBytes)),
              0, width, 2) +
      "\n" +
      wrapped(fmt::format("{}, {}, {}, {}", counted(info.problems, "problem"),
                          counted(info.points, "point"), counted(info.kernels, "kernel"),
                          counted(info.samples, "sample")),
              0, width) +
      "\n";
  for (const EnvironmentInfo& environment : info.environments)
    text += "\n" + environmentText(environment, width);
  if (!info.sessions.empty())
    text += "\n" + sessionsText(info.sessions, width);
  return text;
}

std::string rejectionsText(std::span<const Rejections> all, std::size_t width) {
  std::string text;
  for (const Rejections& one : all) {
    std::string line =
        fmt::format("{} in environment {}: {} legal", one.problem.text(), shortId(one.environment),
                    grouped(static_cast<std::uint64_t>(one.legal)));
    for (const auto& [rule, points] : one.rejected)
      line += fmt::format(", {} {}", rule, grouped(static_cast<std::uint64_t>(points)));
    text += wrapped(line, 2, width, 2) + "\n";
  }
  const char* heading = "points of the space, and how many of them each rule rejects";
  return text.empty() ? text : "\n" + wrapped(heading, 0, width) + "\n" + text;
}

std::string notesText(std::span<const Note> notes, std::size_t width) {
  std::string text;
  for (const Note& note : notes)
    text += wrapped(fmt::format("note by {} at {}, about {} {}: {}", inOneLine(note.author),
                                minuteOf(note.written), name(note.subject), shortId(note.about),
                                inOneLine(note.text)),
                    0, width, 2) +
            "\n";
  return text.empty() ? text : "\n" + text;
}

std::string infoJson(const DatabaseInfo& info, std::span<const Rejections> rejections,
                     std::span<const Note> notes) {
  ordered_json whole = {{"schema_version", info.schemaVersion},
                        {"bytes", info.bytes},
                        {"free_bytes", info.freeBytes},
                        {"problems", info.problems},
                        {"points", info.points},
                        {"kernels", info.kernels},
                        {"samples", info.samples},
                        {"environments", ordered_json::array()},
                        {"sessions", ordered_json::array()},
                        {"rejections", ordered_json::array()},
                        {"notes", notesJson(notes)}};
  for (const EnvironmentInfo& environment : info.environments)
    whole["environments"].push_back(jsonOf(environment));
  for (const auto& [session, trials] : info.sessions)
    whole["sessions"].push_back({{"id", contentId(session).hex()},
                                 {"environment", session.environment.hex()},
                                 {"host", session.host},
                                 {"command", session.command},
                                 {"started", session.started},
                                 {"device", session.device},
                                 {"searcher", session.searcher},
                                 {"seed", session.seed},
                                 {"options", session.options},
                                 {"trials", trials}});
  for (const Rejections& one : rejections)
    whole["rejections"].push_back({{"environment", one.environment.hex()},
                                   {"session", one.session.value.hex()},
                                   {"problem", ordered_json::parse(one.problem.json())},
                                   {"legal", one.legal},
                                   {"rejected", one.rejected}});
  return whole.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json notesJson(std::span<const Note> notes) {
  ordered_json list = ordered_json::array();
  for (const Note& note : notes)
    list.push_back({{"subject", name(note.subject)},
                    {"about", note.about.hex()},
                    {"author", note.author},
                    {"written", note.written},
                    {"text", note.text}});
  return list;
}

ordered_json takenJson(const Taken& taken) {
  return {
      {"environments", taken.environments}, {"sessions", taken.sessions}, {"trials", taken.trials},
      {"earlier", taken.earlier},           {"known", taken.known},       {"asks", taken.asks},
      {"rejections", taken.rejections},     {"proofs", taken.proofs},     {"notes", taken.notes}};
}

ordered_json prunedJson(const Pruned& pruned) {
  return {{"environments", pruned.environments},
          {"sessions", pruned.sessions},
          {"problems", pruned.problems},
          {"points", pruned.points},
          {"kernels", pruned.kernels},
          {"trials", pruned.trials},
          {"samples", pruned.samples},
          {"notes", pruned.notes},
          {"asks", pruned.asks},
          {"rejections", pruned.rejections},
          {"proofs", pruned.proofs}};
}

std::string takenText(const Taken& taken) {
  std::string text = fmt::format("{}, {}, {}", counted(taken.trials, "new trial"),
                                 counted(taken.sessions, "new session"),
                                 counted(taken.environments, "new environment"));
  if (taken.known > 0)
    text += fmt::format("; {} known already", counted(taken.known, "trial"));
  if (taken.notes > 0)
    text += fmt::format("; {}", counted(taken.notes, "new note"));
  if (taken.earlier > 0)
    text += fmt::format("; {} had an earlier recording", counted(taken.earlier, "known trial"));
  return text;
}

std::string prunedText(const Pruned& pruned) {
  return fmt::format(
      "{} with {}, {}, {}; {}, {} and {} that nothing else uses", counted(pruned.trials, "trial"),
      counted(pruned.samples, "sample"), counted(pruned.sessions, "session"),
      counted(pruned.environments, "environment"), counted(pruned.problems, "problem"),
      counted(pruned.points, "point"), counted(pruned.kernels, "kernel"));
}

} // namespace ptotune::cli
