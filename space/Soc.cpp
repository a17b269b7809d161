#include "space/Soc.h"

#include "space/Toml.h"

#include <fmt/format.h>

#include <algorithm>

namespace ptotune {
namespace {

constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;

constexpr std::array<const char*, kMemoryCount> kKeys = {"gm", "ub", "l1", "l0a", "l0b", "l0c"};

void readMemory(TomlTable& root, SocProfile& soc) {
  TomlTable memory = root.table("memory");
  for (std::size_t i = 0; i < kMemoryCount; ++i) {
    TomlTable entry = memory.table(kKeys[i]);
    MemoryLimit& limit = soc.memory[i];
    limit.bytes = entry.wholeFigure("bytes", "B", 1);
    limit.usable = entry.wholeFigure("usable", "B", 1);
    limit.align = entry.wholeFigure("align", "B", 1);
    if (limit.usable > limit.bytes)
      entry.fail("usable", "more than the memory has", std::to_string(limit.usable),
                 fmt::format("at most {}", limit.bytes));
    entry.finish();
  }
  memory.finish();
}

void readSync(TomlTable& root, SocProfile& soc) {
  TomlTable sync = root.table("sync");
  soc.eventIdsPerPipePair = static_cast<int>(sync.wholeFigure("event_ids_per_pipe_pair", "ids", 1));
  soc.fftsFlags = static_cast<int>(sync.wholeFigure("ffts_flags", "flags", 1));
  soc.fftsFirstReserved = static_cast<int>(sync.wholeFigure("ffts_first_reserved", "flag", 0));
  soc.fftsCounterMax = static_cast<int>(sync.wholeFigure("ffts_counter_max", "signals", 1));
  sync.finish();

  TomlTable tpipe = root.table("tpipe");
  soc.syncPeriodPolicy = tpipe.oneOf("sync_period", {"half", "full"});
  soc.localSlotStridePolicy = tpipe.oneOf("local_slot_stride", {"tile", "slot"});
  soc.tpipeDefaultLocalSlots =
      static_cast<int>(tpipe.wholeFigure("default_local_slots", "slots", 1));
  tpipe.finish();

  TomlTable tile = root.table("tile");
  soc.fractal = static_cast<int>(tile.wholeFigure("fractal", "elements", 1));
  soc.reduceSliceBytes = static_cast<int>(tile.wholeFigure("reduce_slice", "B", 1));
  soc.blockBytes = static_cast<int>(tile.wholeFigure("block", "B", 1));
  soc.accMaxCols = tile.wholeFigure("acc_max_cols", "columns", 1);
  tile.finish();
}

void readBandwidth(TomlTable& root, SocProfile& soc) {
  struct Path {
    const char* key;
    Memory from, to;
  };
  constexpr Path paths[] = {
      {"gm_ub", Memory::gm, Memory::ub},   {"gm_l1", Memory::gm, Memory::l1},
      {"ub_gm", Memory::ub, Memory::gm},   {"l0c_gm", Memory::l0c, Memory::gm},
      {"l1_l0a", Memory::l1, Memory::l0a}, {"l1_l0b", Memory::l1, Memory::l0b},
      {"ub_ub", Memory::ub, Memory::ub},
  };
  TomlTable table = root.table("bandwidth");
  const double scale = table.figure("gm_scale", "times", 0.001);
  for (const Path& path : paths) {
    const bool gm = path.from == Memory::gm || path.to == Memory::gm;
    soc.paths.push_back(
        {path.from, path.to, table.figure(path.key, "GiB/s", 0.001) * kGiB / (gm ? scale : 1)});
  }
  soc.accStoreElementBytes = static_cast<int>(table.wholeFigure("l0c_gm_element", "B", 1));
  table.finish();

  TomlTable shared = root.table("shared");
  soc.l2Bytes = static_cast<double>(shared.wholeFigure("l2", "B", 1));
  soc.hbmBytesPerSecond = shared.figure("hbm", "GB/s", 0.001) * 1e9;
  shared.finish();
}

void readVector(TomlTable& root, SocProfile& soc) {
  TomlTable vector = root.table("vector");
  soc.vectorRepeatBytes = static_cast<int>(vector.wholeFigure("repeat", "B", 1));
  soc.vectorMaskFloor = vector.figure("mask_floor", "cycles", 0);
  TomlTable ops = vector.table("op");
  for (std::size_t i = 0; i < kVectorInstrCount; ++i) {
    TomlTable op = ops.table(name(static_cast<VectorInstr>(i)));
    const auto cycles = [&](std::string_view key) {
      return static_cast<double>(op.integer(key, 0, 1'000'000));
    };
    soc.vectorOps[i] = {cycles("head"), cycles("slope"), cycles("tail")};
    op.text("source");
    op.finish();
  }
  ops.finish();
  vector.finish();

  TomlTable cube = root.table("cube");
  soc.madHead = cube.figure("mad_head", "cycles", 0);
  soc.madPerFractal16 = cube.figure("mad_fractal_16bit", "cycles", 0);
  soc.madPerFractal32 = cube.figure("mad_fractal_32bit", "cycles", 0);
  cube.finish();
}

void readConstants(TomlTable& root, SocProfile& soc) {
  TomlTable constants = root.table("constants");
  soc.launchSeconds = constants.figure("launch", "us", 0) * 1e-6;
  soc.scalarIssueCycles = constants.figure("scalar_issue", "cycles", 0);
  soc.eventFlagCycles = constants.figure("event_flag", "cycles", 0);
  soc.crossCoreFlagCycles = constants.figure("cross_core_flag", "cycles", 0);
  soc.transferLatencyCycles = constants.figure("transfer_latency", "cycles", 0);
  soc.gmSharing.load = constants.figure("gm_load_contention", "per core", 0);
  soc.gmSharing.store = constants.figure("gm_store_contention", "per core", 0);
  soc.gmSharing.neighbours = constants.figure("gm_neighbours", "cores", 0);
  constants.finish();

  TomlTable calibration = root.table("calibration");
  soc.calibration.head = calibration.integer("head", 1, 1 << 20);
  const auto range = calibration.integers("s1", 1);
  if (range.size() == 2 && range[0] <= range[1]) {
    soc.calibration.s1Min = range[0];
    soc.calibration.s1Max = range[1];
  } else {
    calibration.fail("s1", "not a range", "", "[least, most]");
  }
  soc.calibration.coresMax = calibration.integer("cores_max", 1, 1 << 20);
  soc.calibration.source = calibration.text("source");
  calibration.finish();
}

// Every figure that an answer can depend on, in one line each.
std::string canonical(const SocProfile& soc) {
  std::string text = fmt::format("{} {} {} {} {}\n", soc.name, soc.architecture, soc.cubeCores,
                                 soc.vectorPerCube, soc.clockHz);
  for (const MemoryLimit& limit : soc.memory)
    text += fmt::format("memory {} {} {}\n", limit.bytes, limit.usable, limit.align);
  text += fmt::format("sync {} {} {} {} {} {} {}\n", soc.eventIdsPerPipePair, soc.fftsFlags,
                      soc.fftsFirstReserved, soc.fftsCounterMax, soc.syncPeriodPolicy,
                      soc.tpipeDefaultLocalSlots, soc.localSlotStridePolicy);
  text += fmt::format("tile {} {} {} {}\n", soc.fractal, soc.reduceSliceBytes, soc.blockBytes,
                      soc.accMaxCols);
  for (const PathBandwidth& path : soc.paths)
    text += fmt::format("path {} {} {}\n", name(path.from), name(path.to), path.bytesPerSecond);
  for (const VectorCost& op : soc.vectorOps)
    text += fmt::format("vector {} {} {}\n", op.head, op.slope, op.tail);
  text += fmt::format("cost {} {} {} {} {} {}\n", soc.accStoreElementBytes, soc.vectorRepeatBytes,
                      soc.vectorMaskFloor, soc.madHead, soc.madPerFractal16, soc.madPerFractal32);
  text += fmt::format("constants {} {} {} {} {} {}\n", soc.launchSeconds, soc.scalarIssueCycles,
                      soc.eventFlagCycles, soc.crossCoreFlagCycles, soc.transferLatencyCycles,
                      soc.gmSharing.load);
  text += fmt::format("shared {} {} {} {}\n", soc.gmSharing.store, soc.gmSharing.neighbours,
                      soc.l2Bytes, soc.hbmBytesPerSecond);
  return text;
}

Result<SocProfile> readSoc(TomlTable& root) {
  SocProfile soc;
  soc.derived = root.derived();
  soc.toml = root.print();
  soc.name = root.text("name");
  soc.architecture = root.oneOf("architecture", {"a2a3"});
  TomlTable cores = root.table("cores");
  soc.cubeCores = static_cast<int>(cores.wholeFigure("cube", "cores", 1));
  soc.vectorPerCube = static_cast<int>(cores.wholeFigure("vector_per_cube", "cores", 1));
  soc.clockHz = cores.figure("clock", "MHz", 1) * 1e6;
  cores.finish();
  readMemory(root, soc);
  readSync(root, soc);
  readBandwidth(root, soc);
  readVector(root, soc);
  readConstants(root, soc);
  root.finish();
  if (auto status = root.status(); !status)
    return status.error();
  soc.sources = root.sources();
  soc.hash = Hash::of(canonical(soc));
  return soc;
}

} // namespace

const char* name(Memory memory) {
  constexpr std::array<const char*, kMemoryCount> names = {"GM", "UB", "L1", "L0A", "L0B", "L0C"};
  return names[static_cast<std::size_t>(memory)];
}

const char* name(VectorInstr instr) {
  constexpr std::array<const char*, kVectorInstrCount> names = {
      "vadd",  "vsub",   "vmax",   "vmul",  "vmuls", "vadds", "vexp", "vdiv",
      "vcadd", "vcgadd", "vcgmax", "vcmax", "vconv", "vdup",  "vcopy"};
  return names[static_cast<std::size_t>(instr)];
}

int SocProfile::syncPeriod(int slots) const {
  if (syncPeriodPolicy == "full" || slots <= 2)
    return slots;
  return slots / 2;
}

double SocProfile::bandwidth(Memory from, Memory to) const {
  for (const PathBandwidth& path : paths)
    if (path.from == from && path.to == to)
      return path.bytesPerSecond;
  return 0;
}

Result<SocProfile> loadSoc(const std::string& path) {
  auto opened = TomlTable::openDerived(path);
  if (!opened)
    return opened.error();
  return readSoc(*opened);
}

Result<SocProfile> parseSoc(std::string_view text, const std::string& file) {
  auto parsed = TomlTable::parse(text, file);
  if (!parsed)
    return parsed.error();
  return readSoc(*parsed);
}

} // namespace ptotune
