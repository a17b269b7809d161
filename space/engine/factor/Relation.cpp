#include "space/engine/factor/Relation.h"

#include "space/engine/code/GroupCode.h"
#include "space/engine/factor/RowTable.h"

#include <algorithm>
#include <bit>

namespace ptotune::engine {
namespace {

// The block of lanes takes in variables from the deepest up while it stays within this size.
constexpr std::size_t kBlockLanes = 128;

std::size_t chooseBlock(const Lowered& lowered, std::span<const std::uint32_t> variables) {
  std::size_t level = variables.size() - 1;
  std::size_t lanes = lowered.variables[variables[level]].cells.size();
  while (level > 0) {
    lanes *= lowered.variables[variables[level - 1]].cells.size();
    if (lanes > kBlockLanes)
      break;
    --level;
  }
  return level;
}

// Bits [first, first + count) of `from`.
void extractBits(const std::uint64_t* from, std::size_t first, std::size_t count,
                 std::uint64_t* to) {
  for (std::size_t done = 0; done < count; done += 64) {
    const std::size_t at = first + done;
    const std::size_t left = count - done;
    std::uint64_t word = from[at / 64] >> (at % 64);
    if (at % 64 != 0 && at % 64 + std::min<std::size_t>(left, 64) > 64)
      word |= from[at / 64 + 1] << (64 - at % 64);
    to[done / 64] = left >= 64 ? word : word & ((std::uint64_t{1} << left) - 1);
  }
}

std::size_t wordsFor(std::size_t bits) {
  return (bits + 63) / 64;
}

// kNothing, kAnything, or kFirst when the bits are mixed.
std::uint32_t uniform(const std::uint64_t* words, std::size_t bits) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < wordsFor(bits); ++i)
    count += static_cast<std::size_t>(std::popcount(words[i]));
  if (count == 0)
    return Relation::kNothing;
  return count == bits ? Relation::kAnything : Relation::kFirst;
}

// A predicate with the places its arguments come from.
struct PredicateCall {
  const Constraint::Predicate* predicate = nullptr;
  std::uint32_t number = 0; // of the constraint
  std::size_t level = 0;    // that completes its scope
  Scratch<Cell> arguments;
  struct Source {
    std::size_t argument = 0;
    std::size_t level = 0;
  };
  Scratch<Source> sources;
};

class Builder {
public:
  Builder(const Model& model, const Lowered& lowered, std::span<const std::uint32_t> variables,
          std::span<const Condition> conditions, BuildEffort& effort)
      : lowered_(lowered), variables_(variables), blockLevel_(chooseBlock(lowered, variables)),
        code_(lowered, variables, conditions, blockLevel_), effort_(effort),
        words_(wordsFor(code_.lanes())), wholeBlocks_(words_.size()),
        lastMasks_(wordsFor(sizeOf(variables.size() - 1))) {
    for (std::size_t level = 0; level < variables.size(); ++level) {
      rows_.emplace_back(sizeOf(level));
      scratch_.emplace_back(sizeOf(level));
    }
    current_.resize(variables.size());
    lastWords_.resize(wordsFor(sizeOf(variables.size() - 1)));
    for (std::size_t level = 0; level <= blockLevel_; ++level)
      if (level > 0 && code_.liveAt(level).size() < level)
        memos_.push_back({level,
                          RowTable<Cell>(code_.liveAt(level).size()),
                          {},
                          Scratch<Cell>(code_.liveAt(level).size())});
    for (const Condition& condition : conditions)
      if (condition.predicate)
        addPredicate(model.constraints()[*condition.predicate], *condition.predicate);
    // Asked in the model's order, those that need fewer variables first.
    std::ranges::sort(calls_, {},
                      [](const PredicateCall& call) { return std::pair(call.level, call.number); });
  }

  Relation run() {
    Relation relation;
    relation.root = descend(0);
    for (std::size_t level = 0; level < variables_.size(); ++level) {
      Relation::Level& out = relation.levels.emplace_back();
      out.variable = variables_[level];
      out.size = static_cast<std::uint32_t>(sizeOf(level));
      const bool isLast = level + 1 == variables_.size();
      out.nodes = isLast ? lastMasks_.size() : rows_[level].size();
      if (isLast) {
        out.words = static_cast<std::uint32_t>(lastWords_.size());
        out.masks = lastMasks_.take();
      } else {
        out.next = rows_[level].take();
      }
    }
    return relation;
  }

private:
  struct Memo {
    std::size_t level;
    RowTable<Cell> keys;
    Scratch<std::uint32_t> nodes;
    Scratch<Cell> key; // of the call that is under way
  };

  const Scratch<Cell>& cellsOf(std::size_t level) const {
    return lowered_.variables[variables_[level]].cells;
  }
  std::size_t sizeOf(std::size_t level) const { return cellsOf(level).size(); }

  void addPredicate(const Constraint& constraint, std::uint32_t number) {
    PredicateCall call{.predicate = &constraint.predicate, .number = number};
    for (std::size_t i = 0; i < constraint.scope.size(); ++i) {
      const auto variable = lowered_.variableOf[constraint.scope[i]];
      call.arguments.push_back(variable ? 0 : lowered_.domains[constraint.scope[i]].front());
      if (!variable)
        continue;
      const auto level =
          static_cast<std::size_t>(std::ranges::find(variables_, *variable) - variables_.begin());
      call.sources.push_back({i, level});
      call.level = std::max(call.level, level);
    }
    // Results that a predicate decides depend on the values themselves.
    std::erase_if(memos_, [&](const Memo& memo) { return memo.level <= call.level; });
    calls_.push_back(std::move(call));
  }

  std::uint32_t descend(std::size_t level) {
    for (Memo& memo : memos_)
      if (memo.level == level)
        return remembered(memo);
    return level == blockLevel_ ? block() : outer(level);
  }

  std::uint32_t remembered(Memo& memo) {
    const auto slots = code_.liveAt(memo.level);
    for (std::size_t i = 0; i < slots.size(); ++i)
      memo.key[i] = code_.live(slots[i]);
    const std::uint32_t known = memo.keys.size();
    const std::uint32_t number = memo.keys.intern(memo.key.data());
    if (number < known)
      return memo.nodes[number];
    const std::uint32_t node = memo.level == blockLevel_ ? block() : outer(memo.level);
    memo.nodes.push_back(node);
    return node;
  }

  std::uint32_t outer(std::size_t level) {
    Scratch<std::uint32_t>& row = scratch_[level];
    const Scratch<Cell>& cells = cellsOf(level);
    for (std::size_t value = 0; value < cells.size(); ++value) {
      current_[level] = cells[value];
      ++effort_.evaluations;
      const bool isOpen = !effort_.isSpent() && code_.assign(level, cells[value]) && agree(level);
      row[value] = isOpen ? descend(level + 1) : Relation::kNothing;
    }
    return internRow(level);
  }

  std::uint32_t internRow(std::size_t level) {
    const Scratch<std::uint32_t>& row = scratch_[level];
    const bool isUniform = row.front() < Relation::kFirst &&
                           std::ranges::all_of(row, [&](std::uint32_t n) { return n == row[0]; });
    return isUniform ? row.front() : Relation::kFirst + rows_[level].intern(row.data());
  }

  // Whether the predicates that are complete at an outer level hold.
  bool agree(std::size_t level) {
    for (PredicateCall& call : calls_)
      if (call.level == level && !holds(call))
        return false;
    return true;
  }

  bool holds(PredicateCall& call) {
    for (const auto& source : call.sources)
      call.arguments[source.argument] = current_[source.level];
    return (*call.predicate)(call.arguments);
  }

  std::uint32_t block() {
    effort_.evaluations += code_.lanes();
    code_.block(words_.data());
    for (PredicateCall& call : calls_)
      if (call.level >= blockLevel_)
        keepWhere(call);
    if (const std::uint32_t all = uniform(words_.data(), code_.lanes()); all < Relation::kFirst)
      return all;
    if (blockLevel_ + 1 == variables_.size())
      return Relation::kFirst + lastMasks_.intern(words_.data());
    const std::uint32_t known = wholeBlocks_.size();
    const std::uint32_t number = wholeBlocks_.intern(words_.data());
    if (number == known)
      blockNodes_.push_back(split(blockLevel_, 0, code_.lanes()));
    return blockNodes_[number];
  }

  void keepWhere(PredicateCall& call) {
    for (std::size_t word = 0; word < words_.size(); ++word)
      for (std::uint64_t rest = words_[word]; rest != 0; rest &= rest - 1) {
        const std::size_t lane = word * 64 + static_cast<std::size_t>(std::countr_zero(rest));
        for (std::size_t level = blockLevel_; level < variables_.size(); ++level)
          current_[level] = code_.laneCells(level)[lane];
        if (!holds(call))
          words_[word] &= ~(std::uint64_t{1} << (lane % 64));
      }
  }

  // The node of `level` for the lanes [first, first + count) of the block.
  std::uint32_t split(std::size_t level, std::size_t first, std::size_t count) {
    if (level + 1 == variables_.size()) {
      extractBits(words_.data(), first, count, lastWords_.data());
      const std::uint32_t all = uniform(lastWords_.data(), count);
      return all < Relation::kFirst ? all : Relation::kFirst + lastMasks_.intern(lastWords_.data());
    }
    const std::size_t each = count / sizeOf(level);
    for (std::size_t value = 0; value < sizeOf(level); ++value)
      scratch_[level][value] = split(level + 1, first + value * each, each);
    return internRow(level);
  }

  const Lowered& lowered_;
  std::span<const std::uint32_t> variables_;
  std::size_t blockLevel_;
  GroupCode code_;
  BuildEffort& effort_;
  Scratch<std::uint64_t> words_;     // the lanes that the block allows
  Scratch<std::uint64_t> lastWords_; // the same for one value of the other block variables
  RowTable<std::uint64_t> wholeBlocks_;
  Scratch<std::uint32_t> blockNodes_; // by row of wholeBlocks_
  Scratch<RowTable<std::uint32_t>> rows_;
  RowTable<std::uint64_t> lastMasks_;
  Scratch<Scratch<std::uint32_t>> scratch_; // by level
  Scratch<Memo> memos_;
  Scratch<PredicateCall> calls_;
  Scratch<Cell> current_; // by level
};

} // namespace

Relation buildRelation(const Model& model, const Lowered& lowered,
                       std::span<const std::uint32_t> variables,
                       std::span<const Condition> conditions, BuildEffort& effort) {
  return Builder(model, lowered, variables, conditions, effort).run();
}

} // namespace ptotune::engine
