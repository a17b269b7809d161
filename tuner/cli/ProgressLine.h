// Tells on stderr how far a search is: one line that rewrites itself on a terminal, a line now and
// then elsewhere.
#pragma once

#include "tuner/Tuner.h"
#include "tuner/cli/Terminal.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

namespace ptotune::cli {

// "1,234 of 26,880 points, 5 %, 345/s, 74 s left". Before the first point is done there is neither
// rate nor remaining time.
std::string progressText(std::uint64_t done, std::uint64_t total, double seconds);

// Where nobody knows how many there will be: "228 points measured, 32.5/s".
std::string measuredText(std::uint64_t measured, double seconds);

// Before a search asks for any point: "looking at the space, 120 of 1,344 points, 8 %, 60/s, 20 s
// left".
std::string lookingText(std::uint64_t lookedAt, std::uint64_t toLookAt, double seconds);

class ProgressLine {
public:
  ProgressLine(const TuneProgress& progress, std::FILE* stream);
  ~ProgressLine(); // leaves no line on a terminal

  double seconds() const; // since construction

private:
  void loop();
  void show(bool stopping);
  void watchPhase();
  std::string text() const;

  const TuneProgress& progress_;
  std::FILE* stream_;
  Terminal terminal_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point searchStart_; // when the number of points became known
  bool searching_ = false;
  std::chrono::steady_clock::time_point lookStart_; // of the problem that is looked at
  std::uint64_t lookedBefore_ = 0;                  // at other problems' points
  bool looking_ = false;
  bool shown_ = false;
  bool saidStopping_ = false;
  bool finished_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_; // last member: everything it reads is constructed before it
};

} // namespace ptotune::cli
