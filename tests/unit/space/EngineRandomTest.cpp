// Legal sets of random models against going through every assignment.

#include "space/engine/Cursor.h"
#include "space/engine/LegalSet.h"
#include "space/engine/Neighbours.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace ptotune::engine;

namespace {

using Row = std::vector<Cell>;

// Random models and the texts of their constraints.
class Dice {
public:
  explicit Dice(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t bound) { return engine_() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }

  std::shared_ptr<Model> model() {
    auto model = std::make_shared<Model>();
    names_.clear();
    check(model->addConstant("limit", std::int64_t(below(60))), *model);
    const std::size_t count = 1 + below(6);
    for (std::size_t i = 0; i < count; ++i)
      addParameter(*model, i);
    if (chance(40)) {
      check(model->addDerived("twice", number(2)), *model);
      names_.emplace_back("twice");
    }
    for (std::size_t left = below(6); left > 0; --left)
      check(model->addConstraint(someCondition(*model), "c"), *model);
    if (chance(30))
      addPredicate(*model, count);
    return model;
  }

private:
  static void check(const ptotune::Status& status, const Model&) {
    ASSERT_TRUE(status) << status.error().text();
  }

  // Over some parameters with domains, by a weighted sum of their cells.
  void addPredicate(Model& model, std::size_t count) {
    std::vector<std::string> parameters;
    for (std::size_t i = 0; i < count; ++i)
      if (chance(60))
        parameters.push_back(names_[i]);
    std::vector<Cell> weights(parameters.size());
    for (Cell& weight : weights)
      weight = static_cast<Cell>(below(7));
    check(model.addPredicate("p", parameters,
                             [weights](std::span<const Cell> cells) {
                               std::uint64_t sum = 1;
                               for (std::size_t i = 0; i < cells.size(); ++i)
                                 sum += static_cast<std::uint64_t>(weights[i] * (cells[i] % 1000));
                               return sum % 5 != 0;
                             }),
          model);
  }

  // A condition that holds for some of a few assignments and not for all of them.
  std::string someCondition(const Model& model) {
    std::string text;
    for (int attempt = 0; attempt < 20; ++attempt) {
      text = condition(2);
      Model trial = model.withFirst(0);
      check(trial.addConstraint(text, "c"), trial);
      int legal = 0;
      for (int i = 0; i < 30; ++i) {
        Row row(trial.parameters().size());
        for (std::size_t p = 0; p < row.size(); ++p)
          if (const auto& cells = trial.parameters()[p].cells; !cells.empty())
            row[p] = cells[below(cells.size())];
        legal += trial.derive(row) && trial.broken(row).empty() ? 1 : 0;
      }
      if (legal > 5 && legal < 30)
        break;
    }
    return text;
  }

  void addParameter(Model& model, std::size_t i) {
    const std::string name(1, static_cast<char>('a' + i));
    if (chance(12)) {
      check(model.addReals(name, {0.5, 1.0, -2.25, 4.0}), model);
    } else {
      std::vector<std::int64_t> values;
      const std::size_t size = 1 + below(chance(15) ? 90 : 7);
      while (values.size() < size) {
        const auto value = static_cast<std::int64_t>(below(100)) - 12;
        if (std::ranges::find(values, value) == values.end())
          values.push_back(value);
      }
      check(model.addIntegers(name, values), model);
    }
    names_.push_back(name);
  }

  std::string atom() {
    if (chance(65))
      return names_[below(names_.size())];
    return chance(20) ? "limit" : std::to_string(below(40));
  }
  std::string pick(std::initializer_list<const char*> of) { return of.begin()[below(of.size())]; }

  std::string number(int depth) {
    if (depth == 0 || chance(15))
      return atom();
    const std::string a = number(depth - 1);
    const std::string b = number(depth - 1);
    switch (below(9)) {
    case 8:
      return "(-" + a + ")";
    case 0:
      return pick({"min", "max"}) + "(" + a + ", " + b + ")";
    case 1:
      return "abs(" + a + ")";
    case 2:
      return "(" + a + " if " + condition(depth - 1) + " else " + b + ")";
    case 3:
      return "(" + a + " ** 2)";
    default:
      return "(" + a + " " + pick({"+", "-", "*", "*", "//", "%", "/", "+"}) + " " + b + ")";
    }
  }

  std::string condition(int depth) {
    const std::string a = number(depth);
    const std::string b = number(depth);
    switch (depth == 0 ? 0 : below(9)) {
    case 0:
    case 1:
    case 2:
      return "(" + a + " " + pick({"<", "<=", ">", ">=", "!="}) + " " + b + ")";
    case 3:
      return "(" + atom() + " <= " + a + " < " + b + ")";
    case 4:
      return "(" + condition(depth - 1) + pick({" and ", " && "}) + condition(depth - 1) + ")";
    case 5:
      return "(" + condition(depth - 1) + pick({" or ", " || "}) + condition(depth - 1) + ")";
    case 6:
      return "(not " + condition(depth - 1) + ")";
    case 7:
      return "(" + atom() + pick({" in ", " not in "}) + "(" + a + ", 3, 5))";
    default:
      return "(" + a + " % " + b + " == 0)";
    }
  }

  std::mt19937 engine_;
  std::vector<std::string> names_;
};

// Every legal configuration, by evaluating each constraint on each assignment.
std::set<Row> bruteForce(const Model& model) {
  std::set<Row> legal;
  std::vector<std::size_t> at(model.parameters().size());
  while (true) {
    Row row(at.size());
    for (std::size_t p = 0; p < at.size(); ++p)
      if (!model.parameters()[p].derived)
        row[p] = model.parameters()[p].cells[at[p]];
    if (model.derive(row) && model.broken(row).empty())
      legal.insert(row);
    std::size_t p = 0;
    for (; p < at.size(); ++p) {
      if (++at[p] < model.parameters()[p].cells.size())
        break;
      at[p] = 0;
    }
    if (p == at.size())
      return legal;
  }
}

// A row as positions in the domains, slowest parameter first: what configurations are sorted by.
std::vector<std::size_t> key(const LegalSet& set, const Row& row) {
  std::vector<std::size_t> positions;
  for (const std::uint32_t p : set.order()) {
    const auto& cells = set.model().parameters()[p].cells;
    positions.push_back(static_cast<std::size_t>(std::ranges::find(cells, row[p]) - cells.begin()));
  }
  return positions;
}

std::string describe(const Model& model) {
  std::string text;
  for (const Parameter& parameter : model.parameters())
    text += parameter.name + ":" + std::to_string(parameter.cells.size()) +
            (parameter.derived ? "=" + parameter.derived->source : "") + " ";
  for (const Constraint& constraint : model.constraints())
    text += "\n  " + (constraint.expression ? constraint.expression->source : constraint.origin);
  return text;
}

// No two nodes of a level stand for the same set, and none for nothing.
void expectReduced(const Diagram& diagram) {
  for (const Diagram::Level& level : diagram.levels) {
    std::set<std::vector<std::uint32_t>> nodes;
    for (const Diagram::Node& node : level.nodes) {
      EXPECT_GT(node.count, 0U);
      const auto children = static_cast<std::uint32_t>(level.children.size());
      std::vector<std::uint32_t> edges(level.values.begin() + node.first,
                                       level.values.begin() + node.first + node.size);
      edges.insert(edges.end(), level.nexts.begin() + node.first * children,
                   level.nexts.begin() + (node.first + node.size) * children);
      EXPECT_TRUE(nodes.insert(edges).second);
    }
  }
}

void expectSame(const LegalSet& set, const std::set<Row>& legal) {
  ASSERT_EQ(set.count(), legal.size());
  expectReduced(set.diagram());
  std::vector<Row> rows;
  forEach(set, [&](std::span<const Cell> row) { rows.emplace_back(row.begin(), row.end()); });
  ASSERT_EQ(rows.size(), legal.size());
  EXPECT_EQ(std::set<Row>(rows.begin(), rows.end()), legal);
  EXPECT_TRUE(std::ranges::is_sorted(rows, {}, [&](const Row& row) { return key(set, row); }));
  Row row(set.width());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    set.at(i, row);
    ASSERT_EQ(row, rows[i]) << "index " << i;
    ASSERT_EQ(set.rank(row), i);
  }
}

class RandomModels : public testing::TestWithParam<unsigned> {};

TEST_P(RandomModels, HaveTheConfigurationsThatEvaluationFinds) {
  Dice dice(GetParam());
  int telling = 0; // models of which some assignments are legal and some are not
  for (int i = 0; i < 25; ++i) {
    const auto model = dice.model();
    if (HasFatalFailure())
      return;
    SCOPED_TRACE(describe(*model));
    if (model->rawSize().value_or(~0ULL) > 30'000)
      continue;
    const std::set<Row> legal = bruteForce(*model);
    telling += !legal.empty() && legal.size() < *model->rawSize() ? 1 : 0;
    for (const bool declared : {false, true}) {
      const auto set = LegalSet::build(model, {.declaredOrder = declared});
      ASSERT_TRUE(set) << set.error().text();
      expectSame(*set, legal);
      EXPECT_TRUE(!declared || std::ranges::is_sorted(set->order()));
      if (HasFailure())
        return;
    }
  }
  EXPECT_GE(telling, 5);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomModels, testing::Range(1U, 31U));
// Among these are places with several children and values that are dead in some contexts only,
// whose nodes become equal.
INSTANTIATE_TEST_SUITE_P(SeveralChildren, RandomModels, testing::Values(5767U));

} // namespace
