// Whole files, written at once.
#pragma once

#include "space/Result.h"

#include <string>
#include <string_view>

namespace ptotune {

// Makes `path` hold exactly `content`. Readers see the old file or the new one, never a part, and
// an error leaves the old file as it was: the content goes to a temporary file beside it, to the
// disk, and then takes the name. A symbolic link is followed. A file that holds the content already
// is not touched, so that builds which depend on it stay up to date.
Status writeFile(const std::string& path, std::string_view content);

// Fails, with writeFile()'s message, where writeFile() could not write; changes nothing. For work
// that is long and ends in a file.
Status checkWritable(const std::string& path);

} // namespace ptotune
