#include "codegen/program/Serial.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <iterator>
#include <limits>
#include <system_error>
#include <type_traits>
#include <utility>

namespace ptotune::program {
namespace {

template <typename T, typename Of>
concept Either = std::same_as<std::remove_const_t<T>, Of>; // const to be written, or not to be read

// The last enumerator of each enumeration that a program has.
constexpr auto lastOf(ExprKind) {
  return ExprKind::max;
}
constexpr auto lastOf(Memory) {
  return Memory::l0c;
}
constexpr auto lastOf(DType) {
  return DType::f32;
}
constexpr auto lastOf(Layout) {
  return Layout::zz;
}
constexpr auto lastOf(Tensor) {
  return Tensor::c;
}
constexpr auto lastOf(Core) {
  return Core::vector;
}
constexpr auto lastOf(Pipe) {
  return Pipe::fix;
}
constexpr auto lastOf(Op) {
  return Op::trowexpanddiv;
}
constexpr auto lastOf(InstrKind) {
  return InstrKind::tfree;
}
constexpr auto lastOf(Phase) {
  return Phase::final;
}
constexpr auto lastOf(Rounding) {
  return Rounding::tiesAway;
}

// Goes through a program's fields, the same for both directions. `Stream` has value() for a number,
// an enumerator or a string, and list() and optional() for what holds others.
template <typename Stream> class Visitor {
public:
  void program(Either<Program> auto& all) {
    values(all.name);
    list(all.exprs, [this](auto& one) { this->values(one.kind, one.value, one.lhs, one.rhs); });
    list(all.buffers, [this](auto& one) {
      this->values(one.name, one.memory, one.address, one.stride, one.bytes, one.copies);
    });
    list(all.fifos, [this](auto& one) { this->fifo(one); });
    for (auto& tensor : all.tensors)
      values(tensor.rows, tensor.cols, tensor.dtype);
    values(all.variables, all.rowsPerBlock, all.unitsPerBlock, all.parts);
    body(all.cube);
    body(all.vector);
    self().optional(all.next, [this](auto& next) { this->program(next); });
  }

private:
  Stream& self() { return static_cast<Stream&>(*this); }
  void values(auto&... all) { (self().value(all), ...); }
  void list(auto& all, const auto& visit) { self().list(all, visit); }

  void fifo(Either<FifoInfo> auto& one) {
    values(one.name, one.producer, one.flagBase, one.slotBytes, one.slots, one.syncPeriod,
           one.freePeriod, one.localSlots, one.unitFlag, one.splitRows, one.popsTiles,
           one.pushesAccTiles);
  }
  void tile(Either<TileRef> auto& one) {
    values(one.buffer, one.copy, one.byteOffset, one.rows, one.cols, one.leadingDim, one.dtype,
           one.layout);
  }
  void view(Either<ViewRef> auto& one) {
    values(one.tensor, one.fifo, one.rowOffset, one.colOffset, one.rows, one.cols, one.rowStride,
           one.colStride, one.dtype);
  }
  void shape(Either<OpShape> auto& one) {
    values(one.op, one.from, one.to, one.rows, one.cols, one.depth, one.bytes);
  }
  void instr(Either<Instr> auto& one) {
    values(one.kind, one.pipe);
    shape(one.shape);
    tile(one.dst);
    for (auto& source : one.src)
      tile(source);
    tile(one.scratch);
    view(one.view);
    values(one.scalar, one.row, one.col, one.phase, one.rounding, one.source, one.target, one.event,
           one.fifo, one.stage, one.tile);
  }
  // NOLINTNEXTLINE(misc-no-recursion): as deep as the loops of a kernel
  void body(Either<Body> auto& nodes) {
    list(nodes, [this](auto& node) { this->self().node(node); });
  }

protected:
  void instrOf(Either<Instr> auto& one) { instr(one); }
  // NOLINTNEXTLINE(misc-no-recursion)
  void loopOf(Either<Loop> auto& one) {
    values(one.variable, one.lower, one.upper, one.step, one.name);
    body(one.body);
  }
};

class Writer : public Visitor<Writer> {
public:
  std::string take() { return std::move(text_); }

  void value(bool flag) { put(flag ? 1 : 0); }
  void value(std::integral auto number) { put(number); }
  void value(std::floating_point auto number) { put(number); }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void value(Enum one) {
    put(static_cast<int>(one));
  }
  void value(const std::string& text) { put(fmt::format("{}:{}", text.size(), text)); }

  void list(const auto& all, const auto& visit) {
    put(all.size());
    for (const auto& one : all)
      visit(one);
  }
  void optional(const auto& held, const auto& visit) {
    value(held != nullptr);
    if (held != nullptr)
      visit(std::as_const(*held));
  }
  // NOLINTNEXTLINE(misc-no-recursion)
  void node(const Node& one) {
    const auto* loop = std::get_if<std::unique_ptr<Loop>>(&one);
    value(loop != nullptr);
    if (loop != nullptr)
      loopOf(std::as_const(**loop));
    else
      instrOf(std::get<Instr>(one));
  }

private:
  void put(const auto& one) {
    if (!text_.empty())
      text_ += ' ';
    fmt::format_to(std::back_inserter(text_), "{}", one);
  }

  std::string text_;
};

class Reader : public Visitor<Reader> {
public:
  explicit Reader(std::string_view text) : text_(text), rest_(text) {}

  // "" where the text was read well and to its end.
  std::string fault() const {
    if (!fault_.empty() || rest_.empty())
      return fault_;
    return fmt::format("it goes on at byte {}", place());
  }

  void value(bool& flag) { flag = number<int>(0, 1) != 0; }
  template <std::integral Number> void value(Number& one) {
    one = number<Number>(std::numeric_limits<Number>::min(), std::numeric_limits<Number>::max());
  }
  void value(double& one) {
    const std::string_view word = next();
    parse(word, one);
    skip(word.size());
  }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void value(Enum& one) {
    one = static_cast<Enum>(number<int>(0, static_cast<int>(lastOf(Enum{}))));
  }
  void value(std::string& text) {
    const std::string_view digits = rest_.substr(0, std::min(rest_.find(':'), rest_.size()));
    std::size_t size = 0;
    parse(digits, size);
    skip(digits.size());
    if (size > rest_.size())
      return fail("a whole string");
    text = rest_.substr(0, size);
    skip(size);
  }

  template <typename One> void list(std::vector<One>& all, const auto& visit) {
    const auto size = number<std::size_t>(0, rest_.size()); // an element takes at least a digit
    for (std::size_t i = 0; i < size && !failed(); ++i)
      visit(all.emplace_back());
  }
  template <typename Held> void optional(std::unique_ptr<Held>& held, const auto& visit) {
    bool there = false;
    value(there);
    if (!there || failed())
      return;
    held = std::make_unique<Held>();
    visit(*held);
  }
  // NOLINTNEXTLINE(misc-no-recursion)
  void node(Node& one) {
    bool loop = false;
    value(loop);
    if (failed())
      return;
    if (loop)
      loopOf(*one.emplace<std::unique_ptr<Loop>>(std::make_unique<Loop>()));
    else
      instrOf(one.emplace<Instr>());
  }

private:
  bool failed() const { return !fault_.empty(); }
  std::size_t place() const { return text_.size() - rest_.size(); }
  void fail(const char* expected) {
    if (fault_.empty())
      fault_ = fmt::format("byte {}: expected {}", place(), expected);
    rest_ = {};
  }

  std::string_view next() const { return rest_.substr(0, std::min(rest_.find(' '), rest_.size())); }
  // Goes on behind so many bytes and what separates them from the next ones.
  void skip(std::size_t size) { rest_.remove_prefix(std::min(rest_.size(), size + 1)); }
  void parse(std::string_view word, auto& one) {
    const char* end = word.data() + word.size();
    const auto [at, failure] = std::from_chars(word.data(), end, one);
    if (failure != std::errc() || at != end)
      fail("a number");
  }
  template <typename Number> Number number(Number least, Number most) {
    const std::string_view word = next();
    Number one{};
    parse(word, one);
    if (!failed() && (one < least || one > most))
      fail("another number");
    skip(word.size());
    return failed() ? least : one;
  }

  std::string_view text_;
  std::string_view rest_;
  std::string fault_;
};

} // namespace

std::string serialize(const Program& program) {
  Writer writer;
  writer.program(program);
  return writer.take();
}

Result<Program> deserialize(std::string_view text) {
  Program program;
  Reader reader(text);
  reader.program(program);
  if (const std::string fault = reader.fault(); !fault.empty())
    return Error{.message = "a program's text is not understood: " + fault};
  return program;
}

} // namespace ptotune::program
