// Who wrote and who read the bytes of one space last.
#pragma once

#include "runners/sim/hazards/ByteMap.h"

#include <array>
#include <cstdint>
#include <vector>

namespace ptotune::sim {

// An operation that was checked, by number; kNobody: none.
using OpId = std::int32_t;
inline constexpr OpId kNobody = -1;

// The last reader on each chain. Seldom more than three.
class Readers {
public:
  template <typename F> void each(F&& f) const {
    for (std::size_t i = 0; i < count_; ++i)
      f(few_[i]);
    for (const OpId id : more_)
      f(id);
  }
  // `sameChain(id)`: whether that reader is on the chain of the new one, which then replaces it.
  template <typename F> void add(OpId reader, F&& sameChain) {
    for (std::size_t i = 0; i < count_; ++i)
      if (sameChain(few_[i])) {
        few_[i] = reader;
        return;
      }
    for (OpId& id : more_)
      if (sameChain(id)) {
        id = reader;
        return;
      }
    if (count_ < few_.size())
      few_[count_++] = reader;
    else
      more_.push_back(reader);
  }

private:
  std::array<OpId, 3> few_{};
  std::size_t count_ = 0;
  std::vector<OpId> more_;
};

struct Owner {
  OpId writer = kNobody;
  bool scratch = false; // the writer used the bytes as scratch
  bool running = false; // first written outside all tiles: state that goes from tile to tile
  Readers readers;      // since that write
};

using Owners = ByteMap<Owner>;

} // namespace ptotune::sim
