// A second simulator, for comparison only: it walks the Body tree itself and steps the machine
// cycle by cycle, deciding in each cycle what every unit can do. Slow, and written from the rules,
// not from the engine. Costs of the profile must be whole cycles.
#pragma once

#include "codegen/program/Program.h"
#include "space/Problem.h"
#include "space/Soc.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace ptotune::test {

struct ReferenceResult {
  std::string outcome; // "finished", "hang", "protocol error"
  std::int64_t cycles = 0;
};

class ReferenceMachine {
public:
  ReferenceMachine(const program::Program& program, const SocProfile& soc, const Problem& problem)
      : program_(program), soc_(soc), problem_(problem) {}

  ReferenceResult run();

private:
  // One instruction of the unrolled program with its operands.
  struct Item {
    const program::Instr* instr = nullptr;
    std::int64_t event = 0;
    std::int64_t copy = 0;
    bool signals = true; // tfree: whether it gives a credit, decided at issue
  };
  struct PipeModel {
    std::deque<Item> queue;
    std::int64_t busyUntil = 0;
    bool working = false; // the front is being executed until busyUntil
  };
  struct FlagModel {
    std::int64_t count = 0;
    std::deque<std::int64_t> coming; // arrival times
  };
  struct AccModel {
    std::int64_t finals = 0;
    std::int64_t stores = 0;
  };
  struct FifoModel {
    std::int64_t tile = 0;
    std::int64_t credits = 0;
  };
  struct CoreModel {
    std::vector<Item> items;
    std::size_t next = 0;
    bool issuing = false;
    std::int64_t issuedAt = 0;
    std::map<Pipe, PipeModel> pipes;
    std::map<std::tuple<Pipe, Pipe, std::int64_t>, FlagModel> events;
    std::map<std::pair<std::int32_t, std::int64_t>, AccModel> accs;
    std::map<std::int32_t, FifoModel> fifos;
    std::map<int, FlagModel> ffts;
  };

  std::int64_t value(program::ExprId id, const std::vector<std::int64_t>& variables,
                     std::int64_t subblock) const;
  void unroll(const program::Body& body, std::vector<std::int64_t>& variables,
              std::int64_t subblock, std::vector<Item>& items) const;
  bool stepScalar(int index);
  bool stepPipe(int index, PipeModel& pipe);
  bool begin(int index, PipeModel& pipe);
  bool takeFfts(CoreModel& core, int flag);
  void signal(int core, int flag);
  void arriveAll();
  bool overflowed() const;
  bool clean() const;
  std::int64_t nextTime() const;
  std::int64_t cost(const program::Instr& instr) const;

  const program::Program& program_;
  const SocProfile& soc_;
  const Problem& problem_;
  std::int64_t blocks_ = 1;
  std::int64_t active_ = 1;
  std::int64_t now_ = 0;
  std::int64_t end_ = 0;
  CoreModel cores_[3];
  std::map<int, std::int64_t> sent_[3];
};

} // namespace ptotune::test
