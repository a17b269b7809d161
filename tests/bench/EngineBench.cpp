// The space engine on the six spaces of data/spaces, beside plain nested loops for each.
//
//   space_build/<space>    the legal set from the parsed model: everything that reads constraints
//   space_all/<space>      every configuration as a row of values in memory, every cell read
//   space_index/<space>    the configuration of an index; indices far apart
//   space_sample/<space>   a configuration drawn uniformly
//   space_rank/<space>     the index of a configuration
//   plain_count/<space>    nested loops with each constraint as far out as it goes, counting
//   plain_all/<space>      the same loops, every configuration used as in space_all
//
// `items_per_second` counts configurations. The GPU spaces are read from PTO_TUNE_SHARED or
// ../shared; where they are missing their benchmarks say so.

#include "space/engine/Cursor.h"
#include "space/engine/LegalSet.h"
#include "space/engine/T1.h"
#include "tests/support/Paths.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace {

using ptotune::engine::Cell;
using ptotune::engine::LegalSet;
using ptotune::engine::Model;

// The model of a space, parsed once; nothing when its file is missing.
std::shared_ptr<const Model> modelOf(const std::string& space) {
  const char* shared = std::getenv("PTO_TUNE_SHARED");
  const std::string root = shared ? shared : ptotune::test::sourceDir() + "/../shared";
  for (const std::string& path :
       {ptotune::test::data("spaces/" + space + ".json"), root + "/data/spaces/" + space + ".json"})
    if (std::filesystem::exists(path))
      if (auto model = ptotune::engine::readT1(path))
        return std::make_shared<const Model>(std::move(*model));
  return nullptr;
}

// The legal set of a space, or nothing after the benchmark was told why.
std::optional<LegalSet> setOf(benchmark::State& state, const std::string& space) {
  const auto model = modelOf(space);
  if (!model) {
    state.SkipWithError("the space is neither in tests/data/spaces nor in PTO_TUNE_SHARED");
    return std::nullopt;
  }
  auto set = LegalSet::build(model);
  if (!set) {
    state.SkipWithError(set.error().text().c_str());
    return std::nullopt;
  }
  return std::move(*set);
}

// What is done with every configuration, here and in the plain loops: its row must stand in memory,
// and every cell of it is read.
std::uint64_t use(std::span<const Cell> row) {
  const Cell* cells = row.data();
  benchmark::DoNotOptimize(cells);
  benchmark::ClobberMemory();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i)
    sum += static_cast<std::uint64_t>(cells[i]);
  return sum;
}

std::uint64_t sumOfAll(const LegalSet& set) {
  std::uint64_t sum = 0;
  ptotune::engine::forEach(set, [&](std::span<const Cell> row) { sum += use(row); });
  return sum;
}

void space_build(benchmark::State& state, const std::string& space) {
  const auto set = setOf(state, space);
  if (!set)
    return;
  const auto model = modelOf(space);
  for (auto _ : state)
    benchmark::DoNotOptimize(LegalSet::build(model)->count());
  state.counters["configurations"] = static_cast<double>(set->count());
  state.counters["bytes"] = static_cast<double>(set->bytes());
  state.counters["nodes"] = static_cast<double>(set->diagram().nodes());
  state.counters["evaluations"] = static_cast<double>(set->evaluations());
}

void space_all(benchmark::State& state, const std::string& space) {
  const auto set = setOf(state, space);
  if (!set)
    return;
  for (auto _ : state)
    benchmark::DoNotOptimize(sumOfAll(*set));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(set->count()));
}

void space_index(benchmark::State& state, const std::string& space) {
  const auto set = setOf(state, space);
  if (!set)
    return;
  std::vector<Cell> row(set->width());
  std::uint64_t index = 0;
  // Close to the golden section, so that no two draws in a row are near each other.
  const std::uint64_t step = static_cast<std::uint64_t>(static_cast<double>(set->count()) * 0.618);
  for (auto _ : state) {
    index += step;
    index -= index >= set->count() ? set->count() : 0;
    set->at(index, row);
    benchmark::DoNotOptimize(row.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}

void space_sample(benchmark::State& state, const std::string& space) {
  const auto set = setOf(state, space);
  if (!set)
    return;
  std::mt19937_64 generator(7);
  std::vector<Cell> row(set->width());
  for (auto _ : state) {
    set->sample(generator, row);
    benchmark::DoNotOptimize(row.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}

void space_rank(benchmark::State& state, const std::string& space) {
  const auto set = setOf(state, space);
  if (!set)
    return;
  std::mt19937_64 generator(7);
  std::vector<std::vector<Cell>> rows(1024, std::vector<Cell>(set->width()));
  for (std::vector<Cell>& row : rows)
    set->sample(generator, row);
  std::size_t next = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(set->rank(rows[next++ % rows.size()]));
  state.SetItemsProcessed(state.iterations());
}

// --- plain nested loops -----------------------------------------------------------------------
// visit(values...) for every configuration, the parameters in the order of the file. `d` has their
// domains; a loop stands as far out as it can, and a constraint as far out as its loops allow.

using Domains = std::vector<std::vector<Cell>>;

Domains domainsOf(const Model& model) {
  Domains domains;
  for (const auto& parameter : model.parameters())
    domains.push_back(parameter.cells);
  return domains;
}

template <typename Visit> void plainConvolution(const Domains& d, Visit visit) {
  const Cell width = d[9][0];
  const Cell height = d[8][0];
  for (const Cell bx : d[0])
    for (const Cell by : d[1]) {
      if (bx * by > 1024)
        continue;
      for (const Cell padding : d[5]) {
        if (padding != 0 && bx % 32 == 0)
          continue;
        for (const Cell shared : d[6]) {
          if (padding != 0 && shared == 0)
            continue;
          for (const Cell tx : d[2])
            for (const Cell ty : d[3]) {
              if (shared != 0 && (bx * tx + width - 1) * (by * ty + height - 1) >= 12 * 1024)
                continue;
              for (const Cell readOnly : d[4])
                visit(bx, by, tx, ty, readOnly, padding, shared, d[7][0], height, width);
            }
        }
      }
    }
}

template <typename Visit> void plainDedispersion(const Domains& d, Visit visit) {
  for (const Cell bx : d[0])
    for (const Cell by : d[1]) {
      if (bx * by < 32 || bx * by > 1024)
        continue;
      for (const Cell tx : d[3])
        for (const Cell strideX : d[5]) {
          if (tx <= 1 && strideX != 0)
            continue;
          for (const Cell ty : d[4])
            for (const Cell strideY : d[6]) {
              if (ty <= 1 && strideY != 0)
                continue;
              visit(bx, by, d[2][0], tx, ty, strideX, strideY, d[7][0]);
            }
        }
    }
}

template <typename Visit> void plainGemm(const Domains& d, Visit visit) {
  for (const Cell kwg : d[3])
    for (const Cell mdimc : d[4])
      for (const Cell ndimc : d[5])
        for (const Cell mdima : d[6]) {
          if (kwg % d[8][0] != 0 || kwg % (mdimc * ndimc / mdima) != 0)
            continue;
          for (const Cell ndimb : d[7]) {
            if (kwg % (mdimc * ndimc / ndimb) != 0)
              continue;
            for (const Cell mwg : d[1])
              for (const Cell vwm : d[9]) {
                if (mwg % (mdimc * vwm) != 0 || mwg % (mdima * vwm) != 0)
                  continue;
                for (const Cell nwg : d[2]) {
                  if (mwg == 128 && nwg == 128 && mdimc == 8 && ndimc == 8)
                    continue;
                  for (const Cell vwn : d[10]) {
                    if (nwg % (ndimc * vwn) != 0 || nwg % (ndimb * vwn) != 0)
                      continue;
                    for (const Cell strm : d[11])
                      for (const Cell strn : d[12])
                        for (const Cell sa : d[13])
                          for (const Cell sb : d[14])
                            visit(d[0][0], mwg, nwg, kwg, mdimc, ndimc, mdima, ndimb, d[8][0], vwm,
                                  vwn, strm, strn, sa, sb, d[15][0], d[16][0]);
                  }
                }
              }
          }
        }
}

template <typename Visit> void plainHotspot(const Domains& d, Visit visit) {
  for (const Cell bx : d[2])
    for (const Cell by : d[3]) {
      if (bx * by < 32 || bx * by > 1024)
        continue;
      for (const Cell power : d[9])
        for (const Cell t : d[6])
          for (const Cell tx : d[4])
            for (const Cell ty : d[5]) {
              if ((bx * tx + t * 2) * (by * ty + t * 2) * (2 + power) * 4 > 49152)
                continue;
              for (const Cell unroll : d[8])
                if (t % unroll == 0)
                  visit(d[0][0], d[1][0], bx, by, tx, ty, t, d[7][0], unroll, power);
            }
    }
}

// What both flash-attention spaces share. `visit` gets TILE_S1, CUBE_S1, CUBE_S0, KV_SPLIT and
// QK_PRELOAD; `split` is where KV_SPLIT stands.
template <typename Visit> void plainShapes(const Domains& d, std::size_t split, Visit visit) {
  for (const Cell tile : d[0])
    for (const Cell cube1 : d[1]) {
      if (tile % cube1 != 0)
        continue;
      const Cell factor = tile / cube1;
      for (const Cell cube0 : d[2]) {
        if (tile < cube1 || cube0 % (2 * factor) != 0 || cube0 / 2 / factor % 8 != 0 ||
            2 * (cube0 * 128 + 2 * 128 * cube1 + 2 * cube0 * cube1 + 2 * cube1 * 128) > 524288 ||
            cube0 * cube1 * 4 > 65536 || cube0 * 128 * 4 > 65536)
          continue;
        for (const Cell parts : d[split]) {
          if (8192 % (tile * parts) != 0)
            continue;
          for (const Cell preload : d[3])
            if (8192 / (tile * parts) >= preload)
              visit(tile, cube1, cube0, parts, preload);
        }
      }
    }
}

Cell vectorBytes(Cell cube0, Cell cube1, Cell ring) {
  return 2 * std::max(cube0 / 2 * cube1 * 4, cube0 / 2 * 128 * 4) + cube0 / 2 * cube1 * 4 +
         cube0 * 2 * (3 + ring) + cube0 / 2 * cube1 * 4 * 9 / 8 + cube0 / 2 * 128 * 4;
}

template <typename Visit> void plainFaSmall(const Domains& d, Visit visit) {
  plainShapes(d, 8, [&](Cell tile, Cell cube1, Cell cube0, Cell split, Cell preload) {
    if (vectorBytes(cube0, cube1, preload + 1) > 188416)
      return;
    for (const Cell slots : d[4]) {
      if (slots < preload)
        continue;
      for (const Cell local : d[5])
        for (const Cell flag : d[6])
          for (const Cell order : d[7])
            visit(tile, cube1, cube0, preload, slots, local, flag, order, split);
    }
  });
}

template <typename Visit> void plainFaLarge(const Domains& d, Visit visit) {
  plainShapes(d, 10, [&](Cell tile, Cell cube1, Cell cube0, Cell split, Cell preload) {
    for (const Cell ring : d[11]) {
      if (ring < preload || ring > 2 * preload + 1 || vectorBytes(cube0, cube1, ring) > 188416)
        continue;
      for (const Cell qk : d[4]) {
        if (qk < preload)
          continue;
        for (const Cell p : d[5]) {
          if (p < preload)
            continue;
          for (const Cell pv : d[6]) {
            if (pv < preload)
              continue;
            for (const Cell local : d[7])
              for (const Cell flag : d[8])
                for (const Cell order : d[9])
                  visit(tile, cube1, cube0, preload, qk, p, pv, local, flag, order, split, ring);
          }
        }
      }
    }
  });
}

template <typename Visit> void plain(const std::string& space, const Domains& d, Visit visit) {
  if (space == "convolution")
    plainConvolution(d, visit);
  else if (space == "dedispersion")
    plainDedispersion(d, visit);
  else if (space == "gemm")
    plainGemm(d, visit);
  else if (space == "hotspot")
    plainHotspot(d, visit);
  else if (space == "fa_small")
    plainFaSmall(d, visit);
  else
    plainFaLarge(d, visit);
}

void plain_count(benchmark::State& state, const std::string& space) {
  const auto set = setOf(state, space);
  if (!set)
    return;
  const Domains domains = domainsOf(set->model());
  std::uint64_t count = 0;
  for (auto _ : state) {
    count = 0;
    plain(space, domains, [&](auto...) { ++count; });
    benchmark::DoNotOptimize(count);
  }
  if (count != set->count())
    state.SkipWithError("the loops and the legal set differ");
  state.counters["configurations"] = static_cast<double>(count);
}

void plain_all(benchmark::State& state, const std::string& space) {
  const auto set = setOf(state, space);
  if (!set)
    return;
  const Domains domains = domainsOf(set->model());
  std::uint64_t sum = 0;
  for (auto _ : state) {
    sum = 0;
    plain(space, domains, [&](auto... values) {
      const Cell row[] = {static_cast<Cell>(values)...};
      sum += use(row);
    });
    benchmark::DoNotOptimize(sum);
  }
  if (sum != sumOfAll(*set))
    state.SkipWithError("the loops and the legal set differ");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(set->count()));
}

#define FOR_EVERY_SPACE(function)                                                                  \
  BENCHMARK_CAPTURE(function, convolution, "convolution");                                         \
  BENCHMARK_CAPTURE(function, dedispersion, "dedispersion");                                       \
  BENCHMARK_CAPTURE(function, gemm, "gemm");                                                       \
  BENCHMARK_CAPTURE(function, hotspot, "hotspot");                                                 \
  BENCHMARK_CAPTURE(function, fa_small, "fa_small");                                               \
  BENCHMARK_CAPTURE(function, fa_large, "fa_large")

FOR_EVERY_SPACE(space_build);
FOR_EVERY_SPACE(space_all);
FOR_EVERY_SPACE(space_index);
FOR_EVERY_SPACE(space_sample);
FOR_EVERY_SPACE(space_rank);
FOR_EVERY_SPACE(plain_count);
FOR_EVERY_SPACE(plain_all);

} // namespace
