// Which bytes each operand of an instruction touches, and how.
#pragma once

#include "runners/sim/data/Layout.h"
#include "runners/sim/data/Operands.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace ptotune::sim {

enum class Touch : std::uint8_t {
  read,
  write,
  scratch, // written, and worth nothing afterwards
};

// One operand of an operation with its bytes. `runs` count from `base`.
struct Access {
  Touch touch = Touch::read;
  std::int32_t space = 0;
  std::int64_t base = 0;
  std::int64_t place = 0; // copy of the buffer, slot of the FIFO
  const std::string* object = nullptr;
  const std::vector<Run>* runs = nullptr;
};

// The accesses of operations, reads first. Runs are worked out once for each instruction.
class AccessTable {
public:
  AccessTable(const program::Program& program, const Operands& operands);

  // Valid until the next call.
  const std::vector<Access>& of(const Operation& op);

  // How a buffer, FIFO or tensor is called.
  const std::string& objectName(std::int32_t space, std::int32_t object) const;

private:
  // Runs of the operands of one instruction, in the order in which they are listed.
  struct Plan {
    bool known = false;
    std::vector<std::vector<Run>> runs;
    std::int64_t row = 0, col = 0; // that the source's runs of a TEXTRACT are for
  };

  Plan& planOf(const Operation& op);
  void add(Touch touch, const TileAt& at, std::size_t& next, const Plan& plan);
  void addView(Touch touch, const ViewAt& at, std::size_t& next, const Plan& plan);

  const program::Program& program_;
  const Operands& operands_;
  std::array<std::vector<Plan>, 2> plans_;
  std::vector<std::string> tensors_;
  std::vector<Access> accesses_;
};

} // namespace ptotune::sim
