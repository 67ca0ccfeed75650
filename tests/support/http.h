// A client for tests: one request, whole answer.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace fleet::test {

struct HttpReply {
  int status = 0;                              // 0 when there was no answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // as sent: not decompressed
};

// `headers` are whole lines, "Name: value". Redirects are not followed; at most 30 s.
HttpReply Fetch(const std::string& method, const std::string& url, const std::string& body = {},
                const std::vector<std::string>& headers = {});

inline HttpReply Get(const std::string& url, const std::vector<std::string>& headers = {}) {
  return Fetch("GET", url, {}, headers);
}

// For query strings.
std::string PercentEncode(const std::string& text);

}  // namespace fleet::test
