// What a database knows about the shapes of a target, brought together for people: the page of
// `pto-tune report --html` and the summary on the terminal read the same data.
//
// Vocabulary
//   column  a parameter that differs among the points at hand; the depths are one where they agree
//   sample  a trial that was measured, or that failed; points of equal programs are only counted
//   bound   no legal point of the job's space is faster in the simulator's model
#pragma once

#include "db/Database.h"
#include "space/Job.h"
#include "space/Rules.h"
#include "tuner/Tuner.h"
#include "tuner/search/influence/Influence.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ptotune::report {

struct Column {
  std::string name;
  Param param = Param::tileS1;
  std::vector<std::int64_t> values; // ascending; a point's *level* is its value's place
};

// How far the champion can be from the best point of the space.
struct SpaceBound {
  double seconds = 0;
  bool optimal = false;   // the search for it ended: nothing is left between bound and best
  std::string heldBackBy; // of the point that the bound search ended with: "V on AIV: P, 71 %"
};

// What the rules leave of the job's space for one shape.
struct Legality {
  std::uint64_t raw = 0;
  std::uint64_t legal = 0;  // what the counted rules leave
  bool withProtocol = true; // large spaces are counted without the protocol's rules
  std::vector<std::pair<std::string, std::uint64_t>> rejected; // by rule, the most first
};

struct Shape {
  Problem problem;
  std::optional<Champion> champion;
  std::optional<Interval> interval;  // of the champion's median; none where times are exact
  std::optional<double> baseSeconds; // of the job's seed, else of the default point
  std::optional<SpaceBound> bound;
  std::optional<Legality> legality;
  std::optional<search::Influence> influence; // over the columns of the target
  std::string timeline;            // the champion's run as SVG; empty where there is none
  std::vector<Trial> samples;      // in the order in which they were recorded
  std::uint64_t equalPrograms = 0; // points that share the program of a sample
};

// The shapes that one environment has trials of.
struct Target {
  Environment environment;
  std::vector<Column> columns;
  std::string fixed; // parameters that are no column: "PIPE_MODEL=slot,KV_SPLIT=1"
  std::vector<Shape> shapes;
};

struct Report {
  std::string database; // file name without its folder
  std::string job;      // name; empty without a job
  std::string space;
  Point base; // the job's seed, else the default point
  std::vector<Target> targets;
};

struct ReportOptions {
  // Evaluations after which the search for a shape's bound is given up; its bound holds all the
  // same.
  std::uint64_t boundEvaluations = 2000;
  int jobs = 0;
};

// Reads every environment of the database, or with a job those of its SoC and the job's shapes.
// With a job, a bound that the database holds of its space is taken; else, and for timelines, the
// job's own simulator answers for its environment. `progress` is told of what is simulated; its
// flag stops the search for bounds.
Result<Report> makeReport(const Database& database, const Job* job, const ReportOptions& options,
                          TuneProgress& progress);

} // namespace ptotune::report
