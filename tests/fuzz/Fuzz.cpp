// Mutates the inputs of the text tests and takes every mutant through parser, verifier, passes and
// emitters, in child processes, so that a crash ends the child alone.
//
//   pto-fuzz --seconds 600 --seed 1 --keep DIR DIR...
//
// Reads every .mlir below the folders. Mutant number i of a seed is the same on every machine. What
// crashes a child, or keeps it longer than ten seconds, is kept as DIR/<seed>-<i>.mlir beside what
// the child said on stderr. Exit code: 0 nothing crashed, 1 something did, 2 bad arguments.
#include "Mutator.h"
#include "codegen/Gemm.h"
#include "codegen/Ir.h"
#include "tests/support/Paths.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace ptotune::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kSecondsOfMutant = 10;
constexpr rlim_t kBytesOfChild = rlim_t{4} << 30;
// A child serves this many mutants.
constexpr std::uint64_t kMutantsOfChild = 400;

struct Options {
  double seconds = 10;
  std::uint64_t seed = 1;
  std::uint64_t only = 0; // run this mutant alone, in this process; 0: all
  std::string keep;
  std::vector<std::string> folders;
};

// Written by the child, read by the parent when the child is gone.
struct Progress {
  std::uint64_t current = 0;
  std::uint64_t parsed = 0;
  std::uint64_t lowered = 0;
};

// The modules of all .mlir files, split as the tests split them.
std::vector<std::string> inputsOf(const std::vector<std::string>& folders) {
  std::vector<fs::path> files;
  for (const std::string& folder : folders)
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.path().extension() == ".mlir")
        files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<std::string> inputs;
  for (const fs::path& file : files) {
    std::ifstream stream(file);
    std::string input;
    for (std::string line; std::getline(stream, line);) {
      if (line.starts_with("// -----")) {
        inputs.push_back(std::move(input));
        input.clear();
      } else if (const std::size_t comment = line.find("//"); comment != std::string::npos) {
        input += line.substr(0, comment) + '\n';
      } else {
        input += line + '\n';
      }
    }
    inputs.push_back(std::move(input));
  }
  return inputs;
}

// Whole kernels as text, each of them several times, so that mutants get as far as the emitters.
std::vector<std::string> kernels(const SocProfile& soc) {
  constexpr int kTimes = 8;
  std::vector<std::string> texts;
  for (const char* changes :
       {"EN_UNIT_FLAG=1", "EN_UNIT_FLAG=0,TILE_S1=128", "PIPE_MODEL=tile_offset",
        "PIPE_MODEL=tile,TILE_S1=128", "VEC_ORDER=gu_first"}) {
    const auto point = Point::parse(changes, Point());
    const auto kernel = point ? lower({}, *point, soc, Emit::pto, Ptoas::none)
                              : Result<LoweredKernel>(point.error());
    if (kernel)
      texts.insert(texts.end(), kTimes, kernel->pto);
  }
  const auto gemm = lowerGemm({256, 256}, {}, soc, Emit::pto, Ptoas::none);
  if (gemm)
    texts.insert(texts.end(), kTimes, gemm->pto);
  return texts;
}

// One mutant through everything. Text of ours that does not parse again is a defect as well.
void serve(const std::string& text, const SocProfile& soc, Progress& progress) {
  if (!verifyIr(text))
    return;
  ++progress.parsed;
  for (const Ptoas ptoas : {Ptoas::none, Ptoas::v0_49, Ptoas::v0_60}) {
    const auto kernel = lowerIr(text, soc, Emit::cpp | Emit::ir | Emit::program | Emit::pto, ptoas);
    if (!kernel)
      continue;
    ++progress.lowered;
    for (const std::string* again : {&kernel->pto, &kernel->ir})
      if (const Status valid = verifyIr(*again); !valid) {
        std::fprintf(stderr, "printed text is not valid: %s\n%s\n", valid.error().text().c_str(),
                     again->c_str());
        std::abort();
      }
    program::print(kernel->program);
  }
}

[[noreturn]] void child(const Mutator& mutator, const SocProfile& soc, const Options& options,
                        std::uint64_t first, Progress& progress, const std::string& errors) {
  const int file = ::open(errors.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0644);
  ::dup2(file, STDERR_FILENO);
  const rlimit memory{kBytesOfChild, kBytesOfChild};
  ::setrlimit(RLIMIT_AS, &memory);
  for (std::uint64_t i = first; i < first + kMutantsOfChild; ++i) {
    progress.current = i;
    ::alarm(kSecondsOfMutant);
    serve(mutator.mutant((options.seed << 32) + i), soc, progress);
  }
  ::_exit(0);
}

// Keeps what ended a child; returns a line about it.
std::string keep(const Options& options, const Mutator& mutator, std::uint64_t number, int status,
                 const std::string& errors) {
  const std::string base = fmt::format("{}/{}-{}", options.keep, options.seed, number);
  std::ofstream(base + ".mlir") << mutator.mutant((options.seed << 32) + number);
  std::error_code ignored;
  fs::rename(errors, base + ".txt", ignored);
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return fmt::format("{}.mlir: {}", base,
                     signal == SIGALRM ? "too slow"
                     : signal != 0     ? strsignal(signal)
                                       : "exit");
}

int run(const Options& options) {
  auto soc = loadSoc(test::config("soc/ascend910b2.toml"));
  std::vector<std::string> inputs = inputsOf(options.folders);
  if (!soc || inputs.empty()) {
    std::fprintf(stderr, "pto-fuzz: no inputs, or no SoC profile\n");
    return 2;
  }
  for (std::string& kernel : kernels(*soc))
    inputs.push_back(std::move(kernel));
  const Mutator mutator(std::move(inputs));
  if (options.only != 0) {
    Progress progress;
    const std::string text = mutator.mutant((options.seed << 32) + options.only);
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
    serve(text, *soc, progress);
    return 0;
  }
  fs::create_directories(options.keep);
  void* shared =
      ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto& progress = *new (shared) Progress;
  const std::string errors = options.keep + "/stderr.txt";
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                       std::chrono::duration<double>(options.seconds));
  std::vector<std::string> crashes;
  std::uint64_t next = 1;
  while (std::chrono::steady_clock::now() < end) {
    const pid_t pid = ::fork();
    if (pid == 0)
      child(mutator, *soc, options, next, progress, errors);
    int status = 0;
    ::waitpid(pid, &status, 0);
    const bool crashed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    if (crashed) {
      crashes.push_back(keep(options, mutator, progress.current, status, errors));
      fmt::print("{}\n", crashes.back());
      std::fflush(stdout);
    }
    next = progress.current + 1;
  }
  fmt::print("seed {}: {} mutants of {} inputs, {} valid, {} lowered, {} crashes\n", options.seed,
             next - 1, mutator.inputs(), progress.parsed, progress.lowered, crashes.size());
  return crashes.empty() ? 0 : 1;
}

} // namespace
} // namespace ptotune::fuzz

int main(int argc, char** argv) {
  ptotune::fuzz::Options options;
  CLI::App app("Mutates IR text and takes it through the compiler");
  app.add_option("--seconds", options.seconds, "how long");
  app.add_option("--seed", options.seed, "of the mutants");
  app.add_option("--only", options.only, "print mutant number N and run it in this process");
  app.add_option("--keep", options.keep, "folder for what crashed")->required();
  app.add_option("folders", options.folders, "folders with .mlir files")->required();
  CLI11_PARSE(app, argc, argv);
  return ptotune::fuzz::run(options);
}
