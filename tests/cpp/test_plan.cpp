// Plans, as C++ programs use them. One line per check; fails if any fails.
#include "check.hpp"

#include <string>

using casegraph::Casebook;

static const std::string ALERT =
    R"({"id":"a1","title":"Beacon","detectorId":"d","serviceSource":"s","severity":"high","firstActivityDateTime":)"
    R"("2026-03-10T08:00:00Z","evidence":[{"@odata.type":"#microsoft.graph.security.deviceEvidence","hostName":"pc-1",)"
    R"("mdeDeviceId":"d1","loggedOnUsers":[{"userPrincipalName":"noor@example.com"}]},{"@odata.type":)"
    R"("#microsoft.graph.security.processEvidence","processId":7,"processCreationDateTime":"2026-03-10T07:00:00Z",)"
    R"("mdeDeviceId":"d1","verdict":"malicious","imageFile":{"fileName":"beacon.exe"}}]})";
static const char *const AT = "2026-03-12T09:00:00Z";

static bool has(const std::string &text, const char *part) {
    return text.find(part) != std::string::npos;
}

int main() {
    Casebook book;
    book.ingest("alerts", ALERT + "\n");
    const std::string plan = book.plan_json("a1", AT);
    ok(has(plan, R"("title":"Isolate device: pc-1")"), "an intrusion has a plan");
    casegraph::check_plan(plan);
    ok(has(casegraph::plan_what_if_json(plan, "[]"), R"("reached":[{"id":"user:upn:noor@example.com")"),
       "that tells what is reached without it");
    ok(thrown([&] { casegraph::check_plan("{}"); }) == CG_ERR_INVALID_ARGUMENT, "a plan is one");
    ok(thrown([&] { casegraph::plan_what_if_json(plan, R"(["0123456789abcdef"])"); }) == CG_ERR_NOT_FOUND,
       "an action that is not planned is not found");
    ok(thrown([&] { book.plan_json("x", AT); }) == CG_ERR_NOT_FOUND, "an unknown alert is not found");
    ok(thrown([&] { book.plan_json("a1", "now"); }) == CG_ERR_INVALID_ARGUMENT, "a time has an offset");
    std::cout << "1.." << count << "\n";
    return failures == 0 ? 0 : 1;
}
