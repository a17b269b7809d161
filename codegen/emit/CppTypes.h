// Type aliases at the head of an emitted function.
#pragma once

#include "codegen/dialect/PtoDialect.h"
#include "codegen/emit/CppText.h"
#include "space/Soc.h"

#include <map>

namespace ptotune::emit {

// A window of global memory: extents and strides in elements.
struct WindowShape {
  mlir::Type element;
  std::int64_t rows = 0, cols = 0;
  std::int64_t rowStride = 0, colStride = 1;
};

std::string elementName(mlir::Type element); // "half", "float", ...
std::string parameterType(mlir::Type type);  // "__gm__ half*", "int64_t"

class CppTypes {
public:
  explicit CppTypes(CppNames& names) : names_(names) {}

  // Alias of the type, made on first use. Windows and FIFOs are named after `name`, tiles after
  // their memory and extents.
  std::string tile(mlir::pto::TileBufType type);
  // The tile `type` cut from rows of `pitch` elements.
  std::string tileWithin(mlir::pto::TileBufType type, std::int64_t pitch);
  std::string window(const WindowShape& shape, llvm::StringRef name);
  std::string pipe(mlir::pto::InitializeL2G2LPipeOp init, llvm::StringRef name,
                   const SocProfile& soc);

  // "using X = ...;", in order of first use.
  const std::vector<std::string>& lines() const { return lines_; }

private:
  std::string alias(const std::string& type, const std::string& wanted);

  CppNames& names_;
  std::map<std::pair<std::string, std::string>, std::string> aliases_; // type, wanted name -> alias
  std::vector<std::string> lines_;
};

} // namespace ptotune::emit
