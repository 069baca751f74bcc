// Rules through the C++ face, used as C++ programs use them. One line per check; fails if any fails.
#include "check.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

using casegraph::Matcher;
using casegraph::RuleSet;
using casegraph::RuleSetBuilder;

static const char *const RULES = R"(title: Whoami
id: 5d9aa6d1-6c46-4a3c-b2f7-0f4c6d7f1a01
tags: [attack.discovery, attack.t1033]
logsource: {category: process_creation, product: windows}
detection:
  selection:
    Image|endswith: '\whoami.exe'
  condition: selection
level: low
---
title: A tool of ours
name: ours
logsource: {category: process_creation, product: windows}
detection:
  selection:
    User|expand: '%admins%'
  condition: selection
level: high
)";
static const char *const EVENT =
    R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\Windows\\whoami.exe","User":"ada"})";
static const char *const OTHER =
    R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\Windows\\cmd.exe","User":"bert"})";

static_assert(!std::is_copy_constructible_v<RuleSet> && std::is_nothrow_move_constructible_v<RuleSet>);
static_assert(!std::is_copy_constructible_v<Matcher> && std::is_nothrow_move_assignable_v<Matcher>);
static_assert(!std::is_copy_constructible_v<RuleSetBuilder>);

static RuleSet sample() {
    return RuleSetBuilder()
        .add_text("rules.yml", RULES)
        .with_placeholder("admins", "carl")
        .with_placeholder("admins", "ada")
        .strict()
        .build();
}

static bool has(const std::string &text, const char *part) {
    return text.find(part) != std::string::npos;
}

static void building(const std::string &folder) {
    const RuleSet rules = sample();
    ok(rules.size() == 2 && !rules.empty() && rules.hash().size() == 64, "a set is built of a text");
    ok((rules.title(0) == "Whoami") != (rules.title(1) == "Whoami") && rules.title(2).empty() && rules.id(2).empty(),
       "a rule has a title");
    ok(rules.id(0) == "5d9aa6d1-6c46-4a3c-b2f7-0f4c6d7f1a01" || rules.id(1) == "5d9aa6d1-6c46-4a3c-b2f7-0f4c6d7f1a01",
       "and an id");
    ok(has(rules.to_json(), "\"title\":\"Whoami\"") && rules.problems_json() == "[]", "rules and problems as JSON");
    const std::string path = folder + "/casegraph-test-cpp.yml";
    std::ofstream(path) << RULES;
    RuleSetBuilder builder;
    builder.add_path(path).with_placeholder("admins", "carl").with_placeholder("admins", "ada");
    ok(builder.build().hash() == rules.hash(), "a file gives the same set as its text");
    std::remove(path.c_str());
    ok(builder.build().empty(), "a builder is as new afterwards");
    ok(thrown([&] { builder.add_path(path).build(); }) == CG_ERR_IO, "a missing file throws");
    const RuleSet builtin = RuleSet::builtin();
    ok(builtin.size() > 30 && has(builtin.to_json(), "\"kind\":\"verdict\""), "the built-in rules");
}

static void problems() {
    const char *const broken = "title: Broken\nlogsource: {category: test}\ndetection:\n  a: {b: c}\n  condition: d\n";
    RuleSetBuilder builder;
    const RuleSet rules =
        builder.add_text("good.yml", RULES).with_placeholder("admins", "ada").add_text("bad.yml", broken).build();
    ok(rules.size() == 2 && has(rules.problems_json(), "{\"source\":\"bad.yml\",\"line\":5,\"column\":14,"),
       "a problem has its place, and the good ones are in");
    try {
        builder.add_text("bad.yml", broken).strict().build();
        ok(false, "a strict builder throws");
    } catch (const casegraph::Error &error) {
        ok(error.code() == casegraph::Code::Rule && error.source() == "bad.yml" && error.line() == 5,
           "a strict builder throws");
    }
    ok(thrown([&] { builder.with_mapping("m.yml", "shapes: 7").build(); }) == CG_ERR_RULE, "a mapping that is none");
    ok(thrown([&] { builder.with_select("{"); }) == CG_ERR_INVALID_ARGUMENT &&
           thrown([&] { builder.add_path("\xff"); }) == CG_ERR_INVALID_ARGUMENT,
       "what is no choice, and what is no path");
}

static void selecting() {
    const RuleSet rules = sample();
    const RuleSet loud = rules.select(R"({"minLevel":"high"})");
    ok(loud.size() == 1 && loud.title(0) == "A tool of ours" && loud.hash() != rules.hash(), "rules are chosen");
    ok(thrown([&] { rules.select(R"({"minlevel":"high"})"); }) == CG_ERR_INVALID_ARGUMENT, "an unknown name throws");
    ok(RuleSetBuilder().add_text("r", RULES).with_placeholder("admins", "a").with_select(R"({"tags":["attack.t1033"]})")
               .build().title(0) == "Whoami",
       "a builder chooses too");
}

static void matching() {
    Matcher matcher = sample().matcher().with_profile();
    const casegraph::Numbers both = matcher.matches(EVENT);
    ok(both.size() == 2 && both[0] == 0 && both[1] == 1 && std::is_sorted(both.begin(), both.end()),
       "a matcher outlives its set, and matches");
    bool out_of_range = false;
    try {
        both[2];
    } catch (const std::out_of_range &) {
        out_of_range = true;
    }
    ok(out_of_range, "an index past the end throws");
    std::size_t seen = 0;
    for (const std::uint32_t number : matcher.matches(OTHER)) {
        seen += number + 1;
    }
    ok(seen == 0 && matcher.matches("{}").empty(), "events that match nothing");
    ok(thrown([&] { matcher.matches("[]"); }) == CG_ERR_SYNTAX && thrown([&] { matcher.matches("\xff"); }) == CG_ERR_SYNTAX,
       "what is no event throws");
    std::string many = "{\"a\":[0";
    for (int i = 0; i < 100'001; i++) {
        many += ",0";
    }
    ok(thrown([&] { matcher.matches(many + "]}"); }) == CG_ERR_LIMIT, "an event of too many values throws");
    Matcher moved = std::move(matcher);
    ok(has(moved.profile_json(), "{\"events\":3,\"unknownEvents\":1,") && has(moved.profile_json(), "\"hits\":1,"),
       "what each rule cost, by a matcher that moved");
    moved.with_profile();
    ok(has(moved.profile_json(), "{\"events\":0,") && has(moved.profile_json(), "\"never\":\"no event of"),
       "counting begins anew");
    moved = sample().matcher();
    ok(moved.matches(EVENT).size() == 2 && has(moved.profile_json(), "\"rules\":[]"), "and only when asked for");
}

static void explaining() {
    const RuleSet rules = sample();
    ok(has(rules.explain_json("Whoami", EVENT), "{\"matched\":true,") &&
           has(rules.explain_json("ours", OTHER), "\"found\":[\"bert\"]"),
       "why a rule matches, and why it does not");
    ok(thrown([&] { rules.explain_json("nobody", EVENT); }) == CG_ERR_NOT_FOUND &&
           thrown([&] { rules.explain_json("ours", "7"); }) == CG_ERR_SYNTAX,
       "a rule that is not there, and an event that is none");
}

static void threads() {
    const RuleSet rules = sample();
    std::vector<std::size_t> hits(4);
    std::vector<std::thread> workers;
    for (std::size_t &told : hits) {
        workers.emplace_back([&rules, &told] {
            Matcher matcher = rules.matcher();
            for (int i = 0; i < 200; i++) {
                told += matcher.matches(i % 2 ? EVENT : OTHER).size();
            }
        });
    }
    for (std::thread &worker : workers) {
        worker.join();
    }
    ok(std::count(hits.begin(), hits.end(), 200u) == 4, "threads share one set");
}

int main(int argc, char **argv) {
    building(argc > 1 ? argv[1] : ".");
    problems();
    selecting();
    matching();
    explaining();
    threads();
    std::cout << "1.." << count << "\n";
    return failures == 0 ? 0 : 1;
}
