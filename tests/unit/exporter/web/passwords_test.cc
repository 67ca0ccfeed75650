#include "exporter/web/passwords.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

namespace fleet {
namespace {

using Verdict = Passwords::Verdict;

// Cost 4, the least: tests should not heat the room.
const std::vector<WebUser> kUsers = {
    {"alice", "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy"},
    {"bob", "$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW"}};

TEST_CASE("Authorization: Basic") {
  Credentials credentials;
  CHECK(ParseBasic("Basic YWxpY2U6b3BlbiBzZXNhbWU=", credentials));
  CHECK(credentials.user == "alice");
  CHECK(credentials.password == "open sesame");
  CHECK(ParseBasic("basic  YTo6Yg==", credentials));
  CHECK(credentials.password == ":b");
  CHECK(ParseBasic("BASIC Og==", credentials));
  CHECK(credentials.user.empty());
  for (const char* wrong : {"", "Basic", "Basic ", "Basic !!!!", "Basic YWxpY2U", "Bearer YTpi",
                            "Basic YWxpY2U=", "YWxpY2U6b3BlbiBzZXNhbWU="}) {
    CAPTURE(wrong);
    CHECK_FALSE(ParseBasic(wrong, credentials));
  }
  CHECK_FALSE(ParseBasic("Basic " + std::string(4000, 'A'), credentials));
}

TEST_CASE("right and wrong passwords") {
  Passwords passwords;
  CHECK(passwords.Check(kUsers, {"alice", "open sesame"}) == Verdict::kRight);
  CHECK(passwords.Check(kUsers, {"bob", "open sesame"}) == Verdict::kRight);
  CHECK(passwords.Check(kUsers, {"alice", "open sesam"}) == Verdict::kWrong);
  CHECK(passwords.Check(kUsers, {"Alice", "open sesame"}) == Verdict::kWrong);
  CHECK(passwords.Check(kUsers, {"alice", ""}) == Verdict::kWrong);
  CHECK(passwords.Check(kUsers, {"", ""}) == Verdict::kWrong);
  CHECK(passwords.Check(kUsers, {"alice", std::string("open sesame\0x", 13)}) == Verdict::kWrong);
}

TEST_CASE("a wrong password costs what a right one costs, and so does a user who does not exist") {
  const auto work = [&](const std::string& user, const std::string& password) {
    Passwords passwords;
    passwords.Check(kUsers, {user, password});
    return passwords.work();
  };
  CHECK(work("bob", "open sesame") == 32);
  CHECK(work("bob", "wrong") == 32);
  CHECK(work("alice", "open sesame") == 32);  // though her hash is the cheaper one
  CHECK(work("alice", "wrong") == 32);
  CHECK(work("nobody", "open sesame") == 32);
}

TEST_CASE("a right password is remembered for this hash alone, a wrong one never") {
  Passwords passwords;
  const std::vector<WebUser> users = {kUsers[0]};
  for (int i = 0; i < 3; ++i) CHECK(passwords.Check(users, {"alice", "open sesame"}) == Verdict::kRight);
  CHECK(passwords.computed() == 1);
  for (int i = 0; i < 3; ++i) CHECK(passwords.Check(users, {"alice", "wrong"}) == Verdict::kWrong);
  CHECK(passwords.computed() == 4);
  const std::vector<WebUser> changed = {{"alice", kUsers[1].hash}};
  CHECK(passwords.Check(changed, {"alice", "open sesame"}) == Verdict::kRight);
  CHECK(passwords.computed() == 5);
  CHECK(passwords.Check({}, {"alice", "open sesame"}) == Verdict::kWrong);
}

TEST_CASE("few wait for their turn") {
  Passwords none(0);
  CHECK(none.Check(kUsers, {"alice", "open sesame"}) == Verdict::kBusy);
}

}  // namespace
}  // namespace fleet
