#include "tuner/report/Page.h"

#include "tuner/report/Assets.h"
#include "tuner/report/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <stdexcept>
#include <utility>

namespace ptotune::report {
namespace {

// In the order in which they use each other.
constexpr std::array kScripts = {"data.js",  "common.js",    "overview.js", "convergence.js",
                                 "rules.js", "influence.js", "parallel.js", "filter.js",
                                 "table.js", "print.js",     "main.js"};

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string result;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(what, begin);
    result += text.substr(begin, end - begin);
    if (end == std::string_view::npos)
      return result;
    result += with;
    begin = end + what.size();
  }
}

// A script element ends at the first "</script", wherever it stands.
std::string inScript(std::string_view text) {
  return replaced(text, "</script", "<\\/script");
}

std::string ownScripts() {
  std::string text;
  for (const char* name : kScripts)
    text += inScript(asset(name)) + "\n";
  return text;
}

std::string titleOf(const Report& report) {
  return report.job.empty() ? report.database : report.job;
}

} // namespace

std::string escapedHtml(std::string_view text) {
  constexpr std::array<std::pair<char, std::string_view>, 5> kEscapes = {
      {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}}};
  std::string result;
  for (const char c : text) {
    std::string_view escape;
    for (const auto& [from, to] : kEscapes)
      if (c == from)
        escape = to;
    if (escape.empty())
      result += c;
    else
      result += escape;
  }
  return result;
}

std::string escapedJson(std::string_view json) {
  return replaced(json, "<", "\\u003c");
}

std::string renderPage(const Report& report) {
  using Handler = nlohmann::ordered_json::error_handler_t;
  const std::string data = pageJson(report).dump(-1, ' ', false, Handler::replace);
  // Each placeholder stands once, in this order: what is filled in is not searched again.
  const std::array<std::pair<std::string_view, std::string>, 6> parts = {
      {{"@TITLE@", escapedHtml(titleOf(report))},
       {"@STYLE@", std::string(asset("style.css"))},
       {"@LICENCE@", escapedHtml(asset("d3.licence"))},
       {"@DATA@", escapedJson(data)},
       {"@D3@", inScript(asset("d3.js"))},
       {"@SCRIPT@", ownScripts()}}};
  std::string_view page = asset("page.html");
  std::string result;
  for (const auto& [name, content] : parts) {
    const std::size_t place = page.find(name);
    if (place == std::string_view::npos)
      throw std::logic_error(fmt::format("the page has no {}", name));
    result += page.substr(0, place);
    result += content;
    page.remove_prefix(place + name.size());
  }
  return result += page;
}

} // namespace ptotune::report
