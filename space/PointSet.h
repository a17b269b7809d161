// The points of a space that the rules leave, factored: counted, gone through, numbered and drawn
// from without being written out.
//
// The rules stay the single truth: each is handed to the space engine as a predicate over the
// parameters that it reads (Rule::reads), and the engine joins what the predicates say. The
// constraints of the space file are joined as expressions. In scope there are
//   parameters  by their names; SlotNum where the three depths follow one; kTileFactor
//   problem     head, s0, s1, causal (0 or 1), dtype
//   target      soc, cube_cores, vector_per_cube, event_ids, ffts_counter_max, and the usable bytes
//               of each memory: ub, l1, l0a, l0b, l0c, gm
#pragma once

#include "space/Rules.h"
#include "space/engine/LegalSet.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune {

// Which rules make a set.
enum class RuleSet : std::uint8_t {
  none,            // the constraints of the space file alone
  withoutProtocol, // shape, capacity and resource: rules that read few parameters each
  all,             // the protocol's as well, which read most parameters together
};

// Refuses constraints that cannot be understood: file, line, key, and the column in the text.
Status parseConstraints(const Space& space);
// Appends one finding for each constraint of the space file, with the rule id "constraints[0]".
void explainConstraints(const RuleContext& context, const Space& space, Explanation& explanation);

// The model that the engine joins; parameters in the order of allParams(), those that follow
// another one left out unless a constraint of the space file may name them. One constraint per
// rule, in the order of rules(), then those of the space file; `origin` is the rule's id.
// `without` names a rule, or a constraint of the space file, that is left out.
Result<engine::Model> pointModel(const Problem& problem, const SocProfile& soc, const Space& space,
                                 RuleSet which, std::string_view without = {});

class PointSet {
public:
  struct Options {
    RuleSet rules = RuleSet::all;
    bool declaredOrder = false; // points sorted by Param and domain order
    std::string_view without;   // a rule left out
  };

  // Fails where the engine's limits are met (space/engine/LegalSet.h).
  static Result<PointSet> build(const Problem& problem, const SocProfile& soc, const Space& space,
                                const Options& options);

  std::uint64_t count() const { return set_.count(); }
  const engine::LegalSet& set() const { return set_; }
  // The point with an index below count().
  Point at(std::uint64_t index) const;
  std::optional<std::uint64_t> rank(const Point& point) const;
  bool contains(const Point& point) const { return rank(point).has_value(); }
  // A point drawn uniformly, for a generator of all 64-bit numbers. Not of an empty set.
  template <typename Generator> Point sample(Generator& generator) const {
    return at(set_.uniformIndex(generator));
  }
  // In the order of the indices.
  void forEach(const std::function<void(const Point&)>& visit) const;

private:
  PointSet(engine::LegalSet set, const Space& space);
  Point pointOf(std::span<const engine::Cell> row) const;

  // Where a row's cells go: a number as it is, a category by the number of its name.
  struct Column {
    Param param;
    bool named = false;
    std::vector<Param> followers;
  };

  engine::LegalSet set_;
  std::vector<std::optional<Column>> columns_;                    // by parameter of the model
  std::array<std::vector<engine::Cell>, kParamCount> categories_; // cells by value
};

// How many full assignments each rule or constraint rejects of those that the ones before it, in
// the order of rules(), have left. Together with the count of the set they add up to the raw size.
Result<Enumeration> countByRule(const Problem& problem, const SocProfile& soc, const Space& space,
                                RuleSet which);

} // namespace ptotune
