// pto-tune completion, and the hidden pto-tune man-page: the command line describes itself.
#include "tuner/cli/Commands.h"
#include "tuner/cli/Describe.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Tab then completes commands, options, their values and files.

Examples:
  source <(pto-tune completion bash)
      in ~/.bashrc
  source <(pto-tune completion zsh)
      in ~/.zshrc, behind compinit
  pto-tune completion zsh > ~/.zfunc/_pto-tune
      or so, where ~/.zfunc is in fpath

Exit code: 0 done, 2 bad input.)";

} // namespace

void addCompletion(CLI::App& app, Command& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print completion for bash or zsh");
  command->add_option("SHELL", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}))
      ->option_text(" ");
  command->footer(kExamples);
  command->callback([&app, &chosen, shell] {
    chosen = [&app, shell] {
      const CommandDescription program = describe(app);
      fmt::print("{}", *shell == "bash" ? bashCompletion(program) : zshCompletion(program));
      return kSuccess;
    };
  });

  CLI::App* man = app.add_subcommand("man-page", "Print the man page in roff");
  man->group(""); // for the build alone
  man->footer("Example:\n  pto-tune man-page | man -l -");
  man->callback([&app, &chosen] {
    chosen = [&app] {
      fmt::print("{}", manPage(describe(app)));
      return kSuccess;
    };
  });
}

} // namespace ptotune::cli
