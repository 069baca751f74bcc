// Raw events and rules in a casebook, as C++ programs use them. One line per check; fails if any fails.
#include "check.hpp"

#include <string>
#include <thread>
#include <vector>

using casegraph::Casebook;
using casegraph::RuleSet;
using casegraph::RuleSetBuilder;

static const char *const RULES = R"(title: Shell of a word processor
logsource: {category: process_creation, product: windows}
detection:
  selection: {ParentImage|endswith: '\writer.exe', Image|endswith: '\cmd.exe'}
  condition: selection
level: high
---
title: Program in a public folder
logsource: {category: network_connection, product: windows}
detection:
  selection: {Image|contains: '\Users\Public\'}
  condition: selection
level: medium
)";
static const char *const DEVICE = "device:fqdn:ws-17.example.com";

static std::string sysmon(int id, const char *host, int second, int process, const char *image, const char *more) {
    return R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":)" + std::to_string(id) +
           R"(,"Computer":")" + host + R"(.example.com","UtcTime":"2026-03-02 09:00:)" + std::to_string(second) +
           R"(.000","ProcessGuid":"{0a1b2c3d-0000-69a5-1000-000000000)" + std::to_string(process) +
           R"(}","ProcessId":)" + std::to_string(process) + R"(,"Image":")" + image + R"(",)" + more + "}\n";
}

/// A writer starts a shell, and what that dropped calls home; a bystander; and a record of nothing known.
static std::string events() {
    const char *const parent = R"("ParentProcessGuid":"{0a1b2c3d-0000-69a5-1000-000000000200}",)"
                               R"("ParentProcessId":200,"ParentImage":"C:\\Office\\writer.exe")";
    return sysmon(1, "ws-17", 20, 200, R"(C:\\Office\\writer.exe)", R"("ParentProcessId":100)") +
           sysmon(1, "ws-17", 30, 300, R"(C:\\Windows\\System32\\cmd.exe)", parent) +
           sysmon(3, "ws-17", 50, 400, R"(C:\\Users\\Public\\a.exe)", R"("DestinationIp":"203.0.113.50")") +
           sysmon(1, "ws-18", 55, 900, R"(C:\\Windows\\System32\\cmd.exe)", R"("ParentProcessId":901)") +
           "{\"what\":\"is this\"}\n";
}

static RuleSet both() {
    return RuleSetBuilder().add_text("rules.yml", RULES).strict().build();
}

static RuleSet high() {
    return both().select(R"({"minLevel":"high"})");
}

static Casebook sample() {
    Casebook book;
    book.set_rules(both());
    book.ingest("events", events());
    return book;
}

static std::string id_of(const Casebook &book) {
    return std::string(book.incidents()[0].id());
}

/// Alerts of the most urgent incident.
static std::size_t alerts_of(const Casebook &book) {
    const casegraph::Incident incident = book.incidents()[0];
    return incident.alerts().size();
}

static bool has(const std::string &text, const char *part) {
    return text.find(part) != std::string::npos;
}

static void ingest() {
    Casebook book;
    const casegraph::Report refused = book.ingest("events", events());
    ok(refused.events() == 0 && refused.problems().size() == 5, "without rules events are problems");
    book.set_rules(both());
    const casegraph::Report report = book.ingest("events", events());
    ok(report.format() == "events" && report.records() == 5 && report.events() == 5, "events are taken in");
    ok(report.matches() == 2, "matches are counted");
    ok(report.unknown_events() == 1, "and events of no known logsource");
    ok(report.unheld_events() == 0, "and those that could not wait");
    ok(report.new_facts() == 3 && book.size() == 3, "what is around a match stays");
    ok(book.incidents().size() == 1 && alerts_of(book) == 2, "matches become one incident");
    ok(book.fact(std::size_t{0}).kind == casegraph::FactKind::Event && name(casegraph::FactKind::Event) == "event",
       "a kept event is a fact");
    ok(book.ingest("again", events()).new_facts() == 0, "a second time adds nothing");
    Casebook tiny(R"({"rules":{"heldBytes":1}})");
    tiny.set_rules(both());
    ok(tiny.ingest("events", events()).unheld_events() == 2, "what could not wait for a match is counted");
}

static void other_rules() {
    Casebook book = sample();
    const std::string before = book.to_json();
    ok(high().unselected() == 1 && both().unselected() == 0, "a set knows how many rules its choice left out");
    ok(has(book.impact_json(high()), R"("goneAlerts":[{)") && book.to_json() == before, "what other rules would change");
    ok(has(book.impact_json(both()), R"("incidents":[]})"), "the same rules would change nothing");
    book.set_rules(high());
    ok(alerts_of(book) == 1, "other rules judge the kept events anew");
    RuleSet gone = both();
    const RuleSet taken = std::move(gone);
    ok(thrown([&] { book.set_rules(gone); }) == CG_ERR_INVALID_ARGUMENT && alerts_of(book) == 1,
       "a set that was moved from is refused, and the old rules stay");
    ok(thrown([&] { book.impact_json(gone); }) == CG_ERR_INVALID_ARGUMENT, "also for a question");
    book.set_rules(taken);
    ok(book.to_json() == before, "and back");
}

static void timelines() {
    const Casebook book = sample();
    const std::string id = id_of(book);
    const std::string whole = book.timeline_json(id);
    ok(has(whole, R"("kind":"event")") && has(whole, R"("title":"Shell of a word processor","severity":"high")"),
       "a timeline has events and alerts");
    const std::string address = book.timeline_json(id, "ip:address:203.0.113.50");
    ok(has(address, "public folder") && !has(address, "word processor"), "with an entity only what concerns it");
    ok(has(book.timeline_json(id, DEVICE), R"("device":"ws-17")"), "with a device its events");
    ok(thrown([&] { book.timeline_json("nobody"); }) == CG_ERR_NOT_FOUND, "an alert that is not there throws");
    ok(thrown([&] { book.timeline_json(id, "device:host:nowhere"); }) == CG_ERR_NOT_FOUND, "so does an entity");
    ok(thrown([&] { book.timeline_json(id, "nonsense"); }) == CG_ERR_INVALID_ARGUMENT, "and what is none");
}

static void saving() {
    const Casebook book = sample();
    Casebook past = book.as_of(book.size());
    ok(past.to_json() == book.to_json(), "the past has the rules");
    past.ingest("events", events());
    ok(past.to_json() == book.to_json(), "and takes in events");
    Casebook loaded = Casebook::load_bytes(book.save_bytes());
    ok(loaded.size() == 3 && loaded.incidents().empty(), "a log holds events, and no rules");
    loaded.set_rules(both());
    ok(loaded.to_json() == book.to_json(), "with them it says the same");
    Casebook moved = std::move(loaded);
    moved.set_rules(both());
    ok(moved.to_json() == book.to_json(), "a casebook that moved keeps them");
}

static void threads() {
    const Casebook book = sample();
    const RuleSet rules = high();
    const std::string id = id_of(book), timeline = book.timeline_json(id, DEVICE), impact = book.impact_json(rules);
    std::vector<int> good(4);
    std::vector<std::thread> workers;
    for (int &told : good) {
        workers.emplace_back([&] {
            for (int i = 0; i < 4; i++) {
                told += book.timeline_json(id, DEVICE) == timeline && book.impact_json(rules) == impact ? 1 : 0;
            }
        });
    }
    for (std::thread &worker : workers) {
        worker.join();
    }
    ok(good == std::vector<int>{4, 4, 4, 4}, "threads ask one casebook, and share one set");
}

int main() {
    ingest();
    other_rules();
    timelines();
    saving();
    threads();
    std::cout << "1.." << count << "\n";
    return failures == 0 ? 0 : 1;
}
