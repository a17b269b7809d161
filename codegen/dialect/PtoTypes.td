// Types of the dialect `pto`.
#ifndef PTO_TYPES_TD
#define PTO_TYPES_TD

include "PtoAttrs.td"
include "mlir/IR/AttrTypeBase.td"

class Pto_Type<string name, string typeMnemonic> : TypeDef<Pto_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Pto_PtrType : Pto_Type<"Ptr", "ptr"> {
  let summary = "pointer to elements in a memory";
  let description = [{
    `!pto.ptr<f16>` is `!pto.ptr<f16, gm>`. Other memories: mat (also l1), left (l0a), right (l0b),
    acc (l0c), vec (ub), bias (bt), scaling (fb).
  }];
  let parameters = (ins "::mlir::Type":$elementType, "::mlir::pto::AddressSpace":$space);
  let builders = [TypeBuilderWithInferredContext<
      (ins "::mlir::Type":$elementType,
           CArg<"::mlir::pto::AddressSpace", "::mlir::pto::AddressSpace::gm">:$space),
      [{ return $_get(elementType.getContext(), elementType, space); }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

class Pto_ViewType<string name, string typeMnemonic> : Pto_Type<name, typeMnemonic> {
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType);
  let builders = [TypeBuilderWithInferredContext<
      (ins "::llvm::ArrayRef<int64_t>":$shape, "::mlir::Type":$elementType),
      [{ return $_get(elementType.getContext(), shape, elementType); }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getRank() const { return static_cast<int64_t>(getShape().size()); }
    bool hasStaticShape() const { return !::mlir::ShapedType::isDynamicShape(getShape()); }
    int64_t getElementBytes() const { return elementBytes(getElementType()); }
    // Elements times bytes per element; nothing when a dimension is `?`.
    std::optional<int64_t> getByteSize() const {
      return byteSize(getShape(), getElementType());
    }
  }];
}

def Pto_TensorViewType : Pto_ViewType<"TensorView", "tensor_view"> {
  let summary = "tensor in global memory; strides and layout belong to the op that makes it";
}

def Pto_PartitionTensorViewType : Pto_ViewType<"PartitionTensorView", "partition_tensor_view"> {
  let summary = "rectangular window of a tensor view";
}

def Pto_TileBufType : Pto_Type<"TileBuf", "tile_buf"> {
  let summary = "tile in a memory of the AI core";
  let description = [{
    `!pto.tile_buf<LOC, RxCxT[, valid=VRxVC][, blayout=..][, slayout=..][, fractal=N][, pad=N]
    [, compact=N]>`. Keys that are left out have the defaults row_major, none_box, 512, 0, 0 and the
    whole tile valid; they are not printed. A left tile always has blayout=row_major.
  }];
  let parameters = (ins "::mlir::pto::AddressSpace":$space, "int64_t":$rows, "int64_t":$cols,
                        "::mlir::Type":$elementType, "int64_t":$validRows, "int64_t":$validCols,
                        "::mlir::pto::TileConfig":$config);
  let builders = [
    // The whole tile is valid.
    TypeBuilderWithInferredContext<
      (ins "::mlir::pto::AddressSpace":$space, "int64_t":$rows, "int64_t":$cols,
           "::mlir::Type":$elementType,
           CArg<"::mlir::pto::TileConfig", "::mlir::pto::TileConfig()">:$config),
      [{ return $_get(elementType.getContext(), space, rows, cols, elementType, rows, cols,
                      config); }]>,
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    BLayout getBLayout() const { return getConfig().blayout; }
    SLayout getSLayout() const { return getConfig().slayout; }
    int64_t getFractal() const { return getConfig().fractal; }
    PadValue getPad() const { return getConfig().pad; }
    CompactMode getCompact() const { return getConfig().compact; }
    bool isBoxed() const { return getSLayout() != SLayout::none_box; }
    bool hasStaticValid() const {
      return !::mlir::ShapedType::isDynamic(getValidRows()) &&
             !::mlir::ShapedType::isDynamic(getValidCols());
    }
    int64_t getElementBytes() const { return elementBytes(getElementType()); }
    // Bytes of the whole tile, valid or not.
    int64_t getByteSize() const { return getRows() * getCols() * getElementBytes(); }
    // Rows and columns of a box (fractal); {1, 1} for a tile without boxes.
    std::pair<int64_t, int64_t> getBox() const;
    // The same tile with other extents, all of it valid.
    TileBufType withShape(int64_t rows, int64_t cols) const;
  }];
}

def Pto_MultiTileBufType : Pto_Type<"MultiTileBuf", "multi_tile_buf"> {
  let summary = "array of equal tiles, for double buffering";
  let description = "`!pto.multi_tile_buf<..., count=N>`, 2 <= N <= 16; the rest as in tile_buf.";
  let parameters = (ins "::mlir::pto::TileBufType":$tile, "int64_t":$count);
  let builders = [TypeBuilderWithInferredContext<
      (ins "::mlir::pto::TileBufType":$tile, "int64_t":$count),
      [{ return $_get(tile.getContext(), tile, count); }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Pto_PipeType : Pto_Type<"Pipe", "pipe"> {
  let summary = "handle of a FIFO between the cube core and its vector cores";
}

#endif // PTO_TYPES_TD
