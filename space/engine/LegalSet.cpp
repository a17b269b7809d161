#include "space/engine/LegalSet.h"

#include "space/engine/factor/Join.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <tuple>

namespace ptotune::engine {
namespace {

constexpr std::uint64_t kMostEntries = 4'000'000'000;

// Conditions that are decided together, over the variables of the widest.
struct Group {
  std::uint64_t scope = 0;
  bool hasPredicate = false;
  Scratch<Condition> conditions;
};

bool covers(const Group& group, const Condition& condition) {
  return (condition.variables & ~group.scope) == 0;
}

// Each condition joins one group whose scope covers its own, so that it prunes that group early.
// Groups with predicates take in all that they cover: a predicate is asked only where the
// expressions over its parameters hold.
Scratch<Group> groupsOf(const Lowered& lowered) {
  Scratch<Condition> sorted = lowered.conditions;
  std::ranges::sort(sorted, {}, [](const Condition& condition) {
    return std::tuple(-std::popcount(condition.variables), condition.variables,
                      condition.predicate.has_value(), condition.predicate, condition.root);
  });
  Scratch<Group> groups;
  Scratch<std::size_t> groupOf;
  for (const Condition& condition : sorted) {
    std::size_t at = 0;
    while (at < groups.size() && !covers(groups[at], condition))
      ++at;
    if (at == groups.size())
      groups.push_back({condition.variables, false, {}});
    groups[at].hasPredicate |= condition.predicate.has_value();
    groupOf.push_back(at);
  }
  for (std::size_t i = 0; i < sorted.size(); ++i)
    for (std::size_t at = 0; at < groups.size(); ++at)
      if (at == groupOf[i] || (groups[at].hasPredicate && covers(groups[at], sorted[i])))
        groups[at].conditions.push_back(sorted[i]);
  return groups;
}

Tree planFor(const Lowered& lowered, const Scratch<Group>& groups, bool declaredOrder) {
  if (declaredOrder) {
    Scratch<std::uint32_t> all(lowered.variables.size());
    for (std::uint32_t v = 0; v < all.size(); ++v)
      all[v] = v;
    return planChain(all);
  }
  Scratch<std::size_t> sizes;
  for (const Variable& variable : lowered.variables)
    sizes.push_back(variable.cells.size());
  Scratch<std::uint64_t> scopes;
  for (const Group& group : groups)
    for (const Condition& condition : group.conditions)
      scopes.push_back(condition.variables);
  return planTree(sizes, scopes);
}

Relation relationOf(const Model& model, const Lowered& lowered, const Tree& tree,
                    const Group& group, BuildEffort& effort) {
  Scratch<std::uint32_t> variables;
  for (const Tree::Place& place : tree.places)
    if ((group.scope >> place.variable & 1) != 0)
      variables.push_back(place.variable);
  return buildRelation(model, lowered, variables, group.conditions, effort);
}

Error tooMuchEffort(const LegalSet::Options& options) {
  return Error{.message = fmt::format("building the legal set looked at {} partial assignments",
                                      options.mostEvaluations),
               .key = "constraints",
               .expected = "constraints over few parameters each",
               .advice = "split wide constraints, narrow domains, or raise mostEvaluations"};
}

} // namespace

Result<LegalSet> LegalSet::build(std::shared_ptr<const Model> model) {
  return build(std::move(model), Options());
}

Result<LegalSet> LegalSet::build(std::shared_ptr<const Model> model, const Options& options) {
  const ScratchScope scratch;
  const auto lowered = lower(*model, options.declaredOrder);
  if (!lowered)
    return lowered.error();
  std::vector<Cell> base(model->parameters().size());
  for (std::size_t p = 0; p < base.size(); ++p)
    if (!lowered->domains[p].empty())
      base[p] = lowered->domains[p].front();
  if (lowered->impossible)
    return LegalSet(std::move(model), Diagram(), std::move(base), 0);

  // Each edge and each entry of a table is counted, so that 32 bits number them.
  BuildEffort effort{.most = std::min(options.mostEvaluations, kMostEntries)};
  const Scratch<Group> groups = groupsOf(*lowered);
  const Tree tree = planFor(*lowered, groups, options.declaredOrder);
  Scratch<Relation> relations;
  relations.reserve(groups.size());
  for (const Group& group : groups) {
    relations.push_back(relationOf(*model, *lowered, tree, group, effort));
    if (effort.isSpent())
      return tooMuchEffort(options);
    if (relations.back().root == Relation::kNothing)
      return LegalSet(std::move(model), Diagram(), std::move(base), effort.evaluations);
  }
  auto diagram = join(*lowered, tree, relations, effort);
  if (effort.isSpent())
    return tooMuchEffort(options);
  if (!diagram)
    return diagram.error();
  if (diagram->levels.size() > kMostLevels)
    return Error{.message = fmt::format("{} parameters have a choice", diagram->levels.size()),
                 .key = "parameters",
                 .expected = fmt::format("at most {}", kMostLevels)};
  return LegalSet(std::move(model), std::move(*diagram), std::move(base), effort.evaluations);
}

LegalSet::LegalSet(std::shared_ptr<const Model> model, Diagram diagram, std::vector<Cell> base,
                   std::uint64_t evaluations)
    : model_(std::move(model)), diagram_(std::move(diagram)), base_(std::move(base)),
      isFixed_(base_.size(), true), evaluations_(evaluations) {
  std::vector<std::uint32_t> levelOf(base_.size(), 0);
  for (std::uint32_t l = 0; l < diagram_.levels.size(); ++l) {
    const std::uint32_t parameter = diagram_.levels[l].parameter;
    order_.push_back(parameter);
    isFixed_[parameter] = false;
    levelOf[parameter] = l;
  }
  for (std::uint32_t p = 0; p < base_.size(); ++p) {
    const auto& derived = model_->parameters()[p].derived;
    if (!derived)
      continue;
    isFixed_[p] = false;
    for (const std::uint32_t from : derived->parameters)
      levelOf[p] = std::max(levelOf[p], levelOf[from]);
    derived_.push_back({p, levelOf[p]});
  }
  std::ranges::sort(derived_, {}, [](const Derived& derived) {
    return std::pair(derived.level, derived.parameter);
  });
}

std::size_t LegalSet::bytes() const {
  return sizeof(*this) + diagram_.bytes() + base_.capacity() * sizeof(Cell) +
         order_.capacity() * sizeof(std::uint32_t) + derived_.capacity() * sizeof(Derived);
}

void LegalSet::derive(std::span<Cell> row, std::size_t fromLevel) const {
  for (const Derived& derived : derived_)
    if (derived.level >= fromLevel)
      row[derived.parameter] = evaluate(*model_->parameters()[derived.parameter].derived, row).cell;
}

void LegalSet::at(std::uint64_t index, std::span<Cell> row) const {
  std::ranges::copy(base_, row.begin());
  std::array<std::uint64_t, kMostLevels> rest; // by level: the number within its node
  std::array<std::uint32_t, kMostLevels> node;
  for (std::size_t i = diagram_.roots.size(); i-- > 0;) {
    const std::uint32_t l = diagram_.roots[i];
    const Diagram::Level& level = diagram_.levels[l];
    const std::uint64_t count = level.nodes[level.root].count;
    node[l] = level.root;
    rest[l] = i == 0 ? index : index % count;
    index = i == 0 ? 0 : index / count;
  }
  for (std::size_t l = 0; l < diagram_.levels.size(); ++l) {
    const Diagram::Level& level = diagram_.levels[l];
    const Diagram::Node& at = level.nodes[node[l]];
    if (level.children.empty()) {
      row[level.parameter] = level.cells[level.values[at.first + rest[l]]];
      continue;
    }
    const std::uint64_t* starts = level.starts.data() + at.first;
    std::uint64_t within = rest[l];
    std::uint32_t edge = 0;
    if (at.size <= 16)
      for (std::uint32_t e = 1; e < at.size; ++e)
        edge += starts[e] <= within ? 1 : 0;
    else
      edge =
          static_cast<std::uint32_t>(std::upper_bound(starts, starts + at.size, within) - starts) -
          1;
    row[level.parameter] = level.cells[level.values[at.first + edge]];
    within -= starts[edge];
    const std::uint32_t* nexts = level.nexts.data() + (at.first + edge) * level.children.size();
    for (std::size_t slot = level.children.size(); slot-- > 0;) {
      const std::uint32_t child = level.children[slot];
      node[child] = nexts[slot];
      if (slot == 0) {
        rest[child] = within;
        break;
      }
      const std::uint64_t count = diagram_.levels[child].nodes[nexts[slot]].count;
      rest[child] = within % count;
      within /= count;
    }
  }
  if (!derived_.empty())
    derive(row, 0);
}

std::optional<std::uint32_t> LegalSet::edgeOf(const Diagram::Level& level,
                                              const Diagram::Node& node, Cell cell) const {
  const std::uint32_t* values = level.values.data() + node.first;
  for (std::uint32_t edge = 0; edge < node.size; ++edge)
    if (level.cells[values[edge]] == cell)
      return node.first + edge;
  return std::nullopt;
}

std::optional<std::uint64_t> LegalSet::rank(std::span<const Cell> row) const {
  if (empty() || row.size() != width())
    return std::nullopt;
  for (std::size_t p = 0; p < row.size(); ++p)
    if (isFixed_[p] && row[p] != base_[p])
      return std::nullopt;
  for (const Derived& derived : derived_)
    if (evaluate(*model_->parameters()[derived.parameter].derived, row).cell !=
        row[derived.parameter])
      return std::nullopt;
  const std::size_t size = diagram_.levels.size();
  std::array<std::uint32_t, kMostLevels> node;
  std::array<std::uint32_t, kMostLevels> edge;
  for (std::size_t l = 0; l < size; ++l) {
    const Diagram::Level& level = diagram_.levels[l];
    if (level.parent < 0) {
      node[l] = level.root;
    } else {
      const auto parent = static_cast<std::size_t>(level.parent);
      const Diagram::Level& above = diagram_.levels[parent];
      node[l] = above.nexts[edge[parent] * above.children.size() + level.slot];
    }
    const auto found = edgeOf(level, level.nodes[node[l]], row[level.parameter]);
    if (!found)
      return std::nullopt;
    edge[l] = *found;
  }
  // Children come after their parents: their numbers are ready when the parent's is made.
  std::array<std::uint64_t, kMostLevels> number;
  for (std::size_t l = size; l-- > 0;) {
    const Diagram::Level& level = diagram_.levels[l];
    if (level.children.empty()) {
      number[l] = edge[l] - level.nodes[node[l]].first;
      continue;
    }
    std::uint64_t within = 0;
    for (const std::uint32_t child : level.children)
      within = within * diagram_.levels[child].nodes[node[child]].count + number[child];
    number[l] = level.starts[edge[l]] + within;
  }
  std::uint64_t index = 0;
  for (const std::uint32_t l : diagram_.roots)
    index = index * diagram_.levels[l].nodes[diagram_.levels[l].root].count + number[l];
  return index;
}

// Downwards, a node stands in as many configurations as the edges that lead to it have contexts.
std::vector<std::vector<std::uint64_t>> LegalSet::marginals() const {
  std::vector<std::vector<std::uint64_t>> all(width());
  for (std::size_t p = 0; p < all.size(); ++p)
    all[p].resize(model_->parameters()[p].cells.size());
  const auto valueOf = [&](std::uint32_t parameter, Cell cell) {
    const auto& cells = model_->parameters()[parameter].cells;
    return static_cast<std::size_t>(std::ranges::find(cells, cell) - cells.begin());
  };
  for (std::uint32_t p = 0; p < all.size(); ++p)
    if (isFixed_[p] && !all[p].empty() && !empty())
      all[p][valueOf(p, base_[p])] = count();
  std::vector<std::vector<std::uint64_t>> contexts;
  for (const Diagram::Level& level : diagram_.levels) {
    contexts.emplace_back(level.nodes.size());
    if (level.parent < 0)
      contexts.back()[level.root] = count() / level.nodes[level.root].count;
  }
  for (std::size_t l = 0; l < diagram_.levels.size(); ++l) {
    const Diagram::Level& level = diagram_.levels[l];
    for (std::size_t n = 0; n < level.nodes.size(); ++n) {
      const Diagram::Node& node = level.nodes[n];
      for (std::uint32_t e = node.first; e < node.first + node.size; ++e) {
        std::uint64_t below = 1;
        for (std::size_t slot = 0; slot < level.children.size(); ++slot)
          below *= diagram_.levels[level.children[slot]]
                       .nodes[level.nexts[e * level.children.size() + slot]]
                       .count;
        all[level.parameter][valueOf(level.parameter, level.cells[level.values[e]])] +=
            contexts[l][n] * below;
        for (std::size_t slot = 0; slot < level.children.size(); ++slot) {
          const std::uint32_t child = level.children[slot];
          const std::uint32_t next = level.nexts[e * level.children.size() + slot];
          contexts[child][next] +=
              contexts[l][n] * (below / diagram_.levels[child].nodes[next].count);
        }
      }
    }
  }
  return all;
}

Result<std::vector<std::uint64_t>> countRejections(const Model& model) {
  std::vector<std::uint64_t> rejected;
  const auto raw = model.rawSize();
  if (!raw)
    return Error{.message = "the space has 2^64 assignments or more", .key = "parameters"};
  std::uint64_t left = *raw;
  for (std::size_t i = 0; i < model.constraints().size(); ++i) {
    const auto set = LegalSet::build(std::make_shared<Model>(model.withFirst(i + 1)));
    if (!set)
      return set.error();
    rejected.push_back(left - set->count());
    left = set->count();
  }
  return rejected;
}

} // namespace ptotune::engine
