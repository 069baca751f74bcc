//! Devices and what they report of themselves.

use super::complex::{LoggedOnUser, ResourceAccessEvent, VmMetadata};
use crate::model::Time;
use crate::model::enums::{DefenderAvStatus, DeviceHealthStatus, DeviceRiskScore, OnboardingStatus};
use crate::model::macros::graph_object;

graph_object! {
    /// A computer or phone.
    pub struct DeviceEvidence {
        /// The device, by its directory id.
        "azureAdDeviceId" => azure_ad_device_id: String,
        "defenderAvStatus" => defender_av_status: DefenderAvStatus,
        "deviceDnsName" => device_dns_name: String,
        "dnsDomain" => dns_domain: String,
        "firstSeenDateTime" => first_seen_date_time: Time,
        "healthStatus" => health_status: DeviceHealthStatus,
        "hostName" => host_name: String,
        "ipInterfaces" => ip_interfaces: [String],
        "lastExternalIpAddress" => last_external_ip_address: String,
        "lastIpAddress" => last_ip_address: String,
        "loggedOnUsers" => logged_on_users: [LoggedOnUser],
        /// The device, by its endpoint-sensor id.
        "mdeDeviceId" => mde_device_id: String,
        "ntDomain" => nt_domain: String,
        "onboardingStatus" => onboarding_status: OnboardingStatus,
        "osBuild" => os_build: i64,
        "osPlatform" => os_platform: String,
        "rbacGroupId" => rbac_group_id: i32,
        "rbacGroupName" => rbac_group_name: String,
        "resourceAccessEvents" => resource_access_events: [ResourceAccessEvent],
        "riskScore" => risk_score: DeviceRiskScore,
        "version" => version: String,
        "vmMetadata" => vm_metadata: VmMetadata,
    }
}
