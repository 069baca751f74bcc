//! Cloud resources and storage.

use super::Evidence;
use super::complex::FileHash;
use crate::model::Time;
use crate::model::enums::GoogleCloudLocationType;
use crate::model::macros::graph_object;

graph_object! {
    /// A resource in Azure.
    pub struct AzureResourceEvidence {
        "resourceId" => resource_id: String,
        "resourceName" => resource_name: String,
        "resourceType" => resource_type: String,
    }
}

graph_object! {
    /// A resource at Amazon.
    pub struct AmazonResourceEvidence {
        "amazonAccountId" => amazon_account_id: String,
        "amazonResourceId" => amazon_resource_id: String,
        "resourceName" => resource_name: String,
        "resourceType" => resource_type: String,
    }
}

graph_object! {
    /// A resource in Google Cloud.
    pub struct GoogleCloudResourceEvidence {
        "fullResourceName" => full_resource_name: String,
        "location" => location: String,
        "locationType" => location_type: GoogleCloudLocationType,
        "projectId" => project_id: String,
        "projectNumber" => project_number: i64,
        "resourceName" => resource_name: String,
        "resourceType" => resource_type: String,
    }
}

graph_object! {
    /// A container of blobs.
    pub struct BlobContainerEvidence {
        "name" => name: String,
        "storageResource" => storage_resource: Evidence as AzureResource,
        "url" => url: String,
    }
}

graph_object! {
    /// A blob.
    pub struct BlobEvidence {
        "blobContainer" => blob_container: Evidence as BlobContainer,
        "etag" => etag: String,
        "fileHashes" => file_hashes: [FileHash],
        "name" => name: String,
        "url" => url: String,
    }
}

graph_object! {
    /// A token that gives access to storage.
    pub struct SasTokenEvidence {
        "allowedIpAddresses" => allowed_ip_addresses: String,
        "allowedResourceTypes" => allowed_resource_types: [String],
        "allowedServices" => allowed_services: [String],
        "expiryDateTime" => expiry_date_time: Time,
        "permissions" => permissions: [String],
        "protocol" => protocol: String,
        "signatureHash" => signature_hash: String,
        "signedWith" => signed_with: String,
        "startDateTime" => start_date_time: Time,
        "storageResource" => storage_resource: Evidence as AzureResource,
    }
}
