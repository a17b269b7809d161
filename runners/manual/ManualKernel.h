// Upstream's manual flash-attention kernel, as it stands in a pto-isa tree: what is said around it
// to measure it for one problem. Nothing of it is in this repository.
//
// Vocabulary
//   case   what TFA_FOR_EACH_CASE of a header of ours holds for the problem: the template's
//          arguments
//   unit   a source of ours that includes upstream's kernel, which includes that header, and
//          launches the case
#pragma once

#include "runners/ascend/LaunchShim.h"
#include "space/Point.h"
#include "space/Problem.h"
#include "space/Result.h"
#include "space/Soc.h"

#include <string>
#include <string_view>

namespace ptotune::manual {

// Below a pto-isa tree.
inline constexpr const char* kFolder = "kernels/manual/common/flash_atten";
inline constexpr const char* kSource = "fa_performance_kernel.cpp";
// What upstream's kernel calls the header of its cases.
inline constexpr const char* kCasesHeader = "generated_cases.h";
// A commit of pto-isa whose kernel has the parameters that the unit names.
inline constexpr const char* kKnownCommit = "f35e7f60";

// An error where there is no tree, or none with this kernel: it says where was looked.
Status checkTree(const std::string& isaRoot);

// Why the kernel cannot run this point for this problem: "" where it can. Beside what
// manualKernelObjection() knows: a causal kernel reads the keys of every query row's tile.
std::string objection(const Problem& problem, const Point& point, const SocProfile& soc);

// The header of the cases: what 'pto-tune export' writes for this one entry.
std::string casesHeader(const Problem& problem, const Point& point, const SocProfile& soc);

// The unit's text. It launches the kernel alone: upstream's own launch function also warms the
// cores up and fetches the inputs into L2, outside of what upstream times.
std::string unitSource(const Problem& problem, const Point& point);
// Of the unit's first line: a JSON object with the keys "head", "causal", "dtype" and "point"
// follows.
inline constexpr std::string_view kUnitComment = "// Instantiates upstream's manual kernel for ";

// What the unit's launch function takes. Sizes: main.cpp of the kernel's folder.
ascend::LaunchPlan launchPlan(const Problem& problem, const Point& point);

} // namespace ptotune::manual
