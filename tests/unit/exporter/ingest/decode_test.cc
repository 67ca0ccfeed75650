#include "exporter/ingest/decode.h"

#include <catch2/catch.hpp>
#include <string>

using fleet::BodyFormat;
using fleet::DecodedBody;
using fleet::Decoder;
using fleet::Event;
using fleet::Field;
using fleet::IngestLimits;
using fleet::UnixMillis;

namespace {

constexpr UnixMillis kNow{5000};

std::string EventJson(const std::string& type, const std::string& data) {
  return R"({"specversion":"1.0","id":"1","source":"s","type":"fleet.)" + type + R"(","data":)" + data + "}";
}

// What is said of a single event: its refusal, the error of the body, or nothing.
std::string Verdict(const std::string& body) {
  Decoder decoder;
  const DecodedBody& decoded = decoder.Decode(BodyFormat::kCloudEvent, body, IngestLimits{}, kNow);
  if (!decoded.error.empty()) {
    CHECK(decoded.events.empty());
    CHECK(decoded.refused.empty());
    return "body: " + decoded.error;
  }
  if (decoded.refused.empty()) return "";
  CHECK(decoded.events.empty());
  return decoded.refused[0].refusal.text;
}

std::string Batch(const std::vector<std::string>& elements) {
  std::string body = "[";
  for (const std::string& element : elements) body += (body.size() > 1 ? ",\n" : "") + element;
  return body + "]";
}

const std::string kGood = EventJson("run.created", R"({"run_id":"r"})");

}  // namespace

TEST_CASE("a CloudEvent becomes an event with all it carries") {
  Decoder decoder;
  DecodedBody& decoded =
      decoder.Decode(BodyFormat::kCloudEvent,
                     R"({"specversion":"1.0","id":"i-1","source":"/a","type":"fleet.component.state",
          "time":"1970-01-01T00:00:02Z","datacontenttype":"application/json","extra":{"deep":[1,{"x":null}]},
          "data":{"component":"api","up":true,"version":"1.\u0030","memory_bytes":1e3,"count":2,"weight":4,
                  "trace_id":"abc","stream_connections":{"sse":1,"websocket":2},"unknown":[1,2]}})",
                     IngestLimits{}, kNow);
  REQUIRE(decoded.error == "");
  REQUIRE(decoded.events.size() == 1);
  const Event& event = decoded.events[0];
  CHECK(event.type->name == "component.state");
  CHECK(event.id == "i-1");
  CHECK(event.source == "/a");
  CHECK(event.time.value == 2000);
  CHECK(event.count == 2);
  CHECK(event.weight == 4);
  CHECK(event.trace_id == "abc");
  CHECK(event.Text(Field::kComponent) == "api");
  CHECK(event.Text(Field::kVersion) == "1.0");
  CHECK(event.Bool(Field::kUp) == true);
  CHECK(event.Number(Field::kMemoryBytes) == 1000);
  REQUIRE(event.values().size() == 6);
  CHECK(event.values()[4].text == "sse");
  CHECK(event.values()[5].text == "websocket");
  CHECK(event.values()[5].number == 2);
}

TEST_CASE("members may come in any order, data before the type that gives it meaning") {
  CHECK(
      Verdict(
          R"({"data":{"run_id":"r"},"type":"fleet.run.created","source":"s","id":"1","specversion":"1.0"})") ==
      "");
  CHECK(
      Verdict(
          R"({"data":{"run_id":5.5},"type":"fleet.run.created","source":"s","id":"1","specversion":"1.0"})") ==
      "data.run_id: must be a string, not a number");
}

TEST_CASE("without a time an event is of now, null is as if not there") {
  Decoder decoder;
  DecodedBody& decoded = decoder.Decode(
      BodyFormat::kCloudEvent,
      R"({"specversion":"1.0","id":"1","source":"s","type":"fleet.queue.enqueued","time":null,)"
      R"("data":{"queue":"q","count":null}})",
      IngestLimits{}, kNow);
  REQUIRE(decoded.events.size() == 1);
  CHECK(decoded.events[0].time == kNow);
  CHECK(decoded.events[0].count == 1);
}

TEST_CASE("times in data are RFC 3339 or unix seconds") {
  const auto start_time = [](const std::string& time) {
    Decoder decoder;
    const std::string data = R"({"worker_id":"w","worker_type":"t","start_time":)" + time + "}";
    const auto& decoded =
        decoder.Decode(BodyFormat::kCloudEvent, EventJson("worker.heartbeat", data), IngestLimits{}, kNow);
    REQUIRE(decoded.events.size() == 1);
    return decoded.events[0].Time(Field::kStartTime)->value;
  };
  CHECK(start_time("1700000000.25") == 1700000000250);
  CHECK(start_time(R"("2023-11-14T22:13:20.25Z")") == 1700000000250);
}

TEST_CASE("labels of a custom metric and the buckets of a histogram are read") {
  Decoder decoder;
  DecodedBody& decoded =
      decoder.Decode(BodyFormat::kCloudEvent,
                     EventJson("custom", R"({"name":"x","labels":{"a":"\u0031","b":"2"},"bounds":[0.5, 1e0],
                              "counts":[ 1,2,3 ],"sum":4})"),
                     IngestLimits{}, kNow);
  REQUIRE(decoded.events.size() == 1);
  const Event& event = decoded.events[0];
  CHECK(event.count == 6);  // of the counts
  CHECK(event.Text(Field::kBounds) == "0.5,1e0");
  CHECK(event.Text(Field::kCounts) == "1,2,3");
  CHECK(event.Number(Field::kSum) == 4.0);
  std::vector<std::string> labels;
  for (const fleet::FieldValue& value : event.values()) {
    if (value.field == Field::kLabels) labels.emplace_back(value.text);
  }
  CHECK(labels == std::vector<std::string>{"a", "1", "b", "2"});
}

TEST_CASE("what is wrong with labels and buckets is said in one sentence") {
  const auto custom = [](const std::string& data) {
    return Verdict(EventJson("custom", R"({"name":"x",)" + data + "}"));
  };
  CHECK(custom(R"("labels":{"a":1.5})") == "data.labels: must be a string, not a number");
  CHECK(custom(R"("labels":["a"])") == "data.labels: must be an object of strings, not an array");
  CHECK(custom(R"("labels":{"":"a"})") == "data.labels: must not be empty");
  CHECK(custom(R"("counts":5)") == "data.counts: must be an array of numbers, not a number");
  CHECK(custom(R"("counts":[1,"2"])") == "data.counts: must be an array of numbers, none of them negative");
  CHECK(custom(R"("counts":[-1])") == "data.counts: must be an array of numbers, none of them negative");
  CHECK(custom(R"("counts":[0,0])") == "data.counts: must add up to 1 to 1e9 observations");
  CHECK(custom(R"("counts":[1],"counts":[1])") == "data.counts: given twice");
  CHECK(custom(R"("counts":[1,,2])").starts_with("body: not valid JSON"));
  // A type without a histogram ignores them; one that needs a duration takes a histogram instead.
  CHECK(Verdict(EventJson("run.created", R"({"run_id":"r","counts":["x"]})")) == "");
  CHECK(Verdict(EventJson("agent.responded", R"({"tier":"t"})")) == "data.duration_seconds: missing");
  CHECK(Verdict(EventJson("agent.responded", R"({"tier":"t","bounds":[1],"counts":[1,0],"sum":1})")) == "");
}

TEST_CASE("a code may be written as a number") {
  Decoder decoder;
  const auto& decoded = decoder.Decode(
      BodyFormat::kCloudEvent, EventJson("api.call", R"({"api":"github","code":502})"), IngestLimits{}, kNow);
  REQUIRE(decoded.events.size() == 1);
  CHECK(decoded.events[0].Text(Field::kCode) == "502");
}

TEST_CASE("what is wrong with the envelope is said in one sentence") {
  const std::string long_text(129, 'x');
  const struct {
    std::string body;
    std::string verdict;
  } kCases[] = {
      {R"({})", "specversion: missing"},
      {R"({"specversion":"0.3"})", R"(specversion: must be "1.0", not "0.3")"},
      {R"({"specversion":1.0})", "specversion: must be a string, not a number"},
      {R"({"specversion":"1.0"})", "id: missing"},
      {R"({"specversion":"1.0","id":null})", "id: missing"},
      {R"({"specversion":"1.0","id":""})", "id: must not be empty"},
      {R"({"specversion":"1.0","id":7})", "id: must be a string, not a number"},
      {R"({"specversion":"1.0","id":["7"]})", "id: must be a string, not an array"},
      {R"({"specversion":"1.0","id":"a","id":"b"})", "id: given twice"},
      {R"({"specversion":"1.0","id":")" + long_text + R"("})", "id: must have at most 128 bytes, not 129"},
      {R"({"specversion":"1.0","id":"a\u0007"})", "id: must not contain control characters"},
      {R"({"specversion":"1.0","id":"a"})", "source: missing"},
      {R"({"specversion":"1.0","id":"a","source":"s"})", "type: missing"},
      {R"({"specversion":"1.0","id":"a","source":"s","type":"run.created"})",
       R"(type: must begin with "fleet.", not be "run.created")"},
      {R"({"specversion":"1.0","id":"a","source":"s","type":"fleet.worker.hartbeat"})",
       R"(type: there is no "fleet.worker.hartbeat", did you mean "fleet.worker.heartbeat"?)"},
      {R"({"specversion":"1.0","id":"a","source":"s","type":"fleet.zzz"})",
       R"(type: there is no "fleet.zzz")"},
      {R"({"specversion":"1.0","id":"a","source":"s","type":"fleet.run.created","time":"yesterday","data":{}})",
       "time: must be an RFC 3339 time such as 2026-01-31T12:00:00Z"},
      {R"({"specversion":"1.0","id":"a","source":"s","type":"fleet.run.created"})", "data: missing"},
      {R"({"specversion":"1.0","id":"a","source":"s","type":"fleet.run.created","data":"x"})",
       "data: must be an object, not a string"},
      {R"({"specversion":"1.0","id":"a","source":"s","type":"fleet.run.created","data":{},"data":{}})",
       "data: given twice"},
      {R"({"specversion":"1.0","id":"a","source":"s","type":"fleet.run.created","data_base64":"eA=="})",
       "data: missing"},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.body);
    CHECK(Verdict(c.body) == c.verdict);
  }
}

TEST_CASE("what is wrong with the data is said in one sentence") {
  const std::string long_text(129, 'x');
  const std::string long_message(4097, 'x');
  const struct {
    std::string type;
    std::string data;
    std::string verdict;
  } kCases[] = {
      {"queue.processed", R"({"queue":"q"})", "data.outcome: missing"},
      {"queue.processed", R"({"queue":null,"outcome":"retried"})", "data.queue: missing"},
      {"queue.processed", R"({"queue":"","outcome":"retried"})", "data.queue: must not be empty"},
      {"queue.processed", R"({"queue":{},"outcome":"retried"})",
       "data.queue: must be a string, not an object"},
      {"queue.processed", R"({"queue":true,"outcome":"retried"})",
       "data.queue: must be a string, not a boolean"},
      {"queue.processed", R"({"queue":"q","queue":"r","outcome":"retried"})", "data.queue: given twice"},
      {"queue.processed", R"({"queue":"a\nb","outcome":"retried"})",
       "data.queue: must not contain control characters"},
      {"queue.processed", R"({"queue":")" + long_text + R"(","outcome":"retried"})",
       "data.queue: must have at most 128 bytes, not 129"},
      {"queue.processed", R"({"queue":"q","outcome":"retried","duration_seconds":"0.5"})",
       "data.duration_seconds: must be a number, not a string"},
      {"queue.processed", R"({"queue":"q","outcome":"retried","duration_seconds":-0.5})",
       "data.duration_seconds: must not be negative"},
      {"queue.processed", R"({"queue":"q","outcome":"retried","duration_seconds":1e16})",
       "data.duration_seconds: must be at most 1e15"},
      {"queue.processed", R"({"queue":"q","outcome":"retried","duration_seconds":1e999})",
       "data.duration_seconds: must be at most 1e15"},
      {"queue.processed", R"({"queue":"q","outcome":"retried","count":0})",
       "data.count: must be a whole number from 1 to 1e9"},
      {"queue.processed", R"({"queue":"q","outcome":"retried","count":1.5})",
       "data.count: must be a whole number from 1 to 1e9"},
      {"queue.processed", R"({"queue":"q","outcome":"retried","count":"2"})",
       "data.count: must be a number, not a string"},
      {"queue.processed", R"({"queue":"q","outcome":"retried","weight":0.1})",
       "data.weight: must be from 1 to 1e6"},
      {"queue.processed", R"({"queue":"q","outcome":"retried","trace_id":")" + long_text + R"("})",
       "data.trace_id: must have at most 64 bytes, not 129"},
      {"sandbox.cleanup", R"({"ok":"yes"})", "data.ok: must be true or false, not a string"},
      {"sandbox.cleanup", R"({"ok":1})", "data.ok: must be true or false, not a number"},
      {"backup.replicated", R"({"target":"kv","until":true})",
       "data.until: must be an RFC 3339 time or unix seconds, not a boolean"},
      {"backup.replicated", R"({"target":"kv","until":"now"})",
       "data.until: must be an RFC 3339 time such as 2026-01-31T12:00:00Z, or unix seconds"},
      {"backup.replicated", R"({"target":"kv","until":1700000000000})",
       "data.until: must be unix seconds, not milliseconds"},
      {"backup.replicated", R"({"target":"kv","until":-1})", "data.until: must not be negative"},
      {"db.state", R"({"database":"d","connections":5})",
       "data.connections: must be an object of numbers, not a number"},
      {"db.state", R"({"database":"d","connections":{"idle":"5"}})",
       R"(data.connections: "idle" must be a number, not a string)"},
      {"db.state", R"({"database":"d","connections":{"":5}})", "data.connections: must not be empty"},
      {"error", R"({"component":"c","message":")" + long_message + R"("})",
       "data.message: must have at most 4096 bytes, not 4097"},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.type, c.data);
    CHECK(Verdict(EventJson(c.type, c.data)) == c.verdict);
  }
}

TEST_CASE("fields the type does not have are ignored, whatever they hold") {
  CHECK(Verdict(EventJson("run.created",
                          R"({"run_id":"r","duration_seconds":"x","ok":[],"connections":{"a":{}}})")) == "");
  CHECK(Verdict(EventJson("error", R"({"component":"c","message":"two\nlines\tand a tab"})")) == "");
}

TEST_CASE("a body that is not JSON is refused as a whole, with the place") {
  const std::string deep_array = std::string(40, '[') + std::string(40, ']');
  const struct {
    std::string body;
    std::string verdict;
  } kCases[] = {
      {"", "body: the body is empty"},
      {" \n ", "body: the body is empty"},
      {"[]", "body: the body must be a JSON object"},
      {"5", "body: the body must be a JSON object"},
      {"nonsense", "body: the body must be a JSON object"},
      {"{", "body: not valid JSON: it does not end where it should"},
      {R"({"id":"1")", "body: not valid JSON: it does not end where it should"},
      {R"({"id":"1)", "body: not valid JSON: a string has no end"},
      {"{\"id\":\"a\nb\"}", "body: not valid JSON: a string contains a control character"},
      {R"({"id" "1"})", "body: not valid JSON at byte 6"},
      {R"({"id":"1",})", "body: not valid JSON at byte 10"},
      {R"({"id":NaN})", "body: not valid JSON at byte 6"},
      {R"({"id":01})", "body: not valid JSON at byte 6"},
      {R"({"id":tru})", "body: not valid JSON at byte 6"},
      {R"({"id":"\x"})", "body: not valid JSON at byte 6"},
      {R"({"unknown":[1 2]})", "body: not valid JSON at byte 14"},
      {R"({"unknown":{"a":1 "b":2}})", "body: not valid JSON at byte 18"},
      {R"({"data":{"unknown":[1,]}})", "body: not valid JSON at byte 22"},
      {R"({"id":"1"} {"id":"2"})", "body: not valid JSON at byte 11"},
      {R"({"id":"1"}})", "body: not valid JSON at byte 10"},
      {"{\"id\":\"\xff\"}", "body: not valid UTF-8 at byte 7"},
      {"{\"id\":\"\xc3\xa4\xed\xa0\x80\"}", "body: not valid UTF-8 at byte 9"},
      {R"({"x":)" + deep_array + "}", "body: JSON nested deeper than 16 levels"},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.body);
    CHECK(Verdict(c.body) == c.verdict);
  }
}

TEST_CASE("one bad event of a batch leaves the others") {
  Decoder decoder;
  const auto& decoded = decoder.Decode(BodyFormat::kCloudEventBatch,
                                       Batch({kGood, EventJson("run.created", "{}"), "5", "null", kGood}),
                                       IngestLimits{}, kNow);
  CHECK(decoded.error == "");
  CHECK(decoded.places == std::vector<std::size_t>{0, 4});
  REQUIRE(decoded.refused.size() == 3);
  CHECK(decoded.refused[0].index == 1);
  CHECK(decoded.refused[0].kind == "run");
  CHECK(decoded.refused[0].refusal.reason == "missing_field");
  CHECK(decoded.refused[0].refusal.text == "data.run_id: missing");
  CHECK(decoded.refused[1].index == 2);
  CHECK(decoded.refused[1].kind == "other");
  CHECK(decoded.refused[1].refusal.text == "the event must be an object, not a number");
  CHECK(decoded.refused[2].refusal.text == "the event must be an object, not null");
}

TEST_CASE("a batch that is not JSON to its end has no events at all") {
  const auto verdict = [](const std::string& body) {
    Decoder decoder;
    const auto& decoded = decoder.Decode(BodyFormat::kCloudEventBatch, body, IngestLimits{}, kNow);
    CHECK(decoded.events.empty());
    CHECK(decoded.failure == DecodedBody::Failure::kMalformed);
    return decoded.error;
  };
  CHECK(verdict("{}") == "the body must be a JSON array");
  CHECK(verdict("[" + kGood) == "not valid JSON: it does not end where it should");
  CHECK(verdict("[" + kGood + ",]") == "not valid JSON at byte " + std::to_string(kGood.size() + 2));
  CHECK(verdict("[" + kGood + " " + kGood + "]") ==
        "not valid JSON at byte " + std::to_string(kGood.size() + 2));
  CHECK(verdict("[" + kGood + "] x") == "not valid JSON: it does not end where it should");
  CHECK(verdict("[" + kGood + ",\"\xff\"]") == "not valid UTF-8 at byte " + std::to_string(kGood.size() + 3));
}

TEST_CASE("an empty batch is no mistake") {
  Decoder decoder;
  const auto& decoded = decoder.Decode(BodyFormat::kCloudEventBatch, "[]", IngestLimits{}, kNow);
  CHECK(decoded.error == "");
  CHECK(decoded.events.empty());
}

TEST_CASE("a bad line leaves the other lines") {
  Decoder decoder;
  const std::string body = kGood + "\r\n\n{\"id\":\n" + "  " + kGood + "\n[1]\n\"x\"\n{\"id\":\"\xff\"}\n" +
                           EventJson("run.created", R"({"run_id":"a\u0041"})");
  const auto& decoded = decoder.Decode(BodyFormat::kNdjson, body, IngestLimits{}, kNow);
  CHECK(decoded.error == "");
  CHECK(decoded.places == std::vector<std::size_t>{0, 2, 6});
  REQUIRE(decoded.refused.size() == 4);
  CHECK(decoded.refused[0].index == 1);
  CHECK(decoded.refused[0].refusal.text == "not valid JSON: it does not end where it should");
  CHECK(decoded.refused[1].refusal.text == "the line must be a JSON object");
  CHECK(decoded.refused[2].refusal.text == "the line must be a JSON object");
  CHECK(decoded.refused[3].refusal.text == "not valid UTF-8 at byte 7");
  CHECK(decoded.events[2].Text(Field::kRunId) == "aA");
  CHECK(decoded.events[0].Text(Field::kRunId) == "r");
}

TEST_CASE("lines without an event are an empty body") {
  Decoder decoder;
  const auto& decoded = decoder.Decode(BodyFormat::kNdjson, "\n\r\n", IngestLimits{}, kNow);
  CHECK(decoded.failure == DecodedBody::Failure::kMalformed);
  CHECK(decoded.error == "the body is empty");
}

TEST_CASE("too many events in one request are none") {
  IngestLimits limits;
  limits.max_events = 2;
  Decoder decoder;
  for (const auto& [format, body] : {std::pair{BodyFormat::kNdjson, kGood + "\n" + kGood + "\n" + kGood},
                                     std::pair{BodyFormat::kCloudEventBatch, Batch({kGood, kGood, kGood})}}) {
    const auto& decoded = decoder.Decode(format, body, limits, kNow);
    CHECK(decoded.failure == DecodedBody::Failure::kTooLarge);
    CHECK(decoded.error == "more than 2 events in one request");
    CHECK(decoded.events.empty());
  }
  CHECK(decoder.Decode(BodyFormat::kNdjson, kGood + "\n" + kGood + "\n", limits, kNow).events.size() == 2);
}

TEST_CASE("no damage to a body does more than be refused") {
  const std::string good =
      Batch({kGood, EventJson("db.state", R"({"database":"d\u00e4","connections":{"idle":1}})")});
  Decoder decoder;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'\0', '"', '{', ']', '\\', ',', '\x80', '9'}) {
      std::string bad = good;
      bad[i] = c;
      for (const BodyFormat format :
           {BodyFormat::kCloudEventBatch, BodyFormat::kNdjson, BodyFormat::kCloudEvent}) {
        const auto& decoded = decoder.Decode(format, bad, IngestLimits{}, kNow);
        CHECK(decoded.events.size() + decoded.refused.size() <= 2);
      }
    }
    const auto& cut = decoder.Decode(BodyFormat::kCloudEventBatch, good.substr(0, i), IngestLimits{}, kNow);
    CHECK(cut.failure == DecodedBody::Failure::kMalformed);
  }
}
