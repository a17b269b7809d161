// A map from bytes to states, kept as disjoint segments. Bytes without a segment have no state.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <utility>

namespace ptotune::sim {

template <typename State> class ByteMap {
public:
  // Calls f(begin, end, State&) for the segments within [begin, end) in order of address, and
  // gap(begin, end) for the bytes between them. Segments are cut at the borders, so a change to a
  // state stays within the range.
  template <typename F, typename Gap>
  void visit(std::int64_t begin, std::int64_t end, F&& f, Gap&& gap) {
    std::int64_t reached = begin;
    for (auto at = cut(begin); at != segments_.end() && at->first < end; ++at) {
      if (reached < at->first)
        gap(reached, at->first);
      reached = cutAt(at, end);
      f(at->first, reached, at->second.state);
    }
    if (reached < end)
      gap(reached, end);
  }

  // Makes [begin, end) one segment and returns its state, which starts anew. f(begin, end, State&)
  // is called for what was there.
  template <typename F> State& replace(std::int64_t begin, std::int64_t end, F&& f) {
    const auto first = cut(begin);
    auto at = first;
    for (; at != segments_.end() && at->first < end; ++at) {
      const std::int64_t reached = cutAt(at, end);
      f(at->first, reached, at->second.state);
    }
    if (first != at && first->first == begin) {
      segments_.erase(std::next(first), at);
      first->second = {end, State()};
      return first->second.state;
    }
    const auto behind = segments_.erase(first, at);
    return segments_.emplace_hint(behind, begin, Segment{end, State()})->second.state;
  }

  std::size_t size() const { return segments_.size(); }

private:
  struct Segment {
    std::int64_t end;
    State state;
  };
  using Map = std::map<std::int64_t, Segment>;

  // Cuts the segment at `at` where it reaches over `border`; returns where it ends now.
  std::int64_t cutAt(typename Map::iterator at, std::int64_t border) {
    Segment& segment = at->second;
    if (segment.end > border) {
      segments_.emplace_hint(std::next(at), border, Segment{segment.end, segment.state});
      segment.end = border;
    }
    return segment.end;
  }

  // No segment reaches over `border` any more. Returns the first one that begins there or behind.
  typename Map::iterator cut(std::int64_t border) {
    const auto next = segments_.lower_bound(border);
    if (next == segments_.begin())
      return next;
    const auto before = std::prev(next);
    if (before->second.end <= border)
      return next;
    cutAt(before, border);
    return std::next(before);
  }

  Map segments_;
};

} // namespace ptotune::sim
