//! Users, groups, sessions and service principals.

use super::Evidence;
use super::complex::{Stream, UserAccount};
use crate::model::Time;
use crate::model::enums::ServicePrincipalType;
use crate::model::macros::graph_object;

graph_object! {
    /// A user account.
    pub struct UserEvidence {
        "stream" => stream: Stream,
        "userAccount" => user_account: UserAccount,
    }
}

graph_object! {
    /// A security group.
    pub struct SecurityGroupEvidence {
        "activeDirectoryObjectGuid" => active_directory_object_guid: String,
        "displayName" => display_name: String,
        "distinguishedName" => distinguished_name: String,
        "friendlyName" => friendly_name: String,
        "securityGroupId" => security_group_id: String,
        "sid" => sid: String,
    }
}

graph_object! {
    /// An Active Directory domain and whom it trusts.
    pub struct ActiveDirectoryDomainEvidence {
        "activeDirectoryDomainName" => active_directory_domain_name: String,
        "trustedDomains" => trusted_domains: [Evidence] as ActiveDirectoryDomain,
    }
}

graph_object! {
    /// The identity of an application in a directory.
    pub struct ServicePrincipalEvidence {
        "appId" => app_id: String,
        "appOwnerTenantId" => app_owner_tenant_id: String,
        "servicePrincipalName" => service_principal_name: String,
        "servicePrincipalObjectId" => service_principal_object_id: String,
        "servicePrincipalType" => service_principal_type: ServicePrincipalType,
        "tenantId" => tenant_id: String,
    }
}

graph_object! {
    /// A logon session on a device.
    pub struct HostLogonSessionEvidence {
        "account" => account: Evidence as User,
        "endUtcDateTime" => end_utc_date_time: Time,
        "host" => host: Evidence as Device,
        "sessionId" => session_id: String,
        "startUtcDateTime" => start_utc_date_time: Time,
    }
}

graph_object! {
    /// A sign-in session in the cloud.
    pub struct CloudLogonSessionEvidence {
        "account" => account: Evidence as User,
        "browser" => browser: String,
        "deviceName" => device_name: String,
        "operatingSystem" => operating_system: String,
        "previousLogonDateTime" => previous_logon_date_time: Time,
        "protocol" => protocol: String,
        "sessionId" => session_id: String,
        "startUtcDateTime" => start_utc_date_time: Time,
        "userAgent" => user_agent: String,
    }
}

graph_object! {
    /// One sign-in request in the cloud.
    pub struct CloudLogonRequestEvidence {
        "requestId" => request_id: String,
    }
}
