#include "ptotune/Lookup.h"

#include "db/Database.h"
#include "db/configurations/Profiles.h"
#include "db/configurations/Reach.h"
#include "db/configurations/Winners.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <sys/stat.h>
#include <tuple>
#include <utility>
#include <vector>

namespace ptotune::lookup {
namespace {

// As tiers::find() reads it.
struct Entry {
  int s0;
  int s1;
  int tile_s1;
  int cube_s0;
  int kv_split;
  int max_s0;
  int max_tiles;
};

// The configurations of one SoC, head and causality; entries[i] describes configurations[i]. In
// ascending order of (s0, s1), which decides between equally near ones as in the header.
struct Group {
  std::vector<Entry> entries;
  std::vector<Configuration> configurations;
};

struct Index {
  using Key = std::tuple<std::string, int, bool>; // SoC, head, causal
  std::map<Key, Group, std::less<>> groups;
  Configuration fallback;
  std::size_t size = 0;
};

// The entry of this very shape, in logarithmic time; entries.size() where there is none.
std::size_t positionOf(const std::vector<Entry>& entries, const Shape& shape) {
  const auto key = [](const Entry& entry) { return std::pair(entry.s0, entry.s1); };
  const std::pair asked(shape.s0, shape.s1);
  const auto found = std::ranges::lower_bound(entries, asked, {}, key);
  const bool exact = found != entries.end() && key(*found) == asked;
  return static_cast<std::size_t>((exact ? found : entries.end()) - entries.begin());
}

int narrow(std::int64_t value) {
  return static_cast<int>(value);
}

std::string hexOrNothing(const Hash& hash) {
  return hash.empty() ? "" : hash.hex();
}

void setPoint(Configuration& configuration, const Point& point) {
  static_assert(kParamCount == 13, "a Configuration carries every parameter");
  configuration.tileS1 = narrow(point.tileS1());
  configuration.cubeS1 = narrow(point.cubeS1());
  configuration.cubeS0 = narrow(point.cubeS0());
  configuration.qkPreload = narrow(point.qkPreload());
  configuration.slotNumQK = narrow(point.slotNumQK());
  configuration.slotNumP = narrow(point.slotNumP());
  configuration.slotNumPV = narrow(point.slotNumPV());
  configuration.localSlotNum = narrow(point.localSlotNum());
  configuration.unitFlag = point.unitFlag();
  configuration.pipeModel = static_cast<PipeModel>(point.pipeModel());
  configuration.expRing = narrow(point.expRing());
  configuration.vecOrder = static_cast<VecOrder>(point.vecOrder());
  configuration.kvSplit = narrow(point.kvSplit());
}

Configuration configurationOf(const Champion& champion, const Reach& reach) {
  const Environment& environment = champion.environment;
  Configuration made;
  made.soc = environment.soc;
  made.head = narrow(champion.problem.head);
  made.s0 = narrow(champion.problem.s0);
  made.s1 = narrow(champion.problem.s1);
  made.causal = champion.problem.causal;
  made.dtype = champion.problem.dtype;
  setPoint(made, champion.point);
  made.maxS0 = narrow(reach.maxS0);
  made.maxTiles = narrow(reach.maxTiles);
  made.seconds = champion.seconds;
  made.samples = champion.samples;
  made.calibrated = champion.calibrated;
  made.runner = environment.runner;
  made.runnerVersion = environment.runnerVersion;
  made.toolchain = environment.toolchain;
  made.isaHash = environment.isaHash;
  made.toolVersion = environment.toolVersion;
  made.environment = environment.hash().hex();
  made.sourceHash = hexOrNothing(champion.sourceHash);
  made.programHash = hexOrNothing(champion.programHash);
  return made;
}

Result<std::shared_ptr<const Index>> readIndex(const std::string& path, const Options& options) {
  auto database = Database::open(path, OpenMode::readOnly);
  if (!database)
    return database.error();
  const auto champions =
      winners(*database, {.runner = options.runner, .environment = options.environment});
  if (!champions)
    return champions.error();
  Profiles profiles(options.configs.empty() ? configsFolder() : options.configs);
  auto index = std::make_shared<Index>();
  setPoint(index->fallback, Point());
  index->size = champions->size();
  for (const Champion& champion : *champions) {
    const auto profile = profiles.find(champion.environment.soc);
    if (!profile)
      return profile.error();
    const Reach reach =
        *profile == nullptr ? Reach() : reachOf(**profile, champion.problem, champion.point);
    Configuration made = configurationOf(champion, reach);
    Group& group = index->groups[{made.soc, made.head, made.causal}];
    group.entries.push_back({.s0 = made.s0,
                             .s1 = made.s1,
                             .tile_s1 = made.tileS1,
                             .cube_s0 = made.cubeS0,
                             .kv_split = made.kvSplit,
                             .max_s0 = made.maxS0,
                             .max_tiles = made.maxTiles});
    group.configurations.push_back(std::move(made));
  }
  return std::shared_ptr<const Index>(std::move(index));
}

// What tells one content of the database from another, from outside: file and write-ahead log.
struct Stamp {
  struct File {
    std::uint64_t inode = 0;
    std::int64_t bytes = 0;
    std::int64_t changed = 0; // ns since 1970
    bool operator==(const File&) const = default;
  };
  File file;
  File log;
  std::int64_t taken = 0; // ns since 1970

  bool sameFiles(const Stamp& other) const { return file == other.file && log == other.log; }
  // A file that changed just before it was looked at may change again without a new time.
  bool certain() const {
    constexpr std::int64_t kCoarsestClock = 2'000'000'000;
    return taken - file.changed > kCoarsestClock && taken - log.changed > kCoarsestClock;
  }
};

Stamp::File fileStamp(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    return {};
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return {.inode = status.st_ino,
          .bytes = status.st_size,
          .changed = status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec};
}

Stamp stampOf(const std::string& path) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {.file = fileStamp(path),
          .log = fileStamp(path + "-wal"),
          .taken = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
}

} // namespace

struct Table::State {
  std::string path;
  Options options;
  std::mutex refreshing; // held by refresh(); guards `stamp`
  Stamp stamp;
  std::shared_mutex swapping; // held for as long as it takes to copy or to set `index`
  std::shared_ptr<const Index> index;

  std::shared_ptr<const Index> current() {
    const std::shared_lock lock(swapping);
    return index;
  }
};

Table::Table(std::unique_ptr<State> state) : state_(std::move(state)) {}
Table::~Table() = default;
Table::Table(Table&&) noexcept = default;
Table& Table::operator=(Table&&) noexcept = default;

std::optional<Table> Table::open(const std::string& database, std::string& error,
                                 const Options& options) {
  auto state = std::make_unique<State>();
  state->path = database;
  state->options = options;
  state->stamp = stampOf(database);
  auto index = readIndex(database, options);
  if (!index) {
    error = index.error().text();
    return std::nullopt;
  }
  state->index = *std::move(index);
  return Table(std::move(state));
}

Answer Table::find(const Shape& shape) const {
  const std::shared_ptr<const Index> index = state_->current();
  const auto group = index->groups.find(
      std::tuple<const std::string_view&, int, bool>(shape.soc, shape.head, shape.causal));
  if (group != index->groups.end()) {
    const auto& [entries, configurations] = group->second;
    const std::size_t exact = positionOf(entries, shape);
    if (exact != entries.size())
      return {tiers::Match::exact, {index, &configurations[exact]}};
    const tiers::Found found = tiers::find(entries.data(), entries.size(), shape.s0, shape.s1,
                                           [](const Entry&) { return true; });
    if (found.match != tiers::Match::fallback_default)
      return {found.match, {index, &configurations[found.index]}};
  }
  return {tiers::Match::fallback_default, {index, &index->fallback}};
}

bool Table::refresh(std::string& error) {
  const std::lock_guard alone(state_->refreshing);
  const Stamp now = stampOf(state_->path);
  if (now.sameFiles(state_->stamp) && state_->stamp.certain())
    return true;
  auto index = readIndex(state_->path, state_->options);
  if (!index) {
    error = index.error().text();
    return false;
  }
  state_->stamp = now;
  const std::unique_lock lock(state_->swapping);
  state_->index = *std::move(index);
  return true;
}

std::size_t Table::size() const {
  return state_->current()->size;
}

} // namespace ptotune::lookup
