#include "exporter/web/http_server.h"

#include <civetweb.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cstring>
#include <exception>
#include <mutex>
#include <unordered_map>

#include "exporter/web/civetweb_access.h"
#include "exporter/web/http_exchange.h"
#include "exporter/web/listen_address.h"
#include "exporter/web/served_connection.h"
#include "exporter/web/waiting_room.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

bool HasIpv6() {
  const int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  close(probe);
  return true;
}

// As CivetWeb writes addresses: "+80" is IPv4 and IPv6, "80" IPv4 only, "x/path" a Unix socket.
std::string CivetwebSpec(const ListenAddress& address) {
  switch (address.kind) {
    case ListenAddress::Kind::kUnixSocket:
      return "x" + address.host;
    case ListenAddress::Kind::kHost:
      return fmt::format("{}:{}", address.host, address.port);
    case ListenAddress::Kind::kAnyHost:
      break;
  }
  return fmt::format("{}{}", HasIpv6() ? "+" : "", address.port);
}

// A socket file that a process left behind when it was killed would make bind fail for ever.
void RemoveDeadSocket(const std::string& path) {
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
  const bool refused = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
                       errno == ECONNREFUSED;
  close(probe);
  if (refused) unlink(path.c_str());
}

// CivetWeb reports "cannot bind to 127.0.0.1:80: 98 (Address already in use)" and the like.
std::string StartError(const std::string& message, const std::vector<std::string>& specs,
                       const std::vector<std::string>& addresses) {
  const std::size_t open = message.rfind(" (");
  std::string reason = message;
  if (message.starts_with("cannot bind") && open != std::string::npos && message.back() == ')') {
    reason = message.substr(open + 2, message.size() - open - 3);
    if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  }
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const std::string path = specs[i].substr(specs[i].starts_with('x') ? 1 : 0);
    if (message.find(" " + path + ":") == std::string::npos) continue;
    return fmt::format("cannot listen on {}: {}", addresses[i], reason);
  }
  return fmt::format("cannot listen on {}: {}", Join(addresses, ", "),
                     reason.empty() ? "unknown reason" : reason);
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, HttpHandler handler)
      : options_(std::move(options)), handler_(std::move(handler)), room_(RoomOptions()) {
    mg_init_library(MG_FEATURES_DEFAULT);
  }
  ~Impl() {
    stopping_ = true;
    room_.Close();
    mg_stop(context_);
    mg_exit_library();
    for (const std::string& path : socket_paths_) unlink(path.c_str());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> Start();
  void Drain() {
    draining_ = true;
    room_.Drain();
  }

  const std::vector<std::string>& addresses() const { return addresses_; }
  const std::vector<int>& ports() const { return ports_; }
  int running() const { return running_; }

  // On CivetWeb's master thread: takes the connections of a listening socket.
  void Accept(int listener);

 private:
  static Impl& Of(const mg_connection* connection) {
    return *static_cast<Impl*>(mg_get_user_data(mg_get_context(connection)));
  }
  static int OnRequest(mg_connection* connection);
  static int OnOpen(const mg_connection* connection, void** data);
  static void OnClose(const mg_connection* connection);
  static int OnError(mg_connection* connection, int status, const char* message);
  static int OnMessage(const mg_connection* connection, const char* message);

  static ServedConnection& Served(const mg_connection* connection) {
    return *static_cast<ServedConnection*>(mg_get_user_connection_data(connection));
  }

  WaitingRoomOptions RoomOptions();
  void HandOver(std::unique_ptr<Connection> connection);
  std::unique_ptr<ServedConnection> TakeOver(int socket);
  int Serve(mg_connection* connection);
  void GoOn(mg_connection* connection);
  HttpResponse Handle(HttpRequest& request);
  Result<void> Listen(const std::vector<std::string>& specs);
  void ReadPorts();

  HttpServerOptions options_;
  HttpHandler handler_;
  mg_context* context_ = nullptr;
  std::vector<std::string> addresses_;
  std::vector<int> ports_;
  std::vector<std::string> socket_paths_;
  std::atomic<bool> draining_{false};
  std::atomic<int> running_{0};
  std::atomic<int> lingering_{0};
  std::atomic<bool> stopping_{false};
  std::mutex handed_over_mutex_;
  // On their way to a thread, by socket; guarded by handed_over_mutex_.
  std::unordered_map<int, std::unique_ptr<Connection>> handed_over_;
  std::mutex start_mutex_;
  bool starting_ = true;       // guarded by start_mutex_
  std::string start_message_;  // the first complaint while starting; guarded by start_mutex_
  WaitingRoom room_;           // last: its thread uses the rest
};

WaitingRoomOptions HttpServer::Impl::RoomOptions() {
  WaitingRoomOptions room;
  room.max_connections = options_.max_connections;
  room.threads = options_.threads;
  room.head_deadline = options_.head_deadline;
  room.body_deadline = options_.body_deadline;
  room.idle_deadline = options_.idle_deadline;
  room.thread_patience = options_.thread_patience;
  room.overload_status = options_.overload_status;
  room.new_session = options_.new_session;
  room.may_stay = options_.may_stay;
  room.refused = options_.refused;
  room.serve = [this](std::unique_ptr<Connection> connection) { HandOver(std::move(connection)); };
  return room;
}

void HttpServer::Impl::Accept(int listener) {
  std::array<int, 64> sockets;
  std::size_t count = 0;
  const int flags = SOCK_CLOEXEC | (options_.new_session ? SOCK_NONBLOCK : 0);
  while (count < sockets.size()) {
    sockets[count] = accept4(listener, nullptr, nullptr, flags);
    if (sockets[count] < 0) break;
    ++count;
  }
  const int error = count < sockets.size() ? errno : 0;
  if (count > 0) {
    room_.Enter({sockets.data(), count});
  } else if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
    room_.MakeRoom();
    poll(nullptr, 0, 10);  // the listener stays readable: no busy loop
  }
}

void HttpServer::Impl::HandOver(std::unique_ptr<Connection> connection) {
  const int socket = connection->socket();
  {
    const std::lock_guard lock(handed_over_mutex_);
    handed_over_[socket] = std::move(connection);
  }
  fleet_civetweb_serve(context_, socket);
}

std::unique_ptr<ServedConnection> HttpServer::Impl::TakeOver(int socket) {
  auto served = std::make_unique<ServedConnection>();
  served->room = &room_;
  served->stopping = &stopping_;
  const std::lock_guard lock(handed_over_mutex_);
  served->connection = std::move(handed_over_.extract(socket).mapped());
  return served;
}

Result<void> HttpServer::Impl::Start() {
  std::vector<std::string> specs, socket_specs;
  std::vector<std::string> socket_addresses;
  for (const std::string& text : options_.listen_addresses) {
    const auto address = ParseListenAddress(text);
    if (!address) return tl::make_unexpected(address.error());
    const bool is_socket = address->kind == ListenAddress::Kind::kUnixSocket;
    if (is_socket) RemoveDeadSocket(address->host);
    (is_socket ? socket_specs : specs).push_back(CivetwebSpec(*address));
    (is_socket ? socket_addresses : addresses_).push_back(text);
  }
  // CivetWeb takes everything before the next ':' for a host name: sockets come last.
  specs.insert(specs.end(), socket_specs.begin(), socket_specs.end());
  addresses_.insert(addresses_.end(), socket_addresses.begin(), socket_addresses.end());
  if (specs.empty()) return Fail("no address to listen on");
  const auto listening = Listen(specs);
  if (!listening) return listening;
  for (const std::string& spec : socket_specs) socket_paths_.push_back(spec.substr(1));
  ReadPorts();
  return {};
}

Result<void> HttpServer::Impl::Listen(const std::vector<std::string>& specs) {
  const std::string list = Join(specs, ",");
  const std::string threads = std::to_string(options_.threads);
  const std::string queue = std::to_string(options_.threads + 1);  // never full: serving never blocks
  const char* const settings[] = {"listening_ports",
                                  list.c_str(),
                                  "num_threads",
                                  threads.c_str(),
                                  "connection_queue",
                                  queue.c_str(),
                                  "decode_url",
                                  "no",  // the router decodes by segment
                                  "enable_keep_alive",
                                  "yes",  // for GoOn; else every answer is the connection's last
                                  "enable_auth_domain_check",
                                  "no",
                                  nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = OnRequest;
  callbacks.init_connection = OnOpen;
  callbacks.connection_close = OnClose;
  callbacks.http_error = OnError;
  callbacks.log_message = OnMessage;
  context_ = mg_start(&callbacks, this, const_cast<const char**>(settings));  // NOLINT: it only reads
  const std::lock_guard lock(start_mutex_);
  starting_ = false;
  if (context_ != nullptr) room_.Open();
  if (context_ == nullptr) return Fail(StartError(start_message_, specs, addresses_));
  return {};
}

// Replaces ports by the ones that were bound.
void HttpServer::Impl::ReadPorts() {
  std::vector<mg_server_port> bound(addresses_.size());
  const int count = mg_get_server_ports(context_, static_cast<int>(bound.size()), bound.data());
  for (std::size_t i = 0; i < addresses_.size() && static_cast<int>(i) < count; ++i) {
    if (addresses_[i].starts_with("unix:")) break;
    ports_.push_back(bound[i].port);
    addresses_[i] = fmt::format("{}:{}", addresses_[i].substr(0, addresses_[i].rfind(':')), bound[i].port);
  }
}

int HttpServer::Impl::OnOpen(const mg_connection* connection, void** data) {
  std::unique_ptr<ServedConnection> served = Of(connection).TakeOver(fleet_civetweb_socket(connection));
  const std::string& unread = served->connection->unread;
  fleet_civetweb_preload(connection, unread.data(), static_cast<int>(unread.size()));
  *data = served.release();
  return 0;
}

void HttpServer::Impl::OnClose(const mg_connection* connection) {
  const std::unique_ptr<ServedConnection> served(&Served(connection));
  fleet_civetweb_release(connection);
  Of(connection).room_.Return(std::move(served->connection), served->afterwards);
}

// What CivetWeb could not parse.
int HttpServer::Impl::OnError(mg_connection* connection, int status, const char* message) {
  Of(connection).options_.refused(status);
  RefuseUnread(Served(connection), status, message);
  return 0;
}

int HttpServer::Impl::OnMessage(const mg_connection* connection, const char* message) {
  Impl& server = Of(connection);
  {
    const std::lock_guard lock(server.start_mutex_);
    if (server.starting_) {
      if (server.start_message_.empty()) server.start_message_ = message;
      return 1;
    }
  }
  server.options_.log(message);
  return 1;
}

int HttpServer::Impl::OnRequest(mg_connection* connection) {
  Impl& server = Of(connection);
  fleet_civetweb_close_after_answer(connection);  // the next request may go to another thread
  ++server.running_;
  int status = 500;
  try {
    status = server.Serve(connection);
  } catch (const std::exception& error) {  // of a stream, when the head was out
    server.options_.log(fmt::format("answer cut off: {}", error.what()));
  } catch (...) {
    server.options_.log("answer cut off: unknown exception");
  }
  --server.running_;
  server.GoOn(connection);
  return status;
}

// The thread keeps a connection whose client asks again at once.
void HttpServer::Impl::GoOn(mg_connection* connection) {
  ServedConnection& served = Served(connection);
  if (served.afterwards != Afterwards::kNextRequest || served.connection->slow || room_.scarce()) return;
  bool has_next = false;
  if (++lingering_ <= options_.threads / 4)
    has_next = served.AwaitNextRequest(options_.next_request_patience);
  --lingering_;
  const std::string& unread = served.connection->unread;
  if (draining_ && unread.empty()) served.afterwards = Afterwards::kClose;
  if (!has_next) return;
  if (!options_.may_stay(*served.connection)) {
    served.afterwards = Afterwards::kClose;
    return;
  }
  fleet_civetweb_go_on(connection, unread.data(), static_cast<int>(unread.size()));
}

int HttpServer::Impl::Serve(mg_connection* connection) {
  HttpExchange exchange(connection, Served(connection), options_);
  if (exchange.refused()) {
    const RefusedHead& refused = *exchange.refused();
    options_.refused(refused.status);
    exchange.Answer(HttpResponse::Text(refused.status, fmt::format("{}\n", refused.text)), true);
    return refused.status;
  }
  if (draining_) {
    options_.refused(503);
    exchange.Answer(HttpResponse::Text(503, "shutting down\n"), true);
    return 503;
  }
  const HttpResponse response = Handle(exchange);
  exchange.Answer(response, draining_);
  return response.status;
}

HttpResponse HttpServer::Impl::Handle(HttpRequest& request) {
  try {
    return handler_(request);
  } catch (const std::exception& error) {
    options_.log(fmt::format("{} {}: {}", request.method, Printable(request.path), error.what()));
  } catch (...) {
    options_.log(fmt::format("{} {}: unknown exception", request.method, Printable(request.path)));
  }
  return HttpResponse::Text(500, "internal error\n");
}

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options, HttpHandler handler) {
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  if (const auto started = impl->Start(); !started) return tl::make_unexpected(started.error());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

void AcceptInto(void* server, int listener) { static_cast<HttpServer::Impl*>(server)->Accept(listener); }

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

const std::vector<std::string>& HttpServer::addresses() const { return impl_->addresses(); }
const std::vector<int>& HttpServer::ports() const { return impl_->ports(); }
void HttpServer::Drain() { impl_->Drain(); }
int HttpServer::running_requests() const { return impl_->running(); }

}  // namespace fleet

extern "C" void fleet_civetweb_take(void* user_data, int listener) { fleet::AcceptInto(user_data, listener); }
