// pto-tune db note: what users write down about rows.
#include "db/Database.h"
#include "tuner/cli/DbCommands.h"
#include "tuner/cli/DbReport.h"
#include "tuner/cli/Json.h"
#include "tuner/cli/Terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <pwd.h>
#include <span>
#include <unistd.h>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples =
    R"(Without ID and TEXT, lists the notes. 'pto-tune db info' lists the ids of
sessions and environments, 'pto-tune db export' those of trials.

Examples:
  pto-tune db note 3fa9c1d2 "the card was shared meanwhile" --db pto-tune.db
  pto-tune db note --db pto-tune.db)";

struct Options {
  std::string database = kDefaultDatabase;
  std::string id;
  std::string text;
  std::string format;
};

// Who is at the keyboard; the number where the user has no name.
std::string userName() {
  const passwd* user = ::getpwuid(::getuid());
  return user != nullptr ? user->pw_name : fmt::format("{}", ::getuid());
}

int listNotes(const Options& options) {
  auto database = Database::open(options.database, OpenMode::readOnly);
  if (!database)
    return fail(database.error());
  auto notes = database->notes();
  if (!notes)
    return fail(notes.error());
  if (options.format == "json") {
    printJson({{"database", options.database}, {"notes", notesJson(*notes)}});
    return kSuccess;
  }
  const std::size_t width = terminalOf(stdout).width;
  fmt::print("{}", notes->empty() ? fmt::format("{} holds no notes\n", options.database)
                                  : notesText(*notes, width));
  return kSuccess;
}

int runNote(const Options& options) {
  if (options.id.empty())
    return listNotes(options);
  auto database = Database::open(options.database, OpenMode::readWrite);
  if (!database)
    return fail(database.error());
  auto note = database->addNote(options.id, options.text, userName());
  if (!note)
    return fail(note.error());
  if (options.format == "json")
    printJson({{"database", options.database}, {"notes", notesJson(std::span(&*note, 1))}});
  else
    fmt::print("{}: noted down about {} {}\n", options.database, name(note->subject),
               note->about.hex());
  return kSuccess;
}

} // namespace

void addDbNote(CLI::App& db, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      db.add_subcommand("note", "Note something about a trial, session, point, ...");
  addFile(*command, "--db", options->database, "tuning database");
  addAnswer(*command, options->format);
  CLI::Option* id = command->add_option("ID", options->id, "first digits of its id, at least four");
  CLI::Option* text = command->add_option("TEXT", options->text, "the note");
  id->needs(text);
  id->option_text(" ");
  text->option_text(" ");
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runNote(*options); }; });
}

} // namespace ptotune::cli
