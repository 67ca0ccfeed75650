#include "exporter/web/waiting_room.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "exporter/web/civetweb_access.h"
#include "exporter/web/http_status.h"
#include "exporter/web/request_line.h"

namespace fleet {
namespace {

using IoState = IoResult::State;
using std::chrono::milliseconds;

// A client that still sends after its answer is listened to for that long: a socket closed with unread
// bytes resets the connection, and the answer may be lost with it (RFC 9112, section 9.6).
constexpr milliseconds kDiscardPatience{500};
constexpr std::size_t kMostDiscarded = 1U << 20U;
// An end of the head may lie across two reads: "\r\n\r" and "\n".
constexpr std::size_t kEndOfHead = 3;

}  // namespace

WaitingRoom::WaitingRoom(WaitingRoomOptions options)
    : options_(std::move(options)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake_;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
}

WaitingRoom::~WaitingRoom() {
  Close();
  for (const int socket : entered_) close(socket);
  returned_.clear();
  guests_.clear();
  close(wake_);
  close(epoll_);
}

void WaitingRoom::Open() {
  thread_ = std::thread([this] { Run(); });
}

void WaitingRoom::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  Wake();
  if (thread_.joinable()) thread_.join();
}

void WaitingRoom::Wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
}

void WaitingRoom::Enter(std::span<const int> sockets) {
  {
    const std::lock_guard lock(mutex_);
    entered_.insert(entered_.end(), sockets.begin(), sockets.end());
  }
  Wake();
}

void WaitingRoom::MakeRoom() {
  {
    const std::lock_guard lock(mutex_);
    ++rooms_wanted_;
  }
  Wake();
}

void WaitingRoom::Return(std::unique_ptr<Connection> connection, Afterwards afterwards) {
  {
    const std::lock_guard lock(mutex_);
    returned_.push_back({std::move(connection), afterwards});
  }
  Wake();
}

void WaitingRoom::Drain() {
  {
    const std::lock_guard lock(mutex_);
    end_idle_ = true;
  }
  Wake();
}

void WaitingRoom::Run() {
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(UntilNextDeadline().count()));
    for (int i = 0; i < count; ++i) {
      if (events[static_cast<std::size_t>(i)].data.fd != wake_) {
        Progress(events[static_cast<std::size_t>(i)].data.fd);
      }
    }
    TakeNew();
    Expire();
    Dispatch();
    const std::lock_guard lock(mutex_);
    if (closed_) return;
  }
}

void WaitingRoom::TakeNew() {
  std::uint64_t wakes = 0;
  [[maybe_unused]] const ssize_t got = read(wake_, &wakes, sizeof wakes);
  std::vector<int> entered;
  std::vector<Returned> returned;
  std::size_t rooms_wanted = 0;
  bool end_idle = false;
  {
    const std::lock_guard lock(mutex_);
    entered.swap(entered_);
    returned.swap(returned_);
    rooms_wanted = std::exchange(rooms_wanted_, 0);
    end_idle = std::exchange(end_idle_, false);
  }
  for (Returned& one : returned) TakeReturned(std::move(one));
  for (const int socket : entered) {
    SslSession session = options_.new_session ? options_.new_session() : nullptr;
    if (options_.new_session && session == nullptr) {
      close(socket);
      continue;
    }
    Admit(std::make_unique<Connection>(socket, std::move(session)), State::kHandshake,
          options_.head_deadline);
    Progress(socket);
  }
  // Counted after both: those that come back from a thread fill the room like those that are new.
  const std::size_t excess = guests_.size() - std::min<std::size_t>(guests_.size(), options_.max_connections);
  for (std::size_t i = std::max(rooms_wanted, excess); i > 0 && !silent_.empty(); --i) {
    Leave(silent_.begin()->second);
  }
  if (end_idle) EndIdle();
}

void WaitingRoom::TakeReturned(Returned returned) {
  --served_;
  if (returned.connection->slow) --served_slow_;
  returned.connection->slow = false;
  if (returned.afterwards == Afterwards::kClose) return;
  const int socket = returned.connection->socket();
  if (returned.afterwards == Afterwards::kDiscard) {
    returned.connection->EndWriting();
    Admit(std::move(returned.connection), State::kDiscard, kDiscardPatience);
  } else {
    Guest& guest = Admit(std::move(returned.connection), State::kIdle, options_.idle_deadline);
    if (!guest.connection->unread.empty() && FinishHead(guest)) return;
  }
  Progress(socket);
}

WaitingRoom::Guest& WaitingRoom::Admit(std::unique_ptr<Connection> connection, State state,
                                       milliseconds patience) {
  const int socket = connection->socket();
  Guest& guest = guests_[socket];
  guest = {};
  guest.connection = std::move(connection);
  List(guest, state, patience);
  return guest;
}

void WaitingRoom::Leave(int socket) {
  const auto found = guests_.find(socket);
  Guest& guest = found->second;
  Unlist(guest);
  guests_.erase(found);  // closes, which ends epoll's interest as well
}

void WaitingRoom::Unlist(const Guest& guest) {
  if (guest.state == State::kReady) {
    (guest.connection->slow ? slow_ : ready_).erase(guest.deadline);
  } else {
    waiting_.erase(guest.deadline);
    silent_.erase(guest.since);
  }
}

void WaitingRoom::List(Guest& guest, State state, milliseconds patience) {
  const int socket = guest.connection->socket();
  const SteadyTime now = std::chrono::steady_clock::now();
  guest.state = state;
  if (state == State::kReady) {
    guest.deadline = (guest.connection->slow ? slow_ : ready_).emplace(now + patience, socket);
  } else {
    guest.deadline = waiting_.emplace(now + patience, socket);
    guest.since = silent_.emplace(now, socket);
  }
}

void WaitingRoom::Move(Guest& guest, State state, milliseconds patience) {
  Unlist(guest);
  List(guest, state, patience);
}

// One event, then silence: a connection that is served must not wake this thread.
void WaitingRoom::Arm(Guest& guest, IoState wanted) {
  const int socket = guest.connection->socket();
  epoll_event event{};
  event.events = (wanted == IoState::kWantsWrite ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT;
  event.data.fd = socket;
  bool& watched = guest.connection->watched;
  epoll_ctl(epoll_, watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
  watched = true;
}

void WaitingRoom::Progress(int socket) {
  const auto found = guests_.find(socket);
  if (found == guests_.end()) return;  // left in this round
  Guest& guest = found->second;
  switch (guest.state) {
    case State::kHandshake:
      return ShakeHands(guest);
    case State::kIdle:
    case State::kHead:
    case State::kBody:
      return ReadRequest(guest);
    case State::kDiscard:
      return Discard(guest);
    case State::kReady:
      return;
  }
}

void WaitingRoom::ShakeHands(Guest& guest) {
  const IoResult result = guest.connection->Handshake();
  if (result.state == IoState::kEnded) return Leave(guest.connection->socket());
  if (result.state != IoState::kDone) return Arm(guest, result.state);
  guest.state = State::kHead;
  ReadRequest(guest);
}

void WaitingRoom::ReadRequest(Guest& guest) {
  std::array<char, kLongestHead> buffer;
  std::string& unread = guest.connection->unread;
  for (;;) {
    const IoResult result = guest.connection->Read(buffer.data(), kLongestHead - unread.size());
    if (result.state == IoState::kEnded) {
      // The end of a body that is not complete is an error for whoever reads it.
      return guest.state == State::kBody ? BecomeReady(guest, false) : Leave(guest.connection->socket());
    }
    if (result.state != IoState::kDone) return Arm(guest, result.state);
    unread.append(buffer.data(), result.bytes);
    if (guest.state == State::kIdle) {
      Move(guest, State::kHead, options_.head_deadline);
    }
    if (guest.state == State::kHead ? FinishHead(guest) : FinishBody(guest)) return;
  }
}

bool WaitingRoom::FinishHead(Guest& guest) {
  std::string& unread = guest.connection->unread;
  if (guest.scanned == 0) SkipEmptyLines(unread);
  const std::string_view rest = std::string_view(unread).substr(guest.scanned);
  const int length = fleet_civetweb_head_length(rest.data(), static_cast<int>(rest.size()));
  if (length != 0 && !options_.may_stay(*guest.connection)) {
    Leave(guest.connection->socket());
    return true;
  }
  if (length < 0) {  // the parser has something to say about it
    BecomeReady(guest, false);
    return true;
  }
  if (length > 0) {
    guest.head = guest.scanned + static_cast<std::size_t>(length);
    if (!AsksForPath(std::string_view(unread).substr(0, guest.head))) {
      Refuse(guest, 400, "a request begins with METHOD /PATH");
      return true;
    }
    guest.body.emplace(std::string_view(unread).substr(0, guest.head), kLongestHead - guest.head);
    Move(guest, State::kBody, options_.body_deadline);
    return FinishBody(guest);
  }
  if (unread.size() >= kLongestHead) {
    Refuse(guest, 431, "the head of the request is too long");
    return true;
  }
  guest.scanned = unread.size() - std::min(unread.size(), kEndOfHead);
  return false;
}

bool WaitingRoom::FinishBody(Guest& guest) {
  const auto state = guest.body->Look(std::string_view(guest.connection->unread).substr(guest.head));
  if (state == PendingBody::State::kComing) return false;
  BecomeReady(guest, state == PendingBody::State::kLarge);
  return true;
}

void WaitingRoom::BecomeReady(Guest& guest, bool slow) {
  Unlist(guest);
  guest.connection->slow = slow;
  List(guest, State::kReady, options_.thread_patience);
}

void WaitingRoom::Discard(Guest& guest) {
  for (;;) {
    const IoResult result = guest.connection->Discard();
    guest.discarded += result.bytes;
    if (result.state == IoState::kEnded || guest.discarded > kMostDiscarded) {
      return Leave(guest.connection->socket());
    }
    if (result.state != IoState::kDone) return Arm(guest, result.state);
  }
}

// The answer is small: a client whose buffers do not even take that gets none.
void WaitingRoom::Refuse(Guest& guest, int status, std::string_view text) {
  const std::string answer = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n{}Connection: "
      "close\r\n\r\n{}\n",
      status, HttpReason(status), text.size() + 1, status == 429 || status == 503 ? "Retry-After: 1\r\n" : "",
      text);
  options_.refused(status);
  guest.connection->Write(answer);
  guest.connection->EndWriting();
  Move(guest, State::kDiscard, kDiscardPatience);
  Discard(guest);
}

void WaitingRoom::Expire() {
  const SteadyTime now = std::chrono::steady_clock::now();
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    Guest& guest = guests_.at(waiting_.begin()->second);
    if (guest.state == State::kBody) {
      Refuse(guest, 408, "the body took too long");
    } else if (guest.state == State::kHead && !guest.connection->unread.empty()) {
      Refuse(guest, 408, "the head of the request took too long");
    } else {
      Leave(waiting_.begin()->second);
    }
  }
  for (Deadlines* const ready : {&ready_, &slow_}) {
    while (!ready->empty() && ready->begin()->first <= now && !HasThreadFor(ready == &slow_)) {
      Refuse(guests_.at(ready->begin()->second), options_.overload_status, "busy, try again later");
    }
  }
}

void WaitingRoom::EndIdle() {
  std::vector<int> idle;
  for (const auto& [socket, guest] : guests_) {
    if (guest.state == State::kReady || guest.state == State::kDiscard) continue;
    if (guest.connection->unread.empty()) idle.push_back(socket);
  }
  for (const int socket : idle) Leave(socket);
}

bool WaitingRoom::HasThreadFor(bool slow) const {
  if (served_ >= options_.threads) return false;
  return !slow || served_slow_ < std::max(1, options_.threads * 3 / 4);
}

void WaitingRoom::Dispatch() {
  for (Deadlines* const ready : {&ready_, &slow_}) {
    while (!ready->empty() && HasThreadFor(ready == &slow_)) {
      const auto found = guests_.find(ready->begin()->second);
      ready->erase(ready->begin());
      std::unique_ptr<Connection> connection = std::move(found->second.connection);
      guests_.erase(found);
      ++served_;
      if (connection->slow) ++served_slow_;
      options_.serve(std::move(connection));
    }
  }
  scarce_ = served_ * 4 >= options_.threads * 3 || served_slow_ * 2 >= options_.threads;
}

milliseconds WaitingRoom::UntilNextDeadline() const {
  constexpr milliseconds kLongest{1000};
  milliseconds next = kLongest;
  const SteadyTime now = std::chrono::steady_clock::now();
  for (const Deadlines* deadlines : {&waiting_, &ready_, &slow_}) {
    if (deadlines->empty()) continue;
    const auto left = std::chrono::ceil<milliseconds>(deadlines->begin()->first - now);
    next = std::clamp(left, milliseconds(0), next);
  }
  return next;
}

}  // namespace fleet
