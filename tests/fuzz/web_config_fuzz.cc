// The web file and the tokens file: every text ends in messages or in values that hold what was checked.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exporter/web/sender_tokens.h"
#include "exporter/web/web_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fleet::SourceText source("web.yaml", std::string(reinterpret_cast<const char*>(data), size));
  fleet::Diagnostics web(source);
  const fleet::WebFile file = fleet::ReadWebFile(source, web);
  if (web.has_errors()) {
    if (fleet::RenderBriefly(web).empty()) std::abort();
  } else {
    for (const fleet::WebUser& user : file.users) {
      if (user.name.empty() || fleet::BcryptCost(user.hash) == 0) std::abort();
    }
    for (const auto& [name, value] : file.headers) {
      if (value.find_first_of("\r\n") != std::string::npos) std::abort();
    }
    if (file.tls.min_version > file.tls.max_version || file.tls.min_version < 12) std::abort();
  }
  fleet::Diagnostics tokens(source);
  const fleet::Senders senders = fleet::ReadSenders(source, tokens);
  if (tokens.has_errors() && fleet::RenderBriefly(tokens).empty()) std::abort();
  if (fleet::FindSender(senders, "Bearer 0123456789abcdef") != nullptr) std::abort();
  return 0;
}
