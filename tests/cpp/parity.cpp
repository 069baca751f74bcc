// One scenario through the C++ face; the other faces print the same bytes.
#include <casegraph.hpp>

#include <iostream>
#include <string>

int main() {
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
}
