// Views of global memory, and tiles: where data lies. No operation here moves data.
#ifndef PTO_VIEW_OPS_TD
#define PTO_VIEW_OPS_TD

include "PtoOpBase.td"

def Pto_AddPtrOp : Pto_NamedOp<"addptr", [Pure, AllTypesMatch<["ptr", "result"]>]> {
  let summary = "pointer plus an offset in elements";
  let arguments = (ins Pto_Ptr:$ptr, Index:$offset);
  let results = (outs Pto_Ptr:$result);
  let assemblyFormat = [{
    $ptr `,` $offset attr-dict `:` qualified(type($ptr)) `->` qualified(type($result))
  }];
}

def Pto_CastPtrOp : Pto_NamedOp<"castptr", [Pure]> {
  let summary = "the same address as a pointer to other elements";
  let arguments = (ins Pto_Ptr:$ptr);
  let results = (outs Pto_Ptr:$result);
  let assemblyFormat = [{
    $ptr attr-dict `:` qualified(type($ptr)) `->` qualified(type($result))
  }];
  let hasVerifier = 1;
}

def Pto_MakeTensorViewOp : Pto_NamedOp<"make_tensor_view", [Pure, AttrSizedOperandSegments]> {
  let summary = "tensor in global memory from pointer, shape and strides in elements";
  let description = [{
    `%v = pto.make_tensor_view %p, shape = [%a, %b], strides = [%s, %c1] {layout = #pto.layout<dn>}
    : !pto.tensor_view<..>`. The pointer's type follows from the view's element type.
  }];
  let arguments = (ins Pto_Ptr:$ptr, Variadic<Index>:$shape, Variadic<Index>:$strides,
                       OptionalAttr<Pto_LayoutAttr>:$layout);
  let results = (outs Pto_TensorView:$result);
  let assemblyFormat = [{
    $ptr `,` `shape` `=` `[` $shape `]` `,` `strides` `=` `[` $strides `]` attr-dict `:`
    custom<ViewAndPointer>(type($ptr), type($result))
  }];
  let hasVerifier = 1;
}

def Pto_PartitionViewOp
    : Pto_NamedOp<"partition_view", [Pure, AttrSizedOperandSegments,
                  DeclareOpInterfaceMethods<ViewLikeOpInterface>]> {
  let summary = "window of a tensor view; offsets and sizes in elements";
  let arguments = (ins Pto_TensorView:$source, Variadic<Index>:$offsets, Variadic<Index>:$sizes);
  let results = (outs Pto_PartitionView:$result);
  let assemblyFormat = [{
    $source `,` `offsets` `=` `[` $offsets `]` `,` `sizes` `=` `[` $sizes `]` attr-dict `:`
    qualified(type($source)) `->` qualified(type($result))
  }];
  let extraClassDefinition = nameDefinition #
    "::mlir::Value $cppClass::getViewSource() { return getSource(); }\n";
  let hasVerifier = 1;
}

def Pto_AllocTileOp : Pto_NamedOp<"alloc_tile", [AttrSizedOperandSegments]> {
  let summary = "a tile of its own, or one that shares the storage of a named buffer";
  let description = [{
    `buffer` names an entry of the kernel's buffer table; tiles that name one buffer share its
    storage. `address` is the planned byte address; `stride`, the bytes between the copies of that
    buffer. `valid_row` and `valid_col` stand exactly where the type has `?`. The operand `addr`
    gives the byte address at run time and excludes the attribute `address`.
  }];
  let arguments = (ins Optional<I64>:$addr, Optional<Index>:$validRow, Optional<Index>:$validCol,
                       OptionalAttr<StrAttr>:$buffer, OptionalAttr<Pto_Int>:$address,
                       OptionalAttr<Pto_Int>:$stride);
  let results = (outs Res<Pto_Tile, "", [MemAlloc]>:$result);
  let assemblyFormat = [{
    (`addr` `=` $addr^)? (`valid_row` `=` $validRow^)? (`valid_col` `=` $validCol^)?
    attr-dict `:` qualified(type($result))
  }];
  let builders = [
    // A tile without name; valid as a whole.
    OpBuilder<(ins "::mlir::pto::TileBufType":$type), [{
      build($_builder, $_state, type, {}, {}, {}, {}, {}, {});
    }]>,
    // A tile in the storage of `buffer`.
    OpBuilder<(ins "::mlir::pto::TileBufType":$type, "::llvm::StringRef":$buffer), [{
      build($_builder, $_state, type, {}, {}, {}, $_builder.getStringAttr(buffer), {}, {});
    }]>,
  ];
  let hasVerifier = 1;
}

def Pto_AllocMultiTileOp : Pto_NamedOp<"alloc_multi_tile"> {
  let summary = "an array of equal tiles";
  let description = "Attributes as in alloc_tile; `address` is that of tile 0, `stride` the bytes "
                    "from one tile to the next.";
  let arguments = (ins OptionalAttr<StrAttr>:$buffer, OptionalAttr<Pto_Int>:$address,
                       OptionalAttr<Pto_Int>:$stride);
  let results = (outs Res<Pto_MultiTile, "", [MemAlloc]>:$result);
  let assemblyFormat = "attr-dict `:` qualified(type($result))";
  let builders = [
    OpBuilder<(ins "::mlir::pto::MultiTileBufType":$type), [{
      build($_builder, $_state, type, {}, {}, {});
    }]>,
    OpBuilder<(ins "::mlir::pto::MultiTileBufType":$type, "::llvm::StringRef":$buffer), [{
      build($_builder, $_state, type, $_builder.getStringAttr(buffer), {}, {});
    }]>,
  ];
  let hasVerifier = 1;
}

def Pto_MultiTileGetOp
    : Pto_NamedOp<"multi_tile_get", [Pure, DeclareOpInterfaceMethods<ViewLikeOpInterface>]> {
  let summary = "one tile of an array; nothing rotates the index by itself";
  let arguments = (ins Pto_MultiTile:$source, Index:$index);
  let results = (outs Pto_Tile:$result);
  let assemblyFormat = [{
    $source `[` $index `]` attr-dict `:` qualified(type($source)) `->` qualified(type($result))
  }];
  let builders = [
    // The result type is the array's tile type.
    OpBuilder<(ins "::mlir::Value":$source, "::mlir::Value":$index), [{
      build($_builder, $_state,
            ::mlir::cast<::mlir::pto::MultiTileBufType>(source.getType()).getTile(), source, index);
    }]>,
  ];
  let extraClassDeclaration = [{
    // The index where it is an arith.constant.
    std::optional<int64_t> getConstantIndex();
  }];
  let extraClassDefinition = nameDefinition #
    "::mlir::Value $cppClass::getViewSource() { return getSource(); }\n";
  let hasVerifier = 1;
}

def Pto_SubviewOp
    : Pto_NamedOp<"subview", [Pure, AttrSizedOperandSegments,
                  DeclareOpInterfaceMethods<ViewLikeOpInterface>]> {
  let summary = "rectangle of a tile";
  let description = [{
    `%b = pto.subview %t[%i, %j] sizes [64, 64] : <tile> -> <tile>`, optionally `valid [%r, %c]`.
    Of a tile with boxes, offsets are constants and offsets and sizes are multiples of the box.
  }];
  let arguments = (ins Pto_Tile:$source, Variadic<Index>:$offsets, Variadic<Index>:$valid,
                       DenseI64ArrayAttr:$sizes);
  let results = (outs Pto_Tile:$result);
  let assemblyFormat = [{
    $source `[` $offsets `]` `sizes` $sizes (`valid` ` ` `[` $valid^ `]`)? attr-dict `:`
    qualified(type($source)) `->` qualified(type($result))
  }];
  let builders = [
    // Sizes and type of the result follow from rows and cols.
    OpBuilder<(ins "::mlir::Value":$source, "::mlir::Value":$row, "::mlir::Value":$col,
                   "int64_t":$rows, "int64_t":$cols), [{
      auto type = ::mlir::cast<::mlir::pto::TileBufType>(source.getType()).withShape(rows, cols);
      build($_builder, $_state, type, source, {row, col}, {}, {rows, cols});
    }]>,
  ];
  let extraClassDefinition = nameDefinition #
    "::mlir::Value $cppClass::getViewSource() { return getSource(); }\n";
  let hasVerifier = 1;
}

def Pto_TReshapeOp
    : Pto_NamedOp<"treshape", [Pure, DeclareOpInterfaceMethods<ViewLikeOpInterface>]> {
  let summary = "another shape over the same bytes of a tile";
  let arguments = (ins Pto_Tile:$source);
  let results = (outs Pto_Tile:$result);
  let assemblyFormat = [{
    $source attr-dict `:` qualified(type($source)) `->` qualified(type($result))
  }];
  let extraClassDefinition = nameDefinition #
    "::mlir::Value $cppClass::getViewSource() { return getSource(); }\n";
  let hasVerifier = 1;
}

class Pto_CoreIndexOp<string mnemonic, string what> : Pto_NamedOp<mnemonic, [Pure]> {
  let summary = what;
  let results = (outs I64:$result);
  let assemblyFormat = "attr-dict";

}
def Pto_GetBlockIdxOp : Pto_CoreIndexOp<"get_block_idx", "index of this cube core">;
def Pto_GetBlockNumOp : Pto_CoreIndexOp<"get_block_num", "number of cube cores">;
def Pto_GetSubblockIdxOp : Pto_CoreIndexOp<"get_subblock_idx", "index of this AIV of its AIC">;
def Pto_GetSubblockNumOp : Pto_CoreIndexOp<"get_subblock_num", "number of AIVs of an AIC">;

#endif // PTO_VIEW_OPS_TD
