// Operation classes, and the pieces of their text form that TableGen cannot say.
#include "codegen/dialect/PtoDialect.h"

#include <mlir/IR/Builders.h>

namespace mlir::pto {
namespace {

//===-- Directives of assembly formats ------------------------------------===//

// After `:` of make_tensor_view: only the view's type is written.
ParseResult parseViewAndPointer(OpAsmParser& parser, Type& pointer, Type& view) {
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseType(view))
    return failure();
  auto type = dyn_cast<TensorViewType>(view);
  if (!type)
    return parser.emitError(loc, "expected !pto.tensor_view, got ") << view;
  pointer = PtrType::get(type.getElementType());
  return success();
}
void printViewAndPointer(OpAsmPrinter& printer, Operation*, Type, Type view) {
  printer << view;
}

// `, TYPE` where a scratch tile stands.
ParseResult parseTmpType(OpAsmParser& parser, Type& type) {
  if (failed(parser.parseOptionalComma()))
    return success();
  return parser.parseType(type);
}
void printTmpType(OpAsmPrinter& printer, Operation*, Type type) {
  if (type)
    printer << ", " << type;
}

ParseResult parseInteger(OpAsmParser& parser, IntegerAttr& attribute) {
  int64_t value = 0;
  if (parser.parseInteger(value))
    return failure();
  attribute = parser.getBuilder().getI64IntegerAttr(value);
  return success();
}

ParseResult parseBoolean(OpAsmParser& parser, BoolAttr& attribute) {
  bool value = succeeded(parser.parseOptionalKeyword("true"));
  if (!value && parser.parseKeyword("false", " or 'true'"))
    return failure();
  attribute = parser.getBuilder().getBoolAttr(value);
  return success();
}

// `id = 0, ` where it stands: 0 may be left out.
ParseResult parseId(OpAsmParser& parser, IntegerAttr& id) {
  id = parser.getBuilder().getI64IntegerAttr(0);
  if (failed(parser.parseOptionalKeyword("id")))
    return success();
  return failure(parser.parseEqual() || parseInteger(parser, id) || parser.parseComma());
}

ParseResult parseSplit(OpAsmParser& parser, IntegerAttr& split) {
  return failure(parser.parseKeyword("split", " = 0, 1 or 2") || parser.parseEqual() ||
                 parseInteger(parser, split));
}

// `{id = 0, split = 1}`, in this order.
ParseResult parseIdSplit(OpAsmParser& parser, IntegerAttr& id, IntegerAttr& split) {
  return failure(parser.parseLBrace() || parseId(parser, id) || parseSplit(parser, split) ||
                 parser.parseRBrace());
}
void printIdSplit(OpAsmPrinter& printer, Operation*, IntegerAttr id, IntegerAttr split) {
  printer << "{id = " << id.getInt() << ", split = " << split.getInt() << "}";
}

// `{split = 1}`.
ParseResult parseSplitOnly(OpAsmParser& parser, IntegerAttr& split) {
  return failure(parser.parseLBrace() || parseSplit(parser, split) || parser.parseRBrace());
}
void printSplitOnly(OpAsmPrinter& printer, Operation*, IntegerAttr split) {
  printer << "{split = " << split.getInt() << "}";
}

// What a tile's push or pop says of its slot: two booleans by name, with true as default.
struct PartKeys {
  StringRef first;
  StringRef last;
};
constexpr PartKeys kPushKeys = {"allocate", "record"};
constexpr PartKeys kPopKeys = {"wait", "free"};

// `, entry_offset = B, FIRST = b, LAST = b}` in any order, each at most once, all optional.
ParseResult parsePart(OpAsmParser& parser, const PartKeys& keys, IntegerAttr& offset,
                      BoolAttr& first, BoolAttr& last) {
  while (succeeded(parser.parseOptionalComma())) {
    StringRef name;
    const SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name) || parser.parseEqual())
      return failure();
    const bool isOffset = name == "entry_offset";
    if (!isOffset && name != keys.first && name != keys.last)
      return parser.emitError(loc, "unknown key '")
             << name << "'; expected entry_offset, " << keys.first << " or " << keys.last;
    BoolAttr& flag = name == keys.first ? first : last;
    if (isOffset ? !!offset : !!flag)
      return parser.emitError(loc, "expected key '") << name << "' once";
    if (isOffset ? parseInteger(parser, offset) : parseBoolean(parser, flag))
      return failure();
  }
  Builder& b = parser.getBuilder();
  offset = offset ? offset : b.getI64IntegerAttr(0);
  first = first ? first : b.getBoolAttr(true);
  last = last ? last : b.getBoolAttr(true);
  return parser.parseRBrace();
}
void printPart(OpAsmPrinter& printer, const PartKeys& keys, IntegerAttr offset, BoolAttr first,
               BoolAttr last) {
  if (offset && offset.getInt() != 0)
    printer << ", entry_offset = " << offset.getInt();
  if (first && !first.getValue())
    printer << ", " << keys.first << " = false";
  if (last && !last.getValue())
    printer << ", " << keys.last << " = false";
  printer << "}";
}

// `{id = 0, split = 1, entry_offset = 32768, allocate = false, record = false}`.
ParseResult parsePushKeys(OpAsmParser& parser, IntegerAttr& id, IntegerAttr& split,
                          IntegerAttr& offset, BoolAttr& allocate, BoolAttr& record) {
  return failure(parser.parseLBrace() || parseId(parser, id) || parseSplit(parser, split) ||
                 parsePart(parser, kPushKeys, offset, allocate, record));
}
void printPushKeys(OpAsmPrinter& printer, Operation*, IntegerAttr id, IntegerAttr split,
                   IntegerAttr offset, BoolAttr allocate, BoolAttr record) {
  printer << "{id = " << id.getInt() << ", split = " << split.getInt();
  printPart(printer, kPushKeys, offset, allocate, record);
}
ParseResult parsePopKeys(OpAsmParser& parser, IntegerAttr& id, IntegerAttr& split,
                         IntegerAttr& offset, BoolAttr& wait, BoolAttr& free) {
  return failure(parser.parseLBrace() || parseId(parser, id) || parseSplit(parser, split) ||
                 parsePart(parser, kPopKeys, offset, wait, free));
}
void printPopKeys(OpAsmPrinter& printer, Operation*, IntegerAttr id, IntegerAttr split,
                  IntegerAttr offset, BoolAttr wait, BoolAttr free) {
  printer << "{id = " << id.getInt() << ", split = " << split.getInt();
  printPart(printer, kPopKeys, offset, wait, free);
}

// The same on a handle: `{split = 1, entry_offset = 32768, ...}`.
ParseResult parsePushPart(OpAsmParser& parser, IntegerAttr& split, IntegerAttr& offset,
                          BoolAttr& allocate, BoolAttr& record) {
  return failure(parser.parseLBrace() || parseSplit(parser, split) ||
                 parsePart(parser, kPushKeys, offset, allocate, record));
}
void printPushPart(OpAsmPrinter& printer, Operation*, IntegerAttr split, IntegerAttr offset,
                   BoolAttr allocate, BoolAttr record) {
  printer << "{split = " << split.getInt();
  printPart(printer, kPushKeys, offset, allocate, record);
}
ParseResult parsePopPart(OpAsmParser& parser, IntegerAttr& split, IntegerAttr& offset,
                         BoolAttr& wait, BoolAttr& free) {
  return failure(parser.parseLBrace() || parseSplit(parser, split) ||
                 parsePart(parser, kPopKeys, offset, wait, free));
}
void printPopPart(OpAsmPrinter& printer, Operation*, IntegerAttr split, IntegerAttr offset,
                  BoolAttr wait, BoolAttr free) {
  printer << "{split = " << split.getInt();
  printPart(printer, kPopKeys, offset, wait, free);
}

// `#pto.address_space<vec>`, as upstream writes it in reserve_buffer.
ParseResult parseLocation(OpAsmParser& parser, AddressSpaceAttr& location) {
  return parser.parseAttribute(location);
}
void printLocation(OpAsmPrinter& printer, Operation*, AddressSpaceAttr location) {
  printer.printAttribute(location);
}

//===-- Pipe initialisation -----------------------------------------------===//

enum class KeyKind { integer, boolean };
struct Key {
  StringRef name;
  KeyKind kind;
};
constexpr Key kFrontendKeys[] = {{"id", KeyKind::integer},
                                 {"dir_mask", KeyKind::integer},
                                 {"slot_size", KeyKind::integer},
                                 {"slot_num", KeyKind::integer},
                                 {"local_slot_num", KeyKind::integer},
                                 {"nosplit", KeyKind::boolean},
                                 {"unit_flag", KeyKind::boolean},
                                 {"consumer_sync_period", KeyKind::integer}};
constexpr Key kHandleKeys[] = {
    {"dir_mask", KeyKind::integer},  {"slot_size", KeyKind::integer},
    {"slot_num", KeyKind::integer},  {"local_slot_num", KeyKind::integer},
    {"flag_base", KeyKind::integer}, {"nosplit", KeyKind::boolean},
    {"unit_flag", KeyKind::boolean}};

// `{key = value, ...}` with the keys in any order, each at most once.
ParseResult parseKeys(OpAsmParser& parser, ArrayRef<Key> keys, NamedAttrList& attributes) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Braces, [&]() -> ParseResult {
    StringRef name;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name) || parser.parseEqual())
      return failure();
    const Key* key = llvm::find_if(keys, [&](const Key& known) { return known.name == name; });
    if (key == keys.end()) {
      InFlightDiagnostic diagnostic = parser.emitError(loc, "unknown key '")
                                      << name << "'; expected one of ";
      llvm::interleaveComma(keys, diagnostic, [&](const Key& known) { diagnostic << known.name; });
      return diagnostic;
    }
    if (attributes.get(name))
      return parser.emitError(loc, "expected key '") << name << "' once";
    if (key->kind == KeyKind::boolean) {
      BoolAttr value;
      if (parseBoolean(parser, value))
        return failure();
      attributes.set(name, value);
    } else {
      IntegerAttr value;
      if (parseInteger(parser, value))
        return failure();
      attributes.set(name, value);
    }
    return success();
  });
}

// The keys that stand, defaults left out, in the order of `keys`.
void printKeys(OpAsmPrinter& printer, Operation* op, ArrayRef<Key> keys) {
  SmallVector<std::pair<StringRef, Attribute>> shown;
  for (const Key& key : keys) {
    std::optional<Attribute> value = op->getInherentAttr(key.name);
    if (!value || !*value)
      continue;
    bool isDefault = (key.name == "id" && cast<IntegerAttr>(*value).getInt() == 0) ||
                     (key.name == "unit_flag" && !cast<BoolAttr>(*value).getValue());
    if (!isDefault)
      shown.push_back({key.name, *value});
  }
  printer << '{';
  llvm::interleaveComma(shown, printer, [&](const std::pair<StringRef, Attribute>& entry) {
    printer << entry.first << " = ";
    if (auto boolean = dyn_cast<BoolAttr>(entry.second))
      printer << (boolean.getValue() ? "true" : "false");
    else
      printer << cast<IntegerAttr>(entry.second).getInt();
  });
  printer << '}';
}

constexpr StringRef kInitOperands[] = {"gm_slot_tensor", "gm_slot_buffer", "c2v_consumer_buf",
                                       "v2c_consumer_buf"};

// `{keys} (name = %v : T, ...)`, then further attributes.
ParseResult parseInit(OpAsmParser& parser, OperationState& result) {
  if (parseKeys(parser, kFrontendKeys, result.attributes))
    return failure();
  OpAsmParser::UnresolvedOperand operands[4];
  Type types[4];
  auto parseOperand = [&]() -> ParseResult {
    StringRef name;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name) || parser.parseEqual())
      return failure();
    const StringRef* known = llvm::find(kInitOperands, name);
    if (known == std::end(kInitOperands))
      return parser.emitError(loc, "unknown operand '")
             << name
             << "'; expected gm_slot_tensor, gm_slot_buffer, c2v_consumer_buf or v2c_consumer_buf";
    std::size_t index = static_cast<std::size_t>(known - std::begin(kInitOperands));
    if (types[index])
      return parser.emitError(loc, "expected operand '") << name << "' once";
    return failure(parser.parseOperand(operands[index]) || parser.parseColonType(types[index]));
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseOperand))
    return failure();
  SmallVector<int32_t> segments;
  for (std::size_t index = 0; index < std::size(operands); ++index) {
    segments.push_back(types[index] ? 1 : 0);
    if (types[index] && parser.resolveOperand(operands[index], types[index], result.operands))
      return failure();
  }
  result.addAttribute("operandSegmentSizes", parser.getBuilder().getDenseI32ArrayAttr(segments));
  return parser.parseOptionalAttrDict(result.attributes);
}

template <typename Op> void printInit(OpAsmPrinter& printer, Op op) {
  printer << ' ';
  printKeys(printer, op, kFrontendKeys);
  Value operands[] = {op.getGmSlotTensor(), op.getGmSlotBuffer(), op.getC2vConsumerBuf(),
                      op.getV2cConsumerBuf()};
  printer << " (";
  bool first = true;
  for (auto [name, operand] : llvm::zip(kInitOperands, operands)) {
    if (!operand)
      continue;
    printer << (first ? "" : ", ") << name << " = " << operand << " : " << operand.getType();
    first = false;
  }
  printer << ')';
  printer.printOptionalAttrDict(op->getDiscardableAttrDictionary().getValue());
}

} // namespace

ParseResult AicInitializePipeOp::parse(OpAsmParser& parser, OperationState& result) {
  return parseInit(parser, result);
}
void AicInitializePipeOp::print(OpAsmPrinter& printer) {
  printInit(printer, *this);
}

ParseResult AivInitializePipeOp::parse(OpAsmParser& parser, OperationState& result) {
  return parseInit(parser, result);
}
void AivInitializePipeOp::print(OpAsmPrinter& printer) {
  printInit(printer, *this);
}

ParseResult InitializeL2G2LPipeOp::parse(OpAsmParser& parser, OperationState& result) {
  OpAsmParser::UnresolvedOperand gm, extra[2];
  Type gmType, extraTypes[2], pipeType;
  if (parseKeys(parser, kHandleKeys, result.attributes) || parser.parseLParen() ||
      parser.parseOperand(gm) || parser.parseColonType(gmType) ||
      parser.resolveOperand(gm, gmType, result.operands))
    return failure();
  int32_t given = 0;
  while (given < 2 && succeeded(parser.parseOptionalComma())) {
    if (parser.parseOperand(extra[given]) || parser.parseColonType(extraTypes[given]) ||
        parser.resolveOperand(extra[given], extraTypes[given], result.operands))
      return failure();
    ++given;
  }
  result.addAttribute("operandSegmentSizes",
                      parser.getBuilder().getDenseI32ArrayAttr({1, given > 0, given > 1}));
  if (parser.parseRParen() || parser.parseOptionalAttrDict(result.attributes) ||
      parser.parseArrow() || parser.parseType(pipeType))
    return failure();
  result.addTypes(pipeType);
  return success();
}

void InitializeL2G2LPipeOp::print(OpAsmPrinter& printer) {
  printKeys(printer, *this, kHandleKeys);
  printer << '(' << getGm() << " : " << getGm().getType();
  for (Value operand : {getLocal(), getPeer()})
    if (operand)
      printer << ", " << operand << " : " << operand.getType();
  printer << ')';
  printer.printOptionalAttrDict((*this)->getDiscardableAttrDictionary().getValue());
  printer << " -> " << getHandle().getType();
}

} // namespace mlir::pto

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wshadow"
#define GET_OP_CLASSES
#include "codegen/dialect/PtoOps.cpp.inc"
#pragma clang diagnostic pop
