// What can still be read of a damaged database, as a sound one.
#pragma once

#include "db/Records.h"
#include "space/Result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ptotune {

struct Recovered {
  Taken taken;                   // by the new file
  std::vector<std::string> lost; // one sentence each; empty when nothing is
};

// Reads whatever pages of `damaged` can be read, row by row, keeps every row that has the content
// of its id, and takes it into the database `into`, which is made where there is none. The damaged
// file is only read. Trials whose session is lost are given one named "pto-tune db recover". Fails
// where the file cannot even be opened: then its first page is gone.
Result<Recovered> recoverDatabase(const std::string& damaged, const std::string& into);

} // namespace ptotune
