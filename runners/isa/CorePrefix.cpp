#include "runners/isa/CorePrefix.h"

namespace ptotune::isa {

const char* const kFlags = R"CPP(
#pragma once
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

// Cross-core flags of one cube core (lane -1) and its two vector cores (0 and 1): counters of 4
// bits. A signal of the cube core reaches both vector cores; the cube core waits for both. When no
// core can go on, the process ends with what each one waits for.
class CrossCoreFlags {
public:
  void signal(int flag, int lane) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (int other = 0; other < 2; ++other)
      if (lane < 0 || lane == other)
        count(lane < 0 ? toVector_[other][flag] : toCube_[other][flag]);
    changed_.notify_all();
  }
  void wait(int flag, int lane) {
    std::unique_lock<std::mutex> lock(mutex_);
    cores_[lane + 1] = {Core::waits, flag};
    endWhereStuck();
    changed_.wait(lock, [&] { return ready(flag, lane); });
    cores_[lane + 1] = {Core::runs, 0};
    if (lane < 0) {
      --toCube_[0][flag];
      --toCube_[1][flag];
    } else {
      --toVector_[lane][flag];
    }
  }
  // The core has done its part of the launch.
  void finish(int lane) {
    const std::lock_guard<std::mutex> lock(mutex_);
    cores_[lane + 1] = {Core::ended, 0};
    endWhereStuck();
  }

private:
  struct Core {
    enum State { runs, waits, ended } state = runs;
    int flag = 0; // that it waits for
  };

  bool ready(int flag, int lane) const {
    return lane < 0 ? toCube_[0][flag] > 0 && toCube_[1][flag] > 0 : toVector_[lane][flag] > 0;
  }
  void endWhereStuck() const {
    bool waiting = false;
    for (int lane = -1; lane < 2; ++lane) {
      const Core& core = cores_[lane + 1];
      if (core.state == Core::runs || (core.state == Core::waits && ready(core.flag, lane)))
        return;
      waiting = waiting || core.state == Core::waits;
    }
    if (!waiting)
      return;
    static const char* const names[] = {"the cube core", "vector core 0", "vector core 1"};
    std::fprintf(stderr, "deadlock:");
    for (int i = 0; i < 3; ++i)
      if (cores_[i].state == Core::waits)
        std::fprintf(stderr, "%s %s waits for cross-core flag %d", i == 0 ? "" : ",", names[i],
                     cores_[i].flag);
      else
        std::fprintf(stderr, "%s %s has ended", i == 0 ? "" : ",", names[i]);
    std::fprintf(stderr, "\n");
    std::_Exit(5);
  }
  static void count(int& counter) {
    if (++counter > 15) {
      std::fprintf(stderr, "a cross-core flag is signalled more than 15 times ahead\n");
      std::abort();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Core cores_[3]; // by lane + 1
  int toVector_[2][16] = {};
  int toCube_[2][16] = {};
};
)CPP";

const char* const kCorePrefix = R"CPP(
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <pto/pto-inst.hpp>

#include "flags.h"

extern "C" {
extern thread_local CrossCoreFlags* pto_tune_flags;
extern thread_local int pto_tune_lane;
}

template <std::uint8_t FlagID, std::uint8_t DirType, std::uint32_t SlotSize, std::uint32_t SlotNum,
          std::uint32_t LocalSlotNum = 2, bool IsNoSplit = false, bool UnitFlag = false>
class PtoTunePipe {
public:
  static constexpr std::uint32_t kPeriod = SlotNum <= 2 ? SlotNum : SlotNum / 2;
  static constexpr bool kFromCube = DirType == pto::Direction::DIR_C2V;

  PtoTunePipe(void* ring, std::uint32_t, std::uint32_t) : ring_(static_cast<char*>(ring)) {}
  ~PtoTunePipe() {
    if (kFromCube == (pto_tune_lane < 0))
      for (; taken_ < produced_ / kPeriod; ++taken_)
        pto_tune_flags->wait(FlagID + 1, pto_tune_lane);
  }

  template <typename Entry, pto::TileSplitAxis Split> void allocate(Entry& entry) {
    if (produced_ >= SlotNum && produced_ % kPeriod == 0) {
      pto_tune_flags->wait(FlagID + 1, pto_tune_lane);
      ++taken_;
    }
    place<Entry, Split>(entry, produced_++);
  }
  void push() { pto_tune_flags->signal(FlagID, pto_tune_lane); }
  template <typename Entry, pto::TileSplitAxis Split> void pop(Entry& entry) {
    pto_tune_flags->wait(FlagID, pto_tune_lane);
    place<Entry, Split>(entry, consumed_++);
  }
  void free() {
    if (consumed_ % kPeriod == 0)
      pto_tune_flags->signal(FlagID + 1, pto_tune_lane);
  }

private:
  // A vector core's base is its half of the slot.
  template <typename Entry, pto::TileSplitAxis Split> void place(Entry& entry, std::uint32_t tile) {
    static_assert(Split == pto::TileSplitAxis::TILE_UP_DOWN, "entries are split by rows");
    const std::size_t half = pto_tune_lane > 0 ? SlotSize / 2 : 0;
    TASSIGN(entry, reinterpret_cast<typename Entry::DType*>(
                       ring_ + std::size_t{tile % SlotNum} * SlotSize + half));
  }

  char* ring_;
  std::uint32_t produced_ = 0, consumed_ = 0, taken_ = 0;
};

template <typename Pipe, typename Entry, pto::TileSplitAxis Split>
void PtoTuneAlloc(Pipe& pipe, Entry& entry) { pipe.template allocate<Entry, Split>(entry); }
template <typename Pipe, typename Entry, pto::TileSplitAxis Split>
void PtoTunePush(Pipe& pipe, Entry&) { pipe.push(); }
template <typename Pipe, typename Entry, pto::TileSplitAxis Split>
void PtoTunePop(Pipe& pipe, Entry& entry) { pipe.template pop<Entry, Split>(entry); }
template <typename Pipe, typename Entry, pto::TileSplitAxis Split>
void PtoTuneFree(Pipe& pipe, Entry&) { pipe.free(); }

#define TPipe PtoTunePipe
#define TALLOC PtoTuneAlloc
#define TPUSH PtoTunePush
#define TPOP PtoTunePop
#define TFREE PtoTuneFree
#undef set_ffts_base_addr
#define set_ffts_base_addr(address) (void)(address)
#ifndef EVENT_ID4
#define EVENT_ID4 4
#define EVENT_ID5 5
#define EVENT_ID6 6
#define EVENT_ID7 7
#endif
)CPP";

const char* const kCoreSuffix = R"CPP(
thread_local CrossCoreFlags* pto_tune_flags = nullptr;
thread_local int pto_tune_lane = -1;
extern "C" void pto_tune_core(int launch, void* const* buffers, std::int64_t s0, std::int64_t s1,
                              int lane, CrossCoreFlags* flags) {
  pto_tune_flags = flags;
  pto_tune_lane = lane;
  pto::cpu_sim::set_execution_context(0, lane < 0 ? 0 : lane, lane < 0 ? 1 : 2);
  PtoTuneLaunch(launch, buffers, s0, s1);
}
)CPP";

const char* const kHostProgram = R"CPP(
#include "flags.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using CoreFunction = void (*)(int, void* const*, std::int64_t, std::int64_t, int, CrossCoreFlags*);

static CoreFunction load(const char* file) {
  void* library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  void* function = library != nullptr ? dlsym(library, "pto_tune_core") : nullptr;
  if (function == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    std::exit(3);
  }
  return reinterpret_cast<CoreFunction>(function);
}

// host CUBE VECTOR LAUNCHES S0 S1 DATA: DATA holds for each buffer its bytes (int64) and content;
// the contents are written back.
int main(int argc, char** argv) {
  if (argc != 7)
    return 2;
  const CoreFunction cube = load(argv[1]);
  const CoreFunction vector = load(argv[2]);
  const int launches = std::atoi(argv[3]);
  const std::int64_t s0 = std::atoll(argv[4]);
  const std::int64_t s1 = std::atoll(argv[5]);
  std::vector<std::vector<char>> contents;
  std::ifstream in(argv[6], std::ios::binary);
  for (std::int64_t bytes = 0; in.read(reinterpret_cast<char*>(&bytes), sizeof bytes);) {
    contents.emplace_back(static_cast<std::size_t>(bytes));
    in.read(contents.back().data(), bytes);
  }
  std::vector<void*> buffers;
  for (std::vector<char>& content : contents)
    buffers.push_back(content.data());
  for (int launch = 0; launch < launches; ++launch) {
    CrossCoreFlags flags;
    const auto run = [&](CoreFunction core, int lane) {
      core(launch, buffers.data(), s0, s1, lane, &flags);
      flags.finish(lane);
    };
    std::thread threads[] = {std::thread(run, cube, -1), std::thread(run, vector, 0),
                             std::thread(run, vector, 1)};
    for (std::thread& thread : threads)
      thread.join();
  }
  std::ofstream out(argv[6], std::ios::binary);
  for (const std::vector<char>& content : contents) {
    const std::int64_t bytes = static_cast<std::int64_t>(content.size());
    out.write(reinterpret_cast<const char*>(&bytes), sizeof bytes);
    out.write(content.data(), bytes);
  }
  return out.flush() ? 0 : 4;
}
)CPP";

} // namespace ptotune::isa
