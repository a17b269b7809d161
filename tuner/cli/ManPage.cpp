#include "tuner/cli/Describe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <string_view>

namespace ptotune::cli {
namespace {

// Text as it is: hyphens stay hyphens, and no line begins with a control character.
std::string roff(std::string_view text) {
  std::string out;
  bool lineStart = true;
  for (const char c : text) {
    if (lineStart && (c == '.' || c == '\''))
      out += "\\&";
    lineStart = c == '\n';
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

// "[--db FILE] JOB ..."
std::string usage(const CommandDescription& command) {
  std::string text;
  for (const OptionDescription& option : command.options) {
    if (option.positional) {
      text += option.required ? " " : " [";
      text += option.names.front() + (option.repeated ? "..." : "") + (option.required ? "" : "]");
    } else if (option.names.front() != "--help" && option.required) {
      text += fmt::format(" {} {}", option.names.front(), option.kind);
    }
  }
  return (command.commands.empty() ? " [OPTIONS]" : " COMMAND") + text;
}

std::string optionsText(const CommandDescription& command) {
  std::string text;
  for (const OptionDescription& option : command.options) {
    text += fmt::format(".TP\n\\fB{}\\fR", roff(fmt::format("{}", fmt::join(option.names, ", "))));
    if (!option.positional && !option.kind.empty())
      text += fmt::format(" \\fI{}\\fR", roff(option.kind));
    text += "\n" + roff(option.what) + "\n";
  }
  return text;
}

// Footers are laid out for a terminal: they stay as they are.
std::string asItIs(const std::string& text) {
  return text.empty() ? "" : fmt::format(".PP\n.nf\n{}\n.fi\n", roff(text));
}

std::string commandText(const CommandDescription& command) {
  std::string text =
      fmt::format(".SS pto\\-tune {}\n{}.\n.PP\n\\fBpto\\-tune {}\\fR{}\n", roff(command.path),
                  roff(command.what), roff(command.path), roff(usage(command)));
  text += optionsText(command) + asItIs(command.footer);
  for (const CommandDescription& one : command.commands)
    text += commandText(one);
  return text;
}

constexpr const char* kRest = R"(.SH EXIT STATUS
0: done. 1: a point is rejected, a problem has no answer, or \fBdoctor\fR found something broken.
2: bad input, or a file that cannot be read or written. 3: a defect of pto\-tune. 130: interrupted.
.SH ENVIRONMENT
.TP
\fBPTO_TUNE_CONFIGS\fR
folder with soc/, spaces/ and jobs/, instead of the installed one
.TP
\fBPTO_ISA_ROOT\fR, \fBPTO_LIB_PATH\fR
the pto\-isa checkout that kernels are built with
.TP
\fBBISHENG\fR, \fBPTOAS\fR, \fBASCEND_HOME_PATH\fR
compiler, assembler and CANN; see \fBpto\-tune doctor\fR
.TP
\fBNO_COLOR\fR
when it is set, no colours are used
.SH FILES
.TP
\fIJOB.toml\fR
problems, target and space of a job; docs/job\-files.md documents it and the space files
.TP
\fIpto\-tune.db\fR
the tuning database of this directory, unless \fB\-\-db\fR names another
.TP
\fIpto_tune.h\fR
the header that \fBtune\fR writes, unless \fB\-\-header\fR names another
)";

} // namespace

std::string manPage(const CommandDescription& program) {
  std::string text = fmt::format(".TH PTO\\-TUNE 1 \"\" \"pto\\-tune {}\" \"User Commands\"\n"
                                 ".SH NAME\npto\\-tune \\- best pipeline parameters of PTO kernels "
                                 "for Ascend NPUs\n"
                                 ".SH SYNOPSIS\n\\fBpto\\-tune\\fR COMMAND [OPTIONS]\n"
                                 ".SH DESCRIPTION\n{}\n",
                                 roff(PTO_TUNE_VERSION), roff(program.what));
  text += asItIs(program.footer) + ".SH OPTIONS\n" + optionsText(program) + ".SH COMMANDS\n";
  for (const CommandDescription& command : program.commands)
    text += commandText(command);
  return text + kRest;
}

} // namespace ptotune::cli
