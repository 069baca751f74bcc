/* Verdicts as proofs through the C face, used as C programs use them. One line per check; fails if any fails. */
#include "check.h"

#include <stdlib.h>

#define OF(text) (text).ptr, (text).len
#define ADDRESS TEXT("ip:address:203.0.113.188")

static cg_casebook *sample(void) {
    cg_casebook *book = NULL;
    cg_str alerts = cg_sample_alerts();
    if (cg_casebook_new(NULL, 0, &book, NULL) != CG_OK ||
        cg_casebook_ingest(book, TEXT("sample"), alerts.ptr, alerts.len, NULL, NULL, NULL) != CG_OK) {
        printf("Bail out! no sample\n");
        exit(1);
    }
    return book;
}

/* The id of the most urgent incident. */
static cg_incident *first_of(const cg_casebook *book) {
    cg_incidents *list = NULL;
    cg_incident *one = NULL;
    if (cg_casebook_incidents(book, &list, NULL) != CG_OK || cg_incidents_at(list, 0, &one, NULL) != CG_OK) {
        printf("Bail out! no incident\n");
        exit(1);
    }
    cg_incidents_free(list);
    return one;
}

static int says(const cg_casebook *book, const char *proof, size_t len, const char *part) {
    cg_buffer flaw = {0};
    int told = cg_casebook_check_json(book, proof, len, &flaw, NULL) == CG_OK && holds(flaw.ptr, flaw.len, part);
    cg_buffer_free(&flaw);
    return told;
}

/* A copy of the proof in which the first `from` is `to`, of the same length. */
static char *forged(cg_buffer proof, const char *from, const char *to) {
    size_t i, size = strlen(from);
    char *copy = malloc(proof.len);
    if (copy == NULL || size != strlen(to)) {
        printf("Bail out! no copy\n");
        exit(1);
    }
    memcpy(copy, proof.ptr, proof.len);
    for (i = 0; i + size <= proof.len; i++) {
        if (memcmp(copy + i, from, size) == 0) {
            memcpy(copy + i, to, size);
            break;
        }
    }
    return copy;
}

static void checking(void) {
    cg_casebook *book = sample();
    cg_casebook *empty = NULL;
    cg_incident *incident = first_of(book);
    cg_str id = cg_incident_id(incident);
    cg_buffer proof = {0};
    cg_buffer tree = {0};
    cg_error *error = NULL;
    char *other;
    ok(cg_casebook_explain_json(book, OF(id), ADDRESS, &proof, NULL) == CG_OK &&
           holds(OF(proof), "\"schema\":\"casegraph.proof/1\"") && holds(OF(proof), "\"at\":\"$.evidence["),
       "a proof with its leaves");
    ok(says(book, OF(proof), "null"), "the proof holds");
    other = forged(proof, "\"confidence\":60", "\"confidence\":61");
    ok(says(book, other, proof.len, "\"kind\":\"opinion\"") && says(book, other, proof.len, "\"at\":\"$."),
       "a changed opinion is named");
    free(other);
    other = forged(proof, "\"impacted\":false", "\"impacted\":true ");
    ok(says(book, other, proof.len, "\"kind\":\"verdict\""), "a changed finding is named");
    free(other);
    ok(cg_casebook_new(NULL, 0, &empty, NULL) == CG_OK && says(empty, OF(proof), "\"kind\":\"fact\""),
       "a proof of other facts does not hold");
    cg_casebook_free(empty);
    ok(cg_proof_tree(OF(proof), &tree, NULL) == CG_OK && holds(OF(tree), "opinions\n") &&
           holds(OF(tree), "holds under\n") && tree.ptr[tree.len - 1] == '\n',
       "the proof as a tree");
    cg_buffer_free(&tree);
    ok(cg_proof_tree(TEXT("{}"), &tree, &error) == CG_ERR_INVALID_ARGUMENT && tree.ptr == NULL &&
           equal(cg_status_name(cg_error_code(error)), "invalid_argument"),
       "what is no proof has no tree");
    cg_error_free(error);
    error = NULL;
    ok(cg_casebook_check_json(book, TEXT("[]"), &tree, &error) == CG_ERR_INVALID_ARGUMENT && tree.ptr == NULL,
       "what is no proof is not checked");
    cg_error_free(error);
    cg_buffer_free(&proof);
    cg_incident_free(incident);
    cg_casebook_free(book);
}

static void budgets(void) {
    cg_casebook *book = sample();
    cg_incident *incident = first_of(book);
    cg_str id = cg_incident_id(incident);
    cg_buffer whole = {0};
    cg_buffer within = {0};
    ok(cg_casebook_explain_within_json(book, OF(id), ADDRESS, 1, &within, NULL) == CG_OK &&
           holds(OF(within), "\"undecided\":{\"lower\":0.0,\"upper\":1.0,"),
       "without a budget nothing is known");
    ok(says(book, OF(within), "\"kind\":\"unfinished\""), "and nothing is proved");
    cg_buffer_free(&within);
    ok(cg_casebook_explain_within_json(book, OF(id), ADDRESS, 1000000, &within, NULL) == CG_OK &&
           cg_casebook_explain_json(book, OF(id), ADDRESS, &whole, NULL) == CG_OK && within.len == whole.len &&
           memcmp(within.ptr, whole.ptr, whole.len) == 0,
       "a budget that is enough changes no byte");
    cg_buffer_free(&within);
    cg_buffer_free(&whole);
    cg_incident_free(incident);
    cg_casebook_free(book);
}

static void nothing_given(void) {
    cg_casebook *book = sample();
    cg_buffer out = {0};
    cg_status bad = CG_ERR_INVALID_ARGUMENT;
    ok(cg_casebook_explain_within_json(NULL, "", 0, "", 0, 1, &out, NULL) == bad, "no casebook: within");
    ok(cg_casebook_explain_within_json(book, "", 0, "", 0, 1, NULL, NULL) == bad, "no place: within");
    ok(cg_casebook_explain_within_json(book, NULL, 1, "", 0, 1, &out, NULL) == bad, "no alert");
    ok(cg_casebook_explain_within_json(book, "", 0, NULL, 1, 1, &out, NULL) == bad, "no entity");
    ok(cg_casebook_explain_within_json(book, TEXT("nobody"), ADDRESS, 1, &out, NULL) == CG_ERR_NOT_FOUND,
       "an alert that is not there");
    ok(cg_casebook_check_json(NULL, TEXT("{}"), &out, NULL) == bad, "no casebook: check");
    ok(cg_casebook_check_json(book, TEXT("{}"), NULL, NULL) == bad, "no place: check");
    ok(cg_casebook_check_json(book, NULL, 1, &out, NULL) == bad, "no proof: check");
    ok(cg_casebook_check_json(book, NULL, 0, &out, NULL) == bad, "an empty proof");
    ok(cg_proof_tree(NULL, 1, &out, NULL) == bad, "no proof: tree");
    ok(cg_proof_tree(TEXT("{}"), NULL, NULL) == bad, "no place: tree");
    ok(cg_proof_tree("\xff", 1, &out, NULL) == bad && out.ptr == NULL, "no UTF-8");
    cg_casebook_free(book);
}

int main(void) {
    checking();
    budgets();
    nothing_given();
    printf("1..%d\n", count);
    return failures != 0;
}
