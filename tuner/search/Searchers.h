// The search strategies by name.
#pragma once

#include "space/Result.h"
#include "tuner/search/Prior.h"
#include "tuner/search/Searcher.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ptotune::search {

struct SearcherInfo {
  std::string_view name; // as on the command line
  std::string_view summary;
  std::string_view paper; // empty for our own
  std::unique_ptr<Searcher> (*make)(std::shared_ptr<const SearchSpace> space, std::uint64_t seed);
  // The same, led by predictions; null where the strategy has no use for them.
  std::unique_ptr<Searcher> (*makeGuided)(std::shared_ptr<const SearchSpace> space,
                                          std::uint64_t seed, std::shared_ptr<const Prior> prior);
};

inline constexpr std::string_view kDefaultSearcher = "auto";

// The default first.
std::span<const SearcherInfo> allSearchers();
// The error lists the known names.
Result<const SearcherInfo*> findSearcher(std::string_view name);

} // namespace ptotune::search
