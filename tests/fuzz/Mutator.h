// Mutations of IR text: what people get wrong, and what nobody would write.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace ptotune::fuzz {

class Mutator {
public:
  // Parts of all `inputs` may end up in any mutant.
  explicit Mutator(std::vector<std::string> inputs);

  std::size_t inputs() const { return inputs_.size(); }
  // The same for the same seed: one of the inputs, changed in a few places.
  std::string mutant(std::uint64_t seed) const;

private:
  using Random = std::mt19937_64;

  void change(std::string& text, Random& random) const;
  void changeLines(std::string& text, Random& random) const;
  void changeToken(std::string& text, Random& random) const;
  static void changeBytes(std::string& text, Random& random);

  std::vector<std::string> inputs_;
  std::vector<std::string> tokens_; // of all inputs, each once
};

} // namespace ptotune::fuzz
