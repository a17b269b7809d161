#include "tuner/search/surrogate/Posterior.h"

#include <algorithm>

namespace ptotune::search {
namespace {

constexpr std::size_t kBlock = 2048; // candidates whose entries stay in the first cache

} // namespace

Posterior::Posterior(const Kernel& kernel, double nugget, LevelTable candidates)
    : kernel_(kernel), nugget_(static_cast<float>(nugget)), candidates_(std::move(candidates)),
      rows_(candidates_.width()), variance_(candidates_.size(), 1.0F) {
  for (auto& mean : means_)
    mean.assign(candidates_.size(), 0.0F);
}

void Posterior::expect(const Level* levels) {
  std::ranges::copy_n(levels, static_cast<std::ptrdiff_t>(rows_.width()), rows_.add().begin());
  std::vector<float> own(rows_.size());
  kernel_.row(levels, rows_, 0, own);
  own.back() += nugget_;
  factor_.add(own);
  const std::size_t last = factor_.size() - 1;
  const auto factors = factor_.row(last);
  const float perPivot = 1 / factors[last];
  std::vector<float>& entry = entries_.emplace_back(candidates_.size());
  for (std::size_t first = 0; first < entry.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, entry.size() - first);
    float* out = entry.data() + first;
    kernel_.row(levels, candidates_, first, {out, count});
    for (std::size_t j = 0; j < last; ++j) {
      const float* before = entries_[j].data() + first;
      const float factor = factors[j];
      for (std::size_t c = 0; c < count; ++c)
        out[c] -= factor * before[c];
    }
    for (std::size_t c = 0; c < count; ++c) {
      out[c] *= perPivot;
      variance_[first + c] -= out[c] * out[c];
    }
  }
}

void Posterior::settle(std::span<const Targets> targets) {
  for (std::size_t t = 0; t < kTargets; ++t) {
    std::vector<double>& whitened = whitened_[t];
    // Rows behind the settled ones hold no targets, so those before never change.
    for (std::size_t i = whitened.size(); i < targets.size(); ++i) {
      const auto factors = factor_.row(i);
      double rest = targets[i][t];
      for (std::size_t j = 0; j < i; ++j)
        rest -= static_cast<double>(factors[j]) * whitened[j];
      whitened.push_back(rest / static_cast<double>(factors[i]));
      const auto step = static_cast<float>(whitened.back());
      const std::vector<float>& entry = entries_[i];
      std::vector<float>& mean = means_[t];
      for (std::size_t c = 0; c < entry.size(); ++c)
        mean[c] += step * entry[c];
    }
  }
}

} // namespace ptotune::search
