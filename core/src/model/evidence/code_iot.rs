//! Code hosting and things.

use super::Evidence;
use crate::model::enums::IoTDeviceImportanceType;
use crate::model::macros::graph_object;

graph_object! {
    /// A GitHub organisation.
    pub struct GitHubOrganizationEvidence {
        "company" => company: String,
        "displayName" => display_name: String,
        "email" => email: String,
        "login" => login: String,
        "orgId" => org_id: String,
        "webUrl" => web_url: String,
    }
}

graph_object! {
    /// A GitHub repository.
    pub struct GitHubRepoEvidence {
        "baseUrl" => base_url: String,
        "login" => login: String,
        "owner" => owner: String,
        "ownerType" => owner_type: String,
        "repoId" => repo_id: String,
    }
}

graph_object! {
    /// A GitHub user.
    pub struct GitHubUserEvidence {
        "email" => email: String,
        "login" => login: String,
        "name" => name: String,
        "userId" => user_id: String,
        "webUrl" => web_url: String,
    }
}

graph_object! {
    /// A device of the internet of things, or an industrial one.
    pub struct IoTDeviceEvidence {
        "deviceId" => device_id: String,
        "deviceName" => device_name: String,
        "devicePageLink" => device_page_link: String,
        "deviceSubType" => device_sub_type: String,
        "deviceType" => device_type: String,
        "importance" => importance: IoTDeviceImportanceType,
        "ioTHub" => iot_hub: Evidence as AzureResource,
        "ioTSecurityAgentId" => iot_security_agent_id: String,
        "ipAddress" => ip_address: Evidence as Ip,
        "isAuthorized" => is_authorized: bool,
        "isProgramming" => is_programming: bool,
        "isScanner" => is_scanner: bool,
        "macAddress" => mac_address: String,
        "manufacturer" => manufacturer: String,
        "model" => model: String,
        "nics" => nics: [Evidence] as Nic,
        "operatingSystem" => operating_system: String,
        "owners" => owners: [String],
        "protocols" => protocols: [String],
        "purdueLayer" => purdue_layer: String,
        "sensor" => sensor: String,
        "serialNumber" => serial_number: String,
        "site" => site: String,
        "source" => source: String,
        "sourceRef" => source_ref: Evidence as Url,
        "zone" => zone: String,
    }
}
