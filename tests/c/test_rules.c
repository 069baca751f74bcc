/* Rules through the C face, used as C programs use them. One line per check; fails if any fails. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>

static const char *const RULES = "title: Whoami\n"
                                 "id: 5d9aa6d1-6c46-4a3c-b2f7-0f4c6d7f1a01\n"
                                 "tags: [attack.discovery, attack.t1033]\n"
                                 "logsource: {category: process_creation, product: windows}\n"
                                 "detection:\n"
                                 "  selection:\n"
                                 "    Image|endswith: '\\whoami.exe'\n"
                                 "  condition: selection\n"
                                 "level: low\n"
                                 "---\n"
                                 "title: A tool of ours\n"
                                 "name: ours\n"
                                 "tags: [attack.execution]\n"
                                 "logsource: {category: process_creation, product: windows}\n"
                                 "detection:\n"
                                 "  selection:\n"
                                 "    User|expand: '%admins%'\n"
                                 "  condition: selection\n"
                                 "level: high\n"
                                 "---\n"
                                 "title: Names\n"
                                 "logsource: {category: dns_query, product: windows}\n"
                                 "detection:\n"
                                 "  selection: {QueryName|contains: evil}\n"
                                 "  condition: selection\n"
                                 "level: critical\n";
static const char *const BROKEN = "title: Broken\n"
                                  "logsource: {category: process_creation}\n"
                                  "detection:\n"
                                  "  selection: {Image: a}\n"
                                  "  condition: selektion\n";
static const char *const EVENT = "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,"
                                 "\"Image\":\"C:\\\\Windows\\\\System32\\\\whoami.exe\",\"User\":\"ada\"}";
static const char *const OTHER = "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,"
                                 "\"Image\":\"C:\\\\Windows\\\\System32\\\\cmd.exe\",\"User\":\"bert\"}";

static cg_rules_builder *builder(void) {
    cg_rules_builder *made = NULL;
    if (cg_rules_builder_new(&made, NULL) != CG_OK) {
        printf("Bail out! no builder\n");
        exit(1);
    }
    return made;
}

/* The three rules, with `ada` and `carl` as admins. */
static cg_rules *sample(void) {
    cg_rules_builder *b = builder();
    cg_rules *rules = NULL;
    if (cg_rules_builder_add_text(b, TEXT("rules.yml"), TEXT(RULES), NULL) != CG_OK ||
        cg_rules_builder_with_placeholder(b, TEXT("admins"), TEXT("carl"), NULL) != CG_OK ||
        cg_rules_builder_with_placeholder(b, TEXT("admins"), TEXT("ada"), NULL) != CG_OK ||
        cg_rules_builder_strict(b, NULL) != CG_OK || cg_rules_builder_build(b, &rules, NULL) != CG_OK) {
        printf("Bail out! no sample rules\n");
        exit(1);
    }
    cg_rules_builder_free(b);
    return rules;
}

/* The number of the rule with this title. */
static uint32_t number_of(const cg_rules *rules, const char *title) {
    uint32_t number;
    for (number = 0; number < cg_rules_len(rules); number++) {
        if (equal(cg_rules_title(rules, number), title)) {
            return number;
        }
    }
    return (uint32_t)-1;
}

/* Does the JSON that this text call gives hold a part? */
static int tells(cg_status (*ask)(const cg_rules *, cg_buffer *, cg_error **), const cg_rules *rules,
                 const char *part) {
    cg_buffer json = {NULL, 0, 0};
    int told = ask(rules, &json, NULL) == CG_OK && holds(json.ptr, json.len, part);
    cg_buffer_free(&json);
    return told;
}

static int explains(const cg_rules *rules, const char *rule, const char *event, const char *part) {
    cg_buffer json = {NULL, 0, 0};
    int told = cg_rules_explain_json(rules, TEXT(rule), TEXT(event), &json, NULL) == CG_OK &&
               holds(json.ptr, json.len, part);
    cg_buffer_free(&json);
    return told;
}

static void building(const char *folder) {
    cg_rules *rules = sample();
    cg_rules *again = NULL;
    cg_rules *builtin = NULL;
    cg_rules_builder *b = builder();
    cg_error *error = NULL;
    char path[4096];
    FILE *file;

    ok(cg_rules_len(rules) == 3 && cg_rules_hash(rules).len == 64, "a set is built of a text");
    ok(number_of(rules, "Whoami") < 3 &&
           equal(cg_rules_id(rules, number_of(rules, "Whoami")), "5d9aa6d1-6c46-4a3c-b2f7-0f4c6d7f1a01") &&
           cg_rules_id(rules, number_of(rules, "Names")).len == 0,
       "a rule has title and id");
    ok(cg_rules_title(rules, 3).len == 0 && cg_rules_id(rules, (uint32_t)-1).len == 0, "past the end there is none");
    ok(tells(cg_rules_json, rules, "\"kind\":\"detection\",\"title\":\"Whoami\"") &&
           tells(cg_rules_json, rules, "\"tags\":[\"attack.discovery\",\"attack.t1033\"]") &&
           tells(cg_rules_problems_json, rules, "[]"),
       "rules and problems as JSON");

    snprintf(path, sizeof path, "%s/casegraph-test-c.yml", folder);
    file = fopen(path, "wb");
    if (file == NULL) {
        printf("Bail out! %s cannot be written\n", path);
        exit(1);
    }
    fputs(RULES, file);
    fclose(file);
    cg_rules_builder_with_placeholder(b, TEXT("admins"), TEXT("carl"), NULL);
    cg_rules_builder_with_placeholder(b, TEXT("admins"), TEXT("ada"), NULL);
    ok(cg_rules_builder_add_path(b, TEXT(path), NULL) == CG_OK && cg_rules_builder_build(b, &again, NULL) == CG_OK &&
           cg_rules_len(again) == 3 && cg_rules_hash(again).len == 64 &&
           memcmp(cg_rules_hash(again).ptr, cg_rules_hash(rules).ptr, 64) == 0,
       "a file gives the same set as its text");
    remove(path);
    cg_rules_free(again);
    again = NULL;

    ok(cg_rules_builder_build(b, &again, NULL) == CG_OK && cg_rules_len(again) == 0, "a builder is as new afterwards");
    cg_rules_free(again);
    again = NULL;

    cg_rules_builder_add_path(b, TEXT("no/such/folder"), NULL);
    ok(cg_rules_builder_build(b, &again, &error) == CG_ERR_IO && again == NULL &&
           equal(cg_error_source(error), "no/such/folder"),
       "a missing path is an I/O error with its path");
    cg_error_free(error);

    ok(cg_rules_builder_add_builtin(b, NULL) == CG_OK && cg_rules_builder_strict(b, NULL) == CG_OK &&
           cg_rules_builder_build(b, &builtin, NULL) == CG_OK && cg_rules_len(builtin) > 30 &&
           tells(cg_rules_json, builtin, "\"kind\":\"verdict\"") && tells(cg_rules_problems_json, builtin, "[]"),
       "the built-in rules");
    cg_rules_free(builtin);
    cg_rules_free(rules);
    cg_rules_builder_free(b);
}

static void problems(void) {
    cg_rules_builder *b = builder();
    cg_rules *rules = NULL;
    cg_error *error = NULL;

    cg_rules_builder_add_text(b, TEXT("good.yml"), TEXT(RULES), NULL);
    cg_rules_builder_with_placeholder(b, TEXT("admins"), TEXT("ada"), NULL);
    cg_rules_builder_add_text(b, TEXT("broken.yml"), TEXT(BROKEN), NULL);
    cg_rules_builder_add_text(b, TEXT("bytes.yml"), "title: \xff\xfe\n", 10, NULL);
    ok(cg_rules_builder_build(b, &rules, NULL) == CG_OK && cg_rules_len(rules) == 3, "the good ones are in");
    ok(tells(cg_rules_problems_json, rules, "{\"source\":\"broken.yml\",\"line\":5,\"column\":14,\"rule\":\"Broken\"") &&
           tells(cg_rules_problems_json, rules, "selektion"),
       "a problem has file, line, column, rule and what is wrong");
    ok(tells(cg_rules_problems_json, rules, "\"source\":\"bytes.yml\",\"line\":1"), "bad UTF-8 is a problem of the rule");
    cg_rules_free(rules);
    rules = NULL;

    cg_rules_builder_add_text(b, TEXT("good.yml"), TEXT(RULES), NULL);
    cg_rules_builder_with_placeholder(b, TEXT("admins"), TEXT("ada"), NULL);
    cg_rules_builder_add_text(b, TEXT("broken.yml"), TEXT(BROKEN), NULL);
    cg_rules_builder_strict(b, NULL);
    ok(cg_rules_builder_build(b, &rules, &error) == CG_ERR_RULE && rules == NULL &&
           cg_error_code(error) == CG_ERR_RULE && equal(cg_error_source(error), "broken.yml") &&
           cg_error_line(error) == 5 && cg_error_column(error) == 14 &&
           holds(cg_error_message(error).ptr, cg_error_message(error).len, "selektion"),
       "a strict builder fails at the first");
    cg_error_free(error);

    cg_rules_builder_add_text(b, TEXT("broken.yml"), TEXT(BROKEN), NULL);
    ok(cg_rules_builder_build(b, &rules, NULL) == CG_ERR_RULE && rules == NULL, "as does one that is left with nothing");
    cg_rules_builder_with_mapping(b, TEXT("mapping.yml"), TEXT("shapes: 7\n"), NULL);
    ok(cg_rules_builder_build(b, &rules, &error) == CG_ERR_RULE && equal(cg_error_source(error), "mapping.yml") &&
           cg_error_line(error) == 1,
       "a mapping that is none");
    cg_error_free(error);
    cg_rules_builder_free(b);
}

static void selecting(void) {
    cg_rules *rules = sample();
    cg_rules *some = NULL;
    cg_rules *none = NULL;
    cg_rules_builder *b = builder();
    cg_error *error = NULL;

    ok(cg_rules_select(rules, TEXT("{\"minLevel\":\"high\"}"), &some, NULL) == CG_OK && cg_rules_len(some) == 2 &&
           tells(cg_rules_json, some, "\"title\":\"Names\"") && !tells(cg_rules_json, some, "\"title\":\"Whoami\""),
       "rules are chosen by level");
    cg_rules_free(some);
    ok(cg_rules_select(rules, TEXT("{\"tags\":[\"attack.t1033\"],\"categories\":[\"process_creation\"]}"), &some,
                       NULL) == CG_OK &&
           cg_rules_len(some) == 1 && equal(cg_rules_title(some, 0), "Whoami"),
       "by tag and category");
    cg_rules_free(some);
    ok(cg_rules_select(rules, TEXT("{\n\"minlevel\":\"high\"}"), &none, &error) == CG_ERR_INVALID_ARGUMENT &&
           none == NULL && cg_error_line(error) == 2,
       "an unknown name is refused");
    cg_error_free(error);
    ok(cg_rules_select(rules, NULL, 0, &none, NULL) == CG_ERR_INVALID_ARGUMENT && none == NULL, "as is no choice");
    ok(cg_rules_builder_with_select(b, TEXT("[]"), NULL) == CG_ERR_INVALID_ARGUMENT, "also by a builder");
    cg_rules_builder_add_text(b, TEXT("rules.yml"), TEXT(RULES), NULL);
    cg_rules_builder_with_placeholder(b, TEXT("admins"), TEXT("ada"), NULL);
    ok(cg_rules_builder_with_select(b, TEXT("{\"ids\":[\"ours\"]}"), NULL) == CG_OK &&
           cg_rules_builder_build(b, &some, NULL) == CG_OK && cg_rules_len(some) == 1 &&
           equal(cg_rules_title(some, 0), "A tool of ours"),
       "a builder chooses too");
    cg_rules_free(some);
    cg_rules_builder_free(b);
    cg_rules_free(rules);
}

static void matching(void) {
    cg_rules *rules = sample();
    uint32_t whoami = number_of(rules, "Whoami"), ours = number_of(rules, "A tool of ours");
    cg_matcher *matcher = NULL;
    cg_error *error = NULL;
    const uint32_t *numbers = NULL;
    size_t found = 99;
    cg_buffer json;

    cg_matcher_new(rules, &matcher, NULL);
    cg_rules_free(rules);
    ok(cg_matcher_with_profile(matcher, NULL) == CG_OK &&
           cg_matcher_matches(matcher, TEXT(EVENT), &numbers, &found, NULL) == CG_OK && found == 2 &&
           numbers[0] < numbers[1] && (numbers[0] == whoami || numbers[0] == ours) &&
           (numbers[1] == whoami || numbers[1] == ours),
       "a matcher outlives its set, and matches");
    ok(cg_matcher_matches(matcher, TEXT(OTHER), &numbers, &found, NULL) == CG_OK && found == 0 && numbers != NULL,
       "an event that matches nothing");
    ok(cg_matcher_matches(matcher, TEXT("{\"what\":\"is this\"}"), &numbers, &found, NULL) == CG_OK && found == 0,
       "an event of no known logsource");
    found = 99;
    ok(cg_matcher_matches(matcher, TEXT("{\n\"a\":}"), &numbers, &found, &error) == CG_ERR_SYNTAX &&
           cg_error_line(error) == 2 && found == 99,
       "what is no JSON is refused, with its place");
    cg_error_free(error);
    ok(cg_matcher_matches(matcher, TEXT("[]"), &numbers, &found, NULL) == CG_ERR_SYNTAX &&
           cg_matcher_matches(matcher, "{\"a\":\"\xff\"}", 9, &numbers, &found, NULL) == CG_ERR_SYNTAX &&
           cg_matcher_matches(matcher, NULL, 0, &numbers, &found, NULL) == CG_ERR_SYNTAX,
       "as are a list, bad UTF-8 and nothing");
    ok(cg_matcher_matches(matcher, TEXT(EVENT), &numbers, &found, NULL) == CG_OK && found == 2, "it goes on after that");
    ok(cg_matcher_profile_json(matcher, &json, NULL) == CG_OK &&
           holds(json.ptr, json.len, "{\"events\":4,\"unknownEvents\":1,") &&
           holds(json.ptr, json.len, "\"title\":\"Whoami\"") && holds(json.ptr, json.len, "\"hits\":2,\"never\":null") &&
           holds(json.ptr, json.len, "\"hits\":0,\"never\":\"no event of product `windows`, category `dns_query`\""),
       "what each rule cost, and why one was never evaluated");
    cg_buffer_free(&json);
    cg_matcher_free(matcher);
}

static void huge(void) {
    cg_rules *rules = sample();
    cg_matcher *matcher = NULL;
    cg_error *error = NULL;
    const uint32_t *numbers = NULL;
    size_t found = 0, i, at;
    size_t size = 1u << 20;
    char *text = malloc(size);

    cg_matcher_new(rules, &matcher, NULL);
    at = (size_t)snprintf(text, size, "{\"a\":[0");
    for (i = 0; i < 100001; i++) {
        at += (size_t)snprintf(text + at, size - at, ",0");
    }
    at += (size_t)snprintf(text + at, size - at, "]}");
    ok(cg_matcher_matches(matcher, text, at, &numbers, &found, &error) == CG_ERR_LIMIT &&
           cg_error_code(error) == CG_ERR_LIMIT,
       "an event of too many values");
    cg_error_free(error);
    memset(text, '[', size);
    memcpy(text, "{\"a\":", 5);
    ok(cg_matcher_matches(matcher, text, size, &numbers, &found, NULL) == CG_ERR_LIMIT, "an event that nests too deep");
    memset(text, 'a', size);
    at = (size_t)snprintf(text, size, "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,\"Image\":\"");
    text[at] = 'a';
    memcpy(text + size - 14, "\\\\whoami.exe\"}", 14);
    ok(cg_matcher_matches(matcher, text, size, &numbers, &found, NULL) == CG_OK && found == 1, "a field of a megabyte");
    ok(cg_matcher_matches(matcher, TEXT(EVENT), &numbers, &found, NULL) == CG_OK && found == 2, "and the next event");
    free(text);
    cg_matcher_free(matcher);
    cg_rules_free(rules);
}

static void explaining(void) {
    cg_rules *rules = sample();
    cg_buffer json = {NULL, 0, 0};
    cg_error *error = NULL;

    ok(explains(rules, "Whoami", EVENT, "{\"matched\":true,") &&
           explains(rules, "5d9aa6d1-6c46-4a3c-b2f7-0f4c6d7f1a01", EVENT, "\"decidedBy\":"),
       "why a rule matches, by title and id");
    ok(explains(rules, "ours", OTHER, "{\"matched\":false,") && explains(rules, "ours", OTHER, "\"found\":[\"bert\"]"),
       "why it does not, by name");
    ok(explains(rules, "Names", EVENT, "not asked: the rule is for"), "that it was not asked");
    ok(cg_rules_explain_json(rules, TEXT("nobody"), TEXT(EVENT), &json, &error) == CG_ERR_NOT_FOUND &&
           holds(cg_error_message(error).ptr, cg_error_message(error).len, "`nobody`"),
       "a rule that is not there");
    cg_error_free(error);
    ok(cg_rules_explain_json(rules, TEXT("ours"), TEXT("7"), &json, NULL) == CG_ERR_SYNTAX &&
           cg_rules_explain_json(rules, "\xff", 1, TEXT(EVENT), &json, NULL) == CG_ERR_INVALID_ARGUMENT &&
           json.ptr == NULL,
       "what is no event, and what is no name");
    cg_rules_free(rules);
}

static void nulls(void) {
    cg_rules *rules = sample();
    cg_rules *other = NULL;
    cg_rules_builder *b = builder();
    cg_matcher *matcher = NULL;
    cg_matcher *made = NULL;
    const uint32_t *numbers = NULL;
    size_t found = 7;
    cg_buffer json = {NULL, 0, 0};
    cg_status bad = CG_ERR_INVALID_ARGUMENT;

    cg_matcher_new(rules, &matcher, NULL);
    ok(cg_rules_builder_new(NULL, NULL) == bad && cg_rules_builder_add_path(NULL, "", 0, NULL) == bad &&
           cg_rules_builder_add_text(NULL, "", 0, "", 0, NULL) == bad && cg_rules_builder_add_builtin(NULL, NULL) == bad &&
           cg_rules_builder_with_mapping(NULL, "", 0, "", 0, NULL) == bad &&
           cg_rules_builder_with_placeholder(NULL, "", 0, "", 0, NULL) == bad &&
           cg_rules_builder_with_select(NULL, "{}", 2, NULL) == bad && cg_rules_builder_strict(NULL, NULL) == bad &&
           cg_rules_builder_build(NULL, &other, NULL) == bad && cg_rules_builder_build(b, NULL, NULL) == bad,
       "no builder");
    ok(cg_rules_builder_add_path(b, NULL, 3, NULL) == bad && cg_rules_builder_add_path(b, "\xff", 1, NULL) == bad &&
           cg_rules_builder_add_text(b, "\xff", 1, "", 0, NULL) == bad &&
           cg_rules_builder_add_text(b, "", 0, NULL, 3, NULL) == bad &&
           cg_rules_builder_with_mapping(b, "", 0, "\xff", 1, NULL) == bad &&
           cg_rules_builder_with_placeholder(b, "a", 1, NULL, (size_t)-1, NULL) == bad,
       "no text");
    ok(cg_rules_json(NULL, &json, NULL) == bad && cg_rules_problems_json(NULL, &json, NULL) == bad &&
           cg_rules_select(NULL, "{}", 2, &other, NULL) == bad &&
           cg_rules_explain_json(NULL, "", 0, "", 0, &json, NULL) == bad && cg_matcher_new(NULL, &made, NULL) == bad &&
           cg_rules_len(NULL) == 0 && cg_rules_hash(NULL).len == 0 && cg_rules_title(NULL, 0).len == 0 &&
           cg_rules_id(NULL, 0).len == 0,
       "no set");
    ok(cg_rules_json(rules, NULL, NULL) == bad && cg_rules_problems_json(rules, NULL, NULL) == bad &&
           cg_rules_select(rules, "{}", 2, NULL, NULL) == bad &&
           cg_rules_explain_json(rules, TEXT("ours"), TEXT(EVENT), NULL, NULL) == bad &&
           cg_matcher_new(rules, NULL, NULL) == bad && cg_matcher_profile_json(matcher, NULL, NULL) == bad &&
           cg_matcher_matches(matcher, TEXT(EVENT), NULL, &found, NULL) == bad &&
           cg_matcher_matches(matcher, TEXT(EVENT), &numbers, NULL, NULL) == bad,
       "no place for the result");
    ok(cg_matcher_matches(NULL, TEXT(EVENT), &numbers, &found, NULL) == bad &&
           cg_matcher_with_profile(NULL, NULL) == bad && cg_matcher_profile_json(NULL, &json, NULL) == bad,
       "no matcher");
    ok(other == NULL && made == NULL && numbers == NULL && found == 7 && json.ptr == NULL,
       "none of these wrote a result");
    cg_rules_builder_free(NULL);
    cg_rules_free(NULL);
    cg_matcher_free(NULL);
    ok(1, "NULL may be freed");
    cg_rules_free(rules);
    cg_rules_builder_free(b);
    cg_matcher_free(matcher);
}

struct share {
    const cg_rules *rules;
    size_t hits;
};

static void *run(void *given) {
    struct share *share = given;
    cg_matcher *matcher = NULL;
    const uint32_t *numbers = NULL;
    size_t found = 0;
    int i;
    if (cg_matcher_new(share->rules, &matcher, NULL) == CG_OK) {
        for (i = 0; i < 50; i++) {
            cg_matcher_matches(matcher, TEXT(i % 2 ? EVENT : OTHER), &numbers, &found, NULL);
            share->hits += found;
        }
    }
    cg_matcher_free(matcher);
    return NULL;
}

static void threads(void) {
    cg_rules *rules = sample();
    pthread_t workers[4];
    struct share shares[4];
    size_t i, hits = 0;
    for (i = 0; i < 4; i++) {
        shares[i].rules = rules;
        shares[i].hits = 0;
        if (pthread_create(&workers[i], NULL, run, &shares[i]) != 0) {
            printf("Bail out! no thread\n");
            exit(1);
        }
    }
    for (i = 0; i < 4; i++) {
        pthread_join(workers[i], NULL);
        hits += shares[i].hits;
    }
    ok(hits == 4 * 25 * 2, "threads share one set");
    cg_rules_free(rules);
}

int main(int argc, char **argv) {
    building(argc > 1 ? argv[1] : ".");
    problems();
    selecting();
    matching();
    huge();
    explaining();
    nulls();
    threads();
    printf("1..%d\n", count);
    return failures == 0 ? 0 : 1;
}
