// The reference for scrapes: prometheus-cpp with its own Exposer, holding the very series of a page
// that our exporter served.
//
//   bench_prometheus_cpp PAGE PORT      (PAGE: text format 0.0.4)
//
// Prints "ready SERIES" and serves until killed. Only what our exporter writes is read: no timestamps.
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using Labels = std::map<std::string, std::string>;

struct Buckets {
  std::vector<double> bounds;
  std::vector<double> cumulative;
};

// `name{a="b",c="d"} 5` -> name, labels, value. Escapes stay as they are: same bytes on both sides.
std::string ParseSample(const std::string& line, Labels& labels, double& value) {
  const std::size_t name_end = line.find_first_of("{ ");
  std::size_t at = name_end;
  if (line[at] == '{') {
    ++at;
    while (line[at] != '}') {
      const std::size_t equals = line.find('=', at);
      std::size_t quote = equals + 2;
      while (line[quote] != '"') quote += line[quote] == '\\' ? 2 : 1;
      labels[line.substr(at, equals - at)] = line.substr(equals + 2, quote - equals - 2);
      at = quote + 1;
      if (line[at] == ',') ++at;
    }
    ++at;
  }
  value = std::strtod(line.c_str() + at + 1, nullptr);
  return line.substr(0, name_end);
}

// The registry, filled from the page.
class Mirror {
 public:
  void Add(const std::string& line) {
    if (line.rfind("# HELP ", 0) == 0) {
      Flush();
      const std::size_t space = line.find(' ', 7);
      name_ = line.substr(7, space - 7);
      help_ = line.substr(space + 1);
    } else if (line.rfind("# TYPE ", 0) == 0) {
      type_ = line.substr(line.rfind(' ') + 1);
      counter_ = type_ == "counter" ? &prometheus::BuildCounter().Name(name_).Help(help_).Register(*registry_)
                                    : nullptr;
      gauge_ =
          type_ == "gauge" ? &prometheus::BuildGauge().Name(name_).Help(help_).Register(*registry_) : nullptr;
    } else if (!line.empty() && line[0] != '#') {
      AddSample(line);
    }
  }

  // Histograms are known whole only when their family ends.
  void Flush() {
    if (!histograms_.empty()) {
      auto& family = prometheus::BuildHistogram().Name(name_).Help(help_).Register(*registry_);
      for (const auto& [labels, buckets] : histograms_) {
        auto& histogram = family.Add(labels, buckets.bounds);
        std::vector<double> increments;
        double before = 0;
        for (const double cumulative : buckets.cumulative) {
          increments.push_back(cumulative - before);
          before = cumulative;
        }
        histogram.ObserveMultiple(increments, 1.5);
      }
    }
    histograms_.clear();
  }

  std::size_t series() const { return series_; }
  const std::shared_ptr<prometheus::Registry>& registry() const { return registry_; }

 private:
  void AddSample(const std::string& line) {
    Labels labels;
    double value = 0;
    const std::string sample = ParseSample(line, labels, value);
    ++series_;
    if (counter_ != nullptr) counter_->Add(labels).Increment(value);
    if (gauge_ != nullptr) gauge_->Add(labels).Set(value);
    if (type_ != "histogram" || sample != name_ + "_bucket") return;
    const std::string bound = labels["le"];
    labels.erase("le");
    Buckets& buckets = histograms_[labels];
    if (bound != "+Inf") buckets.bounds.push_back(std::strtod(bound.c_str(), nullptr));
    buckets.cumulative.push_back(value);
  }

  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  std::string name_, help_, type_;
  prometheus::Family<prometheus::Counter>* counter_ = nullptr;
  prometheus::Family<prometheus::Gauge>* gauge_ = nullptr;
  std::map<Labels, Buckets> histograms_;
  std::size_t series_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: bench_prometheus_cpp PAGE PORT\n", stderr);
    return 2;
  }
  Mirror mirror;
  std::ifstream page(argv[1]);
  for (std::string line; std::getline(page, line);) mirror.Add(line);
  mirror.Flush();
  prometheus::Exposer exposer(std::string("127.0.0.1:") + argv[2]);
  exposer.RegisterCollectable(mirror.registry());
  std::printf("ready %zu\n", mirror.series());
  std::fflush(stdout);
  for (;;) pause();
}
