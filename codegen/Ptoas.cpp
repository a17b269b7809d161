#include "codegen/Ptoas.h"

#include <fmt/format.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/FileUtilities.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/Program.h>
#include <llvm/Support/raw_ostream.h>

#include <array>
#include <utility>

namespace ptotune {
namespace {

constexpr std::array<std::pair<Ptoas, std::string_view>, 3> kNames = {
    {{Ptoas::v0_49, "v0.49"}, {Ptoas::v0_60, "v0.60"}, {Ptoas::none, "none"}}};

// Longer than any kernel takes; an assembler that hangs does not take the tuner with it.
constexpr unsigned kTimeoutSeconds = 120;

Error about(const std::string& compiler, std::string message) {
  Error error;
  error.message = std::move(message);
  error.key = "compiler";
  error.value = compiler;
  return error;
}

// A file in the system's folder for temporary files that goes with this object.
class ScratchFile {
public:
  explicit ScratchFile(llvm::StringRef suffix) {
    failed_ = static_cast<bool>(llvm::sys::fs::createTemporaryFile("pto-tune", suffix, path_));
    if (!failed_)
      remover_.setFile(path_);
  }

  bool failed() const { return failed_; }
  llvm::StringRef path() const { return path_; }
  bool write(std::string_view text) const {
    std::error_code status;
    llvm::raw_fd_ostream file(path_, status);
    if (status)
      return false;
    file << llvm::StringRef(text.data(), text.size());
    file.close();
    const bool written = !file.has_error();
    file.clear_error();
    return written;
  }
  std::string read() const {
    const auto buffer = llvm::MemoryBuffer::getFile(path_, /*IsText=*/true);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  }

private:
  llvm::SmallString<128> path_;
  llvm::FileRemover remover_;
  bool failed_ = false;
};

struct Ended {
  int code = 0; // below 0: it could not be run, or did not end by itself
  std::string out;
  std::string err;
};

Result<Ended> execute(const std::string& program, llvm::ArrayRef<llvm::StringRef> arguments) {
  const ScratchFile out("out");
  const ScratchFile err("err");
  if (out.failed() || err.failed())
    return about(program, "no temporary file for what the compiler writes");
  llvm::SmallVector<llvm::StringRef> all = {program};
  all.append(arguments.begin(), arguments.end());
  std::string problem;
  Ended ended;
  ended.code = llvm::sys::ExecuteAndWait(program, all, std::nullopt,
                                         {llvm::StringRef(), out.path(), err.path()},
                                         kTimeoutSeconds, 0, &problem);
  ended.out = out.read();
  ended.err = err.read();
  if (ended.code < 0)
    ended.err += problem;
  return ended;
}

std::string firstLines(llvm::StringRef text, std::size_t count) {
  llvm::SmallVector<llvm::StringRef> lines;
  text.trim().split(lines, '\n');
  std::string kept;
  for (std::size_t i = 0; i < lines.size() && i < count; ++i)
    kept += (i > 0 ? "\n  " : "") + lines[i].rtrim().str();
  if (lines.size() > count)
    kept += fmt::format("\n  ... {} more lines", lines.size() - count);
  return kept;
}

// The words of --version, in one line.
std::string inOneLine(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> words;
  llvm::SplitString(text, words);
  return llvm::join(words, " ");
}

} // namespace

std::string_view name(Ptoas version) {
  for (const auto& [known, text] : kNames)
    if (known == version)
      return text;
  return "";
}

std::optional<Ptoas> ptoasNamed(std::string_view name) {
  for (const auto& [known, text] : kNames)
    if (text == name)
      return known;
  return std::nullopt;
}

Result<PtoasOutput> runPtoas(const std::string& compiler, std::string_view text) {
  const llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName(compiler);
  if (!found || !llvm::sys::fs::can_execute(*found)) {
    Error error = about(compiler, "no such program");
    error.expected = "the path of an executable ptoas";
    return error;
  }
  const Result<Ended> version = execute(*found, {"--version"});
  if (!version)
    return version.error();
  if (version->code != 0) {
    Error error = about(compiler, fmt::format("the compiler does not tell its version (exit {}): "
                                              "{}",
                                              version->code, firstLines(version->err, 3)));
    error.expected = "a ptoas that answers --version";
    return error;
  }
  const ScratchFile input("pto");
  const ScratchFile output("cpp");
  if (input.failed() || output.failed() || !input.write(text))
    return about(compiler, "no temporary file for the text");
  const Result<Ended> done =
      execute(*found, {"--pto-arch=a3", "--enable-insert-sync", input.path(), "-o", output.path()});
  if (!done)
    return done.error();
  PtoasOutput result{inOneLine(version->out), output.read(), {}};
  result.identity = Hash::of(result.version + '\n' + result.cpp);
  if (done->code != 0 || result.cpp.empty()) {
    Error error = about(
        compiler, done->code == 0 ? "the compiler wrote no C++"
                                  : fmt::format("the compiler refused the text (exit {}):\n  {}",
                                                done->code, firstLines(done->err, 20)));
    error.advice = "'--emit pto' prints the text, '--ptoas' selects the version it is for";
    return error;
  }
  return result;
}

} // namespace ptotune
