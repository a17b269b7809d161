// From a Program to its flat form. What the simulator relies on is checked here, once.
#include "runners/sim/Compiler.h"
#include "runners/sim/Periods.h"
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
using program::Loop;
using program::Program;

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

Result<std::shared_ptr<const Code>> compile(const Program& program, const SocProfile& soc,
                                            Reads reads) {
  return Compiler(program, soc, reads).run();
}

} // namespace ptotune::sim
