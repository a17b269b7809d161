// The generated header, read by a person (golden text) and by compilers.
#include "db/configurations/Header.h"

#include "DbTest.h"
#include "tests/support/Paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <random>

namespace ptotune::test {
namespace {

using testing::HasSubstr;
using testing::Not;

HeaderEntry entry(std::int64_t s0, std::int64_t s1, std::int64_t tileS1, double seconds) {
  HeaderEntry made;
  Champion& champion = made.champion;
  champion.environment = simEnvironment();
  champion.problem = problem(s0, s1);
  champion.point.set(Param::tileS1, tileS1);
  champion.point.set(Param::vecOrder, static_cast<std::int64_t>(VecOrder::guFirst));
  champion.seconds = seconds;
  champion.samples = 3;
  champion.calibrated = s1 <= 8192;
  champion.sourceHash = Hash::of("source");
  champion.programHash = Hash::of("program");
  champion.trials[static_cast<std::size_t>(TrialStatus::correct)] = 1200;
  champion.trials[static_cast<std::size_t>(TrialStatus::pruned)] = 34;
  made.defaultSeconds = 2 * seconds;
  Point manual;
  manual.set(Param::qkPreload, 3);
  made.manual = ManualBest{.point = manual, .seconds = 1.5 * seconds};
  made.reach = {.maxS0 = kNoLimit, .maxTiles = kNoLimit};
  made.interval = {.low = 0.9 * seconds, .high = 1.25 * seconds};
  return made;
}

HeaderInput threeShapes() {
  HeaderInput input{.toolVersion = "0.1.0", .fallback = Point(), .entries = {}};
  input.entries.push_back(entry(128, 16384, 512, 1234.5678e-6));
  input.entries.push_back(entry(128, 1024, 256, 41.25e-6));
  input.entries.push_back(entry(2048, 2048, 128, 99e-6));
  input.entries[1].champion.proof =
      SpaceProof{.space = Hash::of("fa"), .spaceName = "fa", .points = 98304, .bound = 20.625e-6};
  input.entries[2].champion.proof =
      SpaceProof{.space = Hash::of("fa"), .spaceName = "fa", .points = 98304, .bound = 99e-6};
  input.entries.front().manual.reset();
  input.entries.front().defaultSeconds.reset();
  input.entries.front().champion.ties = 2;
  input.entries.front().reach = {.maxS0 = 4096, .maxTiles = 32};
  return input;
}

// The first of these compilers that is installed; empty when none is.
std::string compiler() {
  for (const char* name : {"clang++-19", "c++"})
    if (std::system(fmt::format("command -v {} >/dev/null", name).c_str()) == 0)
      return name;
  return "";
}

#define REQUIRE_COMPILER()                                                                         \
  if (compiler().empty())                                                                          \
  GTEST_SKIP() << "neither clang++-19 nor c++ is installed: the header is not compiled"

// What the compiler says about a program that includes the header; empty when it is content.
std::string compile(const std::string& header, const std::string& program,
                    const std::string& with = compiler(), const std::string& flags = "") {
  const TempDir directory;
  directory.write("pto_tune.h", header);
  const std::string source = directory.write("main.cpp", program);
  const std::string log = directory.path("log");
  const std::string command =
      fmt::format("{} -std=c++17 -Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only {} '{}' "
                  ">'{}' 2>&1",
                  with, flags, source, log);
  if (std::system(command.c_str()) == 0)
    return "";
  return "failed: " + readBytes(log);
}

constexpr const char* kProgram = R"cpp(
#include "pto_tune.h"
#include "pto_tune.h"

static_assert(pto_tune::kConfigCount == 3);
constexpr pto_tune::Lookup hit = pto_tune::lookup(128, 128, 16384, false);
static_assert(hit.match == pto_tune::Match::exact);
static_assert(hit.config.tile_s1 == 512 && hit.config.cube_s0 == 128);
static_assert(hit.config.vec_order == pto_tune::VecOrder::gu_first);
static_assert(hit.config.pipe_model == pto_tune::PipeModel::slot);
static_assert(hit.config.slot_num_qk == 8 && hit.config.en_unit_flag == 1);
static_assert(hit.config.time_us == 1234.568 && !hit.config.calibrated);
static_assert(hit.config.manual_time_us == 0 && hit.config.default_time_us == 0);
static_assert(pto_tune::lookup(128, 128, 1024, false).config.manual_time_us == 61.875);
static_assert(pto_tune::lookup(128, 128, 1024, false).config.calibrated);
static_assert(hit.config.time_low_us == 1111.111 && hit.config.time_high_us == 1543.210);
static_assert(hit.config.gap == -1 && hit.config.bound_us == 0 && hit.config.bound_space[0] == 0);
static_assert(pto_tune::lookup(128, 128, 1024, false).config.gap == 0.5);
static_assert(pto_tune::lookup(128, 128, 1024, false).config.bound_us == 20.625);
static_assert(pto_tune::lookup(128, 2048, 2048, false).config.gap == 0);
static_assert(pto_tune::lookup(128, 2048, 2048, false).config.bound_space[0] == 'f');
static_assert(hit.config.samples == 3 && hit.config.trials == 1234);
static_assert(hit.tuned_s0 == 128 && hit.tuned_s1 == 16384);
static_assert(hit.config.environment == &pto_tune::kEnvironments[0]);

// s0, s1 -> the entry that is nearest; 0: none serves.
constexpr bool nearest(int s0, int s1, int tuned_s0, int tuned_s1) {
  const pto_tune::Lookup found = pto_tune::lookup(128, s0, s1, false);
  return found.match == (tuned_s0 == 0 ? pto_tune::Match::fallback_default : pto_tune::Match::nearest) &&
         found.tuned_s0 == tuned_s0 && found.tuned_s1 == tuned_s1 && found.config.s0 == s0 &&
         found.config.s1 == s1 && found.config.time_us == 0 && found.config.samples == 0 &&
         found.config.gap == -1 && found.config.bound_us == 0;
}
static_assert(nearest(128, 8192, 128, 16384));
static_assert(nearest(128, 2048, 128, 1024));
static_assert(nearest(128, 4096, 128, 1024)); // both are two octaves away: the smaller s1
static_assert(nearest(256, 2048, 128, 1024)); // 1 + 1 octaves before 0 + 3
static_assert(nearest(1024, 4096, 2048, 2048));
static_assert(nearest(128, 1152, 2048, 2048)); // only its TILE_S1 = 128 divides 1152
static_assert(nearest(128, 32768, 128, 1024)); // 64 tiles are beyond the reach of the nearer one
static_assert(nearest(64, 1024, 0, 0));        // CUBE_S0 = 128 does not divide 64
static_assert(nearest(0, 1024, 0, 0) && nearest(128, -256, 0, 0));
static_assert(pto_tune::lookup(128, 128, 16384, false, "Ascend910B3").match ==
              pto_tune::Match::fallback_default);
static_assert(pto_tune::lookup(64, 128, 16384, false).match == pto_tune::Match::fallback_default);

constexpr pto_tune::Lookup miss = pto_tune::lookup(128, 512, 4096, true);
static_assert(miss.match == pto_tune::Match::fallback_default);
static_assert(miss.config.s0 == 512 && miss.config.s1 == 4096 && miss.config.causal);
static_assert(miss.config.tile_s1 == 256 && miss.config.qk_preload == 4);
static_assert(miss.config.time_us == 0 && pto_tune::fits(miss.config));
static_assert(miss.config.environment == nullptr && miss.tuned_s0 == 0);
static_assert(!pto_tune::fits(pto_tune::lookup(128, 128, 1000, false).config));

template <int S0, int HEAD, int S1, int CUBE_S0, int CUBE_S1, int TILE_S1, int QK_PRELOAD, bool CAUSAL>
struct Kernel {
  static constexpr int value = S0 + QK_PRELOAD;
};
#define ADD(...) + Kernel<__VA_ARGS__>::value
static_assert(TFA_FOR_EACH_CASE(ADD) == 128 + 3 + 2048 + 3);
#define NAME(S0, HEAD, S1, ...) "case_H_" #HEAD "_S0_" #S0 "_S1_" #S1,
const char* const names[] = {TFA_FOR_EACH_CASE(NAME)};
static_assert(sizeof(names) == 2 * sizeof(const char*));

int main() { return names[0] == nullptr; }
)cpp";

TEST(Header, CompilesAndAnswersLookups) {
  REQUIRE_COMPILER();
  EXPECT_EQ(compile(renderHeader(threeShapes()), kProgram), "");
}

TEST(Header, CompilesWithTheOtherCompiler) {
  if (std::system("command -v g++ >/dev/null") != 0)
    GTEST_SKIP() << "g++ is not installed: the header is compiled by one compiler only";
  EXPECT_EQ(compile(renderHeader(threeShapes()), kProgram, "g++"), "");
}

TEST(Header, WithoutShapesEveryLookupIsTheDefault) {
  REQUIRE_COMPILER();
  const std::string header =
      renderHeader({.toolVersion = "0.1.0", .fallback = Point(), .entries = {}});
  EXPECT_THAT(header, HasSubstr("// No shape was tuned"));
  EXPECT_THAT(header, HasSubstr("// It can express none of the measured points"));
  EXPECT_EQ(compile(header, R"cpp(
#include "pto_tune.h"
static_assert(pto_tune::lookup(128, 128, 1024, false).match == pto_tune::Match::fallback_default);
static_assert(pto_tune::lookup(128, 128, 1024, false).config.tile_s1 == 256);
#define COUNT(...) + 1
static_assert(0 TFA_FOR_EACH_CASE(COUNT) == 0);
)cpp"),
            "");
}

TEST(Header, SocIsAKey) {
  REQUIRE_COMPILER();
  HeaderInput input = threeShapes();
  input.entries.push_back(entry(128, 1024, 512, 30e-6));
  input.entries.back().champion.environment.soc = "Ascend910B3";
  EXPECT_EQ(compile(renderHeader(input), R"cpp(
#include "pto_tune.h"
static_assert(pto_tune::lookup(128, 128, 1024, false, "Ascend910B2").config.tile_s1 == 256);
static_assert(pto_tune::lookup(128, 128, 1024, false, "Ascend910B3").config.tile_s1 == 512);
static_assert(pto_tune::lookup(128, 128, 2048, false, "Ascend910B3").config.tile_s1 == 512);
#define COUNT(...) + 1
static_assert(0 TFA_FOR_EACH_CASE_ASCEND910B2(COUNT) == 2);
static_assert(0 TFA_FOR_EACH_CASE_ASCEND910B3(COUNT) == 1);
#ifdef TFA_FOR_EACH_CASE
#error "whose cases would these be?"
#endif
)cpp"),
            "");
  EXPECT_THAT(compile(renderHeader(input), R"cpp(
#include "pto_tune.h"
constexpr auto whose = pto_tune::lookup(128, 128, 1024, false);
)cpp"),
              HasSubstr("lookup"));
}

TEST(Header, StandsInTheNamespaceThatIsAskedFor) {
  REQUIRE_COMPILER();
  EXPECT_EQ(compile(renderHeader(threeShapes(), "my::tuned"), R"cpp(
#include "pto_tune.h"
static_assert(my::tuned::lookup(128, 128, 1024, false).match == my::tuned::Match::exact);
)cpp"),
            "");
}

TEST(Header, AnotherPtoIsaDoesNotCompile) {
  REQUIRE_COMPILER();
  HeaderInput input = threeShapes();
  const std::string hash = "f35e7f60aa11bb22";
  input.entries.front().champion.environment.isaHash = hash; // the others used none
  struct Case {
    const char* given;
    bool fits;
  };
  const Case cases[] = {
      {"f35e7f60aa11bb22", true},  {"f35e7f6", true}, {"f35e7f60aa11bb22cc", true},
      {"3186c381", false},         {"f35e7", false},  {"", false},
      {"f35e7f60aa11bb23", false},
  };
  const std::string header = renderHeader(input);
  for (const Case& one : cases) {
    const std::string said = compile(header, "#include \"pto_tune.h\"\n", compiler(),
                                     fmt::format("'-DPTO_TUNE_PTO_ISA_HASH=\"{}\"'", one.given));
    if (one.fits)
      EXPECT_EQ(said, "") << one.given;
    else
      EXPECT_THAT(said, HasSubstr("is not what was measured with: " + hash)) << one.given;
  }
  EXPECT_EQ(compile(header, "#include \"pto_tune.h\"\n"), "");
  // Nothing was built: there is nothing to disagree with.
  EXPECT_EQ(compile(renderHeader(threeShapes()), "#include \"pto_tune.h\"\n", compiler(),
                    "'-DPTO_TUNE_PTO_ISA_HASH=\"3186c381\"'"),
            "");
}

TEST(Header, AnEntryWhoseTilesDoNotDivideDoesNotCompile) {
  REQUIRE_COMPILER();
  struct Case {
    const char* says;
    std::function<void(HeaderEntry&)> spoil;
  };
  const Case cases[] = {
      {"head 128, s0 2048, s1 2048, not causal: the tiles do not divide it",
       [](HeaderEntry& e) { e.champion.point.set(Param::tileS1, 384); }},
      {"head 128, s0 2048, s1 2048, not causal: the tiles do not divide it",
       [](HeaderEntry& e) { e.champion.point.set(Param::cubeS1, 96); }},
      {"head 128, s0 2048, s1 2048, not causal: the tiles do not divide it",
       [](HeaderEntry& e) { e.champion.point.set(Param::cubeS0, 100); }},
      {"head 128, s0 2048, s1 2048, not causal: the tiles do not divide it",
       [](HeaderEntry& e) { e.champion.point.set(Param::kvSplit, 3); }},
      {"S0 2048, S1 2048: the tiles do not divide it",
       [](HeaderEntry& e) { e.manual->point.set(Param::tileS1, 384); }},
      {"two entries for one shape",
       [](HeaderEntry& e) { e.champion.problem = problem(128, 1024); }},
  };
  for (const Case& one : cases) {
    HeaderInput input = threeShapes();
    one.spoil(input.entries.back());
    EXPECT_THAT(compile(renderHeader(input), "#include \"pto_tune.h\"\n"), HasSubstr(one.says));
  }
}

TEST(Header, EqualContentGivesEqualBytes) {
  HeaderInput input = threeShapes();
  input.entries.push_back(entry(128, 8192, 256, 5e-6));
  const std::string header = renderHeader(input);
  std::mt19937 random(3);
  for (int i = 0; i < 20; ++i) {
    std::shuffle(input.entries.begin(), input.entries.end(), random);
    for (HeaderEntry& one : input.entries)
      one.champion.lastRecorded += 1; // the clock is no content
    EXPECT_EQ(renderHeader(input), header);
  }
  input.entries.front().champion.seconds *= 2;
  EXPECT_NE(renderHeader(input), header);
}

TEST(Header, TextsCannotBreakOut) {
  REQUIRE_COMPILER();
  HeaderInput input = threeShapes();
  for (HeaderEntry& one : input.entries) {
    one.champion.environment.soc = "A\"B\\";
    one.champion.environment.toolchain = "line\n#error broken\n\\";
    one.champion.environment.runner = "sim*/\t1";
    one.champion.environment.isaHash = "\" #error {0} \n";
  }
  EXPECT_EQ(compile(renderHeader(input), kProgram), "");
}

TEST(Header, SaysWhatIsMissing) {
  HeaderInput input = threeShapes();
  EXPECT_THAT(renderHeader(input), HasSubstr("none used by this runner"));
  for (HeaderEntry& one : input.entries) {
    one.champion.trials = {};
    one.champion.environment = deviceEnvironment();
  }
  const std::string header = renderHeader(input);
  EXPECT_THAT(header, HasSubstr("none kept"));
  EXPECT_THAT(header, HasSubstr("profile not read by this runner"));
  EXPECT_THAT(header, HasSubstr("pto-isa f35e7f60, bisheng 8.5"));
  EXPECT_THAT(header, HasSubstr("pto-isa      none used by this runner"));
}

TEST(Header, IsFormattedAsTheProjectIs) {
  if (std::system("command -v clang-format-19 >/dev/null") != 0)
    GTEST_SKIP() << "clang-format-19 is not installed: the layout is not checked";
  const TempDir directory;
  const std::string path = directory.write("pto_tune.h", renderHeader(threeShapes()));
  const std::string before = readBytes(path);
  ASSERT_EQ(std::system(fmt::format("clang-format-19 -i --style='file:{}/.clang-format' '{}'",
                                    sourceDir(), path)
                            .c_str()),
            0);
  EXPECT_EQ(readBytes(path), before);
}

// As a person meets it: the file was made by renderHeader() and read line by line.
TEST(Header, ReadsWell) {
  EXPECT_EQ(renderHeader(threeShapes()),
            readBytes(sourceDir() + "/tests/unit/db/pto_tune.golden.h"));
}

} // namespace
} // namespace ptotune::test
