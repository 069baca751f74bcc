//! The incident document as the vendor writes it.

use serde_json::Value;

use super::enums::{AlertClassification, AlertDetermination, AlertSeverity, IncidentStatus};
use super::macros::graph_object;
use super::{Alert, AlertComment, Time};

graph_object! {
    /// The vendor's incident document. What casegraph itself finds to be an incident is not this.
    pub struct Incident {
        "@odata.type" => odata_type: String,
        "id" => id: String,
        "tenantId" => tenant_id: String,
        "displayName" => display_name: String,
        "description" => description: String,
        "summary" => summary: String,
        "severity" => severity: AlertSeverity,
        "status" => status: IncidentStatus,
        "classification" => classification: AlertClassification,
        "determination" => determination: AlertDetermination,
        "assignedTo" => assigned_to: String,
        /// 0 to 100.
        "priorityScore" => priority_score: i32,
        "createdDateTime" => created_date_time: Time,
        "lastUpdateDateTime" => last_update_date_time: Time,
        "lastModifiedBy" => last_modified_by: String,
        /// The incident that this one was merged into.
        "redirectIncidentId" => redirect_incident_id: String,
        "resolvingComment" => resolving_comment: String,
        "incidentWebUrl" => incident_web_url: String,
        /// Tags set by analysts; see also [`tags`](Incident::tags).
        "customTags" => custom_tags: [String],
        /// Tags set by the product.
        "systemTags" => system_tags: [String],
        "comments" => comments: [AlertComment],
        "alerts" => alerts: [Alert],
    }
}

impl Incident {
    /// The analysts' tags: `customTags`, or the older `tags`.
    #[must_use]
    pub fn tags(&self) -> Vec<&str> {
        if !self.custom_tags.is_empty() {
            return self.custom_tags.iter().map(String::as_str).collect();
        }
        let older = self.extra.get("tags").and_then(Value::as_array);
        older.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}
