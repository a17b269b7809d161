#include "codegen/program/Program.h"

#include <fmt/format.h>

#include <iterator>

namespace ptotune::program {
namespace {

const char* name(DType dtype) {
  return dtype == DType::f16 ? "f16" : "f32";
}

const char* name(Layout layout) {
  switch (layout) {
  case Layout::rowMajor:
    return "nd";
  case Layout::colMajor:
    return "dn";
  case Layout::nz:
    return "nz";
  case Layout::zn:
    return "zn";
  case Layout::zz:
    return "zz";
  }
  return "?";
}

const char* name(InstrKind kind) {
  switch (kind) {
  case InstrKind::op:
    return "op";
  case InstrKind::setFlag:
    return "set";
  case InstrKind::waitFlag:
    return "wait";
  case InstrKind::barrier:
    return "barrier";
  case InstrKind::open:
    return "open";
  case InstrKind::close:
    return "close";
  case InstrKind::talloc:
    return "talloc";
  case InstrKind::tpush:
    return "tpush";
  case InstrKind::tpop:
    return "tpop";
  case InstrKind::tfree:
    return "tfree";
  }
  return "?";
}

// How tightly an expression's operator binds; operands that bind less get parentheses.
int precedence(ExprKind kind) {
  switch (kind) {
  case ExprKind::add:
  case ExprKind::sub:
    return 1;
  case ExprKind::mul:
  case ExprKind::div:
  case ExprKind::rem:
    return 2;
  default:
    return 3;
  }
}

class Printer {
public:
  explicit Printer(const Program& program) : program_(program) {}

  std::string print() {
    line("program {}: blocks of {} rows{}", program_.name, program_.rowsPerBlock,
         program_.unitsPerBlock == 1 ? ""
                                     : fmt::format(", {} work units each", program_.unitsPerBlock));
    buffers();
    fifos();
    core("cube", program_.cube);
    core("vector", program_.vector);
    if (program_.next)
      text_ += Printer(*program_.next).print();
    return std::move(text_);
  }

private:
  template <typename... Args> void line(fmt::format_string<Args...> format, Args&&... args) {
    text_.append(indent_ * 2, ' ');
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_.push_back('\n');
  }

  std::string expr(ExprId id) const {
    if (id < 0)
      return "0";
    const Expr& e = program_.exprs[static_cast<std::size_t>(id)];
    switch (e.kind) {
    case ExprKind::constant:
      return std::to_string(e.value);
    case ExprKind::s0:
      return "s0";
    case ExprKind::s1:
      return "s1";
    case ExprKind::blockIdx:
      return "block_idx";
    case ExprKind::blockNum:
      return "block_num";
    case ExprKind::subblockIdx:
      return "subblock_idx";
    case ExprKind::variable:
      return fmt::format("i{}", e.value);
    case ExprKind::min:
      return fmt::format("min({}, {})", expr(e.lhs), expr(e.rhs));
    case ExprKind::max:
      return fmt::format("max({}, {})", expr(e.lhs), expr(e.rhs));
    case ExprKind::add:
      return binary(e, "+");
    case ExprKind::sub:
      return binary(e, "-");
    case ExprKind::mul:
      return binary(e, "*");
    case ExprKind::div:
      return binary(e, "/");
    case ExprKind::rem:
      return binary(e, "%");
    }
    return "?";
  }

  std::string operand(ExprId id, int least) const {
    const int own = precedence(program_.exprs[static_cast<std::size_t>(id)].kind);
    return own < least ? '(' + expr(id) + ')' : expr(id);
  }

  std::string binary(const Expr& e, const char* sign) const {
    const int own = precedence(e.kind);
    return fmt::format("{} {} {}", operand(e.lhs, own), sign, operand(e.rhs, own + 1));
  }

  // "k_l1[i1 % 2]+0x80 128x128 f16 zn"
  std::string tile(const TileRef& t) const {
    const BufferInfo& buffer = program_.buffers[static_cast<std::size_t>(t.buffer)];
    std::string text = buffer.name;
    if (buffer.copies > 1)
      text += '[' + expr(t.copy) + ']';
    if (t.byteOffset != 0)
      text += fmt::format("+{:#x}", t.byteOffset);
    return text + fmt::format(" {}x{} {} {}", t.rows, t.cols, name(t.dtype), name(t.layout));
  }

  // "q[i0 * 128, 0] 128x128 f16"
  std::string view(const ViewRef& v) const {
    const std::string base = v.tensor == Tensor::none
                                 ? program_.fifos[static_cast<std::size_t>(v.fifo)].name + ".entry"
                                 : name(v.tensor);
    return fmt::format("{}[{}, {}] {}x{} {}{}", base, expr(v.rowOffset), expr(v.colOffset), v.rows,
                       v.cols, name(v.dtype), v.rowStride == 1 ? " dn" : "");
  }

  std::string operands(const Instr& instr) const {
    std::string text;
    const auto add = [&text](const std::string& operand) {
      text += (text.empty() ? "" : ", ") + operand;
    };
    for (const TileRef& source : instr.src)
      if (source.buffer >= 0)
        add(tile(source));
    if (instr.shape.op == ptotune::Op::tload)
      add(view(instr.view));
    if (instr.shape.op == ptotune::Op::ttri)
      add(fmt::format("diagonal {}", expr(instr.row)));
    if (instr.shape.op == ptotune::Op::textract)
      add(fmt::format("at [{}, {}]", expr(instr.row), expr(instr.col)));
    if (instr.shape.op == ptotune::Op::tmuls || instr.shape.op == ptotune::Op::tadds ||
        instr.shape.op == ptotune::Op::texpands)
      add(fmt::format("{:g}", instr.scalar));
    if (instr.scratch.buffer >= 0)
      add("tmp " + tile(instr.scratch));
    return text;
  }

  void op(const Instr& instr, const std::string& lead) {
    const std::string result = instr.dst.buffer >= 0 ? tile(instr.dst) : view(instr.view);
    const char* phase = instr.phase == Phase::partial ? " partial"
                        : instr.phase == Phase::final ? " final"
                                                      : "";
    const char* rounding = instr.rounding == Rounding::tiesAway ? " ties away" : "";
    line("{}{}{}{}  {} <- {}", lead, ptotune::name(instr.shape.op), phase, rounding, result,
         operands(instr));
  }

  void print(const Instr& instr) {
    std::string lead = fmt::format("{:<10}", ptotune::name(instr.pipe));
    if (!instr.stage.empty())
      lead += fmt::format("{:<12}", instr.stage);
    switch (instr.kind) {
    case InstrKind::op:
      return op(instr, lead);
    case InstrKind::setFlag:
    case InstrKind::waitFlag:
      return line("{}{} {} -> {} #{}", lead, name(instr.kind), ptotune::name(instr.source),
                  ptotune::name(instr.target), expr(instr.event));
    case InstrKind::barrier:
      return line("{}barrier", lead);
    default:
      return line("{}{} {}", lead, name(instr.kind),
                  program_.fifos[static_cast<std::size_t>(instr.fifo)].name);
    }
  }

  void print(const Body& body) {
    ++indent_;
    for (const Node& node : body) {
      if (const auto* instr = std::get_if<Instr>(&node)) {
        print(*instr);
        continue;
      }
      const Loop& loop = *std::get<std::unique_ptr<Loop>>(node);
      line("for i{} = {} to {} step {}  // {}", loop.variable, expr(loop.lower), expr(loop.upper),
           expr(loop.step), loop.name);
      print(loop.body);
    }
    --indent_;
  }

  void core(const char* title, const Body& body) {
    line("{}: {} instructions", title, instructionCount(body));
    print(body);
  }

  void buffers() {
    line("buffers");
    ++indent_;
    for (const BufferInfo& b : program_.buffers)
      line("{:<12}{:<4}{:#09x}  {} x {} B, stride {}", b.name, ptotune::name(b.memory), b.address,
           b.copies, b.bytes, b.stride);
    --indent_;
  }

  void fifos() {
    line("fifos");
    ++indent_;
    for (const FifoInfo& f : program_.fifos)
      line(
          "{:<4}{}, {} slots x {} B, sync period {}, local slots {}{}, unit flag {}{}, flags {}-{}",
          f.name, f.producer == Core::cube ? "cube -> vec" : "vec -> cube", f.slots, f.slotBytes,
          f.syncPeriod, f.localSlots, f.popsTiles ? "" : " (not read)", f.unitFlag ? 1 : 0,
          f.pushesAccTiles ? "" : " (not read)", f.flagBase, f.flagBase + 1);
    --indent_;
  }

  const Program& program_;
  std::string text_;
  std::size_t indent_ = 0;
};

} // namespace

std::string print(const Program& program) {
  return Printer(program).print();
}

} // namespace ptotune::program
