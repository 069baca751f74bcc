// The C++ face, used as C++ programs use it. One line per check; fails if any fails.
#include "check.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

using casegraph::Casebook;
using casegraph::Code;

static Casebook sample() {
    Casebook book;
    book.ingest("sample", casegraph::sample_alerts());
    return book;
}

static_assert(!std::is_copy_constructible_v<Casebook> && std::is_nothrow_move_constructible_v<Casebook>);
static_assert(!std::is_copy_constructible_v<casegraph::Incident>);
static_assert(std::is_nothrow_move_assignable_v<casegraph::Incident>);
static_assert(!std::is_copy_constructible_v<casegraph::Report>);
static_assert(std::is_nothrow_copy_constructible_v<casegraph::Error>);
static_assert(std::is_base_of_v<std::runtime_error, casegraph::Error>);

static void names() {
    const std::string expected = std::to_string(CG_VERSION_MAJOR) + "." + std::to_string(CG_VERSION_MINOR) + "." +
                                 std::to_string(CG_VERSION_PATCH);
    ok(casegraph::version() == expected, "library and header have one version");
    ok(name(Code::NotFound) == "not_found" && name(casegraph::Verdict::Clean) == "noThreatsFound" &&
           name(casegraph::Severity::High) == "high" && name(casegraph::IncidentStatus::InProgress) == "inProgress" &&
           name(casegraph::FactKind::AlertPart) == "alertPart",
       "values have names");
}

static void errors() {
    try {
        Casebook book("{\n \"corelate\": 1}");
        ok(false, "a bad policy throws");
    } catch (const casegraph::Error &error) {
        ok(error.code() == Code::InvalidArgument, "a bad policy throws");
        ok(error.line() == 2 && error.column() > 0 && error.record() == 0 && error.path().empty(), "it has a place");
        ok(error.message().find("corelate") != std::string_view::npos &&
               std::string(error.what()).find("line 2") != std::string::npos,
           "message and text");
        const casegraph::Error copy = error;
        ok(copy.message() == error.message(), "errors can be copied");
    }
    Casebook book;
    try {
        book.ingest_file("no/such/file");
        ok(false, "a missing file throws");
    } catch (const std::exception &error) {
        ok(dynamic_cast<const casegraph::Error &>(error).source() == "no/such/file", "a missing file throws");
    }
    ok(thrown([&] { book.decide("\xff"); }) == CG_ERR_INVALID_ARGUMENT, "bad UTF-8 throws");
    ok(thrown([&] { book.incident("nobody"); }) == CG_ERR_NOT_FOUND, "an unknown alert throws");
    ok(thrown([&] { book.fact(std::size_t{0}); }) == CG_ERR_INVALID_ARGUMENT, "no fact in an empty casebook");
    ok(thrown([&] { book.ingest("x", "", {"csv", 1, nullptr}); }) == CG_ERR_FORMAT, "an unknown format throws");
    bool out_of_range = false;
    try {
        book.incidents()[0];
    } catch (const std::out_of_range &) {
        out_of_range = true;
    }
    ok(out_of_range, "an index past the end throws");
}

static void ingest() {
    Casebook book;
    casegraph::Report report = book.ingest("sample", casegraph::sample_alerts(), {"graph-alerts", 2, nullptr});
    ok(report.alerts() > 0 && report.records() == report.alerts() && report.new_facts() == book.size() &&
           report.duplicates() == 0 && report.problems().empty() && report.more_problems() == 0 &&
           report.format() == "graph-alerts",
       "the sample comes in");
    report = book.ingest("bad", "{\"id\":\"x\"}\n\xff\n");
    std::size_t told = 0;
    for (const casegraph::Problem problem : report.problems()) {
        told += !problem.message().empty() && !problem.code().empty() && !problem.path().empty() && problem.record() > 0;
    }
    ok(told > 0 && told == report.problems().size(), "problems are a range");
    ok(report.to_json().find("\"problems\":[{") != std::string::npos, "a report as JSON");
    ok(book.add_indicators("feed", casegraph::sample_indicators()).new_facts() > 0, "indicators");
    const std::string id = book.add_indicator(R"({"kind":"dns","value":"evil.example","verdict":"malicious"})");
    ok(id.size() == 64 && book.fact(id).kind == casegraph::FactKind::Indicator &&
           book.fact(id).position == book.size() - 1,
       "one indicator");
}

static void progress() {
    std::string many;
    for (int i = 0; i < 2000; i++) {
        many += "{\"id\":\"a" + std::to_string(i) +
                "\",\"title\":\"t\",\"createdDateTime\":\"2026-03-12T09:00:00Z\",\"evidence\":[]}\n";
    }
    Casebook book;
    casegraph::IngestOptions options;
    std::uint64_t last = 0;
    options.progress = [&](std::uint64_t bytes) {
        last = bytes;
        return false;
    };
    ok(thrown([&] { book.ingest("many", many, options); }) == CG_ERR_CANCELLED && last > 0, "a callback cancels");
    options.progress = [](std::uint64_t) -> bool { throw std::logic_error("mine"); };
    bool mine = false;
    try {
        book.ingest("many", many, options);
    } catch (const std::logic_error &error) {
        mine = std::string(error.what()) == "mine";
    }
    ok(mine, "what a callback throws comes out");
    options.progress = [](std::uint64_t) { return true; };
    book.ingest("many", many, options);
    ok(book.size() == 2000, "and the casebook lives on");
}

static void incidents() {
    std::vector<casegraph::Incident> kept;
    {
        const Casebook book = sample();
        const casegraph::Incidents all = book.incidents();
        double before = 100;
        bool falling = true;
        for (const casegraph::Incident &incident : all) {
            falling = falling && incident.score() <= before;
            before = incident.score();
        }
        ok(all.size() >= 2 && falling, "incidents are a range, the most urgent first");
        const casegraph::Incident first = all[0];
        ok(book.explain_json(first.id(), first.entities()[0].id()).find("\"opinions\":[") != std::string::npos,
           "an explanation");
        ok(book.graph_json(first.id()).find("\"nodes\":[") != std::string::npos, "a graph");
        ok(book.alert_json(first.id()).front() == '{' && book.queue_json().front() == '[' &&
               book.to_json().back() == '\n' && book.policy_json().front() == '{',
           "the rest as JSON");
        kept.push_back(all[0]);
        kept.push_back(book.incident(all[1].id()));
    }
    std::swap(kept[0], kept[1]);
    const casegraph::Incident &incident = kept[1];
    ok(!incident.title().empty() && incident.severity() == casegraph::Severity::High && incident.tag_count() == 0 &&
           incident.tag(0).empty() && incident.tenant_id().data() != nullptr,
       "incidents outlive their casebook");
    ok(incident.first_activity() && *incident.first_activity() < *incident.last_activity(), "times");
    const casegraph::KillChain chain = incident.kill_chain();
    ok(chain.observed > 3 && chain.observed <= chain.total && chain.progress > 0 && !chain.furthest.empty(),
       "kill chain");
    std::size_t lines = 0, reasons = 0;
    for (const casegraph::Alert alert : incident.alerts()) {
        lines += !alert.id().empty() && !alert.title().empty() && alert.fact().size() == 64 && alert.time() &&
                 alert.severity() != casegraph::Severity::Other && alert.repeats() < 1000;
        reasons += !alert.reason().empty();
    }
    ok(lines == incident.alerts().size() && lines > 3 && reasons > 0, "alerts are a range");
    const auto entities = incident.entities();
    ok(std::count_if(entities.begin(), entities.end(),
                     [](casegraph::Entity e) { return e.verdict() == casegraph::Verdict::Malicious; }) > 0,
       "entities work with algorithms");
    const casegraph::Entity worst = entities[0];
    ok(!worst.id().empty() && !worst.kind().empty() && !worst.name().empty() && !worst.because().empty() &&
           !worst.remediation().empty() && worst.score() > 0.5,
       "an entity has its line");
    ok(incident.to_json().find("\"killChain\":{") != std::string::npos && !incident.to_text().empty(),
       "an incident as JSON and text");
}

static void decisions(const std::string &folder) {
    Casebook book = sample();
    const std::string id(book.incidents()[0].id());
    const std::size_t before = book.size();
    const std::string assigned = book.decide(
        R"({"decision":"assign","to":"ada","by":"ada","at":"2026-03-12T09:00:00Z","alerts":[")" + id + R"("]})");
    ok(book.incident(id).assigned_to() == "ada" && book.fact(before).id == assigned &&
           book.fact(before).json.find("assign") != std::string_view::npos,
       "a decision");
    book.retract(R"({"fact":")" + assigned + R"(","by":"ada"})");
    ok(book.incident(id).assigned_to() != "ada", "a retraction");
    ok(book.as_of(before + 1).incident(id).assigned_to() == "ada", "as it was");
    ok(thrown([&] { book.as_of(before + 9); }) == CG_ERR_INVALID_ARGUMENT, "no past that never was");

    const std::string path = folder + "/casegraph-test-cpp.log";
    std::string damage;
    book.save(path);
    ok(Casebook::load(path, {}, &damage).to_json() == book.to_json() && damage == "[]", "a log is saved and loaded");
    std::remove(path.c_str());
    ok(thrown([&] { Casebook::load(path); }) == CG_ERR_IO, "a log that is not there");
    std::string log = book.save_bytes();
    ok(log.substr(log.size() - book.save_bytes(3).size()) == book.save_bytes(3), "a log can be continued");
    log[log.size() / 2] ^= 1;
    ok(Casebook::load_bytes(log, {}, &damage).size() == book.size() - 1 && damage != "[]", "a damaged log");
    ok(thrown([&] { Casebook::load_bytes("nonsense"); }) == CG_ERR_LOG, "what is no log");

    Casebook moved = std::move(book);
    ok(moved.size() == before + 2, "a casebook moves");
    book = Casebook();
    ok(book.size() == 0, "and its old name can be used again");
}

static void threads() {
    const Casebook book = sample();
    std::vector<std::string> told(4);
    std::vector<std::thread> workers;
    for (std::string &text : told) {
        workers.emplace_back([&book, &text] { text = book.to_json(); });
    }
    for (std::thread &worker : workers) {
        worker.join();
    }
    ok(std::all_of(told.begin(), told.end(), [&](const std::string &text) { return text == told[0]; }) &&
           told[0].size() > 1000,
       "many threads ask one casebook");
}

int main(int argc, char **argv) {
    names();
    errors();
    ingest();
    progress();
    incidents();
    decisions(argc > 1 ? argv[1] : ".");
    threads();
    std::cout << "1.." << count << "\n";
    return failures == 0 ? 0 : 1;
}
