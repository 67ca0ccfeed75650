// Questions about text that every part asks: UTF-8, closest match, joining.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fleet {

// Number of Unicode characters; every byte of invalid UTF-8 counts as one.
std::size_t CountCharacters(std::string_view text);

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(std::string_view text);

// True when a byte is a C0 control or DEL. Such bytes break logs, terminals and line formats.
bool HasControlCharacter(std::string_view text);

// Insertions, deletions, substitutions and swaps of neighbours that make one of the other.
std::size_t EditDistance(std::string_view a, std::string_view b);

// The candidate with the least edit distance, if near enough to be a slip: at most a third of the longer
// word. The first wins a tie.
std::optional<std::string_view> ClosestMatch(std::string_view word,
                                             std::span<const std::string_view> candidates);

// Of ASCII letters alone: names of header fields, media types and codings are compared so (RFC 9110).
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

// ASCII, whatever the locale.
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsLetter(char c) { return IsLower(c) || (c >= 'A' && c <= 'Z'); }
constexpr bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string Join(std::span<const std::string> parts, std::string_view separator);
std::vector<std::string_view> Split(std::string_view text, char separator);
std::string_view Trim(std::string_view text);

// Escapes what would not show, or would move a terminal's cursor: \n, \t, \x1b, invalid UTF-8.
std::string Printable(std::string_view text);

// In double quotes, with the escapes that RFC 8259 section 7 demands. `text` is UTF-8.
void AppendJsonString(std::string& json, std::string_view text);

}  // namespace fleet
