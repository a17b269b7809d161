// The kernel as `.pto` text: what each reader gets, and that this library reads all of it again.
#include "Points.h"
#include "codegen/Ir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

namespace ptotune {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string textFor(const Point& point, Ptoas ptoas) {
  auto lowered = lower({}, point, soc910b2(), Emit::pto, ptoas);
  if (!lowered)
    ADD_FAILURE() << lowered.error().text();
  return lowered ? lowered->pto : "";
}

// Text without comments: what a parser sees.
std::string withoutComments(const std::string& text) {
  std::istringstream lines(text);
  std::string kept;
  for (std::string line; std::getline(lines, line);)
    if (!line.substr(std::min(line.find_first_not_of(' '), line.size())).starts_with("//"))
      kept += line + '\n';
  return kept;
}

TEST(PtoText, LeavesOutWhatUpstreamHasNoPlaceFor) {
  for (const Ptoas ptoas : {Ptoas::v0_49, Ptoas::v0_60}) {
    SCOPED_TRACE(name(ptoas));
    const std::string text = withoutComments(textFor(Point(), ptoas));
    for (const char* ours : {"local_slot_num", "unit_flag", "buffer =", "address",
                             "stride =", "pto.stage", "pto.name"})
      EXPECT_THAT(text, Not(HasSubstr(ours)));
    EXPECT_THAT(text, HasSubstr("pto.aic_initialize_pipe {id = 1, dir_mask = 2, slot_size = 65536, "
                                "slot_num = 8} (gm_slot_tensor = %p_view : "
                                "!pto.tensor_view<128x256xf16>)"));
  }
}

TEST(PtoText, SaysWhyItLeavesThingsOut) {
  const std::string text = textFor(Point(), Ptoas::v0_60);
  EXPECT_THAT(text, HasSubstr("// local_slot_num = 2 left out: upstream has no place for it, and "
                              "only popped tiles read it\n"));
  EXPECT_THAT(text, HasSubstr("// unit_flag left out: "));
  EXPECT_THAT(textFor(pointOf("EN_UNIT_FLAG=0"), Ptoas::v0_60), Not(HasSubstr("unit_flag")));
}

TEST(PtoText, KeepsLandmarksAsComments) {
  EXPECT_THAT(textFor(Point(), Ptoas::v0_60), HasSubstr("// QK of tile %t, part 1\n"));
  EXPECT_THAT(textFor(Point(), Ptoas::none), HasSubstr("pto.stage \"QK\" tile %t part 1\n"));
}

TEST(PtoText, NamesValues) {
  const std::string text = textFor(Point(), Ptoas::v0_60);
  EXPECT_THAT(text, HasSubstr("func.func @cube_kernel(%q: !pto.ptr<f16, gm>, %k: "));
  EXPECT_THAT(text, HasSubstr("%blocks = arith.divui %s0, %c128 : index\n"));
  EXPECT_THAT(text, HasSubstr("scf.for %block = %core to %blocks step %cores {\n"));
}

TEST(PtoText, SpellsTheBaseOfFlagsAsTheVersionReadsIt) {
  EXPECT_THAT(textFor(Point(), Ptoas::v0_60),
              HasSubstr("pto.set_ffts %ffts : !pto.ptr<i64, gm>\n"));
  const std::string older = textFor(Point(), Ptoas::v0_49);
  EXPECT_THAT(older, HasSubstr("pto.set_ffts %ffts : memref<256xi64>\n"));
  EXPECT_THAT(older, HasSubstr("@flash_attention(%ffts: memref<256xi64>, "));
}

TEST(PtoText, KeepsEverythingForOurselves) {
  const std::string text = textFor(Point(), Ptoas::none);
  EXPECT_THAT(text, HasSubstr("slot_num = 8, local_slot_num = 2, unit_flag = true} "));
  EXPECT_THAT(text, HasSubstr("{buffer = \"k_l1\"}"));
  EXPECT_THAT(text, HasSubstr("{pto.name = \"q\"}"));
}

// Every text, of every version, is a module of this dialect that verifies; and what we print for
// ourselves goes through all passes again.
TEST(PtoText, IsReadAgain) {
  std::vector<Point> points = legalShapes();
  std::mt19937 generator(7);
  std::ranges::shuffle(points, generator);
  points.resize(std::min<std::size_t>(points.size(), 24));
  ASSERT_GE(points.size(), 20U);
  for (const Point& point : points)
    for (const Ptoas ptoas : {Ptoas::none, Ptoas::v0_49, Ptoas::v0_60}) {
      const Status valid = verifyIr(textFor(point, ptoas));
      EXPECT_TRUE(valid.ok()) << shapeName(point) << " " << name(ptoas) << ": "
                              << valid.error().text();
    }
}

TEST(PtoText, OfAKernelThatUpstreamAccepts) {
  std::ifstream file(std::string(PTO_TUNE_SOURCE_DIR) + "/tests/lit/dialect/kernel.mlir");
  std::stringstream text;
  text << file.rdbuf();
  ASSERT_FALSE(text.str().empty());
  EXPECT_TRUE(verifyIr(text.str()).ok()) << verifyIr(text.str()).error().text();
}

TEST(Ptoas, NamesItsVersions) {
  for (const Ptoas ptoas : {Ptoas::none, Ptoas::v0_49, Ptoas::v0_60})
    EXPECT_EQ(ptoasNamed(name(ptoas)), ptoas);
  EXPECT_EQ(ptoasNamed("v0.7"), std::nullopt);
}

} // namespace
} // namespace ptotune
