#include "rulegen/policy/template.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>

namespace fleet::rulegen {
namespace {

// What promtool 2.42 takes of these is written there, and what it refuses below.
TEST_CASE("templates that Prometheus takes are taken") {
  for (const char* text : {
           "",
           "no template",
           "{{ $labels.queue }} at {{ $value | humanize }}",
           "{{- $value -}}",
           "{{/* c */}}{{- /* c */ -}}",
           "{{ $value }}}",
           "{{ $labels.a.b }}",
           "{{ if $value }}a{{ else if $labels.x }}b{{ else }}c{{ end }}",
           "{{ range query \"up\" }}{{ . }}{{ break }}{{ end }}",
           "{{ range $i, $v := query \"up\" }}{{ $i }}{{ $v.Value }}{{ end }}",
           "{{ $x := 1 }}{{ $x }}{{ $x = 2 }}",
           "{{ with printf `a{b=%q}` $labels.c | query }}{{ . | first | value }}{{ else }}-{{ end }}",
           "{{ $value | $labels.x }}",
           "{{ $value | }}",
           "{{ (humanize $value) | title }}",
           "{{ humanize ($value | len) }}",
           "{{ $value\n | humanize }}",
           "{{ 1.5e3 }}{{ 0x1F }}{{ -5 }}{{ 'a' }}{{ true }}{{ nil }}{{ .Value }}{{ $ }}{{ $.Value }}",
           "{{ \"a\\\"}}\" }}",
           "{{ `}}` }}",
       }) {
    INFO(text);
    CHECK(TemplateError(text, false).value_or("") == "");
  }
}

TEST_CASE("templates that Prometheus refuses are refused with the reason") {
  for (const auto& [text, error] : {
           std::pair{"{{ }}", "a template has no value"},
           {"{{{ $value }}", "unexpected '{'"},
           {"{{ $value", "'{{' has no '}}'"},
           {"{{ $lables.x }}", "unknown variable '$lables', did you mean '$labels'?"},
           {"{{ $value | humanise }}", "unknown function 'humanise', did you mean 'humanize'?"},
           {"{{ if }}x{{ end }}", "'if' has no value"},
           {"{{ if $value }}x", "'{{ if }}' has no '{{ end }}'"},
           {"{{ end }}", "'end' ends nothing"},
           {"{{ else }}", "'else' without an 'if'"},
           {"{{ if $value }}a{{ else }}b{{ else }}c{{ end }}", "'else' without an 'if'"},
           {"{{ if $value }}a{{ else humanize }}b{{ end }}", "unexpected 'humanize'"},
           {"{{ with 5 }}a{{ else with 6 }}b{{ end }}", "unexpected 'with'"},
           {"{{ break }}", "'break' stands outside of a 'range'"},
           {"{{ range $i, $v := query `up` }}{{ end }}{{ $i }}", "unknown variable '$i'"},
           {"{{ $a, $b := 1 }}", "too many variables are declared at once"},
           {"{{ $x = 1 }}", "unknown variable '$x'"},
           {"{{ $value | 5 }}", "5 stands behind a pipe, and is no function"},
           {"{{ | humanize }}", "unexpected '|'"},
           {"{{ \"a }}", "the quote \" is not closed"},
           {"{{ \"a\nb\" }}", "the quote \" is not closed"},
           {"{{ `a", "the quote ` is not closed"},
           {"{{ \"a\".x }}", "unexpected '.' behind a text"},
           {"{{ /* c */ }}", "unexpected '/'"},
           {"{{/* c }}", "a comment is not closed"},
           {"{{-$value}}", "unexpected '-'"},
           {"{{ ($value }}", "'(' has no ')'"},
           {"{{ $value) }}", "unexpected ')'"},
           {"{{ () }}", "a bracket has no value"},
           {"{{ %a }}", "unexpected '%'"},
           {"{{ humanize, }}", "unexpected ','"},
           {"{{ .. }}", "unexpected '.'"},
           {"a }} b", "'}}' closes what nothing opened"},
           {"{{ now }}", "Prometheus 2.42 does not know the function 'now'"},
       }) {
    INFO(text);
    CHECK(TemplateError(text, false).value_or("") == error);
  }
}

TEST_CASE("functions that are new are known to a newer Prometheus") {
  CHECK_FALSE(TemplateError("{{ now | humanizeTimestamp }}", true).has_value());
}

TEST_CASE("a million brackets are an error") {
  CHECK(TemplateError("{{ " + std::string(1'000'000, '('), false) == "'{{' has no '}}'");
  CHECK(TemplateError("{{ " + std::string(1'000'000, '(') + " }}", false) ==
        "more than 100 brackets are open");
}

}  // namespace
}  // namespace fleet::rulegen
