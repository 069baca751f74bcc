// One scenario through the C++ face; the other faces print the same bytes. Its argument is the folder with
// rules.yml, events.jsonl and response.jsonl.
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

// The id of the first action of a kind: it stands right before the kind.
static std::string id_of(const std::string &response, const std::string &kind) {
    const std::size_t at = response.find(R"(","action":")" + kind + '"');
    return at == std::string::npos || at < 16 ? std::string() : R"([")" + response.substr(at - 16, 16) + R"("])";
}

static std::string author(const std::string &by, const std::string &at, const std::string &reason) {
    return R"({"by":")" + by + R"(","at":"2026-03-)" + at + R"(:00Z","reason":")" + reason +
           R"(","roles":["responder"]})";
}

// A whole response: some actions are approved, one is rejected, one expires, one is carried out and taken back, one
// fails; and the incident is resolved.
static void respond(const std::string &folder) {
    casegraph::Casebook book;
    book.ingest("response.jsonl", file(folder + "/response.jsonl"));
    const std::string told = book.response_json("r1", "2026-03-10T09:00:00Z");
    std::cout << told << "\n";
    const std::string file_id = id_of(told, "quarantineFile");
    book.approve("r1", file_id, author("ada", "10T10:00", "not ours"));
    book.approve("r1", id_of(told, "blockUrl"), author("ben", "10T10:00", "not ours"));
    book.reject("r1", id_of(told, "blockIp"), author("ada", "10T10:01", "a partner"));
    std::cout << book.pending_requests_json("2026-03-10T11:00:00Z") << "\n";
    std::string late;
    book.execute("2026-03-10T11:00:00Z", "edr", [&](const cg_action_request &request) -> casegraph::ActionReply {
        using casegraph::Outcome;
        using casegraph::view;
        if (view(request.perform) != "blockUrl") {
            return {Outcome::Completed, {}, {}};
        }
        late = R"({"key":")" + std::string(view(request.key)) + R"(","action":"blockUrl","entity":")" +
               std::string(view(request.entity_id)) + R"(","alert":")" + std::string(view(request.incident)) +
               R"(","outcome":"failed","by":"edr","at":"2026-03-10T12:00:00Z","message":"the proxy says no"})";
        return {Outcome::Waiting, "the proxy is busy", "2026-03-10T11:05:00Z"};
    });
    book.report(late);
    book.undo("r1", file_id, author("cem", "10T13:00", "wanted for the audit"));
    std::cout << book.pending_requests_json("2026-03-10T13:30:00Z") << "\n";
    book.execute("2026-03-10T13:30:00Z", "edr", [](const cg_action_request &) { return casegraph::ActionReply(); });
    book.resolve("r1", author("ada", "10T14:00", "done"));
    const std::string later = "2026-03-20T09:00:00Z";
    std::cout << book.response_json("r1", later) << "\n";
    std::cout << book.action_centre_json(later) << "\n" << book.action_centre_csv(later) << "\n";
    std::cout << book.plan_json("r1", "2026-03-10T09:00:00Z") << "\n";
    const casegraph::CaseFile file = book.case_file("r1", later);
    std::cout << file.picture("kill-chain") << "\n" << file.picture("process-tree") << "\n";
    for (const char *format : {"markdown", "dot"}) {
        const casegraph::Export made = file.export_as(format);
        std::cout << made.text << "\n" << made.left_out_json << "\n";
    }
    std::cout << book.pseudonymised("sixteen bytes, or more").queue_json() << "\n";
    std::cout << book.incident("r1").to_json() << "\n" << casegraph::actions_json() << "\n";
    facts(book);
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
    respond(argc > 1 ? argv[1] : ".");
}
