#include "db/exchange/CsvTable.h"

namespace ptotune {
namespace {

std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos)
    return field;
  std::string text = "\"";
  for (const char c : field)
    text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + '"';
}

// Walks over the text once.
class Scanner {
public:
  Scanner(std::string_view text, const std::string& file) : rest_(text), file_(file) {}

  bool done() const { return rest_.empty(); }

  Result<CsvRow> row() {
    CsvRow row{.line = line_};
    while (true) {
      std::string field;
      if (rest_.starts_with('"')) {
        if (auto read = readQuoted(field); !read)
          return read.error();
      } else {
        const std::size_t end = std::min(rest_.find_first_of(",\n"), rest_.size());
        field = rest_.substr(0, end);
        rest_.remove_prefix(end);
        const bool last = rest_.empty() || rest_.front() == '\n';
        if (last && field.ends_with('\r'))
          field.pop_back();
        if (field.find('"') != std::string::npos)
          return error("a quote stands inside a field that does not begin with one");
      }
      row.fields.push_back(std::move(field));
      if (rest_.starts_with(',')) {
        rest_.remove_prefix(1);
        continue;
      }
      if (rest_.starts_with("\r\n"))
        rest_.remove_prefix(1);
      if (rest_.starts_with('\n')) {
        rest_.remove_prefix(1);
        ++line_;
      } else if (!rest_.empty()) {
        return error("a quoted field goes on behind its closing quote");
      }
      return row;
    }
  }

private:
  Error error(const char* message) const {
    return Error{.message = message,
                 .file = file_,
                 .line = line_,
                 .expected = "comma-separated values; quotes around fields, doubled inside them"};
  }

  Status readQuoted(std::string& field) {
    const Error open = error("a quoted field is not closed");
    rest_.remove_prefix(1);
    while (true) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos)
        return open;
      for (const char c : rest_.substr(0, quote))
        line_ += c == '\n';
      field += rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      if (!rest_.starts_with('"'))
        return {};
      field += '"';
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
  std::string file_;
  int line_ = 1;
};

} // namespace

std::string csvLine(const std::vector<std::string>& fields) {
  std::string text;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    text += i == 0 ? "" : ",";
    text += quoted(fields[i]);
  }
  return text + '\n';
}

Result<std::vector<CsvRow>> parseCsvRows(std::string_view text, const std::string& file) {
  Scanner scanner(text, file);
  std::vector<CsvRow> rows;
  while (!scanner.done()) {
    auto row = scanner.row();
    if (!row)
      return row.error();
    if (row->fields.size() > 1 || !row->fields.front().empty())
      rows.push_back(std::move(*row));
  }
  return rows;
}

} // namespace ptotune
