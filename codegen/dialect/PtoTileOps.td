// Operations on tiles. Each names the pipe that executes it; sources are read, `dst` and `tmp`
// written.
#ifndef PTO_TILE_OPS_TD
#define PTO_TILE_OPS_TD

include "PtoOpBase.td"

// A source, a result and a scratch operand.
class Pto_In<Type type> : Arg<type, "", [MemRead]>;
class Pto_Out<Type type> : Arg<type, "", [MemWrite]>;
def Pto_Tmp : Arg<Optional<Pto_Tile>, "", [MemWrite]>;

defvar Pto_ScratchDecl = [{
    ::llvm::SmallVector<::mlir::Value, 4> getTilesScratch() {
      if (getTmp())
        return {getTmp()};
      return {};
    }
}];

//===-- Transfers ---------------------------------------------------------===//

def Pto_TLoadOp : Pto_PipeOp<"tload", "Pipe::mte2", "tload"> {
  let summary = "global memory to a vec (UB) or mat (L1) tile";
  let arguments = (ins Pto_In<Pto_PartitionView>:$src, Pto_Out<Pto_Tile>:$dst);
  let assemblyFormat = [{
    `ins` `(` $src `:` qualified(type($src)) `)` `outs` `(` $dst `:` qualified(type($dst)) `)`
    attr-dict
  }];
  let hasVerifier = 1;
}

def Pto_TStoreOp : Pto_PipeOp<"tstore", "::mlir::pto::detail::storePipe(getSrc())", "tstore"> {
  let summary = "tile to global memory: acc through the fixpipe, vec and mat through MTE3";
  let arguments = (ins Pto_In<Pto_Tile>:$src, Pto_Out<Pto_PartitionView>:$dst,
                       DefaultValuedAttr<Pto_StPhaseAttr, "StPhase::unspecified">:$stPhase);
  let assemblyFormat = [{
    `ins` `(` $src `:` qualified(type($src)) `)` `outs` `(` $dst `:` qualified(type($dst)) `)`
    attr-dict
  }];
  let hasVerifier = 1;
}

def Pto_TMovOp : Pto_PipeOp<"tmov", "::mlir::pto::detail::movePipe(getSrc(), getDst())", "tmov"> {
  let summary = "whole tile from one memory of the core to another";
  let arguments = (ins Pto_In<Pto_Tile>:$src, Pto_Out<Pto_Tile>:$dst);
  let assemblyFormat = [{
    `ins` `(` $src `:` qualified(type($src)) `)` `outs` `(` $dst `:` qualified(type($dst)) `)`
    attr-dict
  }];
  let hasVerifier = 1;
}

def Pto_TExtractOp
    : Pto_PipeOp<"textract", "::mlir::pto::detail::movePipe(getSrc(), getDst())", "textract"> {
  let summary = "rectangle of a tile at (row, col) into a tile of another memory";
  let arguments = (ins Pto_In<Pto_Tile>:$src, Index:$row, Index:$col, Pto_Out<Pto_Tile>:$dst);
  let assemblyFormat = [{
    `ins` `(` $src `,` $row `,` $col `:` qualified(type($src)) `,` type($row) `,` type($col) `)`
    `outs` `(` $dst `:` qualified(type($dst)) `)` attr-dict
  }];
  let hasVerifier = 1;
}

//===-- Cube --------------------------------------------------------------===//

def Pto_TMatmulOp : Pto_PipeOp<"tmatmul", "Pipe::m", "tmatmul"> {
  let summary = "dst = lhs x rhs";
  let arguments = (ins Pto_In<Pto_Tile>:$lhs, Pto_In<Pto_Tile>:$rhs, Pto_Out<Pto_Tile>:$dst,
                       DefaultValuedAttr<Pto_AccPhaseAttr, "AccPhase::unspecified">:$accPhase);
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `:` qualified(type($lhs)) `,` qualified(type($rhs)) `)`
    `outs` `(` $dst `:` qualified(type($dst)) `)` attr-dict
  }];
  let hasVerifier = 1;
}

def Pto_TMatmulAccOp : Pto_PipeOp<"tmatmul.acc", "Pipe::m", "tmatmulAcc"> {
  let summary = "dst = acc + lhs x rhs; acc is dst itself";
  let arguments = (ins Pto_In<Pto_Tile>:$acc, Pto_In<Pto_Tile>:$lhs, Pto_In<Pto_Tile>:$rhs,
                       Pto_Out<Pto_Tile>:$dst,
                       DefaultValuedAttr<Pto_AccPhaseAttr, "AccPhase::unspecified">:$accPhase);
  let assemblyFormat = [{
    `ins` `(` $acc `,` $lhs `,` $rhs `:` qualified(type($acc)) `,` qualified(type($lhs)) `,`
    qualified(type($rhs)) `)` `outs` `(` $dst `:` qualified(type($dst)) `)` attr-dict
  }];
  let hasVerifier = 1;
}

//===-- Vector ------------------------------------------------------------===//

class Pto_UnaryOp<string mnemonic, string what> : Pto_PipeOp<mnemonic, "Pipe::v", mnemonic> {
  let summary = what;
  let arguments = (ins Pto_In<Pto_Tile>:$src, Pto_Out<Pto_Tile>:$dst);
  let assemblyFormat = [{
    `ins` `(` $src `:` qualified(type($src)) `)` `outs` `(` $dst `:` qualified(type($dst)) `)`
    attr-dict
  }];
  let hasVerifier = 1;
}
def Pto_TExpOp : Pto_UnaryOp<"texp", "dst = exp(src), element by element">;

class Pto_BinaryOp<string mnemonic, string what> : Pto_PipeOp<mnemonic, "Pipe::v", mnemonic> {
  let summary = what;
  let arguments = (ins Pto_In<Pto_Tile>:$lhs, Pto_In<Pto_Tile>:$rhs, Pto_Out<Pto_Tile>:$dst);
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `:` qualified(type($lhs)) `,` qualified(type($rhs)) `)`
    `outs` `(` $dst `:` qualified(type($dst)) `)` attr-dict
  }];
  let hasVerifier = 1;
}
def Pto_TAddOp : Pto_BinaryOp<"tadd", "dst = lhs + rhs">;
def Pto_TSubOp : Pto_BinaryOp<"tsub", "dst = lhs - rhs">;
def Pto_TMulOp : Pto_BinaryOp<"tmul", "dst = lhs * rhs">;
def Pto_TMaxOp : Pto_BinaryOp<"tmax", "dst = max(lhs, rhs)">;

class Pto_ScalarOp<string mnemonic, string what> : Pto_PipeOp<mnemonic, "Pipe::v", mnemonic> {
  let summary = what;
  let arguments = (ins Pto_In<Pto_Tile>:$src, Pto_Scalar:$scalar, Pto_Out<Pto_Tile>:$dst);
  let assemblyFormat = [{
    `ins` `(` $src `,` $scalar `:` qualified(type($src)) `,` type($scalar) `)`
    `outs` `(` $dst `:` qualified(type($dst)) `)` attr-dict
  }];
  let hasVerifier = 1;
}
def Pto_TMulsOp : Pto_ScalarOp<"tmuls", "dst = src * scalar">;
def Pto_TAddsOp : Pto_ScalarOp<"tadds", "dst = src + scalar">;

def Pto_TExpandsOp : Pto_PipeOp<"texpands", "Pipe::v", "texpands"> {
  let summary = "every element of dst = scalar";
  let arguments = (ins Pto_Scalar:$scalar, Pto_Out<Pto_Tile>:$dst);
  let assemblyFormat = [{
    `ins` `(` $scalar `:` type($scalar) `)` `outs` `(` $dst `:` qualified(type($dst)) `)` attr-dict
  }];
  let hasVerifier = 1;
}

def Pto_TTriOp : Pto_PipeOp<"ttri", "Pipe::v", "ttri"> {
  let summary = "upper triangle: dst[r, c] = 1 where c >= r + diagonal, else 0";
  let description = [{
    `upperOrLower` is 1, the upper triangle; upstream's 0, the lower one, is not supported.
  }];
  let arguments = (ins AnyInteger:$diagonal, Pto_Out<Pto_Tile>:$dst,
                       DefaultValuedAttr<I32Attr, "0">:$upperOrLower);
  let assemblyFormat = [{
    `ins` `(` $diagonal attr-dict `:` type($diagonal) `)`
    `outs` `(` $dst `:` qualified(type($dst)) `)`
  }];
  let hasVerifier = 1;
}

class Pto_RowReduceOp<string mnemonic, string what> : Pto_PipeOp<mnemonic, "Pipe::v", mnemonic> {
  let summary = what;
  let arguments = (ins Pto_In<Pto_Tile>:$src, Pto_Tmp:$tmp, Pto_Out<Pto_Tile>:$dst);
  let assemblyFormat = [{
    `ins` `(` $src (`,` $tmp^)? `:` qualified(type($src)) `` custom<TmpType>(type($tmp)) `)`
    `outs` `(` $dst `:` qualified(type($dst)) `)` attr-dict
  }];
  let extraClassDeclaration = Pto_ScratchDecl;
  let hasVerifier = 1;
}
def Pto_TRowMaxOp : Pto_RowReduceOp<"trowmax", "dst[r] = max over the row r of src">;
def Pto_TRowSumOp : Pto_RowReduceOp<"trowsum", "dst[r] = sum over the row r of src">;

class Pto_RowExpandOp<string mnemonic, string what> : Pto_PipeOp<mnemonic, "Pipe::v", mnemonic> {
  let summary = what;
  let arguments = (ins Pto_In<Pto_Tile>:$src, Pto_In<Pto_Tile>:$rowValues, Pto_Tmp:$tmp,
                       Pto_Out<Pto_Tile>:$dst);
  let assemblyFormat = [{
    `ins` `(` $src `,` $rowValues (`,` $tmp^)? `:` qualified(type($src)) `,`
    qualified(type($rowValues)) `` custom<TmpType>(type($tmp)) `)`
    `outs` `(` $dst `:` qualified(type($dst)) `)` attr-dict
  }];
  let extraClassDeclaration = Pto_ScratchDecl;
  let hasVerifier = 1;
}
def Pto_TRowExpandSubOp : Pto_RowExpandOp<"trowexpandsub", "dst[r, c] = src[r, c] - rowValues[r]">;
def Pto_TRowExpandMulOp : Pto_RowExpandOp<"trowexpandmul", "dst[r, c] = src[r, c] * rowValues[r]">;
def Pto_TRowExpandDivOp : Pto_RowExpandOp<"trowexpanddiv", "dst[r, c] = src[r, c] / rowValues[r]">;

def Pto_TCvtOp : Pto_PipeOp<"tcvt", "Pipe::v", "tcvt"> {
  let summary = "dst = src in another element type";
  let description = [{
    `pto.tcvt ins(%x {rmode = #pto<round_mode CAST_RINT>} : T) outs(%d : T2)`: the attributes stand
    inside ins().
  }];
  let arguments = (ins Pto_In<Pto_Tile>:$src, Pto_Tmp:$tmp, Pto_Out<Pto_Tile>:$dst,
                       DefaultValuedAttr<Pto_RoundModeAttr, "RoundMode::cast_rint">:$rmode);
  let assemblyFormat = [{
    `ins` `(` $src (`,` $tmp^)? attr-dict `:` qualified(type($src)) `` custom<TmpType>(type($tmp))
    `)` `outs` `(` $dst `:` qualified(type($dst)) `)`
  }];
  let extraClassDeclaration = Pto_ScratchDecl;
  let hasVerifier = 1;
}

#endif // PTO_TILE_OPS_TD
