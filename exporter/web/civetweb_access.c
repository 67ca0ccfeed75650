// CivetWeb, and what its interface lacks: accepting can be taken over, a connection can be handed to a
// worker with the bytes that have been read of it already, and taken back. All members used here have
// been there since 1.8; should they go, this file does not compile.
#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

struct mg_context;

// A client that finds the queue full tries again a second later: it has the system's length. That the
// sockets do not block lets fleet_civetweb_take empty it; connections inherit the other option.
static int fleet_listen(int listener) {
  const int on = 1;
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // a Unix socket has none and needs none
  if (fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK) != 0) return -1;
  return listen(listener, SOMAXCONN);
}

// Takes connections of the listening socket and keeps them. `user_data` is that of mg_start.
void fleet_civetweb_take(void* user_data, int listener);

// CivetWeb's master thread passes over accept when it fails.
static int fleet_take(void* user_data, int listener) {
  fleet_civetweb_take(user_data, listener);
  return -1;
}
#define accept(listener, address, length) fleet_take(ctx->user_data, (listener))
#define listen(listener, backlog) fleet_listen(listener)
// As in the locale "C", which is ours. It asks this of each character of a head three times: as a call to the
// library that was a sixth of our work for a request with one event.
#undef isprint
#define isprint(character) ((unsigned)(character)-0x20U < 0x5fU)
#include "civetweb.c"
#undef isprint
#undef accept
#undef listen

// Queues a connection for the next free worker. Blocks when the queue is full.
void fleet_civetweb_serve(struct mg_context* context, int socket_number) {
  struct socket accepted;
  socklen_t length = sizeof accepted.rsa;
  memset(&accepted, 0, sizeof accepted);
  accepted.sock = socket_number;
  (void)getpeername(socket_number, &accepted.rsa.sa, &length);
  length = sizeof accepted.lsa;
  (void)getsockname(socket_number, &accepted.lsa.sa, &length);
  produce_socket(context, &accepted);
}

int fleet_civetweb_socket(const struct mg_connection* connection) { return connection->client.sock; }

// In init_connection only: the connection begins with these bytes, at most 16 KiB.
void fleet_civetweb_preload(const struct mg_connection* connection, const char* bytes, int size) {
  struct mg_connection* opened = (struct mg_connection*)connection;
  if (size > opened->buf_size) size = opened->buf_size;
  memcpy(opened->buf, bytes, (size_t)size);
  opened->data_len = size;
}

// The bytes that follow the head of the request being handled; returns how many there are.
int fleet_civetweb_behind_head(const struct mg_connection* connection, const char** bytes) {
  *bytes = connection->buf + connection->request_len;
  return connection->data_len - connection->request_len;
}

// In connection_close only: the socket is not CivetWeb's any more.
void fleet_civetweb_release(const struct mg_connection* connection) {
  ((struct mg_connection*)connection)->client.sock = INVALID_SOCKET;
}

void fleet_civetweb_close_after_answer(struct mg_connection* connection) { connection->must_close = 1; }

// At the end of begin_request only: the worker goes on with a request that begins with these bytes. Returns
// 0, and changes nothing, when they do not fit behind the head of the one before. CivetWeb looks at that
// head once more, and then moves what is behind it to the front.
int fleet_civetweb_go_on(struct mg_connection* connection, const char* bytes, int size) {
  if (size > connection->buf_size - connection->request_len) return 0;
  memcpy(connection->buf + connection->request_len, bytes, (size_t)size);
  connection->data_len = connection->request_len + size;
  connection->content_len = 0;
  connection->consumed_content = 0;
  connection->is_chunked = 0;
  connection->must_close = 0;
  return 1;
}

// Length of the head at the start of `bytes`: 0 when it is incomplete, -1 when it cannot be one.
int fleet_civetweb_head_length(const char* bytes, int size) { return get_http_header_len(bytes, size); }
