// RUN: (! pto-opt %s --pto-plan-memory) 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: (! pto-opt %s --pto-insert-sync=soc=no-such.toml) 2>&1 | FileCheck %s --check-prefix=MISSING

// NONE: pass pto-plan-memory has no SoC profile; expected soc=FILE
// MISSING: no-such.toml
module {
}
