#include "tuner/cli/Kernel.h"

#include <fmt/format.h>

namespace ptotune::cli {

Error noKernel(const RuleContext& context, const Error& fromCompiler) {
  for (const Finding& finding : explain(context).rejections) {
    const bool lowerable = finding.rule == "shape.s0" || finding.rule == "shape.s1" ||
                           finding.rule.starts_with("protocol.");
    if (!lowerable)
      return {.message = fmt::format("the point has no kernel: {}: {}", finding.rule, finding.text),
              .advice = "'pto-tune check' tells more"};
  }
  return fromCompiler;
}

} // namespace ptotune::cli
