// Small models and their legal sets, for the tests of the engine.
#pragma once

#include "space/engine/Cursor.h"
#include "space/engine/LegalSet.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ptotune::engine::test {

using Row = std::vector<Cell>;

struct Range {
  const char* name;
  std::int64_t first;
  std::int64_t last;
};

inline std::shared_ptr<Model> modelOf(const std::vector<Range>& parameters,
                                      const std::vector<std::string>& constraints) {
  auto model = std::make_shared<Model>();
  for (const Range& range : parameters) {
    const auto added = model->addRange(range.name, range.first, range.last);
    EXPECT_TRUE(added) << added.error().text();
  }
  const auto added = model->addConstraints(constraints);
  EXPECT_TRUE(added) << added.error().text();
  return model;
}

inline LegalSet setOf(std::shared_ptr<const Model> model) {
  auto set = LegalSet::build(std::move(model));
  EXPECT_TRUE(set) << set.error().text();
  return std::move(*set);
}

inline std::vector<Row> rowsOf(const LegalSet& set) {
  std::vector<Row> rows;
  forEach(set, [&](std::span<const Cell> row) { rows.emplace_back(row.begin(), row.end()); });
  return rows;
}

} // namespace ptotune::engine::test
