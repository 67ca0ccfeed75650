// CivetWeb, and the two things its interface lacks: the socket of a connection, so that a deadline can
// end it, and "close after this answer". Both members have been there since 1.8; should they go, this
// file does not compile.
#include "civetweb.c"

int fleet_civetweb_socket(const struct mg_connection* connection) { return connection->client.sock; }

void fleet_civetweb_close_after_answer(struct mg_connection* connection) { connection->must_close = 1; }
