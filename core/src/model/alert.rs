//! The alert and its comments.

use serde_json::{Map, Value};

use super::enums::{
    AlertClassification, AlertDetermination, AlertSeverity, AlertStatus, DetectionSource, InvestigationState,
    ServiceSource,
};
use super::macros::graph_object;
use super::{Evidence, Time};

/// An object with keys that its writer chose.
pub type Dictionary = Map<String, Value>;

graph_object! {
    /// A detector's claim that something happened, with the evidence it saw.
    pub struct Alert {
        "@odata.type" => odata_type: String,
        /// Identifier; its first two letters tell the product.
        "id" => id: String,
        /// Identifier in the producing product.
        "providerAlertId" => provider_alert_id: String,
        /// The vendor's incident that holds the alert.
        "incidentId" => incident_id: String,
        "tenantId" => tenant_id: String,
        "title" => title: String,
        "description" => description: String,
        "recommendedActions" => recommended_actions: String,
        "severity" => severity: AlertSeverity,
        "status" => status: AlertStatus,
        "classification" => classification: AlertClassification,
        "determination" => determination: AlertDetermination,
        "assignedTo" => assigned_to: String,
        /// Main kill-chain category.
        "category" => category: String,
        /// All kill-chain categories.
        "categories" => categories: [String],
        /// ATT&CK ids, `T1234` or `T1234.001`.
        "mitreTechniques" => mitre_techniques: [String],
        /// The product that created the alert.
        "serviceSource" => service_source: ServiceSource,
        /// The technology that saw it.
        "detectionSource" => detection_source: DetectionSource,
        "productName" => product_name: String,
        /// The rule or detector.
        "detectorId" => detector_id: String,
        "alertPolicyId" => alert_policy_id: String,
        /// State of the vendor's automated investigation.
        "investigationState" => investigation_state: InvestigationState,
        "actorDisplayName" => actor_display_name: String,
        "threatDisplayName" => threat_display_name: String,
        "threatFamilyName" => threat_family_name: String,
        "createdDateTime" => created_date_time: Time,
        "lastUpdateDateTime" => last_update_date_time: Time,
        "resolvedDateTime" => resolved_date_time: Time,
        /// Earliest activity.
        "firstActivityDateTime" => first_activity_date_time: Time,
        /// Latest activity.
        "lastActivityDateTime" => last_activity_date_time: Time,
        "alertWebUrl" => alert_web_url: String,
        "incidentWebUrl" => incident_web_url: String,
        "systemTags" => system_tags: [String],
        "comments" => comments: [AlertComment],
        /// The entities as this alert saw them.
        "evidence" => evidence: [Evidence],
        /// Keys that the rule's author chose.
        "customDetails" => custom_details: Dictionary,
        "additionalData" => additional_data: Dictionary,
    }
}

graph_object! {
    /// A comment on an alert or incident.
    pub struct AlertComment {
        "comment" => comment: String,
        "createdByDisplayName" => created_by_display_name: String,
        "createdDateTime" => created_date_time: Time,
    }
}

impl AlertComment {
    /// Who wrote it: `createdByDisplayName`, or the older `createdBy`.
    #[must_use]
    pub fn author(&self) -> Option<&str> {
        let older = || self.extra.get("createdBy").and_then(Value::as_str);
        self.created_by_display_name.as_deref().or_else(older)
    }

    /// When it was written: `createdDateTime`, or the older `createdTime`.
    #[must_use]
    pub fn written(&self) -> Option<Time> {
        let older = || self.extra.get("createdTime").and_then(Value::as_str).and_then(Time::parse);
        self.created_date_time.clone().or_else(older)
    }
}
