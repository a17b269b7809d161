// From a Program to its flat form. What the simulator relies on is checked here, once.
#include "runners/sim/Code.h"
#include "runners/sim/Periods.h"
#include "runners/sim/Scopes.h"
#include "runners/sim/WorkUnits.h"
#include "runners/sim/data/Operands.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

namespace ptotune::sim {

using program::Body;
using program::Expr;
using program::ExprId;
using program::ExprKind;
using program::Instr;
using program::InstrKind;
using program::Loop;
using program::Phase;
using program::Program;

namespace {

class Compiler {
public:
  Compiler(const Program& program, const SocProfile& soc, Reads reads)
      : program_(program), soc_(soc), reads_(reads) {}

  Result<std::shared_ptr<const Code>> run();

private:
  void checkExprs();
  void addProfile();
  void addFifos();
  void addBody(const Body& body);
  void addLoop(const Loop& loop);
  void addInstr(const Instr& instr);
  void addOp(const Instr& instr, Step& step, Note& note);
  void addPhase(const Instr& instr, Step& step);
  void addShared(const program::ViewRef& view);
  void useOperands(const Instr& instr);
  void addFlag(const Instr& instr, Step& step);
  void addFifo(const Instr& instr, Step& step);

  // The slot of an expression that is read here; kNoSlot where there is none.
  std::int32_t use(ExprId id);
  // The same of one that decides what the instruction works on, or how often.
  std::int32_t select(ExprId id);
  std::int32_t require(ExprId id, const char* what);
  std::int32_t emit(const Step& step, const Note& note);
  std::int32_t stageIndex(const std::string& stage);
  void signalledBy(std::int32_t flag, Pipe pipe);
  void fail(const std::string& message);

  const Program& program_;
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
  std::vector<ExprId> selecting_;          // expressions that instructions and loops select by
  std::vector<ExprId> labels_;             // tile indices
  std::array<std::int64_t, 2> rowBytes_{}; // of K and V

  std::map<std::int32_t, std::pair<Core, Pipe>> signalling_; // by FFTS flag
};

void Compiler::fail(const std::string& message) {
  if (error_)
    return;
  error_.emplace();
  error_->message = fmt::format("program '{}'{}: {}", program_.name, where_, message);
}

void Compiler::checkExprs() {
  const auto isLeaf = [](ExprKind kind) { return kind <= ExprKind::variable; };
  for (std::size_t i = 0; i < program_.exprs.size(); ++i) {
    const Expr& expr = program_.exprs[i];
    const auto id = static_cast<ExprId>(i);
    if (!isLeaf(expr.kind) && (expr.lhs < 0 || expr.lhs >= id || expr.rhs < 0 || expr.rhs >= id))
      fail(fmt::format("expression {} has operands {} and {}; expected earlier expressions", i,
                       expr.lhs, expr.rhs));
    if (expr.kind == ExprKind::variable && (expr.value < 0 || expr.value >= program_.variables))
      fail(fmt::format("expression {} reads variable {} of {}", i, expr.value, program_.variables));
  }
}

void Compiler::addProfile() {
  Code& code = *code_;
  code.exprs = program_.exprs;
  code.variables = program_.variables;
  code.rowsPerBlock = program_.rowsPerBlock;
  code.unitsPerBlock = program_.unitsPerBlock;
  if (code.rowsPerBlock < 1)
    fail(fmt::format("rowsPerBlock is {}; expected at least 1", code.rowsPerBlock));
  if (code.unitsPerBlock < 1)
    fail(fmt::format("unitsPerBlock is {}; expected at least 1", code.unitsPerBlock));
  if (soc_.vectorPerCube != kCoreCount - 1)
    fail(fmt::format("SoC '{}' has {} AIVs for each AIC; the simulator runs {}", soc_.name,
                     soc_.vectorPerCube, kCoreCount - 1));
  if (soc_.cubeCores < 1 || soc_.clockHz <= 0 || soc_.fftsCounterMax < 1)
    fail(fmt::format("SoC '{}' has no cores, clock or FFTS counter", soc_.name));
  code.cubeCores = soc_.cubeCores;
  code.clockHz = soc_.clockHz;
  code.launchSeconds = soc_.launchSeconds;
  code.issue = toTicks(soc_.scalarIssueCycles);
  code.eventFlag = toTicks(soc_.eventFlagCycles);
  code.crossCoreFlag = toTicks(soc_.crossCoreFlagCycles);
  code.transferLatency = soc_.transferLatencyCycles;
  code.sharing = soc_.gmSharing;
  code.l2Bytes = soc_.l2Bytes;
  code.hbmBytesPerCycle = soc_.clockHz > 0 ? soc_.hbmBytesPerSecond / soc_.clockHz : 0;
  code.eventIds = soc_.eventIdsPerPipePair;
  code.fftsCounterMax = soc_.fftsCounterMax;
  code.fftsNames.resize(static_cast<std::size_t>(std::max(soc_.fftsFlags, 0)));
}

void Compiler::addFifos() {
  for (const program::FifoInfo& info : program_.fifos) {
    if (info.slots < 1 || info.syncPeriod < 1)
      fail(fmt::format("FIFO '{}' has {} slots and sync period {}; expected at least 1", info.name,
                       info.slots, info.syncPeriod));
    if (info.flagBase < 0 || info.flagBase + 1 >= soc_.fftsFlags) {
      fail(fmt::format("FIFO '{}' takes FFTS flags {} and {}; the core has 0 to {}", info.name,
                       info.flagBase, info.flagBase + 1, soc_.fftsFlags - 1));
      return;
    }
    code_->ringBytes += info.slotBytes * info.slots;
    code_->fifos.push_back({info.name, info.producer,
                            FifoShape{info.slots, info.syncPeriod,
                                      info.freePeriod > 0 ? info.freePeriod : info.syncPeriod},
                            info.flagBase, info.flagBase + 1});
    for (const int flag : {info.flagBase, info.flagBase + 1}) {
      std::string& named = code_->fftsNames[static_cast<std::size_t>(flag)];
      if (!named.empty())
        fail(fmt::format("FFTS flag {} is both '{}' and a flag of FIFO '{}'", flag, named,
                         info.name));
      named = fmt::format("{} of {}", flag == info.flagBase ? "data" : "free slot", info.name);
    }
  }
}

std::int32_t Compiler::use(ExprId id) {
  if (id < 0)
    return Values::kNoSlot;
  if (const std::string wrong = scopes_->use(id); !wrong.empty())
    fail(wrong);
  return Values::slot(id);
}

std::int32_t Compiler::select(ExprId id) {
  if (id >= 0)
    selecting_.push_back(id);
  return use(id);
}

std::int32_t Compiler::require(ExprId id, const char* what) {
  if (id < 0)
    fail(fmt::format("no expression for {}", what));
  return select(id);
}

std::int32_t Compiler::stageIndex(const std::string& stage) {
  std::vector<std::string>& stages = code_->stages;
  const auto found = std::find(stages.begin(), stages.end(), stage);
  if (found != stages.end())
    return static_cast<std::int32_t>(found - stages.begin());
  stages.push_back(stage);
  return static_cast<std::int32_t>(stages.size()) - 1;
}

std::int32_t Compiler::emit(const Step& step, const Note& note) {
  out_->steps.push_back(step);
  out_->notes.push_back(note);
  return static_cast<std::int32_t>(out_->steps.size()) - 1;
}

void Compiler::addLoop(const Loop& loop) {
  const auto index = static_cast<std::int32_t>(out_->loops.size());
  if (loop.variable < 0 || loop.variable >= program_.variables)
    fail(fmt::format("loop '{}' runs variable {} of {}", loop.name, loop.variable,
                     program_.variables));
  if (scopes_->inScope(loop.variable))
    fail(fmt::format("loop '{}' runs variable {} of a loop around it", loop.name, loop.variable));

  LoopCode code;
  code.variable = loop.variable;
  code.name = loop.name;
  code.lower = require(loop.lower, "a loop's lower bound");
  code.upper = require(loop.upper, "a loop's upper bound");
  code.step = require(loop.step, "a loop's step");
  Step begin;
  begin.kind = StepKind::loopBegin;
  begin.index = index;
  code.body = emit(begin, {}) + 1;
  out_->loops.push_back(std::move(code));

  const std::size_t selecting = selecting_.size();
  const std::size_t labels = labels_.size();
  scopes_->enter(index);
  addBody(loop.body);
  scopes_->leave();
  if (!error_)
    out_->loops[static_cast<std::size_t>(index)].period =
        periodOf(program_.exprs, loop.variable, std::span(selecting_).subspan(selecting),
                 std::span(labels_).subspan(labels));

  begin.kind = StepKind::loopEnd;
  out_->loops[static_cast<std::size_t>(index)].behind = emit(begin, {}) + 1;
}

void Compiler::addBody(const Body& body) {
  for (const program::Node& node : body) {
    if (error_)
      return;
    if (const auto* instr = std::get_if<Instr>(&node))
      addInstr(*instr);
    else
      addLoop(*std::get<std::unique_ptr<Loop>>(node));
  }
}

void Compiler::addInstr(const Instr& instr) {
  Step step;
  Note note;
  step.instr = instrs_++;
  where_ = fmt::format(", {} body, instruction {}{}{}", name(core_), step.instr,
                       instr.stage.empty() ? "" : " of ", instr.stage);
  step.tile = use(instr.tile);
  if (instr.tile >= 0)
    labels_.push_back(instr.tile);
  step.pipe = instr.pipe;
  note.stage = stageIndex(instr.stage);
  switch (instr.kind) {
  case InstrKind::op:
    addOp(instr, step, note);
    break;
  case InstrKind::setFlag:
  case InstrKind::waitFlag:
    addFlag(instr, step);
    break;
  case InstrKind::barrier:
    step.kind = StepKind::barrier;
    break;
  default:
    addFifo(instr, step);
    break;
  }
  emit(step, note);
  where_.clear();
}

void Compiler::addOp(const Instr& instr, Step& step, Note& note) {
  const OpShape& shape = instr.shape;
  note.op = shape.op;
  if (instr.pipe != pipeOf(shape))
    fail(fmt::format("{} stands on {}; expected {}", name(shape.op), name(instr.pipe),
                     name(pipeOf(shape))));
  const bool moves = shape.op == Op::tload || shape.op == Op::tstore;
  if ((moves || shape.op == Op::textract) && soc_.bandwidth(shape.from, shape.to) <= 0)
    fail(fmt::format("{} moves {} to {}; SoC '{}' has no such path", name(shape.op),
                     name(shape.from), name(shape.to), soc_.name));
  note.cycles = cycles(soc_, shape);
  note.gm = moves && (shape.from == Memory::gm || shape.to == Memory::gm);
  note.stores = note.gm && shape.to == Memory::gm;
  note.bytes = note.gm ? shape.rows * shape.cols * shape.bytes : 0;
  addShared(instr.view);
  if (instr.phase != Phase::none)
    addPhase(instr, step);
  if (reads_ == Reads::operands)
    useOperands(instr);
}

// A row of K or of V belongs to one key.
void Compiler::addShared(const program::ViewRef& view) {
  if (!view.valid() || (view.tensor != program::Tensor::k && view.tensor != program::Tensor::v))
    return;
  std::int64_t& bytes = rowBytes_[view.tensor == program::Tensor::k ? 0 : 1];
  bytes = std::max(bytes, std::max(view.rowStride, view.colStride) * bytesOf(view.dtype));
  code_->sharedBytesPerKey = rowBytes_[0] + rowBytes_[1];
}

void Compiler::useOperands(const Instr& instr) {
  for (const ExprId id :
       {instr.dst.copy, instr.src[0].copy, instr.src[1].copy, instr.src[2].copy, instr.scratch.copy,
        instr.view.rowOffset, instr.view.colOffset, instr.row, instr.col})
    use(id);
}

void Compiler::addPhase(const Instr& instr, Step& step) {
  const bool stores = instr.shape.op == Op::tstore;
  if (!stores && instr.shape.op != Op::tmatmul && instr.shape.op != Op::tmatmulAcc)
    fail(fmt::format("{} has a phase; expected a matmul or a store", name(instr.shape.op)));
  const program::TileRef& tile = stores ? instr.src[0] : instr.dst;
  if (tile.buffer < 0 || static_cast<std::size_t>(tile.buffer) >= program_.buffers.size()) {
    fail(fmt::format("{} has a phase but no accumulator", name(instr.shape.op)));
    return;
  }
  const program::BufferInfo& buffer = program_.buffers[static_cast<std::size_t>(tile.buffer)];
  if (buffer.copies < 1)
    fail(fmt::format("accumulator '{}' has {} copies", buffer.name, buffer.copies));
  const auto [entry, added] =
      accumulatorOf_.try_emplace(tile.buffer, static_cast<std::int32_t>(out_->accumulators.size()));
  if (added) {
    out_->accumulators.push_back({buffer.name, out_->accumulatorCount, buffer.copies});
    out_->accumulatorCount += buffer.copies;
  }
  step.kind = stores ? StepKind::store : StepKind::matmul;
  step.last = instr.phase == Phase::final;
  step.index = out_->accumulators[static_cast<std::size_t>(entry->second)].first;
  step.range = buffer.copies;
  step.value = select(tile.copy); // no slot: copy 0
}

void Compiler::addFlag(const Instr& instr, Step& step) {
  const bool sets = instr.kind == InstrKind::setFlag;
  std::vector<FlagPair>& pairs = out_->pairs;
  const auto found = std::find_if(pairs.begin(), pairs.end(), [&](const FlagPair& pair) {
    return pair.source == instr.source && pair.target == instr.target;
  });
  const auto pair = static_cast<std::int32_t>(found - pairs.begin());
  if (found == pairs.end())
    pairs.push_back({instr.source, instr.target});
  step.kind = sets ? StepKind::setFlag : StepKind::waitFlag;
  step.pipe = sets ? instr.source : instr.target;
  step.index = pair * code_->eventIds;
  step.range = code_->eventIds;
  step.value = require(instr.event, "the event id");
}

void Compiler::signalledBy(std::int32_t flag, Pipe pipe) {
  const auto [entry, added] = signalling_.try_emplace(flag, core_, pipe);
  if (!added && entry->second != std::pair(core_, pipe))
    fail(fmt::format("FFTS flag {} is signalled on {} and on {}; expected one pipe, whose order is "
                     "the order of its signals",
                     flag, name(entry->second.second), name(pipe)));
}

void Compiler::addFifo(const Instr& instr, Step& step) {
  if (instr.fifo < 0 || static_cast<std::size_t>(instr.fifo) >= code_->fifos.size()) {
    fail(fmt::format("there is no FIFO {}", instr.fifo));
    return;
  }
  const FifoCode& fifo = code_->fifos[static_cast<std::size_t>(instr.fifo)];
  const bool produces = fifo.producer == core_;
  const auto side = [&](bool producer, const char* what) {
    if (produces != producer)
      fail(fmt::format("{} of FIFO '{}' on its {}", what, fifo.name,
                       produces ? "producer" : "consumer"));
  };
  step.index = instr.fifo;
  switch (instr.kind) {
  case InstrKind::open:
    step.kind = StepKind::open;
    step.pipe = Pipe::s;
    break;
  case InstrKind::close:
    step.kind = StepKind::close;
    step.pipe = Pipe::s;
    step.flag = fifo.freeFlag;
    break;
  case InstrKind::talloc:
    side(true, "TALLOC");
    step.kind = StepKind::talloc;
    step.pipe = Pipe::s;
    step.flag = fifo.freeFlag;
    break;
  case InstrKind::tpush:
    side(true, "TPUSH");
    step.kind = StepKind::tpush;
    step.flag = fifo.readyFlag;
    signalledBy(step.flag, step.pipe);
    break;
  case InstrKind::tpop:
    side(false, "TPOP");
    step.kind = StepKind::tpop;
    step.pipe = Pipe::s;
    step.flag = fifo.readyFlag;
    break;
  default:
    side(false, "TFREE");
    step.kind = StepKind::tfree;
    step.flag = fifo.freeFlag;
    signalledBy(step.flag, step.pipe);
    break;
  }
}

Result<std::shared_ptr<const Code>> Compiler::run() {
  checkExprs();
  addProfile();
  if (reads_ == Reads::operands)
    if (const std::string wrong = objectionToPlaces(program_, soc_); !wrong.empty())
      fail(wrong);
  if (!error_)
    addFifos();
  for (const Core core : {Core::cube, Core::vector}) {
    if (error_)
      break;
    core_ = core;
    out_ = &code_->cores[core == Core::cube ? 0 : 1];
    instrs_ = 0;
    scopes_.emplace(program_.exprs, out_->loops);
    accumulatorOf_.clear();
    addBody(core == Core::cube ? program_.cube : program_.vector);
    scopes_->finish();
  }
  if (error_)
    return *error_;
  code_->uneven = hasUnevenBlocks(*code_);
  if (program_.next) {
    Result<std::shared_ptr<const Code>> next = compile(*program_.next, soc_, reads_);
    if (!next)
      return next.error();
    code_->next = *next;
  }
  return std::shared_ptr<const Code>(code_);
}

} // namespace

Result<std::shared_ptr<const Code>> compile(const Program& program, const SocProfile& soc,
                                            Reads reads) {
  return Compiler(program, soc, reads).run();
}

} // namespace ptotune::sim
