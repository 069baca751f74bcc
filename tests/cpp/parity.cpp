// One scenario through the C++ face; the other faces print the same bytes. Its argument is the folder with
// rules.yml and events.jsonl.
#include <casegraph.hpp>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

static std::string file(const std::string &path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

static casegraph::RuleSet all(const std::string &folder) {
    return casegraph::RuleSetBuilder()
        .add_text("rules.yml", file(folder + "/rules.yml"))
        .with_placeholder("admins", "ada")
        .with_placeholder("admins", "carl")
        .build();
}

static casegraph::RuleSet some(const casegraph::RuleSet &rules) {
    return rules.select(R"({"tags":["attack.discovery"],"minLevel":"high"})");
}

static void facts(const casegraph::Casebook &book) {
    for (std::size_t i = 0; i < book.size(); i++) {
        const casegraph::Fact fact = book.fact(i);
        std::cout << i << " " << name(fact.kind) << " " << fact.id << "\n";
    }
}

static void rules(const std::string &folder) {
    const casegraph::RuleSet rules = all(folder);
    std::cout << rules.to_json() << "\n" << rules.problems_json() << "\n" << some(rules).to_json() << "\n";
    casegraph::Matcher matcher = rules.matcher().with_profile();
    std::ifstream events(folder + "/events.jsonl", std::ios::binary);
    for (std::string event; std::getline(events, event);) {
        for (const std::uint32_t number : matcher.matches(event)) {
            std::cout << number << " ";
        }
        std::cout << "\n";
        for (const char *rule : {"whoami", "0b7f2f0e-9a44-4f0e-8a5d-3f1f5b6f2c02", "Names of elsewhere"}) {
            std::cout << rules.explain_json(rule, event) << "\n";
        }
    }
    std::cout << matcher.profile_json() << "\n";
}

static void events(const std::string &folder) {
    const casegraph::RuleSet rules = all(folder);
    casegraph::Casebook book;
    book.set_rules(rules);
    const casegraph::Report r = book.ingest("events.jsonl", file(folder + "/events.jsonl"));
    std::cout << r.records() << " " << r.events() << " " << r.matches() << " " << r.unknown_events() << " "
              << r.unheld_events() << " " << r.new_facts() << " " << r.duplicates() << "\n";
    std::cout << book.queue_json() << "\n";
    const std::string id(book.incidents()[0].id());
    std::cout << book.timeline_json(id) << "\n" << book.timeline_json(id, "device:fqdn:ws-7.example.com") << "\n";
    std::cout << book.impact_json(some(rules)) << "\n";
    facts(book);
    casegraph::Casebook loaded = casegraph::Casebook::load_bytes(book.save_bytes());
    loaded.set_rules(rules);
    std::cout << loaded.as_of(loaded.size()).to_json() << "\n";
    loaded.set_rules(some(rules));
    std::cout << loaded.queue_json() << "\n";
}

int main(int argc, char **argv) {
    const std::string policy = R"({"correlate":{"nearMisses":5}})";
    casegraph::Casebook book(policy);
    book.ingest("sample", casegraph::sample_alerts());
    book.add_indicators("sample-indicators", casegraph::sample_indicators());

    const std::string id(book.incidents()[0].id());
    book.decide(R"({"decision":"assign","to":"ada@alderfinch.example","by":"ada","at":"2026-03-12T09:00:00Z","alerts":[")" +
                id + R"("]})");
    book.decide(R"({"decision":"setVerdict","entity":"ip:address:203.0.113.188","verdict":"malicious","by":"ada",)"
                R"("at":"2026-03-12T09:05:00Z","reason":"known exit node"})");
    const std::string tag = book.decide(
        R"({"decision":"tag","tag":"phish","by":"ada","at":"2026-03-12T09:06:00Z","alerts":[")" + id + R"("]})");
    book.retract(R"({"fact":")" + tag + R"(","by":"ada","reason":"wrong incident"})");

    const casegraph::Casebook loaded = casegraph::Casebook::load_bytes(book.save_bytes(), policy);
    std::cout << loaded.to_json();
    std::cout << loaded.incident(id).to_json() << "\n";
    std::cout << loaded.explain_json(id, "ip:address:203.0.113.188") << "\n";
    std::cout << loaded.graph_json(id) << "\n";
    std::cout << loaded.what_if_json(R"([{"policy":{"correlate":{"threshold":0.6}}}])") << "\n";
    std::cout << loaded.diff_json(R"({"facts":10})", "") << "\n";
    std::cout << loaded.counterfactual_json(id, "ip:address:203.0.113.188", "noThreatsFound", 50) << "\n";
    std::cout << loaded.similar_json(id, 3) << "\n";
    std::cout << loaded.activity_json(id) << "\n";
    std::cout << loaded.activity_json(id, R"({"origins":["person"],"since":"2026-03-12T09:01:00Z"})") << "\n";
    std::cout << loaded.user_priority_json(id, "user:upn:mira.halvorsen@alderfinch.example") << "\n";
    std::cout << loaded.asset_risk_json(id, "device:fqdn:alf-lt-0417.corp.alderfinch.example") << "\n";
    facts(loaded);
    rules(argc > 1 ? argv[1] : ".");
    events(argc > 1 ? argv[1] : ".");
}
