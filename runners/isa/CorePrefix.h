// What stands in front of a kernel that is compiled for pto-isa's CPU simulation.
#pragma once

namespace ptotune::isa {

// C++ text of flags.h, which all parts share.
extern const char* const kFlags;
// C++ text: pto-isa's tile instructions as they are, FIFOs and cross-core flags of our own. The
// simulation's FIFOs know one vector core; these follow the A2/A3 protocol (docs/protocol.md) with
// both, so that one cube and two vector threads run a kernel of the `slot` form.
extern const char* const kCorePrefix;
// Behind the kernel: the function that a thread runs.
extern const char* const kCoreSuffix;
// A program that runs the threads: see IsaProgram.cpp.
extern const char* const kHostProgram;

} // namespace ptotune::isa
