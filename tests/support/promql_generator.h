// PromQL for property tests and benchmarks.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace fleet::test {

// Expressions by chance, most of them well-typed vectors, written without any regard for beauty.
class PromqlGenerator {
 public:
  explicit PromqlGenerator(unsigned seed) : random_(seed) {}

  // In turns of depth 0 to 3.
  std::string Next() { return Vector(count_++ % 4); }

 private:
  std::string Vector(int depth) {
    if (depth <= 0)
      return Pick({"up", "a:b{c=\"d\"}", "sum", "{x=~\".+\",y!=\"\"}", "m offset -5m", "m @ 1.5", "{\"a.b\"}",
                   "m{\"ö\"='\\n'}  ", "m @ end() offset 90m"});
    switch (random_() % 12) {
      case 0:
        return Vector(depth - 1) + Pick({" + ", "-", " * ", "/", "%", " ^ ", " atan2 "}) + Vector(depth - 1);
      case 1:
        return Vector(depth - 1) + Pick({" and ", " or ", " unless on(a,b) "}) + Vector(depth - 1);
      case 2:
        return Vector(depth - 1) + Pick({"==", " > bool ", "<=", " != ", " </ "}) + Scalar(depth - 1);
      case 3:
        return Pick({"sum", "MAX", "count"}) + Pick({"", " by (a, b)", " without ()", " by()"}) + "(" +
               Vector(depth - 1) + ")";
      case 4:
        return "topk(" + Scalar(depth - 1) + "," + Vector(depth - 1) + ") by (z)";
      case 5:
        return "(" + Vector(depth - 1) + ")";
      case 6:
        return Pick({"-", "+", "- "}) + Vector(depth - 1);
      case 7:
        return Pick({"rate(", "max_over_time( "}) + Range(depth - 1) + ")";
      case 8:
        return Vector(depth - 1) + " * ON (k) group_left" + Pick({"", "()", "(l)"}) + " " + Vector(depth - 1);
      case 9:
        return "clamp(" + Vector(depth - 1) + "," + Scalar(depth - 1) + ", inf)";
      case 10:
        return "label_replace(" + Vector(depth - 1) + ",'a',`$1`,\"b\", \"(.*)\")";
      default:
        return Vector(depth - 1) + " + on() " + Scalar(depth - 1);
    }
  }
  std::string Scalar(int depth) {
    if (depth <= 0)
      return Pick({"1", "-0x1F", "1e-7", "inf", "-inf", "NaN", "5m", "0755", "1_000", "time()"});
    switch (random_() % 3) {
      case 0:
        return Scalar(depth - 1) + Pick({"+", " - ", "*", " ^ "}) + Scalar(depth - 1);
      case 1:
        return "scalar(" + Vector(depth - 1) + ")";
      default:
        return "(" + Scalar(depth - 1) + ")";
    }
  }
  std::string Range(int depth) {
    if (depth <= 0 || random_() % 3 == 0) {
      return "m{a='b'}" + Pick({"[5m]", "[300]", "[1h30m] offset 1w1d", "[0.5]", "[5m + step()] @ start()",
                                "[min_of(1h, 2 * 3m)]", "[-(1m - 2 ^ 3)]"});
    }
    return "(" + Vector(depth - 1) + ")" + Pick({"[1h:]", "[1h:1m]", "[90m:step()] offset (1m * 2)"});
  }
  std::string Pick(std::vector<std::string> choices) { return choices[random_() % choices.size()]; }

  std::mt19937 random_;
  int count_ = 0;
};

}  // namespace fleet::test
