// pto-tune db: looking into databases, moving their trials, and keeping them small.
#include "db/Database.h"
#include "db/exchange/Exchange.h"
#include "db/file/WriteFile.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/DbCommands.h"
#include "tuner/cli/DbReport.h"
#include "tuner/cli/Json.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  pto-tune db info --db pto-tune.db
  pto-tune db merge theirs.db yours.db --db all.db
  pto-tune db export --db pto-tune.db --format csv --output trials.csv
  pto-tune db prune --db pto-tune.db --older-than 30d

'pto-tune db COMMAND --help' tells more, with examples.)";

constexpr const char* kInfoExamples = R"(Examples:
  pto-tune db info --db pto-tune.db
  pto-tune db info --db pto-tune.db --format json | jq '.sessions[-1].id')";
constexpr const char* kCheckExamples = R"(Example:
  pto-tune db check --db pto-tune.db)";
constexpr const char* kMergeExamples =
    R"(Merging is idempotent, and the order of files does not matter.

Example:
  pto-tune db merge theirs.db yours.db --db all.db)";
constexpr const char* kExportExamples =
    R"(jsonl and csv lose no trial; csv leaves out sessions without trials.
t4 is the results format that auto-tuners share, for one problem in one
environment, in milliseconds.

Examples:
  pto-tune db export --db pto-tune.db > trials.jsonl
  pto-tune db export --db pto-tune.db --format t4 --problem s0=1024,s1=1024)";
constexpr const char* kImportExamples =
    R"(Nothing is imported when any line of any file is malformed.

Examples:
  pto-tune db import trials.jsonl more.csv --db pto-tune.db
  pto-tune db import results.json --problem s0=1024,s1=1024 \
      --soc Ascend910B2 --runner kernel_tuner --db pto-tune.db)";
constexpr const char* kPruneExamples =
    R"(Only says what would go, unless --yes is given. A trial goes when it meets all
conditions; 'pto-tune db info' lists the ids.

Examples:
  pto-tune db prune --db pto-tune.db --older-than 30d
  pto-tune db prune --db pto-tune.db --session 3fa9c1d2 --yes)";
constexpr const char* kVacuumExamples = R"(Example:
  pto-tune db vacuum --db pto-tune.db)";

struct Options {
  std::string database = kDefaultDatabase;
  std::vector<std::string> files;
  std::string format;
  std::string output;
  std::string problem;
  std::string environment;
  std::string session;
  std::string age;
  Environment measured; // for T4 files that do not say
  bool yes = false;
  bool json = false; // of import, whose --format is that of the files

  bool forScripts() const { return json || format == "json"; }
};

int runInfo(const Options& options) {
  auto database = Database::open(options.database, OpenMode::readOnly);
  if (!database)
    return fail(database.error());
  auto info = database->info();
  if (!info)
    return fail(info.error());
  auto rejections = database->rejections();
  if (!rejections)
    return fail(rejections.error());
  auto notes = database->notes();
  if (!notes)
    return fail(notes.error());
  const std::size_t width = terminalOf(stdout).width;
  if (options.format == "json")
    fmt::print("{}\n", infoJson(*info, *rejections, *notes));
  else
    fmt::print("{}{}{}", infoText(options.database, *info, width),
               rejectionsText(*rejections, width), notesText(*notes, width));
  return kSuccess;
}

int runCheck(const Options& options) {
  auto database = Database::open(options.database, OpenMode::readOnly);
  if (!database)
    return fail(database.error());
  auto findings = database->findings();
  if (!findings)
    return fail(findings.error());
  if (options.forScripts())
    printJson(
        {{"database", options.database}, {"sound", findings->empty()}, {"findings", *findings}});
  else
    for (const std::string& finding : *findings)
      fmt::print("{}\n", finding);
  if (!findings->empty())
    return fail({.message = fmt::format("the database is damaged: {}",
                                        counted(findings->size(), "finding")),
                 .file = options.database,
                 .advice = "restore a copy of the file, or read what can be read by "
                           "'pto-tune db recover'"});
  if (!options.forScripts())
    fmt::print("{} is sound\n", options.database);
  return kSuccess;
}

int printTaken(const Options& options, const Result<Taken>& taken) {
  if (!taken)
    return fail(taken.error());
  if (options.forScripts())
    printJson({{"database", options.database}, {"taken", takenJson(*taken)}});
  else
    fmt::print("{}: {}\n", options.database, takenText(*taken));
  return kSuccess;
}

int runMerge(const Options& options) {
  return printTaken(options, mergeDatabases(options.database, options.files));
}

// The problem of --problem, if it is given.
Result<std::optional<Problem>> problemOf(const Options& options) {
  if (options.problem.empty())
    return std::optional<Problem>();
  auto problem = Problem::parse(options.problem, Problem());
  if (!problem)
    return problem.error();
  if (problem->s0 <= 0 || problem->s1 <= 0)
    return Error{.message = "the problem is not complete",
                 .key = "problem",
                 .value = options.problem,
                 .expected = "s0 and s1 at least, for example s0=1024,s1=1024"};
  return std::optional(*problem);
}

// Renders what the options choose. What T4 leaves out is said on stderr.
Result<std::string> renderExport(const Options& options) {
  auto problem = problemOf(options);
  if (!problem)
    return problem.error();
  auto database = Database::open(options.database, OpenMode::readOnly);
  if (!database)
    return database.error();
  auto records = database->records({.environment = options.environment, .problem = *problem});
  if (!records)
    return records.error();
  const auto format = recordFormat(options.format);
  if (format == RecordFormat::csv)
    return renderCsv(std::move(*records));
  if (format == RecordFormat::jsonLines)
    return renderJsonLines(std::move(*records));
  auto t4 = renderT4(std::move(*records), options.database);
  if (!t4)
    return t4.error();
  if (t4->pruned > 0)
    fmt::print(stderr, "pto-tune: left out {}: T4 has no word for them\n",
               counted(t4->pruned, "pruned trial"));
  return t4->text;
}

int runExport(const Options& options) {
  std::error_code missing; // then they are not the same
  if (std::filesystem::equivalent(options.output, options.database, missing))
    return fail({.message = "the export would replace the database itself",
                 .file = options.output,
                 .advice = "name another file"});
  if (!options.output.empty())
    if (auto writable = checkWritable(options.output); !writable)
      return fail(writable.error());
  auto text = renderExport(options);
  if (!text)
    return fail(text.error());
  return printOrWrite(options.output, *text);
}

int runImport(const Options& options) {
  auto problem = problemOf(options);
  if (!problem)
    return fail(problem.error());
  T4Defaults defaults{.environment = {}, .problem = *problem};
  const Environment& measured = options.measured;
  if (measured.soc.empty() != measured.runner.empty())
    return fail({.message = "--soc and --runner belong together",
                 .expected = "both, for T4 files that do not name theirs"});
  if (!measured.soc.empty())
    defaults.environment = measured;
  return printTaken(options, importFiles(options.database, options.files,
                                         recordFormat(options.format), defaults));
}

int runPrune(const Options& options) {
  PruneFilter filter{.session = options.session, .environment = options.environment, .before = {}};
  if (!options.age.empty()) {
    auto before = timeOfAge(options.age);
    if (!before)
      return fail(before.error());
    filter.before = *before;
  }
  auto database =
      Database::open(options.database, options.yes ? OpenMode::readWrite : OpenMode::readOnly);
  if (!database)
    return fail(database.error());
  auto pruned = options.yes ? database->prune(filter) : database->prunable(filter);
  if (!pruned)
    return fail(pruned.error());
  if (options.forScripts()) {
    printJson(
        {{"database", options.database}, {"done", options.yes}, {"pruned", prunedJson(*pruned)}});
    return kSuccess;
  }
  const std::size_t width = terminalOf(stdout).width;
  fmt::print("{}\n",
             wrapped(fmt::format("{}: {} {}", options.database,
                                 options.yes ? "pruned" : "would prune", prunedText(*pruned)),
                     0, width, 2));
  if (!options.yes)
    fmt::print("nothing was changed; --yes does it\n");
  return kSuccess;
}

int runVacuum(const Options& options) {
  auto database = Database::open(options.database, OpenMode::readWrite);
  if (!database)
    return fail(database.error());
  auto before = database->info();
  if (!before)
    return fail(before.error());
  if (auto done = database->vacuum(); !done)
    return fail(done.error());
  auto after = database->info();
  if (!after)
    return fail(after.error());
  if (options.forScripts()) {
    printJson(
        {{"database", options.database}, {"bytes", after->bytes}, {"bytes_before", before->bytes}});
    return kSuccess;
  }
  fmt::print("{}: {} bytes, before {}\n", options.database,
             grouped(static_cast<std::uint64_t>(after->bytes)),
             grouped(static_cast<std::uint64_t>(before->bytes)));
  return kSuccess;
}

// A subcommand of db with --db; its own options follow.
CLI::App* add(CLI::App& db, Command& chosen, const char* name, const char* what,
              const char* examples, const std::shared_ptr<Options>& options,
              int (*run)(const Options&), const char* file = "tuning database, only read") {
  CLI::App* command = db.add_subcommand(name, what);
  addFile(*command, "--db", options->database, file);
  command->footer(examples);
  command->callback([options, run, &chosen] { chosen = [options, run] { return run(*options); }; });
  return command;
}

void addFiles(CLI::App& command, Options& options, const char* what) {
  command.add_option("FILE", options.files, what)->required()->option_text("...");
}

void addText(CLI::App& command, const char* name, std::string& value, const char* what,
             const char* kind) {
  command.add_option(name, value, what)->option_text(kind);
}

void addExport(CLI::App& db, Command& chosen) {
  auto options = std::make_shared<Options>();
  options->format = "jsonl";
  CLI::App* command = add(db, chosen, "export", "Print trials as JSON lines, CSV or T4",
                          kExportExamples, options, runExport);
  command->add_option("--format", options->format, "jsonl (default), csv or t4")
      ->check(CLI::IsMember({"jsonl", "csv", "t4"}))
      ->option_text("FORM");
  addText(*command, "--output", options->output, "written instead of standard output", "FILE");
  addText(*command, "--problem", options->problem, "only this one: \"s0=1024,s1=1024\"", "PROBLEM");
  addText(*command, "--environment", options->environment, "only this one: first digits of its id",
          "ID");
}

void addImport(CLI::App& db, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      add(db, chosen, "import", "Take in trials that were exported", kImportExamples, options,
          runImport, "imported into; made when it is missing");
  addFiles(*command, *options, "files to import");
  command
      ->add_option("--format", options->format,
                   "jsonl, csv or t4; default: by the name of\neach file (.jsonl, .csv, .json)")
      ->check(CLI::IsMember({"jsonl", "csv", "t4"}))
      ->option_text("FORM");
  command->add_flag("--json", options->json, "the answer for scripts");
  Environment& measured = options->measured;
  addText(*command, "--problem", options->problem, "for T4 files that do not name theirs",
          "PROBLEM");
  addText(*command, "--soc", measured.soc, "the same: what was measured on", "NAME");
  addText(*command, "--runner", measured.runner, "the same: what measured", "NAME");
  addText(*command, "--runner-version", measured.runnerVersion, "the same", "TEXT");
  addText(*command, "--toolchain", measured.toolchain, "the same", "TEXT");
}

void addPrune(CLI::App& db, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = add(db, chosen, "prune", "Drop trials by session, age or environment",
                          kPruneExamples, options, runPrune, "tuning database");
  addText(*command, "--session", options->session, "recorded in it: first digits of its id", "ID");
  addText(*command, "--environment", options->environment, "measured in it: first digits of its id",
          "ID");
  addText(*command, "--older-than", options->age, "hours, days or weeks: 12h, 30d, 8w", "AGE");
  command->add_flag("--yes", options->yes, "do it");
  addAnswer(*command, options->format);
}

} // namespace

void addAnswer(CLI::App& command, std::string& format) {
  format = "table";
  command.add_option("--format", format, "table for people (default), json for scripts")
      ->check(CLI::IsMember({"table", "json"}))
      ->option_text("FORM");
}

void addDb(CLI::App& app, Command& chosen) {
  CLI::App* db = app.add_subcommand("db", "Look into, merge, export, import and prune databases");
  db->footer(kExamples);
  db->require_subcommand(1);

  // One that answers by --format and takes --db alone, or files as well.
  const auto addPlain = [&](const char* name, const char* what, const char* examples,
                            int (*run)(const Options&), const char* file) {
    auto options = std::make_shared<Options>();
    CLI::App* command = add(*db, chosen, name, what, examples, options, run, file);
    addAnswer(*command, options->format);
    return std::pair(command, options);
  };
  constexpr const char* kOnlyRead = "tuning database, only read";
  addPlain("info", "Say what is in a database", kInfoExamples, runInfo, kOnlyRead);
  addPlain("check", "Read all of a database and say what is damaged", kCheckExamples, runCheck,
           kOnlyRead);
  const auto [merge, merged] = addPlain("merge", "Merge databases into another", kMergeExamples,
                                        runMerge, "merged into; made when it is missing");
  addFiles(*merge, *merged, "databases, only read");
  addExport(*db, chosen);
  addImport(*db, chosen);
  addPrune(*db, chosen);
  addDbNote(*db, chosen);
  addDbRecover(*db, chosen);
  addPlain("vacuum", "Give unused room back to the file system", kVacuumExamples, runVacuum,
           "tuning database");
}

} // namespace ptotune::cli
