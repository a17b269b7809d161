// The TOML files: what ships loads, and what is wrong is refused with file, line and key.
#include "space/Job.h"
#include "tests/support/Paths.h"
#include "tests/support/TempFile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

using namespace ptotune;
using ptotune::test::config;
using ptotune::test::TempDir;

namespace {

std::string readAll(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "the shipped file no longer has: " << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Soc, ShippedProfileLoads) {
  const auto soc = loadSoc(config("soc/ascend910b2.toml"));
  ASSERT_TRUE(soc) << soc.error().text();
  EXPECT_EQ(soc->name, "Ascend910B2");
  EXPECT_EQ(soc->cubeCores, 24);
  EXPECT_EQ(soc->limit(Memory::ub).bytes, 192 * 1024);
  EXPECT_EQ(soc->limit(Memory::ub).usable, 184 * 1024);
  EXPECT_EQ(soc->limit(Memory::l0c).usable, 128 * 1024);
  EXPECT_FALSE(soc->sources.at("memory.ub.usable").empty());
  EXPECT_FALSE(soc->hash.empty());
}

// SyncPeriod = SlotNum <= 2 ? SlotNum : SlotNum / 2 (pto-isa TPush.hpp:37, 3186c381).
TEST(Soc, SyncPeriodPolicy) {
  auto soc = loadSoc(config("soc/ascend910b2.toml"));
  ASSERT_TRUE(soc);
  const int half[] = {1, 2, 1, 2, 2, 3, 3, 4};
  for (int slots = 1; slots <= 8; ++slots)
    EXPECT_EQ(soc->syncPeriod(slots), half[slots - 1]) << slots;
  soc->syncPeriodPolicy = "full";
  EXPECT_EQ(soc->syncPeriod(8), 8);
}

TEST(Soc, HashFollowsFiguresAndNotComments) {
  const TempDir dir;
  const std::string text = readAll(config("soc/ascend910b2.toml"));
  const auto base = loadSoc(config("soc/ascend910b2.toml"));
  const auto comment = loadSoc(dir.write("comment.toml", "# another comment\n" + text));
  const auto clock = loadSoc(dir.write("clock.toml", replaced(text, "value = 1800, unit = \"MHz\"",
                                                              "value = 1850, unit = \"MHz\"")));
  ASSERT_TRUE(base);
  ASSERT_TRUE(comment);
  ASSERT_TRUE(clock);
  EXPECT_EQ(base->hash, comment->hash);
  EXPECT_NE(base->hash, clock->hash);
}

struct Edit {
  const char* from;
  const char* to;
  const char* message;
};

// A derived profile says only what differs: cores, clock and global memory (facts of
// fa_cost_model.py:61-66, f35e7f60).
TEST(Soc, DerivedProfiles) {
  struct Case {
    const char* file;
    const char* name;
    int cores;
    double clock;
    double slower; // paths from and to global memory
  };
  const auto b2 = loadSoc(config("soc/ascend910b2.toml"));
  ASSERT_TRUE(b2) << b2.error().text();
  EXPECT_FALSE(b2->derived);
  const Case cases[] = {{"soc/ascend910b1.toml", "Ascend910B1", 24, 1.85e9, 1},
                        {"soc/ascend910b3.toml", "Ascend910B3", 20, 1.8e9, 1},
                        {"soc/ascend910b4.toml", "Ascend910B4", 20, 1.5e9, 2}};
  for (const Case& c : cases) {
    const auto soc = loadSoc(config(c.file));
    ASSERT_TRUE(soc) << soc.error().text();
    EXPECT_TRUE(soc->derived);
    EXPECT_EQ(soc->name, c.name);
    EXPECT_EQ(soc->cubeCores, c.cores);
    EXPECT_EQ(soc->clockHz, c.clock);
    EXPECT_NE(soc->hash, b2->hash);
    EXPECT_EQ(soc->launchSeconds, b2->launchSeconds);
    EXPECT_DOUBLE_EQ(soc->bandwidth(Memory::gm, Memory::l1),
                     b2->bandwidth(Memory::gm, Memory::l1) / c.slower);
    EXPECT_EQ(soc->bandwidth(Memory::l1, Memory::l0a), b2->bandwidth(Memory::l1, Memory::l0a));
  }
}

TEST(Soc, ProfileTravelsAsText) {
  for (const auto& entry : std::filesystem::directory_iterator(config("soc"))) {
    const auto soc = loadSoc(entry.path().string());
    ASSERT_TRUE(soc.ok()) << soc.error().text();
    const auto again = parseSoc(soc->toml, "text");
    ASSERT_TRUE(again.ok()) << again.error().text();
    EXPECT_EQ(again->hash, soc->hash) << entry.path();
    EXPECT_EQ(again->calibration.coresMax, soc->calibration.coresMax);
    EXPECT_EQ(again->sources, soc->sources);
    EXPECT_EQ(again->toml, soc->toml);
  }
  const auto bad = parseSoc("name = 3\n", "text");
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().file, "text");
}

TEST(Soc, DerivedProfilesAreReadStrictly) {
  const TempDir dir;
  const std::string base = config("soc/ascend910b2.toml");
  const auto refused = [&](const std::string& text) {
    const auto soc = loadSoc(dir.write("soc.toml", text));
    return soc ? std::string("loaded") : soc.error().text();
  };
  EXPECT_EQ(refused("derived_from = \"" + base + "\"\n"), "loaded");
  EXPECT_THAT(refused("derived_from = \"" + base + "\"\nspeed = 3\n"),
              testing::HasSubstr("soc.toml:2"));
  EXPECT_THAT(refused("derived_from = \"nowhere.toml\"\n"), testing::HasSubstr("nowhere.toml"));
  EXPECT_THAT(refused("derived_from = \"soc.toml\"\n"), testing::HasSubstr("derived from itself"));
}

class BadSoc : public testing::TestWithParam<Edit> {};

TEST_P(BadSoc, IsRefusedWithLineAndKey) {
  const TempDir dir;
  const std::string path = dir.write("soc.toml", replaced(readAll(config("soc/ascend910b2.toml")),
                                                          GetParam().from, GetParam().to));
  const auto soc = loadSoc(path);
  ASSERT_FALSE(soc);
  EXPECT_TRUE(std::regex_search(soc.error().text(), std::regex(GetParam().message)))
      << soc.error().text();
  EXPECT_EQ(soc.error().file, path);
  EXPECT_GT(soc.error().line, 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSoc,
    testing::Values(
        Edit{"clock           =", "clocks          =", "required key is missing \\[cores.clock\\]"},
        Edit{"[cores]\n", "[cores]\nspeed = 3\n", "unknown key \\[cores.speed\\]; expected clock"},
        Edit{"unit = \"MHz\"", "unit = \"GHz\"", "wrong unit \\[cores.clock = GHz\\].*\"MHz\""},
        Edit{"value = 188416", "value = 996608", "more than the memory has \\[memory.ub.usable"},
        Edit{"value = 24,", "value = -1,", "figure out of range \\[cores.cube = -1\\]"},
        Edit{"value = 24,", "value = 2.5,", "a whole number is needed"},
        Edit{", source = \"jul include/pto/costmodel/a2a3/cce_costmodel_cube.hpp:20-33\"", "",
             "a figure needs a value, a unit and a source \\[cube.mad_head\\]"},
        Edit{"local_slot_stride   = \"tile\"", "local_slot_stride   = \"row\"",
             "unknown value \\[tpipe.local_slot_stride = row\\]; expected tile or slot"},
        Edit{"sync_period         = \"half\"", "sync_period         = \"third\"",
             "unknown value \\[tpipe.sync_period = third\\]; expected half or full"},
        Edit{"[cores]\n", "[cores\n", "malformed TOML"},
        Edit{"head = 10, slope = 2, tail = 14", "head = 10, slope = 2", "vector.op.vadd.tail"}),
    [](const auto& info) { return "case" + std::to_string(info.index); });

TEST(Space, ShippedSpaceIsTheDesigns) {
  const auto space = loadSpace(config("spaces/fa.toml"));
  ASSERT_TRUE(space) << space.error().text();
  EXPECT_EQ(space->rawSize(), 86016u); // 7 * 4 * 3 * 8 * 16 * 4 * 2
  EXPECT_TRUE(space->contains(Point()));
  EXPECT_TRUE(space->domain(Param::expRing).derived);
  EXPECT_TRUE(space->domain(Param::slotNumP).derived);
  auto point = Point::parse("TILE_S1=96", Point());
  ASSERT_TRUE(point);
  const auto outside = space->contains(*point);
  ASSERT_FALSE(outside);
  EXPECT_NE(outside.error().text().find("[TILE_S1 = 96]; expected 32, 64, 128"), std::string::npos)
      << outside.error().text();
}

class BadSpace : public testing::TestWithParam<Edit> {};

TEST_P(BadSpace, IsRefusedWithLineAndKey) {
  const TempDir dir;
  const auto space = loadSpace(dir.write(
      "space.toml", replaced(readAll(config("spaces/fa.toml")), GetParam().from, GetParam().to)));
  ASSERT_FALSE(space);
  EXPECT_TRUE(std::regex_search(space.error().text(), std::regex(GetParam().message)))
      << space.error().text();
  EXPECT_GT(space.error().line, 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSpace,
    testing::Values(
        Edit{"KV_SPLIT     = [1]", "KV_SPLITS    = [1]",
             "unknown parameter \\[parameters.KV_SPLITS"},
        Edit{"KV_SPLIT     = [1]", "", "no domain \\[parameters.KV_SPLIT\\]"},
        Edit{"[\"slot\"]", "[\"slots\"]", "value out of domain .*expected tile, tile_offset, slot"},
        Edit{"EN_UNIT_FLAG = [0, 1]", "EN_UNIT_FLAG = [0, 2]", "EN_UNIT_FLAG = 2\\]"},
        Edit{"[64, 128, 256]", "[64, 64, 256]", "value given twice \\[parameters.CUBE_S0 = 64\\]"},
        Edit{"[64, 128, 256]", "[]", "wrong type \\[parameters.CUBE_S0"},
        Edit{"\"SlotNum\"", "\"TILE\"", "cannot follow this parameter"},
        Edit{"SlotNum      =", "SlotNumP     =", "ring depth is missing"}),
    [](const auto& info) { return "case" + std::to_string(info.index); });

TEST(Job, ShippedJobLoads) {
  const auto job = loadJob(config("jobs/fa_910b2.toml"));
  ASSERT_TRUE(job) << job.error().text();
  ASSERT_EQ(job->problems.size(), 8u);
  EXPECT_EQ(job->problems.front().text(), "head=128,s0=1024,s1=1024,causal=0,dtype=f16");
  EXPECT_EQ(job->problems.back().s1, 131072);
  EXPECT_EQ(job->seed, Point());
  EXPECT_EQ(job->soc.name, "Ascend910B2");
}

class BadJob : public testing::TestWithParam<Edit> {};

TEST_P(BadJob, IsRefusedWithLineAndKey) {
  const TempDir dir;
  std::string text = readAll(config("jobs/fa_910b2.toml"));
  text = replaced(text, "\"../soc", '"' + config("soc"));
  text = replaced(text, "\"../spaces", '"' + config("spaces"));
  ASSERT_TRUE(loadJob(dir.write("good.toml", text)));
  const auto job = loadJob(dir.write("job.toml", replaced(text, GetParam().from, GetParam().to)));
  ASSERT_FALSE(job);
  EXPECT_TRUE(std::regex_search(job.error().text(), std::regex(GetParam().message)))
      << job.error().text();
}

INSTANTIATE_TEST_SUITE_P(
    All, BadJob,
    testing::Values(
        Edit{"name =", "title =", "job.toml:.* required key is missing \\[name\\]"},
        Edit{"[[problems]]", "seed = \"TILE=3\"\n[[problems]]", "unknown parameter 'TILE'"},
        Edit{"s0_s1 = [1024,", "s0_s1 = [0,", "\\[problems\\[0\\].s0_s1 = 0\\]"},
        Edit{"s0_s1 = [1024,", "s0_s1 = [2048,", "the same problem twice"},
        Edit{"\"f16\"", "\"f32\"", "unknown value \\[problems\\[0\\].dtype = f32\\]; expected f16"},
        Edit{"ascend910b2.toml", "none.toml", "none.toml: cannot read the file"},
        Edit{"causal = false", "causal = 1", "expected true or false"}),
    [](const auto& info) { return "case" + std::to_string(info.index); });

// A job beside which no file has the name that it gives.
std::string jobOf(const std::string& soc, const std::string& space) {
  return "name = \"named\"\nsoc = \"" + soc + "\"\nspace = \"" + space +
         "\"\n[[problems]]\nhead = 128\ndtype = \"f16\"\ns0_s1 = [1024]\n";
}

TEST(Job, SocAndSpaceGoByTheirNames) {
  const TempDir dir;
  for (const char* soc : {"Ascend910B4", "ascend910b4", "ascend910b4.toml"}) {
    const auto job = loadJob(dir.write("job.toml", jobOf(soc, "fa_wide")), config(""));
    ASSERT_TRUE(job) << job.error().text();
    EXPECT_EQ(job->soc.name, "Ascend910B4");
    EXPECT_EQ(job->space.name, "fa_wide");
  }
}

TEST(Job, AFileBesideTheJobComesBeforeAnInstalledOne) {
  const TempDir dir;
  dir.write("fa", replaced(readAll(config("spaces/fa.toml")), "\"fa\"", "\"own\""));
  const auto job = loadJob(dir.write("job.toml", jobOf("ascend910b2", "fa")), config(""));
  ASSERT_TRUE(job) << job.error().text();
  EXPECT_EQ(job->space.name, "own");
}

TEST(Job, AnUnknownNameIsAnsweredWithTheKnownOnes) {
  const TempDir dir;
  const std::string file = dir.write("job.toml", jobOf("Ascend910B9", "fa"));
  const auto soc = loadJob(file, config(""));
  ASSERT_FALSE(soc);
  EXPECT_EQ(soc.error().text(),
            file + ":2: no installed file has this name [soc = Ascend910B9]; expected a path "
                   "relative to the job file, or one of Ascend910B1, Ascend910B2, Ascend910B3, "
                   "Ascend910B4");
  const auto space = loadJob(dir.write("job.toml", jobOf("Ascend910B2", "far")), config(""));
  ASSERT_FALSE(space);
  EXPECT_EQ(space.error().text(), file + ":3: no installed file has this name [space = far]; "
                                         "expected a path relative to the job file, or one of fa, "
                                         "fa_wide");
}

TEST(Job, ANameThatSeveralFilesHaveIsRefused) {
  const TempDir dir;
  std::filesystem::create_directory(dir.path("soc"));
  for (const char* name : {"soc/measured.toml", "soc/old.toml"})
    dir.write(name, readAll(config("soc/ascend910b2.toml")));
  const std::string space = config("spaces/fa.toml");
  const auto job = loadJob(dir.write("job.toml", jobOf("Ascend910B2", space)), dir.path(""));
  ASSERT_FALSE(job);
  EXPECT_THAT(job.error().text(),
              testing::EndsWith("several installed files have this name [soc = Ascend910B2]; "
                                "expected one of measured, old"));
  const auto byStem = loadJob(dir.write("job.toml", jobOf("old", space)), dir.path(""));
  ASSERT_TRUE(byStem) << byStem.error().text();
}

TEST(Job, WithoutAFolderNothingGoesByAName) {
  const TempDir dir;
  const auto job = loadJob(dir.write("job.toml", jobOf("Ascend910B2", "fa")));
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().text(), dir.path("Ascend910B2") + ": cannot read the file; check the path");
}

TEST(Job, MissingFileIsNamed) {
  const auto job = loadJob("/nowhere/job.toml");
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().text(), "/nowhere/job.toml: cannot read the file; check the path");
}

} // namespace
