//! Files, processes, the registry and malware.

use super::Evidence;
use super::complex::{FileDetails, UserAccount};
use crate::model::Time;
use crate::model::enums::{DetectionStatus, FileHashAlgorithm};
use crate::model::macros::graph_object;

graph_object! {
    /// A file on a device or in the cloud.
    pub struct FileEvidence {
        "detectionStatus" => detection_status: DetectionStatus,
        "fileDetails" => file_details: FileDetails,
        /// The device, by its endpoint-sensor id.
        "mdeDeviceId" => mde_device_id: String,
    }
}

graph_object! {
    /// A file known by a hash only.
    pub struct FileHashEvidence {
        "algorithm" => algorithm: FileHashAlgorithm,
        "value" => value: String,
    }
}

graph_object! {
    /// A running program, with its image, parent and user.
    pub struct ProcessEvidence {
        "detectionStatus" => detection_status: DetectionStatus,
        "imageFile" => image_file: FileDetails,
        /// The device, by its endpoint-sensor id.
        "mdeDeviceId" => mde_device_id: String,
        "parentProcessCreationDateTime" => parent_process_creation_date_time: Time,
        "parentProcessId" => parent_process_id: i64,
        "parentProcessImageFile" => parent_process_image_file: FileDetails,
        "processCommandLine" => process_command_line: String,
        "processCreationDateTime" => process_creation_date_time: Time,
        "processId" => process_id: i64,
        "userAccount" => user_account: UserAccount,
    }
}

graph_object! {
    /// A registry key.
    pub struct RegistryKeyEvidence {
        "registryHive" => registry_hive: String,
        "registryKey" => registry_key: String,
    }
}

graph_object! {
    /// A registry value.
    pub struct RegistryValueEvidence {
        /// The device, by its endpoint-sensor id.
        "mdeDeviceId" => mde_device_id: String,
        "registryHive" => registry_hive: String,
        "registryKey" => registry_key: String,
        "registryValue" => registry_value: String,
        "registryValueName" => registry_value_name: String,
        "registryValueType" => registry_value_type: String,
    }
}

graph_object! {
    /// Malware by name, with the files and processes that are it.
    pub struct MalwareEvidence {
        "category" => category: String,
        "files" => files: [Evidence] as File,
        "name" => name: String,
        "processes" => processes: [Evidence] as Process,
    }
}
