#include "codegen/emit/PtoText.h"

#include "codegen/dialect/PtoDialect.h"
#include "codegen/emit/Emit.h"

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/ADT/StringSet.h>
#include <mlir/IR/AsmState.h>
#include <mlir/IR/OwningOpRef.h>

#include <deque>

namespace ptotune::emit {

using namespace mlir;
using namespace mlir::pto;

namespace {

bool isNameChar(char c) {
  return llvm::isAlnum(c) || c == '_';
}

// Names of a function's values: those that MLIR numbers (%arg3, %5) get the name of their NameLoc.
// MLIR uses a number again in a scope beside the first, so a name holds from the line that defines
// it to the next that does.
class ValueNames {
public:
  ValueNames(func::FuncOp function, AsmState& state) : state_(state) {
    forEachValue(function, [&](Value value, Location) { taken_.insert(printed(value)); });
    forEachValue(function, [&](Value value, Location loc) {
      const std::string old = printed(value);
      definitions_[old].push_back(nameOf(old, loc));
    });
    for (const Value argument : function.getArguments())
      define(printed(argument));
  }

  // A line with its %names replaced.
  std::string apply(StringRef line) {
    if (const StringRef defined = definedBy(line); !defined.empty())
      define(defined);
    std::string result;
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t percent = line.find('%', at);
      result += line.slice(at, percent).str();
      if (percent == StringRef::npos)
        break;
      const StringRef name = nameAt(line, percent);
      const auto found = current_.find(name);
      result += found == current_.end() ? name.str() : found->second;
      at = percent + name.size();
    }
    return result;
  }

private:
  // In the order of the text.
  template <typename Visit> static void forEachValue(func::FuncOp function, Visit&& visit) {
    function.walk<WalkOrder::PreOrder>([&](Operation* op) {
      for (const Value result : op->getResults())
        visit(result, op->getLoc());
      for (Region& region : op->getRegions())
        for (const Value argument : region.getArguments())
          visit(argument, argument.getLoc());
    });
  }

  std::string printed(Value value) const {
    std::string text;
    llvm::raw_string_ostream stream(text);
    value.printAsOperand(stream, state_);
    return text;
  }

  static StringRef nameAt(StringRef line, std::size_t percent) {
    std::size_t end = percent + 1;
    while (end < line.size() && isNameChar(line[end]))
      ++end;
    return line.slice(percent, end);
  }

  // `%x = ...` and `scf.for %x = ...` define %x.
  static StringRef definedBy(StringRef line) {
    line.consume_front("scf.for ");
    if (!line.starts_with("%"))
      return "";
    const StringRef name = nameAt(line, 0);
    return line.drop_front(name.size()).starts_with(" = ") ? name : "";
  }

  std::string nameOf(const std::string& old, Location loc) {
    auto wanted = loc->findInstanceOf<NameLoc>();
    const bool numbered = llvm::isDigit(old[1]) || StringRef(old).starts_with("%arg");
    if (!wanted || !numbered || !llvm::all_of(wanted.getName().getValue(), isNameChar))
      return old;
    const std::string base = "%" + wanted.getName().str();
    std::string& name = given_[old + base];
    if (!name.empty())
      return name;
    name = base;
    for (int next = 2; !taken_.insert(name).second; ++next)
      name = fmt::format("{}_{}", base, next);
    return name;
  }

  void define(StringRef old) {
    const auto found = definitions_.find(old);
    if (found == definitions_.end() || found->second.empty())
      return;
    current_[old] = std::move(found->second.front());
    found->second.pop_front();
  }

  AsmState& state_;
  llvm::StringSet<> taken_;
  llvm::StringMap<std::string> given_;                   // by printed and wanted name
  llvm::StringMap<std::deque<std::string>> definitions_; // by printed name, in order
  llvm::StringMap<std::string> current_;                 // by printed name
};

// `pto.stage "QK" tile %t part 1` as "QK of tile %t, part 1".
std::string stageText(StringRef line) {
  const auto [words, operands] = line.split('"').second.rsplit('"');
  std::string text = words.str();
  llvm::SmallVector<StringRef> tokens;
  llvm::SplitString(operands, tokens);
  for (std::size_t i = 0; i + 1 < tokens.size(); i += 2)
    text += (tokens[i] == "tile" ? " of tile " : ", part ") + tokens[i + 1].str();
  return text;
}

void printFunction(func::FuncOp function, AsmState& state, bool stagesAsComments,
                   std::string& out) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  function->print(stream, state);
  ValueNames names(function, state);
  llvm::SmallVector<StringRef> lines;
  StringRef(text).split(lines, '\n');
  for (const StringRef line : lines) {
    const StringRef words = line.ltrim();
    const std::string indent(line.size() - words.size() + 2, ' ');
    const bool isStage = stagesAsComments && words.starts_with("pto.stage ");
    out += words.empty() ? "\n"
                         : indent + (isStage ? "// " : "") +
                               names.apply(isStage ? stageText(words) : words.str()) + "\n";
  }
}

} // namespace

std::string printPto(ModuleOp module, Ptoas version) {
  AsmState state(module);
  std::string out = version == Ptoas::none
                        ? "// Written by pto-tune, for itself: upstream's assembler does not read "
                          "all of it.\n"
                        : fmt::format("// Written by pto-tune for the PTO assembler {}. It places "
                                      "tiles and inserts\n// flags itself.\n",
                                      ptotune::name(version));
  std::string head = "module";
  if (!module->getDiscardableAttrs().empty()) {
    llvm::raw_string_ostream stream(head);
    stream << " attributes " << module->getDiscardableAttrDictionary();
  }
  out += head + " {\n";
  for (auto function : module.getOps<func::FuncOp>())
    printFunction(function, state, version != Ptoas::none, out);
  return out + "}\n";
}

FailureOr<std::string> emitPto(ModuleOp module, Ptoas version) {
  const OwningOpRef<ModuleOp> copy(module.clone());
  if (failed(adaptToPtoas(*copy, version)))
    return failure();
  return printPto(*copy, version);
}

} // namespace ptotune::emit
