// Where the installed configurations lie, and the SoC profiles among them.
#pragma once

#include "space/Result.h"
#include "space/Soc.h"

#include <map>
#include <optional>
#include <string>

namespace ptotune {

// The folder that holds soc/, spaces/ and jobs/: the environment variable PTO_TUNE_CONFIGS, else
// share/pto-tune/configs beside the folder of the running program or of libptotune, else under the
// prefix that pto-tune was configured for. Empty where there is none of them.
std::string configsFolder();

// The profiles of a folder by the name of their SoC; each file is read once.
class Profiles {
public:
  // `configs` is a folder as configsFolder() finds it; empty: there are no profiles.
  explicit Profiles(std::string configs) : configs_(std::move(configs)) {}

  // Null where no profile has this name. Fails on a profile that cannot be read.
  Result<const SocProfile*> find(const std::string& soc);

private:
  Status read();

  std::string configs_;
  std::optional<std::map<std::string, SocProfile>> profiles_; // nothing: not read yet
};

} // namespace ptotune
