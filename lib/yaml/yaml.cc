#include "lib/yaml/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <unordered_map>
#include <utility>

#include "lib/base/text.h"

namespace fleet::yaml {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// A stream over the text itself: yaml-cpp reads streams only, and a stringstream would copy.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // NOLINT: the get area is never written to
    setg(begin, begin, begin + text.size());
  }
};

std::size_t CountNodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += CountNodes(item);
  for (const Entry& entry : node.entries) count += CountNodes(entry.value);
  return count;
}

// Builds the tree from the parser's events. The events, and not yaml-cpp's own tree, because that tree
// keeps the first of two equal keys in silence, gives an alias the place of its anchor, and holds cycles.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source, std::size_t offset, Diagnostics& diagnostics)
      : text_(source.text()), offset_(offset), diagnostics_(diagnostics) {}

  std::optional<Node> Take() { return std::move(root_); }
  bool too_deep() const { return too_deep_; }
  // The tree is whole and means what was written, so that more can be said about it.
  bool usable() const { return usable_ && root_.has_value(); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (too_deep_) return;
    Node node;
    node.span = NullSpan(mark);
    Finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (too_deep_) return;
    const std::size_t begin = Offset(mark);
    const Span span{begin, WordEnd(begin)};
    const auto found = anchors_.find(anchor);
    Node node;
    if (found == anchors_.end()) {
      Refuse(span, "yaml-alias", "this alias stands inside of what it refers to");
    } else if ((aliased_ += CountNodes(found->second)) > kMaxAliasedNodes) {
      if (!aliases_refused_) {
        Refuse(span, "yaml-alias", fmt::format("aliases repeat more than {} values", kMaxAliasedNodes));
      }
      aliases_refused_ = true;
    } else {
      node = found->second;
    }
    node.span = span;
    Finish(std::move(node), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (too_deep_) return;
    Node node;
    node.kind = Kind::kScalar;
    node.text = value;
    node.span = ScalarSpan(SkipProperties(Offset(mark)), value);
    node.quoted = tag == "!";  // yaml-cpp's word for "not plain"
    CheckTag(tag, mark);
    last_end_ = std::max(last_end_, node.span.end);
    Finish(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Start(Kind::kSequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { End(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Start(Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { End(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Located<std::string>> key;  // of a map: read, and waiting for its value
    std::unordered_map<std::string, Span> seen;
  };

  void Start(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (too_deep_) return;
    CheckTag(tag, mark);
    const std::size_t begin = SkipProperties(Offset(mark));
    last_end_ = std::max(last_end_, begin);
    if (stack_.size() == kMaxDepth) {
      too_deep_ = true;
      Refuse({begin, begin}, "yaml-depth", fmt::format("nested more than {} levels deep", kMaxDepth));
      return;
    }
    Frame frame;
    frame.node.kind = kind;
    frame.node.span = {begin, std::min(begin + 1, text_.size())};
    frame.anchor = anchor;
    stack_.push_back(std::move(frame));
  }

  void End() {
    if (too_deep_) return;
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    if (frame.node.kind == Kind::kMap && !frame.node.entries.empty()) {
      frame.node.span = frame.node.entries.front().key.span;
    }
    Finish(std::move(frame.node), frame.anchor);
  }

  // Hangs a finished node where it belongs: as the root, an item, a key or the value of a key.
  void Finish(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.kind == Kind::kSequence) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.key) {
      frame.key = KeyOf(node);
    } else {
      AddEntry(frame, std::move(node));
    }
  }

  Located<std::string> KeyOf(const Node& node) {
    if (node.kind != Kind::kScalar) {
      Refuse(node.span, "yaml-key", "a key must be plain text");
    } else if (node.text == "<<" && !node.quoted) {
      // A merge may hide which value counts; written out, every value has one place.
      Refuse(node.span, "yaml-merge", "merge keys are not supported")
          .notes.push_back("write the keys out, or use an alias for the whole value");
    }
    return {node.text, node.span};
  }

  void AddEntry(Frame& frame, Node value) {
    Located<std::string> key = std::move(*frame.key);
    frame.key.reset();
    if (value.kind == Kind::kNull) value.span = key.span;
    const auto [first, is_new] = frame.seen.emplace(key.value, key.span);
    if (!is_new) {
      const LineColumn at = diagnostics_.source().Locate(first->second.begin);
      diagnostics_.AddError(key.span, "key-duplicate", fmt::format("'{}' is given twice", Printable(*key)))
          .notes.push_back(
              fmt::format("first given at {}:{}:{}", diagnostics_.source().path(), at.line, at.column));
      return;
    }
    frame.node.entries.push_back({std::move(key), std::move(value)});
  }

  void CheckTag(const std::string& tag, const YAML::Mark& mark) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    const std::size_t begin = Offset(mark);
    Refuse({begin, WordEnd(begin)}, "yaml-tag", "tags are not supported");
  }

  Diagnostic& Refuse(Span span, std::string check, std::string text) {
    usable_ = false;
    return diagnostics_.AddError(span, std::move(check), std::move(text));
  }

  // Marks count bytes from 0, and are -1 where there is none.
  std::size_t Offset(const YAML::Mark& mark) const {
    if (mark.pos < 0) return last_end_;
    return std::min(static_cast<std::size_t>(mark.pos) + offset_, text_.size());
  }

  char At(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  std::size_t WordEnd(std::size_t begin) const {
    const std::size_t end = text_.find_first_of(" \t\r\n,]}", begin);
    return end == std::string_view::npos ? text_.size() : end;
  }

  // An anchor or tag stands before the value, and the mark before both.
  std::size_t SkipProperties(std::size_t at) const {
    while (At(at) == '&' || At(at) == '!') {
      const std::size_t next = text_.find_first_not_of(" \t\r\n", WordEnd(at));
      if (next == std::string_view::npos) return at;
      at = next;
    }
    return at;
  }

  Span ScalarSpan(std::size_t begin, const std::string& value) {
    const char first = At(begin);
    if (first == '\'' || first == '"') return {begin, QuotedEnd(begin)};
    if (text_.substr(begin, value.size()) == value) return {begin, begin + value.size()};
    std::size_t end = std::min(text_.find_first_of("\r\n", begin), text_.size());  // | > and folded text
    while (end > begin && text_[end - 1] == ' ') --end;
    return {begin, end};
  }

  // yaml-cpp takes the end of the file for a missing closing quote, and swallows the rest of the file.
  std::size_t QuotedEnd(std::size_t begin) {
    const char quote = text_[begin];
    for (std::size_t i = begin + 1; i < text_.size(); ++i) {
      if (quote == '"' && text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        if (quote == '"' || At(i + 1) != '\'') return i + 1;
        ++i;
      }
    }
    Refuse({begin, begin + 1}, "yaml-syntax", "this quote is never closed");
    return text_.size();
  }

  // The mark of an empty value is the next token. As an item, "- " itself is the best place; the value
  // of a key gets the key's place in AddEntry.
  Span NullSpan(const YAML::Mark& mark) {
    if (!stack_.empty() && stack_.back().node.kind == Kind::kSequence) {
      std::size_t at = std::max(last_end_, stack_.back().node.span.begin);
      while (at < Offset(mark) && text_[at] != '-' && text_[at] != ',') {
        at = text_[at] == '#' ? std::min(text_.find('\n', at), text_.size()) : at + 1;
      }
      last_end_ = std::max(last_end_, std::min(at + 1, text_.size()));
      return {at, std::min(at + 1, text_.size())};
    }
    const std::size_t at = Offset(mark);
    return {at, at};
  }

  std::string_view text_;
  std::size_t offset_;  // of the first byte yaml-cpp sees
  Diagnostics& diagnostics_;
  std::vector<Frame> stack_;
  std::optional<Node> root_;
  std::unordered_map<YAML::anchor_t, Node> anchors_;
  std::size_t aliased_ = 0;
  std::size_t last_end_ = 0;  // where the last value ended, or began if it holds others
  bool aliases_refused_ = false;
  bool too_deep_ = false;
  bool usable_ = true;
};

// Only notices that there is another document.
class DocumentCounter final : public YAML::EventHandler {
 public:
  std::optional<YAML::Mark> start;

  void OnDocumentStart(const YAML::Mark& mark) override { start = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

std::size_t FirstInvalid(std::string_view text) {
  std::size_t at = 0;
  for (std::size_t length = 1; at + length <= text.size() && length <= 4;) {
    if (IsValidUtf8(text.substr(at, length))) {
      at += length;
      length = 1;
    } else {
      ++length;
    }
  }
  return at;
}

// yaml-cpp takes 0x04 for the end of the file, NUL for text, and bytes that are no UTF-8 for U+FFFD.
bool CheckBytes(const SourceText& source, Diagnostics& diagnostics) {
  const std::string_view text = source.text();
  if (!IsValidUtf8(text)) {
    const std::size_t at = FirstInvalid(text);
    diagnostics.AddError({at, at + 1}, "text-encoding", "the file is not UTF-8 text");
    return false;
  }
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7F;
  });
  if (control == text.end()) return true;
  const auto at = static_cast<std::size_t>(control - text.begin());
  diagnostics.AddError({at, at + 1}, "text-encoding",
                       fmt::format("control character {}", Printable(text.substr(at, 1))));
  return false;
}

// A tab where YAML counts blanks is behind many of the parser's stranger messages.
void NoteTabs(const SourceText& source, std::size_t last_line, Diagnostic& diagnostic) {
  for (std::size_t line = 1; line <= last_line; ++line) {
    const std::string_view text = source.Line(line);
    const std::string_view indent = text.substr(0, text.find_first_not_of(" \t"));
    if (indent.find('\t') == std::string_view::npos) continue;
    diagnostic.notes.push_back(fmt::format("line {} is indented with a tab: use blanks", line));
    return;
  }
}

void ReportSyntax(const YAML::Exception& error, std::size_t offset, Diagnostics& diagnostics) {
  const SourceText& source = diagnostics.source();
  const std::size_t at =
      error.mark.pos < 0 ? source.text().size()
                         : std::min(static_cast<std::size_t>(error.mark.pos) + offset, source.text().size());
  Diagnostic& diagnostic =
      diagnostics.AddError({at, at}, "yaml-syntax", fmt::format("not valid YAML: {}", error.msg));
  NoteTabs(source, source.Locate(at).line, diagnostic);
}

}  // namespace

const Entry* Node::Find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key.value == key) return &entry;
  }
  return nullptr;
}

std::optional<Node> Parse(const SourceText& source, Diagnostics& diagnostics) {
  if (!CheckBytes(source, diagnostics)) return std::nullopt;
  const std::size_t offset = source.text().starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  ViewBuffer buffer(source.text().substr(offset));
  std::istream stream(&buffer);
  TreeBuilder builder(source, offset, diagnostics);
  DocumentCounter second;
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      diagnostics.AddError({0, 0}, "yaml-empty", "the file is empty");
      return std::nullopt;
    }
    parser.HandleNextDocument(second);
  } catch (const YAML::Exception& error) {
    if (!builder.too_deep() && !second.start) {
      ReportSyntax(error, offset, diagnostics);
      return std::nullopt;
    }
  }
  if (second.start) {
    const std::size_t at = static_cast<std::size_t>(std::max(second.start->pos, 0)) + offset;
    diagnostics.AddError({at, at + 3}, "yaml-documents", "a second document begins here; only one is read");
  }
  if (!builder.usable()) return std::nullopt;
  return builder.Take();
}

}  // namespace fleet::yaml
