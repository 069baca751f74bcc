// One scenario through the C++ face; the other faces print the same bytes. Its argument is the folder with
// rules.yml and events.jsonl.
#include <casegraph.hpp>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

static void rules(const std::string &folder) {
    std::ostringstream yaml;
    yaml << std::ifstream(folder + "/rules.yml", std::ios::binary).rdbuf();
    const casegraph::RuleSet rules = casegraph::RuleSetBuilder()
                                         .add_text("rules.yml", yaml.str())
                                         .with_placeholder("admins", "ada")
                                         .with_placeholder("admins", "carl")
                                         .build();
    std::cout << rules.to_json() << "\n" << rules.problems_json() << "\n";
    std::cout << rules.select(R"({"tags":["attack.discovery"],"minLevel":"high"})").to_json() << "\n";
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
    for (std::size_t i = 0; i < loaded.size(); i++) {
        const casegraph::Fact fact = loaded.fact(i);
        std::cout << i << " " << name(fact.kind) << " " << fact.id << "\n";
    }
    rules(argc > 1 ? argv[1] : ".");
}
