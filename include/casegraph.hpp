// casegraph for C++17: the C face with destructors, exceptions and ranges. Header only; link libcasegraph.
//
//     casegraph::Casebook book;
//     book.ingest_file("alerts.jsonl");
//     for (const casegraph::Incident &incident : book.incidents())
//         std::cout << incident.score() << "  " << incident.title() << "\n";
//
// Every object owns its handle and is move-only; a moved-from object may only be assigned to or destroyed.
// Failures are casegraph::Error. std::string_view results are borrowed from the object they come from,
// unless said otherwise; std::string results are the caller's. `const` functions of one object may run on
// many threads at once, the others one at a time; see casegraph.h, which says the rest.
#ifndef CASEGRAPH_HPP
#define CASEGRAPH_HPP

#include <casegraph.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace casegraph {

inline std::string_view view(cg_str text) noexcept {
    return {text.ptr, text.len};
}

/// Version of the library that runs.
inline std::string_view version() noexcept {
    return view(cg_version());
}

/// The sample incident, as JSON Lines.
inline std::string_view sample_alerts() noexcept {
    return view(cg_sample_alerts());
}

/// Indicators that go with it, as JSON.
inline std::string_view sample_indicators() noexcept {
    return view(cg_sample_indicators());
}

/// Numbers of casegraph.h, as types. A value that is none of these is `Other`.
enum class Code : std::int32_t {
    Syntax = CG_ERR_SYNTAX,
    Format = CG_ERR_FORMAT,
    InvalidArgument = CG_ERR_INVALID_ARGUMENT,
    NotFound = CG_ERR_NOT_FOUND,
    Limit = CG_ERR_LIMIT,
    Log = CG_ERR_LOG,
    Io = CG_ERR_IO,
    Cancelled = CG_ERR_CANCELLED,
    Internal = CG_ERR_INTERNAL,
    Rule = CG_ERR_RULE,
    Conflict = CG_ERR_CONFLICT,
};

enum class Verdict : std::int32_t {
    Other = CG_VALUE_OTHER,
    Unknown = CG_VERDICT_UNKNOWN,
    Clean = CG_VERDICT_CLEAN,
    Suspicious = CG_VERDICT_SUSPICIOUS,
    Malicious = CG_VERDICT_MALICIOUS,
};

enum class Severity : std::int32_t {
    Other = CG_VALUE_OTHER,
    Unknown = CG_SEVERITY_UNKNOWN,
    Informational = CG_SEVERITY_INFORMATIONAL,
    Low = CG_SEVERITY_LOW,
    Medium = CG_SEVERITY_MEDIUM,
    High = CG_SEVERITY_HIGH,
};

enum class IncidentStatus : std::int32_t {
    Other = CG_VALUE_OTHER,
    Active = CG_INCIDENT_ACTIVE,
    Resolved = CG_INCIDENT_RESOLVED,
    InProgress = CG_INCIDENT_IN_PROGRESS,
    Redirected = CG_INCIDENT_REDIRECTED,
    AwaitingAction = CG_INCIDENT_AWAITING_ACTION,
};

enum class FactKind : std::int32_t {
    Other = CG_VALUE_OTHER,
    Alert = CG_FACT_ALERT,
    AlertPart = CG_FACT_ALERT_PART,
    Incident = CG_FACT_INCIDENT,
    Indicator = CG_FACT_INDICATOR,
    Decision = CG_FACT_DECISION,
    Retraction = CG_FACT_RETRACTION,
    Event = CG_FACT_EVENT,
    ActionReport = CG_FACT_ACTION_REPORT,
};

/// What an executor says of an action.
enum class Outcome : std::int32_t {
    Running = CG_OUTCOME_RUNNING,
    Waiting = CG_OUTCOME_WAITING,
    Completed = CG_OUTCOME_COMPLETED,
    NotFound = CG_OUTCOME_NOT_FOUND,
    Partially = CG_OUTCOME_PARTIALLY,
    Failed = CG_OUTCOME_FAILED,
};

/// The reply of an executor: how far it is, why, and since when (RFC 3339; empty for the time of the call).
struct ActionReply {
    Outcome outcome = Outcome::Completed;
    std::string message;
    std::string at;
};

/// Names as in JSON; static.
inline std::string_view name(Code code) noexcept {
    return view(cg_status_name(static_cast<std::int32_t>(code)));
}
inline std::string_view name(Verdict verdict) noexcept {
    return view(cg_verdict_name(static_cast<std::int32_t>(verdict)));
}
inline std::string_view name(Severity severity) noexcept {
    return view(cg_severity_name(static_cast<std::int32_t>(severity)));
}
inline std::string_view name(IncidentStatus status) noexcept {
    return view(cg_incident_status_name(static_cast<std::int32_t>(status)));
}
inline std::string_view name(FactKind kind) noexcept {
    return view(cg_fact_kind_name(static_cast<std::int32_t>(kind)));
}

namespace detail {

template <auto Free> struct Freer {
    template <typename T> void operator()(T *handle) const noexcept {
        Free(handle);
    }
};

template <typename T, auto Free> using Handle = std::unique_ptr<T, Freer<Free>>;

} // namespace detail

/// Why a call failed. `what()` has place, message and help; copies share one error object.
class Error : public std::runtime_error {
  public:
    explicit Error(std::shared_ptr<const cg_error> error)
        : std::runtime_error(std::string(view(cg_error_text(error.get())))), error_(std::move(error)) {}

    Code code() const noexcept {
        return static_cast<Code>(cg_error_code(error_.get()));
    }
    /// In one line, without the place.
    std::string_view message() const noexcept {
        return view(cg_error_message(error_.get()));
    }
    /// What to do about it; empty when that is not known.
    std::string_view help() const noexcept {
        return view(cg_error_help(error_.get()));
    }
    /// Name of the input; empty when there is none.
    std::string_view source() const noexcept {
        return view(cg_error_source(error_.get()));
    }
    /// JSON path in the record; empty when there is none.
    std::string_view path() const noexcept {
        return view(cg_error_path(error_.get()));
    }
    /// Record, line and column from 1; 0 when unknown.
    std::uint64_t record() const noexcept {
        return cg_error_record(error_.get());
    }
    std::uint64_t line() const noexcept {
        return cg_error_line(error_.get());
    }
    std::uint64_t column() const noexcept {
        return cg_error_column(error_.get());
    }

  private:
    std::shared_ptr<const cg_error> error_;
};

namespace detail {

/// Calls `function(arguments..., &error)` and throws what it reports.
template <typename Function, typename... Arguments> void call(Function function, Arguments... arguments) {
    cg_error *error = nullptr;
    if (function(arguments..., &error) != CG_OK) {
        throw Error(std::shared_ptr<const cg_error>(error, [](const cg_error *e) {
            cg_error_free(const_cast<cg_error *>(e));
        }));
    }
}

/// A cg_buffer that is freed, also when copying it throws.
struct Buffer {
    cg_buffer raw{nullptr, 0, 0};
    Buffer() = default;
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;
    ~Buffer() {
        cg_buffer_free(&raw);
    }
    std::string text() const {
        return raw.ptr == nullptr ? std::string() : std::string(raw.ptr, raw.len);
    }
};

/// `begin` and `end` over anything with `at(index)`; items are made when asked for.
template <typename Owner, typename Item> class Range {
  public:
    class iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Item;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = Item;

        iterator(Owner owner, std::size_t index) : owner_(owner), index_(index) {}
        Item operator*() const {
            return Item(owner_, index_);
        }
        iterator &operator++() {
            ++index_;
            return *this;
        }
        iterator operator++(int) {
            iterator before = *this;
            ++index_;
            return before;
        }
        bool operator==(const iterator &other) const noexcept {
            return index_ == other.index_;
        }
        bool operator!=(const iterator &other) const noexcept {
            return index_ != other.index_;
        }

      private:
        Owner owner_;
        std::size_t index_;
    };

    Range(Owner owner, std::size_t size) : owner_(owner), size_(size) {}
    iterator begin() const {
        return {owner_, 0};
    }
    iterator end() const {
        return {owner_, size_};
    }
    std::size_t size() const noexcept {
        return size_;
    }
    bool empty() const noexcept {
        return size_ == 0;
    }
    /// Throws std::out_of_range.
    Item operator[](std::size_t index) const {
        if (index >= size_) {
            throw std::out_of_range("casegraph: index past the end");
        }
        return Item(owner_, index);
    }

  private:
    Owner owner_;
    std::size_t size_;
};

inline std::optional<std::int64_t> time(std::int64_t micros) noexcept {
    return micros == CG_NO_TIME ? std::nullopt : std::optional<std::int64_t>(micros);
}

} // namespace detail

/// One alert of an incident; borrowed from it.
class Alert {
  public:
    Alert(const cg_incident *incident, std::size_t index) noexcept : incident_(incident), index_(index) {}

    std::string_view id() const noexcept {
        return view(cg_incident_alert_id(incident_, index_));
    }
    std::string_view title() const noexcept {
        return view(cg_incident_alert_title(incident_, index_));
    }
    Severity severity() const noexcept {
        return static_cast<Severity>(cg_incident_alert_severity(incident_, index_));
    }
    /// Microseconds since 1970-01-01T00:00:00Z.
    std::optional<std::int64_t> time() const noexcept {
        return detail::time(cg_incident_alert_time(incident_, index_));
    }
    /// Why it is here; empty for the first of a part.
    std::string_view reason() const noexcept {
        return view(cg_incident_alert_reason(incident_, index_));
    }
    /// Alerts folded into it.
    std::size_t repeats() const noexcept {
        return cg_incident_alert_repeats(incident_, index_);
    }
    /// Id of its fact.
    std::string_view fact() const noexcept {
        return view(cg_incident_alert_fact(incident_, index_));
    }

  private:
    const cg_incident *incident_;
    std::size_t index_;
};

/// One entity of an incident; borrowed from it.
class Entity {
  public:
    Entity(const cg_incident *incident, std::size_t index) noexcept : incident_(incident), index_(index) {}

    /// `kind:type:value`.
    std::string_view id() const noexcept {
        return view(cg_incident_entity_id(incident_, index_));
    }
    std::string_view kind() const noexcept {
        return view(cg_incident_entity_kind(incident_, index_));
    }
    std::string_view name() const noexcept {
        return view(cg_incident_entity_name(incident_, index_));
    }
    Verdict verdict() const noexcept {
        return static_cast<Verdict>(cg_incident_entity_verdict(incident_, index_));
    }
    /// 0 to 1.
    double score() const noexcept {
        return cg_incident_entity_score(incident_, index_);
    }
    /// What has been done about it.
    std::string_view remediation() const noexcept {
        return view(cg_incident_entity_remediation(incident_, index_));
    }
    /// The reason for its verdict.
    std::string_view because() const noexcept {
        return view(cg_incident_entity_because(incident_, index_));
    }

  private:
    const cg_incident *incident_;
    std::size_t index_;
};

/// How far an attack came.
struct KillChain {
    std::size_t observed;
    std::size_t total;
    int progress;
    /// ATT&CK's short name of the last stage seen; empty when none was. Static.
    std::string_view furthest;
};

/// One incident at one moment: a snapshot that depends on no casebook.
class Incident {
  public:
    using Alerts = detail::Range<const cg_incident *, Alert>;
    using Entities = detail::Range<const cg_incident *, Entity>;

    /// Takes over a handle.
    explicit Incident(cg_incident *handle) noexcept : handle_(handle) {}
    /// An item of a list.
    Incident(const cg_incidents *list, std::size_t index) {
        cg_incident *handle = nullptr;
        detail::call(cg_incidents_at, list, index, &handle);
        handle_.reset(handle);
    }

    std::string_view id() const noexcept {
        return view(cg_incident_id(get()));
    }
    std::string_view tenant_id() const noexcept {
        return view(cg_incident_tenant_id(get()));
    }
    std::string_view title() const noexcept {
        return view(cg_incident_title(get()));
    }
    std::string_view assigned_to() const noexcept {
        return view(cg_incident_assigned_to(get()));
    }
    Severity severity() const noexcept {
        return static_cast<Severity>(cg_incident_severity(get()));
    }
    IncidentStatus status() const noexcept {
        return static_cast<IncidentStatus>(cg_incident_status(get()));
    }
    /// 0 to 100.
    double score() const noexcept {
        return cg_incident_score(get());
    }
    /// Microseconds since 1970-01-01T00:00:00Z.
    std::optional<std::int64_t> first_activity() const noexcept {
        return detail::time(cg_incident_first_activity(get()));
    }
    std::optional<std::int64_t> last_activity() const noexcept {
        return detail::time(cg_incident_last_activity(get()));
    }
    std::size_t tag_count() const noexcept {
        return cg_incident_tag_count(get());
    }
    std::string_view tag(std::size_t index) const noexcept {
        return view(cg_incident_tag(get(), index));
    }
    /// Tags that follow from what happened; 0 to `system_tag_count() - 1`, empty past the end.
    std::size_t system_tag_count() const noexcept {
        return cg_incident_system_tag_count(get());
    }
    std::string_view system_tag(std::size_t index) const noexcept {
        return view(cg_incident_system_tag(get(), index));
    }
    std::string_view system_tag_because(std::size_t index) const noexcept {
        return view(cg_incident_system_tag_because(get(), index));
    }
    KillChain kill_chain() const noexcept {
        return {cg_incident_stages_observed(get()), cg_incident_stages_total(get()), cg_incident_progress(get()),
                view(cg_incident_furthest_stage(get()))};
    }
    /// Ranges borrow from the incident, and so are not to be had from one that is about to go.
    Alerts alerts() const & noexcept {
        return {get(), cg_incident_alert_count(get())};
    }
    Alerts alerts() const && = delete;
    Entities entities() const & noexcept {
        return {get(), cg_incident_entity_count(get())};
    }
    Entities entities() const && = delete;
    std::string to_json() const {
        detail::Buffer out;
        detail::call(cg_incident_json, get(), &out.raw);
        return out.text();
    }
    /// A page of plain text.
    std::string to_text() const {
        detail::Buffer out;
        detail::call(cg_incident_text, get(), &out.raw);
        return out.text();
    }
    const cg_incident *get() const noexcept {
        return handle_.get();
    }

  private:
    detail::Handle<cg_incident, cg_incident_free> handle_;
};

/// The incidents at one moment, the most urgent first: a snapshot, and a range of Incident.
class Incidents {
  public:
    using Range = detail::Range<const cg_incidents *, Incident>;

    /// Takes over a handle.
    explicit Incidents(cg_incidents *handle) noexcept : handle_(handle) {}

    Range::iterator begin() const {
        return range().begin();
    }
    Range::iterator end() const {
        return range().end();
    }
    std::size_t size() const noexcept {
        return cg_incidents_len(handle_.get());
    }
    bool empty() const noexcept {
        return size() == 0;
    }
    /// Throws std::out_of_range.
    Incident operator[](std::size_t index) const {
        return range()[index];
    }

  private:
    Range range() const noexcept {
        return {handle_.get(), size()};
    }
    detail::Handle<cg_incidents, cg_incidents_free> handle_;
};

/// An incident in a format of others, and what of it is not in that: a JSON list of texts.
struct Export {
    std::string text;
    std::string left_out_json;
};

/// Names of the formats that CaseFile::export_as knows; static.
inline std::vector<std::string_view> export_formats() {
    std::vector<std::string_view> names;
    for (std::size_t index = 0; index < cg_export_format_count(); ++index) {
        names.push_back(view(cg_export_format_name(index)));
    }
    return names;
}

/// Everything that is known of one incident, as of a time: a snapshot that depends on no casebook.
class CaseFile {
  public:
    /// Takes over a handle.
    explicit CaseFile(cg_case_file *handle) noexcept : handle_(handle) {}

    /// One HTML file that opens anywhere and fetches nothing.
    std::string page() const {
        detail::Buffer out;
        detail::call(cg_case_file_page, get(), &out.raw);
        return out.text();
    }
    /// An SVG document: `kill-chain`, `alert-timeline`, `entity-graph`, `process-tree` or `proof`; `about` is the id of
    /// what the last two are of.
    std::string picture(std::string_view name, std::string_view about = {}) const {
        detail::Buffer svg;
        detail::call(cg_case_file_picture, get(), name.data(), name.size(), about.data(), about.size(), &svg.raw);
        return svg.text();
    }
    /// The incident in one of the export_formats.
    Export export_as(std::string_view format) const {
        detail::Buffer out, left_out;
        detail::call(cg_case_file_export, get(), format.data(), format.size(), &out.raw, &left_out.raw);
        return {out.text(), left_out.text()};
    }
    const cg_case_file *get() const noexcept {
        return handle_.get();
    }

  private:
    detail::Handle<cg_case_file, cg_case_file_free> handle_;
};

/// One problem of an ingest; borrowed from its report.
class Problem {
  public:
    Problem(const cg_report *report, std::size_t index) noexcept : report_(report), index_(index) {}

    std::string_view code() const noexcept {
        return view(cg_report_problem_code(report_, index_));
    }
    std::string_view message() const noexcept {
        return view(cg_report_problem_message(report_, index_));
    }
    std::string_view path() const noexcept {
        return view(cg_report_problem_path(report_, index_));
    }
    std::uint64_t record() const noexcept {
        return cg_report_problem_record(report_, index_);
    }

  private:
    const cg_report *report_;
    std::size_t index_;
};

/// What one ingest read, and what it did not understand.
class Report {
  public:
    using Problems = detail::Range<const cg_report *, Problem>;

    /// Takes over a handle.
    explicit Report(cg_report *handle) noexcept : handle_(handle) {}

    /// Empty when no format was recognised. Static.
    std::string_view format() const noexcept {
        return view(cg_report_format(get()));
    }
    std::uint64_t records() const noexcept {
        return cg_report_records(get());
    }
    std::uint64_t alerts() const noexcept {
        return cg_report_alerts(get());
    }
    /// Raw events among the records, and matches of detection rules in them.
    std::uint64_t events() const noexcept {
        return cg_report_events(get());
    }
    std::uint64_t matches() const noexcept {
        return cg_report_matches(get());
    }
    /// Events whose logsource is unknown.
    std::uint64_t unknown_events() const noexcept {
        return cg_report_unknown_events(get());
    }
    /// Events that the policy's `rules.heldBytes` left no room for.
    std::uint64_t unheld_events() const noexcept {
        return cg_report_unheld_events(get());
    }
    std::uint64_t new_facts() const noexcept {
        return cg_report_new_facts(get());
    }
    std::uint64_t duplicates() const noexcept {
        return cg_report_duplicates(get());
    }
    /// Borrows from the report.
    Problems problems() const & noexcept {
        return {get(), cg_report_problem_count(get())};
    }
    Problems problems() const && = delete;
    std::uint64_t more_problems() const noexcept {
        return cg_report_more_problems(get());
    }
    std::string to_json() const {
        detail::Buffer out;
        detail::call(cg_report_json, get(), &out.raw);
        return out.text();
    }
    const cg_report *get() const noexcept {
        return handle_.get();
    }

  private:
    detail::Handle<cg_report, cg_report_free> handle_;
};

/// How an input is read.
struct IngestOptions {
    /// Detected when empty.
    std::string format;
    std::size_t threads = 1;
    /// Called with the bytes read so far; `false` ends the ingest with Code::Cancelled. What it throws ends
    /// the ingest and comes out of it.
    std::function<bool(std::uint64_t)> progress;
};

/// A fact of the log. `json` is borrowed until the casebook is next changed or destroyed.
struct Fact {
    std::size_t position;
    FactKind kind;
    std::string id;
    std::string_view json;
};

class RuleSet;

/// Facts in, judgements out.
class Casebook {
  public:
    /// Empty; `policy_json` holds the numbers that differ from the defaults.
    explicit Casebook(std::string_view policy_json = {}) {
        cg_casebook *handle = nullptr;
        detail::call(cg_casebook_new, policy_json.data(), policy_json.size(), &handle);
        handle_.reset(handle);
    }

    /// A saved log from a file. What is damaged is left out and told in `damage`, a JSON list.
    static Casebook load(std::string_view path, std::string_view policy_json = {}, std::string *damage = nullptr) {
        return loaded(cg_casebook_load, path, policy_json, damage);
    }
    /// A saved log from memory.
    static Casebook load_bytes(std::string_view log, std::string_view policy_json = {}, std::string *damage = nullptr) {
        return loaded(cg_casebook_load_bytes, log, policy_json, damage);
    }

    /// Puts these rules in the place of those in use; from now on an ingest takes in raw events too. A loaded
    /// casebook has none until then.
    void set_rules(const RuleSet &rules);

    /// Takes in alerts or incidents, and raw events once there are rules; `source` names them in problem reports.
    Report ingest(std::string_view source, std::string_view data, const IngestOptions &options = {}) {
        return with(options, [&](const cg_ingest_options *o, cg_report **report) {
            detail::call(cg_casebook_ingest, get(), source.data(), source.size(), data.data(), data.size(), o, report);
        });
    }
    /// Takes in a file; JSON Lines are read as a stream.
    Report ingest_file(std::string_view path, const IngestOptions &options = {}) {
        return with(options, [&](const cg_ingest_options *o, cg_report **report) {
            detail::call(cg_casebook_ingest_file, get(), path.data(), path.size(), o, report);
        });
    }
    /// Takes in indicators: one JSON object, a list, or JSON Lines.
    Report add_indicators(std::string_view source, std::string_view json) {
        cg_report *report = nullptr;
        detail::call(cg_casebook_add_indicators, get(), source.data(), source.size(), json.data(), json.size(),
                     &report);
        return Report(report);
    }
    /// Each gives the id of the new fact.
    std::string add_indicator(std::string_view json) {
        return fact_of(cg_casebook_add_indicator, json);
    }
    std::string decide(std::string_view json) {
        return fact_of(cg_casebook_decide, json);
    }
    std::string retract(std::string_view json) {
        return fact_of(cg_casebook_retract, json);
    }

    /// Merges incidents, each given by any of its alerts, a JSON list of ids; `author_json` says who, when and why.
    /// Each of the three gives the id of the new fact, and retracting that undoes it.
    std::string merge(std::string_view alerts_json, std::string_view author_json) {
        return operated(cg_casebook_merge, alerts_json, author_json);
    }
    /// Splits alerts of one incident off into an incident of their own.
    std::string split(std::string_view alerts_json, std::string_view author_json) {
        return operated(cg_casebook_split, alerts_json, author_json);
    }
    /// Moves alerts to the incident of the alert `to`, or when that is empty to a new one.
    std::string move_alerts(std::string_view alerts_json, std::string_view to, std::string_view author_json) {
        cg_fact_id id;
        detail::call(cg_casebook_move, get(), alerts_json.data(), alerts_json.size(), to.data(), to.size(),
                     author_json.data(), author_json.size(), &id);
        return id.hex;
    }
    /// Every alert of an incident, a JSON list of ids: what a decision about it names.
    std::string alert_ids_json(std::string_view alert_id) const {
        detail::Buffer out;
        detail::call(cg_casebook_alert_ids_json, get(), alert_id.data(), alert_id.size(), &out.raw);
        return out.text();
    }
    /// The earlier incidents most like one, with what they share and how they were closed.
    std::string similar_json(std::string_view alert_id, std::size_t limit = 10) const {
        detail::Buffer out;
        detail::call(cg_casebook_similar_json, get(), alert_id.data(), alert_id.size(), limit, &out.raw);
        return out.text();
    }

    /// What is to be done about an incident, any of its alerts given, as of a time (RFC 3339).
    std::string response_json(std::string_view alert_id, std::string_view at) const {
        return about(cg_casebook_response_json, alert_id, at);
    }
    /// Agrees to actions, a JSON list of ids of one kind; all or none.
    void approve(std::string_view alert_id, std::string_view actions_json, std::string_view author_json) {
        decide_actions(cg_casebook_approve, alert_id, actions_json, author_json);
    }
    void reject(std::string_view alert_id, std::string_view actions_json, std::string_view author_json) {
        decide_actions(cg_casebook_reject, alert_id, actions_json, author_json);
    }
    /// Asks for what actions did to be taken back.
    void undo(std::string_view alert_id, std::string_view actions_json, std::string_view author_json) {
        decide_actions(cg_casebook_undo, alert_id, actions_json, author_json);
    }
    /// Asks for an action by hand; gives its id.
    std::string propose(std::string_view alert_id, std::string_view target_json, std::string_view author_json) {
        detail::Buffer out;
        detail::call(cg_casebook_propose, get(), alert_id.data(), alert_id.size(), target_json.data(),
                     target_json.size(), author_json.data(), author_json.size(), &out.raw);
        return out.text();
    }
    /// Ends the investigation that an alert belongs to; gives the id of the new fact.
    std::string stop_investigation(std::string_view alert_id, std::string_view author_json) {
        return operated(cg_casebook_stop_investigation, alert_id, author_json);
    }
    /// What the host is to carry out now, in the whole casebook.
    std::string pending_requests_json(std::string_view at) const {
        detail::Buffer out;
        detail::call(cg_casebook_pending_requests_json, get(), at.data(), at.size(), &out.raw);
        return out.text();
    }
    /// Takes in what an executor says of a request; gives the id of the new fact.
    std::string report(std::string_view report_json) {
        cg_fact_id id;
        detail::call(cg_casebook_report, get(), report_json.data(), report_json.size(), &id);
        return id.hex;
    }
    /// Has `executor` carry out everything that is pending; gives how many requests that were. What it throws is
    /// recorded as the failure of its request, ends the call and is thrown again.
    std::size_t execute(std::string_view at, std::string_view by,
                        const std::function<ActionReply(const cg_action_request &)> &executor) {
        Executing executing{executor, {}, nullptr};
        std::size_t done = 0;
        try {
            detail::call(cg_casebook_execute, get(), at.data(), at.size(), by.data(), by.size(), &Casebook::carry_out,
                         static_cast<void *>(&executing), &done);
        } catch (const Error &) {
            // What the executor threw is the cause.
            if (!executing.thrown) {
                throw;
            }
        }
        if (executing.thrown) {
            std::rethrow_exception(executing.thrown);
        }
        return done;
    }
    /// The actions of the whole casebook, of those what the filter lets through; as JSON and as CSV.
    std::string action_centre_json(std::string_view at, std::string_view filter_json = {}) const {
        return about(cg_casebook_action_centre_json, at, filter_json);
    }
    std::string action_centre_csv(std::string_view at, std::string_view filter_json = {}) const {
        return about(cg_casebook_action_centre_csv, at, filter_json);
    }
    /// The cheapest actions that part the attacker from what is not lost yet, as of a time; see check_plan and
    /// plan_what_if_json.
    std::string plan_json(std::string_view alert_id, std::string_view at) const {
        return about(cg_casebook_plan_json, alert_id, at);
    }

    /// Decisions about the whole incident of an alert; each gives the id of the new fact, and retracting that undoes
    /// it. `author_json` says who, when and why. With an empty `to` it is given to nobody.
    std::string assign(std::string_view alert_id, std::string_view to, std::string_view author_json) {
        return managed(cg_casebook_assign, alert_id, to, author_json);
    }
    std::string set_status(std::string_view alert_id, std::string_view status, std::string_view author_json) {
        return managed(cg_casebook_set_status, alert_id, status, author_json);
    }
    /// Resolves an incident, and with it all of its alerts.
    std::string resolve(std::string_view alert_id, std::string_view author_json) {
        return operated(cg_casebook_resolve, alert_id, author_json);
    }
    /// What an incident was found to be: a classification, and a determination that goes with it.
    std::string classify(std::string_view alert_id, std::string_view classification, std::string_view determination,
                         std::string_view author_json) {
        cg_fact_id id;
        detail::call(cg_casebook_classify, get(), alert_id.data(), alert_id.size(), classification.data(),
                     classification.size(), determination.data(), determination.size(), author_json.data(),
                     author_json.size(), &id);
        return id.hex;
    }
    std::string set_severity(std::string_view alert_id, std::string_view severity, std::string_view author_json) {
        return managed(cg_casebook_set_severity, alert_id, severity, author_json);
    }
    std::string rename(std::string_view alert_id, std::string_view title, std::string_view author_json) {
        return managed(cg_casebook_rename, alert_id, title, author_json);
    }
    std::string tag(std::string_view alert_id, std::string_view tag, std::string_view author_json) {
        return managed(cg_casebook_tag, alert_id, tag, author_json);
    }
    std::string untag(std::string_view alert_id, std::string_view tag, std::string_view author_json) {
        return managed(cg_casebook_untag, alert_id, tag, author_json);
    }
    std::string comment(std::string_view alert_id, std::string_view text, std::string_view author_json) {
        return managed(cg_casebook_comment, alert_id, text, author_json);
    }
    /// What people and the system did to an incident, of that what the filter lets through.
    std::string activity_json(std::string_view alert_id, std::string_view filter_json = {}) const {
        return about(cg_casebook_activity_json, alert_id, filter_json);
    }
    /// How much a user of an incident needs looking into.
    std::string user_priority_json(std::string_view alert_id, std::string_view entity_id) const {
        return about(cg_casebook_user_priority_json, alert_id, entity_id);
    }
    /// How much is at stake on an asset of an incident now, over all incidents.
    std::string asset_risk_json(std::string_view alert_id, std::string_view entity_id) const {
        return about(cg_casebook_asset_risk_json, alert_id, entity_id);
    }

    /// Number of facts.
    std::size_t size() const noexcept {
        return cg_casebook_fact_count(get());
    }
    /// The fact at a position, from 0.
    Fact fact(std::size_t position) const {
        std::int32_t kind = CG_VALUE_OTHER;
        cg_fact_id id;
        cg_str json;
        detail::call(cg_casebook_fact, get(), position, &kind, &id, &json);
        return {position, static_cast<FactKind>(kind), id.hex, view(json)};
    }
    /// The fact with this id.
    Fact fact(std::string_view id) const {
        std::size_t position = 0;
        std::int32_t kind = CG_VALUE_OTHER;
        cg_str json;
        detail::call(cg_casebook_find_fact, get(), id.data(), id.size(), &position, &kind, &json);
        return {position, static_cast<FactKind>(kind), std::string(id), view(json)};
    }
    /// The casebook as it was after its first `facts` facts, with the same rules.
    Casebook as_of(std::size_t facts) const {
        cg_casebook *past = nullptr;
        detail::call(cg_casebook_as_of, get(), facts, &past);
        return Casebook(past);
    }

    /// The same casebook with other names; `key` has 16 bytes or more.
    Casebook pseudonymised(std::string_view key) const {
        cg_casebook *other = nullptr;
        detail::call(cg_casebook_pseudonymised, get(), key.data(), key.size(), &other);
        return Casebook(other);
    }

    void save(std::string_view path) const {
        detail::call(cg_casebook_save, get(), path.data(), path.size());
    }
    /// The log from position `from` on.
    std::string save_bytes(std::size_t from = 0) const {
        detail::Buffer out;
        detail::call(cg_casebook_save_buffer, get(), from, &out.raw);
        return out.text();
    }

    Incidents incidents() const {
        cg_incidents *list = nullptr;
        detail::call(cg_casebook_incidents, get(), &list);
        return Incidents(list);
    }
    /// The incident that an alert belongs to.
    Incident incident(std::string_view alert_id) const {
        cg_incident *incident = nullptr;
        detail::call(cg_casebook_incident, get(), alert_id.data(), alert_id.size(), &incident);
        return Incident(incident);
    }
    /// Everything that is known of the incident of an alert, as of a time (RFC 3339); an empty one is the latest that
    /// anything happened in it or was said of it.
    CaseFile case_file(std::string_view alert_id, std::string_view at = {}) const {
        cg_case_file *file = nullptr;
        detail::call(cg_casebook_case_file, get(), alert_id.data(), alert_id.size(), at.data(), at.size(), &file);
        return CaseFile(file);
    }
    /// The queue as a page, with links to those that save_pages writes beside it.
    std::string queue_page() const {
        return document(cg_casebook_queue_page);
    }
    /// Writes the page of the queue into a folder, as `index.html`, and beside it those of the 200 most urgent
    /// incidents; gives how many incidents have one. `at` as for case_file.
    std::size_t save_pages(std::string_view folder, std::string_view at = {}) const {
        std::size_t written = 0;
        detail::call(cg_casebook_save_pages, get(), folder.data(), folder.size(), at.data(), at.size(), &written);
        return written;
    }
    /// Borrowed until the casebook is next changed or destroyed.
    std::string_view alert_json(std::string_view alert_id) const {
        cg_str out;
        detail::call(cg_casebook_alert_json, get(), alert_id.data(), alert_id.size(), &out);
        return view(out);
    }
    std::string explain_json(std::string_view alert_id, std::string_view entity_id) const {
        detail::Buffer out;
        detail::call(cg_casebook_explain_json, get(), alert_id.data(), alert_id.size(), entity_id.data(),
                     entity_id.size(), &out.raw);
        return out.text();
    }
    /// With at most so many units of work; `undecided` says what is known when they run out.
    std::string explain_within_json(std::string_view alert_id, std::string_view entity_id, std::uint64_t work) const {
        detail::Buffer out;
        detail::call(cg_casebook_explain_within_json, get(), alert_id.data(), alert_id.size(), entity_id.data(),
                     entity_id.size(), work, &out.raw);
        return out.text();
    }
    /// The first step of a proof that does not hold; `null` when it holds.
    std::string check_json(std::string_view proof_json) const {
        detail::Buffer out;
        detail::call(cg_casebook_check_json, get(), proof_json.data(), proof_json.size(), &out.raw);
        return out.text();
    }
    std::string entity_json(std::string_view alert_id, std::string_view entity_id) const {
        detail::Buffer out;
        detail::call(cg_casebook_entity_json, get(), alert_id.data(), alert_id.size(), entity_id.data(),
                     entity_id.size(), &out.raw);
        return out.text();
    }
    std::string graph_json(std::string_view alert_id) const {
        detail::Buffer out;
        detail::call(cg_casebook_graph_json, get(), alert_id.data(), alert_id.size(), &out.raw);
        return out.text();
    }
    /// What happened, by time: alerts, and raw events among them; with `entity_id` only what concerns that entity.
    std::string timeline_json(std::string_view alert_id, std::string_view entity_id = {}) const {
        detail::Buffer out;
        detail::call(cg_casebook_timeline_json, get(), alert_id.data(), alert_id.size(), entity_id.data(),
                     entity_id.size(), &out.raw);
        return out.text();
    }
    /// What would change if these rules were in use.
    std::string impact_json(const RuleSet &rules) const;
    /// What these changes together would do, and which of them does what; with `rules` in the place of those in use.
    std::string what_if_json(std::string_view changes_json, const RuleSet *rules = nullptr) const;
    /// What differs between two states: JSON as for cg_casebook_diff_json, each with rules of its own if given.
    std::string diff_json(std::string_view from_json, std::string_view to_json, const RuleSet *from_rules = nullptr,
                          const RuleSet *to_rules = nullptr) const;
    /// The fewest facts without which an entity has another verdict; a budget of 0 is that of the policy.
    std::string counterfactual_json(std::string_view alert_id, std::string_view entity_id, std::string_view verdict,
                                    std::uint64_t budget = 0) const {
        detail::Buffer out;
        detail::call(cg_casebook_counterfactual_json, get(), alert_id.data(), alert_id.size(), entity_id.data(),
                     entity_id.size(), verdict.data(), verdict.size(), budget, &out.raw);
        return out.text();
    }
    std::string queue_json() const {
        return document(cg_casebook_queue_json);
    }
    std::string to_json() const {
        return document(cg_casebook_to_json);
    }
    std::string policy_json() const {
        return document(cg_casebook_policy_json);
    }
    const cg_casebook *get() const noexcept {
        return handle_.get();
    }

  private:
    explicit Casebook(cg_casebook *handle) noexcept : handle_(handle) {}

    cg_casebook *get() noexcept {
        return handle_.get();
    }

    template <typename Load>
    static Casebook loaded(Load load, std::string_view from, std::string_view policy_json, std::string *damage) {
        cg_casebook *handle = nullptr;
        detail::Buffer told;
        detail::call(load, from.data(), from.size(), policy_json.data(), policy_json.size(), &handle, &told.raw);
        Casebook book(handle);
        if (damage != nullptr) {
            *damage = told.text();
        }
        return book;
    }

    template <typename Add> std::string fact_of(Add add, std::string_view json) {
        cg_fact_id id;
        detail::call(add, get(), json.data(), json.size(), &id);
        return id.hex;
    }

    template <typename Operate>
    std::string operated(Operate operate, std::string_view alerts_json, std::string_view author_json) {
        cg_fact_id id;
        detail::call(operate, get(), alerts_json.data(), alerts_json.size(), author_json.data(), author_json.size(),
                     &id);
        return id.hex;
    }

    struct Executing {
        const std::function<ActionReply(const cg_action_request &)> &executor;
        ActionReply reply;
        std::exception_ptr thrown;
    };

    /// Nothing may be thrown through C.
    static std::int32_t carry_out(void *user_data, const cg_action_request *request, cg_action_reply *reply) {
        auto &executing = *static_cast<Executing *>(user_data);
        try {
            executing.reply = executing.executor(*request);
        } catch (const std::exception &e) {
            executing.thrown = std::current_exception();
            executing.reply = ActionReply{Outcome::Failed, e.what(), {}};
        } catch (...) {
            executing.thrown = std::current_exception();
            executing.reply = ActionReply{Outcome::Failed, {}, {}};
        }
        const ActionReply &told = executing.reply;
        reply->outcome = static_cast<std::int32_t>(told.outcome);
        reply->message = told.message.data();
        reply->message_len = told.message.size();
        reply->at = told.at.data();
        reply->at_len = told.at.size();
        return executing.thrown ? CG_STOP : CG_CONTINUE;
    }

    template <typename Decide>
    void decide_actions(Decide decide, std::string_view alert_id, std::string_view actions_json,
                        std::string_view author_json) {
        detail::call(decide, get(), alert_id.data(), alert_id.size(), actions_json.data(), actions_json.size(),
                     author_json.data(), author_json.size());
    }

    template <typename Decide>
    std::string managed(Decide decide, std::string_view alert_id, std::string_view value,
                        std::string_view author_json) {
        cg_fact_id id;
        detail::call(decide, get(), alert_id.data(), alert_id.size(), value.data(), value.size(), author_json.data(),
                     author_json.size(), &id);
        return id.hex;
    }

    template <typename Ask> std::string about(Ask ask, std::string_view alert_id, std::string_view what) const {
        detail::Buffer out;
        detail::call(ask, get(), alert_id.data(), alert_id.size(), what.data(), what.size(), &out.raw);
        return out.text();
    }

    template <typename Ask> std::string document(Ask ask) const {
        detail::Buffer out;
        detail::call(ask, get(), &out.raw);
        return out.text();
    }

    struct Watch {
        const std::function<bool(std::uint64_t)> &progress;
        std::exception_ptr thrown;
    };

    /// What the callback throws waits in `Watch` until the C code has returned.
    static std::int32_t watch(void *user_data, std::uint64_t bytes) noexcept {
        Watch &watch = *static_cast<Watch *>(user_data);
        try {
            return watch.progress(bytes) ? CG_CONTINUE : CG_STOP;
        } catch (...) {
            watch.thrown = std::current_exception();
            return CG_STOP;
        }
    }

    template <typename Run> static Report with(const IngestOptions &options, Run run) {
        cg_ingest_options *made = nullptr;
        detail::call(cg_ingest_options_new, &made);
        detail::Handle<cg_ingest_options, cg_ingest_options_free> handle(made);
        Watch watching{options.progress, nullptr};
        detail::call(cg_ingest_options_set_format, made, options.format.data(), options.format.size());
        detail::call(cg_ingest_options_set_threads, made, options.threads);
        if (options.progress) {
            detail::call(cg_ingest_options_set_progress, made, &Casebook::watch, static_cast<void *>(&watching));
        }
        cg_report *report = nullptr;
        try {
            run(made, &report);
        } catch (const Error &) {
            if (watching.thrown) {
                std::rethrow_exception(watching.thrown);
            }
            throw;
        }
        return Report(report);
    }

    detail::Handle<cg_casebook, cg_casebook_free> handle_;
};

/// Numbers of rules, ascending: a range, borrowed from its matcher until that is next used or destroyed.
class Numbers {
  public:
    Numbers(const std::uint32_t *first, std::size_t size) noexcept : first_(first), size_(size) {}

    const std::uint32_t *begin() const noexcept {
        return first_;
    }
    const std::uint32_t *end() const noexcept {
        return first_ + size_;
    }
    std::size_t size() const noexcept {
        return size_;
    }
    bool empty() const noexcept {
        return size_ == 0;
    }
    /// Throws std::out_of_range.
    std::uint32_t operator[](std::size_t index) const {
        if (index >= size_) {
            throw std::out_of_range("casegraph: index past the end");
        }
        return first_[index];
    }

  private:
    const std::uint32_t *first_;
    std::size_t size_;
};

/// Runs a set of rules over events; for one thread at a time. It does not depend on its set.
class Matcher {
  public:
    /// Takes over a handle.
    explicit Matcher(cg_matcher *handle) noexcept : handle_(handle) {}

    /// The rules that match an event, one JSON object.
    Numbers matches(std::string_view event) {
        const std::uint32_t *numbers = nullptr;
        std::size_t count = 0;
        detail::call(cg_matcher_matches, handle_.get(), event.data(), event.size(), &numbers, &count);
        return {numbers, count};
    }
    /// Counts from now on what each rule costs, for `profile_json`.
    Matcher &with_profile() & {
        detail::call(cg_matcher_with_profile, handle_.get());
        return *this;
    }
    Matcher with_profile() && {
        with_profile();
        return std::move(*this);
    }
    /// What each rule cost and found since `with_profile`.
    std::string profile_json() {
        detail::Buffer out;
        detail::call(cg_matcher_profile_json, handle_.get(), &out.raw);
        return out.text();
    }

  private:
    detail::Handle<cg_matcher, cg_matcher_free> handle_;
};

/// Sigma rules, compiled: immutable, for any number of threads, each with a matcher of its own.
class RuleSet {
  public:
    /// Takes over a handle.
    explicit RuleSet(cg_rules *handle) noexcept : handle_(handle) {}
    /// The rules that ship with casegraph.
    static RuleSet builtin();

    /// Number of rules of all kinds.
    std::size_t size() const noexcept {
        return cg_rules_len(get());
    }
    bool empty() const noexcept {
        return size() == 0;
    }
    /// Number of rules that a choice left out.
    std::size_t unselected() const noexcept {
        return cg_rules_unselected(get());
    }
    /// SHA-256, 64 hex digits.
    std::string_view hash() const noexcept {
        return view(cg_rules_hash(get()));
    }
    /// Empty past the end.
    std::string_view title(std::uint32_t number) const noexcept {
        return view(cg_rules_title(get(), number));
    }
    /// Empty past the end, and for a rule that has none.
    std::string_view id(std::uint32_t number) const noexcept {
        return view(cg_rules_id(get(), number));
    }
    /// All rules, by number, as a JSON list.
    std::string to_json() const {
        detail::Buffer out;
        detail::call(cg_rules_json, get(), &out.raw);
        return out.text();
    }
    /// What was wrong with documents, as a JSON list.
    std::string problems_json() const {
        detail::Buffer out;
        detail::call(cg_rules_problems_json, get(), &out.raw);
        return out.text();
    }
    /// The rules that a choice fits, e.g. `{"minLevel":"high"}`, and what they refer to.
    RuleSet select(std::string_view select_json) const {
        cg_rules *chosen = nullptr;
        detail::call(cg_rules_select, get(), select_json.data(), select_json.size(), &chosen);
        return RuleSet(chosen);
    }
    /// Why a rule, by id, name or title, matches an event, or why it does not.
    std::string explain_json(std::string_view rule, std::string_view event) const {
        detail::Buffer out;
        detail::call(cg_rules_explain_json, get(), rule.data(), rule.size(), event.data(), event.size(), &out.raw);
        return out.text();
    }
    /// A matcher for one thread. Make one and keep it.
    Matcher matcher() const {
        cg_matcher *made = nullptr;
        detail::call(cg_matcher_new, get(), &made);
        return Matcher(made);
    }
    const cg_rules *get() const noexcept {
        return handle_.get();
    }

  private:
    detail::Handle<cg_rules, cg_rules_free> handle_;
};

/// Collects what a set of rules is built of; `build` leaves it as new.
class RuleSetBuilder {
  public:
    RuleSetBuilder() {
        cg_rules_builder *made = nullptr;
        detail::call(cg_rules_builder_new, &made);
        handle_.reset(made);
    }

    /// A file, or all `.yml` and `.yaml` files below a folder.
    RuleSetBuilder &add_path(std::string_view path) {
        return step(cg_rules_builder_add_path, path);
    }
    /// The documents of a text; `source` names it in problems.
    RuleSetBuilder &add_text(std::string_view source, std::string_view yaml) {
        return step(cg_rules_builder_add_text, source, yaml);
    }
    /// The rules that ship with casegraph.
    RuleSetBuilder &add_builtin() {
        return step(cg_rules_builder_add_builtin);
    }
    /// A field mapping, which is tried before the built-in ones.
    RuleSetBuilder &with_mapping(std::string_view source, std::string_view yaml) {
        return step(cg_rules_builder_with_mapping, source, yaml);
    }
    /// A value of a placeholder; once for each value.
    RuleSetBuilder &with_placeholder(std::string_view name, std::string_view value) {
        return step(cg_rules_builder_with_placeholder, name, value);
    }
    /// Keeps the rules that a choice fits, and what they refer to.
    RuleSetBuilder &with_select(std::string_view select_json) {
        return step(cg_rules_builder_with_select, select_json);
    }
    /// One document that cannot be used fails the whole set.
    RuleSetBuilder &strict() {
        return step(cg_rules_builder_strict);
    }
    /// Reads and compiles.
    RuleSet build() {
        cg_rules *built = nullptr;
        detail::call(cg_rules_builder_build, handle_.get(), &built);
        return RuleSet(built);
    }

  private:
    template <typename Step> RuleSetBuilder &step(Step step) {
        detail::call(step, handle_.get());
        return *this;
    }
    template <typename Step> RuleSetBuilder &step(Step step, std::string_view one) {
        detail::call(step, handle_.get(), one.data(), one.size());
        return *this;
    }
    template <typename Step> RuleSetBuilder &step(Step step, std::string_view one, std::string_view two) {
        detail::call(step, handle_.get(), one.data(), one.size(), two.data(), two.size());
        return *this;
    }

    detail::Handle<cg_rules_builder, cg_rules_builder_free> handle_;
};

inline RuleSet RuleSet::builtin() {
    return RuleSetBuilder().add_builtin().strict().build();
}

inline void Casebook::set_rules(const RuleSet &rules) {
    detail::call(cg_casebook_set_rules, get(), rules.get());
}

inline std::string Casebook::impact_json(const RuleSet &rules) const {
    detail::Buffer out;
    detail::call(cg_casebook_impact_json, get(), rules.get(), &out.raw);
    return out.text();
}

/// Every action there is, as JSON.
inline std::string actions_json() {
    detail::Buffer out;
    detail::call(cg_actions_json, &out.raw);
    return out.text();
}

/// Goes over a plan, as Casebook::plan_json gives it; throws when it does not hold.
inline void check_plan(std::string_view plan_json) {
    detail::call(cg_plan_check, plan_json.data(), plan_json.size());
}

/// What holds when only these actions of a plan are taken; `ids_json` is a JSON list of their ids.
inline std::string plan_what_if_json(std::string_view plan_json, std::string_view ids_json) {
    detail::Buffer out;
    detail::call(cg_plan_what_if_json, plan_json.data(), plan_json.size(), ids_json.data(), ids_json.size(), &out.raw);
    return out.text();
}

/// A proof, as Casebook::explain_json gives it, as a tree of text.
inline std::string proof_tree(std::string_view proof_json) {
    detail::Buffer out;
    detail::call(cg_proof_tree, proof_json.data(), proof_json.size(), &out.raw);
    return out.text();
}

inline std::string Casebook::what_if_json(std::string_view changes_json, const RuleSet *rules) const {
    detail::Buffer out;
    detail::call(cg_casebook_what_if_json, get(), changes_json.data(), changes_json.size(),
                 rules == nullptr ? nullptr : rules->get(), &out.raw);
    return out.text();
}

inline std::string Casebook::diff_json(std::string_view from_json, std::string_view to_json, const RuleSet *from_rules,
                                       const RuleSet *to_rules) const {
    detail::Buffer out;
    detail::call(cg_casebook_diff_json, get(), from_json.data(), from_json.size(),
                 from_rules == nullptr ? nullptr : from_rules->get(), to_json.data(), to_json.size(),
                 to_rules == nullptr ? nullptr : to_rules->get(), &out.raw);
    return out.text();
}

} // namespace casegraph

#endif // CASEGRAPH_HPP
