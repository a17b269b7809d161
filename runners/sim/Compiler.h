// What compile() keeps while it goes through a Program. Compile.cpp has the program and its loops,
// CompileInstr.cpp the instructions.
#pragma once

#include "runners/sim/Code.h"
#include "runners/sim/Scopes.h"
#include "runners/sim/Simulator.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ptotune::sim {

class Compiler {
public:
  Compiler(const program::Program& program, const SocProfile& soc, Reads reads)
      : program_(program), soc_(soc), reads_(reads) {}

  Result<std::shared_ptr<const Code>> run();

private:
  void checkExprs();
  void addProfile();
  void addFifos();
  void addBody(const program::Body& body);
  void addLoop(const program::Loop& loop);
  void addInstr(const program::Instr& instr);
  void addOp(const program::Instr& instr, Step& step, Note& note);
  void addPhase(const program::Instr& instr, Step& step);
  void addShared(const program::ViewRef& view);
  void useOperands(const program::Instr& instr);
  void addFlag(const program::Instr& instr, Step& step);
  void addFifo(const program::Instr& instr, Step& step);

  // The slot of an expression that is read here; kNoSlot where there is none.
  std::int32_t use(program::ExprId id);
  // The same of one that decides what the instruction works on, or how often.
  std::int32_t select(program::ExprId id);
  std::int32_t require(program::ExprId id, const char* what);
  std::int32_t emit(const Step& step, const Note& note);
  std::int32_t stageIndex(const std::string& stage);
  void signalledBy(std::int32_t flag, Pipe pipe);
  void fail(const std::string& message);

  const program::Program& program_;
  const SocProfile& soc_;
  const Reads reads_;
  std::shared_ptr<Code> code_ = std::make_shared<Code>();
  std::optional<Error> error_;

  // Of the body at hand.
  Core core_ = Core::cube;
  CoreCode* out_ = nullptr;
  std::int32_t instrs_ = 0;
  std::string where_;
  std::optional<Scopes> scopes_;
  std::map<std::int32_t, std::int32_t> accumulatorOf_; // buffer -> index into accumulators
  std::vector<program::ExprId> selecting_; // expressions that instructions and loops select by
  std::vector<program::ExprId> labels_;    // tile indices
  std::array<std::int64_t, 2> rowBytes_{}; // of K and V

  std::map<std::int32_t, std::pair<Core, Pipe>> signalling_; // by FFTS flag
};

} // namespace ptotune::sim
