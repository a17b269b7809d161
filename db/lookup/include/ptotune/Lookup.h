// libptotune: the best configurations of a tuning database, for a running program. C++17.
//
//   std::string error;
//   const auto table = ptotune::lookup::Table::open("pto-tune.db", error);
//   if (!table)
//     return fail(error);
//   const ptotune::lookup::Answer best = table->find({"Ascend910B2", 128, 4096, 8192, false});
//   if (best.match != ptotune::tiers::Match::fallback_default)
//     launch(kernelOf(best->tileS1, best->qkPreload));
//
// The file is only read, and only by open() and refresh(): between them a lookup takes about a
// microsecond and touches no disk. find() may be called from any number of threads, also while
// another one calls refresh().
#pragma once

#include "ptotune/Tiers.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#if defined(_WIN32)
#define PTO_TUNE_API
#else
#define PTO_TUNE_API __attribute__((visibility("default")))
#endif

namespace ptotune::lookup {

enum class PipeModel : std::uint8_t { tile = 0, tileOffset = 1, slot = 2 };
enum class VecOrder : std::uint8_t { pFirst = 0, guFirst = 1 };

// What a program computes, and on what.
struct Shape {
  std::string_view soc; // "Ascend910B2"
  int head = 128;       // columns of Q, K and V
  int s0 = 0;           // rows of Q
  int s1 = 0;           // rows of K and V
  bool causal = false;  // keys beyond the query row are masked
};

// One tuned shape, its point and its evidence. Of the default point only the parameters are set.
struct Configuration {
  std::string soc;
  int head = 0;
  int s0 = 0;
  int s1 = 0;
  bool causal = false;
  std::string dtype; // of Q, K and V: "f16"

  int tileS1 = 0;    // FIFO slot width in key columns
  int cubeS1 = 0;    // cube matmul subtile width
  int cubeS0 = 0;    // query rows of a block
  int qkPreload = 0; // QK/P tiles started before the steady loop
  int slotNumQK = 0; // ring depths in global memory
  int slotNumP = 0;
  int slotNumPV = 0;
  int localSlotNum = 0; // consumer's local buffers when tiles are popped
  bool unitFlag = false;
  PipeModel pipeModel = PipeModel::slot;
  int expRing = 0; // ring of softmax rescale factors
  VecOrder vecOrder = VecOrder::pFirst;
  int kvSplit = 1; // key range split over work units

  // It may run other shapes with at most so many query rows, and tiles of a key loop; 0: none.
  int maxS0 = 0;
  int maxTiles = 0;

  double seconds = 0; // median of the samples
  std::int64_t samples = 0;
  bool calibrated = false; // the shape lies in the range that the costs were fitted to
  std::string runner;      // what measured, with what; see db/FORMAT.md
  std::string runnerVersion;
  std::string toolchain;
  std::string isaHash;     // of the pto-isa headers; empty: none were used
  std::string toolVersion; // of pto-tune
  std::string environment; // id
  std::string sourceHash;  // of the emitted kernel; empty: unknown
  std::string programHash; // of what the target executes; empty: unknown
};

// What a lookup found. Keeps its configuration alive, whatever happens to the table.
struct Answer {
  tiers::Match match = tiers::Match::fallback_default;
  std::shared_ptr<const Configuration> configuration; // never null; its shape is the tuned one

  const Configuration* operator->() const { return configuration.get(); }
};

// Which measurements count; what is left empty matches all. Where several environments have
// measured a shape: a device before the virtual Ascend, then the newest.
struct Options {
  std::string runner;      // "sim", "ascend", ...
  std::string environment; // first digits of its id
  // Folder with soc/*.toml, whose rules say which other shapes a configuration may run. Empty: that
  // of the installed pto-tune. Without a profile of a SoC its configurations answer for their own
  // shapes only.
  std::string configs;
};

class PTO_TUNE_API Table {
public:
  // Nothing, and one sentence in `error`, where the file is no sound database of this version.
  static std::optional<Table> open(const std::string& database, std::string& error,
                                   const Options& options = {});
  ~Table();
  Table(Table&&) noexcept;
  Table& operator=(Table&&) noexcept;

  // By the rule of every generated header (ptotune/Tiers.h): the configuration of this very shape;
  // else that of the nearest shape whose tiles divide this one; else the default point.
  Answer find(const Shape& shape) const;

  // Reads the database again if it has changed since it was read. On failure the table answers as
  // before, `error` says why, and the result is false.
  bool refresh(std::string& error);

  // Configurations that it holds.
  std::size_t size() const;

private:
  struct State;
  explicit Table(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace ptotune::lookup
