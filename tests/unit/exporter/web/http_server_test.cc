#include "exporter/web/http_server.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <latch>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/exporter/web/raw_client.h"

namespace fleet {
namespace {

using test::Body;
using test::RawClient;
using test::StatusLine;
using namespace std::chrono_literals;

// Answers with what it was asked, so that a second request hidden in the first would show.
HttpResponse Echo(HttpRequest& request) {
  if (request.path == "/throw") throw std::runtime_error("handler broke");
  if (request.path == "/throw-int") throw 42;
  HttpResponse response = HttpResponse::Text(200, fmt::format("{} {}", request.method, request.path));
  if (request.path == "/stream") {
    response.body.clear();
    response.stream = [](const ByteSink& write) {
      write("first ");
      write("");
      write("second");
    };
  }
  if (request.path == "/broken-stream") {
    response.stream = [](const ByteSink& write) {
      write("first ");
      throw std::runtime_error("stream broke");
    };
  }
  if (request.path == "/body") {
    const auto body = request.ReadBody(100'000);
    if (!body) return HttpResponse::Text(body.error().status, body.error().text + "\n");
    response.body += fmt::format(" {}", body->size() > 100 ? std::to_string(body->size()) : *body);
  }
  return response;
}

struct Running {
  explicit Running(HttpServerOptions options = {}, HttpHandler handler = Echo) {
    if (options.listen_addresses.empty()) options.listen_addresses = {"127.0.0.1:0"};
    options.log = [this](std::string_view message) {
      const std::lock_guard lock(mutex);
      messages.emplace_back(message);
    };
    options.refused = [this](int status) { refused = status; };
    auto started = HttpServer::Start(options, std::move(handler));
    REQUIRE(started);
    server = std::move(*started);
  }
  int port() const { return server->ports().at(0); }
  std::string Exchange(std::string_view request) { return RawClient(port()).Exchange(request); }

  std::mutex mutex;
  std::vector<std::string> messages;
  std::atomic<int> refused{0};
  std::unique_ptr<HttpServer> server;  // last: its threads use the rest
};

std::string Get(std::string_view path, std::string_view headers = "") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n{}Connection: close\r\n\r\n", path, headers);
}

std::string Post(std::string_view headers, std::string_view rest) {
  return fmt::format("POST /body HTTP/1.1\r\nHost: x\r\n{}\r\n{}", headers, rest);
}

TEST_CASE("a request and its answer, whole") {
  Running running;
  const std::string answer = running.Exchange(Get("/a%20b?c=d"));
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\nDate: "));
  const std::string after_date = answer.substr(answer.find(" GMT\r\n") + 6);
  CHECK(after_date ==
        "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 10\r\nConnection: close\r\n\r\n"
        "GET /a%20b");
}

TEST_CASE("HEAD is answered like GET, without the body") {
  Running running;
  const std::string answer = running.Exchange("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(answer.find("Content-Length: 7\r\n") != std::string::npos);
  CHECK(Body(answer) == "");
}

TEST_CASE("streams are chunked, for HTTP/1.0 ended by the end of the connection") {
  Running running;
  CHECK(Body(running.Exchange(Get("/stream"))) == "6\r\nfirst \r\n6\r\nsecond\r\n0\r\n\r\n");
  CHECK(Body(running.Exchange("GET /stream HTTP/1.0\r\n\r\n")) == "first second");
  CHECK(Body(running.Exchange("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")) == "first second");
}

TEST_CASE("exceptions end in a 500, in a stream in an unfinished one") {
  Running running;
  CHECK(Body(running.Exchange(Get("/throw"))) == "internal error\n");
  CHECK(StatusLine(running.Exchange(Get("/throw-int"))) == "HTTP/1.1 500 Internal Server Error");
  CHECK(Body(running.Exchange("GET /broken-stream HTTP/1.1\r\nHost: x\r\n\r\n")) == "6\r\nfirst ");
  CHECK(Body(running.Exchange(Get("/alive"))) == "GET /alive");
  const std::lock_guard lock(running.mutex);
  CHECK(running.messages == std::vector<std::string>{"GET /throw: handler broke",
                                                     "GET /throw-int: unknown exception",
                                                     "answer cut off: stream broke"});
}

TEST_CASE("a connection serves several requests, pipelined too") {
  Running running;
  RawClient client(running.port());
  client.Send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(Body(client.ReadUntil("GET /one")) == "GET /one");
  client.Send("\r\n\r\n" + Post("Content-Length: 3\r\n", "abc") + "\r\n" + Get("/three"));
  const std::string answers = client.ReadToEnd();
  CHECK(answers.find("POST /body abc") != std::string::npos);
  CHECK(answers.find("GET /three") != std::string::npos);
}

TEST_CASE("a connection that asks again at once keeps its thread") {
  HttpServerOptions options;
  options.threads = 4;
  options.next_request_patience = 60s;
  std::mutex mutex;
  std::set<std::thread::id> threads;
  Running running(options, [&](HttpRequest& request) {
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
    return Echo(request);
  });
  RawClient client(running.port());
  client.Send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(Body(client.ReadUntil("GET /one")) == "GET /one");
  client.Send("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na");
  client.Send("bcGET /two HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.ReadUntil("GET /two").find("POST /body abc") != std::string::npos);
  client.Send(Post("Transfer-Encoding: chunked\r\n", "1\r\nd\r\n0\r\n\r\n"));
  CHECK(Body(client.ReadUntil("body d")) == "POST /body d");
  client.Send("GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(client.ReadToEnd().ends_with("0\r\n\r\n"));
  const std::lock_guard lock(mutex);
  CHECK(threads.size() == 1);
}

TEST_CASE("a thread that waits for the next request leaves what is no request to the others") {
  HttpServerOptions options;
  options.threads = 4;
  options.next_request_patience = 60s;
  options.head_deadline = 200ms;
  std::atomic<bool> may_stay = true;
  options.may_stay = [&](const Connection&) { return may_stay.load(); };
  Running running(options);
  RawClient nonsense(running.port());
  nonsense.Send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(Body(nonsense.ReadUntil("GET /one")) == "GET /one");
  CHECK(StatusLine(nonsense.Exchange("\x01\r\n\r\n")) == "HTTP/1.1 400 Bad Request");
  RawClient gone(running.port());
  gone.Send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(Body(gone.ReadUntil("GET /one")) == "GET /one");
  may_stay = false;
  CHECK(gone.Exchange("GET /two HTTP/1.1\r\nHost: x\r\n\r\n").empty());
}

TEST_CASE("bodies: sized, chunked, empty, split over packets") {
  Running running;
  CHECK(Body(running.Exchange(Post("Content-Length: 5\r\nConnection: close\r\n", "hello"))) ==
        "POST /body hello");
  CHECK(Body(running.Exchange(Post("Connection: close\r\n", ""))) == "POST /body ");
  CHECK(Body(running.Exchange(Post("Transfer-Encoding: chunked\r\nConnection: close\r\n",
                                   "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))) == "POST /body abcde");
  RawClient client(running.port());
  client.Send(Post("Content-Length: 100000\r\nConnection: close\r\n", std::string(50'000, 'a')));
  CHECK(Body(client.Exchange(std::string(50'000, 'b'))) == "POST /body 100000");
}

TEST_CASE("Expect: 100-continue is answered before the body, other expectations with 417") {
  Running running;
  RawClient client(running.port());
  client.Send(Post("Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n", ""));
  CHECK(client.ReadUntil("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(Body(client.Exchange("ok")) == "POST /body ok");
  CHECK(StatusLine(running.Exchange(Post("Content-Length: 200000\r\nExpect: 100-continue\r\n", ""))) ==
        "HTTP/1.1 413 Content Too Large");
  CHECK(StatusLine(running.Exchange(Post("Content-Length: 2\r\nExpect: wonders\r\n", "ok"))) ==
        "HTTP/1.1 417 Expectation Failed");
}

TEST_CASE("bodies over the limit get 413, sized, chunked or endless") {
  Running running;
  CHECK(StatusLine(running.Exchange(Post("Content-Length: 100001\r\n", std::string(100'001, 'a')))) ==
        "HTTP/1.1 413 Content Too Large");
  RawClient client(running.port());
  client.Send(Post("Transfer-Encoding: chunked\r\n", ""));
  const std::string chunk = "1000\r\n" + std::string(4096, 'x') + "\r\n";
  int chunks = 0;
  while (chunks < 10'000 && client.Send(chunk)) ++chunks;
  CHECK(chunks < 10'000);
}

TEST_CASE("the answer to a body that is not read arrives, and the connection ends") {
  Running running;
  for (int i = 0; i < 20; ++i) {
    const std::string answer = running.Exchange(
        "POST /ignored HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'z'));
    CHECK(Body(answer) == "POST /ignored");
    CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  }
}

TEST_CASE("malformed chunks get 400") {
  Running running;
  for (const char* body : {"zz\r\nabc\r\n0\r\n\r\n", "3\r\nabcX", "-1\r\n\r\n", "\r\n\r\n", "3\r\nab"}) {
    CAPTURE(body);
    RawClient client(running.port());
    client.Send(Post("Transfer-Encoding: chunked\r\n", body));
    client.EndSending();
    CHECK(StatusLine(client.ReadToEnd()) == "HTTP/1.1 400 Bad Request");
  }
}

TEST_CASE("heads that two parties could read differently are refused, and the connection with them") {
  Running running;
  struct Row {
    std::string head;
    int status;
  };
  std::string many;
  for (int i = 0; i < 70; ++i) many += fmt::format("X-{}: y\r\n", i);
  const std::vector<Row> rows = {
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
      {"Content-Length: 5, 5\r\n", 400},
      {"Content-Length: +5\r\n", 400},
      {"Content-Length: 0x5\r\n", 400},
      {"Content-Length: 5a\r\n", 400},
      {"Content-Length: 99999999999999999999\r\n", 400},
      {"Content-Length : 5\r\n", 400},
      {"Content-Length:\r\n", 411},
      {"Content-Length: -5\r\n", 411},
      {"Transfer-Encoding: identity\r\nContent-Length: 5\r\n", 400},
      {"Transfer-Encoding: gzip, chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding : chunked\r\n", 400},
      {"X: folded\r\n line\r\nContent-Length: 5\r\n", 400},
      {"X: y\r\n Content-Length: 5\r\n", 400},
      {"Host: other\r\n", 400},
      {many + "Content-Length: 5\r\n", 431},
  };
  for (const Row& row : rows) {
    CAPTURE(row.head);
    const std::string answers = running.Exchange(Post(row.head, "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"));
    CHECK(answers.starts_with(fmt::format("HTTP/1.1 {} ", row.status)));
    CHECK(answers.find("hidden") == std::string::npos);
    CHECK(answers.find("HTTP/1.1", 1) == std::string::npos);
  }
  CHECK(running.refused == 431);
  CHECK(running.Exchange("POST /body HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            .starts_with("HTTP/1.1 400"));
  CHECK(running.Exchange("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400"));
  CHECK(running.Exchange("GET / HTTP/1.1\r\n Host: x\r\n\r\n").starts_with("HTTP/1.1 400"));
  CHECK(running.Exchange("GET / HTTP/2.0\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 505"));
  CHECK(running.Exchange("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n").starts_with("HTTP/1.1 431"));
  for (const char* begin : {"nonsense", "OPTIONS *", "GET http://x/", " GET /", "\t\r\n\r\nGET /"}) {
    CAPTURE(begin);
    const std::string answers = running.Exchange(fmt::format("{} HTTP/1.1\r\nHost: x\r\n\r\n", begin));
    CHECK((answers.starts_with("HTTP/1.1 400") && answers.find("HTTP/1.1", 1) == std::string::npos));
  }
}

TEST_CASE("63 headers are read to the last") {
  Running running;
  std::string headers;
  for (int i = 0; i < 61; ++i) headers += fmt::format("X-{}: y\r\n", i);
  CHECK(Body(running.Exchange(Get("/a", headers))) == "GET /a");
  CHECK(StatusLine(running.Exchange(Get("/a", headers + "X: y\r\n"))) ==
        "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_CASE("a body that trickles ends with 408 at the deadline of the whole body") {
  HttpServerOptions options;
  options.body_deadline = 300ms;
  Running running(options);
  RawClient client(running.port());
  client.Send(Post("Content-Length: 1000\r\n", ""));
  std::string answer;
  const auto begin = std::chrono::steady_clock::now();
  std::thread trickle([&] {
    while (client.Send("x") && std::chrono::steady_clock::now() - begin < 5s)
      std::this_thread::sleep_for(20ms);
  });
  answer = client.ReadUntil("too long");
  trickle.join();
  CHECK(StatusLine(answer) == "HTTP/1.1 408 Request Timeout");
  CHECK(std::chrono::steady_clock::now() - begin < 4s);
}

TEST_CASE("a client that does not read its answer is cut off") {
  HttpServerOptions options;
  options.answer_deadline = 300ms;
  std::atomic<bool> cut{false};
  Running running(options, [&](HttpRequest&) {
    HttpResponse response;
    response.stream = [&](const ByteSink& write) {
      const std::string chunk(1U << 20U, 'x');
      while (write(chunk)) {
      }
      cut = true;
    };
    return response;
  });
  RawClient client(running.port());
  client.Send(Get("/"));
  for (int i = 0; i < 100 && !cut; ++i) std::this_thread::sleep_for(50ms);
  CHECK(cut);
}

TEST_CASE("silent connections do not stop a request") {
  HttpServerOptions options;
  options.threads = 4;
  Running running(options);
  std::vector<RawClient> silent;
  for (int i = 0; i < 12; ++i) {
    silent.emplace_back(running.port());
    if (i % 3 == 1) silent.back().Send("GET /half HTTP/1.1\r\nHos");
    if (i % 3 == 2) {
      silent.back().Send("GET /kept HTTP/1.1\r\nHost: x\r\n\r\n");
      CHECK(Body(silent.back().ReadUntil("GET /kept")) == "GET /kept");
    }
  }
  const auto begin = std::chrono::steady_clock::now();
  CHECK(Body(running.Exchange(Get("/a"))) == "GET /a");
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
}

TEST_CASE("one thread serves many while hundreds are silent or trickle") {
  HttpServerOptions options;
  options.threads = 1;
  Running running(options);
  std::vector<RawClient> silent;
  for (int i = 0; i < 200; ++i) {
    silent.emplace_back(running.port());
    if (i % 2 == 0) silent.back().Send("GET /half HTTP/1.1\r\nHos");
  }
  for (int i = 0; i < 20; ++i) {
    silent[static_cast<std::size_t>(i) * 2].Send("t");
    CHECK(Body(running.Exchange(Get("/a"))) == "GET /a");
  }
}

TEST_CASE("the head of a request has a deadline as a whole") {
  HttpServerOptions options;
  options.head_deadline = 200ms;
  Running running(options);
  RawClient silent(running.port()), half(running.port());
  half.Send("GET /half HTTP/1.1\r\nHos");
  CHECK(StatusLine(half.ReadToEnd()) == "HTTP/1.1 408 Request Timeout");
  CHECK(silent.ReadToEnd() == "");
  CHECK(running.refused == 408);
}

TEST_CASE("beyond the most connections, the one that is silent for longest goes") {
  HttpServerOptions options;
  options.max_connections = 4;
  Running running(options);
  std::vector<RawClient> silent;
  for (int i = 0; i < 4; ++i) {
    silent.emplace_back(running.port());
    silent.back().Send("GET /" + std::to_string(i));
    // Each is in before the next one comes.
    CHECK(Body(RawClient(running.port()).Exchange(Get("/a"))) == "GET /a");
  }
  RawClient last(running.port());
  last.Send("GET /last HTTP/1.1\r\nHost: x\r\n");
  CHECK(silent[0].ReadToEnd() == "");
  last.Send("Connection: close\r\n\r\n");
  CHECK(Body(last.ReadToEnd()) == "GET /last");
}

TEST_CASE("idle connections give way to one that is new") {
  HttpServerOptions options;
  options.max_connections = 2;
  options.threads = 1;  // the first one is idle again before the second one is answered
  Running running(options);
  std::vector<RawClient> idle;
  for (int i = 0; i < 2; ++i) {
    idle.emplace_back(running.port());
    idle.back().Send("GET /kept HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(Body(idle.back().ReadUntil("GET /kept")) == "GET /kept");
  }
  RawClient late(running.port());
  late.Send("GET /late HTTP/1.1\r\nHost: x\r\n");
  CHECK(idle[0].ReadToEnd() == "");
  late.Send("Connection: close\r\n\r\n");
  CHECK(Body(late.ReadToEnd()) == "GET /late");
}

TEST_CASE("when no thread is free for too long, the answer says when to come back") {
  HttpServerOptions options;
  options.threads = 1;
  options.thread_patience = 100ms;
  options.overload_status = 429;
  std::latch begun(1), go_on(1);
  Running running(options, [&](HttpRequest& request) {
    if (request.path == "/slow") {
      begun.count_down();
      go_on.wait();
    }
    return HttpResponse::Text(200, "done");
  });
  RawClient slow(running.port());
  slow.Send(Get("/slow"));
  begun.wait();
  const std::string answer = running.Exchange(Get("/a"));
  CHECK(StatusLine(answer) == "HTTP/1.1 429 Too Many Requests");
  CHECK(answer.find("\r\nRetry-After: 1\r\n") != std::string::npos);
  CHECK(running.refused == 429);
  go_on.count_down();
  CHECK(Body(slow.ReadToEnd()) == "done");
}

TEST_CASE("a taken address, a wrong one and a foreign one are named") {
  Running running;
  const std::string taken = fmt::format("127.0.0.1:{}", running.port());
  const auto error = [](std::vector<std::string> addresses) {
    HttpServerOptions options;
    options.listen_addresses = std::move(addresses);
    const auto started = HttpServer::Start(options, Echo);
    return started ? "started" : started.error().message;
  };
  CHECK(error({taken}) == fmt::format("cannot listen on {}: address already in use", taken));
  CHECK(error({"127.0.0.1:0", taken}) == fmt::format("cannot listen on {}: address already in use", taken));
  CHECK(error({"192.0.2.1:0"}) == "cannot listen on 192.0.2.1:0: cannot assign requested address");
  CHECK(error({"127.0.0.1"}) == "'127.0.0.1' is no address: expected [HOST]:PORT or unix:/PATH");
  CHECK(error({"unix:/nowhere/at/all.sock"}) ==
        "cannot listen on unix:/nowhere/at/all.sock: no such file or directory");
  CHECK(error({}) == "no address to listen on");
}

TEST_CASE("several addresses at once, with their real ports, a dead socket replaced") {
  const std::string path = fmt::format("/tmp/http_server_test.{}.sock", getpid());
  HttpServerOptions options;
  options.listen_addresses = {"unix:" + path, "127.0.0.1:0", "[::1]:0", ":0"};
  for (int round = 0; round < 2; ++round) {
    Running running(options);
    const auto& ports = running.server->ports();
    REQUIRE(ports.size() == 3);
    CHECK(running.server->addresses() ==
          std::vector<std::string>{fmt::format("127.0.0.1:{}", ports[0]), fmt::format("[::1]:{}", ports[1]),
                                   fmt::format(":{}", ports[2]), "unix:" + path});
    CHECK(Body(RawClient(ports[2]).Exchange(Get("/any"))) == "GET /any");
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
    curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl.get(), CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_URL, fmt::format("http://[::1]:{}/", ports[1]).c_str());
    CHECK(curl_easy_perform(curl.get()) == CURLE_OK);
    curl_easy_setopt(curl.get(), CURLOPT_UNIX_SOCKET_PATH, path.c_str());
    CHECK(curl_easy_perform(curl.get()) == CURLE_OK);
  }
}

TEST_CASE("draining: running requests end well, new ones get 503, idle connections end") {
  std::latch begun(1), go_on(1);
  Running running({}, [&](HttpRequest& request) {
    if (request.path == "/slow") {
      begun.count_down();
      go_on.wait();
    }
    return HttpResponse::Text(200, "done");
  });
  RawClient idle(running.port());
  idle.Send("GET /kept HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.ReadUntil("done");
  RawClient slow(running.port());
  slow.Send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  begun.wait();
  running.server->Drain();
  while (running.server->running_requests() != 1) std::this_thread::yield();  // the idle one has ended
  CHECK(idle.ReadToEnd() == "");
  CHECK(StatusLine(running.Exchange(Get("/new"))) == "HTTP/1.1 503 Service Unavailable");
  go_on.count_down();
  const std::string answer = slow.ReadToEnd();
  CHECK(Body(answer) == "done");
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  while (running.server->running_requests() > 0) std::this_thread::yield();
}

}  // namespace
}  // namespace fleet
