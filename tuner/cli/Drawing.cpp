#include "tuner/cli/Drawing.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

namespace ptotune::cli {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + '"';
}

} // namespace

std::string drawing(std::span<const Link> links, std::size_t indent) {
  std::string text;
  std::set<std::string> drawn;
  const std::string* last = nullptr;
  for (const Link& link : links) {
    if (!last || *last != link.from)
      text += fmt::format("{:{}}{}\n", "", indent, link.from);
    drawn.insert(link.from);
    const bool closes = !link.missing && drawn.contains(link.to) && &link == &links.back();
    text += fmt::format("{:{}}{} {}{}{}\n", "", indent + 2, link.why, link.to,
                        closes ? ": the cycle closes" : "",
                        link.missing ? ": nothing orders them" : "");
    last = &link.to;
  }
  return text;
}

std::string dot(const Explanation& explanation, const std::string& title) {
  std::string text =
      fmt::format("digraph witness {{\n  label = {};\n  node [shape = box];\n", quoted(title));
  for (const Finding& finding : explanation.rejections) {
    for (const Link& link : finding.links)
      text += fmt::format("  {} -> {} [label = {}{}];\n", quoted(link.from), quoted(link.to),
                          quoted(link.why), link.missing ? ", style = dashed" : "");
  }
  return text + "}\n";
}

std::string refuseImage(const std::string& file) {
  const std::filesystem::path path(file);
  const std::string form = path.extension().string();
  if (form != ".svg" && form != ".png" && form != ".pdf")
    return {};
  const std::string text = std::filesystem::path(path).replace_extension(".dot").string();
  return fmt::format(
      "{} would be no image: graphs are written as text for Graphviz; write {}, then "
      "run 'dot -T{} -O {}'",
      file, text, form.substr(1), text);
}

} // namespace ptotune::cli
