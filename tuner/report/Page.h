// The report as one HTML page that needs nothing but a browser.
#pragma once

#include "tuner/report/Report.h"

#include <string>

namespace ptotune::report {

// Equal reports give equal bytes. Style, scripts and the charting library (D3, with its licence)
// stand in the page; its content security policy allows no connection.
std::string renderPage(const Report& report);

// Text that may stand between tags.
std::string escapedHtml(std::string_view text);
// JSON that may stand in a script element: "<" is written as an escape.
std::string escapedJson(std::string_view json);

} // namespace ptotune::report
