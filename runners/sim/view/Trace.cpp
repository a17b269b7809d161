#include "runners/sim/view/Trace.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>
#include <utility>

namespace ptotune::sim {
namespace {

using nlohmann::ordered_json;

// Viewers list the pipes of a core in the order of its data flow.
constexpr std::array<Pipe, kPipeCount> kTrackOrder = {Pipe::s,   Pipe::mte2, Pipe::mte1, Pipe::m,
                                                      Pipe::fix, Pipe::v,    Pipe::mte3};
constexpr const char* kStallColour = "grey"; // a reserved name of chrome://tracing

std::string trackName(Pipe pipe) {
  return pipe == Pipe::s ? "PIPE_S (scalar)" : name(pipe);
}

// A flow's end comes before the slice that begins at the same time, and is bound to it.
enum class Rank : std::uint8_t { name, flowEnd, slice, flowStart };
struct Event {
  std::int64_t time = 0; // ns
  Rank rank = Rank::name;
  Tick tick = 0; // of a slice: its start; of a name: its place
  std::string text;
};

// The events of one launch.
class Writer {
public:
  Writer(const TracedLaunch& launch, int number, std::int64_t flows)
      : recording_(*launch.recording), result_(*launch.result),
        offset_(std::llround(launch.start * 1e9)), number_(number), flows_(flows) {}

  // What happens, without an order.
  std::vector<Event> events() {
    addNames();
    for (int core = 0; core < kCoreCount; ++core)
      for (const Issue& issue : recording_.issues(core))
        addIssue(issue);
    for (const Work& work : recording_.works())
      addWork(work);
    for (const StallEvent& stall : recording_.stalls())
      addStall(stall);
    orderTracks();
    for (const Flow& flow : recording_.flows())
      addFlow(flow);
    return std::move(events_);
  }
  std::int64_t flows() const { return flows_; } // numbers that are taken

private:
  struct Span {
    std::int64_t begin = 0; // ns
    std::int64_t end = 0;
  };
  using Track = std::vector<Span>; // slices, by time

  std::int64_t nanoseconds(Tick ticks) const {
    return offset_ + std::llround(recording_.microseconds(ticks) * 1e3);
  }
  static std::string microseconds(std::int64_t ns) {
    return fmt::format("{}.{:03}", ns / 1000, ns % 1000);
  }
  int processId(int core) const { return number_ * kCoreCount + core + 1; }
  static int trackId(Pipe pipe) {
    return static_cast<int>(std::ranges::find(kTrackOrder, pipe) - kTrackOrder.begin()) + 1;
  }
  Track& track(int core, Pipe pipe) {
    return tracks_[static_cast<std::size_t>(core) * kPipeCount + static_cast<std::size_t>(pipe)];
  }

  void addNames() {
    for (int core = 0; core < kCoreCount; ++core) {
      const std::string process = number_ == 0
                                      ? std::string(coreName(core))
                                      : fmt::format("launch {}: {}", number_ + 1, coreName(core));
      addName(core, 0, "process_name", {{"name", process}});
      addName(core, 0, "process_sort_index", {{"sort_index", processId(core)}});
      const CoreStats& stats = result_.cores[static_cast<std::size_t>(core)];
      for (const Pipe pipe : kTrackOrder) {
        if (stats.pipe(pipe).instructions == 0)
          continue;
        addName(core, trackId(pipe), "thread_name", {{"name", trackName(pipe)}});
        addName(core, trackId(pipe), "thread_sort_index", {{"sort_index", trackId(pipe)}});
      }
    }
  }

  void addName(int core, int tid, const char* what, ordered_json args) {
    const ordered_json event = {{"ph", "M"},
                                {"pid", processId(core)},
                                {"tid", tid},
                                {"name", what},
                                {"args", std::move(args)}};
    events_.push_back({0, Rank::name, static_cast<Tick>(events_.size()), event.dump()});
  }

  // What is left of "X" and flow events: numbers stay as they are written.
  void addEvent(std::int64_t time, Rank rank, std::string_view phase, int core, Pipe pipe,
                const ordered_json& rest, std::string_view numbers = "", Tick tick = 0) {
    std::string tail = rest.dump();
    tail.front() = ',';
    std::string text =
        fmt::format(R"({{"ph":"{}","pid":{},"tid":{},"ts":{}{}{})", phase, processId(core),
                    trackId(pipe), microseconds(time), numbers, tail);
    events_.push_back({time, rank, tick, std::move(text)});
  }

  void addSlice(int core, Pipe pipe, Tick start, Tick end, const ordered_json& rest) {
    const std::int64_t begin = nanoseconds(start);
    const std::int64_t length = nanoseconds(end) - begin;
    addEvent(begin, Rank::slice, "X", core, pipe, rest,
             fmt::format(R"(,"dur":{})", microseconds(length)), start);
    track(core, pipe).push_back({begin, begin + length});
  }

  // "QK tile 3", "prologue"
  std::string place(const Executed& what) const {
    std::string text = recording_.instr(what).stage;
    if (what.tile != kUndefined)
      text += fmt::format("{}tile {}", text.empty() ? "" : " ", what.tile);
    return text;
  }
  std::string title(const Executed& what) const {
    const std::string where = place(what);
    const std::string call = instrName(recording_.program(), recording_.instr(what));
    return where.empty() ? call : fmt::format("{}: {}", where, call);
  }

  ordered_json argsOf(const Executed& what) const {
    const program::Program& program = recording_.program();
    const program::Instr& instr = recording_.instr(what);
    const Issue& issue = recording_.issue(what);
    ordered_json args;
    if (!instr.stage.empty())
      args["stage"] = instr.stage;
    if (what.tile != kUndefined)
      args["tile"] = what.tile;
    if (issue.block != kUndefined)
      args["block"] = issue.block;
    const Subject subject = subjectOf(program, instr);
    if (!subject.buffer.empty())
      args["buffer"] = fmt::format("{}[{}]", subject.buffer, issue.copy);
    if (!subject.view.empty())
      args["view"] = subject.view;
    if (subject.rows > 0) {
      args["rows"] = subject.rows;
      args["cols"] = subject.cols;
      args["bytes"] = subject.bytes;
    }
    const std::int32_t fifo = instr.fifo >= 0 ? instr.fifo : instr.view.fifo;
    if (issue.entry != kUndefined && fifo >= 0) {
      const int slots = program.fifos[static_cast<std::size_t>(fifo)].slots;
      args["entry"] = issue.entry;
      args["slot"] = issue.entry % slots;
    }
    args["instruction"] = what.instr;
    return args;
  }

  void addIssue(const Issue& issue) {
    if (issue.end <= issue.start)
      return;
    const bool own = issue.what.pipe == Pipe::s;
    addSlice(issue.what.core, Pipe::s, issue.start, issue.end,
             {{"cat", "issue"},
              {"name", own ? title(issue.what) : "issue " + title(issue.what)},
              {"args", argsOf(issue.what)}});
  }

  void addWork(const Work& work) {
    const std::string& stage = recording_.instr(work.what).stage;
    ordered_json args = argsOf(work.what);
    args["cycles"] = toCycles(work.end - work.start);
    addSlice(work.what.core, work.what.pipe, work.start, work.end,
             {{"cat", stage.empty() ? "work" : stage},
              {"name", title(work.what)},
              {"args", std::move(args)}});
  }

  void addStall(const StallEvent& stall) {
    if (nanoseconds(stall.from) == nanoseconds(stall.to))
      return;
    addSlice(stall.what.core, stall.what.pipe, stall.from, stall.to,
             {{"cat", "stall"},
              {"name", fmt::format("wait ({})", name(stall.reason))},
              {"cname", kStallColour},
              {"args",
               {{"reason", name(stall.reason)},
                {"before", title(stall.what)},
                {"cycles", toCycles(stall.to - stall.from)}}}});
  }

  void orderTracks() {
    for (Track& spans : tracks_)
      std::ranges::sort(spans, {}, &Span::begin);
  }

  // The last moment at or before `time` that lies within a slice of the track, or -1.
  std::int64_t within(int core, Pipe pipe, std::int64_t time) {
    const Track& spans = track(core, pipe);
    auto behind = std::ranges::upper_bound(spans, time, {}, &Span::begin);
    while (behind != spans.begin()) {
      const Span& span = *--behind;
      if (span.end > span.begin && span.begin < time)
        return std::min(time, span.end) - 1;
    }
    return -1;
  }

  // A pipe's wait is bound to the slice that begins next; where nothing follows, there is no flow.
  bool followed(int core, Pipe pipe, std::int64_t time) {
    const Track& spans = track(core, pipe);
    return std::ranges::lower_bound(spans, time, {}, &Span::begin) != spans.end();
  }

  void addFlow(const Flow& flow) {
    const std::int64_t start = within(flow.from.core, flow.from.pipe, nanoseconds(flow.sent));
    const bool scalar = flow.to.pipe == Pipe::s;
    const std::int64_t taken = nanoseconds(flow.taken);
    const std::int64_t end = scalar ? within(flow.to.core, Pipe::s, taken) : taken;
    if (start < 0 || end < start || (!scalar && !followed(flow.to.core, flow.to.pipe, taken)))
      return;
    ordered_json rest = {{"cat", flow.flag.kind == FlagKind::ffts ? "fifo" : "flag"},
                         {"name", flagName(recording_.program(), flow.flag)},
                         {"id", ++flows_}};
    addEvent(start, Rank::flowStart, "s", flow.from.core, flow.from.pipe, rest);
    if (scalar)
      rest["bp"] = "e";
    addEvent(end, Rank::flowEnd, "f", flow.to.core, flow.to.pipe, rest);
  }

  const Recording& recording_;
  const SimResult& result_;
  std::array<Track, kCoreCount * kPipeCount> tracks_;
  std::vector<Event> events_;
  std::int64_t offset_; // ns
  int number_;
  std::int64_t flows_;
};

} // namespace

std::string traceJson(std::span<const TracedLaunch> launches) {
  std::vector<Event> events;
  ordered_json about = ordered_json::array();
  std::int64_t flows = 0;
  for (std::size_t number = 0; number < launches.size(); ++number) {
    const TracedLaunch& launch = launches[number];
    Writer writer(launch, static_cast<int>(number), flows);
    std::ranges::move(writer.events(), std::back_inserter(events));
    flows = writer.flows();
    about.push_back({{"kernel", launch.recording->program().name},
                     {"outcome", name(launch.result->outcome)},
                     {"cycles", launch.result->cycles},
                     {"start_us", launch.start * 1e6},
                     {"us", launch.recording->microseconds(launch.recording->end())}});
  }
  std::ranges::sort(events, {}, [](const Event& event) {
    return std::tuple(event.time, event.rank, event.tick);
  });
  std::string text = fmt::format(
      R"({{"displayTimeUnit":"ns","otherData":{{"launches":{}}},"traceEvents":[)", about.dump());
  const char* separator = "\n";
  for (const Event& event : events) {
    text += separator;
    text += event.text;
    separator = ",\n";
  }
  return text + "\n]}\n";
}

} // namespace ptotune::sim
