#include "space/engine/factor/Join.h"

#include "space/engine/factor/RowTable.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <tuple>

namespace ptotune::engine {
namespace {

constexpr std::uint32_t kDead = ~std::uint32_t{0};
constexpr std::uint32_t kUnknown = kDead - 1;
// Memories over several relations are plain arrays up to this size.
constexpr std::size_t kDenseMemory = 4096;

// Counts stay at the largest number once they get there.
constexpr std::uint64_t kSaturated = std::numeric_limits<std::uint64_t>::max();

std::uint64_t multiplied(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kSaturated : product;
}

std::uint64_t added(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kSaturated : sum;
}

// Where a relation stands at a place: its level whose variable is this place's or the next below.
struct Use {
  std::uint32_t relation = 0;
  std::size_t level = 0;
};

// A level while its nodes are being made; see Diagram::Level.
struct Draft {
  std::uint32_t size = 0; // of the domain
  Scratch<Diagram::Node> nodes;
  Scratch<std::uint32_t> values;
  Scratch<std::uint64_t> starts;
  Scratch<std::uint32_t> nexts;
};

// The nodes of one level, made from the states of the relations above it.
struct Workshop {
  Scratch<Use> here;   // relations that have this variable
  Scratch<Use> states; // relations with variables both above and at or below
  // Nodes already made, by the states: an array when there are few combinations, else a table.
  Scratch<std::uint32_t> dense;
  Scratch<std::size_t> strides;
  RowTable<std::uint32_t> keys{0};
  Scratch<std::uint32_t> byKey;
  // Nodes already made, by their edges; unused where different states make different nodes.
  bool isCanonical = false;
  RowTable<std::uint32_t> rows{0};
  RowTable<std::uint64_t> masks{0};
  // Scratch of the one node of this level that is being made.
  Scratch<std::uint32_t> key;
  Scratch<std::uint32_t> before;
  Scratch<std::uint32_t> row;
  Scratch<std::uint64_t> words;
};

class Joiner {
public:
  Joiner(const Lowered& lowered, const Tree& tree, std::span<const Relation> relations,
         BuildEffort& effort)
      : lowered_(lowered), tree_(tree), relations_(relations), effort_(effort),
        drafts_(tree.places.size()), workshops_(tree.places.size()) {
    for (const Relation& relation : relations)
      state_.push_back(relation.root);
    for (std::uint32_t place = 0; place < tree.places.size(); ++place)
      prepare(place);
  }

  // The node of a place for the current states; kDead when nothing is left.
  std::uint32_t node(std::uint32_t place) {
    Workshop& shop = workshops_[place];
    if (tree_.places[place].children.empty() && shop.here.size() > 1)
      return leaf(place);
    std::uint32_t* known = remembered(shop);
    if (*known != kUnknown)
      return *known;
    const std::size_t at = static_cast<std::size_t>(known - memoryOf(shop).data());
    const std::uint32_t made = tree_.places[place].children.empty() ? leaf(place) : inner(place);
    memoryOf(shop)[at] = made;
    return made;
  }

  const Draft& draft(std::uint32_t place) const { return drafts_[place]; }

private:
  void prepare(std::uint32_t place) {
    const Tree::Place& at = tree_.places[place];
    Workshop& shop = workshops_[place];
    std::size_t below = 0;
    for (std::uint32_t r = 0; r < relations_.size(); ++r) {
      const auto& levels = relations_[r].levels;
      const auto inside = std::ranges::find_if(levels, [&](const Relation::Level& level) {
        return (at.below >> level.variable & 1) != 0;
      });
      if (inside == levels.end())
        continue;
      ++below;
      const Use use{r, static_cast<std::size_t>(inside - levels.begin())};
      if (inside->variable == at.variable)
        shop.here.push_back(use);
      if (use.level > 0)
        shop.states.push_back(use);
    }
    shop.isCanonical = below <= 1;
    std::size_t combinations = 1;
    for (const Use& use : shop.states) {
      shop.strides.push_back(combinations);
      combinations *= std::min<std::size_t>(
          relations_[use.relation].levels[use.level].nodes + Relation::kFirst, kDenseMemory);
      combinations = std::min(combinations, kDenseMemory * 2);
    }
    if (shop.states.size() <= 1)
      combinations = shop.states.empty()
                         ? 1
                         : relations_[shop.states[0].relation].levels[shop.states[0].level].nodes +
                               Relation::kFirst;
    if (shop.states.size() <= 1 || combinations <= kDenseMemory)
      shop.dense.assign(combinations, kUnknown);
    else
      shop.keys = RowTable<std::uint32_t>(shop.states.size());

    const std::size_t size = lowered_.variables[at.variable].cells.size();
    shop.key.resize(shop.states.size());
    shop.before.resize(shop.here.size());
    shop.row.resize(size * at.children.size());
    shop.words.resize((size + 63) / 64);
    shop.rows = RowTable<std::uint32_t>(shop.row.size());
    shop.masks = RowTable<std::uint64_t>(shop.words.size());
    drafts_[place].size = static_cast<std::uint32_t>(size);
  }

  static Scratch<std::uint32_t>& memoryOf(Workshop& shop) {
    return shop.dense.empty() ? shop.byKey : shop.dense;
  }

  std::uint32_t* remembered(Workshop& shop) {
    if (!shop.dense.empty()) {
      std::size_t at = 0;
      for (std::size_t i = 0; i < shop.states.size(); ++i)
        at += state_[shop.states[i].relation] * shop.strides[i];
      return &shop.dense[at];
    }
    for (std::size_t i = 0; i < shop.states.size(); ++i)
      shop.key[i] = state_[shop.states[i].relation];
    const std::uint32_t number = shop.keys.intern(shop.key.data());
    if (number == shop.byKey.size())
      shop.byKey.push_back(kUnknown);
    return &shop.byKey[number];
  }

  std::uint32_t leaf(std::uint32_t place) {
    Workshop& shop = workshops_[place];
    Draft& draft = drafts_[place];
    const std::size_t size = draft.size;
    std::ranges::fill(shop.words, ~std::uint64_t{0});
    if (size % 64 != 0)
      shop.words.back() = (std::uint64_t{1} << (size % 64)) - 1;
    for (const Use& use : shop.here) {
      const std::uint32_t state = state_[use.relation];
      const Relation::Level& of = relations_[use.relation].levels[use.level];
      if (state == Relation::kNothing)
        return kDead;
      for (std::size_t i = 0; i < of.words && state >= Relation::kFirst; ++i)
        shop.words[i] &= of.masks[std::size_t{state - Relation::kFirst} * of.words + i];
    }
    if (std::ranges::all_of(shop.words, [](std::uint64_t word) { return word == 0; }))
      return kDead;
    const auto fresh = static_cast<std::uint32_t>(draft.nodes.size());
    const std::uint32_t number = shop.isCanonical ? fresh : shop.masks.intern(shop.words.data());
    if (number < fresh)
      return number;
    const auto first = static_cast<std::uint32_t>(draft.values.size());
    for (std::size_t word = 0; word < shop.words.size(); ++word)
      for (std::uint64_t rest = shop.words[word]; rest != 0; rest &= rest - 1)
        draft.values.push_back(static_cast<std::uint32_t>(
            word * 64 + static_cast<std::size_t>(std::countr_zero(rest))));
    const auto edges = static_cast<std::uint32_t>(draft.values.size()) - first;
    effort_.evaluations += edges;
    draft.nodes.push_back({edges, first, edges});
    return number;
  }

  std::uint32_t inner(std::uint32_t place) {
    Workshop& shop = workshops_[place];
    const std::size_t size = drafts_[place].size;
    const std::size_t width = tree_.places[place].children.size();
    for (std::size_t i = 0; i < shop.here.size(); ++i)
      shop.before[i] = state_[shop.here[i].relation];
    bool isEmpty = true;
    for (std::uint32_t value = 0; value < size; ++value) {
      std::uint32_t* nexts = &shop.row[value * width];
      std::fill_n(nexts, width, kDead); // equal rows are equal sets
      ++effort_.evaluations;
      if (!effort_.isSpent() && advance(shop, value))
        descend(place, nexts);
      isEmpty &= nexts[0] == kDead;
    }
    for (std::size_t i = 0; i < shop.here.size(); ++i)
      state_[shop.here[i].relation] = shop.before[i];
    if (isEmpty)
      return kDead;
    const auto fresh = static_cast<std::uint32_t>(drafts_[place].nodes.size());
    const std::uint32_t number = shop.isCanonical ? fresh : shop.rows.intern(shop.row.data());
    if (number == fresh)
      append(place, shop.row);
    return number;
  }

  // Gives the relations of this variable the value; false when one of them forbids it.
  bool advance(const Workshop& shop, std::uint32_t value) {
    for (std::size_t i = 0; i < shop.here.size(); ++i) {
      const Use& use = shop.here[i];
      const std::uint32_t next = relations_[use.relation].next(use.level, shop.before[i], value);
      if (next == Relation::kNothing)
        return false;
      state_[use.relation] = next;
    }
    return true;
  }

  // All children, or kDead for every one of them.
  void descend(std::uint32_t place, std::uint32_t* nexts) {
    const Scratch<std::uint32_t>& children = tree_.places[place].children;
    for (std::size_t i = 0; i < children.size(); ++i) {
      nexts[i] = node(children[i]);
      if (nexts[i] == kDead) {
        std::fill_n(nexts, children.size(), kDead);
        return;
      }
    }
  }

  void append(std::uint32_t place, const Scratch<std::uint32_t>& row) {
    Draft& draft = drafts_[place];
    const Scratch<std::uint32_t>& children = tree_.places[place].children;
    Diagram::Node node{.first = static_cast<std::uint32_t>(draft.values.size())};
    for (std::uint32_t value = 0; value < draft.size; ++value) {
      const std::uint32_t* nexts = &row[value * children.size()];
      if (nexts[0] == kDead)
        continue;
      std::uint64_t count = 1;
      for (std::size_t i = 0; i < children.size(); ++i)
        count = multiplied(count, drafts_[children[i]].nodes[nexts[i]].count);
      draft.values.push_back(value);
      draft.starts.push_back(node.count);
      draft.nexts.insert(draft.nexts.end(), nexts, nexts + children.size());
      node.count = added(node.count, count);
      ++node.size;
    }
    draft.nodes.push_back(node);
  }

  const Lowered& lowered_;
  const Tree& tree_;
  std::span<const Relation> relations_;
  BuildEffort& effort_;
  Scratch<Draft> drafts_;        // by place
  Scratch<Workshop> workshops_;  // by place
  Scratch<std::uint32_t> state_; // by relation
};

// A tree or a free parameter, on its way to its levels.
struct Unit {
  std::size_t lastSize = 0; // of the domain that varies fastest
  std::uint32_t first = 0;  // place
  std::uint32_t count = 0;  // places; none for a free parameter
  std::uint32_t parameter = 0;
};

Scratch<Unit> unitsOf(const Lowered& lowered, const Tree& tree) {
  Scratch<Unit> units;
  for (std::uint32_t parameter = 0; parameter < lowered.domains.size(); ++parameter)
    if (!lowered.variableOf[parameter] && lowered.domains[parameter].size() > 1)
      units.push_back({lowered.domains[parameter].size(), 0, 0, parameter});
  for (std::uint32_t place = 0; place < tree.places.size(); ++place) {
    if (tree.places[place].parent < 0)
      units.push_back({0, place, 0, 0});
    ++units.back().count;
    units.back().lastSize = lowered.variables[tree.places[place].variable].cells.size();
  }
  // The largest fastest: going through all configurations spends least on the others.
  std::ranges::sort(units, {}, [](const Unit& unit) {
    return std::tuple(unit.lastSize, unit.first, unit.parameter);
  });
  return units;
}

template <typename T> std::vector<T> exactly(const Scratch<T>& from) {
  return std::vector<T>(from.begin(), from.end());
}

Diagram::Level freeLevel(std::uint32_t parameter, const Scratch<Cell>& cells) {
  Diagram::Level level{.parameter = parameter, .cells = exactly(cells)};
  const auto size = static_cast<std::uint32_t>(cells.size());
  level.nodes.push_back({size, 0, size});
  level.values.resize(size);
  std::iota(level.values.begin(), level.values.end(), 0U);
  return level;
}

// The levels of one tree, behind those that are there already.
void appendTree(const Lowered& lowered, const Tree& tree, const Unit& unit, const Joiner& joiner,
                Diagram& diagram) {
  const auto base = static_cast<std::uint32_t>(diagram.levels.size());
  for (std::uint32_t place = unit.first; place < unit.first + unit.count; ++place) {
    const Draft& draft = joiner.draft(place);
    const Tree::Place& at = tree.places[place];
    Diagram::Level& level = diagram.levels.emplace_back();
    level.parameter = lowered.variables[at.variable].parameter;
    level.parent = at.parent < 0 ? -1
                                 : at.parent - static_cast<std::int32_t>(unit.first) +
                                       static_cast<std::int32_t>(base);
    level.cells = exactly(lowered.variables[at.variable].cells);
    level.nodes = exactly(draft.nodes);
    level.values = exactly(draft.values);
    level.starts = exactly(draft.starts);
    level.nexts = exactly(draft.nexts);
    for (const std::uint32_t child : at.children)
      level.children.push_back(child - unit.first + base);
  }
  for (std::size_t at = base; at < diagram.levels.size(); ++at)
    for (std::uint32_t slot = 0; slot < diagram.levels[at].children.size(); ++slot)
      diagram.levels[diagram.levels[at].children[slot]].slot = slot;
}

} // namespace

Result<Diagram> join(const Lowered& lowered, const Tree& tree, std::span<const Relation> relations,
                     BuildEffort& effort) {
  Diagram diagram;
  Joiner joiner(lowered, tree, relations, effort);
  const Scratch<Unit> units = unitsOf(lowered, tree);
  diagram.levels.reserve(tree.places.size() + units.size());
  diagram.roots.reserve(units.size());
  std::uint64_t count = 1;
  for (const Unit& unit : units) {
    const auto root = static_cast<std::uint32_t>(diagram.levels.size());
    diagram.roots.push_back(root);
    if (unit.count == 0) {
      diagram.levels.push_back(freeLevel(unit.parameter, lowered.domains[unit.parameter]));
    } else {
      const std::uint32_t node = joiner.node(unit.first);
      if (node == kDead)
        return Diagram();
      appendTree(lowered, tree, unit, joiner, diagram);
      diagram.levels[root].root = node;
    }
    count = multiplied(count, diagram.levels[root].nodes[diagram.levels[root].root].count);
  }
  if (count == kSaturated)
    return Error{.message = "the space has 2^64 configurations or more",
                 .key = "parameters",
                 .expected = "a smaller space",
                 .advice = "narrow domains or add constraints"};
  diagram.count = count;
  return diagram;
}

} // namespace ptotune::engine
