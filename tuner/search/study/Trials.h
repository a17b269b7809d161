// Trials of a kernel family, as the database keeps them, as a space to search.
#pragma once

#include "db/Trial.h"
#include "space/PointSet.h"
#include "tuner/search/Prior.h"
#include "tuner/search/study/Recording.h"

#include <memory>
#include <span>
#include <string>

namespace ptotune::search {

// The legal points of one problem on one target.
Result<std::shared_ptr<const LegalSpace>> spaceOf(const PointSet& points);

// What trials of that problem on that target answer. The value is the median time, the cost is
// preparing and measuring. Of several trials of a point a correct one counts, else the first;
// points without a trial fail and cost nothing, and trials of points that are not legal, or pruned,
// are left out. Fails where no trial is of a legal point.
Result<Recording> recordingOf(std::string name, const PointSet& points,
                              std::span<const Trial> trials);

// The same trials as predictions for another target or problem over the same points. Fails where
// none has a time.
Result<std::shared_ptr<const Prior>> priorOf(const PointSet& points, std::span<const Trial> trials);

} // namespace ptotune::search
