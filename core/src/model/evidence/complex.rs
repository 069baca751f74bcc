//! Objects inside evidence that are no evidence themselves.

use crate::model::Time;
use crate::model::enums::{ContainerPortProtocol, FileHashAlgorithm, VmCloudProvider};
use crate::model::macros::graph_object;

graph_object! {
    /// A file: name, place, hashes, signer.
    pub struct FileDetails {
        "fileName" => file_name: String,
        "filePath" => file_path: String,
        "filePublisher" => file_publisher: String,
        "fileSize" => file_size: i64,
        "issuer" => issuer: String,
        "md5" => md5: String,
        "sha1" => sha1: String,
        "sha256" => sha256: String,
        /// SHA-256 of the signed part.
        "sha256Ac" => sha256_ac: String,
        "signer" => signer: String,
    }
}

graph_object! {
    /// A hash of a file.
    pub struct FileHash {
        "algorithm" => algorithm: FileHashAlgorithm,
        "value" => value: String,
    }
}

graph_object! {
    /// A user account by all its names.
    pub struct UserAccount {
        "accountName" => account_name: String,
        "activeDirectoryObjectGuid" => active_directory_object_guid: String,
        "azureAdUserId" => azure_ad_user_id: String,
        "displayName" => display_name: String,
        "domainName" => domain_name: String,
        "resourceAccessEvents" => resource_access_events: [ResourceAccessEvent],
        "tenantId" => tenant_id: String,
        "userPrincipalName" => user_principal_name: String,
        "userSid" => user_sid: String,
    }
}

graph_object! {
    /// A user who was logged on to a device.
    pub struct LoggedOnUser {
        "accountName" => account_name: String,
        "domainName" => domain_name: String,
    }
}

graph_object! {
    /// An access to a resource.
    pub struct ResourceAccessEvent {
        "accessDateTime" => access_date_time: Time,
        "accountId" => account_id: String,
        "ipAddress" => ip_address: String,
        "resourceIdentifier" => resource_identifier: String,
    }
}

graph_object! {
    /// Which virtual machine a device is.
    pub struct VmMetadata {
        "cloudProvider" => cloud_provider: VmCloudProvider,
        "resourceId" => resource_id: String,
        "subscriptionId" => subscription_id: String,
        "vmId" => vm_id: String,
    }
}

graph_object! {
    /// A sender of mail.
    pub struct EmailSender {
        "displayName" => display_name: String,
        "domainName" => domain_name: String,
        "emailAddress" => email_address: String,
    }
}

graph_object! {
    /// A place on earth.
    pub struct GeoLocation {
        "city" => city: String,
        "countryName" => country_name: String,
        "latitude" => latitude: f64,
        "longitude" => longitude: f64,
        "state" => state: String,
    }
}

graph_object! {
    /// A named stream of data.
    pub struct Stream {
        "name" => name: String,
    }
}

graph_object! {
    /// A port of a Kubernetes service.
    pub struct KubernetesServicePort {
        "appProtocol" => app_protocol: String,
        "name" => name: String,
        "nodePort" => node_port: i32,
        "port" => port: i32,
        "protocol" => protocol: ContainerPortProtocol,
        "targetPort" => target_port: String,
    }
}
