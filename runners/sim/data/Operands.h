// What an instruction touches in one execution: its operands resolved to bytes.
//
// Vocabulary
//   space      bytes that only whole addresses within it reach: one memory of one core, one tensor,
//              or the ring of one FIFO
//   operand    a tile or a view of an instruction, at its place in a space
//   operation  one execution of a tile instruction with its operands
//   round      how often this core has opened a TPipe: what belongs to one block has one round
#pragma once

#include "runners/sim/Events.h"
#include "runners/sim/data/Layout.h"
#include "space/Problem.h"
#include "space/Soc.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace ptotune::sim {

// The spaces of a program, by number.
class Spaces {
public:
  Spaces(const program::Program& program, const Problem& problem);

  static std::int32_t local(int core, Memory memory) {
    return core * static_cast<std::int32_t>(kMemoryCount) + static_cast<std::int32_t>(memory);
  }
  static std::int32_t tensor(program::Tensor tensor) {
    return kFirstTensor + static_cast<std::int32_t>(tensor) - 1;
  }
  static std::int32_t ring(std::int32_t fifo) { return kFirstRing + fifo; }
  static bool isRing(std::int32_t space) { return space >= kFirstRing; }
  static bool isTensor(std::int32_t space) { return space >= kFirstTensor && space < kFirstRing; }

  std::int32_t count() const { return static_cast<std::int32_t>(bytes_.size()); }
  std::int64_t bytes(std::int32_t space) const { return bytes_[static_cast<std::size_t>(space)]; }

private:
  static constexpr std::int32_t kFirstTensor = kCoreCount * static_cast<std::int32_t>(kMemoryCount);
  static constexpr auto kTensors = static_cast<std::int32_t>(program::kTensorCount);
  static constexpr std::int32_t kFirstRing = kFirstTensor + kTensors;

  std::vector<std::int64_t> bytes_;
};

struct TileAt {
  const program::TileRef* tile = nullptr; // null: the instruction has no such operand
  std::int32_t space = 0;
  std::int64_t copy = 0;
  std::int64_t base = 0; // of its element (0, 0), bytes
};

struct ViewAt {
  const program::ViewRef* view = nullptr;
  std::int32_t space = 0;
  std::int64_t base = 0;  // of its element (0, 0), bytes
  std::int64_t entry = 0; // tile index of the FIFO entry
  std::int64_t round = 0; // how often the core has opened the FIFO
};

enum class Misuse : std::uint8_t {
  outside, // of its buffer, tensor or slot
  noEntry, // of a FIFO: none is reserved or popped
  retired, // the entry was committed or freed before
};
struct Fault {
  Misuse misuse = Misuse::outside;
  std::int32_t space = 0;
  Run bytes;               // in the space
  std::int32_t object = 0; // buffer or FIFO
  std::int64_t place = 0;  // copy or slot
  std::int64_t entry = 0;  // tile index of the FIFO entry
  std::string text;
};

struct Operation {
  Executed what;
  const program::Instr* instr = nullptr;
  TileAt dst;
  std::array<TileAt, 3> src;
  TileAt scratch;
  ViewAt view;
  std::int64_t row = 0, col = 0; // textract; ttri: diagonal, 0
  std::int64_t round = 0;
  std::vector<Fault> faults; // an operand without a place is left out
};

// Instructions of one core in listing order.
std::vector<const program::Instr*> listing(const program::Body& body);

// What is wrong with the buffers of a program and with the places that its instructions name, or
// "".
std::string objectionToPlaces(const program::Program& program, const SocProfile& soc);

// Follows a run's FIFOs and resolves operations as they are issued. The code must have been
// compiled with Reads::operands.
class Operands {
public:
  // `program` must outlive the object.
  Operands(const program::Program& program, const SocProfile& soc, const Problem& problem);

  const Spaces& spaces() const { return spaces_; }
  std::int64_t fractal() const { return fractal_; }
  const program::Instr& instr(int core, std::int32_t number) const {
    return *listings_[core == 0 ? 0 : 1][static_cast<std::size_t>(number)];
  }
  // What the run does to FIFOs; call for every event.
  void follow(const IssuedEvent& event);
  void follow(const FifoEvent& event);
  // The operation of an issued tile instruction.
  Operation resolve(const IssuedEvent& event) const;

private:
  // A core's end of a FIFO, in program order.
  struct End {
    std::int64_t round = 0;
    std::int64_t taken = 0; // entries reserved or popped
    std::int64_t done = 0;  // entries committed or freed
  };

  TileAt resolve(const program::TileRef& tile, const Values& values, Operation& op) const;
  ViewAt resolve(const program::ViewRef& view, const Values& values, Operation& op) const;
  bool entryOf(const program::ViewRef& view, ViewAt& at, Run& room, Operation& op) const;
  void extractFits(Operation& op) const;

  const program::Program& program_;
  Spaces spaces_;
  std::int64_t fractal_;
  std::array<std::vector<const program::Instr*>, 2> listings_;
  std::array<std::vector<End>, kCoreCount> ends_; // by core and FIFO
  std::array<std::int64_t, kCoreCount> rounds_{};
};

} // namespace ptotune::sim
