// The subcommands of pto-tune, one source file each.
//
// Results go to stdout; progress and errors go to stderr. Bad input prints one message, changes no
// file and ends with kBadInput.
#pragma once

#include "space/Job.h"
#include "space/Point.h"
#include "space/Problem.h"
#include "space/Result.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace ptotune::cli {

inline constexpr int kSuccess = 0;
inline constexpr int kRejected = 1;      // a point is illegal, or a problem has no answer
inline constexpr int kBadInput = 2;      // also: a file that cannot be read or written
inline constexpr int kInternalError = 3; // a defect of pto-tune
inline constexpr int kInterrupted = 130;

inline constexpr const char* kDefaultDatabase = "pto-tune.db";
inline constexpr const char* kDefaultHeader = "pto_tune.h";

// Runs the command that the user chose and returns the exit code.
using Command = std::function<int()>;

// Each adds its subcommand to `app`; parsing it sets `chosen`.
void addTune(CLI::App& app, Command& chosen);
void addSpace(CLI::App& app, Command& chosen);
void addCheck(CLI::App& app, Command& chosen);
void addLower(CLI::App& app, Command& chosen);
void addAgree(CLI::App& app, Command& chosen);
void addBest(CLI::App& app, Command& chosen);
void addBench(CLI::App& app, Command& chosen);
void addWinnersExport(CLI::App& app, Command& chosen); // pto-tune export
void addDoctor(CLI::App& app, Command& chosen);
void addCompletion(CLI::App& app, Command& chosen); // and man-page
void addSimulate(CLI::App& app, Command& chosen);
void addVerify(CLI::App& app, Command& chosen);
void addCalibrate(CLI::App& app, Command& chosen);
void addDb(CLI::App& app, Command& chosen);
void addStudy(CLI::App& app, Command& chosen);
void addReport(CLI::App& app, Command& chosen);
void addDiff(CLI::App& app, Command& chosen);

// The whole command line.
int run(int argc, char** argv);

// Prints "pto-tune: error: ..." on stderr and returns kBadInput.
int fail(const Error& error);

// Prints a result on stdout, or writes it to `file` where one is named; the exit code.
int printOrWrite(const std::string& file, const std::string& text);

// A file as the user named it or, where there is none of this name, the installed job so named.
std::string jobFile(const std::string& asked);
// The same for CLI11's transform(): a name that is neither throws CLI::ValidationError, with the
// names that are installed.
std::string jobOption(const std::string& asked);

// Options that several commands have.
CLI::Option* addJob(CLI::App& command, std::string& path);
CLI::Option* addPoint(CLI::App& command, std::string& text);
CLI::Option* addThreads(CLI::App& command, int& jobs);
// --format: "text", which is the default, or "json".
CLI::Option* addFormat(CLI::App& command, std::string& format);
// An option that names a file; the help says which is taken when it is left out.
CLI::Option* addFile(CLI::App& command, const char* name, std::string& path, const char* what);

// Parses --point over the default point; every value must be in the job's space.
Result<Point> pointOption(const Job& job, const std::string& text);
// The problems that --problem selects: all of the job's when `text` is empty, else the one it
// gives, with keys left out as in the job's first problem.
Result<std::vector<Problem>> problemOption(const Job& job, const std::string& text);
// A job, for the problems that --problem selects.
Result<Job> jobForProblems(const std::string& job, const std::string& problem);
// What a command asks about: a point of a job for some problems.
struct PointOfJob {
  Job job;
  Point point;
  std::vector<Problem> problems;
};
Result<PointOfJob> pointOfJob(const std::string& job, const std::string& point,
                              const std::string& problem);

} // namespace ptotune::cli
