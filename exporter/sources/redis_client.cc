#include "exporter/sources/redis_client.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <cstdlib>

#include "exporter/sources/secret.h"
#include "exporter/sources/stream.h"
#include "lib/base/freed.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

// More elements in one reply are no answer to what we ask.
constexpr std::size_t kMostItems = 100'000;

#if HIREDIS_MAJOR >= 1
using ArraySize = std::size_t;
#else
using ArraySize = int;
#endif

// The place of a reply: in its array, or a new one of its own.
RedisReply* Place(const redisReadTask* task) {
  if (task->parent == nullptr) return new RedisReply;  // the reader owns it until it hands it out
  return &static_cast<RedisReply*>(task->parent->obj)->items[static_cast<std::size_t>(task->idx)];
}

void* MakeText(const redisReadTask* task, char* text, std::size_t size) {
  RedisReply* const reply = Place(task);
  reply->kind = task->type == REDIS_REPLY_ERROR ? RedisReply::Kind::kError : RedisReply::Kind::kText;
  reply->text.assign(text, size);
  return reply;
}

void* MakeArray(const redisReadTask* task, ArraySize size) {
  if (static_cast<std::size_t>(size) > kMostItems) return nullptr;  // hiredis fails then
  RedisReply* const reply = Place(task);
  reply->kind = RedisReply::Kind::kArray;
  reply->items.resize(static_cast<std::size_t>(size));
  return reply;
}

void* MakeInteger(const redisReadTask* task, long long value) {
  RedisReply* const reply = Place(task);
  reply->kind = RedisReply::Kind::kInteger;
  reply->integer = value;
  return reply;
}

void* MakeNil(const redisReadTask* task) { return Place(task); }

void Free(void* reply) { delete static_cast<RedisReply*>(reply); }

redisReplyObjectFunctions Functions() {
  redisReplyObjectFunctions functions{};
  functions.createString = MakeText;
  functions.createArray = MakeArray;
  functions.createInteger = MakeInteger;
  functions.createNil = MakeNil;
  functions.freeObject = Free;
  return functions;
}

std::string Encode(const RedisCommand& command) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const std::string& word : command) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* bytes = nullptr;
  const auto size =
      redisFormatCommandArgv(&bytes, static_cast<int>(words.size()), words.data(), sizes.data());
  if (size < 0) return "";
  std::string encoded(bytes, static_cast<std::size_t>(size));
  redisFreeCommand(bytes);
  return encoded;
}

}  // namespace

std::optional<double> RedisReply::Number() const {
  if (kind == Kind::kInteger) return static_cast<double>(integer);
  if (kind != Kind::kText || text.empty() || text.size() > 64) return std::nullopt;
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size()) return std::nullopt;
  return number;
}

class RedisClient::Connection {
 public:
  explicit Connection(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}

  Stream& stream() { return *stream_; }
  bool authenticated = false;

  void Queue(const std::vector<RedisCommand>& commands) {
    for (const RedisCommand& command : commands) out_ += Encode(command);
    owed_ += commands.size();
  }

  // Takes `count` replies, or as many as are owed and throws them away.
  Stream::Outcome Take(std::size_t count, std::size_t max_bytes, const Deadline& deadline,
                       std::vector<RedisReply>* replies) {
    if (const auto outcome = stream_->Write(out_, deadline); outcome != Stream::Outcome::kDone)
      return outcome;
    std::size_t bytes = 0;
    while (count > 0) {
      void* reply = nullptr;
      if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
        error = fmt::format("the answer is no Redis protocol: {}", Printable(reader_->errstr));
        return Stream::Outcome::kClosed;
      }
      if (reply != nullptr) {
        const std::unique_ptr<RedisReply> owned(static_cast<RedisReply*>(reply));
        if (replies != nullptr) replies->push_back(std::move(*owned));
        --owed_;
        --count;
        continue;
      }
      std::string in;
      const auto outcome = stream_->Read(in, deadline);
      if (outcome == Stream::Outcome::kClosed) error = stream_->error();
      if (outcome != Stream::Outcome::kDone) return outcome;
      bytes += in.size();
      if (bytes > max_bytes) {
        error = fmt::format("the answer is larger than {} bytes", max_bytes);
        return Stream::Outcome::kClosed;
      }
      redisReaderFeed(reader_.get(), in.data(), in.size());
    }
    return Stream::Outcome::kDone;
  }

  std::size_t owed() const { return owed_; }
  std::string error;

 private:
  redisReplyObjectFunctions functions_ = Functions();
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<redisReader, Freed<redisReaderFree>> reader_{redisReaderCreateWithFunctions(&functions_)};
  std::string out_;
  std::size_t owed_ = 0;  // replies to commands of this and earlier reads
};

RedisClient::RedisClient(RedisClientOptions options) : options_(std::move(options)) {}
RedisClient::~RedisClient() = default;

Result<void> RedisClient::Connect(const Deadline& deadline) {
  using Outcome = Stream::Outcome;
  if (connection_ == nullptr) {
    auto stream = Stream::Open(options_.address, options_.tls);
    if (!stream) return tl::make_unexpected(stream.error());
    connection_ = std::make_unique<Connection>(*std::move(stream));
  }
  const Outcome connected = connection_->stream().Connect(deadline);
  if (connected == Outcome::kDeadline) return Fail("cannot connect by the deadline");
  if (connected == Outcome::kClosed) {
    const std::string error = connection_->stream().error();
    connection_.reset();
    return Fail(fmt::format("{}: {}", options_.address, error));
  }
  return {};
}

Result<std::vector<RedisReply>> RedisClient::Pipeline(const std::vector<RedisCommand>& commands,
                                                      const Deadline& deadline) {
  using Outcome = Stream::Outcome;
  if (const auto connected = Connect(deadline); !connected) return tl::make_unexpected(connected.error());
  Connection& connection = *connection_;
  const auto failed = [&](Outcome outcome) -> Result<std::vector<RedisReply>> {
    if (outcome == Outcome::kDeadline) return Fail("no answer by the deadline");
    const std::string error = connection.error.empty() ? connection.stream().error() : connection.error;
    connection_.reset();
    return Fail(error);
  };
  if (const auto outcome = connection.Take(connection.owed(), options_.max_bytes, deadline, nullptr);
      outcome != Outcome::kDone) {
    return failed(outcome);
  }
  std::vector<RedisCommand> all;
  if (!connection.authenticated) {
    if (!options_.password_file.empty()) {
      const auto password = ReadSecret(options_.password_file);
      if (!password) return tl::make_unexpected(password.error());
      all.push_back({"AUTH"});
      if (!options_.username.empty()) all.back().push_back(options_.username);
      all.back().push_back(*password);
    }
    all.push_back({"CLIENT", "SETNAME", "fleet_exporter"});
    if (!options_.database.empty()) all.push_back({"SELECT", options_.database});
  }
  const std::size_t greetings = all.size();
  all.insert(all.end(), commands.begin(), commands.end());
  connection.Queue(all);
  std::vector<RedisReply> replies;
  if (const auto outcome = connection.Take(all.size(), options_.max_bytes, deadline, &replies);
      outcome != Outcome::kDone) {
    return failed(outcome);
  }
  for (std::size_t i = 0; i < greetings; ++i) {
    // A user may not be allowed to name the connection; that is no harm.
    if (!replies[i].is_error() || all[i].front() == "CLIENT") continue;
    const std::string error = replies[i].text;
    connection_.reset();
    return Fail(Printable(error.substr(0, 200)));
  }
  connection.authenticated = true;
  replies.erase(replies.begin(), replies.begin() + static_cast<std::ptrdiff_t>(greetings));
  return replies;
}

}  // namespace fleet
