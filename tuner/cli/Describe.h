// The command line as data, read from CLI11's own description of it: what completion and the man
// page are made from, so that they say what --help says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace ptotune::cli {

// What an option takes.
enum class Takes : std::uint8_t { nothing, file, oneOf, text };

struct OptionDescription {
  std::vector<std::string> names; // "--db", "-h"; of a positional its name alone, "JOB"
  bool positional = false;
  bool required = false;
  bool repeated = false; // a positional that takes several
  Takes takes = Takes::nothing;
  std::string kind;                // "FILE"; empty for a flag
  std::vector<std::string> values; // of oneOf
  std::string what;                // one line
};

struct CommandDescription {
  std::string path; // "", "tune", "db export"
  std::string what; // one line
  std::string footer;
  std::vector<OptionDescription> options;
  std::vector<CommandDescription> commands;
};

CommandDescription describe(const CLI::App& app);

// Scripts that a shell sources or autoloads.
std::string bashCompletion(const CommandDescription& program);
std::string zshCompletion(const CommandDescription& program);
// For man(1), in roff.
std::string manPage(const CommandDescription& program);

} // namespace ptotune::cli
