#include "tuner/search/bnb/BranchAndBound.h"

#include "tuner/search/bnb/Dominance.h"
#include "tuner/search/bnb/Heads.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <queue>
#include <span>
#include <tuple>
#include <utility>

namespace ptotune::search {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kNever = std::numeric_limits<double>::infinity();

// What is to be looked at, the lowest bound first, then what was found first.
struct Open {
  enum class Kind : std::uint8_t { node, path, point }; // path: a head with its longest path

  double bound = 0;
  std::uint64_t number = 0;
  Kind kind = Kind::node;
  std::uint32_t node = 0;
  Point point;

  bool operator<(const Open& other) const {
    return std::tie(bound, number) > std::tie(other.bound, other.number);
  }
};

// Ring depths of a head, in an order in which none stands before one that dominates it.
struct DepthChoice {
  std::vector<std::int64_t> values; // by Tail::depths
  int rank = 0;
};

class Search {
public:
  Search(const Problem& problem, const SocProfile& soc, const Space& space,
         const ProofOptions& options, const Evaluate& evaluate, PointSet points)
      : problem_(problem), soc_(soc), space_(space), options_(options), evaluate_(evaluate),
        points_(std::move(points)), start_(Clock::now()) {}

  Proof run();

private:
  void push(double bound, Open::Kind kind, std::uint32_t node, const Point& point) {
    queue_.push({bound, count_++, kind, node, point});
  }
  bool worthwhile() const { return !queue_.empty() && queue_.top().bound < proof_.seconds; }
  double lowestBound() const;
  const char* stopReason() const;
  void look();
  void evaluateBatch();
  void take(const Point& point, std::optional<double> seconds);
  void open(const Open& head);
  std::vector<DepthChoice> depthChoices(const Tail& tail, const Point& head);
  std::uint64_t openChoice(const Tail& tail, Point point, double bound, bool& anyLegal);
  bool protocolHolds(const Point& point);

  const Problem& problem_;
  const SocProfile& soc_;
  const Space& space_;
  const ProofOptions& options_;
  const Evaluate& evaluate_;
  const PointSet points_;
  const Clock::time_point start_;
  std::vector<HeadNode> nodes_;
  std::priority_queue<Open> queue_;
  std::vector<Open> batch_;
  std::map<Point, std::optional<double>> known_;
  std::uint64_t count_ = 0;
  std::uint64_t lastBetter_ = 0;             // evaluations at the best one
  std::vector<std::vector<bool>> dominates_; // by value of the depth at hand
  Proof proof_;
};

double Search::lowestBound() const {
  double bound = proof_.seconds;
  for (const Open& one : batch_)
    bound = std::min(bound, one.bound);
  return queue_.empty() ? bound : std::min(bound, queue_.top().bound);
}

const char* Search::stopReason() const {
  const StopConditions& stop = options_.stop;
  const std::uint64_t done = proof_.decided.evaluated;
  if (stop.flag && *stop.flag)
    return "interrupted";
  if (stop.evaluations && done >= *stop.evaluations)
    return "evaluations";
  if (stop.seconds && std::chrono::duration<double>(Clock::now() - start_).count() >= *stop.seconds)
    return "time";
  if (stop.withoutBetter && done - lastBetter_ >= *stop.withoutBetter)
    return "no better point";
  if (stop.gap && proof_.best && 1 - lowestBound() / proof_.seconds <= *stop.gap)
    return "gap";
  return nullptr;
}

void Search::take(const Point& point, std::optional<double> seconds) {
  known_[point] = seconds;
  ++proof_.decided.evaluated;
  if (!seconds || *seconds >= proof_.seconds)
    return;
  proof_.seconds = *seconds;
  proof_.best = point;
  lastBetter_ = proof_.decided.evaluated;
}

void Search::evaluateBatch() {
  std::vector<Point> points;
  for (const Open& one : batch_)
    if (!known_.contains(one.point))
      points.push_back(one.point);
  if (!points.empty()) {
    const auto times = evaluate_(points);
    for (std::size_t i = 0; i < points.size(); ++i)
      take(points[i], times[i]);
  }
  batch_.clear();
}

// One step down: a prefix gives its children, a head its longest path, then its points.
void Search::look() {
  const Open next = queue_.top();
  queue_.pop();
  if (next.kind == Open::Kind::point) {
    batch_.push_back(next);
    return;
  }
  if (next.kind == Open::Kind::path)
    return open(next);
  const HeadNode& node = nodes_[next.node];
  if (!node.isHead) {
    for (const std::uint32_t child : node.children)
      push(nodes_[child].bound, Open::Kind::node, child, nodes_[child].point);
    return;
  }
  ++proof_.decided.longestPaths;
  const double bound = timeBound(problem_, soc_, node.point, Depths::open).seconds;
  push(std::max(bound, next.bound), Open::Kind::path, next.node, node.point);
}

std::vector<DepthChoice> Search::depthChoices(const Tail& tail, const Point& head) {
  std::vector<DepthChoice> choices = {{}};
  dominates_.clear();
  if (tail.depths.empty())
    return choices;
  const std::vector<std::int64_t> tiles = tileCounts(problem_, head);
  const std::int64_t most = std::ranges::max(space_.domain(tail.depths.front()).values);
  std::int64_t size = most;
  for (const Param param : tail.depths)
    size = std::max(size, std::ranges::max(space_.domain(param).values));
  dominates_.assign(static_cast<std::size_t>(size) + 1,
                    std::vector<bool>(static_cast<std::size_t>(size) + 1));
  std::vector<int> rank(static_cast<std::size_t>(size) + 1);
  for (std::int64_t a = 1; a <= size; ++a)
    for (std::int64_t b = 1; b <= size; ++b)
      dominates_[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)] =
          dominates(soc_, a, b, tiles);
  for (std::size_t a = 1; a < dominates_.size(); ++a)
    for (std::size_t b = 1; b < dominates_.size(); ++b)
      rank[b] += dominates_[a][b] && !dominates_[b][a];
  for (const Param param : tail.depths) {
    std::vector<DepthChoice> longer;
    for (const DepthChoice& choice : choices)
      for (const std::int64_t value : space_.domain(param).values) {
        longer.push_back(choice);
        longer.back().values.push_back(value);
        longer.back().rank += rank[static_cast<std::size_t>(value)];
      }
    choices = std::move(longer);
  }
  std::ranges::sort(
      choices, {}, [](const DepthChoice& choice) { return std::pair(choice.rank, choice.values); });
  return choices;
}

bool Search::protocolHolds(const Point& point) {
  for (const Rule& rule : rules())
    if (rule.id.starts_with("protocol.") && !rule.holds({problem_, soc_, point})) {
      ++proof_.decided.protocol[std::string(rule.id)];
      return false;
    }
  return true;
}

// All points with these depths: at most one of them is worth evaluating. Returns how many pass the
// static rules.
std::uint64_t Search::openChoice(const Tail& tail, Point point, double bound, bool& anyLegal) {
  std::vector<Point> all = {point};
  for (const Param param : tail.inert) {
    std::vector<std::int64_t> values = space_.domain(param).values;
    // Of points that are equally fast, those like the seed come first.
    if (const auto own =
            options_.seed ? std::ranges::find(values, (*options_.seed)[param]) : values.end();
        own != values.end())
      std::rotate(values.begin(), own, own + 1);
    std::vector<Point> more;
    for (const Point& one : all)
      for (const std::int64_t value : values) {
        more.push_back(one);
        assign(space_, param, value, more.back());
      }
    all = std::move(more);
  }
  std::uint64_t passed = 0;
  std::uint64_t legalCount = 0;
  std::optional<Point> first;
  for (const Point& one : all) {
    if (!points_.contains(one))
      continue;
    ++passed;
    if (!protocolHolds(one))
      continue;
    ++legalCount;
    if (!first)
      first = one;
  }
  anyLegal = first.has_value();
  if (!first)
    return passed;
  const double own = std::max(bound, timeBound(problem_, soc_, *first).seconds);
  if (own >= proof_.seconds) {
    proof_.decided.slower += legalCount;
    return passed;
  }
  proof_.decided.equal += legalCount - 1;
  push(own, Open::Kind::point, 0, *first);
  return passed;
}

void Search::open(const Open& head) {
  const Point& point = nodes_[head.node].point;
  const Tail tail = tailOf(space_, point);
  const auto isBetter = [&](const DepthChoice& a, const DepthChoice& b) {
    for (std::size_t i = 0; i < a.values.size(); ++i)
      if (!dominates_[static_cast<std::size_t>(a.values[i])][static_cast<std::size_t>(b.values[i])])
        return false;
    return true;
  };
  std::vector<DepthChoice> taken;
  ++proof_.decided.openedHeads;
  std::uint64_t seen = 0;
  for (const DepthChoice& choice : depthChoices(tail, point)) {
    if (std::ranges::any_of(taken, [&](const DepthChoice& one) { return isBetter(one, choice); }))
      continue;
    Point own = point;
    for (std::size_t i = 0; i < tail.depths.size(); ++i)
      assign(space_, tail.depths[i], choice.values[i], own);
    bool anyLegal = false;
    seen += openChoice(tail, own, head.bound, anyLegal);
    if (anyLegal)
      taken.push_back(choice);
  }
  Space below = space_;
  for (const ParamInfo& param : allParams()) {
    const bool isTail = std::ranges::find(tail.depths, param.id) != tail.depths.end() ||
                        std::ranges::find(tail.inert, param.id) != tail.inert.end();
    if (!isTail && !below.domain(param.id).derived)
      below.domains[static_cast<std::size_t>(param.id)].values = {point[param.id]};
  }
  const auto all =
      PointSet::build(problem_, soc_, below, {.rules = RuleSet::withoutProtocol, .without = {}});
  if (!all)
    return;
  proof_.decided.opened += all->count();
  proof_.decided.dominated += all->count() - seen;
}

Proof Search::run() {
  proof_.seconds = kNever;
  proof_.decided.candidates = points_.count();
  nodes_ = headTree(problem_, soc_, space_);
  proof_.decided.heads = static_cast<std::uint64_t>(
      std::ranges::count_if(nodes_, [](const HeadNode& node) { return node.isHead; }));
  if (!nodes_.empty())
    push(nodes_.front().bound, Open::Kind::node, 0, nodes_.front().point);
  if (options_.seed && legal({problem_, soc_, *options_.seed}) && points_.contains(*options_.seed))
    take(*options_.seed, evaluate_({*options_.seed}).front());

  const char* reason = stopReason();
  while (!reason && (worthwhile() || !batch_.empty())) {
    if (worthwhile() && batch_.size() < options_.batch) {
      look();
      continue;
    }
    evaluateBatch();
    reason = stopReason();
  }
  proof_.reason = reason ? reason : proof_.best ? "optimal" : "no legal point";
  proof_.bound = lowestBound();
  proof_.gap = proof_.best ? 1 - proof_.bound / proof_.seconds : 1;
  if (proof_.best)
    proof_.critical = timeBound(problem_, soc_, *proof_.best);
  while (!queue_.empty()) {
    proof_.decided.slower += queue_.top().kind == Open::Kind::point && !reason;
    queue_.pop();
  }
  proof_.decided.bounded = reason ? 0 : proof_.decided.candidates - proof_.decided.opened;
  return std::move(proof_);
}

} // namespace

Result<Proof> branchAndBound(const Problem& problem, const SocProfile& soc, const Space& space,
                             const ProofOptions& options, const Evaluate& evaluate) {
  auto points =
      PointSet::build(problem, soc, space, {.rules = RuleSet::withoutProtocol, .without = {}});
  if (!points)
    return points.error();
  const auto counts = countByRule(problem, soc, space, RuleSet::withoutProtocol);
  if (!counts)
    return counts.error();
  Proof proof = Search(problem, soc, space, options, evaluate, *std::move(points)).run();
  proof.decided.raw = counts->raw;
  proof.decided.rejected = counts->rejected;
  return proof;
}

} // namespace ptotune::search
