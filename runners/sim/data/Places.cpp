// Which places a program may name.
#include "runners/sim/data/Operands.h"

#include <fmt/format.h>

namespace ptotune::sim {

using program::BufferInfo;
using program::Instr;
using program::Program;
using program::TileRef;
using program::ViewRef;

namespace {

std::string objection(const BufferInfo& buffer, const SocProfile& soc) {
  if (buffer.copies < 1 || buffer.bytes < 1 || buffer.address < 0 || buffer.stride < 0)
    return fmt::format("buffer '{}' has {} copies of {} bytes at {}, {} apart", buffer.name,
                       buffer.copies, buffer.bytes, buffer.address, buffer.stride);
  const std::int64_t end = buffer.address + buffer.stride * (buffer.copies - 1) + buffer.bytes;
  const std::int64_t room = soc.limit(buffer.memory).bytes; // 0: the profile does not say
  if (room > 0 && end > room)
    return fmt::format("buffer '{}' ends at byte {} of {}, which has {}", buffer.name, end,
                       name(buffer.memory), room);
  return "";
}

std::string objection(const TileRef& tile, const Program& program) {
  if (tile.buffer < 0)
    return "";
  if (tile.buffer >= static_cast<std::int32_t>(program.buffers.size()))
    return fmt::format("there is no buffer {}", tile.buffer);
  if (tile.rows < 1 || tile.cols < 1 || tile.leadingDim < 1 || tile.byteOffset < 0)
    return fmt::format("a tile of '{}' has {}x{} elements, {} in a line, from byte {}",
                       program.buffers[static_cast<std::size_t>(tile.buffer)].name, tile.rows,
                       tile.cols, tile.leadingDim, tile.byteOffset);
  return "";
}

std::string objection(const ViewRef& view, const Program& program) {
  if (!view.valid())
    return "";
  const bool inFifo = view.tensor == program::Tensor::none;
  if (inFifo && (view.fifo < 0 || view.fifo >= static_cast<std::int32_t>(program.fifos.size())))
    return fmt::format("there is no FIFO {}", view.fifo);
  if (view.cols < 1 || view.rowStride < 0 || view.colStride < 0)
    return fmt::format("a view has {}x{} elements with strides {} and {}", view.rows, view.cols,
                       view.rowStride, view.colStride);
  return "";
}

std::string objection(const Instr& instr, const Program& program) {
  for (const TileRef* tile :
       {&instr.dst, &instr.src[0], &instr.src[1], &instr.src[2], &instr.scratch})
    if (std::string wrong = objection(*tile, program); !wrong.empty())
      return wrong;
  return objection(instr.view, program);
}

} // namespace

std::string objectionToPlaces(const Program& program, const SocProfile& soc) {
  for (const BufferInfo& buffer : program.buffers)
    if (std::string wrong = objection(buffer, soc); !wrong.empty())
      return wrong;
  for (const program::FifoInfo& fifo : program.fifos)
    if (fifo.slotBytes < 1)
      return fmt::format("FIFO '{}' has slots of {} bytes", fifo.name, fifo.slotBytes);
  for (const Core core : {Core::cube, Core::vector}) {
    const auto instrs = listing(core == Core::cube ? program.cube : program.vector);
    for (std::size_t i = 0; i < instrs.size(); ++i)
      if (const std::string wrong = objection(*instrs[i], program); !wrong.empty())
        return fmt::format("{} body, instruction {}{}{}: {}", name(core), i,
                           instrs[i]->stage.empty() ? "" : " of ", instrs[i]->stage, wrong);
  }
  return "";
}

} // namespace ptotune::sim
