// Particle swarm: J. Kennedy and R. Eberhart, "Particle swarm optimization", Proc. ICNN 1995,
// https://doi.org/10.1109/ICNN.1995.488968, with the constriction of M. Clerc and J. Kennedy, IEEE
// Trans. Evolutionary Computation 6 (2002); positions are levels, rounded and repaired.
#include "tuner/search/strategies/Strategies.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace ptotune::search {
namespace {

class Swarm final : public Searcher {
public:
  using Searcher::Searcher;

private:
  static constexpr std::size_t kParticles = 20;
  static constexpr double kInertia = 0.7298;
  static constexpr double kPull = 1.4962;

  struct Particle {
    std::vector<double> place;
    std::vector<double> velocity;
    std::vector<Level> best;
    double value = std::numeric_limits<double>::infinity(); // at `best`
  };

  std::optional<Index> propose() override {
    turn_ = (turn_ + 1) % kParticles;
    if (particles_.size() < kParticles)
      return begin();
    Particle& particle = particles_[turn_];
    fly(particle);
    std::vector<Level> levels(particle.place.size());
    for (std::size_t d = 0; d < levels.size(); ++d)
      levels[d] = static_cast<Level>(std::lround(particle.place[d]));
    const Index candidate = space().nearest(levels);
    flights_[candidate] = turn_;
    return candidate;
  }

  Index begin() {
    const Index index = randomNew();
    flights_[index] = particles_.size();
    Particle particle{.best = levelsOf(index)};
    for (std::size_t d = 0; d < particle.best.size(); ++d) {
      const auto span = static_cast<double>(space().dimensions()[d].levels - 1);
      particle.place.push_back(particle.best[d]);
      particle.velocity.push_back((random().unit() - 0.5) * span);
    }
    particles_.push_back(std::move(particle));
    return index;
  }

  void fly(Particle& particle) {
    const auto best = Searcher::best();
    const std::vector<Level> leader = best ? levelsOf(best->index) : particle.best;
    for (std::size_t d = 0; d < particle.place.size(); ++d) {
      const auto last = static_cast<double>(space().dimensions()[d].levels - 1);
      double& velocity = particle.velocity[d];
      velocity = kInertia * velocity +
                 kPull * random().unit() * (particle.best[d] - particle.place[d]) +
                 kPull * random().unit() * (leader[d] - particle.place[d]);
      const double wanted = particle.place[d] + velocity;
      particle.place[d] = std::clamp(wanted, 0.0, last);
      if (wanted != particle.place[d])
        velocity *= -0.5; // bounces off the domain's end
    }
  }

  void learn(Index index, const Outcome& outcome) override {
    const auto flight = flights_.find(index);
    if (flight == flights_.end())
      return;
    Particle& particle = particles_[flight->second];
    flights_.erase(flight);
    if (outcome.value && *outcome.value < particle.value) {
      particle.value = *outcome.value;
      particle.best = levelsOf(index);
    }
  }

  std::vector<Level> levelsOf(Index index) const {
    std::vector<Level> levels(space().dimensions().size());
    space().at(index, levels);
    return levels;
  }

  std::vector<Particle> particles_;
  std::size_t turn_ = 0;
  std::unordered_map<Index, std::size_t> flights_; // candidates that are out
};

} // namespace

SearcherPtr makeSwarm(SpacePtr space, std::uint64_t seed) {
  return std::make_unique<Swarm>(std::move(space), seed);
}

} // namespace ptotune::search
