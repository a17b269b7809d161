#include "space/PointSet.h"

#include "space/engine/Cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ptotune {
namespace {

using engine::Cell;
using engine::Model;

constexpr const char* kConstraints = "constraints";

bool isProtocol(const Rule& rule) {
  return rule.id.starts_with("protocol.");
}

bool takesPart(const Rule& rule, RuleSet which, std::string_view without) {
  return which != RuleSet::none && rule.id != without &&
         (which == RuleSet::all || !isProtocol(rule));
}

// The parameter whose domain decides this one's value.
Param leaderOf(const Space& space, Param param) {
  return space.domain(param).derived ? space.domain(param).follows : param;
}

std::vector<Param> followersOf(const Space& space, Param leader) {
  std::vector<Param> followers;
  for (const ParamInfo& param : allParams())
    if (space.domain(param.id).derived && space.domain(param.id).follows == leader)
      followers.push_back(param.id);
  return followers;
}

Status addConstants(Model& model, const Problem& problem, const SocProfile& soc) {
  const std::pair<std::string_view, engine::Value> constants[] = {
      {"head", problem.head},
      {"s0", problem.s0},
      {"s1", problem.s1},
      {"causal", std::int64_t{problem.causal}},
      {"dtype", problem.dtype},
      {"soc", soc.name},
      {"cube_cores", std::int64_t{soc.cubeCores}},
      {"vector_per_cube", std::int64_t{soc.vectorPerCube}},
      {"event_ids", std::int64_t{soc.eventIdsPerPipePair}},
      {"ffts_counter_max", std::int64_t{soc.fftsCounterMax}},
      {"ub", soc.limit(Memory::ub).usable},
      {"l1", soc.limit(Memory::l1).usable},
      {"l0a", soc.limit(Memory::l0a).usable},
      {"l0b", soc.limit(Memory::l0b).usable},
      {"l0c", soc.limit(Memory::l0c).usable},
      {"gm", soc.limit(Memory::gm).usable}};
  for (const auto& [name, value] : constants)
    if (auto status = model.addConstant(name, value); !status)
      return status;
  return {};
}

Status addParameters(Model& model, const Space& space) {
  for (const ParamInfo& param : allParams()) {
    const Domain& domain = space.domain(param.id);
    if (domain.derived)
      continue;
    Status status;
    if (param.names.empty()) {
      status = model.addIntegers(param.name, domain.values);
    } else {
      std::vector<std::string> names;
      names.reserve(domain.values.size());
      for (const std::int64_t value : domain.values)
        names.push_back(valueText(param.id, value));
      status = model.addCategories(param.name, names);
    }
    if (!status)
      return status;
  }
  if (space.constraints.empty())
    return {};
  bool oneDepth = true;
  for (const ParamInfo& param : allParams()) {
    const Domain& domain = space.domain(param.id);
    if (param.id == Param::slotNumP || param.id == Param::slotNumPV)
      oneDepth = oneDepth && domain.derived && domain.follows == Param::slotNumQK;
    if (!domain.derived)
      continue;
    if (auto status = model.addDerived(param.name, info(domain.follows).name); !status)
      return status;
  }
  if (oneDepth)
    if (auto status = model.addDerived("SlotNum", info(Param::slotNumQK).name); !status)
      return status;
  return model.addDerived("kTileFactor", "TILE_S1 // CUBE_S1");
}

// A rule as the engine asks it: cells of the free parameters among those that it reads.
struct RulePredicate {
  struct Setter {
    std::vector<Param> params; // the leader and those that follow it
    std::vector<Cell> cells;   // of a category, by value; empty for a number
  };

  // Outlive every model that is made of them.
  const Problem* problem;
  const SocProfile* soc;
  const Rule* rule;
  Point base;
  std::vector<Setter> setters; // by cell

  bool operator()(std::span<const Cell> cells) const {
    Point point = base;
    for (std::size_t i = 0; i < setters.size(); ++i) {
      const Setter& setter = setters[i];
      const std::int64_t value =
          setter.cells.empty() ? cells[i]
                               : std::ranges::find(setter.cells, cells[i]) - setter.cells.begin();
      for (const Param param : setter.params)
        point.set(param, value);
    }
    return rule->holds({*problem, *soc, point});
  }
};

std::vector<Cell> categoryCells(const Model& model, const ParamInfo& param) {
  std::vector<Cell> cells;
  const auto index = model.indexOf(param.name);
  for (const std::string_view name : param.names)
    cells.push_back(model.cell(*index, std::string(name)).value_or(-1));
  return cells;
}

// Parameters without a choice, and what follows them.
Point fixedPoint(const Space& space) {
  Point point;
  for (const ParamInfo& param : allParams())
    point.set(param.id, space.domain(leaderOf(space, param.id)).values.front());
  return point;
}

Status addRule(Model& model, const Rule& rule, RulePredicate predicate, const Space& space) {
  std::vector<std::string> names;
  std::vector<Param> leaders;
  for (const Param param : rule.reads) {
    const Param leader = leaderOf(space, param);
    if (!space.domain(leader).free() || std::ranges::find(leaders, leader) != leaders.end())
      continue;
    leaders.push_back(leader);
    names.emplace_back(info(leader).name);
    RulePredicate::Setter setter{{leader}, {}};
    for (const Param follower : followersOf(space, leader))
      setter.params.push_back(follower);
    if (!info(leader).names.empty())
      setter.cells = categoryCells(model, info(leader));
    predicate.setters.push_back(std::move(setter));
  }
  return model.addPredicate(rule.id, names, std::move(predicate));
}

// Where a constraint stands in the space file.
Error located(Error error, const Space& space, std::size_t index) {
  error.file = space.path;
  error.line = space.constraints[index].line;
  error.key = fmt::format("{}[{}]", kConstraints, index);
  return error;
}

Status addSpaceConstraints(Model& model, const Space& space, std::string_view without) {
  for (std::size_t i = 0; i < space.constraints.size(); ++i) {
    const std::string origin = fmt::format("{}[{}]", kConstraints, i);
    if (origin == without)
      continue;
    if (auto status = model.addConstraint(space.constraints[i].text, origin); !status)
      return located(status.error(), space, i);
  }
  return {};
}

} // namespace

Status parseConstraints(const Space& space) {
  // Every name that a constraint may use is in scope, whatever its value.
  const auto model = pointModel(Problem(), SocProfile(), space, RuleSet::none);
  return model ? Status() : Status(model.error());
}

void explainConstraints(const RuleContext& context, const Space& space, Explanation& explanation) {
  if (space.constraints.empty())
    return;
  Space single = space;
  for (const ParamInfo& param : allParams())
    if (!single.domain(param.id).derived)
      single.domains[static_cast<std::size_t>(param.id)].values = {context.point[param.id]};
  const auto model = pointModel(context.problem, context.soc, single, RuleSet::none);
  if (!model)
    return;
  std::vector<Cell> row;
  for (const engine::Parameter& parameter : model->parameters())
    row.push_back(parameter.derived ? 0 : parameter.cells.front());
  const bool derivable = model->derive(row);
  for (std::size_t i = 0; i < model->constraints().size(); ++i) {
    const bool holds = derivable && model->holds(model->constraints()[i], row);
    (holds ? explanation.facts : explanation.rejections)
        .push_back(
            {.rule = model->constraints()[i].origin,
             .text = fmt::format("{}:{}: {} {}", space.path, space.constraints[i].line,
                                 space.constraints[i].text, holds ? "holds" : "does not hold"),
             .advice = holds ? "" : "change a parameter that it names, or the space file"});
  }
}

Result<Model> pointModel(const Problem& problem, const SocProfile& soc, const Space& space,
                         RuleSet which, std::string_view without) {
  Model model;
  if (auto status = addConstants(model, problem, soc); !status)
    return status.error();
  if (auto status = addParameters(model, space); !status)
    return status.error();
  const Point base = fixedPoint(space);
  for (const Rule& rule : rules())
    if (takesPart(rule, which, without))
      if (auto status = addRule(model, rule, {&problem, &soc, &rule, base, {}}, space); !status)
        return status.error();
  if (auto status = addSpaceConstraints(model, space, without); !status)
    return status.error();
  return model;
}

PointSet::PointSet(engine::LegalSet set, const Space& space) : set_(std::move(set)) {
  const Model& model = set_.model();
  columns_.resize(model.parameters().size());
  for (const ParamInfo& param : allParams()) {
    if (space.domain(param.id).derived)
      continue;
    columns_[*model.indexOf(param.name)] =
        Column{param.id, !param.names.empty(), followersOf(space, param.id)};
    if (!param.names.empty())
      categories_[static_cast<std::size_t>(param.id)] = categoryCells(model, param);
  }
}

Result<PointSet> PointSet::build(const Problem& problem, const SocProfile& soc, const Space& space,
                                 const Options& options) {
  auto model = pointModel(problem, soc, space, options.rules, options.without);
  if (!model)
    return model.error();
  // The engine asks the predicates while it builds, and never after.
  auto set = engine::LegalSet::build(std::make_shared<Model>(*std::move(model)),
                                     {.declaredOrder = options.declaredOrder});
  if (!set)
    return set.error();
  return PointSet(*std::move(set), space);
}

Point PointSet::pointOf(std::span<const Cell> row) const {
  Point point;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto& column = columns_[i];
    if (!column)
      continue;
    const auto& cells = categories_[static_cast<std::size_t>(column->param)];
    const std::int64_t value =
        column->named ? std::ranges::find(cells, row[i]) - cells.begin() : row[i];
    point.set(column->param, value);
    for (const Param follower : column->followers)
      point.set(follower, value);
  }
  return point;
}

Point PointSet::at(std::uint64_t index) const {
  std::vector<Cell> row(set_.width());
  set_.at(index, row);
  return pointOf(row);
}

std::optional<std::uint64_t> PointSet::rank(const Point& point) const {
  std::vector<Cell> row(set_.width());
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto& column = columns_[i];
    if (!column)
      continue;
    const std::int64_t value = point[column->param];
    const auto& cells = categories_[static_cast<std::size_t>(column->param)];
    row[i] = column->named ? cells[static_cast<std::size_t>(value)] : value;
    for (const Param follower : column->followers)
      if (point[follower] != value)
        return std::nullopt;
  }
  if (!set_.model().derive(row))
    return std::nullopt;
  return set_.rank(row);
}

void PointSet::forEach(const std::function<void(const Point&)>& visit) const {
  engine::forEach(set_, [&](std::span<const Cell> row) { visit(pointOf(row)); });
}

Result<Enumeration> countByRule(const Problem& problem, const SocProfile& soc, const Space& space,
                                RuleSet which) {
  const auto model = pointModel(problem, soc, space, which);
  if (!model)
    return model.error();
  const auto rejected = engine::countRejections(*model);
  if (!rejected)
    return rejected.error();
  Enumeration result{.raw = space.rawSize()};
  result.legal = result.raw;
  for (std::size_t i = 0; i < rejected->size(); ++i) {
    result.legal -= (*rejected)[i];
    if ((*rejected)[i] > 0)
      result.rejected[model->constraints()[i].origin] = (*rejected)[i];
  }
  return result;
}

Enumeration enumerate(const Problem& problem, const SocProfile& soc, const Space& space,
                      const std::function<void(const Point&)>& visit) {
  const auto counts = countByRule(problem, soc, space, RuleSet::all);
  const auto set = PointSet::build(problem, soc, space, {.declaredOrder = true});
  if (!counts || !set)
    return {.raw = space.rawSize()};
  set->forEach(visit);
  return *counts;
}

} // namespace ptotune
