// Hands the files of the corpus to the fuzz targets, without a fuzzer: replay FOLDER, where
// FOLDER/TARGET/* are the inputs. Crashes like the fuzzer when an input is found wanting.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#define FUZZ_TARGETS(use)                                                                          \
  use(accept) use(events) use(exporter_config) use(exposition) use(http) use(ndjson) use(policies) \
      use(promql) use(store) use(web_config)

#define FUZZ_DECLARE(name) extern "C" int Fuzz_##name(const std::uint8_t* data, std::size_t size);
FUZZ_TARGETS(FUZZ_DECLARE)

namespace {

struct Target {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

#define FUZZ_ROW(name) {#name, Fuzz_##name},
constexpr Target kTargets[] = {FUZZ_TARGETS(FUZZ_ROW)};

int Replay(const Target& target, const std::filesystem::path& folder) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    std::fprintf(stderr, "%s\n", entry.path().c_str());
    target.run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    ++inputs;
  }
  return inputs;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  bool complete = true;
  for (const Target& target : kTargets) {
    const auto folder = std::filesystem::path(argv[1]) / target.name;
    const int inputs = std::filesystem::is_directory(folder) ? Replay(target, folder) : 0;
    std::printf("%s: %d inputs\n", target.name, inputs);
    complete = complete && inputs > 0;
  }
  return complete ? 0 : 1;
}
