#include "tuner/cli/Describe.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace ptotune::cli {
namespace {

std::string oneLine(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

// The names in "{a,b,c}", which CLI::IsMember adds to an option's type.
std::vector<std::string> membersOf(const std::string& type) {
  std::vector<std::string> members;
  const std::size_t begin = type.find('{');
  const std::size_t end = type.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos)
    return members;
  for (std::size_t from = begin + 1; from < end;) {
    const std::size_t comma = std::min(type.find(',', from), end);
    members.push_back(type.substr(from, comma - from));
    from = comma + 1;
  }
  return members;
}

bool namesFile(const std::string& kind) {
  return kind == "FILE" || kind == "DIR" || kind == "JOB" || kind == "DATABASE";
}

OptionDescription describe(const CLI::Option& option) {
  OptionDescription made;
  made.positional = option.get_positional();
  made.required = option.get_required();
  made.repeated = option.get_items_expected_max() > 1;
  made.what = oneLine(option.get_description());
  if (made.positional)
    made.names.push_back(option.get_single_name());
  for (const std::string& name : option.get_lnames())
    made.names.push_back("--" + name);
  for (const std::string& name : option.get_snames())
    made.names.push_back("-" + name);
  if (!made.positional && option.get_items_expected_max() == 0)
    return made;
  made.values = membersOf(option.get_type_name());
  made.kind = made.positional ? made.names.front() : option.get_option_text();
  if (made.kind.empty())
    made.kind = "VALUE";
  made.takes = !made.values.empty()   ? Takes::oneOf
               : namesFile(made.kind) ? Takes::file
                                      : Takes::text;
  return made;
}

CommandDescription describe(const CLI::App& app, const std::string& path) {
  CommandDescription made{.path = path,
                          .what = oneLine(app.get_description()),
                          .footer = app.get_footer(),
                          .options = {},
                          .commands = {}};
  for (const CLI::Option* option : app.get_options())
    made.options.push_back(describe(*option));
  // An option group is a command without a name; its options are among those above.
  const auto isShown = [](const CLI::App* one) {
    return !one->get_name().empty() && !one->get_group().empty();
  };
  for (const CLI::App* command : app.get_subcommands(isShown))
    made.commands.push_back(
        describe(*command, (path.empty() ? "" : path + " ") + command->get_name()));
  return made;
}

} // namespace

CommandDescription describe(const CLI::App& app) {
  return describe(app, "");
}

} // namespace ptotune::cli
