#include "exporter/simulate/sender.h"
#include "tests/support/manual_clock.h"

#include <catch2/catch.hpp>
#include <deque>
#include <string>
#include <vector>

namespace fleet::simulate {
namespace {

using std::chrono::milliseconds;

HttpAnswer Answer(int status, std::string body) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

HttpAnswer Accepted(int events) {
  return Answer(200, R"({"accepted":)" + std::to_string(events) + R"(,"duplicates":0,"rejected":[]})");
}

HttpAnswer NoConnection() {
  HttpAnswer answer;
  answer.error = "connection refused";
  return answer;
}

// Plays the answers in order, then accepts everything.
class FakeTransport final : public Transport {
 public:
  HttpAnswer Post(const std::string& body) override {
    bodies.push_back(body);
    if (answers.empty()) return Accepted(static_cast<int>(std::count(body.begin(), body.end(), '\n')));
    const HttpAnswer answer = answers.front();
    if (answers.size() > 1 || !repeat_last) answers.pop_front();
    return answer;
  }
  std::deque<HttpAnswer> answers;
  bool repeat_last = false;
  std::vector<std::string> bodies;
};

struct Fixture {
  FakeTransport transport;
  test::ManualClock clock{UnixMillis{1'000'000}};
  std::vector<milliseconds> pauses;
  std::size_t stop_after = 1000;  // pauses
  Sender::Options options;

  Sender Make() {
    return Sender(
        transport, clock,
        [this](milliseconds pause) {
          pauses.push_back(pause);
          clock.now = clock.now + pause;
          return pauses.size() < stop_after;
        },
        options);
  }
};

std::vector<std::string> Lines(int count) {
  return std::vector<std::string>(static_cast<std::size_t>(count), "{}\n");
}

TEST_CASE_METHOD(Fixture, "events go out in portions of the allowed number") {
  options.max_events = 2;
  Sender sender = Make();
  CHECK(sender.Send(Lines(5)) == SendOutcome::kDone);
  CHECK(transport.bodies == std::vector<std::string>{"{}\n{}\n", "{}\n{}\n", "{}\n"});
  CHECK(sender.counts().sent == 5);
  CHECK(sender.counts().accepted == 5);
}

TEST_CASE_METHOD(Fixture, "events go out in portions of the allowed size, a long one alone") {
  options.max_bytes = 7;
  Sender sender = Make();
  CHECK(sender.Send(std::vector<std::string>{"{}\n", "{}\n", "{long}xxxxx\n", "{}\n"}) == SendOutcome::kDone);
  CHECK(transport.bodies == std::vector<std::string>{"{}\n{}\n", "{long}xxxxx\n", "{}\n"});
}

TEST_CASE_METHOD(Fixture, "nothing to send is no request") {
  Sender sender = Make();
  CHECK(sender.Send({}) == SendOutcome::kDone);
  CHECK(transport.bodies.empty());
}

TEST_CASE_METHOD(Fixture, "overload and broken connections are retried with the same body") {
  transport.answers = {Answer(429, ""), Answer(502, ""), Answer(503, ""), Answer(504, ""), NoConnection()};
  Sender sender = Make();
  CHECK(sender.Send(Lines(3)) == SendOutcome::kDone);
  CHECK(transport.bodies == std::vector<std::string>(6, "{}\n{}\n{}\n"));
  CHECK(sender.counts().retries == 5);
  CHECK(sender.counts().accepted == 3);
  CHECK(sender.counts().rejected == 0);
  CHECK(sender.trouble().empty());
}

TEST_CASE_METHOD(Fixture, "pauses double up to the longest, with jitter in their upper half") {
  transport.answers = std::deque<HttpAnswer>(8, Answer(503, ""));
  Sender sender = Make();
  CHECK(sender.Send(Lines(1)) == SendOutcome::kDone);
  REQUIRE(pauses.size() == 8);
  milliseconds full{250};
  for (const milliseconds pause : pauses) {
    CHECK(pause >= full / 2);
    CHECK(pause <= full);
    full = std::min(2 * full, milliseconds(5000));
  }
}

TEST_CASE_METHOD(Fixture, "Retry-After is honoured where it is longer") {
  HttpAnswer busy = Answer(429, "");
  busy.retry_after = milliseconds(7000);
  transport.answers = {busy};
  Sender sender = Make();
  CHECK(sender.Send(Lines(1)) == SendOutcome::kDone);
  CHECK(pauses == std::vector<milliseconds>{milliseconds(7000)});
}

TEST_CASE_METHOD(Fixture, "an exporter that never answers is given up after ten seconds") {
  transport.answers = {NoConnection()};
  transport.repeat_last = true;
  Sender sender = Make();
  const UnixMillis start = clock.now;
  CHECK(sender.Send(Lines(4)) == SendOutcome::kUnreachable);
  CHECK(clock.now - start >= milliseconds(10'000));
  CHECK(clock.now - start < milliseconds(15'000));
  CHECK(sender.counts().unsent == 4);
  CHECK(sender.trouble() == "connection refused");
}

TEST_CASE_METHOD(Fixture, "an exporter that has answered once is waited for without end") {
  Sender sender = Make();
  REQUIRE(sender.Send(Lines(1)) == SendOutcome::kDone);
  transport.answers = std::deque<HttpAnswer>(100, NoConnection());
  CHECK(sender.Send(Lines(1)) == SendOutcome::kDone);
  CHECK(sender.counts().retries == 100);
  CHECK(sender.counts().accepted == 2);
}

TEST_CASE_METHOD(Fixture, "a stop ends the retries, and what was not sent is counted") {
  options.max_events = 2;
  stop_after = 3;
  transport.answers = {Accepted(2), Answer(503, "")};
  transport.repeat_last = true;
  Sender sender = Make();
  CHECK(sender.Send(Lines(5)) == SendOutcome::kStopped);
  CHECK(sender.counts().sent == 2);
  CHECK(sender.counts().unsent == 3);
  CHECK(sender.trouble() == "HTTP 503");
}

TEST_CASE_METHOD(Fixture, "duplicates and rejected events are counted, reasons kept") {
  transport.answers = {Answer(
      200,
      R"({"accepted":1,"duplicates":1,"rejected":[{"index":0,"reason":"a"},{"index":3,"reason":"a"}]})")};
  Sender sender = Make();
  CHECK(sender.Send(Lines(4)) == SendOutcome::kDone);
  CHECK(sender.counts().accepted == 1);
  CHECK(sender.counts().duplicates == 1);
  CHECK(sender.counts().rejected == 2);
  CHECK(sender.reasons() == std::map<std::string, std::uint64_t>{{"a", 2}});
}

TEST_CASE_METHOD(Fixture, "a body of which every event is rejected is counted by its reasons") {
  transport.answers = {Answer(
      400, R"({"accepted":0,"duplicates":0,"rejected":[{"index":0,"reason":"a"}],"rejected_total":3})")};
  Sender sender = Make();
  CHECK(sender.Send(Lines(3)) == SendOutcome::kDone);
  CHECK(sender.counts().rejected == 3);
  CHECK(sender.reasons() ==
        std::map<std::string, std::uint64_t>{{"(not listed in the answer)", 2}, {"a", 1}});
}

TEST_CASE_METHOD(Fixture, "a body that is refused as a whole is not sent again") {
  transport.answers = {Answer(401, R"({"error":"no token"})"), Answer(404, "not here")};
  Sender sender = Make();
  CHECK(sender.Send(Lines(2)) == SendOutcome::kDone);
  CHECK(sender.Send(Lines(1)) == SendOutcome::kDone);
  CHECK(pauses.empty());
  CHECK(sender.counts().rejected == 3);
  CHECK(sender.reasons() ==
        std::map<std::string, std::uint64_t>{{"HTTP 401: no token", 2}, {"HTTP 404: not here", 1}});
}

TEST_CASE_METHOD(Fixture, "an answer that forgets events does not hide them") {
  transport.answers = {Answer(200, R"({"accepted":1})"), Answer(200, "no JSON")};
  Sender sender = Make();
  CHECK(sender.Send(Lines(3)) == SendOutcome::kDone);
  CHECK(sender.Send(Lines(1)) == SendOutcome::kDone);
  CHECK(sender.counts().accepted == 1);
  CHECK(sender.counts().rejected == 3);
}

}  // namespace
}  // namespace fleet::simulate
