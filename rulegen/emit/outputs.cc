#include "rulegen/emit/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "rulegen/emit/alertmanager.h"

namespace fleet::rulegen {
namespace {

namespace fs = std::filesystem;

std::string Join(const std::string& folder, const std::string& path) {
  return (fs::path(folder) / path).lexically_normal().string();
}

// Nothing where there is no such file.
Result<std::optional<std::string>> ReadIfPresent(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error) && !error) return std::nullopt;
  Result<std::string> bytes = ReadFile(path);
  if (!bytes) return tl::make_unexpected(bytes.error());
  return *std::move(bytes);
}

// Where generated files lie, and how they end.
struct OutputFolder {
  std::string_view path;  // below the output folder
  std::string_view extension;
};

std::vector<OutputFolder> OutputFolders() {
  std::vector<OutputFolder> folders = {{kAlertmanagerFolder, ".yaml"}};
  for (const Emitter& emitter : Emitters()) folders.push_back({emitter.folder, emitter.extension});
  return folders;
}

// The files of a folder, as paths below the output folder.
Result<std::vector<std::string>> ListFolder(const std::string& output_dir, const OutputFolder& output) {
  std::vector<std::string> paths;
  const fs::path folder = fs::path(output_dir) / output.path;
  std::error_code error;
  if (!fs::is_directory(folder, error)) return paths;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == output.extension && it->is_regular_file(error)) {
      paths.push_back((fs::path(output.path) / it->path().filename()).string());
    }
  }
  if (error) return Fail(fmt::format("cannot list {}: {}", folder.string(), error.message()));
  return paths;
}

// Whether the file says of itself that it was generated from this policy. A dashboard also has to have the
// name that it was given: a copy under another one is somebody's.
bool IsGenerated(const std::string& path, const std::string& bytes, const Provenance& provenance) {
  if (!path.ends_with(".json")) return bytes.starts_with("# " + provenance.Mark());
  const std::string uid = fs::path(path).stem().string();
  const auto has_line = [&](const auto& fits) {
    const std::vector<std::string_view> lines = Split(bytes, '\n');
    return std::any_of(lines.begin(), lines.end(), [&](std::string_view line) { return fits(Trim(line)); });
  };
  return has_line([&](std::string_view line) {
           return line.starts_with("\"description\": ") &&
                  line.find(provenance.Mark()) != std::string_view::npos;
         }) &&
         has_line([&](std::string_view line) {
           return line == fmt::format("\"uid\": \"{}\",", uid) ||
                  line.starts_with(fmt::format("\"name\": \"{}\"", uid));
         });
}

Result<void> AddStale(const std::string& output_dir, const OutputFolder& folder,
                      const std::vector<Output>& outputs, const Provenance& provenance,
                      std::vector<Change>& changes) {
  Result<std::vector<std::string>> paths = ListFolder(output_dir, folder);
  if (!paths) return tl::make_unexpected(paths.error());
  for (const std::string& path : *paths) {
    const auto is_written = [&](const Output& output) { return output.path == path; };
    if (std::any_of(outputs.begin(), outputs.end(), is_written)) continue;
    Result<std::string> bytes = ReadFile(Join(output_dir, path));
    if (!bytes) return tl::make_unexpected(bytes.error());
    if (IsGenerated(path, *bytes, provenance))
      changes.push_back({Change::Kind::kStale, path, *std::move(bytes), {}});
  }
  return {};
}

}  // namespace

std::vector<Output> RenderAll(const Policy& policy, const Plan& plan, const Provenance& provenance) {
  std::vector<Output> outputs;
  for (const Emitter& emitter : Emitters()) emitter.render(policy, plan, provenance, outputs);
  std::sort(outputs.begin(), outputs.end(), [](const Output& a, const Output& b) { return a.path < b.path; });
  return outputs;
}

std::vector<Change> CompareOutputs(const std::vector<Output>& before, const std::vector<Output>& after) {
  std::map<std::string, Change> changes;
  for (const Output& output : before) {
    changes[output.path] = {Change::Kind::kStale, output.path, output.bytes, {}};
  }
  for (const Output& output : after) {
    Change& change = changes[output.path];
    change = {change.path.empty() ? Change::Kind::kNew : Change::Kind::kChanged, output.path,
              std::move(change.before), output.bytes};
  }
  std::vector<Change> different;
  for (auto& [path, change] : changes) {
    if (change.kind != Change::Kind::kChanged || change.before != change.after) {
      different.push_back(std::move(change));
    }
  }
  return different;
}

Result<std::vector<Change>> ReadChanges(const std::string& output_dir, const std::vector<Output>& outputs,
                                        const Provenance& provenance) {
  std::vector<Change> changes;
  for (const Output& output : outputs) {
    Result<std::optional<std::string>> before = ReadIfPresent(Join(output_dir, output.path));
    if (!before) return tl::make_unexpected(before.error());
    if (!*before) {
      changes.push_back({Change::Kind::kNew, output.path, {}, output.bytes});
    } else if (**before != output.bytes) {
      changes.push_back({Change::Kind::kChanged, output.path, **std::move(before), output.bytes});
    }
  }
  for (const OutputFolder& folder : OutputFolders()) {
    if (Result<void> added = AddStale(output_dir, folder, outputs, provenance, changes); !added) {
      return tl::make_unexpected(added.error());
    }
  }
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.path < b.path; });
  return changes;
}

Result<void> WriteChanges(const std::string& output_dir, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    const std::string path = Join(output_dir, change.path);
    if (change.kind == Change::Kind::kStale) {
      std::error_code error;
      fs::remove(path, error);
      if (error) return Fail(fmt::format("cannot remove {}: {}", path, error.message()));
    } else if (Result<void> written = WriteFileAtomically(path, change.after); !written) {
      return written;
    }
  }
  return {};
}

}  // namespace fleet::rulegen
