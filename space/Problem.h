// What the user computes.
#pragma once

#include "space/Hash.h"
#include "space/Result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ptotune {

// One flash-attention call per head: O = softmax(Q K^T / sqrt(head)) V with Q of shape [s0, head],
// K and V of shape [s1, head], all `dtype`; O is [s0, head] in fp32. A causal problem masks key
// columns beyond the query row.
struct Problem {
  std::string family = "fa";
  std::int64_t head = 128;
  std::int64_t s0 = 0;
  std::int64_t s1 = 0;
  bool causal = false;
  std::string dtype = "f16";

  bool operator==(const Problem&) const = default;

  // 4*s0*s1*head: two matrix products of 2*s0*s1*head each, masked or not.
  double flops() const;
  // "head=128,s0=1024,s1=1024,causal=0,dtype=f16"
  std::string text() const;
  // The same as a JSON object with sorted keys; the hash is taken over it, family included.
  std::string json() const;
  Hash hash() const;
  // Parses text(); keys left out keep the value they have in `base`.
  static Result<Problem> parse(std::string_view text, const Problem& base);
};

// The part of a problem that the emitted code depends on: s0 and s1 are run-time arguments.
struct KernelSpec {
  std::int64_t head = 128;
  bool causal = false;
  std::string dtype = "f16";

  auto operator<=>(const KernelSpec&) const = default;
  static KernelSpec of(const Problem& problem) {
    return {problem.head, problem.causal, problem.dtype};
  }
};

} // namespace ptotune
