// What a worker process and its parent say to each other: JSON lines, as PROTOCOL.md has them.
//
// Every function here is pure. Reading is strict: a message that is not exactly as it should be is
// an error, which names the key and what was expected.
#pragma once

#include "runners/Runner.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ptotune::worker {

inline constexpr std::int64_t kProtocolVersion = 2;

// The worker's first line.
struct Hello {
  std::int64_t protocol = kProtocolVersion;
  std::string tool = PTO_TUNE_VERSION; // version of pto-tune
  std::int64_t process = 0;            // its id
};

// Which runner a worker is to be, and on what.
struct OpenRequest {
  std::string runner;           // "ascend"
  std::string soc;              // SocProfile::toml
  bool derived = false;         // SocProfile::derived
  std::string device = "0";     // its number, or "auto": what the worker's environment says
  std::int64_t memoryBytes = 0; // that the worker may allocate; 0: no limit
  // The worker before this one on the device ended in the middle of a measurement: whatever ran on
  // the device was not cleaned up.
  bool afterFault = false;

  bool operator==(const OpenRequest&) const = default;
};

struct MeasureRequest {
  std::int64_t id = 0; // the answer has the same
  Candidate candidate;
  std::string wire; // Artifact::wire()
  Budget budget;
};

struct TrialAnswer {
  std::int64_t id = 0;
  Environment environment;
  Trial trial;
};

// One line each, with its line feed.
std::string hello(const Hello& message);
std::string open(const OpenRequest& message);
std::string ready(const Environment& environment);
std::string measure(const MeasureRequest& message);
std::string trial(const TrialAnswer& message);
// In place of `ready` or `trial`: nothing is known of the candidate.
std::string failure(const Error& error);

// What a worker is asked for; `line` is without its line feed.
struct Request {
  std::optional<OpenRequest> open;
  std::optional<MeasureRequest> measure;
};
Result<Request> parseRequest(std::string_view line);

// The answer that is due. The error is the worker's own where it sent one (`failure`), which
// `fromWorker` tells; else it says what is wrong with the line.
Result<Hello> parseHello(std::string_view line);
Result<Environment> parseReady(std::string_view line, bool& fromWorker);
Result<TrialAnswer> parseTrial(std::string_view line, bool& fromWorker);

} // namespace ptotune::worker
