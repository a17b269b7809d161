// The outcome of the legality rules for one point.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ptotune {

// One arc of a drawing: an operation, and what it waits for or may overtake.
struct Link {
  std::string from; // "cube TALLOC QK tile 4"
  std::string why;  // "waits for"
  std::string to;
  bool missing = false; // an order that is not enforced, and should be
};

// One thing a rule has to say, with its numbers.
struct Finding {
  std::string rule;                                           // id: "capacity.ub"
  std::string text;                                           // one sentence with the numbers in it
  std::vector<std::pair<std::string, std::int64_t>> operands; // name -> value
  std::string object;               // FIFO, ring or buffer that it is about; "" where there is none
  std::int64_t limit = 0;           // what the operands were held against; 0 where there is none
  std::vector<std::string> details; // a line each: a buffer's bytes; an event of the witness
  std::string advice;               // what would make it legal
  std::vector<Link> links;          // of a witness, as a drawing: a cycle, or a missing order
};

// What the rules say of one point, in words.
struct Explanation {
  std::vector<Finding> rejections; // empty: legal
  std::vector<Finding> facts;      // what held, with its numbers, for `check`

  bool legal() const { return rejections.empty(); }
};

// The same without words. A rule is a bit, by its place in rules().
struct Verdict {
  static constexpr std::size_t kMostRules = 32;

  std::bitset<kMostRules> held;
  std::bitset<kMostRules> rejected; // in neither: not to be judged behind a rejection

  bool legal() const { return rejected.none(); }
};

} // namespace ptotune
