// Managing incidents, as C++ programs do it. One line per check; fails if any fails.
#include "check.hpp"

#include <string>

using casegraph::Casebook;

static std::string alert(const std::string &id, const std::string &hour, const std::string &technique) {
    return R"({"id":")" + id + R"(","title":"Found","detectorId":"of-)" + id + R"(","serviceSource":"s","severity":"high",)" +
           R"("mitreTechniques":[")" + technique + R"("],"firstActivityDateTime":"2026-03-10T)" + hour +
           R"(:00:00Z","evidence":[{"@odata.type":"#microsoft.graph.security.userEvidence","userAccount":)" +
           R"({"userPrincipalName":"carl@example.com"}},{"@odata.type":"#microsoft.graph.security.deviceEvidence",)" +
           R"("hostName":"ws-7"}]})" + "\n";
}

static std::string ada(const std::string &hour) {
    return R"({"by":"ada","at":"2026-05-01T)" + hour + R"(:00:00Z","reason":"my shift"})";
}

static bool holds(const std::string &text, const char *part) {
    return text.find(part) != std::string::npos;
}

int main() {
    Casebook book;
    book.ingest("alerts", alert("a1", "08", "T1566.002") + alert("a2", "09", "T1486"));
    const auto tells = [&](const char *part) { return holds(book.incident("a1").to_json(), part); };

    ok(book.assign("a2", "ada@example.com", ada("08")).size() == 64, "a decision is a fact");
    ok(book.incident("a1").assigned_to() == "ada@example.com", "an incident is given to somebody");
    book.assign("a1", {}, ada("09"));
    ok(book.incident("a1").assigned_to().empty(), "or to nobody");
    book.set_status("a1", "inProgress", ada("09"));
    book.classify("a1", "truePositive", "malware", ada("09"));
    book.set_severity("a1", "low", ada("09"));
    ok(tells(R"("severity":"low","status":"inProgress","classification":"truePositive","determination":"malware")"),
       "has a status, a finding and a severity");
    book.rename("a1", "Carl's bad day", ada("09"));
    ok(book.incident("a1").title() == "Carl's bad day", "another name");
    book.tag("a1", "night", ada("09"));
    ok(book.incident("a1").tag_count() == 1 && book.incident("a1").tag(0) == "night", "a tag");
    book.untag("a1", "night", ada("10"));
    ok(book.incident("a1").tag_count() == 0, "which goes again");
    book.comment("a1", "Called Carl.", ada("10"));
    ok(holds(book.activity_json("a1", R"({"types":["commented"],"by":["ada"]})"), "Called Carl."), "and comments");
    ok(holds(book.activity_json("a1"), R"("type":"alertCorrelated","by":"casegraph")"), "beside what the system did");
    {
        const casegraph::Incident incident = book.incident("a1");
        ok(incident.system_tag_count() == 1 && incident.system_tag(0) == "Ransomware" &&
               holds(std::string(incident.system_tag_because(0)), "T1486"),
           "what happened gives a tag with its ground");
        ok(incident.system_tag(1).empty(), "and nothing past the end");
    }
    ok(holds(book.user_priority_json("a1", "user:upn:carl@example.com"), R"("score":120.0)"), "a user needs a look");
    ok(holds(book.asset_risk_json("a1", "device:host:ws-7"), R"("riskLevel":"high")"), "a device is at risk");
    book.resolve("a1", ada("11"));
    ok(tells(R"("status":"resolved")") && !tells(R"("status":"unknown")"), "a resolved incident has its alerts resolved");
    ok(holds(book.asset_risk_json("a1", "device:host:ws-7"), R"("riskLevel":"none")"), "until all is resolved");

    ok(thrown([&] { book.classify("a1", "falsePositive", "phishing", ada("12")); }) == CG_ERR_INVALID_ARGUMENT,
       "a finding that makes no sense is refused");
    ok(thrown([&] { book.untag("a1", "Ransomware", ada("12")); }) == CG_ERR_INVALID_ARGUMENT,
       "nobody takes a system tag away");
    ok(thrown([&] { book.comment("a1", " ", ada("12")); }) == CG_ERR_INVALID_ARGUMENT, "a comment says something");
    ok(thrown([&] { book.tag("x", "t", ada("12")); }) == CG_ERR_NOT_FOUND, "an unknown alert is not found");
    ok(thrown([&] { book.rename("a1", "t", "{}"); }) == CG_ERR_INVALID_ARGUMENT, "an author has a name");
    ok(thrown([&] { book.user_priority_json("a1", "device:host:ws-7"); }) == CG_ERR_INVALID_ARGUMENT,
       "a device is no user");
    ok(thrown([&] { book.activity_json("a1", "{"); }) == CG_ERR_INVALID_ARGUMENT, "a filter is one");
    std::cout << "1.." << count << "\n";
    return failures == 0 ? 0 : 1;
}
