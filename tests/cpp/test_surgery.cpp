// Incident surgery and similar incidents, as C++ programs use them. One line per check; fails if any fails.
#include "check.hpp"

#include <string>

using casegraph::Casebook;

static std::string alert(const std::string &id, const std::string &time, const std::string &host) {
    return R"({"id":")" + id + R"(","title":"Found","detectorId":"av","serviceSource":"s","firstActivityDateTime":"2026-03-)" +
           time + R"(:00:00Z","evidence":[{"@odata.type":"#microsoft.graph.security.urlEvidence","url":"https://)" + host +
           R"(.example.com/"}]})" + "\n";
}

static std::string ada(int hour) {
    return R"({"by":"ada","at":"2026-05-01T)" + std::to_string(hour) + R"(:00:00Z","reason":"one intrusion"})";
}

static bool holds(const std::string &text, const char *part) {
    return text.find(part) != std::string::npos;
}

int main() {
    Casebook book;
    book.ingest("alerts", alert("a1", "10T08", "a") + alert("a2", "12T09", "a") + alert("b1", "10T10", "b"));
    ok(book.alert_ids_json("a2") == R"(["a1","a2"])", "any alert leads to all of its incident");
    ok(thrown([&] { book.alert_ids_json("x"); }) == CG_ERR_NOT_FOUND, "an unknown one to none");
    const std::string before = book.queue_json();

    const std::string fact = book.merge(R"(["a1","b1"])", ada(10));
    ok(book.alert_ids_json("b1") == R"(["a1","b1","a2"])", "two are merged into one, by time");
    const casegraph::Incident merged = book.incident("b1");
    ok(holds(merged.to_json(), "joined by ada at 2026-05-01T10:00:00Z"), "which says who, when and why");
    ok(holds(merged.to_json(), "one intrusion"), "in the words given");
    book.retract(R"({"fact":")" + fact + R"(","by":"ada"})");
    ok(book.queue_json() == before, "and is undone by retraction");

    ok(book.split(R"(["a2"])", ada(11)).size() == 64, "a split is a fact");
    ok(book.alert_ids_json("a1") == R"(["a1"])", "what is split off is gone");
    ok(book.alert_ids_json("a2") == R"(["a2"])", "to an incident of its own");
    book.ingest("late", alert("a3", "12T10", "a"));
    ok(book.alert_ids_json("a2") == R"(["a2","a3"])", "which grows on by itself");
    book.move_alerts(R"(["a2"])", "b1", ada(12));
    ok(book.alert_ids_json("a2") == R"(["b1","a2"])", "a move takes it elsewhere");
    ok(holds(book.incident("b1").to_json(), "moved here by ada"), "and says so");
    book.move_alerts(R"(["a2"])", {}, ada(13));
    ok(book.alert_ids_json("a2") == R"(["a2"])", "or to a new incident");

    ok(thrown([&] { book.split(R"(["b1"])", ada(14)); }) == CG_ERR_INVALID_ARGUMENT, "a side must not be empty");
    ok(thrown([&] { book.merge(R"(["b1"])", ada(14)); }) == CG_ERR_INVALID_ARGUMENT, "nor one merged with itself");
    ok(thrown([&] { book.merge("b1", ada(14)); }) == CG_ERR_INVALID_ARGUMENT, "ids are a list");
    ok(thrown([&] { book.merge(R"(["a1","b1"])", "{}"); }) == CG_ERR_INVALID_ARGUMENT, "an author has a name");
    ok(thrown([&] { book.move_alerts(R"(["a1"])", "x", ada(14)); }) == CG_ERR_NOT_FOUND, "a target is known");
    book.decide(R"({"decision":"setStatus","status":"resolved","by":"ada","at":"2026-05-01T15:00:00Z",)"
                R"("alerts":["b1"],"reason":"was a test"})");
    ok(thrown([&] { book.merge(R"(["a1","b1"])", ada(16)); }) == CG_ERR_CONFLICT, "what is resolved is left alone");
    try {
        book.move_alerts(R"(["a1"])", "b1", ada(16));
        ok(false, "also by moves");
    } catch (const casegraph::Error &error) {
        ok(error.code() == casegraph::Code::Conflict, "also by moves");
    }

    const std::string similar = book.similar_json("a2");
    ok(holds(similar, R"("model":"casegraph.similar/1")"), "the formula has a version");
    ok(holds(similar, R"("id":"a1")") && holds(similar, R"("id":"b1")"), "what is alike is told");
    ok(holds(similar, "was a test"), "with how it was closed");
    ok(holds(book.similar_json("a2", 1), R"("more":1)"), "what a limit leaves out is counted");
    ok(thrown([&] { book.similar_json("x"); }) == CG_ERR_NOT_FOUND, "of an unknown one nothing");
    std::cout << "1.." << count << "\n";
    return failures == 0 ? 0 : 1;
}
