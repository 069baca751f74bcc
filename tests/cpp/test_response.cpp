// Response, as C++ programs use it. One line per check; fails if any fails.
#include "check.hpp"

#include <stdexcept>
#include <string>

using casegraph::ActionReply;
using casegraph::Casebook;
using casegraph::Outcome;

static const std::string ALERT =
    R"({"id":"a1","title":"Dropper","detectorId":"d","serviceSource":"s","severity":"high","firstActivityDateTime":)"
    R"("2026-03-10T08:00:00Z","evidence":[{"@odata.type":"#microsoft.graph.security.deviceEvidence","hostName":"pc-1",)"
    R"("mdeDeviceId":"d1"},{"@odata.type":"#microsoft.graph.security.fileEvidence","mdeDeviceId":"d1","verdict":)"
    R"("malicious","fileDetails":{"sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",)"
    R"("fileName":"x.exe"}},{"@odata.type":"#microsoft.graph.security.ipEvidence","verdict":"suspicious","ipAddress":)"
    R"("203.0.113.9"}]})";
static const char *const NINE = "2026-03-10T09:00:00Z";
static const char *const TEN = "2026-03-10T10:00:00Z";

static bool has(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

// The list of the id of the first action of a kind: it stands right before the kind.
static std::string id_of(const std::string &response, const std::string &kind) {
    const std::size_t at = response.find(R"(","action":")" + kind + '"');
    return at == std::string::npos || at < 16 ? "[]" : R"([")" + response.substr(at - 16, 16) + R"("])";
}

static std::string author(const std::string &by, const std::string &at) {
    return R"({"by":")" + by + R"(","at":")" + at + R"("})";
}

int main() {
    Casebook book;
    book.ingest("alerts", ALERT + "\n");
    const std::string told = book.response_json("a1", NINE);
    const std::string file = id_of(told, "quarantineFile"), address = id_of(told, "blockIp");
    ok(has(told, R"("state":"pendingApproval")") && file.size() == 20, "actions wait");
    ok(thrown([&] { book.undo("a1", file, author("ada", NINE)); }) == CG_ERR_CONFLICT, "nothing is taken back");
    ok(thrown([&] { book.approve("a1", "{}", author("ada", NINE)); }) == CG_ERR_INVALID_ARGUMENT, "ids are a list");
    ok(thrown([&] { book.approve("x", file, author("ada", NINE)); }) == CG_ERR_NOT_FOUND, "of a known alert");
    book.approve("a1", file, author("ada", NINE));
    book.approve("a1", address, author("ada", NINE));
    ok(has(book.pending_requests_json(NINE), R"("approvedBy":["ada"])"), "what ada agreed to is handed out");

    // What an executor throws goes through C unharmed, and ends the call.
    int calls = 0;
    std::string caught;
    try {
        book.execute(TEN, "edr", [&](const cg_action_request &) -> ActionReply {
            calls++;
            throw std::runtime_error("the agent is gone");
        });
    } catch (const std::runtime_error &e) {
        caught = e.what();
    }
    ok(calls == 1 && caught == "the agent is gone", "an executor may throw");
    ok(has(book.response_json("a1", TEN), R"("note":"the agent is gone")"), "which is recorded");

    std::string refused;
    const std::size_t done = book.execute(TEN, "edr", [&](const cg_action_request &request) {
        calls++;
        try {
            book.response_json("a1", TEN);
        } catch (const casegraph::Error &e) {
            refused = std::string(e.message());
        }
        return ActionReply{Outcome::Partially, std::string(casegraph::view(request.perform)), TEN};
    });
    ok(done == 1 && calls == 2, "the other request was still pending");
    ok(!refused.empty(), "a call back into the casebook is refused");
    ok(has(book.response_json("a1", TEN), R"("outcome":"partially")"), "what it said is told");
    ok(book.execute(TEN, "edr", [](const cg_action_request &) { return ActionReply(); }) == 0, "nothing is done twice");

    const std::string id =
        book.propose("a1", R"({"action":"isolateDevice","entity":"device:host:pc-1"})", author("ada", TEN));
    ok(id.size() == 16, "an action is asked for by hand");
    ok(thrown([&] {
           book.propose("a1", R"({"action":"stopProcess","entity":"device:host:pc-1"})", author("ada", TEN));
       }) == CG_ERR_INVALID_ARGUMENT,
       "one that applies");
    book.reject("a1", R"([")" + id + R"("])", author("ben", TEN));
    ok(has(book.action_centre_json(TEN, R"({"states":["rejected"]})"), id), "ben refuses it");
    ok(has(book.action_centre_csv(TEN), "isolateDevice,rejected,manual"), "as the table has it");
    ok(thrown([&] { book.action_centre_json(TEN, R"({"who":1})"); }) == CG_ERR_INVALID_ARGUMENT, "a filter is one");
    ok(thrown([&] { book.report("{}"); }) == CG_ERR_INVALID_ARGUMENT, "a report is one");
    ok(thrown([&] { book.stop_investigation("x", author("ada", TEN)); }) == CG_ERR_NOT_FOUND, "an alert is known");
    ok(has(casegraph::actions_json(), R"("action":"containUser")"), "there is a catalogue");
    ok(thrown([&] { book.response_json("a1", "now"); }) == CG_ERR_INVALID_ARGUMENT, "a time has an offset");
    std::cout << "1.." << count << "\n";
    return failures == 0 ? 0 : 1;
}
