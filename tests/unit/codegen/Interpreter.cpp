#include "Interpreter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace ptotune::program {
namespace {

constexpr std::int64_t kBox = 16; // rows and columns of a fractal in fp16, and in an accumulator
constexpr std::size_t kVectorCores = 2;

// Element (r, c) of a tile, counted from the start of its rectangle.
std::int64_t elementOf(const TileRef& t, std::int64_t r, std::int64_t c) {
  const std::int64_t ld = t.leadingDim;
  switch (t.layout) {
  case Layout::rowMajor:
    return r * ld + c;
  case Layout::colMajor:
    return c * ld + r;
  case Layout::nz:
    return c / kBox * ld * kBox + r * kBox + c % kBox;
  case Layout::zn:
    return r / kBox * ld * kBox + c * kBox + r % kBox;
  case Layout::zz:
    return r / kBox * ld * kBox + c / kBox * kBox * kBox + r % kBox * kBox + c % kBox;
  }
  return -1;
}

using Storage = std::vector<std::byte>;

float load(const Storage& from, std::int64_t byte, DType dtype) {
  if (dtype == DType::f16) {
    F16 value;
    std::memcpy(&value, &from.at(static_cast<std::size_t>(byte + 1)) - 1, sizeof value);
    return static_cast<float>(value);
  }
  float value = 0;
  std::memcpy(&value, &from.at(static_cast<std::size_t>(byte + 3)) - 3, sizeof value);
  return value;
}

void store(Storage& to, std::int64_t byte, DType dtype, float value) {
  if (dtype == DType::f16) {
    const auto narrow = static_cast<F16>(value);
    std::memcpy(&to.at(static_cast<std::size_t>(byte + 1)) - 1, &narrow, sizeof narrow);
  } else {
    std::memcpy(&to.at(static_cast<std::size_t>(byte + 3)) - 3, &value, sizeof value);
  }
}

// A ring and what its ends have done since the kernel began.
struct Ring {
  Storage slots;
  std::array<std::int64_t, kVectorCores> vectorDone{};  // pushes or frees of either vector core
  std::int64_t cubeDone = 0;                            // pushes or frees of the cube core
  std::array<std::int64_t, kVectorCores> vectorTaken{}; // reservations or pops
  std::int64_t cubeTaken = 0;
};

struct CoreState {
  Core core = Core::cube;
  std::size_t half = 0; // index of a vector core
  std::vector<Step> steps;
  std::size_t next = 0;
  std::array<Storage, kMemoryCount> memory;
  std::vector<std::int64_t> entry; // byte of the slot in hand, by FIFO
  std::vector<std::int64_t> index; // tiles of the FIFO since it was opened
};

class Machine {
public:
  Machine(const Program& program, const AttentionData& data, std::vector<float>& out)
      : program_(program), data_(data), out_(out) {
    for (const FifoInfo& fifo : program.fifos) {
      rings_.emplace_back();
      rings_.back().slots.resize(static_cast<std::size_t>(fifo.slotBytes * fifo.slots));
    }
  }

  std::string run(const CoreArguments& arguments) {
    std::vector<CoreState> cores;
    for (std::size_t i = 0; i <= kVectorCores; ++i) {
      CoreArguments own = arguments;
      own.subblockIdx = i == 0 ? 0 : static_cast<std::int64_t>(i) - 1;
      CoreState core;
      core.core = i == 0 ? Core::cube : Core::vector;
      core.half = static_cast<std::size_t>(own.subblockIdx);
      core.steps = unroll(program_, core.core, own);
      for (Storage& memory : core.memory)
        memory.resize(std::size_t{1} << 20);
      core.entry.resize(program_.fifos.size(), -1);
      core.index.resize(program_.fifos.size());
      cores.push_back(std::move(core));
    }
    while (true) {
      bool moved = false;
      bool done = true;
      for (CoreState& core : cores) {
        while (core.next < core.steps.size() && step(core)) {
          ++core.next;
          moved = true;
        }
        done &= core.next == core.steps.size();
      }
      if (done)
        return "";
      if (!moved)
        return fmt::format("all cores wait: cube at {}, vector at {} and {}", cores[0].next,
                           cores[1].next, cores[2].next);
    }
  }

private:
  // False where the core has to wait.
  bool step(CoreState& core) {
    const Step& s = core.steps[core.next];
    switch (s.instr->kind) {
    case InstrKind::op:
      execute(core, s);
      return true;
    case InstrKind::setFlag:
    case InstrKind::waitFlag:
    case InstrKind::barrier:
      return true;
    default:
      return transfer(core, static_cast<std::size_t>(s.instr->fifo), s.instr->kind);
    }
  }

  std::int64_t& taken(CoreState& core, Ring& ring) {
    return core.core == Core::cube ? ring.cubeTaken : ring.vectorTaken[core.half];
  }
  std::int64_t& done(CoreState& core, Ring& ring) {
    return core.core == Core::cube ? ring.cubeDone : ring.vectorDone[core.half];
  }
  // What the other side has done: both vector cores together for the cube core.
  std::int64_t peerDone(const CoreState& core, const Ring& ring) {
    return core.core == Core::cube ? *std::ranges::min_element(ring.vectorDone) : ring.cubeDone;
  }

  bool transfer(CoreState& core, std::size_t number, InstrKind kind) {
    const FifoInfo& fifo = program_.fifos[number];
    Ring& ring = rings_[number];
    switch (kind) {
    case InstrKind::open:
      core.index[number] = 0;
      return true;
    case InstrKind::close:
      // A block's slots are all free before the next block takes the first one.
      return core.core != fifo.producer || peerDone(core, ring) == taken(core, ring);
    case InstrKind::talloc:
      if (taken(core, ring) - peerDone(core, ring) >= fifo.slots)
        return false;
      break;
    case InstrKind::tpop:
      if (peerDone(core, ring) <= taken(core, ring))
        return false;
      break;
    default:
      ++done(core, ring);
      return true;
    }
    ++taken(core, ring);
    core.entry[number] = core.index[number]++ % fifo.slots * fifo.slotBytes;
    if (core.core == Core::vector && fifo.splitRows)
      core.entry[number] += static_cast<std::int64_t>(core.half) * fifo.slotBytes / 2;
    return true;
  }

  // Tiles of a step.
  std::int64_t byteOf(const TileRef& t, std::int64_t copy, std::int64_t r, std::int64_t c) const {
    const BufferInfo& buffer = program_.buffers.at(static_cast<std::size_t>(t.buffer));
    return buffer.address + copy * buffer.stride + t.byteOffset +
           elementOf(t, r, c) * bytesOf(t.dtype);
  }
  Storage& memoryOf(CoreState& core, const TileRef& t) {
    const BufferInfo& buffer = program_.buffers.at(static_cast<std::size_t>(t.buffer));
    return core.memory.at(static_cast<std::size_t>(buffer.memory));
  }
  float get(CoreState& core, const TileRef& t, std::int64_t copy, std::int64_t r, std::int64_t c) {
    return load(memoryOf(core, t), byteOf(t, copy, r, c), t.dtype);
  }
  void put(CoreState& core, const TileRef& t, std::int64_t copy, std::int64_t r, std::int64_t c,
           float value) {
    store(memoryOf(core, t), byteOf(t, copy, r, c), t.dtype, value);
  }

  // Element of a view: in a tensor, or in the slot in hand.
  std::int64_t elementOfView(const Step& s, std::int64_t r, std::int64_t c) const {
    const ViewRef& view = s.instr->view;
    return (s.viewRow + r) * view.rowStride + (s.viewCol + c) * view.colStride;
  }
  float getView(CoreState& core, const Step& s, std::int64_t r, std::int64_t c) {
    const ViewRef& view = s.instr->view;
    const std::int64_t element = elementOfView(s, r, c);
    const auto number = static_cast<std::size_t>(element);
    switch (view.tensor) {
    case Tensor::q:
      return static_cast<float>(data_.q.at(number));
    case Tensor::k:
      return static_cast<float>(data_.k.at(number));
    case Tensor::v:
      return static_cast<float>(data_.v.at(number));
    case Tensor::out:
      return out_.at(number);
    case Tensor::none:
      break;
    }
    const auto fifo = static_cast<std::size_t>(view.fifo);
    return load(rings_[fifo].slots, core.entry[fifo] + element * bytesOf(view.dtype), view.dtype);
  }
  void putView(CoreState& core, const Step& s, std::int64_t r, std::int64_t c, float value) {
    const ViewRef& view = s.instr->view;
    const std::int64_t element = elementOfView(s, r, c);
    if (view.tensor == Tensor::out) {
      out_.at(static_cast<std::size_t>(element)) = value;
      return;
    }
    const auto fifo = static_cast<std::size_t>(view.fifo);
    store(rings_[fifo].slots, core.entry[fifo] + element * bytesOf(view.dtype), view.dtype, value);
  }

  template <typename Function> void each(const TileRef& t, Function&& function) {
    for (std::int64_t r = 0; r < t.rows; ++r)
      for (std::int64_t c = 0; c < t.cols; ++c)
        function(r, c);
  }

  // Operands as plain row-major (the left one) and column-major (the right one) numbers.
  void matmul(CoreState& core, const Step& s) {
    const Instr& i = *s.instr;
    const std::int64_t depth = i.shape.depth;
    std::vector<float> left(static_cast<std::size_t>(i.shape.rows * depth));
    std::vector<float> right(static_cast<std::size_t>(i.shape.cols * depth));
    each(i.src[0], [&](std::int64_t r, std::int64_t k) {
      left[static_cast<std::size_t>(r * depth + k)] = get(core, i.src[0], s.srcCopy[0], r, k);
    });
    each(i.src[1], [&](std::int64_t k, std::int64_t c) {
      right[static_cast<std::size_t>(c * depth + k)] = get(core, i.src[1], s.srcCopy[1], k, c);
    });
    each(i.dst, [&](std::int64_t r, std::int64_t c) {
      float sum = i.shape.op == Op::tmatmul ? 0 : get(core, i.dst, s.dstCopy, r, c);
      const float* a = &left[static_cast<std::size_t>(r * depth)];
      const float* b = &right[static_cast<std::size_t>(c * depth)];
      for (std::int64_t k = 0; k < depth; ++k)
        sum += a[k] * b[k];
      put(core, i.dst, s.dstCopy, r, c, sum);
    });
  }

  void execute(CoreState& core, const Step& s) {
    switch (s.instr->shape.op) {
    case Op::tload:
      return map(core, s, [&](std::int64_t r, std::int64_t c) { return getView(core, s, r, c); });
    case Op::tstore:
      return each(s.instr->src[0], [&](std::int64_t r, std::int64_t c) {
        putView(core, s, r, c, in(core, s, 0, r, c));
      });
    case Op::textract:
      return map(core, s, [&](std::int64_t r, std::int64_t c) {
        return in(core, s, 0, s.row + r, s.col + c);
      });
    case Op::tmatmul:
    case Op::tmatmulAcc:
      return matmul(core, s);
    case Op::trowmax:
    case Op::trowsum:
      return reduceRows(core, s);
    default:
      return elementwise(core, s);
    }
  }

  // Source `n` of a step.
  float in(CoreState& core, const Step& s, std::size_t n, std::int64_t r, std::int64_t c) {
    return get(core, s.instr->src[n], s.srcCopy[n], r, c);
  }

  template <typename Function> void map(CoreState& core, const Step& s, Function&& value) {
    each(s.instr->dst, [&](std::int64_t r, std::int64_t c) {
      put(core, s.instr->dst, s.dstCopy, r, c, value(r, c));
    });
  }

  void reduceRows(CoreState& core, const Step& s) {
    const TileRef& source = s.instr->src[0];
    for (std::int64_t r = 0; r < source.rows; ++r) {
      float value = in(core, s, 0, r, 0);
      for (std::int64_t c = 1; c < source.cols; ++c)
        value = s.instr->shape.op == Op::trowmax ? std::max(value, in(core, s, 0, r, c))
                                                 : value + in(core, s, 0, r, c);
      put(core, s.instr->dst, s.dstCopy, r, 0, value);
    }
  }

  void elementwise(CoreState& core, const Step& s) {
    const auto scalar = static_cast<float>(s.instr->scalar);
    const auto unary = [&](auto&& f) {
      map(core, s, [&](std::int64_t r, std::int64_t c) { return f(in(core, s, 0, r, c)); });
    };
    const auto pairwise = [&](auto&& f) {
      map(core, s, [&](std::int64_t r, std::int64_t c) {
        return f(in(core, s, 0, r, c), in(core, s, 1, r, c));
      });
    };
    const auto byRow = [&](auto&& f) {
      map(core, s, [&](std::int64_t r, std::int64_t c) {
        return f(in(core, s, 0, r, c), in(core, s, 1, r, 0));
      });
    };
    switch (s.instr->shape.op) {
    case Op::tmov:
    case Op::tcvt:
      return unary([](float a) { return a; });
    case Op::tmuls:
      return unary([scalar](float a) { return a * scalar; });
    case Op::tadds:
      return unary([scalar](float a) { return a + scalar; });
    case Op::texp:
      return unary([](float a) { return std::exp(a); });
    case Op::texpands:
      return map(core, s, [scalar](std::int64_t, std::int64_t) { return scalar; });
    case Op::tadd:
      return pairwise([](float a, float b) { return a + b; });
    case Op::tsub:
      return pairwise([](float a, float b) { return a - b; });
    case Op::tmul:
      return pairwise([](float a, float b) { return a * b; });
    case Op::tmax:
      return pairwise([](float a, float b) { return std::max(a, b); });
    case Op::trowexpandsub:
      return byRow([](float a, float b) { return a - b; });
    case Op::trowexpandmul:
      return byRow([](float a, float b) { return a * b; });
    case Op::trowexpanddiv:
      return byRow([](float a, float b) { return a / b; });
    default:
      throw std::logic_error("instruction that the interpreter does not know");
    }
  }

  const Program& program_;
  const AttentionData& data_;
  std::vector<float>& out_;
  std::vector<Ring> rings_;
};

} // namespace

Execution execute(const Program& program, const AttentionData& data, std::int64_t cores) {
  Execution execution;
  execution.out.assign(static_cast<std::size_t>(data.s0 * data.head), NAN);
  for (std::int64_t core = 0; core < cores && execution.fault.empty(); ++core) {
    const CoreArguments arguments{data.s0, data.s1, core, cores, 0};
    execution.fault = Machine(program, data, execution.out).run(arguments);
  }
  return execution;
}

} // namespace ptotune::program
