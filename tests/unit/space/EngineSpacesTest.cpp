// The engine on the spaces of data/spaces, and on recorded T1 files.

#include "space/engine/Cursor.h"
#include "space/engine/LegalSet.h"
#include "space/engine/T1.h"
#include "tests/support/Paths.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

using namespace ptotune::engine;

namespace {

// The repository's own spaces first, then the shared folder; empty when in neither.
std::string find(const std::string& file) {
  const char* shared = std::getenv("PTO_TUNE_SHARED");
  const std::string root = shared ? shared : ptotune::test::sourceDir() + "/../shared";
  for (const std::string& path : {ptotune::test::data(file), root + "/data/" + file})
    if (std::filesystem::exists(path))
      return path;
  return {};
}

struct SpaceCase {
  const char* file;
  std::uint64_t raw;
  std::uint64_t count;
};

class Spaces : public testing::TestWithParam<SpaceCase> {
protected:
  std::shared_ptr<const Model> model() {
    const std::string path = find(GetParam().file);
    if (path.empty())
      return nullptr;
    auto read = readT1(path);
    EXPECT_TRUE(read) << read.error().text();
    return std::make_shared<const Model>(std::move(*read));
  }
};

TEST_P(Spaces, HaveTheirExactCounts) {
  const auto space = model();
  if (!space)
    GTEST_SKIP() << GetParam().file << " is neither in tests/data nor in PTO_TUNE_SHARED/data";
  EXPECT_EQ(space->rawSize(), GetParam().raw);
  const auto set = LegalSet::build(space);
  ASSERT_TRUE(set) << set.error().text();
  EXPECT_EQ(set->count(), GetParam().count);
  EXPECT_LT(set->bytes(), 100'000U);
  const auto chain = LegalSet::build(space, {.declaredOrder = true});
  ASSERT_TRUE(chain) << chain.error().text();
  EXPECT_EQ(chain->count(), GetParam().count);
}

// Every configuration is legal by evaluation, ascends, and has the number it came with. Large sets
// are looked at from place to place.
TEST_P(Spaces, HoldLegalConfigurationsInOrder) {
  const auto space = model();
  if (!space)
    GTEST_SKIP() << GetParam().file << " is neither in tests/data nor in PTO_TUNE_SHARED/data";
  const auto set = LegalSet::build(space);
  ASSERT_TRUE(set) << set.error().text();
  const std::uint64_t stride = set->count() / 20'000 + 1;
  std::vector<Cell> row(set->width());
  for (std::uint64_t index = 0; index < set->count(); index += stride) {
    set->at(index, row);
    ASSERT_TRUE(space->broken(row).empty()) << "index " << index;
    ASSERT_EQ(set->rank(row), index);
    const Cursor cursor(*set, index);
    ASSERT_TRUE(std::ranges::equal(cursor.row(), row)) << "index " << index;
  }
}

// Membership is what evaluation says, over assignments spread over the whole raw space.
TEST_P(Spaces, ContainExactlyWhatTheConstraintsAllow) {
  const auto space = model();
  if (!space)
    GTEST_SKIP() << GetParam().file << " is neither in tests/data nor in PTO_TUNE_SHARED/data";
  const auto set = LegalSet::build(space);
  ASSERT_TRUE(set) << set.error().text();
  const std::uint64_t stride = GetParam().raw / 40'000 + 1;
  std::vector<Cell> row(set->width());
  std::uint64_t legal = 0;
  for (std::uint64_t number = stride / 2; number < GetParam().raw; number += stride) {
    std::uint64_t rest = number;
    for (std::size_t p = 0; p < row.size(); ++p) {
      const auto& cells = space->parameters()[p].cells;
      row[p] = cells[rest % cells.size()];
      rest /= cells.size();
    }
    const bool isLegal = space->broken(row).empty();
    ASSERT_EQ(set->contains(row), isLegal) << "assignment " << number;
    legal += isLegal ? 1 : 0;
  }
  EXPECT_GT(legal, 0U);
}

// Counts of the GPU spaces and of the flash-attention ones by their README, which has them from
// other engines.
INSTANTIATE_TEST_SUITE_P(
    Published, Spaces,
    testing::Values(SpaceCase{"spaces/convolution.json", 10'240, 4'362},
                    SpaceCase{"spaces/dedispersion.json", 22'272, 11'130},
                    SpaceCase{"spaces/gemm.json", 663'552, 116'928},
                    SpaceCase{"spaces/hotspot.json", 4'440'000, 82'984},
                    SpaceCase{"spaces/fa_small.json", 516'096, 108'960},
                    SpaceCase{"spaces/fa_large.json", 2'113'929'216, 99'062'336},
                    SpaceCase{"recorded/convolution/T1.json", 10'240, 4'362},
                    SpaceCase{"recorded/dedispersion/T1.json", 22'272, 11'130}));

} // namespace
