// Models: domains, derived parameters, constraints from files.

#include "space/engine/LegalSet.h"
#include "space/engine/T1.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace ptotune::engine;
using ptotune::Status;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const std::vector<Cell>& cellsOf(const Model& model, const char* name) {
  return model.parameters()[*model.indexOf(name)].cells;
}

TEST(EngineModel, HasDomainsOfEveryKind) {
  Model model;
  ASSERT_TRUE(model.addIntegers("tile", {64, 32, 128}));
  ASSERT_TRUE(model.addRange("depth", 2, 9, 3));
  ASSERT_TRUE(model.addPowers("width", 2, 4, 6));
  ASSERT_TRUE(model.addReals("scale", {0.5, -0.0}));
  ASSERT_TRUE(model.addCategories("order", {"p_first", "gu_first"}));
  EXPECT_THAT(cellsOf(model, "tile"), ElementsAre(64, 32, 128));
  EXPECT_THAT(cellsOf(model, "depth"), ElementsAre(2, 5, 8));
  EXPECT_THAT(cellsOf(model, "width"), ElementsAre(16, 32, 64));
  EXPECT_EQ(model.value(3, cellsOf(model, "scale")[0]), Value(0.5));
  EXPECT_EQ(cellsOf(model, "scale")[1], cellOf(0.0));
  EXPECT_EQ(model.value(4, cellsOf(model, "order")[1]), Value(std::string("gu_first")));
  EXPECT_EQ(model.cell(4, std::string("p_first")), cellsOf(model, "order")[0]);
  EXPECT_EQ(model.cell(4, std::string("other")), std::nullopt);
  EXPECT_EQ(model.cell(0, 0.5), std::nullopt);
  EXPECT_EQ(model.cell(3, std::int64_t{2}), cellOf(2.0));
  EXPECT_EQ(model.rawSize(), 3U * 3 * 3 * 2 * 2);
  EXPECT_EQ(model.indexOf("other"), std::nullopt);
}

TEST(EngineModel, RefusesDomainsThatMakeNoSense) {
  struct Case {
    Status status;
    const char* message;
  };
  Model model;
  ASSERT_TRUE(model.addIntegers("known", {1}));
  const Case cases[] = {
      {model.addIntegers("empty", {}), "a parameter without values"},
      {model.addIntegers("twice", {1, 2, 1}), "value given twice"},
      {model.addReals("twice", {0.0, -0.0}), "value given twice"},
      {model.addReals("nan", {std::numeric_limits<double>::quiet_NaN()}),
       "a value that is no number"},
      {model.addRange("range", 3, 2), "a parameter without values"},
      {model.addRange("range", 1, 9, 0), "a range with step 0"},
      {model.addRange("range", 1, 10'000'000), "1000001 values"},
      {model.addPowers("powers", 2, 60, 63), "2 ** 63 is beyond 64 bits"},
      {model.addPowers("powers", 1, 0, 3), "powers of 1 from exponent 0"},
      {model.addIntegers("known", {1}), "the name is used twice"},
      {model.addConstant("known", std::int64_t{1}), "the name is used twice"},
      {model.addIntegers("min", {1}), "not usable as a name"},
      {model.addIntegers("2nd", {1}), "not usable as a name"},
      {model.addList("list", "[1, 'a']", "Values"), "texts and numbers in one list at column 9"},
      {model.addDerived("later", "later + 1"), "unknown name 'later' at column 1"},
  };
  for (const Case& c : cases) {
    ASSERT_FALSE(c.status) << c.message;
    EXPECT_EQ(c.status.error().message, c.message);
  }
}

TEST(EngineModel, ConstraintsOfASpaceFileNameTheEntry) {
  Model model;
  ASSERT_TRUE(model.addIntegers("TILE_S1", {32, 64, 96}));
  ASSERT_TRUE(model.addIntegers("CUBE_S1", {32, 64}));
  ASSERT_TRUE(model.addConstant("s1", std::int64_t{192}));
  const std::vector<std::string> good = {"TILE_S1 % CUBE_S1 == 0 && TILE_S1 * 2 <= s1"};
  const std::vector<std::string> bad = {"TILE_S1 > 0", "TILE_S1 <= s2"};
  ASSERT_TRUE(model.addConstraints(good));
  const Status status = model.addConstraints(bad);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().text(),
            "unknown name 's2' at column 12 [constraints[1] = TILE_S1 <= s2]; expected one of "
            "CUBE_S1, TILE_S1, s1; did you mean 's1'?");
  EXPECT_THAT(model.broken(std::vector<Cell>{96, 64}), ElementsAre(0));
  EXPECT_THAT(model.broken(std::vector<Cell>{96, 32}), ElementsAre());
}

TEST(EngineModel, DerivedParametersFollow) {
  auto model = std::make_shared<Model>();
  ASSERT_TRUE(model->addIntegers("tile", {64, 128, 256}));
  ASSERT_TRUE(model->addIntegers("cube", {0, 64, 128}));
  ASSERT_TRUE(model->addDerived("factor", "tile // cube"));
  ASSERT_TRUE(model->addDerived("name", "'wide' if factor > 1 else 'narrow'"));
  ASSERT_TRUE(model->addConstraint("factor >= 1 and name != 'narrow'", "c"));
  EXPECT_EQ(model->rawSize(), 9U);
  const auto set = LegalSet::build(model);
  ASSERT_TRUE(set) << set.error().text();
  // cube = 0 leaves the factor undefined.
  EXPECT_EQ(set->count(), 3U);
  std::vector<Cell> row(4);
  for (std::uint64_t i = 0; i < set->count(); ++i) {
    set->at(i, row);
    EXPECT_EQ(row[2], row[0] / row[1]);
    EXPECT_GT(row[2], 1);
    EXPECT_EQ(model->value(3, row[3]), Value(std::string("wide")));
    EXPECT_EQ(set->rank(row), i);
  }
  row[2] += 1;
  EXPECT_EQ(set->rank(row), std::nullopt);
}

constexpr const char* kT1 = R"({
  "General": {"BenchmarkName": "example"},
  "ConfigurationSpace": {
    "TuningParameters": [
      {"Name": "block", "Type": "int", "Values": "[2**i for i in range(3, 6)]", "Default": 16},
      {"Name": "ratio", "Type": "float", "Values": "[1, 0.5]"},
      {"Name": "method", "Type": "string", "Values": ["direct", "tiled"]},
      {"Name": "pad", "Type": "bool", "Values": [true, false]}
    ],
    "Conditions": [
      {"Expression": "block * ratio >= 8 or method == 'direct'", "Parameters": ["block", "ratio"]},
      {"Expression": "not pad or block > 8", "Parameters": ["pad", "block"]}
    ]
  },
  "KernelSpecification": {"Language": "CUDA"}
})";

TEST(T1, ReadsParametersAndConditions) {
  const auto model = parseT1(kT1, "example.json");
  ASSERT_TRUE(model) << model.error().text();
  ASSERT_EQ(model->parameters().size(), 4U);
  EXPECT_THAT(cellsOf(*model, "block"), ElementsAre(8, 16, 32));
  EXPECT_THAT(cellsOf(*model, "ratio"), ElementsAre(cellOf(1.0), cellOf(0.5)));
  EXPECT_THAT(cellsOf(*model, "pad"), ElementsAre(1, 0));
  EXPECT_EQ(model->value(2, cellsOf(*model, "method")[1]), Value(std::string("tiled")));
  ASSERT_EQ(model->constraints().size(), 2U);
  EXPECT_EQ(model->constraints()[1].origin, "ConfigurationSpace.Conditions[1].Expression");
  const auto set = LegalSet::build(std::make_shared<Model>(*model));
  ASSERT_TRUE(set) << set.error().text();
  // By hand: 24 assignments; block 8 with pad (4) breaks the second, and block 8, ratio 0.5, tiled,
  // no pad breaks the first.
  EXPECT_EQ(set->count(), 19U);
}

// As published files have it.
TEST(T1, AnIntegerMayHaveFractions) {
  std::string source = kT1;
  source.replace(source.find("\"float\""), 7, "\"int\"");
  const auto model = parseT1(source, "example.json");
  ASSERT_TRUE(model) << model.error().text();
  EXPECT_THAT(cellsOf(*model, "ratio"), ElementsAre(cellOf(1.0), cellOf(0.5)));
}

TEST(T1, ErrorsNameFileKeyAndColumn) {
  const auto mended = [](const char* from, const char* to) {
    std::string text = kT1;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, std::string(from).size(), to);
  };
  struct Case {
    std::string text;
    const char* key;
    const char* message;
  };
  const Case cases[] = {
      {"{", "", "no valid JSON"},
      {"[]", "ConfigurationSpace", "the object is missing"},
      {R"({"ConfigurationSpace": {}})", "ConfigurationSpace.TuningParameters",
       "the array is missing"},
      {mended("\"Name\": \"ratio\", ", ""), "ConfigurationSpace.TuningParameters[1].Name",
       "a text is missing"},
      {mended("\"Values\": \"[1, 0.5]\"", "\"Value\": 1"),
       "ConfigurationSpace.TuningParameters[1].Values", "the values are missing"},
      {mended("\"[1, 0.5]\"", "3"), "ConfigurationSpace.TuningParameters[1].Values",
       "the values are neither a text nor an array"},
      {mended("\"[1, 0.5]\"", "[[1]]"), "ConfigurationSpace.TuningParameters[1].Values",
       "a value is neither number nor text"},
      {mended("\"[1, 0.5]\"", "\"['a']\""), "ConfigurationSpace.TuningParameters[1].Values",
       "ratio has values that are no 'float'"},
      {mended("\"ratio\"", "\"block\""), "block", "the name is used twice"},
      {mended("not pad or", "not pad ||| "), "ConfigurationSpace.Conditions[1].Expression",
       "unexpected '|' at column 11"},
      {mended("\"Expression\": \"not", "\"Expr\": \"not"),
       "ConfigurationSpace.Conditions[1].Expression", "a text is missing"},
  };
  for (const Case& c : cases) {
    const auto model = parseT1(c.text, "example.json");
    ASSERT_FALSE(model) << c.message;
    EXPECT_EQ(model.error().message, c.message);
    EXPECT_EQ(model.error().key, c.key);
    EXPECT_EQ(model.error().file, "example.json");
  }
  EXPECT_EQ(readT1("no/such/file.json").error().message, "cannot be read");
}

} // namespace
