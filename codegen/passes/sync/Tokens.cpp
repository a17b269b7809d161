#include "codegen/passes/sync/Tokens.h"

#include <llvm/ADT/MapVector.h>
#include <llvm/ADT/STLExtras.h>

namespace mlir::pto::sync {
namespace {

// Whether the operation leaves its order with the other pipe of an accumulator to the unit flag.
bool hasPhase(Operation* op) {
  if (auto matmul = dyn_cast<TMatmulOp>(op))
    return matmul.getAccPhase() != AccPhase::unspecified;
  if (auto matmul = dyn_cast<TMatmulAccOp>(op))
    return matmul.getAccPhase() != AccPhase::unspecified;
  if (auto store = dyn_cast<TStoreOp>(op))
    return store.getStPhase() != StPhase::unspecified;
  // The push of an accumulator stores it as the TPipe says.
  if (auto push = dyn_cast<TPushOp>(op))
    if (auto pipe = push.getHandle().getDefiningOp<InitializeL2G2LPipeOp>())
      return pipe.getUnitFlag();
  return false;
}

// Whether the unit flag orders all accesses; a mixture is an error.
FailureOr<bool> orderedByUnitFlag(const BufferAccesses& buffer) {
  if (buffer.range.space != AddressSpace::acc)
    return false;
  Operation* with = nullptr;
  Operation* without = nullptr;
  for (const CopyAccesses& copy : buffer.byCopy)
    for (const Access& access : copy.accesses)
      (hasPhase(access.op) ? with : without) = access.op;
  if (!with)
    return false;
  if (!without)
    return true;
  InFlightDiagnostic diagnostic = without->emitOpError()
                                  << "has no unit-flag phase, but another operation on buffer '"
                                  << buffer.name << "' has one; expected all or none";
  diagnostic.attachNote(with->getLoc()) << "the other operation: " << *with;
  return failure();
}

bool inFunctionBody(const Use& use) {
  return isa<func::FuncOp>(use.block()->getParentOp());
}

// Whether no copy is used twice in a run of the function.
bool everyCopyOnce(ArrayRef<Use> uses) {
  for (const auto [i, use] : llvm::enumerate(uses)) {
    if (!inFunctionBody(use))
      return false;
    for (const Use& other : uses.drop_front(i + 1))
      if (mayAlias(use.copy, other.copy))
        return false;
  }
  return true;
}

Token tokenOf(const BufferAccesses& buffer, SmallVector<Use> uses) {
  Token token;
  token.name = buffer.name;
  token.copies = buffer.copies;
  token.uses = std::move(uses);
  const Use* longest = &token.uses.front();
  for (const Use& use : token.uses)
    if (use.phases.size() > longest->phases.size())
      longest = &use;
  token.begin = longest->phases.front().pipe;
  token.end = longest->phases.back().pipe;
  token.returns = !everyCopyOnce(token.uses);
  return token;
}

bool sameShape(const Use& a, const Use& b) {
  return a.copy == b.copy && a.block() == b.block() && a.phases.size() == 2 &&
         b.phases.size() == 2 && a.loops.empty() && b.loops.empty() &&
         a.phases[0].pipe == b.phases[0].pipe && a.phases[1].pipe == b.phases[1].pipe;
}

Operation* earlier(Operation* a, Operation* b) {
  return a->isBeforeInBlock(b) ? a : b;
}
Operation* later(Operation* a, Operation* b) {
  return a->isBeforeInBlock(b) ? b : a;
}

// Both uses as one, where each is written before either is read.
std::optional<Use> join(const Use& a, const Use& b) {
  if (!sameShape(a, b) || a.phases[0].reads || b.phases[0].reads || a.phases[1].writes ||
      b.phases[1].writes)
    return std::nullopt;
  Use joined{a.copy, {}, {}};
  for (size_t i = 0; i < 2; ++i)
    joined.phases.push_back({a.phases[i].pipe, earlier(a.phases[i].first, b.phases[i].first),
                             later(a.phases[i].last, b.phases[i].last), i == 1, i == 0});
  if (!joined.phases[0].last->isBeforeInBlock(joined.phases[1].first))
    return std::nullopt;
  return joined;
}

// Whether a use ends before the next one of its block begins.
bool oneAfterTheOther(ArrayRef<Use> uses) {
  llvm::DenseMap<Block*, SmallVector<const Use*>> byBlock;
  for (const Use& use : uses)
    byBlock[use.block()].push_back(&use);
  for (auto& [block, inBlock] : byBlock) {
    llvm::sort(inBlock, [](const Use* a, const Use* b) {
      return a->phases.front().first->isBeforeInBlock(b->phases.front().first);
    });
    for (size_t i = 1; i < inBlock.size(); ++i)
      if (!inBlock[i - 1]->phases.back().last->isBeforeInBlock(inBlock[i]->phases.front().first))
        return false;
  }
  return true;
}

std::optional<Token> join(const Token& a, const Token& b) {
  if (a.copies != b.copies || a.uses.size() != b.uses.size() || a.returns != b.returns)
    return std::nullopt;
  Token joined = a;
  joined.name = a.name + "+" + b.name;
  for (size_t i = 0; i < a.uses.size(); ++i) {
    std::optional<Use> use = join(a.uses[i], b.uses[i]);
    if (!use)
      return std::nullopt;
    joined.uses[i] = std::move(*use);
  }
  if (!oneAfterTheOther(joined.uses))
    return std::nullopt;
  return joined;
}

// Pairs of pipes over which the token travels.
void addPairs(ArrayRef<Phase> phases, llvm::SetVector<std::pair<Pipe, Pipe>>& pairs) {
  for (size_t i = 1; i < phases.size(); ++i)
    pairs.insert({phases[i - 1].pipe, phases[i].pipe});
}

SmallVector<PipePair> pairsOf(const Token& token) {
  llvm::SetVector<std::pair<Pipe, Pipe>> pairs;
  for (const Use& use : token.uses) {
    addPairs(use.phases, pairs);
    for (const CarriedLoop& loop : use.loops) {
      addPairs(loop.phases, pairs);
      pairs.insert({loop.phases.back().pipe, loop.phases.front().pipe});
    }
    if (!token.returns)
      continue;
    pairs.insert({token.begin, use.phases.front().pipe});
    pairs.insert({use.phases.back().pipe, token.end});
    pairs.insert({token.end, token.begin});
  }
  SmallVector<PipePair> result;
  for (const auto& [source, target] : pairs)
    if (source != target)
      result.push_back({source, target});
  return result;
}

} // namespace

FailureOr<SmallVector<Token>> makeTokens(func::FuncOp function, ArrayRef<BufferAccesses> buffers) {
  SmallVector<Token> tokens;
  for (const BufferAccesses& buffer : buffers) {
    if (buffer.pipes().size() < 2)
      continue;
    const FailureOr<bool> byUnitFlag = orderedByUnitFlag(buffer);
    if (failed(byUnitFlag))
      return failure();
    if (*byUnitFlag)
      continue;
    SmallVector<Use> uses;
    for (const CopyAccesses& copy : buffer.byCopy) {
      FailureOr<SmallVector<Use>> found = findUses(function, copy);
      if (failed(found))
        return failure();
      llvm::append_range(uses, std::move(*found));
    }
    if (failed(requireDisjoint(buffer.name, uses)))
      return failure();
    tokens.push_back(tokenOf(buffer, std::move(uses)));
  }
  return tokens;
}

void joinTokens(SmallVectorImpl<Token>& tokens) {
  for (size_t i = 0; i < tokens.size(); ++i)
    for (size_t j = i + 1; j < tokens.size();) {
      if (std::optional<Token> joined = join(tokens[i], tokens[j])) {
        tokens[i] = std::move(*joined);
        tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(j));
      } else {
        ++j;
      }
    }
}

namespace {

using EventCounts = std::map<PipePair, int64_t>;

EventCounts countEvents(ArrayRef<Token> tokens) {
  EventCounts counts;
  for (const Token& token : tokens)
    for (const PipePair& pair : pairsOf(token))
      counts[pair] += token.copies;
  return counts;
}

// The token of this pair whose copies share ids best: the one with the most of them. Null where
// none can do with half of its ids.
Token* sharable(MutableArrayRef<Token> tokens, const PipePair& pair) {
  Token* best = nullptr;
  for (Token& token : tokens) {
    // Without coming home a token cannot pass from copy to copy.
    const bool halves = token.returns && token.copies >= 4 && token.copies % 2 == 0;
    if (halves && (!best || token.copies > best->copies) &&
        llvm::is_contained(pairsOf(token), pair) && oneAtATime(token.uses))
      best = &token;
  }
  return best;
}

// Lets copies share ids until every pair has enough, or no more can.
void shareEvents(MutableArrayRef<Token> tokens, int64_t limit) {
  const auto isShort = [limit](const auto& entry) { return entry.second > limit; };
  while (true) {
    Token* token = nullptr;
    for (const auto& entry : countEvents(tokens))
      if (!token && isShort(entry))
        token = sharable(tokens, entry.first);
    if (!token)
      return;
    token->copies /= 2;
    token->shares = true;
  }
}

} // namespace

LogicalResult allocateEvents(func::FuncOp function, MutableArrayRef<Token> tokens,
                             const ptotune::SocProfile& soc) {
  shareEvents(tokens, soc.eventIdsPerPipePair);
  EventCounts next;
  std::map<PipePair, SmallVector<const Token*>> users;
  for (Token& token : tokens)
    for (const PipePair& pair : pairsOf(token)) {
      token.firstId[pair] = next[pair];
      next[pair] += token.copies;
      users[pair].push_back(&token);
    }
  for (const auto& [pair, count] : next) {
    if (count <= soc.eventIdsPerPipePair)
      continue;
    InFlightDiagnostic diagnostic = function.emitOpError()
                                    << "needs " << count << " event ids from "
                                    << stringifyPipe(pair.source) << " to "
                                    << stringifyPipe(pair.target) << ", expected at most "
                                    << soc.eventIdsPerPipePair << " on " << soc.name << ":";
    for (const Token* token : users[pair])
      diagnostic << " " << token->name << " " << token->copies;
    return diagnostic;
  }
  return success();
}

} // namespace mlir::pto::sync
