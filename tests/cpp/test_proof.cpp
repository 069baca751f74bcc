// Verdicts as proofs through the C++ face, used as C++ programs use them. One line per check; fails if any fails.
#include "check.hpp"

#include <string>

static const char *const ADDRESS = "ip:address:203.0.113.188";

static bool has(const std::string &text, const char *part) {
    return text.find(part) != std::string::npos;
}

static std::string with(std::string text, const std::string &from, const std::string &to) {
    const auto at = text.find(from);
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

int main() {
    casegraph::Casebook book;
    book.ingest("sample", casegraph::sample_alerts());
    const casegraph::Incident incident = book.incidents()[0];
    const std::string id(incident.id());
    const std::string proof = book.explain_json(id, ADDRESS);
    ok(has(proof, "\"schema\":\"casegraph.proof/1\""), "a proof");
    ok(book.check_json(proof) == "null", "it holds");
    for (std::size_t i = 0; i < 10; i++) {
        const std::string of(incident.entities()[i].id());
        const std::string why = book.explain_json(id, of);
        ok(has(why, ("\"entity\":\"" + of).c_str()), "a proof of each entity");
        ok(i % 5 != 0 || book.check_json(why) == "null", "that holds");
    }
    const std::string forged = with(proof, "\"confidence\":60", "\"confidence\":6");
    ok(forged != proof && has(book.check_json(forged), "\"kind\":\"opinion\""), "a changed one does not");
    ok(has(casegraph::Casebook().check_json(proof), "\"kind\":\"fact\""), "nor does it without its facts");
    ok(has(casegraph::proof_tree(proof), "holds under\n"), "as a tree");
    ok(thrown([&] { casegraph::proof_tree("{}"); }) == CG_ERR_INVALID_ARGUMENT, "no proof, no tree");
    ok(thrown([&] { book.check_json("{}"); }) == CG_ERR_INVALID_ARGUMENT, "no proof, no check");
    const std::string within = book.explain_within_json(id, ADDRESS, 1);
    ok(has(within, "\"undecided\":{"), "within a budget");
    ok(has(book.check_json(within), "\"kind\":\"unfinished\""), "that is no proof");
    ok(book.explain_within_json(id, ADDRESS, 1'000'000) == proof, "a budget that is enough");
    std::cout << "1.." << count << "\n";
    return failures != 0;
}
