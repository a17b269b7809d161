#include "tuner/cli/Describe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>

namespace ptotune::cli {
namespace {

void forEachCommand(const CommandDescription& command,
                    const std::function<void(const CommandDescription&)>& visit) {
  visit(command);
  for (const CommandDescription& one : command.commands)
    forEachCommand(one, visit);
}

std::string lastWord(const std::string& path) {
  return path.substr(path.rfind(' ') + 1); // all of it where there is no blank
}

// The commands below one, or the values and files of its positionals.
std::string bashWords(const CommandDescription& command) {
  std::vector<std::string> words;
  words.reserve(command.commands.size());
  for (const CommandDescription& one : command.commands)
    words.push_back(lastWord(one.path));
  for (const OptionDescription& option : command.options)
    if (option.positional)
      words.insert(words.end(), option.values.begin(), option.values.end());
  return fmt::format("{}", fmt::join(words, " "));
}

bool takesFiles(const CommandDescription& command) {
  for (const OptionDescription& option : command.options)
    if (option.positional && option.takes == Takes::file)
      return true;
  return false;
}

std::vector<std::string> optionNames(const CommandDescription& command) {
  std::vector<std::string> names;
  for (const OptionDescription& option : command.options)
    if (!option.positional)
      names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

// "tune|db export" -> patterns of a case; a command's path and the word behind it.
std::string bashSteps(const CommandDescription& program) {
  std::string steps;
  forEachCommand(program, [&](const CommandDescription& command) {
    for (const CommandDescription& one : command.commands)
      steps += fmt::format("      \"{}:{}\") command=\"{}\" ;;\n", command.path, lastWord(one.path),
                           one.path);
  });
  return steps;
}

std::string bashValues(const CommandDescription& program) {
  std::string cases;
  forEachCommand(program, [&](const CommandDescription& command) {
    for (const OptionDescription& option : command.options) {
      if (option.positional || option.takes == Takes::nothing)
        continue;
      std::vector<std::string> patterns;
      patterns.reserve(option.names.size());
      for (const std::string& name : option.names)
        patterns.push_back(fmt::format("\"{}:{}\"", command.path, name));
      const std::string answer =
          option.takes == Takes::file    ? "COMPREPLY=($(compgen -f -- \"$cur\"))"
          : option.takes == Takes::oneOf ? fmt::format("COMPREPLY=($(compgen -W \"{}\" -- "
                                                       "\"$cur\"))",
                                                       fmt::join(option.values, " "))
                                         : "";
      cases += fmt::format("    {})\n      {}{}return ;;\n", fmt::join(patterns, " | "), answer,
                           answer.empty() ? "" : "\n      ");
    }
  });
  return cases;
}

std::string bashCommands(const CommandDescription& program) {
  std::string cases;
  forEachCommand(program, [&](const CommandDescription& command) {
    cases += fmt::format(
        "    \"{}\")\n      options=\"{}\"\n      words=\"{}\"\n      files={} ;;\n", command.path,
        fmt::join(optionNames(command), " "), bashWords(command), takesFiles(command) ? "yes" : "");
  });
  return cases;
}

// Within '...' of zsh, and within [...] of _arguments.
std::string zshText(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else if (c == '[' || c == ']' || c == ':' || c == '\\')
      quoted += std::string("\\") + c;
    else
      quoted += c;
  }
  return quoted;
}

std::string zshAction(const OptionDescription& option) {
  const std::string kind = zshText(option.kind);
  if (option.takes == Takes::file)
    return fmt::format(":{}:_files", kind);
  if (option.takes == Takes::oneOf)
    return fmt::format(":{}:({})", kind, fmt::join(option.values, " "));
  return option.takes == Takes::text ? fmt::format(":{}: ", kind) : "";
}

std::string zshArguments(const CommandDescription& command) {
  std::string specs;
  int position = 0;
  for (const OptionDescription& option : command.options) {
    if (option.positional) {
      const std::string place = option.repeated ? "*" : std::to_string(++position);
      specs += fmt::format(" \\\n        '{}{}'", place, zshAction(option));
      continue;
    }
    for (const std::string& name : option.names)
      specs +=
          fmt::format(" \\\n        '{}[{}]{}'", name, zshText(option.what), zshAction(option));
  }
  return specs;
}

std::string zshFunctionName(const std::string& path) {
  std::string name = "_pto-tune";
  for (const char c : path.empty() ? "" : " " + path)
    name += c == ' ' ? '-' : c;
  return name;
}

// One function for each command; one with subcommands hands over to theirs.
std::string zshFunction(const CommandDescription& command) {
  if (command.commands.empty())
    return fmt::format("{}() {{\n  _arguments -s{}\n}}\n\n", zshFunctionName(command.path),
                       zshArguments(command));
  std::string described;
  std::string cases;
  for (const CommandDescription& one : command.commands) {
    described += fmt::format("    '{}:{}'\n", lastWord(one.path), zshText(one.what));
    cases += fmt::format("    {}) {} ;;\n", lastWord(one.path), zshFunctionName(one.path));
  }
  return fmt::format(R"({0}() {{
  local curcontext="$curcontext" state line
  local -a commands
  commands=(
{1}  )
  _arguments -C -s{2} \
        '1: :->command' '*:: :->rest'
  case $state in
  command) _describe -t commands 'pto-tune command' commands ;;
  rest)
    case $line[1] in
{3}    esac ;;
  esac
}}

)",
                     zshFunctionName(command.path), described, zshArguments(command), cases);
}

} // namespace

std::string bashCompletion(const CommandDescription& program) {
  return fmt::format(R"(# bash completion of pto-tune. Made by 'pto-tune completion bash':
#   source <(pto-tune completion bash)

_pto_tune() {{
  local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD - 1]}}"
  local command="" options="" words="" files="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$command:${{COMP_WORDS[i]}}" in
{}    esac
  done
  case "$command:$prev" in
{}  esac
  case "$command" in
{}  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
    return
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ -n $files ]]; then
    COMPREPLY+=($(compgen -f -- "$cur"))
  fi
}}

complete -o filenames -F _pto_tune pto-tune
)",
                     bashSteps(program), bashValues(program), bashCommands(program));
}

std::string zshCompletion(const CommandDescription& program) {
  std::string functions;
  forEachCommand(program, [&functions](const CommandDescription& command) {
    functions += zshFunction(command);
  });
  return fmt::format(R"(#compdef pto-tune
# zsh completion of pto-tune. Made by 'pto-tune completion zsh'; put it as _pto-tune into a folder of
# $fpath, or: source <(pto-tune completion zsh)

{}if [ "$funcstack[1]" = "_pto-tune" ]; then
  _pto-tune "$@"
else
  compdef _pto-tune pto-tune
fi
)",
                     functions);
}

} // namespace ptotune::cli
