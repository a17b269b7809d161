// The Trace Event JSON of small runs, read back.
#include "runners/sim/view/Trace.h"

#include "tests/unit/sim/FaSkeleton.h"
#include "tests/unit/sim/MiniKernel.h"
#include "tests/unit/sim/SimTest.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ptotune::sim {
namespace {

using nlohmann::json;
using Track = std::pair<int, int>; // process, thread

std::int64_t nanoseconds(const json& microseconds) {
  return std::llround(microseconds.get<double>() * 1e3);
}

struct Traced {
  SimResult result;
  json trace;
  std::map<Track, std::vector<json>> slices; // by time
  std::map<Track, std::string> tracks;       // "AIC PIPE_M"

  Traced(const program::Program& program, const SocProfile& soc, const Problem& problem,
         bool twice = false) {
    Recording recording(program, soc);
    result = simulate(program, soc, problem, {}, &recording);
    const TracedLaunch launches[] = {{&recording, &result}, {&recording, &result, 1e-3}};
    trace = json::parse(twice ? traceJson(launches) : traceJson(recording, result));
    std::map<int, std::string> processes;
    for (const json& event : events()) {
      if (event["ph"] == "M" && event["name"] == "process_name")
        processes[event["pid"]] = event["args"]["name"];
      if (event["ph"] == "M" && event["name"] == "thread_name")
        tracks[trackOf(event)] =
            processes.at(event["pid"]) + " " + event["args"]["name"].get<std::string>();
      if (event["ph"] == "X")
        slices[trackOf(event)].push_back(event);
    }
  }

  const json& events() const { return trace.at("traceEvents"); }
  static Track trackOf(const json& event) { return {event["pid"], event["tid"]}; }
  std::set<std::string> names(const std::string& track) const {
    std::set<std::string> found;
    for (const auto& [key, name] : tracks)
      if (name == track)
        for (const json& slice : slices.at(key))
          found.insert(slice["name"]);
    return found;
  }
};

struct Case {
  const char* name;
  bool unitFlag;
  std::int64_t blocks;
  double clockHz;
};

class Trace : public testing::TestWithParam<Case> {
protected:
  Traced traced() const {
    test::MiniKernel kernel({.slots = 2, .syncPeriod = 2, .unitFlag = GetParam().unitFlag});
    SocProfile soc = test::miniSoc();
    soc.clockHz = GetParam().clockHz;
    soc.eventFlagCycles = 3;
    soc.crossCoreFlagCycles = 20;
    return {kernel.program(), soc, test::miniProblem(6, GetParam().blocks)};
  }
};

TEST_P(Trace, SlicesOfATrackDoNotOverlap) {
  const Traced run = traced();
  ASSERT_EQ(run.result.outcome, Outcome::finished);
  ASSERT_GE(run.slices.size(), 10u);
  for (const auto& [track, slices] : run.slices) {
    ASSERT_TRUE(run.tracks.contains(track)) << track.first << "," << track.second;
    std::int64_t reached = 0;
    for (const json& slice : slices) {
      EXPECT_GE(nanoseconds(slice["ts"]), reached) << run.tracks.at(track) << ": " << slice;
      EXPECT_GE(nanoseconds(slice["dur"]), 0);
      reached = nanoseconds(slice["ts"]) + nanoseconds(slice["dur"]);
    }
  }
}

TEST_P(Trace, EndsWhenTheRunEnds) {
  const Traced run = traced();
  std::int64_t end = 0;
  for (const auto& [track, slices] : run.slices)
    for (const json& slice : slices)
      end = std::max(end, nanoseconds(slice["ts"]) + nanoseconds(slice["dur"]));
  EXPECT_EQ(end, std::llround(run.result.cycles / GetParam().clockHz * 1e9));
  EXPECT_EQ(run.trace["otherData"]["launches"][0]["cycles"], run.result.cycles);
}

// A flow begins and ends once, forward in time, and both ends find a slice to be bound to.
TEST_P(Trace, FlowsAreWhole) {
  const Traced run = traced();
  std::map<std::int64_t, std::vector<json>> flows;
  for (const json& event : run.events())
    if (event["ph"] == "s" || event["ph"] == "f")
      flows[event["id"]].push_back(event);
  EXPECT_GT(flows.size(), 20u);
  for (const auto& [id, ends] : flows) {
    ASSERT_EQ(ends.size(), 2u) << id;
    const json& start = ends[0]["ph"] == "s" ? ends[0] : ends[1];
    const json& finish = ends[0]["ph"] == "s" ? ends[1] : ends[0];
    ASSERT_EQ(start["ph"], "s");
    ASSERT_EQ(finish["ph"], "f");
    EXPECT_EQ(start["name"], finish["name"]);
    EXPECT_LE(nanoseconds(start["ts"]), nanoseconds(finish["ts"]));
    const auto covers = [](const json& slice, const json& event) {
      const std::int64_t begin = nanoseconds(slice["ts"]);
      const std::int64_t at = nanoseconds(event["ts"]);
      return begin <= at && at < begin + nanoseconds(slice["dur"]);
    };
    bool bound = false;
    for (const json& slice : run.slices.at(Traced::trackOf(start)))
      bound |= covers(slice, start);
    EXPECT_TRUE(bound) << start;
    bound = false;
    const bool enclosing = finish.contains("bp");
    for (const json& slice : run.slices.at(Traced::trackOf(finish)))
      bound |=
          enclosing ? covers(slice, finish) : nanoseconds(slice["ts"]) >= nanoseconds(finish["ts"]);
    EXPECT_TRUE(bound) << finish;
  }
}

TEST_P(Trace, NamesAndArguments) {
  const Traced run = traced();
  const auto loads = run.names("AIC PIPE_MTE2");
  EXPECT_TRUE(loads.contains("S tile 0: TLOAD"));
  EXPECT_TRUE(loads.contains("S tile 5: TLOAD"));
  EXPECT_TRUE(loads.contains("prologue: TLOAD"));
  EXPECT_TRUE(run.names("AIV1 PIPE_V").contains("A tile 3: TADD"));
  EXPECT_TRUE(run.names("AIV0 PIPE_S (scalar)").contains("A tile 0: TPOP s"));
  EXPECT_TRUE(run.names("AIV0 PIPE_S (scalar)").contains("wait (data)"));
  EXPECT_TRUE(run.names("AIC PIPE_M").contains("wait (event flag)"));
  for (const json& event : run.events())
    if (event["name"] == "S tile 3: TLOAD") {
      const json& args = event["args"];
      EXPECT_EQ(args["buffer"], "k_l1[1]");
      EXPECT_EQ(args["view"], "k");
      EXPECT_EQ(args["rows"], 16);
      EXPECT_EQ(args["cols"], 16);
      EXPECT_EQ(args["bytes"], 16 * 16 * 2);
    } else if (event["name"] == "A tile 3: TLOAD") {
      EXPECT_EQ(event["args"]["view"], "s");
      EXPECT_EQ(event["args"]["entry"], 3);
      EXPECT_EQ(event["args"]["slot"], 1);
    }
}

// Six tiles and two slots: data of every tile to both AIVs, and free slots for tiles 2 and 4.
TEST_P(Trace, FlowsOfTheFifo) {
  const Traced run = traced();
  std::map<std::string, int> starts;
  for (const json& event : run.events())
    if (event["ph"] == "s")
      ++starts[event["name"]];
  EXPECT_EQ(starts["data of s"], 2 * 6 * GetParam().blocks);
  // A credit comes from both AIVs; the last one is taken when the TPipe is closed.
  EXPECT_EQ(starts["free slot of s"], 2 * 3 * GetParam().blocks);
  EXPECT_EQ(starts.contains("unit flag PIPE_M -> PIPE_FIX #0"), GetParam().unitFlag);
  EXPECT_EQ(starts.contains("event flag PIPE_M -> PIPE_FIX #0"), !GetParam().unitFlag);
}

INSTANTIATE_TEST_SUITE_P(Runs, Trace,
                         testing::Values(Case{"EventFlags", false, 1, 1e9},
                                         Case{"UnitFlags", true, 1, 1e9},
                                         Case{"TwoBlocks", false, 2, 1e9},
                                         Case{"UnevenClock", true, 2, 1.85e9}),
                         [](const auto& info) { return std::string(info.param.name); });

// A second launch is on processes of its own, behind the first, with flows of its own.
TEST(TraceOfTwoLaunches, StandApart) {
  test::MiniKernel kernel;
  const Traced one(kernel.program(), test::miniSoc(), test::miniProblem(4));
  const Traced two(kernel.program(), test::miniSoc(), test::miniProblem(4), true);
  EXPECT_EQ(two.tracks.size(), 2 * one.tracks.size());
  std::set<std::string> names;
  for (const auto& [key, name] : two.tracks)
    names.insert(name);
  EXPECT_TRUE(names.contains("AIC PIPE_M"));
  EXPECT_TRUE(names.contains("launch 2: AIC PIPE_M"));
  for (const auto& [key, slices] : one.slices) {
    const auto& later = two.slices.at({key.first + kCoreCount, key.second});
    ASSERT_EQ(later.size(), slices.size());
    for (std::size_t i = 0; i < slices.size(); ++i)
      EXPECT_EQ(nanoseconds(later[i]["ts"]), nanoseconds(slices[i]["ts"]) + 1'000'000);
  }
  std::map<std::int64_t, int> ends;
  for (const json& event : two.events())
    if (event["ph"] == "s" || event["ph"] == "f")
      ++ends[event["id"]];
  for (const auto& [id, count] : ends)
    EXPECT_EQ(count, 2) << id;
}

// A run that hangs has a trace until then.
TEST(TraceOfAHang, IsWhole) {
  ProgramBuilder b;
  test::faSkeleton(b, {.preload = 8, .slots = 2, .syncPeriod = 2});
  const Traced run(b.program, roundSoc(), problemOf(1, 16));
  EXPECT_EQ(run.result.outcome, Outcome::hang);
  EXPECT_EQ(run.trace["otherData"]["launches"][0]["outcome"], "hang");
  EXPECT_FALSE(run.slices.empty());
}

} // namespace
} // namespace ptotune::sim
