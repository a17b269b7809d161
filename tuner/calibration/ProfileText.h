// The text of a profile with other constants. Everything else of the file stays as it is.
#pragma once

#include "space/Result.h"
#include "space/Soc.h"
#include "tuner/calibration/Fit.h"

#include <span>
#include <string>
#include <string_view>

namespace ptotune::calibration {

// `text` is the content of the file that the profile was loaded from. Each constant stands on a
// line of its own in [constants], as `key = { value = NUMBER, ..., source = "..." }`; the
// [calibration] table is written anew with `range`.
Result<std::string> withConstants(std::string_view text, const SocProfile& soc,
                                  std::span<const Constant* const> free,
                                  const CalibrationRange& range, const std::string& file);

} // namespace ptotune::calibration
