// What JSON lines and CSV say of a trial in the same words; private to db/.
#pragma once

#include "db/Trial.h"

namespace ptotune {

// `fields` has flag(), hash(), number() and numbers() by name.
template <typename AnyFields> void readMeasures(AnyFields& fields, Trial& trial) {
  trial.calibrated = fields.flag("calibrated");
  trial.sourceHash = fields.hash("source");
  trial.programHash = fields.hash("program");
  trial.prepareSeconds = fields.number("prepare_seconds");
  trial.measureSeconds = fields.number("measure_seconds");
  trial.seconds = fields.numbers("seconds");
}

} // namespace ptotune
