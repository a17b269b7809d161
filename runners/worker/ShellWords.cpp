#include "runners/worker/ShellWords.h"

namespace ptotune {
namespace {

class Splitter {
public:
  explicit Splitter(std::string_view text) : text_(text) {}

  bool sound() const { return open_ == 0 && !escaped_; }
  std::vector<std::string> words() {
    for (const char letter : text_)
      take(letter);
    endWord();
    return std::move(words_);
  }

private:
  void take(char letter) {
    if (escaped_) {
      // Between quotation marks a backslash stands for itself before any other character.
      if (open_ == '"' && letter != '"' && letter != '\\')
        word_ += '\\';
      word_ += letter;
      escaped_ = false;
    } else if (letter == '\\' && open_ != '\'') {
      escaped_ = inWord_ = true;
    } else if (open_ != 0) {
      if (letter == open_)
        open_ = 0;
      else
        word_ += letter;
    } else if (letter == '\'' || letter == '"') {
      open_ = letter;
      inWord_ = true;
    } else if (letter == ' ' || letter == '\t' || letter == '\n') {
      endWord();
    } else {
      word_ += letter;
      inWord_ = true;
    }
  }
  void endWord() {
    if (inWord_)
      words_.push_back(std::move(word_));
    word_.clear();
    inWord_ = false;
  }

  std::string_view text_;
  std::vector<std::string> words_;
  std::string word_;
  bool inWord_ = false; // an empty quotation is a word
  bool escaped_ = false;
  char open_ = 0; // the quotation mark that must still come
};

} // namespace

Result<std::vector<std::string>> shellWords(std::string_view text) {
  Splitter splitter(text);
  auto words = splitter.words();
  if (!splitter.sound())
    return Error{.message = "a quotation in a command does not end",
                 .value = std::string(text),
                 .expected = "words as a shell takes them"};
  return words;
}

} // namespace ptotune
