// What would be under other circumstances, as C++ programs ask it. One line per check; fails if any fails.
#include "check.hpp"

#include <string>

using casegraph::Casebook;
using casegraph::RuleSet;
using casegraph::RuleSetBuilder;

static const char *const ENTITY = "ip:address:203.0.113.7";

static std::string alert(const std::string &id, int minute, const std::string &host, const std::string &verdict) {
    return R"({"@odata.type":"#microsoft.graph.security.alert","id":")" + id + R"(","title":"Alert )" + id +
           R"(","severity":"medium","detectorId":"detector-)" + id + R"(","firstActivityDateTime":"2026-03-10T08:)" +
           std::to_string(minute) + R"(:00Z","evidence":[{"@odata.type":"#microsoft.graph.security.deviceEvidence",)" +
           R"("deviceDnsName":")" + host + R"("},{"@odata.type":"#microsoft.graph.security.ipEvidence",)" +
           R"("ipAddress":"203.0.113.7","verdict":")" + verdict + R"("}]})";
}

static Casebook two() {
    Casebook book;
    book.ingest("alerts", alert("a", 10, "ws-1", "malicious") + "\n" + alert("b", 20, "ws-2", "malicious"));
    return book;
}

static bool has(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

static void changes() {
    const Casebook book = two();
    const std::string before = book.to_json(), id = book.fact(std::size_t{0}).id;
    const std::string without = book.what_if_json(R"([{"without":")" + id + R"("}])");
    ok(has(without, R"("incidents":[{"change":"shrunk")"), "without a fact an incident shrinks");
    ok(has(without, R"("cause":{"how":"alone","by":[")" + id), "and the fact is the cause");
    ok(has(without, R"("goneAlerts":[{"id":"a")"), "with the alert that goes");
    ok(has(without, R"("incidentsBefore":1,"incidentsAfter":1)"), "incidents are counted");
    ok(has(without, R"("band":"medium")") && has(without, R"("stages":[])") && has(without, R"("progress":0)"),
       "priority and kill chain are told");
    const std::string listed =
        book.what_if_json(R"([{"indicator":{"kind":"ip","value":"203.0.113.7","verdict":"noThreatsFound"}}])");
    ok(has(listed, R"("change":"rejudged")"), "with an indicator an incident is judged otherwise");
    ok(has(listed, R"("after":["noThreatsFound",0.0])"), "and the verdict is told");
    ok(has(book.what_if_json("[{\"alert\":" + alert("c", 30, "ws-3", "unknown") + "}]"), R"("newAlerts":[{"id":"c")"),
       "with an alert an incident grows");
    ok(has(book.what_if_json(R"([{"policy":{"correlate":{"threshold":1.0}}}])"), R"("by":["correlate.threshold"])"),
       "another policy is named by its member");
    ok(has(book.what_if_json("[]"), R"("incidents":[]})"), "no change changes nothing");
    const RuleSet rules = RuleSetBuilder().build();
    ok(has(book.what_if_json("[]", &rules), R"("incidents":[]})"), "nor do other rules where no event is");
    ok(book.to_json() == before, "asking changes nothing");
    ok(thrown([&] { book.what_if_json(R"([{"ruleOff":"x"}])"); }) == CG_ERR_NOT_FOUND, "a rule that is not there");
    ok(thrown([&] { book.what_if_json("{}"); }) == CG_ERR_INVALID_ARGUMENT, "what is no list");
}

static void states() {
    const Casebook book = two();
    const RuleSet rules = RuleSetBuilder().build();
    ok(has(book.diff_json(R"({"facts":1})", ""), R"("change":"grown")"), "between log positions");
    ok(has(book.diff_json("", R"({"facts":1})"), R"("change":"shrunk")"), "and back");
    ok(has(book.diff_json("", R"({"policy":{"correlate":{"threshold":1.0}}})"), R"("change":"split")"),
       "between policies");
    ok(has(book.diff_json("", "", &rules, &rules), R"("incidents":[]})"), "between rules that are the same");
    ok(thrown([&] { book.diff_json(R"({"facts":9})", ""); }) == CG_ERR_INVALID_ARGUMENT, "past the end of the log");
}

static void counterfactuals() {
    const Casebook book = two();
    const std::string found = book.counterfactual_json("a", ENTITY, "noThreatsFound");
    ok(has(found, R"("minimal":true,"noneUpTo":1)") && has(found, R"("goal":"atMost")"), "it takes both facts");
    ok(has(found, R"("indicator":{"kind":"ip")"), "or one indicator");
    ok(has(book.counterfactual_json("a", ENTITY, "noThreatsFound", 1), R"("complete":false)"), "a budget ends the search");
    ok(thrown([&] { book.counterfactual_json("a", ENTITY, "nice"); }) == CG_ERR_INVALID_ARGUMENT, "no verdict");
    ok(thrown([&] { book.counterfactual_json("x", ENTITY, "suspicious"); }) == CG_ERR_NOT_FOUND, "no alert");
}

int main() {
    changes();
    states();
    counterfactuals();
    std::cout << "1.." << count << "\n";
    return failures == 0 ? 0 : 1;
}
