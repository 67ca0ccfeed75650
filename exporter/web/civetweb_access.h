// The C functions of civetweb_access.c.
#pragma once

#include <civetweb.h>

extern "C" {
void fleet_civetweb_take(void* user_data, int listener);  // implemented by http_server.cc
void fleet_civetweb_serve(mg_context* context, int socket_number);
int fleet_civetweb_socket(const mg_connection* connection);
void fleet_civetweb_preload(const mg_connection* connection, const char* bytes, int size);
int fleet_civetweb_behind_head(const mg_connection* connection, const char** bytes);
void fleet_civetweb_release(const mg_connection* connection);
void fleet_civetweb_close_after_answer(mg_connection* connection);
int fleet_civetweb_go_on(mg_connection* connection, const char* bytes, int size);
int fleet_civetweb_head_length(const char* bytes, int size);
}
