// Text form and verification of tile types.
#include "codegen/dialect/PtoDialect.h"

#include <mlir/IR/Builders.h>

namespace mlir::pto {
namespace {

using EmitError = llvm::function_ref<InFlightDiagnostic()>;

// The fields of a tile type while it is parsed.
struct TileText {
  AddressSpace space = AddressSpace::vec;
  int64_t rows = 0, cols = 0;
  int64_t validRows = 0, validCols = 0;
  Type elementType;
  TileConfig config;
  int64_t count = 0; // of an array; 0 where `count` does not stand
};

ParseResult parseLocation(AsmParser& parser, AddressSpace& space) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  auto parsed = symbolizeAddressSpace(keyword);
  if (!parsed || *parsed == AddressSpace::gm)
    return parser.emitError(
               loc,
               "expected the tile's memory: mat, left, right, acc, vec, bias or scaling, got '")
           << keyword << "'";
  space = *parsed;
  return success();
}

template <typename Enum>
ParseResult parseEnum(AsmParser& parser, StringRef key, StringRef expected,
                      std::optional<Enum> (*symbolize)(StringRef), Enum& value) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  if (auto parsed = symbolize(keyword)) {
    value = *parsed;
    return success();
  }
  return parser.emitError(loc, "expected '")
         << key << "' to be " << expected << ", got '" << keyword << "'";
}

// An enumeration that upstream spells as a number.
template <typename Enum>
ParseResult parseNumbered(AsmParser& parser, StringRef key, Enum last, Enum& value) {
  int64_t number = 0;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseInteger(number))
    return failure();
  if (number < 0 || number > static_cast<int64_t>(last))
    return parser.emitError(loc, "expected '")
           << key << "' to be 0.." << static_cast<int64_t>(last) << ", got " << number;
  value = static_cast<Enum>(number);
  return success();
}

// The value of one of the keys that both spellings share.
ParseResult parseConfigKey(AsmParser& parser, SMLoc loc, StringRef key, TileConfig& config) {
  if (key == "blayout")
    return parseEnum<BLayout>(parser, key, "row_major or col_major", symbolizeBLayout,
                              config.blayout);
  if (key == "slayout")
    return parseEnum<SLayout>(parser, key, "none_box, row_major or col_major", symbolizeSLayout,
                              config.slayout);
  if (key == "fractal")
    return parser.parseInteger(config.fractal);
  if (key == "pad")
    return parseNumbered(parser, key, PadValue::min, config.pad);
  if (key == "compact")
    return parseNumbered(parser, key, CompactMode::row_plus_one, config.compact);
  return parser.emitError(loc, "unknown key '") << key
                                                << "'; expected valid, blayout, slayout, fractal, "
                                                   "pad, compact or, for an array, count";
}

ParseResult parseValid(AsmParser& parser, TileText& tile) {
  SmallVector<int64_t> valid;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseDimensionList(valid, /*allowDynamic=*/true, /*withTrailingX=*/false))
    return failure();
  if (valid.size() != 2)
    return parser.emitError(loc, "expected valid=ROWSxCOLS");
  tile.validRows = valid[0];
  tile.validCols = valid[1];
  return success();
}

// `LOC, RxCxT[, key=value]...`.
ParseResult parseCompactTile(AsmParser& parser, TileText& tile) {
  SmallVector<int64_t> shape;
  if (parseLocation(parser, tile.space) || parser.parseComma())
    return failure();
  SMLoc shapeLoc = parser.getCurrentLocation();
  if (parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(tile.elementType))
    return failure();
  if (shape.size() != 2)
    return parser.emitError(shapeLoc, "expected a tile of 2 dimensions, got ") << shape.size();
  tile.rows = tile.validRows = shape[0];
  tile.cols = tile.validCols = shape[1];
  while (succeeded(parser.parseOptionalComma())) {
    StringRef key;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&key) || parser.parseEqual())
      return failure();
    ParseResult parsed = key == "valid"   ? parseValid(parser, tile)
                         : key == "count" ? parser.parseInteger(tile.count)
                                          : parseConfigKey(parser, loc, key, tile.config);
    if (parsed)
      return failure();
  }
  return success();
}

// `?` or an integer.
ParseResult parseExtent(AsmParser& parser, int64_t& extent) {
  if (succeeded(parser.parseOptionalQuestion())) {
    extent = ShapedType::kDynamic;
    return success();
  }
  return parser.parseInteger(extent);
}

// After `<loc`: `=LOC, dtype=T, rows=R, cols=C, v_row=VR, v_col=VC, blayout=.., slayout=..,
// fractal=N, pad=N[, compact=N]`, in this order.
ParseResult parseLegacyTile(AsmParser& parser, TileText& tile) {
  auto key = [&](StringRef name) -> ParseResult {
    return failure(parser.parseComma() || parser.parseKeyword(name) || parser.parseEqual());
  };
  if (parser.parseEqual() || parseLocation(parser, tile.space) || key("dtype") ||
      parser.parseType(tile.elementType) || key("rows") || parser.parseInteger(tile.rows) ||
      key("cols") || parser.parseInteger(tile.cols) || key("v_row") ||
      parseExtent(parser, tile.validRows) || key("v_col") || parseExtent(parser, tile.validCols))
    return failure();
  for (StringRef name : {"blayout", "slayout", "fractal", "pad"})
    if (key(name) || parseConfigKey(parser, parser.getCurrentLocation(), name, tile.config))
      return failure();
  while (succeeded(parser.parseOptionalComma())) {
    StringRef name;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name) || parser.parseEqual())
      return failure();
    if (name == "count" ? parser.parseInteger(tile.count)
                        : parseConfigKey(parser, loc, name, tile.config))
      return failure();
  }
  return success();
}

// Both spellings of a tile; the type is null after an error.
TileBufType parseTile(AsmParser& parser, int64_t& count) {
  TileText tile;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess())
    return {};
  bool legacy = succeeded(parser.parseOptionalKeyword("loc"));
  ParseResult fields = legacy ? parseLegacyTile(parser, tile) : parseCompactTile(parser, tile);
  if (fields || parser.parseGreater())
    return {};
  // A2 and A3 read L0A row by row of boxes, whatever the text says.
  if (tile.space == AddressSpace::left)
    tile.config.blayout = BLayout::row_major;
  count = tile.count;
  return TileBufType::getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                                 tile.space, tile.rows, tile.cols, tile.elementType, tile.validRows,
                                 tile.validCols, tile.config);
}

// `LOC, RxCxT` and the keys whose value is not the default.
void printTile(AsmPrinter& printer, TileBufType tile) {
  const TileConfig& config = tile.getConfig();
  const TileConfig defaults;
  printer << stringifyAddressSpace(tile.getSpace()) << ", " << tile.getRows() << 'x'
          << tile.getCols() << 'x' << tile.getElementType();
  if (tile.getValidRows() != tile.getRows() || tile.getValidCols() != tile.getCols()) {
    printer << ", valid=";
    detail::printExtent(printer, tile.getValidRows());
    printer << 'x';
    detail::printExtent(printer, tile.getValidCols());
  }
  if (config.blayout != defaults.blayout)
    printer << ", blayout=" << stringifyBLayout(config.blayout);
  if (config.slayout != defaults.slayout)
    printer << ", slayout=" << stringifySLayout(config.slayout);
  if (config.fractal != defaults.fractal)
    printer << ", fractal=" << config.fractal;
  if (config.pad != defaults.pad)
    printer << ", pad=" << static_cast<int64_t>(config.pad);
  if (config.compact != defaults.compact)
    printer << ", compact=" << static_cast<int64_t>(config.compact);
}

} // namespace

Type TileBufType::parse(AsmParser& parser) {
  int64_t count = 0;
  SMLoc loc = parser.getCurrentLocation();
  TileBufType tile = parseTile(parser, count);
  if (tile && count != 0) {
    parser.emitError(loc, "unknown key 'count'; only !pto.multi_tile_buf has it");
    return {};
  }
  return tile;
}

void TileBufType::print(AsmPrinter& printer) const {
  printer << '<';
  printTile(printer, *this);
  printer << '>';
}

LogicalResult TileBufType::verify(EmitError emitError, AddressSpace space, int64_t rows,
                                  int64_t cols, Type elementType, int64_t validRows,
                                  int64_t validCols, TileConfig config) {
  if (space == AddressSpace::gm)
    return emitError() << "expected a tile's memory to be mat, left, right, acc, vec, bias or "
                          "scaling, got gm";
  if (rows <= 0 || cols <= 0)
    return emitError() << "expected positive rows and cols, got " << rows << "x" << cols;
  if (failed(detail::verifyElementType(emitError, elementType)))
    return failure();
  auto outside = [](int64_t valid, int64_t extent) {
    return !ShapedType::isDynamic(valid) && (valid < 0 || valid > extent);
  };
  if (outside(validRows, rows) || outside(validCols, cols))
    return emitError() << "expected the valid part inside the tile of " << rows << "x" << cols
                       << ", got " << validRows << "x" << validCols;
  if (config.fractal != 32 && config.fractal != 512 && config.fractal != 1024)
    return emitError() << "expected 'fractal' to be 32, 512 or 1024 bytes, got " << config.fractal;
  if (space == AddressSpace::left && config.blayout != BLayout::row_major)
    return emitError() << "expected a left tile to have blayout=row_major";
  return success();
}

std::pair<int64_t, int64_t> TileBufType::getBox() const {
  if (!isBoxed())
    return {1, 1};
  if (getFractal() == 1024)
    return {16, 16};
  if (getFractal() == 32)
    return {16, 2};
  int64_t perBlock = 32 / getElementBytes();
  return getSLayout() == SLayout::row_major ? std::pair<int64_t, int64_t>{16, perBlock}
                                            : std::pair<int64_t, int64_t>{perBlock, 16};
}

TileBufType TileBufType::withShape(int64_t rows, int64_t cols) const {
  return get(getSpace(), rows, cols, getElementType(), getConfig());
}

Type MultiTileBufType::parse(AsmParser& parser) {
  int64_t count = 0;
  SMLoc loc = parser.getCurrentLocation();
  TileBufType tile = parseTile(parser, count);
  if (!tile)
    return {};
  return MultiTileBufType::getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                                      tile, count);
}

void MultiTileBufType::print(AsmPrinter& printer) const {
  printer << '<';
  printTile(printer, getTile());
  printer << ", count=" << getCount() << '>';
}

LogicalResult MultiTileBufType::verify(EmitError emitError, TileBufType, int64_t count) {
  if (count < 2 || count > 16)
    return emitError() << "expected 'count' to be 2..16 tiles, got " << count;
  return success();
}

} // namespace mlir::pto
