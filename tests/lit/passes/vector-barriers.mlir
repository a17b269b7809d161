// RUN: pto-opt %s --pto-plan-memory=soc=%soc --pto-insert-sync=soc=%soc | FileCheck %s

!vec = !pto.tile_buf<vec, 32x64xf32>
!vecs = !pto.multi_tile_buf<vec, 32x64xf32, count=2>
!col = !pto.tile_buf<vec, 32x1xf32, blayout=col_major>
!row = !pto.tile_buf<vec, 1x32xf32>
!half = !pto.tile_buf<vec, 16x1xf32, blayout=col_major>

// Read after write, write after read and write after write need a barrier; operations on other bytes
// and two reads do not. One barrier serves everything before it.

// CHECK-LABEL: func.func @dependences
func.func @dependences() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %a = pto.alloc_tile {buffer = "a"} : !vec
  %b = pto.alloc_tile {buffer = "b"} : !vec
  %c = pto.alloc_tile {buffer = "c"} : !vec
  %d = pto.alloc_tile {buffer = "d"} : !vec
  // CHECK: pto.texp
  // CHECK-NEXT: pto.texp
  // CHECK-NEXT: pto.barrier <PIPE_V>
  // CHECK-NEXT: pto.tadd
  // CHECK-NEXT: pto.tmax
  // CHECK-NEXT: pto.barrier <PIPE_V>
  // CHECK-NEXT: pto.texp
  // CHECK-NEXT: pto.barrier <PIPE_V>
  // CHECK-NEXT: pto.texp
  // CHECK-NEXT: return
  pto.texp ins(%a : !vec) outs(%b : !vec)
  pto.texp ins(%a : !vec) outs(%c : !vec)
  pto.tadd ins(%b, %c : !vec, !vec) outs(%d : !vec)
  pto.tmax ins(%b, %c : !vec, !vec) outs(%a : !vec)
  pto.texp ins(%d : !vec) outs(%b : !vec)
  pto.texp ins(%d : !vec) outs(%b : !vec)
  return
}

// Rectangles of one tile that do not meet are independent, and so are copies with constant numbers.

// CHECK-LABEL: func.func @parts
func.func @parts() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %zero = arith.constant 0.0 : f32
  %x = pto.alloc_multi_tile {buffer = "x"} : !vecs
  %t = pto.alloc_tile {buffer = "t"} : !col
  %u = pto.alloc_tile {buffer = "u"} : !vec
  %x0 = pto.multi_tile_get %x[%c0] : !vecs -> !vec
  %x1 = pto.multi_tile_get %x[%c1] : !vecs -> !vec
  %upper = pto.subview %t[%c0, %c0] sizes [16, 1] : !col -> !half
  %lower = pto.subview %t[%c16, %c0] sizes [16, 1] : !col -> !half
  %r0 = pto.treshape %upper : !half -> !pto.tile_buf<vec, 1x16xf32>
  %r1 = pto.treshape %lower : !half -> !pto.tile_buf<vec, 1x16xf32>
  // CHECK: pto.texpands
  // CHECK-NEXT: pto.texpands
  // CHECK-NEXT: pto.texp
  // CHECK-NEXT: pto.texp
  // CHECK-NEXT: pto.barrier <PIPE_V>
  // CHECK-NEXT: pto.trowexpandsub
  // CHECK-NEXT: return
  pto.texpands ins(%zero : f32) outs(%r0 : !pto.tile_buf<vec, 1x16xf32>)
  pto.texpands ins(%zero : f32) outs(%r1 : !pto.tile_buf<vec, 1x16xf32>)
  pto.texp ins(%x0 : !vec) outs(%x0 : !vec)
  pto.texp ins(%x1 : !vec) outs(%x1 : !vec)
  pto.trowexpandsub ins(%x0, %t : !vec, !col) outs(%u : !vec)
  return
}

// Around the back edge: the last operation of a trip writes what the first one of the next reads.
// A loop may run no trip, so that what is before it also meets what is behind it.

// CHECK-LABEL: func.func @back_edge
func.func @back_edge(%n : index) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %a = pto.alloc_tile {buffer = "a"} : !vec
  %b = pto.alloc_tile {buffer = "b"} : !vec
  %c = pto.alloc_tile {buffer = "c"} : !vec
  // CHECK: pto.texpands
  // CHECK-NEXT: scf.for
  pto.texpands ins(%zero : f32) outs(%c : !vec)
  scf.for %i = %c0 to %n step %c1 {
    // CHECK-NEXT: pto.barrier <PIPE_V>
    // CHECK-NEXT: pto.texp
    // CHECK-NEXT: pto.barrier <PIPE_V>
    // CHECK-NEXT: pto.texp
    pto.texp ins(%a : !vec) outs(%b : !vec)
    pto.texp ins(%b : !vec) outs(%a : !vec)
  }
  // CHECK: pto.barrier <PIPE_V>
  // CHECK-NEXT: pto.texp
  pto.texp ins(%c : !vec) outs(%c : !vec)
  return
}

// A barrier that stands already counts.

// CHECK-LABEL: func.func @present
func.func @present() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %a = pto.alloc_tile {buffer = "a"} : !vec
  // CHECK: pto.texp
  // CHECK-NEXT: pto.barrier <PIPE_V>
  // CHECK-NEXT: pto.texp
  // CHECK-NEXT: return
  pto.texp ins(%a : !vec) outs(%a : !vec)
  pto.barrier <PIPE_V>
  pto.texp ins(%a : !vec) outs(%a : !vec)
  return
}
