#include "tuner/Finals.h"

#include "db/Champions.h"
#include "tuner/Attempt.h"
#include "tuner/PointText.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <memory>
#include <random>
#include <tuple>

namespace ptotune {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Player {
  Finalist finalist;
  std::shared_ptr<const Artifact> artifact;
  bool out = false; // told apart, or failed
};

class Finals {
public:
  Finals(const Problem& problem, std::span<const Trial> known, const Point& seed, Runner& runner,
         TrialStore& store, const FinalsOptions& options, const std::atomic<bool>& stop)
      : problem_(problem), seed_(seed), runner_(runner), store_(store), options_(options),
        stop_(stop), waiting_(timesOf(known)), random_(options.seed) {
    budget_ = options.budget;
    budget_.minRepetitions = budget_.maxRepetitions = options.samples;
  }

  Result<FinalsResult> run();

private:
  void admit(const Point& point);
  void admitWaiting(std::size_t count, double upTo);
  bool goesOn() const;
  Status playRound();
  Result<bool> measure(Player& player);
  Trial blank(const Player& player) const;
  void judge();
  const Player* best() const;
  FinalsResult result();

  const Problem& problem_;
  const Point& seed_;
  Runner& runner_;
  TrialStore& store_;
  const FinalsOptions& options_;
  const std::atomic<bool>& stop_;
  Budget budget_;
  std::vector<PointTime> waiting_; // known times of points that do not play yet, fastest first
  std::vector<Player> players_;    // the seed is the first
  std::mt19937_64 random_;
  DriftWatch watch_;
  const Clock::time_point start_ = Clock::now();
  FinalsResult result_;
};

void Finals::admit(const Point& point) {
  Player player;
  player.finalist.point = point;
  auto artifact = runner_.prepare({problem_, point});
  if (artifact) {
    player.artifact = *artifact;
  } else {
    player.out = true;
    player.finalist.status = TrialStatus::compile;
    player.finalist.last.detail = artifact.error().text();
  }
  players_.push_back(std::move(player));
}

// Lets in up to `count` points that the search saw at `upTo` seconds or less.
void Finals::admitWaiting(std::size_t count, double upTo) {
  std::size_t taken = 0;
  while (count > 0 && taken < waiting_.size() && waiting_[taken].seconds <= upTo) {
    const Point& point = waiting_[taken++].point;
    if (point == seed_)
      continue;
    admit(point);
    --count;
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(taken));
}

bool Finals::goesOn() const {
  if (stop_ || result_.stopped || result_.rounds >= options_.mostRounds)
    return false;
  if (options_.seconds && secondsSince(start_) >= *options_.seconds)
    return false;
  return std::ranges::count(players_, false, &Player::out) > 1;
}

// What is known of a trial before it is measured.
Trial Finals::blank(const Player& player) const {
  Trial trial{.problem = problem_, .point = player.finalist.point};
  trial.sourceHash = player.artifact->sourceHash();
  trial.programHash = player.artifact->programHash();
  return trial;
}

// Measures and stores, at once: a round may take minutes. False where nothing more is to be
// measured.
Result<bool> Finals::measure(Player& player) {
  const Trial before = blank(player);
  const auto begin = Clock::now();
  auto trial = attemptAs(before, runner_, *player.artifact, budget_);
  if (!trial) {
    result_.stopped = trial.error();
    return false;
  }
  trial->measureSeconds = secondsSince(begin);
  ++result_.measured;
  Finalist& finalist = player.finalist;
  finalist.status = trial->status;
  finalist.last = *trial;
  if (const auto time = trial->time()) {
    std::ranges::copy(trial->seconds, std::back_inserter(finalist.samples));
    finalist.rounds.push_back(*time);
    if (finalist.point == seed_)
      watch_.reference(*time);
  } else {
    player.out = true;
  }
  if (auto status = store_.record(runner_.environment(), {&*trial, 1}); !status)
    return status.error();
  return true;
}

// The seed plays every round, told apart or not: it is the reference.
Status Finals::playRound() {
  std::vector<Player*> order;
  for (Player& player : players_)
    if (!player.out || (&player == &players_.front() &&
                        player.finalist.status == TrialStatus::correct && player.artifact))
      order.push_back(&player);
  std::ranges::shuffle(order, random_);
  for (Player* player : order) {
    const auto goesOn = stop_ ? Result<bool>(false) : measure(*player);
    if (!goesOn)
      return goesOn.error();
    if (!*goesOn)
      return {};
  }
  ++result_.rounds;
  return {};
}

const Player* Finals::best() const {
  const Player* best = nullptr;
  for (const Player& player : players_)
    if (player.finalist.status == TrialStatus::correct && !player.finalist.rounds.empty() &&
        (best == nullptr || player.finalist.seconds < best->finalist.seconds))
      best = &player;
  return best;
}

// Whoever is told apart from the best stops playing; who joined late plays its least rounds first.
void Finals::judge() {
  for (Player& player : players_) {
    Finalist& finalist = player.finalist;
    if (finalist.rounds.empty())
      continue;
    finalist.seconds = median(finalist.rounds);
    finalist.interval = medianInterval(finalist.rounds);
  }
  const Player* first = best();
  if (first == nullptr || first->finalist.rounds.size() < options_.leastRounds)
    return;
  const double high = first->finalist.interval.high;
  for (Player& player : players_)
    if (player.finalist.rounds.size() >= options_.leastRounds)
      player.out =
          player.finalist.status != TrialStatus::correct || player.finalist.interval.low > high;
  admitWaiting(options_.most + 1 - std::min(players_.size(), options_.most + 1), high);
}

FinalsResult Finals::result() {
  const auto failed = [](const Finalist& one) {
    return one.status != TrialStatus::correct || one.rounds.empty();
  };
  for (Player& player : players_)
    if (player.out || !player.finalist.rounds.empty())
      result_.standing.push_back(std::move(player.finalist));
  std::ranges::sort(result_.standing, {}, [&failed](const Finalist& one) {
    return std::tuple(failed(one), one.seconds, one.point);
  });
  if (!result_.standing.empty() && !failed(result_.standing.front())) {
    const Interval& first = result_.standing.front().interval;
    for (const Finalist& one : std::span(result_.standing).subspan(1))
      result_.ties += !failed(one) && one.interval.overlaps(first);
  }
  result_.drift = watch_.drift();
  return std::move(result_);
}

Result<FinalsResult> Finals::run() {
  admit(seed_);
  admitWaiting(options_.finalists, std::numeric_limits<double>::infinity());
  while (goesOn()) {
    if (auto done = playRound(); !done)
      return done.error();
    judge();
  }
  return result();
}

} // namespace

Result<FinalsResult> runFinals(const Problem& problem, std::span<const Trial> known,
                               const Point& seed, Runner& runner, TrialStore& store,
                               const FinalsOptions& options, const std::atomic<bool>& stop) {
  return Finals(problem, known, seed, runner, store, options, stop).run();
}

std::string finalsText(const FinalsResult& result) {
  std::string text;
  if (!result.standing.empty() && !result.standing.front().rounds.empty()) {
    const Finalist& best = result.standing.front();
    text = fmt::format("best of {} in {} rounds: {:.2f} us [{:.2f}, {:.2f}], {}",
                       result.standing.size(), result.rounds, best.seconds * 1e6,
                       best.interval.low * 1e6, best.interval.high * 1e6,
                       result.ties == 0 ? "told apart from all others" : "not told apart from");
    for (std::size_t i = 1, left = result.ties; i < result.standing.size() && left > 0; ++i)
      if (const Finalist& one = result.standing[i]; one.interval.overlaps(best.interval)) {
        text += fmt::format("\n  {:.2f} us [{:.2f}, {:.2f}]  {}", one.seconds * 1e6,
                            one.interval.low * 1e6, one.interval.high * 1e6, shortText(one.point));
        --left;
      }
  } else {
    text = "no finalist has a time";
  }
  if (result.drift)
    text += "\n" + result.drift->text();
  if (result.stopped)
    text += "\nstopped: " + result.stopped->text();
  return text;
}

} // namespace ptotune
